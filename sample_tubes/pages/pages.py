"""The nodes of `pages.yaml`, and its asset: the site that pages are fetched from."""

from __future__ import annotations

import asyncio
import difflib
from collections.abc import AsyncIterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from http.client import HTTPConnection, HTTPException
from urllib.parse import quote, urlsplit

from noob_cli import MetaSignal, NoEvent

SECONDS = 10
CONNECTIONS = 20


class Site:
    """A web site, and the connections to it that are free.

    Args:
        base: The address that its pages are below.
    """

    def __init__(self, base: str) -> None:
        address = urlsplit(base)
        if address.scheme != "http" or address.hostname is None:
            raise ValueError(f"the base should be like http://127.0.0.1:8000, found {base!r}")
        self._host, self._port, self._folder = address.hostname, address.port, address.path.rstrip("/")
        self._free: list[HTTPConnection] = []
        self._threads = ThreadPoolExecutor(CONNECTIONS)

    async def get(self, path: str) -> str | None:
        """Fetch a page, in a thread, so that others can be fetched meanwhile; None if it is not there."""
        connection = self._free.pop() if self._free else HTTPConnection(self._host, self._port, timeout=SECONDS)
        try:
            loop = asyncio.get_running_loop()
            text = await loop.run_in_executor(self._threads, _get, connection, f"{self._folder}/{quote(path)}")
        except BaseException:
            connection.close()
            raise
        self._free.append(connection)
        return text

    def close(self) -> None:
        """Close the connections."""
        self._threads.shutdown(cancel_futures=True)
        while self._free:
            self._free.pop().close()


@asynccontextmanager
async def open_site(base: str) -> AsyncIterator[Site]:
    """A site whose connections are closed at the end."""
    site = Site(base)
    try:
        yield site
    finally:
        site.close()


async def fetch(site: Site, page: str, folder: str) -> str | MetaSignal:
    """Fetch a page of a folder; nothing comes of one that is not there."""
    text = await site.get(f"{folder}/{page}")
    return NoEvent if text is None else text


def compare(old: str, new: str) -> list[str]:
    """The lines that are in one of two texts only, marked with - and +."""
    lines = difflib.ndiff(old.splitlines(), new.splitlines())
    return [line for line in lines if line.startswith(("-", "+"))]


def name_state(old: str | None = None, new: str | None = None) -> str:
    """Say what became of a page."""
    if old is None:
        return "missing" if new is None else "added"
    if new is None:
        return "removed"
    return "same" if old == new else "changed"


def _get(connection: HTTPConnection, path: str) -> str | None:
    connection.request("GET", path)
    with connection.getresponse() as response:
        body = response.read()
    if response.status == 404:
        return None
    if response.status != 200:
        raise HTTPException(f"{path}: {response.status} {response.reason}")
    return body.decode("utf-8")
