"""Values as JSON only if JSON has a form for all that is in them."""

from __future__ import annotations

import sys

from noob_cli.results.json_values import Simplifier, simple_to_json, type_name


class FormlessError(Exception):
    """JSON has no form for something in a value.

    Args:
        kind: The type of that.
    """

    def __init__(self, kind: type) -> None:
        super().__init__(f"JSON has no form for a value of type {type_name(kind)}")


class _Exact(Simplifier):
    """A `Simplifier` that refuses what has no form in JSON."""

    def represent(self, value: object) -> str:
        error = sys.exception()
        # What is inside has come first, and is what has no form.
        raise error if isinstance(error, FormlessError) else FormlessError(type(value))


def to_exact_json(value: object) -> bytes:
    """A value as JSON, on one line, as a result is written.

    Args:
        value: The value.

    Raises:
        FormlessError: A result would have a `repr` in it.
    """
    return simple_to_json(_Exact(lambda _: None).simplify(value))
