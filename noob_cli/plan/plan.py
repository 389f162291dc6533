"""A plan: all that happens in an epoch of a tube, what it keeps, and what its names are bound to."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from enum import Enum
from typing import Any

from noob_cli.graph.finish import Finish
from noob_cli.plan.part import Part
from noob_cli.plan.place import Place
from noob_cli.plan.steps import Body

EPOCH = "epoch"
"""The number of the last epoch, of a tube."""
OVER = "over"
"""Whether a tube has ended."""
ASSET = "asset"
"""What a carried asset holds."""
STORED_AT = "stored at"
"""The epoch in which that was stored."""
SOURCE = "source"
"""What draws from a source."""
GATHER = "gather"
"""What a gather has collected and not yet emitted."""

StateKey = tuple[str, str]
"""What state is called, so that one plan can go on where another left off: its kind, and the name of the tube, asset or
node that it belongs to; the tube that is run has none."""


class State(Part):
    """Something that is kept from one epoch to the next.

    Args:
        name: Its name in the generated code.
        key: What it is, whatever it is called there.
        committed: The name of what it was after the last epoch that succeeded, to which a failed one goes back. None
            for what is never undone, and for what is not changed before an epoch has succeeded.
        length: For a list that grows during an epoch: the name of its length after the last epoch that succeeded.
        copied: For a carried asset that may be changed in place, if that is undone too: the asset. What it was before
            is a deep copy then, made at the start of each epoch.
    """

    name: str
    key: StateKey
    committed: str | None = None
    length: str | None = None
    copied: Place | None = None

    @property
    def kept_names(self) -> tuple[str, ...]:
        """The names of all that is kept of it."""
        return tuple(name for name in (self.name, self.committed, self.length) if name is not None)


class LookedAt(Enum):
    """What is looked for in the first value of a node whose values no other node takes: nobody would run it."""

    coroutines = "coroutines"
    """A coroutine, which nothing awaits, or an asynchronous generator."""
    generators = "generators"
    """A generator as well, from which nothing draws."""


class OfNode(Part):
    """A name in the generated code that is bound to a method of the instance of a node.

    Args:
        node: The node's name.
        looked_at: What is looked for in the first value that it returns; None if nothing is.
        flush: Whether it is the method that is called in a last epoch.
        per_worker: Whether there may be an instance for each of those who work at several epochs at once.
        holds_back: Whether the node has such a method.
    """

    node: str
    looked_at: LookedAt | None = None
    flush: bool = False
    per_worker: bool = False
    holds_back: bool = False


class OfAsset(Part):
    """A name in the generated code that is bound to the object of a runner-scoped asset.

    Args:
        asset: The asset's name.
        per_worker: Whether there may be an object for each of those who work at several epochs at once.
    """

    asset: str
    per_worker: bool = False


class OfCode(Part):
    """A name in the generated code that is bound to the code of a node for which no instance is made.

    Args:
        node: The node's name; if several nodes have the code, the first.
        code: The code, as the file names it.
        looked_at: What is looked for in the first value that it returns; None if nothing is.
    """

    node: str
    code: str
    looked_at: LookedAt | None = None


class MakerOf(Part):
    """A name in the generated code that is bound to what makes the objects of an asset.

    Args:
        asset: The asset's name; if several are made of the same, the first.
        code: The code, as the file names it.
    """

    asset: str
    code: str


class ValidatorOf(Part):
    """A name in the generated code that is bound to what validates an input.

    Args:
        input: The input's name.
        type_: Its type, as the file names it.
    """

    input: str
    type_: str


class RetryOf(Part):
    """A name in the generated code that is bound to what says whether a call of a node is made again, and when.

    Args:
        node: The node's name.
        times: How often it is made again, at the most.
        wait: How many seconds the first wait is, at the most.
        backoff: How many times as long each further one is.
        on: The exceptions with which it is made again, as the file names them.
    """

    node: str
    times: int
    wait: float
    backoff: float
    on: tuple[str, ...]


class RateOf(Part):
    """A name in the generated code that is bound to what says how long the next call of a node has to wait.

    Args:
        node: The node's name.
        rate: How often it may be called, as the file says it.
    """

    node: str
    rate: str


class Fixed(Part):
    """A name in the generated code that is bound to a value."""

    value: Any


Binding = OfNode | OfCode | OfAsset | MakerOf | ValidatorOf | RetryOf | RateOf | Fixed


class Plan(Part):
    """All that happens in an epoch, in order.

    Args:
        name: The tube's name.
        body: What happens.
        state: What is kept from one epoch to the next.
        known_inputs: The names of the inputs of the tube: a record that has others is warned of.
        returns: Whether the tube has a `return` node.
        bindings: What the names in the generated code stand for.
        notify_end: Whether somebody is told of the end of an epoch.
        tracing: Whether somebody is told of the making and ending of assets.
        timed: The nodes whose calls are measured, by name.
        finish: For the tube and those nested in it, by name: what decides whether it has ended.
        awaits: Whether something in it is awaited, or may turn out to be.
        shown: For each signal that is shown to who watches the run, by name: what holds its last value in the generated
            code, and what counts them.
        flushing: For a last epoch, the name of the node that is flushed in it.
    """

    name: str
    body: Body
    state: tuple[State, ...]
    known_inputs: frozenset[str]
    returns: bool
    bindings: Mapping[str, Binding]
    notify_end: bool
    tracing: bool
    timed: frozenset[str]
    finish: Mapping[str, Finish]
    awaits: bool
    shown: Mapping[str, tuple[str, str]]
    flushing: str | None = None

    @property
    def lasting_names(self) -> set[str]:
        """The names of what lives longer than an epoch."""
        return {name for state in self.state for name in state.kept_names} | self.bindings.keys()

    @property
    def is_told_of_events(self) -> bool:
        """Whether somebody is told of each event, one after the other."""
        return self.notify_end or self.tracing

    @property
    def per_worker(self) -> Iterator[str]:
        """The names of what there may be one of for each of those who work at several epochs at once."""
        for name, binding in self.bindings.items():
            if isinstance(binding, OfNode | OfAsset) and binding.per_worker:
                yield name

    def one_each(self, steps: Iterable[Part]) -> Iterator[str]:
        """The names, among those that steps take, of nodes and assets of which there may be one for each worker.

        Args:
            steps: The steps.
        """
        taken = {name for step in steps for part in step.walk() for name in part.names("Calls", "Reads", "Changes")}
        yield from (name for name in self.per_worker if name in taken)
