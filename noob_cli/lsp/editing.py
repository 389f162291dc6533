"""The document of a file that is open, in which something is added, moved or removed, as edits of its text."""

from __future__ import annotations

import re

from ruamel.yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from noob_cli.diagnostics import DocumentPath
from noob_cli.lsp.text import Text
from noob_cli.named_tuple import NamedTuple
from noob_cli.specification.document import Document


class Edit(NamedTuple):
    """A stretch of a text that becomes another.

    Args:
        start: Where it begins.
        end: Where it ends.
        written: What is written in its place.
    """

    start: int
    end: int
    written: str


class Editing:
    """Makes edits of the text of a document.

    Args:
        text: The text.
        document: What it says; None if it can't be read.
    """

    def __init__(self, text: Text, document: Document | None) -> None:
        self._text = text
        self._document = document

    def bounds(self, path: DocumentPath) -> tuple[int, int] | None:
        """Where the value at a path is."""
        pair = self._pair(path)
        return None if pair is None else (self._text.start_of(pair[1]), self._end_of(pair[1]))

    def key_bounds(self, path: DocumentPath) -> tuple[int, int] | None:
        """Where the key at a path is."""
        pair = self._pair(path)
        key = None if pair is None else pair[0]
        return None if key is None else (self._text.start_of(key), self._text.end_of(key))

    def length(self, path: DocumentPath) -> int:
        """How many keys or items stand at a path."""
        pair = self._pair(path)
        return len(pair[1].value) if pair is not None and not isinstance(pair[1], ScalarNode) else 0

    def added(self, path: DocumentPath, key: str, value: str) -> Edit | None:
        """A key, with its value, in the mapping at a path; in place of the value that it has there."""
        entry = f"{key}: {value}"
        known, pair = self._pair((*path, key)), self._pair(path)
        if known is not None:
            return Edit(self._text.start_of(known[1]), self._end_of(known[1]), value)
        if pair is None:
            return None if not path else self.added(path[:-1], str(path[-1]), f"{{{entry}}}")
        name, holder = pair
        if isinstance(holder, MappingNode) and holder.flow_style:
            end = self._text.end_of(holder) - 1
            begin = len(self._text.source[:end].rstrip())
            return Edit(begin, begin, f", {entry}" if holder.value else entry)
        if isinstance(holder, MappingNode) and holder.value:
            return self._added_in_line(holder, entry)
        if isinstance(holder, ScalarNode) and not holder.value and name is not None:
            end = self._text.end_of(name) + 1
            return Edit(end, end, f"\n{' ' * (_column(name) + 2)}{entry}")
        return None

    def given(self, path: DocumentPath, slot: str, reference: str) -> Edit | None:
        """One more slot in the `depends` of a node."""
        item = f"{slot}: {reference}"
        pair = self._pair((*path, "depends"))
        if pair is None:
            return self.added(path, "depends", f"[{{{item}}}]")
        _, value = pair
        if isinstance(value, SequenceNode) and value.flow_style:
            end = self._text.end_of(value) - 1
            return Edit(end, end, f", {{{item}}}" if value.value else f"{{{item}}}")
        if isinstance(value, SequenceNode) and value.value:
            dash = self._dash(value.value[0])
            return Edit(dash, dash, f"- {item}\n{' ' * self._column_of(dash)}")
        if isinstance(value, ScalarNode):
            start, end = self._text.start_of(value), self._text.end_of(value)
            before = f"{self._text.source[start:end]}, " if value.value else ""
            return Edit(start, end, f"{'' if value.value else ' '}[{before}{{{item}}}]")
        return None

    def itemized(self, path: DocumentPath) -> list[Edit]:
        """Each key of the mapping at a path as an item of a list: of its own, or of the one in which the mapping is."""
        pair = self._pair(path)
        holder = None if pair is None else pair[1]
        if not isinstance(holder, MappingNode):
            return []
        in_list = isinstance(path[-1], int)
        starts = [self._text.start_of(key) for key, _ in holder.value]
        if not holder.flow_style and in_list:
            # The first has its dash; the others stand below it.
            dash = f"{' ' * self._column_of(self._dash(holder))}- "
            return [Edit(start - self._column_of(start), start, dash) for start in starts[1:]]
        if not holder.flow_style:
            return [Edit(start, start, "- ") for start in starts]
        ends = [self._end_of(value) for _, value in holder.value]
        items = ", ".join(f"{{{self._text.source[start:end]}}}" for start, end in zip(starts, ends, strict=True))
        return [Edit(self._text.start_of(holder), self._text.end_of(holder), items if in_list else f"[{items}]")]

    def removed(self, path: DocumentPath, start: int | None = None) -> Edit | None:
        """What stands at a path, with its key.

        Args:
            path: The path.
            start: Where it begins, where a mapping has a key twice.
        """
        around, own = self._pair(path[:-1]), self._pair(path, start)
        if around is None or own is None:
            return None
        _, holder = around
        key, value = own
        if isinstance(holder, MappingNode) and len(holder.value) == 1 and len(path) > 1 and isinstance(path[-2], int):
            # An item of a list with nothing else in it.
            return self.removed(path[:-1])
        source = self._text.source
        begin = self._text.start_of(value if key is None else key)
        end = max(begin, self._end_of(value))
        if isinstance(holder, MappingNode | SequenceNode) and holder.flow_style:
            after = re.compile(r"\s*,\s*").match(source, end)
            before = re.compile(r",?\s*$").search(source[:begin])
            return Edit(begin, after.end(), "") if after else Edit(before.start() if before else begin, end, "")
        line = source.rfind("\n", 0, begin) + 1
        stop = source.find("\n", end)
        stop = len(source) if stop < 0 else stop + 1
        lead = source[line:begin].strip()
        if isinstance(holder, MappingNode) and lead == "-" and len(holder.value) > 1:
            # The next key comes behind the dash.
            following = holder.value[1][0]
            return Edit(begin, self._text.start_of(following), "")
        return Edit(line, stop, "") if lead in (("", "-") if isinstance(holder, SequenceNode) else ("",)) else None

    def _added_in_line(self, holder: MappingNode, entry: str) -> Edit:
        """A line in a mapping: behind the first key with a word, else before all."""
        first = holder.value[0][0]
        line = " " * _column(first)
        for _, value in holder.value:
            if isinstance(value, ScalarNode) and value.style not in ("|", ">") and value.value:
                end = self._text.end_of_line(self._text.position(self._text.end_of(value)).line)
                return Edit(end, end, f"\n{line}{entry}")
        start = self._text.start_of(first)
        return Edit(start, start, f"{entry}\n{line}")

    def _pair(self, path: DocumentPath, start: int | None = None) -> tuple[Node | None, Node] | None:
        """The nodes of the key and the value at a path; None if they don't stand there."""
        document = self._document
        key: Node | None = None
        value = None if document is None else document.root
        odd_keys = {} if document is None else document.odd_keys
        for step in path:
            if isinstance(value, MappingNode):
                pairs = [pair for pair in value.value if odd_keys.get(id(pair[0]), pair[0].value) == step]
                if not pairs:
                    return None
                begun = (pair for pair in pairs if start == self._text.start_of(pair[0]))
                key, value = next(begun, pairs[0])
                if self._text.start_of(value) < self._text.start_of(key):
                    # It stands elsewhere, and is named by an alias here.
                    return None
            elif isinstance(value, SequenceNode) and isinstance(step, int) and step < len(value.value):
                key, value = None, value.value[step]
            else:
                return None
        return None if value is None else (key, value)

    def _end_of(self, node: Node) -> int:
        """Where what stands in a node ends, without the lines behind it."""
        start, end = self._text.start_of(node), self._text.end_of(node)
        return start + len(_without_comments(self._text.source[start:end]))

    def _dash(self, item: Node) -> int:
        return self._text.source.rfind("-", 0, self._text.start_of(item))

    def _column_of(self, offset: int) -> int:
        return offset - self._text.source.rfind("\n", 0, offset) - 1


def _without_comments(source: str) -> str:
    """A stretch of text without the comments and empty lines at its end."""
    lines = source.rstrip().split("\n")
    while len(lines) > 1 and lines[-1].lstrip().startswith("#"):
        lines = "\n".join(lines[:-1]).rstrip().split("\n")
    return "\n".join(lines)


def _column(node: Node) -> int:
    column: int = node.start_mark.column
    return column
