"""How one begins is as the README says."""

from __future__ import annotations

from .conftest import Shell
from .markdown import README, ROOT, blocks_of, files_of

TEXT = README.read_text(encoding="utf-8")


def test_the_first_command_prints_what_the_readme_says(shell: Shell) -> None:
    setup = blocks_of(TEXT, "sh")[0].text
    main_job = setup.split("&&")[-1].strip().removeprefix(".venv/bin/")
    assert shell(main_job).stdout == blocks_of(TEXT, "text")[0].text


def test_the_first_tube_is_a_sample() -> None:
    _, text = next(files_of(TEXT))
    sample = (ROOT / "sample_tubes" / "squares.yaml").read_text(encoding="utf-8")
    assert _without_comments(text) == _without_comments(sample)
    assert len(_without_comments(text)) == 10


def test_the_setup_commands_name_what_is_there() -> None:
    main_job, tests = (block.text for block in blocks_of(TEXT, "sh"))
    assert "pip install . && .venv/bin/noob run sample_tubes/" in main_job
    assert tests.endswith("pip install -e '.[test]' && .venv/bin/python -m pytest -n auto\n")


def test_it_is_short() -> None:
    assert len(README.read_bytes()) <= 12_000


def _without_comments(text: str) -> list[str]:
    return [line for line in text.splitlines() if not line.startswith("#")]
