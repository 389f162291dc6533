"""Whatever stands in a file: checking it gives diagnostics or success, and nothing else."""

from __future__ import annotations

import io
import json
import re
import subprocess
import sys
from contextlib import redirect_stderr
from pathlib import Path
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from noob_cli.check.catalogue import RULES
from noob_cli.cli.report.checking import Checked, check_tubes
from noob_cli.cli.report.github import write_github
from noob_cli.cli.report.json_list import write_json
from noob_cli.cli.report.sarif import write_sarif
from noob_cli.cli.report.text import write_text
from noob_cli.diagnostics import Span
from tests.cli.conftest import COMMAND, environment, refuse_own_traceback
from tests.examples import examples
from tests.fuzzing.bounds import bounded
from tests.fuzzing.mutations import mutated_texts
from tests.fuzzing.seeds import SEEDS, mutated
from tests.patience import PATIENCE
from tests.warm.command import ARE_THERE, in_shell, is_usual

WRITERS = (write_text, write_json, write_github, write_sarif)


def test_mutated_tubes(seeds: Path, number_of_examples: int) -> None:
    @examples(number_of_examples)
    @given(st.data())
    def check(data: st.DataObject) -> None:
        seed = data.draw(st.sampled_from(SEEDS))
        content = data.draw(mutated_texts(seed))
        with mutated(seeds, seed, content), bounded():
            assert_diagnosed([seed.entry], data.draw(st.booleans()))

    check()


def assert_diagnosed(names: list[str], strict: bool) -> None:
    """Check tubes, and see that what is said of them can be used."""
    checked = list(check_tubes(names, strict))
    assert len(checked) == len(names)
    for each in checked:
        assert_sound(each)
    for write in WRITERS:
        written(write, checked)


def assert_sound(checked: Checked) -> None:
    """A tube is valid or there is an error; what was found has a known rule and a place that exists."""
    has_errors = checked.problem is not None or any(each.is_error for each in checked.diagnostics)
    assert checked.is_valid is not has_errors
    for each in checked.diagnostics:
        assert each.code in RULES
        assert len(each.message) <= 800
        for span in (each.span, *(related.span for related in each.related)):
            if span is not None:
                assert_in_file(span)


def assert_in_file(span: Span) -> None:
    """A place is in its file, and its end is not before its beginning."""
    assert span.file is not None
    text = span.file.read_bytes().decode("utf-8-sig", "replace")
    # More than YAML counts, and what ends the last line is followed by one.
    lines = len(text.splitlines()) + text.count("\n\r") + 1
    assert 1 <= span.line <= span.end_line <= lines + 1
    assert span.column >= 1
    assert span.line < span.end_line or span.column <= span.end_column


def written(write: Any, checked: list[Checked]) -> str:
    """What a format makes of it, on both streams."""
    stdout, stderr = io.StringIO(), io.StringIO()
    with redirect_stderr(stderr):
        write(iter(checked), stdout)
    text = stdout.getvalue()
    text.encode("utf-8", "surrogateescape")
    if write in (write_json, write_sarif):
        json.loads(text)
    return text


def test_mutated_tubes_by_the_command(seeds: Path, tmp_path: Path, number_of_examples: int) -> None:
    @examples(number_of_examples // 100)
    @given(st.data())
    def check(data: st.DataObject) -> None:
        names = []
        for seed in data.draw(st.lists(st.sampled_from(SEEDS), min_size=10, max_size=10, unique=True)):
            names.append(f"{seed.folder}/mutated.yaml")
            (seeds / names[-1]).write_bytes(data.draw(mutated_texts(seed)))
        report = data.draw(st.sampled_from(["text", "json", "github", "sarif"]))
        done = run_command("validate", *dict.fromkeys(names), "--format", report, folder=seeds, home=tmp_path)
        if report in ("json", "sarif"):
            json.loads(done.stdout)
        run_command("validate", "-", folder=seeds, home=tmp_path, stdin=(seeds / names[0]).read_bytes())
        for name in dict.fromkeys(names):
            (seeds / name).unlink()

    check()


def run_command(*args: str, folder: Path, home: Path, stdin: bytes = b"") -> subprocess.CompletedProcess[bytes]:
    """Run the command; all that it may do is to find something, or nothing."""
    env = environment(home, PYTHONPATH=str(Path(__file__).parents[2]))
    command = in_shell("-W", "error") if ARE_THERE and is_usual(env) else [sys.executable, "-W", "error", *COMMAND[1:]]
    done = subprocess.run([*command, *args], input=stdin, capture_output=True, cwd=folder, env=env, timeout=PATIENCE)
    errors = done.stderr.decode(errors="replace")
    refuse_own_traceback(errors)
    assert done.returncode in (0, 2), errors
    assert (done.returncode == 2) == (re.search(r", [1-9]\d* errors?\b", errors) is not None), errors
    return done
