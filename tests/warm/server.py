"""Waits with the command imported, and becomes it, or what it starts, in a child, as often as it is asked.

python tests/warm/server.py DESCRIPTOR LISTENING [MISSING...]

It is asked through a connection for each request, see `forked.py` and `client.py`, or through a socket: it forks, and
the child has the arguments, the environment, the folder and the standard streams that came with it. What a child has
ended with is written to the descriptor behind those. What is missing is packages that a child has to import itself if
it needs them.

What is to have worker processes, or the processes behind a page, has a server of its own for them, forked from it
before it begins: they are in its session, and get what it tells all its processes.

A child shares the memory of the server, but for the pages that it writes to: each is copied, which is most of what a
short run takes. So what they would all do is done before, and they end as Python does, but for what was imported: it
isn't taken apart, object by object, nor what libraries in C have.
"""

from __future__ import annotations

import atexit
import copyreg
import ctypes
import gc
import io
import marshal
import os
import pkgutil
import resource
import select
import signal
import socket
import sys
import threading
from collections.abc import Callable, Sequence
from contextlib import suppress
from functools import cache, partial
from importlib import import_module
from pathlib import Path
from tempfile import TemporaryDirectory
from types import CodeType, ModuleType
from typing import Any, NamedTuple
from warnings import simplefilter

import typer.main

import noob_cli
import noob_cli.__main__ as command
from noob_cli import cli
from noob_cli.cli.shell import stderr
from noob_cli.held_signals import STOPPING
from noob_cli.runners.crews import process
from noob_cli.view import workbench

sys.path.append(str(Path(__file__).parents[2]))
from tests.warm.forked import ask_through, start_python

sys.path.pop()

_LONGEST = 1 << 20
_LATER = (
    "encodings.ascii",
    "pyarrow.parquet",
    "resource",
    "rich._emoji_codes",
    "rich.markdown",
    "rich.progress",
    "rich.table",
    "tomllib",
    "typer.rich_utils",
)
"""What the command imports when it is needed."""
_DEATH_SIGNAL = 1
"""What asks Linux for a signal when the parent has ended."""
_THAT_HAVE_PROCESSES = {"processes", "dask", "distributed.cli.dask_worker", "view"}
"""The arguments of what starts worker processes, or those behind a page."""
_STREAMS = {name: (getattr(sys, name).encoding, getattr(sys, name).errors) for name in ("stdin", "stdout", "stderr")}
"""How Python makes its own, before a run makes something else of them."""


class Begun(NamedTuple):
    """What a child is to be.

    Args:
        descriptors: Standard input, output and error, None where it is closed; of what the command starts also those
            it talks through.
        code: What `python -c` is to run, which that is; None for the command.
    """

    descriptors: list[int | None]
    code: str | None


def serve(asked: socket.socket, *listening: socket.socket) -> Begun | None:
    """Fork for each request.

    Args:
        asked: Through it requests come; the server ends with it.
        listening: Connections to it bring one each.

    Returns:
        In a child, what it is to be; in the server, None at the end.
    """
    said_to: dict[int, int] = {}
    woken, wakes = os.pipe()
    os.set_blocking(wakes, False)
    signal.signal(signal.SIGCHLD, lambda *_: None)
    signal.set_wakeup_fd(wakes)
    connected = [asked]
    while True:
        ready, _, _ = select.select([woken, *listening, *connected], [], [])
        if woken in ready:
            os.read(woken, 1000)
            _say_who_has_ended(said_to)
        connected += [each.accept()[0] for each in listening if each in ready]
        asks = next((each for each in connected if each in ready), None)
        if asks is None:
            continue
        request, descriptors, _, _ = socket.recv_fds(asks, _LONGEST, 6)
        if not request:
            if asks is asked:
                return None
            # Who has connected was killed.
            connected.remove(asks)
            asks.close()
            continue
        server, child = os.getpid(), os.fork()
        if child == 0:
            wanted = marshal.loads(request)
            if listening and wanted.get("code") is None:
                _end_with(server)
            signal.set_wakeup_fd(-1)
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)
            for each in (*connected, *listening):
                each.close()
            for each in (woken, wakes, *said_to.values(), descriptors.pop()):
                os.close(each)
            return _begun(descriptors, **wanted)
        said_to[child] = descriptors.pop()
        for each in descriptors:
            os.close(each)
        # Who has asked may have been killed.
        with suppress(OSError):
            asks.send(str(child).encode())
        if asks is not asked:
            connected.remove(asks)
            asks.close()


def _say_who_has_ended(said_to: dict[int, int]) -> None:
    while said_to:
        child, status = os.waitpid(-1, os.WNOHANG)
        if child == 0:
            return
        told = said_to.pop(child)
        with suppress(OSError):
            os.write(told, str(os.waitstatus_to_exitcode(status)).encode())
        os.close(told)


def _end_with(server: int) -> None:
    """Let a command be killed when the server has ended, as it does with the tests: nobody else would end it.

    Where the system can't do that, one with a session of its own outlives tests that are killed. Worker processes end
    themselves, which is what some tests are about.
    """
    with suppress(AttributeError):
        ctypes.CDLL(None).prctl(_DEATH_SIGNAL, signal.SIGKILL)
    if os.getppid() != server:
        os._exit(1)


def _begun(
    descriptors: list[int],
    arguments: list[str],
    environment: dict[str, str],
    folder: str,
    own_session: bool,
    warnings: list[Any],
    blocked: Sequence[int] = (),
    streams: Sequence[int] = (0, 1, 2),
    room: tuple[int, int] | None = None,
    code: str | None = None,
) -> Begun:
    if own_session:
        os.setsid()
    signal.pthread_sigmask(signal.SIG_SETMASK, blocked)
    if room is not None:
        resource.setrlimit(resource.RLIMIT_FSIZE, room)
    if warnings:
        sys.warnoptions[:] = warnings
        simplefilter(warnings[0])
    os.chdir(folder)
    os.environ.clear()
    os.environ.update(environment)
    if code is not None:
        sys.argv = ["-c", *arguments, *map(str, descriptors[3:])]
    elif "_NOOB_COMPLETE" in environment:
        # As for the script, by whose name a shell asks.
        script = Path(sys.executable).with_name("noob")
        sys.argv = [str(script), *arguments]
        sys.path[0] = str(script.parent)
    else:
        # As for `python -m noob_cli`.
        sys.argv = [str(command.__file__), *arguments]
        sys.path[0] = os.getcwd()
    if code is None and "PYTHONPATH" in environment:
        sys.path[1:1] = environment["PYTHONPATH"].split(os.pathsep)
    taken = iter(descriptors)
    return Begun([next(taken) if number in streams else None for number in range(3)] + [*taken], code)


def _take(descriptors: list[int | None]) -> None:
    """Have standard streams as Python makes them."""
    for number, each in enumerate(descriptors):
        if each is None:
            os.close(number)
        else:
            os.dup2(each, number)
            os.close(each)
    for number, (name, (encoding, errors)) in enumerate(_STREAMS.items()):
        if descriptors[number] is None:
            setattr(sys, name, None)
            setattr(sys, f"__{name}__", None)
            continue
        raw = io.FileIO(number, "r" if number == 0 else "w", closefd=False)
        raw.name = f"<{name}>"  # type: ignore[misc]
        buffer: Any = io.BufferedReader(raw) if number == 0 else io.BufferedWriter(raw)
        stream = io.TextIOWrapper(
            buffer,
            encoding=encoding,
            errors=errors,
            newline=None if number == 0 else "\n",
            line_buffering=number == 2 or raw.isatty(),
        )
        setattr(sys, name, stream)
        setattr(sys, f"__{name}__", stream)


def _make_commands() -> None:
    """Make all commands with their options, once for all children: that is a third of what a short run does."""
    typer.main.get_command = cache(typer.main.get_command)
    group: Any = typer.main.get_command(cli.app)
    around = typer.Context(group, **group.context_settings)
    for name in group.list_commands(around):
        made = group.get_command(around, name)
        for option in made.get_params(typer.Context(made, parent=around)):
            # Newer versions of Typer make something of each when it is used first.
            getattr(option, "get_runtime_param", lambda: None)()


def _run_twice() -> None:
    """Do all that a short run does, for all children: what Python adapts in code that runs again, they need not."""
    path, words, descriptors = list(sys.path), sys.argv, os.listdir("/dev/fd")
    streams = [os.dup(number) for number in (1, 2)]
    with TemporaryDirectory() as folder, open(os.devnull, "wb") as nowhere:
        os.chdir(folder)
        with open("tube.yaml", "w") as file:
            file.write("nodes: {n: {type: itertools.count}, return: {type: return, depends: n.value}}")
        sys.argv = [str(command.__file__), "run", "tube.yaml", "-n", "2"]
        for number in (1, 2):
            os.dup2(nowhere.fileno(), number)
        for _ in range(2):
            assert _run(command.main) == 0
        for number, stream in enumerate(streams, 1):
            os.dup2(stream, number)
            os.close(stream)
        os.chdir(os.sep)
    sys.path[:], sys.argv = path, words
    # What is said where standard error is closed would go to that of these runs.
    stderr._own = None
    for name in set(os.listdir("/dev/fd")) - set(descriptors):
        # A run keeps standard output to its end.
        os.closerange(int(name), int(name) + 1)


def _make_immortal() -> None:
    """Have CPython count no more references to all that is there: to count is to write, and copies memory for a child.

    Newer ones don't count those to None, nor to any other object that has as many as None says.
    """
    memory = (ctypes.c_uint32 * (sys.maxsize // 4)).from_address(0)
    many = memory[id(None) // 4]
    if sys.implementation.name != "cpython" or many < 1 << 29:
        return
    behind = gc.get_objects()
    while behind:
        ends = []
        for each in behind:
            if memory[id(each) // 4] != many:
                memory[id(each) // 4] = many
                ends.append(each)
        # The collector isn't told of what code has as constants.
        behind = gc.get_referents(*ends, *(each.co_consts for each in ends if isinstance(each, CodeType)))


def _with_processes(begun: Begun) -> Begun:
    """Have a process fork those that this one starts.

    Args:
        begun: What this one is to be.

    Returns:
        What it is to be; in one that it has started, what that is.
    """
    asks, asked = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    if os.fork():
        asked.close()
        for module in (process, workbench):
            module.Popen = partial(start_python, partial(ask_through, asks))  # type: ignore[attr-defined]
        return begun
    asks.close()
    for each in begun.descriptors:
        if each is not None:
            os.close(each)
    # What all processes of a session get is for those that can do something about it.
    signal.pthread_sigmask(signal.SIG_BLOCK, STOPPING)
    started = serve(asked)
    if started is None:
        os._exit(0)
    for kind, reduce in list(copyreg.dispatch_table.items()):
        # Dask has a say in how errors are pickled, but where it isn't imported.
        if reduce.__module__.startswith("tblib."):
            del copyreg.dispatch_table[kind]
    return started


def _be_command() -> None:
    """Be the command, in a process that was started with its module, or its script."""
    # By these, help names the command, and processes that nodes spawn find the main module.
    sys.modules["__main__"].__file__ = sys.argv[0]
    sys.modules["__main__"].__package__ = noob_cli.__name__ if sys.argv[0] == command.__file__ else None
    command.hide_what_comes_first()
    command.main()


def _be_python(code: str) -> None:
    """Be `python -P -c`, in a process that was started with its code."""
    del sys.path[0]
    main = sys.modules["__main__"] = ModuleType("__main__")
    exec(code, vars(main))


def _run(program: Callable[[], object]) -> int:
    """Run what a child is to be, to its exit code."""
    try:
        program()
    except SystemExit as ended:
        if not isinstance(ended.code, int | None):
            raise
        return ended.code or 0
    return 0


def _end(code: int) -> None:
    """End with an exit code, if all that is to be written can be; what can't be, Python itself has to tell."""
    c = ctypes.PyDLL(None)
    c.fflush(None)
    threading._shutdown()  # type: ignore[attr-defined]
    atexit._run_exitfuncs()
    for name in set(sys.modules) - imported:
        del sys.modules[name]
    gc.collect()
    for stream in (sys.stdout, sys.stderr):
        if stream is not None:
            stream.flush()
    c.fflush(None)
    os._exit(code)


if __name__ == "__main__":
    descriptors, missing = map(int, sys.argv[1:3]), sys.argv[3:]
    hidden: dict[str, Any] = dict.fromkeys(missing)
    sys.modules |= hidden
    for name in (*(module.name for module in pkgutil.walk_packages(noob_cli.__path__, "noob_cli.")), *_LATER):
        # Some need a package that is missing, or that only an extra brings.
        with suppress(ModuleNotFoundError):
            import_module(name)
    for name in (*missing, "tests.warm.forked", "tests.warm", "tests"):
        del sys.modules[name]
    _make_commands()
    _run_twice()
    imported = frozenset(sys.modules)
    # A child that looks for garbage doesn't look here.
    gc.collect()
    _make_immortal()
    gc.freeze()

    # It may have been started where they wait, or are ignored.
    signal.pthread_sigmask(signal.SIG_UNBLOCK, STOPPING)
    for number in STOPPING:
        signal.signal(number, signal.default_int_handler if number == signal.SIGINT else signal.SIG_DFL)
    begun = None
    # Ctrl-C for the tests is for the server as well.
    with suppress(KeyboardInterrupt):
        begun = serve(*(socket.socket(fileno=each) for each in descriptors))
    if begun is not None and not _THAT_HAVE_PROCESSES.isdisjoint(sys.argv):
        begun = _with_processes(begun)
    if begun is not None:
        _take(begun.descriptors[:3])
        code = _run(_be_command if begun.code is None else partial(_be_python, begun.code))
        with suppress(OSError, ValueError):
            _end(code)
        sys.exit(code)
