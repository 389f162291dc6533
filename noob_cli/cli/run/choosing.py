"""Which runner a run from the shell has: what the command line says of it, else `[tool.noob.run]`."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

from noob_cli.cli.shell.messages import display_path
from noob_cli.errors import InputError
from noob_cli.nodes.special import NUMBER_FROM_1, is_number_from_1
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
    runner = str(options.runner or settings.get("runner", "sync"))
    if runner != "sync":
        _refuse_unknown(runner, file if "runner" in settings else None)
    for name in ("scheduler", *_NUMBERS, "verify"):
        if getattr(options, name) is not None and (why := _why_without_effect(name, runner, "--")) is not None:
            raise InputError(f"'--{name}' {why}")
        if file is not None and name in settings and (why := _why_without_effect(name, runner, "")) is not None:
            raise InputError(f"{_place(file, name)}: '{name}' in [tool.noob.run] {why}")
    return options.replace(
        runner=runner,
        workers=options.workers or settings.get("workers"),
        ahead=options.ahead or settings.get("ahead"),
        scheduler=settings.get("scheduler") if options.scheduler is None else options.scheduler,
    )


def _refuse_unknown(runner: str, file: Path | None) -> None:
    """Refuse a runner that there is not; the file has named it, if it is given."""
    from noob_cli.runners.by_name import RUNNERS

    if runner not in RUNNERS:
        problem = f"there is no runner '{runner}': {suggest(runner, RUNNERS, 'runners')}"
        raise InputError(problem if file is None else f"{_place(file, 'runner')}: {problem}")


def _why_without_effect(name: str, runner: str, dashes: str) -> str | None:
    """Why something said of a run has no effect with a runner, and what to do; None if it has one."""
    if name == "scheduler" and runner != "dask":
        with_dask = "'--runner dask'" if dashes else 'runner = "dask"'
        return f"is about a Dask cluster: it goes with {with_dask}"
    if runner == "sync":
        return f"is about several epochs at once: choose who does them with '{dashes}runner'"
    if name == "workers" and runner == "async":
        from noob_cli.runners.parallel import ONE_LOOP

        return f"{ONE_LOOP}: say with '{dashes}ahead' how many epochs are under way"
    return None


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
    if name in _NUMBERS and not is_number_from_1(value):
        return f"'{name}' in [tool.noob.run] is {NUMBER_FROM_1}, found {value!r}"
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
