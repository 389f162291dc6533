"""Rules on values: each is what its key takes, and no key is missing."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from noob_cli.advice import QUOTE, REMOVE, TRUE_OR_FALSE, Action, Advice, Change, add, did_you_mean, respelled, write
from noob_cli.check.finding import Finding, missing_in
from noob_cli.diagnostics import DocumentPath, Severity
from noob_cli.names import is_dotted_path, is_name
from noob_cli.specification.durations import DURATION, LONGEST, RATE, seconds_of
from noob_cli.specification.retry import MOST_BACKOFF, MOST_TIMES
from noob_cli.spelling import nearest

Model = TypeVar("Model", bound=BaseModel)

_NOT_IN_AN_ID = r"[^A-Za-z0-9_/#-]+"

CHOOSE_TYPE = Change(Action.choose, "type")

_NEEDED = {
    "times": Advice("write how often a call is made again at the most, such as 'times: 3'", add("times", "3")),
    "type": Advice("write a dotted Python path, such as 'type: package.module.name'", CHOOSE_TYPE),
    "scope": Advice(
        "write 'scope: runner', 'scope: process' or 'scope: node'",
        *(add("scope", scope) for scope in ("runner", "process", "node")),
    ),
}
"""What to write for a key that is missing."""

_TYPE_OF_AN_INPUT = Advice("write a Python type, such as 'type: str' or 'type: list[int]'", CHOOSE_TYPE)

_ADVICE = {
    "noob_id": "take '-' for what else there is between letters",
    "description": "write text, in quotes or behind '|' if it is long",
    "extends": "list the paths or ids of tubes: [base.yaml]",
    "type": "name a function or a class: 'package.module.name'",
    "depends": "an asset stores one signal: 'depends: node.signal'",
    "params": "params are given by name ('name: value') or by position ('0: value')",
    "enabled": Advice("write 'true' or 'false', or name an input of scope 'tube'", *TRUE_OR_FALSE.changes),
    **dict.fromkeys(("enter", "stateful", "checkpoint", "required", "record"), TRUE_OR_FALSE),
    "retry": "say how often: 'retry: {times: 3}'",
    "timeout": "write the unit: '5s' for five seconds",
    "rate": "write '10/s' for ten calls in a second",
    "times": "'times: 3' is up to three tries after the first",
    "wait": "write the unit: '5s' for five seconds",
    "backoff": "'backoff: 2' makes each wait twice as long as the one before, 'backoff: 1' all as long",
    "on": "list the paths of exceptions: [OSError, urllib.error.URLError]",
}
"""What to do about the value of a key."""

_MOST = {"times": MOST_TIMES, "backoff": MOST_BACKOFF}
"""How much some keys take at the most, from 1 on."""

_IN_WORDS = {
    **dict.fromkeys(("bool_type", "bool_parsing"), "true or false"),
    **dict.fromkeys(("dict_type", "model_type"), "a mapping"),
    "list_type": "a list",
    "too_short": "a list of one or more",
    "string_type": "text",
}
"""What pydantic calls as Python does, as YAML has it."""

_LIFETIMES = {
    "assets": "'runner' lives as long as the run, 'process' as long as an epoch, 'node' as long as a call",
    "input": "'tube' is given once, 'process' with every epoch",
}
"""What the scopes of a section mean."""


def validated(model: type[Model], data: dict[str, Any], path: DocumentPath, findings: list[Finding]) -> Model | None:
    """The model of an entry; None, and what is wrong added to the findings, if it can't be made.

    Args:
        model: The model.
        data: What the file says.
        path: Where it says it.
        findings: What is wrong so far.
    """
    try:
        return model.model_validate(data)
    except ValidationError as error:
        findings += _findings_of(error, path)
        return None


def check_bools(model: BaseModel, entry: dict[str, Any], path: DocumentPath) -> Iterator[Finding]:
    """K006: text or a number where true or false is meant, and taken for it."""
    for key, value in entry.items():
        validated = getattr(model, str(key), None)
        if isinstance(validated, bool) and not isinstance(value, bool | None):
            meant = str(validated).lower()
            yield Finding(
                "K006",
                f"'{key}' should be true or false, found {described(value)}, which is taken for {meant}",
                (*path, key),
                hint=Advice(f"write '{meant}': nothing else says so in YAML 1.2", write(meant)),
                severity=Severity.warning,
            )


def described(value: Any) -> str:
    """A value from a file, for a message: what kind of thing it is, and itself if it is short."""
    if value is None:
        return "nothing"
    if isinstance(value, dict):
        return "a mapping" if value else "an empty mapping"
    if isinstance(value, list):
        return "a list" if value else "an empty list"
    text = repr(value)
    return text if len(text) <= 60 else f"{text[:57]}..."


def _findings_of(error: ValidationError, path: DocumentPath) -> Iterator[Finding]:
    """One finding for each field in which pydantic found something wrong."""
    seen = set()
    for problem in error.errors(include_url=False, include_context=False):
        field_name, *deeper = problem["loc"] or (None,)
        place = path
        if field_name == "retry" and deeper:
            # It is a mapping of its own.
            place = (*path, field_name)
            field_name, *deeper = deeper
        if (place, field_name) in seen:
            continue
        seen.add((place, field_name))
        if field_name is None:
            message = problem["msg"].removeprefix("Value error, ")
            change = add("scope", "runner", at=path)
            advice = Advice("write 'scope: runner', or remove 'depends'", change, REMOVE)
            yield Finding("A001", message, (*path, "depends"), advice)
        elif problem["type"] == "missing":
            yield _missing_key(str(field_name), place)
        elif deeper[-1:] == ["[key]"]:
            message = f"a key in '{field_name}' is a name or a position, found {described(problem['input'])}"
            place = (*path, field_name, problem["input"])
            hint = "params are called as the parameters of the code, or have their positions, from 0 on"
            yield Finding("K003", message, place, hint, at_key=True)
        else:
            yield _wrong_value(problem, str(field_name), (*place, field_name), deeper)


def _missing_key(key: str, path: DocumentPath) -> Finding:
    return Finding(
        "K002",
        f"the key '{key}' is missing",
        path,
        hint=_TYPE_OF_AN_INPUT if (path[:1], key) == (("input",), "type") else _NEEDED.get(key),
        at_key=True,
        explains=missing_in(path),
        explained_by=((*path, key), ("extends",)),
    )


def _wrong_value(problem: Any, key: str, path: DocumentPath, deeper: list[Any]) -> Finding:
    place = (*path, *(step for step in deeper[:1] if isinstance(step, int)))
    # What is extended is not there either, if it is not understood.
    explains = ("extends",) if place[:1] == ("extends",) else None
    return Finding("K003", _message_of(problem, key), place, _hint_of(problem, path), explains=explains)


def _message_of(problem: Any, key: str) -> str:
    if problem["type"] == "value_error":
        return str(problem["msg"]).removeprefix("Value error, ")
    if key == "enabled":
        return f"'enabled' is true, false or an 'input.name', found {described(problem['input'])}"
    expected = _IN_WORDS.get(problem["type"]) or problem["msg"].removeprefix("Input should be ").replace(
        "a valid ", "a "
    )
    return f"'{key}' should be {expected}, found {described(problem['input'])}"


def _hint_of(problem: Any, path: DocumentPath) -> str | None:
    key, value = str(path[-1]), problem["input"]
    if key == "scope":
        scopes = tuple(re.findall(r"'(\w+)'", problem["msg"]))
        meant = nearest(value, scopes) if isinstance(value, str) else None
        return did_you_mean(meant, value) if meant else Advice(_LIFETIMES[str(path[0])], *map(write, scopes))
    if isinstance(value, str) and (meant_by_text := _meant_by_text(key, value)) is not None:
        return meant_by_text
    if key in ("noob_id", "description", "extends") and isinstance(value, bool | int | float):
        return Advice("put it in quotes: text is meant here", QUOTE)
    advice = _ADVICE.get(key)
    return advice if advice is None or isinstance(advice, Advice) else Advice(advice, *_meant(key, value))


def _meant_by_text(key: str, value: str) -> str | None:
    """What to do about text that is not what its key takes, if what is meant shows in it."""
    if key == "noob_id":
        written = re.sub(_NOT_IN_AN_ID, "-", value)
        return Advice(f"write '{written}'", write(written))
    if key in ("extends", "on") and not value.startswith("."):
        return Advice(f"write it as a list: [{value}]", write(f"[{value}]"))
    if key == "type" and "(" in value:
        return Advice("arguments are given in 'params'", Change(Action.take_apart))
    if key in ("type", "on"):
        named = _as_dotted_path(value)
        if named is not None and value.startswith("."):
            return Advice(f"a module beside the tube is named as it is: '{named}'", write(named))
        if named is not None:
            return Advice(f"write '{named}'", write(named))
    return None


def _as_dotted_path(value: str) -> str | None:
    """What code is called that is named by its file, or as in an entry point; None if it isn't."""
    written = re.sub(r"\.py(?=[:./\\])", "", value)
    named = re.sub(r"[:/\\]+", ".", written).strip(".")
    return named if named != value and is_dotted_path(named) else None


def _meant(key: str, value: Any) -> Iterator[Change]:
    """What is meant by a value that is not what its key takes, if that shows in it."""
    number = value if isinstance(value, int | float) and not isinstance(value, bool) else None
    text = value.replace(" ", "") if isinstance(value, str) else f"{number:g}" if number is not None else ""
    if key in ("timeout", "wait"):
        written = next((time for time in (text, f"{text}s") if re.fullmatch(DURATION, time)), None)
        if written is not None and seconds_of(written) > 0:
            yield write(written if seconds_of(written) <= LONGEST else "24h")
    elif key == "rate":
        written = next((rate for rate in (text, f"{text}/s") if re.fullmatch(RATE, rate)), None)
        if written is not None and float(written.partition("/")[0]) > 0:
            yield write(written)
    elif key == "retry" and isinstance(number, int) and number > 0:
        yield write(f"{{times: {number}}}")
    elif key in ("times", "backoff"):
        yield from respelled(value, lambda spelled: not isinstance(spelled, str) and 1 <= spelled <= _MOST[key])
    elif key == "depends" and is_name(text):
        yield write(f"{text}.value")
