"""Lines that are refreshed on a terminal, beside what others write there, and ask."""

from __future__ import annotations

import itertools
from contextlib import contextmanager
from pathlib import Path
from types import SimpleNamespace

import pytest

from noob_cli import SynchronousRunner, Tube
from noob_cli.cli.run import display
from noob_cli.cli.run.shown import shown
from noob_cli.cli.shell.asking import asking
from noob_cli.cli.shell.stderr import open_forgiving
from tests.cli.screen import screen
from tests.patience import wait_until


@pytest.fixture
def told(tmp_path, monkeypatch):
    """A file for what a terminal gets."""
    monkeypatch.setattr(display, "_SECONDS_BETWEEN", 0.001)
    with (tmp_path / "told").open("w+", encoding="utf-8") as file:
        monkeypatch.setattr(display, "message_stream", lambda: file)
        yield file


@pytest.fixture
def seen(told):
    """What its screen shows."""
    path = Path(told.name)
    return lambda: screen(path.read_bytes().decode())


def test_what_has_begun_to_be_shown_ends_where_something_else_can_not_be(monkeypatch):
    ended = []

    @contextmanager
    def watching():
        try:
            yield None
        finally:
            ended.append("watching")

    def refuse(*_):
        raise RuntimeError("can't start new thread")

    monkeypatch.setattr(display, "Lines", refuse)
    runner = SynchronousRunner(Tube.from_specification({"nodes": {"x": {"type": "itertools.count"}}}))
    monkeypatch.setattr(runner, "watching", watching)
    with pytest.raises(RuntimeError, match="can't start new thread"):
        shown(SimpleNamespace(progress=False), runner, SimpleNamespace(watched=["x.value"]))

    assert ended == ["watching"]


def test_lines_stand_below_what_others_print(told, seen):
    counts = itertools.count()
    user = open_forgiving(told.fileno(), "utf-8")

    with display.Display([lambda _: f"line {next(counts)}", lambda _: "below"]):
        for number in range(3):
            wait_until(lambda: seen().endswith("\nbelow\n"))
            print(f"printed {number}", file=user)
            print("and more", file=user)

    *printed, line, below = seen().splitlines()
    assert printed == ["printed 0", "and more", "printed 1", "and more", "printed 2", "and more"]
    assert (line, below) == (f"line {next(counts) - 1}", "below")


def test_what_has_no_room_on_the_terminal_is_cut_until_the_end(told, seen, monkeypatch):
    monkeypatch.setenv("LINES", "4")
    counts = itertools.count()
    lines = "\n".join("abcdef")

    with display.Display([lambda _: f"{next(counts)}\n{lines}"]):
        wait_until(lambda: next(counts) > 5)
        wait_until(lambda: seen().endswith("a\nb\n...\n"))

    count, *others = seen().splitlines()
    assert count.isdigit()
    assert others == list("abcdef")


def test_a_question_that_was_printed_stays_alone_until_it_is_answered(told, seen):
    user = open_forgiving(told.fileno(), "utf-8")
    shown = []

    with display.Display([lambda _: shown.append(1) or "shown"]):
        wait_until(lambda: "shown" in seen())
        print("colour? ", end="", file=user, flush=True)
        before = len(shown)
        wait_until(lambda: len(shown) > before + 3)
        assert seen() == "colour?\n"
        with asking():
            told.write("red\n")
            told.flush()
        wait_until(lambda: "shown" in seen())
        print("more", end="", file=user, flush=True)

    assert seen() == "colour? red\nmore\nshown\n"
