"""Options of the test command, the quick part, and signals."""

from __future__ import annotations

import compileall
import gc
import os
import re
import shutil
import signal
import subprocess
import sys
from collections import Counter
from collections.abc import Generator, Iterator, Sequence
from contextlib import suppress
from importlib import import_module
from itertools import count, islice
from pathlib import Path
from typing import Any

import pytest
from _pytest.runner import runtestprotocol

import noob_cli
from noob_cli.runners.crews import process
from noob_cli.view import workbench
from tests.warm.command import ARE_THERE, addresses_of_servers, close_servers, start_python, use_servers

_TESTS = Path(__file__).parent
_WAITING = _TESTS / "cli" / "run"
"""What waits most: for runs of the command, for what they begin, and for their end."""

_LONG_FIXTURES = frozenset({"number_of_tubes", "number_of_examples", "commands"})
"""Those by which a test goes through many tubes."""

_SLOW_FIXTURES = _LONG_FIXTURES.union(
    ("noob", "start", "terminal", "run", "shell", "run_side_by_side", "validate_side_by_side")
)
"""Those, and by which a test starts processes."""


_HAS_FAILED = pytest.StashKey[bool]()
_numbers_of_folders = count()


def pytest_addoption(parser: pytest.Parser) -> None:
    """How much there is of what there could be any number of: random tubes, mutated ones, cases on a Dask cluster."""
    parser.addoption("--tubes", type=int, default=500, help="how many random tubes to compare (500)")
    parser.addoption("--all-dask", action="store_true", help="do all cases on a Dask cluster, too, not some of them")
    parser.addoption("--keystrokes", type=int, default=40, help="how many keys to hit at random in each sample (40)")
    parser.addoption("--examples", type=int, default=500, help="how many mutated tubes to check and to run (500)")


@pytest.hookimpl(tryfirst=True)
def pytest_cmdline_main(config: pytest.Config) -> None:
    """Where several processes test, one that has nothing left to do takes of what another has, to the end."""
    if getattr(config.option, "numprocesses", None) and config.option.dist == "no":
        config.option.dist = "worksteal"


@pytest.hookimpl(optionalhook=True)
def pytest_configure_node(node: Any) -> None:
    """Processes that test have the same servers, which this one starts, and which run the command for them."""
    if ARE_THERE:
        node.workerinput["servers"] = addresses_of_servers()


def pytest_configure(config: pytest.Config) -> None:
    """One of several processes that test is told where the servers are."""
    if "servers" in getattr(config, "workerinput", {}):
        use_servers(config.workerinput["servers"])  # type: ignore[attr-defined]


def pytest_unconfigure() -> None:
    """What runs the command for the tests ends with them."""
    close_servers()


def pytest_xdist_auto_num_workers() -> int:
    """Twice as many as there are processors: part of what tests do is to wait for other processes."""
    return (os.cpu_count() or 1) * 2


def pytest_runtest_protocol(item: pytest.Item, nextitem: pytest.Item | None) -> bool | None:
    """One of several processes tells of a test once: of what is before and behind it only if that didn't pass.

    Each time costs a tenth of a millisecond here and again where it is told to, for which most tests are too short.
    """
    option = item.config.getoption
    if not hasattr(item.config, "workerinput") or option("durations") is not None or option("xmlpath", None):
        return None
    for report in runtestprotocol(item, log=False, nextitem=nextitem):
        if report.when == "call" or not report.passed:
            item.ihook.pytest_runtest_logreport(report=report)
    return True


def pytest_exception_interact(node: pytest.Item | pytest.Collector) -> None:
    """Of a test that has failed, the folder is kept."""
    node.stash[_HAS_FAILED] = True


@pytest.hookimpl(wrapper=True)
def pytest_collection(session: pytest.Session) -> Generator[None, object, object]:
    """Of several processes, each begins with another module: what one has compiled, the others need not."""
    given: dict[str, str] | None = getattr(session.config, "workerinput", None)
    if given is None:
        return (yield)
    writes_none, sys.dont_write_bytecode = sys.dont_write_bytecode, False
    try:
        wanted = [Path(asked).absolute() for asked in session.config.args]
        modules = [file for file in sorted(_TESTS.rglob("test_*.py")) if any(map(file.is_relative_to, wanted))]
        begins = len(modules) * int(given["workerid"].removeprefix("gw")) // int(given["workercount"])
        for module in modules[begins:] + modules[:begins]:
            name = ".".join(module.relative_to(_TESTS.parent).with_suffix("").parts)
            # What can't be imported is told of when it is collected.
            with suppress(Exception, pytest.skip.Exception):
                import_module(name)
        return (yield)
    finally:
        sys.dont_write_bytecode = writes_none


def pytest_collection_finish() -> None:
    """What was collected is there to the end: looking for garbage in it takes a tenth of the time."""
    gc.collect()
    gc.freeze()


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Mark what starts processes, but the first of each module, and all but every tenth of many examples of one thing.

    What else is left out of the quick part says so. What takes longest comes first: nobody waits for it in the end.
    What waits most follows, in one process, while others have the processors.
    """
    long: dict[str, list[pytest.Item]] = {}
    others: list[pytest.Item] = []
    for item in items:
        fixtures = getattr(item, "fixturenames", ())
        is_long = item.get_closest_marker("long") or not _LONG_FIXTURES.isdisjoint(fixtures)
        (long.setdefault(item.nodeid.partition("[")[0], []) if is_long else others).append(item)
    others.sort(key=lambda item: not item.path.is_relative_to(_WAITING))
    begun: set[str] = set()
    examples: Counter[str] = Counter()
    for item in items:
        if item.get_closest_marker("slow"):
            continue
        if item.get_closest_marker("many"):
            test = item.nodeid.partition("[")[0]
            if examples[test] % 10:
                item.add_marker(pytest.mark.slow)
            examples[test] += 1
        used = _SLOW_FIXTURES.intersection(getattr(item, "fixturenames", ()))
        module = item.nodeid.partition("::")[0]
        if used and (module in begun or used & _LONG_FIXTURES):
            item.add_marker(pytest.mark.slow)
        elif used:
            begun.add(module)
    processes = int(getattr(config, "workerinput", {"workercount": 1})["workercount"])
    items[:] = _dealt(sorted(long.values(), key=len), others, processes)


def _dealt(
    long: Sequence[Sequence[pytest.Item]], others: Sequence[pytest.Item], processes: int
) -> Iterator[pytest.Item]:
    """All tests, of which each process is given as many that follow each other, so that each begins with long ones.

    Args:
        long: Those that take long; what is done once for several stays together.
        others: All others.
        processes: How many processes there are.
    """
    hands: list[list[pytest.Item]] = [[] for _ in range(processes)]
    for number, tests in enumerate(long):
        hands[number % processes] += tests
    left, rest = sum(map(len, hands)) + len(others), iter(others)
    for number, hand in enumerate(hands):
        share = max(left // (processes - number), len(hand))
        yield from hand
        yield from islice(rest, share - len(hand))
        left -= share


@pytest.fixture(scope="session", autouse=True)
def _all_is_compiled() -> None:
    """A command that may write little would leave broken bytecode behind, which older Pythons take for whole."""
    compileall.compile_dir(Path(noob_cli.__file__).parent, quiet=1)


@pytest.fixture(scope="session", autouse=True)
def _signals_are_not_ignored() -> Iterator[None]:
    """Who starts the tests may ignore signals, as `nohup` does, and so would every command that a test starts."""
    wanted = {signal.SIGINT: signal.default_int_handler, signal.SIGTERM: signal.SIG_DFL, signal.SIGHUP: signal.SIG_DFL}
    ignored = [number for number in wanted if signal.getsignal(number) is signal.SIG_IGN]
    for number in ignored:
        signal.signal(number, wanted[number])
    yield
    for number in ignored:
        signal.signal(number, signal.SIG_IGN)


@pytest.fixture
def tmp_path(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """As pytest makes it, but for the link to the latest of a name, which takes longer than the folder."""
    name = re.sub(r"\W", "_", request.node.name)[:24]
    folder = tmp_path_factory.getbasetemp() / f"{name}_{next(_numbers_of_folders):05}"
    folder.mkdir(mode=0o700)
    yield folder
    if _HAS_FAILED not in request.node.stash:
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(autouse=True)
def _folders_of_tubes_are_forgotten() -> Iterator[None]:
    """The folder of each tube that is loaded comes first on `sys.path`: thousands are too much for a child process."""
    path = list(sys.path)
    yield
    sys.path[:] = path


@pytest.fixture(scope="module", autouse=True)
def _what_is_left_is_not_looked_at_again() -> Iterator[None]:
    """What the tests of a module have left for good: looking for garbage takes the longer the more of it there is."""
    yield
    gc.collect()
    gc.freeze()


@pytest.fixture(scope="session", autouse=True)
def _processes_are_warm() -> Iterator[None]:
    """Worker processes, and those behind a page, that are started in this process have all imported.

    `cold_workers` has the former started anew, `cold_page` the latter.
    """
    with pytest.MonkeyPatch.context() as patch:
        if ARE_THERE:
            for module in (process, workbench):
                patch.setattr(module, "Popen", start_python)
        yield


@pytest.fixture
def cold_workers(monkeypatch: pytest.MonkeyPatch) -> None:
    """Worker processes are started as they are outside of tests."""
    monkeypatch.setattr(process, "Popen", subprocess.Popen)


@pytest.fixture
def cold_page(monkeypatch: pytest.MonkeyPatch) -> None:
    """The processes behind a page are started as they are outside of tests."""
    monkeypatch.setattr(workbench, "Popen", subprocess.Popen)


@pytest.fixture
def number_of_tubes(request: pytest.FixtureRequest) -> int:
    """How many random tubes are to be compared."""
    number: int = request.config.getoption("--tubes")
    return number


@pytest.fixture
def number_of_examples(request: pytest.FixtureRequest) -> int:
    """How many mutated tubes are to be checked, and to be run."""
    number: int = request.config.getoption("--examples")
    return number


@pytest.fixture
def number_of_keystrokes(request: pytest.FixtureRequest) -> int:
    """How many keys are to be hit at random in each sample."""
    number: int = request.config.getoption("--keystrokes")
    return number
