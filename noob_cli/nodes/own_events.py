"""Nodes that make events themselves, and take apart what they emit then."""

from __future__ import annotations

from collections.abc import Sequence
from types import FunctionType
from typing import Any, get_args

from noob_cli.code.annotations import is_event_type
from noob_cli.code.behind import innermost
from noob_cli.code.compatibility import extends
from noob_cli.code.looking import attribute, looked
from noob_cli.errors import SignalError
from noob_cli.events import Epoch, Event, NoEvent
from noob_cli.nodes.kinds import NodeKind, Role

_MAKERS = frozenset({"Event", "new_event"})
"""What code mentions that makes events."""


def may_make_events(kind: NodeKind) -> bool:
    """Whether what a node emits may be an event that it has made, or was given, itself.

    For that it has to know of epochs or events: by what it asks for, by its annotations, or since its code, or the
    module of it, names them.
    """
    if kind.role not in (Role.call, Role.source):
        return False
    interface = kind.interface
    if interface.epoch is not None or interface.events is not None:
        return True
    if kind.cls is not None and extends(kind.cls, "Node"):
        return True
    if any(_is_of_event(signal.annotation) for signal in interface.signals):
        return True
    function = innermost(kind.code if kind.method is None else attribute(kind.cls, kind.method))
    if type(function) is not FunctionType:
        return False
    return _is_of_event(function.__globals__.get("Event")) or not _MAKERS.isdisjoint(function.__code__.co_names)


def is_event(value: object) -> bool:
    """Whether a value is an event, of this package or of the public one."""
    return isinstance(value, dict) and value.keys() >= Event.__annotations__.keys()


def by_signal(values: Any, signals: Sequence[str]) -> Any:
    """What a node with several signals has returned, as a tuple, if it is one of its events or a list of them.

    Raises:
        SignalError: There are several events of one signal.
    """
    events = values if isinstance(values, list) else [values]
    if not (events and all(is_event(event) and event["signal"] in signals for event in events)):
        return values
    emitted = {event["signal"]: event for event in events}
    if len(emitted) < len(events):
        raise SignalError(_SEVERAL.format(len(events)))
    return tuple(emitted.get(signal, NoEvent) for signal in signals)


def taken_out(value: Any, node: str, epoch: Epoch) -> tuple[Any, Epoch]:
    """The value of an event, if that is what a node has emitted, and its epoch.

    Args:
        value: What the node has emitted on a signal.
        node: The node.
        epoch: The epoch under way.

    Returns:
        The value, and the epoch: that of the event if it is one that the epoch under way is within.

    Raises:
        SignalError: It is a list of several events of its own.
    """
    if isinstance(value, list):
        if not (value and all(is_event(event) and event["node_id"] == node for event in value)):
            return value, epoch
        if len(value) > 1:
            raise SignalError(_SEVERAL.format(len(value)))
        (value,) = value
    if not is_event(value):
        return value, epoch
    around = next((parent for parent in epoch.parents if parent == value["epoch"]), epoch)
    return value["value"], around


_SEVERAL = (
    "found {} events of one signal: a node emits one value in an epoch; to take a list apart, return it and put a "
    "'map' behind the node"
)


def _is_of_event(annotation: Any) -> bool:
    """Whether an annotation has the type of events in it."""
    return looked(lambda: _has_event(annotation), False)


def _has_event(annotation: Any) -> bool:
    return is_event_type(annotation) or any(map(_has_event, get_args(annotation)))
