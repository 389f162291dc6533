"""What a subclass of `Node` computes: its signals and slots, from what the file says of the node."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from noob_cli.code.annotations import MISSING, Signal
from noob_cli.code.compatibility import extends, is_named
from noob_cli.code.interface import Interface, Slot
from noob_cli.code.looking import attribute, class_dict, is_subclass, mro_of
from noob_cli.nodes.node import Node
from noob_cli.specification.node import NodeSpecification


def is_node_class(cls: type) -> bool:
    """Whether a class is a subclass of `Node`, ours or that of the public package."""
    return is_subclass(cls, Node) or extends(cls, "Node")


def computes(cls: type) -> bool:
    """Whether a class has a `get_signals` or a `get_slots` of its own."""
    return is_node_class(cls) and any(_own(cls, name) is not None for name in ("get_signals", "get_slots"))


def computed_interface(cls: type, interface: Interface, spec: NodeSpecification) -> Interface:
    """What a node takes and emits, together with what its class computes.

    Args:
        cls: The class.
        interface: What its process method says.
        spec: What the file says of the node.

    Raises:
        Exception: What the class raises.
    """
    get_signals, get_slots = _own(cls, "get_signals"), _own(cls, "get_slots")
    if get_signals is not None:
        signals = [Signal(name, annotation) for name, annotation, _ in _read(get_signals(spec))]
        interface = interface._replace(signals=tuple(signals))
    if get_slots is not None:
        slots = {
            # What is no parameter goes into `**kwargs`, which takes what is not required as it comes.
            name: Slot(name, False, required=False, optional=not required, annotation=annotation)
            for name, annotation, required in _read(get_slots(spec))
            if required or not interface.any_names
        }
        interface = interface._replace(slots={**slots, **interface.slots})
    return interface


def _own(cls: type, name: str) -> Callable[[NodeSpecification], Any] | None:
    """A class method that is not only the one of `Node`."""
    defining = next((base for base in mro_of(cls) if name in class_dict(base)), None)
    if defining is None or defining is Node or is_named(defining, "Node"):
        return None
    method: Callable[[NodeSpecification], Any] = getattr(cls, name)
    return method


def _read(computed: Any) -> Iterator[tuple[str, Any, bool]]:
    """What a class says of its signals or slots: their names, their types, and whether they are required."""
    named = (
        computed.items() if isinstance(computed, Mapping) else ((parameter.name, parameter) for parameter in computed)
    )
    for name, parameter in named:
        yield str(name), attribute(parameter, "annotation", MISSING), attribute(parameter, "required", True) is True
