import io
import json
import os
import threading
import time
from contextlib import suppress
from itertools import islice

import pytest

from noob_cli.errors import InputError
from noob_cli.records.faults import RecordError
from noob_cli.records.format import RecordFormat
from noob_cli.records.reader import RecordReader
from noob_cli.records.records import Expected
from tests.patience import PATIENCE

auto, jsonl, json_, csv, lines, _ = RecordFormat


def reader(text, record_format=auto, name="<stdin>", **options):
    if isinstance(text, str):
        text = text.encode()
    return RecordReader(io.BytesIO(text), name, record_format, Expected(**options))


def read(text, record_format=auto, name="<stdin>", *, on_bad=None, **options):
    """The records; with `on_bad`, which gets the errors, those behind bad ones too."""
    records, found = reader(text, record_format, name, **options), []
    while True:
        try:
            for record in records:
                found.append(record)
            return found
        except RecordError as error:
            if on_bad is None or error.position.number is None:
                raise
            on_bad(error)


def places(records):
    """What was read, with its number and line; errors as such."""
    found = []
    while True:
        try:
            for record in records:
                found.append((record, records.number, records.line))
            return found
        except RecordError as error:
            found.append(("error", error.position.number, error.position.line))


# JSON lines


def test_json_lines():
    assert places(reader('{"a": 1}\n{"a": "ü"}', jsonl)) == [({"a": 1}, 1, 1), ({"a": "ü"}, 2, 2)]


def test_blank_lines_count_as_lines_only():
    text = '\n{"a": 1}\r\n \t\r\n\n{"a": 2}\n\n'
    assert places(reader(text, jsonl)) == [({"a": 1}, 1, 2), ({"a": 2}, 2, 5)]


def test_byte_order_mark():
    for name in ("<stdin>", "x.jsonl", "x.json"):
        assert read(b'\xef\xbb\xbf{"a": 1}\r\n', name=name) == [{"a": 1}]
    assert read(b"\xef\xbb\xbfa\r\n1\r\n") == [{"a": "1"}]
    assert read(b"\xef\xbb\xbfa\r\n", lines, line_input="x") == [{"x": "a"}]


@pytest.mark.parametrize("record_format", list(RecordFormat))
@pytest.mark.parametrize("text", ["", "\ufeff"])
def test_nothing_is_no_records(text, record_format):
    assert read(text, record_format, line_input="x") == []


@pytest.mark.parametrize("record_format", [auto, jsonl, json_, csv])
def test_blanks_are_no_records(record_format):
    assert read(" \n\r\n ", record_format) == []


def test_reading_goes_on_after_a_bad_record():
    text = '{"a": 1}\nnope\n\n[1]\n{"a": 2}\n3\n'
    assert places(reader(text, jsonl)) == [
        ({"a": 1}, 1, 1),
        ("error", 2, 2),
        ("error", 3, 4),
        ({"a": 2}, 4, 5),
        ("error", 5, 6),
    ]


def test_bad_records_can_be_handed_over():
    bad = []
    assert read('x\n{"a": 1}\n1\n', jsonl, on_bad=bad.append) == [{"a": 1}]
    assert [(error.position.number, error.position.line) for error in bad] == [(1, 1), (3, 3)]


def test_iteration_goes_on_where_it_stopped():
    records = reader('{"a": 1}\n{"a": 2}\n{"a": 3}\n', jsonl)
    assert list(islice(records, 1)) == [{"a": 1}]
    assert records.number == 1
    assert list(records) == [{"a": 2}, {"a": 3}]
    assert list(records) == []


@pytest.mark.parametrize(
    ("line", "parts"),
    [
        ('{"a": nope}', ["column 8", "expected ident", '{"a": nope}']),
        ('{"a": 1', ["EOF while parsing", "column 7"]),
        ('{"a": 1} {"a": 2}', ["trailing characters", "column 10"]),
        ("[1, 2]", ["an array: [1, 2]", '{"value": 1}']),
        ("null", ["null: null"]),
        ("true", ["a boolean: true"]),
        ('"x"', ["a string"]),
        ("1.5", ["a number: 1.5"]),
        ('{"a": "' + "x" * 1000 + '"', ["xxx…"]),
    ],
)
def test_what_is_wrong_with_a_line(line, parts):
    with pytest.raises(RecordError) as caught:
        read('{"a": 1}\n' + line + "\n", jsonl, name="in.jsonl")
    message = str(caught.value)
    assert message.startswith("in.jsonl, record 2 (line 2")
    assert "Expected one JSON object per line" in message
    assert len(message) < 400
    for part in parts:
        assert part in message


def test_hints_at_other_formats():
    with pytest.raises(RecordError, match="--input-format lines"):
        read("3\n", jsonl, line_input="x")
    with pytest.raises(RecordError, match="--input-format json"):
        read("[\n{}]\n", jsonl)


@pytest.mark.parametrize(
    ("record_format", "before", "after"),
    [(jsonl, b'{"a": 1}\n', b'{"a": 2}\n'), (csv, b"a\n1\n", b"2\n"), (lines, b"1\n", b"2\n")],
)
def test_invalid_utf8_is_a_bad_record(record_format, before, after):
    bad = []
    text = before + b'{"a": "\xff"}\n' + after
    found = read(text, record_format, line_input="a", on_bad=bad.append)
    assert [str(record["a"]) for record in found] == ["1", "2"]
    (error,) = bad
    line = before.count(b"\n") + 1
    assert (error.position.number, error.position.line) == (2, line)
    assert f"found byte 0xff at byte 8 of line {line}" in str(error)


def test_utf16_is_named():
    with pytest.raises(RecordError, match="UTF-16"):
        read('{"a": 1}\n'.encode("utf-16"), jsonl)
    with pytest.raises(RecordError, match="UTF-16"):
        read("a,b\n1,2\n".encode("utf-16"))


# Plain lines


def test_plain_lines():
    text = "a b\r\n\n  c\u2028d\x0b\nlast"
    assert places(reader(text, lines, line_input="x")) == [
        ({"x": "a b"}, 1, 1),
        ({"x": ""}, 2, 2),
        ({"x": "  c\u2028d\x0b"}, 3, 3),
        ({"x": "last"}, 4, 4),
    ]


def test_plain_lines_need_an_input():
    with pytest.raises(InputError, match="only required process-scoped input"):
        reader("a", lines)
    with pytest.raises(InputError, match=r"in\.txt is read as plain lines, because of its suffix"):
        reader("a", name="in.txt")


# CSV


def test_csv():
    text = 'a,b\r\n1,"x, ""y"""\r\n\r\n2,"two\r\nlines"\r\n3,ü\r\n'
    assert places(reader(text, csv)) == [
        ({"a": "1", "b": 'x, "y"'}, 1, 2),
        ({"a": "2", "b": "two\r\nlines"}, 2, 4),
        ({"a": "3", "b": "ü"}, 3, 6),
    ]


def test_only_newlines_end_a_row():
    assert read("a\nx\u2028\x0cy\x85z\n", csv) == [{"a": "x\u2028\x0cy\x85z"}]


def test_header_only():
    assert read("a,b\n", csv) == []


def test_blank_lines_before_the_header():
    assert places(reader("\n\na\n1\n")) == [({"a": "1"}, 1, 4)]
    assert places(reader("\n\na\n1\n", csv)) == [({"a": "1"}, 1, 4)]


def test_rows_that_do_not_fit():
    text = "a,b\n1\n1,2\n1,2,3\n"
    assert places(reader(text, csv)) == [
        ("error", 1, 2),
        ({"a": "1", "b": "2"}, 2, 3),
        ("error", 3, 4),
    ]
    with pytest.raises(RecordError, match=r"found 1 value: 1. Expected 2, .* header: a, b"):
        read(text, csv)


def test_bad_quotes():
    bad = []
    assert read('a\n"x"y\n1\n"open\n2\n', csv, on_bad=bad.append) == [{"a": "1"}]
    assert [(error.position.number, error.position.line) for error in bad] == [(1, 2), (3, 4)]
    assert "is not closed" in str(bad[1])


@pytest.mark.parametrize(("text", "line"), [("a\r1\r2\r", 1), ("a,b\n1,2\n3,4\r5,6\n", 3)])
def test_a_carriage_return_alone_ends_no_row(text, line):
    with pytest.raises(RecordError) as caught:
        read(text, csv)
    assert caught.value.position.line == line
    assert r"not CSV: a carriage return (\r) without a newline (\n) behind it. Expected" in str(caught.value)


@pytest.mark.parametrize(
    ("header", "message"),
    [
        ("a,b,a", "two columns are named 'a'"),
        ("a,,b", "column 2 has no name"),
        ('"a', "not closed"),
    ],
)
def test_bad_headers_end_the_input(header, message):
    bad = []
    with pytest.raises(RecordError, match=message) as caught:
        read("\n" + header + "\n1,2,3\n", csv, on_bad=bad.append)
    assert caught.value.position.number is None
    assert caught.value.position.line == 2
    assert bad == []


def test_tabs():
    assert read("a\tb\n1,5\t2\n", name="in.TSV") == [{"a": "1,5", "b": "2"}]


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_what_is_between_values_is_told_by_the_header(delimiter):
    text = 'a,"b c"\r\n1,"x,y;z\tw"\n'.replace("a,", f"a{delimiter}").replace("1,", f"1{delimiter}")

    for required in ((), ("a",), ("b c", "a")):
        assert read(text, csv, required=required) == [{"a": "1", "b c": "x,y;z\tw"}]


def test_a_comma_comes_first_and_the_columns_that_are_needed_decide():
    assert read("a;b,c\n1;2,3\n", csv) == [{"a;b": "1;2", "c": "3"}]
    assert read("a;b,c\n1;2,3\n", csv, required=("a",)) == [{"a": "1", "b,c": "2,3"}]
    assert read("a;b\n1;2\n", csv, required=("a;b",)) == [{"a;b": "1;2"}]
    with pytest.raises(RecordError, match=r"found 1 value: 1,2\. Expected 2"):
        read("a;b\n1,2\n", csv, required=("a",))
    with pytest.raises(RecordError, match=r"found 3 values: 1;2;3\. Expected 2"):
        read("a;b\n1;2;3\n", csv, required=("a",))
    with pytest.raises(RecordError, match="no column 'x' in the header of the CSV: a;b"):
        read("a;b\n1;2\n", csv, required=("x",))


@pytest.mark.parametrize("column", ["People", " people", "PEOPLE "])
def test_a_column_that_is_called_nearly_like_an_input_is_told(column: str):
    with pytest.raises(RecordError, match=f"The column '{column}' isn't 'people': names are the same to the letter"):
        read(f"total,{column}\n1,2\n", csv, required=("total", "people"))


@pytest.mark.parametrize("text", ["5\n", "input:\n  x: {}\n", ",\n"])
def test_how_a_csv_was_told_is_said_where_nobody_said_that_it_is_one(text):
    guess = "begins with no JSON object or array, and so was taken for CSV: '--input-format' says"
    with pytest.raises(RecordError, match=guess):
        read(text, required=("x",))
    for asked in ({"name": "in.csv"}, {"record_format": csv}):
        with pytest.raises(RecordError) as error:
            read(text, required=("x",), **asked)
        assert "was taken for" not in str(error.value)


def test_long_values():
    value = "x" * 500_000
    assert read(f"a\n{value}\n", csv) == [{"a": value}]


HALF = '{"\\udcff": ["\\uD800x", "\\ud83d\\ude00", "\\\\ud800"]}'
"""A record with halves of surrogate pairs, as it is written."""


@pytest.mark.parametrize(
    "text", [f"{HALF}\n{HALF}", f"{HALF}\n\n{HALF}\n", f"{HALF}{HALF}", f"[{HALF},\n{HALF}]", f"\x1e{HALF}\n" * 2]
)
@pytest.mark.parametrize("more", [{}, {"line_input": "a", "required": ["a"]}])
def test_halves_of_surrogate_pairs_come_in_as_they_go_out(text, more):
    records = reader(text, **more)

    for record in records:
        assert record == records.record == {"\udcff": ["\ud800x", "\U0001f600", "\\ud800"]}
    assert records.number == 2


@pytest.mark.parametrize(
    ("text", "what"),
    [
        (f"{HALF}\n{HALF} x\n", "trailing characters"),
        (f'{HALF}\n["\\ud800"]\n', "an array"),
        (f'[{HALF}, "\\ud800"]', r'a string: "\\ud800"'),
        (f"{HALF}{HALF[:-1]}x", "expected `,`"),
    ],
)
def test_what_else_is_wrong_beside_them_is_told(text, what):
    with pytest.raises(RecordError, match=rf"record 2 .*{what}"):
        read(text)


# JSON documents


@pytest.mark.parametrize("record_format", [auto, json_])
def test_documents(record_format):
    assert places(reader('\n [{"a": 1},\n {"a": 2}]\n', record_format)) == [
        ({"a": 1}, 1, 2),
        ({"a": 2}, 2, 3),
    ]
    assert read('{\n "a": 1\n}\n', record_format) == [{"a": 1}]
    assert read("[]", record_format) == []


def test_items_that_are_no_objects():
    assert places(reader('[{"a": 1}, 2, {"a": 3}]', json_)) == [
        ({"a": 1}, 1, 1),
        ("error", 2, 1),
        ({"a": 3}, 3, 1),
    ]


def test_items_are_on_the_lines_where_they_start():
    text = '\n [\n\n{"a\\"]": [1,\n{"b": 2}]\n}\n,\n\n' + "9" * 4000 + ',NaN, "x\\n",\n[\n]\n, {}\n]\n'
    found = places(reader(text, json_))
    assert [line for _, _, line in found] == [4, 9, 9, 9, 10, 12]
    assert [number for _, number, _ in found] == [1, 2, 3, 4, 5, 6]


def test_only_those_that_are_asked_for_are_looked_for():
    records = reader('[{"a": 1},\n{"a": 2},\n{"a": 3},\n{"a": 4}]')
    lines_of = [records.line for record in records if record["a"] in (2, 4)]
    assert lines_of == [2, 4]
    assert records.line == 4


def test_an_object_that_is_a_document():
    assert places(reader('\n \n{\n"a": 1}')) == [({"a": 1}, 1, 3)]


@pytest.mark.parametrize(
    ("text", "line", "message"),
    [
        (b'\n\n[{"a":\n 1},\n {"a": x}]', 5, "line 5, column 8: not a JSON document"),
        (b'[{"a":\n "\xff"}]', 2, "found byte 0xff at byte 3 of line 2"),
        (b'[{"a": 1}', 1, "EOF while parsing"),
    ],
)
def test_broken_documents_end_the_input(text, line, message):
    bad = []
    with pytest.raises(RecordError, match=message) as caught:
        read(text, json_, on_bad=bad.append)
    assert (caught.value.position.number, caught.value.position.line) == (None, line)
    assert bad == []


def test_nan_is_read():
    (record,) = read('{"a": NaN, "b": Infinity}', jsonl)
    assert record["a"] != record["a"]
    assert record["b"] == float("inf")


# Recognising the format


@pytest.mark.parametrize(
    ("name", "record_format"),
    [
        ("x.jsonl", jsonl),
        ("x.NDJSON", jsonl),
        ("x.json", json_),
        ("dir.json/x.csv", csv),
        ("x.txt", lines),
        ("x.log", lines),
        ("<stdin>", auto),
        ("x.dat", auto),
    ],
)
def test_suffix(name, record_format):
    assert reader("", name=name, line_input="x").format is record_format


@pytest.mark.parametrize(
    ("text", "record_format"),
    [
        (" \n[", json_),
        ('{"a": 1}', jsonl),
        ('\n{"a": 1}\n{', jsonl),
        ("{}x", jsonl),
        ('{"a": nope}', jsonl),
        ("{\n", json_),
        ('{"a":\r\n1}', json_),
        ("a,b\n", csv),
        ("3\n", csv),
        ("", jsonl),
    ],
)
def test_first_character(text, record_format):
    records = reader(text)
    iter(records)
    assert records.format is record_format


def test_what_was_chosen_is_not_second_guessed():
    with pytest.raises(RecordError):
        read("a\n1\n", jsonl, name="x.csv")
    assert read('{"a"\n1\n', csv) == [{'{"a"': "1"}]


# Too long


@pytest.mark.parametrize(
    ("record_format", "text"),
    [
        (jsonl, '{"a": 1}\n{"a": "0123456789"}\n{"a": 2}\n'),
        (csv, "a\n1\n01234567890123456789\n2\n"),
        (lines, "1\n01234567890123456789\n2\n"),
        (json_, '[{"a": 1}, {"a": "01234567890123456789"}, {"a": 2}]'),
    ],
)
def test_too_long_is_a_bad_record(record_format, text):
    bad = []
    found = read(text, record_format, line_input="a", max_record=12, on_bad=bad.append)
    assert [str(record["a"]) for record in found] == ["1", "2"]
    (error,) = bad
    assert error.position.number == 2
    assert "longer than the 12 bytes" in str(error)


def test_a_quote_without_end_is_too_long():
    bad = []
    text = 'a\n"open\n' + "12345\n" * 10
    found = read(text, csv, max_record=20, on_bad=bad.append)
    assert bad[0].position.line == 2
    assert found[-1] == {"a": "12345"}


def test_an_object_that_is_too_long():
    with pytest.raises(RecordError, match=r"record 1 \(line 1\): longer than") as caught:
        read('{"a":\n' + " " * 100 + "1}", max_record=50)
    assert caught.value.position.number == 1


def test_the_default_limit():
    text = b'{"a": "' + b"x" * (64 * 1024 * 1024) + b'"}\n{"a": 1}\n'
    records = reader(text)
    assert places(records) == [("error", 1, 1), ({"a": 1}, 2, 2)]


# Pipes


@pytest.fixture
def pipe():
    """A stream to read from, and what writes some pieces to it, with the given pause after each."""
    threads = []
    reading, writing = os.pipe()

    def write(pieces, pause):
        def run():
            with os.fdopen(writing, "wb", buffering=0) as stream, suppress(BrokenPipeError):
                for piece in pieces:
                    stream.write(piece)
                    time.sleep(pause)

        threads.append(threading.Thread(target=run))
        threads[-1].start()

    with open(reading, "rb", buffering=0) as stream:
        yield stream, write
    for thread in threads:
        thread.join()


@pytest.mark.parametrize(
    ("text", "options"),
    [
        (b'{"a": "1"}\n', {}),
        (b'{"a": "1"}\n', {"record_format": jsonl}),
        (b"a\n1\n", {}),
        (b"1\n", {"record_format": lines, "expected": Expected(line_input="a")}),
    ],
)
@pytest.mark.parametrize("buffered", [False, True])
def test_a_record_is_there_as_soon_as_its_line_is(text, options, buffered):
    reading, writing = os.pipe()
    os.write(writing, text)
    giving_up = threading.Timer(PATIENCE, os.close, [writing])
    giving_up.start()
    stream = os.fdopen(reading, "rb", buffering=-1 if buffered else 0)
    records = iter(RecordReader(stream, "<stdin>", **options))
    assert next(records) == {"a": "1"}
    giving_up.cancel()
    # Had it waited for more, there would be nothing to close any more.
    os.close(writing)
    assert list(records) == []
    stream.close()


def test_records_in_pieces(pipe):
    stream, write = pipe
    text = '\ufeff \n{"a": "ü"}\r\n{"a": 2}'.encode()
    write([text[i : i + 1] for i in range(len(text))], pause=0.001)
    assert list(RecordReader(stream, "<stdin>")) == [{"a": "ü"}, {"a": 2}]


def test_a_pipe_that_never_ends(pipe):
    stream, write = pipe
    write((b'{"a": 1}\n' * 1000 for _ in iter(int, 1)), pause=0)
    assert len(list(islice(RecordReader(stream, "<stdin>"), 10_000))) == 10_000
    stream.close()


def test_many_records_in_order():
    text = "".join(json.dumps({"a": i, "b": "x" * (i % 100)}) + "\n" for i in range(20_000))
    records = reader(text)
    for index, record in enumerate(records):
        assert record["a"] == index
        assert records.number == records.line == index + 1


# JSON objects one behind the other


@pytest.mark.parametrize(
    "text",
    [
        '{"a": 1}{"a": 2} {"a": 3}',
        '{\n  "a": 1\n}\n{\n  "a": 2\n}\n{"a"\n: 3}\n',
        '\x1e{"a": 1}\n\x1e{"a": 2}\n\x1e{"a":\n3}\n',
        '\n\n{"a": 1,\n"b": ["}", "\\"{"]}\n\n{"a": 2}\n{"a": 3}',
    ],
)
@pytest.mark.parametrize("record_format", [auto, json_])
def test_objects_one_behind_the_other(text, record_format):
    for block in (1, 5, 1000):
        records = RecordReader(Blocks(text.encode(), block), "<stdin>", record_format)
        assert [record["a"] for record in records] == [1, 2, 3]


class Blocks:
    """Text that comes in blocks."""

    def __init__(self, text, size):
        self.left = [text[at : at + size] for at in range(0, len(text), size)]

    def read(self, size):
        return self.left.pop(0) if self.left else b""


def test_each_is_there_when_its_last_line_is():
    text = b'{\n"a": 1\n}\n{\n"a": 2\n'
    stream = Blocks(text, 1)
    assert next(iter(RecordReader(stream, "<stdin>"))) == {"a": 1}
    assert b"".join(stream.left) == b'{\n"a": 2\n'


def test_what_is_wrong_in_between_is_named_by_its_line():
    bad = []
    text = '{"a":\n1}\n[1,\n2]\n{"a": x}\nnothing\n\x1e{"b": {\n\x1e{"a": 2}{"a":\n3} \n{"a":'
    found = read(text, json_, on_bad=bad.append)

    assert [record["a"] for record in found] == [1, 2, 3]
    assert [(error.position.number, error.position.line, error.position.column) for error in bad] == [
        (2, 3, None),
        (3, 5, 7),
        (4, 6, 2),
        (5, 8, 0),
        (8, 10, 5),
    ]
    assert "found an array: [1, 2]" in str(bad[0])


# Plain lines without being asked


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("I am ERROR\n", lines),
        ("[2026-01-01] started\n", lines),
        ("{not JSON}\n", lines),
        ("a,b\n1,2\n", lines),
        ("line\nx\n", csv),
        ("a;line\n1;2\n", csv),
        ('{"line": "x"}\n', jsonl),
        ('{"line": "x"} {"line": "y"}\n', json_),
        ('[{"line": "x"}]', json_),
        ('{\n"line": "x"}', json_),
        ('\x1e{"line": "x"}\n', json_),
        ("", jsonl),
    ],
)
def test_lines_are_guessed_where_one_text_is_all_there_is(text, expected):
    reader = RecordReader(io.BytesIO(text.encode()), "<stdin>", expected=Expected("line", ["line"], is_alone=True))
    for _ in reader:
        break
    assert reader.format is expected


# Cells


def test_an_empty_cell_is_none_where_that_is_wanted():
    found = read("a,b,c\n1,,\n,2,x\n", csv, empty_as_none=frozenset({"a", "b"}))

    assert found == [{"a": "1", "b": None, "c": ""}, {"a": None, "b": "2", "c": "x"}]


@pytest.mark.parametrize(
    ("header", "told"),
    [
        ("a,b", []),
        ("a,b,bb", ["in.csv: no input takes the column 'bb', it is ignored: did you mean 'b'?"]),
        ("x,a,y,b", ["in.csv: no inputs take the columns 'x', 'y', they are ignored: inputs that exist: 'a', 'b'"]),
    ],
)
def test_columns_that_are_no_inputs_are_told_in_one_line(header, told):
    said = []
    columns = header.split(",")
    row = ",".join(columns).upper()
    expected = Expected(required=["a"], names=["a", "b"], warn=said.append)
    reader = RecordReader(io.BytesIO(f"{header}\n{row}\n{row}\n".encode()), "in.csv", expected=expected)

    assert [*islice(reader, 1), *reader] == 2 * [{"a": "A", "b": "B"}]
    assert said == told
