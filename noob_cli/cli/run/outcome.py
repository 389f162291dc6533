"""How a run from the shell has ended: what is said of it, and the exit code."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from noob_cli.cli.run.options import RunOptions
from noob_cli.cli.run.output import is_stdout
from noob_cli.cli.run.skipping import located
from noob_cli.cli.shell import FAILED, GOOD, WRONG
from noob_cli.cli.shell.messages import Level, report_error, report_error_at, report_problem, say
from noob_cli.errors import (
    CheckpointError,
    ClusterError,
    InputError,
    NoobError,
    ResultError,
    UndoError,
    WorkerDiedError,
    WorkerStartError,
)
from noob_cli.raised import is_of
from noob_cli.records.faults import RecordError
from noob_cli.results.format import ResultFormat
from noob_cli.results.writer import ResultWriter
from noob_cli.runners.failure import Failure
from noob_cli.runners.stop_signals import StopSignals
from noob_cli.runners.synchronous import SynchronousRunner
from noob_cli.wording import count_of

if TYPE_CHECKING:
    from noob_cli.records.records import Records


class OutputError(Exception):
    """The results can't be written.

    Args:
        error: Why they can't be written.
    """

    def __init__(self, error: OSError | MemoryError | ResultError) -> None:
        self.reader_has_gone = isinstance(error, BrokenPipeError)
        if isinstance(error, MemoryError):
            super().__init__("there is no memory for a result as JSON")
        else:
            super().__init__(str(error) if isinstance(error, ResultError) else error.strerror or str(error))


class Outcome:
    """Says how a run has ended.

    Args:
        options: What was asked for.
        runner: Makes the epochs.
        reader: Reads the records; None if no epoch needs one.
        signals: What may have stopped it.
    """

    def __init__(
        self, options: RunOptions, runner: SynchronousRunner, reader: Records | None, signals: StopSignals
    ) -> None:
        self._options = options
        self._runner = runner
        self._reader = reader
        self._signals = signals

    def report(self, errors: Sequence[BaseException]) -> int:
        """Say what went wrong.

        Args:
            errors: What ended the run, or an epoch of it.

        Returns:
            The exit code for it: that of the first error that has one.
        """
        if not errors:
            return GOOD
        from noob_cli.runners.failure import attributed

        origins = attributed(errors, self._runner.failures)
        codes = [self._report_one(*origin) for origin in origins if not self._signals.has_caused(origin[0])]
        return next((code for code in codes if code != GOOD), GOOD)

    def _report_one(self, error: BaseException, failure: Failure | None) -> int:
        from noob_cli.cli.run.error_file import ErrorFileError
        from noob_cli.cli.run.failures import report_exit, report_failure

        if is_of(error, OutputError):
            return self._report_output_error(error)
        if is_of(error, SystemExit):
            return report_exit(error, failure)
        if failure is None and is_of(error, CheckpointError):
            report_problem(error)
            return WRONG
        if failure is None and is_of(error, ClusterError):
            report_error(str(error))
            return FAILED if error.is_lost else WRONG
        if failure is None and is_of(error, WorkerDiedError, WorkerStartError):
            report_error(str(error))
            return FAILED
        if failure is None and is_of(error, InputError, RecordError, ErrorFileError):
            report_refusal(self._options, error, located(error, self._reader))
            return WRONG
        if failure is not None and failure.epoch is None and is_of(error, UndoError):
            report_error_at(failure.span, str(error))
            return WRONG
        if failure is not None and failure.is_of_input and is_of(error, InputError):
            # Its own words say all that there is to say.
            report_error_at(failure.span, f"in epoch {failure.epoch}, {located(error, self._reader)}")
            return FAILED
        report_failure(error, failure, self._runner.failures)
        return FAILED

    def _report_output_error(self, error: OutputError) -> int:
        """A reader that has gone away has what it wanted; anything else that keeps results back is an error."""
        if error.reader_has_gone:
            return GOOD
        output = self._options.output
        report_error(f"the results can't be written to {'standard output' if is_stdout(output) else output}: {error}")
        return WRONG

    def report_stop(self, how: str, writer: ResultWriter) -> None:
        """Say how far a run has come that was stopped, and what was interrupted.

        Args:
            how: By what, or where.
            writer: Wrote the results.
        """
        from noob_cli.cli.run.failures import report_interruptions

        runner = self._runner
        interrupted = [failure for failure in runner.failures if self._signals.has_caused(failure.error)]
        epochs = count_of(runner.done(None), "epoch")
        results = count_of(writer.results, "result")
        say(f"stopped {how} after {epochs} ({results})", Level.warning)
        report_interruptions(interrupted)
        lost = writer.results - writer.results_written
        if lost and self._options.output_format is not ResultFormat.none:
            say(f"{count_of(lost, 'result')} could not be written", Level.warning)


def report_refusal(options: RunOptions, error: NoobError, said: str) -> None:
    """Say what is wrong with an input, a record or the file for those that fail.

    Args:
        options: What was asked for: somebody else may want to know of inputs and records.
        error: What is wrong.
        said: The same, with where it is.
    """
    if options.refused is not None and isinstance(error, InputError | RecordError):
        options.refused(error, said)
    report_error(said)
