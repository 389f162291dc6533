"""Running a mutated tube gives results, an error of ours that says what is wrong, or the error of a node."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from noob_cli import NoobError, SynchronousRunner, Tube
from noob_cli.names import is_reference
from noob_cli.specification.document import read_document
from tests.conformance import nodes
from tests.examples import examples
from tests.fuzzing.bounds import bounded
from tests.fuzzing.seeds import SEEDS, Seed, mutated
from tests.fuzzing.texts import Draw
from tests.fuzzing.trees import at, drop, rename, replace, ways_in, written

EPOCHS = 4

UNSAFE = re.compile(r"stubborn|nap|sleepy|validate|terminate|itertools\.(?!count|repeat)|subprocess|signal")
"""Code that waits for long, starts processes, or never ends."""

N = "tests.conformance.nodes."
TYPES = (
    *("map", "gather", "return", "sum", "len", "list", "abs", "int", "str", "operator.add", "operator.mul"),
    *(
        N + name
        for name in ("same", "call", "step", "in_epoch", "add", "minus", "both", "keywords", "positions", "odd")
    ),
    *(N + name for name in ("split", "two", "two_or_nothing", "wrong_length", "behind", "Adder", "Marked", "Ticker")),
    *(N + name for name in ("NodeModel", "Lifecycle", "WithContext", "FailingStop", "async_same", "slow", "each")),
    *(N + name for name in ("pairs", "async_each", "Countdown", "failing_source", "append", "look", "made", "Managed")),
    *(
        N + name
        for name in ("AsyncManaged", "FailingEnd", "managed", "async_managed", "Journal", "Copied", "Uncopyable")
    ),
)
VALUES = (None, True, False, 0, 1, 2, -1, 1.5, "nothing", "", [], [1, 2], [[1], [2, 3]], {}, {"n": 1}, "input.x")
SAFE = [
    seed
    for seed in SEEDS
    if not UNSAFE.search(seed.text)
    and "pages" not in seed.name
    and (seed.case is None or (seed.case.python is None and not UNSAFE.search("".join(seed.case.files.values()))))
]


def mutate(draw: Draw, data: Any) -> Any:
    """One change after which the tube still names nothing but code that may be run."""
    # What is in the entries, most of the time: a tube without nodes is soon refused.
    ways = ways_in(data)
    inside = [way for way in ways if len(way) > 2]
    if not inside:
        return data
    way = draw(st.sampled_from(inside) | st.sampled_from(inside) | st.sampled_from(ways))
    references = [each for each in inside if is_reference_at(data, each)]
    kinds = ["drop", "rename", "value", "move", "add node", *["reference"] * 6]
    kind = "type" if way[-1] == "type" else draw(st.sampled_from(kinds))  # type: ignore[index]
    if kind == "reference" and references:
        one, other = draw(st.sampled_from(references)), draw(st.sampled_from(references))
        return replace(data, one, at(data, other))  # type: ignore[arg-type]
    if kind == "type":
        types = st.sampled_from(TYPES)
        return replace(data, way, draw(types))  # type: ignore[arg-type]
    if kind == "drop":
        return drop(data, way)  # type: ignore[arg-type]
    if kind == "rename":
        keys = [each[-1] for each in ways if each[-1] != "type"]
        return rename(data, way, draw(st.sampled_from(keys)))  # type: ignore[arg-type]
    if kind == "value":
        return replace(data, way, draw(st.sampled_from(VALUES)))  # type: ignore[arg-type]
    if kind == "move":
        others = [each for each in ways if each[-1] != "type"]
        return replace(data, way, at(data, draw(st.sampled_from(others))))  # type: ignore[arg-type]
    return _with_node(draw, data)


def is_reference_at(data: Any, way: Any) -> bool:
    """Whether a way leads to a reference."""
    value = at(data, way)
    return isinstance(value, str) and "depends" in way and is_reference(value)


def _with_node(draw: Draw, data: Any) -> Any:
    """With one node more, behind or before some others."""
    known = data.get("nodes") if isinstance(data, dict) else None
    if not isinstance(known, dict) or not known:
        return data
    references = st.sampled_from([f"{name}.value" for name in known] + [f"{name}.n" for name in known])
    depends: Any = draw(st.lists(references, max_size=3))
    new = {"type": draw(st.sampled_from(TYPES)), "depends": depends}
    returns = draw(st.booleans()) and len(depends) > 0  # type: ignore[arg-type]
    others = {name: node for name, node in known.items() if not (returns and name == "return")}
    last = {"last": {"type": "return", "depends": [*depends, "new.value"]}} if returns else {}
    return {**data, "nodes": {**others, "new": new, **last}}


def test_mutated_tubes_run(seeds: Path, number_of_examples: int) -> None:
    @examples(number_of_examples)
    @given(st.data())
    def check(data: st.DataObject) -> None:
        seed = data.draw(st.sampled_from(SAFE))
        try:
            tree = read_document(seed.text).data
        except NoobError:
            return
        for _ in range(data.draw(st.sampled_from([1, 1, 1, 2, 2, 3]))):
            tree = mutate(data.draw, tree)
        nodes.LOG.clear()
        with mutated(seeds, seed, written(tree).encode()), bounded():
            run(seed)
        assert_all_was_ended()

    check()


def run(seed: Seed) -> None:
    """Make some epochs."""
    warned: list[str] = []
    try:
        tube = Tube.from_specification(seed.entry, input=seed.case.input if seed.case is not None else {})
    except NoobError as error:
        assert_says_something(error)
        return
    runner = SynchronousRunner(tube, warn=warned.append)
    records = seed.case.records if seed.case is not None else None
    try:
        if tube.required_process_inputs:
            results = list(runner.stream((records or [{}])[:EPOCHS], epochs=EPOCHS))
        else:
            results = runner.run(EPOCHS) or []
        assert len(results) <= EPOCHS
    except NoobError as error:
        assert_says_something(error)
    except Exception as error:
        assert_is_of_a_node(error)
    assert not runner.running


def assert_says_something(error: NoobError) -> None:
    """An error of ours has a message."""
    assert str(error)


def assert_is_of_a_node(error: Exception) -> None:
    """What a node or an asset raises says where that was; a group that is none of theirs is one of such errors."""
    is_ours = isinstance(error, ExceptionGroup) and not hasattr(error, "__notes__")
    for each in error.exceptions if is_ours else [error]:
        assert getattr(each, "__notes__", []), each


def assert_all_was_ended() -> None:
    """Every asset that was entered has been ended, once."""
    entered = Counter(line.removesuffix(" is entered") for line in nodes.LOG if line.endswith(" is entered"))
    ended = Counter(line.partition(" ends")[0] for line in nodes.LOG if " ends" in line)
    # Of what is not entered, some ends too.
    others = {line.removesuffix(" begins") for line in nodes.LOG if line.endswith(" begins")} | {"source"}
    for name in entered.keys() - others:
        assert entered[name] == ended[name], nodes.LOG
