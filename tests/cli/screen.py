"""What a terminal shows after all that was written to it."""

from __future__ import annotations

import re

_PIECES = re.compile(r"\x1b\[(?P<number>[0-9;?]*)(?P<what>[A-Za-z])|(?P<letter>.)", re.DOTALL)


def screen(written: str, columns: int = 1000) -> str:
    """The lines that stand on a screen, as far as they were written: without colours, and without spaces at their ends.

    Args:
        written: All that was written.
        columns: How wide it is; the rest of a longer line is in the next.
    """
    lines: list[list[str]] = [[]]
    row = column = 0
    for piece in _PIECES.finditer(written):
        letter, what = piece["letter"], piece["what"]
        if what == "A":
            row = max(0, row - int(piece["number"] or 1))
        elif what == "K":
            assert piece["number"] == "2"
            lines[row] = []
        elif letter == "\r":
            column = 0
        elif letter == "\n" or (letter and column == columns):
            row, column = row + 1, 0
        if letter and letter not in "\r\n":
            line = lines[row] if row < len(lines) else lines.append([]) or lines[row]
            line += [" "] * (column - len(line))
            line[column : column + 1] = letter
            column += 1
        elif row == len(lines):
            lines.append([])
    return "\n".join("".join(line).rstrip() for line in lines).rstrip("\n") + "\n"
