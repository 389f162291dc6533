"""What a run of a random tube looks like, in order as the reference interpreter reads the contract, and in stages."""

from __future__ import annotations

import copy
import inspect
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from functools import partial
from operator import itemgetter
from typing import Any, NamedTuple
from zlib import crc32

from noob_cli import SynchronousRunner, Tube
from noob_cli.errors import EndedAheadError, GivenAgainError, TubeExhaustedError
from noob_cli.plan.plan import ASSET, GATHER, STORED_AT
from tests.reference import nodes
from tests.reference.interpreter import NOTHING, Interpreter
from tests.reference.tubes import EPOCHS, PATH, Case, _describe, _text


class Way(NamedTuple):
    """How several epochs are made at once.

    Args:
        crew: Makes the crew that does so, or gives one that is there; None if none does.
        coroutines: For how many epochs coroutines are awaited at once; None if all are in order.
    """

    crew: Callable[[], Any] = lambda: None
    coroutines: int | None = None


TAME = {
    "constant": "constant_copied",
    "growing": "lists",
    "refilled": "lists",
    "Keeper": "Marked",
    "level": "one",
    "level_later": "later",
    "levels": "async_count",
    "leveled": "async_yielded",
}
"""What gives the same object again, or tells what is set in the context, and what stands in for it here."""

CHANGING = ("spoil", "append", "append_later")
"""What changes in place what it was handed."""

AWAITED = ("async_", "later", "waits", "same_later", "ends_later", "Async")
"""What makes a tube one that coroutines are of use to."""


class Seen(NamedTuple):
    """What a run looks like from outside, but for when something is done.

    Args:
        told: What epochs return, their errors, and behind each what is kept.
        ordered: The calls of each that keeps something, in order.
        lives: What was made and ended for the whole run, in order.
        is_balanced: Whether all that lives shorter was ended as often as it was made.
    """

    told: list[Any]
    ordered: list[tuple[str, ...]]
    lives: list[tuple[str, ...]]
    is_balanced: bool


def compare(case: Case, ways: Mapping[str, Way]) -> None:
    """Hold what a tube does in each way against what it does in order, in a run that stops or in one that goes on.

    Args:
        case: The tube.
        ways: How several epochs are made at once, by name.
    """
    case = replace(case, spec=tamed(case.spec))
    spec = repr(case.spec)
    undoing = crc32(spec.encode()) % 2 == 1
    expected = in_reference(case, undoing=undoing)
    tube = tube_of(case)
    for name, way in ways.items():
        if suits(spec, name):
            assert_same(in_stages(tube, case, way, undoing=undoing), expected, may_end="end" in spec)


def suits(spec: str, way: str) -> bool:
    """Whether a tube has something to be done at once in a way, and nothing for which that can't be."""
    if "ending_items" in spec and way in ("scrambled", "in chunks", "processes", "Dask"):
        return False  # A generator can't be pickled.
    if way == "coroutines":
        return any(f"nodes.{name}" in spec for name in AWAITED)
    return way != "in chunks" or "'map'" in spec


def tamed(spec: Any) -> Any:
    """A tube in which nodes say that they change in place what they are handed, and nothing else does so."""
    if isinstance(spec, list):
        return [tamed(each) for each in spec]
    if not isinstance(spec, dict):
        return spec
    found = {key: tamed(value) for key, value in spec.items()}
    kind = str(spec.get("type")).removeprefix(PATH)
    if kind in TAME:
        found["type"] = PATH + TAME[kind]
    return found | ({"stateful": True} if kind in CHANGING else {})


def assert_same(found: Seen, expected: Seen, *, may_end: bool) -> None:
    """Hold what was seen against what was expected; calls only if no node may end the run."""
    # A nested tube that ends ahead of its turn is told, and an object that is given again; then nothing is compared.
    told_of = {EndedAheadError.__name__, GivenAgainError.__name__}
    if any(isinstance(each, tuple) and each[0] in told_of for each in found.told):
        return
    # A plan keeps what somebody asks for.
    told = [
        {key: each.get(key) for key in other} if isinstance(each, dict) and isinstance(other, dict) else each
        for each, other in zip(expected.told, found.told, strict=False)
    ]
    assert found.told == [*told, *expected.told[len(told) :]]
    assert found.is_balanced
    if not may_end:
        # Epochs behind the end of a run don't count, but what keeps something may have been called for them.
        assert found.ordered == expected.ordered
        assert found.lives == expected.lives


# In order


class Undoing(Interpreter):
    """Undoes with a failed epoch what was changed in place in carried assets, too."""

    def _state(self) -> dict[str, Any]:
        state = super()._state()
        state["carried"] |= copy.deepcopy(
            {name: self.carried[name] for name in self.stored_from if name in self.carried}
        )
        return state


def in_reference(case: Case, *, undoing: bool) -> Seen:
    """What a tube does in order."""
    nodes.reset()
    told: list[Any] = []
    try:
        made = (Undoing if undoing else Interpreter)(copy.deepcopy(case.spec), copy.deepcopy(case.inputs))
        made.init()
    except Exception as error:
        return Seen(["start", _describe(error)], [], [], True)
    for make in _epochs(made, case):
        if made.epoch + 1 == EPOCHS and case.records is None:
            break
        try:
            result = made._do(make())
        except TubeExhaustedError:
            break
        except Exception as error:
            told += [_describe(error), _kept(made)]
        else:
            if result is not NOTHING or made._return_node() is None:
                told += [_text(None if result is NOTHING else result), _kept(made)]
    _end(made.deinit, told)
    return _seen(case, told)


def _epochs(made: Interpreter, case: Case) -> Iterator[Callable[[], Any]]:
    """What makes each epoch, and the last epochs behind the records."""
    for record in [{}] * (EPOCHS + 2) if case.records is None else copy.deepcopy(case.records[:EPOCHS]):
        yield partial(made._epoch_or_last, record)
    while True:
        yield made._last_epoch


def _kept(made: Interpreter, around: str = "") -> dict[tuple[str, str], str]:
    kept: dict[tuple[str, str], str] = {}
    for kind, values in ((ASSET, made.carried), (STORED_AT, made.stored_at), (GATHER, made.gathered)):
        kept |= {(kind, around + name): _text(value) for name, value in values.items()}
    for name, node in made.nodes.items():
        kept |= {} if node.child is None else _kept(node.child, f"{around}{name}.")
    return kept


# In stages


class Staged(SynchronousRunner):
    """Runs a tube.

    Args:
        tube: The tube.
        way: How several epochs are made at once.
        undoing: Whether it goes on after errors.
    """

    def __init__(self, tube: Tube, way: Way, *, undoing: bool) -> None:
        super().__init__(tube, undoing=undoing, warn=str)
        self._new_crew, self._coroutines = way

    def _crew(self) -> Any:
        return self._new_crew()


def tube_of(case: Case) -> Tube:
    """The tube of a case, for any number of runs."""
    return Tube.from_specification(copy.deepcopy(case.spec), input=copy.deepcopy(case.inputs))


def in_stages(tube: Tube, case: Case, way: Way, *, undoing: bool) -> Seen:
    """What a tube does if several epochs are made at once."""
    nodes.reset()
    told: list[Any] = []
    try:
        runner = Staged(tube, way, undoing=undoing)
        runner.init()
    except Exception as error:
        return Seen(["start", _describe(error)], [], [], True)
    records = None if case.records is None else iter(copy.deepcopy(case.records[:EPOCHS]))
    for _ in range(EPOCHS + 2):
        try:
            results = runner.iter(epochs=EPOCHS - runner.made) if records is None else runner.stream(records)
            for result in results:
                told += [_text(result), _kept_by(runner)]
            break
        except Exception as error:
            told += [_describe(error), _kept_by(runner)]
    _end(runner.deinit, told)
    return _seen(case, told)


def _kept_by(runner: SynchronousRunner) -> dict[tuple[str, str], str]:
    """What a runner keeps, and would save, but for what has been drawn: that is drawn ahead."""
    assert runner.current_run is not None
    state = runner.current_run.state
    return {key: _text(value) for key, value in state.items() if key[0] in (ASSET, STORED_AT, GATHER)}


def _end(deinit: Callable[[], object], told: list[Any]) -> None:
    try:
        deinit()
    except Exception as error:
        told.append(("stop", _describe(error)))


# What was called meanwhile


def _seen(case: Case, told: list[Any]) -> Seen:
    tags = list(_tags(case.spec))
    keeping, lasting = {tag for tag, _ in tags}, {tag for tag, is_made in tags if is_made}
    entered, exited = (Counter(line[1] for line in nodes.LOG if line[0] == what) for what in ("enter", "exit"))
    called = (line for line in nodes.LOG if line[0] in ("call", "flush", "draw") and line[1] in keeping)
    lives = [line for line in nodes.LOG if line[0] not in ("call", "flush", "draw") and line[1] in lasting]
    return Seen(told, sorted(called, key=itemgetter(1)), lives, entered == exited)


def _tags(spec: Mapping[str, Any]) -> Iterator[tuple[str, bool]]:
    """What keeps something in a tube, and in those in it, by tag, and whether it is made and ended with the run."""
    for node in spec["nodes"].values():
        kind = getattr(nodes, node["type"].removeprefix(PATH), None)
        if node["type"] == "tube":
            yield from _tags(node["params"]["tube"])
        elif inspect.isgeneratorfunction(kind) or (inspect.isclass(kind) and kind is not nodes.Box):
            yield node["params"]["tag"], hasattr(kind, "deinit") or hasattr(kind, "start")
    for asset in spec.get("assets", {}).values():
        if asset["scope"] == "runner":
            params = asset["params"]
            yield params[0] if isinstance(params, list) else params["tag"], True
