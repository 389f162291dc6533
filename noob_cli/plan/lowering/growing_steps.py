"""The steps of an epoch while lowering adds to them: inside of which loops each stands, and where each value is there.

A frame is the loops around something, the outermost first. A second loop over the items of a map reads what the first
has made of each of them from lists.
"""

from __future__ import annotations

from collections.abc import Collection, Hashable, Iterable

from noob_cli.graph.loops import Frame
from noob_cli.plan.naming import Naming
from noob_cli.plan.passes.passes import passed
from noob_cli.plan.place import Place
from noob_cli.plan.steps import Append, For, Items, NewList, Step
from noob_cli.plan.values import Variable
from noob_cli.struct import Struct, field


class _GrowingLoop(Struct):
    """A loop whose steps are still being added.

    Args:
        place: The map.
        items: What it goes through.
        item: What gets each item.
        before: What is done before the loop begins.
        beside: Values of an earlier pass, one for each item.
        body: What is done for each item.
        tail: What is done for each item after that.
        number: What counts the items, if something asks for that.
        at_once: How many items may be under way at once, if the file says so.
        is_gone_through_again: Whether a later loop goes through the same items.
    """

    place: Place
    items: Variable
    item: Variable | None
    at_once: int | None
    before: list[Step] = field(factory=list)
    beside: list[tuple[Variable, Variable]] = field(factory=list)
    body: list[Step | _GrowingLoop] = field(factory=list)
    tail: list[Step] = field(factory=list)
    number: str | None = None
    is_gone_through_again: bool = False


class GrowingSteps:
    """The steps of an epoch while lowering adds to them, by the frame that they are in.

    A value that is made in one loop over the items of a map and read in a later one is kept in a list, with a value for
    each item; inner loops make lists of lists.

    Args:
        names: Gives names to what is kept.
    """

    def __init__(self, names: Naming) -> None:
        self._names = names
        self._steps: list[Step | _GrowingLoop] = []
        self._loops: dict[Frame, _GrowingLoop] = {}
        self._values: dict[Hashable, tuple[Variable, Frame]] = {}
        self._bound: dict[tuple[Hashable, Frame], Variable] = {}
        self._kept: dict[tuple[Hashable, int], Variable] = {}
        self._collected: dict[Hashable, Variable] = {}

    def add(self, frame: Frame, *steps: Step) -> None:
        """Add steps to a frame."""
        (self._loops[frame].body if frame else self._steps).extend(steps)

    def define(self, key: Hashable, variable: Variable, frame: Frame) -> None:
        """Say in which frame a value is there. What is kept of it from here on is what it is there."""
        self._values[key] = (variable, frame)
        self._kept = {kept: held for kept, held in self._kept.items() if kept[0] != key}

    def open_loop(
        self, frame: Frame, place: Place, items: Variable, item: Variable | None, key: Hashable, at_once: int | None
    ) -> None:
        """Begin a loop.

        Args:
            frame: The frame of its steps.
            place: The map.
            items: What it goes through.
            item: What gets each item.
            key: What the item is called as a value.
            at_once: How many items may be under way at once, if the file says so.
        """
        self._go_through_again(items)
        loop = _GrowingLoop(place, items, item, at_once)
        outer = frame[:-1]
        (self._loops[outer].body if outer else self._steps).append(loop)
        self._loops[frame] = loop
        if item is not None:
            self._bound[key, frame] = item

    def read(self, key: Hashable, frame: Frame) -> Variable:
        """What holds a value in a frame, kept from an earlier pass if need be."""
        variable, made = self._values[key]
        depth = _shared_depth(made, frame)
        if depth == len(made):
            return variable
        known = self._bound.get((key, frame[: len(made)]))
        if known is not None:
            return known
        current = self._keep(key, depth)
        for inner in range(depth + 1, len(made) + 1):
            optional = variable.optional and inner == len(made)
            element = Variable(self._names.new(f"{variable.name}_again"), optional)
            self._loops[frame[:inner]].beside.append((element, current))
            current = element
        self._bound[key, frame[: len(made)]] = current
        return current

    def items_around(self, frame: Frame) -> tuple[tuple[str, str], ...]:
        """For each loop around a frame, the outermost first: the map, and what counts its items."""
        items = []
        for depth in range(1, len(frame) + 1):
            loop = self._loops[frame[:depth]]
            if loop.number is None:
                loop.number = self._names.new(f"{loop.items.name.removesuffix('_items')}_number")
            items.append((frame[depth - 1][0], loop.number))
        return tuple(items)

    def collect_events(self, key: Hashable, name: str, frame: Frame, level: int, place: Place) -> Variable:
        """A list for the events of a loop.

        Args:
            key: What the list is called.
            name: What it is called in the generated code.
            frame: The frame in which they are emitted.
            level: How many of the loops are around the list.
            place: Who emits them.
        """
        collected = Variable(self._names.new(name))
        self._collected[key] = collected
        self._loops[frame[: level + 1]].before.append(NewList(place, collected))
        return collected

    def collected(self, key: Hashable) -> Variable:
        """The list that events were collected into."""
        return self._collected[key]

    def steps(self, passes: Collection[str]) -> tuple[Step, ...]:
        """All steps.

        Args:
            passes: The names of the passes that those of each frame go through at last.
        """
        return _finished(self._steps, passes)

    def _keep(self, key: Hashable, depth: int) -> Variable:
        """The list, in the frame of that depth, of what a value was for each item."""
        if (key, depth) in self._kept:
            return self._kept[key, depth]
        current, made = self._values[key]
        self._go_through_again(current)
        for inner in range(len(made), depth, -1):
            loop = self._loops[made[:inner]]
            kept = Variable(self._names.new(f"{current.name}_kept"))
            loop.before.append(NewList(loop.place, kept))
            loop.tail.append(Append(loop.place, current, kept))
            current = kept
        self._kept[key, depth] = current
        return current

    def _go_through_again(self, items: Variable) -> None:
        """Let the loops over some items know, if there are any, that a later one goes through them, too."""
        for loop in self._loops.values():
            loop.is_gone_through_again |= loop.items == items


def _shared_depth(one: Frame, other: Frame) -> int:
    """How many loops two frames share."""
    depth = 0
    for first, second in zip(one, other, strict=False):
        if first != second:
            break
        depth += 1
    return depth


def _finished(steps: Iterable[Step | _GrowingLoop], passes: Collection[str]) -> tuple[Step, ...]:
    flat: list[Step] = []
    for step in steps:
        if not isinstance(step, _GrowingLoop):
            flat.append(step)
            continue
        flat += step.before
        body = _finished([*step.body, *step.tail], passes)
        elements, beside = zip(*step.beside, strict=True) if step.beside else ((), ())
        over = Items(step.items, beside)
        shortened = step.items if step.is_gone_through_again else None
        flat.append(For(step.place, over, (step.item, *elements), step.number, body, shortened, step.at_once))
    return passed(flat, passes)
