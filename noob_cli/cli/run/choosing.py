"""Which runner a run from the shell has: what the command line says of it, else `[tool.noob.run]`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from noob_cli.errors import InputError
from noob_cli.settings import project_settings
from noob_cli.spelling import suggest

if TYPE_CHECKING:
    from noob_cli.cli.run.options import RunOptions

_NUMBERS = ("workers", "ahead")
_KEYS = ("runner", *_NUMBERS)


def with_settings(options: RunOptions) -> RunOptions:
    """The options of a run, with what the project says where the command line says nothing.

    Args:
        options: What was asked for.

    Raises:
        InputError: There is no such runner, or what was said of it is of no use.
    """
    settings = _of_project()
    if options.runner is not None:
        # How many of them there are is said of the runner that the project has.
        settings = {}
    options = options._replace(
        runner=options.runner or settings.get("runner", "sync"),
        workers=options.workers or settings.get("workers"),
        ahead=options.ahead or settings.get("ahead"),
    )
    if options.runner == "sync":
        for name in (*_NUMBERS, "verify"):
            if getattr(options, name) is not None and name not in settings:
                raise InputError(f"'--{name}' is about several epochs at once: choose who does them with '--runner'")
        return options._replace(workers=None, ahead=None)
    from noob_cli.runners.by_name import RUNNERS

    if options.runner not in RUNNERS:
        where = f"{options.runner}"
        raise InputError(f"there is no runner '{where}': {suggest(where, RUNNERS, 'runners')}")
    return options


def _of_project() -> dict[str, Any]:
    """What `[tool.noob.run]` says."""
    try:
        file, values = project_settings(b"noob.run")
    except ValueError as error:
        raise InputError(str(error)) from error
    settings = values.get("run", {})
    if not isinstance(settings, dict):
        raise InputError(f"{file}: [tool.noob.run] is a table, found {settings!r}")
    for name, value in settings.items():
        if name not in _KEYS:
            raise InputError(f"{file}: there is no '{name}' in [tool.noob.run]: {suggest(name, _KEYS, 'settings')}")
        if name in _NUMBERS and (not isinstance(value, int) or isinstance(value, bool) or value < 1):
            raise InputError(f"{file}: '{name}' in [tool.noob.run] is a number from 1 on, found {value!r}")
        if name == "runner" and not isinstance(value, str):
            raise InputError(f"{file}: 'runner' in [tool.noob.run] is the name of a runner, found {value!r}")
    return settings
