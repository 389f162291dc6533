"""Reading annotations: the signals that a return annotation names, and what a parameter asks to be given."""

from __future__ import annotations

import builtins
import collections.abc
import functools
import inspect
import sys
import types
import typing
from collections import ChainMap
from collections.abc import Mapping
from types import MappingProxyType
from typing import Annotated, Any, Literal, NewType, TypeVar, Union, get_args, get_origin

from noob_cli.code.behind import innermost
from noob_cli.code.compatibility import is_named
from noob_cli.code.context import RunnerContext
from noob_cli.code.looking import attribute, is_class, looked, own_attribute
from noob_cli.events import Epoch, Event, MetaSignal
from noob_cli.named_tuple import NamedTuple
from noob_cli.names import DEFAULT_SIGNAL, Name

MISSING = inspect.Parameter.empty
"""The annotation of what has none."""

_MOST_ALIASES = 100
"""How many aliases of aliases are looked through: what has more stands in a circle."""

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


def annotations_of(code: Any) -> Mapping[str, Any]:
    """The annotations of a function, evaluated where they are strings; what can't be found is `UNRESOLVED` in them.

    Args:
        code: The function itself: of what is decorated, the one whose annotations count.
    """
    function = attribute(code, "__func__", code)
    own: Mapping[str, Any] = looked(lambda: _raw_annotations(function), MappingProxyType({}))
    raw = {**own, **looked(lambda: _of_own_signature(function), {})}
    names = _names_of(function)
    return {
        name: annotation
        if is_class(annotation)
        else looked(functools.partial(_evaluated, annotation, names), annotation)
        for name, annotation in raw.items()
    }


def signals_of(annotation: Any, generator: bool = False) -> tuple[Signal, ...]:
    """The signals that a return annotation names, in order.

    Args:
        annotation: The whole return annotation.
        generator: Whether the signals are those of the yield type; one that is annotated like a function is taken so.

    Returns:
        One signal for each `Annotated[T, Name("x")]` of a tuple; one for such an annotation alone; else the one
        signal `value`.
    """
    return looked(lambda: _signals_of(annotation, generator), _default(annotation))


def injected_kind(annotation: Any) -> str | None:
    """What a parameter annotated like this gets: the `epoch`, the `events` behind the slots, the runner's `context`."""
    if annotation is Epoch or is_named(annotation, "Epoch"):
        return "epoch"
    if annotation is RunnerContext or is_named(annotation, "RunnerContext"):
        return "context"
    return "events" if looked(lambda: _is_event_map(annotation), False) else None


def is_event_type(annotation: Any) -> bool:
    """Whether it is the type of events, of this package or of the public one, be it by its name only."""
    name = attribute(annotation, "__forward_arg__", annotation)
    if type(name) is str:
        return name.partition("[")[0] == "Event"
    return annotation is Event or is_named(get_origin(annotation) or annotation, "Event")


def is_meta_signal(kind: Any) -> bool:
    """Whether a class is `MetaSignal`, of this package or of the public one."""
    return kind is MetaSignal or is_named(kind, "MetaSignal")


def _is_event_map(annotation: Any) -> bool:
    arguments = get_args(annotation)
    return get_origin(annotation) is dict and len(arguments) == 2 and is_event_type(arguments[1])


def behind_alias(annotation: Any) -> Any:
    """What a `type X = ...` stands for, or such an alias with its arguments in brackets; anything else is itself."""
    origin = get_origin(annotation)
    if is_alias(origin):
        return origin.__value__[get_args(annotation)]
    return annotation.__value__ if is_alias(annotation) else annotation


def is_alias(annotation: Any) -> bool:
    """Whether it is what `type X = ...` has made."""
    return hasattr(annotation, "__value__") and hasattr(annotation, "__type_params__")


def _signals_of(annotation: Any, generator: bool) -> tuple[Signal, ...]:
    alternatives = [_yielded(alternative) for alternative in _alternatives(annotation)] if generator else [annotation]
    value = next((alternative for alternative in alternatives if alternative is not MISSING), MISSING)
    of_alternatives = [_signals_of_value(alternative) for alternative in _alternatives(value)]
    if generator and not any(_are_named(signals) for signals in of_alternatives):
        of_alternatives += [_signals_of_value(alternative) for alternative in _alternatives(annotation)]
    named = [signals for signals in of_alternatives if _are_named(signals)]
    if named and all(_names(signals) == _names(named[0]) for signals in named):
        return named[0]
    return _default(value)


def _signals_of_value(annotation: Any) -> tuple[Signal, ...]:
    named = _named(annotation)
    if named is not None:
        return (named,)
    if get_origin(annotation) is tuple:
        members = [_named(argument) for argument in get_args(annotation)]
        signals = tuple(signal for signal in members if signal is not None)
        if signals and len(signals) == len(members):
            return signals
    return _default(annotation)


def _are_named(signals: tuple[Signal, ...]) -> bool:
    return _names(signals) != [DEFAULT_SIGNAL]


def _names(signals: tuple[Signal, ...]) -> list[str]:
    return [signal.name for signal in signals]


def _default(annotation: Any) -> tuple[Signal, ...]:
    return (Signal(DEFAULT_SIGNAL, annotation),)


def _named(annotation: Any) -> Signal | None:
    """The signal that an annotation names, alone or beside None."""
    values = _alternatives(annotation)
    if len(values) != 1 or get_origin(values[0]) is not Annotated:
        return None
    kind, *extras = get_args(values[0])
    for extra in extras:
        if type(extra) is Name or is_named(type(extra), "Name"):
            yielded = _yielded(kind)
            return Signal(extra.name, kind if yielded is MISSING else yielded)
    return _named(kind)


def _alternatives(annotation: Any) -> list[Any]:
    """The members of a union that are values: without None, the signal that says there is none, and events."""
    annotation = _unaliased(annotation)
    if get_origin(annotation) not in (Union, types.UnionType):
        return [annotation]
    members = [_unaliased(member) for member in get_args(annotation)]
    values = [member for member in members if member is not types.NoneType and not _is_meta(member)]
    return [alternative for value in values for alternative in _alternatives(value)] or [annotation]


def _is_meta(annotation: Any) -> bool:
    if get_origin(annotation) is Literal:
        return all(is_meta_signal(type(argument)) for argument in get_args(annotation))
    return is_meta_signal(annotation) or is_event_type(annotation)


def _unaliased(annotation: Any) -> Any:
    """What a `type X = ...` alias, a `NewType` or a type variable stands for."""
    for _ in range(_MOST_ALIASES):
        meant = _meant(annotation)
        if meant is annotation:
            break
        annotation = meant
    return annotation


def _meant(annotation: Any) -> Any:
    if isinstance(annotation, NewType):
        return annotation.__supertype__
    if isinstance(annotation, TypeVar):
        constraints = annotation.__constraints__
        return Union[constraints] if constraints else annotation.__bound__ or annotation  # noqa: UP007
    return behind_alias(annotation)


def _yielded(annotation: Any) -> Any:
    annotation = _unaliased(annotation)
    if get_origin(annotation) in _GENERATORS and get_args(annotation):
        return get_args(annotation)[0]
    return MISSING


def _raw_annotations(function: Any) -> Mapping[str, Any]:
    if sys.version_info >= (3, 14):
        import annotationlib

        return annotationlib.get_annotations(function, format=annotationlib.Format.FORWARDREF)
    annotations = getattr(function, "__annotations__", {})
    return annotations if isinstance(annotations, dict) else {}


def _of_own_signature(function: Any) -> dict[str, Any]:
    """The annotations of a signature that a function has been given, where that is not the one of its code."""
    signature = own_attribute(function, "__signature__")
    if not isinstance(signature, inspect.Signature):
        return {}
    annotations = {name: parameter.annotation for name, parameter in signature.parameters.items()}
    annotations["return"] = signature.return_annotation
    return {name: annotation for name, annotation in annotations.items() if annotation is not MISSING}


class _Unresolved(type):
    """What may be done to a type in an annotation gives this again."""

    def __getattr__(cls, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        return cls

    def __getitem__(cls, _: Any) -> Any:
        return cls

    def __call__(cls, *_: Any, **__: Any) -> Any:
        return cls


class UNRESOLVED(metaclass=_Unresolved):
    """Stands in an annotation for a name that can't be found: it may exist for type checkers only."""

    # Like `Any`, it says nothing of the values of its type.
    __module__ = "typing"


def _names_of(function: Any) -> Mapping[str, Any]:
    """The names that stand in the annotations of a function."""
    parameters = {parameter.__name__: parameter for parameter in attribute(function, "__type_params__", ())}
    # A decorator has its own, and the annotations of what it decorates.
    places = [attribute(defining, "__globals__", {}) for defining in (innermost(function), function)]
    return ChainMap(parameters, *places, vars(builtins))


class _NamesOrNothing(dict[str, Any]):
    """Some names, and something in the place of those that can't be found."""

    def __init__(self, names: Mapping[str, Any]) -> None:
        self._names = names

    def __missing__(self, name: str) -> Any:
        return self._names.get(name, UNRESOLVED)


@functools.lru_cache(maxsize=1_000)
def _compiled(annotation: str) -> types.CodeType:
    """An annotation that is a string: the same few stand in most code."""
    return compile(annotation, "<annotation>", "eval")


def _evaluated(annotation: Any, names: Mapping[str, Any]) -> Any:
    if isinstance(annotation, str):
        annotation = eval(_compiled(str.lstrip(annotation, " \t")), {}, _NamesOrNothing(names))
        if is_class(annotation):
            return annotation

    def stand_in() -> None: ...

    stand_in.__annotations__ = {"it": annotation}
    resolve = functools.partial(typing.get_type_hints, stand_in, {}, names, include_extras=True)
    return looked(resolve, {"it": annotation})["it"]
