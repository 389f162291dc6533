"""Command lines beyond what typer makes of them: what is given twice, not given, or wrong, or meant for another."""

from __future__ import annotations

import shlex
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import typer

from noob_cli.printable import one_line

_UsageError: type[Exception] = typer.BadParameter.__bases__[0]
"""What typer raises for a line that it does not understand; it has a name in some of its versions only."""

_KIND = "Value error, "
"""What pydantic puts before what typer says of a choice."""

_PATHS = {"FILE": "file", "DIR": "folder"}
"""What the values are called of options that name one, and what it is."""

_NAMES = {"-if": "--input-format", "-of": "--output-format"}
"""The options of two letters that the command of the public package has."""


def refuse_twice_or_empty(command: Any) -> None:
    """Refuse options that are given twice, or that name a file or folder and are empty, as a shell's variable may be.

    Of an option that takes one value, or says yes and no, one would be dropped silently; an empty path would be the
    working folder.

    Args:
        command: The command, or a group of them, as typer has made it.
    """
    for subcommand in getattr(command, "commands", {}).values():
        refuse_twice_or_empty(subcommand)
    make_parser = command.make_parser

    def make_refusing_parser(context: Any) -> Any:
        parser = make_parser(context)
        parse_args = parser.parse_args

        def parse_once(args: list[str]) -> Any:
            values, rest, order = parse_args(args)
            for option in () if context.resilient_parsing else order:
                names = " / ".join(f"'{name}'" for name in [*option.opts, *option.secondary_opts])
                if order.count(option) > 1 and _is_single(option):
                    context.fail(f"{names} is given twice, and can be given once.")
                given = values[option.name]
                if option.metavar in _PATHS and "" in ([given] if isinstance(given, str) else given):
                    context.fail(f"{names} names no {_PATHS[option.metavar]}: what is given is empty.")
            return values, rest, order

        parser.parse_args = parse_once
        return parser

    command.make_parser = make_refusing_parser


def _is_single(option: Any) -> bool:
    if option.param_type_name != "option" or option.multiple or option.count:
        return False
    return not option.is_flag or bool(option.secondary_opts)


def convert_what_is_given(command: Any) -> None:
    """Convert no value of an option that is not given, for each of which typer makes what would do that.

    There is none then, or it is a default, which is what it has to be. What can be repeated, or has a callback, is left
    as it is: something may be made of no value there.

    Args:
        command: The command, as typer has made it.
    """
    for parameter in command.params:
        is_repeated = parameter.nargs != 1 or getattr(parameter, "multiple", False)
        if not (parameter.required or is_repeated or parameter.callback):
            parameter.process_value = _if_given(parameter.process_value)


def _if_given(process_value: Any) -> Any:
    return lambda context, value: process_value(context, value) if _is_given(value) else value


def _is_given(value: Any) -> bool:
    return type(value) is str or value is True


@contextmanager
def usage_errors() -> Iterator[None]:
    """Quote what is not understood inside of a command line without what steers a terminal."""
    try:
        yield
    except _UsageError as error:
        for attribute in ("message", "option_name", "param_hint"):
            text = getattr(error, attribute, None)
            if isinstance(text, str):
                setattr(error, attribute, one_line(text).removeprefix(_KIND))
        raise


def hint_for(arguments: Sequence[str]) -> str | None:
    """What to write instead of a command line that was written for the public package.

    Args:
        arguments: The command and its arguments: `run tube.yaml -if jsonl -i by 8`.

    Returns:
        The hint; None if it is written as it is here.
    """
    written = list(_written_here(arguments))
    if arguments[:1] != ["run"] or written == list(arguments):
        return None
    return f"this is how the command of the public package is written; here it is: noob {shlex.join(written)}"


def _written_here(arguments: Sequence[str]) -> Iterator[str]:
    left = list(arguments)
    while left:
        word = left.pop(0)
        if word == "--":
            yield from (word, *left)
            return
        yield _NAMES.get(word, word)
        is_apart = word in ("-i", "--input") and len(left) > 1 and "=" not in left[0]
        if is_apart and not left[1].startswith("-"):
            yield f"{left.pop(0)}={left.pop(0)}"
