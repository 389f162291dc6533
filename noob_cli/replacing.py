"""Files that are replaced as a whole: each is what it was until all of the new one is written."""

from __future__ import annotations

import os
import stat
from contextlib import suppress


def replace_file(target: str, text: bytes) -> None:
    """Put a file in the place of the one that has the name, if any, with its permissions.

    Args:
        target: The name, where links lead (`os.path.realpath`): one would be replaced.
        text: All of the new file.

    Raises:
        OSError: It can't be written; what was there is as it was.
    """
    unfinished = _write_beside(target, text, is_to_last=True)
    try:
        os.replace(unfinished, target)
    except OSError:
        os.unlink(unfinished)
        raise


def see_whether_replaceable(path: os.PathLike[str]) -> None:
    """See whether a file can be replaced, and leave no trace of it.

    Args:
        path: Its name.

    Raises:
        OSError: The file can't be replaced.
    """
    # A link that leads to itself leads to no file, and isn't one that is to be made either.
    with suppress(FileNotFoundError):
        os.close(os.open(path, os.O_WRONLY))
    see_whether_makeable(path)


def see_whether_makeable(path: os.PathLike[str], text: bytes = b"") -> None:
    """See whether a new file can be where one is, or is to be, and leave no trace of it.

    Args:
        path: The name of that.
        text: What there has to be room for.

    Raises:
        OSError: No file can be made there.
    """
    os.unlink(_write_beside(os.path.realpath(path), text))


def _write_beside(target: str, text: bytes, *, is_to_last: bool = False) -> str:
    """Write a text to a new file in the same folder, and return its path."""
    path = os.path.join(os.path.dirname(target), f".noob-{os.urandom(8).hex()}")
    with open(path, "xb") as file:
        try:
            with suppress(OSError):
                os.chmod(path, stat.S_IMODE(os.stat(target).st_mode))
            file.write(text)
            file.flush()
            if is_to_last:
                os.fsync(file.fileno())
        except BaseException:
            os.unlink(path)
            raise
    return path
