"""The plugin of pytest: files with tests of tubes are collected, and each test in them is one of pytest."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from noob_cli.testing import SUFFIXES

if TYPE_CHECKING:
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

        mismatch = mismatch_of(self._tests, self._at, run_test(self._tests, self._at, warn))
        if mismatch is not None:
            raise TubeTestFailed(mismatch)

    def repr_failure(self, excinfo: pytest.ExceptionInfo[BaseException], style: Any = None) -> Any:
        """How it has failed, as text; of what a node has raised, the frames of the user.

        Args:
            excinfo: What was raised.
            style: How pytest shows the traceback of anything else.
        """
        from noob_cli.errors import TubeError, TubeNotFoundError
        from noob_cli.raised import traceback_of
        from noob_cli.runners.own_code import OWN_CODE

        error = excinfo.value
        if isinstance(error, TubeError | TubeNotFoundError):
            return str(error)
        if not isinstance(error, TubeTestFailed):
            return super().repr_failure(excinfo, style)
        raised = error.mismatch.error
        if raised is None or traceback_of(raised) is None:
            return str(error)
        inner = pytest.ExceptionInfo.from_exception(raised)
        inner.traceback = inner.traceback.filter(lambda entry: not str(entry.path).startswith(OWN_CODE))
        return f"{error}\n\n{inner.getrepr(style='short')}" if inner.traceback else str(error)

    def reportinfo(self) -> tuple[Path, int | None, str]:
        """Where it stands, for pytest."""
        span = self._tests.span_of("tests", self._at)
        return self.path, None if span is None else span.line - 1, f"tube test: {self.name}"


class TubeTestFailed(Exception):
    """A test of a tube has failed.

    Args:
        mismatch: How.
    """

    def __init__(self, mismatch: Mismatch) -> None:
        self.mismatch = mismatch
        super().__init__(str(mismatch))
