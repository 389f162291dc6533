"""The server of the page: for who knows its address, on this machine; told a page is no more often than it can see."""

from __future__ import annotations

import http.client
import json
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from email.message import Message
from pathlib import Path
from typing import NamedTuple
from urllib.parse import urlsplit

import pytest

from noob_cli.errors import InputError
from noob_cli.view import server as server_module
from noob_cli.view.feed import Feed
from noob_cli.view.server import Server
from tests.patience import PATIENCE, wait_until

JSON = {"Content-Type": "application/json"}
PAGE = Path(server_module.__file__).with_name("page")


class Answer(NamedTuple):
    """What the server has answered."""

    status: int
    headers: Message
    body: bytes


class Served:
    """A server that is there, and what it was told to do."""

    def __init__(self) -> None:
        self.done: list[tuple[str, dict[str, object]]] = []
        self.watched: list[bool] = []
        self.feed = Feed(self.watched.append)
        self.server = Server(self.feed, self.do)
        self.server.begin()
        self.address = urlsplit(self.server.address)

    def do(self, command: str, given: dict[str, object]) -> None:
        self.done.append((command, given))
        if command == "refused":
            raise InputError("it is not to be")

    def ask(self, path: str, method: str = "GET", body: str | None = None, **headers: str) -> Answer:
        connection = self._asked(path, method, body, **headers)
        with closing(connection), connection.getresponse() as answer:
            return Answer(answer.status, answer.headers, answer.read())

    @contextmanager
    def events(self) -> Iterator[Iterator[dict[str, object]]]:
        """What a page is told, for as long as it is open."""
        connection = self._asked(f"{self.address.path}events", "GET", None)
        with closing(connection), connection.getresponse() as answer:
            yield (json.loads(line.removeprefix(b"data: ")) for line in answer if line.startswith(b"data: {"))

    def _asked(self, path: str, method: str, body: str | None, **headers: str) -> http.client.HTTPConnection:
        connection = http.client.HTTPConnection(self.address.netloc, timeout=PATIENCE)
        connection.request(method, path, body, {name.replace("_", "-"): value for name, value in headers.items()})
        return connection


@pytest.fixture(scope="module")
def served() -> Iterator[Served]:
    served = Served()
    yield served
    served.server.end()


@pytest.mark.parametrize("file", sorted(path.name for path in PAGE.iterdir()))
def test_each_file_of_the_page(served, file):
    answer = served.ask(served.address.path + file)
    assert (answer.status, answer.body) == (200, (PAGE / file).read_bytes())


def test_the_page_may_load_nothing_from_elsewhere_and_stands_in_no_other(served):
    answer = served.ask(served.address.path)
    assert answer.headers["Content-Type"].startswith("text/html")
    policy = answer.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "script-src 'self';" in policy
    assert "frame-ancestors 'none'" in policy
    assert answer.headers["Referrer-Policy"] == "no-referrer"
    assert answer.headers["Cache-Control"] == "no-store"
    assert "Access-Control-Allow-Origin" not in answer.headers
    texts = [path.read_text(encoding="utf-8") for path in PAGE.iterdir()]
    assert not any("http://" in text or "https://" in text for text in texts if "w3.org" not in text)


@pytest.mark.parametrize(
    ("path", "method"),
    [("/", "GET"), ("/wrong/", "GET"), ("/wrong/events", "GET"), ("/wrong/page.js", "GET"), ("/wrong/do/x", "POST")],
)
def test_without_the_token_there_is_nothing(served, path, method):
    answer = served.ask(path, method, "{}", **JSON)
    assert answer.status == 404
    assert served.done == []


@pytest.mark.parametrize("host", ["evil.example", "evil.example:{port}", "127.0.0.1", "127.0.0.1:1", ""])
def test_who_comes_by_another_name_gets_nothing(served, host):
    name = host.format(port=served.address.port)
    for path, method in (("", "GET"), ("events", "GET"), ("do/go", "POST")):
        assert served.ask(served.address.path + path, method, "{}", Host=name, **JSON).status == 404
    assert served.done == []


@pytest.mark.parametrize("origin", ["http://evil.example", "http://localhost:1", "null"])
def test_another_page_gets_nothing(served, origin):
    for path, method in (("", "GET"), ("events", "GET"), ("do/go", "POST")):
        assert served.ask(served.address.path + path, method, "{}", Origin=origin, **JSON).status == 404
    assert served.done == []


def test_it_listens_on_the_loopback_address_only(served):
    """Of this machine, too: nothing is there at its other addresses."""
    assert served.server._socket.getsockname() == ("127.0.0.1", served.address.port)


def test_by_localhost_it_is_there(served):
    host = f"localhost:{served.address.port}"
    assert served.ask(served.address.path, Host=host, Origin=f"http://{host}").status == 200


@pytest.mark.parametrize("file", ["nothing.js", "..%2fserver.py", "%2e%2e/server.py"])
def test_there_are_no_other_files(served, file):
    assert served.ask(served.address.path + file).status == 404


def test_a_command_is_done_or_refused(served):
    path = f"{served.address.path}do/"
    assert served.ask(f"{path}start", "POST", '{"a": 1}', **JSON).status == 200
    refused = served.ask(f"{path}refused", "POST", "{}", **JSON)
    assert (refused.status, json.loads(refused.body)) == (409, {"error": "it is not to be"})
    assert served.done == [("start", {"a": 1}), ("refused", {})]
    served.done.clear()


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        ("{}", "text/plain"),
        ("{}", "application/x-www-form-urlencoded"),
        ("[]", JSON["Content-Type"]),
        ("{", "application/json"),
    ],
)
def test_a_command_is_given_a_json_object(served, body, kind):
    assert served.ask(f"{served.address.path}do/go", "POST", body, Content_Type=kind).status == 400
    assert served.ask(f"{served.address.path}do/go").status == 405
    assert served.done == []


def test_two_pages_are_told_the_same_and_one_that_comes_later_all():
    served = Served()
    served.feed.tell({"a": 1})
    with served.events() as first:
        assert next(first) == {"a": 1}
        served.feed.tell({"b": 2})
        assert next(first) == {"b": 2}
        with served.events() as second:
            assert next(second) == {"a": 1, "b": 2}
            served.feed.tell({"a": 3})
            assert next(first) == next(second) == {"a": 3}
            served.feed.tell({"last": True})
            served.server.end()
            assert [*first] == [*second] == [{"last": True}]
    assert served.watched == [True, False]


def test_a_page_is_told_at_most_twenty_times_in_a_second(served):
    begun = time.monotonic()
    told = 0
    with served.events() as events:
        for number in range(300):
            served.feed.tell({"number": number})
            time.sleep(0.001)
        for facts in events:
            told += 1
            if facts.get("number") == 299:
                break
    assert 1 < told <= (time.monotonic() - begun) * 20 + 2


def test_a_page_that_has_gone_is_noticed():
    served = Served()
    served.feed.tell({"a": 1})
    with served.events() as events:
        assert next(events) == {"a": 1}
    wait_until(lambda: len(served.watched) > 1)
    assert served.watched == [True, False]
    served.server.end()


def test_a_port_that_is_in_use(served):
    with pytest.raises(InputError, match=f"can't be served at 127.0.0.1:{served.address.port}: Address already in use"):
        Server(Feed(), served.do, served.address.port)


def test_each_server_has_a_token_of_its_own(served):
    other = Served()
    assert other.address.path != served.address.path
    assert len(other.address.path) > 20
    other.server.end()
