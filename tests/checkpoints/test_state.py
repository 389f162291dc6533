"""Where a run stands as bytes: saved between any two epochs, and gone on from in another run."""

from __future__ import annotations

import sys
import threading
from collections.abc import Iterator
from functools import cache
from typing import Annotated, Any

import pytest

from noob_cli import EndOfRun, EventMap, Name, Node, NoEvent, RunnerContext, SynchronousRunner, Tube
from noob_cli.checkpoints.state import Checkpoints
from noob_cli.errors import CheckpointError
from noob_cli.runners.run import Run
from tests.runners.tubes import Tubes

tubes = Tubes(__name__)


def numbers(n=8):
    yield from range(n)


async def later(n=8):
    for number in range(n):
        yield number


def breaks(at, n=8):
    for number in range(n):
        if number == at:
            raise ValueError(number)
        yield number


async def breaks_later(at, n=8):
    for number in range(n):
        if number == at:
            raise ValueError(number)
        yield number


class Hiccups:
    """An iterator that goes on after an error."""

    def __init__(self, at):
        self.at = set(at)
        self.asked = -1

    def __iter__(self):
        return self

    def __next__(self):
        self.asked += 1
        if self.asked in self.at:
            raise ValueError(self.asked)
        if self.asked > 8:
            raise StopIteration
        return self.asked


class BreaksItself:
    def process(self):
        yield from breaks(3)


class Squares:
    """A source with a state of its own."""

    def __init__(self):
        self.made = 0

    def process(self):
        for number in range(8):
            self.made += 1
            yield number * number + self.made


class Countdown:
    def __init__(self, start):
        self.left = start

    def __iter__(self):
        return self

    def __next__(self):
        if not self.left:
            raise StopIteration
        self.left -= 1
        return self.left


class Total:
    def __init__(self):
        self.total = 0

    def process(self, value):
        self.total += value
        return self.total


class TotalFromInit:
    def init(self):
        self.total = 0
        self.spare = "made by init"

    def process(self, value):
        vars(self).pop("spare", None)
        self.total += value
        return self.total, hasattr(self, "spare")


class Slots:
    __slots__ = ("total",)

    def __init__(self):
        self.total = 0

    def process(self, value):
        self.total += value
        return self.total


class Locked:
    """Holds what can't be saved, and leaves it out."""

    def init(self):
        self.lock = threading.Lock()
        self.total = 0

    def __getstate__(self):
        return {"total": self.total}

    def process(self, value):
        with self.lock:
            self.total += value
        return self.total


class SetsItself:
    def __init__(self):
        self.total = 0

    def __getstate__(self):
        return self.total

    def __setstate__(self, state):
        self.total = state

    def process(self, value):
        self.total += value
        return self.total


class History(list):
    def process(self, value):
        self.append(value)
        return list(self)


class Index(dict):
    def process(self, value):
        self[value % 3] = value
        return dict(self)


class Ring:
    """Refers to itself."""

    def __init__(self):
        self.me = self
        self.call = self.add
        self.total = 0

    def add(self, value):
        self.me.total += value
        return self.total

    def process(self, value):
        return self.call(value)


class Model(Node):
    step: int = 1
    total: int = 0

    def process(self, value):
        self.total += self.step * value
        return self.total


class Keeper:
    """Holds the object that an asset holds, too."""

    def __init__(self):
        self.kept = None

    def process(self, kept, value) -> tuple[Annotated[list, Name("seen")], Annotated[list, Name("kept")]]:
        if self.kept is not None:
            self.kept.append(value)
        self.kept = kept
        return list(kept), kept


class Asks:
    def init(self, context: RunnerContext):
        self.runner = context["runner"]

    def process(self, value):
        return self.runner.epoch


class KeepsConnection:
    def __init__(self):
        self.connection = None

    def process(self, connection, value):
        self.connection = self.connection or connection
        return self.connection is connection


class Unsaveable:
    def __init__(self):
        self.lock = threading.Lock()

    def process(self, value):
        return value


class Collects(set):
    def process(self, value):
        self.add(value)
        return sorted(self)


class SaysAnything:
    def process(self, value):
        return value

    def __getstate__(self):
        return (1, 2, 3)


class SaysHow(Collects):
    def __reduce__(self):
        return SaysHow, ()


def unsaveable():
    return (each for each in "abc")


def becomes_unsaveable(kept, value):
    return threading.Lock() if value == 2 else value


def appended(values, value):
    values.append(value)
    return values


def ends_its_tube(value):
    if value == 3:
        raise EndOfRun
    return value


def even(value):
    return NoEvent if value % 2 else value


def maybe(value):
    return [value, None]


def ids(value, events: EventMap):
    return [events["value"]["id"], events["value"]["epoch"]]


def items(value):
    return list(range(value % 4))


def add(left, right):
    return left + right


NODE = """
    nodes:
      number: {{type: my.numbers}}
      node: {{type: my.{}, depends: number.value}}
      return: {{type: return, depends: node.value}}
    """

TUBES = {
    "a nested tube that a node has ended": """
    nodes:
      number: {type: my.numbers}
      nested:
        type: tube
        params:
          tube:
            input: {value: {type: int, scope: process}}
            nodes:
              node: {type: my.ends_its_tube, depends: input.value}
              return: {type: return, depends: node.value}
        depends: [{value: number.value}]
      return: {type: return, depends: [{number: number.value}, {nested: nested.value}]}
    """,
    **{
        name: NODE.format(name)
        for name in ("Total", "TotalFromInit", "Slots", "Locked", "SetsItself", "History", "Index", "Ring", "Asks")
    },
    "a node class": """
    nodes:
      number: {type: my.numbers}
      node: {type: my.Model, params: {step: 3}, depends: number.value}
      return: {type: return, depends: node.value}
    """,
    "an asynchronous generator": """
    nodes:
      number: {type: my.later}
      return: {type: return, depends: number.value}
    """,
    "a class that generates": """
    nodes:
      number: {type: my.Squares}
      return: {type: return, depends: number.value}
    """,
    "a class of iterators": """
    nodes:
      number: {type: my.Countdown, params: {start: 6}}
      return: {type: return, depends: number.value}
    """,
    "sources that end one by one": """
    nodes:
      few: {type: my.numbers, params: {n: 3}}
      many: {type: my.numbers}
      return: {type: return, depends: [{few: few.value}, {many: many.value}]}
    """,
    "a carried number": """
    assets:
      total: {type: int, scope: runner, depends: add.value}
    nodes:
      number: {type: my.numbers}
      add: {type: my.add, depends: [assets.total, number.value]}
      return: {type: return, depends: add.value}
    """,
    "a carried list that changes in place": """
    assets:
      all: {type: list, scope: runner, depends: append.value}
    nodes:
      number: {type: my.numbers}
      append: {type: my.appended, depends: [assets.all, number.value]}
      return: {type: return, depends: append.value}
    """,
    "an asset that is stored now and then": """
    assets:
      last: {type: int, scope: runner, depends: even.value}
    nodes:
      number: {type: my.numbers}
      even: {type: my.even, depends: number.value}
      return: {type: return, depends: [{last: assets.last}, {number: number.value}]}
    """,
    "one object in an asset and in a node": """
    assets:
      kept: {type: list, scope: runner, depends: keeper.kept}
    nodes:
      number: {type: my.numbers}
      keeper: {type: my.Keeper, depends: [assets.kept, number.value]}
      return: {type: return, depends: keeper.seen}
    """,
    "groups": """
    nodes:
      number: {type: my.numbers}
      group: {type: gather, params: {n: 3}, depends: number.value}
      return: {type: return, depends: group.value}
    """,
    "groups with what is None in them, at a trigger": """
    nodes:
      number: {type: my.numbers}
      maybe: {type: my.maybe, depends: number.value}
      even: {type: my.even, depends: number.value}
      group: {type: gather, depends: [{value: maybe.value}, {trigger: even.value}]}
      return: {type: return, depends: group.value}
    """,
    "the numbers of events": """
    nodes:
      number: {type: my.numbers}
      node: {type: my.ids, depends: number.value}
      return: {type: return, depends: node.value}
    """,
    "nested": """
    nodes:
      number: {type: my.numbers}
      items: {type: my.items, depends: number.value}
      item: {type: map, depends: items.value}
      inner:
        type: tube
        params:
          tube:
            input: {value: {type: int, scope: process}}
            assets:
              total: {type: int, scope: runner, depends: add.value}
            nodes:
              letter: {type: my.numbers, params: {n: 7}}
              node: {type: my.Total, depends: input.value}
              add: {type: my.add, depends: [assets.total, node.value]}
              pair: {type: gather, params: {n: 2}, depends: letter.value}
              return: {type: return, depends: [{add: add.value}, {letter: letter.value}, {pair: pair.value}]}
        depends: [{value: item.value}]
      return: {type: return, depends: [{number: number.value}, {add: inner.add}, {letter: inner.letter},
        {pair: inner.pair}]}
    """,
    "a nested source that ends first": """
    nodes:
      number: {type: my.numbers}
      inner:
        type: tube
        params:
          tube:
            nodes:
              few: {type: my.numbers, params: {n: 3}}
              node: {type: my.Total, depends: few.value}
              return: {type: return, depends: node.value}
      return: {type: return, depends: [{number: number.value}, {few: inner.value}]}
    """,
}


FAILING = {
    "a generator beside another": """
    nodes:
      a: {type: my.breaks, params: {at: 3}}
      b: {type: my.numbers}
      total: {type: my.Total, depends: b.value}
      return: {type: return, depends: [{a: a.value}, {total: total.value}]}
    """,
    "behind another, whose value is lost": """
    nodes:
      b: {type: my.numbers}
      a: {type: my.breaks, params: {at: 0}}
      return: {type: return, depends: [{a: a.value}, {b: b.value}]}
    """,
    "an asynchronous generator": """
    nodes:
      a: {type: my.breaks_later, params: {at: 3}}
      b: {type: my.later}
      return: {type: return, depends: [{a: a.value}, {b: b.value}]}
    """,
    "several that fail one after the other": """
    nodes:
      a: {type: my.breaks, params: {at: 1}}
      b: {type: my.breaks_later, params: {at: 2}}
      c: {type: my.BreaksItself}
      d: {type: my.numbers}
      return: {type: return, depends: [{a: a.value}, {b: b.value}, {c: c.value}, {d: d.value}]}
    """,
    "iterators that go on": """
    nodes:
      a: {type: my.Hiccups, params: {at: [0, 3, 4, 8]}}
      b: {type: my.Hiccups, params: {at: [2, 3]}}
      c: {type: my.numbers}
      return: {type: return, depends: [{a: a.value}, {b: b.value}, {c: c.value}]}
    """,
    "in nested tubes": """
    nodes:
      number: {type: my.numbers, params: {n: 6}}
      alone:
        type: tube
        params:
          tube:
            nodes:
              a: {type: my.breaks, params: {at: 2}}
              b: {type: my.numbers}
              return: {type: return, depends: [{a: a.value}, {b: b.value}]}
      called:
        type: tube
        params:
          tube:
            input: {value: {type: int, scope: process}}
            nodes:
              a: {type: my.breaks, params: {at: 4}}
              b: {type: my.Hiccups, params: {at: [1]}}
              return: {type: return, depends: [{a: a.value}, {b: b.value}, {value: input.value}]}
        depends: [{value: number.value}]
      return: {type: return, depends: [{alone: alone.a}, {b: alone.b}, {called: called.a}, {value: called.value}]}
    """,
    "the only one": """
    nodes:
      a: {type: my.breaks, params: {at: 3}}
      return: {type: return, depends: a.value}
    """,
}


def epochs_of(runner: SynchronousRunner) -> Iterator[Any]:
    """The result of each epoch, or None."""
    while not runner.has_ended:
        before = runner.made
        try:
            found = list(runner.iter(epochs=1))
        except ValueError as error:
            found = [str(error)]
        if runner.made > before:
            yield found[0] if found else None


@cache
def saved_tube(yaml: str) -> Tube:
    """The tube of the runs that are saved."""
    return tubes.tube(yaml)


@cache
def restored_tube(yaml: str) -> Tube:
    """The tube of the runs that go on: it has nothing of what those that are saved have made of theirs."""
    return tubes.tube(yaml)


def saved_after(yaml: str, epochs: int) -> bytes:
    with SynchronousRunner(saved_tube(yaml)) as runner:
        checkpoints = Checkpoints(runner)
        checkpoints.check()
        for _ in zip(range(epochs), epochs_of(runner), strict=False):
            pass
        return checkpoints.save()


def going_on(yaml: str, data: bytes) -> list[Any]:
    with SynchronousRunner(restored_tube(yaml)) as runner:
        Checkpoints(runner).restore(data)
        return list(epochs_of(runner))


@pytest.fixture(autouse=True)
def _no_warnings_of_what_is_left(monkeypatch):
    monkeypatch.setattr(Run, "_warn_of_what_is_left", lambda self: None)


@pytest.mark.slow
@pytest.mark.parametrize("name", FAILING)
def test_a_run_goes_on_after_a_source_has_failed(name):
    yaml = FAILING[name]
    with tubes.runner(yaml) as runner:
        whole = list(epochs_of(runner))
    assert any(isinstance(each, str) for each in whole)

    for first in range(len(whole) + 1):
        data = saved_after(yaml, first)
        assert going_on(yaml, data) == whole[first:], f"after {first} epochs"
        # What is saved by the second run says as much as what the first has saved.
        for second in range(len(whole) - first + 1):
            with SynchronousRunner(restored_tube(yaml)) as runner:
                checkpoints = Checkpoints(runner)
                checkpoints.restore(data)
                for _ in zip(range(second), epochs_of(runner), strict=False):
                    pass
                again = checkpoints.save()
            assert going_on(yaml, again) == whole[first + second :], f"after {first} and {second} epochs"


def test_a_generator_that_has_failed_is_over_even_if_it_would_not_fail_again():
    yaml = FAILING["the only one"]
    data = saved_after(yaml, 4)
    assert going_on(yaml.replace("my.breaks, params: {at: 3}", "my.numbers"), data) == []


@pytest.mark.many
@pytest.mark.parametrize("name", TUBES)
def test_a_run_goes_on_from_between_any_two_epochs(name):
    yaml = TUBES[name]
    with tubes.runner(yaml) as runner:
        whole = list(epochs_of(runner))
    assert len(whole) > 4

    for epochs in range(len(whole) + 1):
        assert going_on(yaml, saved_after(yaml, epochs)) == whole[epochs:], f"after {epochs} epochs"


def test_a_node_refers_to_the_asset_of_its_own_run():
    yaml = """
    assets:
      connection: {type: my.unsaveable, scope: runner}
    nodes:
      number: {type: my.numbers}
      node: {type: my.KeepsConnection, depends: [assets.connection, number.value]}
      return: {type: return, depends: node.value}
    """

    assert going_on(yaml, saved_after(yaml, 3)) == [True] * 5


def test_what_is_carried_is_not_plain_because_other_code_has_stored_it():
    yaml = """
    assets:
      total: {type: int, scope: runner, depends: add.value}
    nodes:
      number: {type: my.numbers}
      add: {type: CODE, depends: [assets.total, assets.total]}
      change: {type: my.lengthened, depends: add.value}
      return: {type: return, depends: change.value}
    """
    saved = saved_after(yaml.replace("CODE", "my.listed"), 1)

    with tubes.runner(yaml.replace("CODE", "operator.add")) as runner:
        Checkpoints(runner).restore(saved)
        assert runner.run(2) == [[0, 0, 0, 0, "more"], [0] * 8 + ["more"]]


def listed(*values):
    return [*values]


def lengthened(values):
    values.append("more")
    return values


class TestWhatCanNotBeSaved:
    def problems(self, yaml):
        with tubes.runner(yaml) as runner, pytest.raises(CheckpointError) as raised:
            Checkpoints(runner).check()
        return str(raised.value)

    def test_a_node(self):
        found = self.problems(NODE.format("Unsaveable"))

        assert "the node 'node': TypeError: cannot pickle '_thread.lock' object" in found
        assert "__getstate__" in found
        assert "stateful: false" in found

    def test_a_node_in_a_nested_tube(self):
        found = self.problems(
            """
            nodes:
              number: {type: my.numbers}
              inner:
                type: tube
                params:
                  tube:
                    input: {value: {type: int, scope: process}}
                    nodes:
                      node: {type: my.Unsaveable, depends: input.value}
                      return: {type: return, depends: node.value}
                depends: [{value: number.value}]
              return: {type: return, depends: inner.value}
            """
        )

        assert "the node 'inner.node': TypeError" in found

    def test_a_node_that_says_itself_how_it_is_pickled(self):
        assert "SaysHow says with '__reduce__'" in self.problems(NODE.format("SaysHow"))

    def test_a_node_whose_state_nothing_takes(self):
        assert "SaysAnything gives what is no dict of attributes" in self.problems(NODE.format("SaysAnything"))

    def test_a_node_that_is_a_container_is_filled_again(self):
        yaml = NODE.format("Collects")

        assert going_on(yaml, saved_after(yaml, 3))[-1] == [0, 1, 2, 3, 4, 5, 6, 7]

    def test_a_carried_asset_and_a_node_are_both_named(self):
        found = self.problems(
            """
            assets:
              lock: {type: my.unsaveable, scope: runner, depends: node.value}
            nodes:
              number: {type: my.numbers}
              node: {type: my.Unsaveable, depends: number.value}
              read: {type: my.add, depends: [assets.lock, number.value]}
            """
        )

        assert "the asset 'lock': TypeError" in found
        assert "the node 'node': TypeError" in found

    def test_a_node_that_keeps_nothing_is_not_saved(self):
        yaml = NODE.format("Unsaveable").replace("my.Unsaveable,", "my.Unsaveable, stateful: false,")

        assert going_on(yaml, saved_after(yaml, 3)) == [3, 4, 5, 6, 7]

    def test_what_can_not_be_saved_only_later(self):
        yaml = """
        assets:
          kept: {type: int, scope: runner, depends: node.value}
        nodes:
          number: {type: my.numbers}
          node: {type: my.becomes_unsaveable, depends: [assets.kept, number.value]}
        """

        assert saved_after(yaml, 2)
        with pytest.raises(CheckpointError, match="the asset 'kept': TypeError"):
            saved_after(yaml, 3)


class Once:
    """Can be saved, and can't be loaded."""

    def __init__(self, number, why):
        self.args = (number,)

    def __reduce__(self):
        return Once, self.args


class Picky:
    """Can't be loaded with some values."""

    def __init__(self, number):
        self.number = number

    def __setstate__(self, state):
        if state["number"] > 2:
            raise ValueError("too large")
        vars(self).update(state)


class Panic(BaseException):
    def __str__(self):
        raise Panic


class Panics(Picky):
    """Ends with what is no `Exception`, as code of other languages does."""

    def __setstate__(self, state):
        if state["number"] > 2:
            raise Panic


class Exits(Picky):
    def __getstate__(self):
        return vars(self) if self.number <= 2 else sys.exit(3)


def once_from_three(number):
    return Once(number, "") if number > 2 else number


class KeepsPicky:
    def process(self, number):
        self.kept = Picky(number)


class TestWhatCanNotBeLoaded:
    @pytest.mark.parametrize(
        ("node", "message"),
        [
            ("node: {type: my.once_from_three, depends: number.value}", "the asset 'kept': TypeError: .*'why'"),
            ("node: {type: my.Picky, depends: number.value}", "the asset 'kept': ValueError: too large"),
            ("node: {type: my.Panics, depends: number.value}", "the asset 'kept': Panic: let the node"),
            ("node: {type: my.Exits, depends: number.value}", "the asset 'kept': SystemExit: 3"),
        ],
    )
    def test_in_an_asset_is_found_when_it_is_saved(self, node, message):
        yaml = f"""
        assets:
          kept: {{type: int, scope: runner, depends: node.value}}
        nodes:
          number: {{type: my.numbers}}
          {node}
          read: {{type: my.add, depends: [assets.kept, number.value], enabled: false}}
        """
        assert saved_after(yaml, 3)
        with pytest.raises(CheckpointError, match=message):
            saved_after(yaml, 4)

    def test_in_a_node_is_found_when_it_is_saved(self):
        yaml = "nodes: {number: {type: my.numbers}, node: {type: my.KeepsPicky, depends: number.value}}"
        assert saved_after(yaml, 3)
        with pytest.raises(CheckpointError, match="the node 'node': ValueError: too large"):
            saved_after(yaml, 4)

    def test_in_a_gather_is_found_when_it_is_saved(self):
        yaml = """
        nodes:
          number: {type: my.numbers}
          node: {type: my.once_from_three, depends: number.value}
          all: {type: gather, params: {n: 9}, depends: node.value}
        """
        assert saved_after(yaml, 3)
        with pytest.raises(CheckpointError, match="the node 'all'"):
            saved_after(yaml, 4)

    def test_much_is_read_back_when_its_types_are_new(self, monkeypatch):
        monkeypatch.setattr("noob_cli.checkpoints.state._SHORT", 0)
        yaml = """
        assets:
          kept: {type: int, scope: runner, depends: node.value}
        nodes:
          number: {type: my.numbers}
          node: {type: my.once_from_three, depends: number.value}
        """
        with tubes.runner(yaml) as runner:
            checkpoints = Checkpoints(runner)
            found = zip(range(3), epochs_of(runner), strict=False)
            for _ in found:
                checkpoints.save()
            next(epochs_of(runner))
            with pytest.raises(CheckpointError, match="the asset 'kept': TypeError"):
                checkpoints.save()


def test_a_node_that_can_not_take_its_state_is_named(monkeypatch):
    data = saved_after(NODE.format("SetsItself"), 3)
    monkeypatch.setattr(SetsItself, "__setstate__", lambda self, state: 1 / 0)
    with pytest.raises(CheckpointError, match="the checkpoint can't be loaded:\n  the node 'node': "):
        going_on(NODE.format("SetsItself"), data)


def test_a_source_that_gives_less_than_before():
    data = saved_after(NODE.format("Total"), 5)
    with pytest.raises(
        CheckpointError, match="the node 'number' gave 5 values before the checkpoint, and gives only 2"
    ):
        going_on(NODE.format("Total").replace("my.numbers", "my.numbers, params: {n: 2}"), data)


def test_what_is_no_checkpoint():
    with pytest.raises(CheckpointError, match="the checkpoint can't be loaded: UnpicklingError"):
        going_on(NODE.format("Total"), b"nothing of the kind")


@pytest.mark.parametrize("records", [True, False], ids=["stream", "iter"])
def test_a_pause_is_made_after_the_epoch_that_is_under_way(records):
    with tubes.runner(NODE.format("Total")) as runner:

        def make():
            return runner.stream({} for _ in range(9)) if records else runner.iter()

        epochs = make()
        assert [next(epochs), next(epochs)] == [0, 1]
        runner.pause()
        assert list(epochs) == []

        assert list(make()) == [3, 6, 10, 15, 21, 28]
