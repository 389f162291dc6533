"""Runs that save how far they have come, and runs that go on from there."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Callable, Generator, Iterable, Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

from noob_cli.checkpoints.folder import CheckpointFolder, Covered
from noob_cli.checkpoints.held import Held, held_assets, reopen_files
from noob_cli.checkpoints.state import Checkpoints
from noob_cli.checkpoints.tube_changes import changes_between, content_of
from noob_cli.checkpoints.written_files import WrittenFile
from noob_cli.cli.run.counted_records import CountedRecords
from noob_cli.cli.run.files_in_use import FileInUse, what_would_be_lost
from noob_cli.cli.run.output import is_stdout
from noob_cli.cli.run.resumed_files import ResumedFiles, tail_at
from noob_cli.cli.run.saving_interval import EVERY, interval_of, pausing
from noob_cli.cli.run.skipping import NOTHING, EpochChoice, Skipped
from noob_cli.cli.shell.messages import Level, display_span, report_problem, report_warning, say
from noob_cli.errors import CheckpointError, InputError
from noob_cli.given_path import given_path
from noob_cli.plan.last_epochs import has_last_epochs
from noob_cli.records.faults import RecordError
from noob_cli.records.place import ReadSoFar
from noob_cli.results.format import ResultFormat
from noob_cli.runners.stop_signals import Doing
from noob_cli.runners.urgency import Urgency
from noob_cli.tube import Tube
from noob_cli.wording import count_of

if TYPE_CHECKING:
    from noob_cli.cli.run.beginning import Beginning
    from noob_cli.cli.run.options import RunOptions
    from noob_cli.cli.run.skipping import Skipping
    from noob_cli.records.patience import Patience
    from noob_cli.records.records import Records
    from noob_cli.results.writer import ResultWriter
    from noob_cli.runners.synchronous import SynchronousRunner


class CheckpointedRun:
    """A run that saves checkpoints, and may go on from one.

    Args:
        options: What was asked for: where the checkpoints are, how often, and whether to go on from one.
        tube: The tube, its inputs given.
        reader: Reads the records; None if no epoch needs one.
        patience: With which it waits for them.
        in_use: Files that would be lost if a checkpoint were written to them, and what each is.

    Raises:
        InputError: The options don't go together, a file of the folder is in use, or the records are others.
        CheckpointError: The folder can't be used, or the checkpoint is damaged, or not one of this run.
    """

    def __init__(
        self, options: RunOptions, tube: Tube, reader: Records | None, patience: Patience, in_use: Iterable[FileInUse]
    ) -> None:
        folder = options.checkpoint or options.resume
        assert folder is not None
        if options.checkpoint is not None and options.resume is not None:
            raise InputError("give '--checkpoint' for a new run, or '--resume' to go on with one, and not both")
        self._options = options
        self._output, self._errors = (path and given_path(path) for path in (options.output, options.errors))
        self._interval = interval_of(options.checkpoint_every or EVERY)
        self._tube = tube
        self._content = dict(content_of(tube))
        self._has_last = has_last_epochs(tube)
        self._folder = CheckpointFolder(folder)
        for file in self.files:
            what = what_would_be_lost(file, in_use)
            if what is not None:
                raise InputError(f"'{file}' is {what}, and a checkpoint would be written there: name another folder")
        self._covered: Covered | None = None
        self._data = b""
        self._reader = reader
        self._patience = patience
        self._has_more = False
        self._notes: list[str] = []
        self._folder.lock(anew=False)
        if options.resume is not None:
            self._find()
        else:
            self._refuse_to_replace()
        self._folder.prepare()
        reason = self._folder.lock()
        if reason is not None:
            report_warning(
                f"the checkpoint folder '{folder}' can't be locked ({reason}): see to it that no other run uses it"
            )
        if self._covered is None and options.resume is not None:
            over = f", and writes over {' and '.join(lost)}" if (lost := self._written_over()) else ""
            say(f"no complete checkpoint in {folder}: the run starts from the beginning{over}", Level.warning)
        self._results = 0 if self._covered is None else self._covered.results
        self.resumed = ResumedFiles(options, self._covered, self._is_done, folder)
        """The files that the run writes."""
        self._records: CountedRecords | None = None
        # A file that is rotated before the first checkpoint would be in none.
        self._is_wanted_soon = options.reopen
        self._epochs_at_rotation = -1
        self._rotation_to_come: Callable[[], object] | None = None

    def close(self) -> None:
        """Let other runs use the folder."""
        self._folder.leave()

    def begin(self) -> None:
        """Let the folder have no checkpoint of an earlier run, which says nothing about what is written from here on.

        Raises:
            CheckpointError: The folder can't be used any more.
        """
        if self._covered is None:
            for note in self._notes:
                say(note, Level.warning)
            self._folder.clear()

    @property
    def files(self) -> list[Path]:
        """The files that checkpoints are written to."""
        return self._folder.files

    def _find(self) -> None:
        """Look for the checkpoint to go on from."""
        options = self._options
        checkpoint = self._folder.read()
        if checkpoint is None:
            lost = self._written_over()
            if lost and not self._folder.is_in_use:
                raise InputError(
                    f"no run has saved anything in the folder '{self._folder.path}', and one from the beginning would "
                    f"write over {lost[0]}: name the folder that it was saved in, or remove that file"
                )
            return
        self._covered, self._data = checkpoint
        changes = changes_between(self._covered.tube, self._content)
        if self._covered.output_format != options.output_format:
            changes.append(f"the output format was {self._covered.output_format}, and is {options.output_format}")
        if changes:
            raise CheckpointError(
                f"the checkpoint in {self._folder.path} is one of another run, so that this one can't go on from it:",
                *(f"  {change}" for change in changes),
                "Go back to how it was, or remove that folder to begin anew",
            )
        if options.output_format is ResultFormat.json and self._covered.written and is_stdout(options.output):
            raise InputError(
                "an array on standard output has been closed and can't be gone on with: name the file with '-o FILE', "
                "or use '--output-format jsonl' from the beginning"
            )
        if self._reader is not None:
            self._has_more = self._reader.go_on(self._covered.records, self._notes.append)

    def _written_over(self) -> list[str]:
        """The files with something in them that a run from the beginning writes over, with their options."""
        options = self._options
        written = () if options.append else (("-o", options.output), ("--errors", options.errors))
        return [f"'{option} {file}'" for option, file in written if file and file.is_file() and file.stat().st_size]

    def _refuse_to_replace(self) -> None:
        """A run that was stopped is not lost because somebody forgot to go on with it."""
        checkpoint = self._folder.read()
        if checkpoint is None:
            return
        described = self._described(checkpoint[0])
        if not checkpoint[0].complete:
            raise CheckpointError(
                f"{described}, and the run has not come to its end: go on with it by '--resume {self._folder.path}', "
                "or remove that folder"
            )
        self._notes.append(f"starting from the beginning: {described} of a run that has ended, and is replaced")

    def prepare_assets(self) -> None:
        """Say which assets no checkpoint holds, and let files go on where they were left, before any is made.

        Raises:
            InputError: Such a file isn't there any more, or is shorter.
        """
        for asset in held_assets(self._tube):
            if asset.held is Held.nothing:
                place = "" if asset.span is None else f" ({display_span(asset.span)})"
                what = f"the asset '{asset.name}'{place} is not in the checkpoint"
                if self._covered is None:
                    report_warning(
                        f"{what}: a run that goes on makes it anew. If it has a state that matters, say 'checkpoint: "
                        "true'; if it has none, 'checkpoint: false'"
                    )
                else:
                    report_warning(f"{what}: it is made anew")
        if self._covered is not None:
            reopen_files(self._tube, self._covered.files)

    @property
    def is_going_on(self) -> bool:
        """Whether there is a checkpoint that the run goes on from."""
        return self._covered is not None

    @property
    def skipped(self) -> Skipped:
        """What was skipped before the checkpoint that the run goes on from."""
        return NOTHING if self._covered is None else Skipped(self._covered.failed, self._covered.refused)

    def counted(self, skips: bool) -> CountedRecords | None:
        """Records for the run, which it counts; None if no epoch needs one.

        Args:
            skips: Whether the run goes on after one that is refused.
        """
        self._records = None if self._reader is None else CountedRecords(self._reader, skips)
        return self._records

    def has_nothing_to_do(self) -> bool:
        """Say it if the run had come to its end before, or has all that was asked for."""
        covered = self._covered
        if covered is None or not self._is_done:
            return False
        options = self._options
        is_traced = options.epoch is not None and options.epochs == options.epoch + 1
        epochs = ("--epoch", options.epoch) if is_traced else ("--epochs", options.epochs)
        limits = (("-n", options.results, covered.results), (*epochs, covered.epochs))
        asked = [f"'{option} {limit}'" for option, limit, reached in limits if limit is not None and limit < reached]
        clauses = [f"nothing is left to do: {self._described(covered)}"]
        if asked:
            clauses.append(f"and {' and '.join(asked)} {'asks' if len(asked) == 1 else 'ask'} for no more than that")
        clauses += [f"{path} has more, and is left as it is" for path in self.resumed.left_as_they_are]
        say(", ".join(clauses), Level.warning)
        return True

    @property
    def _is_done(self) -> bool:
        """Whether there is a checkpoint of all that was asked for, or of a run that has come to its end."""
        covered = self._covered
        if covered is None:
            return False
        has_ended = covered.ended and not (covered.out_of_records and self._has_more)
        return (has_ended and not self._has_last) or self._is_enough(covered.results, covered.epochs)

    def _has_ended(self, runner: SynchronousRunner) -> bool:
        """Whether there are no more epochs to be made."""
        return runner.has_ended or (self._records is not None and self._records.have_ended)

    def _come_to(self, runner: SynchronousRunner) -> tuple[int, int]:
        """How many epochs were made, and how many records were read."""
        return runner.made, 0 if self._records is None else self._records.read

    def _is_enough(self, results: int, epochs: int) -> bool:
        """Whether that is all that was asked for, what was made before a checkpoint included."""
        options = self._options
        return (options.results is not None and results >= options.results) or (
            options.epochs is not None and epochs >= options.epochs
        )

    def _described(self, covered: Covered) -> str:
        what = f"{count_of(covered.epochs, 'epoch')} and {count_of(covered.results, 'result')}"
        return f"the checkpoint in {self._folder.path} covers {what}"

    def rotate(self, runner: SynchronousRunner, reopen: Callable[[], object]) -> None:
        """Open files anew, and save a checkpoint after the epoch that is under way. A signal handler may call it.

        A file that something was written to since the last time is left when that is in a checkpoint, and not before:
        there, one of them at the most is looked for behind its name.

        Args:
            runner: Makes the epochs.
            reopen: Opens the files anew.
        """
        if self._is_wanted_soon and runner.made != self._epochs_at_rotation:
            self._rotation_to_come = reopen
            return
        reopen()
        self._is_wanted_soon, self._epochs_at_rotation = True, runner.made
        runner.pause()

    def _rotate_again(self, runner: SynchronousRunner) -> None:
        reopen, self._rotation_to_come = self._rotation_to_come, None
        if reopen is not None:
            self.rotate(runner, reopen)

    interruptible: ClassVar[Mapping[Callable[..., object], Doing]] = {
        Checkpoints.restore: Doing("the sources have given what they gave before the checkpoint", Urgency.overdue),
        Checkpoints.check: Doing("it is known whether a checkpoint can be saved", Urgency.overdue),
        Checkpoints.save: Doing("the checkpoint is saved", Urgency.forced),
    }
    """What a signal may interrupt."""

    def results(
        self,
        runner: SynchronousRunner,
        skipping: Skipping,
        writer: ResultWriter,
        beginning: Beginning,
        sync: Callable[[], object],
    ) -> Generator[Any, None, None]:
        """Make epochs, yield what they return, and save a checkpoint from time to time and at the end.

        Args:
            runner: What runs the tube, started.
            skipping: What makes the epochs, and sees to those that fail.
            writer: What writes the results, each of them before the next is asked for.
            beginning: Lets the files be those of this run, before anything is saved.
            sync: Sees to it that all that was written outlives a crash.

        Raises:
            CheckpointError: Something can't be saved, or the run can't go on from the checkpoint.
        """
        checkpoints = Checkpoints(runner)
        checkpoints.check()
        if self._covered is not None:
            self._go_on(checkpoints, self._covered)
        beginning.begin_early()

        def save() -> None:
            beginning.begin()
            sync()
            data = checkpoints.save()
            self._folder.write(self._cover(runner, skipping, writer, checkpoints.files), data)

        if self._covered is None and self._options.follow:
            # A file that is rotated before the first of them comes is found by it.
            save()
        try:
            yield from self._between_saves(runner, skipping, save)
        except (KeyboardInterrupt, RecordError):
            if beginning.is_over and self._records is not None and self._records.is_awaited:
                # No epoch was under way.
                _save_if_possible(save)
            raise

    def _between_saves(self, runner: SynchronousRunner, skipping: Skipping, save: Callable[[], None]) -> Iterator[Any]:
        options = self._options
        is_over = False
        while not is_over:
            made, before = runner.made, self._come_to(runner)
            wanted = None if options.results is None else options.results - self._results
            limits = [self._interval.epochs, None if options.epochs is None else options.epochs - made]
            limit = min((limit for limit in limits if limit is not None), default=None)
            with pausing(runner, self._interval.seconds, self._patience) as is_paused:
                for result in () if self._is_wanted_soon else skipping.results(wanted, limit, EpochChoice.but_last):
                    self._results += 1
                    yield result
                is_left = is_paused()
            is_wanted = self._is_wanted_soon
            is_left = is_left or is_wanted or runner.made - made == limit
            is_over = self._has_ended(runner) or self._is_enough(self._results, runner.made) or not is_left
            if is_over or is_wanted or self._come_to(runner) != before:
                save()
            if is_wanted:
                self._is_wanted_soon = False
                self._rotate_again(runner)
        if self._has_ended(runner) and not self._is_enough(self._results, runner.made):
            # No checkpoint is saved behind them: a run that goes on from one makes them again, if it has to.
            wanted = None if options.results is None else options.results - self._results
            limit = None if options.epochs is None else options.epochs - runner.made
            yield from skipping.results(wanted, limit, EpochChoice.last)

    def _go_on(self, checkpoints: Checkpoints, covered: Covered) -> None:
        checkpoints.restore(self._data)
        self._data = b""
        if self._records is not None:
            self._records.pass_over(covered.records.total)
        say(f"going on: {self._described(covered)}", Level.warning)
        for note in self._notes:
            report_warning(note)

    def _cover(
        self, runner: SynchronousRunner, skipping: Skipping, writer: ResultWriter, files: dict[str, WrittenFile]
    ) -> Covered:
        ended = self._has_ended(runner)
        at, errors = writer.place, None if skipping.file is None else skipping.file.at
        return Covered(
            tube=self._content,
            output_format=self._options.output_format.value,
            epochs=runner.made,
            records=ReadSoFar() if self._records is None else self._records.so_far,
            results=self._results,
            written=writer.results,
            size=at.size,
            file=at.file,
            tail=tail_at(self._output, at),
            ending=b64encode(writer.ending).decode(),
            columns=writer.columns,
            failed=skipping.failed,
            refused=skipping.refused,
            errors_size=0 if errors is None else errors.size,
            errors_file=None if errors is None else errors.file,
            errors_tail="" if errors is None else tail_at(self._errors, errors),
            files=files,
            ended=ended,
            out_of_records=ended and not runner.has_ended,
            complete=ended or self._is_enough(self._results, runner.made),
        )


def _save_if_possible(save: Callable[[], None]) -> None:
    """Save a checkpoint on the way out, where what is under way matters more than that it can't be saved."""
    try:
        save()
    except CheckpointError as error:
        report_problem(error)
