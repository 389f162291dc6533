"""Records that are counted, so that a checkpoint can say how many of them it covers."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any, Self

from noob_cli.errors import CheckpointError
from noob_cli.records.faults import RecordError
from noob_cli.records.line_source import NothingYetError
from noob_cli.wording import count_of

if TYPE_CHECKING:
    from noob_cli.records.place import ReadSoFar
    from noob_cli.records.records import Records


class CountedRecords:
    """The records of a run, counted between one and the next; they end for now when the patience does.

    Args:
        reader: What reads them.
        skips: Whether the run goes on after one that is refused.
    """

    def __init__(self, reader: Records, skips: bool) -> None:
        self.read = 0
        """How many were read, up to the last one that an epoch was made for."""
        self.is_awaited = False
        """Whether one is waited for now."""
        self.have_ended = False
        self._reader = reader
        self._skips = skips
        self._left: Iterator[Mapping[str, Any]] = iter(())

    def pass_over(self, number: int) -> None:
        """Read records that an earlier run has read.

        Raises:
            CheckpointError: There are fewer.
        """
        self._reader.catch_up()
        while self._reader.total < number:
            try:
                for _ in self._reader:
                    if self._reader.total >= number:
                        break
                else:
                    raise CheckpointError(
                        f"{self._reader.origin} has {count_of(self._reader.total, 'record')}, and the checkpoint "
                        f"covers {number}: give the records that the run was given, from the first one on"
                    )
            except RecordError as error:
                if error.position.number is None:
                    raise
        self.read = number

    @property
    def so_far(self) -> ReadSoFar:
        """How far they were read."""
        return self._reader.so_far(self.read)

    def is_ready(self) -> bool:
        """Whether the next one can be read without waiting for it, as far as that can be told."""
        return self._reader.is_ready()

    def __iter__(self) -> Self:
        # As with the reader: who iterates again goes on where the last iteration stopped.
        self._left = iter(self._reader)
        return self

    def __next__(self) -> Mapping[str, Any]:
        self.is_awaited = True
        try:
            record = next(self._left)
        except StopIteration:
            self.is_awaited, self.have_ended = False, True
            raise
        except NothingYetError:
            # Between two epochs is the place for what else is to be done.
            self.is_awaited = False
            raise StopIteration from None
        except RecordError:
            if self._skips:
                # The run goes on with the next one, and so does one that goes on from here.
                self.read = self._reader.total
            raise
        self.is_awaited, self.read = False, self._reader.total
        return record
