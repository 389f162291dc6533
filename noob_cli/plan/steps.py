"""The steps of one epoch, each with the values that it reads and writes and the state that it keeps.

They are the only place where the meaning of a tube lives: what runs a tube follows them and knows nothing else.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from typing import Any

from noob_cli.assets.registry import Opening
from noob_cli.diagnostics import DocumentPath


@dataclass(frozen=True)
class Variable:
    """A value of an epoch, or one that is kept between epochs.

    Args:
        name: Its name in the generated code.
        optional: Whether there may be no event.
    """

    name: str
    optional: bool = False


@dataclass(frozen=True)
class Constant:
    """A fixed value.

    Args:
        value: The value; where its `repr` can't stand in the code, it is bound to `name`.
        name: The name it is bound to; None if the `repr` stands in the code.
    """

    value: Any
    name: str | None = None


@dataclass(frozen=True)
class CurrentEpoch:
    """The number of the epoch, for a parameter annotated `Epoch`."""


@dataclass(frozen=True)
class Events:
    """The events behind the slots of a node, for a parameter annotated `EventMap`.

    Args:
        events: The variable that holds the event, by slot.
    """

    events: tuple[tuple[str, Variable], ...]


Expression = Variable | Constant | CurrentEpoch | Events


@dataclass(frozen=True)
class Place:
    """What a step is about, for error messages.

    Args:
        what: The kind of thing: `node`, `asset`, `input`.
        name: Its name.
        path: Where it stands in the tube's document.
    """

    what: str
    name: str
    path: DocumentPath

    def __str__(self) -> str:
        return f"the {self.what} '{self.name}'"


@dataclass(frozen=True)
class Output:
    """Where the result of a node goes.

    Args:
        variables: One for each signal, in order. None for a signal that nothing reads.
        several: Whether the result is a tuple with one value per signal.
    """

    variables: tuple[Variable | None, ...]
    several: bool = False


@dataclass(frozen=True)
class TakeInput:
    """Take an input from the record of the epoch.

    Args:
        place: The input.
        target: What gets it.
        validator: The name of what validates it.
        default: What it is where the record lacks it; None if the record can't lack it.
    """

    place: Place
    target: Variable
    validator: str
    default: Constant | None


@dataclass(frozen=True)
class Draw:
    """Draw the next value of a source.

    Args:
        place: The node.
        source: The name of what draws; it is state, since it changes when the source ends.
        output: Where the value goes.
        ends_run: Whether the run is over when the source ends, whatever the other sources do.
    """

    place: Place
    source: str
    output: Output
    ends_run: bool


@dataclass(frozen=True)
class OpenAsset:
    """Make an object of an asset, and enter it if it is a context manager.

    Args:
        place: The asset.
        target: What gets the object.
        make: The name of what makes it.
        end: The name of what ends it; None if nothing ever has to be ended.
        opening: What making it involves.
    """

    place: Place
    target: Variable
    make: str
    end: str | None
    opening: Opening


@dataclass(frozen=True)
class Isolate:
    """Copy the value that is to be stored in an asset if the same object also goes to a node that runs later.

    Args:
        asset: The asset's name.
        signal: The signal that is stored.
        pending: What holds the value until the epoch has succeeded.
        receiver: Who gets the same object.
        shared: The values that the receiver gets.
    """

    asset: str
    signal: str
    pending: Variable
    receiver: str
    shared: tuple[Variable, ...]


@dataclass(frozen=True)
class Call:
    """Call a node.

    Args:
        place: The node.
        function: The name of what is called.
        positional: Its positional arguments.
        named: Its keyword arguments.
        omitted: Keyword arguments that are left out where there is no event.
        needs: The values without which it is not called.
        output: Where the result goes.
        assets: The node-scoped assets that live as long as the call.
        isolates: The stored values that have to be looked after before the call.
    """

    place: Place
    function: str
    positional: tuple[Expression, ...] = ()
    named: tuple[tuple[str, Expression], ...] = ()
    omitted: tuple[tuple[str, Variable], ...] = ()
    needs: tuple[Variable, ...] = ()
    output: Output = Output(())
    assets: tuple[OpenAsset, ...] = ()
    isolates: tuple[Isolate, ...] = ()


@dataclass(frozen=True)
class Record:
    """Make the event of a value that was emitted.

    Args:
        place: Who emitted it.
        node: The node's name; `input` or `assets` for theirs.
        signal: The signal's name.
        value: The value.
        target: What gets the event; None if only the callbacks do.
        notify: Whether the callbacks get it.
        isolates: The stored values that have to be looked after before the callbacks get it.
    """

    place: Place
    node: str
    signal: str
    value: Variable
    target: Variable | None
    notify: bool
    isolates: tuple[Isolate, ...] = ()


@dataclass(frozen=True)
class Store:
    """Keep a signal's value for the asset it is stored in; the asset gets it when the epoch has succeeded.

    Args:
        place: The storing node.
        value: The signal.
        pending: What holds it until then.
    """

    place: Place
    value: Variable
    pending: Variable


@dataclass(frozen=True)
class Return:
    """Say what the epoch returns.

    Args:
        place: The node.
        target: What gets it.
        keys: The keys of the dict; None for a list or a single value.
        values: What it is made of.
        single: Whether it is the one value itself.
        assets: The node-scoped assets among the values.
        isolates: The stored values that have to be looked after.
    """

    place: Place
    target: Variable
    keys: tuple[str, ...] | None
    values: tuple[Variable, ...]
    single: bool = False
    assets: tuple[OpenAsset, ...] = ()
    isolates: tuple[Isolate, ...] = ()


Step = Draw | Call | Record | Store | Return


@dataclass(frozen=True)
class Carried:
    """An asset that is carried from one epoch into the next.

    Args:
        asset: Its name.
        current: What its readers get.
        stored_at: What holds the epoch in which it was stored.
        pending: What is to be stored; None if the storing node does not run.
    """

    asset: str
    current: Variable
    stored_at: str
    pending: Variable | None


@dataclass(frozen=True)
class OfNode:
    """A name in the generated code that is bound to what runs a node: a bound method, or what draws from a source."""

    node: str


@dataclass(frozen=True)
class OfAsset:
    """A name in the generated code that is bound to the object of a runner-scoped asset."""

    asset: str


@dataclass(frozen=True)
class Fixed:
    """A name in the generated code that is bound to an object."""

    value: Any


Binding = OfNode | OfAsset | Fixed


@dataclass(frozen=True)
class Plan:
    """All that happens in an epoch, in order.

    Args:
        name: The tube's name.
        inputs: The inputs that are taken from a record, if there is one.
        given: The names that a record may have.
        draws: The sources that are drawn, and what is done with their values at once.
        assets: The process-scoped assets that are made then, in order.
        steps: What happens after that.
        carried: What is carried into the next epoch.
        result: What the epoch returns; None if it never returns anything.
        returns: Whether the tube has a `return` node.
        bindings: What the names in the generated code stand for.
        notify_end: Whether callbacks are told of the end of an epoch.
        has_ended: Whether the run is over once these sources have ended.
    """

    name: str
    inputs: tuple[TakeInput, ...] = ()
    given: frozenset[str] = frozenset()
    draws: tuple[Step, ...] = ()
    assets: tuple[OpenAsset, ...] = ()
    steps: tuple[Step, ...] = ()
    carried: tuple[Carried, ...] = ()
    result: Variable | None = None
    returns: bool = False
    bindings: Mapping[str, Binding] = field(default_factory=dict)
    notify_end: bool = False
    has_ended: Callable[[Collection[str]], bool] = lambda _: False
