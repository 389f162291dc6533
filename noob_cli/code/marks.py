"""Decorators that say which methods of a class are called, and when."""

from __future__ import annotations

from collections.abc import Callable
from types import FunctionType
from typing import Any, TypeVar

from noob_cli.code.compatibility import has_mark
from noob_cli.code.looking import attribute

Method = TypeVar("Method", bound=Callable[..., Any])

PROCESS = "process"
INIT = "init"
DEINIT = "deinit"
FLUSH = "flush"
RESUME = "resume"

_MARK = "__noob_mark__"


def process_method(method: Method) -> Method:
    """Mark the method of a class that is called once per epoch. A class has one at most.

    Example:
        >>> class Doubler:
        ...     @process_method
        ...     def double(self, left: int) -> int:
        ...         return 2 * left
    """
    return _mark(method, PROCESS)


def init_method(method: Method) -> Method:
    """Mark a method that runs when the runner starts, after the runner-scoped assets are made.

    Example:
        >>> class Camera:
        ...     @init_method
        ...     def open(self) -> None: ...
    """
    return _mark(method, INIT)


def deinit_method(method: Method) -> Method:
    """Mark a method that runs when the runner stops, before the runner-scoped assets end.

    Example:
        >>> class Camera:
        ...     @deinit_method
        ...     def close(self) -> None: ...
    """
    return _mark(method, DEINIT)


def flush_method(method: Method) -> Method:
    """Mark a method whose result the node emits when the run has come to its end, in an epoch of its own.

    It is called without what the slots get; a parameter annotated `Epoch` gets the epoch's number.

    Example:
        >>> class Batch:
        ...     def __init__(self) -> None:
        ...         self.held: list[int] = []
        ...     def process(self, value: int) -> list[int] | Literal[MetaSignal.NoEvent]:
        ...         self.held.append(value)
        ...         return self.flush() if len(self.held) == 100 else NoEvent
        ...     @flush_method
        ...     def flush(self) -> list[int]:
        ...         batch, self.held = self.held, []
        ...         return batch
    """
    return _mark(method, FLUSH)


def resume_method(method: Method) -> Method:
    """Mark a method that takes up the state in a checkpoint: of an asset that was made anew, or of a node.

    The state is what the `__getstate__` of the class says, or else the attributes, as a dict.

    Example:
        >>> class Connection:
        ...     def __init__(self, host: str) -> None:
        ...         self.socket, self.sent = connected(host), 0
        ...     def __getstate__(self) -> dict[str, int]:
        ...         return {"sent": self.sent}
        ...     @resume_method
        ...     def go_on(self, state: dict[str, int]) -> None:
        ...         self.sent = state["sent"]
    """
    return _mark(method, RESUME)


def mark_of(method: object) -> str | None:
    """The mark of a method: `process`, `init`, `deinit`, `flush`, `resume`, or None if it has none."""
    for function in (method, attribute(method, "__func__")):
        # Nearly all that is asked about, of a class with many methods.
        if function is None or (type(function) is FunctionType and not function.__dict__):
            continue
        mark = attribute(function, _MARK)
        if type(mark) is str:
            return mark
        for known in (PROCESS, INIT, DEINIT):
            if has_mark(function, known):
                return known
    return None


def _mark(method: Method, mark: str) -> Method:
    setattr(method, _MARK, mark)
    return method
