"""What was found, for people and for programs."""

from __future__ import annotations

import json
import platform
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from rich.box import SIMPLE_HEAD
from rich.table import Table

import noob_cli
from tests.benchmarks.measure import Comparison, Outcome, Skipped

Found = Sequence[Outcome | Skipped]

COLUMNS = ("case", "ours", "reference", "ratio", "spread", "target", "ok")
_WORDS = ("case", "ok")

_OK = {True: "yes", False: "NO", None: ""}
_UNITS = (("s", 1.0), ("ms", 1e-3), ("µs", 1e-6), ("ns", 1e-9))


def machine() -> dict[str, str]:
    """When and where this is: what a table has to say so that its times mean something."""
    return {
        "date": datetime.now(UTC).date().isoformat(),
        "noob": noob_cli.__version__,
        "python": f"{platform.python_implementation()} {platform.python_version()}",
        "processor": _processor(),
        "system": f"{platform.system()} {platform.machine()}",
    }


def headline() -> str:
    """The same in a line."""
    parts = machine()
    return f"{parts['date']}, noob {parts['noob']} on {parts['python']}, {parts['processor']}, {parts['system']}"


def as_table(found: Found) -> Table:
    """A table with a row for each case, for the terminal."""
    table = Table(box=SIMPLE_HEAD, pad_edge=False, collapse_padding=True)
    for column in COLUMNS:
        table.add_column(column, justify="left" if column in _WORDS else "right", no_wrap=column != "ok")
    for each in found:
        table.add_row(*_row(each), style="bold red" if each.is_met is False else None)
    return table


def as_markdown(found: Found) -> str:
    """The same table in Markdown."""
    rule = ["---" if column in _WORDS else "---:" for column in COLUMNS]
    return "".join(f"| {' | '.join(cells)} |\n" for cells in (COLUMNS, rule, *map(_row, found)))


def as_json(found: Found) -> str:
    """The same as JSON, with the numbers of each pair."""
    return json.dumps({"machine": machine(), "cases": [_as_dict(each) for each in found]}, indent=2) + "\n"


def _as_dict(found: Outcome | Skipped) -> dict[str, Any]:
    if isinstance(found, Skipped):
        return {"case": found.case.name, "skipped": found.why}
    case = found.case
    return {
        "case": case.name,
        "size": found.size,
        "unit": "seconds" if case.comparison is Comparison.ratio else "megabytes",
        "ours": found.ours,
        "reference": found.reference,
        case.comparison.name: found.median,
        "spread": found.spread,
        "at_most": case.at_most,
        "ok": found.is_met,
        "pairs": found.pairs,
    }


def _row(found: Outcome | Skipped) -> tuple[str, ...]:
    case = found.case
    target = "" if case.at_most is None else f"{case.at_most:{case.comparison.value}}"
    if isinstance(found, Skipped):
        return (case.name, "", "", "", "", target, f"skipped: {found.why}")
    ours, reference = (_amount(found, amount) for amount in (found.ours, found.reference))
    median, low, high = (f"{number:{case.comparison.value}}" for number in (found.median, *found.spread))
    return (case.name, ours, reference, median, f"{low}…{high}", target, _OK[found.is_met])


def _amount(outcome: Outcome, amount: float) -> str:
    if outcome.case.comparison is Comparison.difference:
        return f"{amount:.1f} MB"
    seconds = amount / outcome.size if outcome.case.per_one else amount
    name, unit = next((each for each in _UNITS if seconds >= each[1]), _UNITS[-1])
    return f"{seconds / unit:.3g} {name}"


def _processor() -> str:
    information = Path("/proc/cpuinfo")
    if information.exists():
        for line in information.read_text(encoding="utf-8").splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    return platform.processor()
