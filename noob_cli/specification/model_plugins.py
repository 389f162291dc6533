"""Plugins of pydantic, which installed packages may have: they are for the user's models, not for ours."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager

_DISABLING = "PYDANTIC_DISABLE_PLUGINS"


@contextmanager
def no_model_plugins() -> Iterator[None]:
    """Build validators without plugins: looking for them among all installed packages takes longer than that."""
    if _DISABLING in os.environ:
        yield
        return
    os.environ[_DISABLING] = "1"
    try:
        yield
    finally:
        os.environ.pop(_DISABLING, None)
