"""The runner that makes one epoch after the other, in the thread that calls it."""

from __future__ import annotations

import itertools
import warnings
from collections import deque
from collections.abc import Callable, Generator, Iterable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from types import TracebackType
from typing import Any, Self

from pydantic import ValidationError

from noob_cli.context import RunnerContext
from noob_cli.diagnostics import suggest
from noob_cli.errors import InputError
from noob_cli.events import EPOCH_ENDED, Epoch, Event
from noob_cli.plan.compiling import CompiledPlan, Epochs, SavedState
from noob_cli.plan.lowering import lower
from noob_cli.plan.steps import Fixed, OfAsset, OfNode, Place
from noob_cli.runners.failure import Failure, place_of
from noob_cli.runners.instances import start_node
from noob_cli.spec.asset import AssetScope
from noob_cli.teardown import Lifetimes
from noob_cli.tube import Tube

Callback = Callable[[Event], object]


class SynchronousRunner:
    """Runs a tube epoch by epoch.

    Example:
        >>> runner = SynchronousRunner(Tube.from_specification("sunspots.yaml"))
        >>> for result in runner.iter(3):
        ...     print(result)

    Args:
        tube: The tube.
    """

    def __init__(self, tube: Tube) -> None:
        self.tube = tube
        self.failure: Failure | None = None
        """The last error of a node or an asset, and where it came from."""
        self._disabled = set(tube.disabled)
        self._callbacks: list[Callback] = []
        self._lifetimes = Lifetimes()
        self._running = False
        self._bound: dict[str, Callable[..., Any]] = {}
        self._ended: set[str] = set()
        self._warned: set[str] = set()
        self._event_ids = itertools.count()
        self._compiled: CompiledPlan | None = None
        self._epochs: Epochs | None = None
        self._stale = False
        self._last_epoch = -1

    @property
    def running(self) -> bool:
        """Whether it is between `init` and `deinit`."""
        return self._running

    @property
    def epoch(self) -> int:
        """The number of the last epoch, -1 before the first."""
        return self._last_epoch if self._epochs is None else self._epochs.save().epoch

    @property
    def made(self) -> int:
        """How many epochs the run has made."""
        return self.epoch + 1

    def init(self) -> None:
        """Start a run: make the runner-scoped assets in the order of the file, then the nodes, and run their `init`.

        Raises:
            Exception: What an asset or a node raised; what was made before it is ended.
        """
        if self._running:
            return
        self.failure = None
        self._last_epoch = -1
        self._ended = set()
        self._event_ids = itertools.count()
        try:
            self._start()
        except BaseException as error:
            self._lifetimes.end(error)
            raise
        self._running = True

    def deinit(self) -> None:
        """Stop the run: run the nodes' `deinit`, then end the runner-scoped assets, last made first.

        Raises:
            BaseException: What one of them raised, or a group if there were several.
        """
        self._stop(None)

    def __enter__(self) -> Self:
        self.init()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._stop(error)

    def process(self, **inputs: Any) -> Any:
        """Make one epoch.

        Args:
            inputs: The process-scoped inputs. A tube-scoped one may be among them and holds for this epoch.

        Returns:
            What the epoch returns, None if it returns nothing.

        Raises:
            TubeExhaustedError: The tube has ended.
            InputError: An input is missing or wrong.
            Exception: What a node or an asset raised, with a note that says where. The runner can go on.
        """
        return self._current().process(inputs)

    def iter(self, n: int | None = None, *, epochs: int | None = None) -> Generator[Any, None, None]:
        """Make epochs and yield what they return; those that return nothing are passed over.

        Outside of `with`, the run starts with the first and stops after the last.

        Args:
            n: How many results at the most; None for all. Without a `return` node, each epoch yields None.
            epochs: How many epochs at the most.

        Raises:
            InputError: An input that comes with every epoch is required: `stream` takes them.
        """
        self._refuse_missing_inputs()
        with self._as_run():
            left = itertools.count() if n is None else iter(range(n))
            last = None if epochs is None else self.epoch + epochs
            while True:
                limit = None if last is None else last - self.epoch
                for _, result in zip(left, self._current().results(limit), strict=False):
                    yield result
                if not self._stale:
                    return

    def stream(
        self,
        records: Iterable[Mapping[str, Any]],
        n: int | None = None,
        *,
        epochs: int | None = None,
    ) -> Generator[Any, None, None]:
        """Make an epoch for each record and yield what it returns; epochs that return nothing are passed over.

        Outside of `with`, the run starts with the first and stops after the last.

        Args:
            records: The inputs of each epoch, by name.
            n: How many results at the most; None for all.
            epochs: How many epochs at the most.
        """
        with self._as_run():
            source = itertools.islice(records, epochs)
            left = itertools.count() if n is None else iter(range(n))
            while True:
                for _, result in zip(left, self._current().stream(source), strict=False):
                    yield result
                if not self._stale:
                    return

    def run(self, n: int | None = None) -> list[Any] | None:
        """Make epochs.

        Outside of `with`, the run starts with the first and stops after the last.

        Args:
            n: How many epochs at the most; None to go on to the end.

        Returns:
            What they returned, without those that returned nothing; None if `n` is None, so that memory stays flat.
        """
        results: list[Any] = []
        emit = deque[Any](maxlen=0).append if n is None else results.append
        self._refuse_missing_inputs()
        with self._as_run():
            last = None if n is None else self.epoch + n
            while True:
                self._current().run(None if last is None else last - self.epoch, emit)
                if not self._stale:
                    break
        return None if n is None else results

    def add_callback(self, callback: Callback) -> None:
        """Call a function with every event, and with a `meta` event at the end of each epoch.

        Args:
            callback: Gets the event.
        """
        self._callbacks.append(callback)
        self._change()

    def enable_node(self, node_id: str) -> None:
        """Let a node run from the next epoch on.

        Raises:
            KeyError: There is no such node.
        """
        self._disabled.discard(self._known(node_id))
        self._change()

    def disable_node(self, node_id: str) -> None:
        """Let a node, and those that need its signals, not run from the next epoch on.

        Raises:
            KeyError: There is no such node.
        """
        self._disabled.add(self._known(node_id))
        self._change()

    def _start(self) -> None:
        graph, assets = self.tube.graph, self.tube.assets
        for name, asset in graph.assets.items():
            if asset.scope is AssetScope.runner:
                with self._at(Place("asset", name, asset.path)):
                    self._lifetimes.add(f"the asset '{name}'", assets.open(name))
        context = RunnerContext(runner=self, input_collection=self.tube.input)
        for name, node in graph.nodes.items():
            with self._at(Place("node", name, node.path)):
                call = start_node(node, self.tube, context, self._lifetimes)
            if call is not None:
                self._bound[name] = call
        carried = {name: (asset.obj, -1) for name, asset in assets.items() if asset.depends}
        sources = {name: self._bound[name] for name, node in graph.nodes.items() if node.is_source}
        self._bind(SavedState(-1, False, carried, sources))

    def _stop(self, error: BaseException | None) -> None:
        if not self._running:
            return
        self._running = False
        self._last_epoch = self.epoch
        self._store_carried()
        self._epochs = None
        self._lifetimes.end(error)

    def _store_carried(self) -> None:
        """Let the assets hold what they carry, so that what ends them sees it."""
        if self._epochs is not None:
            for name, (value, epoch) in self._epochs.save().assets.items():
                self.tube.assets.store(name, value, epoch)

    def _bind(self, state: SavedState) -> None:
        """Compile the plan for the nodes that are enabled now, and go on from a state."""
        plan = lower(self.tube, self._disabled, listening=bool(self._callbacks))
        self._compiled = CompiledPlan(plan)
        bound: dict[str, Any] = {
            "emit_event": self._emit,
            "event_of": self._event,
            "failed": self._failed,
            "given": plan.given,
            "missing_input": self._missing_input,
            "notify_end": self._notify_end,
            "source_ended": self._source_ended,
            "unknown_inputs": self._unknown_inputs,
        }
        for name, binding in plan.bindings.items():
            if isinstance(binding, Fixed):
                bound[name] = binding.value
            elif isinstance(binding, OfNode):
                bound[name] = self._bound[binding.node]
            elif isinstance(binding, OfAsset):
                bound[name] = self.tube.assets[binding.asset].obj
        self._has_ended = plan.has_ended
        state.over = state.over or plan.has_ended(self._ended)
        self._epochs = self._compiled.bind(bound, state)
        self._stale = False

    def _change(self) -> None:
        """The plan has to be made anew; epochs under way are finished as they began."""
        if self._epochs is not None:
            self._stale = True
            self._epochs.stop()

    def _current(self) -> Epochs:
        """The functions that make epochs, of a plan that is up to date."""
        if self._epochs is None:
            raise RuntimeError("the runner has not been started: call 'init' first, or use 'with runner:'")
        if self._stale:
            self._bind(self._epochs.save())
        return self._epochs

    @contextmanager
    def _as_run(self) -> Iterator[None]:
        """Start and stop around what is done inside, unless that stands in a `with` of the user's."""
        if self._running:
            yield
            return
        with self:
            yield

    @contextmanager
    def _at(self, place: Place) -> Iterator[None]:
        """Say of an error at the start where it came from."""
        try:
            yield
        except BaseException as error:
            self._note(error, place, None)
            raise

    def _note(self, error: BaseException, place: Place, epoch: int | None) -> None:
        self.failure = Failure(error, place, epoch, self.tube.span(*place.path))
        error.add_note(str(self.failure))

    def _failed(self, error: BaseException, epoch: int) -> None:
        """Note where an error came from; called by the generated code before it ends what it has made."""
        known = self.failure.error if self.failure is not None else None
        group = error.exceptions if isinstance(error, BaseExceptionGroup) else ()
        if known is not None and (error is known or known in group):
            return
        assert self._compiled is not None
        place = place_of(error, self._compiled)
        if place is None or isinstance(error, GeneratorExit):
            return
        if place.what == "input":
            if isinstance(error, ValidationError):
                raise self.tube.wrong_input(place.name, error) from error
            return
        self._note(error, place, epoch)

    def _source_ended(self, name: str) -> bool:
        self._ended.add(name)
        return bool(self._has_ended(self._ended))

    def _missing_input(self, name: str) -> None:
        spec = self.tube.graph.inputs[name]
        raise InputError(f"the input '{name}' ({spec.type_}) is missing", name) from None

    def _refuse_missing_inputs(self) -> None:
        """Without records, an input that comes with every epoch and is required can't be had."""
        for name in self.tube.required_process_inputs:
            self._missing_input(name)

    def _unknown_inputs(self, inputs: Mapping[str, Any]) -> None:
        known = self.tube.graph.inputs
        for name in inputs:
            if name not in known and name not in self._warned:
                self._warned.add(name)
                hint = suggest(name, known, "inputs")
                warnings.warn(f"there is no input '{name}', it is ignored: {hint}", stacklevel=3)

    def _event(self, node: str, signal: str, epoch: int, value: Any) -> Event:
        return Event(
            id=next(self._event_ids),
            timestamp=datetime.now(UTC),
            node_id=node,
            signal=signal,
            epoch=Epoch(epoch),
            value=value,
        )

    def _emit(self, node: str, signal: str, epoch: int, value: Any) -> Event:
        event = self._event(node, signal, epoch, value)
        for callback in self._callbacks:
            callback(event)
        return event

    def _notify_end(self, epoch: int) -> None:
        self._emit("meta", EPOCH_ENDED, epoch, epoch)

    def _known(self, node_id: str) -> str:
        if node_id not in self.tube.graph.nodes:
            raise KeyError(f"there is no node '{node_id}': {suggest(node_id, self.tube.graph.nodes, 'nodes')}")
        return node_id
