"""Rules on keys and names: what stands in the file, before any code is looked for."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from pydantic import BaseModel

from noob_cli.advice import REMOVE, Action, Advice, Change, did_you_mean, write
from noob_cli.check.depends import wrong_depends
from noob_cli.check.finding import Finding, missing_in
from noob_cli.check.values import CHOOSE_TYPE, check_bools, described, validated
from noob_cli.diagnostics import DocumentPath, Severity
from noob_cli.names import RESERVED_NAMES, is_dotted_path, is_name, is_reference
from noob_cli.specification.document import Document
from noob_cli.specification.reference import Reference, parse_reference, texts_in
from noob_cli.specification.retry import RetrySpecification
from noob_cli.specification.search import TUBE_KEYS
from noob_cli.specification.tube import ENTRIES, TubeSpecification
from noob_cli.spelling import nearest, suggest
from noob_cli.struct import Struct, field

_HEADER = ("noob_id", "noob_model", "noob_version", "description", "extends")
_TYPES = {"input": "int", "assets": "package.module.name", "nodes": "package.module.name"}
"""What the entries of a section may have as their type, for example."""

_RETURNING = ("return", "output", "outputs")
"""What it may be called, beside the nodes, that a tube returns."""

_MOST_COMPARED = 100
"""Of how many entries that lack a key it is looked for whether another is meant."""


class Entries(Struct):
    """What could be read of a tube's document.

    Args:
        spec: The tube, without the entries in which something is wrong.
        broken: The entries left out.
        findings: All that is wrong.
        types: What the `type` of those left out names, as far as it can be read.
        passed_over: The inputs and assets that are named where nothing is read: in the values of unknown keys.
    """

    spec: TubeSpecification
    broken: set[DocumentPath] = field(factory=set)
    findings: list[Finding] = field(factory=list)
    types: dict[DocumentPath, str] = field(factory=dict)
    passed_over: set[Reference] = field(factory=set)


def read_entries(document: Document) -> Entries:
    """Read the keys and values of a tube, each entry for itself, so that a mistake in one hides none in another."""
    data = document.data
    entries = Entries(TubeSpecification())
    if not isinstance(data, dict):
        entries.findings.append(_not_a_tube(data))
        return entries
    _unknown_keys(data, (*_HEADER, *ENTRIES), (), entries)
    if not any(key in data for key in TUBE_KEYS):
        entries.findings.append(_not_a_tube(data))
    header = {key: data[key] for key in _HEADER if key in data}
    read = validated(TubeSpecification, header, (), entries.findings)
    if "nodes" in data and data["nodes"] is None:
        message = "'nodes' is empty"
        hint = Advice("put the nodes below it, each below its name, or take it out", REMOVE)
        entries.findings.append(Finding("K003", message, ("nodes",), hint, at_key=True, explains=("nodes",)))
    sections = {section: _read_section(section, data.get(section), entries) for section in ENTRIES}
    entries.spec = (read or TubeSpecification()).model_copy(update=sections)
    if "extends" in data:
        lacking = [at for at, finding in enumerate(entries.findings) if finding.code == "K002"]
        for at in lacking[:_MOST_COMPARED]:
            entries.findings[at] = _not_completed(entries.findings[at], data)
    return entries


def _read_section(section: str, value: Any, entries: Entries) -> dict[str, Any]:
    if value is None:
        return {}
    if not isinstance(value, dict):
        message = f"'{section}' is a mapping of names to entries, found {described(value)}"
        hint = "put each below its name: 'name: {type: ...}'"
        entries.findings.append(Finding("K003", message, (section,), hint, explains=(section,)))
        return {}
    models: dict[str, Any] = {}
    for name, entry in value.items():
        path = (section, name)
        model = _read_entry(section, entry, path, entries)
        if model is not None:
            models[name] = model
            continue
        entries.broken.add(path)
        type_ = entry.get("type") if isinstance(entry, dict) else None
        if isinstance(type_, str) and is_dotted_path(type_) and section != "input":
            entries.types[path] = type_
    return models


def _read_entry(section: str, entry: Any, path: DocumentPath, entries: Entries) -> BaseModel | None:
    """The model of an entry; None if something is wrong with it."""
    problems = list(_wrong_name(path[1], section))
    model = None
    if not isinstance(entry, dict):
        message = f"an entry is a mapping, found {described(entry)}"
        type_ = entry if isinstance(entry, str) and is_dotted_path(entry) else _TYPES[section]
        scope = ", scope: runner" if section == "assets" else ""
        hint = Advice(f"write '{path[1]}: {{type: {type_}{scope}}}'", *_as_entry(entry))
        problems.append(Finding("K003", message, path, hint, at_key=entry is None))
    else:
        if section == "nodes":
            problems += wrong_depends(entry.get("depends"), (*path, "depends"))
        # What is known to be wrong doesn't hide the rest.
        known = [str(problem.path[len(path)]) for problem in problems if len(problem.path) > len(path)]
        rest = {key: value for key, value in entry.items() if key not in known}
        model = validated(ENTRIES[section], {**rest, "id": "name" if problems else path[1]}, path, problems)
        _unknown_keys(entry, _keys_of(ENTRIES[section]), path, entries)
        if section == "nodes" and isinstance(entry.get("retry"), dict):
            _unknown_keys(entry["retry"], _keys_of(RetrySpecification), (*path, "retry"), entries)
    entries.findings += problems
    if model is None or problems:
        return None
    entries.findings += check_bools(model, entry, path)
    return model


def _not_completed(finding: Finding, data: dict[str, Any]) -> Finding:
    """Of an entry that lacks a key, in a tube that extends others, what it may have been meant to be called."""
    section, name = map(str, finding.path)
    meant = nearest(name, tuple(str(entry) for entry in data[section] if str(entry) != name))
    return (
        finding
        if meant is None
        else finding._replace(hint=Advice(f"did you mean the entry '{meant}'?", Change(Action.replace, meant, name)))
    )


def _wrong_name(name: Any, section: str) -> Iterator[Finding]:
    """K004: a name that is no identifier, or that references use for something else."""
    if not isinstance(name, str) or not is_name(name):
        noun = {"input": "an input", "assets": "an asset", "nodes": "a node"}[section]
        form = "an identifier (letters, digits and _, no digit first)"
        message, called = f"the name of {noun} is {form}, found {described(name)}", _as_name(name)
    elif name in RESERVED_NAMES:
        message, called = f"'{name}' is reserved ({', '.join(RESERVED_NAMES)}): give it another name", f"{name}_"
    else:
        return
    hint = Advice(f"call it '{called}', for example", Change(Action.rename, called))
    yield Finding("K004", message, (section, name), hint, at_key=True, explains=(section, str(name)))


def _as_entry(entry: Any) -> Iterator[Change]:
    """What to write for an entry that is none: what it says is its type, or may be."""
    if isinstance(entry, str) and is_dotted_path(entry):
        yield write(f"{{type: {entry}}}")
    elif entry is None:
        yield CHOOSE_TYPE


def _as_name(name: Any) -> str:
    text = re.sub(r"\W+", "_", "none" if name is None else str(name))
    if isinstance(name, bool):
        # Written as it is called, it would be no text again.
        return f"{text}_"
    return text if is_name(text) else f"_{text}"


def _unknown_keys(data: dict[Any, Any], known: tuple[str, ...], path: DocumentPath, entries: Entries) -> None:
    """K001: unknown keys. If a known key of nearly the same name is missing, the finding explains that as well."""
    for key, value in data.items():
        if key in known:
            continue
        text = key if isinstance(key, str) else described(key)
        lacking = tuple(other for other in known if other not in data)
        glued = next((other for other in lacking if str(key).startswith(f"{other}:")), None)
        meant = glued or (None if not path and key in _RETURNING else nearest(str(key), lacking))
        misplaced = _misplaced(str(key), value) if not path and meant is None else None
        hint: str
        if glued is not None:
            written = f"{glued}: {str(key)[len(glued) + 1 :]}"
            hint = Advice(f"write a space behind the colon: '{written}'", Change(Action.replace, written, str(key)))
        elif meant is not None:
            hint = did_you_mean(meant, str(key))
        else:
            hint = misplaced or Advice(suggest(str(key), known, "keys"), REMOVE)
        entries.findings.append(
            Finding(
                "K001",
                f"the key '{text}' has no meaning here",
                (*path, key),
                hint,
                at_key=True,
                severity=Severity.warning,
                explains=("nodes", str(key)) if misplaced else None if meant is None else (*path, meant),
                explained_by=() if meant is not None else (missing_in(path),),
            )
        )
        entries.passed_over.update(parse_reference(text) for text, _ in texts_in(value) if is_reference(text))


def _misplaced(key: str, value: Any) -> str | None:
    """What to do about a node that stands beside `nodes`; None if it is none."""
    if isinstance(value, dict) and isinstance(value.get("type"), str):
        return "if it is a node, it belongs below 'nodes': indent it as the others are"
    if key in _RETURNING:
        return "what a tube returns is said by a node below 'nodes': 'return: {type: return, depends: node.signal}'"
    return None


def _keys_of(model: type[BaseModel]) -> tuple[str, ...]:
    return tuple(f.alias or name for name, f in model.model_fields.items() if name != "id")


def _not_a_tube(data: Any) -> Finding:
    is_filled = isinstance(data, dict) and data
    description = f"a mapping with the keys {', '.join(map(str, list(data)[:6]))}" if is_filled else described(data)
    return Finding(
        "Y003",
        f"a tube is a mapping with 'nodes', 'extends' or 'noob_id', found {description}",
        (),
        hint="'noob guide tubes' begins with the smallest tube",
        explains=missing_in(()),
        explained_by=tuple((key,) for key in TUBE_KEYS),
    )
