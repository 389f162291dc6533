"""The runner that makes several epochs at once, where nothing keeps them in order."""

from __future__ import annotations

import os
from importlib import import_module
from importlib.util import find_spec
from typing import Any, cast

from noob_cli.errors import InputError, MissingExtraError
from noob_cli.nodes.special import NUMBER_FROM_1, is_number_from_1
from noob_cli.runners.crews.crew import Crew
from noob_cli.runners.crews.verified import Verified
from noob_cli.runners.starting import needs_loop
from noob_cli.runners.synchronous import SynchronousRunner
from noob_cli.spelling import suggest
from noob_cli.tube import Tube

CREWS = {"async": None, "dask": "dask.Dask", "processes": "processes.Processes", "threads": "threads.Threads"}
"""What does several things at once, by name: its module among the crews, and its class; None for coroutines alone."""

ONE_LOOP = "is about threads and processes, and coroutines are on one event loop"
"""Why there are no workers where there are coroutines alone."""

_COROUTINES = 16
"""For how many epochs something is awaited at once, if nobody says."""

_MOST_THREADS = 1000
"""How many threads there may be: far more than are of use."""

_PROCESSES_EACH = 32
"""How many processes there may be for each processor: far more than are of use, and too few to take all memory."""


class ParallelRunner(SynchronousRunner):
    """Runs a tube as `SynchronousRunner` does, what keeps no state for several epochs at once.

    Example:
        >>> runner = ParallelRunner(tube, on="threads", workers=4)

    Args:
        tube: The tube.
        on: What does several things at once: `threads`, `processes`, `dask` for the workers of a Dask cluster, or
            `async` for nothing but coroutines. Those of a tube that awaits something are awaited on one event loop in
            any case.
        workers: How many; by default as many as there are processors, or as the workers of a cluster have threads.
        ahead: How many epochs may be under way; the default depends on what does them.
        scheduler: The address of the scheduler of a Dask cluster; one in this process if nothing is said.
        verify: For how many epochs it is looked whether all of that has been as in order.
        options: Those of the `SynchronousRunner`.

    Raises:
        ValueError: `on` is something else, or has no scheduler, or no workers; or a number is none.
        InputError: There are too many workers, or the address is empty.
        MissingExtraError: What it needs is not installed.
    """

    def __init__(
        self,
        tube: Tube,
        on: str = "threads",
        *,
        workers: int | None = None,
        ahead: int | None = None,
        scheduler: str | None = None,
        verify: int = 0,
        **options: Any,
    ) -> None:
        super().__init__(tube, **options)
        if not isinstance(on, str) or on not in CREWS:
            crews = suggest(str(on), CREWS, "crews")
            raise ValueError(f"'on' says what does several things at once, found '{on}': {crews}")
        for name, number in {"workers": workers, "ahead": ahead, "verify": verify or None}.items():
            if number is not None and not is_number_from_1(number):
                raise ValueError(f"'{name}' is {NUMBER_FROM_1}, found {number!r}")
        if on == "dask" and find_spec("distributed") is None:
            raise MissingExtraError("'dask' needs more than is installed: pip install 'noob-cli[dask]'")
        if scheduler == "":
            raise InputError("the address of the Dask scheduler is empty: give one, as 'tcp://HOST:8786'")
        if on == "async" and workers is not None:
            raise ValueError(f"'workers' {ONE_LOOP}: say with 'ahead' how many epochs are under way")
        if workers is not None and scheduler is None:
            _refuse_too_many(workers, on)
        if on != "dask" and scheduler is not None:
            raise ValueError(f"'scheduler' is about a Dask cluster, and so about on=\"dask\", found '{on}'")
        self._on = on
        self._scheduler = scheduler
        self._are_workers_said = workers is not None
        self._workers = workers or (None if scheduler is not None else _processors())
        self._ahead = ahead
        self._coroutines = ahead or _COROUTINES
        self._verify = verify

    def _crew(self) -> Crew | None:
        path = CREWS[self._on]
        if path is None:
            return None
        if needs_loop(self.tube):
            self._tell_of_one_loop()
        module, _, name = path.partition(".")
        options = {"scheduler": self._scheduler} if self._on == "dask" else {}
        # Who runs a tube on threads doesn't pay for the import of what other crews need.
        make = getattr(import_module(f"noob_cli.runners.crews.{module}"), name)
        crew: Crew = make(self._workers, self._ahead, **options)
        return cast("Crew", Verified(crew, self._verify)) if self._verify else crew

    def _tell_of_one_loop(self) -> None:
        told = f"the tube '{self.tube.name}' awaits something: it is run on one event loop, with up to"
        told = f"{told} {self._coroutines} epochs under way"
        if self._are_workers_said:
            self._observers.warn(f"{told} (see 'ahead'), and the number of workers has no effect")
        else:
            self._observers.log(told)


def _refuse_too_many(workers: int, on: str) -> None:
    most, what = _MOST_THREADS, "threads"
    if on != "threads":
        processors = _processors()
        most, what = _PROCESSES_EACH * processors, f"processes on {processors} processors"
    if workers > most:
        raise InputError(f"{workers:,} workers are too many: {most:,} {what} are the most")


def _processors() -> int:
    """How many processors this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
