"""What assets cost: the three scopes, of plain objects and of context managers, and values that are carried."""

from __future__ import annotations

from itertools import count, islice
from typing import Any

from tests.benchmarks.by_hand import NODES, loop_case
from tests.benchmarks.nodes import OpenTally, Tally, add, count_more, double
from tests.benchmarks.nodes import count as count_in


def tallying(scope: str, type_: str) -> dict[str, Any]:
    """A tube with two nodes that take an asset."""
    return {
        "assets": {"tally": {"type": f"{NODES}.{type_}", "scope": scope}},
        "nodes": {
            "number": {"type": "itertools.count"},
            "count": {"type": f"{NODES}.count", "depends": ["assets.tally", "number.value"]},
            "count_more": {"type": f"{NODES}.count_more", "depends": ["assets.tally", "number.value"]},
            "return": {"type": "return", "depends": "count_more.value"},
        },
    }


def runner_scope(n: int) -> list[int]:
    results = []
    tally = Tally()
    for number in islice(count(), n):
        count_in(tally, number)
        results.append(count_more(tally, number))
    return results


def runner_scope_open(n: int) -> list[int]:
    results = []
    with OpenTally() as tally:
        for number in islice(count(), n):
            count_in(tally, number)
            results.append(count_more(tally, number))
    return results


def process_scope(n: int) -> list[int]:
    results = []
    for number in islice(count(), n):
        tally = Tally()
        count_in(tally, number)
        results.append(count_more(tally, number))
    return results


def process_scope_open(n: int) -> list[int]:
    results = []
    for number in islice(count(), n):
        with OpenTally() as tally:
            count_in(tally, number)
            result = count_more(tally, number)
        results.append(result)
    return results


def node_scope(n: int) -> list[int]:
    results = []
    for number in islice(count(), n):
        count_in(Tally(), number)
        results.append(count_more(Tally(), number))
    return results


def node_scope_open(n: int) -> list[int]:
    results = []
    for number in islice(count(), n):
        with OpenTally() as tally:
            count_in(tally, number)
        with OpenTally() as tally:
            result = count_more(tally, number)
        results.append(result)
    return results


CARRIED = {
    "assets": {"total": {"type": "int", "scope": "runner", "depends": "add.value"}},
    "nodes": {
        "number": {"type": "itertools.count"},
        "double": {"type": f"{NODES}.double", "depends": "assets.total"},
        "add": {"type": f"{NODES}.add", "depends": ["assets.total", "number.value"]},
        "return": {"type": "return", "depends": "double.value"},
    },
}


def carried(n: int) -> list[int]:
    results = []
    total = 0
    for number in islice(count(), n):
        results.append(double(total))
        total = add(total, number)
    return results


CARRIED_AND_RETURNED = {
    "assets": {"total": {"type": "int", "scope": "runner", "depends": "add.value"}},
    "nodes": {
        "number": {"type": "itertools.count"},
        "add": {"type": f"{NODES}.add", "depends": ["assets.total", "number.value"]},
        "return": {"type": "return", "depends": "add.value"},
    },
}


def carried_and_returned(n: int) -> list[int]:
    results = []
    total = 0
    for number in islice(count(), n):
        total = add(total, number)
        results.append(total)
    return results


CASES = (
    loop_case("runner-scope", tallying("runner", "Tally"), runner_scope),
    loop_case("process-scope", tallying("process", "Tally"), process_scope),
    loop_case("node-scope", tallying("node", "Tally"), node_scope),
    loop_case("runner-scope-with", tallying("runner", "OpenTally"), runner_scope_open),
    loop_case("process-scope-with", tallying("process", "OpenTally"), process_scope_open),
    loop_case("node-scope-with", tallying("node", "OpenTally"), node_scope_open),
    loop_case("carried", CARRIED, carried, at_most=2),
    loop_case("carried-returned", CARRIED_AND_RETURNED, carried_and_returned, at_most=2.5),
)
