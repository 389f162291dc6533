"""Options that are not given, of which there are many: typer makes for each what would convert its value."""

from __future__ import annotations

from typing import Any


def convert_what_is_given(command: Any) -> None:
    """Convert no value of an option that is not given: there is none, or it is a default, which is what it has to be.

    Args:
        command: The command, as typer has made it.
    """
    for parameter in command.params:
        if not (parameter.required or parameter.multiple or parameter.nargs != 1 or parameter.callback):
            parameter.process_value = _if_text(parameter.process_value)


def _if_text(process_value: Any) -> Any:
    return lambda context, value: process_value(context, value) if type(value) is str else value
