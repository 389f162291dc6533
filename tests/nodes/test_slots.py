"""How the slots of a node get their values."""

from __future__ import annotations

from textwrap import dedent

import pytest

from noob_cli import InputError, NoEvent
from tests.runners.tubes import Tubes

tubes = Tubes(__name__)

pytestmark = pytest.mark.filterwarnings("ignore:no epoch was made")


def a():
    return "a"


def b():
    return "b"


def never():
    return NoEvent


def numbers(n=4):
    yield from range(n)


def odd(value):
    return value if value % 2 else NoEvent


def f(left, right="R", *, only="O"):
    return left, right, only


def positions(left, right="R", /):
    return left, right


def mixed(first, /, second, *, third):
    return first, second, third


def rest(first, *others):
    return first, others


def anything(*others):
    return others


def keywords(**named):
    return dict(named)


def first_and_keywords(first="F", **named):
    return first, dict(named)


def optional(left=None, right=None, other="other"):
    return left, right, other


def optional_only(*, left=None):
    return left


def falsy(left=0, right=""):
    return left, right


def result(node, before="", n=1, **inputs):
    text = f"""
    nodes:
      a: {{type: my.a}}
      b: {{type: my.b}}
      never: {{type: my.never}}
      x: {node}
      r: {{type: return, depends: x.value}}
    """
    results = tubes.runner(dedent(before) + dedent(text), **inputs).run(n)
    assert len(results) <= 1
    return results[0] if results else NoEvent


@pytest.mark.parametrize(
    ("node", "expected"),
    [
        # one positional argument
        ("{type: my.f, depends: a.value}", ("a", "R", "O")),
        # a list of them
        ("{type: my.f, depends: [a.value]}", ("a", "R", "O")),
        ("{type: my.f, depends: [a.value, b.value]}", ("a", "b", "O")),
        ("{type: my.f, depends: [b.value, a.value]}", ("b", "a", "O")),
        ("{type: my.f, depends: [a.value, a.value]}", ("a", "a", "O")),
        # by keyword
        ("{type: my.f, depends: [{left: a.value}]}", ("a", "R", "O")),
        ("{type: my.f, depends: [{right: a.value}, {left: b.value}]}", ("b", "a", "O")),
        ("{type: my.f, depends: [{only: a.value}, {left: b.value}]}", ("b", "R", "a")),
        # integer keys are positions
        ("{type: my.f, depends: [{0: a.value}]}", ("a", "R", "O")),
        ("{type: my.f, depends: [{1: a.value}, {0: b.value}]}", ("b", "a", "O")),
        # mixed
        ("{type: my.f, depends: [a.value, {only: b.value}]}", ("a", "R", "b")),
        ("{type: my.f, depends: [{only: b.value}, a.value]}", ("a", "R", "b")),
        ("{type: my.f, depends: [a.value, {1: b.value}]}", ("a", "b", "O")),
        ("{type: my.f, depends: [a.value, {right: b.value}, {only: a.value}]}", ("a", "b", "a")),
        ("{type: my.f, depends: [{1: b.value}], params: {left: 1}}", (1, "b", "O")),
        ("{type: my.f, depends: [{right: b.value}], params: {left: 1, only: 2}}", (1, "b", 2)),
        # positional-only parameters
        ("{type: my.positions, depends: a.value}", ("a", "R")),
        ("{type: my.positions, depends: [a.value, b.value]}", ("a", "b")),
        ("{type: my.positions, depends: [{1: b.value}, {0: a.value}]}", ("a", "b")),
        ("{type: my.positions, depends: [{left: a.value}]}", ("a", "R")),
        ("{type: my.positions, depends: [{right: b.value}, {left: a.value}]}", ("a", "b")),
        ("{type: my.mixed, depends: [a.value, {second: b.value}, {third: a.value}]}", ("a", "b", "a")),
        ("{type: my.mixed, depends: [a.value, b.value], params: {third: 3}}", ("a", "b", 3)),
        ("{type: my.mixed, depends: [a.value], params: {second: 2, third: 3}}", ("a", 2, 3)),
        # any number of positions
        ("{type: my.rest, depends: [a.value]}", ("a", ())),
        ("{type: my.rest, depends: [a.value, b.value, a.value]}", ("a", ("b", "a"))),
        ("{type: my.rest, depends: [{2: a.value}, {0: b.value}, {1: b.value}]}", ("b", ("b", "a"))),
        ("{type: my.anything, depends: []}", ()),
        ("{type: my.anything, depends: [a.value, b.value]}", ("a", "b")),
        # any keyword
        ("{type: my.keywords, depends: []}", {}),
        ("{type: my.keywords, depends: [{x: a.value}, {y: b.value}]}", {"x": "a", "y": "b"}),
        ("{type: my.keywords, depends: [{x: a.value}], params: {y: 1}}", {"x": "a", "y": 1}),
        ("{type: my.first_and_keywords, depends: [a.value, {x: b.value}]}", ("a", {"x": "b"})),
        # slots called like Python's words
        ("{type: my.keywords, depends: [{class: a.value}, {return: b.value}]}", {"class": "a", "return": "b"}),
        ("{type: my.keywords, params: {class: 1, import: 2}}", {"class": 1, "import": 2}),
        ("{type: my.keywords, depends: [{None: a.value}, {x: b.value}]}", {"None": "a", "x": "b"}),
        ("{type: dict, depends: [{class: a.value}]}", {"class": "a"}),
        # names that the generated code might use itself
        ("{type: my.keywords, depends: [{epoch: a.value}, {self: b.value}]}", {"epoch": "a", "self": "b"}),
    ],
)
def test_what_each_slot_gets(node, expected):
    assert result(node) == expected


@pytest.mark.parametrize(
    ("node", "expected"),
    [
        # an optional slot without a value keeps the default
        ("{type: my.optional, depends: [{left: never.value}, {right: b.value}]}", (None, "b", "other")),
        ("{type: my.optional, depends: [a.value, {right: never.value}]}", ("a", None, "other")),
        # also when none has one
        ("{type: my.optional, depends: [{left: never.value}, {right: never.value}]}", (None, None, "other")),
        ("{type: my.optional, depends: [{left: never.value}]}", (None, None, "other")),
        ("{type: my.optional, depends: [{left: never.value}], params: {right: 1}}", (None, 1, "other")),
        ("{type: my.optional_only, depends: [{left: never.value}]}", None),
        # a keyword of **kwargs is optional: it is left out
        ("{type: my.keywords, depends: [{x: never.value}, {y: b.value}]}", {"y": "b"}),
        ("{type: my.keywords, depends: [{x: never.value}]}", {}),
        ("{type: my.keywords, depends: [{class: never.value}, {if: b.value}]}", {"if": "b"}),
        ("{type: my.first_and_keywords, depends: [a.value, {x: never.value}]}", ("a", {})),
        # a default other than None does not make a slot optional
        ("{type: my.optional, depends: [{other: never.value}]}", NoEvent),
        ("{type: my.falsy, depends: never.value}", NoEvent),
        ("{type: my.falsy, depends: [{right: never.value}]}", NoEvent),
        ("{type: my.f, depends: [a.value, {right: never.value}]}", NoEvent),
        # positional slots are required, whatever the default
        ("{type: my.optional, depends: never.value}", NoEvent),
        ("{type: my.optional, depends: [never.value, b.value]}", NoEvent),
        ("{type: my.optional, depends: [{right: b.value}, {0: never.value}]}", NoEvent),
        # required slots
        ("{type: my.f, depends: never.value}", NoEvent),
        ("{type: my.rest, depends: [a.value, never.value]}", NoEvent),
        ("{type: my.anything, depends: [never.value]}", NoEvent),
        ("{type: my.optional, depends: [{left: a.value}, {other: never.value}]}", NoEvent),
    ],
)
def test_slots_without_a_value(node, expected):
    assert result(node) == expected


@pytest.mark.parametrize(
    ("node", "expected"),
    [
        ("{type: my.optional, depends: [{left: off.value}, {right: b.value}]}", (None, "b", "other")),
        ("{type: my.optional, depends: [off.value, b.value]}", NoEvent),
        ("{type: my.optional, depends: [{left: behind.value}]}", (None, None, "other")),
        ("{type: my.keywords, depends: [{x: off.value}, {y: b.value}]}", {"y": "b"}),
        ("{type: my.f, depends: [b.value, {right: off.value}]}", NoEvent),
        ("{type: my.f, depends: behind.value}", NoEvent),
    ],
)
def test_slots_connected_to_a_disabled_node(node, expected):
    """A disabled node never runs; nodes that need its signals don't either."""
    text = f"""
    nodes:
      off: {{type: my.a, enabled: false}}
      behind: {{type: my.f, depends: off.value}}
      b: {{type: my.b}}
      x: {node}
      r: {{type: return, depends: x.value}}
    """
    results = tubes.runner(text).run(1)
    assert results == ([] if expected is NoEvent else [expected])


def test_an_optional_slot_gets_its_value_when_there_is_one():
    text = """
    nodes:
      source: {type: my.numbers}
      odd: {type: my.odd, depends: source.value}
      x: {type: my.optional, depends: [source.value, {right: odd.value}]}
      y: {type: my.keywords, depends: [{odd: odd.value}, {all: source.value}]}
      r: {type: return, depends: [x.value, y.value]}
    """
    assert tubes.results(text) == [
        [(0, None, "other"), {"all": 0}],
        [(1, 1, "other"), {"odd": 1, "all": 1}],
        [(2, None, "other"), {"all": 2}],
        [(3, 3, "other"), {"odd": 3, "all": 3}],
    ]


# --- inputs and assets in slots ---------------------------------------------------------------


def test_inputs_and_assets_are_given_like_signals():
    before = """\
    input: {i: {type: int}}
    assets: {box: {type: list, scope: runner}}
    """
    assert result("{type: my.f, depends: [input.i, {only: assets.box}]}", before, i=4) == (4, "R", [])


def test_a_node_an_asset_and_an_input_may_share_a_name():
    text = """
    input: {same: {type: int}}
    assets: {same: {type: list, scope: runner}}
    nodes:
      same: {type: my.a}
      x: {type: my.f, depends: [input.same, assets.same, {only: same.value}]}
      r: {type: return, depends: x.value}
    """
    assert tubes.results(text, 1, same=3) == [(3, [], "a")]


def test_an_optional_input_without_a_value_is_none():
    before = "input: {i: {type: int, required: false}}"
    assert result("{type: my.f, depends: input.i}", before) == (None, "R", "O")


# --- params -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("params", "expected"),
    [
        ("{left: input.i}", 7),
        ("{left: [input.i, 1]}", [7, 1]),
        ("{left: {deep: {deeper: [1, {deepest: input.i}]}}}", {"deep": {"deeper": [1, {"deepest": 7}]}}),
        ("{left: [[[input.name]]]}", [[["seven"]]]),
        ("{left: {input.i: 1}}", {"input.i": 1}),
        ("{left: 'input.i.j'}", "input.i.j"),
        ("{left: 'see input.i'}", "see input.i"),
        ("{left: input}", "input"),
        ("{left: 'input.'}", "input."),
        ("{left: null}", None),
        ("{left: {a: 1}}", {"a": 1}),
    ],
)
@pytest.mark.parametrize("kind", ["f", "Kept"])
def test_params_with_inputs_at_any_depth(kind, params, expected):
    text = f"""
    input:
      i: {{type: int}}
      name: {{type: str, default: seven}}
    nodes:
      x: {{type: my.{kind}, params: {params}}}
      r: {{type: return, depends: x.value}}
    """
    (found,) = tubes.results(text, 1, i=7)
    assert (found[0] if kind == "f" else found) == expected


class Kept:
    def __init__(self, left):
        self.left = left

    def process(self):
        return self.left


def test_params_get_the_validated_input():
    before = "input: {i: {type: 'list[int]'}}"
    assert result("{type: my.f, params: {left: input.i}}", before, i=("1", 2)) == ([1, 2], "R", "O")


def test_an_input_for_params_that_is_wrong():
    with pytest.raises(InputError, match="'i'"):
        result("{type: my.f, params: {left: input.i}}", "input: {i: {type: int}}", i="seven")


@pytest.mark.parametrize(
    ("node", "expected"),
    [
        ("{type: my.f, depends: a.value, params: {left: 1}}", ("a", "R", "O")),
        ("{type: my.f, depends: [{left: a.value}], params: {left: 1, right: 2}}", ("a", 2, "O")),
        ("{type: my.f, depends: [{0: a.value}], params: {left: 1}}", ("a", "R", "O")),
        ("{type: my.keywords, depends: [{x: a.value}], params: {x: 1}}", {"x": "a"}),
    ],
)
def test_depends_wins_over_params_with_a_warning(node, expected):
    text = f"nodes: {{a: {{type: my.a}}, x: {node}, r: {{type: return, depends: x.value}}}}"
    tube = tubes.tube(text)
    assert [each.code for each in tube.warnings] == ["G008"]
    assert not any(each.is_error for each in tube.warnings)
    assert tubes.results(text, 1) == [expected]


# --- what does not fit is found when the tube is loaded ---------------------------------------


@pytest.mark.parametrize(
    ("node", "codes"),
    [
        ("{type: my.f, depends: [{nothing: a.value}]}", ["G004"]),
        ("{type: my.f, depends: [a.value, b.value, a.value]}", ["G004"]),
        ("{type: my.f, depends: [a.value, {left: b.value}]}", ["G005"]),
        ("{type: my.f, depends: [a.value, {0: b.value}]}", ["G005"]),
        ("{type: my.f, depends: [{left: a.value}, {left: b.value}]}", ["G005"]),
        ("{type: my.f}", ["G006"]),
        ("{type: my.f, depends: [{right: a.value}]}", ["G006"]),
        ("{type: my.mixed, depends: [a.value, b.value]}", ["G006"]),
        ("{type: my.positions, params: {left: 1}}", ["G007"]),
        ("{type: my.f, depends: a.value, params: {nothing: 1}}", ["G007"]),
        ("{type: my.rest, depends: [a.value, {2: b.value}]}", ["G004"]),
        ("{type: my.anything, depends: [{x: b.value}]}", ["G004"]),
    ],
)
def test_what_does_not_fit(node, codes):
    assert sorted(tubes.codes(f"nodes: {{a: {{type: my.a}}, b: {{type: my.b}}, x: {node}}}")) == codes


@pytest.mark.parametrize("depends", ["[{1: b.value}]", "[{right: b.value}]"])
def test_a_gap_in_positional_only_parameters_is_found_when_the_tube_is_loaded(depends):
    """`right` can't be given without `left`: a load error, not one in the middle of a run."""
    assert tubes.codes(f"nodes: {{b: {{type: my.b}}, x: {{type: my.all_default, depends: {depends}}}}}") != []


def all_default(left="L", right="R", /):
    return left, right


def test_a_gap_in_other_parameters_is_filled_by_the_default():
    text = "nodes: {b: {type: my.b}, x: {type: my.gap, depends: [{1: b.value}]}, r: {type: return, depends: x.value}}"
    assert tubes.results(text, 1) == [("L", "b")]


def gap(left="L", right="R"):
    return left, right


# --- enabled ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("given", "runs"), [(True, True), (False, False), (1, True), (0, False), ("", False), ([0], True), (None, False)]
)
def test_enabled_is_the_truth_of_an_input(given, runs):
    text = """
    input: {on: {type: Any}}
    nodes:
      x: {type: my.a, enabled: input.on}
      r: {type: return, depends: [{x: x.value}]}
    """
    assert tubes.runner(text, on=given).run(1) == ([{"x": "a"}] if runs else [])


@pytest.mark.parametrize(("enabled", "results"), [("true", ["a"]), ("false", [])])
def test_enabled_is_a_bool(enabled, results):
    text = f"nodes: {{x: {{type: my.a, enabled: {enabled}}}, r: {{type: return, depends: x.value}}}}"
    assert tubes.runner(text).run(1) == results
