"""The page around a picture, in a real browser: it is reached by the keyboard, and is light or dark."""

from __future__ import annotations

import pytest

from noob_cli import Tube
from noob_cli.drawing.html import html
from tests.drawing.test_svg import TUBE
from tests.view.chromium import NEEDS_CHROMIUM, browser

pytestmark = [pytest.mark.slow, NEEDS_CHROMIUM]

NEAR = "[...document.querySelectorAll('.edge.near')].map(edge => edge.dataset.edge).sort()"
INK, GROUND = (
    f"getComputedStyle(document.querySelector('.noob-graph {selector}')).fill" for selector in (".title", ".ground")
)


@pytest.fixture(scope="module")
def page(tmp_path_factory):
    folder = tmp_path_factory.mktemp("page")
    file = folder / "outer.html"
    file.write_text(html(Tube.from_specification(TUBE)), encoding="utf-8")
    with browser(folder / "profile") as opened:
        opened.go(file.as_uri())
        opened.wait_for("document.querySelector('script') && document.querySelector('.box')")
        yield opened


def test_the_edges_of_the_box_that_has_the_focus_stand_out(page):
    names = page.see("[...document.querySelectorAll('.box')].map(box => box.dataset.node)")
    page.focus_on_nothing()
    page.press("Tab")
    assert page.see("document.activeElement.tagName") == "MAIN"
    for name in names[:3]:
        page.press("Tab")
        assert page.see("document.activeElement.dataset.node") == name
    assert name == "assets.total"
    assert page.see(NEAR) == ["add.value->assets.total", "assets.total->add.b"]
    page.see("document.activeElement.blur()")
    assert page.see(NEAR) == []


def test_the_edges_of_the_box_that_is_pointed_at_stand_out(page):
    place = page.see(
        "(() => { const box = document.querySelector('[data-node=digit]'); box.scrollIntoView();"
        " const {x, y, width, height} = box.getBoundingClientRect(); return [x + width / 2, y + height / 2] })()"
    )
    page.send("Input.dispatchMouseEvent", type="mouseMoved", x=place[0], y=place[1])
    assert page.see(NEAR) == ["digit.value->digits_again.value", "each.value->digit.0"]


@pytest.mark.parametrize(("scheme", "colours"), [("light", (31, 255)), ("dark", (228, 20))])
def test_it_is_light_or_dark_as_the_screen_is(page, scheme, colours):
    page.size(800, 600, scheme)
    assert [page.see(each).partition(",")[0] for each in (INK, GROUND)] == [f"rgb({red}" for red in colours]


def test_every_text_has_room_in_its_box(page):
    outside = page.see(
        "[...document.querySelectorAll('.box')].filter(box => { const area = box.querySelector('rect').getBBox();"
        " return [...box.querySelectorAll('text')].some(text => { const it = text.getBBox();"
        " return it.x < area.x || it.x + it.width > area.x + area.width }) }).map(box => box.dataset.node)"
    )
    assert outside == []
