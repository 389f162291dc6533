"""What the shell sees: streams, messages, exit codes."""

GOOD, FAILED, WRONG, SIGNALLED = 0, 1, 2, 128
"""All went well; a node or an asset failed; what was given is wrong; plus the number of a signal."""
