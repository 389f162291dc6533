"""The command `noob`: one module per command, each imported only when it is used.

Annotations are not strings where typer reads them: it would evaluate each several times.
"""

import os
from importlib import import_module
from typing import Annotated, Any

import typer
from typer.core import TyperGroup
from typer.main import get_command

import noob_cli
from noob_cli.cli.shell.command_line import (
    convert_what_is_given,
    hint_for,
    refuse_twice_or_empty,
    usage_errors,
)
from noob_cli.cli.shell.completion import join_values, keep_options, keep_words_whole, leave_as_typed, leave_no_space
from noob_cli.cli.shell.help import show_readable_help
from noob_cli.cli.shell.stderr import forgive_stderr
from noob_cli.cli.shell.stdout import printed
from noob_cli.held_signals import held_signals
from noob_cli.working_folder import GONE, working_folders

_COMMANDS = (
    *("run", "init", "list", "info", "graph", "view", "validate", "test", "compile", "rules", "explain", "schema"),
    *("assets", "lsp", "guide"),
)
"""The commands, in the order of the help: each is the `app` of the module of its name."""

_EXAMPLES = """
Run declarative streaming graphs of plain Python functions.

Examples:

  noob run sample_tubes/sunspots/sunspots.yaml -n 3

  noob run sample_tubes/access_log/access_log.yaml --input-format lines \\
    < sample_tubes/access_log/access.log

  noob validate sample_tubes

  noob assets list sample_tubes/sunspots/sunspots.yaml
"""


class _CommandsOnDemand(TyperGroup):
    """Imports a command when it is asked for: who runs a tube doesn't wait for the options of the others."""

    def __init__(self, **settings: Any) -> None:
        super().__init__(**settings)
        not_yet: dict[str, Any] = dict.fromkeys(_COMMANDS)
        self.commands = not_yet
        convert_what_is_given(self)
        show_readable_help(self)

    def resolve_command(self, ctx: Any, args: list[str]) -> Any:
        """Tell those who know the command of the public package how it is written here."""
        if not ctx.resilient_parsing and (hint := hint_for(args)):
            ctx.fail(hint)
        return super().resolve_command(ctx, args)

    def make_context(self, *args: Any, **settings: Any) -> Any:
        with usage_errors():
            return super().make_context(*args, **settings)

    def invoke(self, ctx: Any) -> Any:
        with usage_errors():
            return super().invoke(ctx)

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        if cmd_name in self.commands and self.commands[cmd_name] is None:
            command: Any = get_command(import_module(f"{__name__}.commands.{cmd_name}").app)
            refuse_twice_or_empty(command)
            convert_what_is_given(command)
            show_readable_help(command)
            # That imports pydantic, which loses a KeyboardInterrupt now and then.
            command.make_context = held_signals()(command.make_context)
            self.commands[cmd_name] = command
        return self.commands.get(cmd_name)


app = typer.Typer(
    name="noob",
    cls=_CommandsOnDemand,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


def _print_version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"noob {noob_cli.__version__}")
        raise typer.Exit


@app.callback(help=_EXAMPLES)
def root(
    version: Annotated[
        bool, typer.Option("--version", help="Print the version and exit.", is_eager=True, callback=_print_version)
    ] = False,
) -> None:
    """The options of `noob` itself."""


def main() -> None:
    """The entry point of the command `noob`."""
    forgive_stderr()
    leave_no_space()
    if "_NOOB_COMPLETE" in os.environ:
        leave_as_typed()
        join_values()
        keep_options()
        keep_words_whole()
    try:
        with printed():
            app()
    except FileNotFoundError:
        # Whatever asks for it.
        if working_folders():
            raise
        from noob_cli.cli.shell.messages import report_error

        report_error(GONE)
        raise SystemExit(2) from None
