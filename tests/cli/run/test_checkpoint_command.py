"""`noob run --checkpoint` and `--resume`: what is saved, and that nothing is lost, nor there twice."""

import json
import os
import random
import re
import signal
import stat
import subprocess
import sys
import time
from hashlib import sha256
from pathlib import Path
from textwrap import dedent

import pytest

from noob_cli.checkpoints.folder import CheckpointFolder, Covered
from noob_cli.errors import CheckpointError
from noob_cli.records.place import ReadSoFar
from tests.cli.conftest import COMMAND
from tests.patience import wait_until

CODE = """
    import sys
    import threading
    import time

    from noob_cli import NoEvent

    def numbers(limit: int = 12, seconds: float = 0.0):
        for number in range(limit):
            time.sleep(seconds)
            yield number

    class Total:
        def __init__(self):
            self.total = 0
        def process(self, value: int) -> int:
            self.total += value
            return self.total

    class Locked:
        def __init__(self):
            self.lock = threading.Lock()
        def process(self, value):
            return value

    def appended(values: list, value: int) -> list:
        return [*values[-3:], value]

    def odd(value: int) -> int:
        return value if value % 2 else NoEvent

    def slowly(value: int, seconds: float) -> int:
        time.sleep(seconds)
        return value

    def fail(value: int, at: int) -> int:
        if value == at:
            raise ValueError("as asked")
        return value
    """

ALL = """
    input:
      limit: {type: int, default: 12}
      seconds: {type: float, default: 0.0}
      at: {type: int, default: -1}
    assets:
      last: {type: list, scope: runner, depends: append.value}
    nodes:
      number: {type: steps.numbers, params: {limit: input.limit, seconds: input.seconds}}
      fail: {type: steps.fail, params: {at: input.at}, depends: [number.value]}
      append: {type: steps.appended, depends: [assets.last, number.value]}
      total: {type: steps.Total, depends: number.value}
      group: {type: gather, params: {n: 5}, depends: total.value}
      odd: {type: steps.odd, depends: number.value}
      return:
        type: return
        depends: [{odd: odd.value}, {last: append.value}, {total: total.value}, {group: group.value}]
    """

OF_RECORDS = """
    input:
      value: {type: int, scope: process}
      seconds: {type: float, default: 0.0}
    assets:
      last: {type: list, scope: runner, depends: append.value}
    nodes:
      letter: {type: itertools.count}
      slowly: {type: steps.slowly, params: {seconds: input.seconds}, depends: [input.value]}
      append: {type: steps.appended, depends: [assets.last, slowly.value]}
      total: {type: steps.Total, depends: slowly.value}
      group: {type: gather, params: {n: 5}, depends: total.value}
      odd: {type: steps.odd, depends: slowly.value}
      return: {type: return, depends: [letter.value, odd.value, append.value, total.value]}
    """


@pytest.fixture
def folder(tmp_path):
    working = tmp_path / "work"
    working.mkdir()
    return working


@pytest.fixture(autouse=True)
def _tubes(write):
    write("steps.py", CODE)
    write("all.yaml", ALL)
    write("of_records.yaml", OF_RECORDS)
    write("records.jsonl", "".join(f'{{"value": {number}}}\n' for number in range(12)))


@pytest.fixture
def stopped(noob):
    """A run that has failed in epoch 8, with a checkpoint that covers 6 epochs."""

    def run(*args):
        done = noob("run", "all.yaml", "-i", "at=8", "--checkpoint", "saved", "--checkpoint-every", "3", *args)
        assert done.code == 1
        return done

    return run


class TestGoingOn:
    @pytest.mark.parametrize(
        ("epochs", "form"),
        [("0", "json"), ("1", "json"), ("7", "jsonl"), ("7", "json"), ("7", "pretty"), ("7", "none"), ("12", "json")],
    )
    @pytest.mark.parametrize(
        "tube", [("all.yaml",), ("of_records.yaml", "-f", "records.jsonl")], ids=["sources", "records"]
    )
    def test_two_runs_give_what_one_gives(self, noob, folder, tube, epochs, form):
        common = ("run", *tube, "--output-format", form)
        assert noob(*common, "-o", "whole").code == 0

        first = noob(*common, "--checkpoint", "saved", "--epochs", epochs, "-o", "parts")
        second = noob(*common, "--resume", "saved", "-o", "parts")

        assert (first.code, second.code) == (0, 0)
        assert f"covers {epochs} epoch" in second.err
        assert (folder / "parts").read_bytes() == (folder / "whole").read_bytes()

    def test_n_and_epochs_count_what_was_made_before(self, noob, folder):
        noob("run", "all.yaml", "--checkpoint", "saved", "-n", "4", "-o", "results")
        noob("run", "all.yaml", "--resume", "saved", "-n", "6", "-o", "results")
        assert len((folder / "results").read_text().splitlines()) == 6

        noob("run", "all.yaml", "--resume", "saved", "--epochs", "9", "-o", "results")

        assert len((folder / "results").read_text().splitlines()) == 9

    @pytest.mark.parametrize(
        ("limit", "said"),
        [
            ((), ""),
            (("-n", "12"), ""),
            (("-n", "5"), ", and '-n 5' asks for no more than that"),
            (("--epochs", "5"), ", and '--epochs 5' asks for no more than that"),
            (("-n", "4", "--epochs", "5"), ", and '-n 4' and '--epochs 5' ask for no more than that"),
        ],
    )
    @pytest.mark.parametrize("form", ["jsonl", "json"])
    def test_a_run_that_had_all_that_is_asked_for_makes_no_epoch(self, noob, folder, limit, said, form):
        common = ("run", "all.yaml", "-o", "results", "--output-format", form)
        noob(*common, "--checkpoint", "saved")
        before = (folder / "results").read_bytes()

        done = noob(*common, "--resume", "saved", *limit)

        assert (done.code, done.err) == (
            0,
            f"nothing is left to do: the checkpoint in saved covers 12 epochs and 12 results{said}\n",
        )
        assert (folder / "results").read_bytes() == before

    @pytest.mark.parametrize("limit", [("-n", "4"), ("--epochs", "4"), ("-n", "6"), ("--epochs", "6")])
    @pytest.mark.parametrize("form", ["jsonl", "json", "pretty"])
    def test_what_was_written_behind_the_checkpoint_is_kept_if_nothing_comes_in_its_place(
        self, noob, stopped, folder, limit, form
    ):
        options = ("-o", "results", "--errors", "errors", "--output-format", form)
        stopped(*options)
        before = [(folder / name).read_bytes() for name in ("results", "errors")]

        done = noob("run", "all.yaml", "-i", "at=8", "--resume", "saved", *options, *limit)

        few = f", and '{limit[0]} 4' asks for no more than that" if limit[1] == "4" else ""
        left = ", ".join(f"{name} has more, and is left as it is" for name in ("results", "errors"))
        assert (done.code, done.err) == (
            0,
            f"nothing is left to do: the checkpoint in saved covers 6 epochs and 6 results{few}, {left}\n",
        )
        assert [(folder / name).read_bytes() for name in ("results", "errors")] == before

    def test_what_was_flushed_at_the_end_is_kept_if_nothing_comes_in_its_place(self, noob, folder, write):
        write(
            "flushed.yaml",
            """
            nodes:
              number: {type: steps.numbers, params: {limit: 5}}
              batch: {type: gather, params: {n: 2, flush: true}, depends: number.value}
              return: {type: return, depends: batch.value}
            """,
        )
        noob("run", "flushed.yaml", "--checkpoint", "saved", "-o", "results")

        done = noob("run", "flushed.yaml", "--resume", "saved", "-o", "results", "--epochs", "3")

        assert "results has more, and is left as it is" in done.err
        assert (folder / "results").read_text() == "[0,1]\n[2,3]\n[4]\n"

    def test_an_array_that_was_not_closed_any_more_is(self, noob, folder):
        common = ("run", "all.yaml", "-o", "results", "--output-format", "json")
        noob(*common, "--checkpoint", "saved")
        whole = (folder / "results").read_bytes()
        for cut in (1, 2):
            (folder / "results").write_bytes(whole[:-cut])

            assert noob(*common, "--resume", "saved").code == 0

            assert (folder / "results").read_bytes() == whole

    def test_after_an_error_the_last_checkpoint_is_gone_on_from(self, noob, stopped, folder, write):
        stopped("-o", "results")
        assert len((folder / "results").read_text().splitlines()) == 8
        write("steps.py", CODE.replace("if value == at", "if False"))
        noob("run", "all.yaml", "-o", "whole")

        done = noob("run", "all.yaml", "-i", "at=8", "--resume", "saved", "-o", "results")

        assert (done.code, done.err.splitlines()[0]) == (
            0,
            "going on: the checkpoint in saved covers 6 epochs and 6 results",
        )
        assert (folder / "results").read_bytes() == (folder / "whole").read_bytes()

    def test_on_standard_output_the_results_that_are_covered_are_not_written_again(self, noob, stopped, write):
        first = stopped()
        write("steps.py", CODE.replace("if value == at", "if False"))

        second = noob("run", "all.yaml", "-i", "at=8", "--resume", "saved")

        assert [first.results[5]["total"], second.results[0]["total"]] == [15, 21]

    def test_an_array_on_standard_output_is_not_gone_on_with(self, noob, stopped):
        stopped("--output-format", "json")

        done = noob("run", "all.yaml", "-i", "at=8", "--resume", "saved", "--output-format", "json")

        assert (done.code, done.stdout) == (2, b"")
        assert "name the file with '-o FILE'" in done.err

    def test_further_checkpoints_are_saved_in_the_same_folder(self, noob, stopped, write):
        stopped()
        write("steps.py", CODE.replace("value == at", "value == at + 2"))

        assert noob("run", "all.yaml", "-i", "at=8", "--resume", "saved", "--checkpoint-every", "3").code == 1
        third = noob("run", "all.yaml", "-i", "at=8", "--resume", "saved", "--checkpoint-every", "3")

        assert "the checkpoint in saved covers 9 epochs and 9 results" in third.err

    def test_a_tube_without_return(self, noob, write):
        write("steps.py", CODE + "\n    def say(value):\n        print(value, file=sys.stderr)\n")
        write(
            "silent.yaml",
            "nodes:\n  number: {type: steps.numbers}\n  say: {type: steps.say, depends: [number.value]}\n",
        )
        noob("run", "silent.yaml", "--checkpoint", "saved", "-n", "3")

        done = noob("run", "silent.yaml", "--resume", "saved", "-n", "5")

        assert done.err.splitlines() == ["going on: the checkpoint in saved covers 3 epochs and 3 results", "3", "4"]


class TestWhen:
    def covered(self, noob, *args):
        done = noob("run", "all.yaml", *args, "--resume", "saved", "-n", "1000")
        return int(re.search(r"covers (\d+) epoch", done.err)[1])

    def test_after_so_many_epochs(self, noob, stopped):
        stopped()

        assert self.covered(noob, "-i", "at=8") == 6

    def test_after_so_many_seconds(self, noob):
        slow = ("-i", "at=8", "-i", "seconds=0.02")
        assert noob("run", "all.yaml", *slow, "--checkpoint", "saved", "--checkpoint-every", "0.01s").code == 1

        assert 5 <= self.covered(noob, *slow) <= 8

    @pytest.mark.parametrize("every", ["0", "0s", "often", "-3", "3m", "s"])
    def test_what_is_no_interval(self, noob, folder, every):
        done = noob("run", "all.yaml", "--checkpoint", "saved", f"--checkpoint-every={every}")

        assert (done.code, done.stdout) == (2, b"")
        assert f"'30s', found '{every}'".replace("'30s'", "30s") in done.err
        assert not (folder / "saved").exists()

    def test_an_interval_alone(self, noob):
        done = noob("run", "all.yaml", "--checkpoint-every", "3")

        assert (done.code, done.err) == (
            2,
            "error: '--checkpoint-every' says how often: say with '--checkpoint DIR' where\n",
        )

    def test_while_a_record_is_awaited_a_signal_saves_what_is_there(self, start, noob, folder):
        command = start("run", "of_records.yaml", "--checkpoint", "saved", "-o", "results")
        command.feed('{"value": 0}\n{"value": 1}\n{"value": 2}\n')
        wait_until(lambda: (folder / "results").exists() and "\n" in (folder / "results").read_text())
        time.sleep(0.1)
        assert command.stop(signal.SIGTERM).code == 143
        noob("run", "of_records.yaml", "-f", "records.jsonl", "-o", "whole")

        done = noob("run", "of_records.yaml", "-f", "records.jsonl", "--resume", "saved", "-o", "results")

        assert "covers 3 epochs" in done.err
        assert (folder / "results").read_bytes() == (folder / "whole").read_bytes()


class TestFromTheBeginning:
    def test_without_a_folder(self, noob, folder):
        done = noob("run", "all.yaml", "--resume", "saved", "-o", "results")

        assert (done.code, done.err.splitlines()[0]) == (
            0,
            "no complete checkpoint in saved: the run starts from the beginning",
        )
        assert len((folder / "results").read_text().splitlines()) == 12

    @pytest.mark.parametrize("option", ["-o", "--errors"])
    def test_but_not_over_what_a_run_has_written_that_has_saved_elsewhere(self, noob, folder, option):
        (folder / "written").write_text("hours of work")

        done = noob("run", "all.yaml", "--resume", "savd", option, "written")

        assert (done.code, done.out) == (2, "")
        assert (
            f"no run has saved anything in the folder 'savd', and one from the beginning would write over '{option}"
            in (done.err)
        )
        assert (folder / "written").read_text() == "hours of work"
        assert not (folder / "savd").exists()

    @pytest.mark.parametrize("share", [0, 0.9])
    def test_a_first_one_that_is_unfinished_says_what_is_written_over(self, noob, stopped, folder, share):
        stopped("-o", "results", "--errors", "errors")
        whole = (folder / "saved" / "checkpoint").read_bytes()
        (folder / "saved" / "checkpoint").unlink()
        (folder / "saved" / "checkpoint.unfinished").write_bytes(whole[: int(share * len(whole))])
        (folder / "errors").write_text("a record")

        done = noob("run", "all.yaml", "-i", "at=8", "--resume", "saved", "-o", "results", "--errors", "errors")

        told = "the run starts from the beginning, and writes over '-o results' and '--errors errors'"
        assert done.err.splitlines()[0] == f"no complete checkpoint in saved: {told}"
        assert len((folder / "results").read_text().splitlines()) == 8

    def test_an_unfinished_one_is_not_gone_on_from(self, noob, stopped, folder):
        stopped("-o", "results")
        (folder / "saved" / "checkpoint.unfinished").write_bytes(b"half of i")

        done = noob("run", "all.yaml", "-i", "at=8", "--resume", "saved", "-o", "results")

        assert "covers 6 epochs" in done.err

    def test_a_run_that_has_ended_may_be_made_anew_in_the_same_folder_which_is_said(self, noob):
        first, second = (noob("run", "all.yaml", "--checkpoint", "saved") for _ in range(2))

        assert len(first.results) == len(second.results) == 12
        assert second.err.removesuffix(first.err) == (
            "starting from the beginning: the checkpoint in saved covers 12 epochs and 12 results of a run that has "
            "ended, and is replaced\n"
        )


class TestRefused:
    def refused(self, noob, *args, tube="all.yaml"):
        done = noob("run", tube, *args)
        assert (done.code, done.stdout) == (2, b"")
        return done.err

    def test_a_new_run_in_the_folder_of_one_that_was_stopped(self, noob, stopped, folder):
        stopped("-o", "results")
        before = (folder / "results").read_bytes()

        assert "go on with it by '--resume saved'" in self.refused(noob, "--checkpoint", "saved", "-o", "results")
        assert (folder / "results").read_bytes() == before

    @pytest.mark.parametrize("option", ["--checkpoint", "--resume"])
    @pytest.mark.parametrize(
        ("change", "found", "further"),
        [
            (lambda whole: b"", "the file is empty", ()),
            (lambda whole: b"?" + whole[1:], "it doesn't begin as one does", ("--append",)),
            (lambda whole: whole[:-10], "its checksum differs from the one that stands in it", ()),
        ],
    )
    def test_a_damaged_one_and_no_result_is_lost_or_there_twice(
        self, noob, stopped, folder, option, change, found, further
    ):
        stopped("-o", "results")
        file = folder / "saved" / "checkpoint"
        damaged = change(file.read_bytes())
        file.write_bytes(damaged)
        before = (folder / "results").read_bytes()

        told = self.refused(noob, "-i", "at=8", option, "saved", "-o", "results", *further)

        assert told == (
            f"error: the checkpoint in 'saved' is damaged, so that no run can go on from it: {found}. Put a copy of "
            "the file 'saved/checkpoint' in its place if you have one, or remove the folder to begin anew\n"
        )
        assert ((folder / "results").read_bytes(), file.read_bytes()) == (before, damaged)

    def test_both_options(self, noob):
        assert "and not both" in self.refused(noob, "--checkpoint", "saved", "--resume", "saved")

    def test_other_inputs(self, noob, stopped, folder):
        stopped("-o", "results")
        before = (folder / "results").read_bytes()

        found = self.refused(noob, "-i", "at=9", "--resume", "saved", "-o", "results")

        assert "the input 'at' was given as 8, and is 9" in found
        assert (folder / "results").read_bytes() == before

    @pytest.mark.parametrize(
        ("old", "new", "message"),
        [
            ("params: {n: 5}", "params: {n: 6}", "'params' of the node 'group' was {'n': 5}, and is {'n': 6}"),
            ("{type: list,", "{type: builtins.list,", "'type' of the asset 'last' was 'list'"),
            ("odd: {type", "even: {type: abs, depends: [number.value]}\n      odd: {type", "the node 'even' is new"),
            ("      at: {type", "      to: {type: int, default: 1}\n      at: {type", "the input 'to' is new"),
            ("default: -1", "default: -2", "'default' of the input 'at' was -1, and is -2"),
        ],
    )
    def test_another_tube(self, noob, stopped, write, old, new, message):
        stopped()
        write("all.yaml", ALL.replace(old, new))

        told = self.refused(noob, "-i", "at=8", "--resume", "saved")
        assert message in told
        assert "not there" not in told

    def test_nodes_in_another_order(self, noob, stopped, write):
        stopped()
        total = "      total: {type: steps.Total, depends: number.value}\n"
        odd = "      odd: {type: steps.odd, depends: number.value}\n"
        write("all.yaml", ALL.replace(total, "").replace(odd, odd + total))

        assert "the nodes stand in another order" in self.refused(noob, "-i", "at=8", "--resume", "saved")

    def test_a_description_is_no_change(self, noob, stopped, write):
        stopped()
        write("all.yaml", "    description: new\n" + ALL.replace("number.value}", "number.value, description: new}", 1))

        assert "covers 6 epochs" in noob("run", "all.yaml", "-i", "at=8", "--resume", "saved").err

    def test_a_change_in_what_is_extended_or_nested(self, noob, write):
        write("base.yaml", "nodes:\n  number: {type: steps.numbers}\n")
        write("inner.yaml", "nodes:\n  one: {type: steps.numbers}\n  return: {type: return, depends: one.value}\n")
        write(
            "outer.yaml",
            "extends: [base.yaml]\nnodes:\n  inner: {type: tube, params: {tube: inner.yaml}}\n"
            "  return: {type: return, depends: [number.value, inner.value]}\n",
        )
        noob("run", "outer.yaml", "--checkpoint", "saved", "--epochs", "3")
        write("base.yaml", "nodes:\n  number: {type: steps.numbers, params: {limit: 13}}\n")
        write("inner.yaml", "nodes:\n  one: {type: itertools.count}\n  return: {type: return, depends: one.value}\n")

        found = self.refused(noob, "--resume", "saved", tube="outer.yaml")

        assert "'params' of the node 'number' was None, and is {'limit': 13}" in found
        assert "'type' of the node 'inner.one' was 'steps.numbers', and is 'itertools.count'" in found

    def test_another_format(self, noob, stopped):
        stopped()

        found = self.refused(noob, "-i", "at=8", "--resume", "saved", "--output-format", "pretty")

        assert "the output format was jsonl, and is pretty" in found

    @pytest.mark.parametrize("content", [None, "short\n"])
    def test_a_file_of_results_that_is_shorter_than_what_is_covered(self, noob, stopped, folder, content):
        stopped("-o", "results")
        (folder / "results").unlink()
        if content is not None:
            (folder / "results").write_text(content)

        found = self.refused(noob, "-i", "at=8", "--resume", "saved", "-o", "results")

        assert f"'-o results' has {len(content or '')} bytes, and the checkpoint covers " in found
        assert (folder / "results").exists() == (content is not None)

    def test_fewer_records_than_were_read(self, noob, write):
        noob("run", "of_records.yaml", "-f", "records.jsonl", "--checkpoint", "saved", "--epochs", "5")
        write("records.jsonl", '{"value": 0}\n')

        found = self.refused(noob, "-f", "records.jsonl", "--resume", "saved", tube="of_records.yaml")

        assert "records.jsonl isn't the file that the run has read" in found

    def test_what_can_not_be_saved_is_named_before_the_first_epoch(self, noob, write):
        write(
            "locked.yaml",
            "nodes:\n  number: {type: steps.numbers}\n  locked: {type: steps.Locked, depends: [number.value]}\n"
            "  return: {type: return, depends: locked.value}\n",
        )

        found = self.refused(noob, "--checkpoint", "saved", tube="locked.yaml")

        assert "the node 'locked' (" in found
        assert (
            "locked.yaml:3:3): TypeError: cannot pickle '_thread.lock' object: leave what can't be saved out" in found
        )

    def test_each_thing_that_is_wrong_has_a_line_and_only_that(self, noob, write):
        write(
            "odd_code.py",
            "class Odd:\n    def __reduce__(self):\n        raise ValueError('one\\ntwo')\n\n"
            "class Holds:\n    def __init__(self):\n        self.odd = Odd()\n"
            "    def process(self, value):\n        return value\n",
        )
        write(
            "odd.yaml",
            "nodes:\n  number: {type: steps.numbers}\n  a: {type: odd_code.Holds, depends: [number.value]}\n"
            "  b: {type: odd_code.Holds, depends: [a.value]}\n",
        )
        head, *lines = self.refused(noob, "--checkpoint", "saved", tube="odd.yaml").splitlines()

        assert head == "error: a checkpoint of this tube can't be saved:"
        assert [line.partition(" (")[0] for line in lines] == ["  the node 'a'", "  the node 'b'"]
        assert all("ValueError: one\\ntwo: leave what" in line for line in lines)

    def test_what_is_another_is_listed_in_lines(self, noob, stopped, folder):
        stopped()
        text = (folder / "all.yaml").read_text()
        (folder / "all.yaml").write_text(text + "\n  more: {type: steps.numbers}\n")
        head, *lines, advice = self.refused(noob, "-i", "at=8", "--resume", "saved").splitlines()

        assert head.startswith("error: the checkpoint in saved is one of another run")
        assert len(lines) > 0
        assert all(line.startswith("  ") for line in lines)
        assert advice == "Go back to how it was, or remove that folder to begin anew"

    def test_a_checkpoint_of_another_version(self, noob, stopped, folder):
        stopped()
        file = folder / "saved" / "checkpoint"
        rest = file.read_bytes().partition(b"\n")[2]
        file.write_bytes(b"noob checkpoint 5 " + sha256(b"5\n" + rest).hexdigest().encode() + b"\n" + rest)

        assert "was saved by noob" in self.refused(noob, "-i", "at=8", "--resume", "saved")


COVERED = Covered(
    {"noob_id": "a"}, "csv", 3, ReadSoFar(3), 3, 3, 30, (1, 2), "", "", None, 0, 0, 0, None, "", {}, False, False, False
)


class TestWhole:
    """A checkpoint of which anything is missing or changed is refused; nothing in it is loaded."""

    @pytest.fixture
    def folder_of_one(self, tmp_path):
        folder = CheckpointFolder(tmp_path / "saved")
        folder.prepare()
        folder.write(COVERED, b"where it stood")
        assert folder.read() == (COVERED, b"where it stood")
        return folder

    @pytest.mark.slow
    def test_every_bit_of_it_counts(self, folder_of_one):
        file = Path(folder_of_one.path, "checkpoint")
        whole = file.read_bytes()
        for at in range(len(whole)):
            for bit in range(8):
                file.write_bytes(whole[:at] + bytes([whole[at] ^ 1 << bit]) + whole[at + 1 :])
                with pytest.raises(CheckpointError, match="is damaged"):
                    pytest.fail(f"bit {bit} of byte {at}: {folder_of_one.read()}")

    @pytest.mark.slow
    def test_cut_off_or_lengthened_anywhere_it_is_damaged(self, folder_of_one):
        file = Path(folder_of_one.path, "checkpoint")
        whole = file.read_bytes()
        cut = [part for size in range(len(whole)) for part in (whole[:size], whole[size + 1 :])]
        for content in (*cut, whole + b"\n"):
            file.write_bytes(content)
            with pytest.raises(CheckpointError, match="is damaged"):
                folder_of_one.read()

    @pytest.mark.parametrize(
        "head", [b"", b"{}", b"[]", b"null", b"{", b'{"noob": 1, "covered": {}}', b'{"noob": "1", "covered": null}']
    )
    def test_so_is_a_head_without_what_belongs_there(self, folder_of_one, head):
        rest = head + b"\nwhere it stood"
        for number in (b"4", b"5"):
            first = b"noob checkpoint " + number + b" " + sha256(number + b"\n" + rest).hexdigest().encode()
            Path(folder_of_one.path, "checkpoint").write_bytes(first + b"\n" + rest)
            if number == b"4" or b"noob" not in head:
                with pytest.raises(CheckpointError, match="it doesn't say what it covers"):
                    folder_of_one.read()

    def test_that_of_another_run_is_refused(self, noob, stopped, folder, write):
        stopped()
        write("other.yaml", "nodes: {a: {type: steps.numbers}}")
        noob("run", "other.yaml", "-n", "2", "--checkpoint", "other")
        (folder / "other" / "checkpoint").rename(folder / "saved" / "checkpoint")

        done = noob("run", "all.yaml", "-i", "at=8", "--resume", "saved")

        assert (done.code, "is one of another run" in done.err) == (2, True)


@pytest.mark.parametrize("epochs", [3, 4, 5])
def test_the_file_is_the_same_after_a_source_has_failed(noob, folder, write, epochs):
    write("breaking.py", "def numbers():\n    yield from range(3)\n    raise ValueError('no more')\n")
    write(
        "breaking.yaml",
        """
        nodes:
          a: {type: breaking.numbers}
          b: {type: steps.numbers}
          total: {type: steps.Total, depends: b.value}
          return: {type: return, depends: [{a: a.value}, {total: total.value}]}
        """,
    )
    skipping = ("run", "breaking.yaml", "--on-error", "skip", "-o")
    assert noob(*skipping, "whole").code == 1
    noob(*skipping, "parts", "--checkpoint", "saved", "--epochs", str(epochs))

    assert noob(*skipping, "parts", "--resume", "saved").code == 1
    assert (folder / "parts").read_bytes() == (folder / "whole").read_bytes()


class TestTwoRuns:
    def test_the_second_is_refused(self, start, noob, folder):
        options = ("-i", "seconds=0.2", "-i", "limit=100", "--checkpoint", "saved", "--checkpoint-every", "1")
        running = start("run", "all.yaml", *options)
        while not (folder / "saved" / "checkpoint").exists():
            time.sleep(0.01)

        for option in ("--checkpoint", "--resume"):
            done = noob("run", "all.yaml", "-i", "limit=100", "-i", "seconds=0.2", option, "saved")
            assert done.code == 2
            assert done.err.startswith("error: another run is using the checkpoint folder 'saved': ")

        running.process.kill()
        running.process.wait()
        done = noob("run", "all.yaml", "-i", "limit=100", "-i", "seconds=0.2", "--resume", "saved", "--epochs", "1")
        assert done.code == 0, done.err

    def test_one_that_has_lost_its_lock_to_another_gives_up(self, tmp_path):
        folder = CheckpointFolder(tmp_path / "saved")
        folder.prepare()
        folder.lock()
        Path(folder.path, "lock").unlink()
        # Nobody else has it.
        folder.write(COVERED, b"ours")
        assert Path(folder.path, "lock").exists()

        Path(folder.path, "lock").unlink()
        script = (
            "import sys, pathlib; from noob_cli.checkpoints.folder import CheckpointFolder; "
            "CheckpointFolder(pathlib.Path(sys.argv[1])).lock(); print(flush=True); input()"
        )
        command = [sys.executable, "-c", script, str(folder.path)]
        with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as other:
            other.stdout.readline()
            with pytest.raises(CheckpointError, match="another run is using"):
                folder.write(COVERED, b"ours again")
            other.stdin.close()
        assert folder.read() == (COVERED, b"ours")

    @pytest.mark.parametrize(
        ("number", "code", "said"),
        [
            (
                "ENOLCK",
                0,
                "warning: the checkpoint folder 'saved' can't be locked (none here): "
                "see to it that no other run uses it\n",
            ),
            ("EIO", 2, "error: the checkpoint folder 'saved' can't be used: none here\n"),
        ],
    )
    def test_where_there_are_no_locks_it_is_said(self, noob, write, folder, number, code, said):
        refusing = f"""
            import errno, fcntl
            def lockf(*_):
                raise OSError(errno.{number}, "none here")
            fcntl.lockf = lockf
            """
        write("site/sitecustomize.py", refusing)
        env = {"PYTHONPATH": str(folder / "site")}
        done = noob("run", "all.yaml", "--checkpoint", "saved", env=env, command=COMMAND)
        assert (done.code, done.err.startswith(said)) == (code, True)


class TestFolder:
    @pytest.mark.parametrize("link", ["symlink_to", "hardlink_to"])
    @pytest.mark.parametrize(("name", "code"), [("checkpoint", 2), ("checkpoint.unfinished", 0)])
    def test_nothing_is_written_through_a_link_that_is_in_it(self, noob, folder, link, name, code):
        (folder / "saved").mkdir(mode=0o700)
        (folder / "letter.txt").write_text("dear")
        getattr(folder / "saved" / name, link)(folder / "letter.txt")

        assert noob("run", "all.yaml", "--checkpoint", "saved").code == code
        assert (folder / "letter.txt").read_text() == "dear"

    def test_a_pipe_in_it_is_not_waited_for(self, noob, folder):
        (folder / "saved").mkdir(mode=0o700)
        for name in ("checkpoint", "checkpoint.unfinished", "lock"):
            os.mkfifo(folder / "saved" / name)

        assert "is damaged" in noob("run", "all.yaml", "--checkpoint", "saved").err
        (folder / "saved" / "checkpoint").unlink()
        assert noob("run", "all.yaml", "--checkpoint", "saved").code == 0
        assert noob("run", "all.yaml", "--resume", "saved").err.startswith("nothing is left to do")

    def test_only_its_owner_can_read_it(self, noob, folder):
        noob("run", "all.yaml", "--checkpoint", "deep/saved")

        for path, mode in (("deep/saved", 0o700), ("deep/saved/checkpoint", 0o600)):
            assert stat.S_IMODE((folder / path).stat().st_mode) == mode

    def test_an_empty_one_is_made_so(self, noob, folder):
        (folder / "saved").mkdir(mode=0o755)

        assert noob("run", "all.yaml", "--checkpoint", "saved").code == 0

        assert stat.S_IMODE((folder / "saved").stat().st_mode) == 0o700

    def test_one_with_other_files_that_others_can_read_is_left_alone(self, noob, folder):
        (folder / "saved").mkdir(mode=0o755)
        (folder / "saved" / "letter.txt").write_text("")

        done = noob("run", "all.yaml", "--checkpoint", "saved")

        assert (done.code, "other files ('letter.txt')" in done.err) == (2, True)
        assert stat.S_IMODE((folder / "saved").stat().st_mode) == 0o755

    @pytest.mark.parametrize("path", ["saved", "saved/checkpoint"])
    def test_what_others_can_write_to_is_not_loaded(self, noob, stopped, folder, path):
        stopped()
        (folder / path).chmod(0o777)

        done = noob("run", "all.yaml", "-i", "at=8", "--resume", "saved")

        assert (done.code, f"'{path}' may have been written by somebody else" in done.err) == (2, True)

    def test_a_file_in_its_place(self, noob, folder):
        (folder / "saved").write_text("")

        for option in ("--checkpoint", "--resume"):
            done = noob("run", "all.yaml", option, "saved")
            assert (done.code, done.err) == (2, "error: the checkpoint folder 'saved' can't be used: it is none\n")
            done = noob("run", "all.yaml", option, "saved/below")
            assert (done.code, done.err) == (
                2,
                "error: the checkpoint folder 'saved/below' can't be used: it is none\n",
            )

    def test_a_checkpoint_that_can_not_be_written_ends_the_run(self, noob, folder):
        (folder / "saved" / "checkpoint.unfinished").mkdir(parents=True)
        (folder / "saved").chmod(0o700)

        done = noob("run", "all.yaml", "--checkpoint", "saved", "--checkpoint-every", "3", "-o", "results")

        assert (done.code, done.err) == (
            2,
            "error: the checkpoint folder 'saved' can't be written to: Is a directory\n",
        )
        assert len((folder / "results").read_text().splitlines()) == 3


def test_a_run_that_is_killed_while_a_checkpoint_is_saved_goes_on_from_the_one_before(noob, folder, write):
    write(
        "steps.py",
        CODE
        + """
    class Deadly(Total):
        saved = 0
        def __getstate__(self):
            Deadly.saved += 1
            if Deadly.saved == 4 and not Path("killed").exists():
                Path("killed").touch()
                os.kill(os.getpid(), signal.SIGKILL)
            return self.__dict__
    """.replace("Path", "pathlib.Path"),
    )
    write("steps.py", "import os, pathlib, signal\n" + dedent((folder / "steps.py").read_text()))
    write("all.yaml", ALL.replace("steps.Total", "steps.Deadly"))
    common = ("run", "all.yaml", "-o", "results")

    # It is saved once to see whether that is possible.
    assert noob(*common, "--checkpoint", "saved", "--checkpoint-every", "2").code == -signal.SIGKILL
    done = noob(*common, "--resume", "saved")
    parts = (folder / "results").read_bytes()

    assert "covers 4 epochs" in done.err
    noob(*common)
    assert (folder / "results").read_bytes() == parts


SLOW = {
    "sources": ("all.yaml", "-i", "limit=300", "-i", "seconds=0.001"),
    "records": ("of_records.yaml", "-f", "many.jsonl", "-i", "seconds=0.001"),
}


@pytest.mark.parametrize("seed", range(10))
def test_a_run_that_is_killed_at_any_moment_gives_what_one_that_is_not_killed_gives(seed, start, noob, folder):
    """SIGKILL, now and then several times in a row: nothing can be done at the end."""
    chance = random.Random(seed)
    (folder / "many.jsonl").write_text("".join(f'{{"value": {number}}}\n' for number in range(300)))
    tube = SLOW["sources" if seed % 2 else "records"]
    form = chance.choice(["jsonl", "json", "pretty"])
    every = chance.choice(["1", "7", "50", "0.01s", "0.1s"])
    common = ("run", *tube, "--output-format", form)
    assert noob(*common, "-o", "whole").code == 0

    for _ in range(chance.choice([1, 1, 3])):
        command = start(*common, "--resume", "saved", "--checkpoint-every", every, "-o", "parts")
        # It says whether it begins or goes on; what is left takes about as long.
        command.read_error_line()
        time.sleep(chance.uniform(0, 0.4))
        command.process.kill()
        command.end()

    last = noob(*common, "--resume", "saved", "--checkpoint-every", every, "-o", "parts")

    assert last.code == 0, last.err
    assert (folder / "parts").read_bytes() == (folder / "whole").read_bytes()
    assert json.loads((folder / "parts").read_bytes()) if form == "json" else True


class TestWhatWasSkipped:
    TUBE = """
        input: {value: {type: int, scope: process}}
        nodes:
          f: {type: steps.fail, depends: [input.value], params: {at: 4}}
          return: {type: return, depends: f.value}
        """
    RECORDS = ("0", '"no"', "2", "{}", "4", "5", '"neither"', "7", "8", '"nor this"')
    SKIPPING = ("--on-error", "skip", "--errors", "errors.jsonl", "-f", "records.jsonl", "-o", "out.jsonl")

    @pytest.fixture(autouse=True)
    def _records(self, write):
        write("skipping.yaml", self.TUBE)
        write("records.jsonl", "".join(f'{{"value": {each}}}\n' for each in self.RECORDS))

    @pytest.mark.parametrize("epochs", range(1, 7))
    def test_it_is_kept_and_counted(self, noob, folder, epochs):
        assert noob("run", "skipping.yaml", *self.SKIPPING).code == 1
        whole = (folder / "errors.jsonl").read_text(), (folder / "out.jsonl").read_text()
        assert len(whole[0].splitlines()) == 5
        first = noob("run", "skipping.yaml", *self.SKIPPING, "--checkpoint", "saved", "--epochs", str(epochs))
        assert first.code in (0, 1)

        done = noob("run", "skipping.yaml", *self.SKIPPING, "--resume", "saved")

        assert done.code == 1
        assert "skipped 1 failed epoch and 4 refused records" in done.err
        assert ((folder / "errors.jsonl").read_text(), (folder / "out.jsonl").read_text()) == whole

    def test_a_run_that_had_ended_says_it_again(self, noob, folder):
        assert noob("run", "skipping.yaml", *self.SKIPPING, "--checkpoint", "saved").code == 1
        whole = (folder / "errors.jsonl").read_text()

        done = noob("run", "skipping.yaml", *self.SKIPPING, "--resume", "saved")

        assert (done.code, (folder / "errors.jsonl").read_text()) == (1, whole)

    def test_the_file_has_to_be_the_one_that_was_written(self, noob, folder):
        noob("run", "skipping.yaml", *self.SKIPPING, "--checkpoint", "saved", "--epochs", "3")
        (folder / "errors.jsonl").write_text("")

        done = noob("run", "skipping.yaml", *self.SKIPPING, "--resume", "saved")

        assert done.code == 2
        assert "'--errors errors.jsonl' has 0 bytes, and the checkpoint covers" in done.err
