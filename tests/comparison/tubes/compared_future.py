"""Node code whose annotations are strings."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated

from noob import Name


def numbers() -> Iterator[Annotated[int, Name("number")]]:
    yield from range(3)
