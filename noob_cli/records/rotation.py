"""The files that a name has had: the one that has it now, and those from which it was taken."""

from __future__ import annotations

import os
import re
import stat
import time
from typing import Final

from noob_cli.file_identity import Identity, identity_in
from noob_cli.given_path import GivenPath
from noob_cli.named_tuple import NamedTuple
from noob_cli.records.packing import Packing, named

_MARK: Final = re.compile(r"[.\-_]\d[\d.\-_:T]*")
"""What a name gets beside it when a file is rotated: a number or a date."""

_TICK: Final = 20_000_000
"""By how many nanoseconds the time of a file may be behind that of the clock."""

_NUMBER: Final = re.compile(r"\.(\d{1,4})")


class RotatedFile(NamedTuple):
    """A file that has had a name.

    Args:
        age: What grows with the time at which it was written to last.
        path: What it is called now.
        identity: Which file it is.
        packing: What it was compressed by since.
    """

    age: tuple[int, int]
    path: GivenPath
    identity: Identity
    packing: Packing | None = None


def age_of(path: GivenPath) -> tuple[int, int]:
    """How old the file is that has a name now; a little less than nothing, if there is none.

    Args:
        path: The name.
    """
    try:
        return os.stat(path).st_mtime_ns, 0
    except FileNotFoundError:
        return time.time_ns() - _TICK, 0


def rotated(path: GivenPath) -> list[RotatedFile]:
    """The files that had a name before, from the oldest on, by the times at which they were written to last.

    Args:
        path: The name, such as `app.log`: they are called `app.log.1`, `app.log-20260131` or `app-20260131.log`, and
            may be compressed since, which leaves them the times: `app.log.1.gz`.
    """
    files, again = None, _look_for(path)
    while files != again:
        # A file that gets another name while the folder is read may be in it twice, or not at all.
        files, again = again, _look_for(path)
    return files


def with_content(path: GivenPath) -> RotatedFile | None:
    """The file that has a name now, if there is something in it."""
    try:
        status = os.stat(path)
    except FileNotFoundError:
        return None
    return RotatedFile((status.st_mtime_ns, 0), path, identity_in(status)) if status.st_size else None


def _look_for(path: GivenPath) -> list[RotatedFile]:
    """The files in the folder of a name that it may have had, oldest first."""
    folder, name = os.path.split(path)
    stem, suffix = os.path.splitext(name)
    files = []
    with os.scandir(folder) as entries:
        for entry in entries:
            packing = named(entry.name)[0]
            before = entry.name if packing is None else os.path.splitext(entry.name)[0]
            mark = before.removeprefix(name)
            if mark == before and suffix and before.startswith(stem) and before.endswith(suffix):
                mark = before[len(stem) : -len(suffix)]
            # While a file is being compressed it is there as it was, too.
            if _MARK.fullmatch(mark) and not (packing and os.path.exists(os.path.join(folder, before))):
                try:
                    status = os.stat(entry.path)
                except OSError:
                    continue
                if stat.S_ISREG(status.st_mode) and status.st_size:
                    number = _NUMBER.fullmatch(mark)
                    # Of two that were written to at one time, the one with the greater number is the older.
                    age = (status.st_mtime_ns, -int(number[1]) if number else 0)
                    files.append(RotatedFile(age, path.beside(entry.name), identity_in(status), packing))
    return sorted(files)
