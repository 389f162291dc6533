"""Mutations of what a tube says: keys and values dropped, renamed, moved and of another type; and tubes as text."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from hypothesis import strategies as st

from tests.fuzzing.texts import TOKENS, Draw

Way = tuple[str | int, ...]


class Verbatim(str):
    """YAML that is written as it is."""

    __slots__ = ()


ODD_KEYS = tuple(
    map(
        Verbatim, ("1", "-1", "1.5", "null", "true", "2024-01-02", ".nan", "''", "'a b'", "é", "!!int 3", "!!binary aa")
    )
)
ODD_VALUES = tuple(
    map(
        Verbatim,
        (
            *("null", "true", "false", "0", "-1", "1.5", ".nan", ".inf", "1e999", "2024-01-02", "12:30:00", "''"),
            *("[]", "{}", "[[]]", "[{}]", "{a: 1}", "[a, {b: c}, 1]", "{1: 2, null: 3}", "[null]", "'a b'", "'\\0'"),
            *("!foo a", "!!python/object:os.system x", "!!binary aGVsbG8=", "!!set {a, b}", "!!omap [a: 1]", "!!int a"),
            *("input.x", "assets.x", "a.value", "[a.value]", "[{x: a.value}]", "[{0: a.value}]", "[{-1: a.value}]"),
            *("[{x: a.value, y: a.value}]", "[{x: [a.value]}]", "[{true: a.value}]", "[a.value, a.value]", "a", "."),
            *(
                '"int | " ',
                '"list["',
                "\"Literal['a', 1]\"",
                '"1 + 1"',
                '"lambda: 1"',
                "\"f'{x}'\"",
                '"(" ',
                '"int | str"',
            ),
            *('"dict[str, list[int]]"', '"typing.Annotated"', '"Callable[[int], str]"', '"tuple[()]"', '"1 is 1"'),
            *('"\\\\d"', '"[int]"', '"int[str]"', '"Optional"', '"print(1)"', '"*int"', '"int if 1 else str"', '"é.ü"'),
        ),
    )
)


def ways_in(data: Any, way: Way = ()) -> list[Way]:
    """The ways to all that is in a value."""
    parts = data.items() if isinstance(data, dict) else enumerate(data) if isinstance(data, list) else ()
    found: list[Way] = []
    for key, value in parts:
        found += [(*way, key), *ways_in(value, (*way, key))]
    return found


def at(data: Any, way: Way) -> Any:
    """What a way leads to."""
    for key in way:
        data = data[key]
    return data


def changed(data: Any, way: Way, change: Callable[[Any, str | int], Any]) -> Any:
    """A copy of a value in which what holds the last step of a way is changed."""
    if len(way) == 1:
        return change(dict(data) if isinstance(data, dict) else list(data), way[0])
    copy = dict(data) if isinstance(data, dict) else list(data)
    copy[way[0]] = changed(data[way[0]], way[1:], change)
    return copy


def drop(data: Any, way: Way) -> Any:
    """Without a key or an item."""

    def change(holder: Any, key: Any) -> Any:
        del holder[key]
        return holder

    return changed(data, way, change)


def replace(data: Any, way: Way, value: Any) -> Any:
    """With another value."""

    def change(holder: Any, key: Any) -> Any:
        holder[key] = value
        return holder

    return changed(data, way, change)


def rename(data: Any, way: Way, name: Any) -> Any:
    """With another key, in the same place."""

    def change(holder: Any, key: Any) -> Any:
        if isinstance(holder, list):
            return [{name: each} if at == key else each for at, each in enumerate(holder)]
        return {name if each == key else each: value for each, value in holder.items()}

    return changed(data, way, change)


def mutate_tree(draw: Draw, data: Any) -> Any:
    """One change of what a tube says."""
    ways = ways_in(data)
    if not ways:
        return draw(st.sampled_from(ODD_VALUES))
    # What is in the entries, most of the time: that there is no tube at all is soon said.
    inside = [way for way in ways if len(way) > 2] or ways
    way = draw(st.sampled_from(inside) | st.sampled_from(inside) | st.sampled_from(ways))
    kind = draw(st.sampled_from(["drop", "rename", "replace", "odd key", "odd value", "move", "move", "add"]))
    if kind == "drop":
        return drop(data, way)  # type: ignore[arg-type]
    if kind == "rename":
        return rename(data, way, draw(st.sampled_from(_names(ways))))  # type: ignore[arg-type]
    if kind == "odd key":
        return rename(data, way, draw(st.sampled_from(ODD_KEYS)))  # type: ignore[arg-type]
    if kind == "replace":
        return replace(data, way, draw(st.sampled_from(TOKENS)))  # type: ignore[arg-type]
    if kind == "odd value":
        return replace(data, way, draw(st.sampled_from(ODD_VALUES)))  # type: ignore[arg-type]
    other = at(data, draw(st.sampled_from(ways)))  # type: ignore[arg-type]
    if kind == "add":
        return {**data, draw(st.sampled_from(_names(ways))): other} if isinstance(data, dict) else [data, other]
    return replace(data, way, other)  # type: ignore[arg-type]


def _names(ways: list[Way]) -> list[str]:
    return [*dict.fromkeys(way[-1] for way in ways if isinstance(way[-1], str)), *TOKENS]


def written(data: Any, depth: int = 0) -> str:
    """A tube as YAML: its entries in lines of their own, what is in them in one line."""
    if isinstance(data, dict) and data and depth < 2:
        inside = "  " * depth
        parts = ((_flow(key), written(value, depth + 1)) for key, value in data.items())
        return "".join(f"\n{inside}{key}: {value}" for key, value in parts)
    return _flow(data)


def _flow(data: Any) -> str:
    if isinstance(data, Verbatim):
        return str(data)
    if isinstance(data, dict):
        return "{" + ", ".join(f"{_flow(key)}: {_flow(value)}" for key, value in data.items()) + "}"
    if isinstance(data, list):
        return "[" + ", ".join(map(_flow, data)) + "]"
    if isinstance(data, str) and data.replace("_", "a").isalnum() and data.isascii() and not data[0].isdigit():
        return data if data not in ("null", "true", "false") else f"'{data}'"
    return json.dumps(data, ensure_ascii=False, default=str)
