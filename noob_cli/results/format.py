"""The formats that the command line speaks: of records that come in, and of results that go out."""

from __future__ import annotations

from enum import StrEnum


class ResultFormat(StrEnum):
    """How the results are written."""

    jsonl = "jsonl"
    json = "json"
    pretty = "pretty"
    none = "none"
