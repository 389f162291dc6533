"""Packages that only some of what `noob` does needs: extras, imported when they are used."""

from __future__ import annotations

from importlib import import_module
from typing import Any

from noob_cli.errors import InputError


def import_extra(module: str, extra: str, what: str) -> Any:
    """Import what an extra brings along.

    Args:
        module: What is imported.
        extra: The extra: `noob-cli[parquet]`.
        what: What needs it.

    Raises:
        InputError: The extra isn't installed.
    """
    try:
        return import_module(module)
    except ImportError as error:
        package = module.partition(".")[0]
        raise InputError(
            f"{what} needs the package {package}, which can't be imported ({error}): pip install 'noob-cli[{extra}]'"
        ) from error
