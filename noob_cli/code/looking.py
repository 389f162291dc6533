"""Looking at objects of the user's code, which may resist: whatever they raise or pretend, there is an answer.

A proxy gives itself out for what it stands for, a metaclass answers in place of its classes, a property raises: what is
asked here is asked of the object's true class, or is taken for not there.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import FunctionType
from typing import Any, TypeGuard, TypeVar

from noob_cli.wording import short_repr

Answer = TypeVar("Answer")

mro_of: Callable[[type], tuple[type, ...]] = type.__dict__["__mro__"].__get__
"""A class and its bases, whatever its metaclass says."""
class_dict: Callable[[type], Mapping[str, Any]] = type.__dict__["__dict__"].__get__
"""What a class defines itself, whatever its metaclass says."""
_name_of: Callable[[type], str] = type.__dict__["__name__"].__get__


def looked(look: Callable[[], Answer], otherwise: Answer) -> Answer:
    """What a look at an object gives.

    Args:
        look: Looks at the user's object.
        otherwise: What is taken for the answer if that raises anything but the interrupt of who waits for it.
    """
    try:
        return look()
    except KeyboardInterrupt:
        raise
    except BaseException:
        return otherwise


def attribute(of: object, name: str, otherwise: Any = None) -> Any:
    """An attribute; `otherwise` if there is none, or if asking for it fails."""
    # As `looked` does, which takes twice as long: nothing is asked as often.
    try:
        return getattr(of, name, otherwise)
    except KeyboardInterrupt:
        raise
    except BaseException:
        return otherwise


def has(of: object, name: str) -> bool:
    """Whether there is an attribute, and asking for it does not fail."""
    return looked(lambda: hasattr(of, name), False)


def own_attribute(of: object, name: str) -> Any:
    """An attribute that the object or its class defines; None for what only answers to any name, or fails to."""
    # Nearly all that is asked about: a function answers to no name but those.
    if type(of) is FunctionType:
        return attribute(of, name)
    return attribute(of, name) if defines(of, name) else None


def defines(of: object, name: str) -> bool:
    """Whether an object or its class defines an attribute; of a proxy for a class, what that has counts too."""
    classes = mro_of(type(of))
    for cls in classes + mro_of(of) if is_class(of) else classes:
        if name in class_dict(cls):
            return True
    return looked(lambda: name in object.__getattribute__(of, "__dict__"), False)


def class_given_out(of: object) -> type:
    """The class of an object; of a proxy, that which it gives out for its own."""
    kind = attribute(of, "__class__", type(of))
    return kind if is_class(kind) else type(of)


def is_proxy(of: object) -> bool:
    """Whether an object gives itself out for one of another class."""
    return class_given_out(of) is not type(of)


def is_class(code: object) -> TypeGuard[type]:
    """Whether it is a class indeed, and no object that only says so."""
    return issubclass(type(code), type)


def is_subclass(code: type, of: type) -> bool:
    """Whether a class has another among its bases, whatever its metaclass says."""
    return any(cls is of for cls in mro_of(code))


def name_of(code: object) -> str:
    """What a class or a function is called; what it is, if it has no name."""
    if is_class(code):
        return _name_of(code)
    name = attribute(code, "__name__")
    return name if type(name) is str else f"an object of type '{name_of(type(code))}'"


def described(code: object) -> str:
    """An object and its type, for messages."""
    return f"{short_repr(code)}, of type '{name_of(type(code))}'"
