"""The columns of results that are written as a table."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from operator import itemgetter
from typing import Any, Final

from noob_cli.errors import ResultError
from noob_cli.results.json_values import ATOMS, Simplifier
from noob_cli.spelling import suggest
from noob_cli.wording import listing

_VALUE: Final = "value"
"""The only column of results that are no dicts."""


class Columns:
    """Which columns a table of results has: those that were chosen, else those of the first result.

    Args:
        chosen: The columns that were asked for; None for those of the first result.
    """

    names: tuple[str, ...] | None
    """The columns in their order; None until the first result is there."""

    unmet: tuple[str, ...]
    """Those that were asked for, and that no result has had."""

    def __init__(self, chosen: Sequence[str] | None = None) -> None:
        self.names = None
        self.unmet = () if chosen is None else tuple(chosen)
        self._fields: tuple[str, ...] = ()
        self._are_chosen = chosen is not None
        self._count = -1
        self._get: Callable[[Any], Sequence[Any]]
        if chosen is not None:
            self._choose(tuple(chosen))

    def go_on_with(self, names: Sequence[str]) -> None:
        """Take the columns of a table that is there already.

        Raises:
            ResultError: Others were asked for.
        """
        if self._are_chosen and self.names != tuple(names):
            asked = listing(self.names or ())
            raise ResultError(f"it has the columns {listing(names)}, and '--columns' asks for {asked}")
        self.unmet = ()
        self._choose(tuple(names))

    def hint_at(self, unmet: str) -> str:
        """What may have been meant by a column that no result has had, by those that the first has had."""
        return suggest(unmet, self._fields, "columns")

    def values_of(self, result: object, simplifier: Simplifier, kept: frozenset[type] = ATOMS) -> Sequence[Any]:
        """The values of a row, None for what a result lacks; what may still change is copied.

        Args:
            result: What an epoch returned: a dict, or one value.
            simplifier: Turns what is no text, number or the like into lists, dicts and what JSON has.
            kept: The types whose values stay as they are.

        Raises:
            ResultError: It has something that there is no column for.
        """
        if type(result) is dict and len(result) == self._count:
            try:
                # As many as there are columns, and all of those: nothing else is in it.
                values = self._get(result)
                self.unmet = ()
            except KeyError:
                values = self._unusual(result, simplifier, kept)
        else:
            values = self._unusual(result, simplifier, kept)
        if kept.issuperset(map(type, values)):
            return values
        return [value if type(value) in kept else simplifier.simplify(value) for value in values]

    def _unusual(self, result: object, simplifier: Simplifier, kept: frozenset[type]) -> Sequence[Any]:
        """The values of a result that has not the columns, or is the first."""
        fields = self._fields_of(result, simplifier, kept)
        if self.names is None:
            if not fields:
                raise ResultError("it has nothing in it that columns could be made of: name them with '--columns'")
            self._choose(tuple(fields))
        if self.unmet:
            self.unmet = tuple(name for name in self.unmet if name not in fields)
            self._fields = self._fields or tuple(fields)
        names = self.names or ()
        if not (self._are_chosen or fields.keys() <= {*names}):
            others = [name for name in fields if name not in names]
            raise ResultError(
                f"it has {listing(others)}, and the table has the columns {listing(names)}, as the first result "
                "had: name all of them with '--columns', or write JSON lines"
            )
        return [fields.get(name) for name in names]

    def _choose(self, names: tuple[str, ...]) -> None:
        self.names, self._count = names, len(names)
        # That of one name gives its value alone.
        self._get = itemgetter(*names) if len(names) > 1 else lambda result: (result[names[0]],)

    def _fields_of(self, result: object, simplifier: Simplifier, kept: frozenset[type]) -> dict[str, Any]:
        if type(result) in kept:
            return {_VALUE: result}
        if type(result) is not dict or not all(type(name) is str for name in result):
            result = simplifier.simplify(result)
        return result if isinstance(result, dict) else {_VALUE: result}
