"""For how long records are waited for, before something else is done."""

from __future__ import annotations

import os
import select
import stat
import sys
import time
from typing import TYPE_CHECKING, Any

from noob_cli.records.line_source import NothingYetError

if TYPE_CHECKING:
    from noob_cli.records.line_source import Stream


class Patience:
    """For how long records are waited for."""

    def __init__(self) -> None:
        self.ends: float | None = None
        """When it does, by the clock that only goes forward; None if it never does."""

    @property
    def left(self) -> float | None:
        """For how many seconds it is still waited; None for ever."""
        return None if self.ends is None else max(self.ends - time.monotonic(), 0)

    def with_stream(self, stream: Stream) -> Stream:
        """A stream that is waited for with this patience, if it is one that may have to be waited for.

        Args:
            stream: The stream.
        """
        if sys.platform == "win32" or not hasattr(stream, "fileno"):
            return stream
        is_file = stat.S_ISREG(os.fstat(stream.fileno()).st_mode)
        return stream if is_file else PatientStream(stream, self)


class PatientStream:
    """A stream that is waited for with some patience.

    Args:
        stream: The stream: one that can be waited for, such as a pipe.
        patience: For how long.
    """

    def __init__(self, stream: Any, patience: Patience) -> None:
        self._stream = stream
        self._patience = patience
        self.fileno = stream.fileno

    def read(self, size: int) -> bytes | None:
        """Return what comes next.

        Raises:
            NothingYetError: Nothing has come in time.
        """
        left = self._patience.left
        if left is not None and not select.select([self._stream], [], [], left)[0]:
            raise NothingYetError
        chunk: bytes | None = self._stream.read(size)
        return chunk
