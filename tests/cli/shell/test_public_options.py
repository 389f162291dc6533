"""Command lines that were written for the command of the public package."""

from __future__ import annotations

import pytest

from noob_cli.cli.shell.public_options import hint_for


@pytest.mark.parametrize(
    ("theirs", "here"),
    [
        ("run t -if jsonl", "run t --input-format jsonl"),
        ("run t -of json -n 3", "run t --output-format json -n 3"),
        ("run t -i by 8", "run t -i by=8"),
        ("run t --input by 8 -i name sun", "run t --input by=8 -i name=sun"),
        ("run -i by 8 t", "run -i by=8 t"),
    ],
)
def test_they_get_a_hint(theirs: str, here: str):
    assert (hint_for(theirs.split()) or "").endswith(f"here it is: noob {here}")


@pytest.mark.parametrize(
    "line",
    [
        "run t",
        "run t -i by=8",
        "run -i by=8 t",
        "run t -i by",
        "run t -i by -q",
        "run t -- -if jsonl",
        "validate t -i by 8",
        "",
    ],
)
def test_what_is_written_as_here_gets_none(line: str):
    assert hint_for(line.split()) is None
