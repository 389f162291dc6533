"""Rules on the shape of `depends`: a reference, or a list of references and of mappings of one slot to a reference."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from typing import Any

from noob_cli.advice import Action, Advice, Change, write
from noob_cli.check.finding import Finding
from noob_cli.check.values import described
from noob_cli.diagnostics import DocumentPath
from noob_cli.names import is_name, is_reference
from noob_cli.specification.reference import ASSETS, INPUT, REFERENCE_FORM

_IN_PARAMS = Advice("a fixed value is given in 'params'", Change(Action.move, "params"))
_ITEM_FORM = "write '- node.signal', or '- slot: node.signal'"


def wrong_depends(depends: Any, path: DocumentPath) -> Iterator[Finding]:
    """K005: a `depends` that is neither a reference nor a list of references and of one-slot mappings."""
    if depends is None:
        return
    if isinstance(depends, str):
        yield from _wrong_reference(depends, path)
    elif isinstance(depends, list):
        for at, item in enumerate(depends):
            yield from _wrong_item(item, (*path, at))
    else:
        hint = _itemized(depends) if isinstance(depends, dict) and depends else "name a signal: 'depends: node.signal'"
        message = f"'depends' is a reference or a list, found {described(depends)}"
        yield Finding("K005", message, path, hint)


def _wrong_item(item: Any, path: DocumentPath) -> Iterator[Finding]:
    if isinstance(item, str):
        yield from _wrong_reference(item, path)
    elif isinstance(item, dict) and len(item) == 1:
        ((slot, reference),) = item.items()
        if not (isinstance(slot, str) and is_name(slot)) and not _is_position(slot):
            message = f"a slot is a name or a position, found {described(slot)}"
            hint = "slots are the parameters of the code, by name, or by position from 0 on"
            yield Finding("K005", message, (*path, slot), hint, at_key=True)
        if isinstance(reference, str):
            yield from _wrong_reference(reference, (*path, slot))
        else:
            is_constant = not isinstance(reference, list | dict)
            hint = (
                _IN_PARAMS
                if is_constant
                else "a slot takes one value: where it is a list, let a node before it make that"
            )
            yield Finding("K005", f"{REFERENCE_FORM}, found {described(reference)}", (*path, slot), hint)
    elif isinstance(item, dict):
        message = f"each item of 'depends' has one slot, found {len(item)}"
        yield Finding("K005", message, path, _itemized(item) if item else _ITEM_FORM)
    else:
        message = f"an item of 'depends' is a reference or one 'slot: reference', found {described(item)}"
        yield Finding("K005", message, path, _ITEM_FORM)


def _itemized(slots: dict[Any, Any]) -> Advice:
    """What to do about several slots that stand in one mapping."""
    items = ", ".join(f"{{{slot}: ...}}" for slot in islice(slots, 3))
    return Advice(f"put a '-' before each slot, or braces around each: [{items}]", Change(Action.itemize))


def _wrong_reference(text: str, path: DocumentPath) -> Iterator[Finding]:
    if is_reference(text):
        return
    owner, _, name = text.partition(".")
    if is_name(text):
        hint: str = Advice(f"for the only signal of a node, write '{text}.value'", write(f"{text}.value"))
    elif is_name(owner) and name:
        hint = "it has one dot: what is inside of a value is taken by a node of its own"
    else:
        hint = "names are identifiers: letters, digits and _, no digit first"
    # What is wrong with the name of an entry is said there.
    named = (owner, name) if owner in (INPUT, ASSETS) else ("nodes", owner)
    yield Finding("K005", f"{REFERENCE_FORM}, found '{text}'", path, hint, explained_by=(named,))


def _is_position(slot: Any) -> bool:
    return isinstance(slot, int) and not isinstance(slot, bool) and slot >= 0
