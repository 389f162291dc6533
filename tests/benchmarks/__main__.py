"""`python -m tests.benchmarks`: how fast this project is, compared with what one would have written by hand.

Exit codes: 0 no target is missed, 1 one is.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

from rich.console import Console

from noob_cli.cli.show.table import print_table
from tests.benchmarks.cases import CASES
from tests.benchmarks.measure import Case, Outcome, Skipped, measure
from tests.benchmarks.peers import peer_cases
from tests.benchmarks.report import as_json, as_markdown, as_table, headline


def main(arguments: Sequence[str] | None = None, cases: Sequence[Case] = CASES) -> int:
    """Parse the command line, measure, and print the table.

    Args:
        arguments: Of the command line; None for those of this process.
        cases: What there is to be measured.
    """
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks", description=__doc__)
    parser.add_argument("cases", nargs="*", metavar="CASE", help="what to measure; all if none is named")
    parser.add_argument("--quick", action="store_true", help="see that all of it runs, and judge nothing")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write what was found as JSON")
    parser.add_argument("--markdown", type=Path, metavar="FILE", help="write the table as Markdown")
    parser.add_argument("--peers", action="store_true", help="compare a tube with other libraries, too")
    parser.add_argument(
        "--peers-python",
        type=Path,
        default=Path(sys.executable),
        metavar="PYTHON",
        help="the interpreter of an environment that has those; by default this one",
    )
    options = parser.parse_args(arguments)
    if options.peers:
        cases = [*cases, *peer_cases(options.peers_python)]
    unknown = set(options.cases) - {case.name for case in cases}
    if unknown:
        parser.error(
            f"there is no case {', '.join(sorted(unknown))}: there are {', '.join(case.name for case in cases)}"
        )
    chosen = [case for case in cases if not options.cases or case.name in options.cases]
    found = list(_measured(chosen, quick=options.quick))
    print(headline())
    print_table(as_table(found), None)
    if options.json is not None:
        options.json.write_text(as_json(found), encoding="utf-8")
    if options.markdown is not None:
        options.markdown.write_text(as_markdown(found), encoding="utf-8")
    return 1 if any(each.is_met is False for each in found) else 0


def _measured(cases: Sequence[Case], *, quick: bool) -> Iterator[Outcome | Skipped]:
    with Console(stderr=True).status("") as status:
        for case in cases:
            status.update(case.name)
            yield measure(case, quick=quick)


if __name__ == "__main__":
    sys.exit(main())
