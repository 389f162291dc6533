"""What of a class Python, enum, dataclasses or pydantic call or compile while it is made.

Where code is only read, none of that may be chosen by who wrote it.
"""

from __future__ import annotations

import datetime
import enum
import types
from collections.abc import Callable
from typing import Any

from pydantic import ImportString, alias_generators

from noob_cli.code.codebase import UnknownCodeError
from noob_cli.code.looking import attribute, is_class, is_subclass, mro_of

_RUN_BY_PYTHON = frozenset(
    {
        *("__init_subclass__", "__class_getitem__", "__set_name__", "__prepare__", "__mro_entries__", "__new__"),
        *("__get_pydantic_core_schema__", "__get_validators__", "__get__", "__getattr__", "__getattribute__"),
        *("__instancecheck__", "__subclasscheck__", "__subclasshook__", "get_signals", "get_slots"),
        *("__hash__", "__eq__", "__or__", "__ror__", "__class__", "__signature__", "__wrapped__", "__call__"),
    }
)
"""What a class may define by which it is another than it seems, or is made in another way."""

_PLAIN_METHODS = frozenset({"__hash__", "__eq__", "__call__", "__get__", "__getattr__"})
"""Those of them that, as methods, are what they are."""

_COMPILED = frozenset(
    {"__annotations__", "__annotate__", "__annotate_func__", "__match_args__", "__module__", "__type_params__"}
)
"""What says the names and the types of fields: what makes classes compiles or evaluates them."""

_COMPILED_BEGINNINGS = ("__dataclass_", "__pydantic_", "__attrs_")

_MOST_WRAPPED = 100
"""How many decorators are looked through: what has more stands in a circle."""

_PLAIN_MEMBERS = (
    *(object, int, float, complex, str, bytes, tuple, frozenset),
    *(datetime.date, datetime.datetime, datetime.time, datetime.timedelta),
)
"""Whose instances the members of an enumeration may be: they are made when the class is."""

_GENERATORS = (alias_generators.to_camel, alias_generators.to_pascal, alias_generators.to_snake)
"""What gives names to fields, and does nothing else."""

OriginOf = Callable[[Any], object | None]
"""Where what stands for something comes from; None for what is itself."""


def refuse_name(name: str, *, is_method: bool = False) -> None:
    """Refuse what a class may not define.

    Args:
        name: What a definition or an assignment in the class binds.
        is_method: Whether that is a function.

    Raises:
        UnknownCodeError: What the class is would show only when code runs.
    """
    is_run = name in _RUN_BY_PYTHON and not (is_method and name in _PLAIN_METHODS)
    if is_run or name in _COMPILED or name.startswith(_COMPILED_BEGINNINGS):
        raise UnknownCodeError(name)


def refuse_value(name: str, value: Any, origin_of: OriginOf) -> None:
    """Refuse what a class assigns to a name by which it would be called.

    Args:
        name: The name.
        value: What is assigned.
        origin_of: Tells what stands for code of the user's: that does nothing.

    Raises:
        UnknownCodeError: It may be called while the class is made.
    """
    is_special = (name.startswith("_") and name.endswith("_")) or name.startswith("model_")
    if is_special and is_foreign(value, origin_of):
        raise UnknownCodeError(name)
    refuse_configuration({name: value})


def refuse_configuration(value: Any) -> None:
    """Refuse what is given where classes, fields and calls are configured, and holds what is called there.

    Raises:
        UnknownCodeError: It may be called, or evaluated, while something is made with it.
    """
    if not isinstance(value, dict):
        return
    for name, inner in value.items():
        if not isinstance(name, str):
            continue
        is_called = name.endswith("_generator") and callable(inner) and inner not in _GENERATORS
        is_evaluated = name.endswith("_type") and isinstance(inner, str)
        if is_called or is_evaluated:
            raise UnknownCodeError(name)
        refuse_configuration(inner)


def refuse_bases(bases: tuple[Any, ...], keywords: dict[str, Any], origin_of: OriginOf) -> None:
    """Refuse that a class is made by something else than a metaclass, or that its members are made of what does more.

    Args:
        bases: The bases of the class.
        keywords: What else stands in its brackets.
        origin_of: Tells what stands for code of the user's.

    Raises:
        UnknownCodeError: What the class is would show only when code runs.
    """
    metaclass = keywords.get("metaclass", type)
    if not (is_class(metaclass) and is_subclass(metaclass, type)) or origin_of(metaclass) is not None:
        raise UnknownCodeError("metaclass")
    refuse_configuration(keywords)
    classes = [base for base in types.resolve_bases(bases) if is_class(base)]
    if any(is_subclass(kind, enum.EnumMeta) for kind in (metaclass, *map(type, classes))):
        for cls in {cls for base in classes for cls in mro_of(base)}:
            is_plain = cls in _PLAIN_MEMBERS or type(cls) is enum.EnumMeta or cls.__module__ == "enum"
            if not is_plain and origin_of(cls) is None:
                raise UnknownCodeError(cls.__name__)


def is_foreign(value: Any, origin_of: OriginOf) -> bool:
    """Whether something can be called, and then does something: no stand-in is behind it."""
    for _ in range(_MOST_WRAPPED):
        if not callable(value) or origin_of(value) is not None:
            return False
        value = attribute(value, "__wrapped__", value)
    return True


def imports_what_it_validates(kind: Any) -> bool:
    """Whether a type is one of those of pydantic whose values are imported, or may be."""
    is_own = attribute(kind, "__get_validators__") is not None
    return is_own or kind is ImportString or type(kind) is ImportString
