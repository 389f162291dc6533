"""Where a run stands as bytes, and a run that goes on from there."""

from __future__ import annotations

import inspect
import io
import pickle
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

from noob_cli.checkpoints.held import Held, held_assets
from noob_cli.checkpoints.instance_state import PROTOCOL, UNCHANGING, InstanceState, give_state, state_of, takes_state
from noob_cli.checkpoints.written_files import WrittenFile, as_written
from noob_cli.codegen.runtime import SILENT
from noob_cli.diagnostics import DocumentPath
from noob_cli.errors import CheckpointError
from noob_cli.events import EndOfRun
from noob_cli.nodes.kinds import Role
from noob_cli.pickling import pickles_groups_again
from noob_cli.plan.plan import ASSET, SOURCE, StateKey
from noob_cli.raised import describe, is_failure
from noob_cli.runners.arguments import tube_around
from noob_cli.runners.standing import Standing
from noob_cli.runners.synchronous import SynchronousRunner
from noob_cli.tally import Tally

_SHORT = 64 * 1024
"""How many bytes are read back with each checkpoint, since that takes no time beside writing them."""

_HELD = "held"
"""What an asset is called whose state is saved, and not a value that it carries."""

_ADVICE = {
    _HELD: "leave what can't be saved out of its state with a method '__getstate__', and make it in one that is marked "
    "with '@resume_method', or say 'checkpoint: false'",
    "asset": "let the node that it depends on emit what 'pickle' can save, such as plain data",
    "node": "leave what can't be saved out of its state with a method '__getstate__', and make it in 'init'; "
    "or, if no result depends on earlier calls, say 'stateful: false'",
    "gather": "let it collect what 'pickle' can save, such as plain data",
}
"""What to do about what can't be saved."""

Kept = tuple[str, str]
"""An asset, a node or a gather with state of its own: which of these it is, and its name."""

_StandIn = tuple[str, str]
"""What stands in a pickle for a runner, a node or an asset, which each run makes anew: which it is, and its name."""


@dataclass(frozen=True)
class _Saved:
    """All that is saved of where a run stands, in one pickle: what is one object stays one.

    Args:
        standing: What the runner keeps, without the sources.
        drawn: How many values each source gave.
        failed: How often each source failed to give one.
        silent: The sources that have ended while their tube goes on.
        over: The generators that have ended, if nothing has asked them since.
        nodes: What the instances of class nodes hold.
        assets: What the assets hold whose state is saved.
    """

    standing: Standing
    drawn: Mapping[str, int]
    failed: Mapping[str, int]
    silent: frozenset[str]
    over: frozenset[str]
    nodes: Mapping[str, InstanceState]
    assets: Mapping[str, InstanceState]


class Checkpoints:
    """Saves where a run stands between two epochs, and lets another run of the same tube go on from there.

    Carried assets, gathers, class nodes and the counts of epochs are saved. Sources are not: their values are counted,
    and drawn again. Runner-scoped assets that carry nothing are not: whoever refers to one gets that of the new run.

    Args:
        runner: What runs the tube; it has made no epoch, and is started if it hasn't been.
    """

    def __init__(self, runner: SynchronousRunner) -> None:
        self._runner = runner
        self._run = runner.begin()
        self._starter = self._run.starter
        self._known_types: dict[int, type] = {}
        self._tallies = {name: Tally() for name in self._starter.sources}
        sources: dict[StateKey, Any] = {}
        for name, tally in self._tallies.items():
            source = self._starter.sources[name]
            # What counts runs in C where it can, and is seen in no traceback.
            counted = tally.of(source) if isinstance(source, Iterator) else _Counted(source, tally)
            self._starter.sources[name] = counted
            sources[SOURCE, name] = self._run.source(name)
        self._run.restore(Standing(sources))
        self._carried = [name for kind, name in self._run.save().state if kind == ASSET]
        made = [asset for asset in held_assets(runner.tube) if asset.name in self._starter.assets.made]
        self._held = [asset.name for asset in made if asset.held is Held.state]
        self._files = [asset.name for asset in made if asset.held is Held.file]

    @property
    def files(self) -> dict[str, WrittenFile]:
        """How far the files were written that are assets, by the names of those.

        Raises:
            CheckpointError: One can't be written.
        """
        files: dict[str, WrittenFile] = {}
        for name in self._files:
            try:
                file: Any = self._starter.assets.made[name].obj
                files[name] = as_written(file)
            except (OSError, ValueError) as error:
                raise CheckpointError(
                    f"the checkpoint can't be saved: {self._where((ASSET, name))}: {error}"
                ) from error
        return files

    def check(self) -> None:
        """Refuse a tube with something in it that can't be saved as it is at the start.

        Raises:
            CheckpointError: Something can't be saved, or can't be loaded again.
        """
        problems = [self._describe(kept, error) for kept, error in self._unsaveable()]
        if problems:
            raise CheckpointError("a checkpoint of this tube can't be saved:", *problems)

    def save(self) -> bytes:
        """Where the run stands, between two epochs.

        Raises:
            CheckpointError: Something can't be saved.
        """
        standing = self._run.save()
        names = [name for kind, name in standing.state if kind == SOURCE]
        state = {key: value for key, value in standing.state.items() if key[0] != SOURCE}
        try:
            saved = _Saved(
                Standing(state, standing.ended, standing.events),
                {name: tally.count for name, tally in self._tallies.items()},
                dict(self._run.failures.draws),
                frozenset(name for name in names if standing.state[SOURCE, name] is SILENT),
                frozenset(name for name in names if self._is_over(name)),
                {name: state_of(self._starter.instances[name]) for name in self._stateful()},
                {name: state_of(self._object(name)) for name in self._held},
            )
            return self._read_back(*self._pickled(saved))
        except KeyboardInterrupt:
            raise
        except BaseException as error:
            problems = [self._describe(kept, why) for kept, why in self._unsaveable()]
            raise CheckpointError("the checkpoint can't be saved:", *(problems or [f"  {describe(error)}"])) from error

    def restore(self, data: bytes) -> None:
        """Let the run go on from where another has stood; the sources are drawn forward.

        This runs code that stands in the data.

        Args:
            data: What `save` gave.

        Raises:
            CheckpointError: It can't be loaded, or a source gives less than it did.
        """
        try:
            saved = self._loaded(data)
        except KeyboardInterrupt:
            raise
        except BaseException as error:
            raise CheckpointError(f"the checkpoint can't be loaded: {describe(error)}") from error
        for name, count in saved.drawn.items():
            self._draw_forward(name, count, saved.failed.get(name, 0))
        for name in saved.over:
            # One that has failed before may have done better this time.
            self._starter.end_source(name)
        self._run.failures.draws.update(saved.failed)
        for name, state in saved.assets.items():
            self._give(_HELD, name, self._object(name), state)
        for name, state in saved.nodes.items():
            self._give("node", name, self._starter.instances[name], state)
        silent = {(SOURCE, name): SILENT for name in saved.silent}
        standing = saved.standing
        self._run.restore(Standing({**standing.state, **silent}, standing.ended, standing.events))

    def _give(self, kind: str, name: str, instance: Any, state: InstanceState) -> None:
        try:
            give_state(instance, state)
        except KeyboardInterrupt:
            raise
        except BaseException as error:
            problem = self._describe((kind, name), error)
            raise CheckpointError("the checkpoint can't be loaded:", problem) from error

    def _draw_forward(self, name: str, count: int, failed: int) -> None:
        """Draw values that an earlier run had, and fail as often as that."""
        tally = self._tallies[name]
        while tally.count < count or failed:
            drawn_before = tally.count
            try:
                self._starter.draw(name, max(count - drawn_before, 1))
            except EndOfRun:
                break
            except BaseException as error:
                if not failed or not is_failure(error):
                    raise
                failed -= 1
            else:
                if tally.count < count:
                    break
                failed -= failed > 0 and drawn_before == count
        if tally.count < count:
            raise CheckpointError(
                f"{self._where(('node', name))} gave {count} values before the checkpoint, and gives only "
                f"{tally.count} now: a source has to repeat itself for a run to go on"
            )

    # Pickles

    def _pickled(self, value: object) -> tuple[bytes, dict[int, type]]:
        """A value as bytes, and the types of all that is in it, by their identity."""
        file = io.BytesIO()
        pickler = _Pickler(file, self._shared())
        pickler.dump(value)
        return file.getvalue(), pickler.types

    def _read_back(self, data: bytes, types: dict[int, type]) -> bytes:
        """The same data, once it is known that it can be loaded: looked at if it is short, or types in it are new."""
        if len(data) <= _SHORT or not types.keys() <= self._known_types.keys():
            self._loaded(data)
            self._known_types |= types
        return data

    def _loaded(self, data: bytes) -> Any:
        return _Unpickler(io.BytesIO(data), dict(self._shared())).load()

    def _shared(self) -> Iterator[tuple[_StandIn, Any]]:
        """The objects that each run makes anew, with what they are called instead of being saved."""
        yield ("runner", ""), self._runner
        for name, instance in self._starter.instances.items():
            yield ("node", name), instance
        for name in self._starter.assets.made.keys() - self._carried:
            asset = self._starter.assets.made[name].obj
            if type(asset) not in UNCHANGING:
                yield ("asset", name), asset

    def _object(self, name: str) -> Any:
        """What has the state of an asset: an `Asset` that takes it itself, or its object."""
        asset = self._starter.assets.made[name]
        return asset if takes_state(type(asset)) else asset.obj

    # What has a state

    def _is_over(self, name: str) -> bool:
        """Whether the generator behind a source has ended, as one has that has failed."""
        generator = self._starter.generators.get(name)
        if generator is None:
            return False
        return (generator.ag_frame if inspect.isasyncgen(generator) else generator.gi_frame) is None

    def _stateful(self) -> list[str]:
        """The class nodes whose results depend on earlier calls; what draws its values is drawn forward instead."""
        return [name for name in self._starter.instances if self._is_stateful(name)]

    def _is_stateful(self, name: str) -> bool:
        tube, own = tube_around(name, self._runner.tube)
        node = tube.graph.nodes[own]
        return node.stateful and node.kind.role is not Role.source

    def _all_kept(self) -> Iterator[tuple[Kept, Callable[[], Any]]]:
        """What has a state of its own to be saved, and how to get at it."""
        for (kind, name), value in self._run.save().state.items():
            if kind != SOURCE:
                yield (kind, name), partial(_itself, value)
        for name in self._stateful():
            yield ("node", name), partial(state_of, self._starter.instances[name])
        for name in self._held:
            yield (_HELD, name), partial(state_of, self._object(name))

    def _unsaveable(self) -> Iterator[tuple[Kept, BaseException]]:
        for kept, state in self._all_kept():
            try:
                self._loaded(self._pickled(state())[0])
            except KeyboardInterrupt:
                raise
            except BaseException as error:
                yield kept, error

    def _describe(self, kept: Kept, error: BaseException) -> str:
        return f"  {self._where(kept)}: {describe(error)}: {_ADVICE[kept[0]]}"

    def _where(self, kept: Kept) -> str:
        kind, name = kept
        tube, own = tube_around(name, self._runner.tube)
        is_asset = kind in (ASSET, _HELD)
        path: DocumentPath = ("assets" if is_asset else "nodes", own)
        span = tube.document.key_span(path)
        what = f"the asset '{name}'" if is_asset else f"the node '{name}'"
        return what if span is None else f"{what} ({span})"


class _Counted(AsyncIterator[Any]):
    """A source whose values are awaited, each counted."""

    def __init__(self, source: AsyncIterator[Any], tally: Tally) -> None:
        self._source = source
        self._tally = tally

    async def __anext__(self) -> Any:
        value = await anext(self._source)
        self._tally.add_one()
        return value


class _Pickler(pickle.Pickler):
    """Pickles where a run stands, and notes the types of all that is in it."""

    def __init__(self, file: io.BytesIO, shared: Iterator[tuple[_StandIn, Any]]) -> None:
        super().__init__(file, PROTOCOL)
        pickles_groups_again(self)
        self._shared = {id(value): stand_in for stand_in, value in shared}
        self.types: dict[int, type] = {}

    def persistent_id(self, value: Any) -> _StandIn | None:
        """What stands for an object that each run makes anew."""
        kind = type(value)
        self.types[id(kind)] = kind
        return self._shared.get(id(value))


class _Unpickler(pickle.Unpickler):
    """Loads such a pickle, with the objects of this run in it."""

    def __init__(self, file: io.BytesIO, shared: Mapping[_StandIn, Any]) -> None:
        super().__init__(file)
        self._shared = shared

    def persistent_load(self, stand_in: _StandIn) -> Any:
        """The object of this run that stands where another was."""
        return self._shared[stand_in]


def _itself(value: Any) -> Any:
    return value
