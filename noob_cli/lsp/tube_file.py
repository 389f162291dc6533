"""A file with a tube: its text, what it says, what stands where in it, and which tubes it names."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property
from pathlib import Path
from typing import Any

from noob_cli.diagnostics import DocumentPath
from noob_cli.errors import TubeNotFoundError
from noob_cli.lsp.text import Text
from noob_cli.lsp.tokens import Symbol, Token, tokens_of
from noob_cli.specification.document import Document
from noob_cli.specification.search import find_tube
from noob_cli.struct import Struct


class TubeFile(Struct):
    """A file with a tube.

    Args:
        file: Where it is.
        text: Its text.
        document: What it says.
    """

    file: Path
    text: Text
    document: Document

    @cached_property
    def tokens(self) -> list[Token]:
        """What stands where in it."""
        return tokens_of(self.document, self.text)

    def extends(self) -> frozenset[Path]:
        """The files that it extends itself."""
        named = said_at(self.document.data, ("extends",))
        texts = named if isinstance(named, list) else []
        return frozenset(file for text in texts if (file := self.file_of(text)) is not None)

    def entries(self, section: str, around: DocumentPath = ()) -> dict[Any, Any]:
        """The entries of a section, in it or in the tube that stands somewhere in it."""
        entries = said_at(self.document.data, (*around, section))
        return entries if isinstance(entries, dict) else {}

    def params(self, node: Symbol) -> dict[Any, Any]:
        """What a node is given in `params`."""
        params = said_at(self.document.data, (*node.around, node.section, node.name, "params"))
        return params if isinstance(params, dict) else {}

    def nested(self, around: DocumentPath = ()) -> Iterator[tuple[Symbol, Path | dict[Any, Any]]]:
        """The nodes that are tubes, in it and in those that stand in it: each with its file, or with what it says."""
        for name, node in self.entries("nodes", around).items():
            symbol = Symbol("nodes", str(name), around)
            named = self.params(symbol).get("tube") if isinstance(node, dict) and node.get("type") == "tube" else None
            if isinstance(named, dict):
                yield symbol, named
                yield from self.nested((*around, "nodes", name, "params", "tube"))
            elif (file := self.file_of(named)) is not None:
                yield symbol, file

    def file_of(self, reference: object) -> Path | None:
        """The file of a tube that it names."""
        if not isinstance(reference, str):
            return None
        try:
            return find_tube(reference, self.file, guesses=False).path.resolve()
        except (TubeNotFoundError, OSError, ValueError):
            return None


def said_at(data: Any, path: DocumentPath) -> Any:
    """What stands at a path of mappings in what a file says; None if nothing does."""
    for step in path:
        data = data.get(step) if isinstance(data, dict) else None
    return data


def files_beside(file: Path) -> list[Path]:
    """The files in the folder of a file that may be tubes, itself among them."""
    return sorted(file.parent.glob("*.y*ml"))
