"""What a callable takes and emits: slots from its parameters, signals from its return annotation."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Collection, Mapping
from itertools import count
from types import MappingProxyType
from typing import Any

from noob_cli.code.annotations import (
    MISSING,
    Signal,
    annotations_of,
    is_epoch,
    is_event_map,
    is_runner_context,
    signals_of,
)
from noob_cli.code.behind import annotated_behind, dispatches, parameters_of
from noob_cli.code.looking import is_class, looked, own_attribute
from noob_cli.code.pydantic_classes import Accepting, accepted_as, accepted_by
from noob_cli.named_tuple import NamedTuple

_POSITIONAL = (inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD)
_BY_NAME = (inspect.Parameter.KEYWORD_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD)


class Slot(NamedTuple):
    """A parameter that takes a value.

    Example:
        >>> list(interface_of(operator.mul).slots)
        ['a', 'b']

    Args:
        name: The parameter's name.
        by_position: Whether it can be given by position.
        by_name: Whether it can be given by name.
        required: Whether the callable can't be called without it.
        optional: Whether the node runs although the slot got no value: its default is None.
        annotation: The type of the values it takes; `MISSING` where the code does not say.
    """

    name: str
    by_position: bool = True
    by_name: bool = True
    required: bool = True
    optional: bool = False
    annotation: Any = MISSING


class Interface(NamedTuple):
    """What a callable takes and emits.

    Args:
        slots: Its parameters by name, in order, without those that are injected.
        signals: What it emits.
        positions: All parameters that can be given by position, in order, injected ones included.
        only_by_position: Those of them that can't be given by name.
        any_positions: Whether it takes any number of positional arguments.
        any_names: Whether it takes any keyword.
        epoch: The parameter that gets the current epoch.
        events: The parameter that gets the events behind the slots.
        context: The parameter that gets the runner's context.
        one_of: Groups of names for one argument that is needed, under whichever of them.
        ignores_others: Whether it takes other names as well, and does nothing with them.
        may_fill: Whether its own code may supply what is required.
        readable: Whether the code says what it takes; C functions may not, and are then given anything.
    """

    slots: Mapping[str, Slot] = MappingProxyType({})
    signals: tuple[Signal, ...] = (Signal("value"),)
    positions: tuple[str, ...] = ()
    only_by_position: frozenset[str] = frozenset()
    any_positions: bool = False
    any_names: bool = False
    epoch: str | None = None
    events: str | None = None
    context: str | None = None
    one_of: tuple[tuple[str, ...], ...] = ()
    ignores_others: bool = False
    may_fill: bool = False
    readable: bool = True

    def missing(self, supplied: Collection[str | int | None]) -> list[str]:
        """The arguments that are needed and not given, each by the name that it is called by first."""
        required = [slot.name for slot in self.slots.values() if slot.required and slot.name not in supplied]
        return [*required, *(names[0] for names in self.one_of if not any(name in supplied for name in names))]

    def positional(self, position: int) -> Slot | None:
        """The slot at a position; None if it is one of any number, or if there is none."""
        places = [slot for slot in self.slots.values() if slot.by_position]
        return places[position] if position < len(places) else None

    def position(self, name: str) -> int:
        """The position of the slot of that name."""
        return [slot.name for slot in self.slots.values() if slot.by_position].index(name)

    def signal(self, name: str) -> Signal | None:
        """The signal of that name."""
        return next((signal for signal in self.signals if signal.name == name), None)


class Param(NamedTuple):
    """A fixed argument: of what a node calls, or of what makes a node or an asset.

    Args:
        key: What the file calls it: its name, or its position.
        slot: How it is given: by the parameter's name, or by its position.
        parameter: The name of the parameter; None for one of any number of positions.
        value: What the file gives.
    """

    key: str | int
    slot: str | int
    parameter: str | None
    value: Any

    @property
    def means(self) -> str | int:
        """What it has in common with whatever else gives the same argument."""
        return self.slot if self.parameter is None else self.parameter


NOTHING = Interface()
"""What takes nothing and emits the one signal `value`."""

UNREADABLE = Interface(any_positions=True, any_names=True, readable=False)
"""What is assumed of a callable that does not say what it takes."""


def interface_of(code: Callable[..., Any], generator: bool = False, bound: bool = False) -> Interface:
    """What a callable takes and emits.

    Args:
        code: A function, a method of a class, a class, or anything else that can be called.
        generator: Whether it makes a generator, whose yield type names the signals.
        bound: Whether `code` is a function in a class, whose first parameter is the instance.
    """
    accepting = looked(lambda: accepted_by(code), None)
    if accepting is not None:
        return _interface_of_model(accepting)
    parameters = looked(lambda: parameters_of(code, bound), None)
    if parameters is None:
        return UNREADABLE
    hints = annotations_of(annotated_behind(code))
    slots: dict[str, Slot] = {}
    injected: dict[str, str] = {}
    needed: list[tuple[str, ...]] = []
    for parameter in parameters:
        annotation = hints.get(parameter.name, parameter.annotation)
        kind = _injected_kind(annotation)
        if kind is not None:
            injected[kind] = parameter.name
        elif parameter.kind in (*_POSITIONAL, *_BY_NAME):
            slots[parameter.name] = _slot(parameter, annotation)
            accepted = accepted_as(parameter, annotation) if own_attribute(code, "raw_function") is not None else None
            if accepted is not None:
                is_required = accepted.required and len(accepted.keys) == 1
                is_optional = accepted.default is None
                slot = slots[parameter.name]._replace(required=is_required, optional=is_optional)
                slots |= {key: slot._replace(name=key, by_position=key == parameter.name) for key in accepted.keys}
                needed += [accepted.keys] if accepted.required and len(accepted.keys) > 1 else []
    if dispatches(code) and slots:
        first = next(iter(slots.values()))
        slots[first.name] = first._replace(by_name=False)
    kinds = {parameter.kind for parameter in parameters}
    return Interface(
        slots,
        (Signal("value"),) if is_class(code) else signals_of(hints.get("return", MISSING), generator),
        positions=tuple(parameter.name for parameter in parameters if parameter.kind in _POSITIONAL),
        only_by_position=frozenset(
            parameter.name for parameter in parameters if parameter.kind is parameter.POSITIONAL_ONLY
        ),
        any_positions=inspect.Parameter.VAR_POSITIONAL in kinds,
        any_names=inspect.Parameter.VAR_KEYWORD in kinds,
        one_of=tuple(needed),
        epoch=injected.get("epoch"),
        events=injected.get("events"),
        context=injected.get("context"),
    )


def _interface_of_model(accepting: Accepting) -> Interface:
    """What a class of pydantic takes: the names of its fields, under whichever of them they may be given."""
    slots: dict[str, Slot] = {}
    injected: dict[str, str] = {}
    for field in accepting.fields:
        kind = _injected_kind(field.annotation)
        if kind is not None:
            injected[kind] = field.keys[0]
            continue
        for key in field.keys:
            # What several fields are taken from is needed if one of them is.
            known = slots.get(key)
            slots[key] = Slot(
                key,
                by_position=field.by_position and key == field.keys[0],
                required=(field.required and len(field.keys) == 1) or (known is not None and known.required),
                optional=field.default is None,
                annotation=field.annotation if known is None else MISSING,
            )
    needed = (field.keys for field in accepting.fields if field.required and len(field.keys) > 1)
    return Interface(
        slots,
        positions=tuple(field.keys[0] for field in accepting.fields if field.by_position),
        any_names=accepting.any_names,
        one_of=tuple(names for names in needed if injected.keys().isdisjoint(names)),
        ignores_others=accepting.ignores_others,
        may_fill=accepting.may_fill,
        epoch=injected.get("epoch"),
        events=injected.get("events"),
        context=injected.get("context"),
    )


def params_of(params: Mapping[str | int, Any], interface: Interface, positions: Collection[int] = ()) -> list[Param]:
    """Fixed arguments, each with how it is given.

    One by position that stands behind a position which is not given is given by name, where that is possible.

    Args:
        params: What the file gives, by name and by position.
        interface: What the code takes.
        positions: The positions that are given otherwise.
    """
    declared = []
    first_gap = next(position for position in count() if position not in params and position not in positions)
    for key, value in params.items():
        if isinstance(key, str):
            declared.append(Param(key, key, key, value))
            continue
        slot = interface.positional(key)
        by_name = slot is not None and slot.by_name and key > first_gap
        parameter = None if slot is None else slot.name
        declared.append(Param(key, parameter if by_name and parameter is not None else key, parameter, value))
    return declared


def _slot(parameter: inspect.Parameter, annotation: Any) -> Slot:
    return Slot(
        parameter.name,
        by_position=parameter.kind in _POSITIONAL,
        by_name=parameter.kind in _BY_NAME,
        required=parameter.default is parameter.empty,
        optional=parameter.default is None,
        annotation=annotation,
    )


def _injected_kind(annotation: Any) -> str | None:
    if is_epoch(annotation):
        return "epoch"
    if is_event_map(annotation):
        return "events"
    if is_runner_context(annotation):
        return "context"
    return None
