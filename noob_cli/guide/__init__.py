"""The guide: a page for each topic, in Markdown."""

from __future__ import annotations

from pathlib import Path

_PAGES = Path(__file__).parent
_ORDER = (
    *(
        "tubes",
        "seeing",
        "view",
        "assets",
        "running",
        "debugging",
        "calls",
        "parallel",
        "checkpoints",
        "services",
        "testing",
        "editors",
        "python",
    ),
    *("public-package", "performance", "language"),
)


def topics() -> tuple[str, ...]:
    """The names of the pages, in the order in which one would read them."""
    return _ORDER


def page_of(topic: str) -> str:
    """A page, in Markdown.

    Args:
        topic: Its name, one of `topics()`.
    """
    return (_PAGES / f"{topic}.md").read_text(encoding="utf-8")


def summary_of(topic: str) -> str:
    """The heading of a page, which says what it is about."""
    return page_of(topic).partition("\n")[0].removeprefix("# ")
