"""What the records of a tube have to be like, as its inputs say."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pydantic import TypeAdapter, ValidationError

from noob_cli.cli.shell.messages import report_warning
from noob_cli.records.records import MAX_RECORD_BYTES, Expected

if TYPE_CHECKING:
    from typing import Any

    from noob_cli.tube import Tube


def expected_of(tube: Tube, max_record: int | None) -> Expected:
    """What the records of a tube have to be like.

    Args:
        tube: The tube.
        max_record: How many bytes one may have; None for as many as usual.
    """
    required = tube.required_names
    line_input = required[0] if len(required) == 1 else None
    is_text = line_input is not None and tube.adapters[line_input].core_schema["type"] == "str"
    return Expected(
        line_input,
        required,
        max_record or MAX_RECORD_BYTES,
        is_alone=is_text and len(tube.process_inputs) == 1,
        names=None if any(spec.record for spec in tube.process_inputs.values()) else tuple(tube.graph.inputs),
        empty_as_none=frozenset(name for name, adapter in tube.adapters.items() if _takes_empty_as_none(adapter)),
        warn=report_warning,
    )


def _takes_empty_as_none(adapter: TypeAdapter[Any]) -> bool:
    """Whether a type admits None, and no empty text."""
    return _admits(adapter, None) and not _admits(adapter, "")


def _admits(adapter: TypeAdapter[Any], value: object) -> bool:
    try:
        adapter.validate_python(value)
    except ValidationError:
        return False
    return True
