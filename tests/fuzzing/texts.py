"""Mutations of a tube as text and as bytes: what a slip of the hand, an editor or a broken disk does."""

from __future__ import annotations

import re
from collections.abc import Callable

from hypothesis import strategies as st

Draw = Callable[[st.SearchStrategy], object]

_TOKEN = re.compile(r"[\w.]+")

TOKENS = (
    *("nodes", "assets", "input", "extends", "noob_id", "type", "depends", "params", "scope", "enabled", "stateful"),
    *("default", "required", "description", "value", "n", "trigger", "flatten", "tube", "map", "gather", "return"),
    *("retry", "timeout", "rate", "times", "wait", "backoff", "on", "5s", "250ms", "10/s", "0.5/h"),
    *("input.x", "assets.x", "tube.x", "a.value", "return.value", "a.b.c", "a.", ".a", "meta", "process", "runner"),
    *("concurrency", "list"),
    *("sum", "int", "os.path.join", "math.pi", "None", "no.such.module", "itertools.count", "_private.x"),
    *("null", "~", "true", "no", "0", "-1", "1.5", ".nan", ".inf", "0x1F", "1_000", "2024-01-02", "12:30", "''", "é"),
)

SNIPPETS = (
    *(":", "-", "- ", "? ", "!", "&a ", "*a", "<<: *a", "<<", "#", "%", "@", "`", "|", ">", "|2\n", "'", '"', "[", "]"),
    *("{", "}", ",", "\\", "\t", "\r", "\n", "\n\n", "---\n", "...\n", "%YAML 1.1\n---\n", "%TAG ! tag:x,2000:\n---\n"),
    *("!!python/object:os.system ", "!!python/name:os.system ", "!foo ", "!!binary ", "!!set ", "!!omap ", "!!int "),
    *("!!str ", "!!seq ", "!!map ", "!!null ", "!!timestamp ", "!!float ", "!<tag:x> ", "!! ", "&a &b ", "=: =\n"),
    *("\ufeff", "\u2028", "\x85", "\x00", "\x07", "\u202e", "\U0001f41f", "\ufffe", '"\\ud800"', '"\\x00"', '"\\q"'),
    *(
        "input.",
        "a.value",
        "null: 1\n",
        "1: {}\n",
        "true: a\n",
        "1.5: a\n",
        "2024-01-02: a\n",
        "[a]: b\n",
        "? {a: b}\n",
    ),
)


def mutate_text(draw: Draw, text: str) -> str:
    """One change of a text."""
    change = draw(st.sampled_from(_CHANGES))
    return change(draw, text)  # type: ignore[operator]


def _place(draw: Draw, length: int) -> int:
    return draw(st.integers(0, length))  # type: ignore[return-value]


def _cut(draw: Draw, text: str) -> str:
    return text[: _place(draw, len(text))]


def _drop_letters(draw: Draw, text: str) -> str:
    at = _place(draw, len(text))
    return text[:at] + text[at + draw(st.integers(1, 12)) :]  # type: ignore[operator]


def _insert(draw: Draw, text: str) -> str:
    at = _place(draw, len(text))
    what = draw(st.sampled_from(SNIPPETS) | st.text(max_size=3))
    return f"{text[:at]}{what}{text[at:]}"


def _replace_word(draw: Draw, text: str) -> str:
    words = list(_TOKEN.finditer(text))
    if not words:
        return text
    word = words[_place(draw, len(words) - 1)]
    others = st.sampled_from(TOKENS) | st.sampled_from(SNIPPETS) | st.sampled_from([each.group() for each in words])
    return f"{text[: word.start()]}{draw(others)}{text[word.end() :]}"


def _change_lines(draw: Draw, text: str) -> str:
    lines = text.split("\n")
    first = _place(draw, len(lines) - 1)
    last = min(len(lines), first + draw(st.integers(1, 4)))  # type: ignore[operator]
    part = lines[first:last]
    kind = draw(st.sampled_from(["drop", "double", "indent", "dedent", "move", "comment", "tabs"]))
    if kind == "drop":
        part = []
    elif kind == "double":
        part = part * 2
    elif kind == "indent":
        part = [" " * draw(st.integers(1, 5)) + each for each in part]  # type: ignore[operator]
    elif kind == "dedent":
        part = [each.removeprefix(" " * draw(st.integers(1, 3))) for each in part]  # type: ignore[operator]
    elif kind == "comment":
        part = [f"# {each}" for each in part]
    elif kind == "tabs":
        part = [each.replace("  ", "\t") for each in part]
    rest = lines[:first] + lines[last:]
    at = _place(draw, len(rest)) if kind == "move" else first
    return "\n".join(rest[:at] + part + rest[at:])


def _change_line_ends(draw: Draw, text: str) -> str:
    return text.replace("\n", draw(st.sampled_from(["\r\n", "\r", "\u2028", "\x85", " \n", ""])))  # type: ignore[arg-type]


_CHANGES = (_cut, _drop_letters, _insert, _insert, _replace_word, _replace_word, _replace_word, _change_lines)
_CHANGES += (_change_lines, _change_lines, _change_line_ends)  # type: ignore[assignment]


def mutate_bytes(draw: Draw, text: str) -> bytes:
    """A text as bytes, not always as UTF-8, and not always whole."""
    encodings = ["utf-8", "utf-8", "utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-32", "latin-1", "utf-7", "cp037"]
    data = text.encode(draw(st.sampled_from(encodings)), "replace")  # type: ignore[arg-type]
    for _ in range(draw(st.integers(0, 3))):  # type: ignore[call-overload]
        at = _place(draw, len(data))
        kind = draw(st.sampled_from(["flip", "insert", "cut"]))
        if kind == "flip" and at < len(data):
            data = data[:at] + bytes([data[at] ^ (1 << _place(draw, 7))]) + data[at + 1 :]
        elif kind == "insert":
            data = data[:at] + draw(st.binary(min_size=1, max_size=3)) + data[at:]  # type: ignore[operator]
        elif kind == "cut":
            data = data[:at]
    return data
