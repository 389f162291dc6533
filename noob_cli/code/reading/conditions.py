"""What of a module is run that stands under a condition, where that is known without running it."""

from __future__ import annotations

import ast
import operator
import os
import sys
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any

_KNOWN: Mapping[str, Any] = MappingProxyType(
    {
        "TYPE_CHECKING": False,
        "typing.TYPE_CHECKING": False,
        "sys.version_info": sys.version_info,
        "sys.version_info[0]": sys.version_info[0],
        "sys.version_info.major": sys.version_info[0],
        "sys.version_info[:2]": sys.version_info[:2],
        "sys.platform": sys.platform,
        "os.name": os.name,
    }
)
"""What is known of the Python in which code would run: that in which it is read."""

_COMPARED: Mapping[type[ast.cmpop], Callable[[Any, Any], Any]] = MappingProxyType(
    {
        ast.Eq: operator.eq,
        ast.NotEq: operator.ne,
        ast.Lt: operator.lt,
        ast.LtE: operator.le,
        ast.Gt: operator.gt,
        ast.GtE: operator.ge,
        ast.In: lambda one, others: one in others,
        ast.NotIn: lambda one, others: one not in others,
    }
)

_OF_ANY_IMPORT = ("ImportError", "Exception", "BaseException")
"""The errors by which a handler is one of any import that fails."""


def is_true(test: ast.expr) -> bool | None:
    """Whether a condition holds when a module is imported; None if that isn't known."""
    if isinstance(test, ast.UnaryOp) and isinstance(test.op, ast.Not):
        inner = is_true(test.operand)
        return None if inner is None else not inner
    if isinstance(test, ast.BoolOp):
        operands = [is_true(operand) for operand in test.values]
        decides = isinstance(test.op, ast.Or)
        return decides if decides in operands else None if None in operands else not decides
    if isinstance(test, ast.Compare) and len(test.ops) == 1:
        return _holds(test.left, test.ops[0], test.comparators[0])
    if isinstance(test, ast.Call) and ast.unparse(test.func) == "sys.platform.startswith" and len(test.args) == 1:
        beginning = test.args[0].value if isinstance(test.args[0], ast.Constant) else None
        return sys.platform.startswith(beginning) if isinstance(beginning, str) else None
    known = test.value if isinstance(test, ast.Constant) else _KNOWN.get(ast.unparse(test))
    return known if isinstance(known, bool) else None


def is_attempt_to_import(statement: ast.Try) -> bool:
    """Whether a `try` only imports, and binds what it shows, and says what is to be done where that can't be."""
    plain = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef | ast.Pass
    imports = [inner for inner in statement.body if isinstance(inner, ast.Import | ast.ImportFrom)]
    others = [inner for inner in statement.body if inner not in imports]
    return (
        bool(imports)
        and all(isinstance(inner, plain) or _is_plain_assignment(inner) for inner in others)
        and not any(alias.name == "*" for inner in imports for alias in inner.names)
    )


def handler_of(statement: ast.Try, error: type[ImportError]) -> ast.ExceptHandler | None:
    """What is done when an import fails; None if nothing is, or if that isn't known."""
    for handler in statement.handlers:
        kinds = handler.type.elts if isinstance(handler.type, ast.Tuple) else [handler.type]
        names = {"BaseException" if kind is None else ast.unparse(kind) for kind in kinds}
        if names & {*_OF_ANY_IMPORT, error.__name__}:
            return handler
    return None


def _holds(left: ast.expr, comparison: ast.cmpop, right: ast.expr) -> bool | None:
    known = _KNOWN.get(ast.unparse(left))
    if ast.unparse(left) == "__name__" and isinstance(comparison, ast.Eq):
        return False
    compare = _COMPARED.get(type(comparison))
    if known is None or compare is None:
        return None
    try:
        return bool(compare(known, ast.literal_eval(right)))
    except (ValueError, TypeError):
        return None


def _is_plain_assignment(statement: ast.stmt) -> bool:
    if not isinstance(statement, ast.Assign | ast.AnnAssign) or statement.value is None:
        return False
    return isinstance(statement.value, ast.Constant | ast.Name | ast.Attribute)
