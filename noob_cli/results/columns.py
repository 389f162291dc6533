"""The columns of results that are written as a table."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final, cast

from noob_cli.results.json_values import Simplifier
from noob_cli.results.result_error import ResultError
from noob_cli.wording import listing

_VALUE: Final = "value"
"""The only column of results that are no dicts."""

_ATOMS: Final[frozenset[type]] = frozenset({str, int, float, bool, type(None)})


class Columns:
    """Which columns a table of results has: those that were chosen, else those of the first result.

    Args:
        chosen: The columns that were asked for; None for those of the first result.
    """

    names: tuple[str, ...] | None
    """The columns in their order; None until the first result is there."""

    def __init__(self, chosen: Sequence[str] | None = None) -> None:
        self.names = None if chosen is None else tuple(chosen)
        self._are_chosen = chosen is not None
        self._known: frozenset[str] = frozenset(chosen or ())

    def go_on_with(self, names: Sequence[str]) -> None:
        """Take the columns of a table that is there already.

        Raises:
            ResultError: Others were asked for.
        """
        if self._are_chosen and self.names != tuple(names):
            asked = listing(self.names or ())
            raise ResultError(f"it has the columns {listing(names)}, and '--columns' asks for {asked}")
        self.names, self._known = tuple(names), frozenset(names)

    def values_of(self, result: object, simplifier: Simplifier, kept: frozenset[type] = _ATOMS) -> list[Any]:
        """The values of a row, None for what a result lacks; what may still change is copied.

        Args:
            result: What an epoch returned: a dict, or one value.
            simplifier: Turns what is no text, number or the like into lists, dicts and what JSON has.
            kept: The types whose values stay as they are.

        Raises:
            ResultError: It has something that there is no column for.
        """
        # The keys that are known are texts.
        is_usual = type(result) is dict and result.keys() <= self._known
        fields = cast("dict[str, Any]", result) if is_usual else self._fields_of(result, simplifier, kept)
        if self.names is None:
            self.names, self._known = tuple(fields), frozenset(fields)
            if not fields:
                raise ResultError("it has nothing in it that columns could be made of: name them with '--columns'")
        if not (is_usual or fields.keys() <= self._known or self._are_chosen):
            others = [name for name in fields if name not in self._known]
            raise ResultError(
                f"it has {listing(others)}, and the table has the columns {listing(self.names)}, as the first result "
                "had: name all of them with '--columns', or write JSON lines"
            )
        values = list(map(fields.get, self.names))
        if kept.issuperset(map(type, values)):
            return values
        return [value if type(value) in kept else simplifier.simplify(value) for value in values]

    def _fields_of(self, result: object, simplifier: Simplifier, kept: frozenset[type]) -> dict[str, Any]:
        if type(result) in kept:
            return {_VALUE: result}
        if type(result) is not dict or not all(type(name) is str for name in result):
            result = simplifier.simplify(result)
        return result if isinstance(result, dict) else {_VALUE: result}
