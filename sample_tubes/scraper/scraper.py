"""The nodes of `scraper.yaml`."""

from __future__ import annotations

import asyncio
import re
from typing import Annotated
from urllib.parse import quote, urlsplit

from noob_cli import MetaSignal, Name, NoEvent

_TITLE = re.compile(r"<title>(.*?)</title>", re.DOTALL)
_LINK = re.compile(r'<a [^>]*href="([^"]+)"')


class UnavailableError(Exception):
    """The server can't answer just now, or has had too many requests."""


async def fetch(page: str, base: str) -> str | MetaSignal:
    """Fetch a page; nothing comes of one that is not there.

    Raises:
        UnavailableError: It may be there the next time.
        ValueError: The server says something else.
    """
    address = urlsplit(base)
    reader, writer = await asyncio.open_connection(address.hostname, address.port or 80)
    try:
        path = f"{address.path.rstrip('/')}/{quote(page)}"
        writer.write(f"GET {path} HTTP/1.0\r\nHost: {address.netloc}\r\n\r\n".encode())
        answer = await reader.read()
    finally:
        writer.close()
    head, _, body = answer.partition(b"\r\n\r\n")
    status = int(head.split(maxsplit=2)[1]) if head.startswith(b"HTTP/") else 0
    if status in (0, 429) or status >= 500:
        raise UnavailableError(f"{page}: {status or 'no answer'}")
    if status == 404:
        return NoEvent
    if status != 200:
        raise ValueError(f"{page}: {status}")
    return body.decode("utf-8")


def read(text: str) -> tuple[Annotated[str, Name("title")], Annotated[list[str], Name("links")]]:
    """What a page is called, and the pages that it refers to."""
    title = _TITLE.search(text)
    return "" if title is None else " ".join(title[1].split()), _LINK.findall(text)
