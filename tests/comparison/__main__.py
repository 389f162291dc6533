"""`python -m tests.comparison`: run tubes under this project and under the public package, and list what differs.

Exit codes: 0 nothing differs but what the contract says, 1 something else does.
"""

from __future__ import annotations

import argparse
import sys
from contextlib import ExitStack
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.comparison.comparing import RUNS, TUBES, compare, table
from tests.comparison.environment import PACKAGE, VERSION, make_environment, python_of


def main() -> int:
    """Parse the command line, make the environment, compare, and print the table."""
    parser = argparse.ArgumentParser(prog="python -m tests.comparison", description=__doc__)
    parser.add_argument("folder", nargs="?", type=Path, default=TUBES, help="the tubes and their nodes")
    parser.add_argument("--runs", type=Path, default=RUNS, help="how the tubes are run, by the names of their files")
    parser.add_argument(
        "--environment", type=Path, help=f"an environment with {PACKAGE}; made there if there is none, and kept"
    )
    parser.add_argument("--python", default=sys.executable, help="the interpreter of an environment that is made")
    parser.add_argument("--timeout", type=float, default=10, help="after how many seconds a run counts as hanging")
    options = parser.parse_args()
    with ExitStack() as stack:
        environment = options.environment or Path(stack.enter_context(TemporaryDirectory()))
        if not (environment / "pyvenv.cfg").exists():
            make_environment(environment, options.python)
        comparisons = list(compare(python_of(environment.absolute()), options.folder, options.timeout, options.runs))
    if not comparisons:
        print(f"there is no tube in {options.folder}", file=sys.stderr)
        return 1
    print(table(comparisons))
    unexpected = [each.tube for each in comparisons if not each.is_expected]
    same = sum(not each.differences for each in comparisons)
    print(f"\n{len(comparisons)} tubes, {same} the same, {len(unexpected)} with differences that nothing explains")
    print(f"compared with {PACKAGE} {VERSION}")
    return 1 if unexpected else 0


if __name__ == "__main__":
    raise SystemExit(main())
