"""The functions that are written as operators."""

from __future__ import annotations

import operator

import pytest

from noob_cli.plan.lowering.operators import BINARY, UNARY, sign_of


class Telling:
    """An object whose operators say what they were called with."""

    def __init__(self, name):
        self.name = name

    def __bool__(self):
        return False

    def __matmul__(self, other):
        return f"{self.name} @ {other.name}"


@pytest.mark.parametrize(("function", "sign"), BINARY.items(), ids=BINARY.values())
def test_binary_operators_do_what_the_functions_do(function, sign):
    for left, right in [(5, 3), (-5, 2), (6, 6)]:
        if function is operator.matmul:
            left, right = Telling("left"), Telling("right")
        assert eval(f"left {sign} right") == function(left, right)


@pytest.mark.parametrize(("function", "sign"), UNARY.items(), ids=UNARY.values())
def test_unary_operators_do_what_the_functions_do(function, sign):
    for operand in (5, -5, 0):
        assert eval(f"{sign}operand") == function(operand)


@pytest.mark.parametrize("function", [*BINARY, *UNARY], ids=lambda function: function.__name__)
def test_they_fail_as_the_functions_do(function):
    operands = [object() for _ in range(1 if function in UNARY else 2)]
    names = ["left", "right"][: len(operands)]
    values = dict(zip(names, operands, strict=True))
    sign = sign_of(function, len(operands))
    text = f"{sign}left" if function in UNARY else f"left {sign} right"

    assert outcome_of(lambda: eval(text, values)) == outcome_of(lambda: function(*operands))


def outcome_of(call):
    try:
        return call()
    except TypeError as error:
        return str(error)


@pytest.mark.parametrize(
    ("function", "operands"), [(operator.mul, 1), (operator.neg, 2), (operator.getitem, 2), (abs, 1), (max, 3), ([], 1)]
)
def test_what_is_no_operator_of_so_many_operands(function, operands):
    assert sign_of(function, operands) is None
