"""The runners that there are."""

from __future__ import annotations

from noob_cli.runners.synchronous import SynchronousRunner


def get_runner(runner: str = "sync") -> type[SynchronousRunner]:
    """The class of a runner by its name.

    Example:
        >>> get_runner("sync")(tube).run(2)
        [{'value': 0}, {'value': 1}]

    Raises:
        ValueError: There is none of that name.
    """
    if runner != "sync":
        raise ValueError(f"there is no runner '{runner}': the one that there is is called 'sync'")
    return SynchronousRunner
