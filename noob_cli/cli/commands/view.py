"""`noob view`: a tube and its runs as a page in the browser."""

from typing import Annotated

import typer

from noob_cli.cli.shell.arguments import TubeArgument, inputs_option

app = typer.Typer(add_completion=False)


@app.command("view")
def view(
    tube: TubeArgument,
    inputs: Annotated[list[str] | None, inputs_option("What stands in the form at first. Can be repeated.")] = None,
    port: Annotated[
        int, typer.Option(min=0, max=65535, metavar="PORT", help="The port of this machine. 0 is any that is free.")
    ] = 0,
) -> None:
    """Show a tube as a page in the browser: its graph, its runs, and what is wrong with it while you edit it.

    The page is served to this machine only. Who has its address can run the tube.

    Exit codes: 0 ended by Ctrl-C, 2 there is no such tube, or the page can't be served.

    Examples:

      noob view sunspots.yaml

      noob view sunspots.yaml -i first=1954 --port 8080
    """
    from noob_cli.cli.run.page import serve
    from noob_cli.cli.shell.loading import reported_problems

    with reported_problems():
        serve(tube, inputs or (), port)
