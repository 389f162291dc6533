"""What everything that reads records has in common, whatever they are written in."""

from __future__ import annotations

import os
from abc import ABC, abstractmethod
from typing import TYPE_CHECKING, Any, Final

from noob_cli.named_tuple import NamedTuple
from noob_cli.records.faults import Position, RecordError, describe_too_long
from noob_cli.records.format import RecordFormat

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from noob_cli.records.line_source import LineSource
    from noob_cli.records.place import Place, ReadSoFar

MAX_RECORD_BYTES: Final = 64_000_000
"""How long a record may be, unless something else is asked for."""


class Expected(NamedTuple):
    """What records have to be like.

    Args:
        line_input: The input that plain lines are values of; None if there is no such input.
        required: The inputs that every record has to have.
        max_record: How many bytes a record may have.
        is_alone: Whether that input is the only one, and a text.
        names: The inputs that columns may have the names of; None if all columns are welcome.
        empty_as_none: The inputs for which an empty cell of a table is None.
        warn: Told what should be known of the records of a file.
    """

    line_input: str | None = None
    required: Sequence[str] = ()
    max_record: int = MAX_RECORD_BYTES
    is_alone: bool = False
    names: Sequence[str] | None = None
    empty_as_none: frozenset[str] = frozenset()
    warn: Callable[[str], object] = str

    @property
    def or_plain_lines(self) -> str:
        """What to do if the text is plain lines, for messages; nothing if such are of no use."""
        return "" if self.line_input is None else "; for plain lines use --input-format lines"

    @property
    def example(self) -> str:
        """A record as it might be, for messages."""
        return f'{{"{self.line_input or "value"}": 1}}'


ANYTHING: Final = Expected()
"""What records are like if nothing is known of what needs them."""


class Extent(NamedTuple):
    """How much there is of records.

    Args:
        done: How much of it was read.
        total: How much there is in all.
        unit: What is counted: `bytes` or `records`.
    """

    done: float
    total: float
    unit: str

    @property
    def share(self) -> float:
        """How much of it was read, from 0 to 1."""
        return min(self.done / self.total, 1.0) if self.total else 1.0


class Records(ABC):
    """Records, as dicts, which know where the last of them came from.

    Iterating again goes on where the last iteration stopped, also after a record that raised `RecordError`: it counts
    as read, and the next record is next. So a loop may pick itself up. What leaves no next record to go on with is an
    error whose position has no number.
    """

    name: str
    """What the input is called in messages: of several files, the one that is read."""

    @property
    def origin(self) -> str:
        """What all of the input is called."""
        return self.name

    is_endless = False
    """Whether more may come at any time."""

    total_before = 0
    """How many records another run has read before those in the file that is read."""

    @property
    def total(self) -> int:
        """How many records were read, of all files, bad ones included."""
        return self.total_before + self.number

    @property
    @abstractmethod
    def number(self) -> int:
        """The number of the last record, from 1, bad ones included: of several files, in the one that is read."""

    @property
    @abstractmethod
    def line(self) -> int | None:
        """The line on which the last record starts, from 1; None before the first, or where there are no lines."""

    @property
    @abstractmethod
    def record(self) -> Any:
        """The last record as it was read, whatever was done with it since.

        An object where it is one in JSON; else the text of it. None if it was too long to be kept.
        """

    @abstractmethod
    def __iter__(self) -> Iterator[dict[str, Any]]:
        """Return what reads the records that are left.

        Raises:
            RecordError: (when iterated) A record, or the whole input, can't be read.
        """

    def look(self) -> None:
        """See whether they are what they should be, as far as a file tells that before its first record.

        Raises:
            RecordError: The records are not what they should be.
        """
        return

    def is_ready(self) -> bool:
        """Whether the next record can be read without waiting for it, as far as that can be told."""
        return True

    @property
    def has_cells(self) -> bool:
        """Whether the values of the last record are cells of a table, which are texts."""
        return False

    @property
    def position(self) -> Position:
        """Where the last record is."""
        return Position(self.name, self.number, self.line)

    @property
    def status(self) -> os.stat_result | None:
        """What the system says of the regular file that they are in; None if they are in none, or nobody knows."""
        return None

    def extent(self) -> Extent | None:
        """How much there is of them, and how much was read; None if nobody knows. Another thread may ask, too."""
        return None

    def so_far(self, total: int) -> ReadSoFar:
        """How far they were read.

        Args:
            total: How many of them, of all files; what is told may be a place before that.
        """
        from noob_cli.records.place import BEGINNING, ReadFile, ReadSoFar

        return ReadSoFar(total, self.total_before, file=ReadFile(self.name, RecordFormat.auto, BEGINNING))

    def go_on(self, read: ReadSoFar, note: Callable[[str], object]) -> bool:
        """Go on where another run has stood; what it has read behind that place is read again.

        Args:
            read: How far it has read them.
            note: Told what should be known.

        Returns:
            Whether there may be more records than it has read.

        Raises:
            InputError: They are not those that it has read.
        """
        self.total_before = read.before
        return True

    def catch_up(self) -> None:
        """Get to where another run has stood; that may take long.

        Raises:
            InputError: The records are not those that it has read.
        """
        return


class TextRecords(Records):
    """The records of one text.

    Args:
        source: The text.
        expected: What the records have to be like.
    """

    def __init__(self, source: LineSource, expected: Expected) -> None:
        self.name = source.name
        self._source = source
        self._expected = expected

    def _too_long(self) -> RecordError:
        """The error for the last record, or what should have been one, if it is longer than it may be."""
        return RecordError.at(self.position, describe_too_long(self._expected.max_record))

    @property
    @abstractmethod
    def has_ended(self) -> bool:
        """Whether all of them were read, as far as it is known yet."""

    @abstractmethod
    def place(self, number: int) -> Place:
        """Where reading can go on.

        Args:
            number: How many records have been read; the place may be before that.
        """

    @abstractmethod
    def go_on_at(self, place: Place) -> None:
        """Go on at a place, before anything is read.

        Args:
            place: The place; the source stands there already, if the text can be read from there.
        """
