"""Whether two types can have a value in common; whatever can't be told is taken to be so."""

from __future__ import annotations

import types
import typing
from abc import ABCMeta
from collections import abc
from collections.abc import Iterable, Iterator
from enum import Enum
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from pydantic import BaseModel

from noob_cli.code.annotations import behind_alias, is_meta_signal
from noob_cli.code.looking import looked
from noob_cli.named_tuple import NamedTuple

_MADE_OF_BYTES = (bytes, bytearray, memoryview)
_CAN_BE_SUBCLASSED = 1 << 10
"""The flag of a class that admits subclasses: `bool`, `range` and others do not have it."""
_WORD = tuple.__itemsize__


class ExactClass(NamedTuple):
    """The values of a class without those of its subclasses: what is known of an object that is made in one place."""

    kind: type


class OneValue(NamedTuple):
    """One value: a default, or one of a `Literal`."""

    value: Any


def are_disjoint(one: Any, other: Any) -> bool:
    """Whether no value is of both types. False when in doubt.

    Args:
        one: A type, as an annotation says it; an `ExactClass`, or `OneValue`.
        other: The other type, likewise.
    """
    return all_disjoint([one], [other])


def all_disjoint(some: Iterable[Any], others: Iterable[Any]) -> bool:
    """Whether no value is of one of these types and also of one of those. False when in doubt."""

    def apart() -> bool:
        left = [kind for hint in some for kind in unfolded(hint)]
        right = [kind for hint in others for kind in unfolded(hint)]
        return bool(left and right) and all(_apart(one, other) for one in left for other in right)

    # Annotations are the user's objects: one that can't be compared says nothing.
    return looked(apart, False)


def members_of(hint: Any) -> Iterator[Any]:
    """The members of a union, those of unions in it and behind `type X = ...` included."""
    meant = behind_alias(hint)
    if meant is not hint:
        yield from members_of(meant)
    elif get_origin(hint) in (Union, types.UnionType):
        for argument in get_args(hint):
            yield from members_of(argument)
    else:
        yield hint


def unfolded(hint: Any) -> Iterator[Any]:
    """The alternatives that a type consists of. What only says that there is no value is none of them."""
    for member in members_of(hint):
        origin = get_origin(member)
        if origin is Annotated:
            yield from unfolded(get_args(member)[0])
        elif origin is Literal:
            yield from (OneValue(value) for value in get_args(member) if not is_meta_signal(type(value)))
        elif isinstance(member, typing.NewType):
            yield from unfolded(member.__supertype__)
        elif member is None:
            yield types.NoneType
        elif not is_meta_signal(member):
            # The bare `Tuple` would pass for `tuple[()]`, which has no arguments either.
            yield tuple if member is typing.Tuple else member  # noqa: UP006


def _apart(one: Any, other: Any) -> bool:
    if isinstance(one, OneValue) and isinstance(other, OneValue):
        return bool(one.value != other.value)
    if get_origin(one) is get_origin(other) is tuple and not (is_unpacked(one) or is_unpacked(other)):
        return _tuples_apart(get_args(one), get_args(other))
    exact = isinstance(one, ExactClass), isinstance(other, ExactClass)
    known = isinstance(one, OneValue) or isinstance(other, OneValue)
    return _classes_apart(_class_of(one), _class_of(other), exact, known)


def _class_of(hint: Any) -> type:
    """The class that all values of a type are instances of; `object` if nothing is known."""
    if isinstance(hint, OneValue):
        return type(hint.value)
    if isinstance(hint, ExactClass):
        return hint.kind
    if typing.is_typeddict(hint):
        return dict
    kind = get_origin(hint) or hint
    # `IO`, `Any` and the like stand for what they are no classes of.
    if isinstance(kind, type) and kind.__module__ not in ("typing", "typing_extensions") and not is_unpacked(hint):
        return kind
    return object


def _tuples_apart(some: tuple[Any, ...], others: tuple[Any, ...]) -> bool:
    if any(is_unpacked(hint) for hint in (*some, *others)):
        return False
    if some[1:] == others[1:] == (...,):
        return False
    if some[1:] == (...,):
        some = some[:1] * len(others)
    elif others[1:] == (...,):
        others = others[:1] * len(some)
    return len(some) != len(others) or any(map(are_disjoint, some, others))


def is_unpacked(hint: Any) -> bool:
    """Whether it is `*tuple[...]`, which stands for several types, or what `typing.Unpack` makes of one."""
    return getattr(hint, "__unpacked__", False) or getattr(get_origin(hint), "_name", None) == "Unpack"


def _classes_apart(one: type, other: type, exact: tuple[bool, bool], known: bool) -> bool:
    """Whether nothing can be an instance of both classes.

    Args:
        one: A class.
        other: A class.
        exact: For each, whether only its own instances are meant.
        known: Whether one is the class of a known value.
    """
    if one is other or not (_is_ordinary(one) and _is_ordinary(other)) or _stand_for_each_other(one, other):
        return False
    if issubclass(one, other):
        return exact[1]
    if issubclass(other, one):
        return exact[0]
    if known or any(exact) or _is_final(one) or _is_final(other):
        return True
    if _is_open(one) or _is_open(other):
        return False
    layouts = _layout(one), _layout(other)
    return not (issubclass(*layouts) or issubclass(*reversed(layouts)))


def _is_ordinary(kind: type) -> bool:
    """Whether its instances are those of its subclasses, and nothing else.

    It is not if it says itself what its instances are, as protocols do, nor if they say themselves what they are of, as
    proxies and mocks do.
    """
    if any(base is Any or "__class__" in vars(base) for base in kind.__mro__ if base is not object):
        return False
    check = type(kind).__instancecheck__
    return check in (type.__instancecheck__, ABCMeta.__instancecheck__) or is_model(kind)


def is_model(kind: type) -> bool:
    """Whether a class is a model of pydantic."""
    return isinstance(kind, type(BaseModel))


def _is_open(kind: type) -> bool:
    """Whether it is an abstract base class: other classes may be made to count as its subclasses."""
    return isinstance(kind, ABCMeta) and not is_model(kind)


def _is_final(kind: type) -> bool:
    """Whether it has no subclasses but those that exist."""
    if issubclass(kind, Enum) and kind.__members__:
        return True
    return not kind.__flags__ & _CAN_BE_SUBCLASSED or "__final__" in vars(kind)


def _stand_for_each_other(one: type, other: type) -> bool:
    """Whether the types are mixed by custom: an `int` for a `float`, a number of numpy for either.

    What has items can be iterated over, although it does not count as iterable.
    """
    if _is_number(one) and _is_number(other):
        return True
    if abc.Iterable in (one, other) and hasattr(other if one is abc.Iterable else one, "__getitem__"):
        return True
    return issubclass(one, _MADE_OF_BYTES) and issubclass(other, _MADE_OF_BYTES)


def _is_number(kind: type) -> bool:
    return hasattr(kind, "__float__") or hasattr(kind, "__complex__")


def _layout(kind: type) -> type:
    """The nearest class whose instances have fields in memory that those of its base have not.

    A class can't inherit from two whose fields are not those of one of them. It is not tried, as making a class may
    run code of the user's.
    """
    base = kind.__base__
    if base is None:
        return object
    added = kind.__basicsize__
    # The places for attributes and weak references don't keep a class from having other bases.
    added -= _WORD * (kind.__weakrefoffset__ > 0 and base.__weakrefoffset__ == 0)
    added -= _WORD * (kind.__dictoffset__ != base.__dictoffset__)
    return kind if added > base.__basicsize__ or kind.__itemsize__ != base.__itemsize__ else _layout(base)
