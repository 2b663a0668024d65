"""Where state lies on disk, and how a file comes into being: aside first, then renamed when whole."""
