"""Constants in `params`: what `validate` says of them, and what it leaves alone."""

from __future__ import annotations

import enum
from pathlib import Path
from typing import Any, Literal

import pytest
from pydantic import BaseModel, validate_call

from noob_cli.loading.loading import diagnostics_of
from noob_cli.specification.document import Document
from tests.runners.tubes import Tubes

tubes = Tubes(__name__)


class Colour(enum.Enum):
    red = "red"


class Word(str):
    pass


class Model(BaseModel):
    path: Path
    n: int

    def process(self) -> Path:
        return self.path


class Machine:
    def __init__(self, n: int, path: Path | None = None) -> None:
        self.n = n

    def process(self) -> int:
        return self.n


@validate_call
def checked(path: Path, n: int = 3) -> Path:
    return path


def takes(
    n: int = 0,
    x: float = 0.0,
    path: Path = Path(),
    text: str = "",
    word: Word | None = None,
    colour: Colour = Colour.red,
    mode: Literal["a", "b"] = "a",
    pair: tuple[int, int] = (0, 0),
    names: list[str] | None = None,
    table: dict[str, int] | None = None,
    any_: Any = None,
    loose: int = None,  # noqa: RUF013
    bare=0,
) -> None:
    pass


def chooses(mode: Literal["a", "b"]) -> None:
    pass


def many(*numbers: int, **texts: str) -> None:
    pass


@pytest.mark.parametrize(
    ("params", "wrong"),
    [
        ("{n: 3, x: 2, text: a, any_: 3, bare: a}", 0),
        ("{n: true, x: true}", 0),
        ("{n: ninety}", 1),
        ("{n: null}", 1),
        ("{loose: null}", 0),
        ("{path: /tmp}", 1),
        ("{text: 3}", 1),
        ("{word: abc}", 0),
        ("{colour: red}", 1),
        ("{mode: b}", 0),
        ("{pair: [1, 2], names: [a], table: {a: 1}}", 0),
        ("{pair: {a: 1}, names: a, table: [1]}", 3),
        ("{0: ninety}", 1),
    ],
)
def test_of_a_function(params, wrong):
    assert codes(f"nodes: {{a: {{type: my.takes, params: {params}}}}}").count("T004") == wrong


@pytest.mark.parametrize(
    ("node", "wrong"),
    [
        ("my.Model, params: {path: /tmp, n: '3'}", 0),
        ("my.checked, params: {path: /tmp, n: '3'}", 0),
        ("my.Machine, params: {n: wide}", 1),
        ("my.Machine, params: {n: 3, path: wide}", 1),
        ("my.many, params: {0: 1, 1: one, a: one, b: 2}", 2),
        ("my.chooses, params: {mode: b}", 0),
        ("my.chooses, params: {mode: c}", 1),
        ("int, params: {0: '3'}", 0),
        ("itertools.count, params: {start: 1.5}", 0),
    ],
)
def test_of_other_code(node, wrong):
    assert codes(f"nodes: {{a: {{type: {node}}}}}").count("T004") == wrong


def test_an_input_is_no_constant():
    yaml = "input: {i: {type: int, default: 1}}\nnodes: {a: {type: my.takes, params: {n: input.i, names: [input.i]}}}"
    assert codes(yaml) == []


def codes(yaml: str) -> list[str]:
    return [each.code for each in diagnostics_of(Document(tubes.data(yaml)))]
