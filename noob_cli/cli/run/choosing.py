"""Which runner a run from the shell has: what the command line says of it, else `[tool.noob.run]`."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

from noob_cli.cli.shell.messages import display_path
from noob_cli.errors import InputError
from noob_cli.settings import Settings, project_settings
from noob_cli.spelling import suggest

if TYPE_CHECKING:
    from noob_cli.cli.run.options import RunOptions

_HEADER = r"\s*\[+([^\]]+)\]"
_NUMBERS = ("workers", "ahead")
_TEXTS = {"runner": "the name of a runner", "scheduler": "the address of a Dask scheduler"}
_KEYS = (*_TEXTS, *_NUMBERS)


def with_settings(options: RunOptions) -> RunOptions:
    """The options of a run, with what the project says where the command line says nothing.

    Args:
        options: What was asked for.

    Raises:
        InputError: There is no such runner, or what was said of it is of no use.
    """
    file, settings = _of_project()
    if options.runner is not None:
        # How many of them there are is said of the runner that the project has.
        settings = {}
    said = [name for name in (*_NUMBERS, "verify") if getattr(options, name) is not None]
    options = options.replace(
        runner=options.runner or settings.get("runner", "sync"),
        workers=options.workers or settings.get("workers"),
        ahead=options.ahead or settings.get("ahead"),
        scheduler=settings.get("scheduler") if options.scheduler is None else options.scheduler,
    )
    if options.runner != "dask" and options.scheduler is not None:
        if "scheduler" not in settings:
            raise InputError("'--scheduler' is about a Dask cluster: it goes with '--runner dask'")
        options = options.replace(scheduler=None)
    if options.runner == "sync":
        for name in said:
            raise InputError(f"'--{name}' is about several epochs at once: choose who does them with '--runner'")
        return options.replace(workers=None, ahead=None)
    from noob_cli.runners.by_name import RUNNERS

    if options.runner not in RUNNERS:
        name = str(options.runner)
        problem = f"there is no runner '{name}': {suggest(name, RUNNERS, 'runners')}"
        raise InputError(
            problem if file is None or "runner" not in settings else f"{_place(file, 'runner')}: {problem}"
        )
    return options


def _of_project() -> Settings:
    """What `[tool.noob.run]` says."""
    try:
        file, values = project_settings(b"tool.noob")
    except ValueError as error:
        raise InputError(str(error)) from error
    settings = values.get("run", {})
    if file is None:
        return Settings(None, {})
    if not isinstance(settings, dict):
        raise InputError(f"{_place(file)}: [tool.noob.run] is a table, found {settings!r}")
    for name, value in settings.items():
        problem = _problem_of(name, value)
        if problem is not None:
            raise InputError(f"{_place(file, name)}: {problem}")
    return Settings(file, settings)


def _problem_of(name: str, value: Any) -> str | None:
    """What is wrong with a setting; None if nothing is."""
    if name not in _KEYS:
        return f"there is no '{name}' in [tool.noob.run]: {suggest(name, _KEYS, 'settings')}"
    if name in _NUMBERS and (not isinstance(value, int) or isinstance(value, bool) or value < 1):
        return f"'{name}' in [tool.noob.run] is a number from 1 on, found {value!r}"
    if name in _TEXTS and not isinstance(value, str):
        return f"'{name}' in [tool.noob.run] is {_TEXTS[name]}, found {value!r}"
    return None


def _place(file: Path, name: str | None = None) -> str:
    """Where a setting stands, or the table, as far as that shows without a parser that knows places."""
    table = ""
    for number, line in enumerate(file.read_text(encoding="utf-8").splitlines(), start=1):
        if (header := re.match(_HEADER, line)) is not None:
            table = header[1].replace('"', "").replace("'", "").replace(" ", "")
            if table == "tool.noob.run" and name is None:
                return f"{display_path(file)}:{number}"
        key = re.match(r"""\s*["']?([\w-]+)["']?\s*[.=]""", line)
        if key is not None and (table, key[1]) in (("tool.noob.run", name), ("tool.noob", "run")):
            return f"{display_path(file)}:{number}"
    return display_path(file)
