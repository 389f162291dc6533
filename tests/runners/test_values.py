"""The last value of each signal, for who watches a run: it costs nothing while nobody does, and changes no result."""

from __future__ import annotations

import pickle
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Annotated

import numpy
import pytest

from noob_cli import Name, NoEvent, ParallelRunner
from noob_cli.codegen.compiled import CompiledPlan
from noob_cli.codegen.values import Values
from noob_cli.plan.lowering.lowering import lower
from noob_cli.plan.lowering.options import LoweringOptions
from noob_cli.runners.crews.seen import Seen, ValueWatcher
from noob_cli.summary import Packed, sendable
from noob_cli.wording import short_repr
from tests.conformance.cases import Case, read_section
from tests.conformance.test_conformance import compare
from tests.conformance.ways import by_process, tube_of
from tests.patience import PATIENCE, wait_until
from tests.runners.tubes import Tubes

tubes = Tubes(__name__)

CASES = [case for section in range(1, 9) for case in read_section(section) if case.results is not None]


def numbers() -> Iterator[int]:
    yield from range(5)


def many_numbers() -> Iterator[int]:
    yield from (number % 5 for number in range(100))


def even(number: int) -> int:
    return NoEvent if number % 2 else number


def both(number: int) -> tuple[Annotated[int, Name("more")], Annotated[int, Name("less")]]:
    return number + 1, number - 1


async def both_awaited(number: int) -> tuple[Annotated[int, Name("more")], Annotated[int, Name("less")]]:
    return both(number)


def up_to(number: int) -> list[int]:
    return list(range(number))


AT_START: list[Callable[[], object]] = []
"""What is done when an instance is made."""


class Instance:
    def __init__(self) -> None:
        while AT_START:
            AT_START.pop()()

    def process(self, number: int) -> int:
        return number


class Hostile:
    def __reduce__(self):
        raise RuntimeError("no")

    def __repr__(self):
        raise RuntimeError("no")


EACH = """
    nodes:
      numbers: {type: my.numbers}
      even: {type: my.even, depends: numbers.value}
      both: {type: my.both, depends: numbers.value}
      up_to: {type: my.up_to, depends: numbers.value}
      each: {type: map, depends: [{value: up_to.value}]}
      text: {type: str, depends: each.value}
      return: {type: return, depends: [{even: even.value}, {less: both.less}]}
"""
LAST = {
    "numbers.value": 4,
    "even.value": 4,
    "both.more": 5,
    "both.less": 3,
    "up_to.value": [0, 1, 2, 3],
    "each.value": 3,
    "each.n": 4,
    "text.value": "3",
    "return.value": {"even": 4, "less": 3},
}
COUNTS = {**dict.fromkeys(LAST, 5), "even.value": 3, "each.n": 4, "each.value": 10, "text.value": 10}


@pytest.mark.parametrize("way", ["process", "run", "iter"])
def test_the_last_value_of_each_signal_and_how_many_there_were(way):
    runner = tubes.runner(EACH)
    with runner.watching() as values, runner:
        if way == "process":
            for _ in range(5):
                runner.process()
        else:
            list(runner.iter() if way == "iter" else runner.run() or ())
        assert (values.last, values.counts) == (LAST, COUNTS)


def test_who_watches_has_a_mapping_and_so_has_the_runner_meanwhile():
    runner = tubes.runner(EACH)
    with runner.watching() as values, runner:
        assert (len(values), values.get("even.value")) == (0, None)
        runner.run()
        assert (dict(values), runner.values) == (LAST, LAST)
        assert values["even.value"] == LAST["even.value"]
        with pytest.raises(KeyError):
            values["evn.value"]
    with pytest.raises(RuntimeError, match="no values are kept"):
        _ = runner.values


@pytest.mark.parametrize("on", ["threads", "async"])
def test_what_is_done_for_several_epochs_at_once_is_seen_as_well(on):
    yaml = EACH.replace("my.both", "my.both_awaited") if on == "async" else EACH
    runner = ParallelRunner(tubes.tube(yaml), on=on, ahead=3)
    with runner.watching() as values, runner:
        runner.run()
        # Which epoch of several under way is through last is open.
        assert values.last.keys() == LAST.keys()
        assert values.counts == COUNTS


def test_a_signal_that_emits_nothing_keeps_its_last_value():
    runner = tubes.runner(EACH)
    with runner.watching() as values, runner:
        runner.run(4)
        assert (values.last["numbers.value"], values.last["even.value"]) == (3, 2)
        assert "even.value" in values.last


def test_inputs_that_come_with_the_epochs_and_nested_tubes():
    runner = tubes.runner(
        """
        input:
          number: {type: int, scope: process}
          factor: {type: int, default: 3}
        nodes:
          inner:
            type: tube
            params:
              tube:
                input: {given: {type: int, scope: process}}
                nodes:
                  both: {type: my.both, depends: input.given}
                  return: {type: return, depends: both.more}
            depends: [{given: input.number}]
          return: {type: return, depends: inner.value}
        """
    )
    with runner.watching() as values, runner:
        assert [runner.process(number=number) for number in (1, 4)] == [2, 5]
        assert values.last == {
            "input.number": 4,
            "inner.input.given": 4,
            "inner.both.more": 5,
            "inner.both.less": 3,
            "inner.return.value": 5,
            "inner.value": 5,
            "return.value": 5,
        }


def test_another_thread_begins_to_watch_in_mid_run_and_has_enough():
    runner = tubes.runner("nodes: {forever: {type: itertools.count}, even: {type: my.even, depends: forever.value}}")
    thread = threading.Thread(target=runner.run)
    thread.start()
    try:
        for _ in range(3):
            with runner.watching() as values:
                wait_until(lambda values=values: values.counts.get("even.value", 0) > 10)
                assert values.last["even.value"] % 2 == 0
            assert values.last == {}
    finally:
        runner.stop()
        thread.join(PATIENCE)
    assert not thread.is_alive()


@pytest.mark.parametrize("on", ["threads", "async"])
def test_to_begin_and_to_have_enough_in_mid_run_changes_no_result_of_several_epochs_at_once(on):
    yaml = EACH.replace("my.numbers", "my.many_numbers").replace("my.both", "my.both_awaited")
    runner = ParallelRunner(tubes.tube(yaml), on=on, ahead=3)
    expected = list(ParallelRunner(tubes.tube(yaml), on=on, ahead=3).iter())
    found = []
    with runner:
        for at, result in enumerate(runner.iter()):
            found.append(result)
            if at % 20 == 0:
                watching = runner.watching()
                watching.__enter__()
            elif at % 20 == 10:
                watching.__exit__(None, None, None)
    assert found == expected


def test_who_begins_to_watch_while_the_run_starts_sees_what_it_does():
    yaml = "nodes: {numbers: {type: my.numbers}, same: {type: my.Instance, stateful: false, depends: numbers.value}}"
    runner = ParallelRunner(tubes.tube(yaml), on="threads", workers=2)
    watching = runner.watching()
    AT_START.append(watching.__enter__)
    with runner:
        runner.run()
        assert runner._observers.values.counts == {"numbers.value": 5, "same.value": 5}


def test_it_is_compiled_in_for_as_long_as_somebody_watches():
    runner = tubes.runner("nodes: {forever: {type: itertools.count}}")

    def source() -> str:
        code = runner.current_run._linked.code  # type: ignore[union-attr]
        assert isinstance(code, CompiledPlan)
        return code.source

    with runner:
        runner.run(1)
        before = source()
        with runner.watching(), runner.watching() as values:
            runner.run(1)
            assert source() != before
            with runner.watching():
                runner.run(1)
            runner.run(1)
            assert values.counts == {"forever.value": 3}
        runner.run(1)
        assert "shown" not in source()


def test_names_of_the_tube_are_its_own():
    """What holds the values in the generated code has names that no node gets."""
    runner = tubes.runner(
        """
        nodes:
          shown: {type: my.numbers}
          shown_value_shown: {type: my.even, depends: shown.value}
        """
    )
    with runner.watching() as values, runner:
        runner.run(2)
        assert values.last == {"shown.value": 1, "shown_value_shown.value": 0}


@pytest.mark.many
@pytest.mark.parametrize("case", CASES, ids=lambda case: case.id)
def test_to_watch_changes_nothing(case: Case, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Values, "are_watched", True)
    compare(case, "process", by_process(case, tube_of(case, tmp_path)))


def test_it_costs_nothing_to_look_at_a_value_that_is_large_or_can_not_go_to_another_process():
    """What goes there is small, whatever the value is."""
    large = numpy.zeros((2000, 3000))
    values = [
        large,
        {"frame": large},
        bytes(10**8),
        list(range(10**6)),
        numpy.zeros(10**6),
        threading.Lock(),
        Hostile(),
    ]
    sent = [sendable(value) for value in values]
    assert max(len(pickle.dumps(each)) for each in sent) < 1 << 20
    assert [type(each).__name__ for each in sent] == [
        "ArraySummary",
        *["Summary"] * 3,
        "ArraySummary",
        *["Summary"] * 2,
    ]
    assert repr(sent[1]) == short_repr(values[1])
    assert sent[0].sample.shape == (154, 231)


def test_a_worker_looks_ten_times_in_a_second_at_most_and_once_more_at_the_end(monkeypatch):
    now = 0.0
    monkeypatch.setattr(time, "perf_counter", lambda: now)
    values = Values()
    values.watch(1)
    looking = ValueWatcher(values)
    seen = []
    for now in (0.01 * step for step in range(100)):
        values.add({"a.value": (1, sendable(now))})
        seen.append(looking.look())
    seen.append(looking.look(is_last=True))
    told = [each.values["a.value"] for each in seen if each is not None]
    assert len(told) in (10, 11)
    assert sum(times for times, _ in told) == 100
    assert looking.look(is_last=True) is None


def test_what_is_seen_on_the_way_is_the_last_and_how_many_there_were():
    before = Seen({"a.value": (2, 1), "b.value": (1, "b")})
    assert Seen({"a.value": (3, 4)}).with_before(before) == Seen({"a.value": (5, 4), "b.value": (1, "b")})


def test_what_can_not_be_made_here_is_said_to_be_so():
    values = Values()
    values.watch(1)
    values.add({"a.value": (2, Packed(b"nothing")), "b.value": (1, sendable([1, "two"]))})
    values.add({"b.value": (3, sendable({"x": None}))})
    assert "it can't be made here" in repr(values.last["a.value"])
    assert values.last["b.value"] == {"x": None}
    assert values.counts == {"a.value": 2, "b.value": 4}


def test_nothing_is_unpacked_for_its_name(monkeypatch):
    monkeypatch.setattr(Packed, "unpacked", None)
    values = Values()
    values.watch(1)
    values.add({"a.value": (1, sendable(1))})
    assert list(values) == ["a.value"]
    assert len(values) == 1


def test_each_value_is_shown_once():
    plan = lower(tubes.tube(EACH), options=LoweringOptions(showing=True))
    assert plan.shown.keys() == LAST.keys()
    assert not lower(tubes.tube(EACH)).shown
