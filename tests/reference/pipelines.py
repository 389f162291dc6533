"""Random tubes in which something is stored in the middle of much that keeps nothing, for hypothesis."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar

from hypothesis import assume
from hypothesis import strategies as st

from tests.reference.tubes import PATH, Case, Maker, Signal, integers, is_valid

_SOURCES = {"count": [("value", False)], "lists": [("value", True)], "pairs": [("a", False), ("b", True)]}


class _Pipeline(Maker):
    """Makes a tube of plain nodes, with a few that keep something, and carried assets."""

    kinds: ClassVar = [
        *["one", "two", "maybe", "silent", "split", "same", "same", "same", "replace", "items"],
        *["fails"] * 4,
        *["waits", "waits"],
        *["map", "close", "gather", "trigger", "ends", "Summer", "tube"],
    ]

    def make(self) -> dict[str, Any]:
        if self.depth > 0:
            return super().make()
        self.make_assets()
        for kind in self.pick([["count"], ["lists"], ["count", "lists"], ["pairs"]]):
            self.make_source(kind)
        for _ in range(self.pick([3, 4, 5, 6, 7, 8])):
            self.make_node(self.pick(self.kinds))
        self.make_return()
        names = self.shuffled(self.nodes) if self.chance(30) else [*self.nodes]
        self.spec["nodes"] = {name: self.nodes[name] for name in names}
        assume(is_valid(self.spec))
        self.make_carried()
        return self.spec

    def make_assets(self) -> None:
        for name in ["a0", "a1"][: self.pick([0, 0, 1] if self.depth else [1, 1, 2])]:
            params = {"tag": self.prefix + name, "start": [1]}
            asset = {"type": PATH + "numbers_from", "scope": "runner", "params": params}
            self.spec.setdefault("assets", {})[name] = asset
            self.signals.append(Signal(f"assets.{name}"))

    def make_source(self, kind: str = "count") -> None:
        name, _ = self.add(kind, None, {"n": self.pick([5, 6, 8, 10, 3])})
        self.emits(name, _SOURCES[kind], ())

    def make_same(self) -> None:
        (picked,) = self.pick_signals(1)
        name, _ = self.add("same", picked.ref)
        self.emits(name, [("value", picked.is_list)], picked.level)

    def make_ends(self) -> None:
        (picked,) = self.pick_signals(1)
        name, _ = self.add("ends", picked.ref, {"every": self.draw(integers(4, 9))})
        self.emits(name, [("value", False)], picked.level)


class _Iteration(_Pipeline):
    """Makes a tube with a loop over items between what takes a carried asset and what is stored in it."""

    kinds: ClassVar = [kind for kind in _Pipeline.kinds if kind != "waits"]

    def make(self) -> dict[str, Any]:
        if self.depth > 0:
            return super().make()
        self.make_assets()
        self.make_source()
        self.make_some(0, 2)
        reader, _ = self.add("two", [self.outside.ref, "assets.a0"])
        listed, _ = self.add("items", f"{reader}.value", {"most": 6})
        around, _ = self.add("map", f"{listed}.value", {})
        self.maps += 1
        first, _ = self.add(self.pick(["one", "one", "same", "fails", "silent"]), f"{around}.value")
        for name, level in ((reader, ()), (listed, ()), (around, (around,)), (first, (around,))):
            self.emits(name, [("value", name == listed)], level)
        self.make_some(0, 3)
        self.make_close()
        last, _ = self.add("one", self.outside.ref)
        self.emits(last, [("value", False)], ())
        self.make_some(0, 3)
        self.make_return()
        self.spec["nodes"] = self.nodes
        self.spec["assets"]["a0"]["depends"] = f"{last}.value"
        assume(is_valid(self.spec))
        return self.spec

    @property
    def outside(self) -> Signal:
        """The last signal that is in no loop."""
        return next(signal for signal in reversed(self.signals) if signal.of_node and not signal.level)

    def make_some(self, fewest: int, most: int) -> None:
        for _ in range(self.draw(integers(fewest, most))):
            self.make_node(self.pick(self.kinds))

    def make_assets(self) -> None:
        super().make_assets()
        if self.depth == 0 and self.chance(30):
            kind = self.pick(["Resource", "yielded", "BadMake"])
            params = {"tag": "p0"} | ({"nth": self.draw(integers(2, 5))} if kind == "BadMake" else {})
            self.spec["assets"] |= {"p0": {"type": PATH + kind, "scope": "process", "params": params}}
            self.signals.append(Signal("assets.p0"))


@st.composite
def iterations(draw: Callable[..., Any]) -> Case:
    """Tubes in whose epochs a loop stands between what keeps them in order; they need no inputs."""
    return Case(_Iteration(draw, "", 0).make())


@st.composite
def pipelines(draw: Callable[..., Any]) -> Case:
    """Tubes that need no inputs."""
    return Case(_Pipeline(draw, "", 0).make())
