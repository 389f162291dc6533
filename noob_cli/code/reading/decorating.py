"""What a decorator makes of a function or a class, as far as that shows in its source."""

from __future__ import annotations

import abc
import ast
import contextlib
import dataclasses
import enum
import functools
import types
import typing
from typing import Any

import pydantic
import typing_extensions

from noob_cli.code import marks
from noob_cli.code.codebase import UnknownCodeError
from noob_cli.code.compatibility import mark_of_public_decorator
from noob_cli.code.looking import is_class, name_of
from noob_cli.code.reading.evaluating import Evaluation, Unknown
from noob_cli.code.reading.hooks import refuse_configuration
from noob_cli.code.reading.stand_ins import FunctionNode, Maker, Origin, inside, origin_of

_APPLIED = (
    *(staticmethod, classmethod, property, functools.cache, functools.cached_property, functools.singledispatch),
    *(functools.singledispatchmethod, functools.total_ordering, functools.lru_cache, functools.wraps),
    *(
        contextlib.contextmanager,
        contextlib.asynccontextmanager,
        abc.abstractmethod,
        enum.unique,
        dataclasses.dataclass,
    ),
    *(typing.overload, typing.final, typing.runtime_checkable, typing.no_type_check, types.coroutine),
    *(typing_extensions.override, typing_extensions.overload, typing_extensions.final, typing_extensions.deprecated),
    *(marks.process_method, marks.init_method, marks.deinit_method, marks.flush_method, marks.resume_method),
    *(pydantic.validate_call, pydantic.field_validator, pydantic.model_validator, pydantic.computed_field),
    *(pydantic.field_serializer, pydantic.model_serializer, pydantic.dataclasses.dataclass),
)
"""Decorators that call nothing of what they are put on."""

_OF_PROPERTIES = ("setter", "getter", "deleter")


def decorated(made: Any, decorator: ast.expr, around: Evaluation, makers: dict[str, Maker]) -> Any:
    """What a decorator makes of what stands for a function or a class.

    Args:
        made: What it is put on.
        decorator: The decorator.
        around: What is known where it stands.
        makers: What makes stand-ins for the definitions of each module.

    Raises:
        UnknownCodeError: It shows only when code runs.
    """
    if isinstance(decorator, ast.Attribute) and decorator.attr in _OF_PROPERTIES:
        owner = around.value(decorator.value)
        if isinstance(owner, property):
            return getattr(owner, decorator.attr)(made)
    if isinstance(decorator, ast.Call):
        factory = around.value(decorator.func)
        if any(factory is known for known in _APPLIED):
            arguments = [around.value(argument) for argument in decorator.args]
            keywords = {
                keyword.arg: around.value_or_unknown(keyword.value) for keyword in decorator.keywords if keyword.arg
            }
            if any(isinstance(value, Unknown) for value in keywords.values()):
                raise UnknownCodeError(ast.unparse(decorator))
            if factory is functools.wraps and (keywords or len(arguments) != 1):
                raise UnknownCodeError(ast.unparse(decorator))
            refuse_configuration(keywords)
            return _applied(factory, arguments, keywords, made)
        return result_of(result_of(factory, makers), makers, made)
    return result_of(around.value(decorator), makers, made)


def _applied(factory: Any, arguments: list[Any], keywords: dict[str, Any], made: Any) -> Any:
    try:
        return factory(*arguments, **keywords)(made)
    except Exception as error:
        raise UnknownCodeError(name_of(factory)) from error


def result_of(decorator: Any, makers: dict[str, Maker], *given: Any) -> Any:
    """What the call of a decorator gives, or of what makes one.

    Args:
        decorator: What is called.
        makers: What makes stand-ins for the definitions of each module.
        given: What it is given, as far as that is known.

    Raises:
        UnknownCodeError: It shows only when code runs.
    """
    if given:
        mark = mark_of_public_decorator(decorator)
        if mark is not None:
            setattr(given[0], mark, True)
            return given[0]
        if any(decorator is known for known in _APPLIED):
            try:
                return decorator(*given)
            except Exception as error:
                raise UnknownCodeError(name_of(decorator)) from error
    origin = None if is_class(decorator) else origin_of(decorator)
    if origin is None or not isinstance(origin.node, ast.FunctionDef):
        raise UnknownCodeError("a decorator")
    return _returned(origin, origin.node, makers[origin.module], given)


def _returned(origin: Origin, node: ast.FunctionDef, maker: Maker, given: tuple[Any, ...]) -> Any:
    """What a function returns that defines another and returns it, or returns what it is given."""
    arguments = [*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs]
    names: dict[str, Any] = {argument.arg: Unknown() for argument in arguments}
    names.update({argument.arg: Unknown() for argument in (node.args.vararg, node.args.kwarg) if argument is not None})
    names.update({argument.arg: value for argument, value in zip(arguments, given, strict=False)})
    evaluation = inside(origin.evaluation, names)
    for statement in node.body:
        if isinstance(statement, FunctionNode):
            names[statement.name] = maker.function(statement, evaluation, f"{node.name}.<locals>.")
        elif isinstance(statement, ast.Return) and isinstance(statement.value, ast.Name):
            return evaluation.value(statement.value)
        elif _binds(statement) & names.keys():
            break
        elif isinstance(statement, ast.Assign):
            names.update({name: Unknown() for name in _binds(statement)})
        elif not isinstance(statement, ast.Expr | ast.Pass | ast.Assert):
            break
    raise UnknownCodeError(node.name)


def _binds(statement: ast.stmt) -> set[str]:
    """The names that a statement binds, or whose attributes it sets."""
    names = set()
    for node in ast.walk(statement):
        target: ast.AST = node
        while isinstance(target, ast.Attribute | ast.Subscript) and isinstance(target.ctx, ast.Store | ast.Del):
            target = target.value
            if isinstance(target, ast.Name):
                names.add(target.id)
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store | ast.Del):
            names.add(node.id)
        if isinstance(node, ast.Name) and node.id in ("setattr", "update_wrapper"):
            names.update(inner.id for inner in ast.walk(statement) if isinstance(inner, ast.Name))
    return names
