"""The folder of a checkpoint: one file, replaced as a whole, which its owner alone can read."""

from __future__ import annotations

import contextlib
import errno
import hashlib
import json
import os
import stat
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import asdict, dataclass
from functools import cache
from pathlib import Path
from typing import Any, Final

from pydantic import TypeAdapter

import noob_cli
from noob_cli.checkpoints.written_files import WrittenFile
from noob_cli.errors import CheckpointError
from noob_cli.file_identity import Identity
from noob_cli.given_path import given_path
from noob_cli.records.place import ReadSoFar

if sys.platform != "win32":
    import fcntl

_FILE: Final = "checkpoint"
_UNFINISHED: Final = "checkpoint.unfinished"

_LOCK: Final = "lock"

_NAMES: Final = (_FILE, _UNFINISHED, _LOCK)

_BEGINNING: Final = b"noob checkpoint "

_FORMAT: Final = b"4"
"""Changes with what is in the file."""

_NO_LOCKS: Final = (errno.ENOLCK, errno.ENOSYS, errno.ENOTSUP, errno.EOPNOTSUPP)
"""What a file system says that has no locks, as some do that are mounted from elsewhere."""

_OTHERS: Final = stat.S_IRWXG | stat.S_IRWXO
_WRITE: Final = stat.S_IWGRP | stat.S_IWOTH


@dataclass(frozen=True)
class Covered:
    """What a checkpoint covers.

    Args:
        tube: What the tube said, and was given.
        output_format: How the results were written.
        epochs: How many epochs were made.
        records: How far the records were read.
        results: How many results there were.
        written: How many of them were written.
        size: How many bytes of the file of the results that was.
        file: What tells that file from all others; None if that can't be known.
        tail: What tells the end of these bytes from others; nothing if that isn't known.
        ending: What ends it behind these results, in base64.
        columns: The columns, if they are a table.
        failed: How many failed epochs were skipped.
        refused: How many refused records were skipped.
        errors_size: How many bytes about those were in the file for them.
        errors_file: What tells that file from all others; None if there is none.
        errors_tail: What tells the end of these bytes from others.
        files: How far the files were written that are assets, by the names of those.
        ended: Whether the run had come to its end.
        out_of_records: Whether it had since there were no more records.
        complete: Whether it had, or had all that was asked for.
    """

    tube: dict[str, Any]
    output_format: str
    epochs: int
    records: ReadSoFar
    results: int
    written: int
    size: int
    file: Identity | None
    tail: str
    ending: str
    columns: list[str] | None
    failed: int
    refused: int
    errors_size: int
    errors_file: Identity | None
    errors_tail: str
    files: dict[str, WrittenFile]
    ended: bool
    out_of_records: bool
    complete: bool


@dataclass(frozen=True)
class _Head:
    """What is known of a checkpoint before anything in it is loaded.

    Args:
        noob: The version that has saved it.
        covered: What it covers.
    """

    noob: str
    covered: Covered


@cache
def _adapter() -> TypeAdapter[_Head]:
    """What reads one: making it takes longer than all the rest."""
    return TypeAdapter(_Head)


def _head(number: bytes, rest: bytes) -> bytes:
    """The first line of a checkpoint: all that stands in the file has a part in it."""
    return _BEGINNING + number + b" " + hashlib.sha256(number + b"\n" + rest).hexdigest().encode()


def _without_waiting(path: str, flags: int) -> int:
    """Open what may be a pipe that nobody writes to."""
    return os.open(path, flags | getattr(os, "O_NONBLOCK", 0))


def _for_its_owner(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)


class CheckpointFolder:
    """Keeps one checkpoint. Whatever happens while it is written, the one before is there until it is complete.

    Args:
        path: The folder.
    """

    def __init__(self, path: Path) -> None:
        self.path = given_path(path)
        self._place = Path(self.path)
        self._file = self._place / _FILE
        self.files = [path / name for name in _NAMES]
        """What belongs to it, whether it is there or not."""
        self._lock: int | None = None
        self._is_new = False
        """Whether it was made for a run that has not begun yet."""

    @property
    def is_in_use(self) -> bool:
        """Whether a run has kept its checkpoint here, or meant to."""
        return any(file.exists() for file in self.files)

    def lock(self, *, anew: bool = True) -> str | None:
        """Keep other runs from the folder until this process ends, however it does.

        Args:
            anew: Whether to do so where no run has been yet.

        Returns:
            Why that is not possible, where the file system has no locks; None if it is.

        Raises:
            CheckpointError: Another run has done so.
        """
        if sys.platform == "win32" or self._lock is not None:
            return None
        with self._explaining("can't be used"):
            try:
                lock = os.open(self._place / _LOCK, os.O_RDWR | os.O_NOFOLLOW | (os.O_CREAT if anew else 0), 0o600)
            except (FileNotFoundError, NotADirectoryError):
                if anew:
                    raise
                return None
            with ExitStack() as stack:
                stack.callback(os.close, lock)
                try:
                    # Unlike that of `flock`, processes that this one has forked don't hold it.
                    fcntl.lockf(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                except (BlockingIOError, PermissionError):
                    raise CheckpointError(
                        f"another run is using the checkpoint folder '{self.path}': wait for its end, "
                        "or name another one"
                    ) from None
                except OSError as error:
                    if error.errno in _NO_LOCKS:
                        return error.strerror
                    raise
                stack.pop_all()
            self._lock = lock
        return None

    def unlock(self) -> None:
        """Let other runs use the folder."""
        if self._lock is not None:
            os.close(self._lock)
            self._lock = None

    def leave(self) -> None:
        """Let other runs use the folder; one that was made for a run that hasn't begun goes again."""
        if self._is_new:
            with contextlib.suppress(OSError):
                (self._place / _LOCK).unlink(missing_ok=True)
                self._place.rmdir()
        self.unlock()

    def _hold_lock(self) -> None:
        """Lock the folder anew if somebody has removed what the lock is on, after which another run may have it."""
        if self._lock is None:
            return
        try:
            is_held = os.path.samestat(os.fstat(self._lock), os.lstat(self._place / _LOCK))
        except FileNotFoundError:
            is_held = False
        if not is_held:
            self.unlock()
            self.lock()

    def prepare(self) -> None:
        """Make the folder, and let nobody but its owner read it.

        Raises:
            CheckpointError: That is not possible, or others' files are in it.
        """
        with self._explaining("can't be used"):
            self._is_new = not self._place.exists()
            self._place.mkdir(mode=0o700, parents=True, exist_ok=True)
            if self._place.stat().st_mode & _OTHERS:
                strange = sorted(path.name for path in self._place.iterdir() if path.name not in _NAMES)
                if strange:
                    raise CheckpointError(
                        f"a checkpoint is for its owner only, and others can look into the folder '{self.path}', which "
                        f"has other files ('{strange[0]}'): name a new folder, or 'chmod 700' it"
                    )
                self._place.chmod(0o700)

    def clear(self) -> None:
        """Remove the checkpoint, as a run begins here."""
        self._is_new = False
        with self._explaining("can't be used"):
            self._file.unlink(missing_ok=True)
            self._sync_folder()

    def read(self) -> tuple[Covered, bytes] | None:
        """The checkpoint: what it covers, and where the run stood, which nothing has looked into yet.

        Returns:
            None if none has been saved, or not to its end.

        Raises:
            CheckpointError: It can't be read, is damaged or of another version, or somebody else may have written it.
        """
        with self._explaining("can't be read"):
            try:
                self._refuse_strangers()
                with open(self._file, "rb", opener=_without_waiting) as file:
                    content = file.read() or b""
            except (FileNotFoundError, NotADirectoryError):
                return None
        if not content.startswith(_BEGINNING):
            raise self._damaged("it doesn't begin as one does" if content else "the file is empty")
        first, _, rest = content.partition(b"\n")
        number = first.removeprefix(_BEGINNING).partition(b" ")[0]
        if first != _head(number, rest):
            raise self._damaged("its checksum differs from the one that stands in it")
        line, _, data = rest.partition(b"\n")
        try:
            if number != _FORMAT:
                made_by = json.loads(line)["noob"]
                raise CheckpointError(
                    f"the checkpoint in '{self.path}' was saved by noob {made_by}, and this is noob "
                    f"{noob_cli.__version__}, which can't read it: go on with that one, or remove the folder to begin "
                    "anew"
                )
            return _adapter().validate_json(line, strict=True).covered, data
        except (ValueError, KeyError, TypeError) as error:
            raise self._damaged("it doesn't say what it covers") from error

    def _damaged(self, problem: str) -> CheckpointError:
        return CheckpointError(
            f"the checkpoint in '{self.path}' is damaged, so that no run can go on from it: {problem}. Put a copy of "
            f"the file '{self.path / _FILE}' in its place if you have one, or remove the folder to begin anew"
        )

    def write(self, covered: Covered, data: bytes) -> None:
        """Put a checkpoint into the place of the one before.

        Args:
            covered: What it covers.
            data: Where the run stands.

        Raises:
            CheckpointError: It can't be written, or another run has the folder.
        """
        self._hold_lock()
        head = json.dumps(asdict(_Head(noob_cli.__version__, covered))).encode()
        rest = head + b"\n" + data
        unfinished = self._place / _UNFINISHED
        with self._explaining("can't be written to"):
            # It may be a link to something else.
            unfinished.unlink(missing_ok=True)
            try:
                with open(unfinished, "xb", opener=_for_its_owner) as file:
                    file.write(_head(_FORMAT, rest) + b"\n")
                    file.write(rest)
                    file.flush()
                    os.fsync(file.fileno())
                os.replace(unfinished, self._file)
            except BaseException:
                with contextlib.suppress(OSError):
                    unfinished.unlink()
                raise
            self._sync_folder()

    def _sync_folder(self) -> None:
        """See to it that the new name outlives a crash of the machine, where folders can be opened."""
        if hasattr(os, "O_DIRECTORY"):
            descriptor = os.open(self._place, os.O_RDONLY | os.O_DIRECTORY)
            try:
                os.fsync(descriptor)
            finally:
                os.close(descriptor)

    def _refuse_strangers(self) -> None:
        """Loading a checkpoint runs code that stands in it."""
        if not hasattr(os, "geteuid"):
            return
        for path in (self.path, self.path / _FILE):
            status = os.stat(path)
            if status.st_uid != os.geteuid() or status.st_mode & _WRITE:
                raise CheckpointError(
                    f"'{path}' may have been written by somebody else, and loading a checkpoint runs code that stands "
                    "in it: it has to be yours, and others must not be able to write to it"
                )

    @contextmanager
    def _explaining(self, what: str) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            is_none = isinstance(error, FileExistsError | NotADirectoryError)
            reason = "it is none" if is_none else error.strerror or str(error)
            raise CheckpointError(f"the checkpoint folder '{self.path}' {what}: {reason}") from error
