"""What a tube and those nested in it have in common while they are lowered into one plan."""

from __future__ import annotations

import builtins
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field
from types import BuiltinFunctionType
from typing import Any, NamedTuple

from noob_cli.code.looking import is_class, name_of
from noob_cli.graph.finish import Finish
from noob_cli.nodes.silence import Plain, always_emits, emits_of_plain, keeps_ints, makes_plain, plainness
from noob_cli.plan.keys import StateKey
from noob_cli.plan.naming import Naming
from noob_cli.plan.place import Place
from noob_cli.plan.plan import Binding, Fixed, LookedAt, MakerOf, OfCode, State
from noob_cli.plan.reserved_names import RESERVED_NAMES
from noob_cli.plan.values import Constant, Expression, Variable


class Known(NamedTuple):
    """What is known of a plain value.

    Args:
        kind: How plain it is.
        because: The carried assets that have to hold plain values for that.
    """

    kind: Plain
    because: frozenset[str] = frozenset()


@dataclass(eq=False, repr=False)
class LoweringContext:
    """What a tube and those nested in it have in common: the names in the generated code, and the state."""

    listening: bool
    tracing: bool
    undoing: bool
    timing: bool
    doubted: Collection[str]
    """The carried assets that are not trusted."""
    ended: Mapping[str, Collection[str]]
    """The nodes that have ended, for the tube and those nested in it, by name."""
    names: Naming = field(default_factory=lambda: Naming(RESERVED_NAMES))
    bindings: dict[str, Binding] = field(default_factory=dict)
    state: list[State] = field(default_factory=list)
    names_of_objects: dict[tuple[int, LookedAt | None], tuple[object, str]] = field(default_factory=dict)
    """By their identities; they are held, since what is made next may get the identity of one that is not."""
    answers: dict[tuple[Callable[[Any], bool], int], bool] = field(default_factory=dict)
    """What is known of the code of nodes, by the question and the identity of the code."""
    plain: dict[str, Known] = field(default_factory=dict)
    """The values that are known to be plain where they are there: numbers, texts, what operators make of them."""
    trusted: set[str] = field(default_factory=set)
    """The carried assets that are taken to hold plain values, as they do at first."""
    stored: dict[str, Known | None] = field(default_factory=dict)
    """What is known of that which is stored in them; None if it is not known to be plain."""
    redrawn: dict[str, Variable] = field(default_factory=dict)
    """What the sources of nested tubes have made, by name, where others than the tube look at it."""
    returns_plain: bool = False
    awaits: bool = False
    """Whether something is awaited, or may turn out to be."""
    timed: set[str] = field(default_factory=set)
    finish: dict[str, Finish] = field(default_factory=dict)

    @property
    def notifying(self) -> bool:
        """Whether somebody is told of each event."""
        return self.listening or self.tracing

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

    def always_emits(self, code: Any, given: Iterable[Expression] | None) -> bool:
        """Whether a node's code is known never to return `NoEvent`.

        Args:
            code: The code.
            given: What it is called with; None if that is not known.
        """
        if self._answer(always_emits, code):
            return True
        are_plain = given is not None and all(self._known(each) is not None for each in given)
        return are_plain and self._answer(emits_of_plain, code)

    def made_by(self, code: Any, given: Iterable[Expression]) -> Known | None:
        """What is known of that which a node's code makes; None if it is not known to be plain, or what it is given."""
        found = [self._known(each) for each in given]
        known = [each for each in found if each is not None]
        if len(known) < len(found):
            return None
        because = frozenset[str]().union(*(each.because for each in known))
        if all(each.kind is Plain.integer for each in known) and self._answer(keeps_ints, code):
            return Known(Plain.integer, because)
        return Known(Plain.any, because) if self._answer(makes_plain, code) else None

    def refuted(self) -> set[str]:
        """The trusted assets in which something is stored that is not plain, or is because of such an asset only."""
        refuted = {name for name, known in self.stored.items() if known is None}
        left = {name: known.because for name, known in self.stored.items() if known is not None}
        while more := {name for name, because in left.items() if because & refuted}:
            refuted |= more
            left = {name: because for name, because in left.items() if name not in more}
        return refuted

    def _known(self, value: Expression) -> Known | None:
        if isinstance(value, Variable):
            return None if value.optional else self.plain.get(value.name)
        kind = plainness(value.value) if isinstance(value, Constant) else None
        return None if kind is None else Known(kind)

    def _answer(self, question: Callable[[Any], bool], code: Any) -> bool:
        asked = (question, id(code))
        if asked not in self.answers:
            self.answers[asked] = question(code)
        return self.answers[asked]

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
