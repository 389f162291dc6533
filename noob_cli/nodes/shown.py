"""What code is that shows only when it is called: what a decorator has made of a generator, or of a coroutine."""

from __future__ import annotations

import inspect
from collections.abc import Awaitable, Callable, Coroutine, Iterator
from contextlib import contextmanager
from typing import Any

from noob_cli.code.compatibility import translating
from noob_cli.code.looking import attribute, looked
from noob_cli.errors import SignalError
from noob_cli.events import NoEvent
from noob_cli.nodes.kinds import NodeKind, Role


def kind_shown(kind: NodeKind, made: object) -> NodeKind:
    """What a node that was taken for a source is, now that its call has made something.

    Args:
        kind: What it was taken for.
        made: What the call has made: an iterator, from which it draws; or a value, for which it is called each time.
    """
    is_async, is_sync = (attribute(type(made), name) is not None for name in ("__anext__", "__next__"))
    if is_async or is_sync:
        return kind.shown(Role.source, is_async)
    return kind.shown(Role.call, looked(lambda: inspect.isawaitable(made), False))


def as_called(call: Callable[..., Any], kind: NodeKind) -> Callable[..., Any]:
    """What is called for a node: its code, or the method of its instance, and what its results need to be ours."""
    if kind.coroutine and not kind.certain:
        call = _awaitable(call)
    return translating(call, kind.coroutine, kind.has_several_signals)


def _awaitable(call: Callable[..., Any]) -> Callable[..., Coroutine[Any, Any, Any]]:
    """A coroutine function of something that may return its result itself, or what has to be awaited for it.

    A decorator may await what it has in it, with `asyncio.run`: that needs a thread in which no event loop runs.
    """

    def called(*args: Any, **kwargs: Any) -> Coroutine[Any, Any, Any]:
        with _no_loop_running():
            result = call(*args, **kwargs)
        return _awaited(result) if looked(lambda: inspect.isawaitable(result), False) else _ready(result)

    return called


def beginning_with(first: Any, call: Callable[..., Any]) -> Callable[..., Any]:
    """A function whose first call has been made already."""
    results = [first]

    def called(*args: Any, **kwargs: Any) -> Any:
        return results.pop() if results else call(*args, **kwargs)

    return called


def refusing_first(call: Callable[..., Any], generators: bool, done: Callable[[], object]) -> Callable[..., Any]:
    """A function whose first value is looked at: nobody takes it who could draw from it, or await it.

    Args:
        call: What runs a node.
        generators: Whether a generator is refused as well as a coroutine.
        done: Called when there is nothing more to look at, since a value is none of those.

    Returns:
        The function, which raises a `SignalError` if it is one of those.
    """

    def called(*args: Any, **kwargs: Any) -> Any:
        result = call(*args, **kwargs)
        if result is not None and result is not NoEvent:
            _refuse(result, generators)
            done()
        return result

    return called


def _refuse(result: Any, generators: bool) -> None:
    if looked(lambda: inspect.iscoroutine(result), False):
        result.close()
        raise SignalError(
            "it returned a coroutine, which nothing awaits: define it with 'async def'. A decorator shows what it has "
            "in it with 'functools.wraps', and other code what it makes with 'inspect.markcoroutinefunction'"
        )
    is_generator = looked(lambda: inspect.isasyncgen(result) or (generators and inspect.isgenerator(result)), False)
    if is_generator:
        raise SignalError(
            "it returned a generator, from which nothing draws: to emit its items epoch by epoch, name the generator "
            "function itself, without 'depends' (a decorator shows what it has in it with 'functools.wraps'); to emit "
            "them all at once, return a list, and put a 'map' behind it"
        )


@contextmanager
def _no_loop_running() -> Iterator[None]:
    # Only a run that awaits something pays for the import of asyncio.
    import asyncio

    loop = asyncio._get_running_loop()
    # From Python 3.14 on, a thread that is in a task begins no other, not even of another loop.
    task = None if loop is None else asyncio.current_task(loop)
    if loop is not None and task is not None:
        asyncio.tasks._leave_task(loop, task)
    asyncio._set_running_loop(None)
    try:
        yield
    finally:
        asyncio._set_running_loop(loop)
        if loop is not None and task is not None:
            asyncio.tasks._enter_task(loop, task)


async def _awaited(result: Awaitable[Any]) -> Any:
    return await result


async def _ready(result: Any) -> Any:
    return result
