"""Files that others rotate while they are written: what has the name now gets what comes next."""

from __future__ import annotations

import os
from collections.abc import Callable


def open_anew(path: os.PathLike[str], descriptor: int, before: Callable[[], object] | None = None) -> bool:
    """Let a descriptor stand for the file that has a name now, at its end.

    Args:
        path: The name. A file is made if there is none.
        descriptor: What is written to; it keeps its number.
        before: Called before the file is another one.

    Returns:
        Whether it is another one.

    Raises:
        OSError: It can't be opened; the descriptor stands for what it stood for.
    """
    anew = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND | getattr(os, "O_BINARY", 0), 0o666)
    try:
        if os.path.samestat(os.fstat(anew), os.fstat(descriptor)):
            return False
        if before is not None:
            before()
        os.dup2(anew, descriptor, inheritable=False)
    finally:
        os.close(anew)
    return True
