"""What a notebook shows of a tube: its picture, where it can be laid out."""

from __future__ import annotations

from noob_cli.drawing.description import Drawable
from noob_cli.drawing.mermaid import mermaid
from noob_cli.drawing.svg import escaped, svg
from noob_cli.errors import InputError


def mimebundle(text: str, tube: Drawable, *, has_caption: bool = False) -> dict[str, str]:
    """A tube in the forms that a notebook chooses from.

    Args:
        text: What is shown where there are no pictures.
        tube: The tube.
        has_caption: Whether the text stands above the picture, too.

    Returns:
        The forms, by their MIME types. If neither Graphviz nor the package graphlay is there, instead of a picture
        Mermaid for notebooks that know it; with a caption the text alone, which that would hide.
    """
    bundle = {"text/plain": text}
    try:
        picture = svg(tube)
    except InputError:
        return bundle if has_caption else {**bundle, "text/vnd.mermaid": mermaid(tube)}
    if has_caption:
        bundle["text/html"] = f"<p>{escaped(text)}</p>\n{picture}"
    return {**bundle, "image/svg+xml": picture}
