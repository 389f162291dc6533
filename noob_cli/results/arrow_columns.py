"""The values of a column as Arrow has them: of one type, and none of them another one than it was."""

from __future__ import annotations

import datetime
from typing import TYPE_CHECKING, Any, Final

from noob_cli.errors import ResultError
from noob_cli.results.csv_rows import cell_text
from noob_cli.wording import short_repr

if TYPE_CHECKING:
    from collections.abc import Sequence

    from noob_cli.results.json_values import Simplifier

_MOMENTS: Final = (datetime.datetime, datetime.date, datetime.time, datetime.timedelta)

KEPT: Final[frozenset[type]] = frozenset({str, int, float, bool, type(None), bytes, *_MOMENTS})
"""The types of values that Arrow has a type for."""


class ArrowColumns:
    """Makes arrays of the values of columns.

    Args:
        pyarrow: The package.
        simplifier: Turns what has no type into lists, dicts and what JSON has.
    """

    def __init__(self, pyarrow: Any, simplifier: Simplifier) -> None:
        self._pa = pyarrow
        self._simplifier = simplifier
        of_kinds = {
            (bool,): pyarrow.bool_(),
            (int,): pyarrow.int64(),
            (float,): pyarrow.float64(),
            (int, float): pyarrow.float64(),
            (str,): pyarrow.string(),
            (bytes,): pyarrow.binary(),
            (datetime.date,): pyarrow.date32(),
            (datetime.time,): pyarrow.time64("us"),
            (datetime.timedelta,): pyarrow.duration("us"),
        }
        self._of_kinds = {frozenset(kinds): kind for kinds, kind in of_kinds.items()}
        self._errors = (pyarrow.ArrowException, OverflowError, UnicodeError, ValueError, TypeError)

    def first(self, values: Sequence[Any]) -> Any:
        """The array of the first values of a column, whose type they choose.

        Args:
            values: They, None for what is missing. What they don't tell a type of becomes an array of texts.
        """
        kind = self._type_of(values)
        array = None if kind is None else self._array(values, kind)
        return self._texts(values) if array is None else array

    def further(self, values: Sequence[Any], kind: Any, name: str, first: int) -> Any:
        """The array of further values of a column.

        Args:
            values: They, None for what is missing.
            kind: The type of the column. One of texts takes whatever comes.
            name: The column's name.
            first: The number of the result that the first of them is of.

        Raises:
            ResultError: One is of another type.
        """
        if kind == self._pa.string():
            return self._texts(values)
        array = self._array(values, kind) if self._fits(values, kind) else None
        if array is not None:
            return array
        for number, value in enumerate(values, start=first):
            if not self._fits([value], kind) or self._array([value], kind) is None:
                raise ResultError(
                    f"result {number}: the column '{name}' is {kind} since the first results, and here is "
                    f"{short_repr(value)}: return one type, or write JSON lines"
                )
        raise ResultError(f"the column '{name}' is {kind} since the first results, and what follows is not")

    def _type_of(self, values: Sequence[Any]) -> Any:
        """The type that values have; None if nothing but texts can hold them."""
        kinds = frozenset(map(type, values)) - {type(None)}
        if kinds <= {dict} or kinds <= {list}:
            try:
                kind = self._pa.infer_type(values)
            except self._errors:
                return None
            return kind if self._is_whole(kind) else None
        if kinds == {datetime.datetime}:
            zones = {value.tzinfo is None for value in values if value is not None}
            return self._pa.timestamp("us", None if True in zones else "UTC") if len(zones) == 1 else None
        return None if _has_zones(values, kinds) else self._of_kinds.get(kinds)

    def _fits(self, values: Sequence[Any], kind: Any) -> bool:
        types = self._pa.types
        kinds = frozenset(map(type, values)) - {type(None)}
        if types.is_nested(kind):
            return kinds <= ({dict} if types.is_struct(kind) else {list})
        if types.is_timestamp(kind):
            are_aware = all(value is None or (value.tzinfo is None) == (kind.tz is None) for value in values)
            return kinds <= {datetime.datetime} and are_aware
        if _has_zones(values, kinds):
            return False
        return not kinds or self._of_kinds.get(kinds) == kind or (kinds == {int} and kind == self._pa.float64())

    def _is_whole(self, kind: Any) -> bool:
        """Whether a type says of all that is inside what it is, so that it can be written."""
        types = self._pa.types
        if types.is_struct(kind):
            return kind.num_fields > 0 and all(self._is_whole(field.type) for field in kind)
        return self._is_whole(kind.value_type) if types.is_list(kind) else not types.is_null(kind)

    def _array(self, values: Sequence[Any], kind: Any) -> Any:
        """Values as an array; None if one of them would not be in it as it was."""
        try:
            array = self._pa.array(values, kind)
        except self._errors:
            return None
        if not self._pa.types.is_nested(kind):
            return array
        return array if all(map(_is_kept, values, array.to_pylist())) else None

    def _texts(self, values: Sequence[Any]) -> Any:
        texts = [value if value is None or type(value) is str else self._text(value) for value in values]
        try:
            return self._pa.array(texts, self._pa.string())
        except UnicodeEncodeError:
            return self._pa.array([None if text is None else escaped(text) for text in texts], self._pa.string())

    def _text(self, value: Any) -> str:
        return cell_text(self._simplifier.simplify(value))


def _has_zones(values: Sequence[Any], kinds: frozenset[type]) -> bool:
    """Whether one of some times of a day has a time zone, which Arrow would leave out."""
    return kinds == {datetime.time} and any(value is not None and value.tzinfo is not None for value in values)


def _is_kept(value: Any, read: Any) -> bool:
    """Whether a value can be read as it was, but for None in the place of what a dict lacks."""
    if isinstance(value, dict):
        return isinstance(read, dict) and all(name in read and _is_kept(value[name], read[name]) for name in value)
    if isinstance(value, list):
        return isinstance(read, list) and len(value) == len(read) and all(map(_is_kept, value, read))
    return bool(value == read) or (value != value and read != read)


def escaped(text: str) -> str:
    """A text in which the halves of surrogate pairs, which Arrow has no form for, are escapes."""
    return text.encode("utf-8", "backslashreplace").decode()
