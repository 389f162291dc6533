"""A name whose file is followed, and the files that follow each other under it."""

from __future__ import annotations

import os
import time
from contextlib import closing, suppress
from io import FileIO
from typing import TYPE_CHECKING, Final

from noob_cli.file_identity import Identity, identity_of
from noob_cli.records.content import UnpackedFile, piece
from noob_cli.records.faults import Position, RecordError
from noob_cli.records.rotation import RotatedFile, rotated, with_content

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from noob_cli.given_path import GivenPath
    from noob_cli.records.patience import Patience
    from noob_cli.records.place import ReadFile

TAIL: Final = 256
"""How much of what was read is compared to what stands there now: a file may have been emptied and filled again."""


class FollowedName:
    """A name whose file is followed, and the files that follow each other under it.

    A file is left when it has no more, and another has come that has something in it: who writes has left it then, too.

    Args:
        path: The name.
        note: Told what should be known.
        patience: For how long it is waited for more; None for ever.
    """

    def __init__(self, path: GivenPath, note: Callable[[str], object], patience: Patience | None = None) -> None:
        self.path = path
        self.note = note
        self.patience = patience
        self._is_awaited = True
        self.file: FileIO | UnpackedFile | None = None
        """The file that is read now."""
        self._left: tuple[int, int] | None = None
        """How old the file was that was left last."""
        self._left_at: tuple[Identity, int, bytes] | None = None
        """Which file that was, how far it was read, and what stood before that."""
        self._known: dict[Identity, bool] = {}
        """Of files that were looked into, whether they are that one."""

    def open_next(self) -> bool:
        """Open the file that comes next; say whether there is one."""
        while True:
            file = self._next()
            if file is None:
                return False
            with suppress(FileNotFoundError):
                opened = _open(file)
                self.close()
                self.file = opened
                self._is_awaited = False
                return True

    def say_that_it_is_awaited(self) -> None:
        """Say, once, that there is no file of that name, if there has been none yet."""
        if self._is_awaited:
            self.note(f"waiting for {self.path}, which isn't there yet")
        self._is_awaited = False

    def _next(self) -> RotatedFile | None:
        """The first of the files behind the one that was left last."""
        while True:
            # They may get other names meanwhile.
            with suppress(FileNotFoundError):
                return self._first_behind()

    def _first_behind(self) -> RotatedFile | None:
        if self._left is None:
            with suppress(FileNotFoundError):
                return RotatedFile((0, 0), self.path, identity_of(self.path))
            return None
        newer = (file for file in rotated(self.path) if file.age > self._left and not self._is_left(file))
        return next(newer, with_content(self.path))

    def _is_left(self, file: RotatedFile) -> bool:
        """Whether it is the file that was left last: compressed, or written to by somebody who hasn't left it yet."""
        if self._left_at is None:
            return False
        identity, position, tail = self._left_at
        if file.packing is not None:
            if file.identity not in self._known:
                with closing(_open(file)) as opened:
                    opened.seek(position - len(tail))
                    self._known[file.identity] = opened.read(len(tail)) == tail
            return self._known[file.identity]
        return file.identity == identity and _stands_in(file, position - len(tail), tail)

    def open_again(self, file: ReadFile) -> bool:
        """Open the file that an earlier run has read, whatever it is called now; say whether it is there.

        Args:
            file: The file, and how far it was read.

        Raises:
            RecordError: It may be one that can't be read.
        """
        from noob_cli.records.place import text_before

        for files in self._listings():
            now = with_content(self.path)
            candidates = [*files, *([] if now is None else [now])]
            # It was written to last after it was read, and those that came in its place after that.
            candidates.sort(key=lambda candidate: (candidate.age[0] < file.age[0], candidate.age))
            for number, candidate in enumerate(candidates):
                with suppress(FileNotFoundError):
                    _refuse_unreadable(candidate)
                    if text_before(file.place, candidate.path) is not None:
                        left = candidates[number:]
                        own = next((other for other in left if other.identity == file.identity), candidate)
                        self.file = _open(own if _is_copy(candidate, own) else candidate)
                        self._is_awaited = False
                        return True
        return False

    def _listings(self) -> Iterator[list[RotatedFile]]:
        """The files that had the name before, again as long as they get other names meanwhile."""
        files = None
        while files != (now := rotated(self.path)):
            files = now
            yield files

    def go_on_after(self, file: ReadFile) -> None:
        """Go on with the file that came after one that isn't there any more.

        Args:
            file: That file; if nothing of it was read, it may be that itself.
        """
        written, number = file.age
        self._left = (written - file.place.is_beginning, number)

    def comes_too_early(self, beginning: bytes) -> bool:
        """Whether there is a file between the one that was left last and the one that is open, as far as it was read.

        Args:
            beginning: What the one that is open begins with.
        """
        if self._left is None or self.file is None:
            return False
        file = self._next()
        if file is None or file.identity == identity_of(self.file.fileno()):
            return False
        # What begins alike is a copy of it.
        return not _stands_in(file, 0, beginning[:TAIL])

    def has_name(self) -> bool:
        """Whether the file that is open still has the name."""
        assert self.file is not None
        with suppress(FileNotFoundError):
            return identity_of(self.path) == identity_of(self.file.fileno())
        return False

    def is_followed(self) -> bool:
        """Whether another file with something in it has come behind the one that is open."""
        age = self.age()
        return any(file.age > age for file in rotated(self.path)) or with_content(self.path) is not None

    def open_copy(self, position: int, tail: bytes) -> bool:
        """Open a copy of the file that is open and was emptied, if there is one.

        Args:
            position: How far the file was read.
            tail: What stood before that.
        """
        for files in self._listings():
            for file in reversed(files) if tail else ():
                with suppress(FileNotFoundError):
                    if _stands_in(file, position - len(tail), tail):
                        copy = _open(file)
                        self.close()
                        self.file = copy
                        return True
        return False

    def leave(self, position: int, tail: bytes) -> None:
        """Have done with the file that is open.

        Args:
            position: How far it was read.
            tail: What stands before that; nothing if it was emptied.
        """
        assert self.file is not None
        self._left = self.age() if tail else (time.time_ns(), 0)
        self._left_at = (identity_of(self.file.fileno()), position, tail) if tail else None
        self._known.clear()
        self.close()

    def age(self) -> tuple[int, int]:
        """What grows with the time at which the file that is open was written to last."""
        assert self.file is not None
        own = identity_of(self.file.fileno())
        age = (os.fstat(self.file.fileno()).st_mtime_ns, -10_000)
        return next((file.age for file in rotated(self.path) if file.identity == own), age)

    def close(self) -> None:
        """Close the file that is open."""
        if self.file is not None:
            self.file.close()
            self.file = None


def _is_copy(file: RotatedFile, of: RotatedFile) -> bool:
    """Whether a file is a copy of another, as that was; the number of one that is gone may have become another's."""
    if file.packing is not None or file == of:
        return file == of
    size = os.stat(file.path).st_size
    begin = max(size - TAIL, 0)
    return _stands_in(of, begin, piece(file.path, begin, size - begin))


def _open(file: RotatedFile) -> FileIO | UnpackedFile:
    """Open a file, as what it was before it was compressed.

    Raises:
        FileNotFoundError: It isn't there any more, or has another name.
        RecordError: This Python can't read what it is compressed by.
    """
    _refuse_unreadable(file)
    opened = FileIO(file.path)
    if identity_of(opened.fileno()) != file.identity:
        opened.close()
        raise FileNotFoundError
    return opened if file.packing is None else UnpackedFile(opened)


def _refuse_unreadable(file: RotatedFile) -> None:
    if file.packing is not None:
        from noob_cli.records.unpacking import UnpackingError, require

        try:
            require(file.packing)
        except UnpackingError as error:
            raise RecordError(
                f"{file.path}, which may come next, can't be read: {error}", Position(str(file.path))
            ) from error


def _stands_in(file: RotatedFile, position: int, text: bytes) -> bool:
    """Whether a file has a text at a position."""
    try:
        return piece(file.path, position, len(text)) == text
    except (OSError, RecordError):
        return False
