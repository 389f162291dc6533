"""The page in a real browser, by what one sees on it and by what one can do with the keyboard."""

from __future__ import annotations

import signal
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.view.chromium import NEEDS_CHROMIUM, Page, browser

pytestmark = [pytest.mark.slow, NEEDS_CHROMIUM]

NODES = """
import time


def slow(number):
    time.sleep(0.01)
    return number


def fails_at(number, last):
    if number == last:
        raise ValueError("<b>that</b> one")
    return number


def picture(number):
    import numpy

    return numpy.outer(numpy.arange(20), numpy.arange(30)) * number


def markup(number):
    return "<img src=x onerror='document.title = 1'>"
"""
TUBE = """
noob_id: shown
input:
  last: {type: int, default: 100000}
  token: {type: str, default: swordfish}
nodes:
  forever: {type: itertools.count}
  slow: {type: page_nodes.slow, depends: forever.value}
  inner:
    type: tube
    params:
      tube:
        input: {given: {type: int, scope: process}}
        nodes:
          double: {type: operator.add, depends: [input.given, input.given]}
          return: {type: return, depends: double.value}
    depends: [{given: slow.value}]
  bad: {type: page_nodes.fails_at, depends: slow.value, params: {last: input.last}}
  picture: {type: page_nodes.picture, depends: slow.value}
  markup: {type: page_nodes.markup, depends: slow.value}
  length: {type: len, depends: input.token}
  return: {type: return, depends: [{bad: bad.value}]}
"""


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Page]:
    with browser(tmp_path_factory.mktemp("profile")) as page:
        page.size(1280, 800)
        yield page


@pytest.fixture
def shown(page: Page, start: Callable[..., Any], write: Callable[..., Path]) -> Page:
    """The page of a tube, with its graph."""
    write("page_nodes.py", NODES)
    write("tube.yaml", TUBE)
    page.running = start("view", "tube.yaml")
    page.go(page.running.read_line())
    page.wait_for(f"{box('forever')} && {state('ready')}")
    return page


def box(name: str) -> str:
    return f"document.querySelector('#graph .box[data-node=\"{name}\"]')"


def value(name: str) -> str:
    return f"document.querySelector('#values [data-name=\"{name}\"]')"


def state(words: str) -> str:
    return f"document.getElementById('state').textContent === '{words}'"


def click(name: str) -> str:
    return f"document.getElementById('{name}').click()"


def fill(name: str, text: str) -> str:
    return f"document.querySelector('input[name={name}]').value = '{text}'"


def test_load_run_hold_and_stop(shown):
    assert shown.see("document.title") == "shown · noob view"
    shown.see(click("start"))
    shown.wait_for(f"{state('running')} && {value('slow.value')}")
    number = f"Number({value('slow.value')}.querySelector('.number').textContent)"
    seen = shown.see(number)
    shown.wait_for(f"{number} > {seen}")
    shown.wait_for(f"{value('slow.value')}.querySelector('svg.spark path').getAttribute('d').includes('L')")
    shown.wait_for(f"{value('picture.value')}.querySelector('img').naturalWidth === 30")
    # On the edges, and beside the nodes.
    shown.wait_for("[...document.querySelectorAll('#graph text.last')].some((text) => Number(text.textContent) > 0)")
    shown.wait_for("[...document.querySelectorAll('#graph .badge')].some((text) => text.textContent.includes('ms'))")
    shown.see(click("pause"))
    shown.wait_for(state("paused"))
    epochs = "Number(document.querySelector('#counts dd').textContent)"
    before = shown.see(epochs)
    shown.see(click("step"))
    shown.wait_for(f"{epochs} === {before} + 1")
    shown.see(click("go"))
    shown.wait_for(f"{epochs} > {before} + 3")
    shown.see(click("stop"))
    shown.wait_for(state("stopped"))
    # What a tube emits is text, whatever is in it.
    assert shown.see(f"{value('markup.value')}.querySelector('pre').textContent").startswith("<img src=x")
    assert shown.see("document.title") == "shown · noob view"
    assert "swordfish" not in shown.see("document.documentElement.outerHTML")


def test_an_error_shows_at_its_node(shown):
    shown.see(fill("last", "5"))
    shown.see(click("start"))
    shown.wait_for(f"{box('bad')}.classList.contains('failed') && {state('ended with exit code 1')}")
    assert not shown.see(f"{box('slow')}.classList.contains('failed')")
    middle = f"(({{x, width}}) => x + width / 2)({box('bad')}.getBoundingClientRect())"
    assert shown.see(f"0 < {middle} && {middle} < document.getElementById('left').clientWidth")
    assert "ValueError: <b>that</b> one" in shown.see("document.getElementById('errors').innerText")
    assert "the node 'bad' failed in epoch 5" in shown.see("document.querySelector('#messages pre').innerText")
    # The next run has not failed yet.
    shown.see(fill("last", "100000"))
    shown.see(click("start"))
    shown.wait_for(f"{state('running')} && !{box('bad')}.classList.contains('failed')")


def test_what_is_wrong_with_an_input_or_a_record_shows_at_its_field(shown, write):
    wrong = "document.querySelector('#inputs .wrong')"
    shown.see(fill("last", "many"))
    shown.see(click("start"))
    shown.wait_for(f"{wrong} && {state('ended with exit code 2')}")
    assert shown.see(f"{wrong}.parentElement.querySelector('input').name") == "last"
    assert "the input 'last' should be int" in shown.see(f"{wrong}.textContent")
    assert shown.see("document.querySelector('[name=last]').getAttribute('aria-invalid')") == "true"
    write("tube.yaml", "input: {n: {type: int, scope: process}}\nnodes: {r: {type: return, depends: input.n}}")
    shown.wait_for(f"document.querySelector('textarea') && !{wrong}")
    for records, said in (('{"n": 1}\\n{"n": "x"}', "record 2"), ('{"n": 1}\\n{', "not JSON")):
        shown.see(f"document.querySelector('textarea').value = '{records}'")
        shown.see(click("start"))
        shown.wait_for(f"{wrong}?.textContent.includes('{said}') && {state('ended with exit code 2')}")
    shown.see("document.querySelector('textarea').value = '{\"n\": 1}'")
    shown.see(click("start"))
    shown.wait_for(f"{state('ended')} && !{wrong}")


def test_a_broken_file_shows_its_diagnostic_and_the_last_good_graph(shown, write):
    write("tube.yaml", TUBE.replace("page_nodes.slow", "page_nodes.slown"))
    shown.wait_for("document.querySelector('#problems li')")
    problem = shown.see("document.getElementById('problems').innerText")
    assert "tube.yaml:8:16" in problem
    assert "[C001]" in problem
    assert shown.see(f"Boolean({box('slow')})")
    write("tube.yaml", TUBE.replace("  markup:", "  other:"))
    shown.wait_for(f"!document.querySelector('#problems li') && {box('other')}")


def test_nothing_is_run_before_there_is_a_form(page, start, write):
    write("tube.yaml", "nodes: {")
    page.running = start("view", "tube.yaml", "-i", "last=3")
    page.go(page.running.read_line())
    page.wait_for("document.querySelector('#problems li')")
    assert page.see("document.getElementById('start').hidden")
    write("page_nodes.py", NODES)
    write("tube.yaml", TUBE)
    page.wait_for("!document.getElementById('start').hidden")
    assert page.see("document.querySelector('input[name=last]').value") == "3"


def test_all_can_be_done_by_the_keyboard(shown):
    shown.focus_on_nothing()
    reached = []
    for _ in range(14):
        shown.press("Tab")
        reached.append(shown.see("document.activeElement.id || document.activeElement.dataset.node || ''"))
    assert reached[:2] == ["start", "step"]
    assert "whole" in reached
    assert {"forever", "slow", "bad"} <= set(reached)
    shown.see("document.getElementById('start').focus()")
    shown.press("Enter")
    shown.wait_for(f"{state('running')} && {value('slow.value')}")
    # What is chosen in the graph is marked among the values.
    shown.see(f"{box('slow')}.focus()")
    assert shown.see(f"{value('slow.value')}.classList.contains('selected')")
    for is_unfolded in (True, False):
        shown.see("document.querySelector('#nested button').focus()")
        shown.press("Enter")
        shown.wait_for(f"Boolean({box('inner.double')}) === {str(is_unfolded).lower()}")


def test_edges_are_reached_by_the_arrow_keys_and_read_out_with_their_values(shown):
    shown.see(click("start"))
    shown.wait_for(value("slow.value"))
    shown.see(f"{box('forever')}.focus()")
    reached = []
    for key in ("Down", "Down", "Down", "Right", "Right", "Left", "Down", "Up", "Up", "Up", "Left"):
        shown.press(f"Arrow{key}")
        reached.append(shown.see("document.activeElement.dataset.edge || document.activeElement.dataset.node"))
    first, second, third = "slow.value->inner.given", "slow.value->bad.number", "slow.value->picture.number"
    assert reached[:3] == ["forever.value->slow.number", "slow", first]
    assert reached[3:7] == [second, third, second, "bad"]
    assert reached[7:] == [second, "slow", "forever.value->slow.number", "forever.value->slow.number"]
    assert shown.see(f"{value('forever.value')}.classList.contains('selected')")
    label = "document.activeElement.getAttribute('aria-label')"
    assert shown.see("document.activeElement.getAttribute('role')") == "img"
    shown.wait_for(f"/^forever.value to slow.number: [1-9][0-9]*$/.test({label})")
    shown.see(f"{box('slow')}.focus()")
    shown.wait_for(f"/^slow, page_nodes.slow, takes number, emits value: [0-9.K]+ . [0-9.]+ ms$/.test({label})")


def test_light_and_dark_in_a_wide_window_and_in_a_narrow_one(shown):
    shown.see(click("start"))
    shown.wait_for(value("picture.value"))
    for width in (1280, 800):
        for scheme, ground in (("light", "rgb(255, 255, 255)"), ("dark", "rgb(20, 24, 29)")):
            shown.size(width, 500, scheme)
            assert shown.see("getComputedStyle(document.body).backgroundColor") == ground
            # Nothing is beside the window.
            assert shown.see("document.documentElement.scrollWidth <= innerWidth")
    place = "document.getElementById('graph')"
    graph = "document.querySelector('#graph svg').getBoundingClientRect()"
    is_whole = f"{graph}.width <= {place}.clientWidth && {graph}.height <= {place}.clientHeight"
    # At first all of it is seen, if that does not make it too small.
    is_small = "document.getElementById('whole').getAttribute('aria-pressed') === 'true'"
    assert shown.see(is_small) == shown.see(is_whole)
    for _ in range(2):
        was_small = shown.see(is_small)
        shown.see(click("whole"))
        assert shown.see(is_whole) == shown.see(is_small) != was_small
    shown.size(1280, 800)


def test_what_is_filled_in_is_there_when_the_page_is_loaded_again(shown, write):
    typed = "dispatchEvent(new Event('input', {bubbles: true}))"
    for name in ("last", "token"):
        shown.see(f"{fill(name, '7')}; document.querySelector('[name={name}]').{typed}")
    shown.send("Page.reload")
    shown.wait_for("document.querySelector('[name=last]')?.value === '7'")
    assert shown.see("document.querySelector('[name=token]').value") == ""
    textarea = "document.querySelector('textarea')"
    for name, kept in (("number", '{"number": 1}'), ("token", "")):
        write(
            "tube.yaml",
            f"input: {{{name}: {{type: int, scope: process}}}}\nnodes: {{a: {{type: abs, depends: input.{name}}}}}",
        )
        shown.wait_for(f"{textarea}?.placeholder.includes('{name}')")
        shown.see(f"window.isOld = true; {textarea}.value = '{{\"{name}\": 1}}'; {textarea}.{typed}")
        shown.send("Page.reload")
        shown.wait_for(f"!window.isOld && {textarea}?.placeholder.includes('{name}')")
        assert shown.see(f"{textarea}.value").strip() == kept


def test_the_page_of_a_run_of_the_shell_says_that_it_has_ended_and_keeps_what_it_was(page, start, write):
    write("page_nodes.py", NODES)
    write("tube.yaml", TUBE)
    page.running = start("run", "tube.yaml", "--view", "-i", "last=200", "-o", "out.jsonl")
    page.go(page.running.read_error_line().split()[-1])
    page.wait_for(f"{state('running')} && {value('slow.value')}")
    page.wait_for(state("the run has ended"))
    assert page.running.end().code == 1
    assert page.see(f"{box('bad')}.classList.contains('failed') && Boolean({value('slow.value')})")


def test_the_page_says_that_its_program_has_ended(shown):
    shown.see(click("start"))
    shown.wait_for(state("running"))
    shown.running.process.send_signal(signal.SIGTERM)
    shown.wait_for(state("the program that serves this page has ended"))
    assert shown.see("document.getElementById('start').hidden")
