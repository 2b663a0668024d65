"""The use cases, one function each, and the gwidam command."""
