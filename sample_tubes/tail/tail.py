"""The nodes of `tail.yaml`, and its asset."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import NamedTuple

from noob_cli import Epoch, MetaSignal, NoEvent


class Entry(NamedTuple):
    """A line of the log."""

    time: str
    level: str
    text: str


@contextmanager
def transaction(path: Path) -> Iterator[sqlite3.Connection]:
    """A transaction of the database. Who finds it locked doesn't wait here, but tries again."""
    with closing(sqlite3.connect(path, timeout=0)) as connection, connection:
        connection.execute("CREATE TABLE IF NOT EXISTS entries (number INTEGER PRIMARY KEY, time, level, text)")
        yield connection


def parse(line: str) -> Entry | MetaSignal:
    """Read a line; nothing comes of one that is no entry."""
    parts = line.split(maxsplit=2)
    return Entry(*parts) if len(parts) == len(Entry._fields) else NoEvent


def store(entry: Entry, transaction: sqlite3.Connection, epoch: Epoch) -> None:
    """Store an entry under its number. Epochs that are made again after a restart have the numbers that they had."""
    transaction.execute("INSERT OR REPLACE INTO entries VALUES (?, ?, ?, ?)", (epoch, *entry))


def only_errors(entry: Entry) -> str | MetaSignal:
    """What an entry says of an error."""
    return f"{entry.time} {entry.text}" if entry.level == "ERROR" else NoEvent
