"""Nodes and assets of the tubes beside this file."""

import sys
import time
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Annotated, Any

from noob_cli import Name, NoEvent


def note(text: str) -> None:
    """Write down what happened, where a test finds it after the process is gone."""
    with Path("journal.txt").open("a") as journal:
        journal.write(f"{text}\n")


def count(limit: int | None = None, start: int = 0) -> Iterator[Annotated[int, Name("index")]]:
    index = start
    while limit is None or index < start + limit:
        yield index
        index += 1


async def count_later(limit: int | None = None) -> AsyncIterator[Annotated[int, Name("index")]]:
    for index in count(limit):
        yield index


def slow_count(seconds: float = 0.05) -> Iterator[Annotated[int, Name("index")]]:
    for index in count():
        yield index
        time.sleep(seconds)


async def slow_count_later() -> AsyncIterator[Annotated[int, Name("index")]]:
    for index in slow_count():
        yield index


def count_and_fail(limit: int) -> Iterator[Annotated[int, Name("index")]]:
    yield from count(limit)
    raise ValueError(limit)


def double(value: int) -> int:
    return 2 * value


def same(value: Any) -> Any:
    return value


def with_type(value: Any) -> str:
    return f"{type(value).__name__} {value!r}"


def describe(**values: Any) -> dict[str, Any]:
    return values


def even(value: int) -> int:
    return value if value % 2 == 0 else NoEvent


def announce(value: Any) -> None:
    print(f"epoch {value}", file=sys.stderr, flush=True)


def fail_at(value: int, at: int = 2) -> int:
    if value == at:
        raise ValueError(f"can't work with {value}")
    return value


def exit_at(value: int, at: int = 2, code: Any = 3) -> int:
    if value == at:
        sys.exit(code)
    return value


def sleep_at(value: int, at: int = 1, seconds: float = 1.0) -> int:
    if value == at:
        note(f"sleeps {time.time()}")
        time.sleep(seconds)
    return value


class Connection:
    """An asset that writes down when it is made and ended."""

    def __init__(self, name: str = "connection") -> None:
        self.name = name
        note(f"made {name}")

    def __enter__(self) -> "Connection":
        note(f"entered {self.name}")
        return self

    def __exit__(self, *error: object) -> None:
        note(f"ended {self.name}")

    def __str__(self) -> str:
        return self.name


def use(value: Any, connection: Connection) -> Any:
    return value


def total(value: int, previous: int) -> int:
    return value + previous


def zero() -> int:
    return 0
