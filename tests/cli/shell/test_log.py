"""`-v`, `-q` and `--log-file`: how much a run tells, and where."""

import os
import re
import signal

import pytest

from tests.cli.conftest import COMMAND

START = [
    "the tube 'connected' was loaded from connected.yaml",
    "the asset 'database' was made",
    "the node 'count' was started",
]
EPOCH = [
    "epoch 0: the asset 'cursor' was made",
    "epoch 0: count.index = 0",
    "epoch 0: save.value = 0",
    "epoch 0: read.value = 0",
    "epoch 0: the asset 'cursor' was ended",
    "epoch 0 has ended",
]
END = [
    "the node 'count' was ended",
    "the asset 'database' was ended",
    "the run ended after 1 epoch and 1 result",
    "the command ended with exit code 0",
]
UNKNOWN = '{"name": "a", "age": 1, "agee": 2}\n'
TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}[+-]\d\d:\d\d")


def lines(level, texts):
    return [f"{level}: {text}" for text in texts]


def logged(file):
    """The lines of a log without their times, each of which is looked at."""
    found = []
    for line in file.read_text().splitlines():
        time, _, rest = line.partition(" ")
        assert TIME.fullmatch(time), line
        found.append(rest)
    return found


class TestHowMuch:
    def test_what_happens_once_in_a_run(self, noob):
        done = noob("run", "connected", "-n", "1", "-v")

        assert (done.code, done.out) == (0, "0\n")
        assert done.err.splitlines() == lines("info", START + END)

    @pytest.mark.parametrize("option", ["-vv", "-vvv"])
    def test_what_happens_in_each_epoch(self, noob, option):
        done = noob("run", "connected", "-n", "1", option)

        assert (done.code, done.out) == (0, "0\n")
        assert done.err.splitlines() == lines("info", START) + lines("debug", EPOCH) + lines("info", END)

    def test_inputs_and_the_end_of_a_source(self, noob, write):
        write(
            "ends.yaml",
            """
            input:
              limit: {type: int}
              password: {type: str, default: "unused"}
            nodes:
              each: {type: tube, params: {tube: {nodes: {
                count: {type: steps.count, params: {limit: 1}},
                return: {type: return, depends: count.index}}}}}
              count: {type: steps.count, params: {limit: input.limit}}
              same: {type: steps.same, depends: input.password}
            """,
        )

        done = noob("run", "ends.yaml", "-i", "limit=2", "-v")

        assert done.err.splitlines()[1:] == lines(
            "info",
            [
                "the input 'limit' is 2",
                "the input 'password' is ***",
                "the node 'each.count' was started",
                "the node 'count' was started",
                "the source 'each.count' has ended",
                "the source 'each' has ended",
                "the source 'count' has ended",
                "the node 'count' was ended",
                "the node 'each.count' was ended",
                "the run ended after 2 epochs and 0 results",
                "the command ended with exit code 0",
            ],
        )

    def test_warnings_are_shown_but_with_q(self, noob):
        warning = "warning: there is no input 'agee', it is ignored: did you mean 'age'?\n"

        assert noob("run", "people", stdin=UNKNOWN).err == warning
        assert warning in noob("run", "people", "-v", stdin=UNKNOWN).err
        done = noob("run", "people", "-q", stdin=UNKNOWN)
        assert (done.code, done.out, done.err) == (0, '{"name":"a","age":1}\n', "")

    def test_warnings_of_the_tube_too(self, noob, write):
        write("warned.yaml", "nodes:\n  zero: {type: steps.zero, hue: 1}\n")

        assert "warning[K001]" in noob("run", "warned.yaml", "-n", "1").err
        assert noob("run", "warned.yaml", "-n", "1", "-q").err == ""

    def test_errors_are_always_shown(self, noob, write):
        write("fails.yaml", "nodes:\n  n: {type: steps.count}\n  picky: {type: steps.fail_at, depends: n.index}\n")
        write("wrong.yaml", "nodes:\n  a: {type: steps.nope}\n")

        assert "can't work with 2" in noob("run", "fails.yaml", "-q").err
        assert "steps.nope" in noob("run", "wrong.yaml", "-q").err
        assert "'age' (int) is missing" in noob("run", "people", "-q", stdin='{"name": "a"}\n').err

    @pytest.mark.parametrize(("option", "said"), [("-v", True), ("-q", False)])
    def test_that_a_signal_has_stopped_it(self, start, option, said):
        running = start("run", "forever", option)
        running.read_line()

        done = running.stop(signal.SIGTERM)

        assert done.code == 143
        assert ("SIGTERM" in done.err) == said
        assert ("info: the command ended with exit code 143" in done.err) == said

    def test_no_progress_with_q(self, terminal):
        assert terminal("run", "count", "-q").shown == ""
        assert "3 epochs" in terminal("run", "count", "-q", "--progress").shown

    def test_both_at_once_are_refused(self, noob, journal):
        done = noob("run", "connected", "-q", "-v")

        assert (done.code, done.stdout) == (2, b"")
        assert "contradict" in done.err
        assert journal() == []

    def test_an_asset_is_ended_if_an_epoch_fails(self, noob, write):
        write(
            "fails.yaml",
            """
            assets:
              cursor: {type: steps.Connection, scope: process}
              each: {type: steps.Connection, scope: node}
            nodes:
              count: {type: steps.count, params: {start: 2}}
              use: {type: steps.use, depends: [count.index, connection: assets.cursor]}
              picky: {type: steps.fail_at, depends: [use.value]}
              after: {type: steps.use, depends: [picky.value, connection: assets.each]}
            """,
        )

        done = noob("run", "fails.yaml", "-vv")

        said = [line for line in done.err.splitlines() if line.startswith(("info", "debug"))]
        assert said[2:] == [
            "debug: epoch 0: the asset 'cursor' was made",
            "debug: epoch 0: count.index = 2",
            "debug: epoch 0: use.value = 2",
            "debug: the asset 'cursor' was ended",
            "info: the node 'count' was ended",
            "info: the run ended after 0 epochs and 0 results",
            "info: the command ended with exit code 1",
        ]

    def test_what_it_tells_of_a_value_is_short(self, noob, write):
        write("long.yaml", "nodes:\n  long: {type: operator.mul, params: {a: x, b: 1000000}}\n")
        write(
            "long.yaml",
            """
            input: {n: {type: int}}
            nodes:
              range: {type: range, depends: input.n}
              l: {type: list, depends: range.value}
            """,
        )

        done = noob("run", "long.yaml", "-n", "1", "-vv", "-i", "n=100000")

        assert "debug: epoch 0: l.value = [0, 1, 2, 3, 4, ...]" in done.err.splitlines()

    def test_telling_copies_nothing(self, noob, write):
        write(
            "locks.py",
            """
            import threading

            def use(lock=None):
                return threading.Lock()
            """,
        )
        write(
            "locks.yaml",
            """
            assets: {lock: {type: threading.Lock, scope: runner, depends: use.value}}
            nodes: {use: {type: locks.use, depends: [lock: assets.lock]}}
            """,
        )

        done = noob("run", "locks.yaml", "-n", "2", "-vv")

        assert done.code == 0
        assert done.err.count("use.value = <unlocked _thread.lock object") == 2


class TestLogFile:
    def test_it_gets_what_happens_once_in_a_run(self, noob, folder):
        done = noob("run", "connected", "-n", "1", "--log-file", "run.log")

        assert (done.code, done.out, done.err) == (0, "0\n", "")
        assert logged(folder / "run.log") == lines("info", START + END)

    @pytest.mark.parametrize(
        ("option", "shown", "in_file"),
        [
            ("-q", [], START + END),
            ("-v", START + END, START + END),
            ("-vv", START + EPOCH + END, START + EPOCH + END),
        ],
    )
    def test_or_what_is_shown_if_that_is_more(self, noob, folder, option, shown, in_file):
        done = noob("run", "connected", "-n", "1", "--log-file", "run.log", option)

        assert [line.partition(": ")[2] for line in done.err.splitlines()] == shown
        assert [line.partition(": ")[2] for line in logged(folder / "run.log")] == in_file

    def test_it_is_added_to(self, noob, write):
        file = write("run.log", "2024-01-01T00:00:00.000+00:00 info: earlier\n")

        assert noob("run", "connected", "-n", "1", "--log-file", "run.log").code == 0
        assert logged(file) == ["info: earlier", *lines("info", START + END)]

    def test_warnings_and_errors_are_in_it_with_their_tracebacks(self, noob, write, folder):
        nodes = "  n: {type: steps.count, hue: 1}\n  picky: {type: steps.fail_at, depends: n.index}\n"
        write("fails.yaml", f"nodes:\n{nodes}")

        done = noob("run", "fails.yaml", "--log-file", "run.log")

        text = (folder / "run.log").read_text()
        assert done.code == 1
        assert "warning: fails.yaml:2:26: warning[K001]: the key 'hue' has no meaning here" in text
        assert "error: fails.yaml:3:3: error: the node 'picky' failed in epoch 2" in text
        assert "ValueError: can't work with 2\n" in text
        assert text.endswith("info: the command ended with exit code 1\n")

    def test_what_is_wrong_with_a_tube_or_a_record_is_in_it(self, noob, write, folder):
        write("wrong.yaml", "nodes:\n  a: {type: steps.nope}\n")

        assert noob("run", "wrong.yaml", "--log-file", "run.log", "-q").code == 2
        assert noob("run", "people", "--log-file", "run.log", "-q", stdin='{"name": "a"}').code == 2
        assert noob("run", "nothing", "--log-file", "run.log", "-q").code == 2

        text = (folder / "run.log").read_text()
        for part in ("steps.nope", "record 1 (line 1): the input 'age' (int) is missing", "'nothing'"):
            assert part in text
        assert text.count("exit code 2\n") == 3

    @pytest.mark.parametrize("name", ["missing/run.log", "sub", "x" * 300, "/dev/full"])
    def test_one_that_can_not_be_written_is_an_error_before_anything_is_made(self, noob, folder, journal, name):
        (folder / "sub").mkdir()

        done = noob("run", "connected", "-n", "1", "--log-file", name)

        assert (done.code, done.stdout) == (2, b"")
        assert done.err.startswith(f"error: the log can't be written: {name}: ")
        assert journal() == []

    @pytest.mark.parametrize(
        ("name", "what"),
        [
            ("people.yaml", "the tube that is run"),
            ("people.jsonl", "the file of the records"),
            ("link", "the file of the records"),
        ],
    )
    def test_a_file_that_is_read_from_is_refused(self, noob, write, folder, name, what):
        write("people.jsonl", '{"name": "a", "age": 1}\n')
        (folder / "link").symlink_to("people.jsonl")
        before = (folder / name).read_text()

        done = noob("run", "people", "-f", "people.jsonl", "--log-file", name)

        assert (done.code, done.stdout) == (2, b"")
        assert done.err == f"error: '--log-file {name}' is {what}: name another one\n"
        assert (folder / name).read_text() == before

    def test_the_file_of_the_results_is_refused(self, noob, folder):
        done = noob("run", "count", "--log-file", "out", "-o", "out")

        assert (done.code, done.err) == (2, "error: '-o out' is the log file: name another one\n")

    def test_a_log_that_gets_full_is_a_warning_and_ends_nothing(self, noob, folder):
        options = ("-n", "500", "--log-file", "run.log", "-vv")
        done = noob("run", "forever", *options, shell='ulimit -f 1; exec "$@" 2>&1 > /dev/null')

        said = done.out.splitlines()
        assert done.code == 0
        assert said.count("warning: the log can't be written: run.log: File too large") == 1
        assert said[-1] == "info: the command ended with exit code 0"
        assert (folder / "run.log").stat().st_size in (512, 1024)

    def test_a_pipe(self, noob, folder):
        os.mkfifo(folder / "pipe")

        done = noob("run", "connected", "-n", "1", "--log-file", "pipe", shell='cat pipe >&2 & "$@"; wait')

        assert (done.code, done.out) == (0, "0\n")
        assert done.err.count(" info: ") == len(START + END)

    def test_the_logging_of_nodes_is_left_alone(self, noob, write, folder):
        write(
            "logs.py",
            """
            import logging, logging.config

            logging.basicConfig(level=logging.DEBUG, format="mine: %(message)s")

            def talk() -> int:
                logging.getLogger("noob").debug("from a node")
                logging.config.dictConfig({"version": 1})
                logging.disable()
                return 1
            """,
        )
        write("logs.yaml", "nodes:\n  talk: {type: logs.talk}\n  return: {type: return, depends: talk.value}\n")

        done = noob("run", "logs.yaml", "-n", "1", "-v", "--log-file", "run.log")

        said = done.err.splitlines()
        assert (done.code, done.out) == (0, "1\n")
        assert said.count("mine: from a node") == 1
        assert [line for line in said if line.startswith("info: ")] == logged(folder / "run.log")
        assert len(said) == 1 + len(logged(folder / "run.log"))


TOLD = ["info: the node 'talk', epoch 0: mine: got 0", "info: the node 'talk', epoch 1: mine: got 1"]
WARNED = [
    "warning: the node 'talk', epoch 1: mine: one",
    "  and more\\x1b[0m",
    "warning: the node 'talk', epoch 1: UserWarning: careful (talks.py:11)",
]


class TestOwnMessages:
    """What the code of a tube tells through `logging` and `warnings`."""

    @pytest.fixture
    def tube(self, write):
        write(
            "talks.py",
            """
            import logging, sys, warnings

            log = logging.getLogger("mine")

            def talk(value: int) -> int:
                log.debug("looks")
                log.info("got %s", value)
                if value:
                    log.warning("one\\nand more\\x1b[0m")
                    warnings.warn("careful")
                return value
            """,
        )
        write(
            "talks.yaml",
            """
            nodes:
              n: {type: steps.count, params: {limit: 2}}
              talk: {type: talks.talk, depends: n.index}
              return: {type: return, depends: talk.value}
            """,
        )

    @pytest.mark.parametrize(
        ("options", "expected"),
        [((), WARNED), (("-q",), []), (("-v",), [*TOLD, *WARNED]), (("--runner", "processes"), WARNED)],
    )
    def test_warnings_are_shown_always_and_the_rest_with_v(self, noob, tube, folder, options, expected):
        done = noob("run", "talks.yaml", *options)

        said = [line for line in done.err.splitlines() if "ended" not in line]
        said = [re.sub("worker [0-9]+, ", "", line) for line in said if "talk'" in line or line.startswith(" ")]
        assert (done.code, done.out) == (0, "0\n1\n")
        assert sorted(said) == sorted(expected)

    def test_the_log_has_them_and_what_a_handler_of_the_users_shows_is_shown_once(self, noob, tube, write, folder):
        file = folder / "talks.py"
        file.write_text(file.read_text() + "logging.basicConfig(format='own: %(message)s', level='DEBUG')\n")

        done = noob("run", "talks.yaml", "-vv", "--log-file", "run.log", "-n", "1")

        assert done.err.splitlines().count("own: got 0") == 1
        assert "mine: got 0" not in done.err
        assert {"debug: the node 'talk', epoch 0: mine: looks", TOLD[0]} <= {*logged(folder / "run.log")}


def test_what_is_not_told_is_not_imported(noob, write):
    write("look.py", "import sys\ndef look():\n    return sorted({'logging', 'rich'} & {*sys.modules})\n")
    write("look.yaml", "nodes:\n  n: {type: look.look}\n  return: {type: return, depends: n.value}\n")

    assert noob("run", "look.yaml", "-n", "1", command=COMMAND).out == "[]\n"
