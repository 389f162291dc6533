"""What is made when a run starts: runner-scoped assets, and the instances, generators and iterators of nodes."""

from __future__ import annotations

import inspect
import itertools
from collections import deque
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Collection, Iterator
from functools import partial
from types import FunctionType
from typing import Any

from noob_cli.assets.context_managers import AsyncEnd, End, enter
from noob_cli.assets.lifetimes import Lifetimes, uncovered
from noob_cli.assets.registry import Opening
from noob_cli.code.compatibility import translating, translating_async_items, translating_items
from noob_cli.code.context import Runner, RunnerContext
from noob_cli.code.interface import interface_of
from noob_cli.graph.graph import GraphNode
from noob_cli.nodes.kinds import Making, Role
from noob_cli.nodes.shown import as_called, beginning_with, kind_shown
from noob_cli.plan.place import Place, place_in
from noob_cli.runners.live_assets import LiveAssets
from noob_cli.runners.strand import Strand
from noob_cli.specification.asset import AssetScope
from noob_cli.specification.node import ABOUT_CALLS
from noob_cli.specification.params import as_call
from noob_cli.tube import Tube


def needs_loop(tube: Tube) -> bool:
    """Whether the code of a tube says that something in it is awaited."""
    for node in tube.graph.nodes.values():
        kind = node.kind
        names = (*kind.init, *kind.deinit, *([kind.flush] if kind.flush and kind.making is Making.instance else []))
        methods = (getattr(kind.code, name) for name in names)
        if kind.coroutine or any(inspect.iscoroutinefunction(method) for method in methods):
            return True
    return any(map(tube.assets.needs_loop, tube.graph.assets)) or any(map(needs_loop, tube.children.values()))


def may_await(tube: Tube) -> bool:
    """Whether something in a tube may be awaited: of a function's result that shows when it is there."""
    openings = map(tube.assets.opening, tube.graph.assets)
    return needs_loop(tube) or Opening.unknown in openings or any(map(may_await, tube.children.values()))


class Starter:
    """Starts the assets and nodes of a tube and of those nested in it, and holds what it has made.

    Args:
        runner: What runs them; it is in the context that an `init` may ask for. None if nothing asks for it.
        is_called_off: Whether the run is to stop before it has been started.
        lifetimes: Gets what has to be ended.
        strand: Does all that the run does.
        on_error: Told of an error, and where it came from.
        log: Told what was made.
    """

    def __init__(
        self,
        runner: Runner | None,
        is_called_off: Callable[[], bool],
        lifetimes: Lifetimes[Place],
        strand: Strand,
        on_error: Callable[[BaseException, Place], None],
        log: Callable[[str], object],
    ) -> None:
        self.calls: dict[str, Callable[..., Any]] = {}
        """What runs each node for which an instance was made, by name."""
        self.flushes: dict[str, Callable[..., Any]] = {}
        """What is called in the last epoch of each node that has one, by name."""
        self.instances: dict[str, Any] = {}
        """The instance of each node for which one was made, by name."""
        self.sources: dict[str, Iterator[Any] | AsyncIterator[Any]] = {}
        """What each source draws its values from, by name."""
        self.generators: dict[str, Any] = {}
        """The generator that is behind each source that has one, by name: once it has failed, it has ended."""
        self.iterated: dict[str, Any] = {}
        """What each source goes through, by name."""
        self.assets = LiveAssets()
        """The runner-scoped assets of this run, by name."""
        self.wants: Callable[[Place], bool] = _all
        """Whether a node or an asset is started here."""
        self._runner = runner
        self._is_called_off = is_called_off
        self._lifetimes = lifetimes
        self._strand = strand
        self._on_error = on_error
        self._log = log
        self._started: set[str] = set()

    async def enter(self, made: Any, wanted: bool | None = None) -> tuple[Any, End | None]:
        """Enter the object of an asset if it is a context manager; what a coroutine function makes is awaited first.

        Args:
            made: The object.
            wanted: Whether the file says that it is entered; None if it doesn't say.
        """
        if inspect.iscoroutine(made):
            made = await self._strand.wait(made)
        return await enter(made, self._strand.wait, wanted)

    async def start_tube(self, tube: Tube, disabled: Collection[str], around: tuple[str, ...] = ()) -> None:
        """Make the runner-scoped assets of a tube in the order of the file, then start its nodes.

        A runner that is to stop makes no more of them.

        Args:
            tube: The tube.
            disabled: Its nodes that don't run.
            around: The names of the nodes around it, if it is nested.

        Raises:
            BaseException: What an asset or a node raised.
        """
        tube.assets.show(self.assets, "".join(f"{node}." for node in around))
        for name, asset in tube.graph.assets.items():
            if self._is_called_off():
                return
            qualified = ".".join([*around, name])
            if asset.scope is AssetScope.runner and qualified not in self.assets.made:
                place = place_in(tube.document, "asset", qualified, asset.path)
                if not self.wants(place):
                    continue
                try:
                    end = await self.assets.open(qualified, tube.assets, name, self.enter)
                    self._lifetimes.add(place, end)
                except BaseException as error:
                    self._on_error(uncovered(error), place)
                    raise
                self._log(f"{place} was made")
        await self.start_nodes(tube, disabled, around)

    async def start_nodes(self, tube: Tube, disabled: Collection[str], around: tuple[str, ...] = ()) -> None:
        """Start the nodes of a tube that run and are not started yet, in the order of the file; see `start_tube`."""
        for name, node in tube.graph.nodes.items():
            if self._is_called_off():
                return
            qualified = ".".join([*around, name])
            if name in disabled:
                continue
            if node.kind.role is Role.tube:
                # More may be wanted of what is in it than before.
                child = tube.children[name]
                await self.start_tube(child, child.disabled, (*around, name))
                if node.kind.draws and not child.graph.has_source:
                    # What was taken for its sources are functions.
                    tube.find_out(name, node.kind._replace(draws=False))
                continue
            if qualified in self._started:
                continue
            place = place_in(tube.document, "node", qualified, node.path)
            if not self.wants(place):
                continue
            try:
                await self.start_node(node, place, tube)
                if node.kind.making is not Making.nothing:
                    self._log(f"{place} was started")
            except BaseException as error:
                self._on_error(uncovered(error), place)
                raise
            self._started.add(qualified)

    async def start_node(self, node: GraphNode, place: Place, tube: Tube) -> None:
        """Make what a node needs, and run its methods for the start."""
        making = node.kind.making
        if making is Making.nothing:
            return
        params = tube.resolved(dict(node.params))
        if making is Making.generator:
            params |= self._depends_at_start(node, place, tube)
        positional, named = as_call(params)
        if making is Making.instance:
            make = partial(node.kind.code, *positional)
            await self._start_instance(node, place, tube, make, named)
        elif making is Making.generator:
            self._start_drawn(node, place, tube, node.kind.code, *positional, **named)
        else:
            self._start_source(node, place, node.kind.code(*positional, **named))

    def _depends_at_start(self, node: GraphNode, place: Place, tube: Tube) -> dict[str | int, Any]:
        """What the `depends` of a generator gives: tube-scoped inputs, and runner-scoped assets."""
        around, _, _ = place.name.rpartition(".")
        values: dict[str | int, Any] = {}
        for argument in node.arguments:
            name = argument.reference.name
            if argument.reference.is_input:
                values[argument.slot] = tube.input[name]
            else:
                values[argument.slot] = self.assets.made[f"{around}.{name}" if around else name].obj
        return values

    def _start_drawn(
        self, node: GraphNode, place: Place, tube: Tube, call: Callable[..., Any], *args: Any, **named: Any
    ) -> None:
        """Start what makes a generator; where only the call shows whether it does, it may be a function after all."""
        made = call(*args, **named)
        if not node.kind.certain:
            node = node._replace(kind=kind_shown(node.kind, made))
            tube.find_out(node.id, node.kind)
        if node.kind.role is Role.source:
            self._start_source(node, place, made)
        else:
            self._start_call(node, place, beginning_with(made, call))

    def _start_call(self, node: GraphNode, place: Place, call: Callable[..., Any]) -> None:
        self.calls[place.name] = as_called(call, node.kind)

    async def _start_instance(
        self, node: GraphNode, place: Place, tube: Tube, make: Callable[..., Any], params: dict[str, Any]
    ) -> None:
        """Make the instance of a class node, call its `init`, and note its `deinit`."""
        if node.kind.is_node_class:
            # Plain data, of which a model makes its own, also that of the public package: it refuses keys of ours.
            spec = node.spec.model_dump(mode="json", by_alias=True, exclude={*ABOUT_CALLS})
            params = {"id": node.id, "spec": spec, "stateful": node.stateful, **params}
        instance = self.instances[place.name] = make(**params)
        for name in node.kind.init:
            method = getattr(instance, name)
            await self._run(method, **self._asked_for(method, tube))
        for name in reversed(node.kind.deinit):
            method = getattr(instance, name)
            self._lifetimes.add(place, self._as_end(partial(method, **self._asked_for(method, tube))))
        bound: Callable[..., Any] = getattr(instance, str(node.kind.method))
        if node.kind.is_drawn:
            self._start_drawn(node, place, tube, bound)
        else:
            self._start_call(node, place, bound)
        if node.kind.flush is not None:
            flush = getattr(instance, node.kind.flush)
            is_awaited = inspect.iscoroutinefunction(flush)
            self.flushes[place.name] = translating(flush, is_awaited, node.kind.has_several_signals)

    def _start_source(self, node: GraphNode, place: Place, made: Any) -> None:
        if node.kind.coroutine:
            if inspect.isasyncgen(made):
                self.generators[place.name] = made
                self._lifetimes.add(place, AsyncEnd(lambda *_: self._strand.wait(made.aclose())))
            self.sources[place.name] = translating_async_items(aiter(made), node.kind.has_several_signals)
            return
        self.iterated[place.name] = made
        iterator = iter(made)
        if inspect.isgenerator(iterator):
            self.generators[place.name] = iterator
            self._lifetimes.add(place, lambda *_: iterator.close())
        if isinstance(getattr(type(iterator), "__iter__", None), FunctionType):
            # A loop asks for the iterator of what it goes through; that of a user's class is asked for it once.
            iterator = itertools.chain.from_iterable([iterator])
        self.sources[place.name] = translating_items(iterator, node.kind.has_several_signals)

    def _asked_for(self, method: Callable[..., Any], tube: Tube) -> dict[str, RunnerContext]:
        """The runner's context, if a method for the start or the end has a parameter for it."""
        parameter = interface_of(method).context
        if parameter is None:
            return {}
        assert self._runner is not None
        return {parameter: RunnerContext(runner=self._runner, input_collection=tube.input)}

    async def _run(self, method: Callable[..., Any], **arguments: Any) -> None:
        result = method(**arguments)
        if inspect.iscoroutine(result):
            await self._strand.wait(result)

    def draw(self, name: str, count: int) -> None:
        """Draw values of a source that an earlier run has had.

        Args:
            name: The source.
            count: How many; if it has fewer, all.
        """
        source = self.sources[name]
        if isinstance(source, Iterator):
            self._strand.call(deque[Any](maxlen=0).extend, itertools.islice(source, count))
        else:
            self._strand.do(_draw(source, count))

    def end_source(self, name: str) -> None:
        """End the generator behind a source: it gives no more values.

        Args:
            name: The source.
        """
        generator = self.generators[name]
        if isinstance(generator, AsyncGenerator):
            self._strand.do(generator.aclose())
        else:
            self._strand.call(generator.close)

    def _as_end(self, method: Callable[[], object]) -> End:
        """A method as an end, which is told of the error under way and does not need to know it."""
        return AsyncEnd(lambda *_: self._run(method))


def _all(place: Place) -> bool:
    return True


async def _draw(source: AsyncIterator[Any], count: int) -> None:
    for _ in range(count):
        try:
            await anext(source)
        except StopAsyncIteration:
            return
