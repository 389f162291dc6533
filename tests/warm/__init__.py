"""The command, ready to run."""
