"""Where results go, and what is written beside them: looked at before the run, so that nothing is made in vain."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Final

from noob_cli.cli.run.written_files import Prepare, WrittenFiles, file_named, is_named_stdout
from noob_cli.errors import InputError, ResultError
from noob_cli.results.format import DELIMITERS, TABLES, ResultFormat, format_for, refuse_no_json
from noob_cli.spelling import suggest

if TYPE_CHECKING:
    from noob_cli.cli.run.options import RunOptions
    from noob_cli.results.columns import Columns
    from noob_cli.tube import Tube


_WHOLE_AT_THEIR_END: Final = (ResultFormat.json, ResultFormat.parquet)
"""The formats in which a file is none before its end has been written."""


def refuse_other_places(options: RunOptions) -> None:
    """Say that something is not written where the command line says, before anything is made.

    Args:
        options: What was asked for.

    Raises:
        InputError: Standard output has the results already, or something else, or is no place for that at all; or a
            file for JSON is named like something else.
    """
    if is_named_stdout(options.log_file):
        raise InputError(
            f"'--log-file {options.log_file}' is standard output, which is for results: name a file, or let '-v' tell "
            "it on standard error"
        )
    for option, folder in (("--checkpoint", options.checkpoint), ("--resume", options.resume)):
        if is_named_stdout(folder):
            raise InputError(f"'{option} {folder}' is standard output: name a folder")
    sides = (("--errors", options.errors), ("--stats-json", options.stats_json), ("--assets", options.assets))
    for option, path in sides:
        if path is not None:
            refuse_no_json(path, option)
    there = [f"'{option} {path}'" for option, path in sides if is_named_stdout(path)]
    if len(there) > 1:
        raise InputError(f"{' and '.join(there)} are both standard output: name a file for one of them")
    if there and is_stdout(options.output) and options.output_format is not ResultFormat.none:
        raise InputError(
            f"{there[0]} is standard output, where the results go: write these to a file with '-o FILE', or add "
            "'--output-format none'"
        )


def with_output(options: RunOptions) -> RunOptions:
    """The options of a run, with the format of the results told by the name of their file if nothing else is said.

    Args:
        options: What was asked for.

    Raises:
        InputError: The file has the name of something that can't be written, or options don't go together.
    """
    output = file_named(options.output)
    result_format = options.output_format
    if result_format is ResultFormat.auto:
        result_format = format_for(output)
    if options.columns is not None and result_format not in TABLES:
        raise InputError(
            f"'--columns' is about a table, and the results are written as {result_format}: add "
            "'--output-format csv', or name a file that ends in .csv"
        )
    if result_format is ResultFormat.parquet:
        from noob_cli.code.extra_imports import keep_from_tubes
        from noob_cli.extras import import_extra

        # Before a file is emptied for it.
        keep_from_tubes("parquet")
        import_extra("pyarrow.parquet", "parquet", "writing Parquet")
    files = ["'-o'", "'--errors'", "'--log-file'"]
    named = [output, file_named(options.errors), options.log_file]
    for option, is_given, number in (("--append", options.append, 2), ("--reopen", options.reopen, 3)):
        if is_given and not any(named[:number]):
            raise InputError(f"'{option}' is about files that are written: name one with {' or '.join(files[:number])}")
        if is_given and output is not None and result_format in _WHOLE_AT_THEIR_END:
            raise InputError(
                f"a file of the format {result_format} can't be gone on with once its end is written, which "
                f"'{option}' asks for: write jsonl or csv, or a file for each run"
            )
    return options.replace(output_format=result_format)


def columns_of(options: RunOptions, tube: Tube) -> Columns | None:
    """The columns of the results; None if they are no table.

    Args:
        options: What was asked for, with the format.
        tube: The tube.

    Raises:
        InputError: They are not the names of columns, or not of those that the results of the tube have.
    """
    if options.output_format not in TABLES:
        return None
    from noob_cli.results.columns import Columns

    if options.columns is None:
        return Columns()
    names = [name.strip() for name in options.columns.split(",")]
    if not all(names) or len({*names}) < len(names):
        raise InputError(f"'--columns' takes names, each of them once, such as id,name, found '{options.columns}'")
    _refuse_unknown(names, tube)
    return Columns(names)


def _refuse_unknown(names: Iterable[str], tube: Tube) -> None:
    """Refuse a column that no result of the tube can have, whatever the values."""
    node = tube.graph.return_node
    # One value may be a dict, with whatever keys.
    if node is None or isinstance(node.spec.depends, str):
        return
    known = [signal.name for signal in node.kind.interface.signals]
    for name in names:
        if name not in known:
            hint = suggest(name, known, "columns")
            raise InputError(f"the results have no column '{name}', which '--columns' asks for: {hint}")


def take_over_columns(columns: Columns, output: Path, result_format: ResultFormat) -> bytes:
    """Write what is added to a table in the columns that it has.

    Args:
        columns: The columns that were asked for.
        output: The file of the table.
        result_format: Its format.

    Returns:
        What ends a value that the table breaks off in.

    Raises:
        InputError: It has others, or is no table.
    """
    from noob_cli.results.csv_rows import ends_in_quotes, header_of

    try:
        columns.go_on_with(header_of(output, DELIMITERS[result_format]))
        return b'"\n' if ends_in_quotes(output) else b""
    except (OSError, ValueError, ResultError) as error:
        raise InputError(f"results can't be added to {output}: {error}: name another file") from error


def open_output(options: RunOptions, files: WrittenFiles, prepare: Prepare) -> int:
    """The descriptor that results are written to.

    Args:
        options: What was asked for, with the format.
        files: Opens the file.
        prepare: Says what is done to its file when the run begins.

    Raises:
        InputError: There is no standard output, the file can't be written to, or there is no room for results.
    """
    if is_stdout(options.output) and options.output_format is ResultFormat.none:
        # So that something else may be written there.
        return files.usable_stdout("-o", "the results")
    return files.open(options.output or Path("-"), "-o", "the results", prepare, room=b"\n").fileno()


def is_stdout(output: Path | None) -> bool:
    """Whether results go to standard output: without a file, or by one of its names."""
    return file_named(output) is None


def is_pipe(descriptor: int | None) -> bool:
    """Whether somebody reads what is written as it comes.

    Args:
        descriptor: Where it is written; None if nowhere.
    """
    mode = 0 if descriptor is None else os.fstat(descriptor).st_mode
    return stat.S_ISFIFO(mode) or stat.S_ISSOCK(mode)
