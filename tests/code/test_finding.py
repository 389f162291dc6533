"""Finding code by its dotted path: attributes before submodules, and modules with the name of another."""

from __future__ import annotations

import json
import pickle
import queue
import re
import subprocess
import sys
from importlib.metadata import distribution, packages_distributions
from pathlib import Path

import pytest
from packaging.requirements import Requirement

from noob_cli import SynchronousRunner, Tube, TubeError
from noob_cli.code.extra_imports import keep_from_tubes
from noob_cli.code.finding import CodeNotFoundError, find_code, put_first
from noob_cli.code.own_imports import NEEDED, found_elsewhere
from tests.patience import PATIENCE


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return tmp_path


def write(path: Path, text: str = "") -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    return path


def found(path: str, folder: Path) -> object:
    put_first([folder])
    return find_code(path, [folder])


@pytest.mark.parametrize("file", ["Path(__file__)", "3", "object()"])
def test_a_module_may_say_anything_of_its_file(folder, file):
    write(folder / "told.py", f"from pathlib import Path\n__file__ = {file}\ndef it(): return 1")
    try:
        assert found("told.it", folder)() == 1
        assert found("told.it", folder)() == 1
    finally:
        # Others look at all modules that there are.
        for name in [name for name in sys.modules if name.rpartition(".")[2] == "told"]:
            del sys.modules[name]


# --- an attribute and a submodule of one name ---------------------------------------------------


def test_a_function_that_has_the_name_of_its_submodule(folder):
    write(folder / "pk1/__init__.py", "from pk1.shout import shout")
    write(folder / "pk1/shout.py", "def shout(text): return text.upper()\ndef whisper(text): return text.lower()")
    assert found("pk1.shout", folder)("a") == "A"
    # What the function hasn't may be in the submodule.
    assert found("pk1.shout.whisper", folder)("A") == "a"


def test_a_class_that_has_the_name_of_its_submodule_counts_for_what_is_in_it(folder):
    write(folder / "pk2/__init__.py", "from .thing import thing")
    write(folder / "pk2/thing.py", "class thing:\n    def method(self): return 'class'\ndef method(): return 'module'")
    assert found("pk2.thing.method", folder)(None) == "class"


def test_an_attribute_that_is_the_submodule_goes_on_as_such(folder):
    write(folder / "pk3/__init__.py", "from . import deep")
    write(folder / "pk3/deep/__init__.py")
    write(folder / "pk3/deep/deeper.py", "def end(): return 1")
    assert found("pk3.deep.deeper.end", folder)() == 1


def test_a_function_in_a_deeper_package(folder):
    write(folder / "pk4/__init__.py")
    write(folder / "pk4/deep/__init__.py", "from pk4.deep.shout import shout")
    write(folder / "pk4/deep/shout.py", "def shout(): return 1")
    assert found("pk4.deep.shout", folder)() == 1


def test_an_attribute_that_is_made_when_it_is_asked_for(folder):
    lazy = "def __getattr__(name):\n    if name == 'late':\n        return len\n    raise AttributeError(name)"
    write(folder / "pk5/__init__.py", lazy)
    write(folder / "pk5/late.py")
    write(folder / "pk5/other.py", "def end(): return 1")
    assert found("pk5.late", folder) is len
    assert found("pk5.other.end", folder)() == 1


def test_what_neither_has_is_not_found(folder):
    write(folder / "pk6/__init__.py", "from pk6.shout import shout")
    write(folder / "pk6/shout.py", "def shout(): pass")
    with pytest.raises(CodeNotFoundError, match="'nothing'"):
        found("pk6.shout.nothing", folder)


# --- a module that has the name of another ------------------------------------------------------


def test_a_module_beside_the_tube_is_found_and_all_others_get_the_real_one(folder):
    write(folder / "queue.py", "from dataclasses import dataclass\n@dataclass\nclass Item:\n    number: int")
    write(folder / "sibling1.py", "import queue\ndef real(): return queue.SimpleQueue")
    item = found("queue.Item", folder)(1)
    assert type(item).__module__ == "noob_cli.beside.queue"
    assert pickle.loads(pickle.dumps(item)) == item
    assert found("sibling1.real", folder)() is queue.SimpleQueue


def test_one_that_is_not_imported_yet_is_not_seen_by_anybody_else(folder):
    sys.modules.pop("this", None)
    write(folder / "this.py", "def mine(): return 1")
    assert found("this.mine", folder)() == 1
    assert "this" not in sys.modules
    elsewhere = found_elsewhere("this")
    assert elsewhere is not None
    assert not Path(str(elsewhere.origin)).is_relative_to(folder)


@pytest.mark.parametrize("name", ["random", "signal", "types", "json", "typing", "sys"])
def test_modules_of_python(folder, name):
    write(folder / f"{name}.py", "def double(number): return 2 * number")
    assert found(f"{name}.double", folder)(2) == 4
    assert not hasattr(sys.modules[name], "double")


def test_a_package_that_has_the_name_of_another_imports_what_is_in_it(folder):
    write(folder / "email/__init__.py", "from .parts import part")
    write(folder / "email/parts.py", "def part(): return 1")
    write(folder / "email/more.py", "def more(): return 2")
    assert found("email.part", folder)() == 1
    assert found("email.more.more", folder)() == 2


def test_a_folder_without_code_is_no_module(folder):
    write(folder / "json/data.txt")
    assert found("json.dumps", folder) is json.dumps


def test_modules_of_two_tubes_are_not_mixed_up(folder):
    write(folder / "one/queue.py", "def number(): return 1")
    write(folder / "two/queue.py", "def number(): return 2")
    (folder / "three").mkdir()
    assert [found("queue.number", folder / name)() for name in ("one", "two", "one")] == [1, 2, 1]
    put_first([folder / "three"])
    assert find_code("queue.Queue", [folder / "three"]) is queue.Queue


TUBE = """
input: {when: {type: datetime.Day, required: false}}
assets: {held: {type: queue.Held, scope: runner}}
nodes:
  number: {type: itertools.count}
  double: {type: queue.double, depends: [number.value, assets.held]}
  return: {type: return, depends: double.value}
"""


def test_a_warning_names_each_such_module_once(folder):
    write(folder / "queue.py", "class Held: pass\ndef double(number, held): return 2 * number")
    write(folder / "datetime.py", "class Day(int): pass")
    tube = Tube.from_specification(write(folder / "tube.yaml", TUBE))
    assert SynchronousRunner(tube).run(2) == [0, 2]
    shadowed = [each for each in tube.warnings if each.code == "C006"]
    assert [each.path for each in shadowed] == [("input", "when", "type"), ("assets", "held", "type")]
    assert str(folder / "queue.py") in shadowed[1].message


def test_the_message_names_such_a_module_as_it_is_written(folder):
    write(folder / "queue.py", "1 / 0")
    with pytest.raises(TubeError, match="the module 'queue' can't be imported"):
        Tube.from_specification({"nodes": {"a": {"type": "queue.double"}}})


def test_a_module_that_is_no_text_is_not_said_to_be_ours(folder):
    write(folder / "nothing.py", "\0")
    with pytest.raises(TubeError, match=r"C002.*'nothing' can't be imported: SyntaxError") as raised:
        Tube.from_specification({"nodes": {"a": {"type": "nothing.double"}}})
    assert "noob_cli" not in str(raised.value)


def test_a_module_that_imports_from_one_beside_it_is_told_why_it_can_not(folder):
    write(folder / "code.py", "SHARE = 1")
    write(folder / "sharing.py", "from code import SHARE\ndef share(): return SHARE")
    with pytest.raises(TubeError, match=f"C002.*give {folder / 'code.py'} a name of its own"):
        Tube.from_specification({"nodes": {"a": {"type": "sharing.share"}}})


# --- what this package imports ------------------------------------------------------------------


def normalized(name: str) -> str:
    return re.sub("[-_.]+", "-", name).lower()


def test_all_that_this_package_needs_is_kept_from_the_folders_of_tubes():
    of_distribution: dict[str, set[str]] = {}
    for module, names in packages_distributions().items():
        for name in names:
            of_distribution.setdefault(normalized(name), set()).add(module)
    left, needed = ["noob-cli"], set()
    while left:
        name = left.pop()
        if name not in needed:
            needed.add(name)
            for text in distribution(name).requires or ():
                requirement = Requirement(text)
                if requirement.marker is None or requirement.marker.evaluate({"extra": "dask"}):
                    left.append(normalized(requirement.name))
    modules = set().union(*(of_distribution[name] for name in needed - {"noob-cli"}))
    assert {name for name in modules if not name.startswith("_")} <= NEEDED


@pytest.mark.parametrize(
    ("extra", "module"),
    [("metrics", "prometheus_client"), ("parquet", "pyarrow"), ("otlp", "google"), ("otlp", "requests"), ("x", None)],
)
def test_what_an_extra_needs_is_while_it_is_used(monkeypatch, extra, module):
    needed = set()
    monkeypatch.setattr("noob_cli.code.extra_imports.NEEDED", needed)

    keep_from_tubes(extra)

    assert needed == set() if module is None else module in needed
    assert "pytest" not in needed


STRANGERS = (
    *("asyncio", "cProfile", "csv", "email", "fractions", "heapq", "http", "json", "logging", "pickle", "platform"),
    *("queue", "random", "secrets", "selectors", "shlex", "shutil", "signal", "statistics", "tempfile", "textwrap"),
    *("traceback", "typing", "unicodedata", "uuid", "click", "orjson", "pydantic", "rich", "ruamel", "typer"),
)


@pytest.mark.slow
def test_no_command_imports_what_is_in_the_working_folder(tmp_path):
    for name in STRANGERS:
        write(tmp_path / name / "__init__.py", f"raise RuntimeError('{name} is not yours')")
    write(tmp_path / "steps.py", "def fail(number):\n    if number == 1: raise ValueError\n    return number\n")
    write(
        tmp_path / "tube.yaml",
        """
        nodes:
          number: {type: itertools.count}
          step: {type: steps.fail, depends: number.value}
          return: {type: return, depends: step.value}
        """,
    )
    run = (
        "run tube.yaml -n 2 --on-error skip --stats --stats-json s.json --log-file l.txt --checkpoint saved --progress"
    )
    commands = [run, "validate .", "validate . --format sarif", "graph tube.yaml", "compile tube.yaml", "rules"]
    for command in [*commands, "explain C006", "schema", "assets list .", "--help", "--version"]:
        done = subprocess.run(
            [sys.executable, "-m", "noob_cli", *command.split()],
            cwd=tmp_path,
            capture_output=True,
            text=True,
            timeout=PATIENCE,
            check=False,
        )
        assert "is not yours" not in done.stdout + done.stderr
        assert done.returncode == (1 if command is run else 0), done.stderr


@pytest.mark.slow
def test_a_process_that_a_node_spawns_finds_them_too(tmp_path):
    write(tmp_path / "tubes/queue.py", "def double(number): return 2 * number")
    write(
        tmp_path / "tubes/spawning.py",
        """
import multiprocessing
from concurrent.futures import ProcessPoolExecutor
from noob_cli.beside.queue import double


def elsewhere(number):
    with ProcessPoolExecutor(1, multiprocessing.get_context("spawn")) as pool:
        return pool.submit(double, number).result()
""",
    )
    write(
        tmp_path / "tubes/tube.yaml",
        """
        nodes:
          number: {type: itertools.count, params: {start: 21}}
          double: {type: spawning.elsewhere, depends: number.value}
          return: {type: return, depends: double.value}
        """,
    )
    done = subprocess.run(
        [sys.executable, "-m", "noob_cli", "run", "tubes/tube.yaml", "-n", "1"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=False,
    )
    assert done.stdout == "42\n", done.stderr
