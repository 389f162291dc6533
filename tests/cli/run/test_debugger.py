"""`breakpoint()` and `--pdb`: a debugger asks on the terminal, wherever records come from and results go to."""

from __future__ import annotations

import builtins
import json
import pty
import re
import sys
import termios
import tty

import pytest

from noob_cli.cli.shell.asking import asking, refreshing
from tests.cli.conftest import COMMAND, environment
from tests.cli.pseudo_terminal import PROMPT, Terminal
from tests.cli.screen import screen

CODE = """
def stop(x: int) -> int:
    y = 2 * x
    if x == 2:
        breakpoint()
    return y


def divide(y: int) -> float:
    z = y - 4
    return share(z)


def share(z: int) -> float:
    return 10 / z
"""
TUBE = """
input: {x: {type: int, scope: process}}
nodes:
  stop: {type: stops.stop, depends: [input.x]}
  divide: {type: stops.divide, depends: [stop.value]}
  return: {type: return, depends: divide.value}
"""
RECORDS = "".join(f'{{"x": {number}}}\n' for number in range(4))
WITHOUT_TERMINAL = 'exec setsid "$@"'


@pytest.fixture
def on_terminal(folder, tmp_path, write):
    """Runs the tube with records from a pipe, and a terminal."""
    write("stops.yaml", TUBE)
    begun = []

    def begin(options="", env=None, code=CODE):
        write("stops.py", code)
        noob = " ".join(COMMAND)
        command = f"printf '{RECORDS}' | {noob} run stops.yaml {options}; echo code $?"
        begun.append(Terminal(command, folder, environment(tmp_path, TERM="xterm", COLUMNS="100", **(env or {}))))
        return begun[-1]

    yield begin
    for each in begun:
        each.close()


@pytest.mark.slow
class TestBreakpoint:
    def test_it_asks_on_the_terminal_and_the_run_goes_on(self, on_terminal, folder):
        terminal = on_terminal("-o out.jsonl --on-error skip 2> told.txt")

        terminal.answer("p x, y", "w", "n", "c")

        terminal.end()
        assert "(Pdb) p x, y\n(2, 4)\n" in terminal.text
        assert re.search(r"\(Pdb\) w\n> .*/stops.py\([56]\)stop\(\)\n.*\n\(Pdb\) n\n", terminal.text)
        assert terminal.text.endswith("code 1\n")
        # What is asked is seen where it is answered, and what is told stays where it was to go.
        assert (folder / "told.txt").read_text().count("(Pdb)") == 0
        assert "ZeroDivisionError" in (folder / "told.txt").read_text()
        assert (folder / "out.jsonl").read_text() == "-2.5\n-5.0\n5.0\n"

    def test_stepping_passes_over_what_is_not_the_users(self, on_terminal):
        # Before Python 3.12, a debugger that steps out of a coroutine doesn't stop again.
        begin = "async def stop" if sys.version_info >= (3, 12) else "def stop"
        terminal = on_terminal("-o out.jsonl", code=CODE.replace("def stop", begin))

        terminal.read_until(PROMPT)
        terminal.type("s\n" * 30)

        # From one node into the next, into what that calls, and out of the run.
        terminal.end()
        stops = re.findall(r"> \S*/(\w+\.py)\(\d+\)(\w+)\(\)", terminal.text)
        assert list(dict.fromkeys(stops)) == [("stops.py", name) for name in ("stop", "divide", "share")]
        assert terminal.text.endswith("code 1\n")

    @pytest.mark.parametrize("runner", ["sync", "threads"])
    def test_quitting_it_stops_the_run_as_ctrl_c_does(self, on_terminal, folder, runner):
        terminal = on_terminal(f"-o out.jsonl --on-error skip --runner {runner}")

        terminal.answer("q")

        terminal.end()
        assert "stopped by SIGINT after 2 epochs (2 results)" in terminal.text
        assert "the node 'stop' was interrupted in epoch 2" in terminal.text
        assert terminal.text.endswith("code 130\n")
        assert (folder / "out.jsonl").read_text() == "-2.5\n-5.0\n"

    def test_ctrl_c_gives_up_what_is_typed_and_progress_pauses(self, on_terminal):
        terminal = on_terminal("-o out.jsonl")

        terminal.interrupt()
        terminal.answer("p x", "c")

        terminal.end()
        assert "stopped by" not in terminal.text
        assert "--KeyboardInterrupt--\n(Pdb) p x\n2\n(Pdb) c\n" in terminal.text
        assert "2 epochs, 2 results" in terminal.text

    def test_a_signal_to_stop_ends_it(self, on_terminal):
        terminal = on_terminal("--grace 0.1")

        terminal.answer("import os, signal", "os.kill(os.getpid(), signal.SIGTERM)")

        terminal.end()
        assert "stopped by SIGTERM after 2 epochs (2 results)" in terminal.text
        assert terminal.text.endswith("code 143\n")

    def test_input_asks_there_too(self, on_terminal, folder):
        terminal = on_terminal(
            "-o out.jsonl", {"PYTHONWARNINGS": "always"}, CODE.replace("breakpoint()", 'y = int(input("how many? "))')
        )

        terminal.read_until(b"how many? ")
        terminal.type("14\n")

        terminal.end()
        assert "how many? 14\n" in terminal.text
        assert "ResourceWarning" not in terminal.text
        assert (folder / "out.jsonl").read_text() == "-2.5\n-5.0\n1.0\n5.0\n"

    def test_all_that_asks_has_its_line_for_itself(self, on_terminal):
        asks = "[ask(), getpass('secret? '), typer.prompt('colour'), typer.confirm('sure?')]"
        code = f"from getpass import getpass\nimport typer\nask = lambda: input('name? ')\n{CODE}"
        terminal = on_terminal("-o out.jsonl --watch stop", code=code.replace("breakpoint()", asks))

        for question, answer in {"name? ": "ann", "secret? ": "x", "colour: ": "red", "N]: ": "y"}.items():
            terminal.read_until(question.encode())
            terminal.type(f"{answer}\n")

        terminal.end()
        *asked, watched = screen(terminal.shown.decode()).splitlines()[:5]
        assert asked == ["name? ann", "secret?", "colour: red", "sure? [y/N]: y"]
        assert watched.startswith("stop.value  4")

    def test_without_a_terminal_it_is_passed_over(self, noob, write):
        write("stops.py", CODE)
        write("stops.yaml", TUBE)

        done = noob("run", "stops.yaml", stdin=RECORDS, shell=WITHOUT_TERMINAL)

        assert done.results == [-2.5, -5.0]
        assert "warning: breakpoint() at stops.py:5 is passed over: there is no terminal to ask on" in done.err

    def test_worker_processes_pass_it_over(self, noob, write):
        write("stops.py", CODE)
        write("stops.yaml", TUBE)

        done = noob("run", "stops.yaml", "--runner", "processes", stdin=RECORDS)

        assert "is passed over by worker processes: another runner, such as sync, stops there" in done.err


@pytest.mark.slow
class TestPostMortem:
    def test_it_begins_in_the_function_of_the_user_and_the_run_fails_as_ever(self, on_terminal):
        terminal = on_terminal("--pdb")

        terminal.answer("c", "p z", "u", "p y", "q")

        terminal.end()
        assert "in the node 'divide', epoch 2" in terminal.text
        assert re.search(r"p z\n0\n.*u\n> .*divide\(\).*p y\n4\n", terminal.text, re.DOTALL)
        assert "error: the node 'divide' failed in epoch 2" in terminal.text
        assert "stopped" not in terminal.text
        assert terminal.text.endswith("code 1\n")

    @pytest.mark.parametrize(("answer", "results"), [("c", [-2.5, -5.0, 5.0]), ("q", [-2.5, -5.0])])
    def test_of_a_run_that_goes_on_after_failures(self, on_terminal, folder, answer, results):
        terminal = on_terminal("--pdb --on-error skip -o out.jsonl")

        terminal.answer("c", answer)

        terminal.end()
        assert [json.loads(line) for line in (folder / "out.jsonl").read_text().splitlines()] == results
        is_stopped = "stopped in the debugger after 3 epochs (2 results)\nskipped 1 failed epoch\n" in terminal.text
        assert is_stopped == (answer == "q")
        assert terminal.text.endswith(f"code {130 if is_stopped else 1}\n")

    @pytest.mark.parametrize(
        ("options", "why"),
        [
            ((), "'--pdb' asks what to do where something fails, and there is no terminal to ask on"),
            (
                ("--runner", "processes"),
                "'--pdb' is for what fails in this process, and not with '--runner processes': use sync",
            ),
        ],
    )
    def test_it_is_refused_where_nobody_could_look(self, noob, write, options, why):
        write("stops.py", CODE)
        write("stops.yaml", TUBE)
        out = write("out", "before")

        done = noob("run", "stops.yaml", "--pdb", *options, "-o", "out", stdin='{"x": 1}', shell=WITHOUT_TERMINAL)

        assert (done.code, done.out, done.err, out.read_text()) == (2, "", f"error: {why}\n", "before")


class Refreshed:
    """Notes what becomes of it."""

    def __init__(self):
        self.notes = []

    def pause(self):
        self.notes.append("pause")

    def resume(self):
        self.notes.append("resume")


@pytest.fixture
def own_terminal(monkeypatch):
    """A terminal that is told on, as a file, and another."""
    (_, theirs), (_, other) = pty.openpty(), pty.openpty()
    with open(theirs, "w", encoding="utf-8") as told, open(other, "w", encoding="utf-8") as elsewhere:
        monkeypatch.setattr("noob_cli.cli.shell.asking.message_stream", lambda: told)
        yield told, elsewhere


def test_who_takes_the_echo_or_single_keys_from_the_terminal_asks(own_terminal):
    refreshed = Refreshed()
    told, elsewhere = own_terminal
    usual = termios.tcgetattr(told)
    before = termios.tcsetattr

    with refreshing(refreshed):
        tty.setraw(elsewhere)
        assert refreshed.notes == ["resume"]
        tty.setcbreak(told)
        tty.setraw(told)
        assert refreshed.notes == ["resume", "pause"]
        termios.tcsetattr(told, termios.TCSADRAIN, usual)
        silent = [*usual]
        silent[3] &= ~termios.ECHO
        with pytest.raises(termios.error):
            termios.tcsetattr(told, -1, silent)

    assert refreshed.notes == ["resume", *("pause", "resume") * 2, "pause"]
    assert (termios.tcsetattr, tty.tcsetattr) == (before, before)


def test_what_is_refreshed_pauses_while_somebody_asks(monkeypatch):
    refreshed = Refreshed()
    monkeypatch.setattr(builtins, "input", lambda prompt="": refreshed.notes.append(f"asks {prompt}") or "yes")
    before = builtins.input

    with refreshing(refreshed):
        assert input("sure?") == "yes"
        with asking():
            input("really?")

    assert builtins.input is before
    assert refreshed.notes == [
        *("resume", "pause", "asks sure?", "resume"),
        *("pause", "asks really?", "resume", "pause"),
    ]
