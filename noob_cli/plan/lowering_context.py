"""What a tube and those nested in it have in common while they are lowered into one plan."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from typing import Any

from noob_cli.nodes.silence import always_emits
from noob_cli.plan.keys import StateKey
from noob_cli.plan.naming import Naming
from noob_cli.plan.steps import Binding, Fixed, Place, State
from noob_cli.plan.words import WORDS


@dataclass(eq=False, repr=False)
class LoweringContext:
    """What a tube and those nested in it have in common: the names in the generated code, and the state."""

    listening: bool
    tracing: bool
    undoing: bool
    timing: bool
    names: Naming = field(default_factory=lambda: Naming(WORDS))
    bindings: dict[str, Binding] = field(default_factory=dict)
    state: list[State] = field(default_factory=list)
    names_of_objects: dict[int, str] = field(default_factory=dict)
    emitting: dict[int, bool] = field(default_factory=dict)
    timed: set[str] = field(default_factory=set)
    has_ended: dict[str, Callable[[Collection[str]], bool]] = field(default_factory=dict)

    @property
    def notifying(self) -> bool:
        """Whether somebody is told of each event."""
        return self.listening or self.tracing

    def bind(self, binding: Binding, *wanted: str) -> str:
        """Give a name to something."""
        name = self.names.new(*wanted)
        self.bindings[name] = binding
        return name

    def bind_object(self, value: Any, *wanted: str) -> str:
        """The name of an object; one that has a name already keeps it."""
        if id(value) not in self.names_of_objects:
            self.names_of_objects[id(value)] = self.bind(Fixed(value), *wanted)
        return self.names_of_objects[id(value)]

    def always_emits(self, code: Any) -> bool:
        """Whether a node's code is known never to return `NoEvent`."""
        if id(code) not in self.emitting:
            self.emitting[id(code)] = always_emits(code)
        return self.emitting[id(code)]

    def keep(self, key: StateKey, *wanted: str) -> str:
        """Give a name to something that is kept from epoch to epoch and never undone."""
        name = self.names.new(*wanted)
        self.state.append(State(name, key))
        return name

    def keep_undoable(self, key: StateKey, *wanted: str, grows: bool = False, copied: Place | None = None) -> str:
        """Give a name to something that changes during an epoch, and goes back if the epoch fails.

        Args:
            key: What it is.
            wanted: What to call it.
            grows: Whether it is a list that grows.
            copied: The asset, if it may also be changed in place.
        """
        name = self.names.new(*wanted)
        mark = self.names.new(f"{name}_length") if grows else None
        self.state.append(State(name, key, self.names.new(f"{name}_before"), mark, copied))
        return name
