"""What was found in tubes as text for people: diagnostics on standard error, and which tubes are valid."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TextIO

from noob_cli.cli.report.checking import Checked
from noob_cli.cli.shell.messages import report_diagnostics, report_error
from noob_cli.printable import one_line


def write_text(checked: Iterable[Checked], stdout: TextIO) -> None:
    """Say of each tube what is wrong with it, or that it is valid.

    Args:
        checked: The tubes, each written as soon as it has been checked.
        stdout: Where it is said of a tube that it is valid.
    """
    for tube in checked:
        if tube.problem is not None:
            report_error(tube.problem)
        report_diagnostics(tube.diagnostics, tube.stdin)
        if tube.is_valid:
            stdout.write(f"{one_line(tube.name or '')}: valid\n")
