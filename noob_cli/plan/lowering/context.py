"""What a tube and those nested in it have in common while they are lowered into one plan."""

from __future__ import annotations

import builtins
from types import BuiltinFunctionType
from typing import Any

from noob_cli.code.looking import is_class, name_of
from noob_cli.graph.finish import Finish
from noob_cli.plan.lowering.options import LoweringOptions
from noob_cli.plan.naming import Naming
from noob_cli.plan.place import Place
from noob_cli.plan.plan import Binding, Fixed, LookedAt, MakerOf, OfCode, State, StateKey
from noob_cli.plan.reserved_names import RESERVED_NAMES
from noob_cli.plan.values import Variable
from noob_cli.struct import Struct, field

Params = dict[tuple[str, str | int], Any]
"""Fixed arguments, by the name of the node and that, or the position, of what gets them."""


class LoweringContext(Struct):
    """What lowering a tube and those nested in it has in common: options, and the names and the state of the plan.

    The first fields are arguments of `lower`.
    """

    options: LoweringOptions
    params: Params
    """What the calls of nodes get every time."""
    names: Naming = field(factory=lambda: Naming(RESERVED_NAMES))
    bindings: dict[str, Binding] = field(factory=dict)
    state: list[State] = field(factory=list)
    names_of_objects: dict[tuple[int, LookedAt | None], tuple[object, str]] = field(factory=dict)
    """The names of objects that are bound already, by identity. An object that nobody held could lose its identity to
    another."""
    redrawn: dict[str, Variable] = field(factory=dict)
    """What the sources of nested tubes have made, by name, where others than the tube look at it."""
    awaits: bool = False
    """Whether something is awaited, or may turn out to be."""
    has_concurrency: bool = False
    """Whether the file says of a map how many items may be under way at once."""
    timed: set[str] = field(factory=set)
    shown: dict[str, tuple[str, str]] = field(factory=dict)
    """For each signal that is shown, by name, what holds its last value and what counts them."""
    finish: dict[str, Finish] = field(factory=dict)

    def bind(self, binding: Binding, *wanted: str) -> str:
        """Give a name to something."""
        name = self.names.new(*wanted)
        self.bindings[name] = binding
        return name

    def bind_value(self, value: Any, *wanted: str) -> str:
        """The name of a fixed value; one that has a name already keeps it."""
        return self._bind_once(value, None, Fixed(value), *wanted)

    def bind_code(self, code: Any, binding: OfCode | MakerOf, *wanted: str) -> str:
        """The name of the user's code; Python's own keeps its name, and the same code has one for each use of it."""
        looked_at = binding.looked_at if isinstance(binding, OfCode) else None
        if looked_at is None and (is_class(code) or type(code) is BuiltinFunctionType):
            own = name_of(code)
            if vars(builtins).get(own) is code:
                # Bound all the same: what has that name may change during the run.
                self.bindings.setdefault(own, binding)
                return own
        return self._bind_once(code, looked_at, binding, *wanted)

    def _bind_once(self, what: object, looked_at: LookedAt | None, binding: Binding, *wanted: str) -> str:
        key = id(what), looked_at
        if key not in self.names_of_objects:
            self.names_of_objects[key] = what, self.bind(binding, *wanted)
        return self.names_of_objects[key][1]

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
        length = self.names.new(f"{name}_length") if grows else None
        self.state.append(State(name, key, self.names.new(f"{name}_before"), length, copied))
        return name
