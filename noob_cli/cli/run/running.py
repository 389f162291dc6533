"""How the shell runs a tube: records in, results out, and an exit code."""

from __future__ import annotations

import signal
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, suppress
from functools import partial
from typing import TYPE_CHECKING, Any

from noob_cli.cli.run.beginning import Beginning
from noob_cli.cli.run.breakpoints import breakpoints
from noob_cli.cli.run.choosing import with_settings
from noob_cli.cli.run.opening import Opened, open_all, refuse_log_in_checkpoint
from noob_cli.cli.run.options import OnError, RunOptions
from noob_cli.cli.run.outcome import Outcome, OutputError, report_refusal
from noob_cli.cli.run.output import refuse_other_places, with_output
from noob_cli.cli.run.shown import refuse_between_results, shown
from noob_cli.cli.run.skipping import NOTHING, Skipping
from noob_cli.cli.run.written_files import file_named, name_of
from noob_cli.cli.shell import FAILED, SIGNALLED, WRONG
from noob_cli.cli.shell.log import LogFile, lowest_level, report_message, shown_level, telling
from noob_cli.cli.shell.messages import (
    Level,
    display_span,
    is_told,
    report_debug,
    report_error,
    report_info,
    report_problem,
    report_warning,
    say,
)
from noob_cli.cli.shell.other_command import what_noob_is
from noob_cli.cli.shell.stdout import claim_stdout, is_stdout_closed
from noob_cli.collector import collect_as_usual
from noob_cli.errors import CheckpointError, InputError, MissingExtraError, ResultError, TubeError, TubeNotFoundError
from noob_cli.given_path import given_path
from noob_cli.raised import errors_in
from noob_cli.records.faults import RecordError
from noob_cli.results.format import ResultFormat
from noob_cli.results.writer import ResultWriter
from noob_cli.runners.binding import refuse_uncopied
from noob_cli.runners.failure import Failure
from noob_cli.runners.stop_signals import Doing, Prospect, StopSignals, Wait
from noob_cli.runners.synchronous import SynchronousRunner
from noob_cli.runners.urgency import Urgency
from noob_cli.wording import count_of

if TYPE_CHECKING:
    from noob_cli.cli.run.stats import Stats


def run_tube(options: RunOptions) -> int:
    """Run a tube as `noob run` does.

    Args:
        options: What was asked for.

    Returns:
        The exit code.
    """
    collect_as_usual()
    is_closed = is_stdout_closed()
    claimed = claim_stdout()
    stdout = None if is_closed and options.output_format is not ResultFormat.none else claimed
    try:
        refuse_other_places(options)
        refuse_log_in_checkpoint(options)
        if options.reopen and hasattr(signal, "SIGHUP"):
            # It may come at any time.
            signal.signal(signal.SIGHUP, signal.SIG_IGN)
        with telling(shown_level(options.verbosity), options.log_file) as log, breakpoints():
            if (other := what_noob_is()) is not None:
                report_warning(other)
            code = _run_tube(options, stdout, log)
            report_info(f"the command ended with exit code {code}")
            return code
    except InputError as error:
        report_problem(error)
    return WRONG


def _run_tube(options: RunOptions, stdout: int | None, log: LogFile | None) -> int:
    try:
        with ExitStack() as stack:
            options = with_output(with_settings(options))
            if options.epoch is not None:
                from noob_cli.cli.run.traced_node import until_traced

                options = until_traced(options, options.epoch)
            opened = open_all(options, stdout, stack)
            return Session(options, opened, log).run()
    except (InputError, RecordError) as error:
        report_refusal(options, error, str(error))
    except (TubeError, TubeNotFoundError, CheckpointError, MissingExtraError) as error:
        report_problem(error)
    return WRONG


class Session:
    """A run from the shell.

    Args:
        options: What was asked for.
        opened: What it reads and writes.
        log: Writes the log file; None if there is none.
    """

    def __init__(self, options: RunOptions, opened: Opened, log: LogFile | None) -> None:
        self._options = options
        self._log = log
        self._writer = opened.writer
        output = file_named(options.output)
        self._output = output and given_path(output)
        self._checkpointed = checkpointed = opened.checkpointed
        self._errors = opened.errors
        self._opened = opened
        self._is_to_rotate = False
        self._is_quit = False
        """Whether the debugger was left where the run would have gone on."""
        self._spans = opened.spans
        self._traced = traced = opened.traced
        skips = options.on_error is OnError.skip
        self._runner = _maker(options)(
            opened.tube,
            warn=report_warning,
            log=report_info if is_told(Level.info) else None,
            trace=report_debug if is_told(Level.debug) else None,
            undoing=skips,
            timing=_is_measured(options, opened),
            ended=None if opened.spans is None else opened.spans.ended,
            looked_at=options.trace_node,
            look=None if traced is None else traced.look,
            failed=self._look_at if options.pdb else None,
            hear=report_message,
            hears_from=lowest_level(),
            ending=None if opened.assets is None else opened.assets.take,
        )
        if traced is not None:
            traced.runner = self._runner
        if opened.ahead is not None:
            opened.ahead.behind = lambda: self._runner.behind
        self._stats = _stats_of(self._runner, options, opened)
        self._assets = opened.assets
        if self._assets is not None:
            self._assets.runner = self._runner
        self._signals = StopSignals(
            self._runner,
            options.grace,
            _interruptible(opened),
            self._report_wait,
            on_hangup=self._rotate if options.reopen else None,
        )
        if opened.watched:
            refuse_between_results(opened.writer)
        self._outcome = Outcome(options, self._runner, opened.reader, self._signals)
        records = opened.reader if checkpointed is None else checkpointed.counted(skips)
        is_early = records is None or skips or (checkpointed is not None and checkpointed.is_going_on)
        self._beginning = Beginning(opened.files, self._runner, is_early, self._rotate_if_asked)
        counted = self._beginning.with_records(records)
        self._skipping = Skipping(
            skips,
            opened.errors,
            self._runner,
            opened.reader,
            self._signals.has_caused,
            lambda error: self._report([error]),
            records=counted if opened.spans is None or counted is None else opened.spans.of_records(counted),
            before=NOTHING if checkpointed is None else checkpointed.skipped,
        )

        self._view = opened.view
        if self._view is not None:
            self._view.begin(self._runner, lambda: self._writer.results)
        if opened.metrics is not None:
            opened.metrics.tell_of(self._runner, self._writer, self._skipping)

    def run(self) -> int:
        """Make the epochs, and see to it that what was returned is written whatever happens.

        Returns:
            The exit code.
        """
        ended_by: list[BaseException] = []
        with self._signals.listening():
            for do in (self._write_results, self._close):
                try:
                    do()
                except BaseException as error:
                    ended_by += [error]
        code = self._report(ended_by)
        if self._signals.first is not None:
            self._outcome.report_stop(f"by {signal.Signals(self._signals.first).name}", self._writer)
            code = code or SIGNALLED + self._signals.first
        elif self._is_quit:
            self._outcome.report_stop("in the debugger", self._writer)
            code = code or SIGNALLED + signal.SIGINT
        for name, hint in self._writer.unmet_columns.items():
            report_warning(f"no result had the column '{name}', which '--columns' asks for: {hint}")
        if self._skipping.summary is not None:
            say(self._skipping.summary)
            code = code or FAILED
        if self._traced is not None:
            self._traced.end()
        if not all([self._report_stats(), self._write_assets()]):
            code = code or WRONG
        epochs, results = self._runner.done(None), self._writer.results
        report_info(f"the run ended after {count_of(epochs, 'epoch')} and {count_of(results, 'result')}")
        if self._spans is not None:
            self._spans.end(code, epochs, results)
        return code

    def _look_at(self, failure: Failure) -> None:
        from noob_cli.cli.run.debugger import look_at

        with suppress(OSError):
            # What comes before is seen before.
            self._writer.flush()
        if look_at(failure):
            self._runner.stop()
            # Without that it fails, as ever.
            self._is_quit = self._options.on_error is OnError.skip

    def _report(self, errors: Sequence[BaseException]) -> int:
        """Say what has ended the run, or an epoch of it; return the exit code for that."""
        if self._spans is not None:
            failed = [error for error in errors if not self._signals.has_caused(error)]
            known = {id(inner) for error in failed for inner in errors_in(error)}
            self._spans.failed([failure for failure in self._runner.failures if id(failure.error) in known])
        return self._outcome.report(errors)

    def _write_results(self) -> None:
        if self._checkpointed is not None:
            if self._checkpointed.has_nothing_to_do():
                self._opened.files.begin()
                return
            self._checkpointed.prepare_assets()
        with shown(self._options, self._runner, self._opened), self._runner:
            if self._runner.is_stopping:
                return
            for result in self._results():
                try:
                    self._writer.write(result)
                except BrokenPipeError:
                    # The reader has what it wanted: the run ends as if it had come to its end.
                    return
                except (OSError, MemoryError, ResultError) as error:
                    raise OutputError(error) from error

    def _results(self) -> Iterator[Any]:
        if self._checkpointed is None:
            self._beginning.begin_early()
            results = self._skipping.results(self._options.results, self._options.epochs)
        else:
            results = self._checkpointed.results(
                self._runner, self._skipping, self._writer, self._beginning, self._sync
            )
        results = self._beginning.with_results(results)
        if self._view is not None:
            results = self._view.passed(results, lambda: self._runner.is_stopping)
        # Without a `return` node an epoch yields None, to be counted and not to be written.
        has_return = self._runner.tube.graph.return_node is not None
        return results if has_return else (result for result in results if result is not None)

    def _rotate_if_asked(self) -> None:
        if self._is_to_rotate:
            self._rotate()

    def _rotate(self) -> None:
        if not self._beginning.is_over:
            self._is_to_rotate = True
        elif self._checkpointed is None:
            self._reopen()
        else:
            self._checkpointed.rotate(self._runner, self._reopen)

    def _reopen(self) -> None:
        """Go on in the files that have the names now of those that are written."""
        if self._output is not None:
            self._writer.reopen(self._output)
        if self._errors is not None and file_named(self._options.errors) is not None:
            self._errors.reopen()
        if self._log is not None:
            self._log.reopen()

    def _sync(self) -> None:
        """See to it that all that was written outlives a crash."""
        try:
            self._writer.sync()
        except (OSError, ResultError) as error:
            raise OutputError(error) from error
        if self._errors is not None:
            self._errors.sync()

    def _close(self) -> None:
        if self._output is not None and not self._opened.files.have_begun:
            # What ends an array isn't added to the one of an earlier run.
            return
        try:
            self._writer.close()
        except (OSError, ResultError) as error:
            raise OutputError(error) from error

    def _report_wait(self, wait: Wait) -> None:
        """Say what a signal waits for, and what a further one does."""
        if isinstance(wait.what, str):
            waits = f"waiting until {wait.what}"
        else:
            span = wait.what.span
            what = str(wait.what) if span is None else f"{wait.what} ({display_span(span)})"
            waits = f"waiting for {what}, which is made or ended" if wait.is_made else _FINISHING.format(what)
        grace = f" of {self._options.grace:g} s" if wait.prospect is Prospect.grace else ""
        say(f"{waits}: {wait.prospect.value}{grace}", Level.warning)

    def _report_stats(self) -> bool:
        """Say what the nodes have taken, if that was asked for, and whether it could be said."""
        if self._stats is None or not self._opened.files.have_begun:
            return True
        try:
            self._stats.report(self._writer.results)
        except OSError as error:
            assert self._options.stats_json is not None
            name = name_of(self._options.stats_json)
            report_error(f"the statistics can't be written: {name}: {error.strerror}")
            return False
        return True

    def _write_assets(self) -> bool:
        """Write what assets are, if that was asked for and epochs were made, and say whether they could be written."""
        if self._assets is None or not self._beginning.is_over:
            return True
        try:
            self._assets.write()
        except OSError as error:
            report_error(f"the assets can't be written: {self._assets.file.path}: {error.strerror}")
            return False
        return True


_FINISHING = "finishing the epoch under way, in {}"


def _maker(options: RunOptions) -> Callable[..., SynchronousRunner]:
    """What makes the runner that was asked for."""
    if options.runner == "sync":
        return SynchronousRunner
    from noob_cli.runners.parallel import ParallelRunner

    return partial(
        ParallelRunner,
        on=str(options.runner),
        workers=options.workers,
        ahead=options.ahead,
        scheduler=options.scheduler,
        verify=options.verify or 0,
    )


def _is_measured(options: RunOptions, opened: Opened) -> bool:
    """Whether somebody wants to know how long the calls of nodes take."""
    is_asked_for = options.stats or opened.stats_file is not None or opened.metrics is not None
    return is_asked_for or (opened.view is not None and opened.view.measures)


def _stats_of(runner: SynchronousRunner, options: RunOptions, opened: Opened) -> Stats | None:
    """What measures the run; None if nobody wants to know."""
    if not options.stats and opened.stats_file is None:
        return None
    from noob_cli.cli.run.stats import Stats

    return Stats(runner, options.stats, opened.stats_file)


def _interruptible(opened: Opened) -> dict[Callable[..., object], Doing]:
    """What a signal may interrupt besides nodes and sources, and when: reading and writing may have to wait."""
    written = Doing("the results are written", Urgency.insisted)
    functions: dict[Callable[..., object], Doing] = {
        type(opened.writer).write: Doing(written.until, Urgency.overdue),
        **dict.fromkeys((ResultWriter.sync, ResultWriter.close), written),
        refuse_uncopied: Doing("what is carried is copied", Urgency.overdue),
    }
    if opened.reader is not None:
        from noob_cli.records.line_source import LineSource

        read = Doing("a record is there", Urgency.asked)
        waiting = (LineSource.next_lines, LineSource.peek, LineSource.read_rest, LineSource.pass_over)
        functions |= dict.fromkeys(waiting, read)
    if opened.checkpointed is not None:
        functions |= opened.checkpointed.interruptible
    return functions
