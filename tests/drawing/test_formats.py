"""Each format is what its readers take: of the gallery, of tubes of the contract, and whatever a tube is called."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path
from xml.etree import ElementTree

import pytest

from noob_cli import Tube
from noob_cli.drawing import svg as drawn
from noob_cli.drawing.dot import dot
from noob_cli.drawing.graphviz import find_dot
from noob_cli.drawing.html import html
from noob_cli.drawing.mermaid import mermaid
from noob_cli.drawing.tree import tree
from tests.conformance.cases import read_section
from tests.drawing.test_svg import BY_DOT, SAMPLES

WILD = "]]> <\"|'&#35; &amp; ; end {[(`$x` ${name} \n\u2028\N{SNOWMAN} " + "x" * 500
ODD = {
    "noob_id": "odd",
    "description": WILD,
    "input": {"given": {"type": "str", "default": WILD}},
    "nodes": {
        "größe": {"type": "str", "depends": "input.given"},
        "end": {"type": "dict", "depends": [{"class": "größe.value"}, {"n" * 300: "größe.value"}]},
        "subgraph": {"type": "textwrap.dedent", "params": {"text": WILD}},
        "style": {"type": "return", "depends": [{"click": "end.value"}]},
    },
}
LARGE = {
    "nodes": {
        "n0": {"type": "itertools.count"},
        **{f"n{at}": {"type": "abs", "depends": f"n{at // 3}.value"} for at in range(1, 300)},
    }
}
_ID, _TEXT = r"\w+", r'"[^"]*"'
_EDGE = rf"{_ID} (-->|-\.->)(\|{_TEXT}\|)? {_ID}"
MERMAID = re.compile(rf"\s*({_ID}(\(\[{_TEXT}\]\)|\[\({_TEXT}\)\]|\[{_TEXT}\])|subgraph {_ID}\[{_TEXT}\]|end|{_EDGE})")
"""A line of a flowchart, as far as we write any."""


class Links(HTMLParser):
    """What a page names that is elsewhere."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.found: list[str] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        self.found += [name for name, _ in attributes if name.endswith(("href", "src")) or name.startswith("on")]


def tubes() -> Iterator[tuple[str, Tube]]:
    yield from (("odd", Tube.load(ODD)), ("empty", Tube.load({"nodes": {}})), ("large", Tube.load(LARGE)))
    yield from ((path.stem, Tube.load(path)) for path in SAMPLES)


def conformance(folder: Path) -> Iterator[tuple[str, Tube]]:
    """Two tubes of each section of the contract."""
    for section in range(1, 9):
        cases = [case for case in read_section(section) if case.results is not None]
        for case in cases[:: max(len(cases) // 2, 1)][:2]:
            place = folder / case.id.replace("/", "_")
            place.mkdir()
            yield case.id, Tube.load(case.write(place))


@pytest.fixture(scope="module")
def some(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Tube]:
    with pytest.MonkeyPatch.context() as patch:
        # What the folders of these tubes hold is not for the tests behind.
        patch.setattr(sys, "path", list(sys.path))
        return dict([*tubes(), *conformance(tmp_path_factory.mktemp("tubes"))])


@pytest.mark.slow
@pytest.mark.parametrize("layout", ["graphlay", pytest.param("dot", marks=BY_DOT)])
def test_pictures_and_pages(some, layout, monkeypatch):
    if layout == "graphlay":
        monkeypatch.setattr(drawn, "find_dot", lambda: None)
    for name, tube in some.items():
        page = html(tube)
        assert Links(page).found == [], name
        assert not re.search(r"url\(|@import|<script[^>]+src", page), name
        assert page.count("prefers-color-scheme: dark") == 2, name
        picture = page[page.index("<svg") : page.index("</svg>") + len("</svg>")]
        boxes = [each for each in ElementTree.fromstring(picture).iter() if "box" in each.get("class", "").split()]
        assert len(boxes) >= len(tube.graph.nodes), name


def test_mermaid(some):
    for name, tube in some.items():
        head, *lines = mermaid(tube).splitlines()
        assert head == "flowchart TD"
        wrong = [line for line in lines if not MERMAID.fullmatch(line) or re.search(r"#(?!35;)", line)]
        assert wrong == [], name
        assert sum(line.split()[0] == "subgraph" for line in lines) == sum(line.split() == ["end"] for line in lines)


@pytest.mark.slow
@BY_DOT
def test_graphviz(some):
    for name, tube in some.items():
        done = subprocess.run(
            [str(find_dot()), "-Tcanon"], input=dot(tube).encode("utf-8", "backslashreplace"), capture_output=True
        )
        assert (done.returncode, done.stderr) == (0, b""), name


def test_trees_have_a_line_for_each_node(some):
    for name, tube in some.items():
        lines = tree(tube).splitlines()
        assert len(lines) > len(tube.graph.nodes), name
