"""Dask clusters whose scheduler and workers are processes of their own, and what these come to."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import sys
from collections import deque
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("distributed")

import noob_cli
from noob_cli import ParallelRunner, SynchronousRunner, Tube
from noob_cli.errors import ClusterError
from noob_cli.runners.crews import cluster as a_cluster
from tests.patience import PATIENCE, wait_until
from tests.runners.test_processes import ROOT, is_alive, lines_of
from tests.warm.command import ARE_THERE, start_python
from tests.warm.forked import WarmProcess

SAMPLES = ROOT / "sample_tubes"

pytestmark = pytest.mark.slow


class Cluster:
    """A scheduler, and workers; those in an environment of their own import all that they need first."""

    def __init__(self, folder: Path, protocol: str = "tcp", environment: Mapping[str, str] | None = None) -> None:
        self._folder = folder
        self._environment = environment
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        self.address = f"{protocol}://127.0.0.1:{port}"
        self._started: list[subprocess.Popen[bytes] | WarmProcess] = []
        self.scheduler = self._start("scheduler", "--port", str(port), "--protocol", protocol)

    def worker(self) -> subprocess.Popen[bytes] | WarmProcess:
        """Start a worker with one thread."""
        return self._start("worker", self.address, "--nthreads", "1", "--no-nanny")

    def _start(self, kind: str, *arguments: str) -> subprocess.Popen[bytes] | WarmProcess:
        private = ("--host", "127.0.0.1", "--no-dashboard", "--dashboard-address", "127.0.0.1:0")
        words = ("-m", f"distributed.cli.dask_{kind}", *arguments, *private)
        started: subprocess.Popen[bytes] | WarmProcess
        with (self._folder / f"{kind} {len(self._started)}").open("wb") as log:
            if ARE_THERE and self._environment is None:
                streams = {"stdin": subprocess.DEVNULL, "stdout": log, "stderr": log}
                started = start_python(words, has_all=True, cwd=self._folder, warnings=["ignore"], **streams)
            else:
                command = [sys.executable, "-W", "ignore", *words]
                started = subprocess.Popen(command, cwd=self._folder, stdout=log, stderr=log, env=self._environment)
        self._started.append(started)
        return started

    def is_there(self) -> bool:
        """Whether the scheduler can be connected to."""
        with socket.socket() as tried:
            return tried.connect_ex(("127.0.0.1", int(self.address.rpartition(":")[2]))) == 0

    def log(self) -> str:
        """What the workers have told."""
        return "".join(file.read_text() for file in sorted(self._folder.glob("worker*")))

    def runner(self, a_tube: Tube, **options: Any) -> ParallelRunner:
        return ParallelRunner(a_tube, on="dask", scheduler=self.address, **options)

    def close(self) -> None:
        """End all."""
        for popen in reversed(self._started):
            popen.send_signal(signal.SIGCONT)
            popen.kill()
            popen.wait(PATIENCE)


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    """With two workers, as long as no test ends one."""
    made = Cluster(tmp_path_factory.mktemp("cluster"))
    for _ in range(2):
        made.worker()
    yield made
    made.close()


@pytest.fixture(autouse=True)
def _elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What was imported from the working folder is uploaded: that would be all tests."""
    monkeypatch.chdir(tmp_path)


@pytest.fixture(autouse=True)
def _patience(monkeypatch: pytest.MonkeyPatch) -> None:
    """A busy machine needs more time until all is there."""
    monkeypatch.setattr(a_cluster, "_SECONDS_TO_CONNECT", PATIENCE)


@pytest.mark.parametrize("sample", ["smoothing/smoothing.yaml", "squares.yaml"])
def test_a_sample_gives_the_same(sample: str, cluster: Cluster):
    file = str(SAMPLES / sample)
    found = list(cluster.runner(Tube.from_specification(file), warn=str).iter(30))
    assert found == list(SynchronousRunner(Tube.from_specification(file)).iter(30))


def beside(folder: Path, steps: str) -> Tube:
    (folder / "steps_of_this.py").write_text(steps)
    (folder / "tube.yaml").write_text(
        """
        nodes:
          n: {type: steps_of_this.upto}
          x: {type: steps_of_this.step, depends: n.value}
          return: {type: return, depends: x.value}
        """
    )
    return Tube.from_specification(str(folder / "tube.yaml"))


STEPS = """
def upto():
    yield from range(6)

def step(number):
    import other_of_this
    print("step", number)
    return other_of_this.checked(number)
"""


def test_the_code_beside_a_tube_goes_along(cluster: Cluster, tmp_path: Path):
    (tmp_path / "other_of_this.py").write_text(
        "def checked(number):\n    if number == 4:\n        raise ValueError('no four')\n    return number\n"
    )
    with cluster.runner(beside(tmp_path, STEPS)) as runner:
        results = runner.iter()
        assert [next(results) for _ in range(4)] == [0, 1, 2, 3]
        with pytest.raises(ValueError, match="no four") as caught:
            next(results)
    # Where it stands here, not where it was uploaded to.
    assert str(caught.traceback[-1].path) == str(tmp_path / "other_of_this.py")
    assert "worker 1 at tcp://127.0.0.1" in cluster.log()
    assert ": step 3" in cluster.log()


def slowly(folder: Path, n: int) -> Tube:
    return beside(
        folder,
        f"""
import time

def upto():
    yield from range({n})

def step(number):
    time.sleep(0.005)
    return number
""",
    )


def test_a_module_that_a_worker_lacks_is_named_when_the_run_starts(
    cluster: Cluster, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "elsewhere" / "only_here.py").write_text("")
    monkeypatch.syspath_prepend(str(tmp_path / "elsewhere"))
    runner = cluster.runner(beside(tmp_path, "import only_here\n" + STEPS))
    with pytest.raises(ClusterError, match=r"worker at tcp://.* can't load .* No module named 'only_here'.*Install"):
        runner.init()


def test_a_module_that_a_worker_lacks_is_named_in_the_middle_of_a_run(cluster: Cluster, tmp_path: Path):
    with cluster.runner(beside(tmp_path, STEPS)) as runner, pytest.raises(ModuleNotFoundError) as caught:
        list(runner.iter())
    note = caught.value.__notes__[-1]
    assert note.startswith("worker 1 at tcp://127.0.0.1:")
    assert "has no module 'other_of_this': install it there, or put it beside the tube" in note


def test_workers_with_another_version_are_refused(cluster: Cluster, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(noob_cli, "__version__", "0.0.9")
    with pytest.raises(ClusterError, match=r"has Python .* and noob-cli .*, and here that is .* noob-cli 0\.0\.9"):
        cluster.runner(beside(tmp_path, STEPS)).init()


def test_workers_end_what_they_have_made_when_the_run_is_killed(cluster: Cluster, tmp_path: Path):
    script = tmp_path / "script.py"
    script.write_text(
        f"""
from pathlib import Path
from noob_cli import ParallelRunner
from tests.runners.process_nodes import with_lives
runner = ParallelRunner(with_lives(Path({str(tmp_path)!r}), 10_000), on="dask", scheduler={cluster.address!r})
for result in runner.iter():
    print(result, flush=True)
"""
    )
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    with subprocess.Popen([sys.executable, str(script)], stdout=subprocess.PIPE, env=environment) as popen:
        assert popen.stdout is not None
        assert popen.stdout.readline()
        popen.kill()
    workers = lines_of(tmp_path / "made")
    assert workers
    wait_until(lambda: not any(map(is_alive, workers)))
    assert lines_of(tmp_path / "ended") == workers


def test_no_result_is_lost_or_doubled_when_a_worker_is_killed(cluster: Cluster, tmp_path: Path):
    extra = cluster.worker()
    with cluster.runner(slowly(tmp_path, 60)) as runner:
        assert runner.current_run is not None
        crew: Any = runner.current_run.crew
        wait_until(lambda: crew.workers == 3)
        results = runner.iter()
        found = [next(results) for _ in range(10)]
        extra.kill()
        found += results
    assert found == list(range(60))


OF_ONE_RECORD = """
nodes:
  n: {type: pids_of_this.upto}
  each: {type: map, depends: n.value}
  pid: {type: pids_of_this.slow_pid, depends: each.value}
  return: {type: return, depends: pid.value}
"""


def test_items_of_a_map_are_handed_out_to_all_that_are_there(cluster: Cluster, tmp_path: Path):
    (tmp_path / "pids_of_this.py").write_text(
        "import os, time\ndef upto():\n    yield list(range(16))\n"
        "def slow_pid(item):\n    time.sleep(0.05)\n    return os.getpid()\n"
    )
    (tmp_path / "tube.yaml").write_text(OF_ONE_RECORD)
    (pids,) = cluster.runner(Tube.from_specification(str(tmp_path / "tube.yaml"))).iter()
    assert (len(pids), len(set(pids))) == (16, 2)


def with_certificates(folder: Path) -> dict[str, str]:
    """The environment in which all that Dask starts, and a run, speak TLS with certificates of one authority."""
    new_key = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes")
    steps = (
        ("req", "-x509", *new_key, "-keyout", "ca.key", "-out", "ca.pem", "-subj", "/CN=tests"),
        ("req", "-new", *new_key, "-keyout", "me.key", "-out", "me.csr", "-subj", "/CN=127.0.0.1"),
        ("x509", "-req", "-in", "me.csr", "-CA", "ca.pem", "-CAkey", "ca.key", "-CAcreateserial", "-out", "me.pem"),
    )
    for step in steps:
        subprocess.run(["openssl", *step], cwd=folder, check=True, capture_output=True)
    comm = "DASK_DISTRIBUTED__COMM__"
    found = {f"{comm}REQUIRE_ENCRYPTION": "true", f"{comm}TLS__CA_FILE": str(folder / "ca.pem")}
    for role in ("SCHEDULER", "WORKER", "CLIENT"):
        found |= {f"{comm}TLS__{role}__CERT": str(folder / "me.pem"), f"{comm}TLS__{role}__KEY": str(folder / "me.key")}
    return os.environ | found


@pytest.mark.skipif(shutil.which("openssl") is None, reason="certificates are made with openssl, which is not here")
def test_all_that_is_said_may_be_encrypted(tmp_path: Path):
    environment = with_certificates(tmp_path)
    encrypted = Cluster(tmp_path, "tls", environment)
    command = [sys.executable, "-m", "noob_cli", "run", str(SAMPLES / "squares.yaml"), "-n", "3", "--runner", "dask"]
    try:
        encrypted.worker()
        wait_until(encrypted.is_there)

        def run(address: str, environment: Mapping[str, str]) -> subprocess.CompletedProcess[str]:
            return subprocess.run(
                [*command, "--scheduler", address], env=environment, capture_output=True, text=True, check=False
            )

        done = run(encrypted.address, environment)
        assert (done.returncode, done.stderr) == (0, "")
        assert done.stdout == subprocess.run(command[:-2], capture_output=True, text=True, check=True).stdout
        # Who has no certificate of that authority is nobody.
        done = run(encrypted.address, os.environ)
        assert done.returncode == 2
        assert done.stderr.startswith(f"error: no Dask scheduler can be reached at '{encrypted.address}'")
    finally:
        encrypted.close()


@pytest.mark.parametrize(
    ("address", "message"),
    [
        ("tcp://127.0.0.1:1", "no Dask scheduler can be reached at 'tcp://127.0.0.1:1'"),
        ("http://127.0.0.1:1", "unknown address scheme 'http'"),
        ("tcp://127.0.0.1", "missing port number"),
    ],
)
def test_a_scheduler_that_is_not_there(address: str, message: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(a_cluster, "_SECONDS_TO_CONNECT", 0.3)
    with pytest.raises(ClusterError, match=message):
        ParallelRunner(beside(tmp_path, STEPS), on="dask", scheduler=address).init()


def test_a_scheduler_without_workers_and_one_that_is_killed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    a_tube = slowly(tmp_path, 10_000)
    alone = Cluster(tmp_path)
    try:
        wait_until(alone.is_there)
        with monkeypatch.context() as hurried:
            hurried.setattr(a_cluster, "_SECONDS_TO_CONNECT", 2)
            with pytest.raises(ClusterError, match="has no workers: start some with 'dask worker tcp://"):
                alone.runner(a_tube).init()
        alone.worker()
        with alone.runner(a_tube) as runner:
            monkeypatch.setattr(a_cluster, "_SECONDS_TO_CONNECT", 2)
            results = runner.iter()
            found = [next(results) for _ in range(10)]
            alone.scheduler.kill()
            with pytest.raises(ClusterError, match="is lost") as caught:
                deque(map(found.append, results), maxlen=0)
        assert caught.value.is_lost
        assert found == list(range(len(found)))
    finally:
        alone.close()
