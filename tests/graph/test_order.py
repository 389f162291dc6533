"""The order of an epoch: fixed by the file."""

from __future__ import annotations

import itertools

import pytest

from noob_cli import NoEvent
from noob_cli.graph.order import cyclic_components
from tests.runners.tubes import Tubes, each_way

tubes = Tubes(__name__)

CALLS: list[str] = []


@pytest.fixture(autouse=True)
def _forget():
    CALLS.clear()


def source(tag, n=2):
    for number in range(n):
        CALLS.append(tag)
        yield number


def node(*values, tag):
    CALLS.append(tag)
    return tag


def start():
    return "start"


def never(*, tag):
    CALLS.append(tag)
    return NoEvent


def calls(nodes, assets=""):
    """The calls of the first epoch. Nodes are `name: depends` or `name` for a source."""
    text = f"assets: {{{assets}}}\nnodes:\n"
    for line in nodes.strip().splitlines():
        name, _, depends = line.strip().partition(":")
        kind, rest = ("my.node", f", depends: {depends.strip()}") if depends.strip() else ("my.source", "")
        if depends.strip() == "[]":
            rest = ""
        text += f"  {name}: {{type: {kind}, params: {{tag: {name}}}{rest}}}\n"
    CALLS.clear()
    tubes.runner(text).run(1)
    return CALLS


@pytest.mark.parametrize(
    ("nodes", "expected"),
    [
        # sources first, in file order
        ("a:\nb:\nc:", "a b c"),
        ("c:\na:\nb:", "c a b"),
        ("x: []\na:\ny: []\nb:", "a b x y"),
        ("x: [b.value]\ny: [a.value]\na:\nb:", "a b x y"),
        # then the first in the file whose dependencies have had their turn
        ("a:\nx: [a.value]\ny: [a.value]", "a x y"),
        ("y: [x.value]\nx: [a.value]\na:", "a x y"),
        ("z: [y.value]\ny: [x.value]\nx: []\nw: []", "x y z w"),
        ("w: []\nz: [y.value]\ny: [x.value]\nx: []", "w x y z"),
        ("late: [x.value]\nx: []\nfree: []", "x late free"),
        ("x: []\nlate: [y.value]\ny: [x.value]\nfree: []", "x y late free"),
        # not by depth: `deep` comes before `flat`, which stands behind it
        ("x: []\nmid: [x.value]\ndeep: [mid.value]\nflat: [x.value]", "x mid deep flat"),
        ("join: [l.value, r.value]\nr: [a.value]\nl: [a.value]\na:", "a r l join"),
        # a diamond
        ("a:\nd: [b.value, c.value]\nc: [a.value]\nb: [a.value]\ne: [a.value]", "a c b d e"),
    ],
)
def test_the_order(nodes, expected):
    assert calls(nodes) == expected.split()


@pytest.mark.slow
def test_every_order_of_the_file_gives_an_order():
    """Against the rule, written out: for each permutation of five nodes."""
    depends = {"a": [], "b": ["a"], "c": ["a"], "d": ["b", "c"], "e": []}
    for order in itertools.permutations(depends):
        expected, left = [], list(order)
        while left:
            first = next(name for name in left if all(each in expected for each in depends[name]))
            expected.append(first)
            left.remove(first)
        lines = [f"{name}: [{', '.join(f'{each}.value' for each in depends[name])}]" for name in order]
        assert calls("\n".join(lines)) == expected


def test_a_return_node_does_not_come_last_unless_it_stands_there():
    """It is a node among the others: what stands behind it in the file runs behind it."""
    text = """
    nodes:
      x: {type: my.node, params: {tag: x}}
      r: {type: return, depends: x.value}
      y: {type: my.node, params: {tag: y}}
    """
    runner = tubes.runner(text)
    assert runner.run(1) == ["x"]
    assert CALLS == ["x", "y"]


def test_the_order_is_that_of_the_file_whatever_is_emitted():
    text = """
    nodes:
      n: {type: my.never, params: {tag: n}}
      late: {type: my.optional, depends: [{value: n.value}], params: {tag: late}}
      free: {type: my.node, params: {tag: free}}
    """
    tubes.runner(text).run(1)
    assert CALLS == ["n", "late", "free"]


def optional(value=None, *, tag):
    CALLS.append(tag)


def test_every_way_to_run_has_the_same_order():
    text = """
    nodes:
      z: {type: my.node, params: {tag: z}, depends: [y.value]}
      y: {type: my.node, params: {tag: y}, depends: [s.value]}
      x: {type: my.node, params: {tag: x}}
      s: {type: my.source, params: {tag: s}}
      r: {type: return, depends: z.value}
    """
    each_way(lambda: tubes.runner(text), 2)
    assert CALLS == ["s", "y", "z", "x"] * 8


# --- carried assets ---------------------------------------------------------------------------


CARRIED = "a: {type: my.start, scope: runner, depends: s.value}"


@pytest.mark.parametrize(
    ("nodes", "expected"),
    [
        ("s: []\nq: [assets.a]", "q s"),
        ("s: []\nx: []\nq: [assets.a]", "x q s"),
        ("s: []\nafter: [s.value]\nq: [assets.a]\np: [assets.a]", "q p s after"),
        ("s: [assets.a]\nq: [assets.a]", "q s"),
        ("s: []\nq: [assets.a, up.value]\nup: []", "up q s"),
        ("q: [assets.a]\nx: [q.value]\ns: [x.value]", "q x s"),
    ],
)
def test_readers_come_before_the_storing_node(nodes, expected):
    assert calls(nodes, CARRIED) == expected.split()


def test_a_reader_does_not_keep_others_waiting():
    """Only the storing node waits for the readers."""
    assert calls("s: []\nx: []\nq: [assets.a, y.value]\ny: []", CARRIED) == ["x", "y", "q", "s"]


def test_a_source_that_stores_is_drawn_first():
    text = """
    assets: {a: {type: my.start, scope: runner, depends: s.value}}
    nodes:
      q: {type: my.node, params: {tag: q}, depends: [assets.a]}
      s: {type: my.source, params: {tag: s}}
    """
    tubes.runner(text).run(1)
    assert CALLS == ["s", "q"]


def test_two_carried_assets():
    text = """
    assets:
      a: {type: my.start, scope: runner, depends: s.value}
      b: {type: my.start, scope: runner, depends: t.value}
    nodes:
      s: {type: my.node, params: {tag: s}, depends: [assets.b]}
      t: {type: my.node, params: {tag: t}}
      q: {type: my.node, params: {tag: q}, depends: [assets.a]}
    """
    tubes.runner(text).run(1)
    assert CALLS == ["q", "s", "t"]


def test_a_disabled_reader_changes_nothing():
    text = """
    assets: {a: {type: my.start, scope: runner, depends: s.value}}
    nodes:
      s: {type: my.node, params: {tag: s}}
      q: {type: my.node, params: {tag: q}, depends: [assets.a], enabled: false}
      x: {type: my.node, params: {tag: x}}
    """
    runner = tubes.runner(text)
    runner.disable_node("q")
    with runner:
        runner.process()
        first = list(CALLS)
        CALLS.clear()
        runner.enable_node("q")
        runner.process()
    assert [name for name in CALLS if name != "q"] == first


@pytest.mark.parametrize(
    ("before", "expected"),
    [
        ({}, []),
        ({"a": set(), "b": {"a"}}, []),
        ({"a": {"a"}}, [["a"]]),
        ({"b": {"a"}, "c": {"b"}, "a": {"c"}}, [["b", "c", "a"]]),
        # What lies between two circles is on neither.
        ({"a": {"b"}, "b": {"a"}, "c": {"b"}, "d": {"c", "e"}, "e": {"d"}}, [["a", "b"], ["d", "e"]]),
        ({"a": {"b", "c"}, "b": {"a"}, "c": {"b"}}, [["a", "b", "c"]]),
        ({"a": {"not there"}, "b": {"a", "b"}}, [["b"]]),
    ],
)
def test_circles(before, expected):
    assert cyclic_components(before) == expected


def test_a_circle_may_be_long():
    long = {number: {number - 1} for number in range(1, 5000)} | {0: {4999}}
    assert [len(component) for component in cyclic_components(long)] == [5000]
