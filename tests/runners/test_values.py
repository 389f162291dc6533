"""The last value of each signal, for who watches a run: it costs nothing while nobody does, and changes no result."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated

import pytest

from noob_cli import Name, NoEvent, ParallelRunner
from noob_cli.codegen.compiled import CompiledPlan
from noob_cli.codegen.values import Values
from noob_cli.plan.lowering.lowering import lower
from tests.conformance.cases import Case, read_section
from tests.conformance.test_conformance import compare
from tests.conformance.ways import by_process
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
    compare(case, "process", by_process(case, case.write(tmp_path)))


def test_each_value_is_shown_once():
    plan = lower(tubes.tube(EACH), showing=True)
    assert plan.shown.keys() == LAST.keys()
    assert not lower(tubes.tube(EACH)).shown
