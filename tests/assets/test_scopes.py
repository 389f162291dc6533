"""How many objects of an asset are made in each scope, and that each is ended once, last made first."""

from __future__ import annotations

import contextlib

import pytest

from noob_cli import Asset, Epoch, NoEvent
from tests.runners.tubes import Tubes

tubes = Tubes(__name__)

LOG: list[tuple[str, object]] = []
SEEN: list[object] = []
ERRORS: list[tuple[str, str]] = []
"""What each end was told of the error under way, by asset."""
FAIL: dict[str, set[object]] = {}
"""Where something is to fail: names of what makes and ends things."""


@pytest.fixture(autouse=True)
def _forget():
    for each in (LOG, SEEN, ERRORS, FAIL):
        each.clear()


def log(what, about):
    LOG.append((what, about))
    if about in FAIL.get(what, ()):
        raise RuntimeError(f"{what} of {about} failed")


def count(what):
    return sum(each == what for each, _ in LOG)


class Resource:
    """A context manager."""

    def __init__(self, name="a"):
        log("make", name)
        self.name = name

    def __enter__(self):
        log("enter", self.name)
        return self

    def __exit__(self, kind, error, traceback):
        ERRORS.append((self.name, type(error).__name__))
        log("exit", self.name)


class Plain:
    """No context manager."""

    def __init__(self, name="a"):
        log("make", name)
        self.name = name


class Door:
    """A context manager that gives something else."""

    def __enter__(self):
        return ["inside"]

    def __exit__(self, *error):
        LOG.append(("exit", "door"))


class Swallower:
    def __enter__(self):
        return self

    def __exit__(self, *error):
        log("exit", "swallower")
        return True


@contextlib.contextmanager
def resource(name="a", swallow=False):
    log("make", name)
    try:
        yield {"name": name}
    except BaseException as error:
        ERRORS.append((name, type(error).__name__))
        if not swallow:
            raise
    finally:
        log("exit", name)


class Journal(Asset):
    """An asset with its own making and end."""

    def init(self):
        log("make", self.id)
        self.obj = [self.id]

    def deinit(self):
        log("exit", self.id)
        assert self.obj[0] == self.id


def made(*args, **kwargs):
    return (args, kwargs)


def numbers(n=3):
    for number in range(n):
        LOG.append(("draw", number))
        yield number


def look(asset, other=None):
    """A node that sees an asset."""
    SEEN.append(asset)
    LOG.append(("call", "look"))


def touch(asset, number=None):
    SEEN.append(asset)
    LOG.append(("call", "touch"))
    return asset


def fail(*assets):
    raise ValueError("the node failed")


def fail_at(epoch: Epoch, asset=None, at=1):
    if epoch == at:
        raise ValueError("the node failed")
    return epoch


def same(value):
    return value


def odd(value):
    return value if value % 2 else NoEvent


class Watcher:
    def __init__(self, name="watcher"):
        self.name = name

    def init(self):
        log("init", self.name)

    def process(self, asset):
        return asset

    def deinit(self):
        log("deinit", self.name)


def one_asset(scope, kind="Resource", readers=2, n=3):
    text = f"""
    assets:
      a: {{type: my.{kind}, scope: {scope}}}
    nodes:
      source: {{type: my.numbers, params: {{n: {n}}}}}
    """
    for reader in range(readers):
        text += f"  r{reader}: {{type: my.touch, depends: [assets.a, {{number: source.value}}]}}\n    "
    return text


# --- how many ---------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["Resource", "resource", "Journal"])
@pytest.mark.parametrize(("scope", "objects"), [("runner", 1), ("process", 3), ("node", 6)])
def test_how_many_are_made_and_ended(scope, objects, kind):
    tubes.runner(one_asset(scope, kind)).run()
    assert count("make") == objects
    assert count("exit") == objects
    assert count("call") == 6
    assert len({id(each) for each in SEEN}) == objects


@pytest.mark.parametrize(("scope", "objects"), [("runner", 1), ("process", 3), ("node", 6)])
def test_how_many_plain_objects_are_made(scope, objects):
    tubes.runner(one_asset(scope, "Plain")).run()
    assert count("make") == objects
    assert len({id(each) for each in SEEN}) == objects


@pytest.mark.parametrize("way", ["run", "iter", "process"])
def test_every_way_to_run_makes_the_same(way):
    runner = tubes.runner(one_asset("process"))
    if way == "process":
        with runner:
            for _ in range(3):
                runner.process()
    else:
        list(getattr(runner, way)() or [])
    assert (count("make"), count("enter"), count("exit")) == (3, 3, 3)


def test_a_runner_scoped_object_is_new_in_each_run():
    runner = tubes.runner(one_asset("runner"))
    runner.run()
    runner.run()
    assert (count("make"), count("exit")) == (2, 2)
    assert SEEN[0] is SEEN[5]
    assert SEEN[5] is not SEEN[6]


def test_a_process_scoped_object_is_shared_in_an_epoch_and_new_in_the_next():
    tubes.runner(one_asset("process")).run()
    assert SEEN[0] is SEEN[1]
    assert SEEN[2] is SEEN[3]
    assert SEEN[1] is not SEEN[2]


def test_a_node_scoped_object_is_one_for_each_call_of_each_node():
    tubes.runner(one_asset("node", n=1)).run()
    assert LOG == [
        ("draw", 0),
        ("make", "a"),
        ("enter", "a"),
        ("call", "touch"),
        ("exit", "a"),
        ("make", "a"),
        ("enter", "a"),
        ("call", "touch"),
        ("exit", "a"),
    ]


def test_a_node_scoped_object_taken_in_two_slots_is_one():
    text = """
    assets: {a: {type: my.Resource, scope: node}}
    nodes:
      source: {type: my.numbers, params: {n: 1}}
      both: {type: my.made, depends: [assets.a, assets.a, source.value]}
      r: {type: return, depends: both.value}
    """
    [((first, second, _), _)] = tubes.results(text)
    assert first is second
    assert count("make") == 1


def test_a_node_scoped_object_is_not_made_for_a_call_that_does_not_happen():
    text = """
    assets: {a: {type: my.Resource, scope: node}}
    nodes:
      source: {type: my.numbers, params: {n: 4}}
      odd: {type: my.odd, depends: source.value}
      x: {type: my.made, depends: [assets.a, odd.value]}
    """
    tubes.runner(text).run()
    assert (count("make"), count("exit")) == (2, 2)


def test_a_process_scoped_object_is_made_once_the_sources_are_drawn():
    tubes.runner(one_asset("process", readers=1, n=1)).run()
    assert LOG == [("draw", 0), ("make", "a"), ("enter", "a"), ("call", "touch"), ("exit", "a")]


def test_process_scoped_objects_are_made_in_the_order_of_the_file_and_ended_in_the_other():
    text = """
    assets:
      b: {type: my.Resource, scope: process, params: {name: b}}
      a: {type: my.resource, scope: process, params: {name: a}}
      c: {type: my.Journal, scope: process}
    nodes:
      x: {type: my.made, depends: [assets.a, assets.b, assets.c]}
    """
    tubes.runner(text).run(1)
    assert LOG == [
        ("make", "b"),
        ("enter", "b"),
        ("make", "a"),
        ("make", "c"),
        ("exit", "c"),
        ("exit", "a"),
        ("exit", "b"),
    ]


@pytest.mark.filterwarnings("default")
@pytest.mark.parametrize(
    "readers",
    ["", "r: {type: my.look, depends: assets.a, enabled: false}", "r: {type: my.look, depends: assets.b}"],
    ids=["nobody", "disabled", "of another"],
)
def test_a_process_scoped_object_that_no_enabled_node_takes_is_not_made(readers):
    text = f"""
    assets:
      a: {{type: my.Resource, scope: process}}
      b: {{type: my.Plain, scope: process, params: {{name: b}}}}
    nodes:
      source: {{type: my.numbers}}
      {readers}
    """
    tubes.runner(text).run(2)
    assert ("make", "a") not in LOG


def test_a_process_scoped_object_is_made_again_when_its_reader_is_enabled():
    text = """
    assets: {a: {type: my.Resource, scope: process}}
    nodes:
      r: {type: my.look, depends: assets.a}
      goes_on: {type: my.made}
    """
    runner = tubes.runner(text)
    with runner:
        runner.process()
        runner.disable_node("r")
        runner.process()
        assert count("make") == 1
        runner.enable_node("r")
        runner.process()
    assert (count("make"), count("exit")) == (2, 2)


def test_the_return_node_takes_assets_too():
    text = "assets: {{a: {{type: my.Resource, scope: {}}}}}\nnodes: {{r: {{type: return, depends: assets.a}}}}"
    for scope in ("runner", "process", "node"):
        (result,) = tubes.runner(text.format(scope)).run(1)
        assert isinstance(result, Resource)
    assert (count("make"), count("exit")) == (3, 3)


def test_runner_scoped_objects_stand_around_the_nodes():
    text = """
    assets:
      a: {type: my.Resource, scope: runner, params: {name: a}}
      b: {type: my.Journal, scope: runner}
    nodes:
      n: {type: my.Watcher, params: {name: n}, depends: assets.a}
      m: {type: my.Watcher, params: {name: m}, depends: assets.b}
    """
    tubes.runner(text).run(2)
    assert LOG == [
        ("make", "a"),
        ("enter", "a"),
        ("make", "b"),
        ("init", "n"),
        ("init", "m"),
        ("deinit", "m"),
        ("deinit", "n"),
        ("exit", "b"),
        ("exit", "a"),
    ]


def test_a_runner_scoped_object_is_made_although_nobody_takes_it():
    """It lives per run; only for the process scope somebody has to take it."""
    text = "assets: {a: {type: my.Plain, scope: runner}}\nnodes: {s: {type: my.numbers}}"
    tubes.runner(text).run(1)
    assert ("make", "a") in LOG


def test_the_epoch_that_does_not_exist_makes_no_object():
    tubes.runner(one_asset("process", n=2)).run()
    assert ("draw", 1) in LOG
    assert count("make") == 2


# --- context managers -------------------------------------------------------------------------


@pytest.mark.parametrize("scope", ["runner", "process", "node"])
def test_what_enter_gives_is_the_asset(scope):
    text = f"""
    assets:
      a: {{type: my.Door, scope: {scope}}}
      b: {{type: my.resource, scope: {scope}, params: {{name: b}}}}
    nodes:
      x: {{type: my.made, depends: [assets.a, assets.b]}}
      r: {{type: return, depends: x.value}}
    """
    assert tubes.runner(text).run(1) == [((["inside"], {"name": "b"}), {})]
    assert [about for what, about in LOG if what == "exit"] == ["b", "door"]


def test_an_object_made_by_a_function_may_be_a_context_manager():
    text = "assets: {a: {type: my.make_door, scope: process}}\nnodes: {r: {type: return, depends: assets.a}}"
    assert tubes.runner(text).run(2) == [["inside"], ["inside"]]
    assert count("exit") == 2


def make_door():
    return Door()


# --- params -----------------------------------------------------------------------------------


@pytest.mark.parametrize("scope", ["runner", "process", "node"])
@pytest.mark.parametrize(
    ("params", "expected"),
    [
        ("{a: 1, b: [2]}", ((), {"a": 1, "b": [2]})),
        ("[1, two]", ((1, "two"), {})),
        ("{a: input.x}", ((), {"a": 7})),
        ("[input.x, [input.y]]", ((7, ["deep"]), {})),
        ("{a: {b: [1, {c: input.y}]}}", ((), {"a": {"b": [1, {"c": "deep"}]}})),
        ("{a: 'input.x '}", ((), {"a": "input.x "})),
        ("{a: 'an input.x'}", ((), {"a": "an input.x"})),
    ],
)
@pytest.mark.filterwarnings("default")
def test_params(scope, params, expected):
    text = f"""
    input:
      x: {{type: int}}
      y: {{type: str, default: deep}}
    assets:
      a: {{type: my.made, scope: {scope}, params: {params}}}
    nodes:
      r: {{type: return, depends: assets.a}}
    """
    assert tubes.runner(text, x=7).run(1) == [expected]


def test_a_subclass_finds_inputs_in_its_params():
    text = """
    input: {x: {type: int}}
    assets: {a: {type: my.ParamsAsset, scope: runner, params: {k: [input.x]}}}
    nodes: {r: {type: return, depends: assets.a}}
    """
    assert tubes.runner(text, x=7).run(1) == [{"k": [7]}]


class ParamsAsset(Asset):
    def init(self):
        self.obj = self.params


def process_once(runner):
    with runner:
        runner.process()


# --- errors -----------------------------------------------------------------------------------


@pytest.mark.parametrize("way", ["run", "iter", "process"])
@pytest.mark.parametrize("kind", ["Resource", "resource"])
@pytest.mark.parametrize("scope", ["runner", "process", "node"])
def test_an_error_in_a_node_ends_all_and_is_seen(scope, kind, way):
    text = f"""
    assets:
      a: {{type: my.{kind}, scope: {scope}, params: {{name: a}}}}
      b: {{type: my.{kind}, scope: {scope}, params: {{name: b}}}}
    nodes:
      x: {{type: my.fail, depends: [assets.a, assets.b]}}
    """
    runner = tubes.runner(text)
    ways = {"run": runner.run, "iter": lambda: list(runner.iter()), "process": lambda: process_once(runner)}
    with pytest.raises(ValueError, match="the node failed"):
        ways[way]()
    assert [about for what, about in LOG if what == "exit"] == ["b", "a"]
    assert ERRORS == [("b", "ValueError"), ("a", "ValueError")]


@pytest.mark.parametrize("scope", ["process", "node"])
def test_the_next_epoch_after_an_error_makes_objects_anew(scope):
    text = f"""
    assets: {{a: {{type: my.Resource, scope: {scope}}}}}
    nodes: {{x: {{type: my.fail_at, depends: [{{asset: assets.a}}], params: {{at: 0}}}}}}
    """
    runner = tubes.runner(text)
    with runner:
        with pytest.raises(ValueError, match="the node failed"):
            runner.process()
        assert (count("make"), count("exit")) == (1, 1)
        runner.process()
    assert (count("make"), count("exit")) == (2, 2)


def test_runner_scoped_objects_live_on_after_an_error_in_an_epoch():
    text = """
    assets: {a: {type: my.Resource, scope: runner}}
    nodes: {x: {type: my.fail_at, depends: [{asset: assets.a}], params: {at: 0}}}
    """
    with tubes.runner(text) as runner:
        with pytest.raises(ValueError, match="the node failed"):
            runner.process()
        assert count("exit") == 0
        runner.process()
    assert (count("make"), count("exit")) == (1, 1)
    assert ERRORS == [("a", "NoneType")]


def test_the_end_of_a_run_sees_the_error_of_its_with_block():
    text = "assets: {a: {type: my.Resource, scope: runner}}\nnodes: {x: {type: my.look, depends: assets.a}}"
    with pytest.raises(KeyError), tubes.runner(text):
        raise KeyError("mine")
    assert ERRORS == [("a", "KeyError")]


@pytest.mark.parametrize("kind", ["Swallower", "swallowing"])
@pytest.mark.parametrize("scope", ["runner", "process", "node"])
def test_no_end_can_swallow_the_error(scope, kind):
    text = f"""
    assets: {{a: {{type: my.{kind}, scope: {scope}}}}}
    nodes: {{x: {{type: my.fail, depends: assets.a}}}}
    """
    with pytest.raises(ValueError, match="the node failed"):
        tubes.runner(text).run(1)
    assert count("exit") == 1


def swallowing():
    return resource("a", swallow=True)


@pytest.mark.parametrize("what", ["make", "enter"])
@pytest.mark.parametrize("scope", ["runner", "process", "node"])
def test_an_error_in_making_ends_what_was_made_before(scope, what):
    FAIL[what] = {"b"}
    text = f"""
    assets:
      a: {{type: my.Resource, scope: {scope}, params: {{name: a}}}}
      b: {{type: my.Resource, scope: {scope}, params: {{name: b}}}}
      c: {{type: my.Resource, scope: {scope}, params: {{name: c}}}}
    nodes:
      x: {{type: my.made, depends: [assets.a, assets.b, assets.c]}}
    """
    with pytest.raises(RuntimeError, match=f"{what} of b failed") as raised:
        tubes.runner(text).run(1)
    assert [about for each, about in LOG if each == "exit"] == ["a"]
    assert ("make", "c") not in LOG
    assert ERRORS == [("a", "RuntimeError")]
    assert any("'b'" in note for note in raised.value.__notes__)


def test_an_error_in_the_init_of_a_node_ends_assets_and_nodes_before():
    FAIL["init"] = {"m"}
    text = """
    assets: {a: {type: my.Resource, scope: runner}}
    nodes:
      n: {type: my.Watcher, params: {name: n}, depends: assets.a}
      m: {type: my.Watcher, params: {name: m}, depends: assets.a}
    """
    runner = tubes.runner(text)
    with pytest.raises(RuntimeError, match="init of m failed") as raised:
        runner.init()
    assert LOG[-2:] == [("deinit", "n"), ("exit", "a")]
    assert any("'m'" in note for note in raised.value.__notes__)
    assert not runner.running
    FAIL.clear()
    assert len(runner.run(2)) == 0
    assert count("make") == 2


@pytest.mark.parametrize("scope", ["runner", "process", "node"])
def test_an_error_in_an_end_does_not_keep_the_others_from_ending(scope):
    FAIL["exit"] = {"b"}
    text = f"""
    assets:
      a: {{type: my.Resource, scope: {scope}, params: {{name: a}}}}
      b: {{type: my.Resource, scope: {scope}, params: {{name: b}}}}
      c: {{type: my.Resource, scope: {scope}, params: {{name: c}}}}
    nodes:
      x: {{type: my.made, depends: [assets.a, assets.b, assets.c]}}
    """
    with pytest.raises(RuntimeError, match="exit of b failed"):
        tubes.runner(text).run(1)
    assert [about for each, about in LOG if each == "exit"] == ["c", "b", "a"]
    assert ERRORS == [("c", "NoneType"), ("b", "NoneType"), ("a", "RuntimeError")]


@pytest.mark.parametrize("scope", ["runner", "process", "node"])
def test_several_failing_ends_are_reported_together_with_the_error_that_began_it(scope):
    FAIL["exit"] = {"a", "c"}
    text = f"""
    assets:
      a: {{type: my.Resource, scope: {scope}, params: {{name: a}}}}
      b: {{type: my.Resource, scope: {scope}, params: {{name: b}}}}
      c: {{type: my.Resource, scope: {scope}, params: {{name: c}}}}
    nodes:
      x: {{type: my.fail, depends: [assets.a, assets.b, assets.c]}}
    """
    with pytest.raises(ExceptionGroup) as raised:
        tubes.runner(text).run(1)
    assert [str(each) for each in raised.value.exceptions] == [
        "the node failed",
        "exit of c failed",
        "exit of a failed",
    ]
    assert [about for each, about in LOG if each == "exit"] == ["c", "b", "a"]


@pytest.mark.parametrize("scope", ["runner", "process", "node"])
def test_several_failing_ends_without_an_error_before(scope):
    FAIL["exit"] = {"a", "b"}
    text = f"""
    assets:
      a: {{type: my.Resource, scope: {scope}, params: {{name: a}}}}
      b: {{type: my.Resource, scope: {scope}, params: {{name: b}}}}
    nodes:
      x: {{type: my.made, depends: [assets.a, assets.b]}}
    """
    with pytest.raises(ExceptionGroup) as raised:
        tubes.runner(text).run(1)
    assert [str(each) for each in raised.value.exceptions] == ["exit of b failed", "exit of a failed"]


def test_errors_of_all_scopes_come_in_one_report():
    """The error of a node, and the failing ends of three scopes: none is lost."""
    FAIL["exit"] = {"runner", "process", "node"}
    text = """
    assets:
      a: {type: my.Resource, scope: runner, params: {name: runner}}
      b: {type: my.Resource, scope: process, params: {name: process}}
      c: {type: my.Resource, scope: node, params: {name: node}}
    nodes:
      x: {type: my.fail, depends: [assets.a, assets.b, assets.c]}
    """
    with pytest.raises(ExceptionGroup) as raised:
        tubes.runner(text).run(1)

    def leaves(error):
        return [leaf for each in error.exceptions for leaf in leaves(each)] if hasattr(error, "exceptions") else [error]

    assert sorted(str(each) for each in leaves(raised.value)) == [
        "exit of node failed",
        "exit of process failed",
        "exit of runner failed",
        "the node failed",
    ]
    assert [about for each, about in LOG if each == "exit"] == ["node", "process", "runner"]


def test_a_failing_deinit_of_a_node_does_not_keep_assets_open():
    FAIL["deinit"] = {"n"}
    text = """
    assets: {a: {type: my.Resource, scope: runner}}
    nodes: {n: {type: my.Watcher, params: {name: n}, depends: assets.a}}
    """
    runner = tubes.runner(text)
    runner.init()
    with pytest.raises(RuntimeError, match="deinit of n failed"):
        runner.deinit()
    assert LOG[-1] == ("exit", "a")
    runner.deinit()
    assert count("exit") == 1


def test_a_keyboard_interrupt_ends_all():
    text = """
    assets:
      a: {type: my.Resource, scope: runner, params: {name: a}}
      b: {type: my.Resource, scope: process, params: {name: b}}
      c: {type: my.resource, scope: node, params: {name: c}}
    nodes:
      x: {type: my.interrupt, depends: [assets.a, assets.b, assets.c]}
    """
    with pytest.raises(KeyboardInterrupt):
        tubes.runner(text).run()
    assert [about for each, about in LOG if each == "exit"] == ["c", "b", "a"]
    assert {kind for _, kind in ERRORS} == {"KeyboardInterrupt"}


def interrupt(*assets):
    raise KeyboardInterrupt


def test_an_iter_that_is_left_ends_all():
    text = """
    assets:
      a: {type: my.Resource, scope: runner, params: {name: a}}
      b: {type: my.Resource, scope: process, params: {name: b}}
    nodes:
      x: {type: my.made, depends: [assets.a, assets.b]}
      r: {type: return, depends: x.value}
    """
    results = tubes.runner(text).iter()
    next(results)
    results.close()
    assert [about for each, about in LOG if each == "exit"] == ["b", "a"]


def test_ending_twice_is_ending_once():
    runner = tubes.runner(one_asset("runner"))
    runner.init()
    runner.process()
    runner.deinit()
    runner.deinit()
    assert count("exit") == 1


def test_a_process_scoped_object_is_ended_before_the_result_is_given():
    text = """
    assets: {a: {type: my.Resource, scope: process}}
    nodes:
      x: {type: my.touch, depends: assets.a}
      r: {type: return, depends: x.value}
    """
    for _ in tubes.runner(text).iter(2):
        assert count("make") == count("exit")


def test_each_asset_is_made_of_its_own_params():
    """What makes one may get the identity of what made another, if nobody holds that."""
    names = [f"a{number}" for number in range(30)]
    assets = ", ".join(f"{name}: {{type: builtins.dict, scope: process, params: {{n: [{name}]}}}}" for name in names)
    text = f"""
    assets: {{{assets}}}
    nodes:
      s: {{type: itertools.repeat, params: {{object: 1, times: 1}}}}
      r: {{type: return, depends: [s.value, {", ".join(f"assets.{name}" for name in names)}]}}
    """
    assert tubes.runner(text).run(1) == [[1, *({"n": [name]} for name in names)]]
