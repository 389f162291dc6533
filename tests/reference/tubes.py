"""Random tubes for hypothesis, and what a run of one looks like.

`tubes()` makes specifications that are valid by the contract, as plain dicts with types from
`tests.reference.nodes`. `cases()` adds the inputs and records to run them with. `observe()` runs a
case under any object that has `init`, `process` and `deinit`, and returns what can be compared.

The tubes keep away from what the contract leaves open, as far as that is easy: coroutines that raise do so
at once or many turns apart (which of several comes first is not fixed else), gathers with an `n` slot get it in
every call, only events of nodes are asked for as events, and `Keeper` is not in loops.
"""

from __future__ import annotations

import copy
import warnings
from dataclasses import dataclass, field
from functools import cache
from typing import TYPE_CHECKING, Any, Protocol

from hypothesis import assume
from hypothesis import strategies as st

from noob_cli.errors import NoobError, TubeExhaustedError
from tests.reference import nodes
from tests.reference.interpreter import Interpreter

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

PATH = "tests.reference.nodes."
EPOCHS = 12
integers = cache(st.integers)
"""To make a strategy takes almost as long as to draw from it, and what makes tubes draws a hundred times for each."""

# --- observing a run --------------------------------------------------------------------------


class Runner(Protocol):
    """What runs a tube."""

    def init(self) -> object: ...

    def process(self, **inputs: Any) -> Any: ...

    def deinit(self) -> object: ...


@dataclass(frozen=True)
class Case:
    """A tube and what it is run with."""

    spec: dict[str, Any]
    inputs: dict[str, Any] = field(default_factory=dict)
    records: list[dict[str, Any]] | None = None
    """One for each epoch; None if the tube has no process-scoped input."""


@dataclass(frozen=True)
class Observed:
    """What a run looks like from outside."""

    start: str | None
    """The error that kept it from starting."""
    epochs: list[tuple[str, ...]]
    """Of each `process`: ("returned", result), ("raised", type, message) or ("ended",)."""
    ended: bool
    stop: str | None
    """The error that `deinit` raised."""
    log: list[tuple[str, ...]]
    """Calls of nodes and the lives of assets, in order. See `tests.reference.nodes`."""


def observe(
    make_runner: Callable[[dict[str, Any], dict[str, Any]], Runner],
    spec: Mapping[str, Any],
    inputs: Mapping[str, Any] | None = None,
    records: list[dict[str, Any]] | None = None,
    epochs: int = EPOCHS,
) -> Observed:
    """Run a tube for some epochs, or to its end. An epoch's error is recorded and the run goes on.

    Args:
        make_runner: Called with copies of the tube and its tube-scoped inputs.
        spec: The tube.
        inputs: Its tube-scoped inputs.
        records: Its process-scoped inputs, epoch by epoch; when they end, the run does.
        epochs: How many calls of `process` there are at most.
    """
    nodes.reset()
    records = copy.deepcopy(records)
    seen: list[tuple[str, ...]] = []
    start = stop = None
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            runner = make_runner(copy.deepcopy(dict(spec)), copy.deepcopy(dict(inputs or {})))
            runner.init()
        except Exception as error:
            return Observed(" ".join(_describe(error)), [], False, None, list(nodes.LOG))
        for index in range(epochs if records is None else min(epochs, len(records))):
            try:
                result = runner.process(**(records[index] if records else {}))
            except TubeExhaustedError:
                seen.append(("ended",))
                break
            except Exception as error:
                seen.append(("raised", *_describe(error)))
            else:
                seen.append(("returned", _text(result)))
        try:
            runner.deinit()
        except Exception as error:
            stop = " ".join(_describe(error))
    return Observed(start, seen, ("ended",) in seen, stop, list(nodes.LOG))


def observe_case(
    make_runner: Callable[[dict[str, Any], dict[str, Any]], Runner],
    case: Case,
    epochs: int = EPOCHS,
) -> Observed:
    """`observe` for a case."""
    return observe(make_runner, case.spec, case.inputs, case.records, epochs)


def reference(spec: dict[str, Any], inputs: dict[str, Any]) -> Interpreter:
    """Makes the reference's runner."""
    return Interpreter(spec, inputs)


def _describe(error: BaseException) -> tuple[str, str]:
    """An error's type and message. Of a group its first; the project's own messages don't count."""
    while isinstance(error, BaseExceptionGroup):
        error = error.exceptions[0]
    return type(error).__name__, "" if isinstance(error, NoobError) else str(error)


def _text(result: Any) -> str:
    """A result as it is now. The order of a dict's keys doesn't count."""
    if isinstance(result, dict):
        return repr(dict(sorted(result.items())))
    return repr(result)


# --- making tubes -----------------------------------------------------------------------------


@dataclass(frozen=True)
class Signal:
    ref: str
    level: tuple[str, ...] = ()
    is_list: bool = False

    @property
    def of_node(self) -> bool:
        return self.ref.partition(".")[0] not in ("input", "assets")


_SOURCES = {
    "count": [("value", False)],
    "gaps": [("x", False)],
    "pairs": [("a", False), ("b", True)],
    "growing": [("value", True)],
    "refilled": [("value", True)],
    "lists": [("value", True)],
    "breaking": [("value", False)],
    "ending": [("value", False)],
    "async_count": [("value", False)],
    "levels": [("value", False)],
    "of_asset": [("value", True)],
    "AsyncCountdown": [("value", False)],
    "Countdown": [("value", False)],
    "Ticker": [("tick", False)],
}
"""Sources and their signals: name, whether it is a list."""

_PLAIN: dict[str, tuple[list[str], list[str], list[tuple[str, bool]]]] = {
    # slots that are required, slots that are optional, signals
    "one": (["value"], [], [("value", False)]),
    "two": (["left", "right"], [], [("value", False)]),
    "maybe": (["value"], ["other"], [("value", False)]),
    "optional": ([], ["left", "right"], [("value", True)]),
    "defaulted": (["value"], [], [("value", False)]),
    "keywords": ([], ["x", "y", "z"], [("value", False)]),
    "none": (["value"], [], [("value", False)]),
    "silent": (["value"], [], [("value", False)]),
    "split": (["value"], [], [("low", False), ("high", False)]),
    "items": (["value"], [], [("value", True)]),
    "with_epoch": (["value"], [], [("value", False)]),
    "own_event": (["value"], [], [("value", True)]),
    "later": (["value"], [], [("value", False)]),
    "level": (["value"], [], [("value", False)]),
    "level_later": (["value"], [], [("value", False)]),
    "shown": (["value"], [], [("value", False)]),
    "quiet": (["value"], [], [("value", False)]),
    "Box": (["value"], [], [("value", False)]),
    "Summer": (["value"], ["other"], [("total", False)]),
    "Marked": (["value"], [], [("value", False)]),
    "Keeper": (["value"], [], [("value", False)]),
    "Holder": (["value"], [], [("value", True)]),
    "LateHolder": (["value"], [], [("value", True)]),
    "replace": (["value", "kept"], [], [("value", True)]),
    "spoil": (["value"], [], [("value", False)]),
    "constant": ([], [], [("value", False)]),
}

_KINDS = [
    *_PLAIN,
    *["one", "two", "maybe", "silent", "items", "spoil"],
    *["same", "same", "append", "append", "many", "with_events", *["fails"] * 3, *["ends"] * 2, *["Holder"] * 2],
    *["flaky"] * 2,
    *["map"] * 8,
    *["close"] * 8,
    *["waits", "waits", "beside", "beside"],
    *["gather", "gather", "trigger", "trigger", "gather_n", "len"],
    *["tube"] * 4,
]


class Maker:
    """Makes a tube node by node; each takes only what was there before it."""

    kinds = _KINDS

    def __init__(self, draw: Callable[..., Any], prefix: str, depth: int) -> None:
        self.draw, self.prefix, self.depth = draw, prefix, depth
        self.spec: dict[str, Any] = {}
        self.nodes: dict[str, dict[str, Any]] = {}
        self.signals: list[Signal] = []
        self.maps = 0
        self.flushes = False
        """Whether something in it gets a last epoch, so that it is not called in a loop."""

    # choices

    def chance(self, percent: int) -> bool:
        lowest = (100 - percent) // 2  # hypothesis likes the ends of a range
        return lowest <= self.draw(integers(0, 99)) < lowest + percent

    def pick(self, choices: Any) -> Any:
        # One strategy for each number of choices: `sampled_from` would make one for each time, and validate it.
        choices = list(choices)
        return choices[self.draw(integers(0, len(choices) - 1))]

    def pick_signals(self, number: int, among: list[Signal] | None = None) -> list[Signal]:
        """Signals that one node can take: the maps around them are nested."""
        picked: list[Signal] = []
        for index in range(number):
            level = max((signal.level for signal in picked), key=len, default=())
            first = among if index == 0 and among is not None else self.signals
            if among is None and index == 0 and self.chance(40):  # more of what is in loops
                first = [signal for signal in first if signal.level] or first
            fitting = [signal for signal in first if signal.level[: len(level)] == level[: len(signal.level)]]
            # the later half more often: longer chains
            recent = fitting[-max(3, len(fitting) // 2) :]
            picked.append(self.pick(recent if self.chance(60) else fitting))
        return picked

    # parts of a tube

    def make(self) -> dict[str, Any]:
        self.make_inputs()
        self.make_assets()
        fewest = 0 if self.signals else 1
        for _ in range(self.draw(integers(fewest, 3 if self.depth == 0 else 1))):
            self.make_source()
        for _ in range(self.pick([*range(1, 13), 6, 8, 10] if self.depth == 0 else [1, 2, 3, 4])):
            self.make_node(self.pick(self.kinds))
        self.make_return()
        some_disabled = self.chance(25)
        for node in self.nodes.values():
            if some_disabled and self.chance(15):
                on = "input" in self.spec and "k" in self.spec["input"] and self.chance(30)
                node["enabled"] = "input.k" if on else False
        if self.chance(60):
            self.nodes = {name: self.nodes[name] for name in self.shuffled(self.nodes)}
        self.spec["nodes"] = self.nodes
        assume(is_valid(self.spec))
        self.make_carried()
        return self.spec

    def shuffled(self, names: Any) -> list[str]:
        return self.draw(st.permutations(list(names)))

    def make_inputs(self) -> None:
        inputs: dict[str, Any] = {}
        if self.chance(40):
            inputs["k"] = {"type": "int"}
            if self.chance(50):
                inputs["k"]["default"] = self.draw(integers(0, 3))
        for name in ["p", "q"][: self.pick([0, 1, 1, 2] if self.depth else [0, 0, 0, 1])]:
            kind = "typing.Any" if self.depth else self.pick(["int", "list[int]", "typing.Any"])
            inputs[name] = {"type": kind, "scope": "process"}
            if self.chance(20):
                inputs[name]["default"] = [1, 2] if kind == "list[int]" else 4
            elif self.chance(20):
                inputs[name]["required"] = False
        if inputs:
            self.spec["input"] = inputs
        for name, of_input in inputs.items():
            self.signals.append(Signal(f"input.{name}", (), of_input["type"] == "list[int]"))

    def make_assets(self) -> None:
        assets: dict[str, Any] = {}
        for index in range(self.pick([0, 1, 1, 2, 2, 3, 4])):
            name = f"a{index}"
            scope = self.pick(["runner", "runner", "runner", "process", "node"])
            kind = self.pick(
                ["numbers_from", "numbers_from", "Resource", "AsyncResource", "opened"]
                + ["yielded", "async_yielded", "leveled", "Guard"]
                + (["BadMake", "BadExit"] if scope != "runner" and self.chance(20) else [])
            )
            params: dict[str, Any] = {"tag": self.prefix + name}
            if kind == "numbers_from":
                params["start"] = self.pick([[], [1], ["input.k"]])
                if params["start"] == ["input.k"] and "k" not in self.spec.get("input", {}):
                    params["start"] = [0]
            if kind == "Guard":
                params["is_lock"] = self.chance(50)
            if kind in ("BadMake", "BadExit"):
                params["nth"] = self.draw(integers(1, 5))
            if kind == "Resource" and self.chance(30):
                kind, given = "numbers", [self.prefix + name, 3]
                assets[name] = {"type": PATH + kind, "scope": scope, "params": given}
            else:
                assets[name] = {"type": PATH + kind, "scope": scope, "params": params}
            if self.chance(20):
                # What isn't entered has to have a repr that is the same in each run.
                assets[name]["enter"] = self.chance(50) or kind not in ("Resource", "Guard", "numbers")
            self.signals.append(Signal(f"assets.{name}"))
        if assets:
            self.spec["assets"] = assets

    def add(self, kind: str, depends: Any = None, params: dict[str, Any] | None = None) -> tuple[str, dict[str, Any]]:
        name = f"{kind.rpartition('.')[2].lower()[:3]}{len(self.nodes)}"
        known = kind in ("map", "gather", "return", "tube", "len")
        node: dict[str, Any] = {"type": kind if known else PATH + kind}
        if depends:
            node["depends"] = depends
        params = dict(params or {})
        if not known:
            params["tag"] = self.prefix + name
        if params:
            node["params"] = params
        self.nodes[name] = node
        if kind == "len" or not (known or kind in _SOURCES):
            self.say_of_calls(node)
        return name, node

    def say_of_calls(self, node: dict[str, Any]) -> None:
        """That calls are made again, wait for their turn, or have so much time that it makes no difference.

        A coroutine that fails at a certain turn, and is made again, would fail at another, where another may, too.
        """
        is_awaited = any(text in node["type"] for text in ("later", "Late", "waits", "Marked"))
        if self.chance(20) and not node["type"].endswith("waits"):
            node["retry"] = {"times": self.pick([1, 2, 3]), "wait": "0s"}
            if self.chance(40):
                node["retry"]["on"] = self.pick([["ValueError"], ["RuntimeError", "builtins.OSError"], ["KeyError"]])
        if not is_awaited and self.chance(5):
            node["rate"] = "1000000/s"
        if is_awaited and self.chance(20):
            node["timeout"] = "1h"

    def emits(self, name: str, signals: list[tuple[str, bool]], level: tuple[str, ...]) -> None:
        for signal, is_list in signals:
            self.signals.append(Signal(f"{name}.{signal}", level, is_list))

    def make_source(self) -> None:
        kind = self.pick([*_SOURCES, "count", "count", "lists", "pairs", "refilled"])
        params: dict[str, Any] = {"n": self.pick([3, 4, 5, 2, 1, 5, 4, 3, 0])}
        depends: Any = None
        if kind == "of_asset":
            given = ["input.k"] if "k" in self.spec.get("input", {}) else []
            assets = self.spec.get("assets", {}).items()
            given += [f"assets.{name}" for name, each in assets if each["scope"] == "runner"]
            kind, depends = (kind, self.pick(given)) if given else ("count", None)
        if kind == "gaps":
            params["every"] = self.draw(integers(1, 3))
        if "k" in self.spec.get("input", {}) and self.chance(20):
            params["n"] = "input.k"
        name, _ = self.add(kind, depends, params)
        self.emits(name, _SOURCES[kind], ())

    def depends(self, required: list[str], optional: list[str], picked: list[Signal]) -> list[Any]:
        """Slots by position, by an integer key or by keyword, all in one of these ways."""
        names = [*required, *optional][: len(picked)]
        pairs = list(zip(names, picked, strict=True))
        how = self.pick(["position", "keyword", "keyword", "integer", "mixed"])
        if how == "keyword" or not required:
            return [{slot: signal.ref} for slot, signal in self.draw(st.permutations(pairs))]
        if how == "integer":
            return [{i: signal.ref} for i, (_, signal) in enumerate(pairs[: len(required)])]
        if how == "mixed":
            first, rest = pairs[:1], pairs[1:]
            return [first[0][1].ref, {slot: signal.ref for slot, signal in rest}][: len(pairs)]
        # a slot given by position is required, also if it is optional otherwise
        by_position = len(pairs) if self.chance(20) else len(required)
        return [signal.ref for _, signal in pairs[:by_position]] + [
            {slot: signal.ref} for slot, signal in pairs[by_position:]
        ]

    def make_node(self, kind: str) -> None:
        if kind in _PLAIN:
            self.make_plain(kind)
        elif kind in ("same", "append", "many", "with_events", "fails", "flaky", "ends", "waits", "beside", "len"):
            getattr(self, f"make_{kind}")()
        elif kind == "map":
            self.make_map()
        elif kind == "tube":
            self.make_tube()
        else:
            getattr(self, {"gather": "make_gather"}.get(kind, f"make_{kind}"))()

    def make_plain(self, kind: str) -> None:
        required, optional, signals = _PLAIN[kind]
        number = len(required) + (self.draw(integers(0, len(optional))) if optional else 0)
        if kind in ("Keeper", "Holder", "LateHolder"):  # not in loops: it keeps what it got from one item to the next
            outside = [signal for signal in self.signals if not signal.level]
            picked = self.pick_signals(1, outside)
            self.flushes = self.flushes or kind != "Keeper"
        else:
            picked = self.pick_signals(number)
        depends: Any = self.depends(required, optional, picked)
        if len(depends) == 1 and isinstance(depends[0], str) and self.chance(70):
            depends = depends[0]
        params: dict[str, Any] = {}
        if kind == "one" and self.chance(30):
            params["add"] = self.draw(integers(0, 3))
            if "k" in self.spec.get("input", {}):
                params["extra"] = ["input.k", {"k": "input.k"}]
        if kind == "silent":
            params["every"] = self.draw(integers(1, 3))
        if kind == "constant":
            params["value"] = self.pick([0, 2, [1, 2], None])
        name, _ = self.add(kind, depends, params)
        self.emits(name, signals, self.level_of(picked))

    @staticmethod
    def level_of(picked: list[Signal]) -> tuple[str, ...]:
        return max((signal.level for signal in picked), key=len, default=())

    def make_same(self) -> None:
        (picked,) = self.pick_signals(1)
        name, _ = self.add(self.pick(["same", "same", "same_later"]), picked.ref)
        self.emits(name, [("value", picked.is_list)], picked.level)

    def make_append(self) -> None:
        """Most often to an asset, which then often is carried."""
        assets = [signal for signal in self.signals if signal.ref.startswith("assets.")]
        among = assets if assets and self.chance(80) else None
        kept, value = self.pick_signals(2, among)
        inside = [signal for signal in self.signals if signal.level]
        if inside and not kept.level and self.chance(50):  # several times in an epoch
            value = self.pick(inside)
        name, _ = self.add(
            self.pick(["append", "append", "append_later"]), self.depends(["value", "kept"], [], [value, kept])
        )
        self.emits(name, [("value", kept.is_list)], self.level_of([kept, value]))

    def make_many(self) -> None:
        picked = self.pick_signals(self.draw(integers(1, 4)))
        name, _ = self.add("many", [signal.ref for signal in picked])
        self.emits(name, [("value", False)], self.level_of(picked))

    def make_with_events(self) -> None:
        of_nodes = [signal for signal in self.signals if signal.of_node]
        if not of_nodes:
            return
        (picked,) = self.pick_signals(1, of_nodes)
        name, _ = self.add("with_events", [{"value": picked.ref}])
        self.emits(name, [("value", True)], picked.level)

    def make_fails(self) -> None:
        (picked,) = self.pick_signals(1)
        name, _ = self.add("fails", picked.ref, {"every": self.draw(integers(3, 6))})
        self.emits(name, [("value", False)], picked.level)

    def make_flaky(self) -> None:
        (picked,) = self.pick_signals(1)
        times = self.pick([1, 2, 3])
        name, node = self.add(self.pick(["flaky", "flaky", "flaky_later"]), picked.ref, {"times": times})
        node["retry"] = {"times": times, "wait": "0s", **self.pick([{}, {"on": ["OSError"]}, {"backoff": 1.5}])}
        self.emits(name, [("value", False)], picked.level)

    def make_ends(self) -> None:
        (picked,) = self.pick_signals(1)
        name, _ = self.add(self.pick(["ends", "ends_later"]), picked.ref, {"every": self.draw(integers(4, 9))})
        self.emits(name, [("value", False)], picked.level)

    def make_waits(self) -> None:
        (picked,) = self.pick_signals(1)
        params = {"turns": self.pick([0, 1, 2, 10])}
        if self.chance(20):
            params = {"turns": self.pick([0, 10, 20]), "every": self.draw(integers(3, 6))}
        name, _ = self.add("waits", picked.ref, params)
        self.emits(name, [("value", False)], picked.level)

    def make_beside(self) -> None:
        """Coroutines that follow each other."""
        for _ in range(self.draw(integers(2, 3))):
            self.make_node(self.pick(["waits", "waits", "level_later", "Marked", "LateHolder"]))

    def make_len(self) -> None:
        of_lists = [signal for signal in self.signals if signal.is_list]
        if of_lists:
            (picked,) = self.pick_signals(1, of_lists)
            name, _ = self.add("len", picked.ref)
            self.emits(name, [("value", False)], picked.level)

    def make_map(self) -> None:
        if self.maps == 4:
            return
        inside = [signal for signal in self.signals if signal.level and len(signal.level) < 3]
        of_lists = [s for s in self.signals if s.is_list and len(s.level) < 3]
        if not of_lists or (inside and self.chance(40)):
            # make a list first, most often in a loop: maps nest
            (picked,) = self.pick_signals(1, inside or [s for s in self.signals if not s.level])
            kind = self.pick(["items", "items", "ending_items"])
            name, _ = self.add(kind, picked.ref)
            of_lists = [Signal(f"{name}.value", picked.level, is_list=True)]
            if kind == "items":
                self.signals += of_lists
        (picked,) = self.pick_signals(1, of_lists)
        name, _ = self.add("map", picked.ref if self.chance(70) else [{"value": picked.ref}], {})
        self.maps += 1
        self.emits(name, [("value", False)], (*picked.level, name))
        if self.chance(30):
            self.emits(name, [("n", False)], picked.level)

    def flatten(self, value: Signal) -> dict[str, Any]:
        return {"flatten": True} if self.chance(50 if value.is_list else 5) else {}

    def flush(self, *picked: Signal) -> dict[str, Any]:
        if self.level_of(list(picked)) or not self.chance(40):
            return {}
        self.flushes = True
        return {"flush": True}

    def gathered(self, value: Signal, slots: dict[str, str]) -> list[Any]:
        if self.chance(50):
            return [value.ref, slots] if slots else [value.ref]
        return [{"value": value.ref}, *({slot: ref} for slot, ref in slots.items())]

    def make_gather(self) -> None:
        (value,) = self.pick_signals(1)
        n = self.draw(integers(1, 4))
        name, _ = self.add("gather", self.gathered(value, {}), {"n": n, **self.flatten(value), **self.flush(value)})
        self.emits(name, [("value", True)], value.level)

    def make_gather_n(self) -> None:
        (value,) = self.pick_signals(1)
        constant, _ = self.add("constant", None, {"value": self.draw(integers(1, 3))})
        slots = {"n": f"{constant}.value"}
        params = {**self.flatten(value), **self.flush(value)}
        name, _ = self.add("gather", self.gathered(value, slots), params)
        self.emits(name, [("value", True)], value.level)

    def make_trigger(self) -> None:
        value, trigger = self.pick_signals(2)
        slots = {"trigger": trigger.ref}
        params = {**self.flatten(value), **self.flush(value, trigger)}
        name, _ = self.add("gather", self.gathered(value, slots), params)
        self.emits(name, [("value", True)], self.level_of([value, trigger]))

    def make_close(self) -> None:
        inside = [signal for signal in self.signals if signal.level]
        if not inside:
            self.make_map()
            return
        (value,) = self.pick_signals(1, inside)
        closed = value.level[-1] if self.chance(70) else self.pick(value.level)
        outside = value.level[: value.level.index(closed)]
        name, _ = self.add("gather", self.gathered(value, {"n": f"{closed}.n"}), self.flatten(value))
        self.emits(name, [("value", True)], outside)
        if self.chance(40):  # a second pass over the items
            items = [s for s in inside if s.level[: len(outside) + 1] == (*outside, closed)]
            item = self.pick(items)
            name, _ = self.add("two", [item.ref, self.signals[-1].ref])
            self.emits(name, [("value", False)], item.level)

    def make_tube(self) -> None:
        if self.depth == 2:
            return
        name = f"tub{len(self.nodes)}"
        maker = type(self)(self.draw, f"{self.prefix}{name}.", self.depth + 1)
        child = maker.make()
        params: dict[str, Any] = {"tube": child}
        of_child = child.get("input", {})
        has_k = "k" in self.spec.get("input", {})
        can_do_without = "k" not in of_child or "default" in of_child["k"] or has_k
        if "k" in of_child and (not can_do_without or self.chance(50)):
            params["k"] = "input.k" if has_k and self.chance(50) else self.pick([1, 2])
        slots = [
            slot
            for slot, of_input in of_child.items()
            if of_input.get("scope") == "process" and (_is_required(of_input) or self.chance(70))
        ]
        outside = [signal for signal in self.signals if not signal.level]
        assume(outside or not slots or not maker.flushes)
        picked = [self.pick(outside) for _ in slots] if maker.flushes else self.pick_signals(len(slots))
        self.flushes = self.flushes or maker.flushes
        depends = [{slot: s.ref} for slot, s in zip(slots, picked, strict=True)]
        made, _ = self.add("tube", depends, params)
        assert made == name
        returns = [n for n in child["nodes"].values() if n["type"] == "return"]
        if returns:
            keys = returns[0]["depends"]
            keys = [k for item in keys if isinstance(item, dict) for k in item] or ["value"]
            self.emits(name, [(key, False) for key in keys], self.level_of(picked))

    def make_return(self) -> None:
        if self.chance(8):
            return
        of_nodes = [signal for signal in self.signals if signal.of_node]
        others = [signal for signal in self.signals if not signal.of_node]
        picked = [
            self.pick(of_nodes[-6:] if of_nodes and self.chance(85) else of_nodes + others)
            for _ in range(self.draw(integers(1, 4)))
        ]
        form = self.pick(["single", "list", "dict", "dict", "dict"])
        refs = [signal.ref for signal in picked]
        depends: Any = refs
        if form == "single":
            depends = refs[0]
        elif form == "dict":
            depends = [{f"r{index}": ref} for index, ref in enumerate(refs)]
        self.add("return", depends)

    def make_carried(self) -> None:
        """Store signals in runner-scoped assets, where that is allowed."""
        storing = [signal.ref for signal in self.signals if signal.of_node]
        of_sources = [node.get("depends") for node in self.nodes.values() if node["type"] == PATH + "of_asset"]
        for name, asset in self.spec.get("assets", {}).items():
            if asset["scope"] != "runner" or f"assets.{name}" in of_sources or not storing or not self.chance(75):
                continue
            appended = [ref for ref in storing if ref.startswith(("app", "rep", "sam", "ref"))]
            for _ in range(3):
                ref = self.pick(appended if appended and self.chance(70) else storing)
                asset["depends"] = ref
                if is_valid(self.spec):
                    break
                del asset["depends"]


def _is_required(of_input: Mapping[str, Any]) -> bool:
    return bool(of_input.get("required", "default" not in of_input))


def is_valid(spec: dict[str, Any]) -> bool:
    """Whether there is an order for it: no reader after the storing node, no loops that cross."""
    try:
        Interpreter(spec, {"k": 1})
    except ValueError:
        return False
    return True


@st.composite
def tubes(draw: Callable[..., Any]) -> dict[str, Any]:
    """Specifications of valid tubes, small but varied."""
    return Maker(draw, "", 0).make()


@st.composite
def cases(draw: Callable[..., Any]) -> Case:
    """Tubes with the inputs and the records to run them with."""
    spec = draw(tubes())
    inputs: dict[str, Any] = {}
    values: dict[str, Any] = {}
    again: dict[str, Any] = {}
    for name, of_input in spec.get("input", {}).items():
        if of_input.get("scope") != "process":
            if _is_required(of_input) or draw(st.booleans()):
                inputs[name] = draw(st.integers(0, 4))
            if draw(st.booleans()):  # "A record may also carry a tube-scoped name"
                again[name] = st.integers(0, 4) | st.none()
            continue
        numbers = st.integers(0, 6)
        value = {
            "int": numbers | numbers | numbers | st.just("not a number"),
            "list[int]": st.lists(numbers, max_size=3),
        }.get(of_input["type"], numbers | st.lists(numbers, max_size=3))
        values[name] = value if _is_required(of_input) else value | st.none()
    if not values:
        return Case(spec, inputs)
    drawn = draw(st.lists(st.fixed_dictionaries(values | again), max_size=EPOCHS))
    required = {name for name in values if _is_required(spec["input"][name])}
    records = [
        {name: value for name, value in record.items() if value is not None or name in required} for record in drawn
    ]
    if draw(st.integers(0, 9)) == 0:  # a record that lacks something
        records = [*records[:1], {}, *records[1:]]
    return Case(spec, inputs, records)
