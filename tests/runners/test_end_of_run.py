"""Nodes that raise `EndOfRun`: the run ends with the epoch, and nothing has failed."""

from __future__ import annotations

import asyncio
from contextlib import suppress

import pytest

from noob_cli import EndOfRun, NoEvent, SynchronousRunner, TubeExhaustedError
from noob_cli.checkpoints.state import Checkpoints
from tests.runners.tubes import Tubes

tubes = Tubes(__name__)

LOG: list[object] = []


@pytest.fixture(autouse=True)
def _forget():
    LOG.clear()


def numbers(n=10):
    yield from range(n)


def three_and_the_end():
    yield from range(3)
    raise EndOfRun


async def three_and_the_end_later():
    for number in range(3):
        yield number
    raise EndOfRun


class Three:
    def __init__(self):
        self.number = -1

    def __iter__(self):
        return self

    def __next__(self):
        self.number += 1
        if self.number == 3:
            raise EndOfRun
        return self.number


def ends(value, at=2):
    LOG.append(("ends", value))
    if value == at:
        raise EndOfRun
    return value


def ends_in_two(value):
    return ends(value), -value


async def ends_later(value, at=2):
    await asyncio.sleep(0)
    return ends(value, at)


async def later(value):
    await asyncio.sleep(0.001)
    LOG.append(("later", value))
    return value


class Ends:
    def process(self, value):
        return ends(value)


def log(value):
    LOG.append(("log", value))
    return value


def four(value):
    return [10 * value + each for each in range(4)]


def read_lazily(value):
    def read():
        yield value
        yield ends(value + 1)

    return read()


def optional(value=None):
    return value


def fails(value):
    raise ValueError(value)


class Made:
    def __enter__(self):
        return self

    def __exit__(self, *error):
        LOG.append("ended")


def raises_when_made():
    raise EndOfRun


WAYS = {
    "process": lambda runner: list(_processed(runner)),
    "run": lambda runner: runner.run(100),
    "run without a number": lambda runner: runner.run(),
    "iter": lambda runner: list(runner.iter()),
    "iter n": lambda runner: list(runner.iter(100)),
    "stream": lambda runner: list(runner.stream({} for _ in range(100))),
}


def _processed(runner):
    with runner, suppress(TubeExhaustedError):
        while True:
            result = runner.process()
            if result is not None:
                yield result


def results(text, way="iter"):
    runner = tubes.runner(text)
    return WAYS[way](runner), runner.made


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("node", ["ends", "ends_later", "Ends"])
def test_the_run_ends_with_the_epoch(way, node):
    text = f"""
    assets: {{m: {{type: my.Made, scope: process}}}}
    nodes:
      a: {{type: my.numbers}}
      x: {{type: my.{node}, depends: a.value}}
      y: {{type: my.log, depends: x.value}}
      o: {{type: my.optional, depends: [{{value: x.value}}]}}
      z: {{type: my.log, depends: a.value}}
      p: {{type: my.optional, depends: [{{value: assets.m}}]}}
      r: {{type: return, depends: [z.value, o.value]}}
    """
    found, made = results(text, way)
    assert found == (None if way == "run without a number" else [[0, 0], [1, 1], [2, None]])
    assert made == 3
    assert LOG.count("ended") == 3
    assert [each for each in LOG if each[0] == "log"][-1] == ("log", 2)


def test_a_node_with_several_signals_emits_none():
    text = """
    nodes:
      a: {type: my.numbers}
      x: {type: my.ends_in_two, depends: a.value}
      r: {type: return, depends: [{x: x.value}, {a: a.value}]}
    """
    assert results(text)[0][-1] == {"a": 2}


@pytest.mark.parametrize("source", ["three_and_the_end", "three_and_the_end_later", "Three"])
@pytest.mark.parametrize("way", WAYS)
def test_in_a_source_it_is_the_end_of_that_source(source, way):
    text = f"""
    nodes:
      a: {{type: my.{source}}}
      b: {{type: my.numbers, params: {{n: 5}}}}
      x: {{type: my.log, depends: a.value}}
      y: {{type: my.log, depends: b.value}}
      r: {{type: return, depends: [{{x: x.value}}, {{y: y.value}}]}}
    """
    found, made = results(text, way)
    assert made == 5
    assert found in (None, [{"x": n, "y": n} for n in range(3)] + [{"y": 3}, {"y": 4}])


@pytest.mark.parametrize("way", WAYS)
def test_a_source_that_alone_keeps_a_run_going_ends_it(way):
    text = "nodes: {a: {type: my.three_and_the_end}, r: {type: return, depends: a.value}}"
    found, made = results(text, way)
    assert made == 3
    assert found in (None, [0, 1, 2])


def test_coroutines_beside_it_finish():
    text = """
    nodes:
      a: {type: my.numbers}
      x: {type: my.ends_later, depends: a.value, params: {at: 0}}
      y: {type: my.later, depends: a.value}
      r: {type: return, depends: [{x: x.value}, {y: y.value}]}
    """
    assert results(text) == ([{"y": 0}], 1)
    assert LOG == [("ends", 0), ("later", 0)]


LOOP = """
nodes:
  a: {{type: my.numbers, params: {{n: 3}}}}
  l: {{type: my.four, depends: a.value}}
  m: {{type: map, depends: l.value}}
  x: {{type: my.{node}, depends: m.value, params: {{at: 11}}}}
  y: {{type: my.log, depends: m.value}}
  g: {{type: gather, depends: [x.value, {{n: m.n}}]}}
  z: {{type: my.pair, depends: [m.value, g.value]}}
  b: {{type: my.log, depends: a.value}}
  r: {{type: return, depends: [{{x: x.value}}, {{y: y.value}}, {{g: g.value}}, {{z: z.value}}, {{b: b.value}}]}}
"""


def pair(item, group):
    return item, len(group)


@pytest.mark.parametrize("node", ["ends", "ends_later"])
def test_later_items_of_its_loop_are_not_begun(node):
    found, made = results(LOOP.format(node=node))
    assert made == 2
    assert found[1] == {"x": [10], "y": [10, 11], "g": [10], "z": [(10, 1), (11, 1)], "b": 1}
    assert ("ends", 12) not in LOG


def test_the_loop_around_its_own_is_left_too_and_one_beside_it_is_not():
    text = """
    nodes:
      a: {type: my.numbers, params: {n: 3}}
      l: {type: my.four, depends: a.value}
      m: {type: map, depends: l.value}
      k: {type: my.four, depends: m.value}
      o: {type: map, depends: k.value}
      x: {type: my.ends, depends: o.value, params: {at: 11}}
      h: {type: my.four, depends: m.value}
      p: {type: map, depends: h.value}
      y: {type: my.log, depends: p.value}
      i: {type: map, depends: l.value}
      z: {type: my.log, depends: i.value}
      r: {type: return, depends: [{x: x.value}, {y: y.value}, {z: z.value}]}
    """
    found, made = results(text)
    assert made == 1
    assert found == [{"x": [0, 1, 2, 3, 10], "y": [0, 1, 2, 3, 10, 11, 12, 13], "z": [0, 1, 2, 3]}]


def test_a_map_that_reads_it_emits_nothing():
    text = """
    nodes:
      a: {type: my.numbers}
      l: {type: my.read_lazily, depends: a.value}
      m: {type: map, depends: l.value}
      n: {type: my.log, depends: m.n}
      r: {type: return, depends: [{m: m.value}, {a: a.value}]}
    """
    assert results(text) == ([{"m": [0, 1], "a": 0}, {"a": 1}], 2)


NESTED = """
nodes:
  a: {{type: my.numbers, params: {{n: 5}}}}
  t:
    type: tube
    depends: [{{x: a.value}}]
    params:
      tube:
        input: {{x: {{type: int, scope: process}}}}
        nodes:
          e: {{type: my.{node}, depends: input.x}}
          v: {{type: my.log, depends: input.x}}
          r: {{type: return, depends: [{{e: e.value}}, {{v: v.value}}]}}
  {rest}
"""


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("node", ["ends", "ends_later"])
def test_in_a_nested_tube_it_ends_that_tube(way, node):
    rest = "r: {type: return, depends: [{e: t.e}, {v: t.v}, {a: a.value}]}"
    found, made = results(NESTED.format(node=node, rest=rest), way)
    assert made == 5
    first = [{"e": n, "v": n, "a": n} for n in range(2)]
    assert found in (None, [*first, {"v": 2, "a": 2}, {"a": 3}, {"a": 4}])
    assert ("log", 3) not in LOG


@pytest.mark.parametrize("way", WAYS)
def test_the_tube_around_ends_with_it_if_it_needs_it(way):
    found, made = results(NESTED.format(node="ends", rest="r: {type: return, depends: t.v}"), way)
    assert made == 3
    assert found in (None, [0, 1, 2])


def test_a_nested_tube_in_a_loop_is_not_called_again_in_the_epoch():
    text = """
    nodes:
      a: {type: my.numbers, params: {n: 2}}
      l: {type: my.four, depends: a.value}
      m: {type: map, depends: l.value}
      t:
        type: tube
        depends: [{x: m.value}]
        params:
          tube:
            input: {x: {type: int, scope: process}}
            nodes:
              e: {type: my.ends, depends: input.x}
              v: {type: my.log, depends: input.x}
              r: {type: return, depends: v.value}
      s: {type: my.optional, depends: [{value: m.value}]}
      r: {type: return, depends: [{t: t.value}, {s: s.value}]}
    """
    assert results(text) == ([{"t": [0, 1, 2], "s": [0, 1, 2, 3]}, {"s": [10, 11, 12, 13]}], 2)
    assert [each for each in LOG if each[0] == "log"] == [("log", 0), ("log", 1), ("log", 2)]


@pytest.mark.parametrize("scope", ["runner", "process", "node"])
def test_in_an_asset_it_is_an_error(scope):
    text = f"""
    assets: {{m: {{type: my.raises_when_made, scope: {scope}}}}}
    nodes: {{a: {{type: my.numbers}}, x: {{type: my.pair, depends: [a.value, assets.m]}}}}
    """
    runner = tubes.runner(text)
    with pytest.raises(EndOfRun):
        runner.run()
    assert runner.failure is not None
    assert runner.failure.place.name == "m"


def test_in_a_callback_it_is_an_error():
    runner = tubes.runner("nodes: {a: {type: my.numbers}}")

    def call_back(event):
        raise EndOfRun

    runner.add_callback(call_back)
    with pytest.raises(EndOfRun):
        runner.run()


def test_the_run_has_ended_although_its_epoch_fails():
    text = """
    nodes:
      a: {type: my.numbers}
      x: {type: my.ends, depends: a.value, params: {at: 0}}
      y: {type: my.fails, depends: a.value}
    """
    with tubes.runner(text) as runner:
        with pytest.raises(ValueError, match="0"):
            runner.process()
        with pytest.raises(TubeExhaustedError):
            runner.process()


def test_a_run_that_goes_on_from_a_checkpoint_has_ended():
    text = """
    nodes:
      a: {type: my.numbers}
      x: {type: my.ends, depends: a.value}
      r: {type: return, depends: a.value}
    """
    with tubes.runner(text) as runner:
        checkpoints = Checkpoints(runner)
        assert list(runner.iter()) == [0, 1, 2]
        saved = checkpoints.save()
    with tubes.runner(text) as runner:
        Checkpoints(runner).restore(saved)
        assert runner.has_ended
        runner.disable_node("r")
        assert list(runner.iter()) == []


def test_a_node_that_is_not_called_any_more_is_timed_and_told_of():
    said = []
    text = "nodes: {a: {type: my.numbers}, x: {type: my.ends, depends: a.value}}"
    runner = SynchronousRunner(tubes.tube(text), timing=True, log=said.append)
    runner.run()
    assert "the node 'x' has ended the run" in said
    assert (runner.timers["x"].calls, runner.timers["x"].events, runner.timers["x"].no_events) == (3, 2, 1)


def test_it_is_no_event():
    text = """
    nodes:
      a: {type: my.numbers}
      x: {type: my.ends, depends: a.value}
    """
    runner = tubes.runner(text)
    events = []
    runner.add_callback(lambda event: events.append((event["node_id"], event["value"])))
    runner.run()
    assert ("x", NoEvent) not in events
    assert events[-2:] == [("a", 2), ("meta", 2)]
