"""This Python, started once more."""

from __future__ import annotations

import subprocess
import sys


def command_of_python(*arguments: str) -> list[str]:
    """The command that starts Python as this process was started; the working folder has no modules of ours.

    Args:
        arguments: What it is to run, as on its command line, and what that is given.
    """
    flags = subprocess._args_from_interpreter_flags()  # type: ignore[attr-defined]
    return [sys.executable, *flags, "-P", *arguments]
