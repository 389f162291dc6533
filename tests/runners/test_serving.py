"""What a worker whose run was killed does with a node that goes on, and with what is made or ended meanwhile."""

from __future__ import annotations

import io
import os
import sys
import threading
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest

from noob_cli.assets.context_managers import uninterrupted
from noob_cli.runners.crews import serving
from noob_cli.runners.crews.crew import Report
from noob_cli.runners.crews.shipment import GIVE_UP


class Left(Exception):
    """The process was left."""


@pytest.fixture
def worker(monkeypatch: pytest.MonkeyPatch) -> Any:
    def leave(code: int) -> None:
        raise Left

    monkeypatch.setattr(os, "_exit", leave)
    worker = serving._Serving(io.BytesIO(), io.BytesIO())
    worker._job = SimpleNamespace(code=SimpleNamespace(file="", places={}))
    worker._is_at_work.set()
    return worker


class Made:
    """What a worker has made, which is ended once, in the middle of which there may be a signal."""

    def __init__(self, during: Callable[[], object] = int) -> None:
        self.during = during
        self.has_ended = False

    def stop(self) -> Report:
        self.during()
        self.has_ended = True
        return Report({}, None)


def interrupt(worker: Any) -> None:
    worker._interrupt(GIVE_UP, sys._getframe())


def test_an_end_that_has_begun_is_left_alone(worker: Any):
    def late() -> None:
        worker._is_to_end = True
        interrupt(worker)

    worker._worker = made = Made(late)
    worker._end()
    assert made.has_ended


def test_a_node_that_goes_on_keeps_nothing_from_its_end(worker: Any):
    worker._worker, worker._is_to_end = made, _ = Made(), True
    with pytest.raises(Left):
        interrupt(worker)
    assert made.has_ended


def test_what_is_made_is_made_before_all_is_ended(worker: Any):
    made = Made()

    @uninterrupted
    def make() -> None:
        worker._is_to_end = True
        interrupt(worker)
        assert not made.has_ended

    worker._worker = made
    make()
    with pytest.raises(Left):
        interrupt(worker)
    assert made.has_ended


@pytest.mark.parametrize("is_heard", [False, True])
def test_the_process_is_not_left_while_something_is_made(worker: Any, is_heard: bool, monkeypatch: pytest.MonkeyPatch):
    looked: list[bool] = []

    def kill(process_id: int, number: int) -> None:
        worker._is_heard = is_heard

    def sleep(seconds: float) -> None:
        looked.append(worker._is_making(sys._current_frames()[serving._MAIN]))
        if len(looked) == 3:
            worker._is_ending = True
        if len(looked) == 4:
            raise Left

    monkeypatch.setattr(os, "kill", kill)
    monkeypatch.setattr(serving, "time", SimpleNamespace(sleep=sleep, monotonic=lambda: 0.0))
    monkeypatch.setattr(serving, "_MAIN", threading.get_ident())

    @uninterrupted
    def make() -> None:
        with pytest.raises(Left):
            worker._see_to_the_end_of_what_goes_on()

    make()
    assert looked == [True] * 4


def test_the_process_is_left_where_no_signal_comes_to(worker: Any, monkeypatch: pytest.MonkeyPatch):
    sent: list[int] = []
    monkeypatch.setattr(os, "kill", lambda process_id, number: sent.append(number))
    monkeypatch.setattr(serving, "time", SimpleNamespace(sleep=lambda seconds: None, monotonic=lambda: 0.0))
    with pytest.raises(Left):
        worker._see_to_the_end_of_what_goes_on()
    assert sent == [GIVE_UP]
