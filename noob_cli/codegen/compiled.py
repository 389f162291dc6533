"""Compiling: from a plan to Python source, and from that to the functions that make epochs."""

from __future__ import annotations

import itertools
import linecache
import weakref
from collections.abc import Callable, Generator, Iterable, Mapping
from functools import partial
from types import CodeType
from typing import Any, NamedTuple, Protocol

from noob_cli.codegen.epochs import compile_epochs
from noob_cli.codegen.runtime import RUNTIME
from noob_cli.events import NoEvent
from noob_cli.nodes.shown import refusing_first
from noob_cli.plan.keys import StateKey
from noob_cli.plan.plan import LookedAt, OfCode, OfNode, Plan

GENERATED = "<tube "
"""What the names begin with under which tracebacks show generated code."""

_numbers = itertools.count(1)


class Appendable(Protocol):
    """What takes results, one by one."""

    def append(self, result: Any, /) -> object:
        """Take a result."""


SavedState = Mapping[StateKey, Any]
"""What a tube keeps from one epoch to the next."""


class Epochs(NamedTuple):
    """The functions that make the epochs of a tube, all on the same state.

    Args:
        process: Makes one epoch with the given inputs and returns its result: None for nothing, and a value of its own
            if the tube has ended.
        run: Makes a number of epochs, or all, and appends each result to a list.
        iterate: The same as a generator of the results.
        stream: The same with an epoch for each record. Records are mappings of inputs.
        save: The state that is kept from epoch to epoch.
        number: The number of the last epoch.
        stop: Lets the loops end after the epoch that is under way.
    """

    process: Callable[[Mapping[str, Any]], Any]
    run: Callable[[int | None, Appendable], None]
    iterate: Callable[[int | None], Generator[Any, None, None]]
    stream: Callable[[Iterable[Mapping[str, Any]]], Generator[Any, None, None]]
    save: Callable[[], SavedState]
    number: Callable[[], int]
    stop: Callable[[], None]


class CompiledPlan:
    """A plan as Python code, not yet bound to the objects of a run.

    Args:
        plan: The plan.

    Attributes:
        source: The Python that the plan has become.
        file: The name under which tracebacks show it.
        places: Which node, asset or input each of its lines is about.
        heads: The lines that begin a loop over epochs by drawing from a source.
        ends: The lines that end an asset.
    """

    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        source = compile_epochs(plan)
        self.source = str(source)
        self.places = source.places
        self.heads = source.heads
        self.ends = source.ends
        self.file = f"{GENERATED}{plan.name} #{next(_numbers)}>"
        self._code: CodeType = compile(self.source, self.file, "exec")
        lines = self.source.splitlines(keepends=True)
        linecache.cache[self.file] = (len(self.source), None, lines, self.file)
        weakref.finalize(self, linecache.cache.pop, self.file, None)

    def bind(self, bound: Mapping[str, Any], state: SavedState) -> Epochs:
        """The functions that make epochs.

        Args:
            bound: What the names of the plan's bindings, and the hooks of the runner, stand for.
            state: Where the run stands.
        """
        namespace: dict[str, Any] = {**RUNTIME, **bound, "__name__": "noob_tube"}
        for name, binding in self.plan.bindings.items():
            if isinstance(binding, OfNode | OfCode) and binding.looked_at is not None:
                # Once a value has been looked at, the function itself takes its place: that costs nothing from then on.
                done = partial(namespace.__setitem__, name, bound[name])
                generators = binding.looked_at is LookedAt.generators
                namespace[name] = refusing_first(bound[name], generators, done)
        exec(self._code, namespace)
        return Epochs(*namespace["tube"](state, NoEvent))
