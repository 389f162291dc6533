"""A run from the shell."""
