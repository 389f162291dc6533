"""The number of an epoch, and that in which something was stored: in a run, after it, and after a failure."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from noob_cli import Epoch, NoEvent, RunnerContext
from tests.runners.tubes import Tubes

tubes = Tubes(__name__)


def numbers(n: int = 5) -> Iterator[int]:
    number = 0
    while number < n:
        yield number
        number += 1


def breaking() -> Iterator[int]:
    yield from range(3)
    raise ValueError("the source broke")


def add(total: int, number: int) -> int:
    return total + number


def odd(value: int) -> int:
    return value if value % 2 else NoEvent


def fail_at(value: int, at: int = 3) -> int:
    if value == at:
        raise ValueError("that one")
    return value


def same_epoch(value: int, epoch: Epoch) -> int:
    return int(epoch)


class Looks:
    """Says what the runner says while it runs."""

    def init(self, context: RunnerContext) -> None:
        self.runner = context["runner"]

    def process(self, value: int) -> tuple[int, int]:
        asset = self.runner.tube.assets.get("total")
        return self.runner.epoch, -2 if asset is None else asset.stored_at


LOOKS = "nodes: {a: {type: my.numbers}, b: {type: my.Looks, depends: a.value}, r: {type: return, depends: b.value}}"

CARRIED = """
assets: {total: {type: int, scope: runner, depends: SIGNAL}}
nodes:
  a: {type: my.numbers}
  odd: {type: my.odd, depends: a.value}
  total: {type: my.add, depends: [assets.total, a.value]}
  b: {type: my.Looks, depends: total.value}
  f: {type: my.fail_at, depends: [a.value], params: {at: 9}}
  r: {type: return, depends: b.value}
"""

ALWAYS, AT_TIMES = CARRIED.replace("SIGNAL", "total.value"), CARRIED.replace("SIGNAL", "odd.value")


def test_a_node_sees_the_number_of_its_epoch():
    assert tubes.runner(LOOKS).run(3) == [(0, -2), (1, -2), (2, -2)]


@pytest.mark.parametrize(("text", "dates"), [(ALWAYS, [-1, 0, 1, 2]), (AT_TIMES, [-1, -1, 1, 1])])
def test_a_node_sees_when_something_was_stored(text: str, dates: list[int]):
    assert tubes.runner(text).run(4) == list(enumerate(dates))
    assert list(tubes.runner(text).iter(4)) == list(enumerate(dates))


@pytest.mark.parametrize(("text", "date"), [(ALWAYS, 3), (AT_TIMES, 3)])
def test_after_a_run(text: str, date: int):
    runner = tubes.runner(text)
    with runner:
        runner.run(4)
        assert (runner.epoch, runner.tube.assets["total"].stored_at) == (3, date)
        runner.run(0)
        assert (runner.epoch, runner.tube.assets["total"].stored_at) == (3, date)


@pytest.mark.parametrize(("at", "date"), [(0, -1), (1, 0), (2, 1)])
def test_after_a_failed_epoch(at: int, date: int):
    runner = tubes.runner(ALWAYS.replace("at: 9", f"at: {at}"))
    with runner:
        with pytest.raises(ValueError, match="that one"):
            runner.run(4)
        assert (runner.epoch, runner.tube.assets["total"].stored_at) == (at, date)
        assert runner.run(2) == [(at + 1, date), (at + 2, at + 1)]


def test_a_source_that_breaks_breaks_an_epoch_of_its_own():
    runner = tubes.runner("nodes: {a: {type: my.breaking}, b: {type: my.same_epoch, depends: a.value}}")
    with runner:
        with pytest.raises(ValueError, match="the source broke") as raised:
            runner.run()
        assert runner.epoch == 3
    assert "epoch 3" in raised.value.__notes__[0]


@pytest.mark.parametrize("text", ["a.value", "b.value"])
def test_the_same_without_a_node_that_asks_for_it(text: str):
    runner = tubes.runner(
        f"nodes: {{a: {{type: my.breaking}}, b: {{type: my.fail_at, depends: a.value, params: {{at: 2}}}}, "
        f"r: {{type: return, depends: {text}}}}}"
    )
    with runner:
        with pytest.raises(ValueError, match="that one"):
            runner.run()
        assert runner.epoch == 2
        with pytest.raises(ValueError, match="the source broke"):
            runner.run(4)
        assert runner.epoch == 3


def test_loops_that_take_turns_count_together():
    with tubes.runner("nodes: {a: {type: my.numbers}, r: {type: return, depends: a.value}}") as runner:
        one, other = runner.iter(), runner.iter()
        seen = [(next(one), runner.epoch), (next(other), runner.epoch), (next(one), runner.epoch)]
        seen += [(runner.process(), runner.epoch), (next(other), runner.epoch)]
        assert seen == [(number, number) for number in range(5)]


def test_the_end_has_no_number():
    runner = tubes.runner("nodes: {a: {type: my.numbers}, r: {type: return, depends: a.value}}")
    with runner:
        assert runner.run(9) == [0, 1, 2, 3, 4]
        assert runner.epoch == 4
        assert runner.run(9) == []
        assert runner.epoch == 4


def test_as_many_epochs_as_the_source_has_values_do_not_find_the_end():
    runner = tubes.runner("nodes: {a: {type: my.numbers}, r: {type: return, depends: a.value}}")
    with runner:
        assert runner.run(5) == [0, 1, 2, 3, 4]
        assert runner.run(1) == []
