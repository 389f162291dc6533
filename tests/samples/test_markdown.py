"""What the README and the pages of the guide show is what happens."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from noob_cli.guide import summary_of, topics

from .conftest import Shell
from .markdown import GUIDE, PAGES, README, ROOT, blocks_of, files_of

_LINK = re.compile(r"\]\(([^):]+)\)")
_HEADING = re.compile(r"^#+ (.*)$", re.MULTILINE)
_WITH_COMMANDS = [page for page in PAGES if blocks_of(page.read_text(encoding="utf-8"), "console")]
_WITH_LINKS = (
    *PAGES,
    ROOT / "noob_cli" / "README.md",
    ROOT / "sample_tubes" / "README.md",
    *ROOT.glob("tests/**/README.md"),
    ROOT / ".github/CONTRIBUTING.md",
)


@pytest.mark.slow
@pytest.mark.parametrize("page", _WITH_COMMANDS, ids=lambda page: page.stem)
def test_the_commands_print_what_the_page_says(page: Path, shell: Shell, tmp_path: Path) -> None:
    text = page.read_text(encoding="utf-8")
    for name, content in files_of(text):
        (tmp_path / name).write_text(content, encoding="utf-8")
    for block in blocks_of(text, "console"):
        assert block.commands
        for command, output in block.commands:
            done = shell(f"({command})")
            told = (done.stdout.splitlines(), done.stderr.splitlines())
            # Another thread writes the results: which comes first of both is nothing to rely on.
            assert _are_merged(*told, output.splitlines()), (command, *told)


def test_every_page_but_the_contract_shows_commands() -> None:
    assert set(PAGES) - set(_WITH_COMMANDS) == {GUIDE / "language.md"}


@pytest.mark.parametrize("page", _WITH_LINKS, ids=lambda page: str(page.relative_to(ROOT)))
def test_the_links_lead_somewhere(page: Path) -> None:
    for link in _LINK.findall(page.read_text(encoding="utf-8")):
        name, _, anchor = link.partition("#")
        target = page.parent / name if name else page
        assert target.exists(), link
        assert not anchor or anchor in _anchors_of(target), link


def test_the_readme_leads_to_every_page() -> None:
    text = README.read_text(encoding="utf-8")
    assert [topic for topic in topics() if f"[{topic}](noob_cli/guide/{topic}.md)" not in text] == []


@pytest.mark.parametrize("topic", topics())
def test_a_page_says_in_a_line_what_it_is_about(topic: str) -> None:
    assert 10 < len(summary_of(topic)) <= 80


def _are_merged(some: list[str], others: list[str], all_lines: list[str]) -> bool:
    """Whether lines are those of two lists, each in its order."""
    if len(some) + len(others) != len(all_lines):
        return False
    # How many of the first list may have come, line by line.
    taken = {0}
    for number, line in enumerate(all_lines):
        taken = {
            *(each + 1 for each in taken if each < len(some) and some[each] == line),
            *(each for each in taken if number - each < len(others) and others[number - each] == line),
        }
    return len(some) in taken


@pytest.mark.parametrize(
    ("some", "others", "shown", "expected"),
    [
        ("ab", "x", "abx", True),
        ("ab", "x", "xab", True),
        ("ab", "x", "bax", False),
        ("ab", "ac", "aacb", True),
        ("ab", "ac", "acab", True),
        ("ab", "x", "ab", False),
        ("ab", "", "abx", False),
        ("", "", "", True),
    ],
)
def test_lines_of_two_streams(some: str, others: str, shown: str, expected: bool) -> None:
    assert _are_merged([*some], [*others], [*shown]) == expected


def _anchors_of(page: Path) -> set[str]:
    """Those by which the headings of a page can be named in a link."""
    headings = _HEADING.findall(page.read_text(encoding="utf-8"))
    return {re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-") for heading in headings}
