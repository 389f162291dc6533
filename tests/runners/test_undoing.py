"""A runner that undoes what a failed epoch has changed in place in carried assets."""

from __future__ import annotations

import threading
from typing import Any

import pytest

from noob_cli import SynchronousRunner, Tube
from noob_cli.errors import UndoError

HERE = __name__


class Drawing:
    """Gives 0, 1, 2 and so on, and fails instead of giving one of them."""

    def __init__(self, fails_at: int = -1) -> None:
        self.next = 0
        self.fails_at = fails_at

    def __iter__(self) -> Drawing:
        return self

    def __next__(self) -> int:
        self.next += 1
        if self.next - 1 == self.fails_at:
            raise OSError("unplugged")
        return self.next - 1


def add(value: int, seen: list[int]) -> list[int]:
    seen.append(value)
    return seen


def look(seen: list[int]) -> list[int]:
    return list(seen)


def check(value: int, at: tuple[int, ...] = ()) -> int:
    if value in at:
        raise ValueError(value)
    return value


def has_both(one: list[int], other: list[int]) -> bool:
    return one is other


def lock(value: int) -> Any:
    return threading.local()


def node(kind: str, *depends: Any, **params: Any) -> dict[str, Any]:
    spec: dict[str, Any] = {"type": kind if kind in ("return", "tube", "map") else f"{HERE}.{kind}", "params": params}
    return {**spec, "depends": list(depends)} if depends else spec


def carried(stored: str, kind: str = "builtins.list") -> dict[str, Any]:
    return {"type": kind, "scope": "runner", "depends": stored}


def collecting(**source: Any) -> dict[str, Any]:
    return {
        "assets": {"seen": carried("add.value")},
        "nodes": {
            "n": node("Drawing", **source),
            "add": node("add", "n.value", "assets.seen"),
            "check": node("check", "n.value", at=[1, 3]),
            "look": node("look", "add.value"),
            "return": {"type": "return", "depends": "look.value"},
        },
    }


def runner_of(spec: dict[str, Any], undoing: bool = True) -> SynchronousRunner:
    return SynchronousRunner(Tube.from_specification(spec), undoing=undoing)


def results(runner: SynchronousRunner, epochs: int) -> list[Any]:
    found = []
    for _ in range(epochs):
        try:
            found.append(runner.process())
        except Exception as error:
            found.append(type(error))
    return found


def test_a_change_is_undone() -> None:
    with runner_of(collecting()) as runner:
        assert results(runner, 5) == [[0], ValueError, [0, 2], ValueError, [0, 2, 4]]
        assert runner.tube.assets["seen"].obj == [0, 2, 4]


def test_a_change_is_not_undone_if_nobody_asks() -> None:
    with runner_of(collecting(), undoing=False) as runner:
        assert results(runner, 5) == [[0], ValueError, [0, 1, 2], ValueError, [0, 1, 2, 3, 4]]


@pytest.mark.parametrize("form", ["run", "iter", "stream"])
def test_a_change_is_undone_in_each_of_the_loops(form: str) -> None:
    with runner_of(collecting()) as runner:
        for _ in range(2):
            with pytest.raises(ValueError, match=r"\d"):
                list(runner.stream([{}] * 5) if form == "stream" else getattr(runner, form)(5) or ())
        assert runner.process() == [0, 2, 4]


def test_an_epoch_that_fails_before_it_changes_something_undoes_nothing() -> None:
    with runner_of(collecting(fails_at=1)) as runner:
        assert results(runner, 3) == [[0], OSError, [0, 2]]


def test_a_change_in_a_nested_tube_is_undone_whenever_it_was_called() -> None:
    inner = {
        "input": {"value": {"type": "int", "scope": "process"}},
        "assets": {"seen": carried("add.value")},
        "nodes": {
            "add": node("add", "input.value", "assets.seen"),
            "look": node("look", "add.value"),
            "return": {"type": "return", "depends": "look.value"},
        },
    }
    spec = {
        "nodes": {
            "n": node("Drawing"),
            "inner": node("tube", {"value": "n.value"}, tube=inner),
            "check": node("check", "n.value", at=[1]),
            "return": {"type": "return", "depends": "inner.value"},
        },
    }

    with runner_of(spec) as runner:
        assert results(runner, 3) == [[0], ValueError, [0, 2]]


def test_what_two_assets_share_they_go_on_to_share() -> None:
    spec = {
        "assets": {"one": carried("add.value"), "other": carried("add.value")},
        "nodes": {
            "n": node("Drawing"),
            "both": node("has_both", "assets.one", "assets.other"),
            "add": node("add", "n.value", "assets.one"),
            "check": node("check", "n.value", at=[1]),
            "return": {"type": "return", "depends": "both.value"},
        },
    }

    with runner_of(spec) as runner:
        assert results(runner, 4) == [False, ValueError, True, True]


def test_what_cannot_be_copied_is_refused_at_the_start() -> None:
    spec = {
        "assets": {"held": carried("n.value", "threading.local"), "made": {"type": f"{HERE}.Made", "scope": "runner"}},
        "nodes": {"n": node("Drawing"), "look": node("look", "assets.held"), "use": node("look", "assets.made")},
    }
    runner = runner_of(spec)

    with pytest.raises(UndoError, match="a _local can't be copied"):
        runner.init()

    assert not runner.running
    assert Made.alive == 0
    assert runner.failure is not None
    assert str(runner.failure.place) == "the asset 'held'"


class Made:
    """Counts those that are not ended."""

    alive = 0

    def __enter__(self) -> Made:
        Made.alive += 1
        return self

    def __exit__(self, *error: object) -> None:
        Made.alive -= 1


def test_what_is_only_returned_is_not_copied() -> None:
    spec = {
        "assets": {"held": carried("lock.value", "threading.local")},
        "nodes": {
            "n": node("Drawing"),
            "lock": node("lock", "n.value"),
            "return": {"type": "return", "depends": "assets.held"},
        },
    }

    with runner_of(spec) as runner:
        assert len(results(runner, 2)) == 2
        assert UndoError not in results(runner, 2)


def test_an_iterator_tells_which_node_has_raised_what_ends_generators() -> None:
    spec = {"nodes": {"n": node("Drawing"), "stop": node("stop", "n.value")}}
    runner = runner_of(spec)

    with pytest.raises(RuntimeError) as caught:
        list(runner.iter(1))

    assert runner.failure is not None
    assert runner.failure.error is caught.value
    assert str(runner.failure.place) == "the node 'stop'"


def stop(value: int) -> int:
    raise StopIteration
