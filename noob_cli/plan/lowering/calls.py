"""Lowering the calls of nodes, and the sources that are drawn from."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping, Sequence
from types import BuiltinFunctionType

from noob_cli.code.behind import Manner, expected_of
from noob_cli.code.looking import is_class
from noob_cli.graph.graph import Argument, GraphNode
from noob_cli.graph.loops import Frame
from noob_cli.nodes.kinds import Making
from noob_cli.nodes.methods import called_method
from noob_cli.plan.lowering.assets import node_assets
from noob_cli.plan.lowering.operators import sign_of
from noob_cli.plan.lowering.scope import Scope, own_name, scoped, when
from noob_cli.plan.lowering.storing import Storing
from noob_cli.plan.plan import SOURCE, LookedAt, OfCode, OfNode, RateOf, RetryOf
from noob_cli.plan.steps import Call, Draw, OpenAsset, Paced, Retry, Step, When
from noob_cli.plan.values import Constant, CurrentEpoch, Events, Expression, Keyword, Variable
from noob_cli.specification.reference import Reference

FEW_SOURCES = 8
"""Up to how many sources of a tube it is known of each, from the start, whether the tube ends with it."""


class _Arguments:
    """What a call of a node gets.

    Args:
        scope: The tube.
        node: The node.
        frame: The loops in which it is called.
        assets: The node-scoped assets that live as long as the call.

    Attributes:
        needs: The values without which it is not called.
        values: All values that it gets.
        omitted: The names of the arguments that are left out where there is no event.
        positional: The positional arguments.
        named: The keyword arguments.
    """

    def __init__(self, scope: Scope, node: GraphNode, frame: Frame, assets: Mapping[str, OpenAsset]) -> None:
        self.needs: list[Variable] = []
        self.values: list[Variable] = []
        self.omitted: set[str] = set()
        self.named: dict[str, Expression] = {}
        self._by_position: dict[int, Expression] = {}
        for argument in node.arguments:
            self._take(argument, scope.value(argument.reference, frame, assets))
        for slot, value in _fixed_arguments(scope, node, frame):
            self._put(slot, value)
            # What stands for an input may be what an asset is to store.
            if isinstance(value, Constant) and value.name and isinstance(node.params.get(slot), str):
                self.values.append(Variable(value.name))
        self.positional = tuple(self._in_positions(node))

    def _take(self, argument: Argument, value: Variable | None) -> None:
        if value is None:
            if not argument.omitted:
                self._put(argument.slot, Constant(None))
            return
        self.values.append(value)
        if value.optional and not argument.optional:
            self.needs.append(value)
            value = Variable(value.name)
        if argument.omitted and value.optional:
            self.omitted.add(str(argument.slot))
        self._put(argument.slot, value)

    def _put(self, slot: str | int, value: Expression) -> None:
        if isinstance(slot, int):
            self._by_position[slot] = value
        else:
            self.named[slot] = value

    def _in_positions(self, node: GraphNode) -> Iterator[Expression]:
        """The positional arguments in order, the epoch and the events where parameters behind theirs are given."""
        interface = node.kind.interface
        injected = {name for name in (interface.epoch, interface.events) if name is not None}
        left = [self._by_position[at] for at in sorted(self._by_position)]
        for name in interface.positions:
            if name in injected and (left or name in interface.only_by_position):
                yield self.named.pop(name)
            elif name not in injected and left:
                yield left.pop(0)
            elif not injected & interface.only_by_position:
                return
        yield from left


def draw(scope: Scope, node: GraphNode, ends_tube: bool) -> Draw:
    """How a source is drawn from.

    Args:
        scope: The tube.
        node: The source.
        ends_tube: Whether its tube is over when it ends, whatever the other sources do.
    """
    is_count = node.kind.code is itertools.count
    # It does nothing but add; what `depends` gives is not known.
    if ends_tube and is_count and not node.arguments:
        params = scope.tube.resolved(dict(node.params)).values()
        if all(type(param) in (int, float) for param in params):
            reference = Reference(node.id, "value")
            scope.define(reference, Variable(scope.signals[reference].name))
    source = scope.context.keep((SOURCE, scope.qualified(node.id)), f"{scope.wanted(node.id)}_source")
    scope.context.awaits |= node.kind.coroutine
    return Draw(scope.node_place(node), source, scope.output(node), ends_tube, node.kind.coroutine, not is_count)


def call(scope: Scope, storing: Storing, node: GraphNode, frame: Frame) -> Sequence[Step]:
    """The call of a node, if what it needs is there, while the assets that it takes for the call live."""
    place, assets = scope.node_place(node), node_assets(scope, node)
    arguments = _Arguments(scope, node, frame, assets)
    positional, named = arguments.positional, arguments.named
    are_operands = not named and all(isinstance(value, Variable) and not value.optional for value in positional)
    sign = sign_of(node.kind.code, len(positional)) if are_operands else None
    scope.context.awaits |= node.kind.coroutine
    called = Call(
        place,
        _function(scope, node) if sign is None else sign,
        positional,
        tuple(itertools.starmap(Keyword, named.items())),
        frozenset(arguments.omitted),
        scope.output(node),
        node.kind.coroutine,
        storing.stored_in(node),
        scope.qualified(node.id) if node.stateful else None,
        is_operator=sign is not None,
        timeout=node.spec.timeout,
    )
    checks = storing.checks(node, f"the node '{scope.qualified(node.id)}'", arguments.values)
    steps = _tried(scope, node, scoped(place, assets, [*checks, called]))
    if called.awaited and len(steps) > 1:
        # What may be awaited together with others is one step.
        return [When(place, tuple(dict.fromkeys(arguments.needs)), tuple(steps), tuple(_emitted_by(called)))]
    return when(place, arguments.needs, steps, _emitted_by(called))


def flush(scope: Scope, storing: Storing, node: GraphNode) -> Sequence[Step]:
    """The call of a class node in its last epoch."""
    assert node.kind.flush is not None
    assert node.kind.cls is not None
    expected, interface = called_method(node.kind.cls, node.kind.flush)
    is_awaited = expected.manner is Manner.coroutine
    scope.context.awaits |= is_awaited
    wanted = f"{scope.wanted(node.id)}_{node.kind.flush}"
    called = Call(
        scope.node_place(node),
        scope.context.bind(OfNode(scope.qualified(node.id), flush=True), wanted),
        named=() if interface.epoch is None else (Keyword(interface.epoch, CurrentEpoch(scope.counter)),),
        output=scope.output(node),
        awaited=is_awaited,
        stored_in=storing.stored_in(node),
        keeps=scope.qualified(node.id) if node.stateful else None,
        timeout=node.spec.timeout if is_awaited else None,
    )
    return _tried(scope, node, [called])


def _tried(scope: Scope, node: GraphNode, steps: Sequence[Step]) -> Sequence[Step]:
    """What a call of a node is made of, when it may be called, and again if that fails, if the file says so."""
    place, name, retry, rate = scope.node_place(node), scope.qualified(node.id), node.spec.retry, node.spec.rate
    if rate is not None:
        steps = [Paced(place, scope.context.bind(RateOf(name, rate), f"{scope.wanted(node.id)}_rate"), tuple(steps))]
    scope.context.awaits |= scope.context.options.in_loop and (rate is not None or retry is not None)
    if retry is not None:
        binding = RetryOf(name, retry.times, retry.seconds, retry.backoff, tuple(retry.on))
        steps = [Retry(place, scope.context.bind(binding, f"{scope.wanted(node.id)}_retry"), tuple(steps))]
    return steps


def _emitted_by(called: Call) -> list[Variable]:
    return [variable for variable in called.output.variables if variable is not None]


def _fixed_arguments(scope: Scope, node: GraphNode, frame: Frame) -> Iterator[tuple[str | int, Expression]]:
    """What a call gets besides the values of its slots: params, the epoch, the events."""
    if node.kind.is_one_call:
        for slot, value in node.params.items():
            fixed = scope.context.params.setdefault((scope.qualified(node.id), slot), scope.tube.resolved(value))
            yield slot, scope.constant(fixed, f"{scope.wanted(node.id)}_{slot}")
    interface = node.kind.interface
    if interface.epoch is not None:
        yield interface.epoch, scope.epoch_in(frame)
    if interface.events is not None:
        events = tuple(
            (str(argument.parameter or argument.slot), scope.frames.read(("event", argument.reference), frame))
            for argument in node.arguments
            if argument.reference in scope.events
        )
        by_position = {
            argument.slot: str(argument.parameter) for argument in node.arguments if isinstance(argument.slot, int)
        }
        yield interface.events, Events(events, tuple(by_position[at] for at in sorted(by_position)))


def _function(scope: Scope, node: GraphNode) -> str:
    """The name of what is called: the function itself, or a method of the instance that is made at the start."""
    looked_at = _looked_at(scope, node)
    if node.kind.making is not Making.nothing:
        wanted = f"{scope.wanted(node.id)}_{node.kind.method or 'call'}"
        holds_back = node.kind.flush is not None
        of_node = OfNode(scope.qualified(node.id), looked_at, per_worker=node.per_worker, holds_back=holds_back)
        return scope.context.bind(of_node, wanted)
    binding = OfCode(scope.qualified(node.id), str(node.spec.type_), looked_at)
    wanted = f"call_{scope.wanted(node.id)}"
    return scope.context.bind_code(node.kind.code, binding, *own_name(node.kind.code), wanted)


def _looked_at(scope: Scope, node: GraphNode) -> LookedAt | None:
    """What is looked for in the first value of a node: what nobody could draw from, or await."""
    is_plain_call = node.kind.making is Making.nothing
    makes_none = is_plain_call and (is_class(node.kind.code) or type(node.kind.code) is BuiltinFunctionType)
    if node.kind.coroutine or makes_none or node.id in scope.taken:
        return None
    is_generator = not node.arguments or expected_of(node.kind.code).draws
    return LookedAt.generators if is_generator else LookedAt.coroutines
