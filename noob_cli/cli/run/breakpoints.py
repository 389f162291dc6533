"""`breakpoint()` in the code of a tube."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager

from noob_cli.cli.run.options import RunOptions
from noob_cli.cli.shell.stdin import nobody_answers
from noob_cli.errors import InputError

_DEBUGGER = "noob_cli.cli.run.debugger"


def is_pdb() -> bool:
    """Whether `breakpoint()` begins Python's own debugger, and nothing that was asked for in its place."""
    return sys.breakpointhook in (sys.__breakpointhook__, _debug) and os.environ.get("PYTHONBREAKPOINT", "") == ""


def may_pause() -> bool:
    """Whether what is written on the terminal again and again can pause for what `breakpoint()` begins, if anything."""
    return is_pdb() or os.environ.get("PYTHONBREAKPOINT") == "0"


def refuse_blind_debugging(options: RunOptions) -> None:
    """Say that nobody could look at what fails, before anything is made.

    Args:
        options: What was asked for.

    Raises:
        InputError: It fails in another process, or there is no terminal.
    """
    if options.pdb and options.has_processes:
        raise InputError(
            f"'--pdb' is for what fails in this process, and not with '--runner {options.runner}': use sync"
        )
    if options.pdb and nobody_answers():
        raise InputError("'--pdb' asks what to do where something fails, and there is no terminal to ask on")


@contextmanager
def breakpoints() -> Iterator[None]:
    """Let `breakpoint()` ask on the terminal inside, unless somebody has it do something else."""
    if not is_pdb():
        yield
        return
    sys.breakpointhook = _debug
    try:
        yield
    finally:
        if (debugger := sys.modules.get(_DEBUGGER)) is not None:
            debugger.stop_no_more()
        if sys.breakpointhook is _debug:
            sys.breakpointhook = sys.__breakpointhook__


def _debug(*_: object, **__: object) -> None:
    # Who needs no debugger doesn't pay for the import.
    from noob_cli.cli.run.debugger import debug

    debug(sys._getframe(1))
