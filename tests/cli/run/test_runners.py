"""Which runner a run has, and that a run is the same with each."""

from __future__ import annotations

import re

import pytest

STEPS = """
import time

COUNT = 0

def upto(n):
    yield from range(n)

def slow(value):
    time.sleep(0.02)
    return value * 10

def grow(values):
    values.append(1)
    return len(values)

def wrap(value):
    return [value]

def count(value):
    global COUNT
    COUNT += 1
    return COUNT

def check(value):
    if value in (2, 5):
        raise ValueError(f"no {value}")
    return value
"""

SLOW = """
    nodes:
      n: {type: nodes.upto, params: {n: 12}}
      x: {type: nodes.slow, depends: n.value}
      return: {type: return, depends: x.value}
"""

SUMS = """
    assets:
      total: {type: int, scope: runner, depends: sum.value}
    nodes:
      n: {type: nodes.upto, params: {n: 3}}
      x: {type: nodes.slow, depends: n.value}
      sum: {type: operator.add, depends: [x.value, assets.total]}
"""
"""What holds back a node."""


@pytest.fixture
def slow(noob, write):
    write("nodes.py", STEPS)
    write("tube.yaml", SLOW)
    return lambda *args, **given: noob("run", "tube.yaml", *args, **given)


class TestChoosing:
    def test_threads(self, slow):
        done = slow("--runner", "threads", "--workers", "3", "--ahead", "5")
        assert (done.code, done.results, done.err) == (0, [10 * number for number in range(12)], "")

    def test_workers_for_which_the_system_has_no_room(self, slow, write):
        write("nodes.py", f"{STEPS}\nimport resource\nresource.setrlimit(resource.RLIMIT_NOFILE, (24, 24))\n")
        done = slow("--runner", "processes", "--workers", "20")
        assert (done.code, done.out) == (1, "")
        assert re.fullmatch(r"error: worker \d+ can't be started: Too many open files. Let there be .*\n", done.err)

    def test_one_that_there_is_not(self, slow):
        done = slow("--runner", "thread")
        assert (done.code, done.err) == (2, "error: there is no runner 'thread': did you mean 'threads'?\n")

    @pytest.mark.parametrize("option", ["--workers", "--ahead", "--verify"])
    def test_what_is_of_no_use_for_one_after_the_other(self, slow, option):
        done = slow(option, "2")
        expected = f"error: '{option}' is about several epochs at once: choose who does them with '--runner'\n"
        assert (done.code, done.err) == (2, expected)

    def test_the_project_says_it(self, slow, write):
        write("pyproject.toml", '[tool.noob.run]\nrunner = "threads"\nworkers = 2\nahead = 3\n')
        write("tube.yaml", SLOW.replace("nodes.slow", "nodes.name_of_thread"))
        write(
            "nodes.py",
            STEPS + "\ndef name_of_thread(value):\n    import threading; time.sleep(0.05)\n"
            "    return threading.current_thread().name\n",
        )
        assert set(slow().results) == {"worker 1", "worker 2"}
        assert len(set(slow("--workers", "1").results)) == 1
        assert set(slow("--runner", "sync").results) == {"MainThread"}

    @pytest.mark.parametrize(
        ("said", "line", "expected"),
        [
            ('runner = "thread"', 3, "there is no runner 'thread': did you mean 'threads'?"),
            ("worker = 2", 3, "there is no 'worker' in [tool.noob.run]: did you mean 'workers'?"),
            ("ahead = 3\nworkers = 0", 4, "'workers' in [tool.noob.run] is a whole number from 1 on, found 0"),
            ("ahead = true", 3, "'ahead' in [tool.noob.run] is a whole number from 1 on, found True"),
            ("workers = 2.5", 3, "'workers' in [tool.noob.run] is a whole number from 1 on, found 2.5"),
            ('workers = "2"', 3, "'workers' in [tool.noob.run] is a whole number from 1 on, found '2'"),
            ("runner = 3", 3, "'runner' in [tool.noob.run] is the name of a runner, found 3"),
        ],
    )
    def test_the_project_says_something_wrong(self, slow, write, said, line, expected):
        write("pyproject.toml", f"# runner = 3\n[tool.noob.run]\n{said}\n")
        done = slow()
        assert (done.code, done.out, done.err) == (2, "", f"error: pyproject.toml:{line}: {expected}\n")

    @pytest.mark.parametrize(
        ("project", "line"),
        [
            ("[tool.noob]\nrun = 3\n", 2),
            ("[[tool.noob.run]]\nworkers = 2\n", 1),
            ("[tool.noob]\ntubes = []\nrun.workers = 0\n", 3),
            ("[tool.noob]\nrun = {workers = 0}\n", 2),
        ],
    )
    def test_the_project_says_it_in_another_way(self, slow, write, project, line):
        write("pyproject.toml", project)
        done = slow()
        assert done.code == 2
        assert done.err.startswith(f"error: pyproject.toml:{line}: ")

    def test_what_the_command_line_says_counts(self, slow, write):
        write("pyproject.toml", '[tool.noob.run]\nrunner = "thread"\nworkers = 2\nahead = 3\n')
        assert slow("--runner", "sync").code == 0
        write("pyproject.toml", '[tool.noob.run]\nrunner = "sync"\nworkers = 2\nahead = 3\n')
        assert slow("--runner", "threads", "--workers", "1").code == 0
        assert slow("--ahead", "1").code == 2

    @pytest.mark.parametrize(
        ("said", "line", "expected"),
        [
            (
                'runner = "sync"\nahead = 3',
                3,
                "'ahead' {} is about several epochs at once: choose who does them with 'runner'",
            ),
            ("workers = 3", 2, "'workers' {} is about several epochs at once: choose who does them with 'runner'"),
            (
                'runner = "threads"\nscheduler = "tcp://a:1"',
                3,
                "'scheduler' {} is about a Dask cluster: it goes with runner = \"dask\"",
            ),
            (
                'runner = "async"\nworkers = 3',
                3,
                "'workers' {} is about threads and processes, and coroutines are on one event loop: say with 'ahead' "
                "how many epochs are under way",
            ),
        ],
    )
    def test_what_the_project_says_without_effect(self, slow, write, said, line, expected):
        write("pyproject.toml", f"[tool.noob.run]\n{said}\n")
        problem = expected.format("in [tool.noob.run]")
        assert (slow().code, slow().err) == (2, f"error: pyproject.toml:{line}: {problem}\n")
        assert slow("--runner", "sync").code == 0

    def test_coroutines_have_no_workers(self, slow):
        done = slow("--runner", "async", "--workers", "4")
        assert (done.code, done.out) == (2, "")
        assert done.err == (
            "error: '--workers' is about threads and processes, and coroutines are on one event loop: say with "
            "'--ahead' how many epochs are under way\n"
        )

    def test_workers_that_a_tube_that_awaits_something_has_no_use_for(self, slow, write):
        write("nodes.py", STEPS + "\nasync def slow(value):\n    return value * 10\n")
        told = "the tube 'tube' awaits something: it is run on one event loop, with up to 16 epochs under way"
        done = slow("--runner", "threads", "--workers", "2")
        assert done.err == f"warning: {told} (see 'ahead'), and the number of workers has no effect\n"
        assert slow("--runner", "threads").err == ""
        assert f"info: {told}\n" in slow("--runner", "threads", "-v").err

    def test_what_is_held_back_is_told(self, slow, write):
        write("tube.yaml", SUMS + "      return: {type: return, depends: sum.value}\n")
        done = slow("--runner", "threads", "-v")
        assert done.results == [0, 10, 30]
        why = "the node 'sum' is done in the order of the epochs: takes the asset 'total', which is carried"
        assert why in done.err

    def test_it_is_what_the_stages_say(self, slow, noob, write):
        more = "      again: {type: nodes.slow, depends: n.value}\n"
        write("tube.yaml", SUMS + more + "      return: {type: return, depends: [again.value, sum.value]}\n")
        told = re.findall(
            r"the node '(\w+)' is done in the order of the epochs: (.+)", slow("--runner", "threads", "-v").err
        )
        stages = re.findall(r"in order +(\w+): (.+)", noob("graph", "tube.yaml", "--stages").out)
        assert told == [(node, why) for node, why in stages if why != "is a source"]


class TestVerifying:
    def test_nothing_is_said_where_nothing_differs(self, slow):
        done = slow("--runner", "threads", "--verify", "5")
        assert (done.code, done.err, len(done.results)) == (0, "", 12)

    @pytest.mark.parametrize(
        ("node", "problem"),
        [
            ("nodes.grow", "it changes in place what it is handed: the argument 0 was [0], and is [0, 1] now"),
            ("nodes.count", ", and in order gives "),
        ],
    )
    def test_a_node_that_says_nothing_of_its_state_is_named(self, slow, write, node, problem):
        tube = SLOW.replace("nodes.slow, depends: n.value", f"{node}, depends: w.value")
        write("tube.yaml", tube.replace("x:", "w: {type: nodes.wrap, depends: n.value}\n      x:"))
        done = slow("--runner", "threads", "--verify", "2")
        assert (done.code, done.out) == (1, "")
        assert "the node 'x' failed in epoch 0" in done.err
        assert problem in done.err
        assert "stateful: true" in done.err

    def test_what_says_so_is_not_looked_at(self, slow, write):
        tube = SLOW.replace("nodes.slow, depends: n.value", "nodes.grow, depends: w.value, stateful: true")
        write("tube.yaml", tube.replace("x:", "w: {type: nodes.wrap, depends: n.value}\n      x:"))
        done = slow("--runner", "threads", "--verify", "2")
        assert (done.code, done.results) == (0, [2] * 12)
