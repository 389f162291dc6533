"""Imports go down the table of rooms only, and starting up costs what is used."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from pathlib import Path

import pytest

import noob_cli

ROOT = Path(noob_cli.__file__).parent
FILES = sorted(ROOT.rglob("*.py"))

SPINE = (
    ("cli",),
    ("checkpoints", "view", "testing", "lsp"),
    ("runners",),
    ("codegen",),
    ("plan",),
    ("tube",),
    ("drawing",),
    ("loading",),
    ("check",),
    ("graph",),
    ("nodes", "assets"),
    ("specification", "records", "results"),
    ("code",),
    ("guide", "core"),
)
"""The rooms from the top: each may import from those below it, and from itself."""

ALLOWED = {
    room: {below for rooms in SPINE[at + 1 :] for below in rooms} for at, rooms in enumerate(SPINE) for room in rooms
}
ALLOWED["door"] = set(ALLOWED)

INSIDE_CLI = ("commands", "run", "show", "report", "begin", "shell")
"""The rooms inside of `cli`, from the top: each may import from those behind it."""

DOORS = ("noob_cli", "noob_cli.__main__")
"""Modules through which one comes in; they are in no room."""


UPWARD = {("noob_cli.tube", "noob_cli.runners.whole_run")}
"""What a function imports from a room above it: `Tube.run` makes a runner, for who wants nothing but results."""


def module_of(path: Path) -> str:
    parts = path.relative_to(ROOT.parent).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


MODULES = {module_of(path): path for path in FILES}


def room_of(module: str) -> str:
    if module in DOORS:
        return "door"
    first = module.split(".")[1]
    if first in ALLOWED:
        return first
    assert (ROOT / f"{first}.py").exists(), f"the room of '{module}' is not in the table"
    return "core"


def imports_of(module: str) -> set[str]:
    """The modules of this package that a module imports anywhere, also those that only a type checker follows."""
    path = MODULES[module]
    package = module if path.name == "__init__.py" else module.rpartition(".")[0]
    found = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            base = node.module or ""
            if node.level:
                up = package.split(".")
                base = ".".join([*up[: len(up) - node.level + 1], *([base] if base else [])])
            names = [f"{base}.{alias.name}" if f"{base}.{alias.name}" in MODULES else base for alias in node.names]
        elif isinstance(node, ast.Call) and ast.unparse(node.func).endswith("import_module"):
            names = [name.value for name in node.args if isinstance(name, ast.Constant)]
        else:
            continue
        found.update(name for name in names if name == "noob_cli" or name.startswith("noob_cli."))
    return found - {module}


@pytest.mark.parametrize("module", MODULES)
def test_imports_go_down_the_table(module):
    room = room_of(module)
    imported = {name: room_of(name) for name in imports_of(module) if (module, name) not in UPWARD}
    if room in ("cli", "checkpoints", "runners"):
        # The package itself has its version, and gives out what is below.
        imported.pop("noob_cli", None)
    wrong = {name: other for name, other in imported.items() if other != room and other not in ALLOWED[room]}
    assert wrong == {}, f"'{module}' is in the room '{room}'"


@pytest.mark.parametrize("at", range(len(INSIDE_CLI)), ids=INSIDE_CLI)
def test_imports_inside_of_cli_go_down(at):
    room, *below = INSIDE_CLI[at:]
    inside = {name for module in MODULES if module.startswith(f"noob_cli.cli.{room}.") for name in imports_of(module)}
    others = {name.split(".")[2] for name in inside if name.count(".") > 2 and name.startswith("noob_cli.cli.")}
    assert others <= {room, *below}


def test_the_table_has_these_rooms():
    """In this order, in the page that says how the house is built."""
    cells = re.findall(r"^\| (`[^|]+) \|", (ROOT / "README.md").read_text(encoding="utf-8"), re.MULTILINE)
    named = [room for cell in cells for room in re.findall(r"`(\w+)(?:/|\.py)`", cell)]
    assert named == [room for rooms in SPINE for room in rooms if room != "core"]


def test_there_are_no_circles():
    edges = {module: {name for name in imports_of(module) if (module, name) not in UPWARD} for module in MODULES}
    done: set[str] = set()

    def walk(module: str, way: tuple[str, ...]) -> None:
        assert module not in way, " → ".join([*way[way.index(module) :], module])
        if module not in done:
            for each in sorted(edges[module]):
                walk(each, (*way, module))
            done.add(module)

    for module in edges:
        walk(module, ())


def test_rooms_are_seen():
    """The tests above look at something."""
    assert {room_of(module) for module in MODULES} == set(ALLOWED)
    assert "noob_cli.plan.lowering.lowering" in imports_of("noob_cli.runners.linking")
    assert "noob_cli.runners.synchronous" not in imports_of("noob_cli.code.context")


@pytest.mark.parametrize("name", ["utils", "util", "helpers", "helper", "misc", "common"])
def test_every_module_has_a_subject(name):
    assert [module for module in MODULES if module.rpartition(".")[2].strip("_") == name] == []


@pytest.mark.parametrize("module", MODULES)
def test_every_module_says_what_it_is_about(module):
    assert ast.get_docstring(ast.parse(MODULES[module].read_text(encoding="utf-8")))


def run_python(code: str) -> str:
    return subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout


def test_importing_the_package_imports_nothing_big():
    loaded = run_python("import noob_cli, sys; print(' '.join(sys.modules))").split()
    assert "noob_cli" in loaded
    assert [
        name
        for name in loaded
        if name.split(".")[0] in ("orjson", "pydantic", "pydantic_core", "ruamel", "rich", "typer")
    ] == []


def test_the_door_imports_nothing_big_before_signals_are_held():
    loaded = run_python("import noob_cli.__main__, sys; print(' '.join(sys.modules))").split()
    assert "noob_cli.held_signals" in loaded
    assert [name for name in loaded if name.split(".")[0] in ("typer", "click", "rich", "pydantic", "ruamel")] == []
    assert [name for name in loaded if name.startswith("noob_cli.cli")] == []


def test_names_are_imported_when_they_are_used():
    code = (
        "import noob_cli, sys; noob_cli.NoEvent; noob_cli.Name; noob_cli.process_method; print(' '.join(sys.modules))"
    )
    loaded = run_python(code).split()
    assert [name for name in loaded if name.split(".")[0] in ("pydantic", "ruamel", "rich", "typer")] == []


@pytest.mark.parametrize("name", noob_cli.__all__)
def test_every_public_name_is_there(name):
    assert getattr(noob_cli, name) is not None


def test_the_names_of_the_contract_are_public():
    names = {
        *("Tube", "TubeSpecification", "SynchronousRunner", "Node", "NodeSpecification", "RunnerContext"),
        *("Asset", "AssetScope", "AssetSpecification", "WrapClassAsset", "WrapFuncAsset"),
        *("Name", "NoEvent", "MetaSignal", "Epoch", "Event", "EventMap"),
        *("process_method", "init_method", "deinit_method"),
    }
    assert names <= set(noob_cli.__all__)
    namespace: dict[str, object] = {}
    exec("from noob_cli import *", namespace)
    assert names <= set(namespace)


def test_a_name_that_does_not_exist():
    with pytest.raises(AttributeError, match="nothing"):
        noob_cli.nothing  # noqa: B018


def test_an_extra_is_imported_when_it_is_used(tmp_path):
    (tmp_path / "one.yaml").write_text(
        "nodes:\n  n: {type: builtins.int}\n  return: {type: return, depends: n.value}\n"
    )
    code = (
        "import sys\n"
        "from noob_cli.__main__ import main\n"
        f"sys.argv = ['noob', 'run', {str(tmp_path / 'one.yaml')!r}, '-n', '1', '-o', {str(tmp_path / 'out.csv')!r}]\n"
        "try:\n    main()\nexcept SystemExit as end:\n    assert not end.code\n"
        "print(' '.join(sys.modules), file=sys.stderr)\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    loaded = {name.split(".")[0] for name in done.stderr.split()}
    assert "noob_cli" in loaded
    # What only worker processes need is nothing for a run without any, either.
    unused = {"pyarrow", "prometheus_client", "opentelemetry", "numpy", "requests", "pickle"}
    assert loaded & unused == set()
