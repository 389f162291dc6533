"""What epochs that are under way at once have to do with in one memory."""

from __future__ import annotations

import asyncio
import threading
import time
from array import array
from collections.abc import Iterator
from typing import Any

import numpy
import pytest

from noob_cli import ParallelRunner, Tube
from noob_cli.errors import GivenAgainError
from noob_cli.runners.crews import pace, sharing
from tests.patience import PATIENCE

MY = "tests.runners.test_sharing"
GO = threading.Event()
FILLED = {
    "list": lambda: [0],
    "set": lambda: {0},
    "dict": lambda: {0: 0},
    "bytearray": lambda: bytearray(1),
    "array": lambda: array("i", [0]),
    "numpy": lambda: numpy.zeros(3),
}


def again(n: int, kind: str) -> Iterator[Any]:
    """Gives one object again and again."""
    thing = FILLED[kind]()
    for _ in range(n):
        yield thing


def numbers(n: int) -> Iterator[int]:
    yield from range(n)


def views(n: int, kind: str) -> Iterator[Any]:
    """Gives another view of one object each time."""
    thing = numpy.zeros(3) if kind == "numpy" else memoryview(bytearray(3))
    for _ in range(n):
        yield thing[:2]


def others(n: int, kind: str) -> Iterator[Any]:
    """Gives another part of one object each time, or what can't change."""
    for number in range(n):
        yield {
            "numpy": numpy.zeros(9)[number:],
            "memoryview": memoryview(bytearray(9))[number:],
            "bytes": b"x",
            "tuple": (),
            "None": None,
        }[kind]


STACK = numpy.zeros((9, 3))


def frames(n: int) -> Iterator[Any]:
    yield from STACK[:n]


class Window:
    """Keeps the last values, and gives them."""

    def __init__(self, n: int, is_new: bool = False) -> None:
        self.last: list[int] = []
        self.is_new = is_new

    def process(self, number: int) -> list[int]:
        self.last = [*self.last[-2:], number] if self.is_new else self.last
        self.last.append(number)
        return self.last


def waits(value: Any) -> Any:
    GO.wait(PATIENCE)
    return value


async def awaits(value: Any) -> Any:
    await asyncio.sleep(0.01)
    return value


def same(value: Any) -> Any:
    return value


def kept(value: Any) -> Any:
    return value


def seen(value: Any, other: Any) -> int:
    return 0


@pytest.fixture(autouse=True)
def _wait_until_all_have_begun() -> Iterator[None]:
    GO.clear()
    timer = threading.Timer(0.1, GO.set)
    timer.start()
    yield
    timer.join()


def tube(source: str, takes: str = "waits", n: int = 5, **params: Any) -> Tube:
    return Tube.from_specification(
        {
            "nodes": {
                "source": {"type": f"{MY}.{source}", "params": {"n": n, **params}},
                "x": {"type": f"{MY}.{takes}", "depends": "source.value"},
                "y": {"type": f"{MY}.seen", "depends": ["x.value", "source.value"]},
                "return": {"type": "return", "depends": "y.value"},
            }
        }
    )


@pytest.mark.parametrize(
    ("source", "kind"), [*(("again", kind) for kind in FILLED), ("views", "numpy"), ("views", "memoryview")]
)
@pytest.mark.parametrize(("on", "takes"), [("threads", "waits"), ("async", "awaits")])
def test_what_is_given_again_fails_the_epoch_that_still_has_to_do_with_it(on: Any, takes: str, source: str, kind: str):
    with ParallelRunner(tube(source, takes, kind=kind), on=on, workers=None if on == "async" else 2) as runner:
        with pytest.raises(GivenAgainError, match=r"of the node 'source' is the same .* in epoch 1, when epoch 0"):
            next(runner.iter())
        assert runner.failure is not None
        assert (runner.failure.place.name, runner.failure.epoch) == ("source", 0)


@pytest.mark.parametrize("kind", ["numpy", "memoryview", "bytes", "tuple", "None"])
def test_what_is_another_each_time_or_can_not_change_is_nothing_to_speak_of(kind: str):
    assert list(ParallelRunner(tube("others", kind=kind), workers=2).iter()) == [0] * 5


def test_the_frames_of_a_stack_are_not_the_same():
    assert list(ParallelRunner(tube("frames"), workers=2).iter()) == [0] * 5


@pytest.mark.parametrize("is_new", [True, False])
def test_a_node_that_is_called_in_order_gives_its_own(is_new: bool):
    spec = {
        "nodes": {
            "number": {"type": "itertools.count"},
            "last": {"type": f"{MY}.Window", "depends": "number.value", "params": {"n": 3, "is_new": is_new}},
            "x": {"type": f"{MY}.waits", "depends": "last.value"},
            "return": {"type": "return", "depends": "x.value"},
        }
    }
    results = ParallelRunner(Tube.from_specification(spec), workers=2).iter(3)
    if is_new:
        assert len(list(results)) == 3
    else:
        with pytest.raises(GivenAgainError, match="of the node 'last'"):
            list(results)


def test_it_is_found_behind_other_nodes_and_other_names():
    """In the second region, nothing is called 'source' any more."""
    spec = {
        "nodes": {
            "source": {"type": f"{MY}.again", "params": {"n": 5, "kind": "list"}},
            "same": {"type": f"{MY}.same", "depends": "source.value"},
            "kept": {"type": f"{MY}.kept", "depends": "same.value", "stateful": True},
            "x": {"type": f"{MY}.waits", "depends": ["same.value"]},
            "after": {"type": f"{MY}.seen", "depends": ["x.value", "kept.value"]},
            "return": {"type": "return", "depends": "after.value"},
        }
    }
    with pytest.raises(GivenAgainError, match=r"in epoch \d, when epoch \d"):
        list(ParallelRunner(Tube.from_specification(spec), workers=2).iter())


@pytest.mark.parametrize("n", [2, 3])
def test_it_is_found_when_all_epochs_are_through_the_region_before(n: int):
    """What ends with the first region is not known of the second as well."""
    spec = {
        "nodes": {
            "number": {"type": f"{MY}.numbers", "params": {"n": n}},
            "first": {"type": f"{MY}.same", "depends": "number.value"},
            "window": {"type": f"{MY}.Window", "depends": "first.value", "params": {"n": 3, "is_new": False}},
            "x": {"type": f"{MY}.waits", "depends": "window.value"},
            "return": {"type": "return", "depends": "x.value"},
        }
    }
    with pytest.raises(GivenAgainError, match="of the node 'window'"):
        list(ParallelRunner(Tube.from_specification(spec), workers=2).iter())


def test_a_record_that_is_filled_again():
    spec = {
        "input": {"values": {"type": "typing.Any", "scope": "process"}},
        "nodes": {
            "x": {"type": f"{MY}.waits", "depends": "input.values"},
            "return": {"type": "return", "depends": "x.value"},
        },
    }
    values = [0]
    with pytest.raises(GivenAgainError, match="what the input 'values' gives is the same"):
        list(ParallelRunner(Tube.from_specification(spec), workers=2).stream([{"values": values}] * 3))


def test_where_one_epoch_is_under_way_it_may_be():
    assert list(ParallelRunner(tube("again", kind="list"), workers=2, ahead=1).iter()) == [0] * 5


def test_the_run_goes_on_behind_it():
    with ParallelRunner(tube("again", kind="list", n=4), workers=2, ahead=4) as runner:
        failed = 0
        results = []
        while runner.made < 4:
            try:
                results += runner.iter(epochs=4 - runner.made)
            except GivenAgainError:
                failed += 1
    # Nothing is given after the last.
    assert (failed, results) == (3, [0])


BEGUN: list[int] = []


def large(n: int, size: int) -> Iterator[Any]:
    for number in range(n):
        BEGUN.append(number)
        yield bytes(size)


def small(n: int, size: int) -> Iterator[int]:
    for number in range(n):
        BEGUN.append(number)
        yield size


async def awaits_large(size: int) -> bytes:
    await asyncio.sleep(0.001)
    return bytes(size)


@pytest.mark.parametrize("source", ["large", "small"])
@pytest.mark.parametrize(
    ("on", "takes"), [("threads", "waits"), ("threads", "bytes"), ("async", "awaits"), ("processes", "bytes")]
)
def test_no_more_bytes_are_under_way_than_that(
    on: Any, takes: str, source: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever has them: what a region gets, or what it gives."""
    monkeypatch.setattr(sharing, "MOST_BYTES", 2500)
    monkeypatch.setattr(pace, "MOST_BYTES", 2500)
    BEGUN.clear()
    GO.set()
    size = 1000
    if source == "small":
        takes = {"awaits": f"{MY}.awaits_large"}.get(takes, "bytes")
    else:
        takes = f"{MY}.same" if takes == "bytes" else f"{MY}.{takes}"
    spec = {
        "nodes": {
            "source": {"type": f"{MY}.{source}", "params": {"n": 100, "size": size}},
            "x": {"type": takes, "depends": "source.value"},
            "slow": {"type": f"{MY}.Slow", "depends": "x.value"},
            "return": {"type": "return", "depends": "slow.value"},
        }
    }
    runner = ParallelRunner(Tube.from_specification(spec), on=on, workers=None if on == "async" else 2, ahead=30)
    most = 0
    for number, length in enumerate(runner.iter()):
        assert length == size
        if number > 40:
            most = max(most, len(BEGUN) - number - 1)
    assert len(BEGUN) == 100
    assert most <= 3


def large_in_the_end(n: int, size: int) -> Iterator[bytes]:
    for number in range(n):
        BEGUN.append(number)
        yield bytes(size if number >= 60 else 1)


async def awaits_same(value: bytes) -> bytes:
    await asyncio.sleep(0.001)
    return value


@pytest.mark.parametrize(("on", "node"), [("threads", "same"), ("async", "awaits_same"), ("processes", "same")])
def test_nor_are_there_when_epochs_become_large(on: Any, node: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """What the last ones have had together says nothing of that."""
    monkeypatch.setattr(sharing, "MOST_BYTES", 2500)
    monkeypatch.setattr(pace, "MOST_BYTES", 2500)
    BEGUN.clear()
    spec = {
        "nodes": {
            "source": {"type": f"{MY}.large_in_the_end", "params": {"n": 120, "size": 1000}},
            "x": {"type": f"{MY}.{node}", "depends": "source.value"},
            "slow": {"type": f"{MY}.Slow", "depends": "x.value"},
            "return": {"type": "return", "depends": "slow.value"},
        }
    }
    runner = ParallelRunner(Tube.from_specification(spec), on=on, workers=None if on == "async" else 2, ahead=50)
    most_small = most = 0
    for number, _ in enumerate(runner.iter()):
        most_small = max(most_small, min(len(BEGUN), 60) - number - 1)
        most = max(most, len(BEGUN) - max(60, number + 1))
    # They are counted when some have been drawn at once.
    assert most <= 3 + 16 < most_small


class Slow:
    """Falls behind."""

    def process(self, value: bytes) -> int:
        time.sleep(0.002)
        return len(value)
