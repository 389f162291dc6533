"""The nodes of `words.yaml`: plain functions that know nothing of loops."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated

from noob_cli import MetaSignal, Name, NoEvent

_WORD = re.compile(r"\w+(?:['\u2019-]\w+)*")
_LITTLE = """
    a about after again all am an and any are as at be been before but by could did do down for from get had have
    having her here how i if in is it its me my no nor not of off on once or out over own shall she should so still
    that the their them then there they this though through to too up upon very was way were what when whether which
    who with would you your
"""
STOP_WORDS = frozenset(_LITTLE.split())
TOLD = 3


def read_paragraphs(
    file: Path | None,
) -> Iterator[tuple[Annotated[int, Name("number")], Annotated[list[str], Name("words")]]]:
    """Read a text, and the words of each of its paragraphs."""
    text = (file or Path(__file__).with_name("alice.txt")).read_text(encoding="utf-8")
    for number, paragraph in enumerate(filter(str.strip, text.split("\n\n")), start=1):
        yield number, _WORD.findall(paragraph)


def normalise(word: str) -> str | MetaSignal:
    """Write a word in small letters; nothing comes of those that say little."""
    plain = word.lower()
    return NoEvent if plain in STOP_WORDS else plain


def amount_of(counted: tuple[str, int]) -> int:
    """How often a word came."""
    return counted[1]


def share(counted: tuple[str, int], total: int, least: int) -> tuple[str, float] | MetaSignal:
    """A word and its share of a paragraph; nothing if it came too seldom."""
    word, amount = counted
    return (word, round(amount / total, 3)) if amount >= least else NoEvent


def most_common(totals: Counter[str]) -> dict[str, int]:
    """The words that came most often."""
    return dict(totals.most_common(TOLD))
