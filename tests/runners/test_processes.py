"""Regions in worker processes: results as in order, whatever a worker does or comes to."""

from __future__ import annotations

import errno
import itertools
import os
import pickle
import signal
import subprocess
import sys
import threading
import traceback
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Any

import numpy
import pytest

from noob_cli import ParallelRunner, SynchronousRunner, Tube
from noob_cli.codegen.runtime import NOT_BEGUN
from noob_cli.errors import NotPortableError, WorkerDiedError, WorkerStartError
from noob_cli.runners.crews import process, processes
from noob_cli.runners.crews.batches import Packed
from noob_cli.runners.crews.crew import SECONDS_TO_LEAVE, Failed
from noob_cli.runners.crews.process import interrupted
from noob_cli.runners.crews.shipment import GIVE_UP, FailedElsewhere
from noob_cli.runners.crews.wire import packed
from noob_cli.runners.urgency import Urgency
from tests.cli.conftest import environment, run_command, start_command
from tests.patience import PATIENCE, wait_until
from tests.runners import process_nodes
from tests.runners.process_nodes import with_lives
from tests.runners.warm import Warm

MY = "tests.runners.process_nodes"
ROOT = Path(__file__).parents[2]


def tube(node: str, n: int = 8, *, source: str = "upto", **params: Any) -> Tube:
    return Tube.from_specification(
        {
            "nodes": {
                "number": {"type": f"{MY}.{source}", "params": {"n": n}},
                "x": {"type": node if "." in node else f"{MY}.{node}", "depends": "number.value", "params": params},
                "return": {"type": "return", "depends": "x.value"},
            }
        }
    )


def on_processes(a_tube: Tube, **options: Any) -> ParallelRunner:
    return ParallelRunner(a_tube, on="processes", workers=2, **options)


class OnWarm(ParallelRunner):
    """In processes that are there for all tests which are not about how these start and end."""

    def _crew(self) -> Warm:
        return WARM


WARM = Warm(2, None)


def on_warm(a_tube: Tube) -> ParallelRunner:
    return OnWarm(a_tube, on="processes")


@pytest.fixture(scope="module", autouse=True)
def _warm_processes() -> Iterator[None]:
    yield
    WARM.close()


def test_results_are_those_of_one_after_the_other():
    assert list(on_warm(tube("twice", 500)).iter()) == [2 * number for number in range(500)]


@pytest.mark.usefixtures("cold_workers")
def test_several_processes_work(tmp_path: Path):
    ids = set(on_processes(tube("meeting", 40, folder=str(tmp_path))).iter())
    assert ids <= {int(file.name) for file in tmp_path.iterdir()}
    assert os.getpid() not in ids


INSIDE = {
    "nodes": {
        "number": {"type": f"{MY}.upto", "params": {"n": 50}},
        "twice": {"type": f"{MY}.twice", "depends": "number.value"},
        "plane": {"type": f"{MY}.plane", "depends": "twice.value"},
        "lock": {"type": f"{MY}.lock", "depends": "twice.value"},
        "height": {"type": f"{MY}.height", "depends": ["plane.value", "lock.value"]},
        "return": {"type": "return", "depends": "height.value"},
    }
}
"""What is only known where an epoch is made, and what of it is large, or goes nowhere."""


def test_who_watches_sees_what_stays_in_the_workers():
    with on_warm(Tube.from_specification(INSIDE)) as runner, runner.watching() as values:
        assert list(runner.iter()) == [300] * 50
        runner.deinit()
        assert values.counts == dict.fromkeys(values.last, 50)
        assert values.last.keys() == {f"{name}.value" for name in INSIDE["nodes"]}
        assert values.last["twice.value"] in range(0, 100, 2)
        seen = values.last["plane.value"]
        assert (seen.shape, str(seen.dtype), seen.sample.shape) == ((300, 500), "float64", (100, 167))
        assert seen.mean() == seen.sample[0, 0]
        assert "lock" in repr(values.last["lock.value"])


def test_another_thread_begins_to_watch_what_workers_do_and_has_enough():
    forever = {**INSIDE["nodes"], "number": {"type": "itertools.count"}}
    runner = on_warm(Tube.from_specification({"nodes": forever}))
    thread = threading.Thread(target=runner.run)
    thread.start()
    try:
        for _ in range(2):
            with runner.watching() as values:
                wait_until(lambda values=values: "twice.value" in values.last)
                count = values.counts["twice.value"]
                wait_until(lambda values=values, count=count: values.counts["twice.value"] > count)
            assert values.last == {}
    finally:
        runner.stop()
        thread.join(PATIENCE)
    assert not thread.is_alive()


def test_an_error_is_told_as_if_it_had_been_raised_here():
    with on_warm(tube("third")) as runner:
        results = runner.iter()
        assert [next(results) for _ in range(3)] == [0, 1, 2]
        with pytest.raises(ValueError, match="no three") as caught:
            next(results)
        assert any("in the node 'x', epoch 3" in note for note in caught.value.__notes__)
        assert caught.traceback[-1].name == "third"
        assert str(caught.traceback[-1].path) == process_nodes.__file__
        assert runner.failure is not None
        assert (runner.failure.place.name, runner.failure.epoch, runner.failure.values) == ("x", 3, {"number": 3})
        assert list(runner.iter()) == [4, 5, 6, 7]


def test_an_error_is_shown_where_it_stands_in_its_line():
    shown = []
    for runner in (SynchronousRunner(tube("third")), on_warm(tube("third"))):
        with pytest.raises(ValueError, match="no three") as caught, runner:
            list(runner.iter())
        frames = [(each.name, each.line, each.colno, each.end_colno) for each in traceback.extract_tb(caught.tb)]
        shown.append(frames[[name for name, *_ in frames].index("third") :])
    assert shown[0] == shown[1]
    assert None not in shown[0][0]


def test_an_error_that_can_not_be_pickled_keeps_its_name_and_its_words():
    with on_warm(tube("odd")) as runner, pytest.raises(ValueError, match=r"^3: it is odd") as caught:
        list(runner.iter())
    assert type(caught.value).__name__ == "OddError"
    assert isinstance(caught.value.__cause__, KeyError)


def test_who_ends_the_program_ends_it_here():
    found = []
    with pytest.raises(SystemExit) as caught:
        found += on_warm(tube("ends_the_program")).iter()
    assert caught.value.code == 4
    assert any("in the node 'x', epoch 3" in note for note in caught.value.__notes__)


def test_a_value_that_can_not_be_pickled_is_told_with_who_gives_it():
    with on_warm(tube("lock_at_three")) as runner:
        results = runner.iter()
        assert [next(results) for _ in range(3)] == [0, 1, 2]
        with pytest.raises(NotPortableError, match=r"the signal 'value' of the node 'x' .* type 'lock'") as caught:
            next(results)
        assert any("--runner threads" in note and "stateful: true" in note for note in caught.value.__notes__)
        assert runner.failure is not None
        assert runner.failure.place.name == "x"
        assert list(runner.iter()) == [4, 5, 6, 7]


def test_a_value_that_can_not_be_made_of_its_pickle():
    with on_warm(tube("unmade_at_three")) as runner:
        with pytest.raises(
            NotPortableError, match=r"the signal 'value' of the node 'x' .* pickled there, and can't be"
        ):
            list(runner.iter())
        assert list(runner.iter()) == [4, 5, 6, 7]


LOCKING = {"type": f"{MY}.lock_at_three", "depends": "number.value"}
PUT_TOGETHER: dict[str, tuple[str, dict[str, Any]]] = {
    "a dict": ("x", {"x": LOCKING, "return": {"type": "return", "depends": [{"n": "number.value"}, {"x": "x.value"}]}}),
    "a list": ("x", {"x": LOCKING, "return": {"type": "return", "depends": ["number.value", "x.value"]}}),
    "a loop": (
        "x",
        {
            "row": {"type": f"{MY}.row", "depends": "number.value"},
            "each": {"type": "map", "depends": "row.value"},
            "x": {**LOCKING, "depends": "each.value"},
            "all": {"type": "gather", "depends": [{"value": "x.value"}, {"n": "each.n"}]},
            "return": {"type": "return", "depends": "all.value"},
        },
    ),
    "a nested tube": (
        "child.x",
        {
            "child": {
                "type": "tube",
                "depends": [{"number": "number.value"}],
                "params": {
                    "tube": {
                        "input": {"number": {"type": "int", "scope": "process"}},
                        "nodes": {
                            "x": {**LOCKING, "depends": "input.number"},
                            "return": {"type": "return", "depends": ["input.number", "x.value"]},
                        },
                    }
                },
            },
            "return": {"type": "return", "depends": "child.value"},
        },
    ),
}


@pytest.mark.parametrize("what", PUT_TOGETHER)
def test_of_what_was_put_together_the_part_is_told_that_can_not_be_pickled(what: str):
    node, nodes = PUT_TOGETHER[what]
    spec = {"nodes": {"number": {"type": f"{MY}.upto", "params": {"n": 5}}, **nodes}}
    with on_warm(Tube.from_specification(spec)) as runner:
        with pytest.raises(NotPortableError, match=f"the signal 'value' of the node '{node}' .* type 'lock'"):
            list(runner.iter())
        assert runner.failure is not None
        assert (runner.failure.place.name, runner.failure.epoch) == (node, 3)


@pytest.mark.parametrize("what", ["given", "default", "param"])
def test_what_the_tube_has_and_can_not_be_pickled(what: str):
    lock = threading.Lock()
    given = {"default": lock} if what == "default" else {}
    spec = {
        "input": {"lock": {"type": "typing.Any", **({"default": None} | given)}},
        "nodes": {
            "number": {"type": f"{MY}.upto", "params": {"n": 3}},
            "x": {
                "type": f"{MY}.two",
                "depends": ["number.value"],
                "params": {"other": lock if what == "param" else "input.lock"},
            },
            "return": {"type": "return", "depends": "x.value"},
        },
    }
    which = {"given": "the input 'lock'", "default": "'input.lock.default'", "param": "'nodes.x.params.other'"}[what]
    a_tube = Tube.from_specification(spec, input={"lock": lock} if what == "given" else {})
    with pytest.raises(NotPortableError, match=f"{which} is of type 'lock', which can't be pickled .* Use threads"):
        list(on_warm(a_tube).iter())


def test_a_value_that_a_source_gives_and_can_not_be_pickled():
    with on_warm(tube("kind", source="locks")) as runner:
        with pytest.raises(NotPortableError, match=r"the signal 'value' of the node 'number' .* type 'lock'"):
            list(runner.iter())
        assert list(runner.iter()) == ["int"] * 4


def test_a_nested_tube_is_in_a_worker_what_it_was_when_it_was_loaded(tmp_path: Path):
    child = tmp_path / "child.yaml"
    child.write_text(
        f"""
        input: {{number: {{type: int, scope: process}}}}
        nodes:
          x: {{type: {MY}.twice, depends: input.number}}
          return: {{type: return, depends: x.value}}
        """
    )
    spec = {
        "nodes": {
            "number": {"type": f"{MY}.upto", "params": {"n": 3}},
            "x": {"type": "tube", "params": {"tube": str(child)}, "depends": [{"number": "number.value"}]},
            "return": {"type": "return", "depends": "x.value"},
        }
    }
    a_tube = Tube.from_specification(spec)
    child.unlink()
    assert list(on_warm(a_tube).iter()) == [0, 2, 4]


@pytest.mark.slow
@pytest.mark.usefixtures("cold_workers")
def test_a_worker_that_is_killed_is_replaced(tmp_path: Path):
    runner = on_processes(tube("dies_once", 500, at=400, folder=str(tmp_path)), timing=True)
    assert list(runner.iter()) == list(range(500))
    # What the other has measured before it was killed is not lost, but for what it was doing then.
    assert runner.timers["x"].calls >= 499


@pytest.mark.slow
def test_an_epoch_that_kills_every_worker_has_failed_and_no_other():
    with on_processes(tube("always_dies", 40)) as runner:
        results = runner.iter()
        assert [next(results) for _ in range(3)] == [0, 1, 2]
        with pytest.raises(WorkerDiedError, match="epoch 3: exit code 7, while they did 'x'"):
            next(results)
        assert list(runner.iter()) == list(range(4, 40))


@pytest.mark.slow
def test_an_epoch_that_kills_every_worker_is_not_done_here_to_be_compared():
    with on_processes(tube("always_dies", 6), verify=6) as runner:
        with pytest.raises(WorkerDiedError, match="epoch 3"):
            list(runner.iter())
        assert list(runner.iter()) == [4, 5]


@pytest.mark.slow
@pytest.mark.parametrize("options", [{}, {"verify": 20}])
def test_what_hangs_is_interrupted(options: dict[str, Any], tmp_path: Path):
    with on_processes(tube("sleeps_long", 20, folder=str(tmp_path)), **options) as runner:
        results = runner.iter()
        assert [next(results) for _ in range(3)] == [0, 1, 2]
        wait_until(lambda: (tmp_path / "begun").exists())
        assert runner.current_run is not None
        crew: Any = runner.current_run.crew
        crew.interrupt(Urgency.overdue)
        with pytest.raises(KeyboardInterrupt) as caught:
            next(results)
        assert "sleeps_long" in [entry.name for entry in caught.traceback]


def test_what_does_not_let_itself_be_interrupted_is_killed(tmp_path: Path):
    runner = on_processes(tube("never_ends", folder=str(tmp_path)))
    results = runner.iter()
    crew_of = threading.Thread(target=lambda: _insist(runner, tmp_path))
    crew_of.start()
    with pytest.raises(KeyboardInterrupt):
        next(results)
    crew_of.join()


def test_what_hangs_behind_an_epoch_that_has_failed_is_interrupted(tmp_path: Path):
    runner = on_processes(tube("fails_before_one_that_hangs", 4, folder=str(tmp_path)))
    with pytest.raises(ValueError, match="two"):
        list(runner.iter())
    assert (tmp_path / "interrupted").exists()


def test_what_a_process_is_at_work_for_is_told_when_it_goes_on_to_something_else(tmp_path: Path):
    names = ("first", "second")
    waits = [
        {"type": f"{MY}.waits_for", "params": {"file": str(tmp_path / name)}, "depends": f"{before}.value"}
        for name, before in zip(names, ("number", "first"), strict=True)
    ]
    nodes = {"number": {"type": f"{MY}.upto", "params": {"n": 1}}, **dict(zip(names, waits, strict=True))}
    runner = on_processes(Tube.from_specification({"nodes": nodes}))
    thread = threading.Thread(target=lambda: runner.run(1))
    thread.start()
    try:
        for name in names:
            wait_until(lambda name=name: at_work_in(runner) == [name])
            (tmp_path / name).touch()
    finally:
        for name in names:
            (tmp_path / name).touch()
        thread.join()


def at_work_in(runner: ParallelRunner) -> list[str]:
    crew: Any = None if runner.current_run is None else runner.current_run.crew
    return [] if crew is None else [place.name for place in crew.at_work()]


def _insist(runner: ParallelRunner, folder: Path) -> None:
    wait_until(lambda: (folder / "begun").exists())
    assert runner.current_run is not None
    crew: Any = runner.current_run.crew
    for urgency in (Urgency.overdue, Urgency.insisted, Urgency.forced):
        crew.interrupt(urgency)


def test_who_prints_says_where(capfd: pytest.CaptureFixture[str]):
    assert list(on_processes(tube("says", 6)).iter()) == list(range(6))
    lines = capfd.readouterr().out.splitlines()
    assert sorted(line.partition(": ")[2] for line in lines) == [f"here is {number}" for number in range(6)]
    assert {line.partition(": ")[0] for line in lines} <= {"worker 1", "worker 2"}


@pytest.mark.usefixtures("cold_workers")
def test_who_closes_its_output_closes_it_for_nobody_else(capfd: pytest.CaptureFixture[str]):
    assert ParallelRunner(tube("closes", 2), on="processes", workers=1).run(2) == [0, 1]
    lines = [f"worker 1: {when} {number}" for number in (0, 1) for when in ("before", "after")]
    assert capfd.readouterr().out.splitlines() == lines


@pytest.mark.filterwarnings("ignore:This process .* is multi-threaded")
def test_a_process_that_a_node_forks_ends_when_it_is_asked_to():
    assert on_warm(tube("forks", 1)).run(1) == [[-signal.SIGTERM, -signal.SIGHUP]]


IGNORING = """
import signal
signal.signal(signal.SIGHUP, signal.SIG_IGN)
from noob_cli import ParallelRunner
from tests.runners.test_processes import tube
print(ParallelRunner(tube("starts_one", 1), on="processes", workers=1).run(1))
"""


def test_a_signal_that_is_ignored_from_the_start_is_ignored_by_what_a_node_in_a_worker_starts():
    env = {**os.environ, "PYTHONPATH": str(ROOT)}
    ran = subprocess.run([sys.executable, "-c", IGNORING], env=env, capture_output=True, text=True, check=True)
    assert ran.stdout == "[0]\n"


def test_what_is_one_object_is_one_on_the_other_side_and_no_event_is_none():
    spec = {
        "nodes": {
            "number": {"type": f"{MY}.upto", "params": {"n": 4}},
            "pair": {"type": f"{MY}.pair", "depends": "number.value"},
            "odd": {"type": f"{MY}.odd_only", "depends": "number.value"},
            "same": {"type": f"{MY}.same", "depends": ["pair.left", "pair.right"], "stateful": True},
            "return": {"type": "return", "depends": [{"same": "same.value"}, {"odd": "odd.value"}]},
        },
    }
    found = list(on_warm(Tube.from_specification(spec)).iter())
    assert found == [{"same": True}, {"same": True, "odd": 1}, {"same": True}, {"same": True, "odd": 3}]


class Refilling:
    """Fills one buffer again and again."""

    def __init__(self, n: int, size: int) -> None:
        self._numbers = iter(range(n))
        self._buffer = numpy.zeros(size, numpy.uint8)

    def process(self) -> Iterator[Any]:
        for number in self._numbers:
            self._buffer[:] = number
            yield self._buffer


@pytest.mark.parametrize("size", [10, 1 << 20])
def test_arrays_are_as_they_were_when_they_were_given_and_may_be_changed_where_they_come_to(size: int):
    spec = {
        "nodes": {
            "frame": {"type": f"{__name__}.Refilling", "params": {"n": 20, "size": size}},
            "x": {"type": f"{MY}.plus_one", "depends": "frame.value"},
            "return": {"type": "return", "depends": "x.value"},
        }
    }
    frames = list(on_warm(Tube.from_specification(spec)).iter())
    assert [(frame[0], frame[-1], frame.shape) for frame in frames] == [(n, n, (size,)) for n in range(1, 21)]
    assert all(frame.flags.writeable for frame in frames)


SCRIPT = """
from noob_cli import ParallelRunner, Tube

class Thing:
    pass

def shown(thing):
    return repr(thing)

def run(type_):
    nodes = {
        "x": {"type": type_, "depends": "input.thing"},
        "return": {"type": "return", "depends": "x.value"},
    }
    spec = {"input": {"thing": {"type": "typing.Any", "scope": "process"}}, "nodes": nodes}
    runner = ParallelRunner(Tube.from_specification(spec), on="processes", workers=1)
    print("it runs")
    try:
        print(list(runner.stream([{"thing": 3}, {"thing": Thing()}])))
    except Exception as error:
        print(error)

run("tests.runners.process_nodes.kind")
run("__main__.shown")
"""


@pytest.mark.slow
def test_a_script_needs_no_guard_and_is_told_that_its_classes_are_in_no_module(tmp_path: Path):
    script = tmp_path / "script.py"
    script.write_text(SCRIPT)
    env = {**os.environ, "PYTHONPATH": str(ROOT)}
    done = subprocess.run([sys.executable, str(script)], capture_output=True, text=True, check=True, env=env)
    first, value, second, code = done.stdout.splitlines()
    assert first == second == "it runs"
    assert value.startswith("what the input 'thing' gives can't go to another process: it is of type 'Thing'")
    assert code.startswith("the tube can't go to another process: __main__.shown is in the script that is run")


@pytest.mark.slow
def test_all_comes_in_order_whatever_workers_come_to():
    spec = {
        "nodes": {
            "number": {"type": f"{MY}.upto", "params": {"n": 200}},
            "before": {"type": f"{MY}.slowly", "depends": "number.value"},
            "sum": {"type": f"{MY}.Sum", "depends": "before.value"},
            "after": {"type": f"{MY}.slowly", "depends": "sum.value"},
            "return": {"type": "return", "depends": ["number.value", "after.value"]},
        }
    }
    found = []
    with ParallelRunner(Tube.from_specification(spec), on="processes", workers=3) as runner:
        assert runner.current_run is not None
        crew: Any = runner.current_run.crew
        for result in runner.iter():
            found.append(result)
            if len(found) % 40 == 0:
                popen = crew._processes[len(found) // 40 % 3]._popen
                if popen is not None:
                    popen.kill()
    assert found == [[number, sum(range(number + 1))] for number in range(200)]


def lines_of(file: Path) -> list[int]:
    return sorted(map(int, file.read_text().split())) if file.exists() else []


@pytest.mark.slow
def test_what_there_is_one_of_for_each_worker_is_made_and_ended_there_once(tmp_path: Path):
    told: list[str] = []
    runner = ParallelRunner(with_lives(tmp_path, 20), on="processes", workers=2, log=told.append)
    found = set(runner.iter())
    assert lines_of(tmp_path / "made") == lines_of(tmp_path / "ended")
    assert len(lines_of(tmp_path / "made")) == 2
    assert found <= set(lines_of(tmp_path / "made"))
    assert {"worker 1: the node 'x' was started", "worker 2: the node 'x' was ended"} <= set(told)


@pytest.mark.slow
def test_one_that_can_not_be_made_is_told_when_the_run_starts(tmp_path: Path):
    runner = on_processes(with_lives(tmp_path, 20, fails="made"))
    with pytest.raises(OSError, match="it can't be made") as caught:
        runner.init()
    assert any("in the node 'x'" in note for note in caught.value.__notes__)


@pytest.mark.slow
def test_workers_that_die_when_they_start_are_told(tmp_path: Path):
    runner = on_processes(with_lives(tmp_path, 20, fails="exit"))
    with pytest.raises(WorkerDiedError, match=r"3 worker processes, .* have died when they started: exit code 9"):
        runner.init()


def refused_from(number: int, start: Any, code: int = errno.EMFILE) -> Any:
    """What starts something as ever, but only so many times."""
    counted = itertools.count(1)

    def start_or_not(*args: Any, **options: Any) -> Any:
        if next(counted) < number:
            return start(*args, **options)
        raise OSError(code, os.strerror(code))

    return start_or_not


def test_workers_that_the_system_does_not_start_are_told_and_the_others_end(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(process, "Popen", refused_from(2, process.Popen))
    descriptors = len(os.listdir("/proc/self/fd"))
    runner = on_processes(tube("twice"))
    with pytest.raises(WorkerStartError, match=r"^worker 2 can't be started: Too many open files\. Let there be"):
        runner.init()
    runner.deinit()
    assert len(os.listdir("/proc/self/fd")) == descriptors
    with pytest.raises(ChildProcessError):
        os.waitpid(-1, os.WNOHANG)


@pytest.mark.parametrize("name", ["socketpair", "dup"])
def test_a_worker_that_nobody_could_talk_to_is_not_started(monkeypatch: pytest.MonkeyPatch, name: str):
    module = process.socket if name == "socketpair" else process.os
    monkeypatch.setattr(module, name, refused_from(1, None))
    with pytest.raises(WorkerStartError, match="worker 1 can't be started"):
        on_processes(tube("twice")).init()


def test_a_worker_that_has_no_thread_that_talks_to_it_ends(monkeypatch: pytest.MonkeyPatch):
    def refuse(thread: threading.Thread) -> None:
        raise RuntimeError("can't start new thread")

    monkeypatch.setattr(threading.Thread, "start", refuse)
    with pytest.raises(WorkerStartError, match="worker 1 can't be started: can't start new thread"):
        on_processes(tube("twice")).init()


def test_another_error_of_the_system_is_told_as_it_is(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(process, "Popen", refused_from(1, process.Popen, errno.ENOEXEC))
    with pytest.raises(OSError, match="Exec format error") as caught:
        on_processes(tube("twice")).init()
    assert caught.value.errno == errno.ENOEXEC


@pytest.mark.parametrize("code", [errno.EMFILE, errno.EACCES])
def test_the_file_of_rates_is_part_of_what_workers_need(monkeypatch: pytest.MonkeyPatch, code: int):
    monkeypatch.setattr(processes, "NamedTemporaryFile", refused_from(1, None, code))
    rated = Tube.from_specification(
        {
            "nodes": {
                "number": {"type": f"{MY}.upto", "params": {"n": 2}},
                "x": {"type": f"{MY}.twice", "depends": "number.value", "rate": "100/s"},
                "return": {"type": "return", "depends": "x.value"},
            }
        }
    )
    kind, told = {
        errno.EMFILE: (WorkerStartError, r"^worker 1 can't be started: Too many open files\. Let there be fewer"),
        errno.EACCES: (PermissionError, "Permission denied"),
    }[code]
    with pytest.raises(kind, match=told):
        on_processes(rated).init()


def test_one_that_has_died_and_can_not_be_replaced_fails_the_epoch(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(process, "Popen", refused_from(3, process.Popen))
    with pytest.raises(WorkerStartError, match=r"worker . can't be started") as caught:
        list(on_processes(tube("always_dies", 40)).iter())
    assert pickle.loads(pickle.dumps(caught.value)).args == caught.value.args


@pytest.mark.slow
def test_one_that_can_not_be_ended_is_told_when_the_run_ends(tmp_path: Path):
    runner = on_processes(with_lives(tmp_path, 4, fails="ended"))
    with pytest.raises((OSError, ExceptionGroup)) as caught:
        list(runner.iter())
    assert "it can't be ended" in str(caught.value) or isinstance(caught.value, ExceptionGroup)
    assert {failure.place.name for failure in runner.failures} == {"x"}
    assert len(lines_of(tmp_path / "ended")) == 2


ORPHAN = """
import sys
from noob_cli import ParallelRunner
from pathlib import Path
from tests.runners.process_nodes import with_lives

a_tube = with_lives(Path(sys.argv[1]), 10_000)
for process_id in ParallelRunner(a_tube, on="processes", workers=2).iter():
    print(process_id, flush=True)
"""


@pytest.mark.slow
def test_workers_end_when_who_wants_them_is_killed(tmp_path: Path):
    script = tmp_path / "script.py"
    script.write_text(ORPHAN)
    folder = tmp_path / "processes"
    folder.mkdir()
    command = [sys.executable, str(script), str(folder)]
    env = {**os.environ, "PYTHONPATH": str(ROOT)}
    with subprocess.Popen(command, stdout=subprocess.PIPE, env=env) as popen:
        assert popen.stdout is not None
        for _ in range(20):
            popen.stdout.readline()
        popen.kill()
    workers = lines_of(folder / "made")
    assert len(workers) == 2
    wait_until(lambda: not any(map(is_alive, workers)))
    assert lines_of(folder / "ended") == workers


KILLED = """
import sys
from noob_cli import ParallelRunner
from pathlib import Path
from tests.runners.process_nodes import with_lives

a_tube = with_lives(Path(sys.argv[1]), 20, source="fatal", seconds_to_end=float(sys.argv[2]))
list(ParallelRunner(a_tube, on="processes", workers=1).iter())
"""


@pytest.mark.slow
@pytest.mark.parametrize("seconds_to_end", [0, SECONDS_TO_LEAVE + 1])
def test_a_worker_that_is_about_to_begin_a_node_when_who_wants_it_is_killed_ends_what_it_has_made(
    seconds_to_end: float, tmp_path: Path
):
    env = {**os.environ, "PYTHONPATH": str(ROOT)}
    done = subprocess.run([sys.executable, "-c", KILLED, str(tmp_path), str(seconds_to_end)], env=env, check=False)
    assert done.returncode == -signal.SIGKILL
    (worker,) = lines_of(tmp_path / "made")
    wait_until(lambda: not is_alive(worker))
    assert lines_of(tmp_path / "ended") == [worker]


KILLED_BY_NODE = """
import os, sys
from noob_cli import ParallelRunner
from pathlib import Path
from tests.runners.process_nodes import with_lives

a_tube = with_lives(Path(sys.argv[1]), 1, kind=sys.argv[2], kills=os.getpid())
list(ParallelRunner(a_tube, on="processes", workers=1).iter())
"""


@pytest.mark.slow
@pytest.mark.parametrize(("kind", "ended"), [("Resisting", 2), ("Hanging", 1)])
def test_what_goes_on_in_a_worker_when_who_wants_it_is_killed_keeps_nothing_else_from_its_end(
    kind: str, ended: int, tmp_path: Path
):
    env = {**os.environ, "PYTHONPATH": str(ROOT)}
    done = subprocess.run([sys.executable, "-c", KILLED_BY_NODE, str(tmp_path), kind], env=env, check=False)
    assert done.returncode == -signal.SIGKILL
    worker, _ = lines_of(tmp_path / "made")
    wait_until(lambda: not is_alive(worker))
    assert lines_of(tmp_path / "ended") == [worker] * ended


OWN_TUBE = """
nodes:
  number: {{type: itertools.count}}
  x: {{type: {module}.same, depends: number.value}}
  return: {{type: return, depends: x.value}}
"""

HANGING_MODULE = """
import os, threading, time
from pathlib import Path

def same(value):
    return value

if threading.current_thread().name.startswith("worker"):
    with open(Path(__file__).with_name("made"), "a") as file:
        print(os.getpid(), file=file)
    while True:
        try:
            time.sleep(60)
        except BaseException:
            pass
"""


@pytest.mark.slow
def test_workers_whose_imports_hang_end_when_who_wants_them_is_killed(tmp_path: Path):
    (tmp_path / "hanging.py").write_text(HANGING_MODULE)
    (tmp_path / "hangs.yaml").write_text(OWN_TUBE.format(module="hanging"))
    arguments = ("run", "hangs.yaml", "--runner", "processes", "--workers", "2")
    streams = dict.fromkeys(("stdin", "stdout", "stderr"), subprocess.DEVNULL)
    with start_command(arguments, cwd=tmp_path, env=environment(tmp_path), **streams) as popen:
        wait_until(lambda: len(lines_of(tmp_path / "made")) == 2)
        popen.kill()
    workers = lines_of(tmp_path / "made")
    wait_until(lambda: not any(map(is_alive, workers)))


RUN_WHEN_IMPORTED = """
from pathlib import Path

from noob_cli import ParallelRunner, Tube

imports = Path(__file__).with_name("imports")
with imports.open("a") as file:
    print("imported", file=file)
if len(imports.read_text().split()) > 20:
    raise RuntimeError("one worker after the other begins others")

def same(value):
    return value

with ParallelRunner(Tube.load(Path(__file__).with_name("again.yaml")), on="processes", workers=2) as runner:
    print(runner.run(n=3))
"""


@pytest.mark.slow
def test_a_worker_that_imports_what_starts_workers_is_refused_and_starts_none(tmp_path: Path):
    (tmp_path / "again.py").write_text(RUN_WHEN_IMPORTED)
    (tmp_path / "again.yaml").write_text(OWN_TUBE.format(module="again"))
    done = run_command(("run", "again.yaml"), stdin=subprocess.DEVNULL, cwd=tmp_path, env=environment(tmp_path))
    assert done.returncode == 2
    said = done.stderr.decode()
    assert "the module 'again' starts it when it is imported, as a worker process has just done" in said
    assert "put what runs it there behind 'if __name__ == \"__main__\":'" in said


def is_alive(process_id: int) -> bool:
    try:
        os.kill(process_id, 0)
    except ProcessLookupError:
        return False
    return Path(f"/proc/{process_id}/stat").read_text().rpartition(")")[2].split()[0] != "Z"


@pytest.mark.parametrize("worker", [0, 1])
@pytest.mark.slow
def test_no_result_is_lost_or_doubled_when_a_worker_is_killed(worker: int):
    with on_processes(tube("slowly", 300)) as runner:
        assert runner.current_run is not None
        crew: Any = runner.current_run.crew
        found = []
        for after in (*range(8), 20, 29):
            results = runner.iter(epochs=30)
            found += islice(results, after)
            crew._processes[worker]._popen.kill()
            found += results
    assert found == list(range(300))


TUBE = """
nodes:
  number: {{type: tests.runners.process_nodes.upto, params: {{n: 20}}}}
  x: {{type: tests.runners.process_nodes.{node}, depends: number.value, params: {{folder: {folder}}}}}
  return: {{type: return, depends: x.value}}
"""


@pytest.mark.slow
@pytest.mark.parametrize(
    ("node", "signals", "options"),
    [
        ("sleeps_long", [signal.SIGINT], ["--grace", "0.1"]),
        ("never_ends", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP], []),
    ],
)
def test_signals_stop_what_hangs_in_a_process(
    node: str, signals: list[signal.Signals], options: list[str], tmp_path: Path
):
    (tmp_path / "hangs.yaml").write_text(TUBE.format(node=node, folder=tmp_path))
    arguments = ("run", "hangs.yaml", "--runner", "processes", "--workers", "2", *options)
    env = environment(tmp_path, PYTHONPATH=str(ROOT))
    streams = {"stdin": subprocess.DEVNULL, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    with start_command(arguments, cwd=tmp_path, env=env, **streams) as popen:
        assert popen.stdout is not None
        found = [popen.stdout.readline() for _ in range(3 if node == "sleeps_long" else 0)]
        wait_until(lambda: (tmp_path / "begun").exists())
        for number in signals:
            popen.send_signal(number)
        out, err = popen.communicate(timeout=PATIENCE)
    assert popen.returncode in [128 + number for number in signals]
    assert (b"".join(found), out) == (b"0\n1\n2\n" if node == "sleeps_long" else b"", b"")
    epoch = 3 if node == "sleeps_long" else 0
    assert f"the node 'x' was interrupted in epoch {epoch} (hangs.yaml:4:3)" in err.decode()


@pytest.mark.slow
def test_what_is_left_when_a_crew_is_stopped_goes_to_no_worker_that_has_ended(capfd: pytest.CaptureFixture[str]):
    for _ in range(3):
        with on_processes(tube("slowly", 1)) as runner:
            assert runner.run(n=1) == [0]
            assert runner.current_run is not None
            crew: Any = runner.current_run.crew
            epochs = crew.map(1, ((number, sys.maxsize, None, (), (number,)) for number in range(12)))
            while next(epochs) is None:
                crew.wait(1)
    assert capfd.readouterr().err == ""


def test_an_epoch_that_has_failed_before_keeps_its_failure_whatever_becomes_of_it_in_a_worker():
    before = Failed(ValueError("before"), [])
    with on_warm(tube("twice", 1)) as runner:
        assert runner.current_run is not None
        crew: Any = runner.current_run.crew
        parcel = packed((0, NOT_BEGUN, FailedElsewhere(), (), ()))
        number, at, failed, *_ = crew._made(1, Packed(0, parcel, 0, before), interrupted())
    assert (number, at, failed) == (0, NOT_BEGUN, before)


@pytest.mark.slow
def test_an_interruption_that_comes_too_late_takes_nothing_of_what_comes_next():
    with on_processes(tube("slowly", 30)) as runner:
        assert runner.run(n=1) == [0]
        assert runner.current_run is not None
        crew: Any = runner.current_run.crew
        for process in crew._processes:
            os.kill(process._popen.pid, GIVE_UP)
        assert runner.run(n=10) == list(range(1, 11))
