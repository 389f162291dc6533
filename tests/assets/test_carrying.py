"""Assets that carry a value from one epoch into the next."""

from __future__ import annotations

import threading
from typing import Annotated

import pytest

from noob_cli import Asset, CarryError, Epoch, Name, NoEvent
from tests.runners.tubes import Tubes

tubes = Tubes(__name__)

LOG: list[object] = []
KEPT: list[object] = []
FAIL: set[str] = set()


@pytest.fixture(autouse=True)
def _forget():
    LOG.clear()
    KEPT.clear()
    FAIL.clear()


class Counted:
    """An object that counts how often it is copied."""

    copies = 0

    def __init__(self, number=0):
        self.number = number

    def __deepcopy__(self, memo):
        Counted.copies += 1
        return Counted(self.number)


@pytest.fixture
def copies():
    """How often a `Counted` was copied."""
    Counted.copies = 0
    return lambda: Counted.copies


class Uncopied:
    def __deepcopy__(self, memo):
        raise RuntimeError("there can be only one")


def nothing():
    return None


def start(number=0):
    return number


def numbers(n=4):
    yield from range(n)


def sources(n=3):
    for number in range(n):
        yield Counted(number)


def add(left, right=1):
    return left + right


def read(asset, tag=None):
    LOG.append(asset if tag is None else (tag, asset))
    return asset


def same(value):
    return value


def both(*values):
    return values


def fresh(epoch: Epoch, asset=None):
    """A new object, whose number is that of the epoch."""
    return Counted(int(epoch))


def uncopied(asset=None):
    return Uncopied()


def inside(value):
    return [value]


def mutate(value):
    value.append("changed")
    return value


def appended(asset, number):
    return [*asset, number]


def odd(value):
    return value if value % 2 else NoEvent


def never(value=None):
    return NoEvent


def fail_at(epoch: Epoch, value=None, at=1):
    if epoch == at:
        raise ValueError("failed")
    return value


def look(value, other=None):
    LOG.append(value)


COUNTER = """
assets:
  total: {type: my.start, scope: runner, depends: next.value}
nodes:
  next: {type: my.add, depends: assets.total}
  r: {type: return, depends: next.value}
"""


# --- what is stored ---------------------------------------------------------------------------


@pytest.mark.parametrize("way", ["run", "iter", "process", "stream"])
def test_the_stored_value_is_there_in_the_next_epoch(way):
    runner = tubes.runner(COUNTER)
    if way == "process":
        with runner:
            results = [runner.process() for _ in range(3)]
    elif way == "stream":
        results = list(runner.stream([{}] * 3))
    else:
        results = list(getattr(runner, way)(3))
    assert results == [1, 2, 3]


def test_it_goes_on_across_calls_and_starts_anew_in_the_next_run():
    runner = tubes.runner(COUNTER)
    with runner:
        assert runner.run(2) == [1, 2]
        assert list(runner.iter(2)) == [3, 4]
        assert runner.process() == 5
    assert runner.run(2) == [1, 2]


def test_stored_at_is_the_epoch_and_begins_at_minus_one():
    runner = tubes.runner(COUNTER)
    assert runner.tube.assets["total"].stored_at == -1
    runner.init()
    assert runner.tube.assets["total"].stored_at == -1
    runner.run(3)
    runner.deinit()
    asset = runner.tube.assets["total"]
    assert (asset.obj, asset.stored_at) == (3, 2)


def test_stored_at_and_obj_are_right_between_epochs():
    runner = tubes.runner(COUNTER)
    with runner:
        for epoch in range(3):
            runner.process()
            asset = runner.tube.assets["total"]
            assert (asset.obj, asset.stored_at) == (epoch + 1, epoch)


def test_stored_at_begins_anew_in_the_next_run():
    runner = tubes.runner(COUNTER)
    runner.run(3)
    runner.init()
    assert (runner.tube.assets["total"].obj, runner.tube.assets["total"].stored_at) == (0, -1)
    runner.deinit()


def test_an_asset_that_is_not_carried_is_never_stored():
    runner = tubes.runner("assets: {a: {type: my.start, scope: runner}}\nnodes: {r: {type: return, depends: assets.a}}")
    runner.run(3)
    assert runner.tube.assets["a"].stored_at == -1


def test_if_nothing_is_emitted_the_stored_value_stays():
    text = """
    assets: {last: {type: my.nothing, scope: runner, depends: odd.value}}
    nodes:
      source: {type: my.numbers}
      seen: {type: my.read, depends: assets.last}
      odd: {type: my.odd, depends: source.value}
    """
    runner = tubes.runner(text)
    runner.run()
    assert LOG == [None, None, 1, 1]
    assert (runner.tube.assets["last"].obj, runner.tube.assets["last"].stored_at) == (3, 3)


def test_none_is_a_value_that_is_stored():
    text = """
    assets: {last: {type: my.start, scope: runner, depends: x.value}}
    nodes:
      x: {type: my.nothing}
      seen: {type: my.read, depends: assets.last}
    """
    runner = tubes.runner(text)
    runner.run(2)
    assert LOG == [0, None]
    assert runner.tube.assets["last"].stored_at == 1


def test_a_disabled_storing_node_stores_nothing():
    runner = tubes.runner(f"{COUNTER}  goes_on: {{type: my.nothing}}")
    with runner:
        runner.process()
        runner.disable_node("next")
        assert runner.process() is None
        runner.enable_node("next")
        assert runner.process() == 2


def test_several_assets_are_stored_from_one_signal():
    text = """
    assets:
      a: {type: my.start, scope: runner, params: [10], depends: x.value}
      b: {type: my.start, scope: runner, params: [20], depends: x.value}
    nodes:
      ra: {type: my.read, depends: assets.a, params: {tag: a}}
      rb: {type: my.read, depends: assets.b, params: {tag: b}}
      x: {type: my.fresh}
    """
    runner = tubes.runner(text)
    runner.run(2)
    assert LOG[:2] == [("a", 10), ("b", 20)]
    assert [value.number for _, value in LOG[2:]] == [0, 0]
    assert {runner.tube.assets[name].stored_at for name in "ab"} == {1}


def test_one_of_several_signals_is_stored():
    text = """
    assets: {a: {type: my.start, scope: runner, depends: x.second}}
    nodes:
      x: {type: my.pair, depends: assets.a}
      r: {type: return, depends: x.first}
    """
    assert tubes.results(text, 3) == [0, 10, 20]


def test_a_source_that_stores():
    """It is drawn first like any; readers still get the value from the epoch's start."""
    text = """
    assets: {a: {type: my.start, scope: runner, params: [-1], depends: source.value}}
    nodes:
      seen: {type: my.both, depends: [assets.a, source.value]}
      source: {type: my.numbers, params: {n: 3}}
      r: {type: return, depends: seen.value}
    """
    assert tubes.results(text) == [(-1, 0), (0, 1), (1, 2)]


def test_what_a_source_gives_in_the_epoch_that_does_not_exist_is_not_stored():
    text = """
    assets: {a: {type: my.start, scope: runner, depends: long.value}}
    nodes:
      long: {type: my.numbers, params: {n: 9}}
      short: {type: my.numbers, params: {n: 2}}
      seen: {type: my.both, depends: [assets.a, long.value, short.value]}
    """
    runner = tubes.runner(text)
    runner.run()
    assert (runner.tube.assets["a"].obj, runner.tube.assets["a"].stored_at) == (1, 1)


def test_the_return_node_is_a_reader():
    text = """
    assets: {a: {type: my.start, scope: runner, params: [-1], depends: x.value}}
    nodes:
      x: {type: my.epoch_of}
      r: {type: return, depends: assets.a}
    """
    assert tubes.results(text, 3) == [-1, 0, 1]


def epoch_of(epoch: Epoch):
    return int(epoch)


# --- readers see the value from the epoch's start ---------------------------------------------


@pytest.mark.parametrize("first", ["storing", "reader"])
def test_a_reader_that_is_not_upstream_comes_before_the_storing_node(first):
    storing, reader = "s: {type: my.log_epoch}", "q: {type: my.read, depends: assets.a}"
    text = f"""
    assets: {{a: {{type: my.start, scope: runner, params: [-1], depends: s.value}}}}
    nodes:
      {storing if first == "storing" else reader}
      {reader if first == "storing" else storing}
    """
    tubes.runner(text).run(2)
    assert LOG == [-1, "stored 0", 0, "stored 1"]


def log_epoch(epoch: Epoch):
    LOG.append(f"stored {epoch}")
    return int(epoch)


def test_every_reader_sees_the_same_value():
    text = """
    assets: {a: {type: my.start, scope: runner, params: [-1], depends: s.value}}
    nodes:
      s: {type: my.epoch_of}
      q1: {type: my.read, depends: assets.a}
      q2: {type: my.read, depends: assets.a}
      r: {type: return, depends: [q1.value, q2.value, s.value]}
    """
    assert tubes.results(text, 3) == [[-1, -1, 0], [0, 0, 1], [1, 1, 2]]


def test_the_storing_node_may_be_a_reader():
    assert tubes.results(COUNTER, 2) == [1, 2]


# --- nothing leaks, nothing is copied without need --------------------------------------------


def test_what_happens_to_the_object_later_does_not_leak():
    text = """
    assets: {a: {type: my.empty, scope: runner, depends: s.value}}
    nodes:
      source: {type: my.numbers, params: {n: 3}}
      s: {type: my.appended, depends: [assets.a, source.value]}
      m: {type: my.mutate, depends: s.value}
      r: {type: return, depends: m.value}
    """
    assert tubes.results(text) == [[0, "changed"], [0, 1, "changed"], [0, 1, 2, "changed"]]


def empty():
    return []


def test_what_the_caller_does_with_a_result_does_not_leak():
    text = """
    assets: {a: {type: my.empty, scope: runner, depends: s.value}}
    nodes:
      source: {type: my.numbers, params: {n: 3}}
      s: {type: my.appended, depends: [assets.a, source.value]}
      r: {type: return, depends: s.value}
    """
    results = []
    for result in tubes.runner(text).iter():
        results.append(list(result))
        result.append("mine")
    assert results == [[0], [0, 1], [0, 1, 2]]


def test_no_copy_when_nobody_else_gets_the_object(copies):
    text = """
    assets: {a: {type: my.Counted, scope: runner, depends: s.value}}
    nodes:
      seen: {type: my.read, depends: assets.a}
      s: {type: my.keep}
    """
    tubes.runner(text).run(3)
    assert copies() == 0
    assert LOG[1] is KEPT[0]
    assert LOG[2] is KEPT[1]


def keep():
    KEPT.append(Counted())
    return KEPT[-1]


def test_no_copy_when_the_object_goes_only_to_nodes_before(copies):
    """`first` gets the object that `s` stores, but has had its turn by then."""
    text = """
    assets: {a: {type: my.nothing, scope: runner, depends: s.value}}
    nodes:
      source: {type: my.numbers, params: {n: 3}}
      made: {type: my.Counted, depends: source.value}
      first: {type: my.read, depends: made.value}
      old: {type: my.read, depends: assets.a}
      s: {type: my.same, depends: made.value}
    """
    tubes.runner(text).run()
    assert copies() == 0
    assert LOG[3] is LOG[0]
    assert LOG[5] is LOG[2]


AFTER = {
    "the same signal": ("s: {type: my.fresh}", "x: {type: my.read, depends: s.value}"),
    "return": ("s: {type: my.fresh}", "x: {type: return, depends: s.value}"),
    "a list returned": ("s: {type: my.fresh}", "x: {type: return, depends: [s.value]}"),
    "a dict returned": ("s: {type: my.fresh}", "x: {type: return, depends: [{k: s.value}]}"),
    "an optional slot": ("s: {type: my.fresh}", "x: {type: my.look, depends: [{value: s.value}, {other: s.value}]}"),
    "a keyword": ("s: {type: my.fresh}", "x: {type: my.keywords, depends: [{k: s.value}]}"),
}


def keywords(**values):
    pass


def pair(asset) -> tuple[Annotated[int, Name("first")], Annotated[int, Name("second")]]:
    return asset, asset + 10


def twice() -> tuple[Annotated[Counted, Name("left")], Annotated[Counted, Name("right")]]:
    thing = Counted()
    return thing, thing


@pytest.mark.parametrize(("storing", "receiver"), AFTER.values(), ids=AFTER)
def test_one_copy_per_epoch_when_the_object_goes_to_a_later_node(copies, storing, receiver):
    text = f"""
    assets: {{a: {{type: my.Counted, scope: runner, depends: s.value}}}}
    nodes:
      {storing}
      {receiver}
    """
    tubes.runner(text).run(3)
    assert copies() == 3


def test_one_copy_however_many_get_it(copies):
    text = """
    assets: {a: {type: my.Counted, scope: runner, depends: s.value}}
    nodes:
      s: {type: my.fresh}
      x: {type: my.read, depends: s.value}
      y: {type: my.read, depends: s.value}
      r: {type: return, depends: s.value}
    """
    tubes.runner(text).run(2)
    assert copies() == 2


def test_the_copy_is_stored_and_the_others_get_the_object(copies):
    text = """
    assets: {a: {type: my.Counted, scope: runner, depends: s.value}}
    nodes:
      old: {type: my.read, depends: assets.a, params: {tag: old}}
      s: {type: my.keep}
      x: {type: my.read, depends: s.value, params: {tag: new}}
    """
    tubes.runner(text).run(2)
    new = [value for tag, value in LOG if tag == "new"]
    old = [value for tag, value in LOG if tag == "old"]
    assert new == KEPT
    assert old[1] is not new[0]
    assert copies() == 2


def test_a_copy_when_the_object_goes_on_by_another_signal(copies):
    """`later` takes the source's signal, not that of `s`; the object is the same."""
    text = """
    assets: {a: {type: my.nothing, scope: runner, depends: s.value}}
    nodes:
      source: {type: my.sources}
      s: {type: my.same, depends: source.value}
      later: {type: my.read, depends: source.value}
    """
    tubes.runner(text).run()
    assert copies() == 3


def test_a_copy_when_the_object_goes_on_by_the_other_signal_of_the_node(copies):
    text = """
    assets: {a: {type: my.nothing, scope: runner, depends: s.left}}
    nodes:
      s: {type: my.twice}
      later: {type: my.read, depends: s.right}
    """
    tubes.runner(text).run(2)
    assert copies() == 2


def test_a_copy_when_the_object_goes_on_by_an_input(copies):
    text = """
    input: {thing: {type: tests.assets.test_carrying.Counted, scope: process}}
    assets: {a: {type: my.nothing, scope: runner, depends: s.value}}
    nodes:
      s: {type: my.same, depends: input.thing}
      later: {type: my.read, depends: input.thing}
    """
    with tubes.runner(text) as runner:
        thing = Counted()
        runner.process(thing=thing)
    assert copies() == 1
    assert [thing] == LOG
    assert runner.tube.assets["a"].obj is not thing


def test_a_copy_when_the_object_goes_on_by_another_asset(copies):
    text = """
    assets:
      a: {type: my.nothing, scope: runner, depends: s.value}
      b: {type: my.Counted, scope: runner}
    nodes:
      s: {type: my.same, depends: assets.b}
      later: {type: my.read, depends: assets.b}
    """
    tubes.runner(text).run(2)
    assert copies() == 2


def test_a_copy_when_the_object_goes_on_by_a_process_scoped_asset(copies):
    text = """
    assets:
      a: {type: my.nothing, scope: runner, depends: s.value}
      b: {type: my.Counted, scope: process}
    nodes:
      s: {type: my.same, depends: assets.b}
      later: {type: my.read, depends: assets.b}
    """
    tubes.runner(text).run(2)
    assert copies() == 2


def test_a_copy_when_the_object_comes_back_from_a_later_node(copies):
    """What `later` gets from `first` is the object that `s` stored in between."""
    text = """
    assets: {a: {type: my.nothing, scope: runner, depends: s.value}}
    nodes:
      source: {type: my.sources}
      first: {type: my.same, depends: source.value}
      s: {type: my.same, depends: source.value}
      later: {type: my.read, depends: first.value}
    """
    tubes.runner(text).run()
    assert copies() == 3


def test_a_copy_when_a_callback_gets_the_object(copies):
    text = """
    assets: {a: {type: my.Counted, scope: runner, depends: s.value}}
    nodes:
      s: {type: my.fresh}
    """
    runner = tubes.runner(text)
    got = []
    runner.add_callback(lambda event: got.append(event["value"]))
    runner.run(2)
    assert copies() == 2
    assert runner.tube.assets["a"].obj not in got


def test_no_copy_for_a_callback_that_was_not_there(copies):
    text = """
    assets: {a: {type: my.Counted, scope: runner, depends: s.value}}
    nodes:
      s: {type: my.fresh}
    """
    with tubes.runner(text) as runner:
        runner.process()
        assert copies() == 0
        runner.add_callback(lambda event: None)
        runner.process()
        assert copies() == 1


def test_a_copy_when_a_source_that_stores_gives_to_others(copies):
    text = """
    assets: {a: {type: my.nothing, scope: runner, depends: source.value}}
    nodes:
      source: {type: my.sources}
      later: {type: my.read, depends: source.value}
    """
    tubes.runner(text).run()
    assert copies() == 3


def test_a_copy_when_a_source_only_stores(copies):
    """It may give the same object again."""
    text = """
    assets: {a: {type: my.nothing, scope: runner, depends: source.value}}
    nodes:
      source: {type: my.sources}
      old: {type: my.read, depends: assets.a}
    """
    tubes.runner(text).run()
    assert copies() == 3


def test_no_copy_of_another_object(copies):
    """It is decided by identity: `later` gets an equal object, but another one."""
    text = """
    assets: {a: {type: my.nothing, scope: runner, depends: s.value}}
    nodes:
      s: {type: my.fresh}
      t: {type: my.fresh}
      later: {type: my.read, depends: t.value}
    """
    tubes.runner(text).run(3)
    assert copies() == 0


def test_an_object_inside_another_is_not_seen(copies):
    text = """
    assets: {a: {type: my.nothing, scope: runner, depends: s.value}}
    nodes:
      source: {type: my.numbers, params: {n: 3}}
      made: {type: my.Counted, depends: source.value}
      box: {type: my.inside, depends: made.value}
      s: {type: my.same, depends: made.value}
      later: {type: my.read, depends: box.value}
    """
    tubes.runner(text).run()
    assert copies() == 0


def test_it_is_decided_epoch_by_epoch(copies):
    """`later` needs `gate` too, which emits in odd epochs only."""
    text = """
    assets: {a: {type: my.Counted, scope: runner, depends: s.value}}
    nodes:
      source: {type: my.numbers, params: {n: 4}}
      s: {type: my.fresh}
      gate: {type: my.odd, depends: source.value}
      later: {type: my.both, depends: [s.value, gate.value]}
    """
    tubes.runner(text).run()
    assert copies() == 2


def test_no_copy_when_what_is_returned_is_not_all_emitted(copies):
    text = """
    assets: {a: {type: my.Counted, scope: runner, depends: s.value}}
    nodes:
      s: {type: my.fresh}
      no: {type: my.never}
      r: {type: return, depends: [s.value, no.value]}
    """
    tubes.runner(text).run(3)
    assert copies() == 0


def test_no_copy_when_the_later_node_is_disabled(copies):
    text = """
    assets: {a: {type: my.Counted, scope: runner, depends: s.value}}
    nodes:
      s: {type: my.fresh}
      later: {type: my.read, depends: s.value, enabled: false}
      behind: {type: my.both, depends: [later.value, s.value]}
    """
    runner = tubes.runner(text)
    with runner:
        runner.run(2)
        assert copies() == 0
        runner.enable_node("later")
        runner.run(2)
        assert copies() == 2


@pytest.mark.parametrize("kind", ["int", "str", "bytes", "float"])
def test_what_can_not_change_needs_no_copy_to_be_right(kind):
    text = f"""
    assets: {{a: {{type: {kind}, scope: runner, depends: s.value}}}}
    nodes:
      s: {{type: my.same, depends: assets.a}}
      r: {{type: return, depends: s.value}}
    """
    assert tubes.results(text, 2) == [eval(kind)()] * 2


# --- what can't be copied ---------------------------------------------------------------------


@pytest.mark.parametrize("receiver", ["my.read", "return"])
def test_what_can_not_be_copied_says_all_that_is_needed(receiver):
    text = f"""
    assets: {{box: {{type: my.nothing, scope: runner, depends: s.value}}}}
    nodes:
      s: {{type: my.uncopied}}
      x: {{type: {receiver}, depends: s.value}}
    """
    with pytest.raises(CarryError) as raised:
        tubes.runner(text).run(1)
    message = str(raised.value)
    assert "'box'" in message
    assert "'s.value'" in message
    assert "'x'" in message
    assert "there can be only one" in message
    assert "last" in message or "new object" in message


class Panic(BaseException):
    """As code of other languages raises."""


class Panicking:
    def __deepcopy__(self, memo):
        raise Panic


def panicking():
    while True:
        yield Panicking()


def test_what_panics_when_it_is_copied_can_not_be_copied():
    box = "assets: {box: {type: my.nothing, scope: runner, depends: s.value}}\nnodes:\n  "
    with pytest.raises(CarryError, match=r"'box' stores 's.value'.* \(Panic\)"):
        tubes.runner(f"{box}s: {{type: my.Panicking}}\n  x: {{type: return, depends: s.value}}").run(1)
    # What a source gives is then stored as it is.
    tubes.runner(f"{box}s: {{type: my.panicking}}").run(1)


def test_what_can_not_be_copied_and_a_callback():
    text = "assets: {box: {type: my.nothing, scope: runner, depends: s.value}}\nnodes: {s: {type: my.uncopied}}"
    runner = tubes.runner(text)
    runner.add_callback(LOG.append)
    with pytest.raises(CarryError, match="callback"):
        runner.run(1)


def test_what_can_not_be_copied_is_fine_if_nobody_else_gets_it():
    text = """
    assets: {a: {type: my.lock, scope: runner, depends: s.value}}
    nodes:
      s: {type: my.same, depends: assets.a}
    """
    tubes.runner(text).run(3)


def lock():
    return threading.Lock()


def test_what_can_not_be_copied_stores_nothing():
    text = """
    assets: {a: {type: my.start, scope: runner, depends: s.value}}
    nodes:
      s: {type: my.uncopied}
      x: {type: my.read, depends: s.value}
    """
    runner = tubes.runner(text)
    with pytest.raises(CarryError):
        runner.run(1)
    assert (runner.tube.assets["a"].obj, runner.tube.assets["a"].stored_at) == (0, -1)


# --- a failed epoch stores nothing ------------------------------------------------------------


def test_a_failed_epoch_stores_nothing():
    text = """
    assets: {total: {type: my.start, scope: runner, depends: next.value}}
    nodes:
      next: {type: my.add, depends: assets.total}
      x: {type: my.fail_at, depends: [{value: next.value}], params: {at: 1}}
      r: {type: return, depends: next.value}
    """
    with tubes.runner(text) as runner:
        assert runner.process() == 1
        with pytest.raises(ValueError, match="failed"):
            runner.process()
        assert runner.process() == 2
        assert runner.process() == 3
    assert runner.tube.assets["total"].stored_at == 3


class FailingEnd:
    def __enter__(self):
        return self

    def __exit__(self, *error):
        if "end" in FAIL:
            raise OSError("the disk is full")


class FailingAsset(Asset):
    def init(self):
        self.obj = 1

    def deinit(self):
        if "end" in FAIL:
            raise OSError("the disk is full")


@pytest.mark.parametrize("kind", ["FailingEnd", "FailingAsset"])
@pytest.mark.parametrize("scope", ["process", "node"])
def test_an_epoch_whose_asset_fails_to_end_stores_nothing(scope, kind):
    text = f"""
    assets:
      total: {{type: my.start, scope: runner, depends: next.value}}
      file: {{type: my.{kind}, scope: {scope}}}
    nodes:
      next: {{type: my.add, depends: assets.total}}
      x: {{type: my.look, depends: [assets.file, {{other: next.value}}]}}
      r: {{type: return, depends: next.value}}
    """
    with tubes.runner(text) as runner:
        assert runner.process() == 1
        FAIL.add("end")
        with pytest.raises(OSError, match="the disk is full"):
            runner.process()
        FAIL.clear()
        assert runner.process() == 2
    assert (runner.tube.assets["total"].obj, runner.tube.assets["total"].stored_at) == (2, 2)


def test_an_epoch_whose_callback_fails_stores_nothing():
    def callback(event):
        if event["epoch"] == 1 and event["node_id"] == "last":
            raise ValueError("callback")

    text = """
    assets: {total: {type: my.start, scope: runner, depends: next.value}}
    nodes:
      next: {type: my.add, depends: assets.total}
      last: {type: my.same, depends: next.value}
      r: {type: return, depends: next.value}
    """
    runner = tubes.runner(text)
    runner.add_callback(callback)
    with runner:
        assert runner.process() == 1
        with pytest.raises(ValueError, match="callback"):
            runner.process()
        assert runner.process() == 2


# --- the end of the run -----------------------------------------------------------------------


class Box(Asset):
    def init(self):
        self.obj = "made"

    def deinit(self):
        LOG.append((self.obj, self.stored_at))


def test_the_deinit_of_the_asset_sees_the_carried_value():
    text = """
    assets: {box: {type: my.Box, scope: runner, depends: s.value}}
    nodes: {s: {type: my.epoch_of}}
    """
    tubes.runner(text).run(3)
    assert LOG == [(2, 2)]


def test_the_deinit_sees_it_after_an_error_too():
    text = """
    assets: {box: {type: my.Box, scope: runner, depends: s.value}}
    nodes:
      s: {type: my.epoch_of}
      x: {type: my.fail_at, params: {at: 2}}
    """
    with pytest.raises(ValueError, match="failed"):
        tubes.runner(text).run()
    assert LOG == [(1, 1)]


def test_the_object_that_was_entered_is_the_one_that_is_ended():
    """A carried value takes the place of the asset's object; the context manager is ended all the same."""
    text = """
    assets: {a: {type: my.Entered, scope: runner, depends: s.value}}
    nodes: {s: {type: my.epoch_of}}
    """
    runner = tubes.runner(text)
    runner.run(2)
    assert LOG == ["enter", "exit"]
    assert runner.tube.assets["a"].obj == 1


class Entered:
    def __enter__(self):
        LOG.append("enter")
        return self

    def __exit__(self, *error):
        LOG.append("exit")


# --- An asset whose own object is stored in it again


class Itself:
    """Whatever it is made by and ended by, its method gives it back."""

    def __init__(self):
        self.seen: list[int] = []

    def __enter__(self):
        return self

    def __exit__(self, *error):
        LOG.append(("ended", self.seen))

    def add(self, number):
        self.seen.append(number)
        return self


class ItselfAsync(Itself):
    __enter__ = __exit__ = None

    async def __aenter__(self):
        return self

    async def __aexit__(self, *error):
        Itself.__exit__(self)


class NotEntered(Itself):
    __enter__ = __exit__ = None


def of_a_generator():
    made = NotEntered()
    yield made
    LOG.append(("ended", made.seen))


async def of_an_async_generator():
    made = NotEntered()
    yield made
    LOG.append(("ended", made.seen))


class OfAnAsset(Asset):
    def init(self):
        self.obj = NotEntered()

    def deinit(self):
        LOG.append(("ended", self.obj.seen))


def add_to(it, number):
    assert LOG == []
    return it.add(number)


def seen_by(it):
    return list(it.seen)


@pytest.mark.parametrize("kind", ["Itself", "ItselfAsync", "of_a_generator", "of_an_async_generator", "OfAnAsset"])
def test_an_object_that_is_stored_in_its_own_asset_again_is_ended_once_and_at_the_end(kind):
    results = tubes.results(
        f"""
        assets:
          it: {{type: my.{kind}, scope: runner, depends: add.value}}
        nodes:
          n: {{type: my.numbers, params: {{n: 3}}}}
          seen: {{type: my.seen_by, depends: [assets.it]}}
          add: {{type: my.add_to, depends: [assets.it, n.value]}}
          return: {{type: return, depends: seen.value}}
        """
    )

    assert results == [[], [0], [0, 1]]
    assert LOG == [("ended", [0, 1, 2])]


@pytest.mark.parametrize("kind", ["Itself", "ItselfAsync", "of_a_generator", "of_an_async_generator"])
def test_an_object_of_which_a_copy_is_stored_again_is_ended_as_it_was_made(kind):
    """What is carried from then on are copies, which nobody has opened."""
    results = tubes.results(
        f"""
        assets:
          it: {{type: my.{kind}, scope: runner, depends: add.value}}
        nodes:
          n: {{type: my.numbers, params: {{n: 3}}}}
          add: {{type: my.add_to, depends: [assets.it, n.value]}}
          seen: {{type: my.seen_by, depends: [add.value]}}
          return: {{type: return, depends: seen.value}}
        """
    )

    assert results == [[0], [0, 1], [0, 1, 2]]
    assert LOG == [("ended", [0])]


def a_list(number):
    return [number]


def are_one(*lists):
    return all(each is lists[0] for each in lists)


def append_to(values):
    values.append("more")
    return len(values)


@pytest.mark.parametrize("count", [2, 5])
@pytest.mark.parametrize("more", ["", "more: {type: my.append_to, depends: [a.value]}"])
def test_assets_that_are_stored_from_one_signal_hold_one_object_whether_it_is_copied_or_not(count, more):
    """Of a few assets each is compared with what others get, of more it is looked up."""
    assets = "".join(f"a{at}: {{type: list, scope: runner, depends: a.value}}, " for at in range(count))
    taken = ", ".join(f"assets.a{at}" for at in range(count))
    tube = f"""
        assets: {{{assets}}}
        nodes:
          n: {{type: my.numbers, params: {{n: 3}}}}
          one: {{type: my.are_one, depends: [{taken}]}}
          a: {{type: my.a_list, depends: [n.value]}}
          {more}
          return: {{type: return, depends: one.value}}
        """

    assert tubes.results(tube) == [False, True, True]
