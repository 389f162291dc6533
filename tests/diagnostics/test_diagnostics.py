"""Each tube in `broken` is shown to be wrong where its marks say, and nowhere else; each in `good` is right.

A mark is a comment below the line that it is about, with `^` below the place: `#      ^^^^ error G004`. For what begins
in the first column the `#` stands for the first `^`. The name of a file begins with the rule that it is about, and what
is of the same name in `good` is nearly the same, and right. Where several files are needed, they are in a folder:
`tube.yaml` is checked, or all, if there is none.
"""

from __future__ import annotations

import re
import subprocess
import sys
from difflib import SequenceMatcher
from pathlib import Path
from typing import NamedTuple

import pytest

from noob_cli.check.catalogue import RULES
from noob_cli.cli.report.checking import check_tubes
from noob_cli.diagnostics import Diagnostic

HERE = Path(__file__).parent
BROKEN, GOOD = ({path.stem: path for path in sorted((HERE / kind).iterdir())} for kind in ("broken", "good"))
MARK = re.compile(r"#(?P<before> *)(?P<carets>\^*) (?P<severity>error|warning) (?P<code>[A-Z]\d{3})")


class Shown(NamedTuple):
    """A diagnostic, as far as a mark says it: the end of what goes on in further lines is that of its first."""

    file: str
    line: int
    column: int
    end: int
    severity: str
    code: str


@pytest.fixture(autouse=True)
def _in_this_folder(monkeypatch):
    monkeypatch.chdir(HERE)
    monkeypatch.delenv("NOOB_PATH", raising=False)


def files_of(path: Path) -> list[Path]:
    """The files of a tube: itself, or those in its folder, where Python may have left what it has compiled."""
    return sorted(file for file in path.glob("*") if file.is_file()) if path.is_dir() else [path]


def marked(path: Path) -> set[Shown]:
    """What the marks in a file, or in those in a folder, say."""
    found = set()
    for file in files_of(path):
        line = 0
        for number, text in enumerate(file.read_text(encoding="utf-8").splitlines(), start=1):
            mark = MARK.fullmatch(text)
            if mark is None:
                line = number
                continue
            column = len(mark["before"]) + 2 if mark["before"] else 1
            end = column + len(mark["carets"]) + (column == 1)
            found.add(Shown(str(file.relative_to(HERE)), line, column, end, mark["severity"], mark["code"]))
    return found


def shown(diagnostic: Diagnostic) -> Shown:
    span = diagnostic.span
    assert span is not None
    assert span.file is not None
    file = span.file.resolve()
    line = file.read_text(encoding="utf-8").splitlines()[span.line - 1]
    end = span.end_column if span.end_line == span.line else len(line) + 1
    name = str(file.relative_to(HERE))
    return Shown(name, span.line, span.column, end, str(diagnostic.severity), diagnostic.code)


def checked(path: Path, strict: bool = False) -> list[Diagnostic]:
    main = path / "tube.yaml"
    asked = main if main.exists() else path
    return [each for checked in check_tubes([str(asked.relative_to(HERE))], strict) for each in checked.diagnostics]


def lines_of(path: Path) -> list[str]:
    """The lines of a tube, or of those in a folder, without comments."""
    lines = [line for file in files_of(path) for line in file.read_text(encoding="utf-8").splitlines()]
    return [line for line in lines if not line.startswith("#")]


@pytest.mark.parametrize("name", BROKEN)
def test_what_is_wrong_is_shown_where_it_is_and_nothing_else(name):
    found = checked(BROKEN[name])
    assert sorted(map(shown, found)) == sorted(marked(BROKEN[name]))


def test_all_of_it_is_shown_in_the_order_of_the_file():
    found = [shown(each) for each in checked(BROKEN["all_at_once"])]
    assert found == sorted(found)
    assert len(found) > 15


@pytest.mark.parametrize("name", BROKEN)
def test_it_is_said_what_to_do(name):
    found = checked(BROKEN[name])
    assert found
    assert [str(each) for each in found if not each.hint] == []


@pytest.mark.parametrize("name", GOOD)
def test_what_is_nearly_the_same_is_right(name):
    assert checked(GOOD[name], strict=True) == []


@pytest.mark.parametrize("name", GOOD)
def test_it_is_nearly_the_same(name):
    broken, good = (lines_of(tubes[name]) for tubes in (BROKEN, GOOD))
    same = sum(block.size for block in SequenceMatcher(a=broken, b=good, autojunk=False).get_matching_blocks())
    assert 0 < max(len(broken), len(good)) - same <= 4


@pytest.mark.slow
def test_the_command_says_the_same_of_the_good_ones():
    done = subprocess.run(
        [sys.executable, "-m", "noob_cli", "validate", "--strict", "good"], capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stderr) == (0, "")


# What Y008 is about is an installed package: `tests/specification/test_search.py` has some.
@pytest.mark.parametrize("code", [code for code in RULES if code != "Y008"])
def test_each_rule_has_a_broken_tube_and_a_good_one(code):
    assert any(each.code == code for name, path in BROKEN.items() if name.startswith(code) for each in marked(path))
    assert any(name.startswith(code) for name in GOOD)


def test_there_are_many():
    assert len(BROKEN) >= 80
    assert set(GOOD) <= set(BROKEN)
