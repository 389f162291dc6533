"""What random tubes, and the search for bounds, have found: once each, by name."""

from __future__ import annotations

from pathlib import Path

import pytest

from noob_cli import SynchronousRunner, Tube
from noob_cli.cli.report.checking import check_tubes
from noob_cli.diagnostics import Diagnostic
from tests.conformance import nodes
from tests.fuzzing.bounds import bounded

COUNT = "nodes: {a: {type: itertools.count}, r: {type: return, depends: a.value}}\n"
TAKES = "input: {v: {type: int, scope: process, default: 1}}\n"
CALLED = TAKES + "nodes: {a: {type: abs, depends: input.v}, r: {type: return, depends: a.value}}\n"


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty working folder."""
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    monkeypatch.delenv("NOOB_PATH", raising=False)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def found_in(text: str) -> list[Diagnostic]:
    """What is wrong with a tube, within the bounds of time and memory."""
    Path("tube.yaml").write_text(text, encoding="utf-8")
    with bounded():
        (checked,) = check_tubes(["tube.yaml"], strict=False)
    return list(checked.diagnostics)


def places(diagnostics: list[Diagnostic]) -> list[tuple[str, int, int]]:
    """The codes and places of diagnostics."""
    return [(each.code, each.span.line, each.span.column) for each in diagnostics if each.span is not None]


def write_chain(number: int, link: str, last: str) -> None:
    """Files `0.yaml`, `1.yaml` and so on: each names the next, as NEXT; the last is another."""
    for at in range(number):
        Path(f"{at}.yaml").write_text(link.replace("NEXT", f"{at + 1}.yaml"))
    Path(f"{number}.yaml").write_text(last)


# --- One line that aliases use often


def test_what_a_merge_key_brings_in_often_is_shown_once() -> None:
    merged = "\n".join(f"  n{at}: {{<<: *a}}" for at in range(50))
    text = f"nodes:\n  a: &a {{type: itertools.count, colour: red}}\n{merged}\n"
    assert places(found_in(text)) == [("K001", 2, 33)]


def test_what_an_alias_brings_in_often_is_shown_once() -> None:
    copies = "\n".join(f"  n{at}: *a" for at in range(50))
    assert places(found_in(f"nodes:\n  a: &a {{type: sun}}\n{copies}\n")) == [("C001", 2, 16)]


# --- Much of everything


@pytest.mark.slow
def test_thousands_of_carried_assets() -> None:
    assets = "".join(f"  a{at}: {{type: int, scope: runner, depends: n{at}.value}}\n" for at in range(3000))
    nodes = "".join(f"  n{at}: {{type: operator.add, depends: [s.value, assets.a{at}]}}\n" for at in range(3000))
    assert found_in(f"assets:\n{assets}nodes:\n  s: {{type: itertools.count}}\n{nodes}") == []


@pytest.mark.slow
def test_maps_that_are_nested_without_end() -> None:
    maps = "".join(f"  m{at}: {{type: map, depends: m{at - 1}.value}}\n" for at in range(1, 1000))
    source = "  s: {type: itertools.repeat, params: {object: [1]}}\n  m0: {type: map, depends: s.value}\n"
    (diagnostic,) = found_in(f"nodes:\n{source}{maps}")
    assert places([diagnostic]) == [("Y007", 104, 3)]
    assert "more than 100 maps" in diagnostic.message


def test_maps_that_are_nested_as_deep_as_may_be() -> None:
    maps = "".join(f"  m{at}: {{type: map, depends: m{at - 1}.value}}\n" for at in range(1, 100))
    value = "[" * 95 + "]" * 95
    source = f"  s: {{type: itertools.repeat, params: {{object: {value}}}}}\n  m0: {{type: map, depends: s.value}}\n"
    assert found_in(f"nodes:\n{source}{maps}") == []
    assert SynchronousRunner(Tube.from_specification("tube.yaml")).run(1) == []


def test_maps_that_wait_for_each_other() -> None:
    """What their items are can't be followed to its beginning."""
    circle = "  a: {type: map, depends: b.value}\n  b: {type: map, depends: a.value}\n"
    assert places(found_in(f"nodes:\n{circle}  c: {{type: map, depends: c.value}}\n")) == [
        ("G012", 2, 3),
        ("G012", 4, 3),
    ]


# --- Tubes that build on each other


def test_tubes_that_extend_each_other_without_end() -> None:
    write_chain(300, "extends: [NEXT]\n", COUNT)
    (diagnostic,) = found_in("extends: [0.yaml]\n")
    assert diagnostic.code == "Y007"
    assert "one behind the other" in diagnostic.message


def test_tubes_that_extend_the_same_twice() -> None:
    """Thirty times two are as many as a billion."""
    write_chain(30, "extends: [NEXT, NEXT]\n", COUNT)
    assert found_in("extends: [0.yaml]\n") == []
    assert SynchronousRunner(Tube.from_specification("tube.yaml")).run(2) == [0, 1]


def test_a_tube_that_is_extended_in_two_ways_keeps_its_place() -> None:
    """What is merged for one is there for the other."""
    Path("base.yaml").write_text("nodes: {a: {type: itertools.count, params: {start: 1, step: 1}}}\n")
    Path("one.yaml").write_text("extends: [base.yaml]\nnodes: {a: {params: {start: 2}}}\n")
    Path("two.yaml").write_text("extends: [base.yaml]\nnodes: {a: {params: {step: 3}}}\n")
    Path("tube.yaml").write_text("extends: [one.yaml, two.yaml]\nnodes: {r: {type: return, depends: a.value}}\n")
    assert SynchronousRunner(Tube.from_specification("tube.yaml")).run(2) == [1, 4]


NESTING = "nodes: {a: {type: tube, params: {tube: NEXT}}, r: {type: return, depends: a.value}}\n"


def test_tubes_that_are_nested_without_end() -> None:
    write_chain(300, NESTING, COUNT)
    (diagnostic,) = found_in(NESTING.replace("NEXT", "0.yaml"))
    assert diagnostic.code == "Y007"
    assert "nested more than 80 deep" in diagnostic.message


def test_tubes_that_are_nested_twice_in_each_other(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("noob_cli.loading.nested.MOST_TUBES", 100)
    link = "nodes: {a: {type: tube, params: {tube: NEXT}}, b: {type: tube, params: {tube: NEXT}}}\n"
    write_chain(30, link, COUNT)
    (diagnostic,) = found_in(link.replace("NEXT", "0.yaml"))
    assert diagnostic.code == "Y007"
    assert "more than 100 tubes are nested" in diagnostic.message


@pytest.mark.parametrize(
    ("link", "last"),
    [
        (NESTING, COUNT),
        (
            TAKES + "nodes:\n"
            "  a: {type: tube, params: {tube: NEXT}, depends: [{v: input.v}]}\n"
            "  r: {type: return, depends: a.value}\n",
            CALLED,
        ),
        (
            TAKES + "assets:\n"
            "  p: {type: tests.conformance.nodes.Managed, scope: process}\n"
            "  n: {type: tests.conformance.nodes.Managed, scope: node}\n"
            "  c: {type: int, scope: runner, depends: a.value}\n"
            "nodes:\n"
            "  b: {type: tests.conformance.nodes.positions, depends: [assets.p, assets.n, assets.c]}\n"
            "  a: {type: tube, params: {tube: NEXT}, depends: [{v: input.v}]}\n"
            "  r: {type: return, depends: a.value}\n",
            CALLED,
        ),
    ],
    ids=["sources", "called", "with assets"],
)
@pytest.mark.slow
def test_tubes_that_are_nested_as_deep_as_may_be_run(link: str, last: str) -> None:
    write_chain(80, link, last)
    with bounded(), SynchronousRunner(Tube.from_specification("0.yaml")) as runner:
        assert runner.process() == (0 if link is NESTING else 1)


@pytest.mark.slow
def test_an_error_deep_inside_ends_the_assets_of_all_tubes_around_it() -> None:
    link = (
        TAKES + "assets: {p: {type: tests.conformance.nodes.Managed, scope: process}}\n"
        "nodes:\n"
        "  b: {type: tests.conformance.nodes.positions, depends: [assets.p]}\n"
        "  a: {type: tube, params: {tube: NEXT}, depends: [{v: input.v}]}\n"
    )
    node = "{type: tests.conformance.nodes.fail_at, params: {at: 1}, depends: [{value: input.v}]}"
    last = f"{TAKES}nodes: {{a: {node}}}\n"
    write_chain(30, link, last)
    nodes.LOG.clear()
    with SynchronousRunner(Tube.from_specification("0.yaml")) as runner, pytest.raises(ValueError, match="refused"):
        runner.process()
    assert nodes.LOG.count("asset is entered") == nodes.LOG.count("asset ends with ValueError") == 30
