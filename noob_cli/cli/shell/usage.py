"""Command lines that are wrong are quoted without what steers a terminal."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import typer

from noob_cli.printable import one_line

_UsageError: type[Exception] = typer.BadParameter.__bases__[0]
"""What typer raises for a line that it does not understand; it has a name in some of its versions only."""

_KIND = "Value error, "
"""What pydantic puts before what typer says of a choice."""


@contextmanager
def usage_errors() -> Iterator[None]:
    """Make what is said of a command line harmless that is not understood inside."""
    try:
        yield
    except _UsageError as error:
        for attribute in ("message", "option_name", "param_hint"):
            text = getattr(error, attribute, None)
            if isinstance(text, str):
                setattr(error, attribute, one_line(text).removeprefix(_KIND))
        raise
