"""Options that are not given, of which there are many: typer makes for each what would convert its value."""

from __future__ import annotations

from typing import Any


def convert_what_is_given(command: Any) -> None:
    """Convert no value of an option that has none.

    Args:
        command: The command, as typer has made it.
    """
    for parameter in command.params:
        if not (parameter.required or parameter.multiple or parameter.nargs != 1 or parameter.callback):
            parameter.process_value = _unless_none(parameter.process_value)


def _unless_none(process_value: Any) -> Any:
    return lambda context, value: None if value is None else process_value(context, value)
