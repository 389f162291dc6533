"""A generator function as an asset: what it yields is the asset, and behind the `yield` it ends it."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable
from types import AsyncGeneratorType, GeneratorType, TracebackType
from typing import Any

from noob_cli.code.behind import expected_of
from noob_cli.code.looking import looked
from noob_cli.errors import ResourceError
from noob_cli.raised import cause_of, is_of, set_traceback


class Resource:
    """What a generator yields, as a context manager.

    Args:
        generator: A generator that yields once.
    """

    def __init__(self, generator: GeneratorType[Any, Any, Any]) -> None:
        self._generator = generator

    def __enter__(self) -> Any:
        try:
            return next(self._generator)
        except StopIteration:
            raise _yielded_nothing(self._generator.__qualname__) from None

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        try:
            if error is None:
                next(self._generator)
            else:
                self._generator.throw(error)
        except StopIteration:
            return
        except BaseException as raised:
            if error is not None and _is_same(raised, error):
                # Where it came from, without the way that it has gone through the generator.
                set_traceback(error, traceback)
                return
            raise
        self._generator.close()
        raise _yielded_twice(self._generator.__qualname__)


class AsyncResource:
    """What an asynchronous generator yields, as an asynchronous context manager.

    Args:
        generator: A generator that yields once.
    """

    def __init__(self, generator: AsyncGeneratorType[Any, Any]) -> None:
        self._generator = generator

    async def __aenter__(self) -> Any:
        try:
            return await anext(self._generator)
        except StopAsyncIteration:
            raise _yielded_nothing(self._generator.__qualname__) from None

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        try:
            if error is None:
                await anext(self._generator)
            else:
                await self._generator.athrow(error)
        except StopAsyncIteration:
            return
        except BaseException as raised:
            if error is not None and _is_same(raised, error):
                # Where it came from, without the way that it has gone through the generator.
                set_traceback(error, traceback)
                return
            raise
        await self._generator.aclose()
        raise _yielded_twice(self._generator.__qualname__)


def as_resource(code: Callable[..., Any]) -> Callable[..., Any]:
    """Wrap what makes an asset: a generator that the call returns becomes a `Resource`, a context manager.

    That is so for a generator function, also behind decorators that hand its generator on; what another function
    returns is the asset itself, even if that is a generator.

    Args:
        code: What the `type` of an asset names.

    Returns:
        `code` itself if there is no generator function in it.
    """
    return functools.partial(_made_by, code) if makes_generators(code) else code


def makes_generators(code: object) -> bool:
    """Whether calling something makes a generator, sync or async, as far as that can be seen."""
    return looked(lambda: expected_of(code).draws, False)


def _made_by(code: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
    made = code(*args, **kwargs)
    if inspect.isgenerator(made):
        return Resource(made)
    return AsyncResource(made) if inspect.isasyncgen(made) else made


def _is_same(raised: BaseException, error: BaseException) -> bool:
    """Whether what leaves a generator is what was thrown in; it makes another error of a `StopIteration`."""
    if raised is error:
        return True
    return is_of(error, StopIteration, StopAsyncIteration) and cause_of(raised) is error


def _yielded_nothing(name: str) -> ResourceError:
    return ResourceError(f"'{name}' yielded nothing: what a generator function yields, once, is the asset")


def _yielded_twice(name: str) -> ResourceError:
    return ResourceError(f"'{name}' yielded twice: behind its one 'yield', which gives the asset, it ends it")
