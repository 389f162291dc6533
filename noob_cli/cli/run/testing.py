"""Running the tests of tubes from the shell: which have passed, and how the others have failed."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TextIO

from noob_cli.cli.run.failures import apart, report_failure
from noob_cli.cli.shell.exit_codes import FAILED, GOOD, WRONG
from noob_cli.cli.shell.messages import display_path, report_error_at, report_problem, report_warning, say
from noob_cli.collector import look_as_usual
from noob_cli.errors import InputError, TubeError, TubeNotFoundError
from noob_cli.printable import one_line
from noob_cli.specification.search import files_below, find_tube
from noob_cli.testing import SUFFIXES
from noob_cli.testing.running import MOST_RESULTS, Mismatch, Ran, mismatch_of, run_test
from noob_cli.testing.specification import read_tests, tests_beside
from noob_cli.testing.updating import begin, write_expected
from noob_cli.tube import Tube
from noob_cli.wording import count_of


class TestSession:
    """What `noob test` does with one file after the other, and counts.

    Args:
        update: Whether what the runs make is written into the files as what is expected.
    """

    def __init__(self, update: bool) -> None:
        self._update = update
        self._passed = self._failed = self._updated = self._wrong = 0

    def run(self, names: Sequence[str], stdout: TextIO) -> None:
        """Run the tests of tubes.

        Args:
            names: Tubes, files with tests, or folders with such files.
            stdout: Where it is said which have passed.
        """
        look_as_usual()
        done: set[Path] = set()
        for name in names:
            try:
                for path in _files_of(name, self._update):
                    if path.resolve() not in done:
                        done.add(path.resolve())
                        self._run_file(path, stdout)
            except (TubeError, TubeNotFoundError, InputError) as error:
                self._wrong += 1
                report_problem(error)

    def _run_file(self, path: Path, stdout: TextIO) -> None:
        tests = read_tests(path)
        changed: list[tuple[int, Ran]] = []
        for at, test in enumerate(tests.tests):
            ran = run_test(tests, at, report_warning, MOST_RESULTS if self._update else None)
            mismatch = mismatch_of(tests, at, ran)
            if mismatch is None:
                self._passed += 1
            elif self._update:
                changed.append((at, ran))
            else:
                self._failed += 1
            how = "passed" if mismatch is None else "updated" if self._update else "failed"
            stdout.write(one_line(f"{display_path(path)}: {test.name}: {how}") + "\n")
            stdout.flush()
            if mismatch is not None and not self._update:
                _report(mismatch, ran)
        if changed:
            write_expected(path, changed)
            self._updated += len(changed)

    def end(self) -> int:
        """Say how many tests there were.

        Returns:
            The exit code.
        """
        counts = [(self._passed, "passed"), (self._failed, "failed"), (self._updated, "updated")]
        if tests := sum(number for number, _ in counts):
            say(f"{count_of(tests, 'test')}: {', '.join(f'{number} {word}' for number, word in counts if number)}")
        return WRONG if self._wrong else FAILED if self._failed else GOOD


def _report(mismatch: Mismatch, ran: Ran) -> None:
    report_error_at(mismatch.span, mismatch.message, [(word, [text]) for word, text in mismatch.details])
    if mismatch.error is None:
        return
    failures = ran.runner.failures
    for error, failure in apart([mismatch.error], failures):
        if failure is not None:
            report_failure(error, failure, failures)


def _files_of(name: str, update: bool) -> Iterator[Path]:
    """The files with tests that a name stands for."""
    path = Path(name)
    if path.is_dir():
        files = list(files_below(path, SUFFIXES))
        if not files:
            raise TubeNotFoundError(f"there is no file with tests, such as 'name{SUFFIXES[0]}', in the folder '{name}'")
        yield from files
    elif name.endswith(SUFFIXES):
        yield path
    else:
        tube = find_tube(name).path
        tests = tests_beside(tube)
        if not tests.exists():
            if not update:
                raise TubeNotFoundError(
                    f"the tube '{name}' has no tests: write some into '{display_path(tests)}', see 'noob guide "
                    f"testing', or let 'noob test --update {name}' begin"
                )
            begin(tests, Tube.load(tube))
        yield tests
