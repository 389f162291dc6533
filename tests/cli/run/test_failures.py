"""An error while a tube runs is shown like one that `noob validate` finds: its place, and what was given there."""

from pathlib import Path

import pytest

STEPS = """
import asyncio
from contextlib import contextmanager

class Resource:
    def __init__(self, name, *args):
        self.name = name
        if name == "unmade":
            raise OSError(5, "no such resource")

    def __enter__(self):
        return self.name

    def __exit__(self, *error):
        raise OSError(5, f"{self.name} is stuck")

def divide(left, right, *more, resource=None, scale=1):
    return left / right * scale

class Dividing:
    def __init__(self, scale):
        self.scale = scale

    def process(self, left, right):
        return left / right * self.scale

async def divide_slowly(left, right):
    await asyncio.sleep(0)
    return left / right

async def wait(value):
    await asyncio.sleep(60)

def down(start):
    yield start
    raise RuntimeError("no more")

def stuck():
    try:
        yield 0
    finally:
        raise OSError(5, "source is stuck")

def two(value):
    return [value, value]

class Secret:
    def __repr__(self):
        raise KeyError("hidden")

class Image:
    shape, dtype = (480, 640, 3), "uint8"

def look(*values, **named):
    raise ValueError("can't be seen")

def unlucky(value):
    return [1] * 1000, {"image": Image(), "text": "x" * 1000}, Secret()

@contextmanager
def retold():
    try:
        yield 0
    except ZeroDivisionError as error:
        raise LookupError("retold") from error

def grouped(value):
    raise ExceptionGroup("both", [ValueError("first"), TypeError("second")])
"""

COUNT = "nodes:\n  n: {type: itertools.count}\n"
RETURN = "  return: {type: return, depends: x.value}\n"


@pytest.fixture
def report(noob, write):
    """What is said of a tube that fails: the part before the traceback, and the traceback."""
    write("fail.py", STEPS)

    def run(tube, *args, **given):
        write("tube.yaml", tube)
        done = noob("run", "tube.yaml", *args, **given)
        assert done.code == 1
        lines = done.err.splitlines()
        at = next(number for number, line in enumerate(lines) if number > 0 and (line[0] != " " or "Traceback" in line))
        return lines[:at], lines[at:]

    return run


NODES = {
    "positions_and_names": (
        "  x: {type: fail.divide, depends: [n.value, {right: n.value}]}\n",
        (3, "^"),
        ["got: left = 0", "     right = 0"],
    ),
    "params": (
        "  x: {type: fail.divide, depends: [n.value, n.value], params: {scale: 3}}\n",
        (3, "^"),
        ["got: left = 0", "     right = 0", "params: scale = 3"],
    ),
    "any_number_of_positions": (
        "  x: {type: fail.look, depends: [n.value, {word: n.value}]}\n",
        (3, "^"),
        ["got: 0 = 0", "     word = 0"],
    ),
    "class": (
        "  x: {type: fail.Dividing, depends: [n.value, n.value], params: {scale: 3}}\n",
        (3, "^"),
        ["got: left = 0", "     right = 0", "params: scale = 3"],
    ),
    "coroutine": (
        "  x: {type: fail.divide_slowly, depends: [n.value, {right: n.value}]}\n",
        (3, "^"),
        ["got: left = 0", "     right = 0"],
    ),
    "coroutines_together": (
        "  slow: {type: fail.wait, depends: [n.value]}\n  x: {type: fail.divide_slowly, depends: [n.value, n.value]}\n",
        (4, "^"),
        ["got: left = 0", "     right = 0"],
    ),
    "map": ("  x: {type: map, depends: n.value}\n", (3, "^"), ["got: value = 0"]),
    "loop": (
        "  two: {type: fail.two, depends: [n.value]}\n"
        "  item: {type: map, depends: two.value}\n"
        "  x: {type: fail.divide, depends: [n.value, item.value]}\n",
        (5, "^"),
        ["got: left = 0", "     right = 0"],
    ),
    "source": ("  x: {type: fail.down, params: {start: 3}}\n", (3, "^"), ["params: start = 3"]),
}


class TestWhatIsShown:
    @pytest.mark.parametrize("case", NODES)
    def test_of_a_node(self, report, case):
        text, (line, carets), given = NODES[case]
        shown, traceback = report(COUNT + text + RETURN)

        source = (COUNT + text).splitlines()[line - 1]
        epoch = 1 if case == "source" else 0
        assert shown == [
            f"tube.yaml:{line}:3: error: the node 'x' failed in epoch {epoch}",
            f"  {line} | {source}",
            f"    |   {carets}",
            *(f"  {each}" for each in given),
        ]
        assert "tube.yaml" not in "".join(traceback)

    def test_of_a_node_in_a_nested_tube(self, report):
        shown, _ = report(
            COUNT
            + "  t:\n    type: tube\n    depends: [{low: n.value}]\n    params:\n      tube:\n"
            + "        input: {low: {type: int, scope: process}}\n"
            + "        nodes:\n"
            + "          x: {type: fail.divide, depends: [input.low, input.low]}\n"
        )

        assert shown[0] == "tube.yaml:10:11: error: the node 't.x' failed in epoch 0"
        assert shown[3:] == ["  got: left = 0", "       right = 0"]

    def test_of_an_asset_that_can_not_be_made(self, report):
        shown, traceback = report(
            "assets:\n  a: {type: fail.Resource, scope: runner, params: {name: unmade}}\n"
            + COUNT
            + "  x: {type: fail.look, depends: [assets.a]}\n"
            + RETURN
        )

        assert shown == [
            "tube.yaml:2:3: error: the asset 'a' failed when the run started",
            "  2 |   a: {type: fail.Resource, scope: runner, params: {name: unmade}}",
            "    |   ^",
            "  params: name = 'unmade'",
        ]
        assert traceback[-1] == "OSError: [Errno 5] no such resource"

    def test_of_many_values_the_first(self, report):
        slots = ", ".join(f"{{s{number}: n.value}}" for number in range(30))
        shown, _ = report(COUNT + f"  x: {{type: fail.look, depends: [{slots}]}}\n" + RETURN)

        assert len(shown) == 3 + 21
        assert shown[-2:] == ["       s19 = 0", "       and 10 more"]

    def test_of_what_can_not_be_shown_what_it_is(self, report):
        shown, traceback = report(
            COUNT
            + "  u: {type: fail.unlucky, depends: [n.value]}\n"
            + "  item: {type: map, depends: u.value}\n"
            + "  x: {type: gather, depends: [{value: item.value}, {n: item.n}]}\n"
            + "  y: {type: fail.look, depends: [{given: x.value}]}\n"
        )

        (given,) = shown[3:]
        assert given.startswith(
            "  got: given = [[1, 1, 1, 1, 1, ...], {'image': Image(shape=(480, 640, 3), dtype=uint8), 'text': 'xxx"
        )
        assert len(given) <= 120
        assert traceback[-1] == "ValueError: can't be seen"

    def test_a_group_that_a_node_raises_is_one_error(self, report):
        shown, traceback = report(COUNT + "  x: {type: fail.grouped, depends: [n.value]}\n" + RETURN)

        assert shown[0] == "tube.yaml:3:3: error: the node 'x' failed in epoch 0"
        assert not [line for line in traceback if "error:" in line]
        assert {"    | ValueError: first", "    | TypeError: second"} <= set(traceback)

    @pytest.mark.parametrize("scope", ["runner", "process", "node"])
    @pytest.mark.parametrize("node", ["divide", "divide_slowly"])
    def test_of_an_error_that_has_gone_through_an_asset_there_is_only_what_the_user_wrote(self, report, scope, node):
        _, traceback = report(
            f"assets: {{a: {{type: fail.retold, scope: {scope}}}}}\n{COUNT}"
            f"  x: {{type: fail.{node}, depends: [n.value, assets.a]}}\n"
        )

        files = [line.split('"')[1] for line in traceback if line.startswith('  File "')]
        assert "LookupError: retold" in traceback
        assert {Path(file).name for file in files} == {"fail.py", "contextlib.py"}


class TestSeveralErrors:
    TUBE = (
        "assets:\n"
        "  run: {type: fail.Resource, scope: runner, params: [camera]}\n"
        "  epoch: {type: fail.Resource, scope: process, params: [file]}\n"
        "nodes:\n"
        "  n: {type: itertools.count}\n"
        "  x: {type: fail.divide, depends: [n.value, n.value, assets.epoch, assets.run]}\n"
    )

    def test_each_has_its_place_and_its_own_traceback(self, report):
        first, rest = report(self.TUBE)

        assert first[0] == "tube.yaml:6:3: error: the node 'x' failed in epoch 0"
        assert first[3:] == ["  got: left = 0", "       right = 0", "       2 = 'file'", "       3 = 'camera'"]
        assert [line for line in rest if not line.startswith(" ") and line != "Traceback (most recent call last):"] == [
            "ZeroDivisionError: division by zero",
            "tube.yaml:3:3: error: the asset 'epoch' could not be ended as it should in epoch 0",
            "OSError: [Errno 5] file is stuck",
            "tube.yaml:2:3: error: the asset 'run' could not be ended as it should",
            "OSError: [Errno 5] camera is stuck",
        ]

    def test_of_a_run_that_went_well(self, noob, write):
        write("fail.py", STEPS)
        write(
            "tube.yaml",
            "assets:\n"
            "  a: {type: fail.Resource, scope: runner, params: [one]}\n"
            "  b: {type: fail.Resource, scope: runner, params: [two]}\n"
            + COUNT
            + "  x: {type: builtins.max, depends: [assets.a, assets.b]}\n",
        )

        done = noob("run", "tube.yaml", "--epochs", "1")

        assert done.code == 1
        assert [line for line in done.err.splitlines() if "rror: " in line] == [
            "tube.yaml:3:3: error: the asset 'b' could not be ended as it should",
            "OSError: [Errno 5] two is stuck",
            "tube.yaml:2:3: error: the asset 'a' could not be ended as it should",
            "OSError: [Errno 5] one is stuck",
        ]

    def test_a_source_that_can_not_be_closed(self, report):
        first, rest = report(
            "nodes:\n  s: {type: fail.stuck}\n  x: {type: fail.divide, depends: [s.value, s.value]}\n" + RETURN
        )

        assert first[0] == "tube.yaml:3:3: error: the node 'x' failed in epoch 0"
        assert "tube.yaml:2:3: error: the node 's' could not be ended as it should" in rest
        assert sum(line.startswith("ZeroDivisionError") for line in rest) == 1


class TestColour:
    TUBE = COUNT + "  x: {type: fail.divide, depends: [n.value, n.value]}\n" + RETURN

    def test_on_a_terminal(self, terminal, write):
        write("fail.py", STEPS)
        write("tube.yaml", self.TUBE)

        done = terminal("run", "tube.yaml")

        assert "\x1b[1;31merror\x1b[0m: the node 'x' failed in epoch 0" in done.err
        assert "\x1b[1;36m  got:\x1b[0m left = 0" in done.err

    def test_none_where_none_is_wanted(self, noob, terminal, write):
        write("fail.py", STEPS)
        write("tube.yaml", self.TUBE)

        plain = noob("run", "tube.yaml").err
        done = terminal("run", "tube.yaml", "--no-progress", env={"NO_COLOR": "1"})

        assert done.err.replace("\r\n", "\n") == plain
        assert "\x1b" not in plain
