"""The items of a map are handed out to several workers; what a run gives is as in order."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, ClassVar

import pytest

from noob_cli import EndOfRun, Epoch, ParallelRunner, SynchronousRunner
from noob_cli.errors import GivenAgainError, NotPortableError, WorkerDiedError
from noob_cli.plan.chunking import around_loops, chunked, item_loops
from noob_cli.plan.lowering.lowering import lower
from noob_cli.plan.lowering.options import LoweringOptions
from noob_cli.plan.passes.passes import APART
from noob_cli.runners.trial import Trial
from tests.patience import wait_until
from tests.runners.tubes import Tubes

TUBES = Tubes(__name__)
LOCK = threading.Lock()


class Now:
    """How many are under way at once, how many there were at the most, and in which threads."""

    count = most = 0
    threads: ClassVar[set[str]] = set()


@pytest.fixture(autouse=True)
def fresh() -> None:
    Now.count = Now.most = 0
    Now.threads = set()


def upto(n: int) -> Iterator[int]:
    yield from range(n)


def twelve(number: int) -> list[int]:
    return [100 * number + at for at in range(12)]


def work(number: int) -> int:
    with LOCK:
        Now.count += 1
        Now.most = max(Now.most, Now.count)
        Now.threads.add(threading.current_thread().name)
    time.sleep(0.002)
    with LOCK:
        Now.count -= 1
    return number + 1


def meets(number: int) -> int:
    """What workers are at when all four are there."""
    name = threading.current_thread().name
    if name.startswith("worker"):
        with LOCK:
            Now.threads.add(name)
        wait_until(lambda: len(Now.threads) == 4)
    return number + 1


def fails(number: int, at: list[int]) -> int:
    if number not in at:
        time.sleep(0.005)
        return number
    raise ValueError(number)


def ends(number: int, at: int) -> int:
    if number == at:
        raise EndOfRun
    time.sleep(0.002)
    return number


def epoch_of(number: int, epoch: Epoch) -> str:
    return f"{number} {epoch}"


def looking(number: int, numbers: list[int], epoch: Epoch) -> None:
    assert epoch[-1] == ("each", numbers.index(number))
    time.sleep(0.002)


def add(number: int, total: int = 0) -> int:
    return number + total


def dies_once(number: int, file: str) -> int:
    if number == 5 and not Path(file).exists():
        Path(file).touch()
        os._exit(3)
    return number


class Named:
    """One for each worker."""

    def process(self, number: int) -> int:
        return work(number)


LOOP = """
    nodes:
      number: {{type: my.upto, params: {{n: {n}}}}}
      twelve: {{type: my.twelve, depends: number.value}}
      each: {{type: map, depends: twelve.value}}
      x: {x}
      all: {{type: gather, depends: [x.value, {{n: each.n}}]}}
      sum: {{type: sum, depends: all.value}}
      return: {{type: return, depends: [all.value, sum.value]}}
"""


def tube(x: str, n: int = 1) -> str:
    return LOOP.format(n=n, x=f"{{type: my.{x}}}")


def threads(text: str, workers: int = 4, **options: Any) -> ParallelRunner:
    return ParallelRunner(TUBES.tube(text), on="threads", workers=workers, **options)


def in_order(text: str, **options: Any) -> SynchronousRunner:
    return SynchronousRunner(TUBES.tube(text), **options)


def outcome(runner: SynchronousRunner, n: int) -> list[Any]:
    """What epochs give, one by one."""
    found: list[Any] = []
    with runner:
        for _ in range(n):
            try:
                found.append(runner.process())
            except Exception as error:
                found.append((type(error).__name__, str(error), runner.failure and str(runner.failure)))
    return found


def is_handed_out(text: str) -> bool:
    plan = lower(TUBES.tube(text), options=LoweringOptions(passes=APART))
    stages = around_loops(plan)
    assert stages is not None
    return chunked(plan, stages, item_loops(plan, stages)) is not None


def test_one_epoch_keeps_all_workers_at_work() -> None:
    text = tube("meets, depends: each.value")
    assert list(threads(text).iter()) == TUBES.results(text)
    assert len(Now.threads) == 4


def test_many_epochs_do_so_by_themselves() -> None:
    text = tube("work, depends: each.value", n=30)
    assert list(threads(text).iter()) == TUBES.results(text)
    assert list(threads(text).iter(7)) == TUBES.results(text)[:7]


def test_an_epoch_by_itself_does_so_again_after_many() -> None:
    runner = threads(tube("work, depends: each.value", n=40))
    with runner:
        assert len(list(runner.iter(30))) == 30
        Now.most = 0
        for _ in range(10):
            runner.process()
    assert Now.most > 1


@pytest.mark.parametrize("n", [1, 30])
def test_no_more_items_are_under_way_than_said(n: int) -> None:
    text = tube("work, depends: each.value", n=n)
    in_order = TUBES.results(text)
    text = text.replace("twelve.value}", "twelve.value, params: {concurrency: 2}}")
    assert list(threads(text).iter()) == in_order
    assert Now.most == 2


@pytest.mark.parametrize(
    "x",
    [
        "fails, depends: each.value, params: {at: [105, 108]}",
        "fails, depends: each.value, params: {at: [100]}",
        "ends, depends: each.value, params: {at: 105}",
        "ends, depends: each.value, params: {at: 0}",
        "epoch_of, depends: each.value",
        "Named, depends: each.value, stateful: false",
    ],
)
def test_what_an_epoch_gives_is_as_in_order(x: str) -> None:
    text = tube(x, n=3).replace("type: sum", "type: len")
    assert outcome(threads(text), 4) == outcome(TUBES.runner(text), 4)


def test_a_later_pass_goes_over_the_items_that_count() -> None:
    text = """
    nodes:
      number: {type: my.upto, params: {n: 2}}
      twelve: {type: my.twelve, depends: number.value}
      each: {type: map, depends: twelve.value}
      x: {type: my.ends, depends: each.value, params: {at: 105}}
      all: {type: gather, depends: [x.value, {n: each.n}]}
      sum: {type: sum, depends: all.value}
      y: {type: my.add, depends: [x.value, sum.value]}
      every: {type: gather, depends: [y.value, {n: each.n}]}
      return: {type: return, depends: every.value}
    """
    assert is_handed_out(text)
    assert list(threads(text).iter()) == TUBES.results(text)


def test_maps_in_maps_and_one_behind_the_other() -> None:
    text = """
    nodes:
      number: {type: my.upto, params: {n: 2}}
      twelve: {type: my.twelve, depends: number.value}
      outer: {type: map, depends: twelve.value}
      inner: {type: my.twelve, depends: outer.value}
      each: {type: map, depends: inner.value}
      x: {type: my.add, depends: [each.value, outer.value]}
      all: {type: gather, depends: [x.value, {n: each.n}]}
      sum: {type: sum, depends: all.value}
      sums: {type: gather, depends: [sum.value, {n: outer.n}]}
      again: {type: map, depends: sums.value}
      y: {type: my.add, depends: again.value}
      return: {type: return, depends: [sums.value, y.value]}
    """
    assert is_handed_out(text)
    assert list(threads(text).iter()) == TUBES.results(text)


def test_what_is_carried_stays_in_the_order_of_the_epochs() -> None:
    text = tube("add, depends: each.value", n=3) + (
        "      total: {type: my.add, depends: [sum.value, assets.last]}\n"
        "    assets:\n      last: {type: int, scope: runner, depends: total.value}\n"
    )
    text = text.replace("[all.value, sum.value]", "[all.value, total.value]")
    assert is_handed_out(text)
    assert outcome(threads(text), 3) == outcome(TUBES.runner(text), 3)


def skipping(runner: SynchronousRunner) -> list[Any]:
    """What six epochs give in a run that goes on after those that fail."""
    found: list[Any] = []
    with runner:
        while runner.made < 6:
            try:
                found += runner.iter(epochs=6 - runner.made)
            except ValueError as error:
                found.append(str(error))
    return found


def test_a_run_goes_on_after_each_failed_epoch() -> None:
    text = tube("fails, depends: each.value, params: {at: [105, 305]}", n=6)
    assert skipping(threads(text)) == skipping(TUBES.runner(text))


ITERATION = """
    assets:
      seen: {{type: list, scope: runner, depends: noted.value}}
    nodes:
      number: {{type: my.upto, params: {{n: 6}}}}
      noted: {{type: my.note, depends: [assets.seen, number.value], stateful: true}}
      twelve: {{type: my.twelve, depends: number_of.value}}
      number_of: {{type: my.newest, depends: noted.value}}
      each: {{type: map, depends: twelve.value}}
      x: {{type: my.{x}, depends: each.value}}
      all: {{type: gather, depends: [x.value, {{n: each.n}}]}}
      added: {{type: my.note_all, depends: [noted.value, all.value], stateful: true}}
      return: {{type: return, depends: [all.value, added.value]}}
"""
"""In an epoch, what is carried is changed in place before a loop, and behind it."""


def note(seen: list[int], number: int) -> list[int]:
    seen.append(len(seen) + number)
    return seen


def newest(seen: list[int]) -> int:
    return len(seen) % 7


def note_all(seen: list[int], values: list[int]) -> int:
    seen.append(sum(values))
    return sum(seen)


@pytest.mark.slow
def test_what_stands_between_what_keeps_the_order_is_handed_out() -> None:
    text = ITERATION.format(x="work")
    assert list(threads(text).iter()) == TUBES.results(text)
    assert 1 < Now.most <= 4
    assert skipping(threads(text, undoing=True)) == skipping(in_order(text, undoing=True))
    with ParallelRunner(TUBES.tube(text), on="processes", workers=2) as runner:
        assert list(runner.iter()) == TUBES.results(text)


def test_a_run_changes_its_way_whenever_that_takes_less_time(monkeypatch: pytest.MonkeyPatch) -> None:
    begun: list[bool] = []

    class Alternating(Trial):
        is_over = True

        @property
        def is_for_chunks(self) -> bool:
            return len(begun) % 4 < 2

        def begin(self, is_in_chunks: bool) -> None:
            begun.append(is_in_chunks)

    monkeypatch.setattr("noob_cli.runners.route.Trial", Alternating)
    text = ITERATION.format(x="work").replace("n: 6", "n: 11")
    assert list(threads(text, ahead=1).iter()) == TUBES.results(text)
    assert begun[:6] == [True, True, False, False, True, True]


@pytest.mark.parametrize("undoing", [True, False])
def test_what_an_epoch_has_changed_is_undone_when_what_is_handed_out_fails(undoing: bool) -> None:
    text = ITERATION.format(x="fails").replace("each.value}", "each.value, params: {at: [205, 505]}}")
    found = skipping(threads(text, undoing=undoing))
    assert found == skipping(in_order(text, undoing=undoing))
    assert "205" in found


def test_what_lives_as_long_as_an_epoch_stays_in_one_place() -> None:
    text = tube("work, depends: each.value", n=3)
    text = text.replace("[all.value, sum.value]", "[all.value, counted.value]").replace(
        "      return:", "      counted: {type: my.count, depends: [assets.each, sum.value]}\n      return:"
    )
    text += "    assets:\n      each: {type: my.opened, scope: process}\n"
    assert list(threads(text).iter()) == TUBES.results(text)
    assert Now.most > 1
    held = text.replace("my.work, depends: each.value", "my.add, depends: [each.value, assets.each]")
    assert not is_handed_out(held.replace("my.opened", "int"))


def opened() -> Iterator[list[str]]:
    yield [threading.current_thread().name]


def count(opened_in: list[str], number: int) -> tuple[bool, int]:
    return opened_in == [threading.current_thread().name], number


def test_what_an_earlier_pass_has_left_is_whole_for_the_third() -> None:
    text = """
    nodes:
      number: {type: my.upto, params: {n: 1}}
      twelve: {type: my.twelve, depends: number.value}
      each: {type: map, depends: twelve.value}
      x: {type: my.add, depends: each.value}
      all: {type: gather, depends: [x.value, {n: each.n}]}
      sum: {type: sum, depends: all.value}
      y: {type: my.add, depends: [x.value, sum.value]}
      every: {type: gather, depends: [y.value, {n: each.n}]}
      most: {type: max, depends: every.value}
      z: {type: my.add, depends: [x.value, most.value]}
      last: {type: gather, depends: [z.value, {n: each.n}]}
      return: {type: return, depends: last.value}
    """
    assert is_handed_out(text)
    assert list(threads(text).iter()) == TUBES.results(text)


def test_a_loop_that_is_alone_in_its_region_anyway_is_another_for_parts_of_the_items() -> None:
    """Its items are counted, which a part of them can't do by itself."""
    text = """
    nodes:
      number: {type: my.upto, params: {n: 12}}
      twelve: {type: my.twelve, depends: number.value}
      each: {type: map, depends: twelve.value}
      kept: {type: my.add, depends: each.value, stateful: true}
      all: {type: gather, depends: [kept.value, {n: each.n}]}
      sum: {type: sum, depends: all.value, stateful: true}
      x: {type: my.looking, depends: [each.value, all.value]}
      last: {type: my.add, depends: sum.value, stateful: true}
      return: {type: return, depends: last.value}
    """
    assert is_handed_out(text)
    assert list(threads(text).iter()) == TUBES.results(text)


def test_records_go_on_where_they_were_when_epochs_are_enough() -> None:
    text = """
    input:
      number: {type: int, scope: process}
    nodes:
      twelve: {type: my.twelve, depends: input.number}
      each: {type: map, depends: twelve.value}
      x: {type: my.work, depends: each.value}
      all: {type: gather, depends: [x.value, {n: each.n}]}
      return: {type: return, depends: all.value}
    """
    records = [{"number": number} for number in range(20)]
    assert list(threads(text).stream(records)) == list(TUBES.runner(text).stream(records))


@pytest.mark.parametrize(
    ("x", "is_so"),
    [
        ("work, depends: each.value", True),
        ("work, depends: each.value, stateful: true", False),
        ("Named, depends: each.value", False),
        ("Named, depends: each.value, stateful: false", True),
        ("epoch_of, depends: each.value", True),
    ],
)
def test_only_what_keeps_nothing_is_handed_out(x: str, is_so: bool) -> None:
    assert is_handed_out(tube(x)) == is_so


NESTED = (
    "type: tube, depends: [{{v: each.value}}], params: {{tube: {{input: {{v: {{type: int, scope: process}}}}, "
    "nodes: {{y: {{type: my.{}, depends: input.v}}, return: {{type: return, depends: y.value}}}}}}}}"
)


@pytest.mark.parametrize(("y", "is_so"), [("work", True), ("Named", False), ("epoch_of", False)])
def test_a_tube_that_keeps_nothing_is_handed_out_and_its_calls_are_counted(y: str, is_so: bool) -> None:
    text = tube("work, depends: each.value", n=2).replace("type: my.work, depends: each.value", NESTED.format(y))
    text = text.replace("type: sum", "type: len")
    assert is_handed_out(text) == is_so
    kept: list[Any] = []
    for runner in (threads(text), TUBES.runner(text)):
        Now.threads = set()
        with runner:
            results = list(runner.iter())
            assert runner.current_run is not None
            kept.append((results, runner.current_run.state["epoch", "x"]))
        if is_so:
            assert (len(Now.threads) > 1) == isinstance(runner, ParallelRunner)
    assert kept[0] == kept[1]


def test_no_more_items_of_it_are_under_way_than_said() -> None:
    text = tube("work, depends: each.value").replace("type: my.work, depends: each.value", NESTED.format("work"))
    text = text.replace("twelve.value}", "twelve.value, params: {concurrency: 2}}")
    list(threads(text).iter())
    assert Now.most == 2


@pytest.mark.slow
def test_workers_in_processes_get_items_too() -> None:
    text = tube("work, depends: each.value", n=5)
    with ParallelRunner(TUBES.tube(text), on="processes", workers=2) as runner:
        assert list(runner.iter()) == TUBES.results(text)


@pytest.mark.slow
def test_items_of_a_worker_that_dies_are_done_by_another(tmp_path: Path) -> None:
    text = tube(f"dies_once, depends: each.value, params: {{file: '{tmp_path / 'died'}'}}")
    runner = ParallelRunner(TUBES.tube(text), on="processes", workers=2)
    assert list(runner.iter()) == [[list(range(12)), sum(range(12))]]


def dies(number: int) -> int:
    return os._exit(3) if number == 5 else number  # type: ignore[return-value]


@pytest.mark.slow
def test_of_items_at_which_workers_die_the_node_is_named() -> None:
    runner = ParallelRunner(TUBES.tube(tube("dies, depends: each.value")), on="processes", workers=2)
    with pytest.raises(WorkerDiedError, match="exit code 3, while they did 'x'"):
        runner.run(1)


def locks(number: int) -> list[Any]:
    return [number, threading.Lock()]


@pytest.mark.slow
def test_of_items_that_can_not_go_to_a_worker_the_node_is_named_that_has_given_them() -> None:
    runner = ParallelRunner(TUBES.tube(ITERATION.format(x="work").replace("my.twelve", "my.locks")), on="processes")
    with pytest.raises(NotPortableError, match=r"the signal 'value' of the node 'twelve' .* is of type 'lock'"):
        runner.run(1)


DRAWN: list[int] = []
LISTED: list[int] = []
DELIVERED = threading.Event()


def in_turn() -> Iterator[list[int]]:
    """Two lists, each of which is filled again, when what comes before the loop is done."""
    lists: tuple[list[int], list[int]] = [], []
    for number in range(3):
        wait_until(lambda number=number: len(LISTED) == number)
        # Until that is known, too.
        time.sleep(0.05)
        lists[number % 2][:] = [number]
        DRAWN.append(number)
        yield lists[number % 2]


def twelve_of(numbers: list[int]) -> list[int]:
    LISTED.extend(numbers)
    return twelve(*numbers)


def when_all_is_drawn(number: int) -> int:
    wait_until(lambda: len(DRAWN) == 3)
    if number >= 200:
        wait_until(DELIVERED.is_set)
    return number


def with_first(values: list[int], numbers: list[int]) -> tuple[int, int]:
    return values[0], numbers[0]


def test_what_is_given_again_while_items_are_worked_at_fails_the_epoch_that_still_has_it() -> None:
    text = """
    nodes:
      numbers: {type: my.in_turn}
      twelve: {type: my.twelve_of, depends: numbers.value}
      each: {type: map, depends: twelve.value}
      x: {type: my.when_all_is_drawn, depends: each.value}
      all: {type: gather, depends: [x.value, {n: each.n}]}
      pair: {type: my.with_first, depends: [all.value, numbers.value]}
      return: {type: return, depends: pair.value}
    """
    DRAWN.clear()
    LISTED.clear()
    DELIVERED.clear()
    with threads(text, workers=14) as runner:
        try:
            with pytest.raises(GivenAgainError, match="in epoch 2, when epoch 0"):
                next(runner.iter())
        finally:
            DELIVERED.set()


def test_what_is_handed_out_is_verified() -> None:
    text = tube("work, depends: each.value", n=3)
    assert list(threads(text, verify=5).iter()) == TUBES.results(text)
