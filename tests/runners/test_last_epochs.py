"""What is held back when a run has ended comes out, in epochs of its own."""

from __future__ import annotations

import asyncio

import pytest

from noob_cli import EndOfRun, Epoch, NoEvent, SynchronousRunner, TubeExhaustedError, flush_method
from noob_cli.checkpoints.state import Checkpoints
from tests.runners.tubes import Tubes

tubes = Tubes(__name__)

LOG: list[object] = []

pytestmark = pytest.mark.filterwarnings("ignore:the node .* left that it did not emit")


@pytest.fixture(autouse=True)
def _forget():
    LOG.clear()


def numbers(n=5):
    for number in range(n):
        LOG.append(("drawn", number))
        yield number


def log(value):
    LOG.append(value)
    return value


def constant():
    return "constant"


def optional(value=None, other=None):
    return value, other


def ends_at_three(value):
    if value == 3:
        raise EndOfRun
    return value


def fails(value):
    raise ValueError(value)


class Holder:
    def __init__(self, tag="holder"):
        self.tag = tag
        self.held = []

    def process(self, value):
        self.held.append(value)
        return NoEvent

    @flush_method
    def give(self, epoch: Epoch):
        LOG.append((self.tag, int(epoch)))
        return self.held


class LateHolder(Holder):
    @flush_method
    async def give(self):
        await asyncio.sleep(0)
        return self.held


class FailingHolder(Holder):
    @flush_method
    def give(self):
        LOG.append(self.tag)
        raise ValueError(self.tag)


class Made:
    def __enter__(self):
        LOG.append("made")
        return "made"

    def __exit__(self, *error):
        LOG.append("ended")


def processed(runner):
    with runner:
        while True:
            try:
                result = runner.process()
            except TubeExhaustedError:
                return
            if result is not None:
                yield result


WAYS = {
    "process": lambda runner: list(processed(runner)),
    "run": lambda runner: runner.run(100),
    "iter": lambda runner: list(runner.iter()),
    "stream": lambda runner: list(runner.stream({} for _ in range(100))),
    "flush": lambda runner: _flushed(runner),
}


def _flushed(runner):
    with runner:
        return [*runner.iter(flushing=False), *runner.flush()]


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("holder", ["Holder", "LateHolder"])
def test_each_gets_one_in_order_and_what_is_flushed_goes_on(way, holder):
    text = f"""
    assets: {{m: {{type: my.Made, scope: process}}, last: {{type: list, scope: runner, depends: p.value}}}}
    nodes:
      r: {{type: return, depends: [{{p: p.value}}, {{h: h.value}}, {{u: u.value}}, {{l: l.value}}]}}
      h: {{type: my.{holder}, depends: p.value}}
      a: {{type: my.numbers}}
      p: {{type: gather, depends: a.value, params: {{n: 2, flush: true}}}}
      u: {{type: my.optional, depends: [{{value: a.value}}, {{other: assets.m}}]}}
      l: {{type: my.log, depends: assets.last}}
    """
    runner = tubes.runner(text)
    assert WAYS[way](runner)[4:] == [
        {"u": (4, "made"), "l": [2, 3]},
        {"p": [4], "u": (None, "made"), "l": [2, 3]},
        {"h": [[0, 1], [2, 3], [4]], "u": (None, "made"), "l": [4]},
    ]
    assert runner.made == 7
    assert LOG.count("made") == LOG.count("ended") == 7


def test_a_run_to_the_end_makes_them_too():
    runner = tubes.runner("nodes: {a: {type: my.numbers}, h: {type: my.Holder, depends: a.value}}")
    assert runner.run() is None
    assert LOG[-1] == ("holder", 5)
    assert runner.made == 6
    assert (
        list(tubes.runner("nodes: {a: {type: my.numbers}, h: {type: my.Holder, depends: a.value}}").iter())
        == [None] * 6
    )


GATHER = """
nodes:
  a: {type: my.numbers}
  g: {type: gather, depends: a.value, params: {n: 3, flush: true}}
  r: {type: return, depends: g.value}
"""


def test_a_gather_that_holds_nothing_gets_none():
    runner = tubes.runner(GATHER.replace("n: 3", "n: 5"))
    assert runner.run(9) == [[0, 1, 2, 3, 4]]
    assert runner.made == 5


def test_a_gather_that_needs_a_disabled_node_holds_nothing():
    text = """
    nodes:
      a: {type: my.numbers}
      o: {type: my.constant, enabled: false}
      g: {type: gather, depends: o.value, params: {n: 3, flush: true}}
      l: {type: my.log, depends: a.value}
    """
    runner = tubes.runner(text)
    runner.run()
    assert runner.made == 5


def test_a_gather_joins_what_it_flushes():
    text = GATHER.replace("flush: true", "flush: true, flatten: true").replace("a.value,", "l.value,")
    text += "  l: {type: range, depends: a.value}\n"
    assert tubes.results(text) == [[0, 0, 1], [0, 1, 2, 0, 1, 2, 3]]


def test_whether_a_gather_flushes_may_be_an_input():
    text = "input: {end: {type: bool}}\n" + GATHER.replace("flush: true", "flush: input.end")
    assert tubes.results(text, end=True) == [[0, 1, 2], [3, 4]]
    assert tubes.results(text, end=False) == [[0, 1, 2]]


def test_a_gather_with_a_trigger_flushes():
    text = """
    nodes:
      a: {type: my.numbers}
      t: {type: my.odd, depends: a.value}
      g: {type: gather, depends: [a.value, {trigger: t.value}], params: {flush: true}}
      r: {type: return, depends: g.value}
    """
    assert tubes.results(text) == [[0, 1], [2, 3], [4]]


def odd(value):
    return value if value % 2 else NoEvent


def test_a_run_that_is_stopped_by_its_number_has_none():
    with pytest.warns(UserWarning, match="the node 'g' has 2 values left"):
        assert tubes.runner(GATHER).run(5) == [[0, 1, 2]]
    assert list(tubes.runner(GATHER).iter(1)) == [[0, 1, 2]]
    assert tubes.runner(GATHER).run(6) == [[0, 1, 2], [3, 4]]
    assert list(tubes.runner(GATHER).iter(2)) == [[0, 1, 2], [3, 4]]
    assert list(tubes.runner(GATHER).iter(epochs=5)) == [[0, 1, 2]]


def test_a_run_that_is_stopped_has_none():
    runner = tubes.runner(GATHER)
    runner.add_callback(lambda event: runner.stop() if event["epoch"] == 3 else None)
    assert list(runner.iter()) == [[0, 1, 2]]
    assert runner.made == 4


def test_a_run_that_has_failed_has_none():
    runner = tubes.runner(GATHER + "  f: {type: my.fails_at_three, depends: a.value}\n")
    with pytest.raises(ValueError, match="3"):
        runner.run()
    assert runner.made == 4


def fails_at_three(value):
    if value == 3:
        raise ValueError(value)


def test_records_and_the_end_of_a_run_have_them_too():
    text = """
    input: {x: {type: int, scope: process, default: 7}}
    nodes:
      e: {type: my.ends_at_three, depends: input.x}
      g: {type: gather, depends: e.value, params: {n: 2, flush: true}}
      o: {type: my.optional, depends: [{value: input.x}]}
      r: {type: return, depends: [{g: g.value}, {o: o.value}]}
    """
    records = [{"x": 4}, {"x": 5}, {"x": 6}]
    last = {"g": [6], "o": (None, None)}
    assert list(tubes.runner(text).stream(records))[-2:] == [{"o": (6, None)}, last]
    assert list(tubes.runner(text).stream([*records, {"x": 3}, {"x": 9}]))[-2:] == [{"o": (3, None)}, last]
    with tubes.runner(text) as runner:
        assert len(list(runner.stream(records, 3))) == 3
        assert list(runner.stream(records))[1:] == [{"o": (5, None)}, {"g": [5, 6], "o": (6, None)}]


@pytest.mark.parametrize("way", ["process", "iter"])
def test_one_that_fails_is_not_made_again(way):
    text = """
    nodes:
      a: {type: my.numbers, params: {n: 2}}
      g: {type: gather, depends: a.value, params: {n: 3, flush: true}}
      f: {type: my.FailingHolder, depends: a.value, params: {tag: f}}
      h: {type: my.Holder, depends: a.value, params: {tag: h}}
      r: {type: return, depends: [{g: g.value}, {h: h.value}]}
    """
    with tubes.runner(text) as runner:
        make = runner.process if way == "process" else lambda: next(runner.iter(1))
        if way == "process":
            assert [runner.process(), runner.process()] == [None, None]
        assert make() == {"g": [0, 1]}
        with pytest.raises(ValueError, match="f"):
            make()
        assert runner.failure.epoch == 3
        assert make() == {"h": [0, 1]}
        with pytest.raises((TubeExhaustedError, StopIteration)):
            make()
    assert LOG.count("f") == 1


def test_what_a_failed_one_would_have_given_is_left():
    text = GATHER + "  f: {type: my.fails_at_two, depends: g.value}\n"
    warned = []
    with SynchronousRunner(tubes.tube(text), warn=warned.append) as runner, pytest.raises(ValueError, match="two"):
        runner.run()
    with runner:
        with pytest.raises(ValueError, match="two"):
            runner.run()
        assert runner.run(5) == []
    assert "the node 'g' has 2 values left that it did not emit" in warned


def fails_at_two(value):
    if len(value) == 2:
        raise ValueError("two")


def test_a_disabled_node_has_none():
    text = "nodes: {a: {type: my.numbers}, h: {type: my.Holder, depends: a.value}, l: {type: my.log, depends: a.value}}"
    with tubes.runner(text) as runner:
        runner.process()
        runner.disable_node("h")
        runner.run()
    assert runner.made == 5


def test_those_of_a_nested_tube_come_at_its_place():
    text = """
    nodes:
      z: {type: my.Holder, depends: a.value, params: {tag: z}}
      a: {type: my.numbers}
      t:
        type: tube
        depends: [{x: a.value}]
        params:
          tube:
            input: {x: {type: int, scope: process}}
            nodes:
              c: {type: my.constant}
              l: {type: my.log, depends: input.x}
              g: {type: gather, depends: l.value, params: {n: 3, flush: true}}
              h: {type: my.Holder, depends: g.value, params: {tag: h}}
              e: {type: my.epoch_of}
              r: {type: return, depends: [{g: g.value}, {h: h.value}, {e: e.value}, {c: c.value}]}
      y: {type: my.Holder, depends: t.g, params: {tag: y}}
      r: {type: return, depends: [{g: t.g}, {h: t.h}, {e: t.e}, {c: t.c}, {y: y.value}, {z: z.value}]}
    """
    found = tubes.results(text)
    assert found[4:] == [
        {"e": 4, "c": "constant"},
        {"z": [0, 1, 2, 3, 4]},
        {"g": [3, 4], "e": 5, "c": "constant"},
        {"h": [[0, 1, 2], [3, 4]], "e": 6, "c": "constant"},
        {"y": [[0, 1, 2], [3, 4]]},
    ]
    assert [each for each in LOG if isinstance(each, int)] == [0, 1, 2, 3, 4]


def epoch_of(epoch: Epoch):
    return int(epoch)


def test_a_nested_tube_that_is_a_source_has_them_too():
    text = """
    nodes:
      t:
        type: tube
        params:
          tube:
            nodes:
              a: {type: my.numbers}
              g: {type: gather, depends: a.value, params: {n: 3, flush: true}}
              r: {type: return, depends: g.value}
      r: {type: return, depends: t.value}
    """
    assert tubes.results(text) == [[0, 1, 2], [3, 4]]


def test_what_is_flushed_goes_through_maps():
    text = """
    nodes:
      a: {type: my.numbers}
      g: {type: gather, depends: a.value, params: {n: 3, flush: true}}
      m: {type: map, depends: g.value}
      l: {type: my.log, depends: m.value}
      r: {type: return, depends: l.value}
    """
    assert tubes.results(text) == [[0, 1, 2], [3, 4]]


def test_callbacks_timers_and_events_are_as_in_any_epoch():
    said = []
    runner = SynchronousRunner(tubes.tube(GATHER), timing=True, trace=said.append)
    events = []
    runner.add_callback(events.append)
    runner.run()
    assert [(each["node_id"], each["signal"], each["value"]) for each in events[-2:]] == [
        ("g", "value", [3, 4]),
        ("meta", "EpochEnded", 5),
    ]
    assert said[-1] == "epoch 5 has ended"
    assert (runner.timers["g"].calls, runner.timers["g"].events) == (6, 2)


def test_a_checkpoint_holds_the_state_before_them():
    with tubes.runner(GATHER) as runner:
        checkpoints = Checkpoints(runner)
        assert list(runner.iter(flushing=False)) == [[0, 1, 2]]
        saved = checkpoints.save()
        assert list(runner.flush()) == [[3, 4]]
    with tubes.runner(GATHER) as runner:
        Checkpoints(runner).restore(saved)
        assert list(runner.iter()) == [[3, 4]]


def test_a_node_can_be_disabled_between_them():
    text = """
    nodes:
      a: {type: my.numbers, params: {n: 1}}
      f: {type: my.Holder, depends: a.value, params: {tag: f}}
      g: {type: my.Holder, depends: a.value, params: {tag: g}}
      h: {type: my.Holder, depends: a.value, params: {tag: h}}
    """
    with tubes.runner(text) as runner:
        runner.process()
        runner.process()
        runner.disable_node("g")
        runner.process()
        with pytest.raises(TubeExhaustedError):
            runner.process()
    assert [tag for tag, number in LOG] == ["drawn", "f", "h"]


REFUSED = {
    "a gather in a loop": "g: {type: gather, depends: m.value, params: {n: 3, flush: true}}",
    "a gather that closes a loop": "g: {type: gather, depends: [m.value, {n: m.n}], params: {flush: true}}",
    "a class in a loop": "g: {type: my.Holder, depends: m.value}",
    "a source": "g: {type: my.Source}",
    "a tube in a loop": (
        "g: {type: tube, depends: [{x: m.value}], params: {tube: {input: {x: {type: int, scope: process}}, "
        "nodes: {h: {type: my.Holder, depends: input.x}}}}}"
    ),
    "a tube in a tube in a loop": (
        "g: {type: tube, depends: [{x: m.value}], params: {tube: {input: {x: {type: int, scope: process}}, nodes: {t: "
        "{type: tube, depends: [{x: input.x}], params: {tube: {input: {x: {type: int, scope: process}}, "
        "nodes: {h: {type: my.Holder, depends: input.x}}}}}}}}}"
    ),
}


class Source:
    def process(self):
        yield 1

    @flush_method
    def give(self):
        return 2


@pytest.mark.parametrize("node", REFUSED.values(), ids=REFUSED)
def test_where_there_is_none(node):
    text = f"""
    nodes:
      a: {{type: my.numbers}}
      l: {{type: range, depends: a.value}}
      m: {{type: map, depends: l.value}}
      {node}
    """
    assert tubes.codes(text) == ["G018"]


class TwoFlushes(Holder):
    @flush_method
    def other(self):
        return 1


class NeedsMore(Holder):
    @flush_method
    def give(self, value):
        return value


class Yields(Holder):
    @flush_method
    def give(self):
        yield 1


class NeverCalled:
    @flush_method
    def give(self):
        return 1


@pytest.mark.parametrize("code", ["TwoFlushes", "NeedsMore", "Yields", "NeverCalled"])
def test_a_flush_method_that_cannot_be_called(code):
    assert tubes.codes(f"nodes: {{a: {{type: my.numbers}}, h: {{type: my.{code}, depends: a.value}}}}") == ["C003"]


def kept(given):
    return given


def grows(given):
    given.append(0)
    return len(given)


GROWING = """
nodes:
  n: {type: my.numbers, params: {n: 2}}
  g: {type: gather, depends: [value: n.value], params: {n: 5, flush: true}}
  k: {type: my.kept, params: {given: [1]}}
  x: {type: my.grows, depends: [k.value]}
  r: {type: return, depends: [x: x.value]}
"""


def test_a_param_is_one_object_in_a_whole_run():
    tube = tubes.tube(GROWING)
    for _ in range(2):
        assert list(SynchronousRunner(tube).iter()) == [{"x": 2}, {"x": 3}, {"x": 4}]


def test_so_it_is_where_a_callback_comes_in_between():
    with tubes.runner(GROWING) as runner:
        assert runner.process() == {"x": 2}
        runner.add_callback(LOG.append)
        assert runner.process() == {"x": 3}
