"""How the shell runs a tube: records in, results out, and an exit code."""

from __future__ import annotations

import signal
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import ExitStack
from functools import partial
from io import FileIO
from typing import TYPE_CHECKING, Any, BinaryIO

from noob_cli.cli.run.error_file import ErrorFile, ErrorFileError
from noob_cli.cli.run.files_in_use import FileInUse, files_named_in, files_of, what_would_be_lost
from noob_cli.cli.run.inputs import give_inputs
from noob_cli.cli.run.on_error import OnError
from noob_cli.cli.run.options import RunOptions
from noob_cli.cli.run.output import is_stdout, open_emptied, open_output
from noob_cli.cli.run.progress import Progress
from noob_cli.cli.run.side_files import open_side_file
from noob_cli.cli.run.skipping import Skipping, located
from noob_cli.cli.shell.log import telling
from noob_cli.cli.shell.messages import (
    Level,
    display_path,
    display_span,
    is_told,
    report_debug,
    report_diagnostics,
    report_error,
    report_error_at,
    report_info,
    report_warning,
    say,
    tell,
)
from noob_cli.cli.shell.other_command import what_noob_is
from noob_cli.cli.shell.stdout import claim_stdout, is_stdout_closed
from noob_cli.collector import look_as_usual
from noob_cli.errors import CheckpointError, InputError, TubeError, TubeNotFoundError, UndoError
from noob_cli.loading.loading import document_of, load
from noob_cli.plan.place import Place
from noob_cli.raised import is_of
from noob_cli.records.faults import RecordError
from noob_cli.results.format import ResultFormat
from noob_cli.results.writer import ResultWriter
from noob_cli.runners.failure import Failure
from noob_cli.runners.stop_signals import StopSignals, Urgency
from noob_cli.runners.synchronous import SynchronousRunner
from noob_cli.secret_inputs import MASKED
from noob_cli.tube import Tube
from noob_cli.wording import count_of, short_repr

if TYPE_CHECKING:
    from noob_cli.cli.run.checkpointing import CheckpointedRun
    from noob_cli.cli.run.stats import Stats
    from noob_cli.records.records import Records

GOOD, FAILED, WRONG, SIGNALLED = 0, 1, 2, 128
"""Exit codes: all went well; a node or an asset failed; what was given is wrong; plus the number of a signal."""

_RECORDS = "the file of the records"

_SHOWN = {-1: Level.error, 0: Level.warning, 1: Level.info}
"""What is shown with `-q`, with neither, and with `-v`; twice or more shows all."""


class OutputError(Exception):
    """The results can't be written.

    Args:
        error: Why.
    """

    def __init__(self, error: OSError | MemoryError) -> None:
        self.reader_has_gone = isinstance(error, BrokenPipeError)
        if isinstance(error, MemoryError):
            super().__init__("there is no memory for a result as JSON")
        else:
            super().__init__(error.strerror or str(error))


def run_tube(options: RunOptions) -> int:
    """Run a tube as `noob run` does.

    Args:
        options: What was asked for.

    Returns:
        The exit code.
    """
    look_as_usual()
    is_closed = is_stdout_closed()
    claimed = claim_stdout()
    stdout = None if is_closed and options.output_format is not ResultFormat.none else claimed
    try:
        with telling(_shown(options), options.log_file):
            if (other := what_noob_is()) is not None:
                report_warning(other)
            code = _run_tube(options, stdout)
            report_info(f"the command ended with exit code {code}")
            return code
    except InputError as error:
        report_error(str(error))
    return WRONG


def _shown(options: RunOptions) -> Level:
    return _SHOWN.get(options.verbosity, Level.debug)


def _run_tube(options: RunOptions, stdout: int | None) -> int:
    try:
        with ExitStack() as stack:
            tube = _load(options)
            reader = _open_records(options, tube, stack)
            in_use = list(_files_in_use(options, tube, reader))
            checkpointed = _open_checkpoints(options, tube, in_use)
            opened = open_emptied if checkpointed is None else checkpointed.open_output
            if checkpointed is not None:
                stack.callback(checkpointed.close)
                in_use += [(str(file), "a file of the checkpoint") for file in checkpointed.files]
            output = open_output(options.output, stdout, in_use, stack, opened)
            in_use += [(output, "the file of the results")]
            side_files = _open_side_files(options, in_use, stack, checkpointed)
            written_as = options.output_format if checkpointed is None else checkpointed.format_for(options.output)
            writer = ResultWriter(output, written_as, report_warning)
            if checkpointed is not None:
                checkpointed.go_on_with(writer)
            return _drive(tube, options, reader, writer, checkpointed, *side_files)
    except TubeError as error:
        report_diagnostics(error.diagnostics)
    except CheckpointError as error:
        report_error(*error.lines)
    except (InputError, TubeNotFoundError, RecordError) as error:
        report_error(str(error))
    return WRONG


def _load(options: RunOptions) -> Tube:
    try:
        tube = Tube(load(document_of(options.tube)))
    except TubeError as error:
        _refuse_as_log(options, files_named_in(error.diagnostics))
        raise
    _refuse_as_log(options, files_of(tube))
    report_info(f"the tube '{tube.name}' was loaded from {display_path(tube.document.file)}")
    report_diagnostics(tube.warnings)
    give_inputs(options.inputs, tube)
    for name, value in tube.input.items():
        report_info(f"the input '{name}' is {short_repr(MASKED if name in tube.secrets else value)}")
    return tube


def _refuse_as_log(options: RunOptions, files: Iterable[FileInUse]) -> None:
    """Nothing is added to a tube and its code, nor to the records."""
    if options.log_file is not None:
        records = [] if options.file is None else [(options.file, _RECORDS)]
        what = what_would_be_lost(options.log_file, [*records, *files])
        if what is not None:
            # This isn't added to it either.
            tell(_shown(options))
            raise InputError(f"'--log-file {options.log_file}' is {what}: name another one")


def _open_records(options: RunOptions, tube: Tube, stack: ExitStack) -> Records | None:
    """The records, or None if no epoch needs one."""
    required = tube.required_process_inputs
    file = options.file
    if file is None:
        if not required:
            return None
        if sys.stdin is None or sys.stdin.isatty():
            names = ", ".join(f"'{name}'" for name in required)
            raise InputError(
                f"each epoch needs a record with {names}: give a file with '-f FILE', or pipe records in, "
                f"such as: echo '{{\"{required[0]}\": ...}}' | noob run {options.tube}"
            )
        file = "-"
    if file == "-" and sys.stdin is None:
        raise InputError("standard input is closed: name a file with the records with '-f FILE'")
    from noob_cli.records.reader import RecordReader
    from noob_cli.records.records import MAX_RECORD_BYTES, Expected

    line_input = required[0] if len(required) == 1 else None
    name = "<stdin>" if file == "-" else file
    stream = _open_file(0 if file == "-" else file, stack)
    expected = Expected(line_input, required, options.max_record or MAX_RECORD_BYTES)
    return RecordReader(stream, name, options.input_format, expected)


def _open_file(file: str | int, stack: ExitStack) -> BinaryIO:
    try:
        # A buffer would take a stream that has nothing yet, and does not wait, for one at its end.
        return stack.enter_context(open(file, "rb", buffering=0, closefd=isinstance(file, str)))
    except OSError as error:
        raise InputError(f"the records can't be read: {file}: {error.strerror}") from error


def _open_side_files(
    options: RunOptions,
    in_use: list[FileInUse],
    stack: ExitStack,
    checkpointed: CheckpointedRun | None,
) -> tuple[ErrorFile | None, FileIO | None]:
    """What failed records are written to, and what the statistics are."""
    errors, stats = None, None
    if options.errors is not None:
        opened = open_emptied if checkpointed is None else checkpointed.open_errors
        file = open_side_file(options.errors, "--errors", "the failed records", in_use, stack, opened)
        errors = ErrorFile(file, options.errors, 0 if checkpointed is None else checkpointed.errors_size)
        in_use = [*in_use, (file.fileno(), "the file of the failed records")]
    if options.stats_json is not None:
        stats = open_side_file(options.stats_json, "--stats-json", "the statistics", in_use, stack)
    return errors, stats


def _files_in_use(options: RunOptions, tube: Tube, reader: Records | None) -> Iterator[FileInUse]:
    """The files that would be lost if something else were written to them."""
    if options.log_file is not None:
        yield str(options.log_file), "the log file"
    if reader is not None and options.file not in (None, "-"):
        yield str(options.file), _RECORDS
    elif reader is not None and sys.stdin is not None:
        yield sys.stdin.fileno(), _RECORDS
    yield from files_of(tube)


def _open_checkpoints(options: RunOptions, tube: Tube, in_use: Iterable[FileInUse]) -> CheckpointedRun | None:
    """What saves checkpoints; None if that is not asked for."""
    if options.checkpoint is None and options.resume is None:
        if options.checkpoint_every is not None:
            raise InputError("'--checkpoint-every' says how often: say with '--checkpoint DIR' where")
        return None
    # Who doesn't save checkpoints doesn't pay for the import.
    from noob_cli.cli.run.checkpointing import CheckpointedRun

    return CheckpointedRun(options, tube, in_use)


def _drive(
    tube: Tube,
    options: RunOptions,
    reader: Records | None,
    writer: ResultWriter,
    checkpointed: CheckpointedRun | None,
    errors: ErrorFile | None,
    stats_file: FileIO | None,
) -> int:
    """Make the epochs, and see to it that what was returned is written whatever happens."""
    skips = options.on_error is OnError.skip
    runner = SynchronousRunner(
        tube,
        warn=report_warning,
        log=report_info if is_told(Level.info) else None,
        trace=report_debug if is_told(Level.debug) else None,
        undoing=skips,
        timing=options.stats or stats_file is not None,
    )
    stats = _open_stats(runner, options, stats_file)
    signals = StopSignals(runner, options.grace, _interruptible(reader, checkpointed), partial(_report_wait, options))
    skipping = Skipping(
        skips,
        errors,
        runner,
        reader,
        signals.has_caused,
        lambda error: _report([error], runner, options, reader, signals),
    )
    if checkpointed is not None:
        checkpointed.count_with(skipping)
    ended_by: list[BaseException] = []
    with signals.listening():
        for do in (partial(_write_results, runner, options, skipping, writer, checkpointed), partial(_close, writer)):
            try:
                do()
            except BaseException as error:
                ended_by += [error]
    code = _report(ended_by, runner, options, reader, signals)
    if signals.first is not None:
        _report_stop(signals, runner, writer, options)
        code = code or SIGNALLED + signals.first
    if skipping.summary is not None:
        say(skipping.summary)
        code = code or FAILED
    if not _report_stats(stats, options, writer):
        code = code or WRONG
    report_info(f"the run ended after {count_of(runner.made, 'epoch')} and {count_of(writer.results, 'result')}")
    return code


def _interruptible(
    reader: Records | None, checkpointed: CheckpointedRun | None
) -> dict[Callable[..., object], Urgency]:
    """What a signal may interrupt besides nodes and sources, and when: reading and writing may have to wait."""
    found: dict[Callable[..., object], Urgency] = {
        ResultWriter.write: Urgency.overdue,
        **dict.fromkeys((ResultWriter.sync, ResultWriter.close), Urgency.insisted),
    }
    if reader is not None:
        from noob_cli.records.line_source import LineSource

        found |= dict.fromkeys((LineSource.next_lines, LineSource.peek, LineSource.read_rest), Urgency.asked)
    if checkpointed is not None:
        found[checkpointed.going_on] = Urgency.overdue
    return found


def _open_stats(runner: SynchronousRunner, options: RunOptions, file: FileIO | None) -> Stats | None:
    """What measures the run; None if nobody wants to know."""
    if not options.stats and file is None:
        return None
    from noob_cli.cli.run.stats import Stats

    return Stats(runner, options.stats, file)


def _report_stats(stats: Stats | None, options: RunOptions, writer: ResultWriter) -> bool:
    """Say what the nodes have taken, if that was asked for, and whether it could be said."""
    if stats is None:
        return True
    try:
        stats.report(writer.results)
    except OSError as error:
        report_error(f"the statistics can't be written: {options.stats_json}: {error.strerror}")
        return False
    return True


def _report(
    errors: Sequence[BaseException],
    runner: SynchronousRunner,
    options: RunOptions,
    reader: Records | None,
    signals: StopSignals,
) -> int:
    """Say what went wrong, and return the exit code for it: that of the first error that has one."""
    if not errors:
        return GOOD
    from noob_cli.cli.run.failures import apart

    failed = [each for each in apart(errors, runner.failures) if not signals.has_caused(each[0])]
    codes = [_report_one(error, failure, runner.failures, options, reader) for error, failure in failed]
    return next((code for code in codes if code != GOOD), GOOD)


def _report_one(
    error: BaseException,
    failure: Failure | None,
    noted: Sequence[Failure],
    options: RunOptions,
    reader: Records | None,
) -> int:
    from noob_cli.cli.run.failures import report_exit, report_failure

    if is_of(error, OutputError):
        return _report_output_error(error, options)
    if is_of(error, SystemExit):
        return report_exit(error, failure)
    if failure is None and is_of(error, CheckpointError):
        report_error(*error.lines)
        return WRONG
    if failure is None and is_of(error, InputError, RecordError, ErrorFileError):
        report_error(located(error, reader))
        return WRONG
    if failure is not None and failure.epoch is None and is_of(error, UndoError):
        report_error_at(failure.span, str(error))
        return WRONG
    if failure is not None and failure.is_of_input and is_of(error, InputError):
        # Its own words say all that there is to say.
        report_error_at(failure.span, f"in epoch {failure.epoch}, {located(error, reader)}")
        return FAILED
    report_failure(error, failure, noted)
    return FAILED


def _write_results(
    runner: SynchronousRunner,
    options: RunOptions,
    skipping: Skipping,
    writer: ResultWriter,
    checkpointed: CheckpointedRun | None,
) -> None:
    if checkpointed is not None and checkpointed.has_nothing_to_do():
        return
    with Progress(options, runner, writer), runner:
        if runner.is_stopping:
            return
        for result in _results(runner, options, skipping, writer, checkpointed):
            try:
                writer.write(result)
            except BrokenPipeError:
                # The reader has what it wanted: the run ends as if it had come to its end.
                return
            except (OSError, MemoryError) as error:
                raise OutputError(error) from error


def _results(
    runner: SynchronousRunner,
    options: RunOptions,
    skipping: Skipping,
    writer: ResultWriter,
    checkpointed: CheckpointedRun | None,
) -> Iterator[Any]:
    if checkpointed is None:
        found = skipping.results(options.results, options.epochs)
    else:
        found = checkpointed.results(runner, skipping, writer, lambda: _sync(writer))
    # Without a `return` node an epoch yields None, to be counted and not to be written.
    has_return = runner.tube.graph.return_node is not None
    return found if has_return else (result for result in found if result is not None)


def _sync(writer: ResultWriter) -> None:
    try:
        writer.sync()
    except OSError as error:
        raise OutputError(error) from error


def _report_wait(options: RunOptions, place: Place, needed: Urgency) -> None:
    """Say what a signal waits for, and what a further one does."""
    span = place.span
    what = str(place) if span is None else f"{place} ({display_span(span)})"
    if needed is Urgency.forced:
        say(f"waiting for {what}, which is made or ended: a third signal gives it up", Level.warning)
    else:
        say(
            f"finishing the epoch under way, in {what}: a second signal interrupts it, "
            f"or the end of the grace of {options.grace:g} s",
            Level.warning,
        )


def _report_stop(signals: StopSignals, runner: SynchronousRunner, writer: ResultWriter, options: RunOptions) -> None:
    """Say how far the run has come, and what the signal has interrupted."""
    from noob_cli.cli.run.failures import report_interruptions

    assert signals.first is not None
    interrupted = [each for each in runner.failures if signals.has_caused(each.error)]
    is_within_an_epoch = any(each.epoch is not None and each is runner.failure for each in interrupted)
    epochs = count_of(runner.made - is_within_an_epoch, "epoch")
    results = count_of(writer.results, "result")
    say(f"stopped by {signal.Signals(signals.first).name} after {epochs} ({results})", Level.warning)
    report_interruptions(interrupted)
    lost = writer.results - writer.results_written
    if lost and options.output_format is not ResultFormat.none:
        say(f"{count_of(lost, 'result')} could not be written", Level.warning)


def _close(writer: ResultWriter) -> None:
    try:
        writer.close()
    except OSError as error:
        raise OutputError(error) from error


def _report_output_error(error: OutputError, options: RunOptions) -> int:
    """A reader that has gone away has what it wanted; anything else that keeps results back is an error."""
    if error.reader_has_gone:
        return GOOD
    name = "standard output" if is_stdout(options.output) else options.output
    report_error(f"the results can't be written to {name}: {error}")
    return WRONG
