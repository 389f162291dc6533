"""What is done about epochs that fail and records that are refused: all are told, and a run may go on after them."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from enum import Enum
from typing import TYPE_CHECKING, Any, Final

from noob_cli.errors import EndedAheadError, InputError, NoobError, UndoError
from noob_cli.named_tuple import NamedTuple
from noob_cli.raised import drop_note, errors_in, is_failure, is_of, set_traceback
from noob_cli.records.faults import RecordError
from noob_cli.runners.failure import Failure
from noob_cli.runners.synchronous import SynchronousRunner
from noob_cli.tally import Tally
from noob_cli.wording import count_of

if TYPE_CHECKING:
    from noob_cli.cli.run.error_file import ErrorFile
    from noob_cli.records.records import Records


_COMMA: Final = r"\s*[-+]?[\d.' ]*\d,\d+\s*"
"""A number as it is written in many countries."""


class EpochChoice(Enum):
    """Which epochs of a run are made."""

    all = "all"
    but_last = "all but those that flush what is held back, when the run has ended"
    last = "those"


class Skipped(NamedTuple):
    """What was skipped: epochs that failed, and records that were refused."""

    failed: int = 0
    refused: int = 0


NOTHING: Final = Skipped()


class Skipping:
    """Makes the epochs of a run, and sees to those that fail.

    Args:
        skips: Whether the run goes on after them.
        file: Gets the records of them; None if nobody wants those.
        runner: Makes the epochs.
        reader: Reads the records; None if no epoch needs one.
        is_stop: Whether an error is what a signal to stop has made of what was done, and no failure.
        report: Says what went wrong.
        records: What epochs are made for, if that isn't the reader itself.
        before: What an earlier run has skipped.
    """

    def __init__(
        self,
        skips: bool,
        file: ErrorFile | None,
        runner: SynchronousRunner,
        reader: Records | None,
        is_stop: Callable[[BaseException], bool],
        report: Callable[[BaseException], object],
        *,
        records: Iterable[Mapping[str, Any]] | None = None,
        before: Skipped = NOTHING,
    ) -> None:
        self.failed = before.failed
        """How many epochs failed and were skipped."""
        self.refused = before.refused
        """How many records were refused and skipped."""
        self.file = file
        self._skips = skips
        self._runner = runner
        self._reader = reader
        self._records = reader if records is None else records
        self._is_stop = is_stop
        self._report = report

    @property
    def summary(self) -> str | None:
        """What was skipped, in words; None if nothing was."""
        counts = ((self.failed, "failed epoch"), (self.refused, "refused record"))
        skipped = " and ".join(count_of(number, noun) for number, noun in counts if number)
        where = "" if self.file is None else f": see {self.file.path}"
        return f"skipped {skipped}{where}" if skipped else None

    def results(self, n: int | None, epochs: int | None, choice: EpochChoice = EpochChoice.all) -> Iterator[Any]:
        """What the epochs return.

        Args:
            n: How many results at the most.
            epochs: How many epochs at the most, those that fail included.
            choice: Which epochs are made.

        Raises:
            Exception: What went wrong, if the run does not go on after it.
        """
        # Each generator more costs something with every result.
        sees_to_errors = self._skips or self.file is not None
        return self._past_errors(n, epochs, choice) if sees_to_errors else self._go_on(n, epochs, choice)

    def _past_errors(self, n: int | None, epochs: int | None, choice: EpochChoice) -> Iterator[Any]:
        returned, first = 0, self._runner.made
        while True:
            made = self._runner.made - first
            left = None if epochs is None else epochs - made
            results = self._go_on(None if n is None else n - returned, left, choice)
            tally = Tally()
            try:
                yield from tally.of(results)
                return
            except BaseException as error:
                returned += tally.count
                if not is_failure(error) or self._is_stop(error) or not self._sees_to(error):
                    raise
                # What it holds is not needed any more, and the same error may come again.
                set_traceback(error, None)
                for failure in self._runner.failures:
                    drop_note(failure.error, str(failure))

    def _go_on(self, n: int | None, epochs: int | None, choice: EpochChoice) -> Iterator[Any]:
        if choice is EpochChoice.last:
            return self._runner.flush(n, epochs=epochs)
        flushing = choice is EpochChoice.all
        if self._records is None:
            return self._runner.iter(n, epochs=epochs, flushing=flushing)
        return self._runner.stream(self._records, n, epochs=epochs, flushing=flushing)

    def _sees_to(self, error: BaseException) -> bool:
        """Tell of an error, and say whether the run goes on after it."""
        known = [
            failure for failure in self._runner.failures if any(failure.error is inner for inner in errors_in(error))
        ]
        is_refused = not known and self._is_of_record(error)
        if is_of(error, UndoError, EndedAheadError) or not (known or is_refused):
            return False
        from noob_cli.cli.run.error_file import ErrorFileError

        if self._skips:
            self._report(error)
        try:
            self._keep(error, known)
        except ErrorFileError:
            if not self._skips:
                self._report(error)
            raise
        if self._skips:
            self.failed += not is_refused
            self.refused += is_refused
        return self._skips

    def _is_of_record(self, error: BaseException) -> bool:
        """Whether the last record is wrong, and not the whole input, or what was given on the command line."""
        if is_of(error, RecordError):
            return error.position.number is not None
        return is_of(error, InputError) and self._reader is not None

    def _keep(self, error: BaseException, known: list[Failure]) -> None:
        """Write the record of an error to the file for those."""
        if self.file is None:
            return
        record, position = None, None
        if self._reader is not None:
            record, position = self._reader.record, self._reader.position
        if is_of(error, NoobError) and (not known or known[0].is_of_input):
            message = located(error, self._reader)
        else:
            from noob_cli.cli.run.tracebacks import last_line

            message = last_line(error)
        epoch, node = (known[0].epoch, known[0].place) if known else (None, None)
        self.file.write(record, position, epoch, None if node is None else node.reference, message)


def located(error: NoobError, reader: Records | None) -> str:
    """What is wrong with a record, or with what was given on the command line.

    Args:
        error: The error.
        reader: What reads the records; None if there are none.
    """
    if reader is None or not is_of(error, InputError) or error.record is None:
        return str(error)
    return f"{reader.position}: {error.message}{_cure_of(error) if reader.has_cells else ''}"


def _cure_of(error: InputError) -> str:
    """What to do about a cell of a table that its input does not admit."""
    if error.expected is None or not isinstance(error.given, str):
        return ""
    if not error.given.strip():
        return f". For a cell that may be empty, give the input the type '{error.expected} | None'"
    if re.fullmatch(_COMMA, error.given):
        return ". A number has a point, and no comma: write it so, or take it as 'str' and let a node read it"
    return ""
