"""A run can be held before its next result, and let go by one."""

from __future__ import annotations

import threading
from collections.abc import Iterator

from noob_cli.view.gate import Gate
from tests.patience import PATIENCE


def never() -> bool:
    return False


def test_an_open_gate_lets_all_through():
    assert list(Gate().passed(iter(range(5)), never)) == [0, 1, 2, 3, 4]


def test_nothing_is_made_that_is_not_let_through():
    made = []

    def results() -> Iterator[int]:
        for number in range(5):
            made.append(number)
            yield number

    gate = Gate(is_open=False)
    gate.let_one_through()
    passed = gate.passed(results(), never)
    assert next(passed) == 0
    assert made == [0]
    gate.let_one_through()
    assert next(passed) == 1
    gate.open()
    assert list(passed) == [2, 3, 4]


def test_a_run_that_is_to_stop_does_not_wait():
    gate = Gate(is_open=False)
    assert list(gate.passed(iter(range(5)), lambda: True)) == []


def test_another_thread_lets_it_go_on():
    gate = Gate(is_open=False)
    found: list[int] = []
    thread = threading.Thread(target=lambda: found.extend(gate.passed(iter(range(3)), never)))
    thread.start()
    gate.open()
    thread.join(PATIENCE)
    assert found == [0, 1, 2]
