"""What was asked for on the command line of a run.

Annotations are not strings where typer reads them: it would evaluate each several times.
"""

from collections.abc import Callable
from contextlib import ExitStack
from enum import StrEnum
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer

from noob_cli.cli.shell.arguments import TubeArgument, inputs_option
from noob_cli.cli.shell.completion import complete_node, complete_runner, complete_watched
from noob_cli.records.format import RecordFormat
from noob_cli.results.format import ResultFormat
from noob_cli.struct import Struct

if TYPE_CHECKING:
    from noob_cli.errors import InputError
    from noob_cli.records.faults import RecordError
    from noob_cli.tube import Tube
    from noob_cli.view.view import View

_RECORDS: Final = "Inputs and records"

_ending = partial(typer.Option, rich_help_panel="When the run ends")
_records = partial(typer.Option, rich_help_panel=_RECORDS)
_results = partial(typer.Option, rich_help_panel="Results")
_failing = partial(typer.Option, rich_help_panel="What fails")
_seeing = partial(typer.Option, rich_help_panel="Seeing what happens")
_checkpoints = partial(typer.Option, rich_help_panel="Going on after an interruption")
_at_once = partial(typer.Option, rich_help_panel="Several epochs at once")
"""Options, by what they are about, as the help groups them."""

_NONE: Final[list[str]] = []


class OnError(StrEnum):
    """What a run does when an epoch fails, or a record is refused."""

    stop = "stop"
    skip = "skip"


def _bytes(size: str) -> int:
    from pydantic import ByteSize, TypeAdapter, ValidationError

    try:
        number = int(TypeAdapter(ByteSize).validate_python(size))
    except ValidationError:
        number = 0
    if number < 1:
        raise typer.BadParameter(f"expected a number of bytes, such as 64MB or 1000, found '{size}'")
    return number


class RunOptions(Struct):
    """What `noob run` was asked for. A field with an option, or the argument, is one of the command."""

    tube: TubeArgument
    results: Annotated[
        int | None,
        _ending("-n", min=0, metavar="N", help="Stop after N results (N epochs for a tube without a 'return' node)."),
    ] = None
    epochs: Annotated[int | None, _ending("--epochs", min=0, metavar="N", help="Stop after N epochs.")] = None
    inputs: Annotated[list[str], inputs_option("A tube-scoped input. Can be repeated.", _RECORDS)] = _NONE
    files: Annotated[
        list[str],
        _records(
            "-f",
            "--file",
            metavar="FILE",
            help="Where the records come from, the inputs of each epoch: a file, the files of a folder, or those of a "
            "pattern. Can be repeated: one is read after the other. '-' is standard input, which is also read if an "
            "input is required with every epoch.",
            show_default=False,
        ),
    ] = _NONE
    follow: Annotated[
        bool,
        _records(
            "--follow",
            help="Read on as the last file grows, also when it is rotated, until the run is stopped. A file that isn't "
            "there yet is waited for.",
        ),
    ] = False
    input_format: Annotated[
        RecordFormat,
        _records(metavar="FORMAT", help="How the records are written: auto, jsonl, json, csv, lines or parquet."),
    ] = RecordFormat.auto
    max_record: Annotated[
        Any,
        _records(
            parser=_bytes,
            metavar="SIZE",
            # A default would be read in each run.
            help="How long a record may be, such as 500kB or 1GiB. If nothing is said, 64MB.",
        ),
    ] = None
    output: Annotated[Path | None, _results("-o", "--output", metavar="FILE", help="Write the results to a file.")] = (
        None
    )
    output_format: Annotated[
        ResultFormat,
        _results(
            metavar="FORMAT",
            help="How the results are written: jsonl, json, pretty, csv, tsv, parquet or none. With auto, a file that "
            "ends in .csv, .tsv or .parquet is such a one, and all others are jsonl.",
        ),
    ] = ResultFormat.auto
    columns: Annotated[
        str | None,
        _results(
            metavar="NAMES",
            help="The columns of a table, separated by commas; what is in none is left out. By default those of the "
            "first result.",
        ),
    ] = None
    append: Annotated[
        bool, _results("--append", help="Add to the files of '-o' and '--errors' rather than write over what is there.")
    ] = False
    reopen: Annotated[
        bool,
        _results(
            "--reopen",
            help="At SIGHUP, open the files of '-o', '--errors' and '--log-file' anew by their names rather than stop, "
            "so that they can be rotated.",
        ),
    ] = False
    on_error: Annotated[
        OnError,
        _failing(
            metavar="stop|skip",
            help="What to do when an epoch fails or a record is refused: stop, or report it, skip it and go on, and "
            "exit with 1 in the end.",
        ),
    ] = OnError.stop
    errors: Annotated[
        Path | None,
        _failing(
            "--errors",
            metavar="FILE",
            help="Write each record that fails to a file, as a JSON line, with what went wrong. Here, with "
            "'--stats-json' and with '--assets', '-' is standard output, if no results go there.",
        ),
    ] = None
    stats: Annotated[
        bool, _seeing("--stats", help="Print a table of what the nodes have taken and emitted, to standard error.")
    ] = False
    stats_json: Annotated[Path | None, _seeing(metavar="FILE", help="Write the same to a file, as JSON.")] = None
    assets: Annotated[
        Path | None,
        _results(
            metavar="FILE", help="When the run has ended, write what its runner-scoped assets are to a file, as JSON."
        ),
    ] = None
    metrics: Annotated[
        str | None,
        _seeing(
            metavar="[HOST:]PORT",
            help="Serve what the run and its nodes have done to Prometheus. Without a host, to this machine only.",
        ),
    ] = None
    otlp: Annotated[
        str | None,
        _seeing(
            metavar="URL",
            help="Send a span of the run, and one of each epoch, to the OpenTelemetry collector at this address.",
        ),
    ] = None
    otlp_sample: Annotated[
        float | None,
        _seeing(
            min=0,
            max=1,
            metavar="SHARE",
            help="Which share of the epochs has a span, such as 0.01; those that fail have one in any case.",
            show_default=False,
        ),
    ] = None
    pdb: Annotated[
        bool,
        _failing(
            "--pdb", help="Where an epoch fails, look around in Python's debugger, before the run goes on as ever."
        ),
    ] = False
    trace_node: Annotated[
        str | None,
        _seeing(
            metavar="NAME",
            autocompletion=complete_node,
            help="Print what a node gets and gives, to standard error.",
        ),
    ] = None
    epoch: Annotated[
        int | None,
        _seeing(min=0, metavar="N", help="With '--trace-node': in which epoch, from 0 on; the run ends with it."),
    ] = None
    watch: Annotated[
        str | None,
        _seeing(
            metavar="NAMES",
            autocompletion=complete_watched,
            help="Show a line each of signals (node.signal), inputs (input.name) and assets (assets.name), with commas "
            "between them: the last value, its bounds, how many come; images as pictures.",
        ),
    ] = None
    view: Annotated[
        bool,
        _seeing(
            "--view",
            help="Show the run on a page in the browser, for this machine only: its values, counts and errors. Who has "
            "the address can hold and stop it.",
        ),
    ] = False
    progress: Annotated[
        bool | None,
        _seeing(
            "--progress/--no-progress",
            help="Show epochs, results, rate, time, and what is left. By default if standard error is a terminal, "
            "the results go to a file or nowhere, and standard output is no pipe.",
            show_default=False,
        ),
    ] = None
    verbose: Annotated[
        int,
        _seeing(
            "-v",
            "--verbose",
            count=True,
            metavar="",
            help="Tell what is made and ended, and when; twice: each event, too.",
            show_default=False,
        ),
    ] = 0
    quiet: Annotated[bool, _seeing("-q", "--quiet", help="Tell of errors only.")] = False
    log_file: Annotated[
        Path | None, _seeing(metavar="FILE", help="Add to a file what '-v' tells, or '-vv', each line with its time.")
    ] = None
    checkpoint: Annotated[
        Path | None,
        _checkpoints(
            metavar="DIR", help="Save how far the run has come to a folder, from time to time and at the end."
        ),
    ] = None
    checkpoint_every: Annotated[
        str | None,
        _checkpoints(
            metavar="N|Ns",
            help="After how many epochs (1000) or seconds (30s, the default) a checkpoint is saved.",
            show_default=False,
        ),
    ] = None
    resume: Annotated[
        Path | None,
        _checkpoints(
            metavar="DIR",
            help="Go on from the checkpoint in a folder, and save further ones there. Loading one runs code that "
            "stands in it.",
        ),
    ] = None
    grace: Annotated[
        float,
        _ending(
            min=0,
            metavar="SECONDS",
            help="How long the epoch under way may go on after a signal to stop, before it is interrupted. A second "
            "signal interrupts it at once.",
        ),
    ] = 5.0
    runner: Annotated[
        str | None,
        _at_once(
            metavar="NAME",
            autocompletion=complete_runner,
            help="Who makes the epochs: sync, one after the other, or threads, processes, async or dask, what keeps no "
            "state for several epochs at once. If nothing is said, what [tool.noob.run] in pyproject.toml says, else "
            "sync.",
        ),
    ] = None
    workers: Annotated[
        int | None,
        _at_once(
            min=1,
            metavar="N",
            help="How many threads or processes. By default, one for each processor, or for each thread of a cluster.",
        ),
    ] = None
    ahead: Annotated[int | None, _at_once(min=1, metavar="N", help="How many epochs may be under way at once.")] = None
    scheduler: Annotated[
        str | None,
        _at_once(
            metavar="URL",
            help="The address of the scheduler of a Dask cluster, such as tcp://HOST:8786. Who reaches a scheduler can "
            "run code on its workers. If nothing is said, dask works in processes of this machine.",
        ),
    ] = None
    verify: Annotated[
        int | None,
        _at_once(
            min=1,
            metavar="N",
            help="Do what is done for several epochs at once in order as well, for the first N epochs, and compare.",
        ),
    ] = None
    served: "Callable[[Tube, ExitStack], View] | None" = None
    """Shows the run to who looks at it."""
    refused: "Callable[[InputError | RecordError, str], object] | None" = None
    """Told of an input or a record that is wrong, and what is said of it."""

    @property
    def verbosity(self) -> int:
        """How much is told: -1 for errors only."""
        return -1 if self.quiet else self.verbose

    @property
    def has_processes(self) -> bool:
        """Whether nodes are called in processes of their own."""
        return self.runner in ("processes", "dask")
