"""Running tests: each is a run of its own, from the folder of its file."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import ExitStack, closing, contextmanager
from io import FileIO
from pathlib import Path
from typing import Any, Final

from noob_cli.diagnostics import Span
from noob_cli.errors import InputError, MissingExtraError, TubeError
from noob_cli.named_tuple import NamedTuple
from noob_cli.raised import describe, is_failure, is_of, text_of
from noob_cli.records.faults import RecordError
from noob_cli.runners.expected_records import expected_of
from noob_cli.runners.synchronous import SynchronousRunner
from noob_cli.testing.comparing import Difference, as_written, first_difference
from noob_cli.testing.specification import TubeTest, TubeTests
from noob_cli.tube import Tube
from noob_cli.wording import count_of

MOST_RESULTS: Final = 1_000
"""How many results are taken of a run that nothing else ends, when they are written into a test."""

ENDLESS: Final = f"the run has not ended after {MOST_RESULTS:,} epochs: say with 'epochs' how many there are to be"


class RecordsNotReadError(InputError):
    """The file that a test has its records from can't be opened, which no test can expect."""


_REFUSALS: Final = (TubeError, InputError, RecordError, MissingExtraError)


class Ran(NamedTuple):
    """What has come out of a test.

    Args:
        results: The results, as they are when they were written as JSON and read again.
        runner: What has run it.
        error: What it has failed with; None if it has not.
        is_cut: Whether there are more results.
    """

    results: list[Any]
    runner: SynchronousRunner
    error: BaseException | None = None
    is_cut: bool = False

    @property
    def is_endless(self) -> bool:
        """Whether nothing has ended it that counts results."""
        return self.is_cut and self.runner.tube.graph.return_node is None

    @property
    def is_refused(self) -> bool:
        """Whether it has failed since what the test gives is wrong, rather than that a node or an asset has."""
        if self.error is None or not is_of(self.error, *_REFUSALS):
            return False
        return all(failure.error is not self.error for failure in self.runner.failures)

    @property
    def error_text(self) -> str | None:
        """What it has failed with, as the last line of a traceback has it."""
        return None if self.error is None else describe(self.error)


class Mismatch(NamedTuple):
    """How a test has failed.

    Args:
        span: Where the file says what was expected.
        message: What was found.
        details: What was expected and what was found, each with its word.
        error: What the run has failed with, if that was not expected.
        is_wrong: Whether it is what the test gives that is wrong, so that nothing can be said of the tube.
    """

    span: Span | None
    message: str
    details: tuple[tuple[str, str], ...] = ()
    error: BaseException | None = None
    is_wrong: bool = False

    def __str__(self) -> str:
        lines = [self.message if self.span is None else f"{self.span}: {self.message}"]
        return "\n".join([*lines, *(f"  {word}: {text}" for word, text in self.details)])


def run_test(file: TubeTests, at: int, warn: Callable[[str], object], most: int | None = None) -> Ran:
    """Run a test.

    Args:
        file: The file that it is in.
        at: Which of its tests it is, from 0 on.
        warn: Told what the run warns of.
        most: How many results are taken; None for as many as are expected.

    Raises:
        TubeNotFoundError: There is no such tube.
        TubeError: The tube is wrong.
    """
    test = file.tests[at]
    if most is None:
        most = MOST_RESULTS if test.results is None else len(test.results)
    results: list[Any] = []
    with _at_home(file.path.parent):
        tube = Tube.load(file.tube)
        runner = SynchronousRunner(tube, warn=warn)
        try:
            tube.give_inputs(test.input)
            is_cut = _collect(runner, test, warn, results, most)
        except BaseException as error:
            # What ends the program must not end the tests that come after, as if all had passed.
            if not (is_failure(error) or is_of(error, SystemExit)):
                raise
            return Ran(results, runner, error)
    return Ran(results, runner, is_cut=is_cut)


def _collect(
    runner: SynchronousRunner, test: TubeTest, warn: Callable[[str], object], results: list[Any], most: int
) -> bool:
    """Make the epochs of a test and collect what they return, so many at the most; whether there is more."""
    has_return = runner.tube.graph.return_node is not None
    with ExitStack() as stack:
        if test.records is None:
            made = runner.iter(epochs=test.epochs)
        else:
            made = runner.stream(_records_of(test.records, runner.tube, stack, warn), epochs=test.epochs)
        for number, result in enumerate(stack.enter_context(closing(made))):
            if has_return and len(results) == most:
                return True
            if has_return:
                results.append(as_written(result))
            elif number == MOST_RESULTS and test.epochs is None and test.records is None:
                return True
    return False


def mismatch_of(file: TubeTests, at: int, ran: Ran) -> Mismatch | None:
    """How a test has failed; None if all is as expected.

    Args:
        file: The file that it is in.
        at: Which of its tests it is, from 0 on.
        ran: What has come out of it.
    """
    test = file.tests[at]
    text = ran.error_text
    is_error_expected = text is not None and test.error is not None and test.error in text
    if ran.error is not None and ran.is_refused and (not is_error_expected or is_of(ran.error, RecordsNotReadError)):
        return _refused(file, at, ran.error)
    if not test.expects_something:
        message = f"the test '{test.name}' expects nothing, so that it can't fail"
        details = (("hint", "write 'results', a list, or let 'noob test --update' write it"),)
        return Mismatch(file.span_of("tests", at), message, details)
    if ran.is_endless:
        return Mismatch(file.span_of("tests", at), ENDLESS)
    if text is not None and not is_error_expected:
        return _unexpected_error(file, at, ran, text)
    if test.results is not None:
        expected = [as_written(result) for result in test.results]
        if difference := first_difference(expected, ran.results):
            return _different(file, at, difference, len(ran.results) + ran.is_cut)
        if ran.is_cut:
            return _different(file, at, Difference((len(expected),), None, None), len(expected) + 1)
    if text is None and test.error is not None:
        span = file.span_of("tests", at, "error")
        return Mismatch(span, f"the run did not fail, and made {count_of(len(ran.results), 'result')}")
    return None


def _refused(file: TubeTests, at: int, error: BaseException) -> Mismatch:
    test = file.tests[at]
    name, record = getattr(error, "input_name", None), getattr(error, "record", None)
    path: tuple[str | int, ...] = ("name",)
    if name in test.input:
        path = ("input", str(name))
    elif isinstance(test.records, list) and record is not None:
        path = ("records", record - 1, *([] if name is None else [name]))
    elif test.records is not None:
        path = ("records",)
    return Mismatch(file.span_of("tests", at, *path), text_of(error), is_wrong=True)


def _unexpected_error(file: TubeTests, at: int, ran: Ran, text: str) -> Mismatch:
    test = file.tests[at]
    if test.error is None:
        path: tuple[str | int, ...] = ("tests", at, "name")
        return Mismatch(file.span_of(*path), f"the run has failed: {text}", error=ran.error)
    details = (("expected", test.error), ("found", text))
    return Mismatch(file.span_of("tests", at, "error"), "the run has failed with another error", details, ran.error)


def _different(file: TubeTests, at: int, difference: Difference, made: int) -> Mismatch:
    number, *rest = difference.path
    where = "".join(f"[{step!r}]" for step in rest)
    span = file.span_of("tests", at, "results", number, *rest)
    expected = file.tests[at].results or []
    if not rest and difference.found is None and difference.expected is not None:
        message = f"result {int(number) + 1} is missing: {count_of(made, 'result')} made, {len(expected)} expected"
        return Mismatch(span, message, (("expected", difference.expected),))
    if not rest and difference.expected is None:
        span = file.span_of("tests", at, "results")
        message = f"there are more results than expected ({len(expected)})"
        return Mismatch(span, message, () if difference.found is None else (("found", difference.found),))
    details = (("expected", difference.expected or "nothing"), ("found", difference.found or "nothing"))
    return Mismatch(span, f"result {int(number) + 1}{where} is not as expected", details)


def _records_of(
    records: list[dict[str, Any]] | str, tube: Tube, stack: ExitStack, warn: Callable[[str], object]
) -> Iterable[Mapping[str, Any]]:
    if isinstance(records, list):
        return records
    from noob_cli.records.reader import RecordReader

    try:
        stream = stack.enter_context(FileIO(records))
    except OSError as error:
        raise RecordsNotReadError(f"the records can't be read: {records}: {error.strerror}") from error
    return RecordReader(stream, records, expected=expected_of(tube, warn))


@contextmanager
def _at_home(folder: Path) -> Iterator[None]:
    """Work in a folder, and leave no trace of the tube on the path of modules."""
    before, path = Path.cwd(), list(sys.path)
    os.chdir(folder)
    try:
        yield
    finally:
        os.chdir(before)
        sys.path[:] = path
