"""The catalogue of rules: it has every code that is used, and its examples show what they say."""

from __future__ import annotations

import re
import sys
from pathlib import Path

import pytest

import noob_cli
from noob_cli.check.catalogue import FAMILIES, RULES, SUBJECTS
from noob_cli.check.catalogue.rule import Example
from noob_cli.cli.report.checking import check_tubes
from noob_cli.cli.report.explaining import explanation_of, validated, written
from noob_cli.diagnostics import Diagnostic

ROOT = Path(noob_cli.__file__).parent
CATALOGUE = ROOT / "check" / "catalogue"


@pytest.fixture(autouse=True)
def _nothing_found_elsewhere(monkeypatch):
    monkeypatch.delenv("NOOB_PATH", raising=False)


def used_codes() -> set[str]:
    code = re.compile(rf'"([{"".join(FAMILIES)}]\d{{3}})"')
    sources = [path for path in ROOT.rglob("*.py") if CATALOGUE not in path.parents]
    return {found for path in sources for found in code.findall(path.read_text(encoding="utf-8"))}


def diagnostics_of(example: Example) -> list[Diagnostic]:
    with written(example):
        return [found for each in check_tubes([example.asked], strict=False) for found in each.diagnostics]


def test_every_code_that_is_used_is_in_the_catalogue_and_the_other_way_around():
    assert used_codes() == set(RULES)


@pytest.mark.parametrize("subject", SUBJECTS)
def test_a_page_documents_what_the_module_of_its_name_finds(subject):
    globs = ["specification/*.py"] if subject == "files" else [f"check/{subject}.py", f"loading/{subject}.py"]
    text = "".join(path.read_text(encoding="utf-8") for pattern in globs for path in ROOT.glob(pattern))
    assert [rule.code for rule in SUBJECTS[subject] if f'"{rule.code}"' not in text] == []


@pytest.mark.parametrize("subject", SUBJECTS)
def test_each_section_of_a_page_is_a_rule(subject):
    text = (CATALOGUE / f"{subject}.md").read_text(encoding="utf-8")
    headings = re.findall(r"^## (\w+)", text, re.MULTILINE)
    assert headings == [rule.code for rule in SUBJECTS[subject]] != []
    examples = [example for rule in SUBJECTS[subject] for example in (rule.bad, rule.good)]
    assert len(re.findall(r"^```\w", text, re.MULTILINE)) == sum(len(example.all_files) for example in examples)


def test_the_families_come_in_their_order():
    assert list(RULES) == sorted(RULES, key=lambda code: (list(FAMILIES).index(code[0]), code))


def test_no_two_rules_have_one_code():
    codes = [rule.code for rules in SUBJECTS.values() for rule in rules]
    assert sorted(codes) == sorted(RULES)


def test_codes_and_names():
    assert all(code == rule.code and code[0] in FAMILIES for code, rule in RULES.items())
    assert all(re.fullmatch(r"[a-z]+(-[a-z]+)*", rule.name) for rule in RULES.values())
    assert len({rule.name for rule in RULES.values()}) == len(RULES)


@pytest.mark.parametrize("rule", RULES.values(), ids=RULES)
def test_a_summary_is_one_sentence_and_the_reason_another(rule):
    assert rule.summary.endswith(".")
    assert "\n" not in rule.summary
    assert rule.why.endswith((".", "?"))
    assert rule.why != rule.summary


@pytest.mark.parametrize("rule", RULES.values(), ids=RULES)
def test_the_bad_example_breaks_this_rule_and_no_other(rule):
    assert [(each.code, each.severity) for each in diagnostics_of(rule.bad)] == [(rule.code, rule.severity)]


@pytest.mark.parametrize("rule", RULES.values(), ids=RULES)
def test_the_good_example_breaks_none(rule):
    assert diagnostics_of(rule.good) == []


@pytest.mark.parametrize("rule", RULES.values(), ids=RULES)
def test_an_explanation_has_the_output_and_no_temporary_folder(rule, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)

    output = validated(rule.bad)
    explanation = explanation_of(rule)

    assert f"{rule.severity}[{rule.code}]: " in output
    assert re.search(r"^  +\| +\^+$", output, re.MULTILINE)
    assert "/tmp" not in explanation.replace(sys.executable, "")
    assert all(line in explanation for line in output.splitlines())
    assert all(line in explanation for line in (rule.bad.tube + rule.good.tube).splitlines())
    assert Path.cwd() == tmp_path
    assert list(tmp_path.iterdir()) == []
