"""`--watch`: a line each of what is watched, while a run goes on."""

from __future__ import annotations

import re
import sys

import numpy
import pytest
from rich.console import Console

from noob_cli import SynchronousRunner, Tube
from noob_cli.cli.run.thumbnails import thumbnail
from noob_cli.cli.run.watched import Watched, names_watched
from noob_cli.errors import InputError
from tests.patience import PATIENCE


def picture(value: int) -> numpy.ndarray:
    image = numpy.zeros((16, 32, 3), dtype=numpy.uint8)
    image[:8] = 255, 0, 0
    return image


TUBE = {
    "input": {"token": {"type": "int", "scope": "process"}},
    "assets": {"total": {"type": "float", "scope": "runner", "depends": "add.value"}},
    "nodes": {
        "add": {"type": "operator.add", "depends": ["input.token", "assets.total"]},
        "picture": {"type": picture, "depends": ["add.value"]},
        "text": {"type": "str", "depends": ["add.value"]},
        "inner": {
            "type": "tube",
            "params": {
                "tube": {
                    "input": {"x": {"type": "float", "scope": "process"}},
                    "assets": {"kept": {"type": "float", "scope": "runner", "depends": "half.value"}},
                    "nodes": {"half": {"type": "operator.truediv", "depends": ["input.x"], "params": {1: 2}}},
                }
            },
            "depends": [{"x": "add.value"}],
        },
        "never": {"type": "operator.add", "depends": ["input.token", "input.token"], "enabled": False},
        "return": {"type": "return", "depends": "add.value"},
    },
}
NAMES = "input.token,add,return.value,picture,text.value,never.value,assets.total,inner.half.value,inner.assets.kept"


@pytest.fixture
def tube() -> Tube:
    return Tube.from_specification(TUBE)


class TestNames:
    def test_a_node_alone_stands_for_its_signals(self, tube: Tube) -> None:
        assert names_watched("add, picture.value ,add.value", tube) == ["add.value", "picture.value"]

    @pytest.mark.parametrize(
        ("asked", "hint"),
        [
            ("ad.value", "did you mean 'add.value'?"),
            ("assets.totl", "did you mean 'assets.total'?"),
            ("ad", "did you mean 'add'?"),
            ("inner.halff", "'inner.half.value'"),
            (",", "'--watch' takes names, such as 'node.signal' or 'assets.name'"),
        ],
    )
    def test_an_unknown_one_is_an_error_with_a_suggestion(self, tube: Tube, asked: str, hint: str) -> None:
        with pytest.raises(InputError, match=hint.replace("?", r"\?")):
            names_watched(asked, tube)

    @pytest.mark.parametrize("node", ["return", "inner.return"])
    def test_what_an_epoch_returns_is_one_value(self, node: str) -> None:
        returned = {"type": "return", "depends": [{"number": "n.value"}, {"total": "n.value"}]}
        nodes = {"n": {"type": "itertools.count"}, "return": returned}
        outer = {**nodes, "inner": {"type": "tube", "params": {"tube": {"nodes": nodes}}}}
        runner = SynchronousRunner(Tube.from_specification({"nodes": outer}))

        names = names_watched(node, runner.tube)

        assert names == [f"{node}.value"]
        with runner.watching() as values:
            runner.run(2)
            assert Watched(names, runner, values).look()[0].text == "{'number': 1, 'total': 1}"
        with pytest.raises(InputError, match="did you mean"):
            names_watched("return.valeu", runner.tube)

    def test_of_the_command(self, noob, write) -> None:
        out = write("out", "before")
        done = noob("run", "count", "--watch", "cuont.index", "-o", "out")

        assert (done.code, done.out, out.read_text()) == (2, "", "before")
        assert done.err.endswith("did you mean 'count.index'?\n")


def test_what_is_seen(tube: Tube) -> None:
    runner = SynchronousRunner(tube)
    names = names_watched(NAMES, tube)
    with runner.watching() as values, runner:
        watched = Watched(names, runner, values)
        assert {seen.text for seen in watched.look()} == {"nothing yet", "0"}
        for token in (1, 2, 4):
            runner.process(token=token)
            seen = {each.name: each for each in watched.look()}

    assert seen["input.token"].text == "***"
    assert seen["add.value"][1:5:2] == ("7", "")
    assert (seen["add.value"].bounds, seen["add.value"].spark) == ("1 … 7", "▁▃█")
    assert seen["return.value"].text == "7"
    assert seen["picture.value"].text == "(16, 32, 3) uint8, mean 42.5"
    assert seen["picture.value"].image is not None
    assert (seen["text.value"].text, seen["text.value"].bounds) == ("'7.0'", "")
    assert seen["never.value"].text == "nothing yet"
    assert (seen["assets.total"].text, seen["inner.assets.kept"].text) == ("7", "3.5")


def test_what_a_nested_tube_gets_is_not_shown_either() -> None:
    inner = {
        "input": {"token": {"type": "int", "scope": "process"}},
        "nodes": {"neg": {"type": "operator.neg", "depends": ["input.token"]}},
    }
    nodes = {"inner": {"type": "tube", "params": {"tube": inner}, "depends": [{"token": "input.token"}]}}
    runner = SynchronousRunner(Tube.from_specification({"input": TUBE["input"], "nodes": nodes}))
    with runner.watching() as values, runner:
        runner.process(token=41)
        assert [seen.text for seen in Watched(["inner.input.token"], runner, values).look()] == ["***"]


def test_how_many_come_in_a_second(tube: Tube, monkeypatch: pytest.MonkeyPatch) -> None:
    now = [0.0]
    monkeypatch.setattr("noob_cli.cli.run.watched.time.monotonic", lambda: now[0])
    runner = SynchronousRunner(tube)
    with runner.watching() as values, runner:
        watched = Watched(["add.value"], runner, values)
        runner.process(token=1)
        assert [each.rate for each in watched.look()] == [""]
        for _ in range(5):
            runner.process(token=1)
        now[0] = 2.0
        assert [each.rate for each in watched.look()] == ["2.5/s"]
        for now[0], rate in (2.3, "2.5/s"), (6.0, "0.25/s"), (12.0, "0.1/s"):
            assert [each.rate for each in watched.look()] == [rate]
        runner.process(token=1)
        now[0] = 22.0
        assert [each.rate for each in watched.look()] == ["0.05/s"]
        for _ in range(5):
            runner.process(token=1)
        now[0] = 24.0
        assert [each.rate for each in watched.look()] == ["2.5/s"]
        # One has come in time; when all is counted anew is later.
        runner.process(token=1)
        now[0] = 24.5
        assert [each.rate for each in watched.look()] == ["2.5/s"]


@pytest.mark.parametrize("columns", [100, 20])
@pytest.mark.parametrize("no_color", [False, True])
def test_it_has_room_in_a_terminal(tube: Tube, columns: int, no_color: bool) -> None:
    console = Console(width=columns, file=sys.stderr, no_color=no_color)
    runner = SynchronousRunner(tube)
    with runner.watching() as values, runner:
        runner.process(token=1)
        lines = console.render_lines(Watched(["add.value", "picture.value"], runner, values).rendered(console))

    texts = ["".join(part.text for part in line).rstrip() for line in lines]
    assert texts[0].startswith("add.value  1  1")
    assert max(map(len, texts)) < columns
    assert ("▀" in texts[2]) == (not no_color)


def test_a_thumbnail_has_two_pixels_in_a_letter() -> None:
    text = thumbnail(picture(0), 32, in_colour=True)

    rows = text.plain.split("\n")
    assert rows == ["▀" * 32] * 8
    styles = [str(span.style) for span in text.spans]
    assert (styles[0], styles[-1]) == ("rgb(255,0,0) on rgb(255,0,0)", "rgb(0,0,0) on rgb(0,0,0)")
    assert set(thumbnail(picture(0), 8, in_colour=False).plain) == {"░", " ", "\n"}


def test_lines_are_left_where_there_is_no_terminal(noob) -> None:
    done = noob("run", "count", "--watch", "count,double.value")

    assert done.out == "0\n2\n4\n"
    # It may have been looked at before.
    assert re.sub(r"[0-9] … |  [▁▂▃▄▅▆▇█]+$", "", done.err, flags=re.MULTILINE).splitlines() == [
        "count.index  2  2",
        "double.value  4  4",
    ]


def test_without_a_terminal_it_is_looked_at_between_the_lines(noob, write) -> None:
    write(
        "looked_at.py",
        f"""
        import threading

        looked_at = threading.Event()

        class Shown:
            def __repr__(self):
                looked_at.set()
                return "shown"

        def values():
            yield Shown()
            # It would be over otherwise before the first line is due.
            assert looked_at.wait({PATIENCE})
        """,
    )
    write("tube.yaml", "nodes: {values: {type: looked_at.values}}")

    done = noob("run", "tube.yaml", "--watch", "values")

    assert (done.code, done.err.splitlines()[-1]) == (0, "values.value  shown")


def test_on_a_terminal_they_are_refreshed(terminal) -> None:
    done = terminal("run", "count", "--watch", "double", "-o", "out.jsonl", on_terminal="all", columns=60)

    assert "double.value  4" in done.shown
    assert "3 epochs, 3 results" in done.shown


def test_results_on_the_same_terminal_are_refused(terminal) -> None:
    done = terminal("run", "count", "--watch", "double", on_terminal="all")

    assert done.code == 2
    assert "the results would come between them: write these to a file with '-o FILE'" in done.shown.replace("\n", " ")
