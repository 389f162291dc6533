"""Any value as JSON: what JSON lacks is written sensibly, or else as its `repr`."""

from __future__ import annotations

import base64
import contextlib
import dataclasses
import datetime
import decimal
import numbers
import sys
import uuid
from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence, Set
from enum import Enum
from pathlib import PurePath
from typing import Any, Final

from pydantic_core import from_json, to_json

from noob_cli.escaped_json import from_escaped_json, to_escaped_json
from noob_cli.results.json_memory import ask_for_memory, is_memory_limited

try:
    import orjson
except ImportError:
    orjson = None  # type: ignore[assignment]

ATOMS: Final[frozenset[type]] = frozenset({str, int, float, bool, type(None)})
_KNOWN_TO_PYDANTIC: Final = frozenset({datetime.datetime, datetime.date, datetime.time, datetime.timedelta, uuid.UUID})
_DEEPEST: Final = 200
"""How many levels are looked into; pydantic's parser, which reads such results again, doesn't go much further."""

_FLOATS: Final = [1e16, 1e-5, 1e-7, 1.5e300]
"""Numbers that not all versions of what writes JSON write alike."""

Converter = Callable[[Any], Any]


def _is_orjson_alike() -> bool:
    """Whether orjson is there, and writes what is plain JSON as pydantic does, only faster."""
    return orjson is not None and orjson.dumps(_FLOATS) == to_json(_FLOATS)


def _refuse(*_: object) -> bytes:
    raise TypeError


class JsonEncoder:
    """Writes values as JSON, always valid, and the same with and without orjson, which is faster.

    Iterators, generators and files are not read: they are written as their `repr`, like everything
    that has no sensible form in JSON. Of that, and of the keys of a dict that become the same text,
    the first is reported.

    Args:
        warn: Called with what is to be said about a value.
        indented: Whether each item has a line of its own; else a value has one line.
    """

    def __init__(self, warn: Callable[[str], None], *, indented: bool = False) -> None:
        self._simplifier = Simplifier(warn)
        self._indent = 2 if indented else None
        self._asks_for_memory = is_memory_limited()
        # It must see nothing but what is plain JSON, and then writes as pydantic does.
        self._dumps = orjson.dumps if _is_orjson_alike() else _refuse
        self._options = orjson.OPT_APPEND_NEWLINE | (orjson.OPT_INDENT_2 if indented else 0) if orjson else 0
        # The first call imports what pydantic needs to tell types apart, and panics if a signal interrupts that.
        to_json(0)

    def encode(self, value: object) -> bytes:
        """Return the JSON text of a value, in UTF-8, with a newline at its end.

        Raises:
            MemoryError: There is no memory for it.
        """
        if type(value) is dict:
            # What most results are isn't worth another call.
            for item in value.values():
                if type(item) not in ATOMS and not _is_plain(item, _DEEPEST - 1):
                    return self._encode_unusual(value)
        elif not _is_plain(value, _DEEPEST):
            return self._encode_unusual(value)
        if self._asks_for_memory:
            ask_for_memory(value, self._indent or 0)
        try:
            return self._dumps(value, None, self._options)
        except TypeError:
            # No orjson, a key that isn't text, half of a surrogate pair, too large a number.
            return self._encode_unusual(value)

    def _encode_unusual(self, value: object) -> bytes:
        simple = self._simplifier.simplify(value)
        if self._asks_for_memory:
            ask_for_memory(simple, self._indent or 0)
        try:
            return simple_to_json(simple, self._indent) + b"\n"
        except (ValueError, RuntimeError):
            return simple_to_json(self._simplifier.represent(value)) + b"\n"


def simple_to_json(simple: Any, indent: int | None = None) -> bytes:
    """A simple form as JSON."""
    try:
        return to_json(simple, indent=indent, inf_nan_mode="null")
    except ValueError:
        # Half of a surrogate pair, which is rare: what pydantic writes else is put into its own form first.
        return to_escaped_json(_without_moments(simple), indent)


def _without_moments(simple: Any) -> Any:
    """A simple form with all in it that isn't text put in the form in which pydantic writes it."""
    if isinstance(simple, dict):
        return {name: _without_moments(item) for name, item in simple.items()}
    if isinstance(simple, list):
        return [_without_moments(item) for item in simple]
    return simple if isinstance(simple, str) else from_json(to_json(simple, inf_nan_mode="null"))


def _is_plain(value: Any, depth: int) -> bool:
    """Say whether a value is made of nothing but what JSON has; keys aside, which orjson looks at itself.

    It would also take some others, in forms of its own, and crashes if the value of an `Enum` raises.
    """
    kind = type(value)
    if kind in ATOMS:
        return True
    if not depth:
        return False
    if kind is dict:
        value = value.values()
    elif kind is not list and kind is not tuple:
        return False
    # One look at all of the items: rows of numbers are long.
    return ATOMS.issuperset(map(type, value)) or all(_is_plain(item, depth - 1) for item in value)


class Simplifier:
    """Turns any value into dicts, lists, and what JSON has besides."""

    def __init__(self, warn: Callable[[str], None]) -> None:
        self._warn = warn
        self._warned_of_repr = False
        self._warned_of_keys = False
        self._converters: dict[type, Converter] = {}
        self._inside: set[int] = set()

    def simplify(self, value: Any) -> Any:
        """Return a value's simple form; its `repr` if it has none or contains itself."""
        kind = type(value)
        if kind in ATOMS:
            return _mend(value) if kind is str else value
        if id(value) in self._inside or len(self._inside) >= _DEEPEST:
            return self.represent(value)
        converter = self._converters.get(kind)
        if converter is None:
            converter = self._converters[kind] = self._converter_for(kind)
        self._inside.add(id(value))
        try:
            return converter(value)
        except (KeyboardInterrupt, MemoryError):
            raise
        except BaseException:
            # Whatever a value's own methods raise, the result is still to be written.
            return self.represent(value)
        finally:
            self._inside.discard(id(value))

    def represent(self, value: object) -> str:
        """Return a value's `repr`, and report the first."""
        if not self._warned_of_repr:
            self._warned_of_repr = True
            self._warn(
                f"JSON has no form for a value of type {type_name(type(value))}: "
                "its repr is written instead. "
                "This is said once, further such values are written likewise"
            )
        try:
            return _mend(repr(value))
        except KeyboardInterrupt:
            raise
        except BaseException:
            return f"<{type_name(type(value))} object>"

    def _converter_for(self, kind: type) -> Converter:
        """Choose how values of a type are simplified: what comes first takes precedence."""
        if kind in _KNOWN_TO_PYDANTIC:
            return _same
        if issubclass(kind, type):
            return self.represent
        if hasattr(kind, "__pydantic_serializer__"):
            return self._simplify_model
        if dataclasses.is_dataclass(kind):
            return self._simplify_dataclass
        numpy = sys.modules.get("numpy")
        if numpy is not None and issubclass(kind, (numpy.ndarray, numpy.generic)):
            return self._simplify_array if issubclass(kind, numpy.ndarray) else self._simplify_scalar
        for base, converter in self._converters_by_base():
            if issubclass(kind, base):
                return converter
        return self._simplify_by_pydantic

    def _converters_by_base(self) -> tuple[tuple[type | tuple[type, ...], Converter], ...]:
        return (
            (Enum, lambda member: self.simplify(member.value)),
            (str, lambda text: _mend(str.__str__(text))),
            ((int, float), _same),
            ((bytes, bytearray, memoryview), _text_of_bytes),
            (complex, lambda number: str(number).strip("()")),
            (decimal.Decimal, lambda number: str(number) if number.is_finite() else None),
            (numbers.Rational, str),
            (PurePath, lambda path: _mend(str(path))),
            (BaseException, self._simplify_exception),
            # Reading from an iterator would take its values away from whoever else holds it.
            (Iterator, self.represent),
            (Mapping, self._simplify_mapping),
            (Set, self._simplify_set),
            (Sequence, self._simplify_items),
            (deque, self._simplify_items),
        )

    def _simplify_items(self, items: Any) -> list[Any]:
        return [self.simplify(item) for item in items]

    def _simplify_set(self, items: Any) -> list[Any]:
        """Put the items in an order that doesn't change from run to run, if there is one."""
        try:
            return self._simplify_items(sorted(items))
        except TypeError:
            return sorted(self._simplify_items(items), key=simple_to_json)

    def _simplify_mapping(self, mapping: Any) -> dict[str, Any]:
        simple: dict[str, Any] = {}
        for key, item in mapping.items():
            name = _mend(key) if type(key) is str else self._name_of_key(key)
            if name in simple:
                self._report_same_keys(name)
            simple[name] = self.simplify(item)
        return simple

    def _name_of_key(self, key: object) -> str:
        """Return what a key that isn't text is written as, in JSON if that isn't text either."""
        simple = self.simplify(key)
        if isinstance(simple, str):
            return str(simple)
        text = simple_to_json(simple)
        return from_escaped_json(text) if text.startswith(b'"') else text.decode()

    def _report_same_keys(self, name: str) -> None:
        if not self._warned_of_keys:
            self._warned_of_keys = True
            self._warn(
                f"several keys of a dict are written as {name!r}: the value of the last is kept. "
                "This is said once, further such keys are written likewise"
            )

    def _simplify_dataclass(self, value: Any) -> dict[str, Any]:
        fields = (field.name for field in dataclasses.fields(value))
        return {name: self.simplify(getattr(value, name)) for name in fields if hasattr(value, name)}

    def _simplify_model(self, value: Any) -> Any:
        """Let what pydantic made say how it is written, as far as pydantic can write it."""
        serializer = value.__pydantic_serializer__
        dumped = serializer.to_python(value, warnings=False)
        # For JSON pydantic would use up an iterator.
        if not _holds_iterator(dumped):
            with contextlib.suppress(ValueError):
                dumped = serializer.to_python(value, mode="json", warnings=False)
        return self.simplify(dumped)

    def _simplify_exception(self, error: BaseException) -> str:
        text = _mend(str(error))
        name = type_name(type(error))
        return f"{name}: {text}" if text else name

    def _simplify_array(self, array: Any) -> Any:
        names = array.dtype.names
        kind = array.dtype.kind
        if names is not None and array.ndim == 0:
            return self._simplify_record(array[()])
        if kind in "biu" or (kind == "f" and array.dtype.itemsize <= 8):
            return array.tolist()
        if kind in "OUS":
            return self.simplify(array.tolist())
        # What is left has no Python number or text behind it: item by item.
        return [self.simplify(item) for item in array] if array.ndim else self.simplify(array[()])

    def _simplify_scalar(self, scalar: Any) -> Any:
        kind = scalar.dtype.kind
        if kind in "mM":
            return self._simplify_moment(scalar)
        if kind == "f":
            return float(scalar)
        if kind == "c":
            return self.simplify(complex(scalar))
        if kind == "V":
            return self._simplify_record(scalar)
        return self.simplify(scalar.item())

    def _simplify_record(self, record: Any) -> Any:
        if record.dtype.names is None:
            return _text_of_bytes(record.tobytes())
        return {name: self.simplify(record[name]) for name in record.dtype.names}

    def _simplify_moment(self, moment: Any) -> Any:
        """Write numpy's dates as ISO 8601 in their own precision, its durations as Python's."""
        if moment.item() is None:
            return None
        if moment.dtype.kind == "M":
            return str(moment)
        return self.simplify(moment.astype("timedelta64[us]").item())

    def _simplify_by_pydantic(self, value: object) -> Any:
        """Write what pydantic knows besides (URLs, patterns), the rest as its `repr`."""
        return from_json(to_json(value, inf_nan_mode="null", fallback=self.represent))


def _holds_iterator(dumped: Any) -> bool:
    """Say whether what pydantic made of a model has an iterator left somewhere."""
    if isinstance(dumped, dict):
        return any(map(_holds_iterator, dumped.values()))
    if isinstance(dumped, (list, tuple, set, frozenset)):
        return any(map(_holds_iterator, dumped))
    return isinstance(dumped, Iterator)


def _same(value: Any) -> Any:
    return value


def _text_of_bytes(data: bytes | bytearray | memoryview) -> str:
    """Return UTF-8 as its text, anything else in base64."""
    raw = bytes(data)
    try:
        return raw.decode()
    except UnicodeDecodeError:
        return base64.b64encode(raw).decode()


def _mend(text: str) -> str:
    """Join the halves of surrogate pairs, as a reader of JSON does with their escapes."""
    if text.isascii():
        return text
    return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "surrogatepass")


def type_name(kind: type) -> str:
    """What a class is called, with its module unless it is a builtin."""
    if kind.__module__ == "builtins":
        return kind.__qualname__
    return f"{kind.__module__}.{kind.__qualname__}"
