"""Emitting Python for the steps of a plan: the source as it grows, and what emitters need to know of its context."""

from __future__ import annotations

from collections.abc import Callable, Container, Iterable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager, nullcontext
from typing import Any

from noob_cli.codegen.source import Source
from noob_cli.named_tuple import NamedTuple
from noob_cli.plan.liveness import live_in, live_out, read_counts
from noob_cli.plan.part import Part
from noob_cli.plan.place import Place
from noob_cli.plan.plan import Plan
from noob_cli.plan.steps import Body, Lookup, Step

_MOST_BLOCKS = 12
"""How deep loops and tries may stand in each other; Python allows some twenty, and deeper ones become functions."""

Emitter = Callable[["Emission", Any], None]
"""Emits the Python of a step of one kind."""


class LeftLoop(NamedTuple):
    """A loop that ends with the item under way when a node ends its tube.

    Args:
        iterator: The name of what it goes through: exhausting that ends the loop.
        shortened: The name of the items, if a later loop goes through them too: it gets only those that were begun.
    """

    iterator: str
    shortened: str | None


class Emission:
    """Emits the Python of a plan.

    Args:
        plan: The plan.
        source: Gets the lines.
        emitters: What emits the steps of each kind.

    Attributes:
        line: Adds a line.
        block: Adds a line that ends in a colon, and indents what follows.
        at: Says which step the lines that follow belong to.
        loops: The loops around what is emitted now, the outermost first, that may have to be left.
        end_of_run: The name of the function that is called when a node ends its tube.
        own_names: Names that a function has in place of those that all share; functions outlined from it take them.
        is_in_task: Whether it is the function of a task that is made for a call.
        is_numbered: Whether something needs the number of each epoch: counting takes about as long as a call.
        this_epoch: The expression for the number of the epoch that is under way.
        shown_names: The names of the values that are kept, and their counters, for who watches the run.
        read_counts: In how many places each value is read, by its name.
        lookups: The parts of the plan that objects are looked up in by their identities.
        shared_names: The names that all functions share: the state, and what the lookups need.
        begun: The names of the values that are `NoEvent` from the beginning, and may stay so.
    """

    def __init__(self, plan: Plan, source: Source, emitters: Mapping[type[Part], Emitter]) -> None:
        self.plan = plan
        self.source = source
        self.line, self.block, self.at = source.line, source.block, source.at
        self._emitters = emitters
        self._blocks = 0
        self._numbers = 0
        self._functions = 0
        self.loops: list[LeftLoop] = []
        self.end_of_run = "end_of_run"
        self.own_names: tuple[str, ...] = ()
        self.is_in_task = False
        self.read_counts = read_counts(plan.body)
        self.is_numbered = bool(self.read_counts[plan.body.counter] or plan.body.carried)
        self.this_epoch = plan.body.counter
        self.lookups = tuple(part for part in plan.body.walk() if isinstance(part, Lookup))
        self._known = {held.variables[0].name: lookup.known for lookup in self.lookups for held in lookup.held}
        state = [name for kept in plan.state for name in kept.kept_names]
        looked_up = [name for lookup in self.lookups for name in _names_looked_up(lookup)]
        self.shared_names = list(dict.fromkeys([*state, *looked_up]))
        self.shown_names = [name for names in plan.shown.values() for name in names]
        self.begun = {variable.name for body in plan.body.walk() if isinstance(body, Body) for variable in body.begin}

    @property
    def head(self) -> str:
        """The head of the function around all others, whose arguments are the names that they share."""
        names = [
            *self.shared_names,
            *self.shown_names,
            "counted",
            "this_epoch",
            "stopping",
            "end_tubes",
            "NoEvent",
            "no_event",
        ]
        return f"def tube({', '.join(names)})"

    @property
    def def_(self) -> str:
        """`async def`, where functions may await something; else `def`."""
        return "async def" if self.plan.awaits else "def"

    @property
    def await_(self) -> str:
        """`await `, where functions may await something; else nothing."""
        return "await " if self.plan.awaits else ""

    def steps(self, steps: Iterable[Step]) -> None:
        """The Python of steps, one after the other."""
        for step in steps:
            with self.at(step.place), self.outlined_if_deep(step):
                self._emitters[type(step)](self, step)

    @contextmanager
    def nesting(self, head: str) -> Iterator[None]:
        """A loop or a `try`: of those, Python allows only some twenty inside of each other."""
        self._blocks += 1
        with self.block(head):
            yield
        self._blocks -= 1

    def outlined_if_deep(self, step: Part) -> AbstractContextManager[None]:
        """The Python of a step becomes a function of its own where it would stand too deep."""
        if self._blocks < _MOST_BLOCKS or not step.parts or self.is_in_task:
            # What stands around a call in its task is never as deep, and its result belongs to the task.
            return nullcontext()
        return self.outlined(live_in(step), live_out(step, self.read_counts), self.assigned_in([step]))

    @contextmanager
    def outlined(self, takes: Iterable[str], gives: Iterable[str], assigned: Container[str]) -> Iterator[None]:
        """What is emitted inside becomes a function of its own, which is called here.

        Args:
            takes: The names of the values that it is given.
            gives: The names of the values that it returns.
            assigned: The names that it may assign.
        """
        shared = {*self.shared_names, *self.plan.bindings}
        returned = [name for name in gives if name not in shared]
        returned += [loop.shortened for loop in self.loops if loop.shortened is not None]
        # What may stay as it was is returned, too.
        known = [name for name in returned if name in self.begun]
        loops = [name for loop in self.loops for name in (loop.iterator, loop.shortened) if name is not None]
        arguments = dict.fromkeys([*(name for name in takes if name not in shared), *known, *loops, *self.own_names])
        signature = f"outlined_{self._functions + 1}({', '.join(arguments)})"
        values = ", ".join(dict.fromkeys(returned))
        # What a tube that has ended draws no more.
        unset = dict.fromkeys(name for name in returned if name not in arguments)
        self._functions += 1
        self.line(f"{f'{values} = ' if values else ''}{self.await_}{signature}")
        with self.source.outlined(), self.function(f"{self.def_} {signature}", assigned):
            if unset:
                self.line(f"{' = '.join(unset)} = NoEvent")
            yield
            if values:
                self.line(f"return {values}")

    @contextmanager
    def function(self, head: str, assigned: Container[str] | None = None, around: Iterable[str] = ()) -> Iterator[None]:
        """A function that shares names with the others; `NoEvent` is a local variable there, which is faster.

        Args:
            head: Its first line, without the colon.
            assigned: The names that it may assign; None for all that it shares.
            around: Other names that it shares with the function that it stands in.
        """
        # Nested loops and `try` are counted from none.
        blocks, self._blocks = self._blocks, 0
        names = [*self.shared_names, *self.shown_names, "stopping", *around]
        with self.source.function(head, [name for name in names if assigned is None or name in assigned]):
            self.source.unseen("NoEvent = no_event")
            yield
        self._blocks = blocks

    def assigned_in(self, steps: Iterable[Part]) -> set[str]:
        """The names that the Python of steps may assign: of what they write and keep, and of what ends the run."""
        parts = (part for step in steps for part in step.walk())
        names = {name for part in parts for name in part.names("Writes", "Changes", "Keeps")}
        return names | {"stopping"} if self.plan.body.over in names else names

    @contextmanager
    def leaving_no_loop(self) -> Iterator[None]:
        """The steps of a nested tube: when it ends, the loops around it go on."""
        around, self.loops = self.loops, []
        yield
        self.loops = around

    @contextmanager
    def ending_later(self, *own: str) -> Iterator[None]:
        """The body of a function in which a node that ends its tube is only noted, in a list that the function has.

        Args:
            own: Other names that it has in place of those that all share.
        """
        around, self.end_of_run, self.own_names = (self.end_of_run, self.own_names), "end_later", ("end_tubes", *own)
        with self.leaving_no_loop():
            yield
        self.end_of_run, self.own_names = around

    @contextmanager
    def in_task(self) -> Iterator[None]:
        """The function of a task for a call: who awaits that sees to its result, and to whether it has ended."""
        self.is_in_task = True
        yield
        self.is_in_task = False

    def new_iterator(self) -> str:
        """A name for what a loop goes through."""
        self._numbers += 1
        return f"left_{self._numbers}"

    def remember(self, name: str) -> None:
        """Add the identity of what is to be stored to those that are looked up, if it is."""
        if name in self._known:
            self.line(f"{self._known[name]}.add(id({name}))")

    @contextmanager
    def timed(self, place: Place, phase: str | None = None) -> Iterator[None]:
        """Measure what is emitted inside, if the node is timed: a call of it, or a part of what that takes."""
        if place.name not in self.plan.timed:
            yield
            return
        timer = timer_of(place)
        with self.nesting(f"with {timer if phase is None else f'{timer}.{phase}'}"):
            yield

    def count_events(self, place: Place, emitted: Iterable[str]) -> None:
        """Count the events of a node that was called."""
        if place.name in self.plan.timed:
            for name in emitted:
                self.line(f"{timer_of(place)}.emitted({name})")


def _names_looked_up(lookup: Lookup) -> Iterator[str]:
    """The names that the function needs that copies what was looked up: of the identities, and of what is stored."""
    yield lookup.known
    for held in lookup.held:
        yield from held.names("Changes")


def timer_of(place: Place) -> str:
    """What measures a node, in Python."""
    return f"timers[{place.name!r}]"
