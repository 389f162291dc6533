"""The functions of the module `operator` that do what an operator of Python does, and how that is written."""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping
from typing import Any

UNARY: Mapping[Callable[..., Any], str] = {
    operator.invert: "~",
    operator.neg: "-",
    operator.not_: "not ",
    operator.pos: "+",
}
"""What stands before the operand."""

BINARY: Mapping[Callable[..., Any], str] = {
    operator.add: "+",
    operator.and_: "&",
    operator.eq: "==",
    operator.floordiv: "//",
    operator.ge: ">=",
    operator.gt: ">",
    operator.le: "<=",
    operator.lshift: "<<",
    operator.lt: "<",
    operator.matmul: "@",
    operator.mod: "%",
    operator.mul: "*",
    operator.ne: "!=",
    operator.or_: "|",
    operator.pow: "**",
    operator.rshift: ">>",
    operator.sub: "-",
    operator.truediv: "/",
    operator.xor: "^",
}
"""What stands between the operands."""

_OF_AS_MANY = {1: UNARY, 2: BINARY}


def sign_of(code: Any, operands: int) -> str | None:
    """How a function is written as an operator: to write `a * b` is to call `operator.mul(a, b)`, but faster.

    Args:
        code: What a node's `type` names.
        operands: How many arguments it gets.

    Returns:
        The sign; None if the function is no operator, or one of another number of operands.
    """
    signs = _OF_AS_MANY.get(operands, {})
    return next((sign for function, sign in signs.items() if function is code), None)
