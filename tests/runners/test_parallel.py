"""What keeps no state is done for several epochs at once; all that a run gives is as in order."""

from __future__ import annotations

import asyncio
import itertools
import re
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from noob_cli import EndOfRun, ParallelRunner, RunnerContext, SynchronousRunner, Tube, flush_method
from noob_cli.errors import EndedAheadError, InputError, WorkerStartError
from noob_cli.runners.crews import threads
from noob_cli.runners.crews.threads import Threads
from noob_cli.runners.interrupted import Interrupted
from tests.conformance.cases import Case, read_section
from tests.conformance.test_conformance import compare_in_any_turn
from tests.conformance.ways import WAYS, tube_of, ways_of
from tests.patience import PATIENCE, wait_until
from tests.runners.scrambled import Scrambled
from tests.runners.warm import Warm

WARM = Warm(2, 6)
"""There for all cases that are done in processes."""
CREWS: dict[str, Callable[[], Any]] = {
    "scrambled": Scrambled,
    "threads": lambda: Threads(3, 4),
    "processes": lambda: WARM,
    "coroutines": lambda: None,
}
CASES = [case for section in range(1, 9) for case in read_section(section) if case.results is not None]
MY = "tests.runners.test_parallel"
AHEAD = "In a nested tube it ends that tube"
"""What can't be done ahead, and is an error then."""
NOT_PICKLED = "flatten: true` joins iterables"
"""What gives generators from node to node, which don't pickle."""
ONE_CONTEXT = ("A cancel scope, a timeout or a context variable", "Coroutines that are awaited together [...] have")
"""What shows that nodes without state know what others have set in epochs before."""
UNTRUE = "It never changes results, only what"
"""What shows a class that adds up and says that it keeps no state: with one for each worker there are several sums."""
LEFT_OUT = {
    "scrambled": (NOT_PICKLED, UNTRUE),
    "threads": (UNTRUE,),
    "processes": (NOT_PICKLED, UNTRUE),
    "coroutines": ONE_CONTEXT,
}
RUN = [
    (case, way, crew)
    for case in CASES
    for way in ways_of(case)
    for crew in CREWS
    if way in ("iter", "stream")
    if case.says != AHEAD and not any(text in case.says for text in LEFT_OUT[crew])
]


@pytest.fixture(scope="module", autouse=True)
def _processes() -> Iterator[None]:
    """Those of the warm crew end with the module."""
    yield
    WARM.close()


@pytest.mark.slow
@pytest.mark.parametrize(("case", "way", "crew"), RUN, ids=[f"{case.id}-{way}-{crew}" for case, way, crew in RUN])
def test_conformance(case: Case, way: str, crew: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(SynchronousRunner, "_crew", lambda _: CREWS[crew]())
    monkeypatch.setattr(SynchronousRunner, "_coroutines", 4 if crew == "coroutines" else None)
    monkeypatch.chdir(tmp_path)
    compare_in_any_turn(case, way, WAYS[way](case, tube_of(case, tmp_path)))


# --- on threads -------------------------------------------------------------------------------


def upto(n: int) -> Iterator[int]:
    yield from range(n)


def slow(number: int) -> int:
    time.sleep(0.02)
    return number * 10


def where(number: int) -> str:
    time.sleep(0.01)
    return threading.current_thread().name


def third(number: int) -> int:
    if number == 3:
        raise ValueError("no three")
    return number


def stop_at_two(number: int, held: object = None) -> int:
    if number == 2:
        raise EndOfRun
    return number


async def stop_later_at_two(number: int) -> int:
    await asyncio.sleep(0)
    return stop_at_two(number)


def tube(node: str, *, n: int | None = None, assets: dict | None = None, depends: object = "number.value") -> Tube:
    source = {"type": "itertools.count"} if n is None else {"type": f"{MY}.upto", "params": {"n": n}}
    return Tube.from_specification(
        {
            "assets": assets or {},
            "nodes": {
                "number": source,
                "x": {"type": f"{MY}.{node}", "depends": depends},
                "return": {"type": "return", "depends": "x.value"},
            },
        }
    )


def test_waiting_is_shared():
    # Another process may take the time of each, but hardly of all.
    assert any(seconds_of(ParallelRunner(tube("slow"), workers=4)) < 40 * 0.02 / 2 for _ in range(10))


def seconds_of(runner: SynchronousRunner) -> float:
    began = time.perf_counter()
    assert list(runner.iter(40)) == [10 * number for number in range(40)]
    return time.perf_counter() - began


def test_several_threads_work():
    names = set(ParallelRunner(tube("where"), workers=3).iter(30))
    assert len(names) == 3
    assert threading.current_thread().name not in names


LEAVING = """
import threading, time
from noob_cli import ParallelRunner, Tube

def finish(number):
    threading.main_thread().join()
    time.sleep(0.2)
    print("finished", number)

def begin(number):
    threading.Thread(target=finish, args=(number,)).start()
    return number

nodes = {
    "number": {"type": "itertools.count"},
    "begin": {"type": begin, "depends": "number.value"},
    "return": {"type": "return", "depends": "begin.value"},
}
print(ParallelRunner(Tube.from_specification({"nodes": nodes}), workers=2).run(1))
"""


def test_threads_that_nodes_start_are_waited_for_at_the_end_of_the_program():
    run = subprocess.run(
        [sys.executable, "-c", LEAVING], cwd=Path(__file__).parents[2], capture_output=True, text=True, check=True
    )
    assert run.stdout == "[0]\nfinished 0\n"


def test_no_more_epochs_are_under_way_than_said():
    begun: list[int] = []

    def numbers():
        for number in range(50):
            begun.append(number)
            yield {"number": number}

    spec = {
        "input": {"number": {"type": "int", "scope": "process"}},
        "nodes": {
            "x": {"type": f"{MY}.slow", "depends": "input.number"},
            "return": {"type": "return", "depends": "x.value"},
        },
    }
    results = ParallelRunner(Tube.from_specification(spec), workers=2, ahead=5).stream(numbers())
    for got, _ in enumerate(results):
        assert len(begun) <= got + 1 + 5


def test_the_first_error_is_the_one_of_the_first_epoch_and_what_is_behind_it_comes_then():
    with ParallelRunner(tube("third", n=8), workers=3) as runner:
        results = runner.iter()
        assert [next(results) for _ in range(3)] == [0, 1, 2]
        with pytest.raises(ValueError, match="no three") as caught:
            next(results)
        assert any("in the node 'x', epoch 3" in note for note in caught.value.__notes__)
        assert runner.failure is not None
        assert (runner.failure.epoch, runner.failure.values) == (3, {"number": 3})
        assert runner.epoch == 3
        assert list(runner.iter()) == [4, 5, 6, 7]
        assert runner.epoch == 7


def test_what_has_failed_is_told_if_the_run_is_interrupted_while_the_others_end(monkeypatch: pytest.MonkeyPatch):
    def stop(*_: object) -> Iterator[Any]:
        raise Interrupted(signal.SIGTERM)
        yield

    monkeypatch.setattr(Threads, "stop", stop)
    with pytest.raises(ValueError, match="no three"), ParallelRunner(tube("third"), workers=3) as runner:
        list(runner.iter())


SAID = threading.Event()


def hang() -> None:
    BEGUN.append(1)
    assert SAID.wait(PATIENCE)


def hanging() -> Iterator[list[int]]:
    used: list[int] = []
    yield used
    if used:
        hang()


def hang_behind(number: int, used: list[int] | None = None) -> None:
    if number == 0:
        wait_until(lambda: BEGUN == [1])
        raise ValueError("no first")
    if used is None:
        hang()
    else:
        used.append(number)


@pytest.mark.parametrize("asset", [False, True])
def test_it_is_said_which_threads_are_waited_for_behind_a_failed_epoch(monkeypatch: pytest.MonkeyPatch, asset: bool):
    monkeypatch.setattr(threads, "_SECONDS_UNSAID", 0)
    told: list[str] = []
    assets = {"a": {"type": f"{MY}.hanging", "scope": "node"}} if asset else {}
    depends = ["number.value", *(["assets.a"] if asset else [])]
    SAID.clear()
    BEGUN.clear()

    def warn(text: str) -> None:
        told.append(text)
        SAID.set()

    with pytest.raises(ValueError, match="no first"):
        list(ParallelRunner(tube("hang_behind", n=2, assets=assets, depends=depends), workers=2, warn=warn).iter())
    what = "asset 'a', which is made or ended" if asset else "node 'x', which is still at work in epoch 1,"
    assert re.fullmatch(rf"waiting for the {what} in the thread 'worker \d'", told[0])
    assert len(told) == 1


def test_what_is_under_way_is_finished_as_it_has_begun_when_a_node_is_disabled() -> None:
    nodes = {
        "number": {"type": f"{MY}.upto", "params": {"n": 20}},
        "x": {"type": f"{MY}.slow", "depends": "number.value"},
        "return": {"type": "return", "depends": [{"number": "number.value"}, {"x": "x.value"}]},
    }
    with ParallelRunner(Tube.from_specification({"nodes": nodes}), workers=3, ahead=3, warn=str) as runner:
        results = runner.iter()
        found = [next(results)]
        runner.disable_node("x")
        found += results
    assert [result["number"] for result in found] == list(range(20))
    has_run = ["x" in result for result in found]
    assert has_run == sorted(has_run, reverse=True)
    assert 1 <= sum(has_run) <= 1 + 3


def test_epochs_one_by_one_go_on_where_several_were_under_way():
    with ParallelRunner(tube("third", n=6), workers=3) as runner:
        with pytest.raises(ValueError, match="no three"):
            list(runner.iter())
        assert [runner.process(), runner.process()] == [4, 5]


def test_a_node_ends_the_run_with_its_epoch():
    assert list(ParallelRunner(tube("stop_at_two"), workers=3).iter()) == [0, 1]


@pytest.mark.parametrize("is_disabled", [False, True])
def test_a_node_that_ends_a_nested_tube_ahead_of_its_turn_is_told(is_disabled: bool):
    child = {
        "input": {"number": {"type": "int", "scope": "process"}},
        # It has the name of the node.
        "assets": {"stop": {"type": "dict", "scope": "process", "stateful": False}},
        "nodes": {
            "stop": {"type": f"{MY}.stop_at_two", "depends": [{"number": "input.number"}, {"held": "assets.stop"}]},
            "return": {"type": "return", "depends": "stop.value"},
        },
    }
    nested = Tube.from_specification(
        {
            "nodes": {
                "number": {"type": f"{MY}.upto", "params": {"n": 5}},
                "child": {"type": "tube", "params": {"tube": child}, "depends": [{"number": "number.value"}]},
                "slow": {"type": f"{MY}.third", "depends": "number.value"},
                "return": {"type": "return", "depends": "slow.value"},
            }
        }
    )
    runner = ParallelRunner(nested, workers=3)
    results = runner.iter()
    assert [next(results), next(results)] == [0, 1]
    if is_disabled:
        # What is under way comes to its end, and is delivered when there is no such node any more.
        runner.begin().save()
        runner.disable_node("child")
    left = runner.iter() if is_disabled else results
    with pytest.raises(EndedAheadError, match="'child'"):
        next(left)
    assert runner.failure is not None
    assert (runner.failure.place.kind, runner.failure.place.name, runner.failure.epoch) == ("node", "child.stop", 2)


@pytest.mark.parametrize("kind", ["stop_at_two", "stop_later_at_two"])
def test_a_node_may_end_a_nested_tube_where_nothing_else_is_under_way(kind: str) -> None:
    child = {
        "input": {"number": {"type": "int", "scope": "process"}},
        "nodes": {
            "stop": {"type": f"{MY}.{kind}", "depends": "input.number"},
            "return": {"type": "return", "depends": "stop.value"},
        },
    }
    nodes = {
        "number": {"type": f"{MY}.upto", "params": {"n": 5}},
        "child": {"type": "tube", "params": {"tube": child}, "depends": [{"number": "number.value"}]},
        "other": {"type": f"{MY}.third", "depends": "child.value"},
        "return": {"type": "return", "depends": [{"number": "number.value"}, {"other": "other.value"}]},
    }
    runner = ParallelRunner(Tube.from_specification({"nodes": nodes}), workers=2, ahead=1, warn=str)
    results = [{"number": 0, "other": 0}, {"number": 1, "other": 1}, {"number": 2}, {"number": 3}, {"number": 4}]
    assert list(runner.iter()) == results


def test_who_has_enough_is_waited_for_by_nobody():
    results = ParallelRunner(tube("slow"), workers=3).iter()
    assert next(results) == 0
    results.close()


def test_what_is_carried_is_carried_in_order():
    total = {"total": {"type": "int", "scope": "runner", "depends": "sum.value"}}
    spec = {
        "assets": total,
        "nodes": {
            "number": {"type": f"{MY}.upto", "params": {"n": 10}},
            "x": {"type": f"{MY}.slow", "depends": "number.value"},
            "sum": {"type": "operator.add", "depends": ["x.value", "assets.total"]},
            "return": {"type": "return", "depends": "sum.value"},
        },
    }
    kinds = (SynchronousRunner, ParallelRunner)
    one, other = (list(kind(Tube.from_specification(spec)).iter()) for kind in kinds)
    assert one == other


def test_it_is_told_why_nothing_is_done_at_once():
    warned: list[str] = []
    assets = {"seen": {"type": "list", "scope": "runner"}}
    kept = tube("append", n=2, assets=assets, depends=["assets.seen", "number.value"])
    list(ParallelRunner(kept, warn=warned.append).iter())
    assert any("takes the asset 'seen', which lives as long as the run" in text for text in warned)


def test_a_tube_without_steps_has_nothing_to_do_at_once():
    warned: list[str] = []
    asset = {"type": "list", "scope": "runner"}
    spec = {"assets": {"a": asset, "b": asset}, "nodes": {"return": {"type": "return", "depends": "assets.a"}}}
    assert list(ParallelRunner(Tube.from_specification(spec), warn=warned.append).iter(3)) == [[], [], []]
    assert [text.rpartition(": ")[2] for text in warned] == ["none of its nodes calls code that takes time"]


class Total:
    """Adds up what it gets."""

    def __init__(self) -> None:
        self.total = 0

    def process(self, number: int) -> int:
        self.total += number
        return self.total


class Breaking:
    """Can't be made the third time."""

    made = 0

    def __init__(self) -> None:
        type(self).made += 1
        if self.made == 3:
            raise ValueError("made too often")


def test_what_keeps_something_is_not_called_for_an_epoch_that_can_not_begin():
    nodes = {
        "number": {"type": f"{MY}.eight"},
        "total": {"type": f"{MY}.Total", "depends": "number.value"},
        "square": {"type": f"{MY}.square", "depends": "total.value"},
        "last": {"type": f"{MY}.first_of", "depends": ["square.value", "assets.each"]},
        "return": {"type": "return", "depends": "last.value"},
    }
    spec = {"assets": {"each": {"type": f"{MY}.Breaking", "scope": "process"}}, "nodes": nodes}

    def found(make: Callable[..., SynchronousRunner]) -> list[Any]:
        Breaking.made, results = 0, []
        with make(Tube.from_specification(spec), undoing=True, warn=str) as runner:
            while runner.made < 8:
                try:
                    results += runner.iter(epochs=8 - runner.made)
                except ValueError as error:
                    results.append(str(error))
        return results

    assert found(ParallelRunner) == found(SynchronousRunner) == [0, 1, "made too often", 16, 64, 169, 361, 676]


def eight() -> Iterator[int]:
    yield from range(8)


def square(number: int) -> int:
    return number * number


def first_of(number: int, _: object) -> int:
    return number


def append(seen: list, number: int) -> int:
    seen.append(number)
    return len(seen)


@pytest.mark.slow
@pytest.mark.parametrize("on", ["threads", "processes"])
def test_work_that_takes_next_to_no_time_is_told_once(on: str) -> None:
    logged: dict[str, list[str]] = {"light": [], "slow": []}
    for node, times in (("light", 3), ("slow", 1)):
        with ParallelRunner(tube(node), on=on, workers=2, log=logged[node].append) as runner:
            for _ in range(times):
                list(runner.iter(150))
                # So that the plan is another.
                runner.disable_node("return")
                runner.enable_node("return")
    (light,) = [text for text in logged["light"] if "microseconds per epoch" in text]
    assert re.search(r"takes \d+\.\d microseconds per epoch: .*'--runner sync'", light)
    assert not any("microseconds" in text for text in logged["slow"])


def light(number: int) -> int:
    return number


def test_something_unknown_does_nothing_at_once():
    with pytest.raises(ValueError, match="several things at once, found 'thread': did you mean 'threads'"):
        ParallelRunner(tube("slow"), on="thread")


# --- what is under way when something else happens ----------------------------------------------------


def failed_at_three(runner: ParallelRunner) -> None:
    with pytest.raises(ValueError, match="no three"):
        list(runner.iter())


CHANGES = {
    "paused": lambda runner: runner.pause(),
    "a node disabled and enabled": lambda runner: (runner.disable_node("x"), runner.enable_node("x")),
    "a callback": lambda runner: runner.add_callback(lambda event: None),
    "looked at": lambda runner: runner.current_run.save(),
}


@pytest.mark.parametrize("change", CHANGES)
def test_what_was_under_way_comes_after_a_change(change):
    with ParallelRunner(tube("third", n=8), workers=3, ahead=3, warn=lambda text: None) as runner:
        failed_at_three(runner)
        CHANGES[change](runner)
        assert list(runner.iter()) == [4, 5, 6, 7]
        assert runner.epoch == 7


def summing(runner: type[SynchronousRunner], change: str, **options: object) -> list[object]:
    spec = {
        "assets": {"total": {"type": "int", "scope": "runner", "depends": "sum.value"}},
        "nodes": {
            "number": {"type": f"{MY}.upto", "params": {"n": 9}},
            "x": {"type": f"{MY}.third", "depends": "number.value"},
            "sum": {"type": "operator.add", "depends": ["x.value", "assets.total"]},
            "return": {"type": "return", "depends": "sum.value"},
        },
    }
    with runner(Tube.from_specification(spec), **options) as running:
        failed_at_three(running)
        CHANGES[change](running)
        return [running.process(), *running.iter(2), *running.iter(), running.assets["total"].obj]


@pytest.mark.parametrize("change", CHANGES)
def test_what_is_carried_goes_on_after_a_change(change):
    options = {"workers": 3, "warn": lambda text: None}
    assert summing(ParallelRunner, change, **options) == summing(SynchronousRunner, change)


def test_a_run_that_is_started_anew_begins_anew():
    runner = ParallelRunner(tube("third", n=8), workers=3, ahead=3)
    for _ in range(2):
        runner.init()
        failed_at_three(runner)
        runner.deinit()
        assert runner.epoch == 3
    assert not runner.running


def test_records_that_were_drawn_ahead_are_delivered_to_who_goes_on_with_them():
    spec = {
        "input": {"number": {"type": "int", "scope": "process"}},
        "nodes": {
            "x": {"type": f"{MY}.third", "depends": "input.number"},
            "return": {"type": "return", "depends": "x.value"},
        },
    }
    records = ({"number": number} for number in range(9))
    with ParallelRunner(Tube.from_specification(spec), workers=3) as runner:
        with pytest.raises(ValueError, match="no three"):
            list(runner.stream(records, epochs=6))
        runner.pause()
        assert list(runner.stream(records, epochs=2)) == [4, 5]
        assert list(runner.stream(records)) == [6, 7, 8]


def test_who_takes_some_gets_the_next_then():
    with ParallelRunner(tube("slow"), workers=3) as runner:
        assert [*runner.iter(3), runner.process(), *runner.iter(2)] == [0, 10, 20, 30, 40, 50]


BETWEEN: dict[str, Callable[[SynchronousRunner], Any]] = {
    "process": lambda runner: [runner.process()],
    "run": lambda runner: runner.run(2),
    "iter": lambda runner: [*runner.iter(2)],
    "iter of epochs": lambda runner: [*runner.iter(epochs=2)],
    "iter that is left": lambda runner: [next(runner.iter())],
    "saved": lambda runner: runner.current_run is not None and runner.current_run.save() and [],
}


@pytest.mark.parametrize("between", BETWEEN)
@pytest.mark.parametrize("options", [{}, {"ahead": 1}, {"on": "async"}])
def test_what_is_asked_for_between_two_results_is_the_next_and_then_others_go_on(between: str, options: dict[str, Any]):
    found: list[int] = []
    node = "later" if options.get("on") == "async" else "slow"
    with ParallelRunner(tube(node, n=30), **({"workers": 3} if node == "slow" else {}), **options) as runner:
        for result in runner.iter():
            found.append(result)
            if len(found) in (1, 5, 12):
                found += BETWEEN[between](runner)
    assert found == [10 * number for number in range(30)]


async def later(number: int) -> int:
    await asyncio.sleep(0.002)
    return 10 * number


@pytest.mark.parametrize("goes_on", ["stream", "iter", "run"])
@pytest.mark.parametrize("on", ["threads", "async"])
def test_what_is_under_way_comes_behind_an_error_also_if_no_more_is_begun(on: str, goes_on: str):
    node, workers = ("third_first", 2) if on == "threads" else ("third_first_later", None)
    BEGUN.clear()
    HAS_FAILED.clear()
    made = tube(node, n=20)
    drawn: list[dict[str, int]] = []
    if goes_on == "stream":
        spec = {
            "input": {"number": {"type": "int", "scope": "process"}},
            "nodes": {
                "x": {"type": f"{MY}.{node}", "depends": "input.number"},
                "return": {"type": "return", "depends": "x.value"},
            },
        }
        made = Tube.from_specification(spec)
    # Appending gives the record.
    records = (drawn.append({"number": number}) or drawn[-1] for number in range(20))
    with ParallelRunner(made, on=on, workers=workers, ahead=4) as runner:
        results = runner.stream(records) if goes_on == "stream" else runner.iter()
        with pytest.raises(ValueError, match="no three"):
            list(results)
        HAS_FAILED.set()
        runner.stop()
        behind = runner.behind
        assert behind > 0
        rest = {
            "stream": lambda: [*runner.stream(records)],
            "iter": lambda: [*runner.iter()],
            "run": lambda: runner.run(9),
        }
        assert rest[goes_on]() == [*range(4, 4 + behind)]
        assert len(drawn) == (4 + behind if goes_on == "stream" else 0)
        assert rest[goes_on]() == []


BEGUN: list[int] = []
HAS_FAILED = threading.Event()


def may_end(number: int) -> bool:
    """The third, when another is under way, and those behind it when it has failed."""
    return number < 3 or (4 in BEGUN if number == 3 else HAS_FAILED.is_set())


def third_first(number: int) -> int:
    BEGUN.append(number)
    wait_until(lambda: may_end(number))
    return third(number)


async def third_first_later(number: int) -> int:
    BEGUN.append(number)
    while not may_end(number):
        await asyncio.sleep(0.001)
    return third(number)


def test_who_asks_another_thread_for_what_comes_next_gets_that():
    found: list[Any] = []
    with ParallelRunner(tube("slow", n=9), workers=2) as runner:
        for result in runner.iter():
            found.append(result)
            thread = threading.Thread(target=lambda: found.append(runner.process()))
            if result < 80:
                thread.start()
                thread.join()
    assert found == [10 * number for number in range(9)]


def test_as_many_are_under_way_as_before_when_what_was_asked_for_between_is_there():
    with ParallelRunner(tube("slow"), workers=3, ahead=6) as runner:
        results = runner.iter()
        assert [next(results), *runner.iter(2), next(results)] == [0, 10, 20, 30]
        assert runner.behind > 1


def test_a_record_that_can_not_be_had_is_told_behind_the_epochs_before_it():
    def records() -> Iterator[dict[str, int]]:
        yield from ({"number": number} for number in range(4))
        raise OSError("gone")

    spec = {
        "input": {"number": {"type": "int", "scope": "process"}},
        "nodes": {
            "x": {"type": f"{MY}.slow", "depends": "input.number"},
            "return": {"type": "return", "depends": "x.value"},
        },
    }
    results = ParallelRunner(Tube.from_specification(spec), workers=3).stream(records())
    assert [next(results) for _ in range(4)] == [0, 10, 20, 30]
    with pytest.raises(OSError, match="gone"):
        next(results)


def test_a_node_that_exits_is_told_in_its_epoch():
    results = ParallelRunner(tube("exit_at_two", n=6), workers=3).iter()
    assert [next(results), next(results)] == [0, 1]
    with pytest.raises(SystemExit):
        next(results)


def exit_at_two(number: int) -> int:
    if number == 2:
        raise SystemExit(3)
    return number


# --- what there is one of for each worker -------------------------------------------------------------

LIVES: list[tuple[str, str, int]] = []
"""What was made and ended, of what, and in which thread."""


class Lived:
    """Says when it is made and ended, and in which thread."""

    def __init__(self, fails: str = "") -> None:
        self.fails = fails
        self.thread = threading.get_ident()

    def note(self, what: str, name: str) -> None:
        LIVES.append((what, name, threading.get_ident()))
        if what == self.fails:
            raise OSError(f"{name} can't be {what}")

    def __enter__(self) -> Lived:
        self.note("made", "asset")
        return self

    def __exit__(self, *error: object) -> None:
        self.note("ended", "asset")

    def init(self) -> None:
        self.note("made", "node")

    def deinit(self) -> None:
        self.note("ended", "node")

    def process(self, number: int) -> bool:
        time.sleep(0.005)
        return self.thread == threading.get_ident()


def is_here(lived: Lived, number: int) -> bool:
    time.sleep(0.005)
    return lived.thread == threading.get_ident()


def lived(*, stateful: bool | None = False, fails: str = "", n: int = 12, **changes: object) -> Tube:
    nodes = {
        "number": {"type": f"{MY}.upto", "params": {"n": n}},
        "y": {"type": f"{MY}.is_here", "depends": ["assets.lived", "number.value"]},
        "x": {"type": f"{MY}.Lived", "depends": "number.value", "stateful": stateful},
        "return": {"type": "return", "depends": ["x.value", "y.value"]},
    }
    asset = {"type": f"{MY}.Lived", "scope": "runner", "stateful": stateful, "params": {"fails": fails}}
    return Tube.from_specification({"assets": {"lived": asset}, "nodes": nodes | changes})


def test_there_is_one_for_each_worker_and_it_stays_there():
    LIVES.clear()
    assert list(ParallelRunner(lived(), workers=3).iter()) == [[True, True]] * 12
    threads = {thread for _, _, thread in LIVES}
    assert len(threads) == 3
    assert threading.get_ident() not in threads
    for thread in threads:
        assert [(what, name) for what, name, of in LIVES if of == thread] == [
            *(("made", "asset"), ("made", "node"), ("ended", "node"), ("ended", "asset"))
        ]


def test_there_is_one_for_the_run_where_nothing_is_said():
    LIVES.clear()
    list(ParallelRunner(lived(stateful=None), workers=3, warn=lambda text: None).iter())
    assert [(what, name) for what, name, of in LIVES if of == threading.get_ident()] == [
        *(("made", "asset"), ("made", "node"), ("ended", "node"), ("ended", "asset"))
    ]
    assert len(LIVES) == 4


def test_there_is_one_here_too_if_something_in_order_takes_it():
    LIVES.clear()
    keeps = {"type": f"{MY}.is_here", "depends": ["assets.lived", "number.value"], "stateful": True}
    returned = {"type": "return", "depends": ["x.value", "y.value", "keeps.value"]}
    tube = lived(keeps=keeps, **{"return": returned})
    assert list(ParallelRunner(tube, workers=2).iter()) == [[True, True, True]] * 12
    here = [(what, name) for what, name, of in LIVES if of == threading.get_ident()]
    assert here == [("made", "asset"), ("ended", "asset")]


@pytest.mark.parametrize("has_summing_node", [True, False])
def test_what_nobody_takes_is_made_and_ended_here_once(has_summing_node):
    LIVES.clear()
    asset = {"type": f"{MY}.Lived", "scope": "runner", "stateful": False}
    nodes = {
        "number": {"type": f"{MY}.upto", "params": {"n": 5}},
        "x": {"type": f"{MY}.slow", "depends": "number.value"},
        "total": {"type": f"{MY}.Total", "depends": "number.value", "enabled": has_summing_node},
        "off": {"type": f"{MY}.is_here", "depends": ["assets.lived", "number.value"], "enabled": False},
        "return": {"type": "return", "depends": "x.value"},
    }
    spec = {"assets": {"lived": asset, "other": asset}, "nodes": nodes}
    assert list(ParallelRunner(Tube.from_specification(spec), workers=2).iter()) == [0, 10, 20, 30, 40]
    here = threading.get_ident()
    assert [(what, "asset", here) for what in ("made", "made", "ended", "ended")] == LIVES


class Asking(Lived):
    """Knows what runs it."""

    def init(self, context: RunnerContext) -> None:  # type: ignore[override]
        assert context["runner"] is not None
        super().init()


class AskingAtTheEnd(Lived):
    """Knows what ends it."""

    def deinit(self, context: RunnerContext) -> None:  # type: ignore[override]
        assert context["runner"] is not None
        super().deinit()


class Flushing(Lived):
    """Gets a last epoch."""

    @flush_method
    def flush(self) -> str:
        return "the last"


def test_there_is_one_here_too_if_a_source_takes_it() -> None:
    LIVES.clear()
    taken = {"type": f"{MY}.upto_with", "depends": ["assets.lived"], "params": {1: 8}}
    assert list(ParallelRunner(lived(number=taken), workers=2).iter()) == [[True, True]] * 8
    here = threading.get_ident()
    assert [(what, name) for what, name, thread in LIVES if thread == here] == [("made", "asset"), ("ended", "asset")]


def upto_with(lived: Lived, n: int) -> Iterator[int]:
    assert lived.thread == threading.get_ident()
    yield from range(n)


TOLD: list[tuple[object, ...]] = []


class Told:
    """Keeps what it is told of when it is ended."""

    def __enter__(self) -> Told:
        return self

    def __exit__(self, *error: object) -> None:
        TOLD.append(error)


def third_of(told: Told, number: int) -> int:
    return third(number)


@pytest.mark.parametrize("stateful", [True, False])
def test_one_of_a_worker_is_told_of_no_error(stateful: bool) -> None:
    TOLD.clear()
    made = tube(
        "third_of",
        assets={"told": {"type": f"{MY}.Told", "scope": "runner", "stateful": stateful}},
        depends=["assets.told", "number.value"],
    )
    with pytest.raises(ValueError, match="no three"):
        list(ParallelRunner(made, workers=2, warn=str).iter())
    assert [kind for kind, *_ in TOLD] == ([ValueError] if stateful else [None, None])


@pytest.mark.parametrize("kind", ["Asking", "AskingAtTheEnd", "Flushing"])
def test_there_is_one_for_the_run_of_what_has_to_do_with_it_or_with_its_end(kind: str) -> None:
    LIVES.clear()
    nodes = {
        "number": {"type": f"{MY}.upto", "params": {"n": 6}},
        "x": {"type": f"{MY}.slow", "depends": "number.value"},
        "y": {"type": f"{MY}.{kind}", "depends": "number.value", "stateful": False},
        "return": {"type": "return", "depends": [{"x": "x.value"}, {"y": "y.value"}]},
    }
    found = list(ParallelRunner(Tube.from_specification({"nodes": nodes}), workers=2).iter())
    last = [{"y": "the last"}] if kind == "Flushing" else []
    assert found == [*({"x": 10 * number, "y": True} for number in range(6)), *last]
    here = threading.get_ident()
    assert [("made", "node", here), ("ended", "node", here)] == LIVES


@pytest.mark.parametrize("stateful", [True, False])
def test_it_is_here_if_it_is_in_a_nested_tube(stateful):
    LIVES.clear()
    child = {
        "input": {"number": {"type": "int", "scope": "process"}},
        "assets": {
            "lived": {"type": f"{MY}.Lived", "scope": "runner", "stateful": False},
            "left": {"type": f"{MY}.Lived", "scope": "runner", "stateful": False},
        },
        "nodes": {
            "y": {"type": f"{MY}.is_here", "depends": ["assets.lived", "input.number"], "stateful": stateful},
            "return": {"type": "return", "depends": "y.value"},
        },
    }
    nodes = {
        "number": {"type": f"{MY}.upto", "params": {"n": 4}},
        "x": {"type": f"{MY}.slow", "depends": "number.value"},
        "child": {"type": "tube", "params": {"tube": child}, "depends": [{"number": "number.value"}]},
        "return": {"type": "return", "depends": ["x.value", "child.value"]},
    }
    found = list(ParallelRunner(Tube.from_specification({"nodes": nodes}), workers=2).iter())
    assert found == [[10 * number, True] for number in range(4)]
    here = [what for what, _, thread in LIVES if thread == threading.get_ident()]
    assert here == (["made", "made", "ended", "ended"] if stateful else ["made", "ended"])
    assert len(LIVES) == (4 if stateful else 2 + 2 * 2)


def test_it_is_there_for_epochs_that_are_made_in_order():
    LIVES.clear()
    with ParallelRunner(lived(), workers=2, warn=lambda text: None) as runner:
        assert runner.process() == [True, True]
        runner.add_callback(lambda event: None)
        assert runner.process() == [True, True]
    assert len(LIVES) == 4 * 3
    assert sorted(LIVES, key=lambda each: each[2]) != LIVES


@pytest.mark.parametrize("fails", ["made", "ended"])
def test_what_fails_to_be_made_or_ended_by_a_worker_is_told(fails):
    LIVES.clear()
    runner = ParallelRunner(lived(fails=fails), workers=2)
    with pytest.raises((OSError, ExceptionGroup)) as caught:
        list(runner.iter())
    assert "asset can't be" in repr(caught.value)
    assert runner.failure is not None
    assert (runner.failure.place.name, runner.failure.epoch) == ("lived", None)
    if fails == "ended":
        assert len([what for what, _, _ in LIVES if what == "ended"]) == 4


def test_a_thread_that_the_system_does_not_start_is_told_and_the_others_end(monkeypatch: pytest.MonkeyPatch):
    start, counted = threading.Thread.start, itertools.count(1)

    def start_or_not(thread: threading.Thread) -> None:
        if next(counted) == 3:
            raise RuntimeError("can't start new thread")
        start(thread)

    before = set(threading.enumerate())
    monkeypatch.setattr(threading.Thread, "start", start_or_not)
    LIVES.clear()
    with pytest.raises(WorkerStartError, match=r"^worker 3 can't be started: can't start new thread\. Let there be"):
        ParallelRunner(lived(), workers=4).init()
    assert set(threading.enumerate()) <= before


@pytest.mark.parametrize(
    ("on", "options", "message"),
    [
        ("threads", {"workers": 1001}, "1,001 workers are too many: 1,000 threads"),
        ("processes", {"workers": 10**6}, "1,000,000 workers are too many: .* processes on .* processors"),
        ("dask", {"scheduler": ""}, "the address of the Dask scheduler is empty"),
    ],
)
def test_what_would_take_all_memory_or_goes_nowhere_is_refused(on: str, options: dict[str, Any], message: str) -> None:
    if on == "dask":
        pytest.importorskip("distributed")
    tube = Tube.from_specification({"nodes": {"n": {"type": "itertools.count"}}})
    with pytest.raises(InputError, match=message):
        ParallelRunner(tube, on=on, **options)
