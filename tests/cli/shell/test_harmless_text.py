"""What comes from files, data and user code steers no terminal, and forges no line."""

from __future__ import annotations

import re

import pytest

from noob_cli.printable import one_line, printable

STEERING = "\x1b[31m\x9b31m\x00\x07\x08\r\x0b\x85\u2028\u2029\u202e\u2066\x7f"
FORGED = "\nerror: forged\n"

_RAW = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]")


def assert_harmless(text: str) -> None:
    assert not _RAW.search(text), ascii(text)
    assert "error: forged" not in text.splitlines()


def test_each_letter_that_steers_is_shown_as_its_escape():
    assert printable("a\x1b[1m\x9b\x00\u202e\r\n\tb") == "a\\x1b[1m\\x9b\\x00\\u202e\\r\n\tb"
    assert one_line("a\nb\r\n") == "a\\nb\\r\\n"


@pytest.mark.parametrize("text", ["Grüße, 日本\u3000語", "a\xa0b", "\u200d", "\udcff", "👩\u200d🔬"])
def test_other_letters_stay(text):
    assert printable(text) == text


STEPS = f"""
class Odd:
    def __repr__(self):
        return {STEERING + FORGED!r}

class Error(Exception):
    pass

def odd(value):
    return Odd()

def fail(value):
    error = Error({STEERING + FORGED!r})
    error.add_note({"note" + STEERING + FORGED!r})
    raise error
"""


def quoted(text: str) -> str:
    """A text as YAML has it in double quotes."""
    escapes = "".join(f"\\U{ord(each):08x}" if not each.isascii() or not each.isprintable() else each for each in text)
    return f'"{escapes}"'


def test_in_a_run(noob, write, folder):
    write("odd.py", STEPS)
    write(
        "odd.yaml",
        """
        nodes:
          n: {type: itertools.count}
          o: {type: odd.odd, depends: [n.value]}
          x: {type: odd.fail, depends: [o.value]}
        """,
    )

    done = noob("run", "odd.yaml", "-n", "1", "-vv", "--stats", "--log-file", "log.txt")

    assert done.code == 1
    assert "Error: \\x1b[31m\\x9b31m\\x00" in done.err
    assert_harmless(done.err.replace("\n\x1b", ""))
    log = (folder / "log.txt").read_text()
    assert_harmless(log)
    assert all(re.match(r"\d{4}-\d\d-\d\dT[\d:.+-]+ (info|debug|warning|error): ", line) for line in log.splitlines())


def test_keys_of_records(noob, write):
    write(
        "keys.yaml",
        "input: {v: {type: int, scope: process}}\nnodes: {x: {type: str, depends: [input.v]}}\n",
    )

    done = noob("run", "keys.yaml", stdin='{"v": 1, "a\\nerror: forged\\n\\u001b[31m": 2}\n{"w\\u009b": 1}\n')

    assert done.code == 2
    assert_harmless(done.err)


def test_names_and_texts_of_a_tube_and_paths(noob, write):
    name = "o\x1b[31m\nerror: forged\n\u202e.yaml"
    text = quoted(STEERING + FORGED)
    write(
        name,
        f"""
        description: {text}
        {text}: 1
        noob_id: {text}
        input: {{{text}: {{type: {text}}}}}
        nodes:
          {text}: {{type: {text}, depends: [{text}]}}
          x: {{type: itertools.count, {text}: {text}, params: {{{text}: {text}}}, description: {text}}}
        """,
    )

    for command in (("run",), ("validate",), ("graph",), ("compile",), ("assets", "list")):
        done = noob(*command, name)
        assert done.code == 2
        assert done.err
        assert_harmless(done.err)
        assert_harmless(done.out)
    done = noob("validate", "--format", "github", name)
    assert_harmless(done.out)


def test_what_is_printed_of_a_tube(noob, write):
    name = "o\x1b[31m\nerror: forged\n\u202e.yaml"
    text = quoted(STEERING + FORGED)
    write(
        name,
        f"""
        description: {text}
        assets:
          a: {{type: dict, scope: runner, params: {{k: {text}}}, description: {text}}}
        nodes:
          n: {{type: itertools.count, description: {text}}}
          x: {{type: str, depends: [n.value], params: {{encoding: {text}}}}}
          y: {{type: len, depends: [assets.a]}}
        """,
    )

    for command in (
        ("validate",),
        ("graph",),
        ("assets", "list"),
        *(("graph", "--format", f) for f in ("dot", "mermaid")),
    ):
        done = noob(*command, name)
        assert done.code == 0, done.err
        assert_harmless(done.out)
        assert_harmless(done.err)
    done = noob("compile", name)
    assert_harmless(done.err)
    assert_harmless(done.out)


def test_the_path_of_a_tube_takes_one_line_of_the_table(noob, write):
    name = "two\nlines.yaml"
    write(name, "assets: {a: {type: dict, scope: runner}}\nnodes: {n: {type: len, depends: assets.a}}")

    assert "two\\nlines.yaml" in noob("assets", "list", name).out
