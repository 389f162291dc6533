"""The special nodes: `return`, `map`, `gather` and `tube`."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from noob_cli.code.annotations import MISSING, Signal
from noob_cli.code.interface import Interface, Slot
from noob_cli.names import DEFAULT_SIGNAL
from noob_cli.nodes.kinds import NodeKind, Role

SPECIAL_TYPES = ("map", "gather", "return", "tube")

ITEMS = "value"
"""The signal of a `map` that emits its items."""

COUNT = "n"
"""The signal of a `map` that emits their number, and the slot or param of a `gather` that takes one."""

CONCURRENCY = "concurrency"
"""The param of a `map` that says how many items may be under way at once."""

TRIGGER = "trigger"
"""The slot of a `gather` that makes it emit."""

FLATTEN = "flatten"
"""The param of a `gather` that joins iterables one level."""

FLUSH = "flush"
"""The param of a `gather` that emits what is left when the run has ended."""


NUMBER_FROM_1 = "a whole number from 1 on"
"""What the `n` of a gather is, and the `concurrency` of a map."""


def is_number_from_1(value: Any) -> bool:
    """Whether a value is what the `n` of a gather is, and the `concurrency` of a map."""
    return type(value) is int and value > 0


def return_kind(keys: Collection[str]) -> NodeKind:
    """The `return` node; its signals are its keys, or `value`."""
    signals = tuple(Signal(key) for key in keys or [DEFAULT_SIGNAL])
    return NodeKind(Role.return_, interface=Interface(signals=signals, any_positions=True, any_names=True))


def map_kind() -> NodeKind:
    """The `map` node."""
    interface = Interface({ITEMS: Slot(ITEMS)}, (Signal(ITEMS), Signal(COUNT, int)))
    parameters = Interface({CONCURRENCY: Slot(CONCURRENCY, by_position=False, required=False, annotation=int)})
    return NodeKind(Role.map, interface=interface, parameters=parameters)


def gather_kind(slots: Collection[str], closes_map: bool) -> NodeKind:
    """The `gather` node.

    Args:
        slots: The slots that its `depends` gives by name.
        closes_map: Whether its `n` is the number of the items of a `map`: it then emits even if no value came.
    """
    optional = TRIGGER in slots or closes_map
    takes = {
        "value": Slot("value", required=True, optional=optional),
        TRIGGER: Slot(TRIGGER, by_position=False, required=False),
        COUNT: Slot(COUNT, by_position=False, required=False, annotation=int),
    }
    parameters = Interface(
        {
            COUNT: Slot(COUNT, by_position=False, required=False, annotation=int),
            FLATTEN: Slot(FLATTEN, by_position=False, required=False, annotation=bool),
            FLUSH: Slot(FLUSH, by_position=False, required=False, annotation=bool),
        }
    )
    signals = (Signal(DEFAULT_SIGNAL, list),)
    return NodeKind(Role.gather, interface=Interface(takes, signals), parameters=parameters, stateful=True)


def tube_kind(
    inputs: Mapping[str, bool],
    params: Mapping[str, bool],
    signals: Collection[str],
    is_source: bool,
    stateful: bool,
    flush: str | None,
) -> NodeKind:
    """A tube as a node.

    Args:
        inputs: Its process-scoped inputs, and whether each is required.
        params: Its tube-scoped inputs, likewise.
        signals: The keys of what it returns.
        is_source: Whether it draws its values: it has a source, and takes nothing.
        stateful: Whether something in it keeps something, or asks for its epoch.
        flush: A node in it that gets a last epoch; None if there is none.
    """
    slots = {
        name: Slot(name, by_position=False, required=required, optional=not required, annotation=MISSING)
        for name, required in inputs.items()
    }
    parameters = {
        "tube": Slot("tube", by_position=False),
        **{name: Slot(name, by_position=False, required=required) for name, required in params.items()},
    }
    return NodeKind(
        Role.tube,
        interface=Interface(slots, tuple(Signal(name) for name in signals)),
        parameters=Interface(parameters),
        draws=is_source,
        stateful=stateful,
        flush=flush,
    )
