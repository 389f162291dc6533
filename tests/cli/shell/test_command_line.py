"""Command lines: only options with a value cost the conversion of one; and those written for the public package."""

from enum import StrEnum
from typing import Annotated, Any

import pytest
import typer
from typer.main import get_command

from noob_cli.cli.shell.command_line import convert_what_is_given, hint_for


class Shape(StrEnum):
    """What an option may be."""

    round = "round"
    square = "square"


@pytest.fixture
def got() -> list[Any]:
    """What the command has got."""
    return []


@pytest.fixture
def command(got: list[Any]) -> Any:
    """A command with an option of each kind."""
    app = typer.Typer()

    @app.command()
    def run(
        number: Annotated[int | None, typer.Option()] = None,
        other: Annotated[int | None, typer.Option()] = None,
        several: Annotated[list[str] | None, typer.Option()] = None,
        size: Annotated[float, typer.Option()] = 5.0,
        shape: Annotated[Shape, typer.Option()] = Shape.round,
        needed: Annotated[str, typer.Option()] = ...,  # type: ignore[assignment]
        called: Annotated[int | None, typer.Option(callback=lambda value: value or 7)] = None,
    ) -> None:
        got.append((number, other, several, size, shape, needed, called))

    return get_command(app)


def test_converts_what_is_given(command: Any, got: list[Any]) -> None:
    convert_what_is_given(command)
    command.main(["--number", "1", "--needed", "x"], standalone_mode=False)
    assert got == [(1, None, None, 5.0, Shape.round, "x", 7)]


def test_converts_each_of_several(command: Any, got: list[Any]) -> None:
    convert_what_is_given(command)
    command.main(["--several", "1", "--several", "", "--needed", ""], standalone_mode=False)
    assert got == [(None, None, ["1", ""], 5.0, Shape.round, "", 7)]


def test_converts_nothing_where_there_is_no_value(command: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    converted = []
    kind = type(command.params[0])
    process_value = kind.process_value

    def noting(parameter: Any, context: Any, value: Any) -> Any:
        converted.append(parameter.name)
        return process_value(parameter, context, value)

    monkeypatch.setattr(kind, "process_value", noting)
    convert_what_is_given(command)
    command.main(["--number", "1", "--needed", "x"], standalone_mode=False)
    assert "number" in converted
    assert {"several", "called"} <= {*converted}
    assert {"other", "size", "shape"}.isdisjoint(converted)


def test_says_what_is_missing(command: Any, capsys: pytest.CaptureFixture[str]) -> None:
    convert_what_is_given(command)
    with pytest.raises(SystemExit):
        command.main([])
    assert "--needed" in capsys.readouterr().err


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
