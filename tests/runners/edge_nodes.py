"""Node code for `test_edges.py`."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from pydantic import Field

from noob_cli import Asset, Epoch, RunnerContext

LOG: list[Any] = []


@contextmanager
def logged(tag: str = "cm") -> Iterator[str]:
    LOG.append(f"enter {tag}")
    try:
        yield tag
    finally:
        LOG.append(f"exit {tag}")


def same(value: Any, *rest: Any) -> Any:
    return value


def count(n: int = 5) -> Iterator[int]:
    yield from range(n)


def texts() -> Iterator[Any]:
    yield "1"
    yield "b"


class Log(Asset):
    lines: list[Any] = Field(default_factory=list)

    def init(self) -> None:
        LOG.append("open")
        self.obj = self.lines

    def deinit(self) -> None:
        LOG.append("close")


def append(lines: list[Any], value: Any) -> list[Any]:
    lines.append(value)
    return list(lines)


def note(seen: dict[str, list[Any]], value: Any) -> list[Any]:
    seen["seen"].append(value)
    return list(seen["seen"])


async def read(kept: list[Any]) -> list[Any]:
    await asyncio.sleep(0.002)
    return list(kept)


async def extend(kept: list[Any], value: Any) -> list[Any]:
    kept.append(value)
    return kept


async def hang(value: Any) -> None:
    try:
        LOG.append("hang")
        raise KeyboardInterrupt if value == "at once" else ValueError(value)
    finally:
        LOG.append("hung")


async def wait(value: Any) -> Any:
    try:
        await asyncio.sleep(10)
    finally:
        LOG.append("cancelled")


def with_epoch(value: Any, epoch: Epoch, /) -> tuple[Any, int]:
    return value, int(epoch)


async def made() -> str:
    await asyncio.sleep(0)
    return "made"


class Failing:
    def init(self) -> None:
        raise ValueError("not now")

    def process(self, value: Any) -> Any:
        return value


class Wanting:
    def init(self, context: RunnerContext, more: int) -> None: ...

    def process(self, value: Any) -> Any:
        return value


def wrapped(value: Any) -> list[Any]:
    return [value]


def generator(value: Any) -> Iterator[Any]:
    return (each for each in [value])


class Counter(Asset):
    start: int = 0

    def init(self) -> None:
        self.obj = [self.start]
