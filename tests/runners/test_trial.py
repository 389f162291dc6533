"""Which way epochs go whose items may be handed out: the one in which they take less time."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from noob_cli.runners import trial
from noob_cli.runners.trial import Trial


def ways(in_chunks: float, in_order: float, monkeypatch: pytest.MonkeyPatch) -> Iterator[bool]:
    """The way of each epoch, if one takes so long in each, and the next comes later; or at once, when it is known."""
    now = 0.0
    monkeypatch.setattr(trial, "perf_counter", lambda: now)
    tried = Trial()
    for _ in range(20):
        way = tried.is_for_chunks
        yield way
        tried.begin(way)
        if tried.is_over:
            continue
        now += in_chunks if way else in_order
        tried.end()
        now += 1.0


@pytest.mark.parametrize(
    ("in_chunks", "in_order", "expected"),
    [
        (0.001, 0.00001, "ppppp" + "o" * 15),
        (0.001, 0.002, "pppppooooo" + "p" * 10),
        (0.001, 0.02, "pppppo" + "p" * 14),
        (0.02, 0.04, "p" * 20),
    ],
)
def test_the_faster_one_is_gone(
    in_chunks: float, in_order: float, expected: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert "".join("p" if way else "o" for way in ways(in_chunks, in_order, monkeypatch)) == expected
