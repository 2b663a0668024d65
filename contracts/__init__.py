"""The few types and errors every room shares. Standard library only; no input or output."""
