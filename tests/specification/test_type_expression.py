"""Type expressions as tube files write them."""

from __future__ import annotations

import collections.abc
import datetime
import functools
import pathlib
import sys
import typing
from typing import Any, Literal, Optional, Union

import pytest
from pydantic import ValidationError

from noob_cli.code.codebase import ImportedCode
from noob_cli.code.finding import ModuleFailedError
from noob_cli.specification.type_expression import TypeExpressionError, resolve_type, type_adapter

HERE = __name__


class Shape:
    class Side:
        pass


NOT_A_TYPE = 3


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("int", int),
        (" int ", int),
        ("str", str),
        ("None", None),
        ("object", object),
        ("list", list),
        ("Any", Any),
        ("pathlib.Path", pathlib.Path),
        ("datetime.datetime", datetime.datetime),
        ("list[str]", list[str]),
        ("dict[str, list[int]]", dict[str, list[int]]),
        ("tuple[int, ...]", tuple[int, ...]),
        ("tuple[int, str]", tuple[int, str]),
        ("set[pathlib.Path]", set[pathlib.Path]),
        ("int | None", Optional[int]),  # noqa: UP045
        ("int | str | None", Union[int, str, None]),  # noqa: UP007
        ("pathlib.Path | None", Optional[pathlib.Path]),  # noqa: UP045
        ("Optional[int]", Optional[int]),  # noqa: UP045
        ("Union[int, str]", Union[int, str]),  # noqa: UP007
        ("typing.Optional[int]", Optional[int]),  # noqa: UP045
        ("Literal['a', 'b']", Literal["a", "b"]),
        ('Literal["a"]', Literal["a"]),
        ("Literal[1, -1, True, None]", Literal[1, -1, True, None]),
        ("typing.Literal['list[int]']", Literal["list[int]"]),
        ("collections.abc.Sequence[int]", collections.abc.Sequence[int]),
        ("Sequence[int]", typing.Sequence[int]),
        ("collections.abc.Callable[[int, str], bool]", collections.abc.Callable[[int, str], bool]),
        ("'int'", int),
        ("list['int']", list[int]),
        (f"{HERE}.Shape", Shape),
        (f"{HERE}.Shape.Side", Shape.Side),
        (f"list[{HERE}.Shape]", list[Shape]),
    ],
)
def test_what_an_expression_names(expression, expected):
    assert resolve_type(expression) == expected


@pytest.mark.parametrize(
    "expression",
    [
        "",
        "   ",
        "int[",
        "int]",
        "list[int",
        "int int",
        "1 +",
        "x = int",
        "import os",
        "3",
        "1 + 2",
        "list[3]",
        "-int",
        "lambda: int",
        "[int for x in y]",
        "int if x else str",
        "f'int'",
        "int & str",
        "'int[' ",
        "(int, str)",
        "Literal[x]",
        "Literal[int()]",
        "\x00",
        "(" * 500 + "int" + ")" * 500,
        "list[" * 5000 + "int" + "]" * 5000,
    ],
    ids=lambda expression: repr(expression[:20]),
)
def test_what_is_no_type_expression(expression):
    with pytest.raises(TypeExpressionError):
        resolve_type(expression)


@pytest.mark.parametrize(
    ("expression", "part"),
    [
        ("no_such_module_at_all.Thing", "no_such_module_at_all"),
        ("pathlib.Pat", "Pat"),
        ("nothing", "nothing"),
        ("list[nothing]", "nothing"),
        (f"{HERE}.Shape.Corner", "Corner"),
    ],
)
def test_what_does_not_exist_is_named(expression, part):
    with pytest.raises(TypeExpressionError, match=part):
        resolve_type(expression)


@pytest.mark.parametrize("expression", ["int[str]", "pathlib.Path[str]", f"{HERE}.Shape[int]", "Optional[int, str]"])
def test_what_takes_no_arguments(expression):
    with pytest.raises(TypeExpressionError):
        resolve_type(expression)


def test_an_expression_runs_no_code():
    for expression in ("__import__('os').getcwd()", "print('x')", "int()", "eval('int')", "(lambda: int)()"):
        with pytest.raises(TypeExpressionError):
            resolve_type(expression)


def called_with_each_value(**values):
    raise AssertionError("a type is not called")


called_in_part = functools.partial(called_with_each_value, left=1)


@pytest.mark.parametrize(
    "expression",
    [
        f"{HERE}.called_with_each_value",
        f"list[{HERE}.called_with_each_value]",
        f"{HERE}.called_in_part",
        "os.makedirs",
        "len",
        "dict.fromkeys",
        "cast",
    ],
)
def test_a_function_is_no_type(expression):
    with pytest.raises(TypeExpressionError, match="is a function, not a type"):
        resolve_type(expression)


def test_types_beside_the_tube(tmp_path, monkeypatch):
    (tmp_path / "shapes_beside_the_tube.py").write_text("class Circle: pass\n")
    assert resolve_type("shapes_beside_the_tube.Circle", ImportedCode([tmp_path]).find).__name__ == "Circle"


def test_a_module_that_fails_says_so(tmp_path, monkeypatch):
    monkeypatch.setattr(sys, "path", [str(tmp_path), *sys.path])
    (tmp_path / "failing_types.py").write_text("1 / 0\n")
    with pytest.raises(ModuleFailedError, match="ZeroDivisionError"):
        resolve_type("failing_types.Circle", ImportedCode([tmp_path]).find)


# --- validation -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("expression", "given", "expected"),
    [
        ("int", "3", 3),
        ("int", 3, 3),
        ("float", 3, 3.0),
        ("pathlib.Path", "a/b", pathlib.Path("a/b")),
        ("list[int]", ["1", 2], [1, 2]),
        ("tuple[int, ...]", [1, 2], (1, 2)),
        ("dict[str, int]", {"a": "1"}, {"a": 1}),
        ("int | None", None, None),
        ("Literal['a', 'b']", "b", "b"),
        ("datetime.date", "2024-02-29", datetime.date(2024, 2, 29)),
        ("bool", "true", True),
        ("Any", object, object),
    ],
)
def test_values_are_validated_by_pydantic(expression, given, expected):
    found = type_adapter(resolve_type(expression)).validate_python(given)
    assert found == expected
    assert type(found) is type(expected)


@pytest.mark.parametrize(
    ("expression", "given"),
    [
        ("int", "three"),
        ("int", None),
        ("int", 1.5),
        ("list[int]", ["a"]),
        ("Literal['a', 'b']", "c"),
        ("dict[str, int]", [1]),
        (f"{HERE}.Shape", 3),
        (f"list[{HERE}.Shape]", [3]),
    ],
)
def test_values_that_are_not_admitted(expression, given):
    with pytest.raises(ValidationError):
        type_adapter(resolve_type(expression)).validate_python(given)


@pytest.mark.parametrize("wrap", ["{}", "list[{}]", "{} | None"])
def test_a_class_that_pydantic_does_not_know_is_checked_by_its_kind(wrap):
    shape = Shape()
    given = [shape] if wrap.startswith("list") else shape
    found = type_adapter(resolve_type(wrap.format(f"{HERE}.Shape"))).validate_python(given)
    assert found == given


def test_what_is_no_type_can_not_be_validated():
    with pytest.raises(TypeExpressionError):
        type_adapter(resolve_type(f"{HERE}.NOT_A_TYPE"))
