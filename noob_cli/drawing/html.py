"""A tube as a page: one file, with all that it needs in it."""

from __future__ import annotations

from pathlib import Path
from string import Template

from noob_cli.drawing.description import Drawable
from noob_cli.drawing.svg import escaped, svg

_PAGE = Path(__file__).with_name("page.html")


def html(tube: Drawable) -> str:
    """A tube as a page, around its SVG.

    Args:
        tube: The tube.

    Raises:
        InputError: Neither Graphviz nor the package graphlay is there to lay it out.
    """
    description = tube.graph.spec.description
    return Template(_PAGE.read_text(encoding="utf-8")).substitute(
        name=escaped(tube.name), description=f"<p>{escaped(description)}</p>" if description else "", graph=svg(tube)
    )
