"""Classes that attrs makes: what stands for one has the `__init__` that attrs would write for its fields."""

from __future__ import annotations

import ast
import functools
from collections.abc import Iterator, Sequence
from typing import Any, ClassVar, get_origin
from weakref import WeakKeyDictionary

from noob_cli.code.annotations import MISSING, UNRESOLVED
from noob_cli.code.codebase import UnknownCodeError
from noob_cli.code.looking import mro_of
from noob_cli.code.reading.evaluating import Evaluation, Unknown
from noob_cli.code.reading.stand_ins import origin_of
from noob_cli.named_tuple import NamedTuple

_MODULES = ("attr._next_gen", "attr._make")
"""Where attrs has what makes classes and fields, by whatever name that is imported."""

_OF_NO_EFFECT = frozenset(
    {
        *("frozen", "slots", "eq", "order", "repr", "hash", "unsafe_hash", "str", "weakref_slot", "on_setattr"),
        *("cache_hash", "auto_detect", "getstate_setstate", "match_args", "auto_exc"),
    }
)
"""What may be said of a class that changes nothing of what it takes."""

_GIVEN_OTHERWISE = object()
"""Stands for a default that is made, or isn't known."""


class _Field(NamedTuple):
    """A field of a class.

    Args:
        name: Its name.
        argument: The name by which it is given; nothing if it isn't.
        default: What it is otherwise.
        by_name: Whether it is given by name only.
        annotation: Its type.
    """

    name: str
    argument: str
    default: Any
    by_name: bool
    annotation: Any


_own_fields: WeakKeyDictionary[Any, list[_Field]] = WeakKeyDictionary()


def makes_class(decorator: ast.expr, around: Evaluation) -> bool:
    """Whether a decorator is one of those by which attrs makes a class."""
    return _name_in_attrs(around.value_or_unknown(_called(decorator))) in ("define", "attrs")


def with_fields(made: type, node: ast.ClassDef, decorator: ast.expr, around: Evaluation) -> type:
    """What stands for a class, with what attrs gives it.

    Args:
        made: What stands for it without.
        node: Its definition.
        decorator: The decorator of attrs.
        around: What is known where it stands.

    Raises:
        UnknownCodeError: What attrs makes of it shows only when code runs.
    """
    options = _options_in(decorator, around) if isinstance(decorator, ast.Call) else {}
    is_old = _name_in_attrs(around.value(_called(decorator))) == "attrs"
    by_name = options.get("kw_only", False)
    is_known = options.keys() <= _OF_NO_EFFECT | {"kw_only", "auto_attribs"} and not isinstance(by_name, Unknown)
    if not is_known or options.get("auto_attribs", not is_old) is not True:
        raise UnknownCodeError(node.name)
    own = list(_fields_in(made, node, around, by_name=bool(by_name)))
    _own_fields[made] = own
    if "__init__" in vars(made) and not is_old:
        return made
    names = {field.name for field in own}
    inherited: dict[str, _Field] = {}
    for base in reversed(mro_of(made)[1:]):
        for field in _own_fields.get(base, []):
            inherited.pop(field.name, None)
            inherited[field.name] = field
    fields = [*(field for field in inherited.values() if field.name not in names), *own]
    if by_name and any(not field.by_name for field in fields[: len(fields) - len(own)]):
        # Whether this is about what is inherited, too, depends on the version of attrs.
        raise UnknownCodeError(node.name)
    made.__init__ = _init(made, [field for field in fields if field.argument])  # type: ignore[misc]
    return made


def _called(decorator: ast.expr) -> ast.expr:
    return decorator.func if isinstance(decorator, ast.Call) else decorator


def _fields_in(made: type, node: ast.ClassDef, around: Evaluation, *, by_name: bool) -> Iterator[_Field]:
    for statement in node.body:
        if isinstance(statement, ast.Assign) and _field_call(statement.value, around) is not None:
            # Then only what is no annotation alone is a field.
            raise UnknownCodeError(node.name)
        if not isinstance(statement, ast.AnnAssign) or not isinstance(statement.target, ast.Name):
            continue
        name = statement.target.id
        annotation: Any = made.__annotations__.get(name, UNRESOLVED)
        if annotation is ClassVar or get_origin(annotation) is ClassVar:
            continue
        call = None if statement.value is None else _field_call(statement.value, around)
        if call is not None:
            yield _field(name, annotation, call, around, by_name=by_name)
        else:
            default = MISSING if statement.value is None else _default(statement.value, around)
            yield _Field(name, name.lstrip("_"), default, by_name, annotation)


def _field(name: str, annotation: Any, call: ast.Call, around: Evaluation, *, by_name: bool) -> _Field:
    keywords = {keyword.arg: keyword.value for keyword in call.keywords}
    if None in keywords or len(call.args) > 1:
        raise UnknownCodeError(name)
    values = {
        key: around.value_or_unknown(value) for key, value in keywords.items() if key in ("init", "kw_only", "alias")
    }
    if any(isinstance(value, Unknown) for value in values.values()):
        raise UnknownCodeError(name)
    given = [*call.args, *(keywords[key] for key in ("default",) if key in keywords)]
    default: Any = _default(given[0], around) if given else MISSING
    argument = values.get("alias", name.lstrip("_"))
    # It becomes source.
    if not (isinstance(argument, str) and argument.isascii() and argument.isidentifier()):
        raise UnknownCodeError(name)
    return _Field(
        name,
        argument if values.get("init", True) else "",
        _GIVEN_OTHERWISE if "factory" in keywords else default,
        bool(values.get("kw_only", by_name)),
        UNRESOLVED if "converter" in keywords else annotation,
    )


def _default(node: ast.expr, around: Evaluation) -> Any:
    value = around.value_or_unknown(node)
    return _GIVEN_OTHERWISE if isinstance(value, Unknown) or isinstance(node, ast.Call) else value


def _field_call(node: ast.expr, around: Evaluation) -> ast.Call | None:
    if not isinstance(node, ast.Call):
        return None
    return node if _name_in_attrs(around.value_or_unknown(node.func)) in ("field", "attrib") else None


def _name_in_attrs(made: Any) -> str | None:
    """What attrs calls one of its functions."""
    function = made.func if isinstance(made, functools.partial) else made
    origin = origin_of(function)
    if origin is None or origin.module not in _MODULES or not isinstance(origin.node, ast.FunctionDef):
        return None
    return origin.node.name


def _options_in(decorator: ast.Call, around: Evaluation) -> dict[str, Any]:
    if decorator.args or any(keyword.arg is None for keyword in decorator.keywords):
        raise UnknownCodeError(ast.unparse(decorator))
    return {str(keyword.arg): around.value_or_unknown(keyword.value) for keyword in decorator.keywords}


def _init(made: type, fields: Sequence[_Field]) -> Any:
    given: dict[str, Any] = {"__builtins__": {}}
    given |= {f"default_{field.argument}": field.default for field in fields}
    positional, by_name = ([field for field in fields if field.by_name is kind] for kind in (False, True))
    arguments = ", ".join(["self", *map(_written, positional), *(["*"] if by_name else []), *map(_written, by_name)])
    try:
        exec(f"def __init__({arguments}): pass", given)
    except SyntaxError as error:
        raise UnknownCodeError(made.__name__) from error
    init = given["__init__"]
    init.__module__ = made.__module__
    init.__annotations__ = {field.argument: field.annotation for field in fields if field.annotation is not UNRESOLVED}
    return init


def _written(field: _Field) -> str:
    return field.argument if field.default is MISSING else f"{field.argument}=default_{field.argument}"
