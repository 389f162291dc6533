"""Rules on inputs: their types exist, and admit their defaults."""

from __future__ import annotations

import builtins
import typing
from collections.abc import Mapping
from inspect import isclass
from typing import Any

from pydantic import TypeAdapter, ValidationError

from noob_cli.advice import Advice, add, did_you_mean, respelled
from noob_cli.check.finding import Finding
from noob_cli.check.module_hints import (
    CORRECT_THERE,
    check_name,
    failing_module,
    hint_for_module,
    named_alone,
    names_in,
)
from noob_cli.code.codebase import Codebase, UnknownCodeError
from noob_cli.code.finding import CodeNotFoundError, ModuleFailedError
from noob_cli.diagnostics import DocumentPath, Severity
from noob_cli.specification.input import InputScope, InputSpecification
from noob_cli.specification.reference import INPUT
from noob_cli.specification.type_expression import TypeExpressionError, paths_in, resolve_type, type_adapter
from noob_cli.spelling import nearest
from noob_cli.struct import Struct, field

_TYPE_NAMES = (
    *(name for name, value in vars(builtins).items() if isclass(value) and not issubclass(value, BaseException)),
    *typing.__all__,
)
"""What stands alone in a type expression."""

_OTHERWISE = {
    "string": "str",
    "text": "str",
    "integer": "int",
    "number": "float",
    "boolean": "bool",
    "array": "list",
    "object": "dict",
    "null": "None",
}
"""What types are called elsewhere, in JSON Schema and in SQL, and their names in Python."""


class Inputs(Struct):
    """The inputs of a tube, as far as they could be understood.

    Args:
        adapters: What validates each.
        defaults: What each is that is not given.
        findings: What is wrong with the rest.
    """

    adapters: dict[str, TypeAdapter[Any]] = field(factory=dict)
    defaults: dict[str, Any] = field(factory=dict)
    findings: list[Finding] = field(factory=list)


def read_inputs(inputs: Mapping[str, InputSpecification], codebase: Codebase) -> Inputs:
    """The validators and defaults of a tube's inputs.

    I003 is a type that can't be resolved, so that its values are not validated; I005 a default that the type does not
    admit; I006 an input that is a whole record and not given with one.

    Args:
        inputs: What the file says of the inputs.
        codebase: The code that the tube may name.
    """
    read = Inputs()
    for name, spec in inputs.items():
        if spec.record and spec.scope is not InputScope.process:
            message = f"the input '{name}' is given once, before there is a record"
            advice = Advice("write 'scope: process'", add("scope", "process", at=(INPUT, name)))
            read.findings.append(Finding("I006", message, (INPUT, name, "record"), advice))
        try:
            kind = resolve_type(spec.type_, codebase.find)
            if not codebase.validates(kind):
                raise UnknownCodeError(spec.type_)
            adapter = type_adapter(kind)
        except UnknownCodeError:
            # Nor is it known what it makes of a default.
            read.adapters[name] = type_adapter(Any)
            continue
        except (TypeExpressionError, ModuleFailedError) as error:
            read.findings.append(_unresolved(error, (INPUT, name, "type"), codebase))
            adapter = type_adapter(Any)
        else:
            for path in paths_in(spec.type_):
                read.findings += check_name(path, (INPUT, name, "type"), codebase)
        read.adapters[name] = adapter
        read.defaults[name] = spec.default
        if spec.default is not None:
            try:
                read.defaults[name] = adapter.validate_python(spec.default)
            except ValidationError as error:
                from noob_cli.specification.wrong_value import what_is_wrong

                message = what_is_wrong("the default", spec.type_, error, "found")
                hint = hint_to_fit(spec.default, adapter)
                read.findings.append(Finding("I005", message, (INPUT, name, "default"), hint))
                del read.defaults[name]
    return read


def hint_to_fit(value: Any, adapter: TypeAdapter[Any]) -> str:
    """What to do about a value that the type of an input does not admit."""

    def admits(spelled: Any) -> bool:
        try:
            adapter.validate_python(spelled)
        except ValidationError:
            return False
        return True

    return Advice("write a value of that type, or give the input another", *respelled(value, admits))


def _unresolved(error: TypeExpressionError | ModuleFailedError, path: DocumentPath, codebase: Codebase) -> Finding:
    return Finding(
        "I003",
        f"{error}; values of the input are not validated",
        path,
        CORRECT_THERE if isinstance(error, ModuleFailedError) else _hint_for_type(error.__cause__, codebase),
        severity=Severity.warning,
        explained_by=(failing_module(error.module),) if isinstance(error, ModuleFailedError) else (),
    )


def _hint_for_type(cause: BaseException | None, codebase: Codebase) -> str:
    if isinstance(cause, CodeNotFoundError):
        if cause.owner is None:
            return hint_for_module(cause.path, cause.missing, codebase)
        is_builtin = cause.owner is builtins
        known = _TYPE_NAMES if is_builtin else tuple(names_in(cause.owner))
        alone = named_alone(cause.missing, codebase) if is_builtin else None
        meant = alone or _OTHERWISE.get(cause.missing.lower()) or nearest(cause.missing, known)
        if meant is not None:
            return did_you_mean(meant, cause.missing)
    return "write a Python type, such as 'int', 'list[str]' or 'pathlib.Path'"
