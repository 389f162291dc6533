"""The values of a plan: what steps read and write, each with the names that it has in the generated code."""

from __future__ import annotations

from typing import Any

from noob_cli.named_tuple import NamedTuple


class Variable(NamedTuple):
    """A value of an epoch, or one that is kept between epochs.

    Args:
        name: Its name in the generated code.
        optional: Whether it may be `NoEvent`: nothing was emitted.
    """

    name: str
    optional: bool = False

    @property
    def names(self) -> tuple[str, ...]:
        """The names of the values that are read with it."""
        return (self.name,)


class Constant(NamedTuple):
    """A fixed value.

    Args:
        value: The value; where its `repr` can't stand in the code, it is bound to `name`.
        name: The name it is bound to; None if the `repr` stands in the code.
    """

    value: Any
    name: str | None = None

    @property
    def names(self) -> tuple[str, ...]:
        """The names of the values that are read with it: none."""
        return ()


class CurrentEpoch(NamedTuple):
    """The epoch, for a parameter annotated `Epoch` and for events.

    Args:
        counter: What counts the epochs: of the run, or the calls of a nested tube.
        items: For each loop around, the outermost first: the map, and what counts its items.
    """

    counter: str
    items: tuple[tuple[str, str], ...] = ()

    @property
    def names(self) -> tuple[str, ...]:
        """The names of the values that are read with it."""
        return (self.counter, *(number for _, number in self.items))


class Events(NamedTuple):
    """The events behind the slots of a node, for a parameter annotated `EventMap`.

    Args:
        events: The variable that holds the event, by slot.
        positions: The slots that are given by position, in order.
    """

    events: tuple[tuple[str, Variable], ...]
    positions: tuple[str, ...] = ()

    @property
    def names(self) -> tuple[str, ...]:
        """The names of the values that are read with it."""
        return tuple(name for _, event in self.events for name in event.names)


Expression = Variable | Constant | CurrentEpoch | Events


class Keyword(NamedTuple):
    """A keyword argument of a call.

    Args:
        name: Its name.
        value: Its value.
    """

    name: str
    value: Expression

    @property
    def names(self) -> tuple[str, ...]:
        """The names of the values that are read with it."""
        return self.value.names


class Output(NamedTuple):
    """Where the result of a node goes.

    Args:
        variables: One for each signal, in order. None for a signal that nothing reads.
        several: Whether the result is a tuple with one value per signal.
        named: The names of the signals, if the result may be a list of events that the node has made itself.
    """

    variables: tuple[Variable | None, ...]
    several: bool = False
    named: tuple[str, ...] = ()

    @property
    def names(self) -> tuple[str, ...]:
        """The names of the values that are written."""
        return tuple(variable.name for variable in self.variables if variable is not None)


NO_OUTPUT = Output(())
"""Of what has no signal."""
