"""The nodes and assets of `access_log.yaml`."""

from __future__ import annotations

import re
import sqlite3
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import NamedTuple

from noob_cli import MetaSignal, NoEvent

_REQUEST = re.compile(
    r"(?P<host>\S+) \S+ \S+ \[(?P<time>[^]]+)\] "
    r'"(?P<method>[A-Z]+) (?P<path>\S+) HTTP/[\d.]+" (?P<status>\d{3}) (?P<size>\d+|-)'
)


class Request(NamedTuple):
    """A line of the log: a row of the table `requests`."""

    time: str
    host: str
    method: str
    path: str
    status: int
    size: int


@contextmanager
def open_database(path: Path) -> Iterator[sqlite3.Connection]:
    """A database with an empty table `requests`. What was stored in it is kept, also if the run is stopped."""
    connection = sqlite3.connect(path)
    try:
        connection.execute("DROP TABLE IF EXISTS requests")
        connection.execute(
            "CREATE TABLE requests (time TEXT, host TEXT, method TEXT, path TEXT, status INTEGER, size INTEGER)"
        )
        yield connection
    finally:
        connection.commit()
        connection.close()


def parse(line: str) -> Request | MetaSignal:
    """Read a line of the log; nothing comes of one that is no request."""
    found = _REQUEST.match(line)
    if found is None:
        return NoEvent
    return Request(
        time=datetime.strptime(found["time"], "%d/%b/%Y:%H:%M:%S %z").isoformat(),
        host=found["host"],
        method=found["method"],
        path=found["path"],
        status=int(found["status"]),
        size=0 if found["size"] == "-" else int(found["size"]),
    )


def store(request: Request, database: sqlite3.Connection) -> None:
    """Add a request to the database."""
    database.execute("INSERT INTO requests VALUES (?, ?, ?, ?, ?, ?)", request)


def count(request: Request, totals: Counter[str]) -> dict[str, int]:
    """Count a request, and tell what was counted so far."""
    totals["requests"] += 1
    totals["bytes"] += request.size
    totals["not found"] += request.status == 404
    totals["server errors"] += request.status >= 500
    return dict(totals)
