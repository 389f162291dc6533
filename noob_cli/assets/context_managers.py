"""Objects that are entered and exited, and what ends such an object once it was entered."""

from __future__ import annotations

import inspect
import typing
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine
from contextlib import asynccontextmanager, contextmanager
from types import CodeType, TracebackType
from typing import Any, TypeVar

from noob_cli.assets.resource import AsyncResource, Resource
from noob_cli.code.behind import Manner, expected_of, innermost
from noob_cli.code.looking import attribute, class_given_out, defines, has, is_proxy, looked

_MADE_BY_CONTEXTMANAGER = contextmanager(lambda: iter(())).__code__
"""The code that all functions have in common that `contextlib.contextmanager` makes."""


async def _no_items() -> AsyncIterator[None]:
    yield None


_MADE_BY_ASYNCCONTEXTMANAGER = asynccontextmanager(_no_items).__code__
"""The same of `contextlib.asynccontextmanager`."""

_OF_GENERATORS = (
    *(Resource, AsyncResource),
    *(type(contextmanager(lambda: iter(()))()), type(asynccontextmanager(_no_items)())),
)
"""The classes of what gives that which a generator yields, those that `contextmanager` makes among them."""

_Function = TypeVar("_Function", bound=Callable[..., Any])

UNINTERRUPTED: set[CodeType] = set()
"""The code of what makes or ends something, and is marked with `uninterrupted`."""


def uninterrupted(function: _Function) -> _Function:
    """Mark a function that makes or ends something: no signal that asks a run to stop interrupts what it calls.

    So nothing is left half made or half ended, unless the signal insists. `StopSignals` looks for the mark.
    """
    marked: Any = function
    UNINTERRUPTED.add(marked.__code__)
    return function


End = Callable[[type[BaseException] | None, BaseException | None, TracebackType | None], object]
"""Ends something, told of the error under way as `__exit__` is; what it returns is not looked at."""

Await = Callable[[Awaitable[Any]], Coroutine[Any, Any, Any]]
"""Awaits what is not ours, for which there may have to be an event loop first."""


class AsyncEnd:
    """Ends something in a coroutine, which what calls it awaits.

    Args:
        function: Makes the coroutine; told of the error under way as `__aexit__` is.
    """

    def __init__(self, function: Callable[..., Coroutine[Any, Any, object]]) -> None:
        self._function = function

    @uninterrupted
    def __call__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> Coroutine[Any, Any, object]:
        """Begin to end it."""
        return self._function(kind, error, traceback)


def gives_what_is_awaited(function: Callable[..., Any]) -> bool:
    """Whether a function says that what it gives is awaited or entered with `async with`; many say nothing."""
    # Where what it says can't be read, it shows when it is called.
    return looked(lambda: _says_that_it_is_awaited(function), False)


def _says_that_it_is_awaited(function: Callable[..., Any]) -> bool:
    if expected_of(function).manner in (Manner.coroutine, Manner.async_generator):
        return True
    if getattr(function, "__code__", None) is _MADE_BY_ASYNCCONTEXTMANAGER:
        return True
    annotation = getattr(function, "__annotations__", {}).get("return")
    if isinstance(annotation, str):
        annotation = eval(annotation, getattr(innermost(function), "__globals__", {}))
    kind: Any = typing.get_origin(annotation) or annotation
    return is_async_context_manager(kind)


def is_context_manager(kind: type) -> bool:
    """Whether instances of a class are entered and exited, with `with` or with `async with`."""
    return _is_sync(kind) or is_async_context_manager(kind)


def is_async_context_manager(kind: type) -> bool:
    """Whether instances of a class are entered and exited with `async with`."""
    return has(kind, "__aenter__") and has(kind, "__aexit__")


def makes_context_managers(function: Callable[..., Any]) -> bool:
    """Whether a function is a generator function with `contextlib.contextmanager` around it."""
    return attribute(function, "__code__") is _MADE_BY_CONTEXTMANAGER and not is_proxy(function)


def is_lock(made: Any) -> bool:
    """Whether an object is a lock: it has `acquire`, and a `release` that needs no argument, as that of a pool does."""
    if not all(defines(made, name) or has(class_given_out(made), name) for name in ("acquire", "release")):
        return False
    try:
        parameters = inspect.signature(made.release).parameters.values()
    except (TypeError, ValueError):
        # Code in C need not tell.
        return True
    return all(
        parameter.default is not parameter.empty or parameter.kind in (parameter.VAR_POSITIONAL, parameter.VAR_KEYWORD)
        for parameter in parameters
    )


def makes_no_locks(kind: type) -> bool:
    """Whether instances of a class are known to be no locks: nothing in it is called, or asks for, `acquire`."""
    return not any("acquire" in vars(cls) or any(map(_refers_to_acquire, vars(cls).values())) for cls in kind.__mro__)


def _refers_to_acquire(member: object) -> bool:
    code = getattr(member, "__code__", None)
    return code is not None and "acquire" in code.co_names


@uninterrupted
async def enter(made: Any, wait: Await, wanted: bool | None = None) -> tuple[Any, End | None]:
    """Enter an object if it is a context manager; one that can be both sync and async is entered as an async one.

    Args:
        made: The object.
        wait: Awaits what is not ours.
        wanted: Whether it is to be entered; None if it is, unless it is a lock.

    Returns:
        What `__enter__` or `__aenter__` returns, and what ends it. If that is None or a bool, and no generator has
        yielded it, it is the object itself, as it is with None as the end if nothing was entered.
    """
    if not _both(is_async_context_manager, made):
        return enter_at_once(made, wanted)
    kind: Any = type(made)
    if _stays(made, wanted):
        return made, None
    value = await wait(kind.__aenter__(made))
    return _asset(made, value), AsyncEnd(lambda *error: wait(kind.__aexit__(made, *error)))


@uninterrupted
def enter_at_once(made: Any, wanted: bool | None) -> tuple[Any, End | None]:
    """The same for what is entered with `with`; what is only entered with `async with` is left as it is.

    Args:
        made: The object.
        wanted: Whether it is to be entered; None if it is, unless it is a lock.
    """
    kind: Any = type(made)
    if not _both(_is_sync, made) or _stays(made, wanted):
        return made, None
    value = kind.__enter__(made)
    return _asset(made, value), kind.__exit__.__get__(made, kind)


def _stays(made: Any, wanted: bool | None) -> bool:
    """Whether an object that could be entered is not."""
    return wanted is False or (wanted is None and is_lock(made))


def _asset(made: Any, value: Any) -> Any:
    """What is the asset: the object itself if entering it gave nothing of use."""
    is_object = (value is None or isinstance(value, bool)) and not issubclass(type(made), _OF_GENERATORS)
    return made if is_object else value


def _both(has_methods: Callable[[type], bool], made: Any) -> bool:
    """Whether the class of an object has some methods and, where it is a proxy, what it stands for has them too."""
    return has_methods(type(made)) and has_methods(class_given_out(made))


def _is_sync(kind: type) -> bool:
    return has(kind, "__enter__") and has(kind, "__exit__")
