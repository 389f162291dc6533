"""`python -m tests.benchmarks`: how fast this project is, compared with what one would have written by hand.

Exit codes: 0 every target is met, 1 one is missed.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from rich.console import Console

from tests.benchmarks.cases import CASES
from tests.benchmarks.measure import measure
from tests.benchmarks.report import as_json, machine, table


def main() -> int:
    """Parse the command line, measure, and print the table."""
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks", description=__doc__)
    names = [case.name for case in CASES]
    parser.add_argument("cases", nargs="*", choices=[[], *names], metavar="CASE", help=f"one of {', '.join(names)}")
    parser.add_argument("--quick", action="store_true", help="see that all of it runs; times mean nothing")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write what was found to a file")
    options = parser.parse_args()
    chosen = [case for case in CASES if not options.cases or case.name in options.cases]
    console, progress = Console(), Console(stderr=True)
    outcomes = []
    with progress.status("") as status:
        for case in chosen:
            status.update(case.name)
            outcomes.append(measure(case, quick=options.quick))
    console.print(", ".join(machine().values()))
    console.print(table(outcomes, judged=not options.quick))
    if options.json is not None:
        options.json.write_text(as_json(outcomes), encoding="utf-8")
    return 0 if options.quick or all(outcome.is_met for outcome in outcomes) else 1


if __name__ == "__main__":
    sys.exit(main())
