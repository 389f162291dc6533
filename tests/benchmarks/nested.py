"""What a tube in a tube costs: three levels of them, compared with the same nodes in one flat tube."""

from __future__ import annotations

from typing import Any

from tests.benchmarks.by_hand import EPOCHS, NODES, run_tube
from tests.benchmarks.measure import Case

LEVELS = 3

FLAT = {
    "nodes": {
        "number": {"type": "itertools.count"},
        "double_1": {"type": f"{NODES}.double", "depends": "number.value"},
        "double_2": {"type": f"{NODES}.double", "depends": "double_1.value"},
        "double_3": {"type": f"{NODES}.double", "depends": "double_2.value"},
        "increase_3": {"type": f"{NODES}.increase", "depends": "double_3.value"},
        "increase_2": {"type": f"{NODES}.increase", "depends": "increase_3.value"},
        "increase_1": {"type": f"{NODES}.increase", "depends": "increase_2.value"},
        "return": {"type": "return", "depends": "increase_1.value"},
    }
}


def nested(type_: str) -> dict[str, Any]:
    """The nodes of the flat tube in tubes that contain each other.

    Args:
        type_: Of the inputs of those inside.
    """
    source = {"number": {"type": "itertools.count"}}
    return {"nodes": {**source, "level": _level(1, type_, "number.value"), "return": _returned("level.value")}}


def _level(number: int, type_: str, given: str) -> dict[str, Any]:
    inner = {"inner": _level(number + 1, type_, "double.value")} if number < LEVELS else {}
    tube = {
        "input": {"number": {"type": type_, "scope": "process"}},
        "nodes": {
            "double": {"type": f"{NODES}.double", "depends": "input.number"},
            **inner,
            "increase": {"type": f"{NODES}.increase", "depends": "inner.value" if inner else "double.value"},
            "return": _returned("increase.value"),
        },
    }
    return {"type": "tube", "params": {"tube": tube}, "depends": [{"number": given}]}


def _returned(signal: str) -> dict[str, Any]:
    return {"type": "return", "depends": signal}


def _case(name: str, type_: str) -> Case:
    tube = nested(type_)
    return Case(
        name,
        ours=lambda n: run_tube(tube, n),
        reference=lambda n: run_tube(FLAT, n),
        at_most=1.5,
        size=EPOCHS,
        small=20,
    )


CASES = (_case("nested", "typing.Any"), _case("nested-int-input", "int"))
