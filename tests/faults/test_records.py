"""A record that is no good, among ten thousand: named, refused before anything is made for it, and the run is over."""

from __future__ import annotations

import json

import pytest

COUNT, BAD = 10_000, 4_999


def json_lines(bad):
    lines = [b'{"number": %d}' % number for number in range(COUNT)]
    lines[BAD] = bad
    return b"\n".join(lines)


def csv(bad):
    lines = [b"number", *(b"%d" % number for number in range(COUNT))]
    lines[BAD + 1] = bad
    return b"\n".join(lines)


def plain(bad):
    return csv(bad).partition(b"\n")[2]


def array(bad):
    return b"[" + json_lines(bad).replace(b"\n", b",\n") + b"]"


JSONL, LINE = "record 5000 (line 5000", "record 5000 (line 5000)"
SUCH = 'Expected one JSON object per line, such as {"number": 1}; for plain lines use --input-format lines.'

ROWS = {
    "jsonl: not JSON": (
        json_lines(b"{number: 1}"),
        (),
        f"{JSONL}, column 2): not JSON: key must be a string, in ",
    ),
    "jsonl: half a record": (
        json_lines(b'{"number": 1'),
        (),
        f"{JSONL}, column 12): not JSON: EOF while parsing an obj",
    ),
    "jsonl: not an object": (json_lines(b"[1]"), (), f"{LINE}: found an array: [1]. {SUCH}"),
    "jsonl: no input": (json_lines(b'{"numbr": 1}'), (), f"{LINE}: the input 'number' (int) is missing, given 'numbr'"),
    "jsonl: wrong type": (json_lines(b'{"number": "x"}'), (), f"{LINE}: the input 'number' should be int, given 'x': "),
    "jsonl: null": (json_lines(b'{"number": null}'), (), f"{LINE}: the input 'number' should be int, given None: "),
    "jsonl: not UTF-8": (
        json_lines(b'{"number": "\xff"}'),
        (),
        f"{LINE}: not UTF-8: found byte 0xff at byte 13 of line 5000. Expected UTF-8 text.",
    ),
    "jsonl: too long": (
        json_lines(b'{"number": %s}' % (b"1" * 90)),
        ("--max-record", "100"),
        f"{LINE}: longer than the 100 bytes that a record may have. Shorten it, or allow more with --max-record.",
    ),
    "csv: wrong type": (csv(b"x"), (), "record 5000 (line 5001): the input 'number' should be int, given 'x': "),
    "csv: two values": (
        csv(b"1,2"),
        (),
        "record 5000 (line 5001): found 2 values: 1,2. Expected 1, one for each column of the header: number.",
    ),
    "csv: not CSV": (csv(b'"1"2'), (), "record 5000 (line 5001): not CSV: ',' expected after '\"'. Expected values"),
    "csv: too long": (csv(b"1" * 101), ("--max-record", "100"), "record 5000 (line 5001): longer than the 100 bytes"),
    "lines: wrong type": (
        plain(b"x"),
        ("--input-format", "lines"),
        f"{LINE}: the input 'number' should be int, given 'x'",
    ),
    "lines: not UTF-8": (plain(b"\xff"), ("--input-format", "lines"), f"{LINE}: not UTF-8: found byte 0xff at byte 1"),
    "json: not an object": (array(b"1"), (), f"{LINE}: found a number: 1. Expected an object, such as"),
    "json: wrong type": (array(b'{"number": "x"}'), (), f"{LINE}: the input 'number' should be int, given 'x': "),
    "json: no input": (array(b"{}"), (), f"{LINE}: the input 'number' (int) is missing: every record needs it"),
}


@pytest.mark.parametrize("name", ROWS)
def test_it_is_named_and_what_came_before_is_out(run, name):
    text, args, said = ROWS[name]

    done = run("run", "records", "-o", "out", *args, stdin=text)

    assert done.code == 2
    assert done.err.startswith(f"error: <stdin>, {said}")
    assert done.err.count("\n") == 1
    assert done.stdout == b""
    assert [result["number"] for result in done.results_in("out", "jsonl")] == [*range(BAD)]
    assert [line.split(" ")[:2] for line in done.log] == [
        ["open", "first"],
        ["open", "writer"],
        ["close", "writer"],
        ["close", "first"],
    ]


def test_a_document_that_is_none_makes_no_epoch(run):
    done = run("run", "records", "-o", "out", stdin=array(b"{number: 1}"))

    assert (done.code, done.results_in("out", "jsonl")) == (2, [])
    assert done.err.startswith("error: <stdin>, line 5000, column 2: not a JSON document: ")
    assert json.dumps(done.log) == '["open first", "open writer", "close writer", "close first RecordError"]'
