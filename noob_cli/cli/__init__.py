"""The command `noob`: one module per command, each imported only when it is used."""

from __future__ import annotations

import os
from typing import Annotated

import typer

import noob_cli
from noob_cli.cli import assets, compile, explain, graph, rules, run, schema, validate
from noob_cli.cli.completion import leave_as_typed
from noob_cli.cli.stderr import forgive_stderr

_EXAMPLES = """
Run declarative streaming graphs of plain Python functions.

Examples:

  noob run sample_tubes/sunspots/sunspots.yaml -n 3

  noob run sample_tubes/access_log/access_log.yaml --input-format lines < access.log

  noob validate sample_tubes

  noob assets list sample_tubes/sunspots/sunspots.yaml
"""

app = typer.Typer(
    name="noob",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
app.command("run")(run.run)
app.command("validate")(validate.validate)
app.add_typer(assets.app, name="assets")
app.command("compile")(compile.compile_)
app.command("graph")(graph.graph)
app.command("rules")(rules.rules)
app.command("explain")(explain.explain)
app.command("schema")(schema.schema)


def _print_version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"noob {noob_cli.__version__}")
        raise typer.Exit


@app.callback(help=_EXAMPLES)
def root(
    version: Annotated[
        bool,
        typer.Option("--version", help="Print the version and exit.", is_eager=True, callback=_print_version),
    ] = False,
) -> None:
    """The options of `noob` itself."""


def main() -> None:
    """The entry point of the command `noob`."""
    forgive_stderr()
    if "_NOOB_COMPLETE" in os.environ:
        leave_as_typed()
    app()
