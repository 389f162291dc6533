"""What was asked for on the command line of a run.

Annotations are not strings where typer reads them: it would evaluate each several times.
"""

from collections.abc import Callable
from contextlib import ExitStack
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer

from noob_cli.cli.shell.arguments import TubeArgument, inputs_option
from noob_cli.records.format import RecordFormat
from noob_cli.results.format import ResultFormat
from noob_cli.struct import Struct

if TYPE_CHECKING:
    from noob_cli.errors import InputError
    from noob_cli.records.faults import RecordError
    from noob_cli.tube import Tube
    from noob_cli.view.view import View

_ENDING = "When the run ends"
_RECORDS = "Inputs and records"
_RESULTS = "Results"
_FAILURES = "What fails"
_SEEING = "Seeing what happens"
_CHECKPOINTS = "Going on after an interruption"
_AT_ONCE = "Several epochs at once"
"""What the options are about, as the help groups them."""

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
        typer.Option(
            "-n",
            min=0,
            metavar="N",
            help="Stop after N results (N epochs for a tube without a 'return' node).",
            rich_help_panel=_ENDING,
        ),
    ] = None
    epochs: Annotated[
        int | None,
        typer.Option("--epochs", min=0, metavar="N", help="Stop after N epochs.", rich_help_panel=_ENDING),
    ] = None
    inputs: Annotated[list[str], inputs_option("A tube-scoped input. Can be repeated.", _RECORDS)] = _NONE
    files: Annotated[
        list[str],
        typer.Option(
            "-f",
            "--file",
            metavar="FILE",
            help="Where the records come from, the inputs of each epoch: a file, the files of a folder, or those of a "
            "pattern. Can be repeated: one is read after the other. '-' is standard input, which is also read if an "
            "input is required with every epoch.",
            show_default=False,
            rich_help_panel=_RECORDS,
        ),
    ] = _NONE
    follow: Annotated[
        bool,
        typer.Option(
            "--follow",
            help="Read on as the last file grows, also when it is rotated, until the run is stopped. A file that isn't "
            "there yet is waited for.",
            rich_help_panel=_RECORDS,
        ),
    ] = False
    input_format: Annotated[
        RecordFormat,
        typer.Option(
            metavar="FORMAT",
            help="How the records are written: auto, jsonl, json, csv, lines or parquet.",
            rich_help_panel=_RECORDS,
        ),
    ] = RecordFormat.auto
    max_record: Annotated[
        Any,
        typer.Option(
            parser=_bytes,
            metavar="SIZE",
            # A default would be read in each run.
            help="How long a record may be, such as 500kB or 1GiB. If nothing is said, 64MB.",
            rich_help_panel=_RECORDS,
        ),
    ] = None
    output: Annotated[
        Path | None,
        typer.Option("-o", "--output", metavar="FILE", help="Write the results to a file.", rich_help_panel=_RESULTS),
    ] = None
    output_format: Annotated[
        ResultFormat,
        typer.Option(
            metavar="FORMAT",
            help="How the results are written: jsonl, json, pretty, csv, tsv, parquet or none. With auto, a file that "
            "ends in .csv, .tsv or .parquet is such a one, and all others are jsonl.",
            rich_help_panel=_RESULTS,
        ),
    ] = ResultFormat.auto
    columns: Annotated[
        str | None,
        typer.Option(
            metavar="NAMES",
            help="The columns of a table, separated by commas; what is in none is left out. By default those of the "
            "first result.",
            rich_help_panel=_RESULTS,
        ),
    ] = None
    append: Annotated[
        bool,
        typer.Option(
            "--append",
            help="Add to the files of '-o' and '--errors' rather than write over what is there.",
            rich_help_panel=_RESULTS,
        ),
    ] = False
    reopen: Annotated[
        bool,
        typer.Option(
            "--reopen",
            help="At SIGHUP, open the files of '-o', '--errors' and '--log-file' anew by their names rather than stop, "
            "so that they can be rotated.",
            rich_help_panel=_RESULTS,
        ),
    ] = False
    on_error: Annotated[
        OnError,
        typer.Option(
            metavar="stop|skip",
            help="What to do when an epoch fails or a record is refused: stop, or report it, skip it and go on, and "
            "exit with 1 in the end.",
            rich_help_panel=_FAILURES,
        ),
    ] = OnError.stop
    errors: Annotated[
        Path | None,
        typer.Option(
            "--errors",
            metavar="FILE",
            help="Write each record that fails to a file, as a JSON line, with what went wrong. Here, with "
            "'--stats-json' and with '--assets', '-' is standard output, if no results go there.",
            rich_help_panel=_FAILURES,
        ),
    ] = None
    stats: Annotated[
        bool,
        typer.Option(
            "--stats",
            help="Print a table of what the nodes have taken and emitted, to standard error.",
            rich_help_panel=_SEEING,
        ),
    ] = False
    stats_json: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="Write the same to a file, as JSON.", rich_help_panel=_SEEING),
    ] = None
    assets: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE",
            help="When the run has ended, write what its runner-scoped assets are to a file, as JSON.",
            rich_help_panel=_RESULTS,
        ),
    ] = None
    metrics: Annotated[
        str | None,
        typer.Option(
            metavar="[HOST:]PORT",
            help="Serve what the run and its nodes have done to Prometheus. Without a host, to this machine only.",
            rich_help_panel=_SEEING,
        ),
    ] = None
    otlp: Annotated[
        str | None,
        typer.Option(
            metavar="URL",
            help="Send a span of the run, and one of each epoch, to the OpenTelemetry collector at this address.",
            rich_help_panel=_SEEING,
        ),
    ] = None
    otlp_sample: Annotated[
        float | None,
        typer.Option(
            min=0,
            max=1,
            metavar="SHARE",
            help="Which share of the epochs has a span, such as 0.01; those that fail have one in any case.",
            show_default=False,
            rich_help_panel=_SEEING,
        ),
    ] = None
    pdb: Annotated[
        bool,
        typer.Option(
            "--pdb",
            help="Where an epoch fails, look around in Python's debugger, before the run goes on as ever.",
            rich_help_panel=_FAILURES,
        ),
    ] = False
    trace_node: Annotated[
        str | None,
        typer.Option(
            metavar="NAME",
            help="Print what a node gets and gives, to standard error.",
            rich_help_panel=_SEEING,
        ),
    ] = None
    epoch: Annotated[
        int | None,
        typer.Option(
            min=0,
            metavar="N",
            help="With '--trace-node': in which epoch, from 0 on; the run ends with it.",
            rich_help_panel=_SEEING,
        ),
    ] = None
    watch: Annotated[
        str | None,
        typer.Option(
            metavar="NAMES",
            help="Show a line each of signals (node.signal), inputs (input.name) and assets (assets.name), with commas "
            "between them: the last value, its bounds, how many come; images as pictures.",
            rich_help_panel=_SEEING,
        ),
    ] = None
    view: Annotated[
        bool,
        typer.Option(
            "--view",
            help="Show the run on a page in the browser, for this machine only: its values, counts and errors. Who has "
            "the address can hold and stop it.",
            rich_help_panel=_SEEING,
        ),
    ] = False
    progress: Annotated[
        bool | None,
        typer.Option(
            "--progress/--no-progress",
            help="Show epochs, results, rate, time, and what is left. By default if standard error is a terminal, "
            "the results go to a file or nowhere, and standard output is no pipe.",
            show_default=False,
            rich_help_panel=_SEEING,
        ),
    ] = None
    verbose: Annotated[
        int,
        typer.Option(
            "-v",
            "--verbose",
            count=True,
            metavar="",
            help="Tell what is made and ended, and when; twice: each event, too.",
            show_default=False,
            rich_help_panel=_SEEING,
        ),
    ] = 0
    quiet: Annotated[bool, typer.Option("-q", "--quiet", help="Tell of errors only.", rich_help_panel=_SEEING)] = False
    log_file: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE",
            help="Add to a file what '-v' tells, or '-vv', each line with its time.",
            rich_help_panel=_SEEING,
        ),
    ] = None
    checkpoint: Annotated[
        Path | None,
        typer.Option(
            metavar="DIR",
            help="Save how far the run has come to a folder, from time to time and at the end.",
            rich_help_panel=_CHECKPOINTS,
        ),
    ] = None
    checkpoint_every: Annotated[
        str | None,
        typer.Option(
            metavar="N|Ns",
            help="After how many epochs (1000) or seconds (30s, the default) a checkpoint is saved.",
            show_default=False,
            rich_help_panel=_CHECKPOINTS,
        ),
    ] = None
    resume: Annotated[
        Path | None,
        typer.Option(
            metavar="DIR",
            help="Go on from the checkpoint in a folder, and save further ones there. Loading one runs code that "
            "stands in it.",
            rich_help_panel=_CHECKPOINTS,
        ),
    ] = None
    grace: Annotated[
        float,
        typer.Option(
            min=0,
            metavar="SECONDS",
            help="How long the epoch under way may go on after a signal to stop, before it is interrupted. A second "
            "signal interrupts it at once.",
            rich_help_panel=_ENDING,
        ),
    ] = 5.0
    runner: Annotated[
        str | None,
        typer.Option(
            metavar="NAME",
            help="Who makes the epochs: sync, one after the other, or threads, processes, async or dask, what keeps no "
            "state for several epochs at once. If nothing is said, what [tool.noob.run] in pyproject.toml says, else "
            "sync.",
            rich_help_panel=_AT_ONCE,
        ),
    ] = None
    workers: Annotated[
        int | None,
        typer.Option(
            min=1,
            metavar="N",
            help="How many threads or processes. By default, one for each processor, or for each thread of a cluster.",
            rich_help_panel=_AT_ONCE,
        ),
    ] = None
    ahead: Annotated[
        int | None,
        typer.Option(min=1, metavar="N", help="How many epochs may be under way at once.", rich_help_panel=_AT_ONCE),
    ] = None
    scheduler: Annotated[
        str | None,
        typer.Option(
            metavar="URL",
            help="The address of the scheduler of a Dask cluster, such as tcp://HOST:8786. Who reaches a scheduler can "
            "run code on its workers. If nothing is said, dask works in processes of this machine.",
            rich_help_panel=_AT_ONCE,
        ),
    ] = None
    verify: Annotated[
        int | None,
        typer.Option(
            min=1,
            metavar="N",
            help="Do what is done for several epochs at once in order as well, for the first N epochs, and compare.",
            rich_help_panel=_AT_ONCE,
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
