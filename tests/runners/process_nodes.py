"""What the tests of worker processes call there: no more is imported with it than that needs."""

from __future__ import annotations

import multiprocessing
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import suppress
from multiprocessing.synchronize import Event
from pathlib import Path
from typing import Annotated, Any

from noob_cli import Name, NoEvent, Tube
from tests.patience import PATIENCE, wait_until


def upto(n: int) -> Iterator[int]:
    yield from range(n)


def twice(number: int) -> int:
    return 2 * number


def meeting(number: int, folder: str) -> int:
    """Goes on when two processes have come here."""
    Path(folder, str(os.getpid())).touch()
    wait_until(lambda: len(list(Path(folder).iterdir())) == 2)
    return os.getpid()


def slowly(number: int) -> int:
    time.sleep(0.005)
    return number


def third(number: int) -> int:
    if number == 3:
        raise ValueError("no three")
    return number


class OddError(ValueError):
    """One that can't be made again of its arguments."""

    def __init__(self, number: int, why: str) -> None:
        self.lock = threading.Lock()
        super().__init__(f"{number}: {why}")


def odd(number: int) -> int:
    if number == 3:
        try:
            raise KeyError(number)
        except KeyError as error:
            raise OddError(number, "it is odd") from error
    return number


def ends_the_program(number: int) -> int:
    if number == 3:
        sys.exit(4)
    return number


def lock_at_three(number: int) -> Any:
    return threading.Lock() if number == 3 else number


def locks(n: int) -> Iterator[Any]:
    for number in range(n):
        yield threading.Lock() if number == 3 else number


def kind(value: Any) -> str:
    return type(value).__name__


def dies_once(number: int, at: int, folder: str) -> int:
    mark = Path(folder) / "died"
    if number == at and not mark.exists():
        mark.touch()
        os.kill(os.getpid(), signal.SIGKILL)
    return number


def always_dies(number: int) -> int:
    if number == 3:
        os._exit(7)
    return number


class Unmade:
    """What can be pickled, but not made of that again."""

    def __reduce__(self) -> Any:
        return int, ("no number",)


def unmade_at_three(number: int) -> Any:
    return Unmade() if number == 3 else number


def two(value: Any, other: Any = None) -> Any:
    return value


def row(number: int) -> list[int]:
    return [0, number]


def sleeps_long(number: int, folder: str) -> int:
    if number == 3:
        (Path(folder) / "begun").touch()
        time.sleep(60)
    return number


def fails_before_one_that_hangs(number: int, folder: str) -> int:
    begun, interrupted = Path(folder, "begun"), Path(folder, "interrupted")
    if number == 2:
        wait_until(begun.exists)
        raise ValueError("two")
    if number == 3:
        begun.touch()
        try:
            time.sleep(PATIENCE)
        except KeyboardInterrupt:
            interrupted.touch()
            raise
    return number


def waits_for(number: int, file: str) -> int:
    wait_until(Path(file).exists)
    return number


def never_ends(number: int, folder: str) -> int:
    # So long that it is known to be at work.
    time.sleep(0.2)
    (Path(folder) / "begun").touch()
    while True:
        with suppress(BaseException):
            time.sleep(60)


def says(number: int) -> int:
    print("here is", number)
    return number


def closes(number: int) -> int:
    print("before", number)
    sys.stdout.close()
    print("after", number)
    return number


def pair(number: int) -> tuple[Annotated[list, Name("left")], Annotated[list, Name("right")]]:
    one = [number]
    return one, one


def same(left: list, right: list) -> bool:
    return left is right


def odd_only(number: int) -> Any:
    return number if number % 2 else NoEvent


def plane(number: int) -> Any:
    import numpy

    return numpy.full((300, 500), number, dtype=float)


def lock(number: int) -> Any:
    return threading.Lock()


def height(plane: Any, lock: Any) -> int:
    return len(plane)


def plus_one(frame: Any) -> Any:
    return frame + 1


def _stay(is_there: Event) -> None:
    is_there.set()
    time.sleep(PATIENCE)


def forks(number: int) -> list[int | None]:
    """The exit codes of forked processes that were asked to end, one by each signal that asks for it."""
    codes, context = [], multiprocessing.get_context("fork")
    for asked in (signal.SIGTERM, signal.SIGHUP):
        is_there = context.Event()
        forked = context.Process(target=_stay, args=(is_there,))
        forked.start()
        is_there.wait()
        assert forked.pid is not None
        os.kill(forked.pid, asked)
        forked.join(PATIENCE / 4)
        codes.append(forked.exitcode)
        forked.kill()
        forked.join()
    return codes


def starts_one(number: int) -> int:
    """The exit code of a program that sends itself SIGHUP."""
    return subprocess.run(["sh", "-c", "kill -HUP $$"]).returncode


class Sum:
    """Keeps the order of the epochs, in the middle of them."""

    def __init__(self) -> None:
        self.total = 0

    def process(self, number: int) -> int:
        self.total += number
        return self.total


class Lives:
    """Says in a folder when it is made and ended, and where."""

    def __init__(self, folder: str, fails: str = "", seconds_to_end: float = 0, kills: int = 0) -> None:
        self.folder, self.fails, self.seconds_to_end, self.kills = Path(folder), fails, seconds_to_end, kills

    def note(self, what: str) -> None:
        with (self.folder / what).open("a") as file:
            file.write(f"{os.getpid()}\n")
        if what == self.fails:
            raise OSError(f"it can't be {what}")

    def init(self) -> None:
        if self.fails == "exit":
            os._exit(9)
        self.note("made")

    def deinit(self) -> None:
        time.sleep(self.seconds_to_end)
        self.note("ended")

    def process(self, number: int) -> int:
        time.sleep(0.01 if number < 20 else 60)
        return os.getpid()


class Resisting(Lives):
    """Kills who has started it, and goes on whatever it gets."""

    def process(self, number: int) -> int:
        os.kill(self.kills, signal.SIGKILL)
        while True:
            with suppress(BaseException):
                time.sleep(60)


class Hanging(Lives):
    """Kills who has started it, and has no end."""

    def process(self, number: int) -> int:
        os.kill(self.kills, signal.SIGKILL)
        return number

    def init(self) -> None:
        from noob_cli.runners.crews import serving

        serving._SECONDS_TO_END = 0.0
        super().init()

    def deinit(self) -> None:
        self.note("hangs")
        time.sleep(1000)


class Fatal(int):
    """A number that kills who has sent it, where it comes to."""

    def __reduce__(self) -> Any:
        return _kill, (os.getpid(), int(self))


def _kill(sender: int, number: int) -> int:
    os.kill(sender, signal.SIGKILL)
    wait_until(lambda: os.getppid() != sender)
    # The worker is told to give up, and is at work for no node yet.
    time.sleep(0.5)
    return number


def fatal(n: int) -> Iterator[int]:
    yield Fatal(n)


def with_lives(folder: Path, n: int, source: str = "upto", kind: str = "", **params: Any) -> Tube:
    """A tube with one of them for each worker; of a kind, it is beside a plain one that is made before it."""
    lives = {"type": f"{__name__}.Lives", "stateful": False, "params": {"folder": str(folder), **params}}
    beside = {"beside": {**lives, "depends": "number.value"}} if kind else {}
    lives["type"] = f"{__name__}.{kind or 'Lives'}"
    return Tube.from_specification(
        {
            "nodes": {
                "number": {"type": f"{__name__}.{source}", "params": {"n": n}},
                **beside,
                "x": {**lives, "depends": "number.value"},
                "return": {"type": "return", "depends": "x.value"},
            }
        }
    )
