"""Lowering: from the graph of a tube to its plan. Nested tubes are lowered into the plan of the tube around them."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping

from noob_cli.graph.graph import GraphNode
from noob_cli.graph.loops import Frame
from noob_cli.graph.schedule import Turn
from noob_cli.nodes.kinds import Role
from noob_cli.nodes.special import COUNT, ITEMS
from noob_cli.plan.effects import may_end
from noob_cli.plan.items_at_once import with_items_at_once
from noob_cli.plan.lowering.assets import carried_assets, node_assets, process_assets
from noob_cli.plan.lowering.calls import FEW_SOURCES, call, draw, flush
from noob_cli.plan.lowering.context import LoweringContext, Params
from noob_cli.plan.lowering.events import input_events, records, taken_out
from noob_cli.plan.lowering.inputs import take_inputs
from noob_cli.plan.lowering.loops import close, closing, gather, open_loop, take_items
from noob_cli.plan.lowering.options import LoweringOptions
from noob_cli.plan.lowering.returning import Returned, returned
from noob_cli.plan.lowering.scope import Scope, scoped, when
from noob_cli.plan.lowering.showing import inputs_shown, result_shown, signals_shown
from noob_cli.plan.lowering.storing import Storing
from noob_cli.plan.plan import Plan
from noob_cli.plan.steps import Body, Draw, DrawNested, Inline, Step
from noob_cli.plan.values import Variable
from noob_cli.specification.reference import Reference
from noob_cli.tube import Tube

_DEFAULT = LoweringOptions()


def lower(
    tube: Tube,
    disabled: Collection[str] = (),
    options: LoweringOptions = _DEFAULT,
    *,
    flushing: str | None = None,
    params: Params | None = None,
) -> Plan:
    """The plan of a tube.

    Args:
        tube: The tube, its inputs given.
        disabled: The nodes that don't run.
        options: What the run wants of it.
        flushing: The node that is flushed in the epoch, which is a last one; else None.
        params: The values of params that an earlier plan of the run has made; gets those that this one makes.
    """
    context = LoweringContext(options, {} if params is None else params)
    scope = Scope(tube, disabled, context, flushing=tuple(flushing.split(".")) if flushing else ())
    body = _Turns(scope, Storing(scope)).body({})
    plan = Plan(
        tube.name,
        body,
        tuple(context.state),
        frozenset(tube.graph.inputs),
        tube.graph.return_node is not None,
        context.bindings,
        options.notifying or options.counting,
        options.tracing,
        frozenset(context.timed),
        context.finish,
        context.awaits,
        context.shown,
        flushing=flushing,
    )
    at_once = options.at_once
    return with_items_at_once(plan, at_once) if context.has_concurrency or at_once is not None else plan


class _Turns:
    """Lowers a tube: goes through the turns of its nodes, and adds the steps of each.

    Args:
        scope: The tube.
        storing: What its epochs store.
        is_repeated: Whether it is nested, and may be called several times in an epoch.
    """

    def __init__(self, scope: Scope, storing: Storing, is_repeated: bool = False) -> None:
        self._scope = scope
        self._storing = storing
        self._is_repeated = is_repeated
        self._nested: dict[str, _Turns] = {}
        self._bodies: dict[str, Body] = {}
        self.returned = Returned()

    def body(self, supplied: Mapping[str, Variable]) -> Body:
        """What happens in an epoch of the tube.

        Args:
            supplied: For a nested tube, what it is given for its process-scoped inputs, by name.
        """
        scope, storing = self._scope, self._storing
        inputs = tuple(take_inputs(scope, supplied))
        carried = list(carried_assets(scope))
        storing.begin(inputs, carried)
        assets = process_assets(scope)
        draws = () if scope.flushing else tuple(self._draws())
        scope.add((), *inputs_shown(scope))
        self._take_turns(scope.schedule.turns, ())
        self.returned = returned(scope, storing, self._is_repeated)
        scope.add((), *result_shown(scope, self.returned.value))
        scope.add((), *storing.checks_of_refilled())
        steps = scope.frames.steps(scope.context.options.passes)
        has_ended, ends_within = (False, False) if scope.flushing else self._can_end(steps)
        has_ended = has_ended or bool(draws)
        if assets:
            steps = tuple(scoped(next(iter(assets.values())).place, assets, steps))
        return Body(
            scope.qualified(),
            scope.counter,
            scope.over,
            has_ended or ends_within,
            ends_within and not has_ended,
            inputs,
            storing.none_yet(),
            storing.holding.lookup,
            draws,
            steps,
            tuple(map(storing.kept, carried)),
            self.returned.value,
        )

    def _can_end(self, steps: Iterable[Step]) -> tuple[bool, bool]:
        """Whether a tube that draws nothing can be over when it has its turn.

        It can be if it has ended before, or if it is called again in the epoch in which one of its nodes ends it; so it
        can if a tube in it does.

        Returns:
            Whether it can have ended before, and whether it can end in an epoch in which it is called again.
        """
        bodies = self._bodies.values()
        ended = self._scope.context.options.ended.get(self._scope.qualified(), ())
        has_ended = self._scope.finish.has_ended(ended) or any(body.can_end and not body.ends_within for body in bodies)
        return has_ended, (self._is_repeated and may_end(steps)) or any(body.ends_within for body in bodies)

    def _draws(self) -> Iterator[Draw | DrawNested]:
        """What is drawn; a nested tube has its turn with the sources, and each of them stores before the next."""
        sources = [node for node in self._scope.nodes if node.is_source]
        for node in sources:
            # With many sources, that is looked at when one ends.
            ends_tube = len(sources) <= FEW_SOURCES and self._scope.finish.has_ended([node.id])
            if node.kind.role is Role.tube:
                body = self._nested_body(node, {}, ())
                yield DrawNested(self._scope.node_place(node), body.counter, body.over, body.draws, ends_tube)
            else:
                step = draw(self._scope, node, ends_tube)
                self._storing.draw(step)
                yield step
            self._storing.hold(node)
        # Each has stored before the next was drawn: nothing is to be stored yet.
        self._storing.holding.forget()

    # Turns

    def _take_turns(self, turns: Iterable[Turn], frame: Frame) -> None:
        for turn in turns:
            if turn.node is not None:
                if turn.node in self._scope.running:
                    self._take_turn(self._scope.running[turn.node], frame)
            elif turn.loop is not None:
                self._loop(turn, turn.loop, frame)

    def _take_turn(self, node: GraphNode, frame: Frame) -> None:
        scope, storing, role = self._scope, self._storing, node.kind.role
        if role is Role.return_:
            return
        if role is Role.call and scope.flushing == (node.id,):
            scope.add(frame, *flush(scope, storing, node))
        elif role is Role.call:
            scope.add(frame, *input_events(scope, node, frame), *call(scope, storing, node, frame))
        elif role is Role.gather:
            gather(scope, storing, node, frame)
            if node.id in scope.loops.closes:
                return
        elif role is Role.tube:
            self._inline(node, frame)
        scope.add(frame, *taken_out(scope, node, frame))
        self._emitted(node, frame)

    def _emitted(self, node: GraphNode, frame: Frame, names: Collection[str] | None = None) -> None:
        """What follows when a node has emitted: values are stored, and events made."""
        self._scope.add(frame, *self._storing.stores(node, frame, names))
        self._storing.hold(node, names)
        self._scope.add(frame, *signals_shown(self._scope, node, names))
        self._scope.add(frame, *records(self._scope, self._storing, node, frame, names))

    def _loop(self, turn: Turn, loop: tuple[str, int], frame: Frame) -> None:
        name, inner = loop[0], (*frame, loop)
        if name not in self._scope.running:
            # A gather that closes a map around it has collected nothing when that is through.
            self._take_turns(turn.body, inner)
            return
        node = self._scope.running[name]
        if not frame:
            self._storing.hold_all_in(loop)
        if turn.begins:
            take_items(self._scope, self._storing, node, frame)
            self._emitted(node, frame, [COUNT])
        items = open_loop(self._scope, node, inner)
        if turn.begins:
            self._emitted(node, inner, [ITEMS])
        self._take_turns(turn.body, inner)
        for closed in closing(self._scope, name, inner):
            if close(self._scope, closed, items, frame):
                self._emitted(closed, frame)

    # Nested tubes

    def _nested_body(self, node: GraphNode, supplied: Mapping[str, Variable], frame: Frame) -> Body:
        if node.id not in self._bodies:
            scope, tube = self._scope, self._scope.tube.children[node.id]
            flushing = scope.flushing[1:] if scope.flushing[:1] == (node.id,) else ()
            inner = Scope(tube, tube.disabled, scope.context, (*scope.around, node.id), flushing)
            is_repeated = self._is_repeated or bool(frame)
            self._nested[node.id] = _Turns(inner, self._storing.nested(node.id, inner), is_repeated)
            self._bodies[node.id] = self._nested[node.id].body(supplied)
        return self._bodies[node.id]

    def _inline(self, node: GraphNode, frame: Frame) -> None:
        """The turn of a nested tube."""
        scope, place = self._scope, self._scope.node_place(node)
        is_last = scope.flushing[:1] == (node.id,)
        assets = {} if is_last else node_assets(scope, node)
        supplied: dict[str, Variable] = {}
        needs: list[Variable] = []
        for argument in () if is_last else node.arguments:
            value = scope.value(argument.reference, frame, assets)
            if value is not None:
                supplied[str(argument.parameter)] = value
                if value.optional and not argument.optional:
                    needs.append(value)
        body = self._nested_body(node, supplied, frame)
        results, outputs = self._outputs(node, body, always=not needs and not body.can_end)
        is_drawn = node.is_source and not scope.flushing
        inner = body.replace(draws=()) if is_drawn else body
        # One that is drawn is found to have ended when it would be drawn again.
        around = scope.over if body.can_end and not (body.ends_within or is_drawn) else None
        inline = Inline(place, tuple(assets.values()), inner, results, outputs, is_drawn, around)
        is_redrawn = (self._is_repeated or bool(frame)) and not node.is_source
        checks = self._storing.checks_redrawn(node) if is_redrawn else ()
        scope.add(frame, *when(place, needs, [*checks, inline], outputs))

    def _outputs(
        self, node: GraphNode, body: Body, always: bool
    ) -> tuple[tuple[Variable | None, ...], tuple[Variable, ...]]:
        """What a nested tube's signals are, and what gets them; what it returns in any case is its signal."""
        results: list[Variable | None] = []
        outputs: list[Variable] = []
        carried = {asset.current for asset in body.carried}
        for signal in node.kind.interface.signals:
            reference = Reference(node.id, signal.name)
            value = self._nested[node.id].returned.signals.get(signal.name)
            is_there = always and value is not None and not value.optional and value.name not in carried
            if value is not None and is_there and not self._scope.context.options.timing:
                self._scope.define(reference, value)
            elif self._scope.is_wanted(reference):
                results.append(value)
                outputs.append(self._scope.signals[reference])
        return tuple(results), tuple(outputs)
