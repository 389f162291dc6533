"""The inputs of the command line: `-i NAME=VALUE`."""

from __future__ import annotations

import os
from collections.abc import Iterable
from typing import Any

import pydantic_core
from pydantic import TypeAdapter, ValidationError

from noob_cli.errors import InputError
from noob_cli.tube import Tube


def read_inputs(options: Iterable[str], tube: Tube) -> dict[str, Any]:
    """The tube-scoped inputs given on the command line.

    A value is the text itself if the input's type admits `str`; else what the text is as JSON; else the text.

    Args:
        options: Texts of the form `NAME=VALUE`.
        tube: The tube, for the types of its inputs.

    Raises:
        InputError: One has another form, or is given twice.
    """
    found: dict[str, Any] = {}
    for option in options:
        name, equals, text = _as_utf8(option).partition("=")
        if not equals:
            raise InputError(f"an input is given as NAME=VALUE, found '{option}'")
        if name in found:
            raise InputError(f"the input '{name}' is given twice", name)
        adapter = tube.adapters.get(name)
        found[name] = text if adapter is None else _value(text, adapter)
    return found


def _as_utf8(text: str) -> str:
    """A text of the command line as UTF-8, whatever the locale."""
    return os.fsencode(text).decode("utf-8", "surrogateescape")


def _value(text: str, adapter: TypeAdapter[Any]) -> Any:
    if _admits(adapter, text, strict=True):
        return text
    try:
        value = pydantic_core.from_json(text.encode("utf-8", "surrogateescape"))
    except ValueError:
        return text
    return value if _admits(adapter, value, strict=False) or not _admits(adapter, text, strict=False) else text


def _admits(adapter: TypeAdapter[Any], value: Any, *, strict: bool) -> bool:
    try:
        adapter.validate_python(value, strict=strict)
    except ValidationError:
        return False
    return True
