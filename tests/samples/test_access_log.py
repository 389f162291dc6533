"""The sample `access_log`, compared with what its log says and its database has."""

from __future__ import annotations

import json
import re
import signal
import sqlite3
import subprocess
from contextlib import closing
from pathlib import Path
from typing import Any

from tests.cli.conftest import environment, start_command
from tests.patience import PATIENCE

from .conftest import SAMPLES, Shell

TUBE = "sample_tubes/access_log/access_log.yaml"
LOG = "sample_tubes/access_log/access.log"
LINES = (SAMPLES / "access_log" / "access.log").read_text().splitlines()
REQUESTS = [line for line in LINES if re.search(r'"(GET|POST|HEAD) ', line)]


def query(database: Path, statement: str) -> list[tuple[Any, ...]]:
    with closing(sqlite3.connect(database)) as connection:
        return connection.execute(statement).fetchall()


def test_the_summary_counts_what_is_in_the_log(shell: Shell) -> None:
    done = shell(f"noob run {TUBE} -f {LOG}")
    assert (done.returncode, done.stderr) == (0, "")
    results = [json.loads(line) for line in done.stdout.splitlines()]
    assert len(results) == len(REQUESTS) == len(LINES) - 3
    assert [each["requests"] for each in results] == list(range(1, len(REQUESTS) + 1))
    ends = [line.split()[-2:] for line in REQUESTS]
    assert results[-1] == {
        "requests": len(REQUESTS),
        "bytes": sum(int(size) for _, size in ends if size != "-"),
        "not found": sum(status == "404" for status, _ in ends),
        "server errors": sum(status.startswith("5") for status, _ in ends),
    }


def test_the_database_has_a_row_for_each_request(shell: Shell, tmp_path: Path) -> None:
    shell(f"noob run {TUBE} --input-format lines --output-format none < {LOG}")
    rows = query(tmp_path / "access.sqlite3", "SELECT host, method, path, status FROM requests ORDER BY rowid")
    assert rows == [
        (line.split()[0], line.split('"')[1].split()[0], line.split('"')[1].split()[1], int(line.split()[-2]))
        for line in REQUESTS
    ]
    times = query(tmp_path / "access.sqlite3", "SELECT min(time) FROM requests")
    assert times == [("2024-03-11T06:58:15+00:00",)]


def test_the_database_is_where_the_user_wants_it_and_made_anew(shell: Shell, tmp_path: Path) -> None:
    for count in (5, 2):
        done = shell(f"noob run {TUBE} -f {LOG} -i database=mine.sqlite3 -n {count}")
        assert (done.returncode, done.stderr) == (0, "")
        assert query(tmp_path / "mine.sqlite3", "SELECT count(*) FROM requests") == [(count,)]
    assert not (tmp_path / "access.sqlite3").exists()


def test_what_was_stored_before_an_error_is_kept(shell: Shell, tmp_path: Path) -> None:
    bad = LINES[0].replace("/Mar/", "/Foo/")
    (tmp_path / "bad.log").write_text("\n".join([*LINES[:4], bad, *LINES[4:]]) + "\n")
    done = shell(f"noob run {TUBE} -f bad.log")
    assert done.returncode == 1
    assert "the node 'request' failed in epoch 4" in done.stderr
    assert len(done.stdout.splitlines()) == 4
    assert query(tmp_path / "access.sqlite3", "SELECT count(*) FROM requests") == [(4,)]


def test_what_was_stored_before_a_stop_is_kept(tmp_path: Path) -> None:
    arguments = ("run", str(SAMPLES / "access_log" / "access_log.yaml"), "--input-format", "lines")
    streams = dict.fromkeys(("stdin", "stdout", "stderr"), subprocess.PIPE)
    with start_command(arguments, cwd=tmp_path, env=environment(tmp_path), **streams) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        assert process.stderr is not None
        for number, line in enumerate(LINES[:3], start=1):
            process.stdin.write(f"{line}\n".encode())
            assert json.loads(process.stdout.readline())["requests"] == number
        process.send_signal(signal.SIGTERM)
        assert process.wait(timeout=PATIENCE) == 128 + signal.SIGTERM
        assert process.stderr.read() == b"stopped by SIGTERM after 3 epochs (3 results)\n"
    assert query(tmp_path / "access.sqlite3", "SELECT count(*) FROM requests") == [(3,)]


def test_its_addresses_are_for_documentation() -> None:
    hosts = {line.split()[0] for line in LINES if not line.startswith("#")}
    assert all(host.startswith(("192.0.2.", "198.51.100.", "203.0.113.")) for host in hosts)


def test_its_assets(shell: Shell) -> None:
    facts = json.loads(shell(f"noob assets list {TUBE} --json").stdout)
    assert [(each["id"], each["type"], each["scope"], each["read_by"]) for each in facts] == [
        ("database", "access_log.open_database", "runner", ["store"]),
        ("totals", "collections.Counter", "runner", ["count"]),
    ]
