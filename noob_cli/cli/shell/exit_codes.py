"""The exit codes of the command."""

from __future__ import annotations

GOOD, FAILED, WRONG, SIGNALLED = 0, 1, 2, 128
"""All went well; a node or an asset failed; what was given is wrong; plus the number of a signal."""
