"""A page as a program: the files that it shows, and the commands with the output that it prints for them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from noob_cli.guide import topics

ROOT = Path(__file__).resolve().parents[2]
GUIDE = ROOT / "noob_cli" / "guide"
README = ROOT / "README.md"
PAGES = (README, *(GUIDE / f"{topic}.md" for topic in topics()))
"""Those whose commands have to print what they say."""

_BLOCK = re.compile(r"^```(?P<language>\w+)\n(?P<text>.*?)^```$", re.MULTILINE | re.DOTALL)
_FILE = re.compile(r"# (?P<name>[\w.-]+)\n")


@dataclass(frozen=True)
class Block:
    """A fenced block of a Markdown text.

    Args:
        language: What it says it is.
        text: What is in it.
        start: Where the text begins.
    """

    language: str
    text: str
    start: int

    @property
    def commands(self) -> list[tuple[str, str]]:
        """The commands of a console, each with its output."""
        parts = re.split(r"^\$ ", self.text, flags=re.MULTILINE)[1:]
        return [(command, output) for command, _, output in (part.partition("\n") for part in parts)]


def blocks_of(text: str, language: str | None = None) -> list[Block]:
    """The fenced blocks of a Markdown text, of one language or of all."""
    found = [Block(each["language"], each["text"], each.start("text")) for each in _BLOCK.finditer(text)]
    return [block for block in found if language in (None, block.language)]


def files_of(text: str) -> Iterator[tuple[str, str]]:
    """The files that a Markdown text shows: blocks that begin with a comment which is a file's name."""
    for block in blocks_of(text):
        name = _FILE.match(block.text)
        if name is not None and block.language in ("yaml", "python"):
            yield name["name"], block.text
