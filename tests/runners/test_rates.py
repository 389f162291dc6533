"""The calls of a node that has a rate wait for their turn, whoever makes them."""

from __future__ import annotations

import asyncio
import itertools
import pickle
import threading
import time
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from noob_cli import AsyncRunner, ParallelRunner, SynchronousRunner
from noob_cli.runners.crews.processes import Processes
from noob_cli.runners.rates import Rates, SharedRates
from tests.patience import PATIENCE
from tests.runners.tubes import Tubes

TUBES = Tubes(__name__)

PACED = """
    nodes:
      n: {type: itertools.count}
      x: {type: my.CALLED, depends: [n.value], rate: 50/s}
      return: {type: return, depends: x.value}
    """
CALLS = 12


def now(value: int) -> float:
    return time.monotonic()


async def now_later(value: int) -> float:
    return time.monotonic()


def slow_now(value: int) -> float:
    begun = time.monotonic()
    time.sleep(0.1)
    return begun


async def slow_now_later(value: int) -> float:
    begun = time.monotonic()
    await asyncio.sleep(0.1)
    return begun


def are_in_turn(times: list[float], began: float) -> bool:
    """Whether no call came before its turn: of so many, the last has its turn so many times later."""
    return all(each - began >= number * 0.02 for number, each in enumerate(sorted(times)))


@pytest.mark.parametrize("called", ["now", "now_later"])
def test_in_order(called: str) -> None:
    began = time.monotonic()
    times = SynchronousRunner(TUBES.tube(PACED.replace("CALLED", called))).run(CALLS)
    assert times is not None
    assert are_in_turn(times, began)


@pytest.mark.parametrize(
    ("on", "called"), [("threads", "now"), ("threads", "slow_now"), ("async", "now_later"), ("async", "slow_now_later")]
)
def test_those_who_make_several_at_once_share_the_turns(on: str, called: str) -> None:
    workers = 6 if on == "threads" else None
    runner = ParallelRunner(TUBES.tube(PACED.replace("CALLED", called)), on=on, workers=workers, warn=pytest.fail)
    with runner:
        began = time.monotonic()
        times = list(runner.iter(CALLS))
    assert are_in_turn(times, began)


@pytest.mark.slow
@pytest.mark.parametrize("called", ["now", "slow_now"])
def test_so_do_processes(called: str) -> None:
    runner = ParallelRunner(TUBES.tube(PACED.replace("CALLED", called)), on="processes", workers=3, warn=pytest.fail)
    began = time.monotonic()
    times = list(runner.iter(CALLS))
    assert are_in_turn(times, began)


def test_the_wait_is_none_of_the_time_of_a_call() -> None:
    tube = TUBES.tube(PACED.replace("CALLED", "now_later").replace("rate: 50/s", "timeout: 490ms, rate: 2/s"))
    runner = SynchronousRunner(tube, timing=True)
    runner.run(2)
    assert runner.timers["x"].longest < 0.5


@pytest.mark.parametrize("called", ["now", "now_later"])
@pytest.mark.parametrize("runner", [SynchronousRunner, partial(ParallelRunner, on="threads")])
def test_it_is_measured_apart(monkeypatch: pytest.MonkeyPatch, runner: Any, called: str) -> None:
    monkeypatch.setattr(Rates, "wait", lambda *_: 0.25 / 1024)
    tube = TUBES.tube(PACED.replace("CALLED", called))
    measured = runner(tube, timing=True)
    measured.run(8)
    assert measured.timers["x"].waited == measured.timers["x"].calls * 0.25 / 1024
    assert measured.timers["n"].waited == 0


def test_turns_go_on_when_the_plan_is_made_anew() -> None:
    with SynchronousRunner(TUBES.tube(PACED.replace("CALLED", "now"))) as runner:
        began = time.monotonic()
        times = [runner.process()]
        for _ in range(4):
            runner.disable_node("x")
            runner.enable_node("x")
            times.append(runner.process())
    assert are_in_turn(times, began)


def test_who_runs_the_event_loop_goes_on_meanwhile() -> None:
    async def run() -> int:
        turns = 0

        async def others() -> None:
            nonlocal turns
            while True:
                await asyncio.sleep(0.005)
                turns += 1

        beside = asyncio.create_task(others())
        async with AsyncRunner(TUBES.tube(PACED.replace("CALLED", "now"))) as runner:
            await runner.run(5)
        beside.cancel()
        return turns

    assert asyncio.run(run()) >= 4


class TestTurns:
    @staticmethod
    def waits(rates: Rates, seconds: float) -> list[float]:
        return [rates.wait("x", seconds) for _ in range(3)]

    @pytest.fixture(params=["in memory", "in a file"])
    def rates(self, request: Any, tmp_path: Path) -> Rates:
        file = tmp_path / "turns"
        file.touch()
        return Rates() if request.param == "in memory" else SharedRates(str(file), {"y": 0, "x": 1})

    def test_the_first_is_now_and_the_others_so_far_behind(self, rates: Rates) -> None:
        first, second, third = self.waits(rates, 1000)
        assert first == 0
        assert 1000 - PATIENCE < second <= 1000
        assert 2000 - PATIENCE < third <= 2000

    def test_those_of_another_node_are_others(self, rates: Rates) -> None:
        self.waits(rates, 1000)
        assert rates.wait("y", 1000) == 0

    def test_what_was_not_used_is_not_made_up_for(self, rates: Rates) -> None:
        assert rates.wait("x", 0.01) == 0
        time.sleep(0.05)
        assert rates.wait("x", 1000) == 0
        assert rates.wait("x", 1000) > 1000 - PATIENCE

    @pytest.mark.parametrize("rates", ["in memory"], indirect=True)  # A worker process has one thread that calls.
    def test_threads_get_each_a_turn_of_its_own(self, rates: Rates) -> None:
        found: list[float] = []
        threads = [threading.Thread(target=lambda: found.extend(self.waits(rates, 1000))) for _ in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        found.sort()
        assert all(later - earlier > 1000 - PATIENCE for earlier, later in itertools.pairwise(found))

    def test_those_in_memory_begin_anew_for_who_gets_them_by_pickle(self) -> None:
        rates = Rates()
        rates.wait("x", 1000)
        copy = pickle.loads(pickle.dumps(rates))
        assert copy.wait("x", 1000) == 0
        assert copy.wait("x", 1000) > 1000 - PATIENCE

    def test_those_in_a_file_are_the_same_for_who_gets_them_by_pickle(self, tmp_path: Path) -> None:
        file = tmp_path / "turns"
        file.touch()
        rates = SharedRates(str(file), {"x": 0})
        rates.wait("x", 1000)
        assert pickle.loads(pickle.dumps(rates)).wait("x", 1000) > 1000 - PATIENCE


@pytest.mark.slow
def test_the_file_of_the_turns_goes_with_the_processes(monkeypatch: pytest.MonkeyPatch) -> None:
    crews: list[Processes] = []
    make = Processes.__init__

    def noting(self: Processes, *args: Any, **named: Any) -> None:
        make(self, *args, **named)
        crews.append(self)

    monkeypatch.setattr(Processes, "__init__", noting)
    with ParallelRunner(TUBES.tube(PACED.replace("CALLED", "now")), on="processes", workers=2) as runner:
        next(runner.iter(1))
        file = Path(crews[0]._turns.name)
        assert file.exists()
    assert not file.exists()
