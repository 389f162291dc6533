"""What a step of a plan is about, and where that stands in the file."""

from __future__ import annotations

from noob_cli.diagnostics import DocumentPath, Span
from noob_cli.named_tuple import NamedTuple
from noob_cli.specification.document import Document

_SECTIONS = {"asset": ("assets",), "input": ("input",)}
"""What stands before the names of what isn't a node, where the file refers to it."""


class Place(NamedTuple):
    """What a step is about, for error messages and comments.

    Args:
        kind: The kind of thing: `node`, `asset`, `input`.
        name: Its name; in a nested tube, with the names of the nodes around it.
        path: Where it stands in its tube's document.
        span: Where its key stands in the file; None without a file.
    """

    kind: str
    name: str
    path: DocumentPath
    span: Span | None

    @property
    def reference(self) -> str:
        """What it is called in a tube's file; in a nested tube, with the names of the nodes around it."""
        return reference_to(self.kind, self.name)

    @property
    def is_given(self) -> bool:
        """Whether it is an input of the tube that is run, which is given from outside."""
        return self.kind == "input" and "." not in self.name

    def __str__(self) -> str:
        return f"the {self.kind} '{self.name}'"


def reference_to(kind: str, name: str) -> str:
    """What something is called in a tube's file; in a nested tube, with the names of the nodes around it.

    Args:
        kind: The kind of thing.
        name: Its name, with those of the nodes around its tube.
    """
    *around, own = name.split(".")
    return ".".join([*around, *_SECTIONS.get(kind, ()), own])


def place_in(document: Document, kind: str, name: str, path: DocumentPath) -> Place:
    """The place of something that stands in a document.

    Args:
        document: The document of its tube.
        kind: The kind of thing.
        name: Its name, with those of the nodes around its tube.
        path: Where it stands in the document.
    """
    return Place(kind, name, path, document.key_span(path))
