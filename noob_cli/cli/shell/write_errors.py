"""What can't be written, as an error that says which file it is."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from noob_cli.errors import InputError
from noob_cli.given_path import GivenPath


@contextmanager
def explaining(path: Path | GivenPath, what: str) -> Iterator[None]:
    """Say of what can't be done to a file which it is.

    Args:
        path: What it is called.
        what: What it is for.

    Raises:
        InputError: What is inside of `with` has raised an `OSError`.
    """
    try:
        yield
    except OSError as error:
        raise InputError(f"{what} can't be written: {path}: {error.strerror}") from error
