"""The formats that results are written in, and which of them a file's name asks for."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Final

from noob_cli.errors import InputError


class ResultFormat(StrEnum):
    """How the results are written."""

    auto = "auto"
    jsonl = "jsonl"
    json = "json"
    pretty = "pretty"
    csv = "csv"
    tsv = "tsv"
    parquet = "parquet"
    none = "none"


TABLES: Final = (ResultFormat.csv, ResultFormat.tsv, ResultFormat.parquet)
"""Those in which a result is a row, with the columns of the first."""

DELIMITERS: Final = {ResultFormat.csv: ",", ResultFormat.tsv: "\t"}
"""What is between the values of a row."""

_OF_SUFFIX: Final = {f".{table}": table for table in TABLES}

_OTHER_TABLES: Final = (".xlsx", ".xls", ".xlsm", ".ods", ".feather", ".arrow", ".orc", ".avro")

_PACKED: Final = (".gz", ".bz2", ".xz", ".zst", ".zip")


def format_for(file: Path | None) -> ResultFormat:
    """How results are written to a file of whose format nothing else is said.

    Args:
        file: The file; None for standard output.

    Raises:
        InputError: Its suffix is that of something that can't be written.
    """
    suffix = "" if file is None else file.suffix.lower()
    if suffix in _OTHER_TABLES:
        raise InputError(
            f"results can't be written as '{suffix}', which '-o {file}' asks for: name a file that ends in .csv, which "
            "spreadsheets open, .tsv or .parquet, or say with '--output-format' what is to be in it"
        )
    if suffix in _PACKED:
        raise InputError(
            f"results aren't compressed, which '-o {file}' asks for: let a program do that, as in 'noob run ... | gzip "
            "> FILE', or say with '--output-format' what is to be in it"
        )
    return _OF_SUFFIX.get(suffix, ResultFormat.jsonl)


def refuse_no_json(file: Path, option: str) -> None:
    """Write no JSON to a file that is named like something else.

    Args:
        file: The file.
        option: The option that names it.

    Raises:
        InputError: Its suffix is that of a table, or of something compressed.
    """
    if file.suffix.lower() in (*_OF_SUFFIX, *_OTHER_TABLES, *_PACKED):
        raise InputError(f"'{option}' writes JSON, and '{file}' is named like something else: name another file")
