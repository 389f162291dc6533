"""The table of what was found, for people and for programs."""

from __future__ import annotations

import json
import platform
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from rich.table import Table

import noob_cli
from tests.benchmarks.measure import Comparison, Outcome

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


def table(outcomes: Sequence[Outcome], *, judged: bool) -> Table:
    """A table with a row for each case.

    Args:
        outcomes: What was found.
        judged: Whether the times mean anything.
    """
    found = Table()
    found.add_column("case", no_wrap=True)
    for column in ("ours", "reference", "ratio", "spread", "target"):
        found.add_column(column, justify="right")
    found.add_column("ok")
    for outcome in outcomes:
        ok = "" if not judged else "[green]yes[/]" if outcome.is_met else "[bold red]NO[/]"
        found.add_row(outcome.case.name, *_cells(outcome), ok)
    return found


def as_json(outcomes: Sequence[Outcome]) -> str:
    """The same as JSON, with the numbers of each pair."""
    return json.dumps({"machine": machine(), "cases": [_as_dict(each) for each in outcomes]}, indent=2)


def _as_dict(outcome: Outcome) -> dict[str, Any]:
    case = outcome.case
    return {
        "case": case.name,
        "size": outcome.size,
        "unit": "seconds" if case.comparison is Comparison.ratio else "megabytes",
        "ours": outcome.ours,
        "reference": outcome.reference,
        case.comparison.name: outcome.median,
        "at_most": case.at_most,
        "ok": outcome.is_met,
        "pairs": outcome.pairs,
    }


def _cells(outcome: Outcome) -> list[str]:
    case, numbers = outcome.case, (outcome.median, *outcome.spread)
    if case.comparison is Comparison.difference:
        amounts = [f"{amount:.1f} MB" for amount in (outcome.ours, outcome.reference)]
        judged, low, high = (f"{number:+.1f} MB" for number in numbers)
        return [*amounts, judged, f"{low} to {high}", f"{case.at_most:+.1f} MB"]
    per = outcome.size if case.per_one else 1
    amounts = [_time(amount / per) for amount in (outcome.ours, outcome.reference)]
    judged, low, high = (f"{number:.2f}" for number in numbers)
    return [*amounts, judged, f"{low} to {high}", f"{case.at_most:.1f}"]


def _time(seconds: float) -> str:
    name, unit = next((each for each in _UNITS if seconds >= each[1]), _UNITS[-1])
    return f"{seconds / unit:.3g} {name}"


def _processor() -> str:
    information = Path("/proc/cpuinfo")
    if information.exists():
        for line in information.read_text(encoding="utf-8").splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    return platform.processor()
