"""Results: where they go, how they look, when they are seen, and that nothing else stands between them."""

import json
import os
import select
from functools import partial

import pytest

from tests.cli.conftest import COMMAND
from tests.patience import PATIENCE, wait_until

# Every way in which code writes on standard output, each with a text of its own.
TALKATIVE = """
import atexit
import ctypes
import logging
import os
import subprocess
import sys
import threading

print("from the import")
log = logging.getLogger("talkative")
log.addHandler(logging.StreamHandler(sys.stdout))
atexit.register(lambda: print("from atexit"))
libc = ctypes.CDLL(None)


class Asset:
    def __init__(self):
        print("from the asset")

    def __enter__(self):
        return self

    def __exit__(self, *error):
        print("from the end of the asset")


class Talk:
    def init(self):
        print("from init")

    def process(self, value, asset):
        print("from print")
        sys.stdout.write("from sys.stdout\\n")
        print("from sys.__stdout__", file=sys.__stdout__, flush=True)
        sys.stdout.buffer.write(b"from the buffer\\n")
        os.write(1, b"from the descriptor\\n")
        with open("/dev/stdout", "w") as file:
            print("from /dev/stdout", file=file)
        libc.puts(b"from C")
        libc.fflush(None)
        subprocess.run([sys.executable, "-Sc", "print('from a subprocess')"], check=True)
        os.system("echo from a shell")
        log.warning("from logging")
        thread = threading.Thread(target=print, args=("from a thread",))
        thread.start()
        thread.join()
        libc.puts(b"from the buffer of C")
        return value

    def deinit(self):
        print("from deinit")
"""
SAID = [
    "the import", "atexit", "the asset", "the end of the asset", "init", "print", "sys.stdout", "sys.__stdout__",
    "the buffer", "the descriptor", "/dev/stdout", "C", "a subprocess", "a shell", "logging", "a thread",
    "the buffer of C", "deinit",
]  # fmt: skip
TALKATIVE_TUBE = """
    noob_id: talkative
    assets:
      asset: {type: talkative.Asset, scope: runner}
    nodes:
      count: {type: steps.count, params: {limit: 2}}
      talk: {type: talkative.Talk, depends: [count.index, asset: assets.asset]}
      return: {type: return, depends: talk.value}
    """


class TestNothingButResults:
    @pytest.fixture(scope="class")
    @classmethod
    def outcomes(cls, run_side_by_side):
        files = {"talkative.py": TALKATIVE, "talkative.yaml": TALKATIVE_TUBE}
        return run_side_by_side(
            {
                "run": (("run", "talkative"), files),
                "json": (("run", "talkative", "-o", "out.json", "--output-format", "json"), files),
                "validate": (("validate", "talkative.yaml"), files),
                "assets": (("assets", "list", "talkative.yaml", "--json"), files),
            }
        )

    def test_what_user_code_writes_goes_to_stderr(self, outcomes):
        done = outcomes["run"]

        assert (done.code, done.out) == (0, "0\n1\n")

    @pytest.mark.parametrize("source", SAID)
    def test_and_nothing_of_it_is_lost(self, outcomes, source):
        said = outcomes["run"].err.splitlines()

        once = source in ("the import", "atexit", "the asset", "the end of the asset", "init", "deinit")
        assert said.count(f"from {source}") == (1 if once else 2)

    def test_what_is_printed_in_python_comes_in_order(self, outcomes):
        said = outcomes["run"].err.splitlines()

        order = [
            "the import",
            "the asset",
            "init",
            "print",
            "a subprocess",
            "a thread",
            "deinit",
            "the end of the asset",
        ]
        assert sorted(order, key=lambda source: said.index(f"from {source}")) == order

    @pytest.mark.parametrize(
        "careless",
        [
            "sys.stderr.close(), sys.stdout.close()",
            "sys.stdout = sys.stderr = None",
            "sys.stderr = open(os.devnull, 'w'); sys.stderr.close()",
            "sys.stderr = types.SimpleNamespace(write=print, flush=int)",
        ],
    )
    def test_code_that_closes_or_replaces_them_keeps_nothing_back(self, noob, write, careless):
        write("careless.py", f"import os, sys, types\ndef share(value):\n    {careless}\n    return 6 / value")
        write(
            "careless.yaml",
            """
            nodes:
              count: {type: itertools.count, params: {start: 1, step: -1}}
              share: {type: careless.share, depends: [count.value]}
              return: {type: return, depends: share.value}
            """,
        )

        done = noob("run", "careless.yaml", "--stats")

        assert (done.code, done.out) == (1, "6.0\n")
        assert "ZeroDivisionError: division by zero" in done.err
        assert "1 epoch in" in done.err

    def test_the_same_when_results_go_to_a_file(self, outcomes):
        done = outcomes["json"]

        assert (done.code, done.stdout) == (0, b"")
        assert json.loads((done.folder / "out.json").read_text()) == [0, 1]
        assert "from print" in done.err

    def test_the_same_for_the_other_commands(self, outcomes):
        assert outcomes["validate"].out == "talkative.yaml: valid\n"
        assert [each["id"] for each in json.loads(outcomes["assets"].out)] == ["asset"]
        for command in ("validate", "assets"):
            assert outcomes[command].code == 0
            assert "from the import" in outcomes[command].err
            assert "from the asset" not in outcomes[command].err


VALUES_CODE = """
import dataclasses, datetime, decimal, enum, pathlib, uuid
import numpy
import pydantic

@dataclasses.dataclass
class Point:
    x: int
    when: datetime.date

class Model(pydantic.BaseModel):
    name: str
    path: pathlib.PurePosixPath

class Colour(enum.Enum):
    red = "r"

def values():
    return {
        "date": datetime.date(2024, 2, 29),
        "datetime": datetime.datetime(2024, 2, 29, 12, 30),
        "path": pathlib.PurePosixPath("a/b"),
        "set": {1},
        "frozenset": frozenset({"a"}),
        "tuple": (1, (2,)),
        "bytes": b"abc",
        "dataclass": Point(1, datetime.date(2024, 1, 1)),
        "model": Model(name="a", path="b/c"),
        "integer of numpy": numpy.int64(3),
        "float of numpy": numpy.float32(0.5),
        "bool of numpy": numpy.bool_(True),
        "array": numpy.array([[1, 2], [3, 4]]),
        "array with nan": numpy.array([1.0, numpy.nan]),
        "nan": float("nan"),
        "infinity": [float("inf"), -float("inf")],
        "nan of numpy": numpy.float64("nan"),
        "uuid": uuid.UUID(int=1),
        "enum": Colour.red,
        "none": None,
        "text": 'Zoë "quoted" \\n 🎈',
        "half a surrogate pair": "a\\ud83d",
        "large": 2**70,
        "keys": {1: "int", "a": {None: 1}},
    }

class Odd:
    def __repr__(self):
        return "<Odd thing>"

def odd():
    return [Odd(), {"a": Odd()}, iter([1])]

def itself():
    items = [1]
    items.append(items)
    return items

def huge():
    return 10 ** 5000

class Worse:
    def __repr__(self):
        raise RuntimeError("no repr")

def worse():
    return Worse()
"""
VALUES = {
    "date": "2024-02-29",
    "datetime": "2024-02-29T12:30:00",
    "path": "a/b",
    "set": [1],
    "frozenset": ["a"],
    "tuple": [1, [2]],
    "dataclass": {"x": 1, "when": "2024-01-01"},
    "model": {"name": "a", "path": "b/c"},
    "integer of numpy": 3,
    "float of numpy": 0.5,
    "bool of numpy": True,
    "array": [[1, 2], [3, 4]],
    "array with nan": [1.0, None],
    "nan": None,
    "infinity": [None, None],
    "nan of numpy": None,
    "uuid": "00000000-0000-0000-0000-000000000001",
    "enum": "r",
    "none": None,
    "text": 'Zoë "quoted" \n 🎈',
    "large": 2**70,
}
ONE_NODE = "nodes:\n  n: {{type: {}}}\n  return: {{type: return, depends: n.value}}\n"


class TestValues:
    @pytest.fixture(scope="class")
    @classmethod
    def outcomes(cls, run_side_by_side):
        pytest.importorskip("numpy")
        return run_side_by_side(
            {
                name: (("run", "t.yaml", "-n", "2"), {"v.py": VALUES_CODE, "t.yaml": ONE_NODE.format(f"v.{name}")})
                for name in ("values", "odd", "itself", "huge", "worse")
            }
        )

    @pytest.mark.parametrize("name", VALUES)
    def test_what_json_lacks_is_written_sensibly(self, outcomes, name):
        assert [result[name] for result in outcomes["values"].results] == [VALUES[name]] * 2

    @pytest.mark.parametrize("name", ["bytes", "half a surrogate pair", "keys"])
    def test_what_has_several_sensible_forms_is_there(self, outcomes, name):
        assert outcomes["values"].results[0][name]

    def test_none_of_these_needs_a_warning(self, outcomes):
        assert (outcomes["values"].code, outcomes["values"].err) == (0, "")

    def test_the_rest_is_its_repr_with_one_warning(self, outcomes):
        done = outcomes["odd"]

        assert done.code == 0
        assert [result[:2] for result in done.results] == [["<Odd thing>", {"a": "<Odd thing>"}]] * 2
        assert all("list_iterator object" in result[2] for result in done.results)
        assert done.err.count("warning") == 1
        assert "Odd" in done.err

    @pytest.mark.parametrize("name", ["itself", "huge", "worse"])
    def test_it_is_valid_json_whatever_it_is(self, outcomes, name):
        done = outcomes[name]

        # Python itself refuses to make an integer of more than 4300 digits.
        assert len([json.loads(line, parse_int=str) for line in done.out.splitlines()]) == 2
        assert done.code == 0
        assert done.err.count("warning") <= 1

    def test_no_numpy_is_needed_nor_imported(self, noob, write):
        write("look.py", "import sys\ndef look():\n    return 'numpy' in sys.modules\n")
        write("look.yaml", ONE_NODE.format("look.look"))

        assert noob("run", "look.yaml", "-n", "1", command=COMMAND).results == [False]


class TestFormats:
    def test_json_lines_are_the_default_one_result_per_line(self, noob, write):
        write("lists.yaml", ONE_NODE.format('steps.same, params: {value: {a: [1, "x\\ny"]}}'))

        for args in ((), ("--output-format", "jsonl")):
            done = noob("run", "lists.yaml", "-n", "2", *args)
            assert done.out.count("\n") == 2
            assert done.results == [{"a": [1, "x\ny"]}] * 2

    def test_json_is_one_array(self, noob):
        done = noob("run", "count", "--output-format", "json")

        assert (done.code, json.loads(done.out)) == (0, [0, 2, 4])

    def test_json_without_results_is_an_empty_array(self, noob):
        for args in (("run", "count", "-n", "0"), ("run", "shout")):
            assert json.loads(noob(*args, "--output-format", "json").out) == []

    def test_pretty_is_for_reading_and_still_json(self, noob):
        done = noob("run", "people", "--output-format", "pretty", stdin='{"name": "Zoë", "age": 1}\n' * 2)

        assert done.out.count("\n") >= 2 * 4
        assert '  "name": "Zoë"' in done.out
        decoder = json.JSONDecoder()
        first, end = decoder.raw_decode(done.out)
        assert first == decoder.raw_decode(done.out[end:].lstrip())[0] == {"name": "Zoë", "age": 1}

    def test_none_writes_nothing(self, noob, folder):
        assert noob("run", "count", "--output-format", "none").stdout == b""
        assert noob("run", "count", "--output-format", "none", "-n", "2").stdout == b""

    def test_a_returned_none_is_null_and_a_tube_without_return_writes_nothing(self, noob, write):
        write("null.yaml", ONE_NODE.format("steps.same, params: {value: null}"))

        assert noob("run", "null.yaml", "-n", "2").out == "null\nnull\n"
        assert noob("run", "silent").stdout == b""

    def test_an_array_is_closed_when_a_node_fails(self, noob, write):
        write(
            "fails.yaml",
            """
            nodes:
              count: {type: steps.count}
              picky: {type: steps.fail_at, depends: count.index}
              return: {type: return, depends: picky.value}
            """,
        )

        done = noob("run", "fails.yaml", "--output-format", "json")

        assert (done.code, json.loads(done.out)) == (1, [0, 1])


WAITING = """
    nodes:
      count: {type: steps.count, params: {limit: 2}}
      wait: {type: waiting.wait, depends: count.index}
      return: {type: return, depends: wait.value}
    """

WAITING_CODE = """
import time
from pathlib import Path


def wait(index):
    while index == 1 and not Path("go").exists():
        time.sleep(0.005)
    return index
"""


class TestSoon:
    """A result that was returned is visible while the next epoch is still at work."""

    @pytest.fixture
    def start_waiting(self, start, write):
        write("waiting.yaml", WAITING)
        write("waiting.py", WAITING_CODE)
        return partial(start, "run", "waiting.yaml")

    @pytest.mark.parametrize("output_format", ["jsonl", "json", "pretty"])
    def test_on_standard_output(self, start_waiting, folder, output_format):
        running = start_waiting("--output-format", output_format)
        ready, _, _ = select.select([running.process.stdout], [], [], PATIENCE)

        assert ready
        assert os.read(running.process.stdout.fileno(), 100).strip() in (b"0", b"[0")
        (folder / "go").touch()
        assert running.end().code == 0

    def test_in_a_file(self, start_waiting, folder):
        running = start_waiting("-o", "out")
        wait_until(lambda: (folder / "out").exists() and (folder / "out").stat().st_size)

        (folder / "go").touch()
        assert running.end().code == 0

    def test_an_array_grows(self, start):
        running = start("run", "shout", "--input-format", "lines", "--output-format", "json")
        seen = b""
        for text in ("a", "b"):
            running.feed(text + "\n")
            ready, _, _ = select.select([running.process.stdout], [], [], 5)
            assert ready
            seen += os.read(running.process.stdout.fileno(), 100)
            assert f'"{text.upper()}"' in seen.decode()

        assert json.loads(seen + running.end().stdout) == ["A", "B"]


class TestFile:
    def test_results_go_to_the_file_only(self, noob, folder):
        done = noob("run", "count", "-o", "out.jsonl")

        assert (done.code, done.stdout, done.err) == (0, b"", "")
        assert (folder / "out.jsonl").read_text() == "0\n2\n4\n"

    @pytest.mark.parametrize("name", ["-", "/dev/stdout", "/dev/fd/1"])
    def test_standard_output_by_name(self, noob, name):
        done = noob("run", "count", "-o", name)

        assert (done.code, done.out, done.err) == (0, "0\n2\n4\n", "")

    def test_a_file_that_is_there_is_replaced(self, noob, write):
        file = write("out.jsonl", "old\n" * 100)

        assert noob("run", "count", "-o", "out.jsonl").code == 0
        assert file.read_text() == "0\n2\n4\n"

    def test_a_file_without_results_is_empty(self, noob, folder):
        assert noob("run", "shout", "-o", "out.jsonl").code == 0
        assert (folder / "out.jsonl").read_bytes() == b""

    @pytest.mark.parametrize("name", ["./words", "link", "hard"])
    def test_the_file_that_the_records_come_from_is_refused(self, noob, write, folder, journal, name):
        file = write("words", '{"word": "a"}\n')
        (folder / "link").symlink_to("words")
        (folder / "hard").hardlink_to(file)

        done = noob("run", "shout", "-f", "words", "-o", name)

        assert (done.code, done.stdout) == (2, b"")
        assert name.removeprefix("./") in done.err
        assert file.read_text() == '{"word": "a"}\n'

    @pytest.mark.parametrize("args", [(), ("-f", "-")])
    def test_the_same_if_standard_input_is_that_file(self, noob, write, args):
        file = write("words", '{"word": "a"}\n')

        done = noob("run", "shout", *args, "-o", "words", stdin=file)

        assert (done.code, done.stdout) == (2, b"")
        assert file.read_text() == '{"word": "a"}\n'

    def test_the_tube_itself_is_not_written_over(self, noob, folder):
        before = (folder / "count.yaml").read_text()

        done = noob("run", "count.yaml", "-o", "count.yaml")

        assert (folder / "count.yaml").read_text() == before
        assert done.code == 2

    @pytest.mark.parametrize(
        "wrong",
        [
            ("run", "nothing"),
            ("run", "wrong.yaml"),
            ("run", "scale", "-i", "factor=x"),
            ("run", "shout", "-f", "missing"),
        ],
    )
    def test_a_wrong_command_line_leaves_the_old_file_alone(self, noob, write, wrong):
        write("wrong.yaml", "nodes:\n  a: {type: steps.nope}\n")
        file = write("out", "old\n")

        assert noob(*wrong, "-o", "out").code == 2
        assert file.read_text() == "old\n"

    @pytest.mark.parametrize("name", ["missing/out", "sub", "", "x" * 300])
    def test_a_file_that_can_not_be_written_is_an_error_before_anything_is_made(self, noob, folder, journal, name):
        (folder / "sub").mkdir()

        done = noob("run", "connected", "-n", "1", "-o", name)

        assert (done.code, done.stdout) == (2, b"")
        assert name.removesuffix("/") in done.err
        assert "Traceback" not in done.err
        assert journal() == []
        assert not (folder / "missing").exists()

    @pytest.mark.skipif(os.geteuid() == 0, reason="root can write all files")
    def test_a_file_that_is_not_ours_to_write(self, noob, write, journal):
        write("out", "old").chmod(0o400)

        done = noob("run", "connected", "-n", "1", "-o", "out")

        assert (done.code, done.stdout) == (2, b"")
        assert "out" in done.err
        assert journal() == []

    @pytest.mark.skipif(not os.path.exists("/dev/full"), reason="needs /dev/full")
    @pytest.mark.parametrize("output_format", ["jsonl", "json"])
    def test_a_full_disk_is_an_error_before_anything_is_made(self, noob, journal, output_format):
        done = noob("run", "connected", "-o", "/dev/full", "--output-format", output_format)

        assert (done.code, done.stdout) == (2, b"")
        assert done.err == "error: the results can't be written: /dev/full: No space left on device\n"
        assert journal() == []

    def test_a_limit_that_leaves_no_room(self, noob, folder, journal):
        # What goes wrong would otherwise be limited, too: standard error is a pipe.
        done = noob("run", "connected", "-o", "out", shell='ulimit -f 0; exec "$@"')

        assert (done.code, done.err) == (2, "error: the results can't be written: out: File too large\n")
        assert journal() == []
        assert not (folder / "out").exists()

    @pytest.mark.skipif(not os.path.exists("/dev/full"), reason="needs /dev/full")
    def test_a_full_disk_behind_standard_output(self, noob, folder, journal):
        for args in (("run", "connected"), ("run", "count"), ("validate", "count"), ("assets", "list", "sums")):
            done = noob(*args, stdout=type(folder)("/dev/full"))

            assert done.code == 2, args
            assert "No space left" in done.err
            assert "Traceback" not in done.err
        assert journal() == []


class TestStderr:
    """What can't be said is no reason to end, nor to be said elsewhere."""

    @pytest.mark.parametrize("stderr", ["2>&-", "2>/dev/full", "2>&1 >&3 | true"])
    @pytest.mark.parametrize(
        ("args", "code", "out"), [("run people -f -", 0, '{"name":"a","age":1}\n'), ("validate wrong.yaml", 2, "")]
    )
    def test_it_can_not_be_written_to(self, noob, write, args, code, out, stderr):
        write("wrong.yaml", "nodes:\n  a: {type: steps.nope}\n")
        script = f'exec 3>&1; {{ sleep 0.1; "$@"; echo "code $?" >&3; }} {stderr}'

        done = noob(*args.split(), shell=script, stdin='{"name": "a", "age": 1, "agee": 2}\n')

        assert done.out == f"{out}code {code}\n"


class TestClosedPipe:
    def test_it_ends_quietly_and_assets_are_ended(self, start, journal):
        running = start("run", "connected")
        assert [running.read_line() for _ in range(2)] == ["0", "1"]
        running.process.stdout.close()

        done = running.end()

        assert (done.code, done.err) == (0, "")
        assert journal()[-2:] == ["ended cursor", "ended database"]
        assert journal().count("made cursor") == journal().count("ended cursor")

    @pytest.mark.parametrize("args", ["run forever", "run forever --output-format json", "run count"])
    def test_head(self, noob, args):
        done = noob(*args.split(), shell='{ "$@"; echo "code $?" >&2; } | head -n 2')

        assert done.out.count("\n") == 2
        assert done.err == "code 0\n"

    @pytest.mark.parametrize("args", ["validate .", "assets list", "assets list --json"])
    def test_the_other_commands(self, noob, args):
        done = noob(*args.split(), shell='{ sleep 0.1; "$@"; echo "code $?" >&2; } | true')

        assert done.err == "code 0\n"


class TestProgress:
    def test_it_shows_on_a_terminal(self, terminal):
        done = terminal("run", "evens", "--output-format", "none", on_terminal="all")

        assert done.code == 0
        for part in ("7 epochs", "4 results", "/s", "0:00:0"):
            assert part in done.shown

    def test_the_total_is_shown_when_it_is_known(self, terminal):
        assert "100%" in terminal("run", "evens", "--progress", "-n", "3").shown
        assert "100%" in terminal("run", "evens", "--progress", "--epochs", "3").shown
        assert "%" not in terminal("run", "evens", "--progress").shown

    def test_it_shows_while_an_epoch_takes_its_time(self, terminal, write):
        write(
            "sleepy.yaml",
            """
            nodes:
              count: {type: steps.count, params: {limit: 2}}
              sleep: {type: steps.sleep_at, depends: count.index, params: {at: 1, seconds: 0.5}}
              return: {type: return, depends: sleep.value}
            """,
        )

        shown = terminal("run", "sleepy.yaml", "--progress").shown
        assert shown.index(", 1 result,") < shown.index(", 2 results,")

    def test_it_does_not_show_when_it_is_not_wanted(self, terminal):
        done = terminal("run", "count", "--no-progress")

        assert (done.code, done.results, done.shown) == (0, [0, 2, 4], "")

    def test_it_does_not_show_without_a_terminal(self, noob):
        assert noob("run", "count").err == ""

    def test_it_shows_without_a_terminal_when_it_is_wanted(self, noob):
        done = noob("run", "count", "--progress")

        assert (done.code, done.out) == (0, "0\n2\n4\n")
        for part in ("3 epochs", "3 results", "/s"):
            assert part in done.err

    def test_it_does_not_hide_an_error(self, terminal, write):
        write("fails.yaml", "nodes:\n  n: {type: steps.count}\n  picky: {type: steps.fail_at, depends: n.index}\n")

        done = terminal("run", "fails.yaml")

        assert done.code == 1
        assert "'picky'" in done.shown
        assert "can't work with 2" in done.shown

    def test_what_user_code_prints_is_whole(self, terminal):
        done = terminal("run", "silent")

        assert [line for line in done.shown.splitlines() if line.startswith("epoch ")] == [
            f"epoch {number}" for number in range(5)
        ]
