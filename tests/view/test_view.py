"""A run that is looked at: its values, counts, times and errors, and nothing of it while nobody watches."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import Any

from noob_cli import NoEvent, SynchronousRunner
from noob_cli.view.feed import Facts
from noob_cli.view.view import View
from tests.patience import PATIENCE, wait_until
from tests.runners.tubes import Tubes

tubes = Tubes(__name__)

ENOUGH = threading.Event()
"""Set when a node that blocks may go on."""

ASKED = threading.Event()
"""Set when a value is asked what it is."""


def even(number: int) -> int:
    return NoEvent if number % 2 else number


def fails_at_7(number: int) -> int:
    if number == 7:
        raise ValueError("seven")
    return number


def blocks_at_3(number: int) -> int:
    if number == 3:
        assert ENOUGH.wait(PATIENCE)
    return number


class HardToShow:
    def __repr__(self) -> str:
        ASKED.set()
        assert ENOUGH.wait(PATIENCE)
        return "at last"


def hard_to_show(number: int) -> HardToShow:
    return HardToShow()


COUNT = """
    nodes:
      forever: {type: itertools.count}
      even: {type: my.even, depends: forever.value}
      return: {type: return, depends: even.value}
"""


class Shown:
    """A run that is shown, in a thread of its own, and what was told of it."""

    def __init__(self, yaml: str, *, is_watched: bool = True, **options: Any) -> None:
        self.runner = SynchronousRunner(
            tubes.tube(yaml, **options.pop("inputs", {})), timing=options.pop("timing", False)
        )
        self.facts: dict[str, Any] = {}
        self.times: list[float] = []
        self.results: list[Any] = []
        self.errors: list[BaseException] = []
        self.view = View(self._tell, **options)
        self.view.watch(is_watched)
        self._thread = threading.Thread(target=self._run)
        self._thread.start()

    def _tell(self, facts: Facts) -> None:
        self.times.append(time.monotonic())
        self.facts |= facts

    def _run(self) -> None:
        self.view.begin(self.runner, lambda: len(self.results))
        try:
            self.results.extend(self.view.passed(self.runner.iter(), lambda: self.runner.is_stopping))
        except ValueError as error:
            self.errors.append(error)
        self.view.end()

    def wait_until(self, is_so: Callable[[Facts], object]) -> None:
        ends = time.monotonic() + PATIENCE
        while time.monotonic() < ends:
            if is_so(dict(self.facts)):
                return
            time.sleep(0.005)
        raise AssertionError(self.facts)

    def end(self) -> Facts:
        self.runner.stop()
        self.view.do("go")
        self._thread.join(PATIENCE)
        assert not self._thread.is_alive()
        return self.facts


def test_values_change_while_it_runs():
    shown = Shown(COUNT)
    shown.wait_until(lambda facts: facts.get("value forever.value", {}).get("count", 0) > 100)
    seen = shown.facts["value forever.value"]["number"]
    shown.wait_until(lambda facts: facts["value forever.value"]["number"] > seen)
    facts = shown.end()
    assert facts["run"]["state"] == "ended"
    assert facts["run"]["epochs"] == shown.runner.made
    assert facts["value even.value"]["number"] % 2 == 0
    assert facts["value return.value"]["count"] == facts["run"]["results"] == len(shown.results)
    assert facts["value forever.value"]["count"] == shown.runner.made


def test_it_is_looked_at_ten_times_in_a_second_at_most():
    shown = Shown(COUNT)
    shown.wait_until(lambda _: len(shown.times) > 4)
    shown.end()
    # The last look is made at the end, whenever that is.
    between = [later - before for before, later in zip(shown.times, shown.times[1:-1], strict=False)]
    assert min(between) > 0.09


def test_nothing_is_told_while_nobody_watches():
    shown = Shown(COUNT, is_watched=False)
    wait_until(lambda: shown.runner.made >= 1000)
    assert shown.facts == {}
    assert not shown.runner._observers.values.are_watched
    shown.view.watch(True)
    shown.wait_until(lambda facts: "value even.value" in facts)
    shown.view.watch(False)
    assert not shown.runner._observers.values.are_watched
    shown.end()


def test_it_waits_and_goes_on_by_one():
    shown = Shown(COUNT, is_open=False)
    shown.wait_until(lambda facts: facts.get("run", {}).get("state") == "paused")
    assert shown.results == []
    for number in (1, 2, 3):
        shown.view.do("step")
        shown.wait_until(lambda facts, number=number: facts["run"]["results"] == number)
        assert len(shown.results) == number
    shown.view.do("go")
    shown.wait_until(lambda facts: facts["run"]["results"] > 10)
    shown.view.do("pause")
    shown.wait_until(lambda facts: facts["run"]["state"] == "paused")
    shown.end()


def test_a_value_that_is_never_shown_keeps_no_run_from_its_end(monkeypatch):
    ENOUGH.clear()
    monkeypatch.setattr("noob_cli.view.sampling._SECONDS_FOR_THE_LAST", 0.1)
    shown = Shown("nodes: {forever: {type: itertools.count}, odd: {type: my.hard_to_show, depends: forever.value}}")
    assert ASKED.wait(PATIENCE)
    shown.end()
    assert "value odd.value" not in shown.facts
    ENOUGH.set()


def test_an_error_is_told_at_its_node():
    shown = Shown("nodes: {forever: {type: itertools.count}, bad: {type: my.fails_at_7, depends: forever.value}}")
    shown._thread.join(PATIENCE)
    error = shown.facts["error bad"]
    assert error["epoch"] == 7
    assert error["text"].startswith("ValueError: seven")
    assert len(shown.errors) == 1
    assert shown.facts["value bad.value"]["number"] == 6


def test_what_is_at_work_is_told():
    ENOUGH.clear()
    shown = Shown("nodes: {forever: {type: itertools.count}, slow: {type: my.blocks_at_3, depends: forever.value}}")
    shown.wait_until(lambda facts: facts.get("run", {}).get("at") == ("slow",))
    assert shown.facts["run"]["epochs"] == 4
    ENOUGH.set()
    shown.end()


def test_times_are_told_of_a_run_that_is_measured():
    shown = Shown(COUNT, timing=True)
    shown.wait_until(lambda facts: facts.get("time even", {}).get("calls", 0) > 10)
    facts = shown.end()
    assert facts["time even"]["calls"] == shown.runner.made
    assert 0 < facts["time even"]["mean"] < PATIENCE


def test_inputs_and_assets_are_told_and_secrets_are_not():
    shown = Shown(
        """
        input:
          factor: {type: int, default: 3}
          api_key: {type: str}
        assets:
          total: {type: int, scope: runner, depends: add.value}
        nodes:
          forever: {type: itertools.count}
          add: {type: operator.add, depends: [forever.value, assets.total]}
          inner:
            type: tube
            params:
              password: input.api_key
              tube:
                input: {password: {type: str}}
                nodes: {length: {type: len, depends: input.password}}
        """,
        inputs={"api_key": "swordfish"},
    )
    shown.wait_until(lambda facts: facts.get("value assets.total", {}).get("number", 0) > 10)
    facts = shown.end()
    assert facts["value input.factor"]["text"] == "3"
    assert facts["value input.api_key"]["text"] == facts["value inner.input.password"]["text"] == "***"
    assert "swordfish" not in repr(facts)
