"""What the README shows is what happens."""

from __future__ import annotations

import re
from pathlib import Path

from .conftest import ROOT, Shell
from .readme import blocks_of, files_of

README = (ROOT / "README.md").read_text(encoding="utf-8")


def test_the_commands_print_what_the_readme_says(shell: Shell, tmp_path: Path) -> None:
    for name, text in files_of(README):
        (tmp_path / name).write_text(text, encoding="utf-8")
    commands = [each for block in blocks_of(README, "console") for each in block.commands]
    assert len(commands) > 10
    for command, output in commands:
        assert (command, shell(f"({command}) 2>&1").stdout) == (command, output)


def test_the_first_command_prints_what_the_readme_says(shell: Shell) -> None:
    setup = blocks_of(README, "sh")[0].text
    main_job = setup.split("&&")[-1].strip().removeprefix(".venv/bin/")
    assert shell(main_job).stdout == blocks_of(README, "text")[0].text


def test_the_first_tube_is_a_sample() -> None:
    _, text = next(files_of(README))
    sample = (ROOT / "sample_tubes" / "squares.yaml").read_text(encoding="utf-8")
    assert _without_comments(text) == _without_comments(sample)
    assert len(_without_comments(text)) == 10


def test_the_setup_commands_name_what_is_there() -> None:
    main_job, tests = (block.text for block in blocks_of(README, "sh"))
    assert "pip install . && .venv/bin/noob run sample_tubes/" in main_job
    assert tests.endswith("pip install -e '.[test]' && .venv/bin/python -m pytest\n")


def test_the_links_lead_somewhere() -> None:
    links = re.findall(r"\]\(([^)#:]+)\)", README)
    assert links
    assert [link for link in links if not (ROOT / link).exists()] == []


def test_an_input_that_is_neither_required_nor_given_is_none(shell: Shell, tmp_path: Path) -> None:
    (tmp_path / "silent.yaml").write_text(
        "input: {text: {type: str, required: false}}\n"
        "nodes: {show: {type: repr, depends: input.text}, return: {type: return, depends: show.value}}\n"
    )
    assert shell("noob run silent.yaml -n 1").stdout == '"None"\n'


def test_a_run_ends_with_its_records_though_none_is_required(shell: Shell) -> None:
    done = shell("printf '{}\n{}\n' | noob run sample_tubes/squares.yaml -f -")
    assert done.stdout == '{"number":0,"square":0}\n{"number":1,"square":1}\n'


def test_a_slot_given_by_position_is_required(shell: Shell, tmp_path: Path) -> None:
    (tmp_path / "silent.py").write_text(
        "from noob_cli import NoEvent\n\n"
        "def nothing():\n    return NoEvent\n\n"
        "def show(text=None):\n    return repr(text)\n"
    )
    nodes = "nodes: {{nothing: {{type: silent.nothing}}, show: {{type: silent.show, depends: [{}]}}, {}}}\n"
    returned = "return: {type: return, depends: show.value}"
    (tmp_path / "position.yaml").write_text(nodes.format("nothing.value", returned))
    (tmp_path / "name.yaml").write_text(nodes.format("{text: nothing.value}", returned))
    assert shell("noob run position.yaml --epochs 2").stdout == ""
    assert shell("noob run name.yaml --epochs 2").stdout == '"None"\n"None"\n'


def _without_comments(text: str) -> list[str]:
    return [line for line in text.splitlines() if not line.startswith("#")]
