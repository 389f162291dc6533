"""The formats in which records come in."""

from __future__ import annotations

from enum import StrEnum


class RecordFormat(StrEnum):
    """How the records are written."""

    auto = "auto"
    jsonl = "jsonl"
    json = "json"
    csv = "csv"
    lines = "lines"
    parquet = "parquet"
