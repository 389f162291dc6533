"""A tube as a tree for the terminal: below each node what it takes, and where that comes from."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from noob_cli.drawing.describing import drawing_of
from noob_cli.drawing.description import Box, BoxKind, Drawable, Drawing, EdgeKind, Group
from noob_cli.named_tuple import NamedTuple
from noob_cli.printable import one_line


class _Line(NamedTuple):
    """A line, and those below it."""

    text: str
    below: Sequence[_Line] = ()


def tree(tube: Drawable) -> str:
    """A tube as a tree.

    Args:
        tube: The tube.
    """
    drawing = drawing_of(tube)
    lines = [drawing.name, *_drawn(_Tree(drawing).inside(None, ""), "")]
    return "\n".join(map(one_line, lines)) + "\n"


class _Tree:
    """A drawing as a tree of lines: what is in a group, and what each box takes, stands below it."""

    def __init__(self, drawing: Drawing) -> None:
        groups = {group.key: group for group in drawing.groups}
        self._loops = {group.name: group for group in drawing.groups if group.is_loop}
        self._taken: dict[str, list[tuple[str, str]]] = {}
        for edge in drawing.edges:
            what = "next epoch" if edge.kind is EdgeKind.stored else edge.target.rpartition(".")[2]
            self._taken.setdefault(edge.end, []).append((what, edge.source))
        self._members: dict[str | None, list[Box | Group]] = {}
        placed: set[str] = set()
        for box in drawing.boxes:
            self._members.setdefault(box.group, []).append(box)
            around = box.group
            while around is not None and around not in placed:
                placed.add(around)
                group = groups[around]
                if not group.is_loop:
                    self._members.setdefault(group.around, []).append(group)
                around = group.around

    def inside(self, group: str | None, prefix: str) -> list[_Line]:
        """What is in a group, each in the place of its first box.

        Args:
            group: The key of the group; None for what is in none.
            prefix: What the names of what is in it begin with.
        """
        return [
            self._box(member, prefix)
            if isinstance(member, Box)
            else _Line(member.title, self.inside(member.key, f"{member.name}."))
            for member in self._members.get(group, ())
        ]

    def _box(self, box: Box, prefix: str) -> _Line:
        is_given = box.kind is BoxKind.input
        taken = [
            _Line(f"{'given' if is_given else what}: {source.removeprefix(prefix)}")
            for what, source in self._taken.get(box.key, ())
        ]
        below = [*map(_Line, () if is_given else box.notes), *taken]
        if box.name in self._loops:
            loop = self._loops[box.name]
            below.append(_Line("for each item", self.inside(loop.key, prefix)))
        notes = ", ".join([box.detail, *(box.notes if is_given else ())])
        return _Line(f"{box.title} ({notes})", below)


def _drawn(lines: Sequence[_Line], indent: str) -> Iterator[str]:
    for place, line in enumerate(lines):
        is_last = place == len(lines) - 1
        yield f"{indent}{'└── ' if is_last else '├── '}{line.text}"
        yield from _drawn(line.below, f"{indent}{'    ' if is_last else '│   '}")
