"""What is wrong with a value that its type does not admit: which part of it, and what that should be."""

from __future__ import annotations

import ast
from typing import Final

from pydantic import ValidationError

from noob_cli.wording import short_repr

_KEY: Final = "[key]"
"""What pydantic's path to a key of a mapping ends with."""

_MAPPINGS: Final = ("dict", "mapping", "mutablemapping", "defaultdict", "ordereddict")
"""Types of keys and values, whatever module has them, and whether it writes them in capitals."""

_PAIR: Final = 2


def what_is_wrong(subject: str, expression: str, error: ValidationError, verb: str = "given") -> str:
    """Why a value is refused, in words: its first part that is wrong, what that should be, and what it is.

    Args:
        subject: What has the value: `the input 'w'`.
        expression: The type of the value, as the file says it.
        error: What pydantic says.
        verb: What is said of the value that is there.
    """
    problems = error.errors(include_url=False, include_context=False)
    steps, text, value = list(problems[0]["loc"]), problems[0]["msg"], problems[0]["input"]
    if problems[0]["type"] == "missing":
        text = f"{steps.pop()!r} is missing"
    is_key = steps[-1:] == [_KEY]
    path = ""
    whole = ast.parse(expression.strip(), mode="eval").body
    inner: ast.expr | None = whole
    for number, step in enumerate(steps):
        members = [] if inner is None else _members_of(inner)
        if step == _KEY:
            continue
        if len(members) > 1:
            # The step is no part of the value, but says for which member the rest is.
            refusals = [problem for problem in problems if problem["loc"][:number] == tuple(steps[:number])]
            of_all = [problem for problem in refusals if len(problem["loc"]) == number + 1]
            if of_all:
                value, text = of_all[0]["input"], "; ".join(dict.fromkeys(refusal["msg"] for refusal in of_all))
                break
            inner = next((member for member in members if ast.unparse(member) == step), None)
            continue
        of_key = is_key and number == len(steps) - _PAIR
        path += "" if of_key else f"[{step!r}]"
        inner = _inside(members[0], step, of_key=of_key) if members else None
    whose = f"a key of {subject}{path}" if is_key else f"{subject}{path}"
    # As it is written, if it is all of it.
    expected = "is wrong" if inner is None else f"should be {expression if inner is whole else ast.unparse(inner)}"
    return f"{whose} {expected}, {verb} {short_repr(value)}: {text}"


def _members_of(node: ast.expr) -> list[ast.expr]:
    """The members of a union but None, for which there is no step; of any other type, the type itself."""
    if isinstance(node, ast.BinOp):
        members = [*_members_of(node.left), *_members_of(node.right)]
    elif isinstance(node, ast.Subscript) and _head(node) in ("union", "optional"):
        members = [member for argument in _arguments(node) for member in _members_of(argument)]
    else:
        return [node]
    return [member for member in members if not (isinstance(member, ast.Constant) and member.value is None)]


def _inside(node: ast.expr, step: int | str, *, of_key: bool) -> ast.expr | None:
    """The type of what is in a value of a type; None if its text does not say it."""
    if not isinstance(node, ast.Subscript):
        return None
    arguments = _arguments(node)
    if _head(node) in _MAPPINGS and len(arguments) == _PAIR:
        return arguments[0 if of_key else 1]
    if not isinstance(step, int):
        return None
    if _head(node) == "tuple" and not (isinstance(arguments[-1], ast.Constant) and arguments[-1].value is Ellipsis):
        return arguments[step] if step < len(arguments) else None
    return arguments[0]


def _head(node: ast.Subscript) -> str:
    return ast.unparse(node.value).rpartition(".")[2].lower()


def _arguments(node: ast.Subscript) -> list[ast.expr]:
    return node.slice.elts if isinstance(node.slice, ast.Tuple) else [node.slice]
