"""What a run writes beside its results: into files, or, with `-`, to standard output if no results go there."""

from __future__ import annotations

from typing import TYPE_CHECKING

from noob_cli.cli.run.output import is_stdout
from noob_cli.cli.run.written_files import is_named_stdout
from noob_cli.errors import InputError
from noob_cli.results.format import ResultFormat, refuse_no_json

if TYPE_CHECKING:
    from noob_cli.cli.run.options import RunOptions


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
