"""The published copy to people: the weekly digest and the alerts, rendered, sent and remembered."""
