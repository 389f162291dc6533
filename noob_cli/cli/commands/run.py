"""`noob run`: run a tube."""

from collections.abc import Callable
from inspect import Parameter, Signature
from typing import TYPE_CHECKING, Any

import typer
from typer.core import TyperCommand

from noob_cli.cli.run.options import RunOptions
from noob_cli.cli.shell.help import AFTERWARDS
from noob_cli.held_signals import held_signals
from noob_cli.specification.model_plugins import no_model_plugins
from noob_cli.wording import listing

if TYPE_CHECKING:
    from rich.console import Console

app = typer.Typer(add_completion=False)


class _RunCommand(TyperCommand):
    """Its help ends with the inputs of the tube that is named on the line."""

    allow_extra_args = True

    def parse_args(self, ctx: Any, args: list[str]) -> Any:
        arguments = list(args)

        def show_inputs(console: "Console") -> None:
            from noob_cli.cli.show.tube_inputs import print_inputs

            options, _, _ = super(_RunCommand, self).make_parser(ctx).parse_args(arguments)
            if options.get("tube"):
                print_inputs(options["tube"], console)

        ctx.meta[AFTERWARDS] = show_inputs
        rest = super().parse_args(ctx, args)
        if ctx.args and not ctx.resilient_parsing:
            ctx.fail(
                f"one tube is run, found {listing(ctx.args)} behind it: records are given with '-f FILE', inputs with "
                "'-i NAME=VALUE'; a name with spaces in it is put in quotes"
            )
        return rest


def _with_options(command: Callable[[RunOptions], None]) -> Callable[..., None]:
    """The same with a parameter for each option, as typer wants them."""

    def with_options(**values: Any) -> None:
        command(RunOptions(**values))

    with_options.__doc__ = command.__doc__
    parameters = [
        Parameter(name, Parameter.KEYWORD_ONLY, annotation=option, default=getattr(RunOptions, name, Parameter.empty))
        for name, option in RunOptions.__annotations__.items()
        if hasattr(option, "__metadata__")
    ]
    with_options.__signature__ = Signature(parameters)  # type: ignore[attr-defined]
    return with_options


@app.command("run", cls=_RunCommand)
@_with_options
def run(options: RunOptions) -> None:
    """Run a tube, and write what its epochs return to standard output.

    Exit codes: 0 good, 1 a node or an asset failed or something was skipped, 2 the command line, the tube or the input
    is wrong, 130 stopped by Ctrl-C, 143 by SIGTERM, 129 by SIGHUP.

    Examples:

      noob run sunspots.yaml -n 3

      noob run access_log.yaml --input-format lines < access.log

      noob run scale.yaml -i factor=2 -f records.csv -o scaled.jsonl
    """
    with held_signals(), no_model_plugins():
        from noob_cli.cli.run.running import run_tube

    if options.quiet and options.verbose:
        raise typer.BadParameter("'-q' and '-v' contradict each other")
    if options.view:
        with held_signals():
            from noob_cli.cli.run.viewed import served

        options = options.replace(served=served)
    raise typer.Exit(run_tube(options))
