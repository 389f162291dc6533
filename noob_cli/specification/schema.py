"""A JSON Schema of tube files, for editors: what the models of a tube say, and what stands in them as functions."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel

from noob_cli.names import RESERVED_NAMES
from noob_cli.specification.asset import AssetSpecification
from noob_cli.specification.durations import DURATION, DURATION_FORM, RATE, RATE_FORM
from noob_cli.specification.input import InputSpecification
from noob_cli.specification.node import NodeSpecification
from noob_cli.specification.reference import NOUNS, REFERENCE_FORM
from noob_cli.specification.retry import MOST_BACKOFF, MOST_TIMES, RetrySpecification
from noob_cli.specification.search import TUBE_KEYS
from noob_cli.specification.tube import ENTRIES, TubeSpecification

Schema = dict[str, Any]

DIALECT = "https://json-schema.org/draft/2020-12/schema"

# Letters beyond ASCII are let through as they are: the dialects of regular expressions disagree on what a letter is.
_FIRST = r"(?:[A-Za-z_]|[^\x00-\x7f])"
_NAME = rf"{_FIRST}(?:[0-9A-Za-z_]|[^\x00-\x7f])*"
ENTRY_NAME = rf"^(?!(?:{'|'.join(RESERVED_NAMES)})$){_NAME}$"
REFERENCE = rf"^{_NAME}\.{_NAME}$"
SIGNAL_REFERENCE = rf"^(?!(?:input|assets)\.){_NAME}\.{_NAME}$"
INPUT_REFERENCE = rf"^input\.{_NAME}$"
PYTHON_PATH = rf"^{_NAME}(?:\.{_NAME})*$"
SLOT = rf"^(?:{_NAME}|[0-9]+)$"
TUBE_ID = "^[A-Za-z0-9_/#-]+$"

_PATH_FORM = "expected a dotted Python path like 'package.module.name'"

_SPECIAL_TYPES = {
    "map": "Emits the items of a list one by one; what depends on them runs once for each.",
    "gather": "Collects values into a list: every 'n', or when its 'trigger' comes.",
    "return": "What an epoch returns: at most one in a tube.",
    "tube": "Another tube as a node: 'params.tube' is an id, a path, or the tube itself.",
}

_TUBE_DESCRIPTIONS = {
    "noob_id": "The tube's name: letters, digits and _ - / #. Without one it is run by its path.",
    "noob_model": "Accepted and kept, never required.",
    "noob_version": "Accepted and kept, never required.",
    "description": "What the tube does.",
    "extends": "Tubes that this one builds on, ids or paths: merged from left to right, this file last.",
    "input": "The values that are given from outside, by name.",
    "assets": "The objects that the tube owns, by name.",
    "nodes": "The nodes of the graph, by name.",
}

_INPUT_DESCRIPTIONS = {
    "type": "A Python type: `int`, `pathlib.Path`, `list[str]`. What is given is validated against it.",
    "scope": "How often it is given: once (`tube`, the default), or with every epoch (`process`).",
    "default": "What it is if it is not given.",
    "required": "Whether it must be given. Default: yes, unless there is a default.",
    "record": "Whether it is the whole record, and not what that has under its name. Only with scope `process`.",
    "description": "What it is for.",
}

_ASSET_DESCRIPTIONS = {
    "type": "What makes the asset: a class, a function, a generator function that yields it, a subclass of `Asset`.",
    "scope": "How long one object lives.",
    "params": "The arguments of `type`, by name or by position. `input.name` stands for that input.",
    "depends": "The signal that is stored in the asset, for its readers in the next epoch. Only with scope `runner`.",
    "enter": "Whether a context manager is entered, and ended as such. Default: yes, unless it is a lock.",
    "stateful": "Whether what its users get depends on who used it before. Default: yes. It changes no result.",
    "checkpoint": "Whether checkpoints hold its state. Default: if its class has a `__setstate__` or resume method.",
    "description": "What it is for.",
}

_NODE_DESCRIPTIONS = {
    "type": "The code that runs: a dotted Python path, a builtin, or one of `map gather return tube`.",
    "depends": "What it gets: one `node.signal`, or a list of those, by position, and of `slot: node.signal`, by name.",
    "params": "Fixed arguments, by name or by position. A string `input.name`, at any depth, stands for that input.",
    "enabled": "Whether it runs: true, false, or an `input.name` whose truth decides.",
    "stateful": "Whether its result depends on the order of its calls, or it changes what it is handed. Default: for "
    "instances that are made at the start, and generators. It changes no result.",
    "retry": "When a call that has failed is made again. Default: never.",
    "timeout": "How long a call may take before it is cancelled: `5s`. Only of coroutines.",
    "rate": "How often it may be called: `10/s`. Default: as often as there is something to do.",
    "description": "What it does.",
}

_RETRY_DESCRIPTIONS = {
    "times": "How often it is made again, at the most.",
    "wait": "How long is waited before that, between half of this and all of it: `250ms`, `5s`, `2m`.",
    "backoff": "How many times as long each further wait is.",
    "on": "The dotted paths of the exceptions with which it is made again.",
}

_SCOPES = {"tube": "Given once, before the run.", "process": "Given with every epoch."}
_LIFETIMES = {
    "runner": "One object for the whole run.",
    "process": "One object for each epoch, shared by its nodes.",
    "node": "One object for each call of each node that takes it.",
}


def tube_schema() -> Schema:
    """The JSON Schema (2020-12) of a tube file."""
    complete, partial = (
        {section: _section(section, is_complete=is_complete) for section in ENTRIES} for is_complete in (True, False)
    )
    properties = _properties(TubeSpecification, _TUBE_DESCRIPTIONS)
    properties["noob_id"] |= _or_null(_text(TUBE_ID, "an id has letters, digits and _ - / # only"))
    for section in ENTRIES:
        properties[section] = _described(_TUBE_DESCRIPTIONS[section], {"type": ["object", "null"]})
    return {
        "$schema": DIALECT,
        "title": "A tube",
        "description": "A graph of nodes that `noob` runs.",
        "type": "object",
        "properties": properties,
        "additionalProperties": False,
        "anyOf": [{"required": [key]} for key in TUBE_KEYS],
        # What an entry lacks may be in one of the tubes that are extended.
        "if": {"required": ["extends"], "properties": {"extends": {"type": "array", "minItems": 1}}},
        "then": {"properties": partial},
        "else": {"properties": complete},
        "$defs": {
            "input": _input_schema(),
            "asset": _asset_schema(),
            "node": _node_schema(),
            "reference": _described("`node.signal`, `input.name` or `assets.name`.", _text(REFERENCE, REFERENCE_FORM)),
        },
    }


def _section(section: str, is_complete: bool) -> Schema:
    """The entries of a section; they may lack keys, or be empty, if others complete them."""
    entry: Schema = {"$ref": f"#/$defs/{NOUNS[section]}"}
    if is_complete:
        required = [field.alias or name for name, field in ENTRIES[section].model_fields.items() if field.is_required()]
        entry = {**entry, "type": "object", "required": [key for key in required if key != "id"]}
        if section == "nodes":
            entry["properties"] = {"retry": {"required": ["times"]}}
    may_be_empty = section != "nodes" or not is_complete
    return {
        "type": ["object", "null"] if may_be_empty else "object",
        "patternProperties": {ENTRY_NAME: entry},
        "additionalProperties": False,
    }


def _input_schema() -> Schema:
    properties = _properties(InputSpecification, _INPUT_DESCRIPTIONS)
    properties["type"]["examples"] = ["int", "float", "str", "bool", "list[str]", "pathlib.Path"]
    properties["scope"] = _choice(_SCOPES, _INPUT_DESCRIPTIONS["scope"], default="tube")
    properties["default"] = {"description": _INPUT_DESCRIPTIONS["default"]}
    for key in ("required", "record"):
        properties[key] = _described(_INPUT_DESCRIPTIONS[key], {"type": "boolean"})
    return _entry(properties)


def _asset_schema() -> Schema:
    properties = _properties(AssetSpecification, _ASSET_DESCRIPTIONS)
    properties["type"] |= _text(PYTHON_PATH, _PATH_FORM)
    properties["scope"] = _choice(_LIFETIMES, _ASSET_DESCRIPTIONS["scope"])
    properties["depends"] |= _or_null(_text(SIGNAL_REFERENCE, "expected 'node.signal'"))
    for key in ("enter", "stateful", "checkpoint"):
        properties[key] = _described(_ASSET_DESCRIPTIONS[key], {"type": ["boolean", "null"]})
    carried = {"required": ["depends"], "properties": {"depends": {"type": "string"}}}
    return {**_entry(properties), "if": carried, "then": {"properties": {"scope": {"const": "runner"}}}}


def _node_schema() -> Schema:
    properties = _properties(NodeSpecification, _NODE_DESCRIPTIONS)
    special = _choice(_SPECIAL_TYPES, _NODE_DESCRIPTIONS["type"])
    properties["type"] = {"description": special.pop("description"), "anyOf": [special, _text(PYTHON_PATH, _PATH_FORM)]}
    properties["depends"] = _described(_NODE_DESCRIPTIONS["depends"], _depends())
    by_input = _text(INPUT_REFERENCE, "expected 'input.name'")
    enabled = {"anyOf": [{"type": "boolean"}, by_input], "default": True}
    properties["enabled"] = _described(_NODE_DESCRIPTIONS["enabled"], enabled)
    properties["stateful"] = _described(_NODE_DESCRIPTIONS["stateful"], {"type": ["boolean", "null"]})
    properties["retry"] = _described(_NODE_DESCRIPTIONS["retry"], _or_null(_retry_schema()))
    for key, pattern, form in (("timeout", DURATION, DURATION_FORM), ("rate", RATE, RATE_FORM)):
        properties[key] = _described(_NODE_DESCRIPTIONS[key], _or_null(_text(pattern, form)))
    switch = {"anyOf": [{"type": "boolean"}, by_input]}
    gather = {
        "n": _described("How many values make a list.", {"anyOf": [{"type": "integer", "minimum": 1}, by_input]}),
        "flatten": _described("Whether what is collected is joined, one level deep.", switch),
        "flush": _described("Whether what is left when the run has ended comes in a last epoch.", switch),
    }
    map_ = {
        "concurrency": _described(
            "How many items may be under way at once.", {"anyOf": [{"type": "integer", "minimum": 1}, by_input]}
        )
    }
    tube = {"tube": _described("An id, a path, or a tube.", {"anyOf": [{"type": "string"}, {"$ref": "#"}]})}
    params_of = {
        "gather": {"properties": gather, "additionalProperties": False},
        "map": {"properties": map_, "additionalProperties": False},
        "tube": {"properties": tube, "required": ["tube"]},
        "return": {"maxProperties": 0},
    }
    cases = [
        {
            "if": {"required": ["type"], "properties": {"type": {"const": name}}},
            "then": {"properties": {"params": params}},
        }
        for name, params in params_of.items()
    ]
    return {**_entry(properties), "allOf": cases}


def _retry_schema() -> Schema:
    properties = _properties(RetrySpecification, _RETRY_DESCRIPTIONS)
    properties["times"] |= {"minimum": 1, "maximum": MOST_TIMES}
    properties["wait"] |= _text(DURATION, DURATION_FORM)
    properties["backoff"] |= {"minimum": 1, "maximum": MOST_BACKOFF}
    exceptions = {"type": "array", "minItems": 1, "items": _text(PYTHON_PATH, _PATH_FORM)}
    properties["on"] = _described(_RETRY_DESCRIPTIONS["on"], {**exceptions, "default": ["Exception"]})
    return {"type": "object", "properties": properties, "additionalProperties": False}


def _depends() -> Schema:
    reference = {"$ref": "#/$defs/reference"}
    slot = {
        "description": "One slot, by its name or its position, and what it gets.",
        "type": "object",
        "minProperties": 1,
        "maxProperties": 1,
        "patternProperties": {SLOT: reference},
        "additionalProperties": False,
    }
    return {"anyOf": [reference, {"type": "array", "items": {"anyOf": [reference, slot]}}, {"type": "null"}]}


def _entry(properties: Schema) -> Schema:
    return {"type": ["object", "null"], "properties": properties, "additionalProperties": False}


def _properties(model: type[BaseModel], descriptions: dict[str, str]) -> Schema:
    """What a model says of its keys, without what stands in it for Python only."""
    properties: Schema = model.model_json_schema(by_alias=True)["properties"]
    return {key: _described(descriptions[key], _useful(schema)) for key, schema in properties.items() if key != "id"}


def _useful(schema: Schema) -> Schema:
    """A schema without the title that only repeats the key, and without a default of nothing."""
    return {keyword: value for keyword, value in schema.items() if keyword != "title" and value is not None}


def _described(description: str, schema: Schema) -> Schema:
    return {"description": description, **schema}


def _text(pattern: str, expected: str) -> Schema:
    """Text of a form, with the words in which language servers say that it has another."""
    return {"type": "string", "pattern": pattern, "patternErrorMessage": expected}


def _choice(choices: dict[str, str], description: str, default: str | None = None) -> Schema:
    schema: Schema = {"type": "string", "enum": list(choices), "enumDescriptions": list(choices.values())}
    return _described(description, schema if default is None else {**schema, "default": default})


def _or_null(schema: Schema) -> Schema:
    return {"anyOf": [schema, {"type": "null"}]}
