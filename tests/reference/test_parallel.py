"""Random tubes give the same with several epochs under way at once as in order."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from noob_cli import SynchronousRunner, Tube
from noob_cli.errors import EndedAheadError, GivenAgainError, NoobError
from noob_cli.loading.loading import diagnostics_of
from noob_cli.plan.items_at_once import is_awaited, loops_at_once
from noob_cli.plan.lowering.lowering import lower
from noob_cli.plan.plan import ASSET, GATHER, STORED_AT
from noob_cli.runners.crews.in_line import InLine
from noob_cli.runners.crews.threads import Threads
from noob_cli.specification.document import Document
from tests.examples import examples
from tests.reference import nodes
from tests.reference.pipelines import pipelines
from tests.reference.tubes import EPOCHS, Case, _describe, _text, cases
from tests.runners.scrambled import Scrambled
from tests.runners.warm import Warm

UNSAID = ("level", "growing", "refilled", "Keeper", "spoil", "append", "replace")
"""What keeps something, or changes it in place, without saying so by `stateful: true`."""


AWAITED = ("async_", "later", "waits", "same_later", "ends_later", "Async")
"""What makes a tube one that coroutines are of use to."""


WARM = Warm(2, 6)
"""There for all tubes that are done in processes."""

CREWS = {"in line": InLine, "scrambled": Scrambled, "threads": lambda: Threads(2, 4), "processes": lambda: WARM}
CREWS["coroutines"] = lambda: None
CREWS["in parts"] = lambda: InParts()


class InParts(Scrambled):
    """So many that epochs never keep them all at work: each item of a map is a part of its own."""

    workers = 100


class _Staged(SynchronousRunner):
    new_crew: Any = None

    def _crew(self) -> Any:
        return type(self).new_crew()


def kept_by(runner: SynchronousRunner) -> list[tuple[Any, str]]:
    """What a runner keeps, and would save, but for what has been drawn: that is drawn ahead."""
    assert runner.current_run is not None
    state = runner.current_run.state
    return [(key, _text(value)) for key, value in sorted(state.items()) if key[0] in (ASSET, STORED_AT, GATHER)]


def outcomes(kind: type[SynchronousRunner], case: Case, *, is_all: bool = False) -> list[Any]:
    """What a tube returns, and the errors of its epochs, in order.

    Args:
        is_all: Whether what it keeps is told, too: behind each epoch, and at the end of nodes and assets.
    """
    nodes.reset()
    found: list[Any] = []
    try:
        tube = Tube.from_specification(copy.deepcopy(dict(case.spec)), input=copy.deepcopy(dict(case.inputs or {})))
        runner = kind(tube, warn=lambda message: None)
        runner.init()
    except Exception as error:
        return ["start", _describe(error)]
    records = None if case.records is None else iter(copy.deepcopy(case.records[:EPOCHS]))
    try:
        for _ in range(EPOCHS + 2):
            left = EPOCHS - runner.made
            try:
                results = runner.iter(epochs=left) if records is None else runner.stream(records)
                for result in results:
                    found += [_text(result), *(kept_by(runner) if is_all else ())]
                break
            except Exception as error:
                found += [_describe(error), *(kept_by(runner) if is_all else ())]
    finally:
        try:
            runner.deinit()
        except Exception as error:
            found.append(("stop", _describe(error)))
    if is_all and "nodes.ends" not in repr(case.spec):
        # Epochs behind the end of a run don't count, but class nodes may have been called for them.
        found += [line for line in nodes.LOG if line[0] == "deinit"]
    return found


def with_concurrency(spec: Any, most: int) -> Any:
    """A tube whose maps, and those of the tubes in it, say how many items may be under way at once."""
    if isinstance(spec, list):
        return [with_concurrency(each, most) for each in spec]
    if not isinstance(spec, dict):
        return spec
    said = {"params": {"concurrency": most}} if spec.get("type") == "map" else {}
    return {key: with_concurrency(value, most) for key, value in spec.items()} | said


@pytest.fixture(scope="module", autouse=True)
def _processes() -> Iterator[None]:
    """Those of the warm crew end with the module."""
    yield
    WARM.close()


@pytest.mark.parametrize("crew", ["in line", "scrambled", "threads", "processes"])
@pytest.mark.parametrize("undoing", [False, True], ids=["stop", "skip"])
@pytest.mark.usefixtures("uncounted")
def test_what_is_stored_is_the_same(crew: str, undoing: bool, number_of_tubes: int) -> None:

    class Synchronous(SynchronousRunner):
        def __init__(self, tube: Tube, **options: Any) -> None:
            super().__init__(tube, undoing=undoing, **options)

    class Staged(Synchronous):
        def _crew(self) -> Any:
            return CREWS[crew]()

    @examples(number_of_tubes, number_of_tubes * 80 // 500 if crew == "processes" else number_of_tubes // 5)
    @given(pipelines())
    def check(case: Case) -> None:
        # A generator can't be pickled.
        assume("ending_items" not in repr(case.spec))
        found = outcomes(Staged, case, is_all=True)
        told = {EndedAheadError.__name__, GivenAgainError.__name__}
        assume(not any(error[0] in told for error in found if isinstance(error, tuple)))
        assert found == outcomes(Synchronous, case, is_all=True)

    check()


@pytest.mark.parametrize("crew", CREWS)
@pytest.mark.usefixtures("uncounted")
def test_random_tubes_give_the_same(crew: str, number_of_tubes: int) -> None:

    class Staged(_Staged):
        new_crew = staticmethod(CREWS[crew])
        _coroutines = 4 if crew == "coroutines" else None

    @examples(number_of_tubes, number_of_tubes * 80 // 500 if crew == "processes" else number_of_tubes // 20)
    @given(cases())
    def check(case: Case) -> None:
        spec = repr(case.spec)
        assume(not any(f"nodes.{name}" in spec for name in UNSAID))
        assume(crew != "coroutines" or any(f"nodes.{name}" in spec for name in AWAITED))
        if crew == "in parts":
            assume("'map'" in spec)
            found = outcomes(Staged, replace(case, spec=with_concurrency(case.spec, len(spec) % 3 + 1)))
        else:
            found = outcomes(Staged, case)
        # A nested tube that ends ahead of its turn is told, and nothing else is compared then.
        assume(not any(error[0] == EndedAheadError.__name__ for error in found if isinstance(error, tuple)))
        assert found == outcomes(SynchronousRunner, case)

    check()


@pytest.mark.usefixtures("uncounted")
def test_random_tubes_give_the_same_with_items_at_once(number_of_tubes: int) -> None:
    tried = []

    @examples(number_of_tubes, number_of_tubes // 5)
    @given(cases(), st.integers(1, 4))
    def check(case: Case, most: int) -> None:
        spec = repr(case.spec)
        assume("'map'" in spec and any(f"nodes.{name}" in spec for name in AWAITED))
        assume(not any(f"nodes.{name}" in spec for name in UNSAID))
        at_once = replace(case, spec=with_concurrency(case.spec, most))
        tried.append(at_once)
        assert outcomes(SynchronousRunner, at_once) == outcomes(SynchronousRunner, case)

    check()
    assert any(has_items_at_once(case) for case in tried)


def has_items_at_once(case: Case) -> bool:
    """Whether a loop of a tube is done for several items at once."""
    try:
        plan = lower(Tube.from_specification(copy.deepcopy(dict(case.spec)), input=dict(case.inputs)))
    except NoobError:
        return False
    return any(map(is_awaited, loops_at_once(plan)))


def test_no_concurrency_is_said_to_have_no_effect_that_has_one(number_of_tubes: int) -> None:
    @examples(number_of_tubes, number_of_tubes // 10)
    @given(cases())
    def check(case: Case) -> None:
        spec = with_concurrency(case.spec, 3)
        assume("'map'" in repr(spec))
        try:
            plan = lower(Tube.from_specification(copy.deepcopy(spec), input=dict(case.inputs)))
        except NoobError:
            assume(False)
        found = diagnostics_of(Document(copy.deepcopy(spec)))
        idle = {each.path[1] for each in found if each.code == "G020" and "nothing takes" not in each.message}
        assert idle.isdisjoint(loop.place.name for loop in loops_at_once(plan) if loop.place is not None)

    check()
