"""What the commands have in common that load one tube: problems are reported, and end the command."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from noob_cli.cli.shell.messages import report_diagnostics, report_error
from noob_cli.errors import InputError, TubeError, TubeNotFoundError

WRONG = 2
"""The exit code for a command line, a tube or an input that is wrong."""


@contextmanager
def reported_problems() -> Iterator[None]:
    """Report what is wrong with the tube that is loaded inside.

    Raises:
        SystemExit: Something is wrong; the exit code is 2.
    """
    try:
        yield
    except TubeError as error:
        report_diagnostics(error.diagnostics)
    except (InputError, TubeNotFoundError) as error:
        report_error(str(error))
    else:
        return
    raise SystemExit(WRONG)
