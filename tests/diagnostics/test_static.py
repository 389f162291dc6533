"""What is found by reading code only is found by importing it, too."""

from __future__ import annotations

import zlib
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


def nothing_else_is_found(path: Path) -> bool:
    """Whether importing finds all that reading finds, which is mostly nothing."""
    read = found(path, ReadCode)
    return not read or read <= found(path, ImportedCode)


@pytest.mark.parametrize("name", BROKEN)
def test_broken_tubes(name, monkeypatch):
    monkeypatch.chdir(HERE)
    read, imported = found(BROKEN[name], ReadCode), found(BROKEN[name], ImportedCode)
    assert read == (set() if name in ONLY_IMPORTED else imported)


def test_good_tubes(monkeypatch):
    monkeypatch.chdir(HERE)
    assert {name: wrong for name, path in GOOD.items() if (wrong := found(path, ReadCode))} == {}


@pytest.mark.parametrize("path", TUBES, ids=lambda path: path.stem)
def test_tubes_of_all_kinds(path, monkeypatch):
    monkeypatch.chdir(path.parent)
    assert nothing_else_is_found(path)


@pytest.mark.slow
@pytest.mark.parametrize("section", range(1, 9))
def test_the_cases_of_the_contract(section, tmp_path, monkeypatch):
    for at, case in enumerate(read_section(section)):
        folder = tmp_path / str(at)
        folder.mkdir()
        monkeypatch.chdir(folder)
        path = case.write(folder)
        assert nothing_else_is_found(path), case.id


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
        found_in_part, whole = ({place for _, place in found(path, opening)} for opening in (PartlyKnown, ReadCode))
        assert found_in_part <= whole, path
