"""Lowering what an epoch stores in carried assets, and the alias checks: who else gets the same objects."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence

from noob_cli.graph.graph import GraphNode
from noob_cli.graph.loops import Frame
from noob_cli.nodes.kinds import Role
from noob_cli.plan.lowering.holding import Holding, nodes_in
from noob_cli.plan.lowering.scope import Scope
from noob_cli.plan.place import Place
from noob_cli.plan.steps import AliasCheck, Carried, Draw, Received, Step, Store, TakeInput
from noob_cli.plan.values import Variable
from noob_cli.specification.input import InputScope
from noob_cli.tube import Tube


class Storing:
    """What an epoch of a tube stores in its carried assets, and which values it has to be compared with.

    Args:
        scope: The tube.
        around: The tubes that it is nested in, each with the name of the node that leads to it, the innermost first.

    Attributes:
        pending: What holds what is to be stored in each carried asset until the epoch has succeeded.
        repeated: For what may be emitted several times and is returned: the list of it, by the name of the value.
    """

    def __init__(self, scope: Scope, around: tuple[tuple[Storing, str], ...] = ()) -> None:
        self._scope = scope
        self._around = around
        self.holding: Holding = Holding(
            scope.context.names, tuple((storing.holding, nodes_in(node)) for storing, node in around)
        )
        """What is held at the point that lowering has come to."""
        self._nested: dict[str, Storing] = {}
        self._drawn: list[Variable] = []
        self._refilled: list[tuple[Place, Received]] = []
        """What may be filled again when the epoch is over: what a source has emitted, or a record has brought."""
        self.pending: dict[str, Variable] = {}
        self.repeated: dict[str, Variable] = {}

    def nested(self, node: str, scope: Scope) -> Storing:
        """The `Storing` of a tube that is a node of this one."""
        self._nested[node] = Storing(scope, ((self, node), *self._around))
        return self._nested[node]

    def begin(self, inputs: Iterable[TakeInput], carried: Iterable[Carried]) -> None:
        """Note at the beginning of an epoch what a record may fill again, and which assets are carried.

        What is given once, for all epochs, is not filled again.
        """
        for step in inputs if not self._around else ():
            name = str(step.place.path[-1])
            # It is not filled again if it is what nobody has given anew.
            unless = None
            if self._scope.graph.inputs[name].scope is InputScope.tube and step.default and step.default.name:
                unless = Variable(step.default.name)
            self._refilled.append((step.place, Received(None, (step.target,), unless=unless)))
        for asset in carried:
            stored = self._scope.graph.assets[asset.asset].stored
            if asset.pending is not None and stored is not None:
                self.pending[asset.asset] = asset.pending
                qualified, signal = self._scope.qualified(asset.asset), self._scope.qualified(str(stored))
                self.holding.add_own(qualified, signal, stored.owner, asset.pending)

    def draw(self, draw: Draw) -> None:
        """Note that a source emits what it may fill again; not `itertools.count`, which makes each number anew."""
        if not draw.may_end:
            return
        emitted = [variable for variable in draw.output.variables if variable is not None]
        self._drawn += emitted
        self._refilled += [(draw.place, Received(None, (variable,))) for variable in emitted]

    # Storing

    def stores(self, node: GraphNode, frame: Frame, names: Collection[str] | None) -> Iterator[Store]:
        """The steps that keep what a node has emitted for the assets it is stored in.

        Args:
            node: The node.
            frame: The loops in which it has its turn.
            names: The signals; None for all.
        """
        for asset in self._scope.stored_from.get(node.id, ()):
            stored, pending = asset.stored, self.pending.get(asset.id)
            if stored is not None and pending is not None and (names is None or stored.name in names):
                otherwise = pending if frame else None
                yield Store(self._scope.node_place(node), self._scope.signals[stored], otherwise, pending)

    def hold(self, node: GraphNode, names: Collection[str] | None = None) -> None:
        """Note that what a node has emitted is going to be stored from here on."""
        for asset in self._scope.stored_from.get(node.id, ()):
            stored = asset.stored
            if stored is not None and asset.id in self.pending and (names is None or stored.name in names):
                self.holding.store(self._scope.qualified(str(stored)))
        if node.kind.role is Role.tube:
            self.holding.store_nested(node.id)

    def hold_all_in(self, loop: tuple[str, int]) -> None:
        """Note it of all that stands in a loop, where it begins: it may have stored for an item before."""
        for name in self._stored_in_loops():
            stored = self._scope.graph.assets[name].stored
            if stored is not None and self._scope.frame_of(stored)[0] == loop:
                self.holding.store(self._scope.qualified(str(stored)))
        for node in self._scope.nodes:
            if node.kind.role is Role.tube and self._scope.loops.frames[node.id][:1] == (loop,):
                carried = _carried_in(self._scope.tube.children[node.id], self._scope.qualified(node.id))
                self.holding.will_store_nested(node.id, list(carried))

    def stored_in(self, node: GraphNode) -> frozenset[str]:
        """The carried assets that a node stores in, by the names that their readers take them by."""
        assets = self._scope.stored_from.get(node.id, ())
        return frozenset(self._scope.assets[asset.id].name for asset in assets if asset.id in self.pending)

    # Alias checks

    def checks(self, node: GraphNode, receiver: str, values: Sequence[Variable]) -> tuple[AliasCheck, ...]:
        """The alias checks that are needed before a node gets its arguments.

        They are about what was stored before it in the epoch: here, in a nested tube, or around this one.
        """
        several = [value for value in values if value.name in self.repeated]
        shared = list(dict.fromkeys(Variable(value.name) for value in values if value not in several))
        among = [self.repeated[value.name] for value in several]
        received = Received(receiver, tuple(shared), tuple(among))
        return self.holding.checks(self._scope.node_place(node), node.id, received)

    def checks_for_callbacks(self, node: GraphNode, value: Variable) -> tuple[AliasCheck, ...]:
        """The same before callbacks get an event: what the node itself has stored is stored already."""
        received = Received("a callback", (Variable(value.name),))
        return self.holding.checks(self._scope.node_place(node), None, received)

    def checks_redrawn(self, node: GraphNode) -> tuple[AliasCheck, ...]:
        """The same before a nested tube draws from its sources again, which may fill what they have given before."""
        received = Received(None, self._drawn_in(self._nested[node.id]))
        return self.holding.checks(self._scope.node_place(node), nodes_in(node.id), received)

    def checks_of_refilled(self) -> Iterator[Step]:
        """The alias checks at the end of an epoch of what sources have emitted, or a record has brought."""
        around = [refilled for storing, _ in reversed(self._around) for refilled in storing._refilled]
        for place, received in (*around, *self._refilled):
            yield from self.holding.own_checks(place, None, received)
        for name, nested in self._nested.items():
            if not self.holding.is_empty:
                place = self._scope.node_place(self._scope.graph.nodes[name])
                yield from self.holding.own_checks(place, nodes_in(name), Received(None, self._drawn_in(nested)))

    def _drawn_in(self, nested: Storing) -> tuple[Variable, ...]:
        """What the sources of a nested tube have made, looked for from outside."""
        drawn = tuple(nested.drawn)
        self._scope.context.redrawn |= {variable.name: variable for variable in drawn}
        return drawn

    @property
    def drawn(self) -> list[Variable]:
        """What the sources of the tube, and those of the tubes in it, have made in an epoch."""
        return [*self._drawn, *(variable for nested in self._nested.values() for variable in nested.drawn)]

    # The end of an epoch

    def kept(self, carried: Carried) -> Carried:
        """A carried asset, with the variables in which the tubes around keep what was stored.

        What is stored in each epoch, and once, is there if its signal is.
        """
        stored, pending = self._scope.graph.assets[carried.asset].stored, carried.pending
        if pending is None or stored is None:
            return carried
        if not self._scope.frame_of(stored):
            pending = Variable(pending.name, self._scope.signals[stored].optional)
        asset, signal = self._scope.qualified(carried.asset), self._scope.qualified(str(stored))
        return carried.replace(pending=pending, kept=self.holding.kept(asset, signal, Variable(carried.current)))

    def none_yet(self) -> tuple[Variable, ...]:
        """The values that may be looked at in an epoch before they are there."""
        redrawn = () if self._around else self._scope.context.redrawn.values()
        return (*(self.pending[name] for name in self._stored_in_loops()), *self.holding.kept_of_nested, *redrawn)

    def _stored_in_loops(self) -> list[str]:
        """The assets that may be stored several times in an epoch, or not at all."""
        return [
            asset.id
            for asset in self._scope.graph.assets.values()
            if asset.id in self.pending and asset.stored is not None and self._scope.frame_of(asset.stored)
        ]


def _carried_in(tube: Tube, around: str) -> Iterator[tuple[str, str]]:
    """The assets of a nested tube that a signal is stored in, and the signals, and those of the tubes in it."""
    for asset in tube.graph.assets.values():
        if asset.stored is not None:
            yield f"{around}.{asset.id}", f"{around}.{asset.stored}"
    for name, child in tube.children.items():
        yield from _carried_in(child, f"{around}.{name}")
