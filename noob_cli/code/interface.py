"""What a callable takes and emits: slots from its parameters, signals from its return annotation."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Collection, Mapping, Sequence
from itertools import count
from types import MappingProxyType
from typing import Any

from noob_cli.code.annotations import (
    MISSING,
    Signal,
    annotations_of,
    injected_kind,
    signals_of,
)
from noob_cli.code.behind import annotated_behind, dispatches, parameters_of
from noob_cli.code.looking import is_class, looked, own_attribute
from noob_cli.code.pydantic_classes import Accepted, accepted_and_validated, accepted_as, accepted_by
from noob_cli.named_tuple import NamedTuple


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
        injected_required: Those of the three that have no default.
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
    injected_required: frozenset[str] = frozenset()
    one_of: tuple[tuple[str, ...], ...] = ()
    ignores_others: bool = False
    may_fill: bool = False
    readable: bool = True

    @property
    def injected(self) -> list[str]:
        """The parameters that the runner fills."""
        return [name for name in (self.epoch, self.events, self.context) if name is not None]

    def missing(self, supplied: Collection[str | int | None]) -> list[str]:
        """The arguments that are needed and not given, each by the name that it is called by first."""
        required = [slot.name for slot in self.slots.values() if slot.required and slot.name not in supplied]
        return [*required, *(names[0] for names in self.one_of if not any(name in supplied for name in names))]

    def never_filled(self, *filled: str | None) -> list[str]:
        """The parameters that are needed in a call in which the runner doesn't fill them.

        Args:
            filled: Those that it fills there, as far as the code has them.
        """
        return sorted(self.injected_required.difference(filled))

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
        fields, any_names, ignores_others, may_fill = accepting
        return _interface(fields)._replace(any_names=any_names, ignores_others=ignores_others, may_fill=may_fill)
    parameters = looked(lambda: parameters_of(code, bound), None)
    if parameters is None:
        return UNREADABLE
    hints = annotations_of(annotated_behind(code))
    accepted = accepted_and_validated if own_attribute(code, "raw_function") is not None else accepted_as
    annotations = [hints.get(parameter.name, parameter.annotation) for parameter in parameters]
    interface = _interface([*map(accepted, parameters, annotations)])
    if dispatches(code) and interface.slots:
        name, first = next(iter(interface.slots.items()))
        interface = interface._replace(slots={**interface.slots, name: first._replace(by_name=False)})
    kinds = {parameter.kind for parameter in parameters}
    return interface._replace(
        signals=(Signal("value"),) if is_class(code) else signals_of(hints.get("return", MISSING), generator),
        any_positions=inspect.Parameter.VAR_POSITIONAL in kinds,
        any_names=inspect.Parameter.VAR_KEYWORD in kinds,
    )


def _interface(arguments: Sequence[Accepted]) -> Interface:
    """What is taken by the names of the arguments, under whichever of them they may be given."""
    slots: dict[str, Slot] = {}
    injected: dict[str, Any] = {}
    injected_required: set[str] = set()
    needed: list[tuple[str, ...]] = []
    for argument in arguments:
        first, *others = argument.keys
        kind = injected_kind(argument.annotation)
        if kind is not None:
            injected[kind] = first
            injected_required |= {first} if argument.required and (argument.by_position or argument.by_name) else set()
        elif argument.by_position or argument.by_name:
            needed += [argument.keys] if argument.required and others else []
            for key in argument.keys:
                # What several fields are taken from is needed if one of them is.
                known = slots.get(key)
                slots[key] = Slot(
                    key,
                    by_position=argument.by_position and key == first,
                    by_name=argument.by_name,
                    required=(argument.required and not others) or (known is not None and known.required),
                    optional=argument.default is None,
                    annotation=argument.annotation if known is None else MISSING,
                )
    by_position = [argument for argument in arguments if argument.by_position]
    return Interface(
        slots,
        positions=tuple(argument.keys[0] for argument in by_position),
        only_by_position=frozenset(argument.keys[0] for argument in by_position if not argument.by_name),
        one_of=tuple(needed),
        injected_required=frozenset(injected_required),
        **injected,
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
