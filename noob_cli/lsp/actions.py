"""What the editor can do about a diagnostic: the changes that its hint means, as edits of the text."""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Callable, Iterable, Iterator
from difflib import get_close_matches
from itertools import pairwise

from noob_cli.advice import Action, Change
from noob_cli.diagnostics import Diagnostic, DocumentPath
from noob_cli.lsp.analysis import Analysis
from noob_cli.lsp.code import code_beside
from noob_cli.lsp.editing import Edit, Editing
from noob_cli.lsp.mending import closed
from noob_cli.lsp.tubes import place_of, tubes_named
from noob_cli.named_tuple import NamedTuple
from noob_cli.nodes.special import SPECIAL_TYPES
from noob_cli.specification.reference import INPUT, texts_in

_MOST_OFFERED = 6
"""How many values are offered where one is missing."""

_DEPENDS = ("depends",)
_USES = (*_DEPENDS, "params", "enabled")
"""The keys in which assets and inputs are named."""

_TYPE_TO_FILL_IN = "package.module.name"

_NO_BEGINNINGS = ("*", "@", "`", "%")
"""What text can't begin with that isn't in quotes."""

_IN_BRACKETS = re.compile(r"[^,\[\]{}]*?(?=\s*(?:[,\[\]{}]|\s#|$))")
_IN_LINE = re.compile(r".*?(?=\s*(?:\s#|$))")
_VALUE = re.compile(r"^(?P<before>\s*(?:- +)*(?:[^\s:#]+:\s+)?)(?P<value>.*?)(?P<after>\s*(?:\s#.*)?)$")


class Offer(NamedTuple):
    """Something that can be done.

    Args:
        title: What is done.
        edits: The edits of the text that do it.
    """

    title: str
    edits: list[Edit]


def offers_for(analysis: Analysis, diagnostic: Diagnostic) -> list[Offer]:
    """What can be done about a diagnostic."""
    span = diagnostic.span
    if span is None or span.file != analysis.opened.file:
        return []
    start, end = analysis.opened.text.bounds(span)
    actions = _Actions(analysis, diagnostic.path, start, end)
    offers = (offer for change in diagnostic.changes for offer in actions.offers(change))
    return [offer for offer in offers if _can_be_made(offer.edits)]


def _can_be_made(edits: list[Edit]) -> bool:
    """Whether there are edits, none of which is in the way of another."""
    return bool(edits) and all(one.end <= other.start for one, other in pairwise(sorted(edits)))


class _Actions:
    """What can be done at a place.

    Args:
        analysis: What is known of the file.
        path: The path of the place in the document.
        start: Where it begins in the text.
        end: Where it ends.
    """

    def __init__(self, analysis: Analysis, path: DocumentPath, start: int, end: int) -> None:
        self._analysis = analysis
        self._text = analysis.opened.text
        self._path = path
        self._start, self._end = start, end
        self._editing = Editing(self._text, analysis.document)

    def offers(self, change: Change) -> Iterator[Offer]:
        """What is done for a change: in several ways, where there is a choice."""
        ways: dict[Action, Callable[[Change, DocumentPath], Iterable[Offer]]] = {
            Action.replace: self._replace,
            Action.write: self._write,
            Action.rename: self._rename,
            Action.add: self._add,
            Action.give: self._give,
            Action.choose: self._choose,
            Action.move: self._move,
            Action.take_apart: self._take_apart,
            Action.remove: self._remove,
            Action.quote: self._quote,
            Action.itemize: self._itemize,
            Action.close: self._close,
            Action.indent: self._indent,
        }
        yield from ways[change.action](change, self._path if change.at is None else change.at)

    def _replace(self, change: Change, _: DocumentPath) -> Iterator[Offer]:
        bounds = (self._start, self._end) if change.at is None else self._editing.key_bounds(change.at)
        if bounds is None:
            return
        start, end = bounds
        matches = list(re.finditer(rf"(?<![\w]){re.escape(change.old)}(?![\w])", self._text.source[start:end]))
        if matches:
            match = matches[-1]
            title = f"change '{change.old}' to '{change.text}'" if change.text else f"remove '{change.old}'"
            yield Offer(title, [Edit(start + match.start(), start + match.end(), change.text)])

    def _write(self, change: Change, _: DocumentPath) -> Iterator[Offer]:
        bounds = (self._start, self._end) if change.at is None else self._editing.bounds(change.at)
        if bounds is not None:
            yield Offer(f"write '{change.text}'", [Edit(*bounds, change.text)])

    def _rename(self, change: Change, path: DocumentPath) -> Iterator[Offer]:
        """Its name where it is given, and in what refers to it, which need not be a reference yet."""
        *around, section, name = path
        before, after, keys = ("", r"\.", _DEPENDS) if section == "nodes" else (rf"{section}\.", "$", _USES)
        use = re.compile(rf"{before}({re.escape(str(name))}){after}")
        edits = {Edit(self._start, self._end, change.text)}
        for kind in ("nodes", "assets"):
            for entry_name, entry in place_of(self._analysis, path).section(kind).items():
                values = {key: entry[key] for key in keys if key in entry} if isinstance(entry, dict) else {}
                for text, where in texts_in(values, (*around, kind, entry_name)):
                    named, bounds = use.match(text), self._editing.bounds(where)
                    begin = -1 if bounds is None else self._text.source.find(text, *bounds)
                    if named is not None and begin >= 0:
                        edits.add(Edit(begin + named.start(1), begin + named.end(1), change.text))
        yield Offer(f"change '{name}' to '{change.text}'", sorted(edits))

    def _add(self, change: Change, path: DocumentPath) -> Iterator[Offer]:
        key, value = change.key, change.text
        yield _offer(f"add '{key}: {value}'", self._editing.added(path, key, value))

    def _give(self, change: Change, path: DocumentPath) -> Iterator[Offer]:
        """What a slot may be given, the signals first that no node takes yet."""
        slot = change.text
        place = place_of(self._analysis, (*path, "depends"))
        own = str(path[-1])
        others = [other for other in place.section("nodes") if other != own]
        signals = [f"{other}.{name}" for other in others for name, _ in place.signals(other)]
        inputs = [f"{INPUT}.{name}" for name in place.inputs()]
        taken = {token.text for token in self._analysis.tokens if "depends" in token.path}
        offered = sorted([*signals, *inputs], key=lambda text: text.partition(".")[0] in taken)
        for reference in offered[:_MOST_OFFERED]:
            yield _offer(f"give '{slot}' the value of '{reference}'", self._editing.given(path, slot, reference))

    def _choose(self, change: Change, path: DocumentPath) -> Iterator[Offer]:
        place = place_of(self._analysis, (*path, change.text))
        if change.text == "tube":
            path, values = (*path, "params"), [name for name, _ in tubes_named(place)]
        elif path[-2] == INPUT:
            default = place.entry(INPUT, str(path[-1])).get("default")
            values = ["str" if default is None else type(default).__name__]
        else:
            values = [*self._types_called(path), _TYPE_TO_FILL_IN]
        for value in values[:_MOST_OFFERED]:
            yield _offer(f"add '{change.text}: {value}'", self._editing.added(path, change.text, value))

    def _types_called(self, path: DocumentPath) -> Iterator[str]:
        """What a node or an asset may be: what is called like it, special or beside the tube."""
        name = str(path[-1])
        if path[-2] == "nodes":
            yield from (special for special in SPECIAL_TYPES if special == name)
        code = self._analysis.code
        if code is None:
            return
        for module, named in code_beside(code):
            names = [member.name for member in named]
            yield from (f"{module}.{like}" for like in get_close_matches(name, names, n=2, cutoff=0.7))

    def _move(self, change: Change, path: DocumentPath) -> Iterator[Offer]:
        """From `params` to `depends`, or back."""
        of_slots = change.text == "params"
        entry, name = path[: -3 if of_slots else -2], str(path[-1])
        bounds = self._editing.bounds(path)
        if bounds is None:
            return
        value = self._text.source[slice(*bounds)]
        holder = path[:-2] if of_slots else path[:-1]
        is_alone = self._editing.length(holder) == 1
        removed = self._editing.removed(holder if is_alone else path)
        written = (
            self._editing.added((*entry, "params"), name, value)
            if of_slots
            else self._editing.given(entry, name, value)
        )
        if removed is not None and written is not None:
            yield Offer(f"give '{name}' in '{change.text}'", [removed, written])

    def _take_apart(self, _: Change, path: DocumentPath) -> Iterator[Offer]:
        """The name of what is called, and its arguments as params, if there are none yet."""
        try:
            call = ast.parse(self._text.source[self._start : self._end].strip("'\""), mode="eval").body
            assert isinstance(call, ast.Call)
            given = [*enumerate(call.args), *((keyword.arg, keyword.value) for keyword in call.keywords)]
            params = [f"{name}: {json.dumps(ast.literal_eval(value))}" for name, value in given if name is not None]
        except (SyntaxError, ValueError, TypeError, AssertionError):
            return
        entry = path[:-1]
        if len(params) == len(given) and self._editing.bounds((*entry, "params")) is None:
            added = self._editing.added(entry, "params", f"{{{', '.join(params)}}}") if params else None
            edits = [Edit(self._start, self._end, ast.unparse(call.func)), *([] if added is None else [added])]
            yield Offer("give its arguments in 'params'", edits)

    def _remove(self, change: Change, path: DocumentPath) -> Iterator[Offer]:
        edit = self._editing.removed(path, self._start if change.at is None else None)
        yield _offer("remove it" if change.at is None else f"remove '{path[-1]}'", edit)

    def _quote(self, _: Change, path: DocumentPath) -> Iterator[Offer]:
        """The value, or that of the line, if what is wrong is no value yet."""
        start, end = (self._start, self._end) if path else self._text_at(self._start)
        value = self._text.source[start:end].replace("\\", "\\\\").replace('"', '\\"')
        if value:
            yield Offer("put it in quotes", [Edit(start, end, f'"{value}"')])

    def _text_at(self, offset: int) -> tuple[int, int]:
        """Where the text is that begins at a place which YAML doesn't understand; else the value of its line."""
        number = self._text.position(offset).line
        line, end = self._text.line(number), self._text.end_of_line(number)
        begin = end - len(line)
        if self._text.source[offset : offset + 1] in _NO_BEGINNINGS:
            in_brackets = closed(line[: offset - begin]) != line[: offset - begin]
            match = (_IN_BRACKETS if in_brackets else _IN_LINE).match(line, offset - begin)
            return offset, offset if match is None else begin + match.end()
        value = _VALUE.match(line)
        return (offset, offset) if value is None else (begin + value.start("value"), begin + value.end("value"))

    def _itemize(self, _: Change, path: DocumentPath) -> Iterator[Offer]:
        yield Offer("make a list of it", self._editing.itemized(path))

    def _close(self, *_: object) -> Iterator[Offer]:
        """The ends that have been put to lines so that the rest could be read."""
        for number in sorted(self._analysis.opened.mended.closed):
            line, end = self._text.line(number - 1), self._text.end_of_line(number - 1)
            yield Offer(f"write '{closed(line).strip()}'", [Edit(end - len(line), end, closed(line))])

    def _indent(self, *_: object) -> Iterator[Offer]:
        """Spaces in place of the tabs at the beginning of the lines."""
        source = self._text.source
        lines = source.split("\n")
        # Among lines with spaces, a tab reaches as far as editors show it.
        width = 4 if any(line.startswith(" ") for line in lines) else 2
        written = [re.sub(r"^[ \t]*", lambda tabs: tabs[0].expandtabs(width), line) for line in lines]
        yield Offer("indent with spaces", [Edit(0, len(source), "\n".join(written))])


def _offer(title: str, edit: Edit | None) -> Offer:
    return Offer(title, [] if edit is None else [edit])
