"""What an epoch is going to store in carried assets, and the looks at who else gets the same objects.

An object that also goes to a node behind the storing one is copied before that gets it. With a few assets, each is
compared with each value; with more, it is looked up whether a value is among them, so that what there is to do grows
with the values and not with the pairs.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from noob_cli.plan.naming import Naming
from noob_cli.plan.place import Place
from noob_cli.plan.steps import Held, Isolate, IsolateAny, Lookup
from noob_cli.plan.values import Variable

_FEW = 3
"""With how many assets each value is compared."""


def nodes_in(node: str) -> str:
    """The nodes of a nested tube, as they are called in the tube around it."""
    return f"{node}.*"


class Holding:
    """What is stored in an epoch of a tube, in its own assets and in those of the tubes nested in it.

    Args:
        names: Gives names to what holds it.
        around: The same for the tubes around it, the innermost first, with the nodes of each that are in this tube.
    """

    def __init__(self, names: Naming, around: tuple[tuple[Holding, str], ...] = ()) -> None:
        self._names = names
        self._around = around
        self._held: dict[str, Held] = {}
        self._own: dict[str, Held] = {}
        self._of_nested: dict[str, dict[str, Held]] = {}
        self._compared: dict[str, Held] = {}
        self._lookup: tuple[str, str] | None = None

    def add_own(self, asset: str, signal: str, node: str, pending: Variable) -> None:
        """An asset of the tube is carried.

        Args:
            asset: The asset, with the names of the nodes around its tube.
            signal: What is stored in it, likewise.
            node: The node that stores it.
            pending: What holds it until the epoch has succeeded.
        """
        self._own[pending.name] = Held(asset, signal, node, (Variable(pending.name),))

    def kept(self, asset: str, signal: str, current: Variable) -> tuple[Variable, ...]:
        """What holds, for each tube around this one, what has been stored in an asset in the epoch of that tube.

        Args:
            asset: The asset, with the names of the nodes around its tube.
            signal: What is stored in it, likewise.
            current: What holds it in any case.
        """
        held_around = [holding._in_nested(asset, signal, node) for holding, node in self._around]
        kept = tuple(held.variables[0] for held in held_around)
        for at, held in enumerate(held_around):
            held.variables = (*kept[at:], current)
        return kept

    def store(self, pending: Variable) -> None:
        """An asset of the tube is stored from here on."""
        self._held[pending.name] = self._own[pending.name]

    def store_nested(self, node: str) -> None:
        """What a nested tube carries is stored from here on."""
        self._held |= self._of_nested.get(nodes_in(node), {})

    def will_store_nested(self, node: str, assets: Sequence[tuple[str, str]]) -> None:
        """The same before it is known what the tube stores, in a loop: it may have done so for the item before.

        Args:
            node: The nested tube.
            assets: Its assets that may be carried, and those of the tubes in it, with the signals.
        """
        for asset, signal in assets:
            self._in_nested(asset, signal, nodes_in(node))
        self.store_nested(node)

    def forget(self) -> None:
        """Nothing is stored yet."""
        self._held = {}

    def isolates(
        self,
        place: Place,
        node: str | None,
        receiver: str | None,
        shared: Sequence[Variable],
        among: Sequence[Variable] = (),
        unless: Variable | None = None,
    ) -> tuple[Isolate | IsolateAny, ...]:
        """The looks that are needed before a node of the tube gets something.

        Args:
            place: Who gets it.
            node: The node, or the nodes, whose own storing doesn't count; None if all does.
            receiver: Who gets it, in words; None for the source that has made it, and may fill it again.
            shared: What is got.
            among: Lists of what is got.
            unless: What may be got without harm.
        """
        return tuple(
            look
            for holding, at in ((self, node), *self._around)
            for look in holding.looks(place, at, receiver, shared, among, unless)
        )

    def looks(
        self,
        place: Place,
        node: str | None,
        receiver: str | None,
        shared: Sequence[Variable],
        among: Sequence[Variable] = (),
        unless: Variable | None = None,
    ) -> Iterator[Isolate | IsolateAny]:
        """The same for what is stored in the epoch of this tube only."""
        if not shared and not among:
            return
        if len(self._held) <= _FEW:
            for held in self._held.values():
                if held.node != node:
                    self._compared[held.variables[0].name] = held
                    yield Isolate(place, held, receiver, tuple(shared), tuple(among), unless)
            return
        if self._lookup is None:
            self._lookup = (self._names.new("stored"), self._names.new("isolate"))
        yield IsolateAny(place, *self._lookup, node, receiver, tuple(shared), tuple(among), unless)

    @property
    def is_empty(self) -> bool:
        """Whether nothing is stored."""
        return not self._held

    def is_compared(self, pending: Variable) -> bool:
        """Whether somebody looks at what is going to be stored in an asset of the tube."""
        return self._lookup is not None or pending.name in self._compared

    @property
    def kept_of_nested(self) -> tuple[Variable, ...]:
        """What holds that which nested tubes have stored, as far as somebody looks at it."""
        nested = (held.variables[0] for of_node in self._of_nested.values() for held in of_node.values())
        return tuple(variable for variable in nested if self.is_compared(variable))

    @property
    def lookup(self) -> Lookup | None:
        """What is looked up, if anything is."""
        return None if self._lookup is None else Lookup(*self._lookup, tuple(self._held.values()))

    def _in_nested(self, asset: str, signal: str, node: str) -> Held:
        of_node = self._of_nested.setdefault(node, {})
        if asset not in of_node:
            kept = Variable(self._names.new(f"{asset.replace('.', '_')}_kept"), optional=True)
            of_node[asset] = Held(asset, signal, node, (kept,))
        return of_node[asset]
