"""Text from anywhere, made such that it steers no terminal, and does not look like lines that somebody else wrote."""

from __future__ import annotations

import unicodedata

_HARMLESS = ("Zs", "Cs")
"""Kinds of letters that Python does not take for printable and that do nothing: spaces, and bytes of undecodable names,
which are escaped when they are written."""

_JOINERS = "\u200c\u200d"
"""They are part of words in some scripts, and of emojis."""


def printable(text: str) -> str:
    """A text that is safe for a terminal: control characters are shown as escapes, but for line ends and tabs.

    Args:
        text: The text, of one line or several.
    """
    return text if text.isprintable() else "".join(map(_shown, text))


def one_line(text: str) -> str:
    """The same with line ends escaped too, so that the text takes one line."""
    return printable(text).replace("\n", "\\n")


def _shown(letter: str) -> str:
    if letter.isprintable() or letter in "\t\n" or letter in _JOINERS or unicodedata.category(letter) in _HARMLESS:
        return letter
    return letter.encode("unicode_escape").decode("ascii")
