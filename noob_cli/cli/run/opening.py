"""What a run from the shell reads and writes: opened before anything is made."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable, Iterator, Sequence
from contextlib import ExitStack
from functools import partial
from io import FileIO
from typing import TYPE_CHECKING, cast

from noob_cli.cli.run.breakpoints import refuse_blind_debugging
from noob_cli.cli.run.files_in_use import LOG, FileInUse, files_given_to, files_named_in, files_of, what_would_be_lost
from noob_cli.cli.run.inputs import give_inputs
from noob_cli.cli.run.options import RunOptions
from noob_cli.cli.run.output import columns_of, is_pipe, open_output, take_over_columns
from noob_cli.cli.run.record_files import files_named, open_records
from noob_cli.cli.run.written_files import Prepare, WrittenFiles, file_named, name_of, preparing
from noob_cli.cli.shell.log import shown_level
from noob_cli.cli.shell.messages import Level, display_path, report_diagnostics, report_info, report_warning, say, tell
from noob_cli.cli.shell.stdin import STDIN
from noob_cli.errors import InputError, TubeError
from noob_cli.given_path import given_path
from noob_cli.named_tuple import NamedTuple
from noob_cli.records.format import is_parquet
from noob_cli.results.format import ResultFormat
from noob_cli.results.writer import ResultWriter
from noob_cli.secret_inputs import MASKED
from noob_cli.tube import Tube
from noob_cli.wording import listing, short_repr

if TYPE_CHECKING:
    from noob_cli.cli.run.checkpointing import CheckpointedRun
    from noob_cli.cli.run.error_file import ErrorFile
    from noob_cli.cli.run.final_assets import FinalAssets
    from noob_cli.cli.run.metrics import Metrics
    from noob_cli.cli.run.spans import Spans
    from noob_cli.cli.run.traced_node import TracedNode
    from noob_cli.records.ahead import RecordsAhead
    from noob_cli.records.patience import Patience
    from noob_cli.records.records import Records
    from noob_cli.results.columns import Columns
    from noob_cli.view.view import View

_RECORDS = "the file of the records"
_CHECKPOINT = "a file of the checkpoint"


class Opened(NamedTuple):
    """What a run reads and writes.

    Args:
        tube: The tube, its inputs given.
        files: The files that it writes, which are as they were until the run begins.
        reader: Reads the records; None if no epoch needs one.
        ahead: The same, if it may read them before their turn has come.
        writer: Writes the results.
        checkpointed: Saves checkpoints; None if nobody wants any.
        errors: Gets the records that fail; None if nobody wants them.
        stats_file: Gets the statistics as JSON; None if nobody wants that.
        assets: Takes down what assets are at the end; None if nobody wants that.
        metrics: Tells what was done to who asks; None if nobody is to.
        spans: Tells when it was; None if nobody wants to know.
        view: Shows it on a page; None if nobody wants that.
        traced: Prints what a node gets and gives; None if nobody wants that.
        watched: The names of what is watched.
        is_piped: Whether somebody reads standard output as it comes.
    """

    tube: Tube
    files: WrittenFiles
    reader: Records | None
    ahead: RecordsAhead | None
    writer: ResultWriter
    checkpointed: CheckpointedRun | None
    errors: ErrorFile | None
    stats_file: FileIO | None
    assets: FinalAssets | None
    metrics: Metrics | None
    spans: Spans | None
    view: View | None
    traced: TracedNode | None
    watched: list[str]
    is_piped: bool


def open_all(options: RunOptions, stdout: int | None, stack: ExitStack) -> Opened:
    """Load the tube, and open what it reads and writes, so that nothing is made, or changed, if something can't be.

    Args:
        options: What was asked for.
        stdout: The descriptor of standard output; None if there is none.
        stack: Closes it in the end.

    Raises:
        TubeError: Something is wrong with the tube.
        TubeNotFoundError: There is no such tube.
        InputError: An input is wrong, or a file can't be read or written, or is in use.
        RecordError: The records are none.
        CheckpointError: The run can't go on from its checkpoint, or the folder can't be used.
    """
    options = options.replace(files=files_named(options.files))
    for extra in _extras(options):
        from noob_cli.code.extra_imports import keep_from_tubes

        # Before a module of the tube is imported by the name of one of theirs.
        keep_from_tubes(extra)
    tube = _load(options)
    columns = columns_of(options, tube)
    traced = _traced_of(options, tube)
    watched = _watched_of(options, tube)
    metrics = _open_metrics(options, stack)
    spans = _open_spans(options, tube, stack)
    patience = _patience_of(options)
    files = WrittenFiles(stdout, stack)
    reader = _open_records(options, tube, files.in_use, stack, patience)
    refuse_blind_debugging(options)
    ahead = None
    if reader is not None and options.runner != "sync":
        from noob_cli.records.ahead import RecordsAhead

        reader = ahead = RecordsAhead(reader, keeps=options.errors is not None)
    files.in_use += _files_in_use(options, tube)
    checkpointed = _open_checkpoints(options, tube, reader, patience, files.in_use)
    if checkpointed is not None:
        stack.callback(checkpointed.close)
        files.in_use += [(str(file), _CHECKPOINT) for file in checkpointed.files]
        files.at_beginning(checkpointed.begin)
    resumed = None if checkpointed is None else checkpointed.resumed
    if reader is not None and (checkpointed is None or not checkpointed.is_going_on):
        reader.look()
    output = open_output(options, files, preparing(options) if resumed is None else resumed.prepare_output)
    errors, stats_file, assets = _open_side_files(
        options, files, preparing(options) if resumed is None else resumed.prepare_errors
    )
    writer = _writer(output, options.output_format if resumed is None else resumed.format_for(options.output), columns)
    path = file_named(options.output)
    if checkpointed is not None and checkpointed.is_going_on:
        checkpointed.resumed.take_over_columns(columns)
        files.at_beginning(lambda: checkpointed.resumed.go_on_with(writer))
    elif path is not None:
        if options.append and columns is not None and os.fstat(output).st_size:
            ending = take_over_columns(columns, path, options.output_format)
            files.at_beginning(lambda: os.write(output, ending))
        files.at_beginning(lambda: writer.go_on_after(0, os.fstat(output).st_size))
    view = None if options.served is None else options.served(tube, stack)
    return Opened(
        *(tube, files, reader, ahead, writer, checkpointed, errors, stats_file),
        *(assets, metrics, spans, view, traced, watched, is_pipe(stdout)),
    )


def _writer(output: int, result_format: ResultFormat, columns: Columns | None) -> ResultWriter:
    """What writes the results."""
    if result_format is ResultFormat.parquet:
        # Only those who write it pay for the import.
        from noob_cli.results.parquet_writer import ParquetWriter

        if os.isatty(output):
            raise InputError("Parquet is nothing for a terminal: name a file for it with '-o FILE'")
        assert columns is not None
        return ParquetWriter(output, report_warning, columns)
    return ResultWriter(output, result_format, report_warning, columns)


def _load(options: RunOptions) -> Tube:
    try:
        tube = Tube.load(options.tube)
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


def refuse_log_in_checkpoint(options: RunOptions) -> None:
    """Nothing is added to a checkpoint, not even the beginning of a log.

    Args:
        options: What was asked for.

    Raises:
        InputError: That is what the log would do.
    """
    folder = options.checkpoint or options.resume
    if options.log_file is not None and folder is not None:
        from noob_cli.checkpoints.folder import CheckpointFolder

        _refuse_as_log(options, [(str(file), _CHECKPOINT) for file in CheckpointFolder(folder).files])


def _refuse_as_log(options: RunOptions, files: Iterable[FileInUse]) -> None:
    """Nothing is added to a tube and its code, nor to the records."""
    if options.log_file is not None:
        records = [(file, _RECORDS) for file in options.files]
        what = what_would_be_lost(options.log_file, [*records, *files])
        if what is not None:
            # This isn't added to it either.
            tell(shown_level(options.verbosity))
            raise InputError(f"'--log-file {options.log_file}' is {what}: name another one")


def _extras(options: RunOptions) -> Iterator[str]:
    """The extras that a run uses."""
    if options.otlp is not None:
        yield "otlp"
    if options.metrics is not None:
        yield "metrics"
    if any(is_parquet(file, options.input_format) for file in options.files):
        yield "parquet"
    if any(file.endswith(".zst") for file in options.files):
        yield "zstd"


def _patience_of(options: RunOptions) -> Patience | None:
    """With which a run waits for records that has something to do meanwhile; None if it waits for ever."""
    if options.checkpoint is None and options.resume is None:
        return None
    from noob_cli.records.patience import Patience

    return Patience()


def _open_records(
    options: RunOptions, tube: Tube, in_use: list[FileInUse], stack: ExitStack, patience: Patience | None
) -> Records | None:
    """The records, or None if no epoch needs one."""
    required = tube.required_process_inputs
    files = options.files
    if not files:
        if options.follow:
            raise InputError("'--follow' is for a file: name it with '-f FILE'")
        if not required:
            return None
        if sys.stdin is None or sys.stdin.isatty():
            names = tube.required_names
            what = f" with {listing(names)}" if names else ""
            example = f'"{names[0]}": ...' if names else "..."
            raise InputError(
                f"each epoch needs a record{what}: give a file with '-f FILE', or pipe records in, "
                f"such as: echo '{{{example}}}' | noob run {options.tube}"
            )
        files = [STDIN]
    if files.count(STDIN) > 1:
        raise InputError("'-f -' is given twice: standard input can be read once")
    if STDIN in files and sys.stdin is None:
        raise InputError("standard input is closed: name a file with the records with '-f FILE'")
    from noob_cli.records.reader import RecordReader
    from noob_cli.runners.expected_records import expected_of

    expected = expected_of(tube, report_warning, options.max_record)
    followed = _followed(files) if options.follow else None
    if followed is not None and is_parquet(followed, options.input_format):
        raise InputError(f"{followed} is Parquet, and can't be followed: leave out '--follow'")

    def reader_of(file: str) -> Records:
        name = "<stdin>" if file == STDIN else file
        stream = open_records(file, stack, later=len(files) > 1)
        if file == STDIN:
            in_use.append((cast("FileIO", stream).fileno(), _RECORDS))
        if patience is not None:
            stream = patience.with_stream(stream)
        if is_parquet(name, options.input_format):
            # Only those who read it pay for the import.
            from noob_cli.records.parquet_records import ParquetRecords

            return ParquetRecords(cast("FileIO", stream) if file == STDIN else given_path(file), name, expected)
        return RecordReader(stream, name, options.input_format, expected)

    readers = [reader_of(file) for file in (files if followed is None else files[:-1])]
    if followed is not None:
        from noob_cli.records.followed_name import FollowedName
        from noob_cli.records.following import FollowedRecords

        name = FollowedName(given_path(followed), lambda note: say(note, Level.warning), patience)
        stack.callback(name.close)
        readers.append(FollowedRecords(name, options.input_format, expected))
    if len(readers) == 1:
        return readers[0]
    from noob_cli.records.several import SeveralRecords

    return SeveralRecords(readers, f"the input of {len(readers)} files")


def _followed(files: Sequence[str]) -> str:
    """The file that is read on as it grows."""
    file = files[-1]
    if file == STDIN:
        raise InputError("'--follow' is for a file, which is named with '-f FILE': standard input is read to its end")
    if os.path.exists(file) and not os.path.isfile(file):
        raise InputError(f"'--follow' is for a file, and {file} is none: it is read to its end without that")
    return file


def _open_side_files(
    options: RunOptions, files: WrittenFiles, prepare_errors: Prepare
) -> tuple[ErrorFile | None, FileIO | None, FinalAssets | None]:
    """What failed records are written to, what the statistics are, and what assets are at the end."""
    errors, stats, assets = None, None, None
    if options.errors is not None:
        from noob_cli.cli.run.error_file import ErrorFile

        file = files.open(options.errors, "--errors", "the failed records", prepare_errors)
        errors = ErrorFile(file, name_of(options.errors), partial(files.begin_with, file))
    if options.stats_json is not None:
        stats = files.open(options.stats_json, "--stats-json", "the statistics")
    if options.assets is not None:
        # Only those who want it pay for the import.
        from noob_cli.cli.run.final_assets import FinalAssets
        from noob_cli.cli.run.whole_file import WholeFile

        assets = FinalAssets(WholeFile(options.assets, "--assets", "the assets", files))
    return errors, stats, assets


def _files_in_use(options: RunOptions, tube: Tube) -> Iterator[FileInUse]:
    """The files that would be lost if something else were written to them."""
    if options.log_file is not None:
        yield str(options.log_file), LOG
    yield from ((file, _RECORDS) for file in options.files if file != STDIN)
    yield from files_of(tube)
    yield from files_given_to(tube)


def _traced_of(options: RunOptions, tube: Tube) -> TracedNode | None:
    """What prints what a node gets and gives; None if that is not asked for."""
    if options.trace_node is None:
        return None
    from noob_cli.cli.run.traced_node import traced_node

    return traced_node(options.trace_node, options, tube)


def _watched_of(options: RunOptions, tube: Tube) -> list[str]:
    """The names of what is watched, if something is."""
    if options.watch is None:
        return []
    from noob_cli.cli.run.watched import names_watched

    return names_watched(options.watch, tube)


def _open_metrics(options: RunOptions, stack: ExitStack) -> Metrics | None:
    """What tells others what was done; None if that is not asked for."""
    if options.metrics is None:
        return None
    from noob_cli.cli.run.metrics import Metrics

    return Metrics(options.metrics, stack)


def _open_spans(options: RunOptions, tube: Tube, stack: ExitStack) -> Spans | None:
    """What tells others when it was done; None if that is not asked for."""
    if options.otlp is None:
        if options.otlp_sample is not None:
            raise InputError("'--otlp-sample' says how many epochs have a span: say with '--otlp URL' who gets them")
        return None
    from noob_cli.cli.run.spans import open_spans

    return open_spans(options.otlp, options.otlp_sample, tube, stack)


def _open_checkpoints(
    options: RunOptions, tube: Tube, reader: Records | None, patience: Patience | None, in_use: Iterable[FileInUse]
) -> CheckpointedRun | None:
    """What saves checkpoints; None if that is not asked for."""
    if patience is None:
        if options.checkpoint_every is not None:
            raise InputError("'--checkpoint-every' says how often: say with '--checkpoint DIR' where")
        return None
    # Who doesn't save checkpoints doesn't pay for the import.
    from noob_cli.cli.run.checkpointing import CheckpointedRun

    return CheckpointedRun(options, tube, reader, patience, in_use)
