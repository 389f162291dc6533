"""Regions on a Dask cluster in this process: results as in order, whatever a worker does or comes to."""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("distributed")

from noob_cli import ParallelRunner, SynchronousRunner, Tube
from noob_cli.errors import MissingExtraError
from noob_cli.runners.crews.cluster import Cluster
from noob_cli.runners.crews.dask_worker import held
from tests.conformance.cases import Case
from tests.conformance.test_conformance import compare_in_any_turn
from tests.conformance.ways import WAYS, tube_of
from tests.runners import test_processes as processes
from tests.runners.test_parallel import RUN
from tests.runners.test_processes import (  # noqa: F401
    lines_of,
    test_a_nested_tube_is_in_a_worker_what_it_was_when_it_was_loaded,
    test_a_value_that_a_source_gives_and_can_not_be_pickled,
    test_a_value_that_can_not_be_made_of_its_pickle,
    test_a_value_that_can_not_be_pickled_is_told_with_who_gives_it,
    test_a_worker_that_is_killed_is_replaced,
    test_an_epoch_that_kills_every_worker_has_failed_and_no_other,
    test_an_error_is_told_as_if_it_had_been_raised_here,
    test_an_error_that_can_not_be_pickled_keeps_its_name_and_its_words,
    test_another_thread_begins_to_watch_what_workers_do_and_has_enough,
    test_arrays_are_as_they_were_when_they_were_given_and_may_be_changed_where_they_come_to,
    test_results_are_those_of_one_after_the_other,
    test_what_does_not_let_itself_be_interrupted_is_killed,
    test_what_hangs_is_interrupted,
    test_what_is_one_object_is_one_on_the_other_side_and_no_event_is_none,
    test_who_ends_the_program_ends_it_here,
    test_who_watches_sees_what_stays_in_the_workers,
    tube,
    with_lives,
)
from tests.runners.warm_dask import WarmDask

WARM = WarmDask(2, 6)
"""There for all that does not break it."""

CASES = [(case, way) for case, way, crew in RUN if crew == "processes"]
"""What is done in processes, and so can be done here."""


@pytest.fixture(scope="session", autouse=True)
def _cluster() -> Iterator[None]:
    """The warm cluster ends with the tests of this process, which may come back to this module."""
    yield
    WARM.close()


@pytest.fixture(autouse=True)
def _on_dask(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is tested of processes is tested of Dask."""
    monkeypatch.setattr(processes, "on_processes", OnWarmDask)


def on_dask(a_tube: Tube, **options: Any) -> ParallelRunner:
    return ParallelRunner(a_tube, on="dask", workers=2, **options)


class OnWarmDask(ParallelRunner):
    """Runs a tube on a cluster that is there already."""

    def _crew(self) -> WarmDask:
        return WARM


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Some of the cases, or all with `--all-dask`."""
    if "case" in metafunc.fixturenames:
        cases = CASES if metafunc.config.getoption("all_dask") else random.Random(8).sample(CASES, 25)
        metafunc.parametrize(("case", "way"), cases, ids=[f"{case.id}-{way}" for case, way in cases])


@pytest.mark.slow
def test_conformance(case: Case, way: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(SynchronousRunner, "_crew", lambda _: WARM)
    monkeypatch.chdir(tmp_path)
    compare_in_any_turn(case, way, WAYS[way](case, tube_of(case, tmp_path)))


@pytest.mark.slow
def test_what_there_is_one_of_for_each_worker_is_made_and_ended_there_once(tmp_path: Path):
    told: list[str] = []
    found = set(on_dask(with_lives(tmp_path, 20), log=told.append).iter())
    assert lines_of(tmp_path / "made") == lines_of(tmp_path / "ended")
    assert len(lines_of(tmp_path / "made")) == 2
    assert found <= set(lines_of(tmp_path / "made"))
    assert {"worker 1: the node 'x' was started", "worker 2: the node 'x' was ended"} <= set(told)


def test_one_that_can_not_be_made_is_told_when_the_run_starts(tmp_path: Path):
    with pytest.raises(OSError, match="it can't be made") as caught:
        on_dask(with_lives(tmp_path, 20, fails="made")).init()
    assert any("in the node 'x'" in note for note in caught.value.__notes__)


@pytest.mark.slow
def test_one_that_can_not_be_ended_is_told_when_the_run_ends(tmp_path: Path):
    runner = on_dask(with_lives(tmp_path, 4, fails="ended"))
    with pytest.raises((OSError, ExceptionGroup)) as caught:
        list(runner.iter())
    assert "it can't be ended" in repr(caught.value)
    assert {failure.place.name for failure in runner.failures} == {"x"}


@pytest.mark.slow
def test_another_plan_of_the_run_goes_on_with_the_same_workers(tmp_path: Path):
    with on_dask(with_lives(tmp_path, 20)) as runner:
        first = list(runner.iter(5))
        runner.disable_node("return")
        runner.process()
        runner.enable_node("return")
        assert set(first) | set(runner.iter(5)) <= set(lines_of(tmp_path / "made"))
    assert len(lines_of(tmp_path / "made")) <= 2


def test_what_has_been_done_does_not_wait_for_what_takes_long(tmp_path: Path):
    a_tube = tube("sleeps_long", 20, folder=str(tmp_path))
    with ParallelRunner(a_tube, on="dask", workers=1) as runner:
        assert runner.current_run is not None
        crew: Any = runner.current_run.crew
        # They are taken for so short that all go together.
        crew._pace.note(1, 1, 0.001, 10)
        results = runner.iter()
        assert [next(results) for _ in range(3)] == [0, 1, 2]
        assert (tmp_path / "begun").exists()
        crew.interrupt(processes.Urgency.insisted)
        with pytest.raises(KeyboardInterrupt):
            next(results)


def rated(n: int, rate: str, code: str, **params: str) -> Tube:
    x = {"type": f"{processes.MY}.{code}", "depends": "n.value", "params": params, "rate": rate}
    nodes = {"n": {"type": f"{processes.MY}.upto", "params": {"n": n}}, "x": x}
    return Tube.from_specification({"nodes": nodes | {"return": {"type": "return", "depends": "x.value"}}})


def test_calls_wait_for_their_turns():
    began = time.monotonic()
    assert list(OnWarmDask(rated(12, "5/s", "twice")).iter()) == [2 * number for number in range(12)]
    # One of the two workers has six of them.
    assert time.monotonic() - began >= 1


def test_each_worker_has_turns_of_its_own(tmp_path: Path):
    assert len(set(OnWarmDask(rated(2, "1/h", "meeting", folder=str(tmp_path))).iter())) == 2


@pytest.mark.slow
def test_who_prints_says_where(capfd: pytest.CaptureFixture[str]):
    assert list(on_dask(tube("says", 6)).iter()) == list(range(6))
    lines = capfd.readouterr().out.splitlines()
    assert sorted(line.partition(": ")[2] for line in lines) == [f"here is {number}" for number in range(6)]
    assert {line.partition(": ")[0] for line in lines} <= {"worker 1", "worker 2"}


def test_who_waits_no_more_for_what_is_done_takes_nothing_from_others():
    async def seen() -> list[object]:
        cluster = Cluster(None, 1)
        await cluster.connect(lambda: (), lambda _: None)
        done = await cluster.held("done")
        await done
        values: list[object] = []
        # What is there already is fetched for both at once, after some turns of the loop.
        for turns in range(20):
            one, other = (asyncio.create_task(cluster.result("done", None, held)) for _ in range(2))
            for _ in range(turns):
                await asyncio.sleep(0)
            one.cancel()
            values += await asyncio.gather(other, return_exceptions=True)
        await cluster.close()
        return values

    assert asyncio.run(seen()) == [None] * 20


def test_nothing_of_a_cluster_in_this_process_listens():
    psutil = pytest.importorskip("psutil")
    with OnWarmDask(tube("twice", 3)) as runner:
        assert runner.run(3) == [0, 2, 4]
        connections = psutil.Process().net_connections("inet")
        assert [each for each in connections if each.status == psutil.CONN_LISTEN] == []


def test_who_has_not_the_extra_is_told_what_to_install(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("noob_cli.runners.parallel.find_spec", lambda name: None)
    with pytest.raises(MissingExtraError, match=r"pip install 'noob-cli\[dask\]'"):
        on_dask(tube("twice"))


def test_a_scheduler_is_about_dask():
    with pytest.raises(ValueError, match="'scheduler' is about a Dask cluster"):
        ParallelRunner(tube("twice"), on="threads", scheduler="tcp://127.0.0.1:8786")
