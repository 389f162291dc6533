"""One server for the tests of a module."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.cli.conftest import COMMAND
from tests.lsp.client import Client
from tests.warm.command import ARE_THERE, in_shell

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def client() -> Iterator[Client]:
    """A server, in which the folder of the project is open, and that of the broken tubes."""
    noob = in_shell(has_all=True) if ARE_THERE else COMMAND
    started = Client(*noob, "lsp", folders=[ROOT, ROOT / "tests" / "diagnostics"], cwd=ROOT)
    yield started
    assert started.stop() == 0


@pytest.fixture(autouse=True)
def _what_is_open_is_closed(request: pytest.FixtureRequest) -> Iterator[None]:
    """The server looks again at what is open whenever a file is opened."""
    yield
    if "client" in request.fixturenames:
        request.getfixturevalue("client").close_all()
