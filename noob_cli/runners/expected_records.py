"""What the records of a tube have to be like, as its inputs say."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING

from pydantic import TypeAdapter

from noob_cli.records.records import MAX_RECORD_BYTES, Expected

if TYPE_CHECKING:
    from typing import Any

    from noob_cli.tube import Tube


def expected_of(tube: Tube, warn: Callable[[str], object], max_record: int | None = None) -> Expected:
    """What the records of a tube have to be like.

    Args:
        tube: The tube.
        warn: Told what should be known of the records of a file.
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
        warn=warn,
    )


def _takes_empty_as_none(adapter: TypeAdapter[Any]) -> bool:
    """Whether a type admits None, and no empty text, as far as that shows: none of the user's validators is asked."""
    admitted = set(_admitted(adapter.core_schema))
    return None in admitted and "" not in admitted


def _admitted(schema: Mapping[str, Any]) -> Iterator[str | None]:
    """Of None and an empty text what a schema of pydantic admits."""
    kind = schema["type"]
    if kind in ("nullable", "none"):
        yield None
    if kind in ("str", "any"):
        yield ""
    if kind == "literal":
        yield from (value for value in schema["expected"] if value is None or value == "")
    for choice in schema.get("choices", ()) if kind == "union" else ():
        yield from _admitted(choice[0] if isinstance(choice, tuple) else choice)
    if isinstance(inner := schema.get("schema"), Mapping):
        yield from _admitted(inner)
