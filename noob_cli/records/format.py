"""The formats in which records come in."""

from __future__ import annotations

from enum import StrEnum
from os.path import splitext


class RecordFormat(StrEnum):
    """How the records are written."""

    auto = "auto"
    jsonl = "jsonl"
    json = "json"
    csv = "csv"
    lines = "lines"
    parquet = "parquet"


def is_parquet(name: str, record_format: RecordFormat) -> bool:
    """Whether records are read as Parquet.

    Args:
        name: What their file is called.
        record_format: What was asked for.
    """
    if record_format is RecordFormat.auto:
        return splitext(name)[1].lower() == ".parquet"
    return record_format is RecordFormat.parquet
