"""What is said of a value that its type does not admit: the part that is wrong, and what that should be."""

from __future__ import annotations

import pytest
from pydantic import BaseModel, ValidationError

from noob_cli.specification.type_expression import resolve_type, type_adapter
from noob_cli.specification.wrong_value import what_is_wrong


class Point(BaseModel):
    x: int


POINT = f"{__name__}.Point"


@pytest.mark.parametrize(
    ("expression", "value", "said"),
    [
        ("list[int]", 3, "w should be list[int], given 3: Input should be a valid list"),
        (" list[int]", 3, "w should be list[int], given 3: "),
        ("list[int]", [1, "x"], "w[1] should be int, given 'x': Input should be a valid integer"),
        ("dict[str, list[int]]", {"a": [1, "x"]}, "w['a'][1] should be int, given 'x': "),
        ("typing.Mapping[int, float]", {1: "b"}, "w[1] should be float, given 'b': "),
        ("dict[int, str]", {"a": "b"}, "a key of w should be int, given 'a': "),
        ("dict[str, dict[int, int]]", {"a": {"q": 1}}, "a key of w['a'] should be int, given 'q': "),
        ("tuple[int, str]", (1, 2), "w[1] should be str, given 2: "),
        ("tuple[int, ...]", (1, "x"), "w[1] should be int, given 'x': "),
        ("list[int | None]", [None, "x"], "w[1] should be int | None, given 'x': "),
        ("Optional[dict[str, int]]", {"a": "b"}, "w['a'] should be int, given 'b': "),
        (
            "int | list[int]",
            "x",
            "w should be int | list[int], given 'x': Input should be a valid integer, unable to parse string as an "
            "integer; Input should be a valid list",
        ),
        ("list[int | list[int]]", [1, {}], "w[1] should be int | list[int], given {}: "),
        # Of which member the rest is, only what pydantic says first can tell.
        ("list[int] | list[str]", [1, []], "w[1] should be int, given []: "),
        (POINT, {"y": 1}, f"w should be {POINT}, given {{'y': 1}}: 'x' is missing"),
        (f"list[{POINT}]", [{}], f"w[0] should be {POINT}, given {{}}: 'x' is missing"),
        # What a field of a class should be is not said by the file.
        (POINT, {"x": "y"}, "w['x'] is wrong, given 'y': Input should be a valid integer"),
    ],
)
def test_the_part_that_is_wrong_and_its_type(expression, value, said):
    adapter = type_adapter(resolve_type(expression))

    with pytest.raises(ValidationError) as raised:
        adapter.validate_python(value)

    assert what_is_wrong("w", expression.strip(), raised.value).startswith(said)


def test_a_value_that_resists_being_shown():
    class Resisting:
        def __repr__(self) -> str:
            raise OSError

    with pytest.raises(ValidationError) as raised:
        type_adapter(int).validate_python(Resisting())

    assert "given <Resisting" in what_is_wrong("w", "int", raised.value)
