"""A slow, obvious interpreter for tubes: events in a dict, one node at a time.

It follows the contract sentence by sentence; comments cite the section and the words they follow. It
shares nothing with the compiled plan: from the project it takes only the words that node code is
written with.

How it works: every node has a *level*, the maps around it from the outermost in. `_schedule` puts
the nodes of a level in their order; a loop is one unit of that order and has a schedule of its
own. An epoch is one walk over the units with `env`, a dict from `(node, signal)` to the event
that is there now.

Choices where the contract is silent
====================================

Made by the project:

(a) A map whose iterable is empty makes its closing gather emit nothing.
(b) A loop's position among the nodes of its level is its map's; a second pass's is its first
    node's.
(c) As soon as a drawn source's end makes all sinks finished, later sources are not drawn.
(d) An error while drawing a source is a failed epoch and takes a number.
(e) The storing node itself doesn't count as a node that runs after the storing node (in loops).
(f) A record that is refused by validation makes no epoch; no source is drawn for it.

Made here, nodes:

(1) A disabled node is not made: no instance, no `init`, no `deinit`, no assets of a nested tube.
(2) Nodes are made in file order, each followed by its own `init`. If its `init` fails, it has no
    `deinit`.
(3) A generator is closed when the run stops, in its turn, as if `close` was its `deinit`.
(4) Positions in `depends` count the slots: parameters that get the epoch or the events are
    skipped.
(5) A slot given by position (also by an integer key) is required even if its default is None.
(6) An input that is neither required nor given is None, wherever it is used.
(7) Where several signals are expected, anything but NoEvent and a tuple or a list of the right length
    (None too) fails the node. A tuple annotation of one named signal wants a tuple of one.
(8) Default values of inputs are validated too.

Order and end:

(9) A map's `n` is emitted once, outside of the loop (it is not an item); a node that takes only
    `n` runs once, after the loop (a loop is one node). A node in the loop that needs what was
    made of `n` outside of it runs in a second pass, like one that needs a closing gather.
(10) If reader-before-storing-node asks for it, the storing node moves to a later pass of its
    loop.
(11) Two loops that need each other's results crosswise (as units, though no node needs itself)
    are a cycle.
(12) An asset that stores a signal does not keep its node from being a sink. A source nobody depends
    on is a sink with a source behind it. A disabled source is a source. Where all nodes are
    disabled, every sink needs a disabled node.
(13) "Finished" ends runs only: a node with nothing but optional slots, all of them from finished
    nodes, is still called with its defaults as long as something else keeps the run going.
(14) Gathers need, as "required slots": `value` and `n` (param or slot); with a trigger:
    `trigger`; to close a map: `n`. A returned dict's keys are optional slots, all others of
    `return` are required.
(15) A nested tube that is a source: its sources are drawn with the others (so that an epoch that
    doesn't exist calls nothing), and the rest of its epoch runs when the sources take their turn,
    in file order. It has its number once it is drawn, also if the epoch around it fails before its
    turn.
(16) A nested tube with `depends` is no source, whatever it has inside. If it ends in the middle
    of an epoch, that epoch goes on, and the next finds the end.
(17) Records that are given end the run when they end, also if no record is required.
(18) Neither `return` nor a node that can't run in this epoch (something is disabled, or silent since
    it is a last epoch) stands between two coroutines; nor does a gather that closes a map, which
    collects once they are through. What is flushed needs and reads nothing.
    If several fail before they are cancelled, the first in the order is the error. What they emit
    is there in their order, when all are through: so that what an earlier one stores and a later
    one got is copied then.

Gather:

(19) An `n` slot is not remembered: a gather emits only in a call where `n` came, and then the
    first `n` of what it has, one group in a call. An `n` below 1 emits nothing.
(20) With `flatten` the call fails that brings what can't be iterated; `n` counts before joining.

Assets:

(21) Process- and node-scoped assets are made in file order too. A node that takes a node-scoped
    asset in two slots gets one instance.
(22) The copy is made when the object is about to go to the later node, or at the end of the epoch
    if a source may fill it again; only calls that begin after the (last) emission count, and only
    emissions of the running epoch (of the innermost tube around both nodes): a stored value that
    stays is not looked at again.
(23) `return` hands over when the epoch is through, so it comes after every storing node.
(24) Assets stored from one object by different signals share it, unless it has to be copied: then
    each has its own copy.
(25) If several errors meet, the one that began it is raised and the others are its notes.
(26) What a nested tube stored or gathered is undone with the outer epoch that failed (numbers and
    draws aren't).

Not here: `rate` and how long is waited (neither changes results), `extends`, tubes by id or path,
RunnerContext (a plain dict is given), checks of the file beyond what the interpreter needs itself,
callbacks. `stateful` never changes results, but which items are under way at once.
"""

from __future__ import annotations

import asyncio
import builtins
import collections.abc
import contextlib
import copy
import importlib
import inspect
import re
import types
import typing
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Annotated, Any

import pydantic

from noob_cli.code.marks import DEINIT, FLUSH, INIT, PROCESS, mark_of
from noob_cli.errors import CarryError, InputError, NoobError, SignalError, TubeExhaustedError
from noob_cli.events import EndOfRun, Epoch, Event, EventMap, NoEvent
from noob_cli.names import Name
from noob_cli.nodes.own_events import is_event

if typing.TYPE_CHECKING:
    from collections.abc import Callable, Coroutine, Iterable, Mapping

NOTHING: Any = object()
"""What was not emitted, not given, not returned. (None is a value like any other.)"""

SPECIAL = ("map", "gather", "return", "tube")

Level = tuple[str, ...]
"""The maps around a node, from the outermost in."""

Env = dict[Any, Any]
"""The events there are now, by (node, signal); the iterations of a loop, by ("loop", map)."""


# --- reading the file -------------------------------------------------------------------------


def find_object(path: str) -> Any:
    """1 "Finding code": the longest importable module, then attributes; or a bare builtin."""
    parts = path.split(".")
    if len(parts) == 1:
        return getattr(builtins, path)
    for length in range(len(parts) - 1, 0, -1):
        try:
            found: Any = importlib.import_module(".".join(parts[:length]))
        except ModuleNotFoundError:
            continue
        for name in parts[length:]:
            found = getattr(found, name)
        return found
    raise ModuleNotFoundError(path)


def find_type(expression: str | None) -> Any:
    """3 "Inputs": any Python type expression."""
    if expression is None:
        return Any
    names: dict[str, Any] = {**vars(typing), **vars(builtins)}
    for dotted in re.findall(r"[A-Za-z_][\w.]*\.\w+", expression):
        module = dotted.rpartition(".")[0]
        names[module.partition(".")[0]] = importlib.import_module(module.partition(".")[0])
        importlib.import_module(module)
    return eval(expression, names)


def read_depends(depends: Any) -> list[tuple[int | str, str]]:
    """2 "depends": a reference, or a list of references (positional) and {slot: reference}."""
    found: list[tuple[int | str, str]] = []
    position = 0
    for item in [] if depends is None else depends if isinstance(depends, list) else [depends]:
        if isinstance(item, str):
            found.append((position, item))
            position += 1
        else:
            found.extend(item.items())
    return found


def read_signals(annotation: Any) -> tuple[list[str], bool]:
    """2 "Signals": their names, and whether a call returns a tuple of them."""
    origin = typing.get_origin(annotation)
    arguments = typing.get_args(annotation)
    if origin in (typing.Union, types.UnionType):  # "`T | None` does not change the names"
        for each in arguments:
            names, is_tuple = read_signals(each)
            if is_tuple or names != ["value"]:
                return names, is_tuple
    if origin is Annotated:  # "`Annotated[T, Name("x")]` is signal `x`"
        for extra in arguments[1:]:
            if isinstance(extra, Name):
                return [extra.name], False
    named = [
        each
        for each in arguments
        if typing.get_origin(each) is Annotated and any(isinstance(extra, Name) for extra in typing.get_args(each))
    ]
    if origin is tuple and named == list(arguments) != []:  # "a tuple of those is several"
        return [read_signals(each)[0][0] for each in arguments], True
    return ["value"], False  # "anything else is the one signal `value`"


YIELDING = (
    collections.abc.Generator,
    collections.abc.Iterator,
    collections.abc.Iterable,
    collections.abc.AsyncGenerator,
    collections.abc.AsyncIterator,
    collections.abc.AsyncIterable,
)


def read_yielded_signals(annotation: Any) -> tuple[list[str], bool]:
    """2 "Signals": "a generator's are its yield type's"."""
    if typing.get_origin(annotation) in YIELDING:
        return read_signals(typing.get_args(annotation)[0])
    return read_signals(annotation)


def type_hints(function: Any) -> dict[str, Any]:
    """2 "Annotations written as strings are resolved"."""
    try:
        return typing.get_type_hints(function, include_extras=True)
    except Exception:
        return {}


def marked_method(kind: type, mark: str) -> str | None:
    """2 the name of the method that is marked, or else has the mark's name."""
    for name in dir(kind):
        if mark_of(inspect.getattr_static(kind, name)) == mark:
            return name
    return mark if callable(getattr(kind, mark, None)) else None


@dataclass
class Slot:
    key: int | str
    node: str
    """The node behind it, or `input`, or `assets`."""
    signal: str
    required: bool = True


@dataclass
class Node:
    """What the file says about a node, and what of it lives while it runs."""

    name: str
    position: int
    kind: str
    """`function`, `method`, `source`, or a special name (`tube` also if it is a source)."""
    enabled: bool
    params: dict[int | str, Any]
    slots: list[Slot]
    object: Any = None
    is_class: bool = False
    """Whether an instance is made at the start."""
    method: str | None = None
    """The method of the instance that is called, if there is one."""
    is_source: bool = False
    parameters: list[inspect.Parameter] | None = None
    """None if it can't be known (of some builtins)."""
    hints: dict[str, Any] = field(default_factory=dict)
    signals: list[str] = field(default_factory=lambda: ["value"])
    is_tuple: bool = False
    level: Level = ()
    closes: str | None = None
    """The map that a gather closes."""
    child: Interpreter | None = None
    retry: dict[str, Any] = field(default_factory=dict)
    timeout: str | None = None

    call: Any = None
    iterator: Any = None
    ended: bool = False

    def slot(self, name: str) -> Slot | None:
        return next((slot for slot in self.slots if slot.key == name), None)

    @property
    def injected(self) -> list[str]:
        """2 parameters annotated `Epoch` or `EventMap`; they are no slots."""
        return [n for n, hint in self.hints.items() if hint is Epoch or hint == EventMap]

    @property
    def positional(self) -> list[str]:
        """The names of the slots that positions count."""
        kinds = (inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD)
        return [
            p.name
            for p in self.parameters or []
            if p.kind in kinds and p.name not in self.injected  # choice (4)
        ]


def _argument_name(node: Node, key: int | str) -> int | str:
    """The parameter that a position means; the position where that can't be known."""
    return node.positional[key] if isinstance(key, int) and key < len(node.positional) else key


def _call_with(make: Any, params: Mapping[int | str, Any]) -> Any:
    """2 "params": "by keyword, or by position with integer keys"."""
    try:
        parameters = list(inspect.signature(make).parameters.values())
    except (ValueError, TypeError):
        parameters = []
    args: list[Any] = []
    kwargs: dict[str, Any] = {}
    for key in sorted(params, key=lambda key: (isinstance(key, str), key)):
        if isinstance(key, int) and key == len(args):
            args.append(params[key])
        else:
            kwargs[parameters[key].name if isinstance(key, int) else key] = params[key]
    return make(*args, **kwargs)


@dataclass
class Loop:
    """A loop, or a second (third ...) pass over its items: one unit of its level's order."""

    map: str
    first: bool
    """Whether the map itself is read here."""
    nodes: list[str]
    body: list[str | Loop]


@dataclass
class Candidate:
    """What an epoch is going to store in a carried asset when it has succeeded."""

    emitted: Any
    stored: Any
    epochs: list[tuple[Interpreter, object]]
    """The epochs that it was emitted in: of the tube, and of those around it."""
    is_copy: bool = False
    is_committed: bool = False


@dataclass
class Pending:
    """An epoch whose sources are drawn."""

    inputs: dict[str, Any]
    drawn: dict[str, Any]


@dataclass
class Running:
    """What there is as long as an epoch runs."""

    number: Epoch
    inputs: dict[str, Any]
    carried: dict[str, Any]
    """The values of runner-scoped assets at the epoch's start."""
    process_assets: dict[str, Any] = field(default_factory=dict)
    candidates: dict[str, Candidate] = field(default_factory=dict)
    emitted: dict[tuple[str, str], list[Event]] = field(default_factory=dict)
    """All events of the epoch, in order."""
    flushing: tuple[str, ...] = ()
    """In a last epoch, the node that is flushed; in a nested tube, behind the names of the tubes around it."""


class Endings:
    """4 "Teardown": everything that was made is ended exactly once, last made first."""

    def __init__(self) -> None:
        self._ends: list[Callable[[BaseException | None], object]] = []

    def add(self, end: Callable[[BaseException | None], object]) -> None:
        self._ends.append(end)

    async def close(self, error: BaseException | None) -> BaseException | None:
        """End all. "Teardown sees the error; it can't swallow it."; "all are reported"."""
        while self._ends:
            end = self._ends.pop()
            try:
                await _awaited(end(_as_raised(error)))
            except BaseException as another:
                if error is None:
                    error = another
                elif another is not error:
                    error.add_note(f"then, while ending: {type(another).__name__}: {another}")
        return error


class Interpreter:
    """Runs a tube, epoch by epoch, as the contract says."""

    def __init__(self, spec: dict[str, Any], inputs: dict[str, Any] | None = None, _parent: Any = None) -> None:
        self.spec = spec
        self.epoch = -1
        self.exhausted = False
        self._parent: Interpreter | None = _parent
        self._strand: Any = None
        """What drives all coroutines of a run, in one context; the outermost tube's."""
        self._started = False
        self._endings = Endings()
        self._event_ids = 0
        self._running: Any = None
        self._last: Any = None
        """The last epochs that are still to be made, once the run has ended."""
        self._left: set[str] = set()
        """The maps whose loops are left, since a node in them has ended the run."""

        self.input_specs: dict[str, dict[str, Any]] = spec.get("input") or {}
        self.asset_specs: dict[str, dict[str, Any]] = spec.get("assets") or {}
        self.valued: set[str] = set()
        """The tube-scoped inputs that have a value."""
        self.inputs = self._tube_scoped_inputs(inputs or {})
        self.nodes: dict[str, Node] = {}
        for position, (name, node_spec) in enumerate((spec.get("nodes") or {}).items()):
            self.nodes[name] = self._read_node(name, position, node_spec)
        self.stored_from: dict[str, tuple[str, str]] = {}
        for name, asset_spec in self.asset_specs.items():
            if asset_spec.get("depends"):
                node, _, signal = asset_spec["depends"].partition(".")
                self.stored_from[name] = (node, signal)
        self._find_levels()
        self._find_predecessors()
        self.units = self._schedule([n for n in self.nodes if not self.nodes[n].is_source], ())

        self.carried: dict[str, Any] = {}
        self.stored_at: dict[str, int] = {}
        self.latest: dict[str, Candidate] = {}
        """What was last to be stored in each carried asset."""
        self.now = object()
        """The epoch under way, or the last."""
        self.refillable: list[tuple[Node | None, Any]] = []
        """Of the outermost tube: what sources, and the record, have given in this epoch."""
        self._bounds: dict[str, asyncio.Semaphore] = {}
        """For each map, how many items more may be under way."""
        self.gathered: dict[str, list[Any]] = {name: [] for name, node in self.nodes.items() if node.kind == "gather"}

    # --- inputs (3 "Inputs") ------------------------------------------------------------------

    def _check_input(self, name: str, value: Any) -> Any:
        expected = self.input_specs[name].get("type")
        try:
            return pydantic.TypeAdapter(find_type(expected)).validate_python(value)
        except pydantic.ValidationError:
            raise InputError(f"input {name}: expected {expected}, got {value!r}", name) from None

    def _is_required(self, name: str) -> bool:
        """1 `input`: "required (default true unless there is a default)"."""
        return bool(self.input_specs[name].get("required", "default" not in self.input_specs[name]))

    def _is_process_scoped(self, name: str) -> bool:
        return self.input_specs[name].get("scope", "tube") == "process"

    def _tube_scoped_inputs(self, given: dict[str, Any]) -> dict[str, Any]:
        """Tube-scoped inputs "are given once"; missing "is an error before anything runs"."""
        values = {}
        for name, spec in self.input_specs.items():
            if self._is_process_scoped(name):
                continue
            outer = self._nearest_that_declares(name)
            if name in given:
                values[name] = self._check_input(name, given[name])
            elif outer is not None and name in outer.valued:
                # 5 "one that is not given is the tube-scoped one of that name in the nearest tube around it"
                values[name] = self._check_input(name, outer.inputs[name])
            elif self._is_required(name):
                raise InputError(f"input {name} is missing", name)
            elif "default" in spec:
                values[name] = self._check_input(name, spec["default"])  # choice (8)
            else:
                values[name] = None  # choice (6)
                continue
            self.valued.add(name)
        return values

    def _nearest_that_declares(self, name: str) -> Interpreter | None:
        around = self._parent
        while around and (name not in around.input_specs or around._is_process_scoped(name)):
            around = around._parent
        return around

    def _epoch_inputs(self, record: Mapping[str, Any]) -> dict[str, Any]:
        """On "process-scoped ones with every epoch. A record may also carry a tube-scoped name"."""
        values = dict(self.inputs)
        for name, spec in self.input_specs.items():
            if spec.get("record"):
                # "An input with `record: true` is the whole record"
                values[name] = self._check_input(name, dict(record))
            elif name in record:
                values[name] = self._check_input(name, record[name])
            elif not self._is_process_scoped(name):
                continue
            elif "default" in spec:
                values[name] = self._check_input(name, spec["default"])
            elif self._is_required(name):
                raise InputError(f"input {name} is missing", name)
            else:
                values[name] = None  # choice (6)
        return values

    def _fill_in(self, param: Any) -> Any:
        """2 "params": a string `input.name`, at any depth, stands for that tube-scoped input."""
        if isinstance(param, str) and param.startswith("input."):
            return self.inputs[param.removeprefix("input.")]
        if isinstance(param, dict):
            return {k: self._fill_in(v) for k, v in param.items()}
        if isinstance(param, list):
            return [self._fill_in(v) for v in param]
        return param

    def _fill_in_params(self, params: Mapping[int | str, Any] | None) -> dict[int | str, Any]:
        return {name: self._fill_in(value) for name, value in (params or {}).items()}

    # --- nodes (2) ----------------------------------------------------------------------------

    def _read_node(self, name: str, position: int, spec: dict[str, Any]) -> Node:
        params = dict(spec.get("params") or {})
        tube = params.pop("tube", None) if spec["type"] == "tube" else None
        enabled = self._fill_in(spec.get("enabled", True))
        node = Node(
            name=name,
            position=position,
            kind=spec["type"] if spec["type"] in SPECIAL else "function",
            # "enabled: a bool or the truth of a tube-scoped `input.name`"
            enabled=enabled is not NOTHING and bool(enabled),
            params=self._fill_in_params(params),
            slots=[Slot(key, *ref.split(".")) for key, ref in read_depends(spec.get("depends"))],
            retry=spec.get("retry") or {},
            timeout=spec.get("timeout"),
        )
        match node.kind:
            case "map":
                self._name_first_slot(node)
                node.signals = ["value", "n"]
            case "gather":
                self._name_first_slot(node)
            case "return":
                self._read_return(node)
            case "tube":
                self._read_tube(node, tube)
            case _:
                node.object = find_object(spec["type"])
                self._read_callable(node)
                for slot in node.slots:
                    slot.required = self._slot_is_required(node, slot)
        return node

    @staticmethod
    def _name_first_slot(node: Node) -> None:
        """5 map: "one iterable in `value`"; gather: "collects `value`s"."""
        for slot in node.slots:
            if slot.key == 0:
                slot.key = "value"

    @staticmethod
    def _read_return(node: Node) -> None:
        """5 "return": its keys, and which of its slots it can do without."""
        keys = [slot.key for slot in node.slots if isinstance(slot.key, str)]
        node.signals = [str(key) for key in keys] if keys else ["value"]
        for slot in node.slots:
            slot.required = not keys  # "a dict of those that were emitted"; choice (14)

    def _read_tube(self, node: Node, tube: dict[str, Any]) -> None:
        """5 "tube": "params.tube" inline, other params its tube-scoped inputs."""
        child = node.child = type(self)(tube, node.params, _parent=self)
        process_scoped = [n for n in child.input_specs if child._is_process_scoped(n)]
        for slot in node.slots:  # "`depends` its process-scoped ones"
            if isinstance(slot.key, int):
                slot.key = process_scoped[slot.key]
            slot.required = child._is_process_scoped(slot.key) and child._is_required(slot.key)
        # "its signals are the keys of its `return` (or `value`)"
        returns = child._return_node()
        node.signals = returns.signals if returns else []
        # 3 "a nested tube without `depends` that has a source" is a source
        node.is_source = not node.slots and any(n.is_source for n in child.nodes.values())

    @staticmethod
    def _read_callable(node: Node) -> None:
        """2 the table "What `type` may name, and how it runs"."""
        thing = node.object
        target = thing  # whose parameters and annotations count
        if inspect.isclass(thing):
            node.method = marked_method(thing, PROCESS)
            if node.method:
                # "class with a method marked `@process_method`, or named `process`"
                node.kind, node.is_class = "method", True
                target = getattr(thing, node.method)
            elif (hasattr(thing, "__next__") or hasattr(thing, "__anext__")) and not node.slots:
                # "class whose instances are iterators, without `depends`", or async iterators
                node.kind, node.is_class, node.is_source = "source", True, True
                target = getattr(thing, "__next__", None) or thing.__anext__
            # else "any other class: called like a function"
        node.hints = type_hints(target) if not inspect.isclass(target) else {}
        returned = node.hints.pop("return", None)
        try:
            node.parameters = list(inspect.signature(target).parameters.values())
        except (ValueError, TypeError):
            node.parameters = None
        if node.method and inspect.isfunction(inspect.getattr_static(thing, node.method)):
            node.parameters = (node.parameters or [])[1:]  # without self
        if inspect.isgeneratorfunction(target) or inspect.isasyncgenfunction(target):
            # "generator function", and of a method "a generator without slots: its next item"
            node.kind, node.is_source = "source", True
            node.signals, node.is_tuple = read_yielded_signals(returned)
        elif not inspect.isclass(target):
            node.signals, node.is_tuple = read_signals(returned)

    @staticmethod
    def _slot_is_required(node: Node, slot: Slot) -> bool:
        if isinstance(slot.key, int):
            return True  # "Positional slots are required."; choice (5)
        for parameter in node.parameters or []:
            if parameter.name == slot.key and parameter.kind is not parameter.VAR_KEYWORD:
                return parameter.default is not None  # "optional when its default is `None`"
        return node.parameters is None  # "`**kwargs` makes a slot of every keyword, optional"

    def _return_node(self) -> Node | None:
        return next((node for node in self.nodes.values() if node.kind == "return"), None)

    # --- levels: which loops a node is in (5 "map") -------------------------------------------

    def _find_levels(self) -> None:
        found: set[str] = set()
        for name in self.nodes:
            self._find_level(name, found, ())

    def _find_level(self, name: str, found: set[str], path: tuple[str, ...]) -> None:
        if name in path:
            raise ValueError(f"cycle: {' -> '.join((*path, name))}")
        if name in found:
            return
        node = self.nodes[name]
        for slot in node.slots:
            if slot.node in self.nodes:
                self._find_level(slot.node, found, (*path, name))
        found.add(name)
        if node.kind == "return":
            return  # "It stands outside of every loop and may take signals of several maps."
        # "What depends on its items, directly or not, forms its loop"
        for slot in node.slots:
            level = self._signal_level(slot.node, slot.signal)
            shorter, longer = sorted((node.level, level), key=len)
            if longer[: len(shorter)] != shorter:
                # "A node can't depend on two maps that are not nested."
                raise ValueError(f"{name} depends on maps that are not nested")
            node.level = longer
        if node.kind == "gather":
            self._read_gather(node)

    def _signal_level(self, name: str, signal: str) -> Level:
        """The loops in which a signal is emitted."""
        if name not in self.nodes:
            return ()
        node = self.nodes[name]
        if node.kind == "map" and signal == "value":
            return (*node.level, name)  # its items; not its `n`, choice (9)
        if node.closes:
            return node.level[: node.level.index(node.closes)]  # "outside of the loop"
        return node.level

    def _read_gather(self, node: Node) -> None:
        """5 "gather": "`n: m.n` of a map `m` around it *closes* that map"."""
        n = node.slot("n")
        if n and n.signal == "n" and n.node in node.level and self.nodes[n.node].kind == "map":
            node.closes = n.node
        # choice (14)
        for slot in node.slots:
            slot.required = not (slot.key == "value" and (node.slot("trigger") or node.closes))

    # --- order (3 "Order") --------------------------------------------------------------------

    def _find_predecessors(self) -> None:
        """What has its turn before each node: what it needs, and readers of what it stores."""
        self.needs = {
            name: {slot.node for slot in node.slots if slot.node in self.nodes} for name, node in self.nodes.items()
        }
        self.readers_first: dict[str, set[str]] = {name: set() for name in self.nodes}
        for asset, (storing, _) in self.stored_from.items():
            for name, node in self.nodes.items():
                if not any(s.node == "assets" and s.signal == asset for s in node.slots):
                    continue
                if name == storing:
                    continue  # 4 "the storing node, which may itself be a reader"
                if storing in self._ancestors(name, self.needs, set(self.nodes)):
                    raise ValueError(f"{name} reads {asset} and needs {storing}, which stores it")
                if not self.nodes[storing].is_source:  # "a source that stores is drawn first"
                    self.readers_first[storing].add(name)
        self.before = {name: self.needs[name] | self.readers_first[name] for name in self.nodes}

    @staticmethod
    def _ancestors(name: str, before: dict[str, set[str]], among: set[str]) -> set[str]:
        found: set[str] = set()
        todo = [name]
        while todo:
            for each in before[todo.pop()] & among:
                if each not in found:
                    found.add(each)
                    todo.append(each)
        return found

    def _schedule(self, members: list[str], level: Level) -> list[str | Loop]:
        """The order of `members`, all of them at `level` or in a loop there.

        "again and again the first node in the file whose dependencies have all had their turn";
        "A loop and a nested tube take their turn as one node."
        """
        loops: dict[str, list[str]] = {}
        for name in members:
            node = self.nodes[name]
            if node.kind == "map" and node.level == level:
                loops.setdefault(name, [])
            elif node.level != level:
                loops.setdefault(node.level[len(level)], []).append(name)
        # units to be ordered: (position, members, what is put into the order)
        units: list[tuple[int, set[str], str | Loop]] = [
            (self.nodes[name].position, {name}, name)
            for name in members
            if self.nodes[name].level == level and self.nodes[name].kind != "map"
        ]
        for map_name, inside in loops.items():
            passes = self._passes(map_name, inside, set(members))
            for number in range(max(passes.values(), default=0) + 1):
                nodes = [name for name in inside if passes[name] == number]
                first = number == 0 and map_name in members
                if not first and not nodes:
                    continue
                body = self._schedule(nodes, (*level, map_name))
                position = (
                    self.nodes[map_name].position  # choice (b)
                    if first
                    else min(self.nodes[name].position for name in nodes)
                )
                unit_members = {*nodes, map_name} if first else set(nodes)
                units.append((position, unit_members, Loop(map_name, first, nodes, body)))
        units.sort(key=lambda unit: unit[0])

        ordered: list[str | Loop] = []
        waiting = set(members)
        while units:
            for unit in units:
                _, unit_members, what = unit
                needed = set().union(*(self.before[name] for name in unit_members))
                if not (needed - unit_members) & waiting:
                    break
            else:
                raise ValueError(f"cycle among {sorted(waiting)}")  # choice (11)
            units.remove(unit)
            waiting -= unit_members
            ordered.append(what)
        return ordered

    def _passes(self, map_name: str, inside: list[str], members: set[str]) -> dict[str, int]:
        """In which pass over the items of a map each node of its loop runs.

        5 "A node that needs an item and also what such a gather made of all items runs in a second
        pass over the items, after the gather": so does every node of the loop that needs
        something outside of the loop that itself needs the loop.
        """
        loop = {*inside, map_name}
        found: dict[str, int] = {map_name: 0}

        def leaves_loop(name: str) -> bool:
            """Whether it is a gather in the loop that emits outside of it."""
            node = self.nodes[name]
            return bool(node.closes) and map_name in node.level[node.level.index(node.closes) :]

        def pass_of(name: str) -> int:
            if name in found:
                return found[name]
            found[name] = 0
            earliest = [0]
            for other in self.before[name] & members:
                if other in loop and not (leaves_loop(other) and other in self.needs[name]):
                    earliest.append(pass_of(other))
                    continue
                behind = {other, *self._ancestors(other, self.before, members)} & loop
                earliest.extend(pass_of(each) + 1 for each in behind)
            found[name] = max(earliest)
            return found[name]

        return {name: pass_of(name) for name in inside}

    # --- the end (3 "The end") ----------------------------------------------------------------

    def _has_source_behind(self, name: str) -> bool:
        return self.nodes[name].is_source or any(map(self._has_source_behind, self.needs[name]))

    def _is_finished(self, name: str) -> bool:
        node = self.nodes[name]
        if not node.enabled:  # "is disabled"
            return True
        if node.child and (node.child.exhausted or node.child._run_has_ended()):  # 5 tube: "or its own run has ended"
            return True
        if node.is_source:  # "is a source that has ended"
            return node.ended
        connected = [slot for slot in node.slots if slot.node in self.nodes]
        if node.kind == "gather":
            # "a gather whose `n` or `trigger` is connected is finished when that is, and not before"
            asking = [slot for slot in connected if slot.key in ("n", "trigger")]
            if asking:
                return any(self._is_finished(slot.node) for slot in asking)
        # "has a required slot connected to a finished node"
        if any(slot.required and self._is_finished(slot.node) for slot in connected):
            return True
        # "or has slots with sources behind them and all of those are connected to finished nodes"
        with_source = [slot for slot in connected if self._has_source_behind(slot.node)]
        return bool(with_source) and all(self._is_finished(slot.node) for slot in with_source)

    def _run_has_ended(self) -> bool:
        """On "The run ends when every sink (...) with a source behind it is finished"."""
        enabled = [name for name, node in self.nodes.items() if node.enabled]
        # "an enabled node on which, directly or not, no enabled node depends"
        depended_on = set().union(*(self._ancestors(name, self.needs, set(self.nodes)) for name in enabled))
        sinks = [name for name in enabled if name not in depended_on]
        if all(self._is_finished(name) for name in sinks):
            return True  # "where every sink needs a disabled node the run ends without an epoch"
        sinks = [name for name in sinks if self._has_source_behind(name)]
        return bool(sinks) and all(self._is_finished(name) for name in sinks)

    def _raise_if_ended(self) -> None:
        self.exhausted = self.exhausted or self._run_has_ended()
        if self.exhausted:
            # 6 "The `process()` that finds the end raises (...), as do all after it"
            raise TubeExhaustedError("the tube has ended")

    # --- start and stop -----------------------------------------------------------------------

    def _do(self, work: Coroutine[Any, Any, Any]) -> Any:
        """3 "All that is async in a run (...) behaves as if written in one coroutine": "one context"."""
        try:
            return self._strand.run(work)
        except RuntimeError as error:
            raise _as_raised(error) from None

    def init(self) -> None:
        """4 runner-scoped assets "made before the nodes' `init`, in file order"; then the nodes."""
        self._strand = asyncio.Runner()
        try:
            self._do(self._start())
        except BaseException:
            self._strand.close()
            raise

    def deinit(self) -> None:
        """4 runner-scoped assets end "after the nodes' `deinit`"; "last made first"."""
        self._end(None)

    def _end(self, error: BaseException | None) -> None:
        try:
            self._do(self._stop(error))
        finally:
            self._strand.close()

    async def _start(self) -> None:
        self._started = True
        try:
            for name, spec in self.asset_specs.items():
                if spec.get("scope") == "runner":
                    self.carried[name] = await self._make_asset(name, self._endings)
                    self.stored_at[name] = -1
            for node in self.nodes.values():
                if node.enabled:  # choice (1)
                    await self._make_node(node)
        except BaseException as error:
            self._started = False
            await self._endings.close(error)
            raise

    async def _stop(self, error: BaseException | None) -> None:
        """End everything; in a nested tube, seeing the error that is under way around it."""
        known = error
        error = await self._endings.close(error)
        self._started = False
        if error is not None and not (self._parent and error is known):
            raise error

    async def _make_node(self, node: Node) -> None:
        """2 the table's column "made at start"."""
        if node.child:  # 5 tube: "Its runner-scoped assets live as long as the outer run"
            child = node.child
            await child._start()
            self._endings.add(child._stop)
            return
        if node.kind in SPECIAL:
            return
        instance: Any = None
        if node.is_class:
            instance = _call_with(node.object, node.params)  # "instance from `params`"
            init, deinit = (marked_method(node.object, mark) for mark in (INIT, DEINIT))
            if init:  # "`init`/`deinit` methods run at start and stop"
                method = getattr(instance, init)
                context = {
                    name: {"runner": self, "tube": self.spec}
                    for name, hint in type_hints(method).items()
                    if getattr(hint, "__name__", "") == "RunnerContext"
                }
                await _awaited(method(**context))
            if deinit:
                self._endings.add(lambda error: getattr(instance, deinit)())
        if node.is_source:
            if node.method:
                node.iterator = getattr(instance, node.method)()
            elif node.is_class:
                node.iterator = aiter(instance) if hasattr(instance, "__aiter__") else iter(instance)
            else:
                # "called once with `params`"; it may "take runner-scoped assets that are not carried, and
                # tube-scoped inputs"
                given = {
                    slot.key: (self.carried if slot.node == "assets" else self.inputs)[slot.signal]
                    for slot in node.slots
                }
                node.iterator = _call_with(node.object, {**node.params, **given})
            if inspect.isgenerator(node.iterator):  # choice (3)
                self._endings.add(lambda error: node.iterator.close())
            elif inspect.isasyncgen(node.iterator):
                self._endings.add(lambda error: node.iterator.aclose())
        else:
            node.call = getattr(instance, node.method) if node.method else node.object

    # --- assets (4) ---------------------------------------------------------------------------

    async def _make_asset(self, name: str, endings: Endings) -> Any:
        spec = self.asset_specs[name]
        make = find_object(spec["type"])
        params = spec.get("params") or {}
        # "`params` are its arguments (a mapping, or a list for positional ones)"
        by_key = dict(enumerate(params)) if isinstance(params, list) else params
        made = _call_with(make, self._fill_in_params(by_key))
        if inspect.iscoroutine(made):
            made = await made
        if inspect.isclass(make) and any(kind.__name__ == "Asset" for kind in make.__mro__):
            await _awaited(made.init())  # "a subclass of `Asset` (own `init`/`deinit`, value in `obj`)"
            endings.add(lambda error: made.deinit())
            return made.obj
        enter = spec.get("enter")
        if enter is False:  # "With `enter: false` it is not entered"
            return made
        # "a generator function, sync or async (what it yields, once, is the asset; at the end of the
        # scope it goes on behind the `yield`)"
        is_yielded = True
        generator = made
        if inspect.isgeneratorfunction(make):
            made = contextlib.contextmanager(lambda: generator)()
        elif inspect.isasyncgenfunction(make):
            made = contextlib.asynccontextmanager(lambda: generator)()
        else:
            is_yielded = "GeneratorContextManager" in type(made).__name__
        # "neither is a lock (...) without `enter: true`"
        if enter is None and hasattr(made, "acquire") and hasattr(made, "release"):
            return made
        # "If the object made is a context manager (sync or async), it is entered when made and
        # exited at the end of its scope, and what `__enter__` returns is the asset"
        kind = type(made)
        if hasattr(kind, "__enter__") and hasattr(kind, "__exit__"):
            value = kind.__enter__(made)
            endings.add(lambda error: kind.__exit__(made, *_exit_arguments(error)))
        elif hasattr(kind, "__aenter__") and hasattr(kind, "__aexit__"):
            value = await kind.__aenter__(made)
            endings.add(lambda error: kind.__aexit__(made, *_exit_arguments(error)))
        else:
            return made
        # "if that is None or a bool and it wasn't made by a generator function, it is the object itself"
        return made if (value is None or isinstance(value, bool)) and not is_yielded else value

    def _assets_taken_by(self, nodes: Iterable[Node], scope: str) -> list[str]:
        taken = {slot.signal for node in nodes for slot in node.slots if slot.node == "assets"}
        return [n for n, s in self.asset_specs.items() if s.get("scope") == scope and n in taken]

    def _store(self, node: str, signal: str, value: Any) -> None:
        """4 "Carrying forward": "if it emits several times (in a map), the last is stored"."""
        for asset, stored_from in self.stored_from.items():
            if stored_from == (node, signal):
                epochs = [(tube, tube.now) for tube in self._and_around()]
                self._running.candidates[asset] = self.latest[asset] = Candidate(value, value, epochs)

    def _is_in_a_map(self) -> bool:
        """Whether the tube is called for the items of a map, or one around it is."""
        if self._parent is None:
            return False
        node = next(node for node in self._parent.nodes.values() if node.child == self)
        return bool(node.level) or self._parent._is_in_a_map()

    def _and_around(self) -> list[Interpreter]:
        return [self, *(self._parent._and_around() if self._parent else [])]

    def _and_inside(self) -> list[Interpreter]:
        inside = [each for node in self.nodes.values() if node.child for each in node.child._and_inside()]
        return [self, *inside]

    def _hand_over(self, node: str, value: Any) -> None:
        """4 "a deep copy when, and only when, the same object also goes to a node that runs
        after the storing node", "by whatever signal, input or asset, through nested tubes as in the
        flat tube", "by identity": `value` is about to go to `node`."""
        around = self._and_around()
        for tube in around[-1]._and_inside():
            for asset, candidate in tube.latest.items():
                storing, signal = tube.stored_from[asset]
                # "epoch by epoch": that of the innermost tube around both
                _, number = next(each for each in candidate.epochs if each[0] in around)
                common = next(each for each in around if any(each == one for one, _ in candidate.epochs))
                if candidate.emitted is not value or number is not common.now or (tube == self and node == storing):
                    continue
                try:
                    tube._store_a_copy(asset, candidate)
                except Exception as error:
                    # "the error names the asset, the signal, who else gets it, and the way out"
                    raise CarryError(
                        f"asset {asset} stores {storing}.{signal}, which also goes to {node}"
                        f" and can't be copied: {error}; give {node} something else"
                    ) from error

    def _store_a_copy(self, asset: str, candidate: Candidate) -> None:
        if candidate.is_copy:
            return
        stored = copy.deepcopy(candidate.emitted)
        for name, each in self.latest.items():
            # "they hold one object then, or one copy of it"
            if self.stored_from[name] == self.stored_from[asset]:
                each.stored, each.is_copy = stored, True
                if each.is_committed:
                    self.carried[name] = stored

    def _protect_from_refilling(self, source: Node | None = None) -> None:
        """4 "or is what a source has emitted (or a record has brought) in this epoch, since that may
        be filled again, unless it can't be copied": by this source, or by any."""
        outermost = self._and_around()[-1]
        for owner, value in outermost.refillable:
            for tube in outermost._and_inside():
                for asset, candidate in tube.latest.items():
                    is_of_epoch = candidate.epochs[-1][1] is outermost.now
                    if candidate.emitted is value and is_of_epoch and source in (None, owner):
                        with contextlib.suppress(Exception):
                            tube._store_a_copy(asset, candidate)

    # --- an epoch -----------------------------------------------------------------------------

    def process(self, **inputs: Any) -> Any:
        """Make one epoch. 6 "An epoch that returns nothing gives None"."""
        result = self._do(self._epoch_or_last(inputs))
        return None if result is NOTHING else result

    async def _epoch_or_last(self, inputs: Mapping[str, Any]) -> Any:
        try:
            return await self._process(inputs)
        except TubeExhaustedError:
            return await self._last_epoch()

    async def _last_epoch(self) -> Any:
        """3 "Last epochs": each node that holds something back "gets one more epoch of its own"."""
        if self._last is None:
            self._last = iter(list(self._flushing()))
        for path in self._last:
            owner: Any = self
            for name in path[:-1]:
                owner = owner.nodes[name].child
            if owner.nodes[path[-1]].kind == "gather" and not owner.gathered[path[-1]]:
                continue  # "each `gather` with `flush: true` that holds something"
            before = self._state()
            try:
                # "In it sources and process-scoped inputs emit nothing"
                self.epoch += 1
                return await self._make_epoch(Pending(dict(self.inputs), {}), path)
            except BaseException:
                self._set_state(before)  # "one that fails isn't made again"
                raise
        raise TubeExhaustedError("the tube has ended")

    def _flushing(self) -> Iterable[tuple[str, ...]]:
        """What is flushed, "in the fixed order"; a nested tube's "at its place"."""
        sources = [name for name, node in self.nodes.items() if node.is_source]
        for name in [*sources, *(unit for unit in self.units if isinstance(unit, str))]:
            node = self.nodes[name]
            if not node.enabled:
                continue
            if node.child:
                yield from ((name, *path) for path in node.child._flushing())
            elif node.params.get("flush") if node.kind == "gather" else node.kind == "method" and _flush_method(node):
                yield (name,)

    async def _flush(self, node: Node, path: tuple[str, ...]) -> Any:
        """Give a node its turn in its own last epoch."""
        try:
            if node.child:
                child = node.child
                child.epoch += 1
                returned = await child._make_epoch(Pending(dict(child.inputs), {}), path)
                return self._child_signals(node, returned)
            if node.kind == "gather":  # "that gather emits all that it holds"
                group, self.gathered[node.name] = self.gathered[node.name], []
                return {"value": _group(node, group)}
            method = getattr(node.call.__self__, _flush_method(node))
            epoch = {name: self._running.number for name, hint in type_hints(method).items() if hint is Epoch}
            # "that method's result is what its node emits"
            # 2 "These three are about calls: those of a flush method too"
            result = await self._tried(node, lambda: self._unless_it_ends(node, lambda: method(**epoch)))
            return _split(node, result)
        except BaseException as error:
            error.add_note(f"node {node.name}, epoch {self.epoch}")
            raise

    async def _process(self, record: Mapping[str, Any]) -> Any:
        if not self._started:
            raise RuntimeError("init first")
        before = self._state()
        if self._parent is None:
            self.refillable = []
        try:
            return await self._make_epoch(await self._draw(record))
        except BaseException:
            # 3 "What a failed epoch would have stored or gathered is not"; choice (26)
            self._set_state(before)
            raise

    def _state(self) -> dict[str, Any]:
        """What is committed with an epoch."""
        return {
            "carried": dict(self.carried),
            "stored_at": dict(self.stored_at),
            "gathered": {name: list(values) for name, values in self.gathered.items()},
            "children": {n: node.child._state() for n, node in self.nodes.items() if node.child},
        }

    def _set_state(self, state: dict[str, Any]) -> None:
        self.carried = dict(state["carried"])
        self.stored_at = dict(state["stored_at"])
        self.gathered = {name: list(values) for name, values in state["gathered"].items()}
        for name, child_state in state["children"].items():
            self.nodes[name].child._set_state(child_state)  # type: ignore[union-attr]

    async def _draw(self, record: Mapping[str, Any]) -> Pending:
        """3 "Sources are drawn at the start of an epoch", "in file order"."""
        self._raise_if_ended()
        # "a missing process-scoped one before its epoch's first node"; choice (f)
        pending = Pending(self._epoch_inputs(record), {})
        self.epoch += 1
        if self._parent is None:
            self.refillable += [(None, pending.inputs[name]) for name in record if name in pending.inputs]
        for node in self.nodes.values():
            if not node.is_source or not node.enabled or node.ended:
                continue
            try:
                item = await self._next_item(node)
            except BaseException as error:  # choice (d)
                error.add_note(f"node {node.name}, epoch {self.epoch}")
                raise
            if item is NOTHING:
                node.ended = True  # "A source that ends emits nothing more."
                # "the epoch that finds every such sink finished does not exist"; choice (c)
                if self.exhausted or self._run_has_ended():
                    self._take_back(pending)
                self._raise_if_ended()
            else:
                pending.drawn[node.name] = item
        return pending

    def _take_back(self, pending: Pending) -> None:
        """3 it "has no number (nor have those that nested tubes have drawn for it)"."""
        self.epoch -= 1
        for name, drawn in pending.drawn.items():
            child = self.nodes[name].child
            if child:
                child._take_back(drawn)

    async def _next_item(self, node: Node) -> Any:
        """The signals of a source; of a nested tube its epoch, drawn. NOTHING at the end."""
        if node.child:
            try:
                return await node.child._draw({})  # choice (15)
            except TubeExhaustedError:
                return NOTHING  # 5 "A child that (...) has ended, emits nothing."
        self._protect_from_refilling(node)
        try:
            if hasattr(node.iterator, "__anext__"):
                item = await node.iterator.__anext__()
            else:
                item = next(node.iterator)
        except (StopIteration, StopAsyncIteration, EndOfRun):  # "in a source it is that source's end"
            return NOTHING
        signals = _split(node, item)
        self._and_around()[-1].refillable += [(node, value) for value in signals.values()]
        return signals

    async def _make_epoch(self, pending: Pending, flushing: tuple[str, ...] = ()) -> Any:
        self.now = object()
        outer, self._running = (
            self._running,
            Running(Epoch(self.epoch), pending.inputs, dict(self.carried), flushing=flushing),
        )
        endings = Endings()
        error: BaseException | None = None
        result = NOTHING
        try:
            # 4 process scope: "made at its beginning once the sources are drawn, if an enabled node
            # takes it"
            enabled = [node for node in self.nodes.values() if node.enabled]
            for name in self._assets_taken_by(enabled, "process"):
                self._running.process_assets[name] = await self._make_asset(name, endings)
            env: Env = {}
            for name, item in pending.drawn.items():  # 3 "sources first, in file order"
                self._emit(self.nodes[name], await self._source_signals(self.nodes[name], item), env)
            if flushing and self.nodes[flushing[0]].is_source:
                await self._run_node(self.nodes[flushing[0]], env)
            await self._run_units(self.units, env)
            result = await self._return_value()
            self._protect_from_refilling()
        except BaseException as raised:
            error = raised
        error = await endings.close(error)  # 4 process scope: ends "at the end of the epoch"
        if error is None:
            # 3 "committed when the epoch has succeeded, the end of its process-scoped assets
            # included"
            for name, candidate in self._running.candidates.items():
                self.carried[name] = candidate.stored
                self.stored_at[name] = self.epoch
                candidate.is_committed = True
        self._running = outer
        if error is not None:
            raise error
        return result

    async def _source_signals(self, node: Node, item: Any) -> dict[str, Any]:
        if not node.child:
            return item
        try:
            return self._child_signals(node, await node.child._make_epoch(item))
        except BaseException as error:
            error.add_note(f"node {node.name}, epoch {self.epoch}")
            raise

    async def _run_units(self, units: list[str | Loop], env: Env) -> None:
        for unit in self._grouped(units):
            if isinstance(unit, Loop):
                await self._run_loop(unit, env)
            elif len(unit) == 1:
                await self._run_node(unit[0], env)
            else:
                await self._run_together(unit, env)

    def _grouped(self, units: list[str | Loop]) -> list[list[Node] | Loop]:
        """3 "Coroutine nodes that follow each other in the order and don't need each other"."""
        grouped: list[list[Node] | Loop] = []
        for unit in units:
            if self._cannot_run(unit.map if isinstance(unit, Loop) else unit):
                continue  # choice (18)
            if isinstance(unit, Loop):
                grouped.append(unit)
                continue
            node = self.nodes[unit]
            standing = (each for each in reversed(grouped) if isinstance(each, Loop) or not each[0].closes)
            before = None if node.closes else next(standing, None)  # choice (18)
            is_beside = isinstance(before, list) and all(map(self._is_coroutine, [node, *before]))
            flushed = set(self._running.flushing[:1])
            # "readers run before the storing node"; choice (18)
            needs = self.readers_first[unit] - flushed | (set() if unit in flushed else self.needs[unit])
            if is_beside and needs.isdisjoint(each.name for each in before):
                before.append(node)
            else:
                grouped.append([node])
        return grouped

    def _cannot_run(self, name: str) -> bool:
        """Whether it is known before the epoch begins that a node does not run in it."""
        node, flushing = self.nodes[name], self._running.flushing[:1]
        if name in flushing:
            return False
        if node.kind == "return" or self._never_emits(name) or (flushing and node.is_source):
            return True
        silent = [
            self._cannot_run(slot.node)
            if slot.node in self.nodes
            else bool(flushing) and slot.node == "input" and self._is_process_scoped(slot.signal)
            for slot in node.slots
            if slot.required or node.kind == "gather"
        ]
        is_silent = all(silent) if node.kind == "gather" else any(silent)
        return is_silent or any(map(self._cannot_run, node.level))

    def _is_coroutine(self, node: Node) -> bool:
        """Whether its turn is a call of a coroutine function."""
        if self._running.flushing[:1] == (node.name,):
            return inspect.iscoroutinefunction(getattr(node.object, _flush_method(node) or "", None))
        return inspect.iscoroutinefunction(node.call)

    async def _run_together(self, nodes: list[Node], env: Env) -> None:
        """3 "started in order and awaited together"; they "have a task each, with a copy of the context"."""
        tasks = [asyncio.create_task(self._call(node, env)) for node in nodes]
        await asyncio.wait(tasks, return_when=asyncio.FIRST_EXCEPTION)
        failed = [task for task in tasks if task.done() and task.exception()]
        for task in tasks:  # "if one fails the others are cancelled and awaited"
            task.cancel()
        await asyncio.wait(tasks)
        for task in failed:
            raise task.exception()  # type: ignore[misc]
        for node, task in zip(nodes, tasks, strict=True):
            if task.result() is not NOTHING:
                self._hand_over_to(node, [self._event_behind(slot, env) for slot in node.slots])
                self._emit(node, task.result(), env)

    async def _run_node(self, node: Node, env: Env) -> None:
        if node.kind == "return":
            return  # when everything else has run; choice (23)
        result = await self._call(node, env)
        if result is not NOTHING:
            self._emit(node, result, env)

    async def _run_loop(self, loop: Loop, env: Env) -> None:
        """5 "map": "for each item in turn all nodes of the loop run, in order; values from
        outside are repeated"."""
        node = self.nodes[loop.map]
        if loop.first:
            result = await self._call(node, env)
            # "An empty one emits nothing on either."; choice (a)
            items = [] if result is NOTHING else result["value"]
            env["loop", node.name] = [{} for _ in items]
            if items:
                self._emit(node, {"n": len(items)}, env)
        iterations = env.get(("loop", node.name), [])
        if not iterations:
            return
        closing = [n for n in loop.nodes if self.nodes[n].closes == node.name]
        for name in closing:
            self.gathered[name] = []
        self._left.discard(node.name)
        if not loop.first:
            items = [NoEvent] * len(iterations)
        if self._goes_at_once(loop):
            await self._run_items_at_once(loop, items, iterations, env)
        else:
            for index, item in enumerate(items):
                await self._run_item(loop, index, item, iterations, env)
                if node.name in self._left:
                    del iterations[index + 1 :]
                    break
        # "once its items are through, the gather emits one list of what was collected (fewer than
        # `n`, even `[]`, if items emitted nothing), outside of the loop"
        for name in closing:
            gather = self.nodes[name]
            if gather.enabled:
                group, self.gathered[name] = self.gathered[name], []
                self._emit(gather, {"value": _group(gather, group)}, env)

    async def _run_item(self, loop: Loop, index: int, item: Any, iterations: list[Env], env: Env) -> None:
        inner = {**iterations[index], **env}
        around = self._running.number
        self._running.number = around / (loop.map, index)
        if item is not NoEvent:
            self._emit(self.nodes[loop.map], {"value": item}, inner)
        await self._run_units(loop.body, inner)
        iterations[index] = inner
        self._running.number = around

    # --- items at once (8) --------------------------------------------------------------------

    def _goes_at_once(self, loop: Loop) -> bool:
        """8 "`concurrency: N` of a map: up to N items of its loop are under way at once where nothing in it keeps
        state; in the synchronous runner that is so for coroutines"."""
        inside = [self.nodes[name] for name in loop.nodes if not self._never_emits(name)]
        is_awaited = any(map(self._is_coroutine, inside))
        return (
            is_awaited and self.nodes[loop.map].params.get("concurrency", 1) > 1 and not any(map(self._keeps, inside))
        )

    def _keeps(self, node: Node) -> bool:
        spec = self.spec["nodes"][node.name]
        # "An asset that items share counts as state unless it says `stateful: false`."
        shared = [self.asset_specs[slot.signal] for slot in node.slots if slot.node == "assets"]
        if any(each.get("scope") != "node" and (each.get("depends") or each.get("stateful", True)) for each in shared):
            return True
        # "So does a signal of the loop that is stored in an asset; and a nested tube, unless (...)"
        if node.kind == "tube" or any(storing == node.name for storing, _ in self.stored_from.values()):
            return True
        if node.kind == "gather":
            return node.closes is None  # "What is not yet full is kept"
        gets_events = any(hint == EventMap for hint in node.hints.values())
        return bool(spec.get("stateful", node.kind == "method")) or gets_events

    async def _run_items_at_once(self, loop: Loop, items: list[Any], iterations: list[Env], env: Env) -> None:
        most = self.nodes[loop.map].params["concurrency"]
        # "Given, N bounds all items of the map that are under way, over epochs and nested maps too."
        bound = self._bounds.setdefault(loop.map, asyncio.Semaphore(most))

        async def run(tube: Interpreter, index: int) -> None:
            async with bound:
                await tube._run_item(loop, index, items[index], iterations, env)

        apart = [self._for_one_item() for _ in items]
        # 3 "items under `concurrency` (...) have a task each, with a copy of the context"
        tasks = [asyncio.create_task(run(tube, index)) for index, tube in enumerate(apart)]
        try:
            # "What the loop emits stays in the order of the items; if several items fail, the first in order is the
            # error."
            for index, (tube, task) in enumerate(zip(apart, tasks, strict=True)):
                await task
                for key, events in tube._running.emitted.items():
                    self._running.emitted.setdefault(key, []).extend(events)
                for name, values in tube.gathered.items():
                    self.gathered[name] += values
                self.exhausted = self.exhausted or tube.exhausted
                self._left |= tube._left
                if loop.map in self._left:  # "later items of its loop aren't begun (or don't count)"
                    del iterations[index + 1 :]
                    break
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    def _for_one_item(self) -> Interpreter:
        """The tube, with what there is of an item apart: nothing else changes there."""
        apart = copy.copy(self)
        apart._running = replace(self._running, emitted={})
        apart.gathered = {name: [] for name in self.gathered}
        apart._left = set()
        return apart

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Interpreter) and other.nodes is self.nodes

    __hash__ = None  # type: ignore[assignment]

    def _emit(self, node: Node, signals: dict[str, Any], env: Env) -> None:
        for signal, value in signals.items():
            epoch = self._running.number
            if node.kind not in ("map", "gather", "tube") and is_event(value):
                # 6 "An event that a node makes and returns itself is its value, with its epoch if that is the parent's"
                epoch = value["epoch"] if value["epoch"] in epoch.parents else epoch
                value = value["value"]
                if value is NoEvent:
                    continue
            event = self._event(node.name, signal, value, epoch)
            env[node.name, signal] = event
            self._running.emitted.setdefault((node.name, signal), []).append(event)
            self._store(node.name, signal, value)

    def _event(self, node: str, signal: str, value: Any, epoch: Epoch) -> Event:
        event = Event(
            id=self._event_ids,
            timestamp=datetime.now(UTC),
            node_id=node,
            signal=signal,
            epoch=epoch,
            value=value,
        )
        self._event_ids += 1
        return event

    # --- a call -------------------------------------------------------------------------------

    def _event_behind(self, slot: Slot, env: Env) -> Event | None:
        """The event in a slot, None if there is none. Node-scoped assets are not made here."""
        if slot.node == "input":
            value = self._running.inputs.get(slot.signal, NOTHING)
        elif slot.node == "assets":
            # 4 "Within an epoch every reader sees the value from the epoch's start"
            assets = {**self._running.carried, **self._running.process_assets}
            value = assets.get(slot.signal, NOTHING)
        else:
            return env.get((slot.node, slot.signal))
        return None if value is NOTHING else self._event(slot.node, slot.signal, value, self._running.number.root_epoch)

    def _never_emits(self, name: str) -> bool:
        """2 "A disabled node never runs; nodes that need its signals don't either"."""
        node = self.nodes.get(name)
        if node is None or name in self._running.flushing[:1]:
            return False
        return not node.enabled or any(slot.required and self._never_emits(slot.node) for slot in node.slots)

    async def _call(self, node: Node, env: Env) -> Any:
        """Give a node its turn: the signals it emits (for a map: its items), or NOTHING."""
        if self._running.flushing[:1] == (node.name,):
            return await self._flush(node, self._running.flushing[1:])  # its `process` isn't called
        if not node.enabled:
            return NOTHING  # 2 "A disabled node never runs"
        node_scoped = self._assets_taken_by([node], "node")
        events: dict[int | str, Event] = {}
        for slot in node.slots:
            if slot.node == "assets" and slot.signal in node_scoped:
                continue
            event = self._event_behind(slot, env)
            if event is not None:
                events[slot.key] = event
            elif slot.required and node.kind != "gather":
                return NOTHING  # 3 "a node runs (...) if every required slot has a value"
        if node.kind == "gather" and not events and not node_scoped:
            return NOTHING
        if any(slot.required and self._never_emits(slot.node) for slot in node.slots):
            return NOTHING  # 2 "nodes that need its signals don't either"
        if node.child is not None and (node.child.exhausted or node.child._run_has_ended()):
            return NOTHING  # 5 "A child that (...) has ended, emits nothing."
        return await self._tried(node, lambda: self._try_call(node, events, node_scoped))

    async def _tried(self, node: Node, once: Callable[[], Any]) -> Any:
        """2 "retry": "A call that fails is made again, up to `times` times"; how long it waits changes no result."""
        tries = 1
        while True:
            try:
                return await once()
            except BaseException as error:
                if tries > node.retry.get("times", 0) or not _is_tried_again(node, error):
                    # 3 "the node's own exception, with a note that names node, epoch and place"
                    error.add_note(f"node {node.name}, epoch {self.epoch}")
                    raise
            tries += 1

    async def _try_call(self, node: Node, others: dict[int | str, Event], node_scoped: list[str]) -> Any:
        """2 "A try is all that belongs to a call: (...) its node-scoped assets (...), and the call"."""
        events = dict(others)
        endings = Endings()
        error: BaseException | None = None
        result = NOTHING
        try:
            # 4 node scope: "per call of each node that takes it"
            made = {name: await self._make_asset(name, endings) for name in node_scoped}
            for slot in node.slots:
                if slot.node == "assets" and slot.signal in made:
                    epoch = self._running.number.root_epoch
                    events[slot.key] = self._event("assets", slot.signal, made[slot.signal], epoch)
            events = {slot.key: events[slot.key] for slot in node.slots if slot.key in events}
            self._hand_over_to(node, events.values())
            result = await self._perform(node, events)
        except BaseException as raised:
            error = raised
        error = await endings.close(error)  # 4 node scope: "right after that call"
        if error is not None:
            raise error
        return result

    def _hand_over_to(self, node: Node, events: Iterable[Event | None]) -> None:
        # A nested tube hands on what it gets.
        for event in events if node.kind != "tube" else ():
            if event is not None:
                self._hand_over(node.name, event["value"])
        for param in (self.spec["nodes"][node.name].get("params") or {}).values():
            if node.kind == "function" and isinstance(param, str) and param.startswith("input."):
                self._hand_over(node.name, self._fill_in(param))

    async def _perform(self, node: Node, events: dict[int | str, Event]) -> Any:
        values = {key: event["value"] for key, event in events.items()}
        match node.kind:
            case "map":
                # "read completely before the first item"
                items = await self._unless_it_ends(node, lambda: list(values["value"]))
                return NOTHING if items is NoEvent else {"value": items}
            case "gather":
                return self._gather(node, values)
            case "tube":
                child: Any = node.child
                try:
                    returned = await child._process(values)
                except TubeExhaustedError:
                    returned = NOTHING
                return self._child_signals(node, returned)
            case _:
                args, kwargs = self._arguments(node, values, events)
                return _split(node, await self._unless_it_ends(node, lambda: node.call(*args, **kwargs)))

    async def _unless_it_ends(self, node: Node, call: Callable[[], Any]) -> Any:
        """3 "a node that raises `EndOfRun` ends the run with this epoch"; "as if it had returned `NoEvent`"."""
        try:
            result = call()
            if inspect.iscoroutine(result) and node.timeout is not None:
                return await _in_time(result, node.timeout)
            return await result if inspect.iscoroutine(result) else result
        except EndOfRun:
            self.exhausted = True
            self._left.update(node.level)  # "later items of its loop aren't begun"
            return NoEvent

    def _arguments(
        self, node: Node, values: dict[int | str, Any], events: dict[int | str, Event]
    ) -> tuple[list[Any], dict[str, Any]]:
        """2 "depends", "params"; "An argument in both (...) comes from `depends`"."""
        params = node.params if node.kind == "function" else {}
        supplied = {_argument_name(node, slot.key) for slot in node.slots}
        params = {key: value for key, value in params.items() if _argument_name(node, key) not in supplied}
        if node.parameters is None:
            given = {**params, **values}
            positions = sorted(key for key in given if isinstance(key, int))
            return [given[key] for key in positions], {key: given[key] for key in given if isinstance(key, str)}
        arguments: dict[str, Any] = {}
        rest: dict[int, Any] = {}  # for *args
        slot_names: dict[int | str, str] = {}
        for key, value in (*params.items(), *values.items()):
            if isinstance(key, int) and key >= len(node.positional):
                rest[key] = value
                slot_names[key] = str(key)
                continue
            slot_names[key] = node.positional[key] if isinstance(key, int) else key
            arguments[slot_names[key]] = value
        for name in node.injected:
            if node.hints[name] is Epoch:
                arguments[name] = self._running.number
            else:
                arguments[name] = {slot_names[key]: event for key, event in events.items()}
        args: list[Any] = []
        kwargs: dict[str, Any] = {}
        for parameter in node.parameters:
            if parameter.kind is parameter.VAR_POSITIONAL:
                args.extend(rest[key] for key in sorted(rest))
            elif parameter.kind is parameter.VAR_KEYWORD or parameter.name not in arguments:
                continue
            elif parameter.kind is parameter.POSITIONAL_ONLY or (
                rest and parameter.kind is parameter.POSITIONAL_OR_KEYWORD
            ):
                args.append(arguments.pop(parameter.name))
            else:
                kwargs[parameter.name] = arguments.pop(parameter.name)
        return args, {**kwargs, **arguments}

    # --- special nodes (5) --------------------------------------------------------------------

    def _gather(self, node: Node, values: dict[int | str, Any]) -> Any:
        collected = self.gathered[node.name]
        if "value" in values:
            if node.params.get("flatten") and not hasattr(values["value"], "__iter__"):  # choice (20)
                raise TypeError(
                    f"'flatten' joins what can be gone through, one level, found {type(values['value']).__name__}"
                )
            collected.append(values["value"])
        if node.closes:
            return NOTHING  # it emits when the items are through
        if node.slot("trigger"):
            # "whenever that does, the current value included (nothing if nothing was collected; a
            # value without a trigger is kept, a trigger needs no value)"
            count = len(collected) if values.get("trigger") is not None else 0  # "None is no trigger"
        else:
            # "With `n` (a param, or a slot) it emits every `n`"; choice (19)
            n = values.get("n", 0) if node.slot("n") else node.params["n"]
            count = n if len(collected) >= n else 0
        if count < 1:
            return NOTHING
        self.gathered[node.name] = collected[count:]  # "What is not yet full is kept"
        return {"value": _group(node, collected[:count])}

    def _child_signals(self, node: Node, returned: Any) -> Any:
        """5 "its signals are the keys of its `return` (or `value`)"."""
        child: Any = node.child
        if returned is NOTHING:  # "A child that returns nothing, or has ended, emits nothing."
            return {}
        if any(isinstance(slot.key, str) for slot in child._return_node().slots):
            return returned
        return {"value": returned}

    async def _return_value(self) -> Any:
        """5 "return"."""
        node = self._return_node()
        if node is None or not node.enabled:
            return NOTHING
        # "a list returns a list, if all of it was emitted (also a list of one)";
        # 3 "a node runs (...) if every required slot has a value"
        if any(slot.required and slot.node != "assets" and not self._returned_events(slot) for slot in node.slots):
            return NOTHING
        endings = Endings()
        error: BaseException | None = None
        result = NOTHING
        try:
            made = {n: await self._make_asset(n, endings) for n in self._assets_taken_by([node], "node")}
            found: dict[int | str, Any] = {}
            going_out: list[Any] = []
            for slot in node.slots:
                if slot.node == "assets" and slot.signal in made:
                    events = [self._event("assets", slot.signal, made[slot.signal], self._running.number.root_epoch)]
                else:
                    events = self._returned_events(slot)
                if not events:
                    continue  # "if nothing was emitted, it is absent"
                values = [event["value"] for event in events]
                going_out += values
                # "A signal that can be emitted more than once in an epoch is returned as a list,
                # always, in order"
                mapped = self._signal_level(slot.node, slot.signal) != ()
                found[slot.key] = values if mapped else values[0]
            result = self._in_form(node, found)
            # What a nested tube returns goes on to nodes around it; in a list it is not seen there, and in a
            # map it has to stay as it is in the next call.
            is_list = [slot.key for slot in node.slots] == list(range(len(node.slots)))
            is_list = is_list and not isinstance(self.spec["nodes"][node.name].get("depends"), str)
            if result is not NOTHING and (is_list or self._parent is None or self._is_in_a_map()):
                for value in going_out:
                    self._hand_over(node.name, value)
        except BaseException as raised:
            error = raised
        error = await endings.close(error)
        if error is not None:
            error.add_note(f"node {node.name}, epoch {self.epoch}")
            raise error
        return result

    def _returned_events(self, slot: Slot) -> list[Event]:
        if slot.node in self.nodes:
            return self._running.emitted.get((slot.node, slot.signal), [])
        event = self._event_behind(slot, {})
        return [] if event is None else [event]

    def _in_form(self, node: Node, found: dict[int | str, Any]) -> Any:
        depends = self.spec["nodes"][node.name].get("depends")
        if not found:
            return NOTHING  # "Nothing emitted: the epoch returns nothing (not a null)."
        if isinstance(depends, str):
            return found[0]  # "`depends: a.x` returns the value"
        if any(isinstance(slot.key, str) for slot in node.slots):
            return found  # "returns a dict of those that were emitted"
        return [found[slot.key] for slot in node.slots]

    # --- a whole run --------------------------------------------------------------------------

    def run(self, records: Iterable[Mapping[str, Any]] | None = None, n_epochs: int | None = None) -> list[Any]:
        """Make epochs, to the end or `n_epochs`; the results of those that return something."""
        own = not self._started
        if own:
            self.init()
        error: BaseException | None = None
        results: list[Any] = []
        try:
            self._run(None if records is None else iter(records), n_epochs, results)
        except BaseException as raised:
            error = raised
        if own:
            self._end(error)
        elif error is not None:
            raise error
        return results

    def _run(self, records: Any, n_epochs: int | None, results: list[Any]) -> None:
        # 3 "While a process-scoped input is required an epoch needs a record: when the records
        # end, the run ends."
        needs_record = any(self._is_process_scoped(name) and self._is_required(name) for name in self.input_specs)
        made = 0
        while n_epochs is None or made < n_epochs:
            record: Any = NOTHING if records is None else next(records, NOTHING)
            if record is NOTHING:
                if needs_record and records is None:
                    record = {}  # the error about what is missing
                elif records is not None:
                    return  # choice (17)
                else:
                    record = {}
            try:
                result = self._do(self._process(record))
            except TubeExhaustedError:
                return
            made += 1
            if result is not NOTHING:
                results.append(result)

    def leftover(self) -> dict[str, list[Any]]:
        """5 gather: "what is left when the run ends is reported as a warning"."""
        return {name: values for name, values in self.gathered.items() if values}


async def _awaited(result: Any) -> Any:
    return await result if inspect.isawaitable(result) else result


def _is_tried_again(node: Node, error: BaseException) -> bool:
    """2 "if its error is one of the exceptions that `on` lists"; "a tuple of the wrong length" is none."""
    errors = error.exceptions if isinstance(error, BaseExceptionGroup) else [error]
    on = tuple(find_object(path) for path in node.retry.get("on", ["Exception"]))
    return all(isinstance(each, on) and not isinstance(each, (EndOfRun, NoobError)) for each in errors)


async def _in_time(call: Coroutine[Any, Any, Any], time: str) -> Any:
    """2 "timeout": "then it is cancelled, and when it has ended it fails with a `TimeoutError`"."""
    number, unit = re.fullmatch(r"([\d.]+)(ms|s|m|h)", time).groups()  # type: ignore[union-attr]
    seconds = float(number) * {"ms": 0.001, "s": 1, "m": 60, "h": 3600}[unit]
    try:
        async with asyncio.timeout(seconds) as limit:
            return await call
    except TimeoutError as error:
        raise TimeoutError(f"it has taken longer than {time}") if limit.expired() else error from None


def _as_raised(error: Any) -> Any:
    """A `StopIteration` can't leave a coroutine: it is the cause of what does."""
    is_wrapped = isinstance(error, RuntimeError) and isinstance(error.__cause__, StopIteration)
    return error.__cause__ if is_wrapped else error


def _split(node: Node, value: Any) -> dict[str, Any]:
    """3 "A node that returns `NoEvent` (in a signal's place, or in place of the whole tuple) emits
    nothing there; `None` is a value like any other; a tuple of the wrong length fails the node."
    2 "A node with several signals returns a tuple, or a list, of as many values.\""""
    if value is NoEvent:
        return {}
    if not node.is_tuple:
        return {node.signals[0]: value}
    if not isinstance(value, tuple | list) or len(value) != len(node.signals):
        raise SignalError(f"{node.name} emits {node.signals}, and returned {value!r}")  # choice (7)
    return {s: v for s, v in zip(node.signals, value, strict=True) if v is not NoEvent}


def _group(node: Node, values: list[Any]) -> list[Any]:
    """5 gather: "`flatten: true` joins iterables one level; what is none fails the node"."""
    if not node.params.get("flatten"):
        return values
    return [item for value in values for item in value]


def _flush_method(node: Node) -> Any:
    """2 the name of the method marked `@flush_method`."""
    methods = (name for name in dir(node.object) if mark_of(inspect.getattr_static(node.object, name)) == FLUSH)
    return next(methods, None)


def _exit_arguments(error: BaseException | None) -> tuple[Any, Any, Any]:
    """4 "Teardown sees the error"."""
    return (None, None, None) if error is None else (type(error), error, error.__traceback__)
