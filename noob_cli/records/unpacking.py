"""What is compressed, as what it was before, piece by piece."""

from __future__ import annotations

import zlib
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from importlib import import_module
from typing import Any, Final, Protocol

from noob_cli.records.faults import Position, RecordError, excerpt
from noob_cli.records.packing import Packing, packing_of

_PIECE: Final = 64 * 1024
"""About how much is returned at once: a file may be a thousand times as long as it is compressed."""

_STEP: Final = 256
"""How much is made at once: what a step has made that fails is lost."""


class UnpackingError(Exception):
    """A file that is compressed can't be read by this Python."""


class _Decompressor(Protocol):
    """What the standard library's have in common."""

    @property
    def eof(self) -> bool: ...

    @property
    def unused_data(self) -> bytes: ...

    @property
    def needs_input(self) -> bool: ...

    def decompress(self, data: bytes, max_length: int = -1) -> bytes: ...


class _Gzip:
    """The decompressor of gzip: like the others, and of what comes before a mistake nothing is lost."""

    needs_input = True

    def __init__(self) -> None:
        self._inner = zlib.decompressobj(zlib.MAX_WBITS | 16)
        self._error: zlib.error | None = None

    @property
    def eof(self) -> bool:
        return self._inner.eof

    @property
    def unused_data(self) -> bytes:
        return self._inner.unused_data

    def decompress(self, data: bytes, max_length: int = -1) -> bytes:
        if self._error is not None:
            raise self._error
        data = self._inner.unconsumed_tail + data
        before = self._inner.copy()
        try:
            unpacked = self._inner.decompress(data, _PIECE)
        except zlib.error as error:
            unpacked = _unpacked_before_error(before, data)
            if not unpacked:
                raise
            self._error = error
        self.needs_input = self._error is None and len(unpacked) < _PIECE and not self._inner.unconsumed_tail
        return unpacked


def _unpacked_before_error(inner: Any, data: bytes) -> bytes:
    unpacked = bytearray()
    with suppress(zlib.error):
        for at in range(len(data)):
            unpacked += inner.decompress(data[at : at + 1])
    return bytes(unpacked)


class _Zstandard:
    """The decompressor of the package `zstandard`: it takes a little at once, of which it may make much."""

    def __init__(self, module: Any) -> None:
        self._inner = module.ZstdDecompressor().decompressobj()
        self._left = b""

    @property
    def eof(self) -> bool:
        return bool(self._inner.eof)

    @property
    def unused_data(self) -> bytes:
        return bytes(self._inner.unused_data) + self._left

    @property
    def needs_input(self) -> bool:
        return not self._left

    def decompress(self, data: bytes, max_length: int = -1) -> bytes:
        data = self._left + data
        taken, self._left = data[:_STEP], data[_STEP:]
        return bytes(self._inner.decompress(taken))


class Unpacking:
    """Reads what is compressed from a stream, as soon as it comes.

    Several files one behind the other are read like one, as the programs do it.

    Args:
        packing: What it is compressed by.
        beginning: What was read already.
        read_some: Reads more: nothing at the end, None where nothing is there yet.
        name: What to call it in messages.

    Raises:
        RecordError: This Python can't read it, or its name says that it is compressed, and it isn't.
    """

    def __init__(self, packing: Packing, beginning: bytes, read_some: Callable[[int], bytes | None], name: str) -> None:
        self._packing = packing
        self._name = name
        self._read_some = read_some
        self._input = beginning
        try:
            self._make, self._errors = _decompressor_of(packing)
        except UnpackingError as error:
            raise RecordError.at(Position(name), str(error)) from error
        self._decompressor: _Decompressor = self._make()
        if packing_of(beginning) is None:
            instead = f"begins with {excerpt(beginning)!r}" if beginning else "is empty"
            raise RecordError.at(
                Position(name),
                f"its name says that it is compressed by {packing}, and it {instead}. Rename it if it isn't",
            )

    def read(self, size: int) -> bytes | None:
        """Return what comes next.

        Args:
            size: How much is read at once of what is compressed.

        Returns:
            Nothing at the end, None where nothing is there yet.

        Raises:
            RecordError: It is corrupt, or cut off.
        """
        unpacked = bytearray()
        while len(unpacked) < _PIECE:
            if self._decompressor.eof:
                # Zeros behind the end are padding.
                self._input = (self._decompressor.unused_data + self._input).lstrip(b"\0")
                if self._input:
                    self._decompressor = self._make()
            if not self._input and (self._decompressor.eof or self._decompressor.needs_input):
                if unpacked:
                    break
                chunk = self._read_some(size)
                if chunk is None or (not chunk and self._decompressor.eof):
                    return chunk
                if not chunk:
                    raise self._fault("is cut off")
                self._input = chunk
                continue
            data, self._input = self._input, b""
            try:
                unpacked += self._decompressor.decompress(data, _STEP)
            except self._errors as error:
                if not unpacked:
                    raise self._fault(f"is corrupt ({error})") from error
                # It is raised again, when what comes before it has been returned.
                self._decompressor = _Failing(error)
                break
        return bytes(unpacked)

    def _fault(self, what: str) -> RecordError:
        return RecordError.at(
            Position(self._name), f"what {self._packing} has made of it {what}. The records before that were read"
        )


class _Failing:
    """Stands for a decompressor that has failed."""

    eof = False
    needs_input = False
    unused_data = b""

    def __init__(self, error: Exception) -> None:
        self._error = error

    def decompress(self, data: bytes, max_length: int = -1) -> bytes:
        raise self._error


def require(packing: Packing) -> None:
    """See that this Python can read what is compressed in a way.

    Raises:
        UnpackingError: This Python can't read it.
    """
    _decompressor_of(packing)


def _decompressor_of(packing: Packing) -> tuple[Callable[[], _Decompressor], tuple[type[Exception], ...]]:
    """The class of the decompressor, and the errors that it raises for corrupt data."""
    if packing is Packing.gzip:
        return _Gzip, (zlib.error,)
    if packing is Packing.zstd:
        return _zstd()
    try:
        if packing is Packing.bzip2:
            from bz2 import BZ2Decompressor

            return BZ2Decompressor, (OSError, ValueError)
        from lzma import FORMAT_XZ, LZMADecompressor, LZMAError
    except ImportError as error:
        raise UnpackingError(f"it is compressed by {packing}, and this Python was built without that") from error
    return partial(LZMADecompressor, FORMAT_XZ), (LZMAError,)


def _zstd() -> tuple[Callable[[], _Decompressor], tuple[type[Exception], ...]]:
    for name in ("compression.zstd", "zstandard"):
        try:
            module: Any = import_module(name)
        except ImportError:
            continue
        if name == "zstandard":
            return partial(_Zstandard, module), (module.ZstdError,)
        return module.ZstdDecompressor, (module.ZstdError,)
    raise UnpackingError(
        "it is compressed by zstd, which Python can read from 3.14 on, or with the package zstandard: "
        "pip install 'noob-cli[zstd]', or unpack it first with zstd -dc, and pipe it in"
    )
