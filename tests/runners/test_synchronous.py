"""Running a tube from Python."""

from __future__ import annotations

import asyncio
import datetime
import gc
import itertools
import pathlib
import re
import sys
import warnings
import weakref
from contextlib import nullcontext

import pytest

from noob_cli import (
    AsyncRunner,
    Epoch,
    InputError,
    NoEvent,
    ParallelRunner,
    RunnerContext,
    SynchronousRunner,
    Tube,
    TubeExhaustedError,
    TubeNotFoundError,
    TubeSpecification,
)
from tests.runners.tubes import Tubes

tubes = Tubes(__name__)

LOG: list[object] = []


@pytest.fixture(autouse=True)
def _forget():
    LOG.clear()


def numbers(n=4):
    yield from range(n)


def same(value):
    return value


def two(left=None, right=None):
    return left, right


def keywords(**values):
    return dict(values)


def odd(value):
    return value if value % 2 else NoEvent


def nothing():
    return None


def never():
    return NoEvent


def log(value):
    LOG.append(value)
    return value


def epoch_of(epoch: Epoch):
    return int(epoch)


def fail_at(epoch: Epoch, value=None, at=1):
    if epoch == at:
        raise ValueError("failed")
    return int(epoch)


class Lived:
    def init(self):
        LOG.append("init")

    def process(self):
        LOG.append("process")
        return len(LOG)

    def deinit(self):
        LOG.append("deinit")


COUNT = "nodes: {a: {type: my.numbers}, r: {type: return, depends: a.value}}"
FOREVER = "nodes: {e: {type: my.epoch_of}, r: {type: return, depends: e.value}}"
ODD = """
nodes:
  a: {type: my.numbers, params: {n: 8}}
  o: {type: my.odd, depends: a.value}
  r: {type: return, depends: o.value}
"""
LIVED = "nodes: {x: {type: my.Lived}}"


# --- making a tube ----------------------------------------------------------------------------


def test_a_tube_from_each_kind_of_specification(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    text = "noob_id: counting\n" + COUNT
    path = tmp_path / "tube.yaml"
    path.write_text(tubes.text(text))
    specification = TubeSpecification(**tubes.data(text))
    for spec in (path, str(path), "tube.yaml", "counting", tubes.data(text), specification):
        tube = Tube.from_specification(spec)
        assert tube.name == "counting"
        assert SynchronousRunner(tube).run(2) == [0, 1]


def test_a_specification_object_keeps_all_it_says():
    text = """
    input: {i: {type: int, default: 3}, j: {type: int, scope: process, required: false}}
    assets: {a: {type: list, scope: runner, depends: x.value}}
    nodes:
      x: {type: my.two, depends: [{left: assets.a}, {1: input.i}]}
      y: {type: my.keywords, depends: [{j: input.j}], params: {k: [input.i]}, enabled: true, stateful: true}
      r: {type: return, depends: [x.value, y.value]}
    """
    assert tubes.results(text, 1) == [[([], 3), {"j": None, "k": [3]}]]
    tube = Tube.from_specification(TubeSpecification(**tubes.data(text)))
    assert SynchronousRunner(tube).run(1) == [[([], 3), {"j": None, "k": [3]}]]


def test_a_tube_that_does_not_exist():
    for name in ("no-such-tube", "no_such_file.yaml"):
        with pytest.raises(TubeNotFoundError):
            Tube.from_specification(name)


# --- init and deinit --------------------------------------------------------------------------


def test_init_and_deinit():
    runner = tubes.runner(LIVED)
    assert not runner.running
    runner.init()
    assert runner.running
    assert LOG == ["init"]
    runner.deinit()
    assert not runner.running
    assert LOG == ["init", "deinit"]


def test_init_and_deinit_twice_are_once():
    runner = tubes.runner(LIVED)
    runner.init()
    runner.init()
    runner.deinit()
    runner.deinit()
    assert LOG == ["init", "deinit"]


def test_deinit_without_init_does_nothing():
    tubes.runner(LIVED).deinit()
    assert LOG == []


def test_with():
    with tubes.runner(LIVED) as runner:
        assert isinstance(runner, SynchronousRunner)
        assert runner.running
        runner.process()
    assert not runner.running
    assert LOG == ["init", "process", "deinit"]


def test_with_ends_on_an_error_too():
    with pytest.raises(KeyError), tubes.runner(LIVED):
        raise KeyError
    assert LOG == ["init", "deinit"]


@pytest.mark.parametrize("way", ["run", "iter", "stream"])
def test_outside_of_with_they_init_and_deinit_themselves(way):
    runner = tubes.runner(LIVED)
    made = {
        "run": lambda: runner.run(2),
        "iter": lambda: list(runner.iter(2)),
        "stream": lambda: list(runner.stream([{}, {}])),
    }
    made[way]()
    assert LOG == ["init", "process", "process", "deinit"]
    assert not runner.running


@pytest.mark.parametrize("way", ["run", "iter", "stream"])
def test_inside_of_with_they_do_not(way):
    with tubes.runner(LIVED) as runner:
        made = {
            "run": lambda: runner.run(1),
            "iter": lambda: list(runner.iter(1)),
            "stream": lambda: list(runner.stream([{}])),
        }
        made[way]()
        made[way]()
        assert LOG == ["init", "process", "process"]
    assert LOG[-1] == "deinit"


def test_after_init_they_do_not_either():
    runner = tubes.runner(LIVED)
    runner.init()
    runner.run(1)
    assert runner.running
    runner.deinit()
    assert LOG == ["init", "process", "deinit"]


def test_iter_starts_with_its_first_result():
    iterator = tubes.runner(LIVED).iter()
    assert LOG == []
    iterator.close()
    assert LOG == []


@pytest.mark.slow
def test_an_iter_that_is_forgotten_ends():
    iterator = tubes.runner(LIVED).iter()
    next(iterator)
    del iterator
    gc.collect()
    assert LOG == ["init", "process", "deinit"]


def test_a_runner_can_be_used_again():
    runner = tubes.runner(COUNT)
    assert runner.run(2) == [0, 1]
    assert list(runner.iter()) == [0, 1, 2, 3]
    with runner:
        assert runner.process() == 0
    assert runner.run() is None


# --- process, iter, run -----------------------------------------------------------------------


def test_process_gives_the_result_of_an_epoch():
    with tubes.runner(COUNT) as runner:
        assert [runner.process() for _ in range(4)] == [0, 1, 2, 3]


def test_the_process_that_finds_the_end_raises_and_all_after_it():
    with tubes.runner(COUNT) as runner:
        for _ in range(4):
            runner.process()
        for _ in range(3):
            with pytest.raises(TubeExhaustedError):
                runner.process()
        assert runner.epoch == 3


def test_after_the_end_iter_and_run_give_nothing():
    with tubes.runner(COUNT) as runner:
        assert runner.run() is None
        assert runner.run(3) == []
        assert list(runner.iter()) == []
        assert list(runner.iter(3)) == []
        assert list(runner.stream([{}, {}])) == []


def test_an_epoch_that_returns_nothing_gives_none_and_is_passed_over():
    with tubes.runner(ODD) as runner:
        assert [runner.process() for _ in range(4)] == [None, 1, None, 3]
    assert list(tubes.runner(ODD).iter()) == [1, 3, 5, 7]
    assert tubes.runner(ODD).run(4) == [1, 3]


def test_a_returned_none_is_not_passed_over():
    text = "nodes: {x: {type: my.nothing}, r: {type: return, depends: x.value}}"
    with tubes.runner(text) as runner:
        assert runner.process() is None
    assert list(tubes.runner(text).iter(3)) == [None] * 3
    assert tubes.runner(text).run(3) == [None] * 3


def test_iter_yields_n_results_however_many_epochs_that_takes():
    with tubes.runner(ODD) as runner:
        assert list(runner.iter(3)) == [1, 3, 5]
        assert runner.made == 6


def test_run_makes_n_epochs_however_many_results_they_have():
    with tubes.runner(ODD) as runner:
        assert runner.run(3) == [1]
        assert runner.made == 3


@pytest.mark.parametrize("n", [0, 1, 3])
def test_no_epoch_too_many(n):
    with tubes.runner(FOREVER) as runner:
        assert list(runner.iter(n)) == list(range(n))
        assert runner.made == n
        assert runner.run(n) == list(range(n, 2 * n))
        assert runner.made == 2 * n


def test_all_end_early_when_the_tube_does():
    assert tubes.runner(COUNT).run(100) == [0, 1, 2, 3]
    assert list(tubes.runner(COUNT).iter(100)) == [0, 1, 2, 3]


def test_run_to_the_end_returns_none():
    assert tubes.runner(COUNT).run() is None


def test_without_a_return_node():
    text = "nodes: {a: {type: my.numbers}, x: {type: my.log, depends: a.value}}"
    assert list(tubes.runner(text).iter(2)) == [None, None]
    assert list(tubes.runner(text).iter()) == [None] * 4
    with tubes.runner(text) as runner:
        assert runner.process() is None
    assert tubes.runner(text).run(2) == []


def test_they_can_be_mixed():
    with tubes.runner(FOREVER) as runner:
        assert runner.process() == 0
        assert list(runner.iter(2)) == [1, 2]
        assert runner.run(2) == [3, 4]
        assert list(runner.stream([{}])) == [5]
        assert runner.process() == 6


def test_process_between_two_results_of_iter_is_the_next_epoch():
    with tubes.runner(FOREVER) as runner:
        iterator = runner.iter()
        assert next(iterator) == 0
        assert runner.process() == 1
        assert next(iterator) == 2
        assert runner.run(2) == [3, 4]
        assert next(iterator) == 5


def test_two_iters_at_once():
    with tubes.runner(FOREVER) as runner:
        one, other = runner.iter(), runner.iter()
        assert [next(one), next(other), next(one), next(other)] == [0, 1, 2, 3]


def test_iter_with_a_number_of_epochs():
    assert list(tubes.runner(ODD).iter(epochs=4)) == [1, 3]
    assert list(tubes.runner(ODD).iter(1, epochs=4)) == [1]


def test_the_same_tube_in_two_runners():
    tube = tubes.tube(COUNT)
    one, other = SynchronousRunner(tube), SynchronousRunner(tube)
    with one, other:
        assert [one.process(), one.process(), other.process(), one.process()] == [0, 1, 0, 2]


# --- what is returned -------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("depends", "expected"),
    [
        ("a.value", 0),
        ("[a.value]", [0]),
        ("[a.value, b.value]", [0, 1]),
        ("[{x: a.value}]", {"x": 0}),
        ("[{y: b.value}, {x: a.value}]", {"y": 1, "x": 0}),
        ("[{class: a.value}]", {"class": 0}),
        ("[a.value, a.value]", [0, 0]),
        ("[a.value, n.value]", None),
        ("n.value", None),
        ("[{x: a.value}, {n: n.value}]", {"x": 0}),
        ("[{n: n.value}]", None),
        ("[a.value, off.value]", None),
        ("[{x: a.value}, {n: off.value}]", {"x": 0}),
        ("[{n: off.value}]", None),
        ("[{n: off.value}, {m: n.value}]", None),
        ("input.i", 5),
        ("[input.i, assets.box]", [5, []]),
    ],
)
@pytest.mark.filterwarnings("default")
def test_return(depends, expected):
    text = f"""
    input: {{i: {{type: int, default: 5}}}}
    assets: {{box: {{type: list, scope: runner}}}}
    nodes:
      a: {{type: my.epoch_of}}
      b: {{type: my.one}}
      n: {{type: my.never}}
      off: {{type: my.one, enabled: false}}
      r: {{type: return, depends: {depends}}}
    """
    assert tubes.runner(text).run(1) == ([] if expected is None else [expected])
    with tubes.runner(text) as runner:
        assert runner.process() == expected


def one():
    return 1


def test_a_result_is_new_in_each_epoch():
    text = "nodes: {a: {type: my.epoch_of}, r: {type: return, depends: [a.value]}}"
    assert tubes.results(text, 3) == [[0], [1], [2]]


# --- callbacks --------------------------------------------------------------------------------


def test_callbacks_get_every_event_and_the_end_of_each_epoch():
    events = []
    text = """
    nodes:
      a: {type: my.numbers, params: {n: 2}}
      o: {type: my.odd, depends: a.value}
      x: {type: my.log, depends: o.value}
    """
    runner = tubes.runner(text)
    runner.add_callback(events.append)
    runner.run()
    assert [
        (each["node_id"], each["signal"], each["epoch"], each["value"]) for each in events if each["node_id"] != "meta"
    ] == [
        ("a", "value", 0, 0),
        ("a", "value", 1, 1),
        ("o", "value", 1, 1),
        ("x", "value", 1, 1),
    ]
    assert [each["epoch"] for each in events if each["node_id"] == "meta"] == [0, 1]
    assert [each["id"] for each in events] == list(range(6))


def test_what_an_event_is_made_of():
    events = []
    runner = tubes.runner(FOREVER)
    runner.add_callback(events.append)
    before = datetime.datetime.now(datetime.UTC)
    runner.run(1)
    after = datetime.datetime.now(datetime.UTC)
    for event in events:
        assert set(event) == {"id", "timestamp", "node_id", "signal", "epoch", "value"}
        assert before <= event["timestamp"] <= after
        assert isinstance(event["epoch"], Epoch)


def test_several_callbacks_in_order():
    calls = []
    runner = tubes.runner(FOREVER)
    runner.add_callback(lambda event: calls.append("first"))
    runner.add_callback(lambda event: calls.append("second"))
    runner.run(1)
    assert calls == ["first", "second"] * (len(calls) // 2)
    assert calls


def test_a_callback_added_while_running():
    events = []
    with tubes.runner(FOREVER) as runner:
        assert runner.process() == 0
        runner.add_callback(events.append)
        assert runner.process() == 1
    assert {each["epoch"] for each in events} == {1}


def test_a_callback_does_not_change_the_results():
    runner = tubes.runner(ODD)
    runner.add_callback(LOG.append)
    assert list(runner.iter()) == [1, 3, 5, 7]


def test_events_of_a_signal_that_nobody_takes():
    events = []
    runner = tubes.runner("nodes: {a: {type: my.numbers, params: {n: 1}}}")
    runner.add_callback(events.append)
    runner.run()
    assert [(each["node_id"], each["value"]) for each in events if each["node_id"] != "meta"] == [("a", 0)]


@pytest.mark.parametrize(("failing", "results"), [("add", [0, 2, 5]), ("meta", [0, 3, 6])])
def test_an_error_in_a_callback_that_is_told_of_the_end_undoes_nothing(failing, results):
    text = """
    assets: {total: {type: int, scope: runner, depends: add.value}}
    nodes:
      number: {type: itertools.count}
      add: {type: operator.add, depends: [assets.total, number.value]}
      return: {type: return, depends: add.value}
    """

    def callback(event):
        if event["epoch"] == 1 and event["node_id"] == failing:
            raise LookupError("callback")

    with tubes.runner(text) as runner:
        runner.add_callback(callback)
        assert runner.process() == results[0]
        with pytest.raises(LookupError, match="callback"):
            runner.process()
        assert [runner.process(), runner.process()] == results[1:]


def test_an_error_in_a_callback_comes_through():
    def callback(event):
        raise LookupError("callback")

    runner = tubes.runner(FOREVER)
    runner.add_callback(callback)
    with pytest.raises(LookupError, match="callback"):
        runner.run(1)


# --- enabling and disabling -------------------------------------------------------------------


SWITCHED = """
nodes:
  a: {type: my.numbers, params: {n: 6}}
  x: {type: my.same, depends: a.value}
  b: {type: my.numbers, params: {n: 9}, enabled: false}
  r: {type: return, depends: [{a: a.value}, {x: x.value}, {b: b.value}]}
"""


def test_a_node_is_disabled_and_enabled_while_running():
    with tubes.runner(SWITCHED) as runner:
        assert runner.process() == {"a": 0, "x": 0}
        runner.disable_node("x")
        assert runner.process() == {"a": 1}
        runner.enable_node("x")
        assert runner.process() == {"a": 2, "x": 2}


def test_a_source_is_disabled_and_enabled_while_running():
    """It goes on where it was."""
    with tubes.runner(SWITCHED) as runner:
        runner.enable_node("b")
        assert runner.process() == {"a": 0, "x": 0, "b": 0}
        runner.disable_node("b")
        assert runner.process() == {"a": 1, "x": 1}
        runner.enable_node("b")
        assert runner.process() == {"a": 2, "x": 2, "b": 1}


def test_records_go_on_where_they_were_when_a_node_is_disabled_between_two():
    runner = tubes.runner(
        """
        input: {number: {type: int, scope: process}}
        nodes:
          x: {type: my.same, depends: input.number}
          r: {type: return, depends: [{number: input.number}, {x: x.value}]}
        """
    )
    results = runner.stream([{"number": number} for number in range(3)])
    assert next(results) == {"number": 0, "x": 0}
    runner.disable_node("x")
    assert list(results) == [{"number": 1}, {"number": 2}]


def test_a_node_that_the_file_disables_is_enabled_before_the_start():
    runner = tubes.runner(SWITCHED)
    runner.enable_node("b")
    assert runner.run(1) == [{"a": 0, "x": 0, "b": 0}]


def test_what_needs_a_disabled_node_does_not_run_either():
    text = """
    nodes:
      a: {type: my.epoch_of}
      x: {type: my.same, depends: a.value}
      y: {type: my.log, depends: x.value}
      z: {type: my.epoch_of}
    """
    with tubes.runner(text) as runner:
        runner.process()
        runner.disable_node("a")
        runner.process()
        runner.enable_node("a")
        runner.process()
    assert LOG == [0, 2]


@pytest.mark.parametrize("way", ["iter", "iter n", "stream", "stream n"])
def test_between_results(way):
    """What is changed between two results holds from the next epoch on, and no result is lost."""
    runner = tubes.runner(SWITCHED)
    results = {
        "iter": lambda: runner.iter(),
        "iter n": lambda: runner.iter(5),
        "stream": lambda: runner.stream([{}] * 5),
        "stream n": lambda: runner.stream(itertools.repeat({}), 5),
    }[way]()
    found = []
    for result in results:
        found.append(result)
        if len(found) == 2:
            runner.disable_node("x")
        if len(found) == 3:
            runner.enable_node("x")
        if len(found) == 5:
            break
    assert found == [{"a": 0, "x": 0}, {"a": 1, "x": 1}, {"a": 2}, {"a": 3, "x": 3}, {"a": 4, "x": 4}]


def test_between_results_no_record_is_lost():
    text = """
    input: {i: {type: int, scope: process}}
    nodes:
      x: {type: my.same, depends: input.i}
      y: {type: my.log, depends: input.i}
      r: {type: return, depends: x.value}
    """
    runner = tubes.runner(text)
    found = []
    for result in runner.stream({"i": number} for number in range(5)):
        found.append(result)
        runner.disable_node("y") if len(found) % 2 else runner.enable_node("y")
    assert found == [0, 1, 2, 3, 4]
    assert LOG == [0, 2, 4]


def test_from_a_callback_during_run():
    runner = tubes.runner(FOREVER.replace("nodes: {", "nodes: {l: {type: my.log, depends: e.value}, "))

    def callback(event):
        if event["node_id"] == "meta" and event["epoch"] == 1:
            runner.disable_node("l")

    runner.add_callback(callback)
    assert runner.run(4) == [0, 1, 2, 3]
    assert LOG == [0, 1]


def test_from_a_node_during_an_epoch():
    """The epoch under way is finished as it began."""
    text = """
    nodes:
      e: {type: my.epoch_of}
      s: {type: my.Switch, depends: e.value}
      l: {type: my.log, depends: s.value}
    """
    runner = tubes.runner(text)
    runner.run(4)
    assert LOG == [0, 1]


class Switch:
    def init(self, context: RunnerContext):
        self.runner = context["runner"]

    def process(self, value):
        if value == 1:
            self.runner.disable_node("l")
        return value


def test_a_disabled_sink_may_end_the_run():
    with tubes.runner("nodes: {a: {type: my.numbers}, b: {type: my.numbers, params: {n: 2}}}") as runner:
        runner.run(3)
        runner.disable_node("a")
        with pytest.raises(TubeExhaustedError):
            runner.process()


def test_the_end_of_a_source_is_remembered():
    text = """
    nodes:
      a: {type: my.numbers, params: {n: 1}}
      b: {type: my.numbers, params: {n: 4}}
      r: {type: return, depends: [{a: a.value}, {b: b.value}]}
    """
    found = []
    runner = tubes.runner(text)
    for result in runner.iter():
        found.append(result)
        runner.add_callback(lambda event: None)
    assert found == [{"a": 0, "b": 0}, {"b": 1}, {"b": 2}, {"b": 3}]


@pytest.mark.parametrize("method", ["enable_node", "disable_node"])
def test_a_node_that_does_not_exist(method):
    with pytest.raises(KeyError, match="'x'"):
        getattr(tubes.runner(SWITCHED), method)("xx")


# --- errors -----------------------------------------------------------------------------------


def test_process_raises_the_nodes_own_exception_with_a_note(tmp_path):
    path = tmp_path / "tube.yaml"
    path.write_text(tubes.text("nodes:\n  e: {type: my.epoch_of}\n  breaks: {type: my.fail_at}\n"))
    with SynchronousRunner(Tube.from_specification(path)) as runner:
        runner.process()
        with pytest.raises(ValueError, match="failed") as raised:
            runner.process()
    assert type(raised.value) is ValueError
    assert raised.value.args == ("failed",)
    (note,) = raised.value.__notes__
    assert "'breaks'" in note
    assert "epoch 1" in note
    assert f"{path}:3:3" in note


@pytest.mark.parametrize("way", ["run", "iter", "stream", "process"])
def test_every_way_to_run_raises_it_with_one_note(way):
    runner = tubes.runner("nodes: {x: {type: my.fail_at}}")
    ways = {
        "run": runner.run,
        "iter": lambda: list(runner.iter()),
        "stream": lambda: list(runner.stream(itertools.repeat({}))),
        "process": lambda: [runner.process() for _ in range(2)],
    }
    with pytest.raises(ValueError, match="failed") as raised, runner:
        ways[way]()
    (note,) = raised.value.__notes__
    assert "'x'" in note
    assert "epoch 1" in note


def test_the_runner_stays_usable_and_the_next_call_is_the_next_epoch():
    text = "nodes: {x: {type: my.fail_at}, r: {type: return, depends: x.value}}"
    with tubes.runner(text) as runner:
        assert runner.process() == 0
        with pytest.raises(ValueError, match="failed"):
            runner.process()
        assert runner.process() == 2
        assert runner.made == 3


def test_after_an_error_of_iter_the_runner_goes_on():
    text = "nodes: {x: {type: my.fail_at}, r: {type: return, depends: x.value}}"
    with tubes.runner(text) as runner:
        found = []
        with pytest.raises(ValueError, match="failed"):
            found.extend(runner.iter())
        assert list(runner.iter(2)) == [2, 3]
        assert runner.run(1) == [4]


def test_after_an_error_of_run_the_runner_goes_on():
    text = "nodes: {x: {type: my.fail_at}, r: {type: return, depends: x.value}}"
    with tubes.runner(text) as runner:
        with pytest.raises(ValueError, match="failed"):
            runner.run(5)
        assert runner.run(2) == [2, 3]


def test_what_comes_after_the_error_in_its_epoch_does_not_run():
    text = "nodes: {x: {type: my.fail_at, params: {at: 0}}, y: {type: my.log, depends: x.value}, z: {type: my.Lived}}"
    with tubes.runner(text) as runner, pytest.raises(ValueError, match="failed"):
        runner.process()
    assert LOG == ["init", "deinit"]


ERROR = ValueError("always the same")


def raise_the_same():
    raise ERROR


def test_an_exception_that_is_raised_again_gets_a_note_for_its_epoch():
    with tubes.runner("nodes: {x: {type: my.raise_the_same}}") as runner:
        for epoch in range(3):
            with pytest.raises(ValueError, match="always") as raised:
                runner.process()
            assert f"epoch {epoch}" in raised.value.__notes__[-1]


def test_an_error_of_a_validation_inside_a_node_is_the_nodes():
    with tubes.runner("nodes: {x: {type: my.validate}}") as runner:
        with pytest.raises(Exception, match="int") as raised:
            runner.process()
        assert not isinstance(raised.value, InputError)
        assert "'x'" in raised.value.__notes__[0]


def validate():
    import pydantic

    return pydantic.TypeAdapter(int).validate_python("no int")


# --- inputs -----------------------------------------------------------------------------------


INPUTS = """
input:
  once: {type: int, default: 1}
  each: {type: float, scope: process}
nodes:
  x: {type: my.two, depends: [input.once, input.each]}
  r: {type: return, depends: x.value}
"""


@pytest.mark.parametrize("inside", [True, False])
def test_a_subclass_may_have_a_run_of_its_own(inside):
    class Twice(SynchronousRunner):
        def run(self, n=None):
            return ["own", *super().run(n)]

    runner = Twice(tubes.tube("nodes: {a: {type: itertools.count}, r: {type: return, depends: a.value}}"))
    with runner if inside else nullcontext():
        assert runner.run(2) == ["own", 0, 1]


def test_process_scoped_inputs_are_given_with_every_epoch():
    with tubes.runner(INPUTS) as runner:
        assert runner.process(each=2) == (1, 2.0)
        assert runner.process(each="2.5") == (1, 2.5)
    assert list(tubes.runner(INPUTS).stream([{"each": 2}, {"each": 3}])) == [(1, 2.0), (1, 3.0)]


def test_tube_scoped_inputs_are_given_once():
    with tubes.runner(INPUTS, once="7") as runner:
        assert runner.process(each=2) == (7, 2.0)
        assert runner.process(each=2) == (7, 2.0)


def test_a_record_may_carry_a_tube_scoped_input():
    with tubes.runner(INPUTS, once=7) as runner:
        assert runner.process(each=2, once="8") == (8, 2.0)
        assert runner.process(each=2) == (7, 2.0)
    assert list(tubes.runner(INPUTS).stream([{"each": 1, "once": 5}, {"each": 1}])) == [(5, 1.0), (1, 1.0)]


def test_it_holds_where_depends_reads_it_only():
    text = """
    input: {i: {type: int, default: 1}}
    nodes:
      x: {type: my.two, depends: [{left: input.i}], params: {right: input.i}}
      r: {type: return, depends: x.value}
    """
    with tubes.runner(text) as runner:
        assert runner.process(i=9) == (9, 1)


def test_a_wrong_one_in_a_record_is_an_error_too():
    with tubes.runner(INPUTS) as runner, pytest.raises(InputError, match="'once'"):
        runner.process(each=1, once="many")


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"each": "many"}, ["'each'", "float", "'many'"]),
        ({"each": None}, ["'each'", "float", "None"]),
        ({"each": [1]}, ["'each'", "float", "[1]"]),
    ],
)
def test_a_wrong_input_says_which_what_was_given_and_what_was_expected(given, words):
    with tubes.runner(INPUTS) as runner:
        with pytest.raises(InputError) as raised:
            runner.process(**given)
        assert raised.value.input_name == "each"
        assert all(word in str(raised.value) for word in words)
        assert runner.process(each=1) == (1, 1.0)


def test_a_wrong_part_of_an_input_says_where():
    text = "input: {i: {type: 'list[int]', scope: process}}\nnodes: {x: {type: my.log, depends: input.i}}"
    with tubes.runner(text) as runner, pytest.raises(InputError, match=r"'i'.*1.*'b'"):
        runner.process(i=[1, "b"])


def test_a_wrong_tube_scoped_input():
    with pytest.raises(InputError, match=r"'once'.*int.*'many'"):
        tubes.tube(INPUTS, once="many")


def test_a_wrong_input_of_a_stream_says_which_record():
    with pytest.raises(InputError) as raised:
        list(tubes.runner(INPUTS).stream([{"each": 1}, {"each": 2}, {"each": "many"}]))
    said = str(raised.value) + "".join(getattr(raised.value, "__notes__", []))
    assert "2" in said or "3" in said


def test_a_missing_tube_scoped_input_is_an_error_before_anything_runs():
    text = "input: {i: {type: int}}\nnodes: {x: {type: my.Lived}, y: {type: my.log, depends: input.i}}"
    with pytest.raises(InputError, match="'i'") as raised:
        tubes.runner(text).run(1)
    assert raised.value.input_name == "i"
    assert LOG == []


def test_a_missing_process_scoped_input_is_an_error_before_the_first_node():
    text = """
    input: {i: {type: int, scope: process}}
    nodes: {a: {type: my.logged_numbers}, l: {type: my.Lived}, x: {type: my.log, depends: input.i}}
    """
    with tubes.runner(text) as runner:
        with pytest.raises(InputError, match="'i'"):
            runner.process()
        assert LOG == ["init"]
        runner.process(i=5)
    assert LOG == ["init", "draw", "process", 5, "deinit"]


def logged_numbers():
    for number in range(9):
        LOG.append("draw")
        yield number


def test_a_missing_process_scoped_input_that_no_node_takes():
    """It is required: nobody looking at it does not change that."""
    text = """
    input: {i: {type: int, scope: process}}
    nodes: {a: {type: my.epoch_of}, x: {type: my.log, depends: input.i, enabled: false}}
    """
    with tubes.runner(text) as runner, pytest.raises(InputError, match="'i'"):
        runner.process()


@pytest.mark.parametrize("way", ["run", "iter"])
def test_without_records_a_required_process_scoped_input_is_missing(way):
    with pytest.raises(InputError, match="'each'"):
        list(getattr(tubes.runner(INPUTS), way)(2) or [])


def test_an_unknown_tube_scoped_input_gets_a_suggestion():
    with pytest.raises(InputError, match=r"'oncee'.*'once'"):
        tubes.tube(INPUTS, oncee=1)


def test_an_unknown_name_in_a_record_is_a_warning_once_per_name():
    with tubes.runner(INPUTS) as runner:
        with pytest.warns(UserWarning, match="'eech'") as caught:
            assert runner.process(each=1, eech=2) == (1, 1.0)
        assert len(caught) == 1
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            runner.process(each=1, eech=2)
        with pytest.warns(UserWarning, match="'other'"):
            runner.process(each=1, eech=2, other=3)


def test_an_unknown_name_in_a_stream_is_a_warning_once():
    with pytest.warns(UserWarning, match="'eech'") as caught:
        list(tubes.runner(INPUTS).stream([{"each": 1, "eech": 2}] * 3))
    assert len(caught) == 1


@pytest.mark.parametrize(
    "run",
    [
        lambda tube: SynchronousRunner(tube).process(each=1, eech=2),
        lambda tube: [*SynchronousRunner(tube).stream([{"each": 1, "eech": 2}])],
        lambda tube: ParallelRunner(tube).process(each=1, eech=2),
        lambda tube: asyncio.run(AsyncRunner(tube).process(each=1, eech=2)),
        lambda tube: tube.run([{"each": 1, "eech": 2}]),
    ],
)
def test_a_warning_is_at_the_line_that_has_called(run):
    with pytest.warns(UserWarning, match="'eech'|one after the other") as caught:
        run(tubes.tube(INPUTS))
    assert {(each.filename, each.lineno) for each in caught} == {(__file__, run.__code__.co_firstlineno)}


def test_an_input_that_no_node_takes_is_known():
    text = """
    input: {i: {type: int, scope: process}}
    nodes: {a: {type: my.epoch_of}, x: {type: my.log, depends: input.i, enabled: false}}
    """
    with tubes.runner(text) as runner:
        runner.process(i=3)


@pytest.mark.parametrize("scope", ["tube", "process"])
def test_a_default(scope):
    text = f"""
    input: {{i: {{type: int, scope: {scope}, default: 4}}}}
    nodes: {{x: {{type: my.same, depends: input.i}}, r: {{type: return, depends: x.value}}}}
    """
    assert tubes.runner(text).run(2) == [4, 4]
    with tubes.runner(text) as runner:
        assert runner.process() == 4
        assert runner.process(i="5") == 5
        assert runner.process() == 4


@pytest.mark.parametrize("scope", ["tube", "process"])
def test_a_default_is_validated_too(scope):
    text = f"""
    input: {{i: {{type: pathlib.Path, scope: {scope}, default: a/b}}}}
    nodes: {{x: {{type: my.same, depends: input.i}}, r: {{type: return, depends: x.value}}}}
    """
    assert tubes.runner(text).run(1) == [pathlib.Path("a/b")]


def test_a_default_that_is_wrong_is_an_error_before_anything_runs():
    text = "input: {i: {type: int, default: many}}\nnodes: {x: {type: my.log, depends: input.i}}"
    with pytest.raises(Exception, match="many"):
        tubes.tube(text)


@pytest.mark.parametrize("scope", ["tube", "process"])
def test_a_default_of_null_is_a_default(scope):
    text = f"""
    input: {{i: {{type: int | None, scope: {scope}, default: null}}}}
    nodes: {{x: {{type: my.same, depends: input.i}}, r: {{type: return, depends: [x.value]}}}}
    """
    assert tubes.runner(text).run(1) == [[None]]


def test_required_although_there_is_a_default():
    text = "input: {i: {type: int, default: 4, required: true}}\nnodes: {x: {type: my.log, depends: input.i}}"
    with pytest.raises(InputError, match="'i'"):
        tubes.tube(text)


@pytest.mark.parametrize("scope", ["tube", "process"])
def test_not_required_and_no_default(scope):
    text = f"""
    input: {{i: {{type: int, scope: {scope}, required: false}}}}
    nodes: {{x: {{type: my.same, depends: input.i}}, r: {{type: return, depends: [x.value]}}}}
    """
    assert tubes.runner(text).run(1) == [[None]]


@pytest.mark.parametrize("name", ["self", "inputs", "n", "records", "epoch", "class"])
def test_inputs_of_any_name(name):
    text = f"""
    input: {{{name}: {{type: int, scope: process}}}}
    nodes: {{x: {{type: my.same, depends: input.{name}}}, r: {{type: return, depends: x.value}}}}
    """
    with tubes.runner(text) as runner:
        assert runner.process(**{name: 3}) == 3
    assert list(tubes.runner(text).stream([{name: 4}])) == [4]


def test_a_type_of_ones_own():
    text = f"""
    input: {{i: {{type: {__name__}.Lived, scope: process}}}}
    nodes: {{x: {{type: my.same, depends: input.i}}, r: {{type: return, depends: x.value}}}}
    """
    thing = Lived()
    with tubes.runner(text) as runner:
        assert runner.process(i=thing) is thing
        with pytest.raises(InputError, match="Lived"):
            runner.process(i=3)


def test_a_process_scoped_input_is_not_given_at_the_start():
    with pytest.raises(InputError, match="'each'"):
        tubes.tube(INPUTS, each=1)


def test_records_are_read_one_by_one():
    def records():
        for number in range(5):
            LOG.append(number)
            yield {"each": number}

    stream = tubes.runner(INPUTS).stream(records())
    assert LOG == []
    next(stream)
    assert LOG == [0]
    next(stream)
    assert LOG == [0, 1]
    stream.close()
    assert LOG == [0, 1]


def test_stream_reads_no_record_too_many():
    records = iter([{"each": number} for number in range(5)])
    assert list(tubes.runner(INPUTS).stream(records, 2)) == [(1, 0.0), (1, 1.0)]
    assert next(records) == {"each": 2}


def test_stream_with_a_number_of_epochs_reads_no_record_too_many():
    records = iter([{"each": number} for number in range(5)])
    assert list(tubes.runner(INPUTS).stream(records, epochs=2)) == [(1, 0.0), (1, 1.0)]
    assert next(records) == {"each": 2}


class Thing:
    pass


def things(n=50):
    alive = []
    for _ in range(n):
        thing = Thing()
        alive.append(weakref.ref(thing))
        yield thing
        LOG.append(sum(each() is not None for each in alive))


def test_memory_of_run_stays_flat():
    """`run()` to the end keeps no results."""
    tubes.runner("nodes: {a: {type: my.things}, r: {type: return, depends: a.value}}").run()
    assert len(LOG) == 50
    assert max(LOG) <= 3


class Ends:
    def __enter__(self):
        return self

    def __exit__(self, *error):
        pass


class Starts:
    def init(self):
        pass

    def process(self, asset):
        return 1

    def deinit(self):
        pass


TOLD = """
    assets:
      run: {type: my.Ends, scope: runner}
      epoch: {type: my.Ends, scope: process}
      call: {type: my.Ends, scope: node}
    nodes:
      number: {type: my.numbers, params: {n: 1}}
      start: {type: my.Starts, depends: [asset: assets.run]}
      odd: {type: my.odd, depends: number.value}
      none: {type: my.same, depends: odd.value}
      two: {type: my.two, depends: [left: assets.epoch, right: assets.call]}
"""


def test_what_happens_once_in_a_run_is_told():
    told = []

    SynchronousRunner(tubes.tube(TOLD), log=told.append).run()

    assert told == [
        "the asset 'run' was made",
        "the node 'number' was started",
        "the node 'start' was started",
        "the source 'number' has ended",
        "the node 'start' was ended",
        "the node 'number' was ended",
        "the asset 'run' was ended",
    ]


def test_what_happens_in_each_epoch_is_told():
    told = []

    SynchronousRunner(tubes.tube(TOLD), trace=told.append).run()

    assert [re.sub(r"<[^,]*", "...", each) for each in told] == [
        "epoch 0: the asset 'epoch' was made",
        "epoch 0: number.value = 0",
        "epoch 0: start.value = 1",
        "epoch 0: the asset 'call' was made",
        "epoch 0: the asset 'call' was ended",
        "epoch 0: two.value = (..., ...",
        "epoch 0: the asset 'epoch' was ended",
        "epoch 0 has ended",
    ]


@pytest.mark.parametrize("method", ["iter", "stream"])
def test_fewer_than_no_results_are_refused(method):
    runner = SynchronousRunner(tubes.tube("nodes: {a: {type: itertools.count}}"))
    given = (itertools.repeat({}),) if method == "stream" else ()

    with pytest.raises(ValueError, match="'n' says how many results are made at the most, found -1"):
        next(getattr(runner, method)(*given, -1))


@pytest.mark.parametrize("method", ["iter", "stream", "flush"])
@pytest.mark.parametrize(("found", "error"), [(-1, ValueError), ("2", TypeError), (1.5, TypeError)])
def test_a_wrong_number_of_epochs_is_refused_and_no_node_gets_the_blame(method, found, error):
    runner = SynchronousRunner(tubes.tube("nodes: {a: {type: itertools.count}}"))
    given = (itertools.repeat({}),) if method == "stream" else ()
    said = re.escape(f"'epochs' says how many epochs are made at the most, found {found!r}")

    with pytest.raises(error, match=said):
        next(getattr(runner, method)(*given, epochs=found))
    assert runner.failure is None


@pytest.mark.parametrize(("found", "error"), [(-1, ValueError), ("2", TypeError), (1.5, TypeError)])
def test_a_run_of_a_wrong_number_of_epochs_is_refused_and_no_node_gets_the_blame(found, error):
    runner = SynchronousRunner(tubes.tube("nodes: {a: {type: itertools.count}}"))

    with pytest.raises(error, match=re.escape(f"'n' says how many epochs are made at the most, found {found!r}")):
        runner.run(found)
    assert runner.failure is None


@pytest.mark.parametrize("found", ["squares.yaml", {"nodes": {}}, None])
def test_what_is_no_tube_is_refused_with_how_to_make_one(found):
    with pytest.raises(TypeError, match=re.escape(f"found {found!r}: make one with 'Tube.from_specification(...)'")):
        SynchronousRunner(found)


@pytest.mark.parametrize("required", [True, False])
@pytest.mark.parametrize("record", [3, None, [1], "text"])
def test_a_record_that_is_no_mapping_is_told_with_its_number(record, required):
    spec = {
        "input": {"n": {"type": "int", "scope": "process", **({} if required else {"default": 1})}},
        "nodes": {"x": {"type": "str", "depends": "input.n"}, "return": {"type": "return", "depends": "x.value"}},
    }
    runner = SynchronousRunner(Tube.from_specification(spec))
    with pytest.raises(InputError, match="should be a mapping of inputs by their names, found") as caught:
        list(runner.stream([{"n": 1}, record]))
    assert caught.value.record == 2


def three():
    yield from range(3)


@pytest.mark.parametrize("most", [sys.maxsize, sys.maxsize + 1, 2**200])
@pytest.mark.parametrize("make", [SynchronousRunner, lambda tube: ParallelRunner(tube, workers=2)])
def test_more_epochs_than_can_be_counted(make, most):
    def runner():
        return make(tubes.tube("nodes: {a: {type: my.three}, return: {type: return, depends: a.value}}"))

    with warnings.catch_warnings(action="ignore"):
        results = [list(runner().iter(most)), list(runner().iter(epochs=most)), runner().run(most)]
        results += [list(runner().stream(itertools.repeat({}), most)), list(runner().stream([{}] * 9, epochs=most))]
    assert results == [[0, 1, 2]] * 5
