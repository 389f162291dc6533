"""The ways to run a tube from Python, and what each of them shows."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import noob_cli
from noob_cli import SynchronousRunner, Tube, TubeExhaustedError
from noob_cli.loading.loaded import Loaded
from noob_cli.loading.loading import document_of, load
from tests.conformance import nodes
from tests.conformance.cases import NOTHING, Case, Error

MORE = 3
"""How many epochs more than there are a tube is asked for, to see that it ends."""


_LOADED: dict[str, Loaded] = {}
"""What was loaded in this process, by the id of the case."""


def tube_of(case: Case, folder: Path) -> Tube:
    """The tube of a case, not run yet. Its files are read once for all tests, unless they bring code along.

    Args:
        case: The case.
        folder: Where its files are written if they are read.
    """
    loaded = _LOADED.get(case.id) or load(document_of(case.write(folder)))
    if not case.brings_code:
        _LOADED[case.id] = loaded
    tube = Tube(loaded)
    tube.give_inputs(case.input)
    return tube


@dataclass
class Seen:
    """What a run showed."""

    results: list[Any] = field(default_factory=list)
    ended: bool = False
    """Whether the tube had no epoch more, as far as it was asked."""
    has_return: bool = True
    log: list[str] = field(default_factory=list)
    warned: list[str] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)


def by_process(case: Case, tube: Tube) -> Seen:
    """One call for each epoch; after an error, the next."""
    seen = Seen()
    with _running(tube, seen) as runner:
        for inputs in case.records if case.records is not None else [{}] * len(case.results or []):
            seen.results.append(_outcome(lambda inputs=inputs: runner.process(**inputs)))
        if not case.goes_on and case.records is None:
            seen.ended = _ends(runner) and _ends(runner)
    return _finished(seen)


def by_run(case: Case, tube: Tube) -> Seen:
    """All epochs at once."""
    seen = Seen()
    runner = _running(tube, seen)
    number = len(case.results or []) + (0 if case.goes_on else MORE)
    outcome = _outcome(lambda: runner.run(number))
    seen.results = [outcome] if isinstance(outcome, Error) else outcome
    seen.ended = isinstance(outcome, list) and runner.made < number
    return _finished(seen)


def by_iter(case: Case, tube: Tube) -> Seen:
    """Result by result."""
    seen = Seen()
    runner = _running(tube, seen)
    return _iterated(seen, runner.iter(_limit(case, seen)))


def by_stream(case: Case, tube: Tube) -> Seen:
    """Record by record."""
    seen = Seen()
    return _iterated(seen, _running(tube, seen).stream(case.records or []))


def by_script(case: Case, file: Path) -> Any:
    """The value of the last line of the case's script."""
    *lines, last = (case.python or "").rstrip().split("\n")
    while lines and last.startswith((" ", ")", "]", "}")):
        last = f"{lines.pop()}\n{last}"
    names = {name: getattr(noob_cli, name) for name in noob_cli.__all__}
    names |= {"file": file, "log": nodes.LOG, "nodes": nodes}
    exec("\n".join(lines), names)
    return eval(last, names)


WAYS: dict[str, Callable[[Case, Tube], Seen]] = {
    "process": by_process,
    "run": by_run,
    "iter": by_iter,
    "stream": by_stream,
}


def ways_of(case: Case) -> list[str]:
    """The ways in which a case can be run."""
    return ["process", "run", "iter"] if case.records is None else ["process", "stream"]


def _running(tube: Tube, seen: Seen) -> SynchronousRunner:
    nodes.forget()
    seen.has_return = tube.graph.return_node is not None
    seen.warnings = [f"{each.code}: {each.message}" for each in tube.warnings]
    return SynchronousRunner(tube, warn=seen.warned.append)


def _limit(case: Case, seen: Seen) -> int:
    number = len(case.returns) if seen.has_return else len(case.results or [])
    return number if case.goes_on and case.error is None else number + MORE


def _iterated(seen: Seen, results: Iterator[Any]) -> Seen:
    def step() -> Any:
        found = next(results, NOTHING)
        seen.ended = found is NOTHING
        return found

    while not seen.ended:
        outcome = _outcome(step)
        if not seen.ended:
            seen.results.append(outcome)
        if isinstance(outcome, Error):
            break
    return _finished(seen)


def _outcome(step: Callable[[], Any]) -> Any:
    try:
        return step()
    except TubeExhaustedError:
        raise AssertionError("the tube ended too early") from None
    except Exception as error:
        text = "\n".join([str(error), *getattr(error, "__notes__", [])])
        return Error(type(error).__name__, text)


def _ends(runner: SynchronousRunner) -> bool:
    try:
        runner.process()
    except TubeExhaustedError:
        return True
    return False


def _finished(seen: Seen) -> Seen:
    seen.log = list(nodes.LOG)
    return seen
