"""The sample `scraper`, with a server on the loopback address that is out of order at times."""

from __future__ import annotations

import json
import threading
import time
from collections import Counter
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from .conftest import SAMPLES, Shell

TUBE = "sample_tubes/scraper/scraper.yaml"
SITE = SAMPLES / "pages" / "site" / "draft"
QUICK = """
extends: [sample_tubes/scraper/scraper.yaml]
nodes:
  fetch: {timeout: 400ms, rate: 50/s, retry: {times: 2, wait: 1ms}}
"""
"""The same for tests, which are in a hurry."""
TEA = {"page": "tea.html", "title": "Our teas", "links": []}
INDEX = {"page": "index.html", "title": "The tea house", "links": ["tea.html", "cakes.html"]}


class Server(ThreadingHTTPServer):
    """Serves the pages of a sample, in its own way at first."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.at_first: dict[str, list[Any]] = {}
        """For each page, what the first requests are answered with: a status, or `hang`."""
        self.requests: Counter[str] = Counter()
        self.times: list[float] = []
        self.lock = threading.Lock()
        self.is_over = threading.Event()

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"


class Handler(BaseHTTPRequestHandler):
    server: Server

    def do_GET(self) -> None:
        page = self.path.lstrip("/")
        with self.server.lock:
            self.server.times.append(time.monotonic())
            self.server.requests[page] += 1
            answers = self.server.at_first.get(page, [])
            answer = answers.pop(0) if answers else 200
        if answer == "hang":
            self.server.is_over.wait()
        elif answer != 200:
            self.send_error(answer)
        elif not (SITE / page).exists():
            self.send_error(404)
        else:
            self.send_response(200)
            self.end_headers()
            self.wfile.write((SITE / page).read_bytes())

    def log_message(self, *args: Any) -> None:
        """Say nothing."""


@pytest.fixture
def server() -> Iterator[Server]:
    """A server in a thread."""
    with Server() as serving:
        thread = threading.Thread(target=serving.serve_forever, kwargs={"poll_interval": 0.05})
        thread.start()
        try:
            yield serving
        finally:
            serving.is_over.set()
            serving.shutdown()
            thread.join()


@pytest.fixture
def scrape(shell: Shell, server: Server, tmp_path: Path) -> Any:
    (tmp_path / "quick.yaml").write_text(QUICK)

    def run(*pages: str, options: str = "", tube: str = "quick.yaml") -> Any:
        names = " ".join(pages)
        lines = f"printf '%s\\n' {names} | noob run {tube} --input-format lines -i base={server.address} {options}"
        return shell(lines)

    return run


def results_of(done: Any) -> list[Any]:
    return [json.loads(line) for line in done.stdout.splitlines()]


def test_pages_are_read(scrape: Any) -> None:
    done = scrape("index.html", "wine.html", "tea.html", tube=TUBE)
    assert (done.returncode, done.stderr) == (0, "")
    assert results_of(done) == [INDEX, {"page": "wine.html"}, TEA]


@pytest.mark.parametrize("runner", ["sync", "async"])
def test_what_fails_or_hangs_is_asked_again(scrape: Any, server: Server, tmp_path: Path, runner: str) -> None:
    server.at_first = {"tea.html": [503, 429], "index.html": ["hang"]}
    done = scrape("tea.html", "index.html", "tea.html", options=f"--runner {runner} --stats-json stats.json")
    assert (done.returncode, done.stderr) == (0, "")
    assert results_of(done) == [TEA, INDEX, TEA]
    assert server.requests == {"tea.html": 4, "index.html": 2}
    fetch = next(each for each in json.loads((tmp_path / "stats.json").read_text())["nodes"] if each["node"] == "fetch")
    assert (fetch["calls"], fetch["failed"], fetch["retried"], fetch["events"]) == (6, 3, 3, 3)


def test_what_fails_each_time_fails(scrape: Any, server: Server) -> None:
    server.at_first = {"tea.html": [500] * 9}
    done = scrape("index.html", "tea.html", "index.html", options="--on-error skip")
    assert (done.returncode, results_of(done)) == (1, [INDEX, INDEX])
    assert "UnavailableError: tea.html: 500\ntried 3 times" in done.stderr
    assert server.requests["tea.html"] == 3


def test_what_is_wrong_is_not_asked_again(scrape: Any, server: Server) -> None:
    server.at_first = {"tea.html": [403]}
    done = scrape("tea.html")
    assert done.returncode == 1
    assert "ValueError: tea.html: 403" in done.stderr
    assert "tried" not in done.stderr
    assert server.requests["tea.html"] == 1


@pytest.mark.parametrize("options", ["", "--runner async --ahead 10"])
def test_the_server_is_not_overrun(scrape: Any, server: Server, options: str) -> None:
    began = time.monotonic()
    done = scrape(*["tea.html"] * 20, options=options)
    assert results_of(done) == [TEA] * 20
    # None has come before its turn: the first is not before the command.
    assert all(each - began >= number / 50 for number, each in enumerate(sorted(server.times)))
