"""What a project says of this program in its `pyproject.toml`."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from noob_cli.advice import did_you_mean
from noob_cli.named_tuple import NamedTuple
from noob_cli.spelling import nearest
from noob_cli.working_folder import working_folders

_KEYS = ("run", "tubes")


class Settings(NamedTuple):
    """The table `[tool.noob]` of the nearest `pyproject.toml`.

    Args:
        file: The file; None if there is none.
        values: What stands in the table.
    """

    file: Path | None
    values: Mapping[str, Any]


def project_settings(mentioning: bytes = b"") -> Settings:
    """What the nearest `pyproject.toml` says, seen from the working folder.

    Args:
        mentioning: What a file has at least to mention that is of interest: others need not be understood.

    Raises:
        ValueError: It can't be read, or says something that is no table.
    """
    file = project_file()
    return Settings(file, {} if file is None else _table(file, mentioning))


def project_file() -> Path | None:
    """The nearest `pyproject.toml`, seen from the working folder; None if there is none."""
    files = (folder / "pyproject.toml" for start in working_folders() for folder in (start, *start.parents))
    return next(filter(os.path.isfile, files), None)


def _table(file: Path, mentioning: bytes) -> Mapping[str, Any]:
    """The table `[tool.noob]` of a file; empty if there is none."""
    try:
        content = file.read_bytes()
        if mentioning not in content:
            return {}
        import tomllib

        tool = tomllib.loads(content.decode("utf-8")).get("tool", {})
    except (ValueError, OSError) as error:
        raise ValueError(f"{file} can't be read: {error}") from error
    table = tool.get("noob", {}) if isinstance(tool, dict) else tool
    if not isinstance(table, dict):
        raise ValueError(f"{file}: [tool.noob] is a table, found {table!r}")
    for name in table:
        # What is not like one of ours is another program's, which has the same table.
        meant = None if name in _KEYS else nearest(name, _KEYS)
        if meant is not None:
            raise ValueError(f"{file}: there is no '{name}' in [tool.noob]: {did_you_mean(meant, name)}")
    return table
