"""The gallery names every sample, and its pictures are those that the program makes.

Where things are in a picture depends on who lays it out, so what is compared is what is in it. To make the pictures
anew, without the program `dot` in the way:

    python -m tests.samples.test_gallery
"""

from __future__ import annotations

import re
from pathlib import Path
from xml.etree import ElementTree

import pytest

from noob_cli import Tube
from noob_cli.cli.begin.gallery import samples
from noob_cli.drawing import svg as drawing

GALLERY = Path(__file__).resolve().parents[2] / "sample_tubes"
TEXT = (GALLERY / "README.md").read_text(encoding="utf-8")
PICTURES = [GALLERY / name for name in re.findall(r"!\[.*?\]\((.*?)\)", TEXT)]


def drawn(picture: Path) -> str:
    drawing.find_dot = lambda: None
    return drawing.svg(Tube.from_specification(GALLERY / picture.stem / f"{picture.stem}.yaml"))


def content_of(picture: str) -> list[tuple[str | None, ...]]:
    """What is in a picture: its boxes with what stands in them, its groups, and which boxes its lines connect.

    What the slots of C code are called is not the same in all versions of Python, and stands in or beside a label.
    """
    content: list[tuple[str | None, ...]] = []
    for each in ElementTree.fromstring(picture).iter():
        names = [each.get(f"data-{name}") for name in ("node", "loop", "from", "to")]
        if any(names) and each.get("class") != "beside":
            content.append((each.get("class"), *names))
        if each.get("class") in ("title", "detail", "group-title"):
            content.append((each.get("class"), each.text))
    return content


def test_it_names_every_sample() -> None:
    assert sorted(re.findall(r"^\| \[(\w+)\]", TEXT, re.MULTILINE)) == sorted(samples())


def test_it_shows_two_pictures() -> None:
    assert len(PICTURES) == 2


@pytest.mark.parametrize("picture", PICTURES, ids=lambda picture: picture.stem)
def test_a_picture_is_what_the_program_makes(picture: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(drawing, "find_dot", drawing.find_dot)
    assert content_of(picture.read_text(encoding="utf-8")) == content_of(drawn(picture))


if __name__ == "__main__":
    for path in PICTURES:
        path.write_text(drawn(path), encoding="utf-8")
