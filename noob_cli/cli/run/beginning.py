"""When a run writes over what an earlier one has left: where its first record may be refused, not before an epoch."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from itertools import chain
from typing import TYPE_CHECKING, Any

from noob_cli.errors import CheckpointError, InputError

if TYPE_CHECKING:
    from noob_cli.cli.run.written_files import WrittenFiles
    from noob_cli.runners.synchronous import SynchronousRunner


class Beginning:
    """Lets the files of a run be its own, and not those of an earlier one.

    Args:
        files: The files.
        runner: Makes the epochs.
        is_early: Whether the files are emptied, or cut back, before there is an epoch.
        then: Called when they have been.
    """

    def __init__(
        self, files: WrittenFiles, runner: SynchronousRunner, is_early: bool, then: Callable[[], object]
    ) -> None:
        self._is_early = is_early
        self.is_over = False
        """Whether the files are those of this run."""
        self._files = files
        self._runner = runner
        self._then = then

    def begin(self) -> None:
        """Empty the files, or cut them back, unless that has been done.

        Raises:
            InputError: A file can't be written to any more.
            CheckpointError: The folder of the checkpoint can't be used any more.
        """
        if not self.is_over:
            self._files.begin()
            self.is_over = True
            self._then()

    def has_begun(self) -> bool:
        """Begin, and say whether that was possible: why not is told where there are no more results."""
        try:
            self.begin()
        except (InputError, CheckpointError):
            return False
        return True

    def begin_early(self) -> None:
        """Begin, if that comes before there is an epoch."""
        if self._is_early:
            self.begin()

    def with_records(self, records: Any) -> Any:
        """The same records: at the latest when there has been an epoch, and another is to be made, the run begins.

        Args:
            records: The records of the run, which know whether the next one is there.
        """
        return records if self._is_early else _FirstRecords(records, self._runner, self)

    def with_results(self, results: Iterator[Any]) -> Iterator[Any]:
        """The same results: the run begins before the first, or at their end, but not if an error comes first.

        Args:
            results: The results.
        """
        return results if self._is_early else chain.from_iterable(self._parts(results))

    def _parts(self, results: Iterator[Any]) -> Iterator[Iterable[Any]]:
        nothing = object()
        try:
            first = next(results, nothing)
        except BaseException:
            if self._runner.made:
                # What has failed matters more.
                self.has_begun()
            raise
        self.begin()
        if first is not nothing:
            yield (first,)
            yield results


class _FirstRecords:
    """The records of a run, up to the first epoch that has been made: then the run begins to write."""

    def __init__(self, records: Any, runner: SynchronousRunner, beginning: Beginning) -> None:
        self._records = records
        self._runner = runner
        self._beginning = beginning
        self._left: Iterator[Any] = iter(())

    def is_ready(self) -> bool:
        """Whether the next one can be read without waiting for it, as far as that can be told."""
        return bool(self._records.is_ready())

    def __iter__(self) -> Iterator[Any]:
        self._left = iter(self._records)
        # Where no iterator knows more than the next one, no function of ours stands between most and who takes them.
        return self if self._left is self._records else chain.from_iterable(self._parts())

    def __next__(self) -> Any:
        if self._runner.made and not self._beginning.has_begun():
            raise StopIteration
        return next(self._left)

    def _parts(self) -> Iterator[Iterable[Any]]:
        while not self._runner.made:
            record = next(self._left, None)
            if record is None:
                return
            yield (record,)
        if self._beginning.has_begun():
            yield self._left
