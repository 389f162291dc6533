"""What there is to know of a tube, for people."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Any, TextIO

from noob_cli.cli.shell.rows import named_rows
from noob_cli.cli.show.asset_table import AssetFacts
from noob_cli.cli.show.stages import stage_lines
from noob_cli.cli.show.table import console_of
from noob_cli.cli.show.tube_facts import InputFacts, NodeFacts, TubeFacts
from noob_cli.printable import printable
from noob_cli.specification.reference import input_named
from noob_cli.wording import listing, short_repr

if TYPE_CHECKING:
    from rich.console import Console

_INDENT = "  "

_Entry = tuple[str, Sequence[str]]
"""A name, and the lines beside it."""


def print_info(facts: TubeFacts, stdout: TextIO) -> None:
    """Print what there is to know of a tube.

    Args:
        facts: The facts.
        stdout: What it is printed to.
    """
    about = {"about": facts["description"], "file": facts["path"], "command": facts["command"]}
    sections: list[tuple[str, list[_Entry]]] = [
        (facts["id"], [(name, [text]) for name, text in about.items() if text]),
        ("inputs", [(entry["name"], _input_lines(entry)) for entry in facts["inputs"]]),
        ("nodes", [(entry["name"], list(_node_lines(entry))) for entry in facts["nodes"]]),
        ("assets", [(entry["id"], list(_asset_lines(entry))) for entry in facts["assets"]]),
        ("a run", list(_run_entries(facts))),
    ]
    console = console_of(stdout)
    for number, (title, entries) in enumerate(section for section in sections if section[1]):
        _print_section(console, title, entries, is_first=number == 0)


def _input_lines(facts: InputFacts) -> list[str]:
    record = "the whole record" if facts["record"] else "with every epoch" if facts["scope"] == "process" else ""
    default = "" if facts["required"] else f"default {short_repr(facts['default'])}"
    first = ", ".join(filter(None, [facts["type"], record, "required" if facts["required"] else default]))
    return [first, *([facts["description"]] if facts["description"] else [])]


def _node_lines(facts: NodeFacts) -> Iterator[str]:
    kind = ", a source" if facts["kind"] == "source" else ""
    enabled = facts["enabled"]
    switched = "" if enabled is True else ", disabled" if enabled is False else f", if {enabled}"
    loops = f", for each item of {facts['loops'][-1]}" if facts["loops"] else ""
    yield f"{facts['type']}{kind}{loops}{switched}"
    if facts["description"]:
        yield facts["description"]
    if facts["slots"]:
        yield "takes " + ", ".join(f"{slot['name']}: {slot['takes']}" for slot in facts["slots"])
    if facts["params"]:
        yield "params " + ", ".join(f"{name}: {_shown(value)}" for name, value in facts["params"].items())
    if facts["signals"]:
        yield f"emits {', '.join(facts['signals'])}"
    calls = {name: facts[name] for name in ("retry", "timeout", "rate")}
    if any(calls.values()):
        yield ", ".join(f"{name} {_shown(value)}" for name, value in calls.items() if value)


def _asset_lines(facts: AssetFacts) -> Iterator[str]:
    yield f"{facts['type']}, scope {facts['scope']}"
    if facts["description"]:
        yield facts["description"]
    if facts["params"]:
        yield f"params {_shown(facts['params'])}"
    if facts["depends"]:
        yield f"stored from {facts['depends']}"
    if facts["read_by"]:
        yield f"read by {', '.join(facts['read_by'])}"


def _run_entries(facts: TubeFacts) -> Iterator[_Entry]:
    yield "sources", [", ".join(facts["sources"]) or "none"]
    checkpoint, parallel = facts["checkpoint"], facts["parallel"]
    if facts["end"] is None or checkpoint is None or parallel is None:
        yield "more", [f"is known when the inputs are given that it needs: {listing(facts['missing_inputs'])}"]
        return
    yield "ends", [facts["end"]]
    held = [f"{name}: {what}" for name, what in checkpoint["assets"].items()]
    yield "checkpoint", ["holds all" if checkpoint["ready"] else "does not hold all", *held]
    yield "parallel", list(stage_lines(parallel))


def _shown(value: Any) -> str:
    if isinstance(value, dict):
        return ", ".join(f"{name}: {_shown(item)}" for name, item in value.items())
    return value if input_named(value) else short_repr(value)


def _print_section(console: Console, title: str, entries: Iterable[_Entry], is_first: bool) -> None:
    from rich.text import Text

    entry_texts = ((Text(printable(name), "bold"), Text(printable("\n".join(lines)))) for name, lines in entries)
    rows = named_rows(entry_texts, console, console.width - len(_INDENT))
    space = [] if is_first else [""]
    console.print(*space, Text(title, "bold underline"), *(Text.assemble(_INDENT, row) for row in rows), sep="\n")
