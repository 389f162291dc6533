"""A run that goes on after an epoch that failed and a record that was refused, and a file that keeps their records."""

import json
import os

import pytest

STEPS = """
import sys
import threading

from noob_cli import NoEvent

def check(value, at=(2,)):
    if value in at:
        raise ValueError(f"can't work with {value}")
    return value

def check_all(**values):
    values["items"].append("seen")
    if len(values["items"]) > 2:
        raise ValueError("too many")
    return len(values["items"])

def add(value, seen):
    seen.append(value)
    return seen

def copy_of(values):
    return list(values)

def stop(value, error):
    if value == 2:
        raise {"interrupt": KeyboardInterrupt, "exit": SystemExit, "stop": StopIteration}[error]
    return value

ERROR = ValueError("always the same")

def raise_the_same(value):
    if value % 2:
        raise ERROR
    return value

def breaking(values):
    yield from values
    raise OSError(5, "unplugged")

class Stuck:
    def __init__(self, value=None):
        self.lock = threading.Lock()

def get_stuck(value, held):
    return Stuck() if value == 1 else held

class Ending:
    ended = 0

    def __enter__(self):
        return self

    def __exit__(self, *error):
        Ending.ended += 1
        if Ending.ended == 2:
            raise OSError(5, "stuck")

def use(value, asset):
    return value

class Totals:
    def __init__(self):
        self.total = 0

    def process(self, value):
        self.total += value
        return check(self.total, at=(3,))
"""

COUNT = "nodes:\n  n: {type: itertools.count}\n"
CHECKED = COUNT + "  x: {type: skip.check, depends: [n.value]}\n  return: {type: return, depends: x.value}\n"
NUMBERS = """
    input:
      value: {type: int, scope: process}
    nodes:
      x: {type: skip.check, depends: [input.value]}
      return: {type: return, depends: x.value}
"""
COLLECTING = """
    assets:
      seen: {type: builtins.list, scope: runner, depends: add.value}
    nodes:
      n: {type: itertools.count}
      add: {type: skip.add, depends: [n.value, assets.seen]}
      x: {type: skip.check, depends: [n.value], params: {at: [1, 2]}}
      return: {type: return, depends: all.value}
      all: {type: skip.copy_of, depends: [add.value]}
"""


@pytest.fixture
def skip(noob, write):
    """Run a tube that skips what fails."""
    write("skip.py", STEPS)

    def run(tube, *args, **given):
        write("tube.yaml", tube)
        policy = () if "--on-error" in args else ("--on-error", "skip")
        return noob("run", "tube.yaml", *policy, *args, **given)

    return run


@pytest.fixture
def kept(folder):
    """What is in the file for failed records."""
    return lambda: [json.loads(line) for line in (folder / "errors.jsonl").read_text().splitlines()]


class TestEpochsThatFail:
    def test_are_those_whose_calls_have_failed_each_time(self, skip, kept):
        retried = CHECKED.replace("[n.value]", "[n.value], retry: {times: 2, wait: 0s}")
        done = skip(retried, "--epochs", "4", "--errors", "errors.jsonl")

        assert (done.code, done.results) == (1, [0, 1, 3])
        assert "tried 3 times" in done.err.splitlines()
        assert [each["error"] for each in kept()] == ["ValueError: can't work with 2"]

    def test_are_reported_and_counted_and_the_others_are_made(self, skip):
        done = skip(CHECKED, "--epochs", "5")

        assert done.results == [0, 1, 3, 4]
        assert done.code == 1
        lines = done.err.splitlines()
        assert lines[0] == "tube.yaml:3:3: error: the node 'x' failed in epoch 2"
        assert lines[3:5] == ["  got: value = 2", "Traceback (most recent call last):"]
        assert lines[-1] == "skipped 1 failed epoch"

    def test_end_the_run_if_they_are_not_to_be_skipped(self, noob, write):
        write("skip.py", STEPS)
        write("tube.yaml", CHECKED)

        for args in ((), ("--on-error", "stop")):
            done = noob("run", "tube.yaml", "--epochs", "5", *args)
            assert (done.code, done.results) == (1, [0, 1])
            assert "skipped" not in done.err

    def test_are_no_results(self, skip):
        assert skip(CHECKED, "-n", "4").results == [0, 1, 3, 4]

    def test_may_be_the_last(self, skip):
        assert skip(CHECKED, "--epochs", "3").results == [0, 1]

    def test_are_not_results_of_a_tube_without_return(self, skip, journal):
        done = skip(
            COUNT + "  x: {type: skip.check, depends: [n.value]}\n  note: {type: steps.note, depends: [x.value]}\n",
            *("-n", "3"),
        )

        assert journal() == ["0", "1", "3"]
        assert done.code == 1

    def test_may_fail_with_the_same_error_again(self, skip):
        done = skip(CHECKED.replace("skip.check", "skip.raise_the_same"), "--epochs", "6")

        assert done.results == [0, 2, 4]
        reports = done.err.split("tube.yaml:3:3: ")[1:]
        assert len(reports) == 3
        assert len({report.count("\n") for report in reports[:2]}) == 1
        assert all(report.count("in raise_the_same") == 1 for report in reports)

    def test_may_be_those_whose_assets_cannot_be_ended(self, skip):
        done = skip(
            "assets:\n  it: {type: skip.Ending, scope: process}\n"
            + CHECKED.replace("skip.check, depends: [n.value]", "skip.use, depends: [n.value, assets.it]"),
            *("--epochs", "4"),
        )

        assert done.results == [0, 2, 3]
        assert "tube.yaml:2:3: error: the asset 'it' could not be ended as it should in epoch 1" in done.err

    def test_may_raise_what_ends_generators(self, skip):
        done = skip(CHECKED.replace("check, depends", "stop, params: {error: stop}, depends"), "--epochs", "4")

        assert done.results == [0, 1, 3]
        assert done.err.startswith("tube.yaml:3:3: error: the node 'x' failed in epoch 2\n")

    def test_of_a_source_end_it(self, skip):
        done = skip(CHECKED.replace("itertools.count", "skip.breaking, params: {values: [0, 1]}"))

        assert (done.code, done.results) == (1, [0, 1])
        assert done.err.splitlines()[-1] == "skipped 1 failed epoch"

    @pytest.mark.parametrize(("error", "code"), [("interrupt", 1), ("exit", 0)])
    def test_are_not_those_that_are_told_to_end(self, skip, error, code):
        done = skip(CHECKED.replace("check, depends", f"stop, params: {{error: {error}}}, depends"))

        assert (done.code, done.results) == (code, [0, 1])

    def test_make_the_code_1_also_if_nobody_reads_on(self, write, start):
        write("skip.py", STEPS)
        write("tube.yaml", CHECKED)
        running = start("run", "tube.yaml", "--on-error", "skip")
        assert [running.read_line() for _ in range(3)] == ["0", "1", "3"]
        running.process.stdout.close()
        done = running.end()

        assert done.code == 1
        assert done.err.splitlines()[-1] == "skipped 1 failed epoch"


class TestWhatIsUndone:
    def test_is_what_was_changed_in_carried_assets(self, skip):
        done = skip(COLLECTING, "--epochs", "5")

        assert done.results == [[0], [0, 3], [0, 3, 4]]

    def test_is_not_what_a_class_keeps(self, skip):
        done = skip(CHECKED.replace("skip.check", "skip.Totals"), "--epochs", "4")

        assert done.results == [0, 1, 6]

    def test_can_be_refused_before_the_run(self, skip):
        done = skip(
            """
            assets:
              held: {type: skip.Stuck, scope: runner, depends: x.value}
            nodes:
              n: {type: itertools.count}
              x: {type: skip.get_stuck, depends: [n.value, assets.held]}
            """,
            *("--epochs", "1"),
        )

        assert (done.code, done.out) == (2, "")
        first, *_ = done.err.splitlines()
        assert first.startswith("tube.yaml:3:3: error: the asset 'held' is carried, and has to be as it was")
        assert "a Stuck can't be copied (TypeError: cannot pickle '_thread.lock' object)" in first
        assert "let the run stop at the first failed epoch" in first
        assert "Traceback" not in done.err

    def test_ends_the_run_if_it_can_no_longer_be_copied(self, skip):
        done = skip(
            """
            assets:
              held: {type: builtins.list, scope: runner, depends: x.value}
            nodes:
              n: {type: itertools.count}
              x: {type: skip.get_stuck, depends: [n.value, assets.held]}
              return: {type: return, depends: n.value}
            """
        )

        assert (done.code, done.results) == (1, [0, 1])
        assert done.err.startswith("tube.yaml:3:3: error: the asset 'held' failed in epoch 2\n")

    def test_needs_no_copy_of_what_no_node_takes(self, skip):
        done = skip(
            """
            assets:
              held: {type: skip.Stuck, scope: runner, depends: x.value}
            nodes:
              n: {type: itertools.count}
              x: {type: skip.Stuck, depends: [n.value]}
            """,
            *("--epochs", "2"),
        )

        assert done.code == 0
        assert "error" not in done.err


class TestRecords:
    def test_that_are_refused_are_reported_and_are_no_epochs(self, skip):
        done = skip(
            NUMBERS,
            "--epochs",
            "3",
            stdin='{"value": 0}\n{"value":\n[]\n{}\n{"value": "a"}\n{"value": 2}\n{"value": 4}\n{"value": 5}\n',
        )

        assert done.results == [0, 4]
        assert done.code == 1
        said = [line for line in done.err.splitlines() if "error:" in line]
        assert said[0].startswith("error: <stdin>, record 2 (line 2, column 9): not JSON")
        assert said[1].startswith("error: <stdin>, record 3 (line 3): found an array")
        assert said[2].startswith("error: <stdin>, record 4 (line 4): the input 'value' (int) is missing")
        assert said[3].startswith("error: <stdin>, record 5 (line 5): the input 'value' should be int, given 'a'")
        assert said[4] == "tube.yaml:5:3: error: the node 'x' failed in epoch 1"
        assert done.err.splitlines()[-1] == "skipped 1 failed epoch and 4 refused records"

    def test_among_many_good_ones(self, skip):
        lines = [f'{{"value": {number + 10}}}' for number in range(10_000)]
        lines[5_000] = "nonsense"

        done = skip(NUMBERS, stdin="\n".join(lines))

        assert len(done.results) == 9_999
        assert done.code == 1
        assert done.err.splitlines()[-1] == "skipped 1 refused record"

    def test_are_not_skipped_if_there_are_none(self, skip):
        done = skip(NUMBERS, "--input-format", "json", stdin="[")

        assert done.code == 2
        assert "skipped" not in done.err

    def test_are_not_skipped_if_they_cannot_be_read(self, skip, folder):
        done = skip(NUMBERS, "-f", ".")

        assert done.code == 2

    def test_that_are_too_long_as_one_document_are_the_end(self, skip):
        done = skip(NUMBERS, stdin="{\n" + " " * (70 * 1024 * 1024) + '"value": 1}')

        assert (done.code, done.out) == (1, "")
        assert done.err.count("error:") == 1


FORMATS = {
    "jsonl": ('{"value": 2}\n{"value": "a"}\n{"value":\n', [{"value": 2}, {"value": "a"}, '{"value":'], [1, 2, 3]),
    "json": ('[{"value": 2},\n {"value": "a"},\n 3]', [{"value": 2}, {"value": "a"}, 3], None),
    "csv": ('value,other\n2,"two\nlines"\na,\n4\n', ['2,"two\nlines"', "a,", "4"], [2, 4, 5]),
    "lines": ("2\r\na\n\u00fc\xff".encode("latin-1"), ["2", "a", "\udcfc\udcff"], [1, 2, 3]),
}


class TestFileOfErrors:
    @pytest.mark.parametrize("form", FORMATS)
    def test_has_each_record_as_it_was(self, skip, kept, form):
        text, records, lines = FORMATS[form]
        done = skip(NUMBERS, "--errors", "errors.jsonl", "--input-format", form, stdin=text)

        assert done.code == 1
        assert [each["record"] for each in kept()] == records
        assert [each["number"] for each in kept()] == [1, 2, 3]
        if lines is not None:
            assert [each["line"] for each in kept()] == lines
        assert [each["epoch"] for each in kept()] == [0, None, None]
        assert [each["node"] for each in kept()] == ["x", None, None]
        assert kept()[0]["error"] == "ValueError: can't work with 2"
        assert "record 2" in kept()[1]["error"]
        assert done.err.splitlines()[-1] == "skipped 1 failed epoch and 2 refused records: see errors.jsonl"

    @pytest.mark.parametrize("form", ["jsonl", "json"])
    def test_has_no_record_as_a_node_has_changed_it(self, skip, kept, form):
        skip(
            "input:\n  items: {type: list, scope: process}\n"
            "nodes:\n  x: {type: skip.check_all, depends: [{items: input.items}]}\n",
            *("--errors", "errors.jsonl", "--input-format", form),
            stdin='{"items": [1, 2]}' if form == "jsonl" else '[{"items": [1, 2]}]',
        )

        assert [each["record"] for each in kept()] == [{"items": [1, 2]}]

    def test_can_be_run_again(self, skip, kept, noob):
        numbers = '{"value": NaN}\n{"value": 2}\n{"value": 3}\n'
        skip(NUMBERS.replace("int", "float"), "--errors", "errors.jsonl", stdin=numbers)
        again = "".join(json.dumps(each["record"]) + "\n" for each in kept())
        assert again == '{"value": 2}\n'

    def test_has_the_one_that_ends_the_run(self, skip, kept, noob):
        for text, epoch, node, code in (
            ('{"value": 2}', 0, "x", 1),
            ('{"value": "a"}', None, None, 2),
            ("a", None, None, 2),
        ):
            done = skip(
                NUMBERS, "--on-error", "stop", "--errors", "errors.jsonl", "--input-format", "jsonl", stdin=text
            )

            assert done.code == code
            (entry,) = kept()
            assert (entry["epoch"], entry["node"], entry["line"]) == (epoch, node, 1)

    def test_is_empty_if_all_is_well(self, skip, kept):
        assert skip(NUMBERS, "--errors", "errors.jsonl", stdin='{"value": 1}').code == 0
        assert kept() == []

    def test_names_what_failed_as_the_tube_does(self, skip, kept, write):
        write("inner.yaml", CHECKED)
        skip(
            "assets:\n  it: {type: skip.Ending, scope: process}\nnodes:\n"
            "  inner: {type: tube, params: {tube: inner.yaml}}\n"
            "  x: {type: skip.use, depends: [inner.value, assets.it]}\n",
            *("--errors", "errors.jsonl", "--epochs", "4"),
        )

        assert [(each["epoch"], each["node"]) for each in kept()] == [(1, "assets.it"), (2, "inner.x")]

    def test_is_written_at_once(self, write, start, folder, kept):
        write("skip.py", STEPS)
        write("tube.yaml", NUMBERS)
        running = start("run", "tube.yaml", "--on-error", "skip", "--errors", "errors.jsonl")
        running.feed('{"value": 2}\n{"value": 1}\n')
        running.read_line()

        assert [each["record"] for each in kept()] == [{"value": 2}]

    @pytest.mark.parametrize("path", ["nowhere/errors.jsonl", "."])
    def test_that_cannot_be_written_is_refused_before_the_run(self, skip, path):
        done = skip(NUMBERS, "--errors", path, stdin='{"value": 1}')

        assert (done.code, done.out) == (2, "")
        assert done.err.startswith(f"error: the failed records can't be written: {path.rstrip('.') or '.'}")

    @pytest.mark.parametrize(
        ("other", "what"),
        [
            ("tube.yaml", "the tube that is run"),
            ("records.jsonl", "the file of the records"),
            ("out.jsonl", "the file of the results"),
        ],
    )
    def test_is_no_file_that_is_in_use(self, skip, write, other, what):
        records = write("records.jsonl", '{"value": 2}')
        done = skip(NUMBERS, "-f", "records.jsonl", "-o", "out.jsonl", "--errors", other)

        assert (done.code, done.out) == (2, "")
        assert done.err == f"error: '--errors {other}' is {what}: name another one\n"
        assert records.read_text() == '{"value": 2}'

    @pytest.mark.skipif(not os.path.exists("/dev/full"), reason="needs a device that is always full")
    def test_that_is_full_is_refused_before_the_run(self, skip):
        done = skip(NUMBERS, "--errors", "/dev/full", stdin='{"value": 1}')

        assert (done.code, done.out) == (2, "")
        assert done.err == "error: the failed records can't be written: /dev/full: No space left on device\n"

    @pytest.mark.parametrize("policy", ["skip", "stop"])
    def test_that_can_take_no_more_ends_the_run(self, skip, kept, policy):
        done = skip(
            NUMBERS.replace("int", "typing.Any"),
            *("--on-error", policy, "--errors", "errors.jsonl"),
            stdin=f'{{"value": 1}}\n{{"value": 2, "more": "{"x" * 2000}"}}\n{{"value": 3}}\n',
            shell='ulimit -f 1; exec "$@"',
        )

        assert (done.code, done.out) == (2, "1\n")
        assert "tube.yaml:5:3: error: the node 'x' failed in epoch 1\n" in done.err
        assert "error: the failed records can't be written: errors.jsonl: File too large; not in it: " in done.err
        assert "record 2 of <stdin>, ValueError: can't work with 2" in done.err
        assert kept() == []


def test_what_is_no_exception_and_refuses_all_is_skipped_like_any_other(skip, write):
    write(
        "panic.py",
        """
        class Panic(BaseException):
            def __getattribute__(self, name):
                raise Panic(name)

        def check(value):
            if value == 1:
                raise Panic("out of bounds")
            return value
        """,
    )

    done = skip(CHECKED.replace("skip.check", "panic.check"), "--epochs", "3", "--errors", "errors.jsonl")

    assert (done.code, done.results) == (1, [0, 2])
    assert done.err.startswith("tube.yaml:3:3: error: the node 'x' failed in epoch 1\n")
    assert done.err.endswith("Panic: out of bounds\nskipped 1 failed epoch: see errors.jsonl\n")


NESTED = """
    input: {values: {type: list, scope: process}}
    nodes:
      inner:
        type: tube
        depends: [{numbers: input.values}]
        params:
          tube:
            input: {numbers: {type: "list[int]", scope: process}}
            nodes: {total: {type: sum, depends: input.numbers}, return: {type: return, depends: total.value}}
      return: {type: return, depends: inner.value}
"""


def test_a_wrong_input_of_a_nested_tube_is_told_like_any_other(noob, write, folder):
    write("nested.yaml", NESTED)
    options = ("--on-error", "skip", "--errors", "failed.jsonl")
    records = "".join(f'{{"values": {each}}}\n' for each in ("[1, 2]", '[1, "x"]', "[4]"))

    done = noob("run", "nested.yaml", *options, stdin=records)

    said = "<stdin>, record 2 (line 2): the input 'inner.numbers'[1] should be int, given 'x': Input should be a valid "
    said += "integer, unable to parse string as an integer"
    assert (done.code, done.results) == (1, [3, 4])
    assert done.err.splitlines()[0] == f"nested.yaml:9:17: error: in epoch 1, {said}"
    assert done.err.splitlines()[3:] == ["skipped 1 failed epoch: see failed.jsonl"]
    assert json.loads((folder / "failed.jsonl").read_text()) == {
        "record": {"values": [1, "x"]},
        "file": "<stdin>",
        "number": 2,
        "line": 2,
        "epoch": 1,
        "node": "inner.input.numbers",
        "error": said,
    }


def test_a_wrong_input_of_a_nested_tube_that_no_record_has_brought(noob, write):
    batch = "nodes:\n      batch: {type: gather, params: {n: 2, flush: true}, depends: input.values}\n      inner:"
    tube = NESTED.replace("numbers: input.values", "numbers: batch.value")
    write("nested.yaml", tube.replace("nodes:\n      inner:", batch))

    done = noob("run", "nested.yaml", stdin='{"values": ["x"]}\n')

    assert done.err.splitlines()[0].startswith(
        "nested.yaml:10:17: error: in epoch 1, the input 'inner.numbers'[0] should be int, given ['x']: "
    )
