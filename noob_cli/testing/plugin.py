"""The plugin of pytest: files with tests of tubes are collected, and each test in them is one of pytest."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from noob_cli.testing import SUFFIXES

if TYPE_CHECKING:
    from noob_cli.runners.failure import Failure
    from noob_cli.testing.running import Mismatch
    from noob_cli.testing.specification import TubeTests

# pytest loads this wherever the package is installed: what runs a test is imported when there is one.


def pytest_collect_file(file_path: Path, parent: pytest.Collector) -> pytest.Collector | None:
    """Collect a file with tests of a tube.

    Args:
        file_path: A file that pytest looks at.
        parent: What has it.
    """
    if file_path.name.endswith(SUFFIXES):
        collector: pytest.Collector = TubeTestFile.from_parent(parent, path=file_path)
        return collector
    return None


class TubeTestFile(pytest.File):
    """A file with tests of a tube."""

    def collect(self) -> Iterator[pytest.Item]:
        """Its tests.

        Raises:
            pytest.Collector.CollectError: Something in it is wrong.
        """
        from noob_cli.errors import TubeError
        from noob_cli.testing.specification import read_tests

        try:
            tests = read_tests(self.path)
        except TubeError as error:
            raise self.CollectError(str(error)) from error
        for at, test in enumerate(tests.tests):
            yield TubeTestItem.from_parent(self, name=test.name, tests=tests, at=at)


class TubeTestItem(pytest.Item):
    """A test of a tube.

    Args:
        tests: The file that it is in.
        at: Which of its tests it is, from 0 on.
        options: What every item of pytest has.
    """

    def __init__(self, *, tests: TubeTests, at: int, **options: Any) -> None:
        super().__init__(**options)
        self._tests = tests
        self._at = at

    def runtest(self) -> None:
        """Run it.

        Raises:
            TubeTestFailed: It has made something else than was expected.
        """
        from noob_cli.testing.running import mismatch_of, run_test

        def warn(message: str) -> None:
            self.add_report_section("call", "warnings of the run", f"{message}\n")

        ran = run_test(self._tests, self._at, warn)
        mismatch = mismatch_of(self._tests, self._at, ran)
        if mismatch is not None:
            raise TubeTestFailed(mismatch, ran.runner.failures)

    def repr_failure(self, excinfo: pytest.ExceptionInfo[BaseException], style: Any = None) -> Any:
        """How it has failed, as text; of a node that has, which one, what it was given, and the frames of the user.

        Args:
            excinfo: What was raised.
            style: How pytest shows the traceback of anything else.
        """
        from noob_cli.errors import TubeError, TubeNotFoundError
        from noob_cli.runners.failure import attributed

        error = excinfo.value
        if isinstance(error, TubeError | TubeNotFoundError):
            return str(error)
        if not isinstance(error, TubeTestFailed):
            return super().repr_failure(excinfo, style)
        raised = error.mismatch.error
        origins = attributed([] if raised is None else [raised], error.failures)
        return "\n\n".join([str(error), *(_shown(failure) for _, failure in origins if failure is not None)])

    def reportinfo(self) -> tuple[Path, int | None, str]:
        """Where it stands, for pytest."""
        span = self._tests.span_of("tests", self._at)
        return self.path, None if span is None else span.line - 1, f"tube test: {self.name}"


class TubeTestFailed(Exception):
    """A test of a tube has failed.

    Args:
        mismatch: What is not as expected.
        failures: What is known to have failed in its run.
    """

    def __init__(self, mismatch: Mismatch, failures: Sequence[Failure]) -> None:
        self.mismatch = mismatch
        self.failures = failures
        super().__init__(str(mismatch))


def _shown(failure: Failure) -> str:
    """A node or an asset that has failed, as `noob test` shows it."""
    from noob_cli.raised import drop_note
    from noob_cli.runners.own_code import OWN_CODE

    lines = [failure.message if failure.span is None else f"{failure.span}: {failure.message}"]
    for word, texts in failure.given:
        lines += (f"  {' ' * (len(word) + 1) if at else f'{word}:'} {text}" for at, text in enumerate(texts))
    # It is said above.
    drop_note(failure.error, failure.note())
    raised = pytest.ExceptionInfo.from_exception(failure.error)
    raised.traceback = raised.traceback.filter(lambda entry: not str(entry.path).startswith(OWN_CODE))
    return "\n".join([*lines, str(raised.getrepr(style="short")) if raised.traceback else raised.exconly()])
