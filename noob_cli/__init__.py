"""Run declarative streaming graphs of plain Python functions.

The names of this module are imported when they are used, so that a command of the shell pays for what it needs only.
"""

from __future__ import annotations

import importlib

# That of `typing` would be looked for in the working folder, before anything can keep this package from it.
TYPE_CHECKING = False

if TYPE_CHECKING:
    from typing import Any

    from noob_cli.assets.asset import Asset, WrapClassAsset, WrapFuncAsset
    from noob_cli.code.annotations import Signal
    from noob_cli.code.context import InputCollection, RunnerContext
    from noob_cli.code.interface import Slot
    from noob_cli.code.marks import deinit_method, flush_method, init_method, process_method, resume_method
    from noob_cli.diagnostics import Diagnostic
    from noob_cli.errors import (
        CarryError,
        EndedAheadError,
        ExtraInputError,
        InputError,
        InputMissingError,
        NoobError,
        RunnerBusyError,
        SignalError,
        TubeError,
        TubeExhaustedError,
        TubeNotFoundError,
    )
    from noob_cli.events import EndOfRun, Epoch, Event, EventMap, MetaEvent, MetaSignal, NoEvent, NoEventable
    from noob_cli.graph.graph import Edge
    from noob_cli.names import Name
    from noob_cli.nodes.node import Node
    from noob_cli.runners.asynchronous import AsyncRunner
    from noob_cli.runners.by_name import get_runner
    from noob_cli.runners.parallel import ParallelRunner
    from noob_cli.runners.synchronous import SynchronousRunner
    from noob_cli.specification.asset import AssetScope, AssetSpecification
    from noob_cli.specification.input import InputScope, InputSpecification
    from noob_cli.specification.node import NodeSpecification
    from noob_cli.specification.tube import TubeSpecification
    from noob_cli.tube import Tube

__version__ = "0.1.0"

_HOMES = {
    "assets.asset": ("Asset", "WrapClassAsset", "WrapFuncAsset"),
    "code.context": ("InputCollection", "RunnerContext"),
    "diagnostics": ("Diagnostic",),
    "errors": (
        "CarryError",
        "EndedAheadError",
        "ExtraInputError",
        "InputError",
        "InputMissingError",
        "NoobError",
        "RunnerBusyError",
        "SignalError",
        "TubeError",
        "TubeExhaustedError",
        "TubeNotFoundError",
    ),
    "events": ("EndOfRun", "Epoch", "Event", "EventMap", "MetaEvent", "MetaSignal", "NoEvent", "NoEventable"),
    "code.marks": ("deinit_method", "flush_method", "init_method", "process_method", "resume_method"),
    "names": ("Name",),
    "graph.graph": ("Edge",),
    "code.annotations": ("Signal",),
    "code.interface": ("Slot",),
    "nodes.node": ("Node",),
    "runners.asynchronous": ("AsyncRunner",),
    "runners.by_name": ("get_runner",),
    "runners.parallel": ("ParallelRunner",),
    "runners.synchronous": ("SynchronousRunner",),
    "specification.asset": ("AssetScope", "AssetSpecification"),
    "specification.input": ("InputScope", "InputSpecification"),
    "specification.node": ("NodeSpecification",),
    "specification.tube": ("TubeSpecification",),
    "tube": ("Tube",),
}
_HOME_OF = {name: home for home, names in _HOMES.items() for name in names}

__all__ = [
    "Asset",
    "AssetScope",
    "AssetSpecification",
    "AsyncRunner",
    "CarryError",
    "Diagnostic",
    "Edge",
    "EndOfRun",
    "EndedAheadError",
    "Epoch",
    "Event",
    "EventMap",
    "ExtraInputError",
    "InputCollection",
    "InputError",
    "InputMissingError",
    "InputScope",
    "InputSpecification",
    "MetaEvent",
    "MetaSignal",
    "Name",
    "NoEvent",
    "NoEventable",
    "Node",
    "NodeSpecification",
    "NoobError",
    "ParallelRunner",
    "RunnerBusyError",
    "RunnerContext",
    "Signal",
    "SignalError",
    "Slot",
    "SynchronousRunner",
    "Tube",
    "TubeError",
    "TubeExhaustedError",
    "TubeNotFoundError",
    "TubeSpecification",
    "WrapClassAsset",
    "WrapFuncAsset",
    "deinit_method",
    "flush_method",
    "get_runner",
    "init_method",
    "process_method",
    "resume_method",
]


def __getattr__(name: str) -> Any:
    home = _HOME_OF.get(name)
    if home is None:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = getattr(importlib.import_module(f"{__name__}.{home}"), name)
    globals()[name] = value
    return value
