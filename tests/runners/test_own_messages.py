"""What code tells through `logging` and `warnings`, and for which node and epoch it has done so."""

from __future__ import annotations

import asyncio
import io
import logging
import sys
import warnings
from collections.abc import Callable, Iterator
from typing import Any
from unittest import mock

import pytest

from noob_cli import SynchronousRunner, Tube
from noob_cli.runners.own_messages import Message
from noob_cli.runners.parallel import ParallelRunner

log = logging.getLogger(__name__)


def source() -> Iterator[int]:
    for number in range(2):
        log.warning("draws %s", number)
        yield number


def talk(value: int) -> int:
    log.info("gets %s", value)
    return value


def warn(value: int) -> int:
    with warnings.catch_warnings():
        warnings.simplefilter("always")
        warnings.warn(f"careful with {value}", RuntimeWarning, stacklevel=1)
    return value


async def wait(value: int) -> int:
    await asyncio.sleep(0)
    log.warning("waits")
    return value


async def wait_too(value: int) -> int:
    await asyncio.sleep(0)
    log.warning("waits, too")
    return value


def asset() -> Iterator[int]:
    log.error("begins")
    yield 3
    log.error("ends")


TUBE = {
    "assets": {"held": {"type": f"{__name__}.asset", "scope": "runner"}},
    "nodes": {
        "source": {"type": f"{__name__}.source"},
        "take": {"type": "operator.add", "depends": ["assets.held", "source.value"]},
        "within": {
            "type": "tube",
            "params": {
                "tube": {
                    "nodes": {"talk": {"type": f"{__name__}.talk", "depends": "input.value"}},
                    "input": {"value": {"type": "int", "scope": "process"}},
                }
            },
            "depends": [{"value": "source.value"}],
        },
        "warn": {"type": f"{__name__}.warn", "depends": "source.value"},
    },
}
SAID = {
    ("the asset 'held'", None, 40, f"{__name__}: begins"),
    ("the node 'source'", 0, 30, f"{__name__}: draws 0"),
    ("the node 'source'", 1, 30, f"{__name__}: draws 1"),
    ("the node 'within.talk'", 0, 20, f"{__name__}: gets 0"),
    ("the node 'within.talk'", 1, 20, f"{__name__}: gets 1"),
    ("the node 'warn'", 0, 30, "RuntimeWarning: careful with 0"),
    ("the node 'warn'", 1, 30, "RuntimeWarning: careful with 1"),
    ("the asset 'held'", None, 40, f"{__name__}: ends"),
}


def said(messages: list[Message]) -> set[tuple[Any, ...]]:
    return {(str(each.place), each.epoch, each.level, each.text) for each in messages}


def run(
    tube: dict[str, Any], make: Callable[..., SynchronousRunner] = SynchronousRunner, **options: Any
) -> list[Message]:
    heard: list[Message] = []
    # As where nobody has set up anything: pytest has.
    with mock.patch.object(logging.getLogger(), "handlers", []):
        make(Tube.from_specification(tube), hear=heard.append, **options).run()
    return heard


@pytest.mark.parametrize("on", ["sync", "threads"])
def test_node_and_epoch_are_known(on: str) -> None:
    options = {} if on == "sync" else {"on": on, "make": ParallelRunner, "workers": 2}

    heard = run(TUBE, hears_from=20, **options)

    assert said(heard) == SAID
    assert not any(each.is_shown or each.worker for each in heard)


@pytest.mark.slow
def test_a_worker_process_says_which_it_is() -> None:
    heard = run(TUBE, ParallelRunner, hears_from=20, on="processes", workers=2)

    assert said(heard) == SAID
    workers = {str(each.place): each.worker for each in heard}
    assert str(workers["the node 'warn'"]).startswith("worker ")
    assert workers["the node 'source'"] is None


@pytest.mark.parametrize("on", ["sync", "async"])
def test_coroutines_that_are_awaited_together_are_told_apart(on: str) -> None:
    nodes = {
        "source": {"type": f"{__name__}.source"},
        "wait": {"type": f"{__name__}.wait", "depends": "source.value"},
        "too": {"type": f"{__name__}.wait_too", "depends": "source.value"},
    }
    heard = run({"nodes": nodes}, **({} if on == "sync" else {"on": on, "make": ParallelRunner}))

    found = [(str(each.place), each.epoch) for each in heard if "waits" in each.text]
    assert sorted(found) == [(f"the node '{name}'", epoch) for name in ("too", "wait") for epoch in (0, 1)]


def test_less_is_heard_if_less_is_asked_for_and_nothing_is_left_changed() -> None:
    before = warnings.showwarning, logging.lastResort, logging.getLogRecordFactory(), logging.getLogger().level

    assert said(run(TUBE)) == {each for each in SAID if each[2] > 20}

    run(TUBE, hears_from=10)
    assert (
        warnings.showwarning,
        logging.lastResort,
        logging.getLogRecordFactory(),
        logging.getLogger().level,
    ) == before


def test_what_the_user_has_set_up_goes_on(monkeypatch: pytest.MonkeyPatch) -> None:
    shown = io.StringIO()
    monkeypatch.setattr(log, "handlers", [logging.StreamHandler(shown)])
    warned: list[object] = []
    monkeypatch.setattr(warnings, "showwarning", lambda *each: warned.append(each))

    heard = run(TUBE, hears_from=10)

    assert shown.getvalue().splitlines()[:2] == ["begins", "draws 0"]
    assert len(warned) == 2
    assert {each.is_shown for each in heard if "draws" in each.text} == {True}


def test_a_record_that_can_not_be_written_out_is_told_as_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys.modules[__name__], "talk", lambda value: log.info("%d", "x"), raising=True)

    heard = run(TUBE, hears_from=10)

    assert f"{__name__}: '%d' with ('x',)" in {each.text for each in heard}
