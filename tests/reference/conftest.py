"""What random tubes need to be the same wherever their nodes are called."""

from __future__ import annotations

import pytest

from tests.reference import nodes


@pytest.fixture
def uncounted(monkeypatch: pytest.MonkeyPatch) -> None:
    """Assets that count how many there were are all alike, here and in the processes that are started."""
    monkeypatch.setenv(nodes.UNCOUNTED, "1")
    monkeypatch.setattr(nodes, "MADE", nodes.Uncounted())
