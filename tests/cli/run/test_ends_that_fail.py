"""Errors of the system, exits and places: what is told when something fails at its end."""

import pytest

from noob_cli.records.faults import RecordError
from noob_cli.records.reader import RecordReader
from tests.cli.conftest import COUNT, UPPER


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
            + UPPER.replace("input.line]", "input.line]")
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
