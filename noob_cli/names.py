"""The names a tube is made of: identifiers, ids of tubes, references, and the `Name` of a signal."""

from __future__ import annotations

import re

from noob_cli.named_tuple import NamedTuple

RESERVED_NAMES = ("assets", "input", "meta", "tube")
"""Names that no node, asset or input may have, because references use them."""

DEFAULT_SIGNAL = "value"
"""The signal of everything that does not name its own."""

_TUBE_ID = re.compile(r"[A-Za-z0-9_\-/#]+")


class Name(NamedTuple):
    """Names a signal in a return annotation.

    Example:
        >>> def count() -> Iterator[Annotated[int, Name("index")]]:
        ...     yield from range(3)

    Args:
        name: The signal's name, a Python identifier.
    """

    name: str


def is_name(text: str) -> bool:
    """Whether `text` may name a node, an asset, an input, a slot or a signal: an identifier, keywords allowed."""
    return text.isidentifier()


def normalized(name: str) -> str:
    """A name as Python compares it: different spellings may be one identifier."""
    if name.isascii():
        return name
    import unicodedata

    return unicodedata.normalize("NFKC", name)


def is_tube_id(text: str) -> bool:
    """Whether `text` may be a tube's `noob_id`: letters, digits and `_ - / #`."""
    return _TUBE_ID.fullmatch(text) is not None


def is_reference(text: str) -> bool:
    """Whether `text` has the form `node.signal`, `input.name` or `assets.name`."""
    head, dot, tail = text.partition(".")
    return bool(dot) and is_name(head) and is_name(tail)


def is_dotted_path(text: str) -> bool:
    """Whether `text` has the form of a Python path: identifiers with dots between them."""
    return all(is_name(name) for name in text.split("."))
