"""What is found by reading code only is found by importing it, too."""

from __future__ import annotations

import zlib
from functools import cache
from pathlib import Path

import pytest

from noob_cli.cli.report.checking import check_tubes
from noob_cli.code.codebase import ImportedCode, Opening, UnknownCodeError
from noob_cli.code.reading.reading import ReadCode
from tests.conformance.cases import read_section
from tests.diagnostics.test_diagnostics import BROKEN, GOOD, HERE

ROOT = HERE.parents[1]
TUBES = [
    *ROOT.glob("sample_tubes/**/*.yaml"),
    *ROOT.glob("tests/comparison/tubes/*.yaml"),
    *ROOT.glob("tests/b*/**/*.yaml"),
]

ONLY_IMPORTED = {
    "C002_a_module_that_fails",
    "C003_a_class_that_can_not_compute_its_signals",
    "C007_computed",
    "I003_a_module_that_fails",
}
"""The broken tubes whose mistakes show only when code runs."""


@pytest.fixture(autouse=True)
def _no_other_places(monkeypatch):
    monkeypatch.delenv("NOOB_PATH", raising=False)


def found(path: Path, opening: Opening) -> set[tuple[str, str]]:
    main = path / "tube.yaml"
    asked = main if main.exists() else path
    checked = check_tubes([str(asked)], False, opening)
    return {(each.code, str(each.span)) for tube in checked for each in tube.diagnostics}


@cache
def found_by_reading(path: Path) -> set[tuple[str, str]]:
    """What is found in a tube of this folder, from here."""
    return found(path, ReadCode)


def found_by_reading_only(path: Path) -> set[tuple[str, str]]:
    """What is found by reading, which is mostly nothing, and not by importing."""
    read = found(path, ReadCode)
    return read - found(path, ImportedCode) if read else read


@pytest.mark.parametrize("name", BROKEN)
def test_broken_tubes(name, monkeypatch):
    monkeypatch.chdir(HERE)
    read, imported = found_by_reading(BROKEN[name]), found(BROKEN[name], ImportedCode)
    assert read == (set() if name in ONLY_IMPORTED else imported)


@pytest.mark.slow
def test_good_tubes(monkeypatch):
    monkeypatch.chdir(HERE)
    assert {name: wrong for name, path in GOOD.items() if (wrong := found(path, ReadCode))} == {}


@pytest.mark.parametrize("path", TUBES, ids=lambda path: path.stem)
def test_tubes_of_all_kinds(path, monkeypatch):
    monkeypatch.chdir(path.parent)
    assert found_by_reading_only(path) == set()


@pytest.mark.slow
@pytest.mark.parametrize("section", range(1, 9))
def test_the_cases_of_the_contract(section, tmp_path, monkeypatch):
    for at, case in enumerate(read_section(section)):
        folder = tmp_path / str(at)
        folder.mkdir()
        monkeypatch.chdir(folder)
        path = case.write(folder)
        assert found_by_reading_only(path) == set(), case.id


@pytest.mark.slow
@pytest.mark.parametrize("hidden", range(3))
def test_what_is_not_known_makes_nothing_else_wrong(hidden, monkeypatch):
    monkeypatch.chdir(HERE)

    class PartlyKnown(ReadCode):
        def find(self, path: str) -> object:
            code = super().find(path)
            if zlib.crc32(path.encode()) % 3 == hidden:
                raise UnknownCodeError(path)
            return code

    for path in BROKEN.values():
        # What is wrong with an entry in which something isn't known may go by another rule.
        places = {place for _, place in found_by_reading(path)}
        assert {place for _, place in found(path, PartlyKnown)} <= places, path
