"""Each place at which code of a user runs fails, in each way in which code can end."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import cycle

import pytest

START, EPOCH, END = "when the run started", "in epoch 2", "while it was ended"

EPOCH_END = f"{END}, {EPOCH}"

STARTED = "inside* listener writer ticks count borrowed* held second* first*"
"""What is open while epochs are made, last made first. A `*` stands for the error that it is told of."""

OPEN = f"page* cursor* {STARTED}"
"""What is open in an epoch."""


@dataclass(frozen=True)
class Place:
    """Where something fails.

    Args:
        at: The place, and which time, see `scenes/faulty.py`.
        who: Who is said to have failed.
        when: When that was.
        closed: What is closed afterwards, in order.
        results: How many results are out.
    """

    at: str
    who: str
    when: str
    closed: str
    results: int


def at_start(at: str, who: str, closed: str) -> Place:
    return Place(at, who, START, closed, 0)


def in_epoch(at: str, who: str, closed: str) -> Place:
    return Place(at, who, EPOCH, closed, 2)


def as_epoch_ends(at: str, who: str, closed: str) -> Place:
    return Place(at, who, EPOCH_END, closed, 2)


def at_end(at: str, who: str, closed: str) -> Place:
    return Place(at, who, END, closed, 4)


PLACES = [
    at_start("make first", "the asset 'first'", ""),
    at_start("open first", "the asset 'first'", ""),
    at_start("make second", "the asset 'second'", "first*"),
    at_start("open second", "the asset 'second'", "first*"),
    at_start("open held", "the asset 'held'", "second* first*"),
    at_start("borrow borrowed", "the asset 'borrowed'", "held second* first*"),
    at_start("open borrowed", "the asset 'borrowed'", "held second* first*"),
    at_start("make writer", "the node 'writer'", "borrowed* held second* first*"),
    at_start("init writer", "the node 'writer'", "borrowed* held second* first*"),
    at_start("init listener", "the node 'listener'", "writer borrowed* held second* first*"),
    at_start("open inside", "the asset 'nested.inside'", "listener writer borrowed* held second* first*"),
    # A generator that raises closes itself.
    in_epoch("draw@2", "the node 'count'", "count inside* listener writer ticks borrowed* held second* first*"),
    in_epoch("tick@2", "the node 'ticks'", "ticks inside* listener writer count borrowed* held second* first*"),
    in_epoch("make cursor@2", "the asset 'cursor'", STARTED),
    in_epoch("open cursor@2", "the asset 'cursor'", STARTED),
    in_epoch("make page@2", "the asset 'page'", f"cursor* {STARTED}"),
    in_epoch("open page@2", "the asset 'page'", f"cursor* {STARTED}"),
    in_epoch("process writer@2", "the node 'writer'", OPEN),
    in_epoch("callback@2", "the callback 'Listener.init.<locals>.<lambda>'", OPEN),
    # Four of them in an epoch: one for the function, three in the loop.
    in_epoch("make handle@8", "the asset 'handle'", OPEN),
    in_epoch("open handle@10", "the asset 'handle'", OPEN),
    in_epoch("use@2", "the node 'use'", f"handle* {OPEN}"),
    as_epoch_ends("close handle@8", "the asset 'handle'", OPEN),
    in_epoch("wait@2", "the node 'wait'", OPEN),
    in_epoch("three@2", "the node 'three'", OPEN),
    in_epoch("iterate@7", "the node 'each'", OPEN),
    in_epoch("item@7", "the node 'item'", f"handle* {OPEN}"),
    as_epoch_ends("close handle@10", "the asset 'handle'", OPEN),
    in_epoch("after@2", "the node 'after'", OPEN),
    in_epoch("open call@2", "the asset 'nested.call'", OPEN),
    in_epoch("inner@2", "the node 'nested.inner'", f"call* {OPEN}"),
    as_epoch_ends("close call@2", "the asset 'nested.call'", OPEN),
    in_epoch("add@2", "the node 'add'", OPEN),
    as_epoch_ends("close page@2", "the asset 'page'", f"cursor* {STARTED}"),
    as_epoch_ends("close cursor@2", "the asset 'cursor'", STARTED),
    at_end("close inside", "the asset 'nested.inside'", "listener writer ticks borrowed* held second* first*"),
    at_end("close listener", "the node 'listener'", "writer ticks borrowed* held second* first*"),
    at_end("close ticks", "the node 'ticks'", "borrowed* held second* first*"),
    at_end("close borrowed", "the asset 'borrowed'", "held second* first*"),
    at_end("close held", "the asset 'held'", "second* first*"),
    at_end("close second", "the asset 'second'", "first*"),
    at_end("close first", "the asset 'first'", ""),
]

FAILED = {
    START: f"failed {START}",
    EPOCH: f"failed {EPOCH}",
    EPOCH_END: f"could not be ended as it should {EPOCH}",
    END: "could not be ended as it should",
}

KINDS = {
    "exception": ("ValueError", 1, FAILED, "ValueError: struck: "),
    "exit": ("SystemExit", 3, {when: f"ended the run {when}" for when in FAILED}, ": exit code 3"),
    "keyboard": ("KeyboardInterrupt", 1, FAILED, "KeyboardInterrupt: struck: "),
    "broken pipe": ("BrokenPipeError", 1, FAILED, "BrokenPipeError: [Errno 32] Broken pipe"),
    "full disk": ("OSError", 1, FAILED, "OSError: [Errno 28] No space left on device"),
    "cancelled": ("CancelledError", 1, FAILED, "CancelledError: struck: "),
    "group": ("ExceptionGroup", 1, FAILED, "ExceptionGroup: struck: "),
}
"""The ways to fail: the error, the exit code, what is said of who has failed, and of the error."""

SINKS = [("out.jsonl", "jsonl"), ("", "jsonl"), ("out.json", "json"), ("", "json")]
"""Where the results go, and how they are written."""

CASES = [
    *((place, "exception") for place in PLACES),
    # The other ways in turn, at every second place.
    *zip(PLACES[::2], cycle(kind for kind in KINDS if kind != "exception"), strict=False),
]


@pytest.mark.parametrize(
    ("place", "kind", "sink"),
    [(*case, sink) for case, sink in zip(CASES, cycle(SINKS), strict=False)],
    ids=[f"{place.at}: {kind}" for place, kind in CASES],
)
def test_all_is_closed_nothing_is_lost_and_it_is_said(run, place, kind, sink):
    error, code, what, shown = KINDS[kind]
    file, output_format = sink
    args = ("--output-format", output_format, *(("-o", file) if file else ()))

    done = run("run", "whole.yaml", *args, faults=f"{place.at}={kind}")

    assert done.code == code, done.err
    assert " ".join(done.after_the_fault) == " ".join(
        f"close {name.replace('*', f' {error}')}" for name in place.closed.split()
    )
    assert [result["number"] for result in done.results_in(file, output_format)] == [*range(place.results)]
    assert not (file and done.stdout)
    assert not file or (done.folder / file).exists() == (place.when != START)
    said, _, trace = done.err.partition(f"{place.who} {what[place.when]}")
    assert trace, done.err
    assert shown in trace
    assert "\n" not in said
