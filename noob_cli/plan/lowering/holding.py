"""What an epoch is going to store in carried assets, and the alias checks: who else gets the same objects.

An object that also goes to a node behind the storing one is copied before that gets it; assets that are stored from one
signal share the copy. With a few signals, each is compared with each value; with more, it is looked up whether a value
is among them, so that what there is to do grows with the values and not with the pairs.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from noob_cli.plan.naming import Naming
from noob_cli.plan.place import Place
from noob_cli.plan.steps import AliasCheck, Held, Isolate, IsolateAny, Lookup, Received
from noob_cli.plan.values import Variable

_FEW = 3
"""With how many stored signals each value is compared."""


def nodes_in(node: str) -> str:
    """The nodes of a nested tube, as they are called in the tube around it."""
    return f"{node}.*"


class Holding:
    """What an epoch of a tube stores, in its own assets and in those of the tubes nested in it.

    It knows at each point of lowering what is going to be stored by then, and makes the alias checks for who gets a
    value there.

    Args:
        names: Gives names to what holds the stored values.
        around: That of each tube around this one, the innermost first, with the nodes there that are in this tube.
    """

    def __init__(self, names: Naming, around: tuple[tuple[Holding, str], ...] = ()) -> None:
        self._names = names
        self._around = around
        self._held: dict[str, Held] = {}
        self._own: dict[str, Held] = {}
        self._of_nested: dict[str, dict[str, Held]] = {}
        self._kept: dict[str, tuple[Variable, Held]] = {}
        self._compared: set[str] = set()
        self._lookup: tuple[str, str] | None = None

    def add_own(self, asset: str, signal: str, node: str, pending: Variable) -> None:
        """Note that an asset of the tube is carried.

        Args:
            asset: The asset, with the names of the nodes around its tube.
            signal: What is stored in it, likewise.
            node: The node that stores it.
            pending: What holds it until the epoch has succeeded.
        """
        held = self._own.setdefault(signal, Held(asset, signal, node))
        held.variables += (Variable(pending.name),)

    def kept(self, asset: str, signal: str, current: Variable) -> tuple[Variable, ...]:
        """What holds, for each tube around this one, what has been stored in an asset in the epoch of that tube.

        Args:
            asset: The asset, with the names of the nodes around its tube.
            signal: What is stored in it, likewise.
            current: What holds it in any case.
        """
        kept_around = [holding._in_nested(asset, signal, node) for holding, node in self._around]
        kept = tuple(variable for variable, _ in kept_around)
        for at, (_, held) in enumerate(kept_around, 1):
            held.variables += (*kept[at:], current)
        return kept

    def store(self, signal: str) -> None:
        """Note that a signal, which assets of the tube store, is going to be stored from here on."""
        self._held[signal] = self._own[signal]

    def store_nested(self, node: str) -> None:
        """Note that what a nested tube carries has been stored from here on."""
        self._held |= self._of_nested.get(nodes_in(node), {})

    def will_store_nested(self, node: str, assets: Sequence[tuple[str, str]]) -> None:
        """Note it before the nested tube is lowered: in a loop it may have stored for an item before.

        Args:
            node: The nested tube.
            assets: Its assets that may be carried, and those of the tubes in it, with the signals.
        """
        for asset, signal in assets:
            self._in_nested(asset, signal, nodes_in(node))
        self.store_nested(node)

    def forget(self) -> None:
        """Note that nothing is going to be stored yet."""
        self._held = {}

    def checks(self, place: Place, node: str | None, received: Received) -> tuple[AliasCheck, ...]:
        """The alias checks that are needed before a node of the tube gets something.

        Args:
            place: Who gets it.
            node: The node, or the nodes, whose own storing doesn't count; None if all does.
            received: What it gets.
        """
        around = ((self, node), *self._around)
        return tuple(check for holding, at in around for check in holding.own_checks(place, at, received))

    def own_checks(self, place: Place, node: str | None, received: Received) -> Iterator[AliasCheck]:
        """The alias checks that are needed for what is stored in the epoch of this tube only; see `checks`."""
        if not received.shared and not received.among:
            return
        if len(self._held) <= _FEW:
            for held in self._held.values():
                if held.node != node:
                    self._compared.add(held.signal)
                    yield Isolate(place, held, received)
            return
        if self._lookup is None:
            self._lookup = (self._names.new("stored"), self._names.new("isolate"))
        yield IsolateAny(place, *self._lookup, node, received)

    @property
    def is_empty(self) -> bool:
        """Whether nothing is stored."""
        return not self._held

    def is_compared(self, signal: str) -> bool:
        """Whether anything is compared with what is going to be stored from a signal."""
        return self._lookup is not None or signal in self._compared

    @property
    def kept_of_nested(self) -> tuple[Variable, ...]:
        """What holds that which nested tubes have stored, as far as anything is compared with it."""
        return tuple(variable for variable, held in self._kept.values() if self.is_compared(held.signal))

    @property
    def lookup(self) -> Lookup | None:
        """What is looked up, if anything is."""
        return None if self._lookup is None else Lookup(*self._lookup, tuple(self._held.values()))

    def _in_nested(self, asset: str, signal: str, node: str) -> tuple[Variable, Held]:
        """What holds what a nested tube has stored in an asset, alone and with what it stores from the same signal."""
        if asset not in self._kept:
            kept = Variable(self._names.new(f"{asset.replace('.', '_')}_kept"), optional=True)
            held = self._of_nested.setdefault(node, {}).setdefault(signal, Held(asset, signal, node))
            held.variables += (kept,)
            self._kept[asset] = kept, held
        return self._kept[asset]
