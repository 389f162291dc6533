"""What a notebook shows of a tube: its picture, where it can be laid out."""

from __future__ import annotations

from contextlib import suppress

from noob_cli.drawing.description import Drawable
from noob_cli.drawing.svg import svg
from noob_cli.errors import InputError


def mimebundle(text: str, tube: Drawable) -> dict[str, str]:
    """A tube in the forms that a notebook chooses from.

    Args:
        text: What is shown where there are no pictures.
        tube: The tube.

    Returns:
        The forms, by their MIME types; no picture if neither Graphviz nor the package graphlay is there.
    """
    bundle = {"text/plain": text}
    with suppress(InputError):
        bundle["image/svg+xml"] = svg(tube)
    return bundle
