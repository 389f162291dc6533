"""The kinds of text that the models of a tube are made of."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated

from pydantic import AfterValidator

from noob_cli.names import RESERVED_NAMES, is_dotted_path, is_name, is_reference, is_tube_id
from noob_cli.specification.reference import REFERENCE_FORM


def _checked(fits: Callable[[str], bool], expected: str) -> AfterValidator:
    """Refuses text that does not fit, and says what is expected."""

    def checked(text: str) -> str:
        if not fits(text):
            raise ValueError(f"{expected}, found '{text}'")
        return text

    return AfterValidator(checked)


def _is_not_reserved(text: str) -> str:
    if text in RESERVED_NAMES:
        raise ValueError(f"'{text}' is reserved: choose a name other than {', '.join(RESERVED_NAMES)}")
    return text


def _is_absolute(text: str) -> str:
    if text.startswith("."):
        raise ValueError(f"a relative path can't be resolved here, found '{text}': start at the top package")
    return text


_IDENTIFIER = _checked(is_name, "a name is an identifier (letters, digits and _)")
_DOTTED_PATH = _checked(is_dotted_path, "expected a dotted Python path like 'package.module.name'")

EntryName = Annotated[str, _IDENTIFIER, AfterValidator(_is_not_reserved)]
PythonPath = Annotated[str, AfterValidator(_is_absolute), _DOTTED_PATH]
SignalReference = Annotated[str, _checked(is_reference, REFERENCE_FORM)]
TubeId = Annotated[str, _checked(is_tube_id, "an id has letters, digits and _ - / # only")]
