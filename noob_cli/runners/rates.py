"""When nodes that have a rate may be called: one after the other, as far apart as the rate says."""

from __future__ import annotations

import os
import struct
import threading
import time
from collections.abc import Mapping
from typing import Any, Final

_DUE: Final = struct.Struct("d")
"""How it stands in a file when a node may be called next."""


class Rates:
    """The turns of the nodes that have a rate, for all that calls them in a process."""

    def __init__(self) -> None:
        self._due: dict[str, float] = {}
        """When each may be called next."""
        self._lock = threading.Lock()

    def __reduce__(self) -> tuple[type[Rates], tuple[Any, ...]]:
        """Elsewhere it begins anew."""
        return Rates, ()

    def wait(self, node: str, seconds: float) -> float:
        """Give the next call of a node its turn.

        Args:
            node: The node.
            seconds: How many seconds there are between one call and the next.

        Returns:
            How many seconds it has to wait for that.
        """
        with self._lock:
            now = time.monotonic()
            turn = max(self._due.get(node, now), now)
            self._due[node] = turn + seconds
        return turn - now


class SharedRates(Rates):
    """The same for several processes of one machine, whose clocks agree: they look into the same file.

    Args:
        file: Its name.
        at: The place in it of each node, by name.
    """

    def __init__(self, file: str, at: Mapping[str, int]) -> None:
        super().__init__()
        self._file = file
        self._at = at

    def __reduce__(self) -> tuple[type[Rates], tuple[Any, ...]]:
        return SharedRates, (self._file, self._at)

    def wait(self, node: str, seconds: float) -> float:
        """Give the next call of a node its turn, whichever process makes it."""
        # Where there is none there are no worker processes either.
        import fcntl

        place = self._at[node] * _DUE.size
        descriptor = os.open(self._file, os.O_RDWR | os.O_CLOEXEC)
        try:
            fcntl.lockf(descriptor, fcntl.LOCK_EX, _DUE.size, place)
            now = time.monotonic()
            due = os.pread(descriptor, _DUE.size, place)
            turn = max(_DUE.unpack(due)[0] if due else now, now)
            os.pwrite(descriptor, _DUE.pack(turn + seconds), place)
        finally:
            # That ends the lock, too.
            os.close(descriptor)
        return turn - now
