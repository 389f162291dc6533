"""Files that are replaced as a whole: each is what it was until all of the new one is written."""

from __future__ import annotations

import os
import stat
from contextlib import suppress
from pathlib import Path


def replace_file(path: Path, text: bytes) -> None:
    """Put a file in the place of the one that has the name, if any, with its permissions; a link stays one.

    Args:
        path: The name.
        text: All of the new file.

    Raises:
        OSError: It can't be written; what was there is as it was.
    """
    target = os.path.realpath(path)
    unfinished = _write_beside(target, text)
    try:
        os.replace(unfinished, target)
    except OSError:
        os.unlink(unfinished)
        raise


def see_whether_replaceable(path: Path) -> None:
    """See whether a file can be replaced, and leave no trace of it.

    Args:
        path: Its name.

    Raises:
        OSError: It can't.
    """
    if os.path.exists(path):
        os.close(os.open(path, os.O_WRONLY))
    os.unlink(_write_beside(os.path.realpath(path), b""))


def _write_beside(target: str, text: bytes) -> str:
    """Write a text to a new file in the same folder, and return its path."""
    path = os.path.join(os.path.dirname(target), f".noob-{os.urandom(8).hex()}")
    with open(path, "xb") as file:
        try:
            with suppress(OSError):
                os.chmod(path, stat.S_IMODE(os.stat(target).st_mode))
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        except BaseException:
            os.unlink(path)
            raise
    return path
