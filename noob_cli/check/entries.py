"""Rules on keys and values: what stands in the file, before any code is looked for."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from noob_cli.check.finding import Finding, missing_in
from noob_cli.diagnostics import DocumentPath, Severity, nearest, suggest
from noob_cli.names import RESERVED_NAMES, is_name, is_reference
from noob_cli.spec.asset import AssetScope, AssetSpecification
from noob_cli.spec.document import Document
from noob_cli.spec.input import InputScope, InputSpecification
from noob_cli.spec.node import NodeSpecification
from noob_cli.spec.reference import ASSETS, INPUT, Reference, parse_reference
from noob_cli.spec.tube import ENTRIES, TubeSpecification

Model = TypeVar("Model", bound=BaseModel)

_MODELS: dict[str, type[BaseModel]] = {
    "input": InputSpecification,
    "assets": AssetSpecification,
    "nodes": NodeSpecification,
}
_HEADER = ("noob_id", "noob_model", "noob_version", "description", "extends")
_TUBE_KEYS = ("nodes", "extends", "noob_id")
_REFERENCE_FORM = "expected 'node.signal', 'input.name' or 'assets.name'"


@dataclass
class Entries:
    """What could be read of a tube's document.

    Args:
        spec: The tube, without the entries in which something is wrong.
        broken: The entries left out.
        findings: All that is wrong.
        passed_over: The inputs and assets that are named where nothing is read: in the values of unknown keys.
    """

    spec: TubeSpecification
    broken: set[DocumentPath] = field(default_factory=set)
    findings: list[Finding] = field(default_factory=list)
    passed_over: set[Reference] = field(default_factory=set)


def read_entries(document: Document) -> Entries:
    """Read the keys and values of a tube, each entry for itself, so that a mistake in one hides none in another."""
    data = document.data
    entries = Entries(TubeSpecification())
    if not isinstance(data, dict):
        entries.findings.append(_not_a_tube(data))
        return entries
    _unknown_keys(data, (*_HEADER, *ENTRIES), (), entries)
    if not any(key in data for key in _TUBE_KEYS):
        entries.findings.append(_not_a_tube(data))
    header = {key: data[key] for key in _HEADER if key in data}
    read = _validated(TubeSpecification, header, (), entries.findings)
    sections = {section: _read_section(section, data.get(section), entries) for section in ENTRIES}
    entries.spec = (read or TubeSpecification()).model_copy(update=sections)
    return entries


def _read_section(section: str, value: Any, entries: Entries) -> dict[str, Any]:
    if value is None:
        return {}
    if not isinstance(value, dict):
        message = f"'{section}' is a mapping of names to entries, found {described(value)}"
        entries.findings.append(Finding("K003", message, (section,), explains=(section,)))
        return {}
    found: dict[str, Any] = {}
    for name, entry in value.items():
        path = (section, name)
        problems = [*_wrong_name(name, section), *_wrong_entry(section, entry, path)]
        if not problems:
            model = _validated(_MODELS[section], {"id": name, **entry}, path, problems)
            if model is not None:
                found[name] = model
                problems += _words_for_bools(model, entry, path)
        if isinstance(entry, dict):
            _unknown_keys(entry, _keys_of(_MODELS[section]), path, entries)
        entries.findings += problems
        if name not in found:
            entries.broken.add(path)
    return found


def _words_for_bools(model: BaseModel, entry: dict[str, Any], path: DocumentPath) -> Iterator[Finding]:
    """K006: text or a number where true or false is meant, and taken for it."""
    for key, value in entry.items():
        taken = getattr(model, str(key), None)
        if isinstance(taken, bool) and not isinstance(value, bool | None):
            meant = str(taken).lower()
            yield Finding(
                "K006",
                f"'{key}' should be true or false, found {described(value)}, which is taken for {meant}",
                (*path, key),
                hint=f"write '{meant}': in YAML 1.2 only 'true' and 'false' are no text",
                severity=Severity.warning,
            )


def _wrong_entry(section: str, entry: Any, path: DocumentPath) -> Iterator[Finding]:
    if not isinstance(entry, dict):
        message = f"an entry is a mapping, found {described(entry)}"
        yield Finding("K003", message, path, at_key=entry is None)
    elif section == "nodes":
        yield from wrong_depends(entry.get("depends"), (*path, "depends"))


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
        hint = "put a '-' before each slot" if isinstance(depends, dict) else None
        message = f"'depends' is a reference or a list, found {described(depends)}"
        yield Finding("K005", message, path, hint)


def described(value: Any) -> str:
    """A value from a file, for a message: what kind of thing it is, and itself if it is short."""
    if value is None:
        return "nothing"
    if isinstance(value, dict):
        return "a mapping"
    if isinstance(value, list):
        return "a list"
    text = repr(value)
    return text if len(text) <= 60 else f"{text[:57]}..."


def _wrong_item(item: Any, path: DocumentPath) -> Iterator[Finding]:
    if isinstance(item, str):
        yield from _wrong_reference(item, path)
    elif isinstance(item, dict) and len(item) == 1:
        ((slot, reference),) = item.items()
        if not (isinstance(slot, str) and is_name(slot)) and not _is_position(slot):
            message = f"a slot is a name or a position, found {described(slot)}"
            yield Finding("K005", message, (*path, slot), at_key=True)
        if isinstance(reference, str):
            yield from _wrong_reference(reference, (*path, slot))
        else:
            yield Finding("K005", f"{_REFERENCE_FORM}, found {described(reference)}", (*path, slot))
    elif isinstance(item, dict):
        message = f"each item of 'depends' has one slot, found {len(item)}"
        yield Finding("K005", message, path, hint="put a '-' before each slot")
    else:
        message = f"an item of 'depends' is a reference or one 'slot: reference', found {described(item)}"
        yield Finding("K005", message, path)


def _wrong_reference(text: str, path: DocumentPath) -> Iterator[Finding]:
    if not is_reference(text):
        hint = f"for the only signal of a node, write '{text}.value'" if is_name(text) else None
        owner, _, name = text.partition(".")
        named = (owner, name) if owner in (INPUT, ASSETS) else ("nodes", owner)
        yield Finding("K005", f"{_REFERENCE_FORM}, found '{text}'", path, hint, explained_by=(named,))


def _wrong_name(name: Any, section: str) -> Iterator[Finding]:
    """K004: a name that is no identifier, or that references use for something else."""
    noun = {"input": "input", "assets": "asset", "nodes": "node"}[section]
    explains = (section, str(name))
    if not isinstance(name, str) or not is_name(name):
        message = f"the name of an {noun}" if noun[0] in "aio" else f"the name of a {noun}"
        yield Finding(
            "K004",
            f"{message} is an identifier (letters, digits and _, no digit first), found {described(name)}",
            (section, name),
            at_key=True,
            explains=explains,
        )
    elif name in RESERVED_NAMES:
        reserved = ", ".join(RESERVED_NAMES)
        message = f"'{name}' is reserved ({reserved}): give it another name"
        yield Finding("K004", message, (section, name), at_key=True, explains=explains)


def _unknown_keys(data: dict[Any, Any], known: tuple[str, ...], path: DocumentPath, entries: Entries) -> None:
    """K001: keys that mean nothing; where one is missing that is much like it, that one was meant."""
    for key, value in data.items():
        if key in known:
            continue
        text = key if isinstance(key, str) else described(key)
        meant = nearest(str(key), tuple(each for each in known if each not in data))
        entries.findings.append(
            Finding(
                "K001",
                f"the key '{text}' has no meaning here and is ignored",
                (*path, key),
                suggest(str(key), known, "keys"),
                at_key=True,
                severity=Severity.warning,
                explains=None if meant is None else (*path, meant),
                explained_by=() if meant is not None else (missing_in(path),),
            )
        )
        entries.passed_over.update(_references_in(value))


def _references_in(value: Any) -> Iterator[Reference]:
    """The references that stand anywhere in a value."""
    if isinstance(value, str) and is_reference(value):
        yield parse_reference(value)
    elif isinstance(value, dict | list):
        for each in value.values() if isinstance(value, dict) else value:
            yield from _references_in(each)


def _validated(model: type[Model], data: dict[str, Any], path: DocumentPath, findings: list[Finding]) -> Model | None:
    """The model of an entry; None, and what is wrong added to the findings, if it can't be made."""
    try:
        return model.model_validate(data)
    except ValidationError as error:
        findings += _findings_of(error, path)
        return None


def _findings_of(error: ValidationError, path: DocumentPath) -> Iterator[Finding]:
    """One finding for each field in which pydantic found something wrong."""
    seen = set()
    for problem in error.errors(include_url=False, include_context=False):
        field_name, *deeper = problem["loc"] or (None,)
        if field_name in seen:
            continue
        seen.add(field_name)
        if problem["type"] == "missing":
            message = f"the key '{field_name}' is missing"
            yield Finding(
                "K002",
                message,
                path,
                hint=_example_of(str(field_name)),
                at_key=True,
                explains=missing_in(path),
                explained_by=((*path, str(field_name)), ("extends",)),
            )
        elif field_name is None:
            message = problem["msg"].removeprefix("Value error, ")
            yield Finding(
                "A001",
                message,
                (*path, "depends"),
                hint="write 'scope: runner', or remove 'depends'",
            )
        else:
            if deeper[-1:] == ["[key]"]:
                message = f"a key in '{field_name}' is a word, found {described(problem['input'])}"
                yield Finding("K003", message, (*path, field_name, problem["input"]), at_key=True)
                continue
            place = (*path, field_name, *(each for each in deeper[:1] if isinstance(each, int)))
            # What is extended is not there either, if it is not understood.
            explains = ("extends",) if place[:1] == ("extends",) else None
            message, hint = _message_of(problem, str(field_name)), _hint_of(problem, str(field_name))
            yield Finding("K003", message, place, hint, explains=explains)


def _message_of(problem: Any, field_name: str) -> str:
    if problem["type"] == "value_error":
        return str(problem["msg"]).removeprefix("Value error, ")
    if field_name == "enabled":
        return f"'enabled' is true, false or an 'input.name', found {described(problem['input'])}"
    expected = problem["msg"].removeprefix("Input should be ").replace("a valid ", "a ")
    return f"'{field_name}' should be {expected}, found {described(problem['input'])}"


def _hint_of(problem: Any, field_name: str) -> str | None:
    found = problem["input"]
    if field_name == "scope" and isinstance(found, str):
        meant = nearest(found, tuple(each.value for scope in (AssetScope, InputScope) for each in scope))
        return f"did you mean '{meant}'?" if meant is not None and repr(meant) in problem["msg"] else None
    if field_name == "extends" and isinstance(found, str):
        return f"write it as a list: [{found}]"
    if field_name == "params" and isinstance(found, list):
        return "params are given by name: 'name: value'"
    return None


def _example_of(key: str) -> str | None:
    examples = {
        "type": "a dotted Python path, such as 'type: package.module.name'",
        "scope": "'scope: runner', 'scope: process' or 'scope: node'",
    }
    return examples.get(key)


def _keys_of(model: type[BaseModel]) -> tuple[str, ...]:
    return tuple(f.alias or name for name, f in model.model_fields.items() if name != "id")


def _is_position(slot: Any) -> bool:
    return isinstance(slot, int) and not isinstance(slot, bool) and slot >= 0


def _not_a_tube(data: Any) -> Finding:
    found = (
        f"a mapping with the keys {', '.join(map(str, list(data)[:6]))}" if isinstance(data, dict) else described(data)
    )
    return Finding(
        "Y003",
        f"a tube is a mapping with 'nodes', 'extends' or 'noob_id', found {found}",
        (),
        hint="see the README for a tube in ten lines",
        explains=missing_in(()),
        explained_by=tuple((key,) for key in _TUBE_KEYS),
    )
