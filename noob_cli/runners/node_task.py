"""The task of a node that is awaited together with others, which stand in the same line of the generated code."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

from noob_cli.events import EndOfRun


async def to_its_end(name: str, epoch: int, awaitable: Awaitable[Any], on_end: Callable[[str], Any]) -> Any:
    """The result of a coroutine; that it ends the run is no failure. The stack shows whose it is, and in which epoch.

    Args:
        name: The node.
        epoch: The epoch.
        awaitable: The coroutine.
        on_end: Told that it ends the run; gives the result then.
    """
    try:
        return await awaitable
    except EndOfRun:
        return on_end(name)
