"""The guide: its pages are found, listed, and true."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest

from noob_cli.guide import page_of, summary_of, topics
from tests.cli.conftest import Outcome

Command = Callable[..., Outcome]


def test_every_page_is_listed() -> None:
    pages = Path(__file__).parents[3] / "noob_cli" / "guide"
    assert sorted(topics()) == sorted(page.stem for page in pages.glob("*.md"))


@pytest.mark.parametrize("topic", topics())
def test_a_page_begins_with_what_it_is_about(topic: str) -> None:
    assert page_of(topic).startswith(f"# {summary_of(topic)}\n\n")


def test_without_a_topic_all_are_listed(noob: Command) -> None:
    done = noob("guide")
    assert (done.code, done.err) == (0, "")
    assert [line.split()[0] for line in done.out.splitlines()] == list(topics())


def test_a_page_is_markdown_in_a_pipe(noob: Command) -> None:
    done = noob("guide", "Language")
    assert (done.code, done.out, done.err) == (0, page_of("language"), "")


def test_a_page_is_laid_out_on_a_terminal(terminal: Command) -> None:
    done = terminal("guide", "language", on_terminal="all")
    assert done.code == 0
    assert "What a tube means" in done.shown
    assert "# What a tube means" not in done.shown
    assert max(len(re.sub(r"\x1b\[[0-9;]*m", "", line)) for line in done.shown.splitlines()) <= 120


def test_a_page_that_does_not_exist(noob: Command) -> None:
    done = noob("guide", "langauge")
    assert (done.code, done.out) == (2, "")
    assert "there is no page 'langauge' in the guide: did you mean 'language'?" in done.err
