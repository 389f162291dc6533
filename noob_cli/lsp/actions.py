"""What the editor can do about a diagnostic: the change that its hint means, as an edit of the text."""

from __future__ import annotations

import re
from collections.abc import Iterator

from ruamel.yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from noob_cli.advice import Action, Change
from noob_cli.diagnostics import Diagnostic, DocumentPath
from noob_cli.lsp.analysis import Analysis
from noob_cli.lsp.text import Text
from noob_cli.lsp.tubes import place_of
from noob_cli.named_tuple import NamedTuple

_MOST_OFFERED = 6
"""How many values are offered for a slot that is not given."""

_VALUE = re.compile(r"^(?P<before>\s*(?:- +)*(?:[^\s:#]+:\s+)?)(?P<value>.*?)(?P<after>\s*(?:\s#.*)?)$")


class Edit(NamedTuple):
    """Something that can be done.

    Args:
        title: What is done.
        start: Where the text begins that is replaced.
        end: Where it ends.
        written: What is written in its place.
    """

    title: str
    start: int
    end: int
    written: str


def edits_for(analysis: Analysis, diagnostic: Diagnostic) -> list[Edit]:
    """What can be done about a diagnostic.

    Args:
        analysis: What is known of the file.
        diagnostic: What is wrong.
    """
    change, span, text = diagnostic.change, diagnostic.span, analysis.opened.text
    if change is None or span is None or span.file != analysis.opened.file:
        return []
    bounds = text.bounds(span)
    if change.action is Action.replace:
        return list(_replace(text, bounds, change))
    if change.action is Action.write:
        return [Edit(f"write '{change.text}'", *bounds, change.text)]
    if change.action is Action.quote:
        return list(_quote(text, bounds[0]))
    if change.action is Action.indent:
        return list(_indent(text, bounds[0]))
    nodes = _Nodes(analysis)
    if change.action is Action.add:
        return [Edit(f"add '{change.text}'", *where) for where in nodes.added(diagnostic.path, change.text)]
    if change.action is Action.give:
        return list(_give(analysis, nodes, diagnostic.path, change.text))
    return [Edit("remove it", *where) for where in nodes.removed(diagnostic.path)]


def _replace(text: Text, bounds: tuple[int, int], change: Change) -> Iterator[Edit]:
    start, end = bounds
    words = list(re.finditer(rf"(?<![\w]){re.escape(change.old)}(?![\w])", text.source[start:end]))
    if words:
        word = words[-1]
        title = f"change '{change.old}' to '{change.text}'"
        yield Edit(title, start + word.start(), start + word.end(), change.text)


def _quote(text: Text, offset: int) -> Iterator[Edit]:
    """The value of the line in quotes."""
    number = text.position(offset).line
    line = text.line(number)
    parts = _VALUE.match(line)
    if parts is not None and parts["value"]:
        value = parts["value"].replace("\\", "\\\\").replace('"', '\\"')
        start = offset - len(text.source[:offset].rpartition("\n")[2]) + parts.start("value")
        yield Edit("put it in quotes", start, start + len(parts["value"]), f'"{value}"')


def _indent(text: Text, offset: int) -> Iterator[Edit]:
    """Spaces in place of the tabs at the beginning of the lines."""
    lines = text.source.split("\n")
    # Among lines with spaces, a tab reaches as far as editors show it.
    width = 4 if any(line.startswith(" ") for line in lines) else 2
    written = [re.sub(r"^[ \t]*", lambda tabs: tabs[0].expandtabs(width), line) for line in lines]
    yield Edit("indent with spaces", 0, len(text.source), "\n".join(written))


def _give(analysis: Analysis, nodes: _Nodes, path: DocumentPath, slot: str) -> Iterator[Edit]:
    """What a slot may be given, the signals first that no node takes yet."""
    place = place_of(analysis, (*path, "depends"))
    own = str(path[-1])
    others = [other for other in place.section("nodes") if other != own]
    signals = [f"{other}.{name}" for other in others for name, _ in place.signals(other)]
    inputs = [f"input.{name}" for name in place.inputs()]
    taken = {mark.text for mark in analysis.marks if "depends" in mark.path}
    offered = sorted([*signals, *inputs], key=lambda text: text.partition(".")[0] in taken)
    for reference in offered[:_MOST_OFFERED]:
        for start, end, written in nodes.given(path, f"{{{slot}: {reference}}}"):
            yield Edit(f"give '{slot}' the value of '{reference}'", start, end, written)


class _Nodes:
    """The document of a file, in which something is added or removed.

    Args:
        analysis: What is known of the file.
    """

    def __init__(self, analysis: Analysis) -> None:
        self._text = analysis.opened.text
        self._root = None if analysis.document is None else analysis.document.root

    def added(self, path: DocumentPath, entry: str) -> Iterator[tuple[int, int, str]]:
        """A key, with its value, in the mapping at a path."""
        pair = self._pair(path)
        if pair is None:
            return
        key, value = pair
        if isinstance(value, MappingNode) and value.flow_style:
            end = self._text.end_of(value) - 1
            begin = end - len(self._text.source[:end]) + len(self._text.source[:end].rstrip())
            yield begin, begin, f", {entry}" if value.value else entry
        elif isinstance(value, MappingNode) and value.value:
            last_key = value.value[0][0]
            start = self._text.start_of(last_key)
            yield start, start, f"{entry}\n{' ' * (self._column(last_key))}"
        elif isinstance(value, ScalarNode) and not value.value and key is not None:
            end = self._text.end_of(key) + 1
            yield end, end, f"\n{' ' * (self._column(key) + 2)}{entry}"

    def given(self, path: DocumentPath, item: str) -> Iterator[tuple[int, int, str]]:
        """One more item in the `depends` of a node."""
        pair = self._pair((*path, "depends"))
        if pair is None:
            yield from self.added(path, f"depends: [{item}]")
            return
        _, value = pair
        if isinstance(value, SequenceNode) and value.flow_style:
            end = self._text.end_of(value) - 1
            yield end, end, f", {item}" if value.value else item
        elif isinstance(value, SequenceNode) and value.value:
            start = self._text.start_of(value.value[0])
            dash = self._text.source.rfind("-", 0, start)
            column = dash - self._text.source.rfind("\n", 0, dash) - 1
            yield dash, dash, f"- {item[1:-1]}\n{' ' * column}"
        elif isinstance(value, ScalarNode):
            start, end = self._text.start_of(value), self._text.end_of(value)
            yield start, end, f"[{self._text.source[start:end]}, {item}]" if value.value else f" [{item}]"

    def removed(self, path: DocumentPath) -> Iterator[tuple[int, int, str]]:
        """What stands at a path, with its key."""
        around, own = self._pair(path[:-1]), self._pair(path)
        if around is None or own is None:
            return
        _, holder = around
        key, value = own
        if isinstance(holder, MappingNode) and len(holder.value) == 1 and len(path) > 1 and isinstance(path[-2], int):
            # An item of a list with nothing else in it.
            yield from self.removed(path[:-1])
            return
        start = self._text.start_of(value if key is None else key)
        end = max(start, self._text.end_of(value))
        source = self._text.source
        if isinstance(holder, MappingNode | SequenceNode) and holder.flow_style:
            after = re.compile(r"\s*,\s*").match(source, end)
            before = re.compile(r",?\s*$").search(source[:start])
            if after is not None:
                yield start, after.end(), ""
            elif before is not None:
                yield before.start(), end, ""
            return
        line = source.rfind("\n", 0, start) + 1
        body = source[start:end].rstrip()
        stop = source.find("\n", start + len(body))
        stop = len(source) if stop < 0 else stop + 1
        lead = source[line:start]
        if lead.strip() == "" or (isinstance(holder, SequenceNode) and lead.strip() == "-"):
            yield line, stop, ""

    def _pair(self, path: DocumentPath) -> tuple[Node | None, Node] | None:
        """The nodes of the key and the value at a path."""
        key: Node | None = None
        value = self._root
        for step in path:
            if isinstance(value, MappingNode):
                found = next((pair for pair in value.value if str(pair[0].value) == str(step)), None)
                if found is None:
                    return None
                key, value = found
            elif isinstance(value, SequenceNode) and isinstance(step, int) and step < len(value.value):
                key, value = None, value.value[step]
            else:
                return None
        return None if value is None else (key, value)

    def _column(self, node: Node) -> int:
        column: int = node.start_mark.column
        return column
