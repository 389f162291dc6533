"""What stands for a value where it is only looked at: elsewhere than in the process that has it, if it is large."""

from __future__ import annotations

import math
import sys
from typing import TYPE_CHECKING, Any, Final

from noob_cli.raised import is_failure
from noob_cli.wording import short_repr

if TYPE_CHECKING:
    from pickle import PickleBuffer

_MOST_BYTES: Final = 1 << 16
"""How many bytes the pickle of a value has at the most that goes to another process to be looked at."""

_MOST_ALONG: Final = 240
"""How many numbers of an array are seen along each side."""


class Summary:
    """Stands for a value that is known elsewhere.

    Args:
        text: The value in one line.
    """

    def __init__(self, text: str) -> None:
        self._text = text

    def __repr__(self) -> str:
        return self._text


class ArraySummary(Summary):
    """Stands for an array of numpy's, with what is seen of it.

    Args:
        array: The array.
    """

    def __init__(self, array: Any) -> None:
        super().__init__(short_repr(array))
        has_numbers = array.dtype.kind in "biuf" and array.size > 0
        has_pixels = array.ndim == 3 and array.shape[2] in (1, 3, 4)
        self.shape: tuple[int, ...] = array.shape
        """Its shape."""
        self.dtype = array.dtype
        """Its type."""
        self.bounds = (float(array.min()), float(array.mean()), float(array.max())) if has_numbers else None
        """The least, the mean and the greatest of its numbers; None if it has none."""
        is_seen = has_numbers and (array.ndim in (1, 2) or has_pixels)
        sides = self.shape[:2]
        step = slice(None, None, max(-(-max(sides, default=0) // _MOST_ALONG), 1))
        self.sample = array[(step,) * len(sides)].copy() if is_seen else None
        """An array of some of its numbers, equally far apart; None if it is neither a row of numbers, nor rows of
        numbers or of pixels."""

    def mean(self) -> float:
        """The mean of its numbers."""
        return math.nan if self.bounds is None else self.bounds[1]


class Packed:
    """A value that has come from another process.

    Args:
        data: Its pickle.
    """

    def __init__(self, data: bytes) -> None:
        self._data = data

    def unpacked(self) -> Any:
        """The value, or what stands for it if it can't be made here."""
        # A run in one process pays for no pickles.
        import pickle

        try:
            return pickle.loads(self._data)
        except Exception as error:
            return Summary(f"<it can't be made here: {short_repr(error)}>")


def is_array(value: object) -> bool:
    """Whether a value is an array of numpy's."""
    numpy = sys.modules.get("numpy")
    return numpy is not None and isinstance(value, numpy.ndarray)


def sendable(value: Any) -> Any:
    """A value as it goes to another process to be looked at: packed, or what stands for it if it is large, or can't go.

    Args:
        value: The value. Another thread may be changing it.
    """
    import pickle

    from noob_cli.pickling import pickles_groups_again

    try:
        if is_array(value) and value.nbytes > _MOST_BYTES:
            return ArraySummary(value)
        file = _Bounded()
        pickler = pickle.Pickler(file, 5, buffer_callback=file.takes)
        pickles_groups_again(pickler)
        pickler.dump(value)
        return Packed(bytes(file.data))
    except BaseException as error:
        if not is_failure(error):
            raise
        return Summary(short_repr(value))


class _Bounded:
    """A file that becomes no larger than what may be sent."""

    def __init__(self) -> None:
        self.data = bytearray()
        """What has been written."""

    def write(self, data: Any) -> None:
        """Write something."""
        self._see(len(data))
        self.data += data

    def takes(self, buffer: PickleBuffer) -> bool:
        """Whether a buffer is to be written: it is, unless it is too large."""
        self._see(buffer.raw().nbytes)
        return True

    def _see(self, size: int) -> None:
        if len(self.data) + size > _MOST_BYTES:
            raise OverflowError
