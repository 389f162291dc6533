"""The inputs of a tube, at the end of the help of `noob run`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pydantic import ValidationError

from noob_cli.cli.shell.help import NAME, VALUE, Entry, print_panel
from noob_cli.cli.shell.messages import report_warning
from noob_cli.cli.show.tube_facts import InputFacts, input_facts
from noob_cli.errors import NoobError
from noob_cli.printable import one_line
from noob_cli.specification.tube import TubeSpecification
from noob_cli.wording import short_repr, shortened

if TYPE_CHECKING:
    from rich.console import Console


def print_inputs(tube: str, console: Console) -> None:
    """Print the inputs of a tube, those that are given once first; what keeps it from being read is a warning.

    Args:
        tube: Its path or id.
        console: What it is printed to.
    """
    try:
        inputs = input_facts(TubeSpecification.from_id(tube))
    except (NoobError, ValidationError) as error:
        first = one_line(shortened(str(error).partition("\n")[0], 300))
        report_warning(f"the inputs of '{one_line(tube)}' are not known, since it can't be read: {first}")
        return
    for scope, title in (("tube", "given with '-i'"), ("process", "in each record")):
        entries = [_entry(facts) for facts in inputs if facts["scope"] == scope]
        if entries:
            print_panel(console, f"Inputs of {one_line(tube)}, {title}", entries)
    if not inputs:
        print_panel(console, f"Inputs of {one_line(tube)}", [([("none", "")], "")])


def _entry(facts: InputFacts) -> Entry:
    default = "[required]" if facts["required"] else f"[default: {short_repr(facts['default'])}]"
    remarks = " ".join(filter(None, [facts["description"], "the whole record" if facts["record"] else "", default]))
    return [(facts["name"], NAME), (f" {one_line(facts['type'])}", VALUE)], remarks
