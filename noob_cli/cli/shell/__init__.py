"""What the shell sees: streams, messages, exit codes."""
