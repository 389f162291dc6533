"""What a tube and those nested in it have in common while they are lowered into one plan."""

from __future__ import annotations

import builtins
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass, field
from types import BuiltinFunctionType
from typing import Any

from noob_cli.nodes.silence import always_emits, is_plain, makes_plain
from noob_cli.plan.keys import StateKey
from noob_cli.plan.naming import Naming
from noob_cli.plan.steps import Binding, Constant, Expression, Fixed, Place, State, Variable
from noob_cli.plan.words import WORDS


@dataclass(eq=False, repr=False)
class LoweringContext:
    """What a tube and those nested in it have in common: the names in the generated code, and the state."""

    listening: bool
    tracing: bool
    undoing: bool
    timing: bool
    doubted: Collection[str]
    """The carried assets that are not taken to hold plain values whenever they are read."""
    names: Naming = field(default_factory=lambda: Naming(WORDS))
    bindings: dict[str, Binding] = field(default_factory=dict)
    state: list[State] = field(default_factory=list)
    names_of_objects: dict[int, str] = field(default_factory=dict)
    emitting: dict[int, bool] = field(default_factory=dict)
    plain_makers: dict[int, bool] = field(default_factory=dict)
    plain: set[str] = field(default_factory=set)
    """The values that are known to be plain where they are there: numbers, texts, what operators make of them."""
    trusted: set[str] = field(default_factory=set)
    """The carried assets that are taken to hold plain values, as they do at first."""
    refuted: set[str] = field(default_factory=set)
    """Those of them that something is stored in that is not known to be plain."""
    returns_plain: bool = False
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
        """The name of an object; one that has a name already keeps it, as do Python's own."""
        if isinstance(value, type | BuiltinFunctionType):
            own = value.__name__
            if vars(builtins).get(own) is value:
                return own
        if id(value) not in self.names_of_objects:
            self.names_of_objects[id(value)] = self.bind(Fixed(value), *wanted)
        return self.names_of_objects[id(value)]

    def always_emits(self, code: Any) -> bool:
        """Whether a node's code is known never to return `NoEvent`."""
        if id(code) not in self.emitting:
            self.emitting[id(code)] = always_emits(code)
        return self.emitting[id(code)]

    def makes_plain(self, code: Any, given: Iterable[Expression]) -> bool:
        """Whether what a node's code makes is known to be plain, since all that it is given is."""
        if not all(map(self._is_plain, given)):
            return False
        if id(code) not in self.plain_makers:
            self.plain_makers[id(code)] = makes_plain(code)
        return self.plain_makers[id(code)]

    def _is_plain(self, value: Expression) -> bool:
        if isinstance(value, Variable):
            return value.name in self.plain and not value.optional
        return isinstance(value, Constant) and is_plain(value.value)

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
