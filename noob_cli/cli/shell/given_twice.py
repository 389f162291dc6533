"""Options that are given twice, of which one would be dropped in silence."""

from __future__ import annotations

from typing import Any


def refuse_options_given_twice(command: Any) -> None:
    """Make it an error to give an option twice that takes one value, or says yes and no.

    Args:
        command: The command, or a group of them, as typer has made it.
    """
    for subcommand in getattr(command, "commands", {}).values():
        refuse_options_given_twice(subcommand)
    make_parser = command.make_parser

    def make_refusing_parser(context: Any) -> Any:
        parser = make_parser(context)
        parse_args = parser.parse_args

        def parse_once(args: list[str]) -> Any:
            values, rest, order = parse_args(args)
            for option in order:
                if order.count(option) > 1 and _is_single(option) and not context.resilient_parsing:
                    names = " / ".join(f"'{name}'" for name in [*option.opts, *option.secondary_opts])
                    context.fail(f"{names} is given twice, and can be given once.")
            return values, rest, order

        parser.parse_args = parse_once
        return parser

    command.make_parser = make_refusing_parser


def _is_single(option: Any) -> bool:
    if option.param_type_name != "option" or option.multiple or option.count:
        return False
    return not option.is_flag or bool(option.secondary_opts)
