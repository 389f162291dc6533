"""One server for the tests of a module."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.lsp.client import Client

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def client() -> Iterator[Client]:
    """A server, in which the folder of the project is open, and that of the broken tubes."""
    started = Client(sys.executable, "-m", "noob_cli", "lsp", folders=[ROOT, ROOT / "tests" / "diagnostics"], cwd=ROOT)
    yield started
    assert started.stop() == 0
