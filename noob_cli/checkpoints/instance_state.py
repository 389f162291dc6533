"""What an instance holds, to be given to another one that was made anew."""

from __future__ import annotations

from array import array
from collections import Counter, OrderedDict, defaultdict, deque
from dataclasses import dataclass
from typing import Any, Final

from noob_cli.code.looking import class_dict
from noob_cli.code.marks import RESUME
from noob_cli.codegen.runtime import ATOMIC
from noob_cli.nodes.methods import marked_methods

PROTOCOL: Final = 5
"""The form of pickles, the same for all versions of Python."""

UNCHANGING: Final = ATOMIC | {tuple, frozenset}
"""Types of objects that hold what they have held from the start, and that may be one by chance."""

_CONTAINERS: Final = (array, bytearray, deque, set)
_MAPPINGS: Final = (Counter, OrderedDict, defaultdict)
"""What says how it is pickled, and can be emptied and filled instead."""


@dataclass(frozen=True)
class InstanceState:
    """What an instance holds.

    Args:
        state: Its attributes, or what its `__getstate__` says.
        items: What it holds as a list.
        entries: What it holds as a dict.
    """

    state: Any
    items: list[Any] | None
    entries: list[tuple[Any, Any]] | None


def takes_state(kind: type) -> bool:
    """Whether a class says itself how an instance of it gets the state that another one had."""
    return "__setstate__" in class_dict(kind) or bool(marked_methods(kind, RESUME))


def state_of(instance: Any) -> InstanceState:
    """What an instance holds.

    Raises:
        TypeError: The state can't be told.
    """
    kind = type(instance)
    if marked_methods(kind, RESUME):
        return InstanceState(instance.__getstate__(), None, None)
    if isinstance(instance, _MAPPINGS) and _is_pickled_like(kind, _MAPPINGS):
        return InstanceState(_attributes_of(instance), None, list(instance.items()))
    if isinstance(instance, _CONTAINERS) and _is_pickled_like(kind, _CONTAINERS):
        return InstanceState(_attributes_of(instance), list(instance), None)
    is_plain = _is_pickled_like(kind, (object,))
    refusal = f"{kind.__qualname__} says with '__reduce__' how it is pickled, and not what its state is"
    if not is_plain and "__setstate__" not in class_dict(kind):
        raise TypeError(refusal)
    _, _, state, items, entries = (*instance.__reduce_ex__(PROTOCOL), None, None, None)[:5]
    if not is_plain and state is None and items is None and entries is None:
        raise TypeError(refusal)
    if not hasattr(instance, "__setstate__") and not _is_of_attributes(state):
        raise TypeError(
            f"'__getstate__' of {kind.__qualname__} gives what is no dict of attributes, and no '__setstate__' takes it"
        )
    return InstanceState(state, None if items is None else list(items), None if entries is None else list(entries))


def give_state(instance: Any, saved: InstanceState) -> None:
    """Let an instance that was made anew hold what another held.

    Args:
        instance: The instance.
        saved: What the other one held.
    """
    for method in marked_methods(type(instance), RESUME):
        getattr(instance, method)(saved.state)
        return
    if saved.items is not None:
        _refill(instance, saved.items)
    if saved.entries is not None:
        instance.clear()
        if isinstance(instance, Counter):
            # It would count pairs.
            instance.update(dict(saved.entries))
        else:
            instance.update(saved.entries)
    state = saved.state
    if hasattr(instance, "__setstate__"):
        if state is not None:
            instance.__setstate__(state)
        return
    attributes, slots = state if isinstance(state, tuple) else (state, None)
    if _is_of_object(type(instance), "__getstate__") and hasattr(instance, "__dict__"):
        # A `__getstate__` of the user's may leave out what `init` has made anew: that stays.
        vars(instance).clear()
    if attributes:
        vars(instance).update(attributes)
    for name, value in (slots or {}).items():
        setattr(instance, name, value)


def _is_of_attributes(state: object) -> bool:
    """Whether a state is a dict of attributes, or a pair of these and of slots, as `object` has it."""
    dicts = state if isinstance(state, tuple) and len(state) == 2 else (state,)
    return all(attributes is None or isinstance(attributes, dict) for attributes in dicts)


def _refill(instance: Any, items: list[Any]) -> None:
    if isinstance(instance, set):
        instance.clear()
        instance.update(items)
    elif isinstance(instance, deque):
        instance.clear()
        instance.extend(items)
    else:
        instance[:] = array(instance.typecode, items) if isinstance(instance, array) else items


def _attributes_of(instance: Any) -> dict[str, Any] | None:
    return dict(vars(instance)) if hasattr(instance, "__dict__") else None


def _is_pickled_like(kind: type, others: tuple[type, ...]) -> bool:
    """Whether a class says nothing of its own of how instances of it are pickled."""
    return any(
        all(getattr(kind, method) is getattr(other, method) for method in ("__reduce__", "__reduce_ex__"))
        for other in others
    )


def _is_of_object(kind: type, method: str) -> bool:
    """Whether a class has a method as all objects have it."""
    return getattr(kind, method) is getattr(object, method)
