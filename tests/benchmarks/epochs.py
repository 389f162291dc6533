"""What an epoch costs: nodes in a row, in branches, merged, left out, and fed by generators."""

from __future__ import annotations

from itertools import count, islice
from operator import add as plus
from operator import mul, neg
from typing import Any

from noob_cli import NoEvent
from tests.benchmarks.by_hand import NODES, loop_case
from tests.benchmarks.nodes import add, double, fives, fours, increase, negate, only_even, shift, squares

LINEAR = {
    "nodes": {
        "number": {"type": "itertools.count"},
        "double": {"type": f"{NODES}.double", "depends": "number.value"},
        "increase": {"type": f"{NODES}.increase", "depends": "double.value"},
        "negate": {"type": f"{NODES}.negate", "depends": "increase.value"},
        "return": {"type": "return", "depends": "negate.value"},
    }
}


def linear(n: int) -> list[int]:
    results = []
    for number in islice(count(), n):
        results.append(negate(increase(double(number))))
    return results


LINEAR_IN_C = {
    "nodes": {
        "number": {"type": "itertools.count"},
        "absolute": {"type": "abs", "depends": "number.value"},
        "text": {"type": "str", "depends": "absolute.value"},
        "length": {"type": "len", "depends": "text.value"},
        "return": {"type": "return", "depends": "length.value"},
    }
}


def linear_in_c(n: int) -> list[int]:
    results = []
    for number in islice(count(), n):
        results.append(len(str(abs(number))))
    return results


OPERATORS = {
    "nodes": {
        "number": {"type": "itertools.count"},
        "square": {"type": "operator.mul", "depends": ["number.value", "number.value"]},
        "sum": {"type": "operator.add", "depends": ["square.value", "number.value"]},
        "negate": {"type": "operator.neg", "depends": "sum.value"},
        "return": {"type": "return", "depends": "negate.value"},
    }
}


def operators(n: int) -> list[int]:
    results = []
    for number in islice(count(), n):
        results.append(neg(plus(mul(number, number), number)))
    return results


REAL_NODES = {
    "nodes": {
        "number": {"type": "itertools.count"},
        "first": {"type": f"{NODES}.squares", "depends": "number.value"},
        "second": {"type": f"{NODES}.squares", "depends": "first.value"},
        "third": {"type": f"{NODES}.squares", "depends": "second.value"},
        "return": {"type": "return", "depends": "third.value"},
    }
}


def real_nodes(n: int) -> list[int]:
    results = []
    for number in islice(count(), n):
        results.append(squares(squares(squares(number))))
    return results


BRANCH = {
    "nodes": {
        "number": {"type": "itertools.count"},
        "double": {"type": f"{NODES}.double", "depends": "number.value"},
        "increase": {"type": f"{NODES}.increase", "depends": "number.value"},
        "return": {"type": "return", "depends": [{"double": "double.value"}, {"increase": "increase.value"}]},
    }
}


def branch(n: int) -> list[dict[str, int]]:
    results = []
    for number in islice(count(), n):
        results.append({"double": double(number), "increase": increase(number)})
    return results


MERGE = {
    "nodes": {
        "number": {"type": "itertools.count"},
        "double": {"type": f"{NODES}.double", "depends": "number.value"},
        "increase": {"type": f"{NODES}.increase", "depends": "number.value"},
        "add": {"type": f"{NODES}.add", "depends": [{"left": "double.value"}, {"right": "increase.value"}]},
        "return": {"type": "return", "depends": "add.value"},
    }
}


def merge(n: int) -> list[int]:
    results = []
    for number in islice(count(), n):
        results.append(add(left=double(number), right=increase(number)))
    return results


NO_EVENT = {
    "nodes": {
        "number": {"type": "itertools.count"},
        "even": {"type": f"{NODES}.only_even", "depends": "number.value"},
        "increase": {"type": f"{NODES}.increase", "depends": "even.value"},
        "return": {"type": "return", "depends": "increase.value"},
    }
}


def no_event(n: int) -> list[int]:
    results = []
    for number in islice(count(), n):
        even = only_even(number)
        if even is not NoEvent:
            results.append(increase(even))
    return results


OPTIONAL = {
    "nodes": {
        "number": {"type": "itertools.count"},
        "even": {"type": f"{NODES}.only_even", "depends": "number.value"},
        "shift": {"type": f"{NODES}.shift", "depends": [{"value": "number.value"}, {"by": "even.value"}]},
        "return": {"type": "return", "depends": "shift.value"},
    }
}


def optional(n: int) -> list[int]:
    results = []
    for number in islice(count(), n):
        even = only_even(number)
        if even is NoEvent:
            results.append(shift(value=number))
        else:
            results.append(shift(value=number, by=even))
    return results


GENERATOR = {
    "nodes": {
        "number": {"type": f"{NODES}.fours"},
        "double": {"type": f"{NODES}.double", "depends": "number.value"},
        "return": {"type": "return", "depends": "double.value"},
    }
}


def generator(n: int) -> list[int]:
    results = []
    for number in islice(fours(), n):
        results.append(double(number))
    return results


GENERATORS = {
    "nodes": {
        "four": {"type": f"{NODES}.fours"},
        "five": {"type": f"{NODES}.fives"},
        "add": {"type": f"{NODES}.add", "depends": ["four.value", "five.value"]},
        "return": {"type": "return", "depends": "add.value"},
    }
}


def generators(n: int) -> list[Any]:
    results = []
    for four, five in zip(islice(fours(), n), fives(), strict=False):
        results.append(add(four, five))
    return results


CASES = (
    loop_case("linear", LINEAR, linear),
    loop_case("linear-in-c", LINEAR_IN_C, linear_in_c, at_most=1.7),
    loop_case("operators", OPERATORS, operators, at_most=1.7),
    loop_case("real-nodes", REAL_NODES, real_nodes, at_most=1.03, epochs=500),
    loop_case("branch", BRANCH, branch),
    loop_case("merge", MERGE, merge),
    loop_case("no-event", NO_EVENT, no_event),
    loop_case("optional", OPTIONAL, optional),
    loop_case("generator", GENERATOR, generator),
    loop_case("generators", GENERATORS, generators),
)
