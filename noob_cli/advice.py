"""What to do about a mistake: a sentence, and the change of the file that it means, where it means one."""

from __future__ import annotations

from enum import Enum

from noob_cli.named_tuple import NamedTuple


class Action(Enum):
    """What is done to the place of a mistake."""

    replace = "replace"
    """One word in it becomes another."""
    write = "write"
    """All of it becomes something else."""
    add = "add"
    """A key, with its value, is added to the mapping there."""
    give = "give"
    """A slot is added to what the node there takes."""
    remove = "remove"
    """It is taken out, with its key."""
    quote = "quote"
    """The text that begins there is put in quotes."""
    indent = "indent"
    """The tabs before it become spaces."""


class Change(NamedTuple):
    """A change of the file, at the place of a mistake.

    Args:
        action: What is done.
        text: What is written: a word, a value, `key: value`, or the name of a slot.
        old: The word that is replaced.
    """

    action: Action
    text: str = ""
    old: str = ""


class Advice(str):
    """A sentence that says what to do, and the change that it means."""

    __slots__ = ("change",)
    change: Change

    def __new__(cls, text: str, action: Action, written: str = "", old: str = "") -> Advice:
        advice = super().__new__(cls, text)
        advice.change = Change(action, written, old)
        return advice


def did_you_mean(meant: str, unknown: str) -> Advice:
    """A hint at the name that was meant by one that does not exist."""
    return Advice(f"did you mean '{meant}'?", Action.replace, meant, unknown)


REMOVE_IT = Advice("remove it", Action.remove)
"""A hint at what has no place where it stands."""
