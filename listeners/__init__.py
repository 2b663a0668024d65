"""One file a source: fetch does the input and output, parse is pure; both give Mentions."""
