"""The inputs of the command line: `-i NAME=VALUE`."""

from __future__ import annotations

import os
from collections.abc import Iterable
from contextlib import suppress
from typing import Any

from pydantic import TypeAdapter, ValidationError

from noob_cli.errors import InputError
from noob_cli.escaped_json import from_escaped_json
from noob_cli.specification.input import InputScope
from noob_cli.tube import Tube


def give_inputs(options: Iterable[str], tube: Tube) -> None:
    """Give a tube the inputs of the command line.

    A value is the text itself if the input's type admits `str`; else what the text is as JSON; else the text.

    Args:
        options: Texts of the form `NAME=VALUE`.
        tube: The tube.

    Raises:
        InputError: One has another form, is given twice, missing, unknown, or of a wrong type.
    """
    texts = texts_given(options)
    adapters = tube.adapters
    try:
        tube.give_inputs(
            {name: _value(text, adapters[name]) if name in adapters else text for name, text in texts.items()}
        )
    except InputError as error:
        name = error.input_name
        if name not in texts or name not in adapters or name in tube.secrets:
            raise
        raise InputError(error.message + _how_to_list(name, texts[name], adapters[name]), name) from error


def missing_inputs(options: Iterable[str], tube: Tube) -> list[str]:
    """The tube-scoped inputs that are required, and not among those of the command line.

    Args:
        options: Texts of the form `NAME=VALUE`.
        tube: The tube.

    Raises:
        InputError: One has another form, or is given twice.
    """
    given = texts_given(options)
    inputs = tube.graph.inputs.items()
    return [name for name, spec in inputs if spec.scope is InputScope.tube and spec.required and name not in given]


def texts_given(options: Iterable[str]) -> dict[str, str]:
    """The texts of the values on the command line, by the names of the inputs.

    Args:
        options: Texts of the form `NAME=VALUE`.

    Raises:
        InputError: One has another form, or is given twice.
    """
    texts: dict[str, str] = {}
    for option in options:
        name, equals, text = _as_utf8(option).partition("=")
        if not equals:
            raise InputError(f"an input is given as NAME=VALUE, found '{option}'")
        if name in texts:
            raise InputError(f"the input '{name}' is given twice", name)
        texts[name] = text
    return texts


def _as_utf8(text: str) -> str:
    """A text of the command line as UTF-8, whatever the locale."""
    return os.fsencode(text).decode("utf-8", "surrogateescape")


def _value(text: str, adapter: TypeAdapter[Any]) -> Any:
    if _admits(adapter, text, strict=True):
        return text
    try:
        value = from_escaped_json(text.encode("utf-8", "surrogateescape"))
    except ValueError:
        return text
    return value if _admits(adapter, value, strict=False) or not _admits(adapter, text, strict=False) else text


def _admits(adapter: TypeAdapter[Any], value: Any, *, strict: bool) -> bool:
    try:
        adapter.validate_python(value, strict=strict)
    except ValidationError:
        return False
    return True


def _how_to_list(name: str, text: str, adapter: TypeAdapter[Any]) -> str:
    """A hint for who gives a list without its brackets; nothing if it isn't one."""
    import shlex

    texts = text.replace(",", '","')
    for listed in (f"[{text}]", f'["{texts}"]'):
        with suppress(ValueError):
            if _admits(adapter, from_escaped_json(listed.encode()), strict=False):
                return f". A list is given as JSON: -i {shlex.quote(f'{name}={listed}')}"
    return ""
