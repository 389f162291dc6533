"""Who else gets the object that a carried asset stores: across nested tubes, and sources that fill one buffer again."""

from __future__ import annotations

import copy
import threading
from collections.abc import AsyncIterator, Iterator

import pytest

from noob_cli import CarryError, Epoch, SynchronousRunner, Tube
from noob_cli.plan.lowering import holding
from tests.runners.tubes import Tubes

tubes = Tubes(__name__)

COPIES: list[object] = []


@pytest.fixture(autouse=True)
def _forget():
    COPIES.clear()


@pytest.fixture(autouse=True, params=["compared", "looked up"])
def _few(request, monkeypatch):
    """With few assets, values are compared, with more, they are looked up: both give the same."""
    if request.param == "looked up":
        monkeypatch.setattr(holding, "_FEW", 0)


class Numbers(list[int]):
    """A list that tells of its copies."""

    def __deepcopy__(self, memo):
        COPIES.append(self)
        return Numbers(self)


def nothing():
    return None


def made(epoch: Epoch):
    """A new list in each epoch."""
    return Numbers([int(epoch)])


def shown(asset):
    return None if asset is None else list(asset)


def same(value):
    return value


def spoiled(value, after=None):
    value.append("spoiled")
    return len(value)


def length(value, after=None):
    return len(value)


def camera(n=3) -> Iterator[Numbers]:
    """Fills one buffer again and again."""
    buffer = Numbers([0])
    for number in range(n):
        buffer[:] = [number]
        yield buffer


class Camera:
    def __init__(self, n=3):
        self.items = camera(n)

    def __iter__(self):
        return self

    def __next__(self):
        return next(self.items)


class Method:
    def process(self) -> Iterator[Numbers]:
        yield from camera()


async def async_camera() -> AsyncIterator[Numbers]:
    for each in camera():
        yield each


def handles() -> Iterator[object]:
    """What can't be copied."""
    for _ in range(3):
        yield threading.Lock()


def two_buffers(n=3) -> Iterator[list[Numbers]]:
    buffers = [Numbers([0]), Numbers([0])]
    for number in range(n):
        for each in buffers:
            each[:] = [number]
        yield buffers


def some(value):
    return [value, value]


CHILD = """
        input: {x: {type: typing.Any, scope: process}}
        assets: {kept: {type: my.nothing, scope: runner, depends: store.value}}
        nodes:
          old: {type: my.shown, depends: assets.kept}
          store: {type: my.same, depends: input.x}
"""
"""A tube that stores what it gets."""


LEAKING = {
    "a nested tube stores its input, and a node around it changes it": """
    nodes:
      make: {type: my.made}
      inner:
        type: tube
        depends: [{x: make.value}]
        params:
          tube:
            CHILD
              return: {type: return, depends: old.value}
      later: {type: my.spoiled, depends: [make.value, inner.value]}
      return: {type: return, depends: inner.value}
    """,
    "a nested tube stores what it returns": """
    nodes:
      make: {type: my.made}
      inner:
        type: tube
        depends: [{x: make.value}]
        params:
          tube:
            CHILD
              return: {type: return, depends: [{old: old.value}, {new: store.value}]}
      later: {type: my.spoiled, depends: inner.new}
      return: {type: return, depends: inner.old}
    """,
    "a nested tube returns a list of it": """
    nodes:
      make: {type: my.made}
      inner:
        type: tube
        depends: [{x: make.value}]
        params:
          tube:
            CHILD
              return: {type: return, depends: [old.value, store.value]}
      old: {type: my.first, depends: inner.value}
      later: {type: my.spoil_second, depends: [inner.value, old.value]}
      return: {type: return, depends: old.value}
    """,
    "the tube around it stores, and a nested tube changes its input": """
    assets: {kept: {type: my.nothing, scope: runner, depends: make.value}}
    nodes:
      old: {type: my.shown, depends: assets.kept}
      make: {type: my.made}
      inner:
        type: tube
        depends: [{x: make.value}]
        params:
          tube:
            input: {x: {type: typing.Any, scope: process}}
            nodes: {change: {type: my.spoiled, depends: input.x}}
      return: {type: return, depends: old.value}
    """,
    "the tube around it stores a nested tube's signal": """
    assets: {kept: {type: my.nothing, scope: runner, depends: inner.value}}
    nodes:
      old: {type: my.shown, depends: assets.kept}
      inner:
        type: tube
        params:
          tube:
            nodes:
              make: {type: my.made}
              return: {type: return, depends: make.value}
      later: {type: my.spoiled, depends: inner.value}
      return: {type: return, depends: old.value}
    """,
    "one nested tube stores, its sibling changes": """
    nodes:
      make: {type: my.made}
      inner:
        type: tube
        depends: [{x: make.value}]
        params:
          tube:
            CHILD
              return: {type: return, depends: [{old: old.value}]}
      sibling:
        type: tube
        depends: [{x: make.value}, {after: inner.old}]
        params:
          tube:
            input: {x: {type: typing.Any, scope: process}, after: {type: typing.Any, scope: process}}
            nodes: {change: {type: my.spoiled, depends: [input.x, input.after]}}
      return: {type: return, depends: inner.old}
    """,
    "three tubes in each other": """
    nodes:
      make: {type: my.made}
      outer:
        type: tube
        depends: [{x: make.value}]
        params:
          tube:
            input: {x: {type: typing.Any, scope: process}}
            nodes:
              middle:
                type: tube
                depends: [{x: input.x}]
                params:
                  tube:
                    CHILD
                      return: {type: return, depends: old.value}
              return: {type: return, depends: middle.value}
      later: {type: my.spoiled, depends: [make.value, outer.value]}
      return: {type: return, depends: outer.value}
    """,
}


def first(values):
    return values[0]


def spoil_second(values, after):
    values[1].append("spoiled")


def data(text):
    """The tube of a text, the nested one put in as deep as it stands."""
    lines = []
    for line in text.splitlines():
        if line.strip() == "CHILD":
            indent = " " * (len(line) - len(line.lstrip()))
            lines += [indent + each[8:] for each in CHILD.strip("\n").splitlines()]
        else:
            lines.append(line)
    return tubes.data("\n".join(lines))


def runner(text):
    return SynchronousRunner(Tube.from_specification(data(text)))


@pytest.mark.parametrize("text", LEAKING.values(), ids=LEAKING)
def test_a_later_change_is_not_seen_in_the_next_epoch(text):
    assert runner(text).run(3) == [None, [0], [1]]
    assert len(COPIES) == 3


@pytest.mark.parametrize("text", LEAKING.values(), ids=LEAKING)
def test_it_is_the_same_with_process(text):
    with runner(text) as run:
        assert [run.process() for _ in range(3)] == [None, [0], [1]]


NOT_SHARED = {
    "nobody else gets what a nested tube stores": """
    nodes:
      make: {type: my.made}
      inner:
        type: tube
        depends: [{x: make.value}]
        params:
          tube:
            CHILD
              return: {type: return, depends: old.value}
      return: {type: return, depends: inner.value}
    """,
    "what is stored goes to a nested tube that has had its turn": """
    assets: {kept: {type: my.nothing, scope: runner, depends: store.value}}
    nodes:
      make: {type: my.made}
      inner:
        type: tube
        depends: [{x: make.value}, {old: assets.kept}]
        params:
          tube:
            input: {x: {type: typing.Any, scope: process}, old: {type: typing.Any, scope: process}}
            nodes:
              use: {type: my.length, depends: input.x}
              show: {type: my.shown, depends: input.old}
              return: {type: return, depends: [{show: show.value}]}
      store: {type: my.same, depends: make.value}
      return: {type: return, depends: inner.show}
    """,
    "what a nested tube returns is stored around it, too": """
    assets: {other: {type: my.nothing, scope: runner, depends: inner.new}}
    nodes:
      make: {type: my.made}
      inner:
        type: tube
        depends: [{x: make.value}]
        params:
          tube:
            CHILD
              return: {type: return, depends: [{old: old.value}, {new: store.value}]}
      return: {type: return, depends: inner.old}
    """,
}


@pytest.mark.parametrize("text", NOT_SHARED.values(), ids=NOT_SHARED)
def test_nothing_is_copied_that_nobody_else_gets(text):
    assert runner(text).run(3) == [None, [0], [1]]
    assert COPIES == []


def test_what_stays_in_a_nested_tube_may_be_changed():
    """Its storing node has emitted nothing: what a later node does to the object is no leak."""
    text = """
    nodes:
      inner:
        type: tube
        params:
          tube:
            assets: {kept: {type: list, scope: runner, depends: never.value}}
            nodes:
              never: {type: my.never}
              get: {type: my.same, depends: assets.kept}
              return: {type: return, depends: get.value}
      later: {type: my.spoiled, depends: inner.value}
      return: {type: return, depends: later.value}
    """
    assert runner(text).run(3) == [1, 2, 3]


def never():
    from noob_cli import NoEvent

    return NoEvent


def test_a_nested_tube_in_a_map():
    """Each call is an epoch of its own: the change behind one call is not seen in the next."""
    text = """
    nodes:
      numbers: {type: my.lists}
      items: {type: map, depends: numbers.value}
      inner:
        type: tube
        depends: [{x: items.value}]
        params:
          tube:
            CHILD
              return: {type: return, depends: [{old: old.value}, {new: store.value}]}
      later: {type: my.spoiled, depends: inner.new}
      return: {type: return, depends: inner.old}
    """
    assert runner(text).run(2) == [[None, [0], [1]], [[2], [0], [1]]]


def lists():
    return [Numbers([number]) for number in range(3)]


# --- what a source fills again ----------------------------------------------------------------


@pytest.mark.parametrize("kind", ["camera", "Camera", "Method", "async_camera"])
@pytest.mark.parametrize("way", ["run", "process", "callback"])
def test_a_source_that_fills_one_buffer(kind, way):
    text = f"""
    assets: {{kept: {{type: my.nothing, scope: runner, depends: source.value}}}}
    nodes:
      source: {{type: my.{kind}}}
      old: {{type: my.shown, depends: assets.kept}}
      return: {{type: return, depends: old.value}}
    """
    run = runner(text)
    if way == "callback":
        run.add_callback(lambda event: None)
    if way == "process":
        with run:
            results = [run.process() for _ in range(3)]
    else:
        results = list(run.iter(3))
    assert results == [None, [0], [1]]


REFILLED = {
    "it is handed on": """
    assets: {kept: {type: my.nothing, scope: runner, depends: store.value}}
    nodes:
      source: {type: my.camera}
      old: {type: my.shown, depends: assets.kept}
      again: {type: my.same, depends: source.value}
      store: {type: my.same, depends: again.value}
      return: {type: return, depends: old.value}
    """,
    "a nested tube stores it": """
    nodes:
      source: {type: my.camera}
      inner:
        type: tube
        depends: [{x: source.value}]
        params:
          tube:
            CHILD
              return: {type: return, depends: old.value}
      return: {type: return, depends: inner.value}
    """,
    "a nested tube's source": """
    assets: {kept: {type: my.nothing, scope: runner, depends: inner.value}}
    nodes:
      inner:
        type: tube
        params:
          tube:
            nodes:
              source: {type: my.camera}
              return: {type: return, depends: source.value}
      old: {type: my.shown, depends: assets.kept}
      return: {type: return, depends: old.value}
    """,
    "the source of a nested tube that is drawn in its calls": """
    assets: {kept: {type: my.nothing, scope: runner, depends: store.value}}
    nodes:
      make: {type: my.made}
      inner:
        type: tube
        depends: [{x: make.value}]
        params:
          tube:
            input: {x: {type: typing.Any, scope: process}}
            nodes:
              source: {type: my.camera, params: {n: 9}}
              return: {type: return, depends: source.value}
      store: {type: my.same, depends: inner.value}
      old: {type: my.shown, depends: assets.kept}
      return: {type: return, depends: old.value}
    """,
    "the nested tube itself stores it": """
    nodes:
      inner:
        type: tube
        params:
          tube:
            assets: {kept: {type: my.nothing, scope: runner, depends: source.value}}
            nodes:
              source: {type: my.camera}
              old: {type: my.shown, depends: assets.kept}
              return: {type: return, depends: old.value}
      return: {type: return, depends: inner.value}
    """,
    "in the loop of a map": """
    assets: {kept: {type: my.nothing, scope: runner, depends: store.value}}
    nodes:
      source: {type: my.camera}
      old: {type: my.shown, depends: assets.kept}
      pair: {type: my.some, depends: source.value}
      items: {type: map, depends: pair.value}
      store: {type: my.same, depends: items.value}
      return: {type: return, depends: old.value}
    """,
}


@pytest.mark.parametrize("text", REFILLED.values(), ids=REFILLED)
def test_what_a_source_has_emitted_is_copied(text):
    assert runner(text).run(3) == [None, [0], [1]]
    assert len(COPIES) == 3


def test_items_of_what_a_source_has_emitted_are_not_seen():
    """An object inside another is not seen: it is stored as it is."""
    text = """
    assets: {kept: {type: my.nothing, scope: runner, depends: items.value}}
    nodes:
      source: {type: my.two_buffers}
      old: {type: my.shown, depends: assets.kept}
      items: {type: map, depends: source.value}
      return: {type: return, depends: old.value}
    """
    assert runner(text).run(3) == [None, [1], [2]]
    assert COPIES == []


def test_what_a_node_makes_of_it_is_not_copied():
    text = """
    assets: {kept: {type: my.nothing, scope: runner, depends: store.value}}
    nodes:
      source: {type: my.camera}
      old: {type: my.shown, depends: assets.kept}
      store: {type: my.new, depends: source.value}
      return: {type: return, depends: old.value}
    """
    assert runner(text).run(3) == [None, [0], [1]]
    assert COPIES == []


def new(value):
    return Numbers(value)


@pytest.mark.parametrize("given", [{}, {"scope": "process"}])
def test_what_a_record_has_brought_is_copied(given):
    text = """
    input: {x: {type: typing.Any}}
    assets: {kept: {type: my.nothing, scope: runner, depends: store.value}}
    nodes:
      store: {type: my.same, depends: input.x}
      old: {type: my.shown, depends: assets.kept}
      return: {type: return, depends: old.value}
    """
    spec = data(text)
    spec["input"]["x"] |= given
    buffer = Numbers([0])
    inputs = {} if given else {"x": "the one that is given once"}
    with SynchronousRunner(Tube.from_specification(spec, input=inputs)) as run:
        for number in range(3):
            buffer[:] = [number]
            assert run.process(x=buffer) == (None if number == 0 else [number - 1])
    assert len(COPIES) == 3


def test_what_is_given_once_is_not_copied():
    text = """
    input: {x: {type: typing.Any}}
    assets: {kept: {type: my.nothing, scope: runner, depends: store.value}}
    nodes:
      store: {type: my.same, depends: input.x}
      old: {type: my.shown, depends: assets.kept}
    """
    with SynchronousRunner(Tube.from_specification(data(text), input={"x": Numbers([0])})) as run:
        run.process()
        run.run(2)
    assert COPIES == []


def test_what_can_not_be_copied_is_stored_as_it_is():
    text = """
    assets: {kept: {type: my.nothing, scope: runner, depends: source.value}}
    nodes:
      source: {type: my.handles}
      old: {type: builtins.type, depends: assets.kept}
      name: {type: my.name_of, depends: old.value}
      return: {type: return, depends: name.value}
    """
    assert runner(text).run(3) == ["NoneType", "lock", "lock"]


def name_of(kind):
    return kind.__name__


def test_what_can_not_be_copied_and_goes_on_is_an_error():
    text = """
    assets: {kept: {type: my.nothing, scope: runner, depends: source.value}}
    nodes:
      source: {type: my.handles}
      old: {type: my.same, depends: assets.kept}
      inner:
        type: tube
        depends: [{x: source.value}]
        params:
          tube:
            input: {x: {type: typing.Any, scope: process}}
            nodes: {use: {type: my.same, depends: input.x}}
    """
    with pytest.raises(CarryError, match=r"'kept' stores 'source\.value', and the node 'inner\.use' gets the same"):
        runner(text).run(1)


# --- failing ----------------------------------------------------------------------------------


def fails(value, epoch: Epoch):
    if epoch == 1:
        raise ValueError("failed")
    return value


def test_a_failed_epoch_commits_nothing_of_nested_tubes():
    """Also if what a nested tube has stored has been copied for a node around it before that failed."""
    text = """
    nodes:
      make: {type: my.made}
      inner:
        type: tube
        depends: [{x: make.value}]
        params:
          tube:
            CHILD
              return: {type: return, depends: [{old: old.value}, {new: store.value}]}
      later: {type: my.spoiled, depends: inner.new}
      check: {type: my.fails, depends: later.value}
      return: {type: return, depends: inner.old}
    """
    with runner(text) as run:
        assert run.process() is None
        with pytest.raises(ValueError, match="failed"):
            run.process()
        assert run.process() == [0]
        assert run.process() == [2]


class FailsToEnd:
    def __enter__(self):
        return self

    def __exit__(self, *error):
        if COPIES and COPIES[-1] == [1, "spoiled"]:
            raise RuntimeError("no end")


def test_nothing_is_committed_if_a_process_scoped_asset_fails_to_end():
    text = """
    assets:
      kept: {type: my.nothing, scope: runner, depends: make.value}
      ends: {type: my.FailsToEnd, scope: process}
    nodes:
      old: {type: my.shown, depends: assets.kept}
      make: {type: my.made}
      later: {type: my.spoiled, depends: [make.value, assets.ends]}
      return: {type: return, depends: old.value}
    """
    with runner(text) as run:
        assert run.process() is None
        with pytest.raises(RuntimeError, match="no end"):
            run.process()
        assert run.process() == [0]


def test_a_copy_is_like_the_object():
    assert copy.deepcopy(Numbers([1])) == [1]
