"""What the commands have in common that load one tube: problems are reported, and end the command."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from noob_cli.cli.shell import WRONG
from noob_cli.cli.shell.messages import report_problem
from noob_cli.errors import InputError, TubeError, TubeNotFoundError


@contextmanager
def reported_problems() -> Iterator[None]:
    """Report what is wrong with the tube that is loaded inside.

    Raises:
        SystemExit: Something is wrong; the exit code is 2.
    """
    try:
        yield
    except (TubeError, TubeNotFoundError, InputError) as error:
        report_problem(error)
        raise SystemExit(WRONG) from None
