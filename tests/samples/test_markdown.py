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
            assert (command, shell(f"({command}) 2>&1").stdout) == (command, output)


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


def _anchors_of(page: Path) -> set[str]:
    """Those by which the headings of a page can be named in a link."""
    headings = _HEADING.findall(page.read_text(encoding="utf-8"))
    return {re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-") for heading in headings}
