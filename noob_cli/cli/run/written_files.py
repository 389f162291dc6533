"""Files that a run writes: opened before it, and left as they were until it begins."""

from __future__ import annotations

import errno
import os
import stat
from collections.abc import Callable
from contextlib import ExitStack
from io import FileIO
from pathlib import Path
from typing import TYPE_CHECKING, Final

from noob_cli.cli.run.files_in_use import LOG, FileInUse, what_would_be_lost
from noob_cli.cli.shell.write_errors import explaining
from noob_cli.errors import InputError
from noob_cli.file_identity import identity_in, known_identity_of
from noob_cli.given_path import GivenPath, given_path
from noob_cli.reopening import open_anew
from noob_cli.replacing import see_whether_makeable

if TYPE_CHECKING:
    from noob_cli.cli.run.options import RunOptions

_NO_ROOM: Final = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)

STDOUT: Final = GivenPath("", "standard output")
"""What standard output is called in messages. No name leads to it: those of the system are of what is printed then."""

Preparation = Callable[[FileIO], object]
"""What is done to a file when the run begins."""

Prepare = Callable[[GivenPath], Preparation]
"""Says of a file, before it is opened, what is to be done to it."""


def preparing(options: RunOptions) -> Prepare:
    """What prepares the files of a run that doesn't go on with an earlier one.

    Args:
        options: What was asked for.
    """
    return added_to if options.append else emptied


def emptied(path: GivenPath) -> Preparation:
    """Nothing of a file is kept."""
    return empty


def added_to(path: GivenPath) -> Preparation:
    """All of a file is kept; behind half a line, the next begins a line of its own."""

    def end_line(file: FileIO) -> None:
        status = os.fstat(file.fileno())
        is_named_so = known_identity_of(path) == identity_in(status)
        if is_named_so and stat.S_ISREG(status.st_mode) and status.st_size and os.access(path, os.R_OK):
            with open(path, "rb") as reading:
                reading.seek(-1, os.SEEK_END)
                if reading.read() != b"\n":
                    file.write(b"\n")

    return end_line


def empty(file: FileIO) -> None:
    """Keep nothing of a file."""
    if is_regular(file):
        cut_back(0, file)


def keep(file: FileIO) -> None:
    """Keep all of a file, as it is."""


def cut_back(size: int, file: FileIO) -> None:
    """Keep so many bytes of a file, and write on behind them."""
    file.truncate(size)
    file.seek(size)


def is_regular(file: FileIO) -> bool:
    """Whether what is written to a file stays in it, and not a pipe, a terminal or the like."""
    return stat.S_ISREG(os.fstat(file.fileno()).st_mode)


class WrittenFiles:
    """The files that a run writes: a run that doesn't begin leaves each as it was, and makes none.

    Args:
        stdout: The descriptor of standard output; None if there is none.
        stack: Closes them in the end.
    """

    def __init__(self, stdout: int | None, stack: ExitStack) -> None:
        self.in_use: list[FileInUse] = []
        """Files that would be lost if something else were written to them, by name or descriptor, and what each is."""
        self.have_begun = False
        """Whether the run has them as it needs them."""
        self._stdout = stdout
        self._stack = stack
        self._preparations: dict[object, Callable[[], object]] = {}

    def open(self, path: Path, option: str, what: str, prepare: Prepare = emptied, *, room: bytes = b"") -> FileIO:
        """Open a file as it is. One that isn't there is made when the run begins, and stands for nothing until then.

        Args:
            path: The file, or what stands for standard output.
            option: The option that names it.
            what: What it is for.
            prepare: Says what is done to it when the run begins, if it is a file.
            room: What there has to be room for.

        Raises:
            InputError: It can't be written to, or something that is read, or written as well, would be lost.
        """
        if is_named_stdout(path):
            file = FileIO(self.usable_stdout(option, what), "w", closefd=False)
        else:
            self.refuse_in_use(path, option)
            with explaining(path, what):
                file = self._open(given_path(path), what, prepare, room)
        with explaining(name_of(path), what):
            # A device that is full says so even then.
            os.write(file.fileno(), b"")
        self.in_use.append((file.fileno() if is_named_stdout(path) else str(path), f"the file of {what}"))
        return file

    def _open(self, path: GivenPath, what: str, prepare: Prepare, room: bytes) -> FileIO:
        """Open a file as it is, and note what is done to it when the run begins."""
        preparation = prepare(path)
        try:
            # At its end: what others do to its size, such as to empty it, leaves no hole before what comes next.
            file, is_there = FileIO(path, "a", opener=_without_making), True
        except FileNotFoundError:
            see_whether_makeable(path, room)
            file, is_there = FileIO(os.devnull, "a"), False
        self._stack.enter_context(file)
        # What is in a file that is emptied makes room.
        if room and is_regular(file) and not (prepare is emptied and file.tell()):
            _see_whether_there_is_room(path, file, room)

        def begin() -> None:
            with explaining(path, what):
                if not is_there:
                    open_anew(path, file.fileno())
                preparation(file)

        self._preparations[file] = begin
        return file

    def refuse_in_use(self, path: Path, option: str) -> None:
        """Write nothing over what is read, or written to as well.

        Args:
            path: The file.
            option: The option that names it.

        Raises:
            InputError: It is one of the files in use.
        """
        what_it_is = what_would_be_lost(path, self.in_use)
        if what_it_is is not None:
            raise InputError(f"'{option} {path}' is {what_it_is}: name another one")

    def usable_stdout(self, option: str, what: str) -> int:
        """The descriptor of standard output, if something may be written there.

        Args:
            option: The option that names a file for it.
            what: What is to be written.

        Raises:
            InputError: There is none, or it is one of the files in use.
        """
        if self._stdout is None:
            raise InputError(f"standard output is closed: name a file for {what} with '{option} FILE'")
        what_it_is = what_would_be_lost(self._stdout, self.in_use)
        if what_it_is is not None and what_it_is != LOG:
            raise InputError(f"standard output is {what_it_is}: let it go elsewhere")
        return self._stdout

    def at_beginning(self, prepare: Callable[[], object]) -> None:
        """Do something when the run begins, behind all that is to be done already."""
        self._preparations[prepare] = prepare

    def begin_with(self, file: FileIO) -> None:
        """Make of one file what the run needs, if that isn't done yet, though the others may be left as they are.

        Args:
            file: The file, as it was opened.

        Raises:
            InputError: It can't be written to any more.
        """
        if file in self._preparations:
            self._prepare(file)

    def begin(self) -> None:
        """Make of the files what the run needs, as nothing can be refused any more.

        Raises:
            InputError: One can't be written to any more.
            CheckpointError: The folder of the checkpoint can't be used any more.
        """
        for what in list(self._preparations):
            self._prepare(what)
        self.have_begun = True

    def _prepare(self, what: object) -> None:
        self._preparations[what]()
        del self._preparations[what]


def file_named(path: Path | None) -> Path | None:
    """The file that something is written to; None without one, or if it is standard output."""
    return None if is_named_stdout(path) else path


def is_named_stdout(path: Path | None) -> bool:
    """Whether a name stands for standard output: `-`, or one of those that systems have for it."""
    # What stands behind those names is not the same any more when something is written.
    return str(path) in ("-", "/dev/stdout", "/dev/fd/1", "/proc/self/fd/1")


def name_of(path: Path) -> GivenPath:
    """What a file, or standard output, is called in messages.

    Args:
        path: How the command line names it.
    """
    return STDOUT if is_named_stdout(path) else given_path(path)


def write_whole(file: FileIO, text: bytes) -> None:
    """Write all of a text, at once.

    Raises:
        OSError: It can't be written.
    """
    rest = memoryview(text)
    while rest:
        rest = rest[file.write(rest) :]


def _see_whether_there_is_room(path: GivenPath, file: FileIO, room: bytes) -> None:
    """See whether there is room behind what is in a file, into which not a byte is written before the run begins."""
    folder = os.path.dirname(os.path.realpath(path))
    if os.stat(folder).st_dev != os.fstat(file.fileno()).st_dev:
        return
    try:
        see_whether_makeable(path, room)
    except OSError as error:
        # That no other file can be made there says nothing of this one.
        if error.errno in _NO_ROOM:
            raise


def _without_making(path: str, flags: int) -> int:
    return os.open(path, flags & ~os.O_CREAT)
