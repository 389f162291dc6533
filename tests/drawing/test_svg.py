"""A tube as SVG: what a page finds in it, who lays it out, and that nothing in a tube gets out of its text."""

from __future__ import annotations

import re
import sys
from pathlib import Path
from xml.etree import ElementTree

import pytest

from noob_cli import Tube
from noob_cli.drawing import svg as drawn
from noob_cli.drawing.describing import drawing_of
from noob_cli.drawing.graphviz import GraphvizError, find_dot
from noob_cli.drawing.places import label_size
from noob_cli.errors import InputError

HALF = {
    "noob_id": "half",
    "input": {"x": {"type": "int", "scope": "process"}, "by": {"type": "int"}},
    "nodes": {
        "half": {"type": "operator.floordiv", "depends": ["input.x", "input.by"]},
        "return": {"type": "return", "depends": "half.value"},
    },
}
TUBE = {
    "noob_id": "outer",
    "input": {"factor": {"type": "int", "default": 2}, "api_key": {"type": "str", "default": "hush"}},
    "assets": {"total": {"type": "int", "scope": "runner", "depends": "add.value"}},
    "nodes": {
        "count": {"type": "itertools.count", "params": {"start": 3, "step": "input.factor"}},
        "add": {"type": "operator.add", "depends": ["count.value", "assets.total"]},
        "digits": {"type": "str", "depends": "add.value"},
        "each": {"type": "map", "depends": "digits.value"},
        "digit": {"type": "int", "depends": "each.value"},
        "digits_again": {"type": "gather", "depends": [{"value": "digit.value"}, {"n": "each.n"}]},
        "child": {"type": "tube", "params": {"tube": HALF, "by": "input.factor"}, "depends": [{"x": "add.value"}]},
        "return": {"type": "return", "depends": [{"all": "digits_again.value"}, {"half": "child.value"}]},
    },
}
GALLERY = Path(__file__).parents[2] / "sample_tubes"
SAMPLES = [path for path in sorted(GALLERY.rglob("*.yaml")) if not path.stem.endswith(".tube-test")]
BY_DOT = pytest.mark.skipif(find_dot() is None, reason="the program 'dot' of Graphviz isn't installed")


@pytest.fixture(params=["graphlay", pytest.param("dot", marks=BY_DOT)])
def by(request, monkeypatch):
    """Who lays the drawing out."""
    if request.param == "graphlay":
        monkeypatch.setattr(drawn, "find_dot", lambda: None)
    else:
        # What `dot` can't do would go to graphlay.
        monkeypatch.setattr(drawn, "places_by_graphlay", None)
    return request.param


def tube_of(**changes):
    return Tube.from_specification(TUBE | changes)


def parsed(text):
    return ElementTree.fromstring(text)


def with_data(root, name):
    return {each.get(name): each for each in root.iter() if each.get(name) is not None}


def area_of(group):
    rect = group.find("{*}rect")
    x, y, width, height = (float(rect.get(name)) for name in ("x", "y", "width", "height"))
    return x, y, x + width, y + height


def is_inside(inner, outer):
    (x, y, x2, y2), (a, b, a2, b2) = area_of(inner), area_of(outer)
    return a <= x and b <= y and x2 <= a2 and y2 <= b2


def test_a_page_finds_each_node_and_edge(by):
    root = parsed(drawn.svg(tube_of()))
    nodes, edges = with_data(root, "data-node"), with_data(root, "data-edge")
    assert {"input.factor", "assets.total", "count", "add", "each", "return", "child", "child.half"} <= set(nodes)
    assert nodes["count"].get("class") == "box source"
    assert nodes["child"].get("class") == "group tube"
    assert edges["add.value->digits.0"].get("class") == "edge value"
    assert edges["add.value->assets.total"].get("class") == "edge stored"
    assert edges["input.factor->count.step"].get("class") == "edge param"
    assert {"add.value->child.x", "input.factor->child.by", "child.input.x->child.half.a"} <= set(edges)
    assert all(edge.find("{*}path").get("d").startswith("M") for edge in edges.values())


def test_a_loop_and_a_nested_tube_are_boxes_around_what_is_in_them(by):
    root = parsed(drawn.svg(tube_of()))
    nodes, loops = with_data(root, "data-node"), with_data(root, "data-loop")
    inside = [name for name, node in nodes.items() if node is not loops["each"] and is_inside(node, loops["each"])]
    assert sorted(inside) == ["digit", "digits_again"]
    inside = [name for name, node in nodes.items() if name != "child" and is_inside(node, nodes["child"])]
    assert sorted(inside) == ["child.half", "child.input.by", "child.input.x", "child.return"]


def points_of(edge):
    """The places that the line of an edge goes through, as it is drawn."""
    numbers = re.findall(r"-?[\d.]+", edge.find("{*}path").get("d"))
    return [(float(x), float(y)) for x, y in zip(numbers[::2], numbers[1::2], strict=True)]


def is_at(point, box):
    (x, y), (left, top, right, bottom) = point, area_of(box)
    return left - 2 <= x <= right + 2 and top - 2 <= y <= bottom + 2


def test_lines_begin_and_end_at_their_boxes(by):
    root = parsed(drawn.svg(tube_of()))
    nodes, edges = with_data(root, "data-node"), with_data(root, "data-edge")
    for edge in edges.values():
        first, *_, last = points_of(edge)
        assert is_at(first, nodes[edge.get("data-from")]), edge.get("data-edge")
        assert is_at(last, nodes[edge.get("data-to")]), edge.get("data-edge")


def test_lines_between_the_same_boxes_are_one_with_a_label_each(by):
    nodes = {
        "pair": {"type": "divmod", "depends": ["count.value", "input.factor"]},
        "sum": {"type": "operator.sub", "depends": ["add.value", "add.value"]},
    }
    root = parsed(drawn.svg(tube_of(nodes={**TUBE["nodes"], **nodes})))
    edges, beside = with_data(root, "data-edge"), with_data(root, "data-beside")
    one, other = (f"add.value->sum.{slot}" for slot in "ab")
    assert points_of(edges[one]) == points_of(edges[other])
    labels = [beside[edge].find("{*}text") for edge in (one, other)]
    assert [label.text for label in labels] == ["a", "b"]
    assert float(labels[1].get("y")) - float(labels[0].get("y")) > 10


def test_all_of_it_is_in_the_picture(by):
    slot = "a_name_that_is_wider_than_both_boxes_are"
    nodes = {"c": {"type": "itertools.count"}, "d": {"type": "dict", "depends": [{slot: "c.value"}]}}
    root = parsed(drawn.svg(Tube.from_specification({"nodes": nodes})))
    width, height = map(float, root.get("viewBox").split()[2:])
    margin = 12
    for rect in root.findall(".//{*}g/{*}rect"):
        x, y = float(rect.get("x")) + margin, float(rect.get("y")) + margin
        assert 0 <= x <= x + float(rect.get("width")) <= width
        assert 0 <= y <= y + float(rect.get("height")) <= height


def do_meet(one, other):
    (x, y, x2, y2), (a, b, a2, b2) = one, other
    return min(x2, a2) - max(x, a) > 0.2 and min(y2, b2) - max(y, b) > 0.2


@pytest.mark.parametrize("has_room", [False, True])
@pytest.mark.parametrize("sample", SAMPLES, ids=lambda path: path.stem)
def test_no_label_of_a_sample_is_on_another_or_on_a_box_and_no_line_is_above_one(by, sample, has_room):
    drawing = drawing_of(Tube.load(str(sample)))._replace(has_room=has_room)
    places = drawn.laid_out(drawing)
    sizes = [label_size(edge, drawing) for edge in drawing.edges]
    labels = [
        (edge.name, (label.x - width / 2, label.y - height / 2, label.x + width / 2, label.y + height / 2))
        for edge, route, (width, height) in zip(drawing.edges, places.routes, sizes, strict=True)
        if route is not None and (label := route.label) is not None
    ]
    assert len(labels) == sum(height > 0 for _, height in sizes)
    boxes = [(key, (x, y, x + wide, y + high)) for key, (x, y, wide, high) in places.boxes.items()]
    met = [
        (a, b) for at, (a, one) in enumerate(labels) for b, other in [*labels[at + 1 :], *boxes] if do_meet(one, other)
    ]
    assert met == []
    root = parsed("\n".join(drawn._svg_lines(drawing, places)))
    classes = [each.get("class", "").split() for each in root.iter()]
    kinds = [kind for each in classes for kind in each if kind in ("line", "beside")]
    assert kinds == sorted(kinds, reverse=True)


def test_a_page_finds_room_for_what_it_knows_of_a_run(by):
    root = parsed(drawn.svg(tube_of(), has_room=True))
    beside, nodes = with_data(root, "data-beside"), with_data(root, "data-node")
    assert beside.keys() == with_data(root, "data-edge").keys()
    assert all(each.find("{*}text[@class='last']") is not None for each in beside.values())
    has_badge = {name for name, node in nodes.items() if node.find("{*}text[@class='badge']") is not None}
    assert has_badge == {"count", "add", "digits", "each", "digit", "digits_again", "child.half"}
    assert "badge" not in drawn.svg(tube_of())


def test_a_folded_tube_is_one_box(by):
    root = parsed(drawn.svg(tube_of(), folded=["child"]))
    nodes, edges = with_data(root, "data-node"), with_data(root, "data-edge")
    assert nodes["child"].get("class") == "box tube"
    assert not any(name.startswith("child.") for name in nodes)
    assert {"add.value->child.x", "child.value->return.half"} <= set(edges)


def test_boxes_are_reached_by_the_keyboard_and_read_out(by):
    box = with_data(parsed(drawn.svg(tube_of())), "data-node")["add"]
    assert box.get("tabindex") == "0"
    assert box.get("aria-label") == "add, operator.add, takes a, b, emits value"


def test_edges_are_read_out(by):
    edges = with_data(parsed(drawn.svg(tube_of())), "data-edge")
    said = {name: edge.get("aria-label") for name, edge in edges.items() if edge.get("role") == "img"}
    assert said["add.value->digits.0"] == "add.value to digits.0"
    assert said["add.value->assets.total"] == "add.value to assets.total, in the next epoch"
    assert said["input.factor->count.step"] == "input.factor to count.step, as a param"
    assert said.keys() == edges.keys()


def test_constants_are_shown_and_secrets_are_not(by):
    text = drawn.svg(tube_of())
    assert "start: 3" in text
    assert "default: 2" in text
    assert "hush" not in text
    assert "default: ***" in text


def test_no_text_of_a_tube_gets_out_of_its_place(by):
    wild = "</text><script>&\"'\x1b[31m\ud800\ufffe\n"
    inputs = {**TUBE["input"], "note": {"type": "str", "default": wild}}
    nodes = {**TUBE["nodes"], "dedent": {"type": "textwrap.dedent", "params": {"text": wild}}}
    text = drawn.svg(tube_of(input=inputs, nodes=nodes))
    root = parsed(text.encode())
    assert "script" not in {each.tag.rpartition("}")[2] for each in root.iter()}
    assert "\x1b" not in text
    assert "u{fffe}" not in text


def test_what_is_long_is_cut_and_whole_in_its_title(by):
    name = "n" * 300
    nodes = {**TUBE["nodes"], name: {"type": "str", "depends": "add.value"}}
    box = with_data(parsed(drawn.svg(tube_of(nodes=nodes))), "data-node")[name]
    assert max(len(text.text) for text in box.findall("{*}text")) < 60
    assert box.find("{*}title").text.splitlines()[0] == name


def test_a_drawing_is_the_same_each_time(by):
    assert drawn.svg(tube_of()) == drawn.svg(tube_of())


def test_loops_are_in_the_order_of_the_file():
    """In whatever order Python has their names in a set."""
    loops = {f"map{number}": {"type": "map", "depends": "digits.value"} for number in range(20)}
    inner = {f"in{name}": {"type": "str", "depends": f"{name}.value"} for name in loops}
    drawing = drawing_of(tube_of(nodes={**TUBE["nodes"], **loops, **inner}))
    assert [group.name for group in drawing.groups if group.is_loop] == ["each", *loops]


def test_without_a_layout_it_is_said_what_to_install(monkeypatch):
    monkeypatch.setattr(drawn, "find_dot", lambda: None)
    monkeypatch.setitem(sys.modules, "graphlay", None)
    with pytest.raises(
        InputError, match=r"'dot' of Graphviz isn't installed, needs the package graphlay.*noob-cli\[draw\]"
    ):
        drawn.svg(tube_of())


def test_a_graphviz_that_fails_is_no_reason_not_to_draw(monkeypatch, tmp_path):
    broken = tmp_path / "dot"
    broken.write_text("#!/bin/sh\necho out of order >&2\nexit 3\n")
    broken.chmod(0o755)
    monkeypatch.setattr(drawn, "find_dot", lambda: str(broken))
    assert "data-node" in drawn.svg(tube_of())
    monkeypatch.setitem(sys.modules, "graphlay", None)
    with pytest.raises(InputError, match="out of order; and a drawing"):
        drawn.svg(tube_of())


def test_a_dot_that_writes_something_else_has_failed(tmp_path):
    other = tmp_path / "dot"
    other.write_text("#!/bin/sh\necho '[]'\n")
    other.chmod(0o755)
    with pytest.raises(GraphvizError):
        drawn.places_by_dot(drawing_of(tube_of()), str(other))


def test_an_input_that_is_not_given_comes_from_the_tube_around():
    inner = HALF | {"input": {"x": {"type": "int", "scope": "process"}, "factor": {"type": "int"}}}
    inner["nodes"] = {**HALF["nodes"], "half": {"type": "operator.floordiv", "depends": ["input.x", "input.factor"]}}
    child = {"type": "tube", "params": {"tube": inner}, "depends": [{"x": "add.value"}]}
    edges = {edge.name for edge in drawing_of(tube_of(nodes={**TUBE["nodes"], "child": child})).edges}
    assert "input.factor->child.factor" in edges
