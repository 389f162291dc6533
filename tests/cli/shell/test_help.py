"""`--help`, in terminals of several widths."""

from __future__ import annotations

import re

import pytest
from rich.cells import cell_len

from tests.cli.conftest import GROUP

COMMANDS = [(), *((name,) for name in GROUP.list_commands(None)), ("assets", "list")]


def command_of(words):
    command = GROUP
    for word in words:
        command = command.get_command(None, word)
    return command


@pytest.mark.parametrize("words", COMMANDS, ids=" ".join)
@pytest.mark.parametrize("columns", [40, 80, 120])
def test_no_name_is_cut_and_no_line_is_too_long(help_of, words, columns):
    text = help_of(words, columns)
    assert max(map(cell_len, text.splitlines())) <= columns
    for parameter in command_of(words).params:
        for name in (*parameter.opts, *parameter.secondary_opts) if parameter.param_type_name == "option" else ():
            assert re.search(rf"(?<![\w-]){name}(?![\w-])", text), name


def test_options_stand_in_groups(help_of):
    panels = re.findall(r"╭─ (.*?) ─", help_of(("run",), 80))
    assert panels[0] == "Arguments"
    assert panels[-1] == "Options"
    assert {"Results", "Inputs and records", "What fails"} <= set(panels)


def test_all_that_is_told_of_an_option_is_there(help_of):
    text = " ".join(re.sub("[│╭╮╰╯─]", " ", help_of(("run",), 80)).split())
    assert "[HOST:]PORT" in text
    assert "How the records are written: auto, jsonl, json, csv, lines or parquet. [default: auto]" in text
    assert "--progress / --no-progress" in text


def test_a_command_is_told_of_in_a_sentence(help_of):
    text = help_of((), 80)
    assert "graph     Show the graph of a tube. " in text
    assert "validate  Check tubes without running them, and say what is wrong with each. " in text
