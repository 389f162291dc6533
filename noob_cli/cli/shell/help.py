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

_NAME, _VALUE = "bold cyan", "yellow"
_MOST_BESIDE = 26
"""How wide a name is at most that has its help beside it; below a longer one, it is in the next line."""
_NARROW = 60
"""Below how many columns all help is in the next line."""


def show_readable_help(command: Any) -> None:
    """Let a command show its help in this way.

    Args:
        command: The command, or a group of them, as typer has made it.
    """
    for subcommand in getattr(command, "commands", {}).values():
        if subcommand is not None:
            show_readable_help(subcommand)
    command.format_help = MethodType(_show_help, command)


def print_panel(console: Console, title: str, entries: Iterable[Entry]) -> None:
    """Print names with what is told of each, in a frame.

    Args:
        console: Where to.
        title: What they are.
        entries: The names.
    """
    from rich.cells import cell_len
    from rich.console import Group
    from rich.padding import Padding
    from rich.panel import Panel
    from rich.table import Table
    from rich.text import Text

    named = [(Text.assemble(*parts, overflow="fold"), Text(told)) for parts, told in entries]
    lengths = [cell_len(name.plain) for name, _ in named]
    beside = max((length for length in lengths if length <= _MOST_BESIDE), default=0)
    is_narrow = console.width < _NARROW
    rows: list[Any] = []
    for (name, told), length in zip(named, lengths, strict=True):
        if is_narrow or length > _MOST_BESIDE:
            rows += [name, Padding(told, (0, 0, 0, 4 if is_narrow else beside + 2))]
        else:
            row = Table.grid(padding=(0, 2, 0, 0))
            row.add_column(width=beside)
            row.add_row(name, told)
            rows.append(row)
    console.print(Panel(Group(*rows), title=title, title_align="left", border_style="dim"))


def _show_help(command: Any, context: Any, formatter: object) -> None:
    from rich.console import Console
    from rich.padding import Padding
    from rich.text import Text

    console = Console(highlight=False)
    parameters = [each for each in command.get_params(context) if not getattr(each, "hidden", False)]
    names = command.list_commands(context) if hasattr(command, "list_commands") else ()
    usage = ["[OPTIONS]", *_arguments(parameters), *(["COMMAND ..."] if names else [])]
    console.print(
        Padding(Text.assemble("Usage: ", (context.command_path, "bold"), " ", " ".join(usage)), 1, expand=False)
    )
    for paragraph in _paragraphs(command.help or ""):
        console.print(Padding(Text(paragraph), (0, 1, 1, 1), expand=False))
    panels: dict[str, list[Entry]] = {}
    for parameter in sorted(parameters, key=lambda parameter: _panel_of(parameter) == _OTHERS):
        panels.setdefault(_panel_of(parameter), []).append(_entry(parameter))
    for title, entries in panels.items():
        print_panel(console, title, entries)
    if names:
        commands = ((name, command.get_command(context, name)) for name in names)
        print_panel(
            console, "Commands", [([(name, _NAME)], _first_sentence(each.help or "")) for name, each in commands]
        )
    for show_more in context.meta.get(AFTERWARDS, ()):
        show_more(console)


def _paragraphs(text: str) -> Iterator[str]:
    """The paragraphs of a text, each in one line, but for those that are indented: they stay as they are."""
    for paragraph in inspect.cleandoc(text).split("\n\n"):
        yield paragraph if paragraph.startswith(" ") else " ".join(paragraph.split())


def _first_sentence(text: str) -> str:
    first = next(_paragraphs(text), "")
    return first.partition(": ")[0].partition(". ")[0].removesuffix(".") + "."


def _arguments(parameters: Iterable[Any]) -> Iterator[str]:
    for parameter in parameters:
        if parameter.param_type_name == "argument":
            name = f"{_name_of(parameter)}{'...' if parameter.nargs == -1 else ''}"
            yield name if parameter.required else f"[{name}]"


def _panel_of(parameter: Any) -> str:
    kind = "Arguments" if parameter.param_type_name == "argument" else _OTHERS
    return getattr(parameter, "rich_help_panel", None) or kind


def _name_of(parameter: Any) -> str:
    """What stands for the value of a parameter."""
    return str(parameter.metavar or parameter.name.upper())


def _entry(parameter: Any) -> Entry:
    told = [parameter.help or ""]
    if parameter.param_type_name == "argument":
        return [(_name_of(parameter), _NAME)], told[0]
    names = ", ".join(sorted(parameter.opts, key=len))
    if parameter.secondary_opts:
        names += "".join(f" / {name}" for name in parameter.secondary_opts)
    parts = [(names, _NAME)]
    if not (parameter.is_flag or parameter.count):
        parts.append((f" {_name_of(parameter)}", _VALUE))
    default = parameter.default
    if parameter.show_default and default not in (None, False, ()) and not callable(default):
        told.append(f"[default: {default.value if isinstance(default, Enum) else default}]")
    return parts, " ".join(filter(None, told))
