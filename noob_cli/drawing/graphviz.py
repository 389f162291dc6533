"""The layout of a drawing by `dot`, the program of Graphviz."""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from noob_cli.drawing.description import Drawing
from noob_cli.drawing.places import (
    GROUP_PAD,
    Area,
    Bundle,
    Places,
    Point,
    Route,
    box_size,
    bundles_of,
    routes_of,
    title_size,
)

_INCH = 72.0
_PATIENCE = 30.0
"""How many seconds it may take; thousands of nodes can take it hours."""


class GraphvizError(Exception):
    """`dot` has not laid out a drawing."""


def find_dot() -> str | None:
    """The path of `dot`; None where it isn't installed."""
    return shutil.which("dot")


def places_by_dot(drawing: Drawing, dot: str) -> Places:
    """Where `dot` puts what is drawn.

    Args:
        drawing: What is drawn.
        dot: The path of the program.

    Raises:
        GraphvizError: It fails, or takes too long.
    """
    bundles = bundles_of(drawing)
    asked = "\n".join(["digraph {", *_asked(drawing, bundles), "}"])
    try:
        done = subprocess.run([dot, "-Tjson"], input=asked.encode(), capture_output=True, check=True, timeout=_PATIENCE)
        return _places(drawing, bundles, json.loads(done.stdout))
    except subprocess.CalledProcessError as error:
        raise GraphvizError(error.stderr.decode(errors="replace").strip() or str(error)) from error
    except (OSError, ValueError, LookupError, TypeError, subprocess.TimeoutExpired) as error:
        raise GraphvizError(str(error)) from error


def _asked(drawing: Drawing, bundles: Sequence[Bundle]) -> Iterator[str]:
    """The drawing with sizes in the place of texts: how wide these are is not for `dot` to say."""
    yield 'node [shape=box, fixedsize=true, label=""];'
    yield "edge [dir=none];"
    yield f"graph [nodesep=0.35, ranksep=0.45, labeljust=l, margin={GROUP_PAD}];"
    boxes, groups = drawing.boxes_of, drawing.groups_of

    def inside(key: str | None) -> Iterator[str]:
        for box in boxes.get(key, ()):
            width, height = box_size(box, drawing)
            yield f'"{box.key}" [width={width / _INCH:.4f}, height={height / _INCH:.4f}];'
        for group in groups.get(key, ()):
            yield f'subgraph "cluster_{group.key}" {{ label={_space(*title_size(group))};'
            yield from inside(group.key)
            yield "}"
        if key is not None and key not in boxes and key not in groups:
            yield f'"{key}" [style=invis, width=0.1, height=0.1];'

    yield from inside(None)
    for number, bundle in enumerate(bundles):
        label = f", label={_space(bundle.width, bundle.height)}" if bundle.height else ""
        loose = ", weight=0" if bundle.is_upwards else ""
        yield f'"{bundle.upper}" -> "{bundle.lower}" [id=e{number}{label}{loose}];'


def _space(width: float, height: float) -> str:
    size = f'fixedsize="true" width="{width + 6:.0f}" height="{height:.0f}"'
    return f'<<table border="0" cellborder="0" {size}><tr><td></td></tr></table>>'


def _places(drawing: Drawing, bundles: Sequence[Bundle], answer: Mapping[str, Any]) -> Places:
    width, height = _numbers(answer["bb"])[2:]
    boxes, groups = {}, {}
    for drawn in answer.get("objects", ()):
        name = drawn["name"]
        if name.startswith("cluster_"):
            left, bottom, right, top = _numbers(drawn["bb"])
            groups[name.removeprefix("cluster_")] = Area(left, height - top, right - left, top - bottom)
        else:
            x, y = _numbers(drawn["pos"])
            wide, high = float(drawn["width"]) * _INCH, float(drawn["height"]) * _INCH
            boxes[name] = Area(x - wide / 2, height - y - high / 2, wide, high)
    ways = {}
    for drawn in answer.get("edges", ()):
        points = [_point(pair, height) for pair in drawn["pos"].split()]
        ways[drawn["id"]] = Route(points, True, _point(drawn["lp"], height) if "lp" in drawn else None)
    routes = routes_of(drawing, ((bundle, ways[f"e{number}"]) for number, bundle in enumerate(bundles)))
    return Places(width, height, boxes, groups, routes)


def _numbers(text: str) -> list[float]:
    return [float(number) for number in text.split(",")]


def _point(text: str, height: float) -> Point:
    x, y = _numbers(text)
    return Point(x, height - y)
