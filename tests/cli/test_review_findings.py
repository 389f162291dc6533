"""What a reviewer and a newcomer found: each of these failed once."""

import json
import os
import pty
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from noob_cli.cli.report.selection import Selection
from noob_cli.errors import TubeNotFoundError
from noob_cli.records.faults import RecordError
from noob_cli.records.reader import RecordReader
from noob_cli.specification.search import FoundTube, find_tube
from tests.patience import PATIENCE, without_waiting

COUNT = """
nodes:
  n: {type: itertools.count}
  return: {type: return, depends: n.value}
"""

ADD_ONE = """
input:
  line: {type: str, scope: process}
nodes:
  u: {type: builtins.str.upper, depends: [input.line]}
  return: {type: return, depends: u.value}
"""

SLOW = """
import sys, time
from contextlib import asynccontextmanager, contextmanager


def say(text):
    print(text, file=sys.stderr, flush=True)


@contextmanager
def ending():
    try:
        yield 1
    finally:
        say("ending")
        time.sleep(0.6)
        say("ENDED")


@asynccontextmanager
async def ending_async():
    import asyncio
    try:
        yield 1
    finally:
        say("ending")
        await asyncio.sleep(0.6)
        say("ENDED")


@contextmanager
def making():
    say("making")
    time.sleep(0.6)
    say("MADE")
    try:
        yield 1
    finally:
        say("ENDED")


class Node:
    def process(self, x: int):
        return x

    def deinit(self):
        say("ending")
        time.sleep(0.6)
        say("ENDED")
"""


class TestSignalsWhileSomethingIsMadeOrEnded:
    @pytest.mark.parametrize(
        ("code", "scope", "number"),
        [
            ("ending", "runner", signal.SIGINT),
            ("ending", "process", signal.SIGTERM),
            ("ending", "node", signal.SIGTERM),
            ("ending_async", "runner", signal.SIGTERM),
            ("ending_async", "process", signal.SIGHUP),
            ("ending_async", "node", signal.SIGINT),
        ],
    )
    def test_a_teardown_is_finished(self, start, write, number, scope, code):
        self.write_tube(write, f"slow.{code}", scope)
        running = start("run", "tube.yaml", "-n", "1")
        assert running.read_error_line() == "ending"

        done = running.stop(number)

        assert done.code == 128 + number
        assert without_waiting(done.err).splitlines()[0] == "ENDED"
        assert f"stopped by {number.name} after" in done.err

    @pytest.mark.parametrize("scope", ["runner", "process"])
    def test_an_asset_is_made_and_then_ended(self, start, write, scope):
        self.write_tube(write, "slow.making", scope)
        running = start("run", "tube.yaml", "-n", "5000000")
        assert running.read_error_line() == "making"

        done = running.stop(signal.SIGTERM)

        assert done.code == 143
        assert without_waiting(done.err).splitlines()[0] == "MADE"
        assert done.err.count("MADE") == done.err.count("ENDED") == 1

    def test_the_deinit_of_a_node_is_finished(self, start, write):
        write("slow.py", SLOW)
        write(
            "tube.yaml",
            """
            nodes:
              n: {type: itertools.count}
              u: {type: slow.Node, depends: [x: n.value]}
              return: {type: return, depends: u.value}
            """,
        )
        running = start("run", "tube.yaml", "-n", "2")
        assert running.read_error_line() == "ending"

        done = running.stop(signal.SIGINT)

        assert (done.code, done.results) == (130, [0, 1])
        assert without_waiting(done.err).splitlines()[0] == "ENDED"

    def test_a_third_signal_does_not_wait(self, start, write):
        write("slow.py", SLOW.replace("sleep(0.6)", "sleep(60)"))
        self.write_tube(write, "slow.ending", "runner", code=None)
        running = start("run", "tube.yaml", "-n", "1")
        assert running.read_error_line() == "ending"
        for number in (signal.SIGTERM, signal.SIGINT):
            running.process.send_signal(number)
            time.sleep(0.1)

        done = running.stop(signal.SIGTERM)

        assert done.code == 143
        assert "ENDED" not in done.err

    def test_while_a_record_is_awaited_it_comes_at_once(self, start, write):
        write("tube.yaml", ADD_ONE)
        running = start("run", "tube.yaml", "--input-format", "lines")
        running.feed("a\n")
        assert running.read_line() == '"A"'
        running.process.send_signal(signal.SIGTERM)

        done = running.end(close_stdin=False)

        assert done.code == 143

    def write_tube(self, write, asset, scope, code=SLOW):
        if code is not None:
            write("slow.py", code)
        write(
            "tube.yaml",
            f"""
            assets:
              t: {{type: {asset}, scope: {scope}}}
            nodes:
              n: {{type: itertools.count}}
              u: {{type: operator.add, depends: [assets.t, n.value]}}
              return: {{type: return, depends: u.value}}
            """,
        )


class TestErrorsOfTheSystemWhileSomethingIsEnded:
    def test_an_assets_end(self, noob, write):
        write(
            "ends.py",
            """
            class Bad:
                def __enter__(self):
                    return ""
                def __exit__(self, *error):
                    raise OSError(28, "no space left")
            """,
        )
        write(
            "tube.yaml",
            "assets:\n  bad: {type: ends.Bad, scope: runner}"
            + ADD_ONE.replace("input.line]", "input.line]")
            .replace("builtins.str.upper", "operator.add")
            .replace("[input.line]", "[assets.bad, input.line]"),
        )

        done = noob("run", "tube.yaml", "--input-format", "lines", stdin="a\n")

        assert (done.code, done.results) == (1, ["a"])
        assert done.err.startswith("tube.yaml:2:3: error: the asset 'bad' could not be ended as it should\n")
        assert "records" not in done.err

    def test_an_error_of_the_reader_is_one_of_the_records(self):
        class Broken:
            def read(self, size):
                raise OSError(5, "input/output error")

        reader = RecordReader(Broken(), "data")
        with pytest.raises(RecordError, match="the records can't be read: data: input/output error") as caught:
            list(reader)

        assert caught.value.position.number is None


class TestExitOfANode:
    @pytest.mark.parametrize(
        ("code", "expected", "said"),
        [("7", 7, "exit code 7"), ("", 0, "exit code 0"), ("'enough'", 1, "exit code 1: enough")],
    )
    def test_it_keeps_its_code_and_is_named(self, noob, write, code, expected, said):
        write("leave.py", f"import sys\ndef leave(x):\n    if x == 3:\n        sys.exit({code})\n    return x\n")
        write(
            "tube.yaml",
            """
            nodes:
              n: {type: itertools.count}
              x: {type: leave.leave, depends: [n.value]}
              return: {type: return, depends: x.value}
            """,
        )

        done = noob("run", "tube.yaml")

        assert (done.code, done.results) == (expected, [0, 1, 2])
        assert done.err == f"the node 'x' ended the run in epoch 3 (tube.yaml:4:3): {said}\n"

    def test_when_the_run_starts(self, noob, write):
        write("leave.py", "import sys\nclass Leave:\n    def __init__(self):\n        sys.exit(5)\n")
        write("tube.yaml", "assets:\n  a: {type: leave.Leave, scope: runner}\n" + COUNT)

        done = noob("run", "tube.yaml")

        assert done.code == 5
        assert done.err.splitlines()[-1].startswith("the asset 'a' ended the run when the run started (tube.yaml:2:3)")


class TestFindingTubes:
    def test_folders_that_can_not_be_read_are_passed_over(self, monkeypatch, folder, write):
        write("private/tube.yaml", f"noob_id: other\n{COUNT}")
        monkeypatch.chdir(folder)
        real = os.stat

        def refusing(path, *args, **kwargs):
            # Whoever runs the tests may be allowed everything.
            if "private" in os.fspath(path) and not os.fspath(path).endswith("private"):
                raise PermissionError(13, "Permission denied", path)
            return real(path, *args, **kwargs)

        monkeypatch.setattr(os, "stat", refusing)

        assert find_tube("count").path.name == "count.yaml"

    def test_a_folder_does_not_shadow_an_id(self, noob, write, folder):
        write("words/tube.yaml", f"noob_id: words\n{COUNT}")

        assert noob("run", "words", "-n", "2").results == [0, 1]

    def test_a_folder_is_mentioned_if_no_tube_has_the_id(self, noob, folder):
        (folder / "empty").mkdir()

        done = noob("run", "empty")

        assert done.code == 2
        assert "'empty' is a folder, and no tube has that id" in done.err

    def test_the_samples_run_by_their_ids(self, noob):
        samples = Path(__file__).parents[2] / "sample_tubes"

        done = noob("run", "words", "-n", "1", cwd=samples)

        assert (done.code, len(done.results)) == (0, 1)

    def test_a_file_with_a_similar_name(self, noob, write):
        write("squares.yaml", COUNT)

        assert "there is no file 'sqares.yaml': did you mean 'squares.yaml'?" in noob("run", "sqares.yaml").err

    def test_a_file_with_a_similar_name_in_another_folder(self, noob, write):
        write("sub/squares.yaml", COUNT)

        assert "did you mean 'sub/squares.yaml'?" in noob("run", "sub/sqares.yaml").err

    def test_a_file_of_the_ids_name(self, noob, write):
        write("squares.yaml", COUNT)

        done = noob("run", "squares")

        assert done.code == 2
        assert "there is a file 'squares.yaml': noob run squares.yaml" in done.err

    def test_a_file_of_the_ids_name_for_another_tube(self, write, folder):
        write("squares.yaml", COUNT)

        with pytest.raises(TubeNotFoundError, match=r"there is a file 'squares.yaml': name it with its suffix"):
            find_tube("squares", folder)


def test_a_selection_resolves_each_path_once(monkeypatch, tmp_path):
    resolved = []
    real = Path.resolve
    monkeypatch.setattr(Path, "resolve", lambda self, *args: (resolved.append(self), real(self, *args))[1])
    selection = Selection()
    for number in range(50):
        selection.add(Path(f"{number}.yaml"), FoundTube(tmp_path / f"{number}.yaml"))
    selection.add(Path("0.yaml"), FoundTube(tmp_path / "." / "0.yaml"))

    assert len(selection.tubes) == 50
    assert len(resolved) == 51


class TestWhereResultsGo:
    def test_the_null_device_on_both_sides(self, noob, write):
        write("tube.yaml", ADD_ONE)
        done = noob("run", "tube.yaml", "-o", os.devnull, stdin=Path(os.devnull))

        assert (done.code, done.err) == (0, "warning: no epoch was made: no record was given\n")

    def test_a_file_on_standard_input_that_is_not_read(self, noob, write, folder):
        write("tube.yaml", COUNT)
        data = write("data.txt", "old\n")

        assert noob("run", "tube.yaml", "-n", "1", "-o", "data.txt", stdin=data).code == 0
        assert data.read_text() == "0\n"

    @pytest.mark.parametrize("args", [("-f", "data.txt"), ()])
    def test_the_records_are_not_written_over(self, noob, write, args):
        write("tube.yaml", ADD_ONE)
        data = write("data.txt", "old\n")

        done = noob("run", "tube.yaml", "--input-format", "lines", "-o", "data.txt", *args, stdin=data)

        assert done.code == 2
        assert data.read_text() == "old\n"

    def test_a_dash_is_standard_output(self, noob, write, folder):
        write("tube.yaml", COUNT)

        assert noob("run", "tube.yaml", "-n", "2", "-o", "-").results == [0, 1]
        assert not (folder / "-").exists()

    @pytest.mark.parametrize("more", ["", "2>&-"])
    def test_a_closed_standard_output(self, noob, write, more):
        write("tube.yaml", COUNT)
        done = noob("-c", f'"$0" -m noob_cli run tube.yaml -n 2 >&- {more}', sys.executable, command=("sh",))

        assert done.code == 2
        assert "standard output is closed" in done.err or more
        assert "0\n" not in done.err

    @pytest.mark.parametrize("option", ["-o out.jsonl", "--output-format none"])
    def test_a_closed_standard_output_that_nobody_needs(self, noob, write, folder, option):
        write("tube.yaml", COUNT)
        done = noob("-c", f'"$0" -m noob_cli run tube.yaml -n 2 {option} >&-', sys.executable, command=("sh",))

        assert (done.code, done.err) == (0, "")
        if option.startswith("-o"):
            assert (folder / "out.jsonl").read_text() == "0\n1\n"


class TestHeadersOfCsv:
    @pytest.mark.parametrize("text", ["I am ERROR\n", "I am ERROR", "a\nb\n"])
    def test_a_column_that_is_not_there(self, noob, write, text):
        write("tube.yaml", ADD_ONE)

        done = noob("run", "tube.yaml", stdin=text)

        assert (done.code, done.out) == (2, "")
        assert "no column 'line'" in done.err
        assert "for plain lines use --input-format lines" in done.err

    def test_json_in_a_file_that_should_be_csv(self, noob, write):
        write("tube.yaml", ADD_ONE)
        write("data.csv", '{"line": "a"}\n')

        done = noob("run", "tube.yaml", "-f", "data.csv")

        assert done.code == 2
        assert "for JSON use --input-format jsonl or json" in done.err

    def test_a_header_alone_is_no_record(self, noob, write):
        write("tube.yaml", ADD_ONE)

        done = noob("run", "tube.yaml", stdin="other,line\n")

        assert (done.code, done.out, done.err) == (0, "", "warning: no epoch was made: no record was given\n")


class TestReadableForm:
    def test_it_is_python_and_explains_itself(self, noob, write):
        write("tube.yaml", COUNT)

        text = noob("compile", "tube.yaml").out

        compile(text, "tube.yaml", "exec")
        assert "nonlocal" not in text
        for name in ("failed", "source_ended", "drawn", "passed"):
            assert f"# {name}: " in text
        assert "# together: " not in text

    def test_a_text_of_the_users_stays(self, noob, write):
        write(
            "tube.yaml",
            """
            nodes:
              n: {type: itertools.count}
              x: {type: builtins.str.format, depends: [n.value], params: {text: "nonlocal epoch"}}
              return: {type: return, depends: x.value}
            """.replace("builtins.str.format", "code.keep"),
        )
        write("code.py", "def keep(x, text):\n    return text\n")

        assert noob("run", "tube.yaml", "-n", "1").results == ["nonlocal epoch"]


def test_the_assets_of_tubes_that_stand_in_nodes_are_listed(noob, write):
    write(
        "tube.yaml",
        """
        nodes:
          outer:
            type: tube
            params:
              tube:
                assets:
                  cm: {type: io.StringIO, scope: process}
                nodes:
                  n: {type: itertools.count}
                  p: {type: builtins.print, depends: [n.value, file: assets.cm]}
        """,
    )

    done = noob("assets", "list", "tube.yaml", "--json")

    assert done.code == 0, done.err
    (facts,) = json.loads(done.out)
    assert (facts["id"], facts["read_by"]) == ("outer.cm", ["outer.p"])


class TestPathsInMessages:
    def test_a_tube_beside_the_working_folder(self, noob, write, folder):
        write("other/tube.yaml", COUNT.replace("n.value", "n.valeu"))
        (folder / "here").mkdir()

        done = noob("run", "../other/tube.yaml", cwd=folder / "here")

        assert done.code == 2
        assert done.err.startswith("../other/tube.yaml:4:")
        assert str(folder) not in done.err

    def test_an_extended_tube_beside_the_working_folder(self, noob, write, folder):
        write("base.yaml", COUNT.replace("n.value", "n.valeu"))
        write("sub/tube.yaml", "extends: [../base.yaml]\n")
        (folder / "here").mkdir()

        done = noob("run", "../sub/tube.yaml", cwd=folder / "here")

        assert done.code == 2
        assert "/../" not in done.err

    def test_the_note_of_what_was_ended(self, noob, write, folder):
        write(
            "ends.py",
            """
            class Bad:
                def __enter__(self):
                    return 0
                def __exit__(self, *error):
                    raise ValueError("no")
            """,
        )
        write(
            "tube.yaml",
            """
            assets:
              bad: {type: ends.Bad, scope: runner}
            nodes:
              n: {type: itertools.count}
              u: {type: operator.truediv, depends: [n.value, assets.bad]}
            """,
        )

        done = noob("run", "tube.yaml")

        assert done.code == 1
        assert "tube.yaml:3:3: error: the asset 'bad' could not be ended as it should" in done.err
        assert f"({folder}" not in done.err


def test_a_forked_process_is_stopped_as_if_nobody_listened(tmp_path):
    (tmp_path / "forks.py").write_text(
        "import multiprocessing, time\n"
        "def f():\n"
        "    process = multiprocessing.get_context('fork').Process(target=time.sleep, args=(30,))\n"
        "    process.start()\n"
        "    time.sleep(0.1)\n"
        "    process.terminate()\n"
        "    process.join()\n"
        "    return process.exitcode\n"
    )
    (tmp_path / "tube.yaml").write_text("nodes: {f: {type: forks.f}, r: {type: return, depends: f.value}}\n")
    command = [sys.executable, "-W", "ignore", "-m", "noob_cli", "run", "tube.yaml", "-n", "1"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False, timeout=PATIENCE)
    assert (done.returncode, done.stdout, done.stderr) == (0, "-15\n", "")


def test_results_on_the_terminal_need_no_progress(tmp_path):
    (tmp_path / "tube.yaml").write_text("nodes: {n: {type: itertools.count}, r: {type: return, depends: n.value}}\n")
    ours, theirs = pty.openpty()
    command = [sys.executable, "-m", "noob_cli", "run", "tube.yaml", "-n", "2"]
    subprocess.run(command, cwd=tmp_path, stdin=theirs, stdout=theirs, stderr=theirs, check=True, timeout=PATIENCE)
    os.close(theirs)
    assert os.read(ours, 1000) == b"0\r\n1\r\n"
    os.close(ours)
