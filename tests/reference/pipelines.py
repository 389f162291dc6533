"""Random tubes in which something is stored in the middle of much that keeps nothing, for hypothesis."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar

from hypothesis import assume
from hypothesis import strategies as st

from tests.reference.tubes import PATH, Case, Maker, Signal, is_valid

_SOURCES = {"count": [("value", False)], "lists": [("value", True)], "pairs": [("a", False), ("b", True)]}


class _Pipeline(Maker):
    """Makes a tube of plain nodes, with a few that keep something, and carried assets."""

    kinds: ClassVar = [
        *["one", "two", "maybe", "silent", "split", "same", "same", "same", "replace", "items"],
        *["fails"] * 4,
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
        name, _ = self.add("ends", picked.ref, {"every": self.draw(st.integers(4, 9))})
        self.emits(name, [("value", False)], picked.level)


@st.composite
def pipelines(draw: Callable[..., Any]) -> Case:
    """Tubes that need no inputs."""
    return Case(_Pipeline(draw, "", 0).make())
