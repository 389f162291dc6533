"""What `type` may name, and how it runs: the table of kinds, row by row."""

from __future__ import annotations

import functools
from collections.abc import Generator
from typing import Annotated, Any

import pytest
from pydantic import BaseModel

from noob_cli import (
    Epoch,
    EventMap,
    Name,
    Node,
    NodeSpecification,
    NoEvent,
    RunnerContext,
    SynchronousRunner,
    TubeError,
    deinit_method,
    init_method,
    process_method,
)
from tests.runners.tubes import Tubes

tubes = Tubes(__name__)

LOG: list[Any] = []


@pytest.fixture(autouse=True)
def _forget():
    LOG.clear()


def numbers(n=3, start=0):
    LOG.append("called")
    try:
        yield from range(start, start + n)
    finally:
        LOG.append("closed")


def one(number=0):
    return number


def returned(node, n=None):
    """The results of a tube of a source of 0, 1, 2, a node `x` and a `return` of its `value`."""
    text = f"""
    nodes:
      source: {{type: my.numbers}}
      x: {node}
      r: {{type: return, depends: x.value}}
    """
    return tubes.results(text, n)


# --- functions --------------------------------------------------------------------------------


def double(left, factor=2):
    return left * factor


def test_a_function_is_called_with_its_slots():
    assert returned("{type: my.double, depends: source.value}") == [0, 2, 4]


def test_params_are_fixed_arguments():
    assert returned("{type: my.double, depends: source.value, params: {factor: 10}}") == [0, 10, 20]


def test_a_function_with_params_only():
    assert returned("{type: my.double, params: {left: 4, factor: 10}}", 2) == [40, 40]


@pytest.mark.parametrize(
    ("node", "expected"),
    [
        ("{type: abs, depends: source.value}", [0, 1, 2]),
        ("{type: str, depends: source.value}", ["0", "1", "2"]),
        ("{type: operator.neg, depends: source.value}", [0, -1, -2]),
        ("{type: math.pow, depends: [source.value, source.value]}", [1.0, 1.0, 4.0]),
        ("{type: divmod, depends: [source.value, source.value]}", None),
        ("{type: builtins.bool, depends: source.value}", [False, True, True]),
    ],
)
def test_builtins_and_c_functions(node, expected):
    if expected is None:
        with pytest.raises(ZeroDivisionError):
            returned(node)
    else:
        assert returned(node) == expected


@pytest.mark.parametrize(
    ("node", "expected"),
    [
        ("{type: max, depends: [source.value, source.value]}", [0, 1, 2]),
        ("{type: my.least, depends: [source.value, source.value]}", [0, 1, 2]),
        ("{type: my.unreadable, depends: [source.value, {key: source.value}]}", [((0,), 0), ((1,), 1), ((2,), 2)]),
        ("{type: my.unreadable, depends: source.value, params: {key: 5}}", [((0,), 5), ((1,), 5), ((2,), 5)]),
    ],
)
def test_functions_without_a_readable_signature(node, expected):
    assert returned(node) == expected


least = min


class Unreadable:
    __signature__ = "not a signature"

    def __call__(self, *args, key):
        return args, key


unreadable = Unreadable()


def test_a_method_of_a_class_is_a_function():
    node = "{type: str.upper, depends: word.value}"
    text = f"nodes: {{word: {{type: my.word}}, x: {node}, r: {{type: return, depends: x.value}}}}"
    assert tubes.results(text, 1) == ["WORD"]


def test_a_path_goes_through_a_class(tmp_path):
    text = f"""
    nodes:
      path: {{type: pathlib.Path.joinpath, params: {{}}, depends: [where.value, word.value]}}
      where: {{type: pathlib.Path, depends: folder.value}}
      folder: {{type: my.one, params: {{number: {tmp_path}}}}}
      word: {{type: my.word}}
      x: {{type: pathlib.Path.write_text, depends: [path.value, {{data: word.value}}]}}
      r: {{type: return, depends: x.value}}
    """
    assert tubes.results(text, 1) == [4]
    assert (tmp_path / "word").read_text() == "word"


def word():
    return "word"


def test_a_lambda_and_a_decorated_function():
    assert returned("{type: my.triple, depends: source.value}") == [0, 3, 6]
    assert returned("{type: my.logged, depends: [{left: source.value}], params: {factor: 5}}") == [0, 5, 10]


triple = lambda left: 3 * left  # noqa: E731


def decorate(function):
    @functools.wraps(function)
    def wrapper(*args, **kwargs):
        return function(*args, **kwargs)

    return wrapper


logged = decorate(double)


# --- callable instances and partials ----------------------------------------------------------


class Adder:
    def __init__(self, more):
        self.more = more

    def __call__(self, left: int, factor: int = 1) -> Annotated[int, Name("sum")]:
        return left * factor + self.more


add_ten = Adder(10)
add_twenty = functools.partial(double, factor=20)
ten_times = functools.partial(double, 10)


def named(left, right=0) -> Annotated[int, Name("sum")]:
    return left + right


named_partial = functools.partial(named, right=100)


def test_a_callable_instance():
    text = """
    nodes:
      source: {type: my.numbers}
      x: {type: my.add_ten, depends: source.value, params: {factor: 2}}
      r: {type: return, depends: x.sum}
    """
    assert tubes.results(text) == [10, 12, 14]


def test_a_partial():
    assert returned("{type: my.add_twenty, depends: source.value}") == [0, 20, 40]
    assert returned("{type: my.ten_times, depends: [{factor: source.value}]}") == [0, 10, 20]
    assert returned("{type: my.add_twenty, depends: source.value, params: {factor: 3}}") == [0, 3, 6]


def test_the_signals_of_a_partial_are_those_of_its_function():
    text = """
    nodes:
      source: {type: my.numbers}
      x: {type: my.named_partial, depends: source.value}
      r: {type: return, depends: x.sum}
    """
    assert tubes.results(text) == [100, 101, 102]


# --- generators -------------------------------------------------------------------------------


def test_a_generator_function_is_called_once_and_drawn_from():
    assert tubes.results(
        "nodes: {x: {type: my.numbers, params: {n: 2, start: 5}}, r: {type: return, depends: x.value}}"
    ) == [5, 6]
    assert LOG == ["called", "closed"]


def test_a_generator_is_closed_when_the_run_stops():
    runner = tubes.runner("nodes: {x: {type: my.numbers}, r: {type: return, depends: x.value}}")
    assert runner.run(1) == [0]
    assert LOG == ["called", "closed"]


def test_a_generator_is_new_in_each_run():
    runner = tubes.runner("nodes: {x: {type: my.numbers}, r: {type: return, depends: x.value}}")
    assert runner.run(2) == [0, 1]
    assert runner.run(2) == [0, 1]


def test_a_generator_takes_no_depends():
    assert tubes.codes("nodes: {a: {type: my.one}, x: {type: my.numbers, depends: a.value}}") == ["G011"]


def test_a_generator_params_may_be_inputs():
    text = """
    input: {many: {type: int}}
    nodes: {x: {type: my.numbers, params: {n: input.many}}, r: {type: return, depends: x.value}}
    """
    assert tubes.results(text, many="2") == [0, 1]


# --- iterators --------------------------------------------------------------------------------


class Countdown:
    def __init__(self, start=3):
        LOG.append("made")
        self.at = start

    def __iter__(self):
        return self

    def __next__(self):
        if self.at == 0:
            raise StopIteration
        self.at -= 1
        return self.at


def test_an_iterator_class_without_depends_is_drawn_from():
    text = "nodes: {{x: {{type: {}, params: {}}}, r: {{type: return, depends: x.value}}}}"
    assert tubes.results(text.format("itertools.count", "{start: 5, step: 2}"), 3) == [5, 7, 9]
    assert tubes.results(text.format("my.Countdown", "{start: 2}")) == [1, 0]
    assert LOG == ["made"]


def test_an_iterator_class_without_params():
    assert tubes.results("nodes: {x: {type: itertools.count}, r: {type: return, depends: x.value}}", 2) == [0, 1]


def test_an_iterator_class_with_depends_is_called_like_a_function():
    assert [list(each) for each in returned("{type: my.Countdown, depends: source.value}")] == [[], [0], [1, 0]]
    assert LOG.count("made") == 3


def test_an_iterable_class_is_no_iterator():
    """`list` has `__iter__` but no `__next__`: it is called like a function."""
    assert returned("{type: list}", 2) == [[], []]


# --- classes with a process method ------------------------------------------------------------


class Sum:
    def __init__(self, start: int = 0):
        LOG.append("made")
        self.total = start

    def process(self, value: int) -> int:
        self.total += value
        return self.total


class Marked:
    def __init__(self, start: int = 0):
        self.total = start

    @process_method
    def accumulate(self, value: int) -> Annotated[int, Name("sum")]:
        self.total += value
        return self.total

    def process(self):
        raise AssertionError("the marked method is the one")


class Inherited(Marked):
    pass


class Static:
    @staticmethod
    def process(value):
        return value + 1


class OfClass:
    step = 10

    @classmethod
    def process(cls, value):
        return value + cls.step


class MarkedStatic:
    @staticmethod
    @process_method
    def call(value):
        return value + 1


class MarkedOfClass:
    step = 10

    @classmethod
    @process_method
    def call(cls, value):
        return value + cls.step


class StaticMarked:
    @process_method
    @staticmethod
    def call(value):
        return value + 1


class OfClassMarked:
    step = 10

    @process_method
    @classmethod
    def call(cls, value):
        return value + cls.step


def test_a_class_with_process_is_made_once_and_its_method_called():
    assert returned("{type: my.Sum, params: {start: 10}, depends: source.value}") == [10, 11, 13]
    assert LOG.count("made") == 1


def test_an_instance_is_new_in_each_run():
    runner = tubes.runner(
        "nodes: {s: {type: my.numbers}, x: {type: my.Sum, depends: s.value}, r: {type: return, depends: x.value}}"
    )
    assert runner.run(3) == runner.run(3) == [0, 1, 3]


@pytest.mark.parametrize("kind", ["Marked", "Inherited"])
def test_a_marked_method_is_the_process_method(kind):
    text = f"""
    nodes:
      source: {{type: my.numbers}}
      x: {{type: my.{kind}, params: {{start: 1}}, depends: source.value}}
      r: {{type: return, depends: x.sum}}
    """
    assert tubes.results(text) == [1, 2, 4]


@pytest.mark.parametrize(
    ("kind", "expected"),
    [
        ("Static", [1, 2, 3]),
        ("OfClass", [10, 11, 12]),
        ("MarkedStatic", [1, 2, 3]),
        ("MarkedOfClass", [10, 11, 12]),
        ("StaticMarked", [1, 2, 3]),
        ("OfClassMarked", [10, 11, 12]),
    ],
)
def test_static_and_class_methods(kind, expected):
    assert returned(f"{{type: my.{kind}, depends: source.value}}") == expected


class TwoMarks:
    @process_method
    def one(self): ...

    @process_method
    def two(self): ...


class GeneratorMethod:
    def __init__(self, n=2):
        self.n = n

    def process(self) -> Generator[Annotated[int, Name("item")], None, None]:
        try:
            yield from range(self.n)
        finally:
            LOG.append("closed")


class GeneratorMethodWithSlots:
    def process(self, value):
        yield value


def test_a_class_has_one_process_method():
    assert tubes.codes("nodes: {x: {type: my.TwoMarks}}") == ["C003"]


def test_a_generator_method_without_slots_is_drawn_from():
    text = "nodes: {x: {type: my.GeneratorMethod, params: {n: 3}}, r: {type: return, depends: x.item}}"
    assert tubes.results(text) == [0, 1, 2]
    assert LOG == ["closed"]


def test_a_generator_method_with_slots_is_a_load_error_that_names_map():
    with pytest.raises(TubeError, match="map"):
        tubes.tube("nodes: {a: {type: my.one}, x: {type: my.GeneratorMethodWithSlots, depends: a.value}}")


def test_params_go_to_the_class_and_depends_to_its_method():
    """Both may have an argument of the same name."""
    assert returned("{type: my.SameNames, params: {value: 100}, depends: [{value: source.value}]}") == [100, 101, 102]


class SameNames:
    def __init__(self, value):
        self.made_with = value

    def process(self, value):
        return self.made_with + value


# --- other classes ----------------------------------------------------------------------------


class Pair:
    def __init__(self, left, right=0):
        self.values = (left, right)


class Model(BaseModel):
    left: int
    right: int = 5


def test_any_other_class_is_called_like_a_function():
    made = returned("{type: my.Pair, depends: source.value, params: {right: 7}}")
    assert [each.values for each in made] == [(0, 7), (1, 7), (2, 7)]
    assert returned("{type: fractions.Fraction, depends: [source.value], params: {denominator: 4}}")[1] == 0.25
    assert [m.left for m in returned("{type: my.Model, depends: [{left: source.value}]}")] == [0, 1, 2]


# --- Node subclasses --------------------------------------------------------------------------


class Scale(Node):
    factor: float = 1.0
    _calls: int = 0

    def process(self, value: float) -> float:
        self._calls += 1
        return self.factor * value + self._calls


class Described(Node):
    def init(self):
        LOG.append("init")

    def process(self) -> Any:
        return self.id, self.spec

    def deinit(self):
        LOG.append("deinit")


class MarkedNode(Node):
    @init_method
    def begin(self):
        LOG.append("begin")

    @process_method
    def call(self, value: int) -> Annotated[int, Name("out")]:
        return value

    @deinit_method
    def finish(self):
        LOG.append("finish")


class DrawnNode(Node):
    n: int = 2

    def process(self) -> Generator[Annotated[int, Name("item")], None, None]:
        yield from range(self.n)


class NoProcess(Node):
    pass


def test_a_node_subclass_is_made_from_params():
    assert returned("{type: my.Scale, params: {factor: 10}, depends: source.value}") == [1.0, 12.0, 23.0]


def test_a_node_subclass_knows_its_id_and_its_specification():
    ((name, spec),) = returned("{type: my.Described, description: hello}", 1)
    assert name == "x"
    assert isinstance(spec, NodeSpecification)
    assert (spec.id, spec.type_, spec.description) == ("x", f"{__name__}.Described", "hello")
    assert LOG == ["init", "called", "deinit", "closed"]


def test_a_node_subclass_with_marked_methods():
    text = """
    nodes:
      source: {type: my.numbers, params: {n: 1}}
      x: {type: my.MarkedNode, depends: source.value}
      r: {type: return, depends: x.out}
    """
    assert tubes.results(text) == [0]
    assert LOG[0] == "begin"
    assert "finish" in LOG


def test_a_node_subclass_that_is_drawn_from():
    text = "nodes: {x: {type: my.DrawnNode, params: {n: 3}}, r: {type: return, depends: x.item}}"
    assert tubes.results(text) == [0, 1, 2]


def test_a_node_subclass_needs_a_process_method():
    assert tubes.codes("nodes: {x: {type: my.NoProcess}}") == ["C003"]


def test_an_unknown_param_of_a_node_subclass_is_a_warning():
    tube = tubes.tube("nodes: {s: {type: my.numbers}, x: {type: my.Scale, params: {facto: 1}, depends: s.value}}")
    assert [each.code for each in tube.warnings] == ["G007"]


# --- init and deinit --------------------------------------------------------------------------


class Lived:
    def __init__(self, name="x"):
        self.name = name
        LOG.append(("made", name))

    def init(self):
        LOG.append(("init", self.name))

    def process(self):
        LOG.append(("process", self.name))

    def deinit(self):
        LOG.append(("deinit", self.name))


class MarkedLife:
    @init_method
    def first(self):
        LOG.append("first")

    @init_method
    def second(self):
        LOG.append("second")

    def process(self):
        LOG.append("process")

    @deinit_method
    def third(self):
        LOG.append("third")

    @deinit_method
    def fourth(self):
        LOG.append("fourth")


class BothLives(Lived):
    @init_method
    def more(self):
        LOG.append(("more", self.name))

    @deinit_method
    def less(self):
        LOG.append(("less", self.name))


def test_init_and_deinit_run_at_start_and_stop():
    text = "nodes: {a: {type: my.Lived, params: {name: a}}, b: {type: my.Lived, params: {name: b}}}"
    runner = tubes.runner(text)
    runner.init()
    assert LOG == [("made", "a"), ("init", "a"), ("made", "b"), ("init", "b")]
    runner.process()
    runner.process()
    LOG.clear()
    runner.deinit()
    assert LOG == [("deinit", "b"), ("deinit", "a")]


def test_marked_methods_run_at_start_and_stop():
    tubes.runner("nodes: {a: {type: my.MarkedLife}}").run(2)
    assert LOG[:4] == ["first", "second", "process", "process"]
    assert sorted(LOG[4:]) == ["fourth", "third"]


def test_marked_and_named_methods_run_once_each():
    tubes.runner("nodes: {a: {type: my.BothLives}}").run(1)
    assert sorted(what for what, _ in LOG) == sorted(["made", "init", "more", "process", "deinit", "less"])


def test_deinit_runs_after_an_error():
    text = "nodes: {a: {type: my.Lived}, b: {type: my.broken}}"
    with pytest.raises(ZeroDivisionError):
        tubes.runner(text).run()
    assert LOG[-1] == ("deinit", "x")


def broken():
    return 1 / 0


# --- what is injected -------------------------------------------------------------------------


class Contextual:
    def __init__(self):
        self.context = None

    def init(self, context: RunnerContext):
        self.context = context

    def process(self):
        return self.context


class ContextualByMark:
    @init_method
    def begin(self, *, where: RunnerContext):
        self.context = where

    def process(self):
        return self.context


@pytest.mark.parametrize("kind", ["Contextual", "ContextualByMark"])
def test_init_gets_the_context_of_the_runner(kind):
    text = f"""
    input: {{laps: {{type: int}}}}
    nodes:
      y: {{type: my.one, params: {{number: input.laps}}}}
      x: {{type: my.{kind}}}
      r: {{type: return, depends: x.value}}
    """
    runner = tubes.runner(text, laps=4)
    (context,) = runner.run(1)
    assert isinstance(context["runner"], SynchronousRunner)
    assert context["runner"] is runner
    assert context["input_collection"]["laps"] == 4


def with_epoch(value, epoch: Epoch):
    return value, epoch


def epoch_first(now: Epoch, value=None):
    return value, now


def epoch_only(*, epoch: Epoch = Epoch(7)):  # noqa: B008
    return epoch


class EpochMethod:
    def process(self, value, epoch: Epoch):
        return value, epoch


def test_the_epoch_is_given():
    assert returned("{type: my.with_epoch, depends: source.value}") == [(0, 0), (1, 1), (2, 2)]
    assert returned("{type: my.EpochMethod, depends: source.value}") == [(0, 0), (1, 1), (2, 2)]
    assert returned("{type: my.epoch_only}", 2) == [0, 1]
    ((_, epoch), *_) = returned("{type: my.with_epoch, depends: source.value}")
    assert type(epoch) is Epoch


@pytest.mark.parametrize(
    "depends", ["source.value", "[source.value]", "[{value: source.value}]", "[{0: source.value}]"]
)
def test_the_epoch_may_be_the_first_parameter(depends):
    assert returned(f"{{type: my.epoch_first, depends: {depends}}}") == [(0, 0), (1, 1), (2, 2)]


def test_the_epoch_is_no_slot():
    node = "{type: my.with_epoch, depends: [a.value, {epoch: a.value}]}"
    assert tubes.codes(f"nodes: {{a: {{type: my.one}}, x: {node}}}") == ["G004"]
    assert tubes.codes(
        "nodes: {a: {type: my.one}, x: {type: my.with_epoch, depends: a.value, params: {epoch: 1}}}"
    ) == ["G007"]


def with_events(value, other=None, *, events: EventMap):
    return events


def events_first(events: EventMap, value):
    return events


class EventsMethod:
    def process(self, value, events: EventMap):
        return events


@pytest.mark.parametrize("kind", ["with_events", "events_first", "EventsMethod"])
def test_the_events_behind_the_slots_are_given(kind):
    first, second, _ = returned(f"{{type: my.{kind}, depends: [{{value: source.value}}]}}")
    assert list(first) == ["value"]
    event = second["value"]
    assert (event["node_id"], event["signal"], event["epoch"], event["value"]) == ("source", "value", 1, 1)
    assert isinstance(event["epoch"], Epoch)
    assert event["timestamp"].utcoffset().total_seconds() == 0
    assert event["id"] > first["value"]["id"]


def test_a_positional_slot_has_its_parameters_name_in_the_events():
    first, *_ = returned("{type: my.events_first, depends: source.value}")
    assert list(first) == ["value"]


def test_a_slot_without_a_value_has_no_event():
    text = """
    nodes:
      source: {type: my.numbers}
      never: {type: my.never}
      x: {type: my.with_events, depends: [source.value, {other: never.value}]}
      r: {type: return, depends: x.value}
    """
    assert [list(each) for each in tubes.results(text)] == [["value"]] * 3


def never():
    return NoEvent


def test_the_events_of_inputs_and_assets():
    text = """
    input: {i: {type: int, default: 3}}
    assets: {a: {type: my.one, scope: runner}}
    nodes:
      x: {type: my.with_events, depends: [input.i, {other: assets.a}]}
      r: {type: return, depends: x.value}
    """
    ((events),) = tubes.results(text, 1)
    found = {slot: (event["node_id"], event["signal"], event["value"]) for slot, event in events.items()}
    assert found == {"value": ("input", "i", 3), "other": ("assets", "a", 0)}


# --- stateful ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("node", "stateful"),
    [
        ("{type: my.one}", False),
        ("{type: abs, depends: s.value}", False),
        ("{type: my.add_twenty, depends: s.value}", False),
        ("{type: my.numbers}", True),
        ("{type: my.Sum, depends: s.value}", True),
        ("{type: my.Static, depends: s.value}", True),
        ("{type: my.Pair, depends: s.value}", False),
        ("{type: itertools.count}", True),
        ("{type: my.Scale, depends: s.value}", True),
        ("{type: return, depends: s.value}", False),
        ("{type: my.one, stateful: true}", True),
        ("{type: my.Sum, depends: s.value, stateful: false}", False),
    ],
)
def test_stateful(node, stateful):
    tube = tubes.tube(f"nodes: {{s: {{type: my.one}}, x: {node}}}")
    assert tube.graph.nodes["x"].stateful is stateful


def test_stateful_never_changes_results():
    for stateful in ("true", "false"):
        assert returned(f"{{type: my.Sum, depends: source.value, stateful: {stateful}}}") == [0, 1, 3]
