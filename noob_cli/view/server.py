"""The server of the page: on this machine only, for who has the token in its address."""

from __future__ import annotations

import asyncio
import hmac
import mimetypes
import secrets
import socket
import threading
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from noob_cli.errors import InputError
from noob_cli.extras import import_extra
from noob_cli.view.feed import Feed

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.responses import Response

_LOOPBACK: Final = "127.0.0.1"
_PAGE: Final = Path(__file__).with_name("page")
_FIRST: Final = "index.html"

_SECONDS_BETWEEN: Final = 0.1
"""A page is told something at the most so often."""

_SECONDS_FOR_THE_LAST: Final = 1.0
"""How long the server waits for pages that read the last of what is told."""

_HEADERS: Final = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; "
        "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    ),
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}

Do = Callable[[str, Mapping[str, Any]], object]
"""Does what a page wants: a command, and what it is given. It raises an `InputError` if it can't."""


class Server:
    """Serves the page of a tube.

    Who has its address can run the tube: the address has a token in it, and without that there is nothing.

    Args:
        feed: What the page is told.
        do: Does what the page wants.
        port: The port of this machine; 0 for any that is free.

    Raises:
        InputError: The port is in use, or the packages of the extra `view` are not there.
    """

    def __init__(self, feed: Feed, do: Do, port: int = 0) -> None:
        uvicorn = import_extra("uvicorn", "view", "a page")
        import_extra("starlette", "view", "a page")
        self._feed = feed
        self._do = do
        self._token = secrets.token_urlsafe(16)
        self._socket = _listening(port)
        self._port = self._socket.getsockname()[1]
        self._hosts = {f"{host}:{self._port}" for host in (_LOOPBACK, "localhost")}
        config = uvicorn.Config(self._application(), lifespan="off", ws="none", log_config=None, log_level="critical")
        self._server = uvicorn.Server(config)
        run = self._server.run
        self._thread = threading.Thread(target=run, args=([self._socket],), name="noob page", daemon=True)

    @property
    def address(self) -> str:
        """Where the page is."""
        return f"http://{_LOOPBACK}:{self._port}/{self._token}/"

    def begin(self) -> None:
        """Begin to serve."""
        self._thread.start()

    def end(self) -> None:
        """Let the pages read the last of what is told, and end."""
        self._feed.is_over = True
        self._server.should_exit = True
        self._thread.join(_SECONDS_FOR_THE_LAST)
        self._server.force_exit = True
        self._thread.join()
        self._socket.close()

    def _application(self) -> Any:
        from starlette.applications import Starlette
        from starlette.routing import Route

        return Starlette(
            routes=[
                Route("/{token}/", self._guarded(self._page)),
                Route("/{token}/events", self._guarded(self._events)),
                Route("/{token}/do/{command}", self._guarded(self._command), methods=["POST"]),
                Route("/{token}/{file}", self._guarded(self._page)),
            ]
        )

    def _guarded(self, answer: Callable[[Request], Awaitable[Response]]) -> Callable[[Request], Awaitable[Response]]:
        """Answers those who know the token, and have come by an address of this machine, from no other page."""

        async def guarded(request: Request) -> Response:
            from starlette.responses import PlainTextResponse

            is_known = hmac.compare_digest(request.path_params["token"].encode(), self._token.encode())
            host, origin = request.headers.get("host"), request.headers.get("origin")
            if not is_known or host not in self._hosts or origin not in (None, f"http://{host}"):
                return PlainTextResponse("There is nothing here.", 404, headers=_HEADERS)
            return await answer(request)

        return guarded

    async def _page(self, request: Request) -> Response:
        from starlette.responses import PlainTextResponse, Response

        file = request.path_params.get("file", _FIRST)
        if file not in {path.name for path in _PAGE.iterdir()}:
            return PlainTextResponse("There is no such file.", 404, headers=_HEADERS)
        kind, _ = mimetypes.guess_type(file)
        return Response((_PAGE / file).read_bytes(), headers=_HEADERS, media_type=kind)

    async def _events(self, request: Request) -> Response:
        from starlette.responses import StreamingResponse

        return StreamingResponse(self._told(request), headers=_HEADERS, media_type="text/event-stream")

    async def _told(self, request: Request) -> AsyncIterator[str]:
        """What is told, as Server-Sent Events."""
        with self._feed.reading():
            version, is_over = 0, False
            while not is_over and not await request.is_disconnected():
                is_over = self._feed.is_over
                if version != self._feed.version:
                    version, facts = self._feed.since(version)
                    yield f"data: {facts}\n\n"
                if not is_over:
                    await asyncio.sleep(_SECONDS_BETWEEN)
            yield "event: over\ndata:\n\n"

    async def _command(self, request: Request) -> Response:
        from starlette.responses import JSONResponse

        given: Any = None
        if request.headers.get("content-type", "").partition(";")[0] == "application/json":
            with suppress(ValueError):
                given = await request.json()
        if not isinstance(given, dict):
            return JSONResponse({"error": "a command is given a JSON object"}, 400, headers=_HEADERS)
        try:
            self._do(request.path_params["command"], given)
        except InputError as error:
            return JSONResponse({"error": error.message}, 409, headers=_HEADERS)
        return JSONResponse({}, headers=_HEADERS)


def _listening(port: int) -> socket.socket:
    listening = socket.socket()
    try:
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listening.bind((_LOOPBACK, port))
        listening.listen()
    except OSError as error:
        listening.close()
        raise InputError(f"the page can't be served at {_LOOPBACK}:{port}: {error.strerror}") from error
    return listening
