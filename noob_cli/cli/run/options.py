"""What was asked for on the command line of a run."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import ExitStack
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING

from noob_cli.named_tuple import NamedTuple
from noob_cli.records.format import RecordFormat
from noob_cli.results.format import ResultFormat

if TYPE_CHECKING:
    from noob_cli.tube import Tube
    from noob_cli.view.view import View


class OnError(StrEnum):
    """What a run does when an epoch fails, or a record is refused."""

    stop = "stop"
    skip = "skip"


class RunOptions(NamedTuple):
    """What `noob run` was asked for; see the options of the command."""

    tube: str
    max_record: int | None = None
    results: int | None = None
    epochs: int | None = None
    inputs: tuple[str, ...] = ()
    files: tuple[str, ...] = ()
    follow: bool = False
    input_format: RecordFormat = RecordFormat.auto
    output: Path | None = None
    output_format: ResultFormat = ResultFormat.auto
    columns: str | None = None
    append: bool = False
    reopen: bool = False
    on_error: OnError = OnError.stop
    errors: Path | None = None
    stats: bool = False
    stats_json: Path | None = None
    assets: Path | None = None
    metrics: str | None = None
    otlp: str | None = None
    otlp_sample: float | None = None
    trace_node: str | None = None
    epoch: int | None = None
    watch: str | None = None
    pdb: bool = False
    progress: bool | None = None
    verbosity: int = 0
    log_file: Path | None = None
    checkpoint: Path | None = None
    checkpoint_every: str | None = None
    resume: Path | None = None
    grace: float = 5.0
    runner: str | None = None
    workers: int | None = None
    ahead: int | None = None
    scheduler: str | None = None
    verify: int | None = None
    view: Callable[[Tube, ExitStack], View] | None = None

    @property
    def has_processes(self) -> bool:
        """Whether nodes are called in processes of their own."""
        return self.runner in ("processes", "dask")
