"""What `--help` shows: the options in groups, each with its whole name, in a terminal of any width."""

from __future__ import annotations

import inspect
from collections.abc import Iterable, Iterator, Sequence
from enum import Enum
from types import MethodType
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from rich.console import Console

AFTERWARDS = "noob_cli.afterwards"
"""The key in the `meta` of a context of what is called with the console when the help of a command has been shown."""

Entry = tuple[Sequence[tuple[str, str]], str]
"""What stands in a panel: a name in parts, each with its style, and what is told of it."""

_OTHERS = "Options"
"""The panel of the options that name none; it is the last."""

_FRAME = 4
"""How many columns the frame of a panel takes."""

NAME, VALUE = "bold cyan", "yellow"
"""The styles of a name, and of what stands for its value."""


def show_readable_help(command: Any) -> None:
    """Let a command show its help in this way.

    Args:
        command: The command, or a group of them, as typer has made it.
    """
    for subcommand in getattr(command, "commands", {}).values():
        if subcommand is not None:
            show_readable_help(subcommand)
    command.format_help = MethodType(_show_help, command)
    command.collect_usage_pieces = MethodType(_usage_of, command)


def print_panel(console: Console, title: str, entries: Iterable[Entry]) -> None:
    """Print names with what is told of each, in a frame.

    Args:
        console: What it is printed to.
        title: What they are.
        entries: The names.
    """
    from rich.panel import Panel
    from rich.text import Text

    from noob_cli.cli.shell.rows import named_rows

    named = ((Text.assemble(*parts), Text(description)) for parts, description in entries)
    rows = Text("\n").join(named_rows(named, console, console.width - _FRAME))
    console.print(Panel(rows, title=title, title_align="left", border_style="dim"))


def _show_help(command: Any, context: Any, formatter: object) -> None:
    from rich.console import Console
    from rich.padding import Padding
    from rich.text import Text

    console = Console(highlight=False)
    usage = " ".join(command.collect_usage_pieces(context))
    console.print(Padding(Text.assemble("Usage: ", (context.command_path, "bold"), " ", usage), 1, expand=False))
    for paragraph in _paragraphs(command.help or ""):
        console.print(Padding(Text(paragraph), (0, 1, 1, 1), expand=False))
    parameters = _shown(command, context)
    panels: dict[str, list[Entry]] = {}
    for parameter in sorted(parameters, key=lambda parameter: _panel_of(parameter) == _OTHERS):
        panels.setdefault(_panel_of(parameter), []).append(_entry(parameter))
    for title, entries in panels.items():
        print_panel(console, title, entries)
    names = command.list_commands(context) if hasattr(command, "list_commands") else ()
    if names:
        commands = ((name, command.get_command(context, name)) for name in names)
        print_panel(
            console,
            "Commands",
            [([(name, NAME)], _first_sentence(subcommand.help or "")) for name, subcommand in commands],
        )
    if AFTERWARDS in context.meta:
        context.meta[AFTERWARDS](console)


def _paragraphs(text: str) -> Iterator[str]:
    """The paragraphs of a text, each in one line, but for those that are indented: they stay as they are."""
    for paragraph in inspect.cleandoc(text).split("\n\n"):
        yield paragraph if paragraph.startswith(" ") else " ".join(paragraph.split())


def _first_sentence(text: str) -> str:
    first = next(_paragraphs(text), "")
    return first.partition(": ")[0].partition(". ")[0].removesuffix(".") + "."


def _shown(command: Any, context: Any) -> list[Any]:
    return [parameter for parameter in command.get_params(context) if not getattr(parameter, "hidden", False)]


def _usage_of(command: Any, context: Any) -> list[str]:
    """The parts of a line that shows how a command is called."""
    parts = ["[OPTIONS]"]
    for parameter in _shown(command, context):
        if parameter.param_type_name == "argument":
            name = f"{_name_of(parameter)}{'...' if parameter.nargs == -1 else ''}"
            parts.append(name if parameter.required else f"[{name}]")
    return [*parts, "COMMAND ..."] if hasattr(command, "list_commands") else parts


def _panel_of(parameter: Any) -> str:
    kind = "Arguments" if parameter.param_type_name == "argument" else _OTHERS
    return getattr(parameter, "rich_help_panel", None) or kind


def _name_of(parameter: Any) -> str:
    """What stands for the value of a parameter."""
    return str(parameter.metavar or parameter.name.upper())


def _entry(parameter: Any) -> Entry:
    remarks = [parameter.help or ""]
    if parameter.param_type_name == "argument":
        return [(_name_of(parameter), NAME)], remarks[0]
    names = ", ".join(sorted(parameter.opts, key=len))
    if parameter.secondary_opts:
        names += "".join(f" / {name}" for name in parameter.secondary_opts)
    parts = [(names, NAME)]
    if not (parameter.is_flag or parameter.count):
        parts.append((f" {_name_of(parameter)}", VALUE))
    default = parameter.default
    if parameter.show_default and default not in (None, False, ()) and not callable(default):
        remarks.append(f"[default: {default.value if isinstance(default, Enum) else default}]")
    return parts, " ".join(filter(None, remarks))
