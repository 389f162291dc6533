"""The sample `pages`, with a server on the loopback address."""

from __future__ import annotations

import json
import socket
import threading
from collections.abc import Iterator
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from tests.patience import PATIENCE

from .conftest import SAMPLES, Shell

TUBE = "sample_tubes/pages/pages.yaml"
SITE = SAMPLES / "pages" / "site"


class Server(ThreadingHTTPServer):
    """Serves the pages of the sample. A request is answered once the other of its pair is there too."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.pair = threading.Barrier(2, timeout=PATIENCE)
        self.crowd: threading.Barrier | None = None
        """What the first requests wait for: as many as are to be there at once."""
        self.lock = threading.Lock()
        self.under_way = self.most = 0
        self.requests: list[str] = []
        self.connections = 0
        self.broken = False

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"


class Handler(SimpleHTTPRequestHandler):
    """Answers a request; connections stay open."""

    protocol_version = "HTTP/1.1"
    server: Server

    def __init__(self, *args: Any) -> None:
        super().__init__(*args, directory=str(SITE))

    def setup(self) -> None:
        super().setup()
        self.server.connections += 1

    def do_GET(self) -> None:
        with self.server.lock:
            self.server.requests.append(self.path)
            self.server.under_way += 1
            self.server.most = max(self.server.most, self.server.under_way)
            is_first = self.server.crowd is not None and len(self.server.requests) <= self.server.crowd.parties
        if is_first and self.server.crowd is not None:
            self.server.crowd.wait()
        elif self.server.crowd is None:
            self.server.pair.wait()
        with self.server.lock:
            # Before it is answered: who gets the answer may ask for the next at once.
            self.server.under_way -= 1
        if self.server.broken:
            self.send_error(500)
        else:
            super().do_GET()

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
            serving.shutdown()
            thread.join()


def lines_of(name: str) -> list[str]:
    return (SITE / name).read_text().splitlines()


def command(server: Server, *pages: str) -> str:
    return f"printf '%s\\n' {' '.join(pages)} | noob run {TUBE} --input-format lines -i base={server.address}"


def test_each_page_is_compared(shell: Shell, server: Server) -> None:
    done = shell(command(server, "index.html", "tea.html", "cakes.html", "coffee.html", "wine.html"))
    assert (done.returncode, done.stderr) == (0, "")
    old, new = lines_of("published/index.html"), lines_of("draft/index.html")
    changes = [*(f"- {line}" for line in old if line not in new), *(f"+ {line}" for line in new if line not in old)]
    assert len(changes) == 3
    assert [json.loads(line) for line in done.stdout.splitlines()] == [
        {"page": "index.html", "state": "changed", "changes": changes},
        {"page": "tea.html", "state": "same", "changes": []},
        {"page": "cakes.html", "state": "added"},
        {"page": "coffee.html", "state": "removed"},
        {"page": "wine.html", "state": "missing"},
    ]


def test_both_versions_are_fetched_together_and_connections_are_kept(shell: Shell, server: Server) -> None:
    pages = ["tea.html", "index.html", "tea.html", "tea.html"]
    # The server waits for both requests of a pair: one after the other, they would never be answered.
    done = shell(command(server, *pages))
    assert (done.returncode, len(done.stdout.splitlines())) == (0, 4)
    pairs = [sorted(server.requests[at : at + 2]) for at in range(0, 8, 2)]
    assert pairs == [[f"/draft/{page}", f"/published/{page}"] for page in pages]
    assert server.connections == 2


def test_two_hundred_pages_with_twenty_requests_under_way(shell: Shell, server: Server) -> None:
    server.crowd = threading.Barrier(20, timeout=PATIENCE)
    pages = [("tea.html", "index.html", "wine.html")[number % 3] for number in range(200)]
    done = shell(f"{command(server, *pages)} --runner async --ahead 10")
    assert (done.returncode, done.stderr) == (0, "")
    assert [json.loads(line)["page"] for line in done.stdout.splitlines()] == pages
    assert len(server.requests) == 400
    # Ten pages, two requests each: never more, and so many that the first twenty have waited for each other.
    assert server.most == 20


def test_a_server_that_fails_ends_the_run(shell: Shell, server: Server) -> None:
    server.broken = True
    done = shell(command(server, "index.html", "tea.html"))
    assert (done.returncode, done.stdout) == (1, "")
    assert "failed in epoch 0" in done.stderr
    assert "500 Internal Server Error" in done.stderr
    assert sorted(server.requests) == ["/draft/index.html", "/published/index.html"]


def test_a_server_that_is_not_there(shell: Shell) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        address = f"http://127.0.0.1:{taken.getsockname()[1]}"
        done = shell(f"echo index.html | noob run {TUBE} --input-format lines -i base={address}")
    assert (done.returncode, done.stdout) == (1, "")
    assert "ConnectionRefusedError" in done.stderr


def test_a_base_that_is_none(shell: Shell) -> None:
    done = shell(f"echo index.html | noob run {TUBE} --input-format lines -i base=here")
    assert done.returncode == 1
    assert "the asset 'site' failed when the run started" in done.stderr
    assert "the base should be like http://127.0.0.1:8000, found 'here'" in done.stderr
