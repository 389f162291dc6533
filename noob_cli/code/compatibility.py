"""Node code that was written against the public package `noob`: what it uses of that is recognized for what it is.

Neither is that package imported here nor does it have to be there: its classes are told by their names and modules.
"""

from __future__ import annotations

import functools
import inspect
import sys
from collections.abc import AsyncIterator, Callable, Iterator
from typing import Any

from noob_cli.code.looking import attribute, is_class, looked, mro_of, name_of
from noob_cli.events import NoEvent

_PACKAGES = ("noob", "noob_core")
_MARKS = {"process": "__is_process_method__", "init": "__is_init_method__", "deinit": "__is_deinit_method__"}


def is_named(kind: object, name: str) -> bool:
    """Whether a class is the one of that name in the public package."""
    if not is_class(kind) or name_of(kind) != name:
        return False
    module = attribute(kind, "__module__")
    return type(module) is str and is_public_module(module)


def is_public_module(name: str) -> bool:
    """Whether a module is one of the public package."""
    return name.partition(".")[0] in _PACKAGES


def extends(kind: type, name: str) -> bool:
    """Whether a class is a subclass of the one of that name in the public package."""
    return any(is_named(base, name) for base in mro_of(kind))


def has_mark(method: object, mark: str) -> bool:
    """Whether the public package's decorator for `process`, `init` or `deinit` was put on a method."""
    return attribute(method, _MARKS[mark]) is True


def mark_of_public_decorator(decorator: object) -> str | None:
    """The attribute that a decorator of the public package gives to methods; None for anything else."""
    module = attribute(decorator, "__module__")
    if type(module) is not str or not is_public_module(module):
        return None
    return _MARKS.get(name_of(decorator).removesuffix("_method"))


def translating(call: Callable[..., Any], coroutine: bool = False, several: bool = False) -> Callable[..., Any]:
    """A callable whose `NoEvent` is ours, where that of the public package may come out of it.

    Args:
        call: What runs a node.
        coroutine: Whether its result is awaited.
        several: Whether the node has several signals.
    """
    translated = _translation(several)
    if translated is None or looked(lambda: _is_of_python(call), False):
        return call
    if coroutine:

        async def awaited(*args: Any, **kwargs: Any) -> Any:
            return translated(await call(*args, **kwargs))

        return _named_like(call, awaited)

    def called(*args: Any, **kwargs: Any) -> Any:
        return translated(call(*args, **kwargs))

    return _named_like(call, called)


def _named_like(call: Callable[..., Any], wrapper: Callable[..., Any]) -> Callable[..., Any]:
    return looked(lambda: functools.wraps(call)(wrapper), wrapper)


def _is_of_python(call: Callable[..., Any]) -> bool:
    """Whether it is a function of a C module, or a class of Python's own: they return nothing of that package."""
    if is_class(call):
        return call.__module__ == "builtins"
    return inspect.isbuiltin(call) and call.__self__ is sys.modules.get(call.__module__)


def translating_items(items: Iterator[Any], several: bool) -> Iterator[Any]:
    """The items of a source with our `NoEvent` in them, where that of the public package may come out of it."""
    translated = _translation(several)
    return items if translated is None else map(translated, items)


def translating_async_items(items: AsyncIterator[Any], several: bool) -> AsyncIterator[Any]:
    """The same of a source whose items are awaited."""
    translated = _translation(several)
    return items if translated is None else _Translated(translated, items)


class _Translated(AsyncIterator[Any]):
    """Unlike a generator, it can go on after an error."""

    def __init__(self, translated: Callable[[Any], Any], items: AsyncIterator[Any]) -> None:
        self._translated = translated
        self._items = items

    async def __anext__(self) -> Any:
        return self._translated(await anext(self._items))


def _translation(several: bool) -> Callable[[Any], Any] | None:
    """What puts our `NoEvent` in the place of theirs; None if there is none of theirs."""
    event = sys.modules.get("noob.event")
    theirs = getattr(getattr(event, "MetaSignal", None), "NoEvent", None)
    if theirs is None:
        return None

    def translated(result: Any) -> Any:
        if result is theirs:
            return NoEvent
        if several and isinstance(result, tuple | list) and any(value is theirs for value in result):
            return tuple(NoEvent if value is theirs else value for value in result)
        return result

    return translated
