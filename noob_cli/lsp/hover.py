"""What is told of what the cursor is on."""

from __future__ import annotations

from collections.abc import Iterator

from noob_cli.code.interface import Interface
from noob_cli.lsp.analysis import Analysis
from noob_cli.lsp.code import described
from noob_cli.lsp.tokens import Symbol, Token, TokenKind
from noob_cli.lsp.tubes import Place, choices_of, keys_of, place_of, slot_text, type_text
from noob_cli.nodes.kinds import NodeKind, Role
from noob_cli.nodes.special import SPECIAL_TYPES
from noob_cli.specification.reference import INPUT, NOUNS

_IN_ENTRY = 2
_ROLES = {
    Role.source: "source: it draws its values",
    Role.call: "called in each epoch",
    Role.return_: "what an epoch returns",
    Role.map: "emits items one by one",
    Role.gather: "collects values into lists",
    Role.tube: "a tube of its own",
}


def hover_text(analysis: Analysis, token: Token, with_schema: bool = False) -> str | None:
    """What is told of something in a tube, in Markdown; None if there is nothing to tell.

    Args:
        analysis: What is known of the file.
        token: What it is.
        with_schema: Whether another server tells what the schema knows.
    """
    place = place_of(analysis, token.path)
    symbol = token.symbol
    if token.kind is TokenKind.code:
        return None if analysis.code is None else described(analysis.code, token.text)
    if symbol is not None and token.kind in (TokenKind.definition, TokenKind.reference):
        return "\n\n".join(_entry(analysis, place, symbol))
    if symbol is not None and token.kind is TokenKind.signal:
        return _signal(place, symbol, token.text)
    if symbol is not None and token.kind is TokenKind.slot:
        return _slot(place, symbol, token)
    if token.kind is TokenKind.tube:
        return _tube(place, symbol)
    return None if with_schema else _of_schema(place, token)


def _entry(analysis: Analysis, place: Place, symbol: Symbol) -> Iterator[str]:
    section, name = symbol.section, symbol.name
    entry = place.entry(section, name)
    type_ = place.type_of(section, name)
    yield f"**{NOUNS[section]} `{name}`**{f': `{type_}`' if type_ else ''}"
    if isinstance(entry.get("description"), str):
        yield str(entry["description"])
    if section == "nodes":
        kind = place.kind(name)
        if kind is not None:
            yield _node(kind)
    else:
        scope = entry.get("scope", "tube" if section == INPUT else None)
        lives = choices_of(keys_of(NOUNS[section])["scope"]).get(str(scope))
        if lives:
            yield f"scope `{scope}`: {lives}"
        if isinstance(entry.get("depends"), str):
            yield f"carries `{entry['depends']}` into the next epoch"
        if "default" in entry:
            yield f"default: `{entry['default']!r}`"
    names_code = type_ is not None and type_ not in SPECIAL_TYPES and section != INPUT
    doc = described(analysis.code, str(type_)) if analysis.code is not None and names_code else None
    if doc is not None:
        yield doc


def _node(kind: NodeKind) -> str:
    lines = [f"{_ROLES[kind.role]}{', awaited' if kind.coroutine else ''}"]
    lines += _listed("slots", kind.interface)
    if kind.parameters is not kind.interface:
        lines += _listed("params", kind.parameters)
    if kind.role is not Role.return_:
        signals = (f"`{signal.name}`{_typed(type_text(signal.annotation))}" for signal in kind.interface.signals)
        lines.append(f"signals: {', '.join(signals)}")
    return "  \n".join(lines)


def _listed(what: str, interface: Interface) -> Iterator[str]:
    if interface.slots:
        yield f"{what}: {', '.join(f'`{slot_text(slot)}`' for slot in interface.slots.values())}"


def _typed(text: str) -> str:
    return f": `{text}`" if text else ""


def _signal(place: Place, symbol: Symbol, name: str) -> str | None:
    kind = dict(place.signals(symbol.name)).get(name)
    if kind is None:
        return None
    type_ = place.type_of("nodes", symbol.name)
    return f"signal `{name}` of `{symbol.name}` (`{type_}`){_typed(kind)}"


def _slot(place: Place, symbol: Symbol, token: Token) -> str | None:
    key, what = ("params", "param") if "params" in token.path else ("depends", "slot")
    interface = place.interface(symbol.section, symbol.name, key)
    slot = None if interface is None else interface.slots.get(token.text)
    if slot is None:
        return None
    need = "required" if slot.required else "optional"
    of = place.type_of(symbol.section, symbol.name)
    return f"{what} `{slot.name}` of `{of}`{_typed(type_text(slot.annotation))}, {need}"


def _tube(place: Place, symbol: Symbol | None) -> str | None:
    child = None if symbol is None or place.loaded is None else place.loaded.children.get(symbol.name)
    if child is None:
        return None
    spec = child.spec
    inputs = ", ".join(f"`{name}: {input_.type_}`" for name, input_ in spec.input.items())
    lines = [f"**tube `{spec.noob_id or ''}`** {child.document.file or ''}".rstrip(), spec.description or ""]
    lines.append(f"inputs: {inputs}" if inputs else "")
    return "\n\n".join(filter(None, lines))


def _of_schema(place: Place, token: Token) -> str | None:
    path = place.path
    section = str(path[0]) if path else ""
    what = {1: "tube", _IN_ENTRY + 1: NOUNS.get(section, "")}.get(len(path), "")
    if len(path) == _IN_ENTRY + 2 and path[2] == "retry":
        what = "retry"
    schema = keys_of(what).get(str(path[-1])) if what else None
    if schema is None:
        return None
    if token.kind is TokenKind.key:
        description: str | None = schema.get("description")
        return description
    return choices_of(schema).get(token.text) or None
