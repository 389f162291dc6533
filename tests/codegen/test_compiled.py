"""The Python that a tube becomes."""

from __future__ import annotations

import builtins
import gc
import io
import keyword
import linecache
import re
import sys
import time
import tokenize
import traceback
import types
from collections.abc import Iterator
from functools import partial
from textwrap import dedent
from typing import Annotated

import pytest

from noob_cli import Name, NoEvent, SynchronousRunner, Tube
from noob_cli.codegen.compiled import CompiledPlan
from noob_cli.codegen.epochs import compile_form
from noob_cli.codegen.forms import Form
from noob_cli.plan.lowering.lowering import lower
from noob_cli.plan.lowering.options import LoweringOptions
from tests.runners.tubes import Tubes, each_way

tubes = Tubes(__name__)


def numbers(n=4, start=0):
    yield from range(start, start + n)


def same(value):
    return value


def add(left, right=0):
    return left + right


def odd(value):
    return value if value % 2 else NoEvent


def keywords(**values):
    return dict(values)


def double(value: int) -> int:
    return value * 2


def lists():
    yield [0, 1, NoEvent, 2]


def broken(value):
    raise ValueError("broken")


def start():
    return 0


def whole() -> Iterator[int]:
    yield from range(4)


class Own:
    @staticmethod
    def abs(value):
        return value


def source_of(tube, disabled=(), **options):
    plan = lower(tube, disabled, LoweringOptions(**options))
    return "".join(str(compile_form(plan, form)) for form in Form)


def function_of(source, name):
    """The source of one of the functions inside, dedented."""
    found = re.search(rf"^( +)(?:async )?def {name}\(.*\n(?:\1 .*\n)*", source, re.MULTILINE)
    return dedent(found.group())


# --- readable ---------------------------------------------------------------------------------


PRODUCTS = """
input:
  factor: {type: int, default: 2}
nodes:
  index: {type: itertools.count, params: {start: 1}}
  product: {type: operator.mul, depends: [index.value, input.factor]}
  r: {type: return, depends: product.value}
"""

RUN = """\
def run(limit, results):
    nonlocal epoch, over, index_source, stopping
    NoEvent = no_event
    if over:
        return
    factor = 2
    try:
        ending = Ending()
        for index in values_of(index_source, limit, ending, counted):
            try:
                product = index * factor
            except EndOfRun:
                product = end_of_run('product', end_tubes)
            if product is not NoEvent:
                results.append(product)
            if stopping is not None:
                return
        if ending.has_come:
            source_ended('index')
            over = True
    except BaseException as error:
        epoch += failed(error, this_epoch())
        raise
"""


def test_the_source_is_what_one_would_write():
    assert function_of(source_of(tubes.tube(PRODUCTS)), "run") == RUN


def test_it_is_as_the_snapshot_says_that_it_runs():
    assert tubes.results(PRODUCTS, 4) == [2, 4, 6, 8]


def test_a_function_says_only_of_what_its_steps_may_assign_that_others_have_it_too():
    nodes = {
        "n": {"type": f"{__name__}.numbers"},
        "sum": {"type": f"{__name__}.add", "depends": ["n.value", "assets.total"]},
        "m0": {"type": "map", "depends": "n.value"},
        **{f"m{at}": {"type": "map", "depends": f"m{at - 1}.value"} for at in range(1, 14)},
    }
    assets = {"total": {"type": f"{__name__}.start", "scope": "runner", "depends": "sum.value"}}
    source = str(compile_form(lower(Tube.from_specification({"assets": assets, "nodes": nodes})), Form.run))
    assert "def outlined_1(" in source
    assert re.findall(r"nonlocal (.*)", source) == ["epoch, over, total, total_stored_at, n_source, stopping"]


def test_a_letter_that_only_stands_in_the_middle_of_a_name():
    """Python's regular expressions take it for none."""
    text = """
    assets: {की: {type: my.start, scope: runner, depends: sum.value}}
    nodes:
      n: {type: my.numbers}
      sum: {type: my.add, depends: [n.value, assets.की]}
      r: {type: return, depends: sum.value}
    """
    assert tubes.results(text, 4) == [0, 1, 3, 6]


@pytest.mark.parametrize(
    ("type_", "depends", "written"),
    [
        ("operator.mul", "[a.value, input.n]", "a * n"),
        ("operator.pow", "[input.n, a.value]", "n ** a"),
        ("operator.mod", "[input.text, a.value]", "text % a"),
        ("operator.neg", "a.value", "-a"),
        ("operator.not_", "a.value", "not a"),
        ("operator.mul", "[a.value, a.value]", "a * a"),
        ("operator.matmul", "[a.value, a.value]", "a @ a"),
        ("abs", "a.value", "abs(a)"),
        ("str", "a.value", "str(a)"),
        ("operator.index", "a.value", "index(a)"),
        ("my.Own.abs", "a.value", "call_x(a)"),
    ],
)
def test_operators_and_builtins_are_written_as_such(type_, depends, written):
    source = function_of(
        source_of(
            tubes.tube(
                f"""
                input:
                  n: {{type: int, default: -3}}
                  text: {{type: str, default: "%d!"}}
                nodes:
                  a: {{type: my.numbers}}
                  x: {{type: {type_}, depends: {depends}}}
                  r: {{type: return, depends: x.value}}
                """
            )
        ),
        "process",
    )
    assert f"x = {written}\n" in source


def test_operators_of_objects():
    text = """
    nodes:
      a: {type: my.numbers}
      o: {type: my.Operand, depends: a.value}
      x: {type: operator.add, depends: [o.value, a.value]}
      r: {type: return, depends: x.value}
    """
    runner = tubes.runner(text)
    with runner:
        assert [runner.process() for _ in range(2)] == ["0 and 0", None]
        with pytest.raises(TypeError, match="unsupported operand") as unsupported:
            runner.process()
        with pytest.raises(ValueError, match="no third") as raised:
            runner.process()
    assert unsupported.value.__notes__[0].startswith("in the node 'x', epoch 2")
    assert raised.value.__notes__[0].startswith("in the node 'x', epoch 3")


class Operand:
    def __init__(self, value):
        self.value = value

    def __add__(self, other):
        if self.value == 3:
            raise ValueError("no third")
        return (f"{self.value} and {other}", NoEvent, NotImplemented)[self.value]


def test_what_a_builtin_is_stays_as_it_was(monkeypatch):
    runner = tubes.runner(
        "nodes: {a: {type: itertools.count}, x: {type: abs, depends: a.value}, r: {type: return, depends: x.value}}"
    )
    with runner:
        monkeypatch.setattr(builtins, "abs", str)
        assert runner.run(2) == [0, 1]


def test_nodes_keep_their_names_and_functions_theirs():
    source = source_of(tubes.tube("nodes: {first: {type: my.numbers}, second: {type: my.same, depends: first.value}}"))
    assert re.search(r"\bfirst = next\(first_source\)", source)
    assert "same(first)" in source


@pytest.mark.parametrize(
    ("text", "absent"),
    [
        (PRODUCTS, ["emit_event(", "event_of(", "notify_end(", "copied(", "enter(", "end_all(", "events("]),
        ("nodes: {a: {type: my.start}}", ["_source", "StopIteration", "append("]),
        (
            "assets: {a: {type: my.start, scope: runner, depends: x.value}}\n"
            "nodes: {x: {type: my.add, depends: assets.a}}",
            ["copied(", "enter(", "end_all("],
        ),
    ],
)
def test_what_a_run_does_not_use_costs_nothing(text, absent):
    run = function_of(source_of(tubes.tube(text)), "run")
    assert [word for word in absent if word in run] == []


def test_an_input_is_not_asked_whether_it_is_there():
    source = source_of(tubes.tube("input: {i: {type: int, default: 1}}\nnodes: {x: {type: my.same, depends: input.i}}"))
    assert "i is not NoEvent" not in source


def test_events_are_made_where_someone_listens():
    tube = tubes.tube(PRODUCTS)
    assert "emit_event(" in source_of(tube, listening=True)
    assert "traced(" not in source_of(tube, listening=True)
    assert "emit_event(" not in source_of(tube)


def test_disabled_nodes_are_not_in_it():
    tube = tubes.tube("nodes: {a: {type: my.start}, x: {type: my.same, depends: a.value}}")
    assert "same(" in source_of(tube)
    assert "same(" not in source_of(tube, disabled=["x"])


def test_the_same_tube_has_the_same_source():
    assert source_of(tubes.tube(PRODUCTS)) == source_of(tubes.tube(PRODUCTS))


# --- tracebacks -------------------------------------------------------------------------------


BROKEN = "nodes: {a: {type: my.numbers}, x: {type: my.broken, depends: a.value}}"


@pytest.mark.parametrize("way", ["run", "iter", "process", "stream"])
def test_tracebacks_show_the_source(way):
    with pytest.raises(ValueError, match="broken") as raised, tubes.runner(BROKEN) as runner:
        {
            "run": lambda: runner.run(1),
            "iter": lambda: list(runner.iter(1)),
            "process": lambda: runner.process(),
            "stream": lambda: list(runner.stream([{}])),
        }[way]()
    shown = "".join(traceback.format_exception(raised.value))
    assert re.search(r'File "<tube tube #\d+>", line \d+', shown)
    assert "x = broken(a)" in shown or "broken(a)" in shown


def test_linecache_has_the_source_while_the_plan_lives():
    plan = CompiledPlan(lower(tubes.tube(PRODUCTS)))
    epochs = plan.bind(dict.fromkeys(plan.plan.bindings), {state.key: None for state in plan.plan.state})
    file = plan.file
    assert linecache.getlines(file) == []
    for function in (epochs.run, epochs.iterate):
        assert "".join(linecache.getlines(file)) == plan.source
        linecache.checkcache()
        line = linecache.getline(file, function.__code__.co_firstlineno)
        assert line.startswith(f"    def {function.__name__}(")
    del plan, epochs, function
    gc.collect()
    assert linecache.getlines(file) == []


def test_what_becomes_the_same_source_is_compiled_once(monkeypatch):
    def functions() -> list[types.CodeType]:
        plan = CompiledPlan(lower(tubes.tube(PRODUCTS)))
        epochs = plan.bind(dict.fromkeys(plan.plan.bindings), {state.key: None for state in plan.plan.state})
        return [epochs.run.__code__, epochs.iterate.__code__]

    once = functions()
    monkeypatch.setattr("noob_cli.codegen.compiled.compile", None, raising=False)
    again = functions()
    assert [code.co_code for code in again] == [code.co_code for code in once]
    assert [code.co_firstlineno for code in again] == [code.co_firstlineno for code in once]
    assert {code.co_filename for code in once}.isdisjoint(code.co_filename for code in again)


def test_each_plan_has_a_file_of_its_own():
    tube = tubes.tube(PRODUCTS)
    assert CompiledPlan(lower(tube)).file != CompiledPlan(lower(tube)).file


# --- names ------------------------------------------------------------------------------------


EVERYTHING = """
input:
  each: {type: int, scope: process, default: 1}
assets:
  kept: {type: my.start, scope: runner, depends: total.value}
  used: {type: my.Resource, scope: process}
  brief: {type: my.Resource, scope: node}
nodes:
  a: {type: my.numbers}
  b: {type: my.numbers, params: {n: 2}}
  both: {type: my.two_signals, depends: [a.value, input.each]}
  total: {type: my.add, depends: [both.low, assets.kept]}
  uses: {type: my.keywords, depends: [{u: assets.used}, {b: assets.brief}, {o: b.value}, {t: total.value}]}
  r: {type: return, depends: [{low: both.low}, {high: both.high}, {total: total.value}, {b: b.value}]}
"""


class Resource:
    def __enter__(self):
        return self

    def __exit__(self, *error):
        pass


def two_signals(value, more=0) -> tuple[Annotated[int, Name("low")], Annotated[int, Name("high")]]:
    return value, value + more


def names_in(source):
    """Every name that the generated code uses."""
    tokens = tokenize.generate_tokens(io.StringIO(source).readline)
    return {token.string for token in tokens if token.type == tokenize.NAME}


def generated_names():
    """The names in the code of a tube that uses all there is, with callbacks and without."""
    tube = tubes.tube(EVERYTHING)
    own = names_in(source_of(tube)) | names_in(source_of(tube, listening=True, tracing=True))
    return sorted(own | {"values", "copied", "present", "several", "events", "Epoch", "missing_input", "silent"})


TRICKY = sorted(
    {
        *generated_names(),
        *keyword.kwlist,
        *keyword.softkwlist,
        *("epoch", "NoEvent", "state", "return", "class", "error", "_", "__name__", "__builtins__", "self", "print"),
        *("over", "stopping", "limit", "failed", "stop", "save", "process", "run", "end", "inputs", "records", "emit"),
        *("BaseException", "StopIteration", "range", "count", "len", "type", "a_value", "next_a", "state_value"),
    }
    - {"input", "assets", "meta", "tube"}
)


@pytest.mark.many
@pytest.mark.parametrize("name", TRICKY)
def test_a_node_of_any_name(name):
    text = f"""
    assets:
      used: {{type: my.Resource, scope: process}}
      kept: {{type: my.start, scope: runner, depends: {name}.value}}
    nodes:
      source: {{type: my.numbers}}
      '{name}': {{type: my.add, depends: [source.value, assets.kept]}}
      after: {{type: my.keywords, depends: [{{x: {name}.value}}, {{y: assets.used}}]}}
      end_of_it: {{type: return, depends: [{{x: {name}.value}}, {{s: source.value}}]}}
    """
    if name in ("source", "after", "end_of_it"):
        return
    expected = [{"x": x, "s": s} for x, s in ((0, 0), (1, 1), (3, 2), (6, 3))]
    for way, results in each_way(partial(SynchronousRunner, tubes.tube(text)), 4).items():
        assert results == expected, way


@pytest.mark.many
@pytest.mark.parametrize("name", TRICKY)
def test_a_source_of_any_name(name):
    text = f"""
    nodes:
      '{name}': {{type: my.numbers, params: {{n: 2}}}}
      other_source: {{type: my.numbers, params: {{n: 3}}}}
      other: {{type: my.same, depends: {name}.value}}
      what_is_returned: {{type: return, depends: [{{x: other.value}}, {{o: other_source.value}}]}}
    """
    if name in ("other", "other_source"):
        return
    for way, results in each_way(partial(SynchronousRunner, tubes.tube(text)), 3).items():
        assert results == [{"x": 0, "o": 0}, {"x": 1, "o": 1}, {"o": 2}], way


@pytest.mark.many
@pytest.mark.parametrize("name", TRICKY)
def test_an_input_an_asset_a_slot_and_a_return_of_any_name(name):
    text = f"""
    input:
      '{name}': {{type: int, scope: process, default: 5}}
    assets:
      '{name}': {{type: my.Resource, scope: process}}
    nodes:
      number: {{type: my.start}}
      slots: {{type: my.keywords, depends: [{{'{name}': input.{name}}}, {{more: number.value}}]}}
      takes: {{type: my.keywords, depends: [{{'{name}': assets.{name}}}]}}
      '{name}': {{type: return, depends: [{{'{name}': slots.value}}]}}
    """
    if name in ("number", "slots", "takes"):
        return
    expected = {name: {name: 5, "more": 0}}
    for way, results in each_way(partial(SynchronousRunner, tubes.tube(text)), 2).items():
        assert results == [expected] * 2, way


@pytest.fixture
def functions(monkeypatch):
    """A module in which every name is a function of that `__name__`, which adds 1."""
    module = types.ModuleType("tricky_functions")
    for name in TRICKY:

        def function(value):
            return value + 1

        function.__name__ = function.__qualname__ = name
        setattr(module, name, function)
    monkeypatch.setitem(sys.modules, "tricky_functions", module)
    return Tubes("tricky_functions")


@pytest.mark.many
@pytest.mark.parametrize("name", [name for name in TRICKY if not name.startswith("__")])
def test_a_function_of_any_name(functions, name):
    text = f"""
    assets:
      used: {{type: {__name__}.Resource, scope: process}}
    nodes:
      source: {{type: {__name__}.numbers}}
      node: {{type: my.{name}, depends: source.value}}
      other: {{type: {__name__}.keywords, depends: [{{used: assets.used}}]}}
      result_of_it: {{type: return, depends: [{{n: node.value}}]}}
    """
    for way, results in each_way(partial(SynchronousRunner, functions.tube(text)), 4).items():
        assert results == [{"n": 1}, {"n": 2}, {"n": 3}, {"n": 4}], way


@pytest.mark.parametrize(
    "names",
    [("\ufb01", "fi"), ("\u017f", "s"), ("\U0001d431", "x"), ("\u212b", "\xc5"), ("\xaa", "a"), ("a", "a_value")],
)
def test_names_that_python_takes_for_one(names):
    one, other = names
    text = f"""
    nodes:
      {one}: {{type: my.numbers, params: {{n: 2, start: 10}}}}
      {other}: {{type: my.numbers, params: {{n: 2, start: 20}}}}
      return_both: {{type: return, depends: [{one}.value, {other}.value]}}
    """
    for way, results in each_way(partial(SynchronousRunner, tubes.tube(text)), 2).items():
        assert results == [[10, 20], [11, 21]], way


def test_functions_of_the_same_name():
    text = """
    nodes:
      source: {type: my.numbers, params: {n: 2}}
      x: {type: my.add, params: {right: 1}, depends: source.value}
      y: {type: operator.add, depends: [x.value, source.value]}
      r: {type: return, depends: y.value}
    """
    assert tubes.results(text) == [1, 3]


def test_one_function_under_several_nodes():
    text = """
    nodes:
      source: {type: my.numbers, params: {n: 2}}
      x: {type: my.add, params: {right: 1}, depends: source.value}
      y: {type: my.add, params: {right: 10}, depends: x.value}
      r: {type: return, depends: y.value}
    """
    assert tubes.results(text) == [11, 12]


@pytest.mark.parametrize(
    "value",
    ["""'quo"te'""", '"two\\nlines"', "[1, {a: b}]", "1.5", ".inf", ".nan", "null", "true", "'{x}'", '"\\\\"', "1e400"],
)
def test_params_of_any_value(value):
    text = f"nodes: {{x: {{type: my.same, params: {{value: {value}}}}}, r: {{type: return, depends: [x.value]}}}}"
    expected = tubes.data(text)["nodes"]["x"]["params"]["value"]
    ((found,),) = tubes.results(text, 1)
    assert repr(found) == repr(expected)


# --- size -------------------------------------------------------------------------------------


@pytest.mark.many
@pytest.mark.parametrize("reverse", [False, True])
def test_a_chain_of_300_nodes(reverse):
    nodes = [("n0", {"type": f"{__name__}.numbers"})]
    nodes += [
        (f"n{at}", {"type": f"{__name__}.add", "depends": f"n{at - 1}.value", "params": {"right": 1}})
        for at in range(1, 301)
    ]
    nodes.append(("r", {"type": "return", "depends": "n300.value"}))
    began = time.process_time()
    tube = Tube.from_specification({"nodes": dict(reversed(nodes) if reverse else nodes)})
    assert SynchronousRunner(tube).run(4) == [300, 301, 302, 303]
    assert time.process_time() - began < 5


def test_a_node_with_300_slots():
    nodes = {f"n{at}": {"type": f"{__name__}.start"} for at in range(300)}
    nodes["x"] = {"type": f"{__name__}.keywords", "depends": [{f"s{at}": f"n{at}.value"} for at in range(300)]}
    nodes["r"] = {"type": "return", "depends": "x.value"}
    (result,) = SynchronousRunner(Tube.from_specification({"nodes": nodes})).run(1)
    assert result == {f"s{at}": 0 for at in range(300)}


def test_many_assets():
    """Python allows some twenty nested blocks; that is not the user's concern."""
    assets = {f"a{at}": {"type": f"{__name__}.Resource", "scope": ("process", "node")[at % 2]} for at in range(60)}
    nodes = {
        "x": {"type": f"{__name__}.keywords", "depends": [{name: f"assets.{name}"} for name in assets]},
        "r": {"type": "return", "depends": "x.value"},
    }
    (result,) = SynchronousRunner(Tube.from_specification({"assets": assets, "nodes": nodes})).run(1)
    assert len(set(map(id, result.values()))) == 60


# --- all ways to run agree --------------------------------------------------------------------


AGREE = {
    "products": (PRODUCTS, 5),
    "everything": (EVERYTHING, 4),
    "gaps": (
        "nodes: {a: {type: my.numbers}, o: {type: my.odd, depends: a.value}, r: {type: return, depends: o.value}}",
        4,
    ),
    "carried": (
        "assets: {t: {type: my.start, scope: runner, depends: n.value}}\n"
        "nodes: {n: {type: my.add, depends: assets.t, params: {right: 2}}, r: {type: return, depends: n.value}}",
        6,
    ),
    "two sources": (
        "nodes: {a: {type: my.numbers, params: {n: 2}}, b: {type: my.numbers}, "
        "r: {type: return, depends: [{a: a.value}, {b: b.value}]}}",
        4,
    ),
    "a list": (
        "nodes: {a: {type: my.numbers}, o: {type: my.odd, depends: a.value}, "
        "r: {type: return, depends: [a.value, o.value]}}",
        4,
    ),
}


@pytest.mark.parametrize(("text", "epochs"), AGREE.values(), ids=AGREE)
def test_all_ways_to_run_agree(text, epochs):
    ways = each_way(lambda: tubes.runner(text), epochs)
    assert ways["process"]
    assert ways["run"] == ways["iter"] == ways["stream"] == ways["process"]


@pytest.mark.parametrize(("text", "epochs"), AGREE.values(), ids=AGREE)
def test_listening_changes_nothing(text, epochs):
    def listening():
        runner = tubes.runner(text)
        runner.add_callback(lambda event: None)
        return runner

    assert each_way(listening, epochs) == each_way(lambda: tubes.runner(text), epochs)


@pytest.mark.parametrize(("text", "epochs"), AGREE.values(), ids=AGREE)
def test_telling_changes_nothing(text, epochs):
    told = []

    def telling():
        return SynchronousRunner(tubes.tube(text), log=told.append, trace=told.append)

    assert each_way(telling, epochs) == each_way(lambda: tubes.runner(text), epochs)
    assert "epoch 0 has ended" in told


def test_what_is_of_the_very_type_of_an_input_is_not_validated():
    source = source_of(tubes.tube(RECORDS))

    assert "if type(value) is not int:\n" in source
    assert "if type(limited)" not in source


def test_what_a_nested_tube_is_given_and_is_of_the_very_type_is_not_validated():
    source = source_of(tubes.tube(GIVEN))

    assert "t_value = a if type(a) is int else validate_t_value(a)\n" in source
    assert "t_by = b if type(b) is int else 5 if b is NoEvent else validate_t_by(b)\n" in source


def test_what_a_nested_tube_is_given_is_of_its_type():
    assert tubes.results(GIVEN, 3) == [[0, 5, 2], [1, 1, 2], [2, 5, 2]]


GIVEN = """
nodes:
  a: {type: my.whole}
  b: {type: my.odd, depends: a.value}
  t:
    type: tube
    depends: [{value: a.value}, {by: b.value}]
    params:
      tube:
        input:
          value: {type: int, scope: process}
          limited: {type: pydantic.NonNegativeInt, scope: process, default: 2}
          by: {type: int, scope: process, default: 5}
        nodes:
          r: {type: return, depends: [input.value, input.by, input.limited]}
  r: {type: return, depends: t.value}
"""


# --- results and lists ------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("rest", "expected"),
    [
        ("d: {type: my.double, depends: m.value}", [0, 2, 4]),
        ("d: {type: my.odd, depends: m.value}", [1]),
        ("e: {type: my.same, depends: m.value}\n  d: {type: my.double, depends: e.value}", [0, 2, 4]),
    ],
)
def test_a_gather_gets_what_the_items_of_a_map_became(rest, expected):
    assert tubes.results(FILLED.format(rest=rest), 1) == [expected]


FILLED = """
nodes:
  a: {{type: my.lists}}
  m: {{type: map, depends: a.value}}
  {rest}
  g: {{type: gather, depends: [{{value: d.value}}, {{n: m.n}}]}}
  r: {{type: return, depends: g.value}}
"""


# --- carried assets ---------------------------------------------------------------------------


@pytest.mark.parametrize("type_", ["typing.Any", "int"])
@pytest.mark.parametrize("assets", [("total", "other"), ("other", "total")])
@pytest.mark.parametrize("rest", ["", "\n  show: {type: my.same, depends: [n.value]}"])
def test_an_asset_stores_what_another_held_at_the_start_of_the_epoch(type_, assets, rest):
    stored = {"total": "add", "other": "t"}
    declared = "\n".join(f"  {name}: {{type: int, scope: runner, depends: {stored[name]}.value}}" for name in assets)
    text = f"""
assets:
{declared}
nodes:
  n: {{type: itertools.count, params: {{start: 1}}}}
  t:
    type: tube
    depends: [{{x: assets.total}}]
    params:
      tube:
        input: {{x: {{type: {type_}, scope: process}}}}
        nodes: {{return: {{type: return, depends: input.x}}}}
  add: {{type: operator.add, depends: [assets.total, n.value]}}{rest}
  return: {{type: return, depends: [assets.total, assets.other]}}
"""
    expected = [[0, 0], [1, 0], [3, 1], [6, 3]]

    assert tubes.runner(text).run(4) == tubes.results(text, 4) == expected


def test_an_asset_stores_what_another_held_where_nothing_is_returned():
    text = """
    assets:
      total: {type: int, scope: runner, depends: add.value}
      other: {type: int, scope: runner, depends: t.value}
    nodes:
      n: {type: itertools.count, params: {start: 1}}
      see: {type: my.noted, depends: [assets.total, assets.other]}
      t:
        type: tube
        depends: [{x: assets.total}]
        params:
          tube:
            input: {x: {type: typing.Any, scope: process}}
            nodes: {return: {type: return, depends: input.x}}
      add: {type: operator.add, depends: [assets.total, n.value]}
    """
    NOTED.clear()
    tubes.runner(text).run(4)
    assert NOTED == [(0, 0), (1, 0), (3, 1), (6, 3)]


NOTED = []


def noted(*values):
    NOTED.append(values)


class Total(int):
    pass


def listed(*values):
    return [*values]


RECORDS = """
input:
  value: {type: int, scope: process}
  limited: {type: pydantic.PositiveInt, scope: process}
nodes:
  sum: {type: operator.add, depends: [input.value, input.limited]}
  r: {type: return, depends: sum.value}
"""
