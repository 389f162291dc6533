"""The columns of a table that are inputs, and those that are none."""

from __future__ import annotations

from typing import TYPE_CHECKING

from noob_cli.spelling import suggest
from noob_cli.wording import listing

if TYPE_CHECKING:
    from collections.abc import Sequence

    from noob_cli.records.records import Expected


def columns_kept(columns: Sequence[str], expected: Expected, name: str, *, is_known: bool = False) -> Sequence[str]:
    """The columns that are inputs; it is said of the file in one line which ones are not.

    Args:
        columns: All that there are.
        expected: What the records have to be like.
        name: What the file is called.
        is_known: Whether that has been said.
    """
    names = expected.names
    if names is None:
        return columns
    ignored = [column for column in columns if column not in names]
    if ignored and not is_known:
        is_one = len(ignored) == 1
        hint = suggest(ignored[0], names, "inputs") if is_one or not names else f"inputs that exist: {listing(names)}"
        what = "no input takes the column" if is_one else "no inputs take the columns"
        they = "it is" if is_one else "they are"
        expected.warn(f"{name}: {what} {listing(ignored)}, {they} ignored: {hint}")
    return [column for column in columns if column in names]
