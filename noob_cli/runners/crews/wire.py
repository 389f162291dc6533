"""What goes from one process to another: pickles, with large buffers beside them."""

from __future__ import annotations

import pickle
import struct
from collections.abc import Iterable, Sequence
from io import BytesIO
from pickle import PickleBuffer
from typing import Any, BinaryIO

from noob_cli.events import NoEvent
from noob_cli.named_tuple import NamedTuple
from noob_cli.pickling import pickled

_COUNT = struct.Struct("<I")
_SIZE = struct.Struct("<Q")
_LARGE = 1 << 16
"""From how many bytes on something is not copied into a pickle that is made of it."""

_PLAIN = frozenset({int, float, complex, bool, type(None), type(NoEvent)})
"""The types of small values that can't change."""

_TEXTS = frozenset({str, bytes})
_SHORT = 1000
"""How long a text is that is small as well."""


class LargePickle(NamedTuple):
    """The pickle of a large value, with its buffers."""

    data: bytes | PickleBuffer
    buffers: Sequence[PickleBuffer]

    def __reduce__(self) -> tuple[type[LargePickle], tuple[PickleBuffer, list[PickleBuffer]]]:
        """Buffers go beside the pickle again when it is passed on."""
        return LargePickle, (PickleBuffer(self.data), [PickleBuffer(buffer) for buffer in self.buffers])


Parcel = bytes | LargePickle
"""A value as it was when it was packed: its pickle, and its buffers, if it has any."""


def is_plain(values: Iterable[Any]) -> bool:
    """Whether values are small and can't change: they need not be packed, but go into the message as they are."""
    for value in values:
        if type(value) not in _PLAIN and not (type(value) in _TEXTS and len(value) < _SHORT):
            return False
    return True


def packed(value: Any) -> Parcel:
    """A value as it is now: what is done to it later is not in it.

    Args:
        value: The value.

    Raises:
        Exception: It can't be pickled.
    """
    buffers: list[PickleBuffer] = []
    data = pickled(value, 5, buffers.append)
    if not buffers and len(data) < _LARGE:
        return data
    copies = [PickleBuffer(bytearray(buffer.raw())) for buffer in buffers]
    return LargePickle(PickleBuffer(data), copies)


def unpacked(parcel: Parcel) -> Any:
    """The value in a parcel.

    Raises:
        Exception: It can't be made again.
    """
    if isinstance(parcel, bytes):
        return pickle.loads(parcel)
    return pickle.loads(parcel.data, buffers=parcel.buffers)


def size_of(item: Any) -> int:
    """How many bytes a parcel has; what is none isn't weighed.

    Args:
        item: A parcel, or what goes as it is.
    """
    if isinstance(item, bytes):
        return len(item)
    if isinstance(item, LargePickle):
        return sum(memoryview(data).nbytes for data in (item.data, *item.buffers))
    return 0


def encoded(message: Any) -> bytes:
    """A message as bytes.

    Args:
        message: What pickles: parcels, and what is said of them.
    """
    file = BytesIO()
    write(file, message)
    return file.getvalue()


def decoded(data: bytes) -> Any:
    """The message that bytes stand for."""
    return read(BytesIO(data))


def write(file: BinaryIO, message: Any) -> None:
    """Write a message.

    Args:
        file: Where it goes.
        message: What pickles: parcels, and what is said of them.

    Raises:
        OSError: Nobody reads it.
    """
    buffers: list[PickleBuffer] = []
    data = pickle.dumps(message, 5, buffer_callback=buffers.append)
    blocks: list[bytes | memoryview] = [data, *(buffer.raw() for buffer in buffers)]
    file.write(_COUNT.pack(len(blocks)) + b"".join(_SIZE.pack(len(block)) for block in blocks))
    for block in blocks:
        file.write(block)
    file.flush()


def read(file: BinaryIO) -> Any:
    """Read a message.

    Args:
        file: Where it comes from.

    Raises:
        EOFError: Whoever writes has gone.
    """
    (count,) = _COUNT.unpack(_read(file, _COUNT.size))
    sizes = [_SIZE.unpack(_read(file, _SIZE.size))[0] for _ in range(count)]
    data, *buffers = [_read(file, size) for size in sizes]
    return pickle.loads(data, buffers=buffers)


def _read(file: BinaryIO, size: int) -> bytearray:
    block = bytearray(size)
    if file.readinto(block) != size:  # type: ignore[attr-defined]
        raise EOFError
    return block
