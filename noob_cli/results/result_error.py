"""What is said of a result that can't be written."""

from __future__ import annotations

from noob_cli.errors import NoobError


class ResultError(NoobError):
    """A result can't be written in the format that was asked for."""
