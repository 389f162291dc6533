"""`noob rules` and `noob explain`: what can be wrong with a tube, listed and explained."""

from __future__ import annotations

import pytest

from noob_cli.check.catalogue import RULES


def test_rules_are_one_line_each_in_a_pipe(noob):
    done = noob("rules")

    assert (done.code, done.err) == (0, "")
    for rule in RULES.values():
        (line,) = [line for line in done.out.splitlines() if f" {rule.code} " in line]
        for part in (rule.name, rule.severity.value, rule.summary):
            assert part in line


def test_an_explanation(noob):
    done = noob("explain", "G002")

    assert (done.code, done.err) == (0, "")
    assert done.out.startswith("G002 unknown-signal (error, graph and slots)\n\n")
    parts = ("Wrong:", "depends: parts.value}", "tube.yaml:4:30: error[G002]", "^^^^^^^^^^^", "Right:", "parts.rest")
    places = [done.out.index(part) for part in parts]
    assert places == sorted(places)


@pytest.mark.parametrize("name", ["g002", "unknown-signal", "UNKNOWN-SIGNAL"])
def test_a_rule_by_its_name_or_in_small_letters(noob, name):
    assert noob("explain", name).out == noob("explain", "G002").out


def test_what_it_says_is_what_validate_says(noob, write):
    rule = RULES["G012"]
    write("tube.yaml", rule.bad.tube)

    explained, validated = noob("explain", "G012"), noob("validate", "tube.yaml")

    *said, summary = validated.err.splitlines()
    assert summary == "1 tube, 1 error"
    assert "\n".join(f"    {line}" for line in said) in explained.out


def test_the_folder_does_not_matter_and_stays_as_it_is(noob, folder, write):
    write("tube.yaml", "nodes: [\n")
    before = sorted(folder.rglob("*"))

    done = noob("explain", "A001")

    assert (done.code, done.err) == (0, "")
    assert "error[A001]" in done.out
    assert sorted(folder.rglob("*")) == before


@pytest.mark.parametrize(
    ("code", "parts"),
    [
        ("G999", ["'G999'", "'G001'", "'G008' and 14 more", "noob rules"]),
        ("K01", ["did you mean 'K001'?"]),
        ("unknown-signl", ["did you mean 'unknown-signal'?"]),
        ("Z1", ["'not-yaml'", "noob rules"]),
        ("", ["''"]),
        ("\x1b[31m", []),
    ],
)
def test_an_unknown_code(noob, code, parts):
    done = noob("explain", code)

    assert (done.code, done.stdout) == (2, b"")
    for part in parts:
        assert part in done.err
    assert "\x1b" not in done.err
