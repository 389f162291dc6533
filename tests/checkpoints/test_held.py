"""Assets in checkpoints: which of them have their state there, and that they have it again in a run that goes on."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from noob_cli import Asset, resume_method
from noob_cli.checkpoints.held import Held, held_assets
from noob_cli.checkpoints.state import Checkpoints
from noob_cli.errors import CheckpointError
from tests.runners.tubes import Tubes

tubes = Tubes(__name__)


class Plain:
    """Says nothing of how it is pickled."""

    def __init__(self) -> None:
        self.seen: list[int] = []

    def see(self, value: int) -> list[int]:
        self.seen.append(value)
        return [*self.seen]


class Setting(Plain):
    """Takes its state."""

    def __setstate__(self, state):
        self.seen = state["seen"]


class Inheriting(Setting):
    """Says nothing itself."""


class Resuming(Plain):
    """Can't be pickled, but for a part of it."""

    def __init__(self) -> None:
        super().__init__()
        self.lines = (line for line in ())

    def __getstate__(self):
        return {"seen": self.seen}

    @resume_method
    def go_on(self, state):
        self.seen = [*state["seen"], "resumed"]


class Unsaveable(Plain):
    def __init__(self) -> None:
        super().__init__()
        self.lines = (line for line in ())


class Journal(Asset):
    """An asset of a kind of its own, which takes its state."""

    def init(self):
        self.obj = Plain()

    def __getstate__(self):
        return self.obj.seen

    @resume_method
    def go_on(self, state):
        self.obj.seen = state


def made() -> Setting:
    return Setting()


def yielded() -> Iterator[Setting]:
    yield Setting()


def untold():
    return Setting()


def see(plain, value):
    return plain.see(value)


def put(container, value):
    """Change it in its own way, and show it."""
    if hasattr(container, "items"):
        container[value] = container.get(value, 0) + 1
        return [*container.items()]
    getattr(container, "add", None) and container.add(value)
    getattr(container, "append", None) and container.append(value)
    return [*container]


def numbers(n=6):
    yield from range(n)


def drawn(rng, value):
    return rng.random()


TUBE = """
assets:
  x: {ASSET, scope: runner}
nodes:
  number: {type: my.numbers}
  use: {type: my.USE, depends: [assets.x, number.value]}
  return: {type: return, depends: use.value}
"""


def tube_of(asset, use):
    return TUBE.replace("ASSET", asset).replace("USE", use)


def held(asset, use="see"):
    return [each.held for each in held_assets(tubes.runner(tube_of(asset, use)).tube)]


@pytest.mark.parametrize(
    ("asset", "expected"),
    [
        ("type: my.Plain", Held.nothing),
        ("type: my.Plain, checkpoint: true", Held.state),
        ("type: my.Plain, checkpoint: false", Held.nothing_wanted),
        ("type: my.Plain, stateful: false", Held.nothing_wanted),
        ("type: my.Setting", Held.state),
        ("type: my.Setting, checkpoint: false", Held.nothing_wanted),
        ("type: my.Inheriting", Held.nothing),
        ("type: my.Resuming", Held.state),
        ("type: my.Journal", Held.state),
        ("type: my.made", Held.state),
        ("type: my.yielded", Held.state),
        ("type: my.untold", Held.nothing),
        ("type: random.Random", Held.state),
        ("type: dict", Held.nothing),
        ("type: str", Held.nothing_wanted),
        ("type: pathlib.Path", Held.nothing_wanted),
        ("type: int, depends: number.value", Held.carried),
        ("type: open, params: {file: written, mode: w}", Held.file),
        ("type: open, params: [written, a+b]", Held.file),
        ("type: io.open, params: {0: written, 1: x}", Held.file),
        ("type: open, params: {file: written}", Held.nothing),
        ("type: open, params: {file: 1, mode: w}", Held.nothing),
    ],
)
def test_what_is_held_is_known_before_it_is_made(asset, expected):
    assert held(asset) == [expected]


def test_so_it_is_in_nested_tubes_that_are_enabled():
    inner = (
        "{type: tube, params: {tube: {assets: {x: {type: my.Plain, scope: runner}}, nodes: {a: {type: my.numbers}}}}"
    )
    runner = tubes.runner(f"nodes:\n  one: {inner}}}\n  two: {inner}, enabled: false}}\n")

    assert [(asset.name, asset.held) for asset in held_assets(runner.tube)] == [("one.x", Held.nothing)]


def run_in_parts(yaml, at):
    """The results of a run that was stopped, and of the one that has gone on."""
    with tubes.runner(yaml) as runner:
        checkpoints = Checkpoints(runner)
        checkpoints.check()
        first = runner.run(at)
        saved = checkpoints.save()
    with tubes.runner(yaml) as runner:
        Checkpoints(runner).restore(saved)
        return first + list(runner.iter())


@pytest.mark.parametrize("at", [0, 1, 4])
@pytest.mark.parametrize(
    ("asset", "use"),
    [
        ("type: my.Setting", "see"),
        ("type: my.Journal", "see"),
        ("type: my.yielded", "see"),
        ("type: my.Plain, checkpoint: true", "see"),
        ("type: my.untold, checkpoint: true", "see"),
        ("type: random.Random, params: [7]", "drawn"),
        *(
            (f"type: {kind}, checkpoint: true", "put")
            for kind in (
                *("dict", "list", "set", "collections.Counter", "collections.OrderedDict", "collections.UserDict"),
                *("bytearray", "collections.UserList"),
            )
        ),
        ("type: collections.deque, params: {iterable: [], maxlen: 2}, checkpoint: true", "put"),
        ("type: collections.defaultdict, params: [], checkpoint: true", "put"),
        ("type: array.array, params: [i], checkpoint: true", "put"),
    ],
)
def test_two_runs_give_what_one_gives(asset, use, at):
    yaml = tube_of(asset, use)
    if "Random" not in asset:
        assert len(str(list(tubes.runner(yaml).iter())[-1])) > 5

    assert run_in_parts(yaml, at) == list(tubes.runner(yaml).iter())


def test_a_method_for_it_gets_the_state():
    assert run_in_parts(tube_of("type: my.Resuming", "see"), 2)[-1] == [0, 1, "resumed", 2, 3, 4, 5]


def test_a_node_that_has_one_gets_it_too():
    yaml = """
        nodes:
          number: {type: my.numbers}
          use: {type: my.ResumingNode, depends: [number.value]}
          return: {type: return, depends: use.value}
        """

    assert run_in_parts(yaml, 2)[-1] == [0, 1, "resumed", 2, 3, 4, 5]


class ResumingNode(Resuming):
    def process(self, value: int) -> list[int]:
        return self.see(value)


def test_an_asset_that_is_not_held_is_made_anew():
    assert run_in_parts(tube_of("type: my.Plain", "see"), 2)[-1] == [2, 3, 4, 5]


@pytest.mark.filterwarnings("ignore:the node 'held' has 1 value left")
def test_what_is_one_object_stays_one():
    yaml = """
        assets:
          x: {type: my.Plain, scope: runner, checkpoint: true}
        nodes:
          number: {type: my.numbers}
          hand: {type: my.handed, depends: [assets.x, number.value]}
          held: {type: gather, params: {n: 3}, depends: hand.value}
          use: {type: my.see, depends: [assets.x, number.value]}
          return: {type: return, depends: [{held: held.value}, {seen: use.value}]}
        """
    results = run_in_parts(yaml, 1)

    assert len({id(plain) for plain in results[2]["held"]}) == 1
    assert results[2]["held"][-1].seen == [0, 1, 2, 3, 4, 5]


def handed(plain, value):
    return plain


@pytest.mark.parametrize(
    ("asset", "said"),
    [
        ("type: my.Unsaveable, checkpoint: true", "the asset 'x': TypeError: cannot pickle 'generator' object"),
        ("type: slice, params: [3], checkpoint: true", "slice says with '__reduce__' how it is pickled"),
    ],
)
def test_what_can_not_be_saved_is_named_with_what_to_do(asset, said):
    with tubes.runner(tube_of(asset, "see")) as runner, pytest.raises(CheckpointError) as raised:
        Checkpoints(runner).check()

    assert said in str(raised.value)
    assert "'checkpoint: false'" in str(raised.value)
