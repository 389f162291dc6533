"""A signal says what it has to wait for, and what a further one does; a third gives anything up."""

from __future__ import annotations

import signal

import pytest

CODE = """
import os
import time
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

from pydantic import BeforeValidator

def wait():
    try:
        Path("at").touch(exist_ok=False)
    except FileExistsError:
        return
    os.write(2, b"at\\n")
    while not Path("go").exists():
        time.sleep(0.01)
    os.write(2, b"through\\n")

@contextmanager
def making():
    wait()
    yield

@contextmanager
def ending():
    yield
    wait()

def numbers():
    yield from range(3)

def swallow(value):
    while True:
        try:
            os.write(2, b"at\\n")
            time.sleep(60)
        except KeyboardInterrupt:
            pass

def use(value, kept=None):
    time.sleep(0.01)
    return value

class Making:
    def __init__(self): wait()
    def process(self, value): return use(value)

class Initialising(Making):
    def __init__(self): pass
    def init(self): wait()

class Deinitialising(Making):
    def __init__(self): pass
    def deinit(self): wait()

class Saving(Making):
    def __init__(self): self.calls = 0
    def process(self, value):
        self.calls += 1
        return value
    def __getstate__(self):
        if self.calls:
            wait()
        return self.__dict__

class Copying:
    def __deepcopy__(self, memo):
        wait()
        return self

def copying(value=None, kept=None):
    return Copying()

class Shown:
    def __repr__(self):
        wait()
        return "shown"

def shown(value):
    return Shown()

def checked(value):
    wait()
    return value

Checked = Annotated[int, BeforeValidator(checked)]
"""

NODE = """
nodes:
  n: {{type: slow.numbers}}
  u: {{type: {}, depends: n.value}}
  return: {{type: return, depends: u.value}}
"""
NODE_OF_WORKERS = NODE.replace("depends: n.value", "stateful: false, depends: n.value")
ASSET = """
assets:
  a: {{type: {}}}
nodes:
  n: {{type: slow.numbers}}
  u: {{type: slow.use, depends: [n.value, {{kept: assets.a}}]}}
  return: {{type: return, depends: u.value}}
"""
OF_WORKERS = ", scope: runner, stateful: false"
CARRIED = """
assets:
  a: {type: slow.copying, scope: runner, depends: u.value}
nodes:
  n: {type: slow.numbers}
  u: {type: slow.copying, depends: [n.value, {kept: assets.a}]}
"""
INPUT = """
input: {x: {type: slow.Checked, scope: process}}
nodes:
  u: {type: slow.use, depends: input.x}
  return: {type: return, depends: u.value}
"""

GRACE = "a second signal interrupts it, or the end of the grace of 1000 s"
THIRD = "a third signal gives it up"
ASSET_IS_MADE = "waiting for the asset 'a' (tube.yaml:3:3), which is made or ended"
NODE_IS_MADE = "waiting for the node 'u' (tube.yaml:4:3), which is made or ended"

PLACES = {
    "make a node": (NODE.format("slow.Making"), (), NODE_IS_MADE, GRACE),
    "init of a node": (NODE.format("slow.Initialising"), (), NODE_IS_MADE, GRACE),
    "a checkpoint": (
        NODE.format("slow.Saving"),
        ("--checkpoint", "saved"),
        "waiting until the checkpoint is saved",
        THIRD,
    ),
    "a copy": (CARRIED, ("--on-error", "skip"), "waiting until what is carried is copied", GRACE),
    "a result": (NODE.format("slow.shown"), (), "waiting until the results are written", GRACE),
    "an input": (
        INPUT,
        ("-f", "records.jsonl"),
        "finishing the epoch under way, in the input 'x' (tube.yaml:2:9)",
        GRACE,
    ),
}
START, END = (f"waiting until the workers have {done}" for done in ("started", "ended"))

OF_CREWS = {
    "make an asset": (ASSET.format("slow.making, scope: process"), ASSET_IS_MADE, THIRD, None),
    "end an asset": (ASSET.format("slow.ending, scope: node"), ASSET_IS_MADE, THIRD, None),
    "make an asset of a worker": (ASSET.format(f"slow.making{OF_WORKERS}"), ASSET_IS_MADE, THIRD, START),
    "end an asset of a worker": (ASSET.format(f"slow.ending{OF_WORKERS}"), ASSET_IS_MADE, THIRD, END),
    "deinit of a node of a worker": (NODE_OF_WORKERS.format("slow.Deinitialising"), NODE_IS_MADE, THIRD, END),
    "init of a node of a worker": (NODE_OF_WORKERS.format("slow.Initialising"), NODE_IS_MADE, GRACE, START),
}
"""What is done by workers, what is said of it on threads, and in other processes if that is less."""

IS_NODE = "init of a node of a worker"
"""What a second signal interrupts."""


@pytest.fixture
def begun(start, write):
    """A run that has come to where it waits."""

    def begin(tube, *args):
        write("slow.py", CODE)
        write("tube.yaml", tube)
        write("records.jsonl", '{"x": 1}\n')
        running = start("run", "tube.yaml", "--grace", "1000", *args)
        lines = iter(running.read_error_line, "at")
        assert all("warning" in line for line in lines)
        return running

    return begin


def told(running):
    """The next line about what is waited for; a value without a form in JSON has a warning."""
    return next(line for line in iter(running.read_error_line, "") if not line.startswith("warning: "))


@pytest.mark.parametrize("place", PLACES)
def test_it_is_said_at_once(begun, write, place):
    tube, args, what, prospect = PLACES[place]
    running = begun(tube, *args)

    running.process.send_signal(signal.SIGINT)
    assert told(running) == f"{what}: {prospect}"
    write("go", "")
    done = running.end()
    assert (done.code, "through" in done.err) == (130, True)


@pytest.mark.parametrize("place", PLACES)
def test_a_third_one_gives_up_whatever_it_is(begun, place):
    tube, args, _, prospect = PLACES[place]
    running = begun(tube, *args)

    for _ in range(2 if prospect is GRACE else 3):
        assert running.process.poll() is None
        running.process.send_signal(signal.SIGTERM)
        if prospect is THIRD or _ == 0:
            told(running)
    done = running.end()
    assert (done.code, "through" in done.err) == (143, False)


@pytest.mark.parametrize("place", OF_CREWS)
@pytest.mark.parametrize("crew", ["threads", "processes"])
def test_what_workers_make_and_end_is_left_alone_until_the_third(begun, write, crew, place):
    tube, what, prospect, in_processes = OF_CREWS[place]
    if crew == "processes" and in_processes is not None:
        what, prospect = in_processes, GRACE
    running = begun(tube, "--runner", crew, "--workers", "2")

    running.process.send_signal(signal.SIGINT)
    assert told(running) == f"{what}: {prospect}"
    if place != IS_NODE:
        running.process.send_signal(signal.SIGINT)
        assert told(running) == f"{what}: {THIRD}"
    write("go", "")
    done = running.end()
    assert (done.code, "through" in done.err) == (130, True)


@pytest.mark.parametrize("place", OF_CREWS)
@pytest.mark.parametrize("crew", ["threads", "processes"])
def test_a_third_one_gives_up_what_workers_do(begun, crew, place):
    running = begun(OF_CREWS[place][0], "--runner", crew, "--workers", "2")

    for _ in range(1 if place == IS_NODE else 2):
        running.process.send_signal(signal.SIGTERM)
        told(running)
    done = running.stop(signal.SIGTERM)
    assert (done.code, "through" in done.err) == (143, False)


def test_what_goes_on_is_told_as_such(begun):
    running = begun(NODE.format("slow.swallow"))
    running.process.send_signal(signal.SIGINT)
    assert running.read_error_line().endswith(GRACE)
    running.process.send_signal(signal.SIGINT)
    assert running.read_error_line() == "at"
    assert running.read_error_line().endswith(": it was interrupted, and goes on: a further signal interrupts it again")


IMPORTED = """
import sys, threading, time

def same(number):
    return number

if threading.current_thread().name.startswith("worker"):
    print("imports", file=sys.stderr, flush=True)
    time.sleep(1000)
"""


@pytest.mark.parametrize(
    ("crew", "done"), [("processes", "the workers have started"), ("dask", "the workers have begun, or ended")]
)
def test_a_second_one_interrupts_what_workers_import(start, write, crew, done):
    if crew == "dask":
        pytest.importorskip("distributed")
    write("slow.py", IMPORTED)
    write("tube.yaml", NODE.replace("slow.numbers", "itertools.count").format("slow.same"))
    running = start("run", "tube.yaml", "--grace", "1000", "--runner", crew, "--workers", "1")
    assert running.read_error_line() == "worker 1: imports"
    running.process.send_signal(signal.SIGINT)
    assert running.read_error_line() == f"waiting until {done}: {GRACE}"
    running.process.send_signal(signal.SIGINT)
    done = running.end()
    assert (done.code, done.err) == (130, "stopped by SIGINT after 0 epochs (0 results)\n")
