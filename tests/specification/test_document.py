"""A tube file as plain data, with the place of every key and value."""

from __future__ import annotations

import gc
from pathlib import Path
from textwrap import dedent

import pytest
from ruamel.yaml.nodes import ScalarNode

from noob_cli import TubeError
from noob_cli.specification import composing
from noob_cli.specification.document import open_document, read_document
from noob_cli.specification.file import MOST_BYTES

FILE = Path("tube.yaml")

TUBE = dedent("""\
    noob_id: sunspots   # a comment
    input:
      first: {type: int, default: 1}
    nodes:
      source:
        type: itertools.count
        params:
          start: 1
          "step": [1, 2]

      double:
        type: operator.mul
        depends:
          - source.value
          - right: input.first
          - {2: a.b}
    """)


def place(span):
    return (span.line, span.column)


def problem(text):
    """What is wrong with a text that can't be read."""
    with pytest.raises(TubeError) as raised:
        read_document(text, FILE)
    (diagnostic,) = raised.value.diagnostics
    assert diagnostic.is_error
    assert diagnostic.span.file == FILE
    return diagnostic


KEYS = {
    ("noob_id",): (1, 1),
    ("input",): (2, 1),
    ("input", "first"): (3, 3),
    ("input", "first", "type"): (3, 11),
    ("input", "first", "default"): (3, 22),
    ("nodes",): (4, 1),
    ("nodes", "source"): (5, 3),
    ("nodes", "source", "params", "start"): (8, 7),
    ("nodes", "source", "params", "step"): (9, 7),
    ("nodes", "double"): (11, 3),
    ("nodes", "double", "depends"): (13, 5),
    ("nodes", "double", "depends", 1, "right"): (15, 9),
    ("nodes", "double", "depends", 2, 2): (16, 10),
}

VALUES = {
    (): (1, 1),
    ("noob_id",): (1, 10),
    ("input",): (3, 3),
    ("input", "first"): (3, 10),
    ("input", "first", "type"): (3, 17),
    ("input", "first", "default"): (3, 31),
    ("nodes", "source"): (6, 5),
    ("nodes", "source", "type"): (6, 11),
    ("nodes", "source", "params", "step"): (9, 15),
    ("nodes", "source", "params", "step", 0): (9, 16),
    ("nodes", "source", "params", "step", 1): (9, 19),
    ("nodes", "double", "depends", 0): (14, 9),
    ("nodes", "double", "depends", 1): (15, 9),
    ("nodes", "double", "depends", 1, "right"): (15, 16),
    ("nodes", "double", "depends", 2): (16, 9),
    ("nodes", "double", "depends", 2, 2): (16, 13),
}


@pytest.mark.parametrize("ends", ["\n", "\r\n"], ids=["LF", "CRLF"])
@pytest.mark.parametrize("bom", ["", "\ufeff"], ids=["plain", "BOM"])
@pytest.mark.parametrize("kind", [str, bytes])
def test_the_place_of_every_key_and_value(kind, bom, ends):
    text = bom + TUBE.replace("\n", ends)
    document = read_document(text if kind is str else text.encode(), FILE)
    assert {path: place(document.key_span(path)) for path in KEYS} == KEYS
    assert {path: place(document.value_span(path)) for path in VALUES} == VALUES
    assert document.data == read_document(TUBE).data


def test_the_data():
    assert read_document(TUBE).data == {
        "noob_id": "sunspots",
        "input": {"first": {"type": "int", "default": 1}},
        "nodes": {
            "source": {"type": "itertools.count", "params": {"start": 1, "step": [1, 2]}},
            "double": {"type": "operator.mul", "depends": ["source.value", {"right": "input.first"}, {2: "a.b"}]},
        },
    }


def test_where_a_value_ends():
    span = read_document(TUBE, FILE).value_span(("nodes", "source", "type"))
    assert (span.end_line, span.end_column) == (6, 11 + len("itertools.count"))
    assert str(span) == "tube.yaml:6:11"


def test_a_path_that_does_not_exist_ends_where_it_is_left():
    document = read_document(TUBE, FILE)
    assert place(document.key_span(("nodes", "source", "nothing"))) == (5, 3)
    assert place(document.value_span(("nodes", "double", "depends", 9))) == (14, 7)


def test_a_column_counts_characters_and_not_bytes():
    document = read_document("nodés: {größe: {type: f}}".encode(), FILE)
    assert place(document.value_span(("nodés", "größe", "type"))) == (1, 23)


@pytest.mark.parametrize("text", ["", "# only a comment\n", "---\n", "\ufeff"])
def test_nothing(text):
    assert read_document(text).data is None
    assert read_document(text.encode()).data is None


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a: yes", "yes"),
        ("a: no", "no"),
        ("a: on", "on"),
        ("a: true", True),
        ("a: 12", 12),
        ("a: 0x10", 16),
        ("a: 0o17", 15),
        ("a: 1.5e3", 1500.0),
        ("a: null", None),
        ("a: ~", None),
        ("a:", None),
        ("a: 'true'", "true"),
        ("a: 12:30", "12:30"),
        ("a: |\n  two\n  lines\n", "two\nlines\n"),
        ("a: >\n  one\n  line\n", "one line\n"),
        ("a: x # not this", "x"),
        ("a: 'it''s'", "it's"),
        ("a: =", "="),
        ("a: <<", "<<"),
        ('a: "\\ud83d\\udc1f"', "\U0001f41f"),
    ],
)
def test_yaml_1_2(text, expected):
    assert read_document(text).data == {"a": expected}


@pytest.mark.parametrize("name", ["on", "off", "yes", "no", "y", "n"])
def test_words_that_older_yaml_took_for_truths_are_names(name):
    assert read_document(f"{name}: 1").data == {name: 1}


# --- merge keys and aliases -------------------------------------------------------------------


MERGED = dedent("""\
    base: &base
      type: f
      params: {a: 1}
    more: &more {stateful: true, type: h}
    nodes:
      x:
        <<: *base
        params: {b: 2}
      y:
        <<: [*base, *more]
      z: *base
      w:
        type: g
        <<: *base
    """)


def test_merge_keys():
    nodes = read_document(MERGED).data["nodes"]
    assert nodes["x"] == {"type": "f", "params": {"b": 2}}
    assert nodes["y"] == {"type": "f", "params": {"a": 1}, "stateful": True}
    assert nodes["w"] == {"type": "g", "params": {"a": 1}}


def test_places_of_what_a_merge_key_brings_in():
    document = read_document(MERGED, FILE)
    assert place(document.value_span(("nodes", "x", "type"))) == (2, 9)
    assert place(document.value_span(("nodes", "x", "params", "b"))) == (8, 17)
    assert place(document.value_span(("nodes", "y", "stateful"))) == (4, 24)
    assert place(document.value_span(("nodes", "y", "type"))) == (2, 9)
    assert place(document.value_span(("nodes", "w", "type"))) == (13, 11)


def test_places_of_aliases():
    document = read_document(MERGED, FILE)
    assert document.data["nodes"]["z"] == {"type": "f", "params": {"a": 1}}
    assert place(document.value_span(("nodes", "z", "type"))) == (2, 9)
    assert place(document.key_span(("nodes", "z"))) == (11, 3)


def test_what_an_alias_stands_for_is_not_shared():
    data = read_document("a: &a [1]\nb: *a").data
    assert data == {"a": [1], "b": [1]}
    data["a"].append(2)
    assert data["b"] == [1]


@pytest.mark.parametrize("text", ["x: {<<: 3}", "x: {<<: [1]}", "x: {<<: [{a: 1}, 2]}"])
def test_merge_keys_of_what_is_no_mapping(text):
    diagnostic = problem(text)
    assert diagnostic.code == "Y001"
    assert "<<" in diagnostic.message
    assert place(diagnostic.span) == (1, 9)


@pytest.mark.parametrize("text", ["a: &a [*a]", "a: &a {b: *a}", "a: &a\n  b: [*a]", "a: &a {<<: *a}"])
def test_an_alias_inside_of_what_it_refers_to(text):
    assert problem(text).code == "Y001"


LAUGHS = [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]" for n in range(1, 30)]


@pytest.mark.parametrize(
    "lines",
    [
        ["a0: &a0 [x, x, x, x, x, x, x, x, x, x]", *LAUGHS],
        ["a0: &a0 {x: 1}", *(f"a{n}: &a{n} {{<<: [*a{n - 1}, *a{n - 1}]}}" for n in range(1, 1000))],
    ],
    ids=["lists", "merge keys"],
)
def test_aliases_that_explode(lines):
    diagnostic = problem("\n".join(lines))
    assert diagnostic.code == "Y007"
    assert "aliases add more than 200,000" in diagnostic.message
    assert diagnostic.span.line < 20


def test_a_large_file_may_have_aliases(monkeypatch):
    """What counts is what the aliases add."""
    monkeypatch.setattr(composing, "MOST_FROM_ALIASES", 10)
    values = ", ".join(["1"] * 100)
    assert len(read_document(f"a: &a [1, 2]\nb: [*a, *a, *a]\nc: [{values}]").data["c"]) == 100
    assert "aliases" in problem(f"a: &a [1, 2]\nb: [*a, *a, *a, *a]\nc: [{values}]").message


def test_an_anchor_may_be_used_again():
    assert read_document("a: &x 1\nb: *x\nc: &x 2\nd: *x").data == {"a": 1, "b": 1, "c": 2, "d": 2}


def test_many_aliases_are_fine():
    text = "a: &a {b: 1}\nc: [" + ", ".join(["*a"] * 1000) + "]"
    assert read_document(text).data["c"] == [{"b": 1}] * 1000


def test_an_alias_that_does_not_exist():
    diagnostic = problem("a: 1\nb: *nothing")
    assert (diagnostic.code, place(diagnostic.span)) == ("Y001", (2, 4))
    assert "nothing" in diagnostic.message


# --- duplicate keys ---------------------------------------------------------------------------


def test_a_duplicate_key_shows_both_places():
    document = read_document("nodes:\n  a: {type: f}\n  b: {type: g}\n  a: {type: h}\n", FILE)
    (diagnostic,) = document.problems
    assert diagnostic.code == "Y002"
    assert diagnostic.is_error
    assert diagnostic.path == ("nodes", "a")
    assert "'a'" in diagnostic.message
    assert place(diagnostic.span) == (4, 3)
    (related,) = diagnostic.related
    assert place(related.span) == (2, 3)


def test_every_duplicate_is_shown():
    document = read_document("{a: 1, a: 2, a: 3, b: {c: 1, c: 2}}", FILE)
    assert [(place(each.span), place(each.related[0].span)) for each in document.problems] == [
        ((1, 8), (1, 2)),
        ((1, 14), (1, 2)),
        ((1, 30), (1, 24)),
    ]


def test_keys_that_look_alike_are_no_duplicates():
    assert read_document("{1: a, '1': b}").problems == []


def test_a_key_in_quotes_is_the_same_key():
    assert len(read_document("{a: 1, 'a': 2}", FILE).problems) == 1


def test_a_key_beside_a_merge_key_is_no_duplicate():
    assert read_document(MERGED).problems == []


# --- what is not YAML -------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "line", "column"),
    [
        ("a: [1, 2", 1, 9),
        ("a: 1\nb: }", 2, 4),
        ("a: 1\n b: 2", 2, 3),
        ("a:\n\t- b", 2, 1),
        ("a: 'x", 1, 6),
        ("a: b: c", 1, 5),
        ("- a\nb: c", 2, 1),
    ],
)
def test_what_is_not_yaml_has_a_place(text, line, column):
    diagnostic = problem(text)
    assert diagnostic.code == "Y001"
    assert place(diagnostic.span) == (line, column)
    assert "\n" not in diagnostic.message


def test_an_escape_of_what_is_no_character_has_a_place():
    diagnostic = problem('a: 1\nb: "\\U00110000"')
    assert (diagnostic.code, place(diagnostic.span)) == ("Y001", (2, 7))


def test_a_value_that_can_not_be_read_is_shown_in_short():
    assert len(problem("a: " + "9" * 10_000).message) < 300


def test_what_is_not_utf_8():
    diagnostic = problem("a: 1\nb: größe".encode("latin-1"))
    assert diagnostic.code == "Y001"
    assert place(diagnostic.span) == (2, 6)
    assert "UTF-8" in diagnostic.message
    assert "0xf6" in diagnostic.message


def test_utf_16_is_not_utf_8():
    assert "UTF-8" in problem("a: 1".encode("utf-16")).message


def test_a_character_that_can_not_stand_in_yaml():
    diagnostic = problem("a: 1\nb: x\x07y")
    assert (diagnostic.code, place(diagnostic.span)) == ("Y001", (2, 5))


def test_a_null_byte():
    assert problem(b"a: 1\nb: \x00").code == "Y001"


def test_several_documents():
    diagnostic = problem("a: 1\n---\nb: 2\n")
    assert diagnostic.code == "Y001"
    assert place(diagnostic.span) == (2, 1)


def test_one_document_with_its_marks_is_fine():
    assert read_document("%YAML 1.2\n---\na: 1\n...\n").data == {"a": 1}


@pytest.mark.parametrize("text", ["a: !!python/object:os.system x", "a: !mine x", "!!python/name:os.system x"])
def test_tags_run_no_code(text):
    assert problem(text).code == "Y001"


@pytest.mark.parametrize("text", ["? [a, b]\n: 1", "? {a: 1}\n: 1", "{[a]: 1}"])
def test_a_key_is_a_scalar(text):
    diagnostic = problem(text)
    assert diagnostic.code == "Y001"
    assert "key" in diagnostic.message


@pytest.mark.parametrize(
    ("text", "line", "column"),
    [
        ("a: " + "[" * 5000, 1, 103),
        ("a: " + "{b: " * 5000, 1, 397),
        ("- " * 5000 + "a", 1, 201),
        ("\n".join(" " * depth + "a:" for depth in range(500)), 100, 100),
    ],
    ids=["lists in flow", "mappings in flow", "lists", "mappings"],
)
def test_what_is_nested_too_deeply_is_read_no_further(text, line, column):
    diagnostic = problem(text)
    assert (diagnostic.code, place(diagnostic.span)) == ("Y007", (line, column))
    assert "more than 100 deep" in diagnostic.message


def test_what_is_nested_deeply_is_fine():
    data = read_document("[" * 99 + "1" + "]" * 99).data
    for _ in range(99):
        (data,) = data
    assert data == 1


@pytest.mark.parametrize("size", [MOST_BYTES + 1, 50_000_000])
def test_a_file_that_is_too_large_is_not_read(tmp_path, size):
    file = tmp_path / "tube.yaml"
    with file.open("wb") as large:
        large.truncate(size)
    with pytest.raises(TubeError) as raised:
        open_document(file)
    (diagnostic,) = raised.value.diagnostics
    assert (diagnostic.code, place(diagnostic.span)) == ("Y007", (1, 1))
    assert "10,000,000 bytes" in diagnostic.message


def test_too_many_values(monkeypatch):
    monkeypatch.setattr(composing, "MOST_VALUES", 6)
    assert read_document("a: [1, 2, 3]").data == {"a": [1, 2, 3]}
    diagnostic = problem("a: [1, 2,\n 3, 4]")
    assert (diagnostic.code, place(diagnostic.span)) == ("Y007", (2, 5))
    assert "at most 6" in diagnostic.message


@pytest.mark.parametrize(
    "text", ["a: 2024-13-45", "a: !!int x", "a: !!timestamp x", "a: !!float y", "a: !!bool maybe", 'a: "\\ud83d"']
)
def test_values_that_can_not_be_read(text):
    diagnostic = problem(text)
    assert diagnostic.code == "Y001"
    assert place(diagnostic.span)[0] == 1


@pytest.mark.parametrize("text", ["just text", "- a\n- list", "3"])
def test_what_is_no_mapping_can_be_read_all_the_same(text):
    """That a tube is a mapping is said by another rule."""
    assert not isinstance(read_document(text).data, dict)


def test_the_place_of_a_key_that_json_writes_as_two_escapes():
    document = read_document('a: 1\n"\\ud83d\\udc1f": {b: 2}', FILE)
    assert place(document.value_span(("\U0001f41f", "b"))) == (2, 21)


def test_without_a_file_places_are_known_all_the_same():
    assert place(read_document(TUBE).value_span(("noob_id",))) == (1, 10)


def test_a_tab_has_a_hint():
    assert problem("nodes:\n\tn: {type: len}").hint == "indent with spaces: YAML takes no tabs there"


@pytest.mark.slow
def test_what_is_read_goes_when_it_is_let_go_of():
    """Looking for garbage among all that a large tube is made of would hold up an editor."""

    def nodes() -> int:
        return sum(isinstance(each, ScalarNode) for each in gc.get_objects())

    gc.collect()
    # What there was before is not looked through.
    gc.freeze()
    gc.disable()
    try:
        before = nodes()
        document = read_document("nodes:\n  a: {type: abs, params: {0: 3, 1: 4.5}}\n")
        assert nodes() > before
        del document
        assert nodes() == before
    finally:
        gc.enable()
