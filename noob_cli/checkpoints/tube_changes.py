"""What a tube is for a run that goes on from a checkpoint, and what has changed in it since."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from pydantic_core import to_jsonable_python

from noob_cli.secret_inputs import MASKED, is_secret
from noob_cli.specification.reference import INPUT, NOUNS
from noob_cli.tube import Tube
from noob_cli.wording import short_repr

_WITHOUT_EFFECT = {"id", "description"}
"""The keys of an entry that change nothing in a run."""

Content = Mapping[str, Any]
"""What there is to compare of a tube, as JSON has it."""


def content_of(tube: Tube) -> Content:
    """What a tube says, with what it extends and what is nested in it, and the values of its inputs.

    Args:
        tube: The tube, its inputs given.
    """
    return {**_entries_of(tube), "values": _plain(tube.input)}


def changes_between(before: Content, after: Content) -> list[str]:
    """What has changed in a tube, each change in words.

    Args:
        before: What it was.
        after: What it is.
    """
    was, now = before["values"], after["values"]
    values = [
        f"the input '{name}' was given as {_shown(was, name)}, and is {_shown(now, name)}"
        for name in _names(was, now)
        if was.get(name) != now.get(name) and name in before[INPUT] and name in after[INPUT]
    ]
    return [*_changes(before, after, ""), *values]


def _entries_of(tube: Tube) -> dict[str, Any]:
    sections = {
        section: {name: _entry(spec) for name, spec in getattr(tube.spec, section).items()} for section in NOUNS
    }
    return {**sections, "tubes": {name: _entries_of(child) for name, child in tube.children.items()}}


def _entry(spec: Any) -> dict[str, Any]:
    entry: dict[str, Any] = _plain(spec.model_dump(by_alias=True, exclude=_WITHOUT_EFFECT))
    params = entry.get("params")
    if isinstance(params, dict) and isinstance(params.get("tube"), dict):
        # The tube that stands there is compared by its own entries.
        entry["params"] = {**params, "tube": None}
    return entry


def _plain(value: Any) -> Any:
    return to_jsonable_python(value, fallback=repr, inf_nan_mode="strings", bytes_mode="base64")


def _changes(before: Content, after: Content, around: str) -> Iterator[str]:
    for section, kind in NOUNS.items():
        was, now = before[section], after[section]
        for name in _names(was, now):
            yield from _entry_changes(was.get(name), now.get(name), f"the {kind} '{around}{name}'")
        if was.keys() == now.keys() and list(was) != list(now):
            where = f" in the tube '{around[:-1]}'" if around else ""
            yield f"the {kind}s{where} stand in another order"
    for name in before["tubes"]:
        if name in after["tubes"]:
            yield from _changes(before["tubes"][name], after["tubes"][name], f"{around}{name}.")


def _entry_changes(was: Content | None, now: Content | None, what: str) -> Iterator[str]:
    """What has changed in an entry; None stands for one that isn't there."""
    if now is None:
        yield f"{what} is gone"
    elif was is None:
        yield f"{what} is new"
    else:
        for key in _names(was, now):
            if was.get(key) != now.get(key):
                yield f"'{key}' of {what} was {_shown(was, key)}, and is {_shown(now, key)}"


def _names(*mappings: Mapping[str, Any]) -> list[str]:
    return list(dict.fromkeys(name for mapping in mappings for name in mapping))


def _shown(mapping: Mapping[str, Any], key: str) -> str:
    if key not in mapping:
        return "not there"
    return short_repr(MASKED if is_secret(key) else mapping[key])
