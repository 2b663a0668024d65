"""Local stand-ins for the servers of every source, serving one fictional shop and its customers."""
