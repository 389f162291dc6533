"""`noob init`: what it writes runs, and nothing that is there is written over."""

from __future__ import annotations

import sys
import zipfile
from pathlib import Path

import pytest

from noob_cli.cli.begin.gallery import sample, samples
from noob_cli.cli.begin.new_tube import name_for
from noob_cli.cli.begin.writing import write_new

ROOT = Path(__file__).parents[3]


@pytest.fixture
def begin(noob, tmp_path):
    """Run the command in an empty folder."""
    empty = tmp_path / "empty"
    empty.mkdir()
    return lambda *args, **more: noob(*args, cwd=empty, **more)


def tube_of(name):
    return f"{name}.yaml" if samples()[name].is_file() else f"{name}/{name}.yaml"


def test_a_new_tube_runs_and_passes(begin, tmp_path):
    done = begin("init", "first")
    assert (done.code, done.out.split()) == (0, [f"first/first{end}" for end in (".yaml", ".py", ".tube-test.yaml")])
    assert done.err == "next: noob run first/first.yaml\n"
    assert begin("run", "first/first.yaml").results[-1] == {"number": 3, "square": 9}
    assert begin("test", "first").code == 0
    assert begin("validate", "first", "--strict").code == 0
    # What each entry is for stands before it.
    lines = (tmp_path / "empty" / "first" / "first.yaml").read_text().splitlines()
    entries = [at for at, line in enumerate(lines) if line in ("input:", "  number:", "  square:", "  return:")]
    assert [lines[at - 1].lstrip()[:2] for at in entries] == ["# "] * 4


def test_nothing_is_written_over(begin, tmp_path):
    begin("init", "first")
    assert begin("init", "first").code == 0
    changed = tmp_path / "empty" / "first" / "first.py"
    changed.write_text("mine")
    changed.with_name("first.yaml").unlink()

    done = begin("init", "first")

    assert (done.code, done.out) == (2, "")
    assert done.err == "error: 'first/first.py' is there already, and nothing is written over: name another folder\n"
    assert changed.read_text() == "mine"
    assert not changed.with_name("first.yaml").exists()


@pytest.mark.parametrize("args", [("one.txt",), ("one.txt/below",), ("/dev/null",), ("one.txt", "--sample", "words")])
def test_what_is_no_folder(begin, tmp_path, args):
    (tmp_path / "empty" / "one.txt").touch()

    done = begin("init", *args)

    named = args[0].removesuffix("/below")
    assert (done.code, done.err) == (2, f"error: '{named}' is no folder: name one, or one that is to be made\n")


@pytest.mark.parametrize(
    ("folder", "name"),
    [
        ("first", "first"),
        ("My Tube-2", "my_tube_2"),
        ("über", "uber"),
        ("Größe", "grosse"),
        ("statistics", "statistics_tube"),
        ("pytest", "pytest_tube"),
        ("2024", "tube_2024"),
        ("for", "tube_for"),
        ("日本", "tube"),
    ],
)
def test_the_name_is_one_that_a_module_can_have(tmp_path, folder, name):
    assert name_for(tmp_path / folder) == name


def test_a_folder_that_cannot_be_written_to(begin):
    folder = "x" * 300
    done = begin("init", folder)
    assert done.code == 2
    assert done.err == f"error: '{folder}' can't be written: File name too long\n"


def test_a_sample_is_written_with_what_it_is_made_of(begin):
    done = begin("init", "--sample", "smoothing")
    assert (done.code, "sunspots/sunspots.csv" in done.out.splitlines()) == (0, True)
    assert done.err == "next: noob info smoothing/smoothing.yaml\n"
    assert begin("run", "smoothing/smoothing.yaml", "-n", "1").code == 0


def test_every_sample_is_whole(begin, tmp_path):
    for name in samples():
        write_new(sample(name, tmp_path / "empty"))
    done = begin("validate", ".")
    assert (done.code, done.err) == (0, "")
    assert {line.partition(":")[0] for line in done.out.splitlines()} >= {tube_of(name) for name in samples()}


@pytest.mark.parametrize(("folder", "path"), [((), "pages"), (("one",), "one/pages")])
def test_the_commands_that_try_a_sample_name_what_was_written(begin, tmp_path, folder, path):
    assert begin("init", *folder, "--sample", "scraper").code == 0

    written = tmp_path.joinpath("empty", *folder)
    text = (written / "scraper" / "scraper.yaml").read_text()
    assert f"-d {path}/site/draft" in text
    assert "sample_tubes" not in text
    assert (written / "pages" / "site" / "draft" / "index.html").is_file()


def test_a_sample_that_is_not_there(begin):
    done = begin("init", "--sample", "sunspot")
    assert (done.code, done.err) == (2, "error: there is no sample 'sunspot': did you mean 'sunspots'?\n")


def test_what_is_installed_has_the_samples(begin, tmp_path):
    from hatchling.builders.wheel import WheelBuilder

    (wheel,) = WheelBuilder(str(ROOT)).build(directory=str(tmp_path), versions=["standard"])
    installed = tmp_path / "installed"
    zipfile.ZipFile(wheel).extractall(installed)
    program = f"import sys; sys.path.insert(0, {str(installed)!r}); from noob_cli.__main__ import main; main()"

    done = begin("init", "--sample", "smoothing", command=(sys.executable, "-c", program))

    assert (done.code, "sunspots/sunspots.csv" in done.out) == (0, True)
    assert begin("run", "smoothing/smoothing.yaml", "-n", "1").code == 0
    assert begin("init", "new", command=(sys.executable, "-c", program)).code == 0
