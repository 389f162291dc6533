"""The kinds of text that the models of a tube are made of."""

from __future__ import annotations

from typing import Annotated

from pydantic import AfterValidator

from noob_cli.names import RESERVED_NAMES, is_dotted_path, is_name, is_reference, is_tube_id
from noob_cli.specification.reference import REFERENCE_FORM


def _is_identifier(text: str) -> str:
    if not is_name(text):
        raise ValueError(f"a name is an identifier (letters, digits and _), found '{text}'")
    return text


def _is_not_reserved(text: str) -> str:
    if text in RESERVED_NAMES:
        raise ValueError(f"'{text}' is reserved: choose a name other than {', '.join(RESERVED_NAMES)}")
    return text


def _is_absolute_path(text: str) -> str:
    if text.startswith("."):
        raise ValueError(f"a relative path can't be resolved here, found '{text}': start at the top package")
    if not is_dotted_path(text):
        raise ValueError(f"expected a dotted Python path like 'package.module.name', found '{text}'")
    return text


def _is_signal_reference(text: str) -> str:
    if not is_reference(text):
        raise ValueError(f"{REFERENCE_FORM}, found '{text}'")
    return text


def _is_tube_id(text: str) -> str:
    if not is_tube_id(text):
        raise ValueError(f"an id has letters, digits and _ - / # only, found '{text}'")
    return text


EntryName = Annotated[str, AfterValidator(_is_identifier), AfterValidator(_is_not_reserved)]
PythonPath = Annotated[str, AfterValidator(_is_absolute_path)]
SignalReference = Annotated[str, AfterValidator(_is_signal_reference)]
TubeId = Annotated[str, AfterValidator(_is_tube_id)]
