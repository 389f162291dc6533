"""What may stand where the cursor is."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from itertools import chain
from typing import Any, Literal, get_args, get_origin

from lsprotocol import types
from lsprotocol.types import CompletionItemKind as Kind

from noob_cli.code.reading.reading import ReadCode
from noob_cli.diagnostics import DocumentPath
from noob_cli.lsp.analysis import Analysis
from noob_cli.lsp.code import code_beside, described, names_at_top, names_in
from noob_cli.lsp.cursor import Cursor, cursor_at
from noob_cli.lsp.text import Text
from noob_cli.lsp.tubes import Place, choices_of, keys_of, place_of, slot_text, tubes_named
from noob_cli.named_tuple import NamedTuple
from noob_cli.specification.input import InputScope
from noob_cli.specification.reference import NOUNS

TRIGGERS = (".", " ", "[", "{", ":", ",")
"""What makes an editor ask what may stand behind it."""

_MOST_CHOICES = 1_000
"""How many choices are given at a time: with more letters there are others."""

_SELDOM = ("noob_model", "noob_version")
_TYPES = ("str", "int", "float", "bool", "list", "dict", "tuple", "set", "bytes", "pathlib.Path", "datetime.datetime")
"""What most inputs are."""

_IN_ENTRY = 2
_KINDS = {"module": Kind.Module, "class": Kind.Class, "function": Kind.Function, "value": Kind.Variable}


class Choice(NamedTuple):
    """Something that may stand somewhere.

    Args:
        label: What is written, and shown.
        kind: What it is.
        detail: What is said of it beside the label.
        doc: What is said of it besides.
        after: What is written behind it.
        code: The dotted path of what it names, of which more can be told.
        late: Whether it comes behind the others.
    """

    label: str
    kind: Kind = Kind.Value
    detail: str = ""
    doc: str = ""
    after: str = ""
    code: str = ""
    late: bool = False


def completed(analysis: Analysis, text: Text, offset: int, with_schema: bool = False) -> types.CompletionList:
    """What may stand at a place.

    Args:
        analysis: What is known of the file, or was.
        text: Its text.
        offset: The place in it.
        with_schema: Whether another server completes what the schema knows.
    """
    cursor = cursor_at(text.source, offset)
    if cursor is None:
        return types.CompletionList(False, [])
    place = place_of(analysis, cursor.path)
    code = analysis.code
    choices: Iterable[Choice] = ()
    if cursor.is_key:
        typed_key = text.source[cursor.start : cursor.end]
        choices = chain(choices, _keys(place, cursor, typed_key, with_schema))
    if cursor.is_value:
        choices = chain(choices, _values(place, cursor, code, with_schema))
    if cursor.typed[:1] in ("'", '"'):
        cursor = cursor._replace(typed=cursor.typed[1:], start=cursor.start + 1)
    where = text.range(cursor.start, cursor.end)
    typed = cursor.typed.lower()
    fitting: dict[str, Choice] = {}
    for choice in choices:
        if typed in choice.label.lower():
            fitting.setdefault(choice.label, choice)
        if len(fitting) > _MOST_CHOICES:
            break
    offered = list(fitting.values())[:_MOST_CHOICES]
    first = sorted(offered, key=lambda choice: not choice.label.lower().startswith(typed))
    # What stands behind a colon, or a dash, needs a space between them.
    ends = (":",) if cursor.in_flow else (":", "-")
    before = " " if text.source[max(0, cursor.start - 1) : cursor.start] in ends else ""
    items = [_item(choice, number, where, before) for number, choice in enumerate(first)]
    return types.CompletionList(len(fitting) > _MOST_CHOICES, items)


def resolved(item: types.CompletionItem, code: ReadCode | None) -> types.CompletionItem:
    """A choice, with what takes its time to tell.

    Args:
        item: The choice.
        code: The code that the tube may name.
    """
    if isinstance(item.data, dict) and code is not None and (doc := described(code, str(item.data["code"]))):
        item.documentation = types.MarkupContent(types.MarkupKind.Markdown, doc)
    return item


def _item(choice: Choice, number: int, where: types.Range, before: str) -> types.CompletionItem:
    return types.CompletionItem(
        choice.label,
        kind=choice.kind,
        detail=choice.detail or None,
        documentation=choice.doc or None,
        sort_text=f"{int(choice.late)}{number:06}",
        filter_text=choice.label,
        text_edit=types.TextEdit(where, f"{before}{choice.label}{choice.after}"),
        data={"code": choice.code} if choice.code else None,
    )


def _keys(place: Place, cursor: Cursor, typed_key: str, with_schema: bool) -> Iterator[Choice]:
    path = place.path
    section = str(path[0]) if path else ""
    what = {0: "tube", _IN_ENTRY: NOUNS.get(section, "")}.get(len(path), "")
    if what and not with_schema:
        yield from _keys_of(keys_of(what), cursor)
    if section in NOUNS and len(path) == 1:
        # Those of the tubes that are extended may be changed here.
        yield from (Choice(name, Kind.Field, "extended", after=":") for name in place.extended(section))
    if len(path) <= _IN_ENTRY:
        return
    name, key = str(path[1]), path[2]
    if section == "nodes" and key == "retry" and not with_schema:
        yield from _keys_of(keys_of("retry"), cursor)
    elif key == "params" and len(path) == _IN_ENTRY + 1:
        yield from _params(place, section, name, cursor, typed_key)
    elif section == "nodes" and key == "depends" and len(path) > _IN_ENTRY + 1:
        interface, given = place.interface(section, name, "depends"), place.given(name) - {typed_key}
        for slot in [] if interface is None else interface.slots.values():
            if slot.name not in given:
                yield Choice(slot.name, Kind.Field, slot_text(slot), after=": ")


def _keys_of(keys: Mapping[str, Any], cursor: Cursor) -> Iterator[Choice]:
    for name, schema in keys.items():
        if name not in cursor.siblings:
            after = ":" if name in (*NOUNS, "params", "retry") and not cursor.in_flow else ": "
            yield Choice(name, Kind.Property, doc=schema.get("description", ""), after=after, late=name in _SELDOM)


def _params(place: Place, section: str, name: str, cursor: Cursor, typed_key: str) -> Iterator[Choice]:
    if place.type_of(section, name) == "tube" and "tube" not in cursor.siblings:
        yield Choice("tube", Kind.Field, "the id or the path of a tube, or the tube itself", after=": ")
    interface = place.interface(section, name, "params")
    given = cursor.siblings | (place.given(name) - {typed_key} if section == "nodes" else set())
    for slot in [] if interface is None else interface.slots.values():
        if slot.by_name and slot.name not in given:
            yield Choice(slot.name, Kind.Field, slot_text(slot), after=": ")


def _values(place: Place, cursor: Cursor, code: ReadCode | None, with_schema: bool) -> Iterator[Choice]:
    path = place.path
    section = str(path[0]) if path else ""
    if section == "extends":
        yield from _tubes(place)
        return
    if len(path) <= _IN_ENTRY or section not in NOUNS:
        return
    key = path[2]
    of_entry: Mapping[str, Callable[[], Iterable[Choice]]] = {
        "type": lambda: _types(cursor, section, code, with_schema),
        "enabled": lambda: _inputs(place, InputScope.tube),
        "depends": lambda: _references(place, section, str(path[1])),
        "params": lambda: _param_values(place, path),
        "retry": lambda: _code(cursor, code) if len(path) > _IN_ENTRY + 1 and path[3] == "on" else (),
    }
    if len(path) == _IN_ENTRY + 1 and not with_schema and key != "type":
        schema = keys_of(NOUNS[section]).get(str(key), {})
        yield from (Choice(label, Kind.EnumMember, doc=doc) for label, doc in choices_of(schema).items())
    if key in of_entry:
        yield from of_entry[str(key)]()


def _types(cursor: Cursor, section: str, code: ReadCode | None, with_schema: bool) -> Iterator[Choice]:
    if section == "nodes" and not with_schema and "." not in cursor.typed:
        special = choices_of(keys_of("node")["type"])
        yield from (Choice(label, Kind.Keyword, doc=doc) for label, doc in special.items())
    if section == "input":
        yield from (Choice(name, Kind.Class, "class", code=name) for name in _TYPES)
    yield from (choice for choice in _code(cursor, code) if section != "input" or choice.kind is not Kind.Function)


def _code(cursor: Cursor, code: ReadCode | None) -> Iterator[Choice]:
    if code is None:
        return
    owner, dot, _ = cursor.typed.rpartition(".")
    if dot:
        for named in names_in(code, owner):
            path = f"{owner}.{named.name}"
            yield Choice(path, _KINDS[named.kind], named.kind, code=path, late=not named.is_own)
    else:
        for module, own in code_beside(code):
            for named in own:
                path = f"{module}.{named.name}"
                yield Choice(path, _KINDS[named.kind], named.kind, code=path)
        for named in names_at_top(code):
            yield Choice(named.name, _KINDS[named.kind], named.kind, code=named.name, late=not named.is_own)


def _references(place: Place, section: str, name: str) -> Iterator[Choice]:
    nodes = list(place.section("nodes"))
    at = nodes.index(name) if section == "nodes" and name in nodes else len(nodes)
    # What stands right before it is what most nodes take.
    for other in (*reversed(nodes[:at]), *nodes[at + 1 :]):
        for signal, kind in place.signals(other):
            detail, doc = kind or str(place.type_of("nodes", other) or ""), place.description("nodes", other)
            yield Choice(f"{other}.{signal}", Kind.Event, detail, doc)
    if section == "assets":
        return
    yield from _inputs(place)
    for asset in place.section("assets"):
        detail, doc = str(place.type_of("assets", asset) or ""), place.description("assets", asset)
        yield Choice(f"assets.{asset}", Kind.Reference, detail, doc)


def _inputs(place: Place, scope: InputScope | None = None) -> Iterator[Choice]:
    for name in place.inputs(scope):
        detail, doc = str(place.type_of("input", name) or ""), place.description("input", name)
        yield Choice(f"input.{name}", Kind.Variable, detail, doc)


def _param_values(place: Place, path: DocumentPath) -> Iterator[Choice]:
    if len(path) < _IN_ENTRY + 2:
        return
    section, name, param = str(path[0]), str(path[1]), path[3]
    if param == "tube" and place.type_of(section, name) == "tube":
        yield from _tubes(place)
        return
    interface = place.interface(section, name, "params")
    slot = None if interface is None else interface.slots.get(str(param))
    if slot is not None and slot.annotation is bool:
        yield from (Choice(label, Kind.EnumMember) for label in ("true", "false"))
    elif slot is not None and get_origin(slot.annotation) is Literal:
        labels = (label for label in get_args(slot.annotation) if isinstance(label, str))
        yield from (Choice(label, Kind.EnumMember) for label in labels)
    yield from _inputs(place, InputScope.tube)


def _tubes(place: Place) -> Iterator[Choice]:
    for name, is_file in tubes_named(place):
        yield Choice(name, Kind.File if is_file else Kind.Module, "file" if is_file else "id")
