"""When a run ends: every sentence of "The end"."""

from __future__ import annotations

import re
from contextlib import suppress

import pytest

from noob_cli import Epoch, NoEvent, SynchronousRunner, TubeExhaustedError
from tests.runners.tubes import Tubes

tubes = Tubes(__name__)

pytestmark = pytest.mark.filterwarnings("ignore:no epoch was made", "ignore:the node 'g' has")

CALLS: list[object] = []


@pytest.fixture(autouse=True)
def _forget():
    CALLS.clear()


def numbers(n=3, tag=None):
    for number in range(n):
        if tag is not None:
            CALLS.append((tag, number))
        yield number


def log(*values, tag="log"):
    CALLS.append((tag, *values))
    return values


def same(value):
    return value


def optional(left=None, right=None):
    CALLS.append((left, right))
    return left, right


def either(**values):
    CALLS.append(values)
    return values


def epoch_of(epoch: Epoch):
    return int(epoch)


def odd(value):
    return value if value % 2 else NoEvent


def two(value=None):
    return 2


def last_of_four(value):
    return value if value == 3 else NoEvent


def start():
    return "start"


class Made:
    def __init__(self):
        CALLS.append("made")

    def __enter__(self):
        return self

    def __exit__(self, *error):
        CALLS.append("ended")


def calls(tag):
    return [each[1:] for each in CALLS if isinstance(each, tuple) and each[0] == tag]


def run(text, way="run"):
    """Run to the end in one of the ways, and say how many epochs there were."""
    runner = tubes.runner(text)
    with runner:
        if way == "process":
            with suppress(TubeExhaustedError):
                for _ in range(100):
                    runner.process()
        else:
            list(getattr(runner, way)() or [])
        return runner.made


WAYS = pytest.mark.parametrize("way", ["run", "iter", "process"])


@WAYS
def test_a_run_ends_with_its_only_source(way):
    text = "nodes: {a: {type: my.numbers}, x: {type: my.log, depends: [a.value]}}"
    assert run(text, way) == 3
    assert calls("log") == [(0,), (1,), (2,)]


@WAYS
def test_a_source_that_is_a_sink(way):
    assert run("nodes: {a: {type: my.numbers}}", way) == 3


@WAYS
def test_an_empty_source(way):
    assert run("nodes: {a: {type: my.numbers, params: {n: 0}}, x: {type: my.log, depends: [a.value]}}", way) == 0
    assert CALLS == []


@WAYS
def test_one_ended_source_does_not_stop_what_does_not_need_it(way):
    text = """
    nodes:
      a: {type: my.numbers, params: {n: 2}}
      b: {type: my.numbers, params: {n: 4}}
      x: {type: my.log, depends: [a.value], params: {tag: x}}
      y: {type: my.log, depends: [b.value], params: {tag: y}}
    """
    assert run(text, way) == 4
    assert calls("x") == [(0,), (1,)]
    assert calls("y") == [(0,), (1,), (2,), (3,)]


@pytest.mark.parametrize(("n", "m"), [(2, 4), (4, 2), (3, 3), (0, 2), (2, 0), (0, 0)])
def test_two_sources_one_after_the_other_in_any_order(n, m):
    text = f"""
    nodes:
      a: {{type: my.numbers, params: {{n: {n}}}}}
      b: {{type: my.numbers, params: {{n: {m}}}}}
      x: {{type: my.log, depends: [a.value], params: {{tag: x}}}}
      y: {{type: my.log, depends: [b.value], params: {{tag: y}}}}
    """
    assert run(text) == max(n, m)
    assert len(calls("x")) == n
    assert len(calls("y")) == m


@WAYS
@pytest.mark.parametrize(("n", "m"), [(2, 4), (4, 2)])
def test_a_node_with_a_required_slot_of_an_ended_source_is_finished(way, n, m):
    text = f"""
    nodes:
      a: {{type: my.numbers, params: {{n: {n}}}}}
      b: {{type: my.numbers, params: {{n: {m}}}}}
      x: {{type: my.log, depends: [a.value, b.value]}}
    """
    assert run(text, way) == 2


@pytest.mark.parametrize(("n", "m"), [(2, 4), (4, 2)])
def test_optional_slots_go_on_while_one_of_them_gets_something(n, m):
    text = f"""
    nodes:
      a: {{type: my.numbers, params: {{n: {n}}}}}
      b: {{type: my.numbers, params: {{n: {m}}}}}
      x: {{type: my.optional, depends: [{{left: a.value}}, {{right: b.value}}]}}
    """
    assert run(text) == 4
    nones = [None, None]
    left, right = ([0, 1, *nones], [0, 1, 2, 3]) if n < m else ([0, 1, 2, 3], [0, 1, *nones])
    assert list(CALLS) == list(zip(left, right, strict=True))


def test_keywords_go_on_while_one_of_them_gets_something():
    text = """
    nodes:
      a: {type: my.numbers, params: {n: 1}}
      b: {type: my.numbers, params: {n: 2}}
      x: {type: my.either, depends: [{a: a.value}, {b: b.value}]}
    """
    assert run(text) == 2
    assert CALLS == [{"a": 0, "b": 0}, {"b": 1}]


def test_slots_with_sources_behind_them_count_and_others_do_not():
    """`right` has no source behind it: it could go on for ever, but does not keep the run going."""
    text = """
    nodes:
      a: {type: my.numbers, params: {n: 2}}
      e: {type: my.epoch_of}
      x: {type: my.optional, depends: [{left: a.value}, {right: e.value}]}
    """
    assert run(text) == 2
    assert CALLS == [(0, 0), (1, 1)]


def test_a_required_slot_is_enough_whatever_the_optional_ones():
    text = """
    nodes:
      a: {type: my.numbers, params: {n: 2}}
      b: {type: my.numbers, params: {n: 5}}
      x: {type: my.needs_left, depends: [a.value, {right: b.value}]}
    """
    assert run(text) == 2


def needs_left(left, right=None):
    CALLS.append((left, right))


@WAYS
def test_finished_is_passed_on(way):
    text = """
    nodes:
      a: {type: my.numbers, params: {n: 2}}
      b: {type: my.numbers, params: {n: 4}}
      x: {type: my.same, depends: a.value}
      y: {type: my.same, depends: x.value}
      z: {type: my.log, depends: [y.value, b.value]}
    """
    assert run(text, way) == 2


def test_what_ends_is_every_sink():
    """`x` is no sink: that it is finished says nothing of `y`."""
    text = """
    nodes:
      a: {type: my.numbers, params: {n: 1}}
      b: {type: my.numbers, params: {n: 3}}
      x: {type: my.same, depends: a.value}
      y: {type: my.optional, depends: [{left: x.value}, {right: b.value}]}
    """
    assert run(text) == 3
    assert CALLS == [(0, 0), (None, 1), (None, 2)]


def test_a_node_between_that_emits_nothing_does_not_end_the_run():
    text = """
    nodes:
      a: {type: my.numbers, params: {n: 4}}
      o: {type: my.odd, depends: a.value}
      x: {type: my.log, depends: [o.value]}
    """
    assert run(text) == 4
    assert calls("log") == [(1,), (3,)]


# --- the return node as a sink ----------------------------------------------------------------


TWO = """
nodes:
  a: {{type: my.numbers, params: {{n: 2}}}}
  b: {{type: my.numbers, params: {{n: 4}}}}
  r: {{type: return, depends: {}}}
"""


def test_a_returned_list_ends_with_the_first():
    assert tubes.results(TWO.format("[a.value, b.value]")) == [[0, 0], [1, 1]]


def test_a_returned_dict_goes_on_with_what_there_is():
    assert tubes.results(TWO.format("[{a: a.value}, {b: b.value}]")) == [
        {"a": 0, "b": 0},
        {"a": 1, "b": 1},
        {"b": 2},
        {"b": 3},
    ]


def test_a_source_nobody_returns_is_a_sink_too():
    runner = tubes.runner(TWO.format("a.value"))
    with runner:
        assert list(runner.iter()) == [0, 1]
        assert runner.made == 4


# --- disabled nodes ---------------------------------------------------------------------------


def test_a_disabled_leaf_stops_nothing_above_it():
    text = """
    nodes:
      a: {type: my.numbers, params: {n: 2}}
      b: {type: my.numbers, params: {n: 4}}
      x: {type: my.log, depends: [a.value], params: {tag: x}}
      y: {type: my.log, depends: [b.value], params: {tag: y}, enabled: false}
    """
    assert run(text) == 4


@WAYS
def test_a_disabled_return_stops_nothing_above_it(way):
    text = """
    nodes:
      a: {type: my.numbers, params: {n: 3}}
      x: {type: my.log, depends: [a.value]}
      r: {type: return, depends: x.value, enabled: false}
    """
    assert run(text, way) == 3
    assert calls("log") == [(0,), (1,), (2,)]


def test_a_leaf_that_is_disabled_by_an_input_stops_nothing_above_it():
    text = """
    input: {shown: {type: bool, default: false}}
    nodes:
      a: {type: my.numbers, params: {n: 3}}
      x: {type: my.same, depends: a.value}
      y: {type: my.log, depends: [x.value], enabled: input.shown}
    """
    assert run(text) == 3


@pytest.mark.parametrize("node", ["y", "r"])
def test_a_leaf_that_is_disabled_on_the_way_stops_nothing_above_it(node):
    with tubes.runner(
        """
        nodes:
          a: {type: my.numbers, params: {n: 4}}
          x: {type: my.log, depends: [a.value], params: {tag: x}}
          y: {type: my.same, depends: x.value}
          r: {type: return, depends: x.value}
        """
    ) as runner:
        runner.process()
        runner.disable_node(node)
        runner.process()
        runner.enable_node(node)
        runner.run()
        assert runner.made == 4
    assert calls("x") == [(0,), (1,), (2,), (3,)]


def test_leaves_that_are_all_disabled_stop_nothing_above_them():
    text = """
    nodes:
      a: {type: my.numbers, params: {n: 3}}
      x: {type: my.log, depends: [a.value], params: {tag: x}}
      y: {type: my.log, depends: [x.value], params: {tag: y}, enabled: false}
      z: {type: my.log, depends: [y.value], params: {tag: z}, enabled: false}
    """
    assert run(text) == 3
    assert (len(calls("x")), calls("y"), calls("z")) == (3, [], [])


def test_a_disabled_leaf_of_a_nested_tube_stops_nothing_above_it():
    text = """
    nodes:
      t:
        type: tube
        params:
          tube:
            nodes:
              a: {type: my.numbers, params: {n: 3}}
              x: {type: my.log, depends: [a.value]}
              r: {type: return, depends: x.value, enabled: false}
    """
    assert run(text) == 3
    assert len(calls("log")) == 3


def test_a_node_that_needs_a_disabled_one_is_finished():
    text = """
    nodes:
      a: {type: my.numbers, params: {n: 2}}
      b: {type: my.numbers, params: {n: 4}}
      x: {type: my.log, depends: [a.value]}
      y: {type: my.same, depends: b.value, enabled: false}
      z: {type: my.log, depends: [y.value]}
    """
    assert run(text) == 2


def test_a_disabled_source_is_finished_and_never_drawn():
    text = """
    nodes:
      a: {type: my.numbers, params: {n: 2, tag: a}}
      b: {type: my.numbers, params: {n: 4, tag: b}, enabled: false}
      x: {type: my.optional, depends: [{left: a.value}, {right: b.value}]}
    """
    assert run(text) == 2
    assert calls("b") == []


NO_EPOCH = {
    "a leaf needs a disabled node": (
        """
        nodes:
          a: {type: my.numbers, params: {tag: a}}
          x: {type: my.same, depends: a.value, enabled: false}
          y: {type: my.same, depends: x.value}
          r: {type: return, depends: y.value}
        """,
        "what it would end with needs a disabled node ('r' needs 'x')",
    ),
    "a source is disabled": (
        """
        nodes:
          a: {type: my.numbers, params: {tag: a}, enabled: false}
          r: {type: return, depends: a.value}
        """,
        "what it would end with needs a disabled node ('r' needs 'a')",
    ),
    "a node without a source is disabled": (
        """
        nodes:
          a: {type: my.start, enabled: false}
          r: {type: return, depends: a.value}
        """,
        "what it would end with needs a disabled node ('r' needs 'a')",
    ),
    "a node of a nested tube is disabled": (
        """
        nodes:
          t:
            type: tube
            params:
              tube:
                nodes:
                  a: {type: my.numbers, params: {tag: a}, enabled: false}
                  r: {type: return, depends: a.value}
          r: {type: return, depends: t.value}
        """,
        "what it would end with needs a disabled node ('t.r' needs 't.a')",
    ),
    "all nodes are disabled": (
        "nodes: {a: {type: my.numbers, params: {tag: a}, enabled: false}}",
        "all nodes are disabled",
    ),
    "there are no nodes": ("nodes: {}", "the tube has no nodes"),
    "a source gives nothing": (
        "nodes: {a: {type: my.numbers, params: {n: 0}}, r: {type: return, depends: a.value}}",
        "no value came from 'a'",
    ),
}


@WAYS
@pytest.mark.parametrize(("text", "why"), NO_EPOCH.values(), ids=NO_EPOCH)
def test_a_run_without_an_epoch_says_why(text, why, way):
    warned = []
    with SynchronousRunner(tubes.tube(text), warn=warned.append) as runner:
        if way == "process":
            with pytest.raises(TubeExhaustedError, match=re.escape(why)):
                runner.process()
        elif way == "run":
            runner.run()
        else:
            assert list(runner.iter()) == []
    assert warned == [f"no epoch was made: {why}"]
    assert CALLS == []


def test_a_run_without_a_record_says_so():
    text = "{input: {x: {type: int, scope: process}}, nodes: {r: {type: return, depends: input.x}}}"
    warned = []
    runner = SynchronousRunner(tubes.tube(text), warn=warned.append)
    assert list(runner.stream([])) == []
    assert warned == ["no epoch was made: no record was given"]
    assert list(runner.stream([{"x": 1}], epochs=0)) == []
    assert list(runner.stream([{"x": 1}], 0)) == []
    assert list(runner.stream([{"x": 1}])) == [1]
    assert len(warned) == 1


def test_a_disabled_source_that_nothing_needs_does_not_keep_records_from_being_taken():
    text = """
    input: {x: {type: int, scope: process}}
    nodes:
      a: {type: my.numbers, enabled: false}
      r: {type: return, depends: input.x}
    """
    assert list(tubes.runner(text).stream([{"x": 1}, {"x": 2}])) == [1, 2]


# --- gathers ----------------------------------------------------------------------------------


def test_a_gather_goes_on_as_long_as_its_number_can_come():
    text = """
    nodes:
      a: {type: my.numbers, params: {n: 5}}
      b: {type: my.numbers, params: {n: 8}}
      n: {type: my.two, depends: b.value}
      g: {type: gather, depends: [a.value, {n: n.value}]}
      r: {type: return, depends: g.value}
    """
    assert tubes.runner(text).run(20) == [[0, 1], [2, 3]]
    assert run(text) == 8


def test_a_gather_goes_on_as_long_as_its_trigger_can_come():
    text = """
    nodes:
      a: {type: my.numbers, params: {n: 2}}
      b: {type: my.numbers, params: {n: 4}}
      t: {type: my.last_of_four, depends: b.value}
      g: {type: gather, depends: [a.value, {trigger: t.value}]}
      r: {type: return, depends: g.value}
    """
    assert tubes.runner(text).run(20) == [[0, 1]]


def test_a_gather_whose_number_is_made_of_nothing_goes_on_until_it_is_stopped():
    text = """
    nodes:
      a: {type: my.numbers, params: {n: 5}}
      n: {type: my.two}
      g: {type: gather, depends: [a.value, {n: n.value}]}
      r: {type: return, depends: g.value}
    """
    runner = tubes.runner(text)
    assert runner.run(9) == [[0, 1], [2, 3]]
    assert runner.made == 9


def test_a_gather_is_finished_when_its_number_is():
    text = """
    nodes:
      a: {type: my.numbers, params: {n: 8}}
      b: {type: my.numbers, params: {n: 3}}
      n: {type: my.two, depends: b.value}
      g: {type: gather, depends: [a.value, {n: n.value}]}
    """
    assert run(text) == 3


# --- assets -----------------------------------------------------------------------------------


def test_a_node_that_only_reads_an_asset_does_not_keep_a_run_going():
    text = """
    assets: {last: {type: my.start, scope: runner, depends: x.value}}
    nodes:
      a: {type: my.numbers, params: {n: 2}}
      x: {type: my.same, depends: a.value}
      q: {type: my.log, depends: [assets.last]}
    """
    assert run(text) == 2
    assert calls("log") == [("start",), (0,)]


def test_a_node_without_anything_behind_it_does_not_keep_a_run_going():
    text = """
    nodes:
      a: {type: my.numbers, params: {n: 2}}
      e: {type: my.epoch_of}
      y: {type: my.log, depends: [e.value]}
    """
    assert run(text) == 2


# --- tubes without sources --------------------------------------------------------------------


def test_a_tube_without_sources_goes_on_until_it_is_stopped():
    text = "nodes: {e: {type: my.epoch_of}, r: {type: return, depends: e.value}}"
    assert tubes.runner(text).run(100) == list(range(100))
    seen = []
    for result in tubes.runner(text).iter():
        seen.append(result)
        if len(seen) == 50:
            break
    assert seen == list(range(50))


# --- the epoch that does not exist ------------------------------------------------------------


GHOST = """
assets: {m: {type: my.Made, scope: process}}
nodes:
  a: {type: my.numbers, params: {n: 2}}
  x: {type: my.log, depends: [a.value, assets.m]}
  free: {type: my.log, params: {tag: free}}
  e: {type: my.epoch_of}
  r: {type: return, depends: [{x: x.value}, {e: e.value}]}
"""


@WAYS
def test_the_epoch_that_finds_the_end_does_not_exist(way):
    assert run(GHOST, way) == 2
    assert CALLS.count("made") == CALLS.count("ended") == 2
    assert len(calls("free")) == 2
    assert len(calls("log")) == 2


def test_it_returns_nothing():
    assert [each["e"] for each in tubes.results(GHOST)] == [0, 1]


def test_it_has_no_number():
    with tubes.runner(GHOST) as runner:
        runner.run()
        assert (runner.epoch, runner.made) == (1, 2)
        for _ in range(2):
            with pytest.raises(TubeExhaustedError):
                runner.process()
        assert (runner.epoch, runner.made) == (1, 2)


def test_callbacks_hear_nothing_of_it():
    events = []
    runner = tubes.runner(GHOST)
    runner.add_callback(events.append)
    runner.run()
    assert {event["epoch"] for event in events} == {0, 1}
    assert [event["epoch"] for event in events if event["node_id"] == "meta"] == [0, 1]


@pytest.mark.parametrize("order", [("a", "b"), ("b", "a")])
def test_callbacks_hear_nothing_of_what_other_sources_gave_in_it(order):
    n = {"a": 5, "b": 2}
    text = f"""
    nodes:
      {order[0]}: {{type: my.numbers, params: {{n: {n[order[0]]}}}}}
      {order[1]}: {{type: my.numbers, params: {{n: {n[order[1]]}}}}}
      x: {{type: my.log, depends: [a.value, b.value]}}
    """
    events = []
    runner = tubes.runner(text)
    runner.add_callback(events.append)
    runner.run()
    assert [(event["node_id"], event["epoch"]) for event in events if event["epoch"] > 1] == []


# --- StopIteration ----------------------------------------------------------------------------


def stop(value):
    CALLS.append("stop")
    raise StopIteration("not an end")


STOP = """
nodes:
  a: {type: my.numbers}
  x: {type: my.stop, depends: a.value}
"""


def test_a_stop_iteration_of_a_function_is_an_error():
    with tubes.runner(STOP) as runner:
        for _ in range(3):
            with pytest.raises(StopIteration, match="not an end") as raised:
                runner.process()
            assert any("'x'" in note for note in raised.value.__notes__)
        with pytest.raises(TubeExhaustedError):
            runner.process()
    assert CALLS == ["stop"] * 3


def test_a_stop_iteration_of_a_function_is_an_error_of_run():
    with pytest.raises(StopIteration, match="not an end"):
        tubes.runner(STOP).run()
    with pytest.raises(StopIteration, match="not an end"):
        tubes.runner(STOP).run(2)


def test_a_stop_iteration_of_a_function_does_not_end_iter_as_if_all_were_well():
    """A generator can't raise StopIteration: Python makes a RuntimeError of it."""
    with pytest.raises((RuntimeError, StopIteration)) as raised:
        list(tubes.runner(STOP).iter())
    error = raised.value
    assert isinstance(error, StopIteration) or isinstance(error.__cause__, StopIteration)


class StopsInProcess:
    def process(self):
        raise StopIteration


class StopsInInit:
    def init(self):
        raise StopIteration

    def process(self):
        pass


@pytest.mark.parametrize("kind", ["StopsInProcess", "StopsInInit"])
def test_a_stop_iteration_of_a_class_is_an_error(kind):
    with pytest.raises(StopIteration):
        tubes.runner(f"nodes: {{x: {{type: my.{kind}}}}}").run(1)


@pytest.mark.parametrize("scope", ["runner", "process", "node"])
def test_a_stop_iteration_in_the_making_of_an_asset_is_an_error(scope):
    text = f"""
    assets: {{m: {{type: my.stopped, scope: {scope}}}}}
    nodes: {{a: {{type: my.numbers}}, x: {{type: my.log, depends: [assets.m, a.value]}}}}
    """
    with pytest.raises(StopIteration):
        tubes.runner(text).run()


def stopped():
    raise StopIteration


def test_an_error_in_a_source_is_an_error_and_ends_that_source():
    text = """
    nodes:
      a: {type: my.breaking}
      b: {type: my.numbers, params: {n: 4}}
      x: {type: my.optional, depends: [{left: a.value}, {right: b.value}]}
    """
    with tubes.runner(text) as runner:
        runner.process()
        with pytest.raises(ValueError, match="broken") as raised:
            runner.process()
        assert any("'a'" in note for note in raised.value.__notes__)
        runner.process()
    assert CALLS[0] == (0, 0)
    assert CALLS[-1][0] is None


def breaking():
    yield 0
    raise ValueError("broken")


# --- records ----------------------------------------------------------------------------------


def test_when_the_records_end_the_run_ends():
    text = """
    input: {i: {type: int, scope: process}}
    nodes: {e: {type: my.epoch_of}, x: {type: my.log, depends: [input.i, e.value]}, r: {type: return, depends: x.value}}
    """
    assert list(tubes.runner(text).stream([{"i": 5}, {"i": 6}])) == [(5, 0), (6, 1)]
    assert list(tubes.runner(text).stream([])) == []


def test_a_source_ends_a_run_although_there_are_records_left():
    text = """
    input: {i: {type: int, scope: process}}
    nodes: {a: {type: my.numbers, params: {n: 2}}, r: {type: return, depends: [input.i, a.value]}}
    """
    records = iter([{"i": number} for number in range(10)])
    assert list(tubes.runner(text).stream(records)) == [[0, 0], [1, 1]]


def test_the_result_of_the_last_epoch_is_not_lost():
    text = """
    nodes:
      a: {type: my.numbers, params: {n: 1}}
      b: {type: my.numbers, params: {n: 3}}
      r: {type: return, depends: [{b: b.value}]}
    """
    assert tubes.results(text) == [{"b": 0}, {"b": 1}, {"b": 2}]
