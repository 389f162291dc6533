"""The runners that there are, by name."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from noob_cli.runners.parallel import CREWS, ParallelRunner
from noob_cli.runners.synchronous import SynchronousRunner
from noob_cli.spelling import suggest

RUNNERS = ("sync", *CREWS)
"""Their names."""


def get_runner(runner: str = "sync") -> Callable[..., Any]:
    """What makes a runner, by its name: its class, or the parallel one that does several things at once in that way.

    `async` is the one that is used inside of a running event loop.

    Example:
        >>> get_runner("sync")(tube).run(2)
        [{'value': 0}, {'value': 1}]

    Raises:
        ValueError: There is none of that name.
    """
    if runner not in RUNNERS:
        raise ValueError(f"there is no runner '{runner}': {suggest(runner, RUNNERS, 'runners')}")
    if runner == "async":
        from noob_cli.runners.asynchronous import AsyncRunner

        return AsyncRunner
    return SynchronousRunner if runner == "sync" else partial(ParallelRunner, on=runner)
