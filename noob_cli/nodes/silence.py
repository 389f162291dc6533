"""What is known of the values that a node's code makes: where it can't be `NoEvent`, nothing has to look for it."""

from __future__ import annotations

import dis
import inspect
import operator
from collections.abc import Callable, Sequence
from enum import Enum
from types import FunctionType, NoneType
from typing import Any

from noob_cli.nodes.operators import BINARY, UNARY

_PLAIN = (bool, bytes, complex, float, int, str, NoneType)
"""Types with whose values operators make nothing but plain values."""

_ALWAYS_EMIT = (bool, bytes, complex, float, int, NoneType, len, range)
"""Classes and functions that give nothing but what they are called for.

Not `str`, since a `__str__` may give any, nor what goes through an iterable, which may end the run.
"""

_OF_PLAIN = (bool, bytes, complex, float, int, str, abs, pow, *UNARY, *BINARY)
"""Classes and functions that make plain values of plain values: those of the values themselves, and the operators."""

_SIGNS_OF_INTS = frozenset({"+", "-", "*", "//", "%", "&", "|", "^", "<<", ">>"})
"""The operators that make an int of two ints."""

_OF_INTS = (
    *(int, abs, operator.invert, operator.neg, operator.pos),
    *(function for function, sign in BINARY.items() if sign in _SIGNS_OF_INTS),
)
"""Classes and functions that make an int of ints."""

_MAKE_OR_MOVE = (
    "BINARY_OP",
    "BUILD_",
    "CACHE",
    "COMPARE_OP",
    "CONTAINS_OP",
    "CONVERT_VALUE",
    "COPY",
    "EXTENDED_ARG",
    "FORMAT_",
    "IS_OP",
    "JUMP_",
    "LOAD_CONST",
    "LOAD_FAST",
    "LOAD_SMALL_INT",
    "NOP",
    "NOT_TAKEN",
    "POP_",
    "RERAISE",
    "RESUME",
    "RETURN_",
    "STORE_FAST",
    "SWAP",
    "TO_BOOL",
    "UNARY_",
    "YIELD_VALUE",
)
"""How the names of the instructions begin that make plain values, or move them; none of them fetches anything."""


_MAKE_OR_MOVE_INTS = (
    *("CACHE", "COPY", "EXTENDED_ARG", "LOAD_FAST", "LOAD_SMALL_INT", "NOP", "RESUME", "RETURN_VALUE", "STORE_FAST"),
    *("SWAP", "UNARY_INVERT", "UNARY_NEGATIVE"),
)
"""How the names of the instructions begin that make an int of ints, or move them."""


class Plain(Enum):
    """What is known of a plain value."""

    integer = "it is an int, and of no subclass"
    any = "it is a number, a text, bytes or None, and of no subclass of their types"


def always_emits(code: Callable[..., Any]) -> bool:
    """Whether each call is known to give a value and not `NoEvent`, whatever it is called with.

    Args:
        code: What a node's `type` names.

    Returns:
        False where it can't be known.
    """
    return any(code is each for each in _ALWAYS_EMIT)


def emits_of_plain(code: Callable[..., Any]) -> bool:
    """Whether each call, or each item of a generator, is known to be a value if all that it is called with is plain.

    That is so for a function that makes all others of those and of constants with operators. Nobody's word is taken for
    what it gets: `NoEvent` may be the default of a parameter that is annotated as a text, which it also is.

    Args:
        code: What a node's `type` names.

    Returns:
        False where it can't be known.
    """
    if type(code) is not FunctionType:
        return False
    gets_more = code.__code__.co_flags & (inspect.CO_VARARGS | inspect.CO_VARKEYWORDS)
    return not gets_more and _has_plain_defaults(code) and all(map(_is_harmless, dis.get_instructions(code)))


def makes_plain(code: Callable[..., Any]) -> bool:
    """Whether what a call returns is known to be a plain value if all that it is called with is plain.

    That is so for the types of plain values, for operators, and for a function that has nothing but them and constants:
    unlike with `always_emits`, nobody's word is taken for what it gets.

    Args:
        code: What the `type` of a node or an asset names.

    Returns:
        False where it can't be known.
    """
    return _makes_only(code, _OF_PLAIN, is_plain, _makes_plain)


def keeps_ints(code: Callable[..., Any]) -> bool:
    """Whether what a call returns is known to be an int, and of no subclass, if all that it is called with is.

    That is so for `int`, for operators, and for a function that calculates with them in a straight line.

    Args:
        code: What the `type` of a node or an asset names.

    Returns:
        False where it can't be known.
    """
    return _makes_only(code, _OF_INTS, lambda default: plainness(default) is Plain.integer, _makes_int)


def is_plain(value: object) -> bool:
    """Whether a value is a number, a text, bytes or None, and of no subclass of their types."""
    return type(value) in _PLAIN


def plainness(value: object) -> Plain | None:
    """What is known of a value; None if it is not plain."""
    if type(value) is int:
        return Plain.integer
    return Plain.any if is_plain(value) else None


def _makes_only(
    code: Callable[..., Any],
    known: Sequence[object],
    are_defaults: Callable[[object], bool],
    are_instructions: Callable[[dis.Instruction], bool],
) -> bool:
    """Whether code makes values of one sort of values of that sort.

    It is known for that, or a function that makes what it returns of its parameters with nothing but such defaults and
    instructions.
    """
    # A proxy gives itself out for the function that it stands for, and does what it wants.
    if type(code) is not FunctionType:
        return any(code is each for each in known)
    makes_more = inspect.CO_GENERATOR | inspect.CO_COROUTINE | inspect.CO_ASYNC_GENERATOR
    gets_more = inspect.CO_VARARGS | inspect.CO_VARKEYWORDS
    is_simple = not code.__code__.co_flags & (makes_more | gets_more)
    return (
        is_simple and all(map(are_defaults, _defaults(code))) and all(map(are_instructions, dis.get_instructions(code)))
    )


def _defaults(code: FunctionType) -> tuple[Any, ...]:
    return (*(code.__defaults__ or ()), *(code.__kwdefaults__ or {}).values())


def _has_plain_defaults(code: FunctionType) -> bool:
    return all(map(is_plain, _defaults(code)))


def _makes_plain(instruction: dis.Instruction) -> bool:
    """Whether an instruction makes or moves nothing but plain values, and no list or the like of them."""
    if instruction.opname in ("LOAD_CONST", "RETURN_CONST"):
        return is_plain(instruction.argval)
    makes_container = instruction.opname.startswith("BUILD_") and instruction.opname != "BUILD_STRING"
    return not makes_container and _is_harmless(instruction)


def _makes_int(instruction: dis.Instruction) -> bool:
    if instruction.opname in ("LOAD_CONST", "RETURN_CONST"):
        return type(instruction.argval) is int
    if instruction.opname == "BINARY_OP":
        return instruction.argrepr.removesuffix("=") in _SIGNS_OF_INTS
    return instruction.opname.startswith(_MAKE_OR_MOVE_INTS)


def _is_harmless(instruction: dis.Instruction) -> bool:
    if instruction.opname == "CALL_INTRINSIC_1":
        # What turns a StopIteration that leaves a generator into an error.
        return instruction.argrepr == "INTRINSIC_STOPITERATION_ERROR"
    if instruction.opname == "BINARY_OP" and "[" in instruction.argrepr:
        return False
    return instruction.opname.startswith(_MAKE_OR_MOVE)
