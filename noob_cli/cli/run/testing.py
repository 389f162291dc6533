"""Running the tests of tubes from the shell: which have passed, and how the others have failed."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TextIO

from noob_cli.cli.run.failures import report_failure
from noob_cli.cli.shell import FAILED, GOOD, WRONG
from noob_cli.cli.shell.messages import (
    display_path,
    display_span,
    report_error_at,
    report_problem,
    report_warning,
    say,
)
from noob_cli.collector import collect_as_usual
from noob_cli.errors import InputError, TubeError, TubeNotFoundError
from noob_cli.printable import one_line
from noob_cli.runners.failure import attributed
from noob_cli.specification.search import files_below, find_tube
from noob_cli.testing import SUFFIXES
from noob_cli.testing.running import MOST_RESULTS, Mismatch, Ran, mismatch_of, run_test
from noob_cli.testing.specification import TubeTests, read_tests, tests_beside
from noob_cli.testing.updating import first_tests, news_of, write_expected
from noob_cli.tube import Tube
from noob_cli.wording import count_of


class TestSession:
    """What `noob test` does with one file after the other, and counts.

    Args:
        update: Whether what the runs make is written into the files as what is expected.
    """

    def __init__(self, update: bool) -> None:
        self._update = update
        self._counts = dict.fromkeys(("passed", "failed", "updated", "wrong"), 0)
        self._has_wrong = False

    def run(self, names: Sequence[str], stdout: TextIO) -> None:
        """Run the tests of tubes.

        Args:
            names: Tubes, files with tests, or folders with such files.
            stdout: Where it is said which have passed.
        """
        collect_as_usual()
        done: set[Path] = set()
        for name in names:
            with self._problems_told():
                files = {path.resolve(): path for path in _files_of(name, self._update)}
                for path in [files[place] for place in files if place not in done]:
                    with self._problems_told():
                        self._run_file(_tests_in(path, name), stdout)
                done |= files.keys()

    @contextmanager
    def _problems_told(self) -> Iterator[None]:
        """Say what is wrong with a file, and let the others go on."""
        try:
            yield
        except (TubeError, TubeNotFoundError, InputError) as error:
            self._has_wrong = True
            report_problem(error)

    def _run_file(self, tests: TubeTests, stdout: TextIO) -> None:
        if self._update:
            self._update_file(tests, stdout)
            return
        for at in range(len(tests.tests)):
            ran = run_test(tests, at, report_warning)
            self._tell(tests, at, ran, mismatch_of(tests, at, ran), stdout)

    def _update_file(self, tests: TubeTests, stdout: TextIO) -> None:
        """Run all tests of a file, then write it, unless what one of them gives is wrong."""
        made = [run_test(tests, at, report_warning, MOST_RESULTS) for at in range(len(tests.tests))]
        mismatches = [mismatch_of(tests, at, ran) for at, ran in enumerate(made)]
        changed = [at for at, mismatch in enumerate(mismatches) if mismatch is not None]
        is_written = not any(mismatch is not None and mismatch.is_wrong for mismatch in mismatches)
        if changed and is_written:
            write_expected(tests, [(at, made[at]) for at in changed])
        for at, (ran, mismatch) in enumerate(zip(made, mismatches, strict=True)):
            self._tell(tests, at, ran, mismatch, stdout, is_written=is_written)

    def _tell(
        self,
        tests: TubeTests,
        at: int,
        ran: Ran,
        mismatch: Mismatch | None,
        stdout: TextIO,
        *,
        is_written: bool = False,
    ) -> None:
        test = tests.tests[at]
        how = "passed" if mismatch is None else "wrong" if mismatch.is_wrong else "updated" if is_written else "failed"
        self._counts[how] += 1
        stdout.write(one_line(f"{display_path(tests.path)}: {test.name}: {how}") + "\n")
        stdout.flush()
        if how == "updated":
            news = news_of(test, ran)
            if news is not None:
                span = tests.span_of("tests", at, "name")
                report_warning(news if span is None else f"{display_span(span)}: {news}")
        elif mismatch is not None:
            _report(mismatch, ran)

    def end(self) -> int:
        """Say how many tests there were.

        Returns:
            The exit code.
        """
        if tests := sum(self._counts.values()):
            counts = ", ".join(f"{number} {how}" for how, number in self._counts.items() if number)
            say(f"{count_of(tests, 'test')}: {counts}")
        if self._has_wrong or self._counts["wrong"]:
            return WRONG
        return FAILED if self._counts["failed"] else GOOD


def _report(mismatch: Mismatch, ran: Ran) -> None:
    report_error_at(mismatch.span, mismatch.message, [(word, [text]) for word, text in mismatch.details])
    if mismatch.error is None:
        return
    failures = ran.runner.failures
    for error, failure in attributed([mismatch.error], failures):
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
        if not (update or tests.exists()):
            raise TubeNotFoundError(
                f"the tube '{name}' has no tests: write some into '{display_path(tests)}', see 'noob guide "
                f"testing', or let 'noob test --update {name}' begin"
            )
        yield tests


def _tests_in(path: Path, name: str) -> TubeTests:
    """The tests in a file; of a tube that has none, a first one, which is written when it has been run."""
    if path.exists() or name.endswith(SUFFIXES) or Path(name).is_dir():
        return read_tests(path)
    return first_tests(path, Tube.load(find_tube(name).path))
