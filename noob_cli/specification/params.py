"""The fixed arguments that a tube file gives to code, by name and by position."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any

from pydantic import BeforeValidator


def _is_name_or_position(key: object) -> object:
    if isinstance(key, str) or (isinstance(key, int) and not isinstance(key, bool) and key >= 0):
        return key
    raise ValueError(f"a param is called by its name or its position, found {key!r}")


Params = dict[Annotated[str | int, BeforeValidator(_is_name_or_position)], Any]
"""Arguments by the names of the code's parameters, or by their positions, from 0 on."""


def as_call(params: Mapping[str | int, Any]) -> tuple[list[Any], dict[str, Any]]:
    """Fixed arguments as a call takes them: those by position, and those by name."""
    positions = sorted(key for key in params if isinstance(key, int))
    return [params[key] for key in positions], {key: value for key, value in params.items() if isinstance(key, str)}
