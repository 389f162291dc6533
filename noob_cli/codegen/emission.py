"""Python as it is emitted for the steps of a plan: the source, and what is known of where it stands."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager, nullcontext
from typing import Any

from noob_cli.codegen.source import Source
from noob_cli.plan.part import Part
from noob_cli.plan.passes.uses import reads
from noob_cli.plan.place import Place
from noob_cli.plan.plan import Plan
from noob_cli.plan.steps import Lookup, Step

_MOST_BLOCKS = 12
"""How deep loops and tries may stand in each other; Python allows some twenty, and deeper ones become functions."""

Emitter = Callable[["Emission", Any], None]
"""Emits the Python of a step of one kind."""


class Emission:
    """The Python of a plan as it grows.

    Args:
        plan: The plan.
        source: Gets the lines.
        emitters: What emits the steps of each kind.

    Attributes:
        line: Adds a line.
        block: Adds a line that ends in a colon, and indents what follows.
        at: Says which step the lines that follow belong to.
        loops: What the loops go through that are around here, the outermost first, as far as they may be left.
        over: What says that the tube whose steps are emitted has ended.
        reads: In how many places each value is read, by its name.
        lookups: What is looked up by its identity.
        parts: How many functions hold a part of another.
    """

    def __init__(self, plan: Plan, source: Source, emitters: Mapping[type[Part], Emitter]) -> None:
        self.plan = plan
        self.source = source
        self.line, self.block, self.at = source.line, source.block, source.at
        self._emitters = emitters
        self._blocks = 0
        self._numbers = 0
        self.loops: list[str] = []
        self.over = plan.body.over
        self.reads = reads(plan.body)
        self.lookups = tuple(part for part in plan.body.walk() if isinstance(part, Lookup))
        self._known = {held.variables[0].name: lookup.known for lookup in self.lookups for held in lookup.held}
        self.parts = 0

    @property
    def def_(self) -> str:
        """How a function that may await something begins."""
        return "async def" if self.plan.awaits else "def"

    @property
    def await_(self) -> str:
        """What stands before a call of one."""
        return "await " if self.plan.awaits else ""

    def steps(self, steps: Iterable[Step]) -> None:
        """The Python of steps, one after the other."""
        for step in steps:
            with self.at(step.place):
                self._emitters[type(step)](self, step)

    @contextmanager
    def nesting(self, head: str) -> Iterator[None]:
        """A block of those that Python allows only some twenty of inside of each other."""
        self._blocks += 1
        if self._blocks % _MOST_BLOCKS:
            with self.block(head):
                yield
        else:
            self.parts += 1
            name = f"part_{self.parts}"
            # What catches the errors of a `try` stands here, behind it.
            here, apart = (self.block(head), nullcontext()) if head == "try" else (nullcontext(), None)
            with here:
                self.line(f"{self.await_}{name}()")
            with self.source.apart(f"{self.def_} {name}()"):
                self.source.line_for_later()
                with apart or self.block(head):
                    yield
        self._blocks -= 1

    @contextmanager
    def function(self, head: str) -> Iterator[None]:
        """A function inside of another, in which blocks are counted anew."""
        blocks, self._blocks = self._blocks, 0
        with self.block(head):
            yield
        self._blocks = blocks

    @contextmanager
    def tube(self, over: str) -> Iterator[None]:
        """The steps of a nested tube, whose end leaves no loop around it."""
        around = self.over, self.loops
        self.over, self.loops = over, []
        yield
        self.over, self.loops = around

    def new_iterator(self) -> str:
        """A name for what a loop goes through."""
        self._numbers += 1
        return f"left_{self._numbers}"

    def remember(self, name: str) -> None:
        """Let what is to be stored be found by its identity."""
        if name in self._known:
            self.line(f"{self._known[name]}.add(id({name}))")

    @contextmanager
    def timed(self, place: Place, part: str | None = None) -> Iterator[None]:
        """What is measured, if somebody wants to know: a call of a node, or a part of what it takes."""
        if place.name not in self.plan.timed:
            yield
            return
        timer = timer_of(place)
        with self.nesting(f"with {timer if part is None else f'{timer}.{part}'}"):
            yield

    def count_events(self, place: Place, emitted: Iterable[str]) -> None:
        """Count the events of a node that was called."""
        if place.name in self.plan.timed:
            self.line(f"{timer_of(place)}.emitted({', '.join(emitted)})")


def timer_of(place: Place) -> str:
    """What measures a node, in Python."""
    return f"timers[{place.name!r}]"
