"""One file a source; files that begin with an underscore are no sources."""
