"""`noob compile`: show the Python that a tube becomes."""

from typing import Annotated

import typer

from noob_cli.cli.shell.arguments import TubeArgument, inputs_option

app = typer.Typer(add_completion=False)


@app.command("compile")
def compile_(
    tube: TubeArgument,
    inputs: Annotated[list[str] | None, inputs_option("A tube-scoped input. Can be repeated.")] = None,
    plan: Annotated[
        bool,
        typer.Option("--plan", help="Print the plan instead: its steps, what each reads, writes and keeps, and where."),
    ] = False,
) -> None:
    """Print the Python that a tube becomes: the loop over its epochs, with the nodes' names.

    Exit codes: 0 good, 2 the tube or an input is wrong.

    Example:

      noob compile sunspots.yaml

      noob compile --plan sunspots.yaml
    """
    from noob_cli.cli.run.inputs import give_inputs
    from noob_cli.cli.shell.loading import reported_problems
    from noob_cli.cli.shell.stdout import open_stdout
    from noob_cli.codegen.reading import readable_source
    from noob_cli.plan.lowering.lowering import lower
    from noob_cli.plan.printing import printed
    from noob_cli.tube import Tube

    with open_stdout() as stdout, reported_problems():
        loaded = Tube.load(tube)
        give_inputs(inputs or (), loaded)
        stdout.write(printed(lower(loaded, loaded.disabled)) if plan else readable_source(loaded))
