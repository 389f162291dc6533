"""The sample `tail`: a log that is followed, while it is rotated, the service restarted, and the database locked."""

from __future__ import annotations

import signal
import sqlite3
import subprocess
import time
from collections.abc import Callable, Iterator
from configparser import ConfigParser
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from tests.cli.conftest import environment, start_command
from tests.patience import PATIENCE, wait_until

from .conftest import SAMPLES, Shell

TUBE = SAMPLES / "tail" / "tail.yaml"


def line(number: int) -> str:
    level = "ERROR" if number % 10 == 0 else "INFO"
    return f"2026-01-31T12:{number // 60:02}:{number % 60:02} {level} number {number}"


def entries(folder: Path) -> list[Any]:
    database = folder / "log.sqlite3"
    if not database.exists():
        return []
    with closing(sqlite3.connect(database)) as connection:
        try:
            return [text for (text,) in connection.execute("SELECT text FROM entries ORDER BY number")]
        except sqlite3.OperationalError:
            return []


@pytest.fixture
def service(tmp_path: Path) -> Iterator[Callable[[], subprocess.Popen[bytes]]]:
    """Starts the service, as its unit does."""
    started: list[subprocess.Popen[bytes]] = []

    def start() -> subprocess.Popen[bytes]:
        arguments = ("run", str(TUBE), "-f", "app.log", "--follow", "--resume", "saved", "--checkpoint-every", "7")
        with (tmp_path / "out").open("a") as out, (tmp_path / "err").open("a") as err:
            streams = {"stdin": subprocess.DEVNULL, "stdout": out, "stderr": err}
            started.append(start_command(arguments, cwd=tmp_path, env=environment(tmp_path), **streams))
        return started[-1]

    yield start
    for process in started:
        process.kill()
        process.wait()


def append(file: Path, *numbers: int) -> None:
    with file.open("a") as log:
        log.writelines(f"{line(number)}\n" for number in numbers)


def test_the_log_beside_it(shell: Shell, tmp_path: Path) -> None:
    done = shell("noob run sample_tubes/tail/tail.yaml -f sample_tubes/tail/app.log")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.splitlines() == [
        '"2026-01-31T06:12:09 order 4712: the card was refused"',
        '"2026-01-31T06:31:12 the printer has no paper"',
    ]
    assert len(entries(tmp_path)) == 11


def test_each_line_of_a_log_is_stored_and_errors_are_printed(shell: Shell, tmp_path: Path) -> None:
    append(tmp_path / "app.log", *range(30))
    with (tmp_path / "app.log").open("a") as log:
        log.write("a stray\n\n")
    done = shell("noob run sample_tubes/tail/tail.yaml -f app.log")
    assert (done.returncode, done.stderr) == (0, "")
    assert entries(tmp_path) == [f"number {number}" for number in range(30)]
    assert done.stdout.splitlines() == [
        f'"{line(number).replace(" ERROR", "")}"' for number in range(30) if number % 10 == 0
    ]


@pytest.mark.slow
def test_each_line_is_there_once_though_the_service_is_killed_and_the_log_rotated(service: Any, tmp_path: Path) -> None:
    log = tmp_path / "app.log"
    append(log, *range(20))
    process = service()
    wait_until(lambda: len(entries(tmp_path)) == 20)
    append(log, *range(20, 40))
    wait_until(lambda: len(entries(tmp_path)) > 25)
    process.kill()
    process.wait()
    append(log, *range(40, 50))
    log.rename(tmp_path / "app.log.1")
    append(log, *range(50, 60))
    process = service()
    wait_until(lambda: len(entries(tmp_path)) == 60)
    process.send_signal(signal.SIGTERM)

    assert process.wait(timeout=PATIENCE) == 143
    assert entries(tmp_path) == [f"number {number}" for number in range(60)]


@pytest.mark.slow
def test_a_locked_database_is_waited_for(service: Any, tmp_path: Path) -> None:
    log = tmp_path / "app.log"
    append(log, 1)
    process = service()
    wait_until(lambda: len(entries(tmp_path)) == 1)
    with closing(sqlite3.connect(tmp_path / "log.sqlite3", isolation_level=None)) as other:
        other.execute("BEGIN EXCLUSIVE")
        append(log, 2, 3)
        # It tries, and has to wait.
        time.sleep(0.2)
        other.execute("COMMIT")
    wait_until(lambda: len(entries(tmp_path)) == 3)
    process.send_signal(signal.SIGTERM)

    assert process.wait(timeout=PATIENCE) == 143
    assert "failed" not in (tmp_path / "err").read_text()


def test_a_database_that_stays_locked_fails_the_run(shell: Shell, tmp_path: Path) -> None:
    quick = f"extends: [{TUBE}]\nnodes: {{store: {{retry: {{times: 2, wait: 1ms}}}}}}\n"
    (tmp_path / "quick.yaml").write_text(quick)
    append(tmp_path / "app.log", 1)
    with closing(sqlite3.connect(tmp_path / "log.sqlite3", isolation_level=None)) as other:
        other.execute("CREATE TABLE taken (x)")
        other.execute("BEGIN EXCLUSIVE")
        done = shell("noob run quick.yaml -f app.log")
    assert done.returncode == 1
    assert "OperationalError: database is locked" in done.stderr
    assert "tried 3 times" in done.stderr


def test_the_unit_runs_the_tube_with_options_that_there_are(shell: Shell, tmp_path: Path) -> None:
    unit = ConfigParser(strict=False, interpolation=None)
    unit.optionxform = str  # type: ignore[assignment, method-assign]
    unit.read_string((SAMPLES / "tail" / "tail.service").read_text().replace("\\\n", " "))
    command = unit["Service"]["ExecStart"].split()
    append(tmp_path / "app.log", 1)
    replaced = {
        "/opt/noob/bin/noob": "noob",
        "/opt/tail/tail.yaml": str(TUBE),
        "/var/log/shop/app.log": "app.log",
        "--follow": "",
    }
    line = " ".join(replaced.get(word, word).replace("/var/lib/tail/", "") for word in command)
    done = shell(line)
    assert done.returncode == 0, done.stderr
    assert entries(tmp_path) == ["number 1"]
    assert (tmp_path / "saved").is_dir()
    assert unit["Service"]["SuccessExitStatus"] == str(128 + signal.SIGTERM)
