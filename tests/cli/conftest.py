"""Running the real command: in a process of its own, in a folder of its own, with pipes or a terminal.

Where nothing else is asked for, that process is forked from one that has the command imported: see `tests/warm`.
"""

from __future__ import annotations

import json
import os
import pty
import re
import select
import shutil
import signal
import subprocess
import sys
import textwrap
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from typer.main import get_command

from noob_cli.cli import app
from tests.patience import PATIENCE
from tests.warm.command import ARE_THERE, in_shell, is_usual, run_warm, start_warm

TUBES = Path(__file__).parent / "tubes"
COMMAND = (sys.executable, "-m", "noob_cli")
GROUP: Any = get_command(app)
"""The command with all those in it, in this process."""

COUNT = """
nodes:
  n: {type: itertools.count}
  return: {type: return, depends: n.value}
"""
"""A tube that counts from 0 on."""

UPPER = """
input:
  line: {type: str, scope: process}
nodes:
  u: {type: builtins.str.upper, depends: [input.line]}
  return: {type: return, depends: u.value}
"""
"""A tube that takes lines, and returns them in capitals."""

_OUR_FRAME = re.compile(r'File "[^"]*[/\\]noob_cli[/\\]')
CONTROL = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]|\r")


@dataclass
class Outcome:
    """What a command left behind."""

    code: int
    stdout: bytes
    stderr: bytes
    folder: Path | None = None

    @property
    def out(self) -> str:
        return self.stdout.decode()

    @property
    def err(self) -> str:
        return self.stderr.decode(errors="replace")

    @property
    def shown(self) -> str:
        """What a terminal has shown of standard error, each state of a line as a line of its own, without colours."""
        return CONTROL.sub("", self.err.replace("\r\n", "\n").replace("\r\x1b[2K", "\n"))

    @property
    def results(self) -> list[Any]:
        """The results, one JSON value per line."""
        return [json.loads(line) for line in self.out.splitlines()]


def run_command(
    args: tuple[str | bytes | Path, ...],
    *,
    cwd: Path,
    env: dict[str, str],
    command: tuple[str, ...] | None = None,
    stdout: Any = subprocess.PIPE,
    **stdin: Any,
) -> subprocess.CompletedProcess[bytes]:
    """Run the command to its end: in a warm process, unless another is named or the environment isn't the usual one."""
    if command is None and ARE_THERE and is_usual(env):
        return run_warm(args, cwd=cwd, env=env, stdout=stdout, **stdin)
    return subprocess.run(
        [*(command or COMMAND), *map(os.fsencode, args)],
        **stdin,
        stdout=stdout,
        stderr=subprocess.PIPE,
        cwd=cwd,
        env=env,
        timeout=PATIENCE,
    )


def start_command(args: tuple[str, ...], *, env: dict[str, str], **streams: Any) -> subprocess.Popen[bytes]:
    """Start the command, without buffers on our side, in a warm process if its environment is the usual one."""
    if ARE_THERE and is_usual(env):
        started: Any = start_warm(args, env=env, **streams)
        return started
    return subprocess.Popen([*COMMAND, *args], bufsize=0, env=env, **streams)


def refuse_own_traceback(text: str) -> None:
    """No message may show frames of our own code, whatever went wrong."""
    assert not _OUR_FRAME.search(text), text


def environment(home: Path, **more: str) -> dict[str, str]:
    """The environment, without what a developer has set for their own `noob`."""
    kept = {
        name: value for name, value in os.environ.items() if not name.startswith(("NOOB_", "_NOOB", "LC_", "PYTHON"))
    }
    return kept | {"HOME": str(home), "XDG_CONFIG_HOME": str(home / ".config"), "LANG": "C.UTF-8"} | more


def write_file(path: Path, content: str | bytes) -> Path:
    """Write a file; text without its common indentation."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content if isinstance(content, bytes) else textwrap.dedent(content).encode())
    return path


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The working folder: a copy of the tubes of these tests, and of their code."""
    working = tmp_path / "work"
    shutil.copytree(TUBES, working, ignore=shutil.ignore_patterns("__pycache__"))
    return working


@pytest.fixture
def write(folder: Path) -> Callable[[str, str | bytes], Path]:
    """Write a file into the working folder; text without its common indentation."""

    return lambda name, content: write_file(folder / name, content)


@pytest.fixture
def noob(folder: Path, tmp_path: Path) -> Callable[..., Outcome]:
    """Run the command to its end, without a terminal; standard input is empty unless it is given.

    With `command=COMMAND` it is started anew, for what only that shows: what it imports. With `shell` it is run by a
    shell, in whose line it is `"$@"`, with the arguments.
    """

    def run(
        *args: str | bytes | Path,
        stdin: bytes | str | Path = b"",
        stdout: Path | None = None,
        env: dict[str, str] | None = None,
        command: tuple[str, ...] | None = None,
        shell: str | None = None,
        cwd: Path | None = None,
    ) -> Outcome:
        wanted = environment(tmp_path, **(env or {}))
        if shell is not None:
            command = ("sh", "-c", shell, "sh", *(in_shell() if ARE_THERE and is_usual(wanted) else COMMAND))
        source = {"stdin": stdin.open("rb")} if isinstance(stdin, Path) else {}
        target = stdout.open("wb", buffering=0) if stdout else subprocess.PIPE
        try:
            done = run_command(
                args,
                command=command,
                **(source or {"input": stdin.encode() if isinstance(stdin, str) else stdin}),
                stdout=target,
                cwd=cwd or folder,
                env=wanted,
            )
        finally:
            for file in (*source.values(), target):
                if file is not subprocess.PIPE:
                    file.close()
        refuse_own_traceback(done.stderr.decode(errors="replace"))
        return Outcome(done.returncode, done.stdout or b"", done.stderr)

    return run


@pytest.fixture
def without(tmp_path: Path) -> Callable[..., dict[str, str]]:
    """The environment of a command, started anew, that can't import some packages."""

    def environment_without(*packages: str) -> dict[str, str]:
        lines = [f"sys.modules[{package!r}] = None\n" for package in packages]
        write_file(tmp_path / "without" / "sitecustomize.py", "import sys\n" + "".join(lines))
        return {"PYTHONPATH": str(tmp_path / "without")}

    return environment_without


@pytest.fixture
def help_of(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Callable[..., str]:
    """The help of a command, by its words, in a terminal of a width."""

    def shown(words: Iterable[str], columns: int) -> str:
        monkeypatch.setenv("COLUMNS", str(columns))
        GROUP.main([*words, "--help"], prog_name="noob", standalone_mode=False)
        return capsys.readouterr().out

    return shown


class Outcomes:
    """What several commands left behind."""

    def __init__(self, outcomes: dict[Any, Outcome]) -> None:
        self._outcomes = outcomes

    def __getitem__(self, key: Any) -> Outcome:
        outcome = self._outcomes[key]
        refuse_own_traceback(outcome.err)
        return outcome


@pytest.fixture(scope="session")
def run_side_by_side(tmp_path_factory: pytest.TempPathFactory) -> Callable[[dict[Any, tuple[Any, ...]]], Outcomes]:
    """Run many commands, some at a time: most of what a short one does is to start.

    A case is what `run` takes: each runs in a folder of its own, in which its files are written first.
    """
    # Made by the first who asks for it, which must not be several threads at once.
    tmp_path_factory.getbasetemp()

    def run(
        args: tuple[str | bytes, ...],
        files: dict[str, str | bytes] | None = None,
        stdin: str | bytes = b"",
        env: dict[str, str] | None = None,
    ) -> Outcome:
        home = tmp_path_factory.mktemp("case")
        working = home / "work"
        shutil.copytree(TUBES, working, ignore=shutil.ignore_patterns("__pycache__"))
        for name, content in (files or {}).items():
            write_file(working / name, content)
        done = run_command(
            args,
            input=stdin.encode() if isinstance(stdin, str) else stdin,
            cwd=working,
            env=environment(home, **(env or {})),
        )
        return Outcome(done.returncode, done.stdout, done.stderr, working)

    def run_all(cases: dict[Any, tuple[Any, ...]]) -> Outcomes:
        with ThreadPoolExecutor(max_workers=4) as pool:
            return Outcomes(dict(zip(cases, pool.map(lambda case: run(*case), cases.values()), strict=True)))

    return run_all


@pytest.fixture(scope="session")
def validate_side_by_side(tmp_path_factory: pytest.TempPathFactory) -> Callable[[dict[Any, dict[str, Any]]], Outcomes]:
    """Validate many tubes, each in a folder of its own as `tube.yaml`, with one command if that is possible.

    If that one dies, each gets its own, so that it is known which tube it was.
    """

    def validate(working: Path, *tubes: str) -> Outcome:
        done = run_command(("validate", *tubes), stdin=subprocess.DEVNULL, cwd=working, env=environment(working.parent))
        return Outcome(done.returncode, done.stdout, done.stderr, working)

    def part_of(whole: Outcome, tube: str) -> Outcome:
        blocks = re.split(r"(?m)^(?=case\d+/tube\.yaml:)", whole.err)
        valid = b"".join(line for line in whole.stdout.splitlines(keepends=True) if line.startswith(tube.encode()))
        wrong = "".join(block for block in blocks if block.startswith(tube)).encode()
        return Outcome(2 if wrong else 0, valid, wrong, whole.folder)

    def validate_all(cases: dict[Any, dict[str, Any]]) -> Outcomes:
        working = tmp_path_factory.mktemp("validate") / "work"
        shutil.copytree(TUBES, working, ignore=shutil.ignore_patterns("__pycache__"))
        tubes = {key: f"case{number}/tube.yaml" for number, key in enumerate(cases)}
        for key, files in cases.items():
            for name, content in files.items():
                write_file((working / tubes[key]).with_name(name), content)
        whole = validate(working, *tubes.values())
        if "Traceback" not in whole.err:
            assert whole.code == 2
            return Outcomes({key: part_of(whole, tube) for key, tube in tubes.items()})
        with ThreadPoolExecutor(max_workers=4) as pool:
            alone = pool.map(lambda tube: validate(working, tube), tubes.values())
            return Outcomes(dict(zip(tubes, alone, strict=True)))

    return validate_all


class Running:
    """A command under way, with pipes on all three sides."""

    def __init__(self, args: tuple[str, ...], folder: Path, home: Path) -> None:
        self.process = start_command(
            args,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            cwd=folder,
            env=environment(home),
            start_new_session=True,
        )

    def feed(self, text: str | bytes) -> None:
        """Write on the command's standard input, and leave it open."""
        self.process.stdin.write(text.encode() if isinstance(text, str) else text)

    def read_line(self, timeout: float = PATIENCE) -> str:
        """The next line of standard output."""
        return self._read_line(self.process.stdout, timeout)

    def read_error_line(self, timeout: float = PATIENCE) -> str:
        """The next line of standard error."""
        return self._read_line(self.process.stderr, timeout)

    def stop(self, number: signal.Signals) -> Outcome:
        """Send a signal and wait for the end."""
        self.process.send_signal(number)
        return self.end()

    def stop_all(self, number: signal.Signals) -> Outcome:
        """Send a signal to the command and to all processes that it has started, as a terminal does, and wait."""
        os.killpg(self.process.pid, number)
        return self.end()

    def end(self, *, close_stdin: bool = True) -> Outcome:
        """Wait for the end."""
        if close_stdin:
            self.process.stdin.close()
        out = [b"", b""]

        def drain(index: int, stream: Any) -> None:
            out[index] = b"" if stream.closed else stream.read()

        readers = [
            threading.Thread(target=drain, args=(index, stream))
            for index, stream in enumerate((self.process.stdout, self.process.stderr))
        ]
        for reader in readers:
            reader.start()
        code = self.process.wait(timeout=PATIENCE)
        for reader in readers:
            reader.join(timeout=PATIENCE)
        refuse_own_traceback(out[1].decode(errors="replace"))
        return Outcome(code, *out)

    def close(self) -> None:
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait(timeout=PATIENCE)
        for stream in (self.process.stdin, self.process.stdout, self.process.stderr):
            with suppress(OSError):
                stream.close()

    def _read_line(self, stream: Any, timeout: float) -> str:
        ends = time.monotonic() + timeout
        line = b""
        while not line.endswith(b"\n"):
            ready, _, _ = select.select([stream], [], [], max(0.0, ends - time.monotonic()))
            assert ready, f"nothing came within {timeout} s, except {line!r}"
            byte = stream.read(1)
            if not byte:
                break
            line += byte
        return line.decode().rstrip("\n")


@pytest.fixture
def start(folder: Path, tmp_path: Path) -> Iterator[Callable[..., Running]]:
    """Start the command and talk to it while it runs."""
    started: list[Running] = []

    def start_command(*args: str) -> Running:
        started.append(Running(args, folder, tmp_path))
        return started[-1]

    yield start_command
    for each in started:
        each.close()


@pytest.fixture
def terminal(folder: Path, tmp_path: Path) -> Callable[..., Outcome]:
    """Run the command with standard input, standard error, or all three on a terminal, which then shows `stderr`."""

    def run(*args: str, on_terminal: str = "stderr", columns: int = 120, env: dict[str, str] | None = None) -> Outcome:
        ours, theirs = pty.openpty()
        shown: list[bytes] = []

        def read() -> None:
            # A terminal whose other side is closed is an error to read from.
            with suppress(OSError):
                while chunk := os.read(ours, 65536):
                    shown.append(chunk)

        try:
            process = start_command(
                args,
                stdin=theirs if on_terminal in ("stdin", "all") else subprocess.DEVNULL,
                stdout=theirs if on_terminal == "all" else subprocess.PIPE,
                stderr=theirs if on_terminal in ("stderr", "all") else subprocess.PIPE,
                cwd=folder,
                env=environment(tmp_path, TERM="xterm", COLUMNS=str(columns), **(env or {})),
            )
        finally:
            os.close(theirs)
        reader = threading.Thread(target=read)
        reader.start()
        try:
            out, err = process.communicate(timeout=PATIENCE)
        finally:
            process.kill()
            reader.join(timeout=PATIENCE)
            os.close(ours)
        text = b"".join(shown)
        out, err = out or b"", text if err is None else err
        refuse_own_traceback(err.decode(errors="replace"))
        return Outcome(process.returncode, out, err)

    return run


@pytest.fixture
def journal(folder: Path) -> Callable[[], list[str]]:
    """What the assets and nodes of `steps.py` have written down about themselves."""

    def read() -> list[str]:
        file = folder / "journal.txt"
        return file.read_text().splitlines() if file.exists() else []

    return read
