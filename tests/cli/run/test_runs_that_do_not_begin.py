"""A run that is refused, or whose assets can't be made, leaves all that was there as it was, and makes no file."""

from __future__ import annotations

import signal
from pathlib import Path

import pytest

from tests.cli.conftest import COMMAND, UPPER

TUBE = """
    assets:
      total: {type: int, scope: runner, depends: add.value}
      link: {type: parts.connect, scope: runner, checkpoint: false}
    nodes:
      n: {type: parts.numbers}
      add: {type: operator.add, depends: [assets.total, n.value]}
      look: {type: parts.Look, depends: [assets.link]}
      return: {type: return, depends: [{number: n.value}, {total: add.value}]}
    """
PARTS = """
    import threading

    def connect():
        return {}

    def numbers():
        yield from range(9)

    class Look:
        def __init__(self):
            self.seen = []
        def process(self, link):
            pass
    """
FILES = {"-o": "out.csv", "--errors": "failed.jsonl", "--stats-json": "stats.json", "--assets": "assets.json"}
MODES = {
    "new": (),
    "added to": ("--append",),
    "checkpointed": ("--checkpoint", "saved"),
    "in a new folder": ("--checkpoint", "begun"),
    "resumed": ("--resume", "saved"),
}
SAVED = ("checkpointed", "resumed", "in a new folder")
UNWRITABLE = "missing/x.json: No such file or directory"
NEW_TWICE = {"-o": "new", "--output-format": "csv", "--stats-json": "./new"}
SLOW = (
    PARTS.replace("return {}", "note(); wait()")
    + """
    def note():
        import sys
        print("connecting", file=sys.stderr, flush=True)

    def wait():
        import pathlib
        import time
        while not pathlib.Path("go").exists():
            time.sleep(0.01)
    """
)


def named(files: dict[str, str]) -> list[str]:
    """Files, or other values, as options."""
    return [text for option in files.items() for text in option]


def contents(folder: Path) -> dict[str, bytes | None]:
    """All files, and what is in them, and all folders; no code that Python has compiled."""
    paths = (path for path in folder.rglob("*") if "__pycache__" not in path.parts)
    return {str(path.relative_to(folder)): path.read_bytes() if path.is_file() else None for path in paths}


@pytest.fixture
def ended(noob, write, folder):
    """What an earlier run has left, with half a line behind it, as a killed one does."""
    write("tube.yaml", TUBE)
    write("parts.py", PARTS)
    assert noob("run", "tube.yaml", "-n", "3", "-o", "out.csv", "--checkpoint", "saved").code == 0
    for name in FILES.values():
        with (folder / name).open("a") as file:
            file.write("9,")


@pytest.mark.parametrize(
    ("modes", "options", "code", "said"),
    [
        pytest.param(MODES, {"--stats-json": "missing/x.json"}, (), UNWRITABLE, id="no folder for the statistics"),
        pytest.param(MODES, {"--assets": "missing/x.json"}, (), UNWRITABLE, id="no folder for the assets"),
        pytest.param(MODES, {"--errors": "missing/x.json"}, (), UNWRITABLE, id="no folder for the failed records"),
        pytest.param(MODES, {"--stats-json": "failed.jsonl"}, (), "the file of the failed records", id="one for two"),
        pytest.param(MODES, NEW_TWICE, (), "is the file of the results", id="a new one for two"),
        pytest.param(("added to", "resumed"), {"--columns": "number"}, (), "has the columns", id="other columns"),
        pytest.param(MODES, {}, ("return {}", "raise OSError('no link')"), "no link", id="no asset"),
        pytest.param(SAVED, {}, ("[]", "threading.Lock()"), "of this tube can't be saved", id="what can't be saved"),
        pytest.param(("resumed",), {}, ("range(9)", "[0, 1]"), "gives only 2 now", id="other sources"),
    ],
)
def test_all_is_as_it_was(noob, ended, write, folder, modes, options, code, said):
    if code:
        write("parts.py", PARTS.replace(*code))
    before = contents(folder)
    for mode in modes:
        done = noob("run", "tube.yaml", "-n", "5", *MODES[mode], *named(FILES | options))

        assert said in done.err
        assert done.code in (1, 2)
        assert contents(folder) == before


@pytest.mark.parametrize("mode", MODES)
def test_what_begins_changes_all(noob, ended, folder, mode):
    before = contents(folder)

    assert noob("run", "tube.yaml", "-n", "5", *MODES[mode], *named(FILES)).code == 0

    after = contents(folder)
    new = {"begun", "begun/lock", "begun/checkpoint"} if mode == "in a new folder" else set()
    assert after.keys() - before.keys() == new
    changed = {name for name, content in before.items() if after[name] != content}
    assert changed == {*FILES.values(), *(["saved/checkpoint"] if mode in SAVED[:2] else [])}
    rows = after["out.csv"].split()
    assert (rows[0], rows[-1], b"9," in rows) == (b"number,total", b"4,10", mode == "added to")


@pytest.mark.parametrize(
    ("name", "text", "said"),
    [
        ("in.csv", "word\na\n", "no column 'line' in the header of the CSV"),
        ("in", "line,line\na,b\n", "two columns are named 'line'"),
        ("in.json", '[{"line": "a"}, ', "not a JSON document"),
        ("in.parquet", "PAR1", "can't be read as Parquet"),
        ("in.jsonl.gz", '{"line": "a"}\n', "its name says that it is compressed by gzip"),
    ],
)
@pytest.mark.parametrize("runner", ["sync", "threads"])
def test_all_is_as_it_was_where_the_records_are_none(noob, write, folder, name, text, said, runner):
    write("tube.yaml", UPPER)
    records = write(name, text)
    write("out.jsonl", "before\n")
    before = contents(folder)
    args = ("run", "tube.yaml", "-o", "out.jsonl", "--errors", "failed.jsonl", "--checkpoint", "new")
    given = [("-f", name), ("-f", name, "-f", "tube.yaml"), *([("--input-format", "csv")] if name == "in.csv" else [])]

    for each in given:
        done = noob(*args, "--runner", runner, *each, stdin=records)
        assert said in done.err
        assert (done.code, contents(folder)) == (2, before)


NUMBERS = """
    input:
      n: {type: int, scope: process}
    assets:
      last: {type: int, scope: runner, depends: look.value}
    nodes:
      look: {type: looking.look, depends: [input.n]}
      return: {type: return, depends: look.value}
    """
LOOKING = """
    import os
    from noob_cli import NoEvent

    def look(n):
        if n == 2:
            # There was no result yet.
            return os.path.getsize("out.jsonl")
        return NoEvent if 1 / n else None
    """


@pytest.fixture
def numbers(noob, write, folder):
    """Runs a tube that takes numbers, in a folder with what an earlier run has left."""
    write("numbers.yaml", NUMBERS)
    write("looking.py", LOOKING)
    for name in ("out.jsonl", "failed.jsonl", "stats.json", "assets.json"):
        write(name, "before\n")
    files = named(FILES | {"-o": "out.jsonl"})
    return lambda records, *more: noob("run", "numbers.yaml", *files, *more, stdin=records)


@pytest.mark.parametrize("record", ["{", "{}", '{"n": "x"}', '{"n": "x"}\n{"n": 1}\n'])
@pytest.mark.parametrize("more", [(), ("--runner", "threads"), ("--checkpoint", "new"), ("--append",)])
def test_all_but_the_failed_records_is_as_it_was_where_the_first_one_is_refused(numbers, folder, record, more):
    before = contents(folder)

    assert numbers(record, *more).code == 2

    after = contents(folder)
    failed, was = after.pop("failed.jsonl").splitlines(), before.pop("failed.jsonl").splitlines()
    assert (after, len(failed)) == (before, 1 + len(was) * ("--append" in more))


@pytest.mark.parametrize(
    ("records", "code"), [("", 0), ('{"n": 0}', 1), ('{"n": 1}\n{}', 2), ('{"n": 1}\n{"n": 2}', 0)]
)
@pytest.mark.parametrize("more", [(), ("--runner", "threads", "--ahead", "1"), ("--checkpoint", "new")])
def test_nothing_is_as_it_was_where_an_epoch_was_made_or_none_was_to_be(numbers, folder, records, code, more):
    done = numbers(records, *more)

    assert done.code == code, done.err
    after = contents(folder)
    assert b"before\n" not in after.values()
    assert after["out.jsonl"] == (b"0\n" if "2" in records else b"")


@pytest.mark.parametrize(
    ("records", "code", "said"),
    [
        ('{"n": 1}\n{"n": 1}\n', 2, "error: the results can't be written: place/out.jsonl: No such file or directory"),
        ('{"n": 0}\n', 1, "ZeroDivisionError: division by zero"),
    ],
)
@pytest.mark.parametrize("more", [(), ("--runner", "threads", "--ahead", "1"), ("--checkpoint", "new")])
def test_that_a_file_can_not_be_made_any_more_is_told_unless_more_is_wrong(
    noob, write, folder, more, records, code, said
):
    write("numbers.yaml", NUMBERS)
    write("looking.py", LOOKING.replace("if n == 2:", "os.rmdir('place')\n        if n == 2:"))
    (folder / "place").mkdir()

    done = noob("run", "numbers.yaml", "-o", "place/out.jsonl", *more, stdin=records)

    assert (done.code, done.err.splitlines()[-1]) == (code, said)


def test_a_run_that_goes_on_after_errors_begins_at_once(numbers, folder):
    assert numbers("{}", "--on-error", "skip").code == 1
    assert b"before\n" not in contents(folder).values()


def test_an_asset_file_that_is_shorter_is_told_before_anything_is_cut(noob, write, folder):
    journal = "{type: open, scope: runner, params: [journal.txt, w]}"
    write("tube.yaml", TUBE.replace("{type: parts.connect, scope: runner, checkpoint: false}", journal))
    write("parts.py", PARTS.replace("pass", "link.write('seen')"))
    assert noob("run", "tube.yaml", "-n", "3", "-o", "out.csv", "--checkpoint", "saved").code == 0
    write("out.csv", (folder / "out.csv").read_bytes() + b"9,")
    write("journal.txt", "se")
    before = contents(folder)

    done = noob("run", "tube.yaml", "-n", "5", "-o", "out.csv", "--resume", "saved")

    assert "has 2 bytes, and the checkpoint covers 12" in done.err
    assert (done.code, contents(folder)) == (2, before)


@pytest.mark.parametrize("args", [("--output-format", "parquet"), ("--watch", "add.value")])
def test_nor_is_a_file_emptied_where_the_terminal_is_no_place(terminal, ended, folder, args):
    before = contents(folder)

    done = terminal("run", "tube.yaml", "-n", "5", *args, *named(FILES | {"-o": "-"}), on_terminal="all")

    assert "terminal" in done.err
    assert (done.code, contents(folder)) == (2, before)


def test_nor_where_there_is_no_page(noob, ended, without, folder):
    before = contents(folder)

    done = noob("run", "tube.yaml", "--view", *named(FILES), env=without("uvicorn"), command=COMMAND)

    assert "pip install 'noob-cli[view]'" in done.err
    assert (done.code, contents(folder)) == (2, before)


def test_a_record_of_nothing_is_closed_only_on_standard_output(noob, ended, write, folder):
    write("parts.py", PARTS.replace("return {}", "raise OSError('no link')"))
    array = write("out.json", "[1]\n")

    for output in ("out.json", "-"):
        done = noob("run", "tube.yaml", "--output-format", "json", "-o", output)
        assert (done.code, done.out) == (1, "[]\n" if output == "-" else "")
    assert array.read_text() == "[1]\n"


def test_a_stop_before_the_run_begins_leaves_all_too(start, ended, write, folder):
    write("parts.py", SLOW)
    before = contents(folder)
    running = start("run", "tube.yaml", *named(FILES), "--checkpoint", "saved")
    running.read_error_line()
    running.process.send_signal(signal.SIGTERM)
    write("go", "")

    assert running.end().code == 143
    assert contents(folder) == before | {"go": b""}


def test_a_file_that_is_rotated_before_the_run_begins_is_left_then(start, ended, write, folder):
    write("parts.py", SLOW)
    running = start("run", "tube.yaml", "-n", "1", "-o", "out.csv", "--append", "--reopen")
    running.read_error_line()
    (folder / "out.csv").rename(folder / "out.csv.1")
    write("out.csv", "")
    running.process.send_signal(signal.SIGHUP)
    write("go", "")

    assert running.end().code == 0
    assert (folder / "out.csv").read_text() == "number,total\n0,0\n"
    assert (folder / "out.csv.1").read_text().endswith("\n9,")


def test_room_is_looked_for_before_and_leaves_no_trace(noob, ended, folder):
    before = contents(folder)
    for mode in (("-o", "new.csv"), ("-o", "out.csv", "--append")):
        done = noob("run", "tube.yaml", *mode, shell='ulimit -f 0; exec "$@"')
        assert done.err.endswith(f"error: the results can't be written: {mode[1]}: File too large\n")
        assert (done.code, contents(folder)) == (2, before)
