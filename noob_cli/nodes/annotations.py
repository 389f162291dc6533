"""Reading annotations: the signals that a return annotation names, and what a parameter asks to be given."""

from __future__ import annotations

import collections.abc
import inspect
import sys
import types
import typing
from collections.abc import Callable, Mapping
from typing import Annotated, Any, Literal, NamedTuple, Union, get_args, get_origin

from noob_cli.context import RunnerContext
from noob_cli.events import Epoch, Event, EventMap, MetaSignal
from noob_cli.names import DEFAULT_SIGNAL, Name
from noob_cli.public_package import is_event_map as is_public_event_map
from noob_cli.public_package import is_named

MISSING = inspect.Parameter.empty
"""The annotation of what has none."""

_GENERATORS = (
    collections.abc.Generator,
    collections.abc.Iterator,
    collections.abc.Iterable,
    collections.abc.AsyncGenerator,
    collections.abc.AsyncIterator,
    collections.abc.AsyncIterable,
)


class Signal(NamedTuple):
    """What a node emits.

    Example:
        >>> signals_of(Annotated[int, Name("index")])
        (Signal(name='index', annotation=<class 'int'>),)

    Args:
        name: Its name.
        annotation: The type of its values; `MISSING` where the code does not say.
    """

    name: str
    annotation: Any = MISSING


def annotations_of(code: Callable[..., Any]) -> Mapping[str, Any]:
    """The annotations of a callable, evaluated where they are strings; those that can't be stay strings."""
    target = inspect.unwrap(code)
    target = getattr(target, "__func__", target)
    try:
        return typing.get_type_hints(target, include_extras=True)
    except Exception:
        return {name: _evaluated(each, target) for name, each in _raw_annotations(target).items()}


def signals_of(annotation: Any, generator: bool = False) -> tuple[Signal, ...]:
    """The signals that a return annotation names, in order.

    Args:
        annotation: The whole return annotation.
        generator: Whether the signals are those of the yield type.

    Returns:
        One signal for each `Annotated[T, Name("x")]` of a tuple; one for such an annotation alone; else the one
        signal `value`.
    """
    value = _yielded(annotation) if generator else annotation
    found = [_signals_of_value(each) for each in _alternatives(value)]
    named = [signals for signals in found if [each.name for each in signals] != [DEFAULT_SIGNAL]]
    if named and all(_names(signals) == _names(named[0]) for signals in named):
        return named[0]
    return _default(value)


def is_epoch(annotation: Any) -> bool:
    """Whether a parameter annotated like this gets the current epoch."""
    return annotation is Epoch or is_named(annotation, "Epoch")


def is_event_map(annotation: Any) -> bool:
    """Whether a parameter annotated like this gets the events behind the slots."""
    return bool(annotation == EventMap) or is_public_event_map(annotation)


def is_runner_context(annotation: Any) -> bool:
    """Whether a parameter annotated like this gets the runner's context."""
    return annotation is RunnerContext or is_named(annotation, "RunnerContext")


def _signals_of_value(annotation: Any) -> tuple[Signal, ...]:
    named = _named(annotation)
    if named is not None:
        return (named,)
    if get_origin(annotation) is tuple:
        parts = [_named(part) for part in get_args(annotation)]
        signals = tuple(part for part in parts if part is not None)
        if len(parts) > 1 and len(signals) == len(parts):
            return signals
    return _default(annotation)


def _names(signals: tuple[Signal, ...]) -> list[str]:
    return [signal.name for signal in signals]


def _default(annotation: Any) -> tuple[Signal, ...]:
    return (Signal(DEFAULT_SIGNAL, annotation),)


def _named(annotation: Any) -> Signal | None:
    """The signal that an annotation names, alone or beside None."""
    values = _alternatives(annotation)
    if len(values) == 1 and get_origin(values[0]) is Annotated:
        kind, *extras = get_args(values[0])
        for extra in extras:
            if isinstance(extra, Name) or is_named(type(extra), "Name"):
                return Signal(extra.name, kind)
    return None


def _alternatives(annotation: Any) -> list[Any]:
    """The members of a union that are values: without None, the signal that says there is none, and events."""
    annotation = _unaliased(annotation)
    if get_origin(annotation) not in (Union, types.UnionType):
        return [annotation]
    members = [_unaliased(member) for member in get_args(annotation)]
    values = [each for each in members if each is not types.NoneType and not _is_meta(each)]
    return [each for value in values for each in _alternatives(value)] or [annotation]


def _is_meta(annotation: Any) -> bool:
    if get_origin(annotation) is Literal:
        return all(isinstance(each, MetaSignal) or is_named(type(each), "MetaSignal") for each in get_args(annotation))
    # `NoEventable` of the public package names its events before they are defined.
    name = getattr(annotation, "__forward_arg__", "")
    is_event = annotation is Event or name.startswith("Event[") or is_named(get_origin(annotation), "Event")
    return is_event or annotation is MetaSignal or is_named(annotation, "MetaSignal")


def _unaliased(annotation: Any) -> Any:
    """What a `type X = ...` alias stands for."""
    if sys.version_info >= (3, 12):
        if isinstance(annotation, typing.TypeAliasType):
            return _unaliased(annotation.__value__)
        origin = get_origin(annotation)
        if isinstance(origin, typing.TypeAliasType):
            return _unaliased(origin.__value__[get_args(annotation)])
    return annotation


def _yielded(annotation: Any) -> Any:
    annotation = _unaliased(annotation)
    for each in _alternatives(annotation):
        if get_origin(each) in _GENERATORS and get_args(each):
            return get_args(each)[0]
    return MISSING


def _raw_annotations(target: Any) -> Mapping[str, Any]:
    if sys.version_info >= (3, 14):
        import annotationlib

        try:
            return annotationlib.get_annotations(target, format=annotationlib.Format.FORWARDREF)
        except Exception:
            return {}
    found = getattr(target, "__annotations__", {})
    return found if isinstance(found, dict) else {}


def _evaluated(annotation: Any, target: Any) -> Any:
    if not isinstance(annotation, str):
        return annotation
    try:
        return eval(annotation, getattr(target, "__globals__", {}))
    except Exception:
        return annotation
