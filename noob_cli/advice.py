"""What to do about a mistake: a sentence, and the changes of the file that it means, where it means some."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from enum import Enum
from typing import Any

from noob_cli.named_tuple import NamedTuple


class Action(Enum):
    """What is done to the place of a mistake."""

    replace = "replace"
    """One word in it becomes another."""
    write = "write"
    """All of it becomes something else."""
    rename = "rename"
    """The entry that is called so gets another name, there and where it is used."""
    add = "add"
    """A key gets a value in the mapping there, in place of the one that it has."""
    give = "give"
    """A slot is added to what the node there takes."""
    choose = "choose"
    """A key is added to the entry there, with a value that is chosen among what there is."""
    move = "move"
    """It is given in another key of its entry: a param in `depends`, a slot in `params`."""
    take_apart = "take apart"
    """The arguments of the call there become params of its entry."""
    remove = "remove"
    """It is taken out, with its key."""
    quote = "quote"
    """It, or the text that begins there, is put in quotes."""
    itemize = "itemize"
    """Each key there becomes an item of a list."""
    close = "close"
    """The quotes and brackets that are open before it are closed."""
    indent = "indent"
    """The tabs before it become spaces."""


class Change(NamedTuple):
    """A change of the file, at the place of a mistake or at another.

    Args:
        action: What is done.
        text: What is written: a word, or a value; or the name of a slot or of a key.
        old: The word that is replaced.
        at: Where in the document it is done; None at the place of the mistake.
        key: The key that gets the value, if one is added.
    """

    action: Action
    text: str = ""
    old: str = ""
    at: tuple[str | int, ...] | None = None
    key: str = ""


class Advice(str):
    """A sentence that says what to do, and the changes that it means, of which one is made."""

    __slots__ = ("changes",)
    changes: tuple[Change, ...]

    def __new__(cls, text: str, *changes: Change) -> Advice:
        advice = super().__new__(cls, text)
        advice.changes = changes
        return advice

    def within(self, whole: Callable[[tuple[str | int, ...]], tuple[str | int, ...]]) -> Advice:
        """The same about a part of a file, where that says how the paths in it are called in the file."""
        changes = (change if change.at is None else change._replace(at=whole(change.at)) for change in self.changes)
        return Advice(self, *changes)


def did_you_mean(meant: str, unknown: str) -> Advice:
    """A hint at the name that was meant by one that does not exist."""
    return Advice(f"did you mean '{meant}'?", Change(Action.replace, meant, unknown))


def write(text: str, at: tuple[str | int, ...] | None = None) -> Change:
    """All of a value becomes something else."""
    return Change(Action.write, text, at=at)


def add(key: str, value: str, at: tuple[str | int, ...] | None = None) -> Change:
    """A key, and its value, come to those that an entry has."""
    return Change(Action.add, value, at=at, key=key)


REMOVE = Change(Action.remove)
QUOTE = Change(Action.quote)

REMOVE_IT = Advice("remove it", REMOVE)
"""A hint at what has no place where it stands."""

TRUE_OR_FALSE = Advice("write 'true' or 'false'", write("true"), write("false"))
"""A hint at what should be one of the two."""


def respelled(value: Any, admits: Callable[[Any], bool]) -> Iterator[Change]:
    """The quotes that a number lacks where text is admitted, or that text has too many where a number is.

    Args:
        value: What stands there.
        admits: Says whether something may stand there.
    """
    if isinstance(value, bool | int | float) and admits(str(value)):
        yield QUOTE
    elif isinstance(value, str):
        number = _number(value)
        if number is not None and admits(number):
            yield write(value)


def _number(text: str) -> int | float | None:
    if re.fullmatch(r"[-+]?[0-9]+(?:\.[0-9]+)?", text) is None:
        return None
    return float(text) if "." in text else int(text)
