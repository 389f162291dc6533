"""Type expressions as tube files write them, and validation of values against them."""

from __future__ import annotations

import ast
import functools
import inspect
import typing
import warnings
from collections.abc import Callable
from typing import Any

from pydantic import ConfigDict, TypeAdapter
from pydantic.errors import PydanticSchemaGenerationError

from noob_cli.code.finding import CodeNotFoundError, find_code
from noob_cli.code.looking import described, looked
from noob_cli.raised import describe
from noob_cli.specification.model_plugins import no_model_plugins

_PLAIN = (Any, bool, int, float, str)


class TypeExpressionError(ValueError):
    """A type expression can't be understood."""


def resolve_type(expression: str, find: Callable[[str], Any] = find_code) -> Any:
    """The type that an expression names.

    Args:
        expression: Such as `int`, `list[str]`, `pathlib.Path | None` or `Literal["a", "b"]`: builtins and the names of
            `typing` stand alone, everything else is a dotted path.
        find: Finds the code at a dotted path.

    Returns:
        What the expression says in Python.

    Raises:
        TypeExpressionError: It isn't a type expression, or names something that does not exist.
        ModuleFailedError: A module that it names raised an error while it was imported.
    """
    try:
        tree = _parsed(expression)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        raise TypeExpressionError(f"'{expression}' is not a Python type expression") from None
    try:
        return _type_of(tree.body, find)
    except CodeNotFoundError as error:
        raise TypeExpressionError(f"the type '{expression}' can't be found: {error}") from error
    except (TypeError, RecursionError) as error:
        raise TypeExpressionError(f"'{expression}' is not a type: {error}") from None


def paths_in(expression: str) -> list[str]:
    """The dotted paths in a type expression, of which parts may be given too.

    Args:
        expression: One that `resolve_type` understands.
    """
    nodes = ast.walk(_parsed(expression))
    return [ast.unparse(node) for node in nodes if isinstance(node, ast.Attribute)]


def type_adapter(kind: Any) -> TypeAdapter[Any]:
    """A validator for a type; a class that pydantic does not know is checked with `isinstance`.

    Raises:
        TypeExpressionError: Pydantic can't validate it.
    """
    if any(kind is plain for plain in _PLAIN):
        return _plain_adapter(kind)
    try:
        with no_model_plugins():
            try:
                return TypeAdapter(kind)
            except PydanticSchemaGenerationError:
                with warnings.catch_warnings():
                    # Anything that is no type is told by a warning only.
                    warnings.simplefilter("error")
                    return TypeAdapter(kind, config=ConfigDict(arbitrary_types_allowed=True))
    except UserWarning:
        raise TypeExpressionError(f"{described(kind)}, is not a type") from None
    except KeyboardInterrupt:
        raise
    except BaseException as error:
        # Asked for what it needs, the user's class may raise anything.
        raise TypeExpressionError(f"values of {described(kind)}, can't be validated: {describe(error)}") from None


@functools.cache
def _plain_adapter(kind: Any) -> TypeAdapter[Any]:
    """A validator for one of the types that most inputs have, made once for all."""
    with no_model_plugins():
        return TypeAdapter(kind)


@functools.lru_cache(maxsize=1_000)
def _parsed(expression: str) -> ast.Expression:
    return ast.parse(expression.strip(), mode="eval")


def _type_of(node: ast.expr, find: Callable[[str], Any]) -> Any:
    if isinstance(node, ast.Name | ast.Attribute):
        return _named(node, find)
    if isinstance(node, ast.Subscript):
        generic = _type_of(node.value, find)
        if generic is typing.Literal:
            return generic[_literal(node.slice)]
        arguments = node.slice.elts if isinstance(node.slice, ast.Tuple) else [node.slice]
        types = tuple(_type_of(argument, find) for argument in arguments)
        return generic[types if len(types) > 1 else types[0]]
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.BitOr):
        return typing.Union[_type_of(node.left, find), _type_of(node.right, find)]  # noqa: UP007
    if isinstance(node, ast.List):
        return [_type_of(element, find) for element in node.elts]
    if isinstance(node, ast.Constant):
        if node.value is None or node.value is Ellipsis:
            return node.value
        if isinstance(node.value, str):
            return resolve_type(node.value, find)
    raise TypeExpressionError(f"'{ast.unparse(node)}' is not a type")


def _literal(node: ast.expr) -> Any:
    try:
        return ast.literal_eval(node)
    except ValueError:
        raise TypeExpressionError(f"'{ast.unparse(node)}' is not a literal") from None


def _named(node: ast.Name | ast.Attribute, find: Callable[[str], Any]) -> Any:
    path = ast.unparse(node)
    in_typing = isinstance(node, ast.Name) and node.id in typing.__all__
    code = getattr(typing, path) if in_typing else find(path)
    if looked(lambda: inspect.isroutine(code), False) or type(code) is functools.partial:
        # Pydantic would call it with each value.
        raise TypeExpressionError(f"'{path}' is a function, not a type")
    return code
