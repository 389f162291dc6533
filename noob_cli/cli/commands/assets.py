"""`noob assets list`: the assets of tubes."""

from typing import Annotated

import typer

from noob_cli.cli.shell.arguments import tubes_argument

app = typer.Typer(name="assets", add_completion=False, help="Look at the assets of tubes.", no_args_is_help=True)


@app.callback()
def assets() -> None:
    """Look at the assets of tubes."""


@app.command("list")
def list_assets(
    tubes: Annotated[
        list[str] | None, tubes_argument("Files, ids or folders; without any, all below the working folder.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print a list of objects, for scripts.")] = False,
) -> None:
    """List every asset: its scope, what makes it, what is stored in it, and which nodes read it.

    Exit codes: 0 good, 2 a tube is broken or can't be found; the others are listed all the same.

    Examples:

      noob assets list sunspots.yaml

      noob assets list --json | jq '.[].id'
    """
    from noob_cli.cli.report.selection import select_tubes
    from noob_cli.cli.shell.messages import report_diagnostics, report_error
    from noob_cli.cli.shell.stdout import open_stdout
    from noob_cli.cli.show.asset_table import AssetFacts, asset_facts, print_assets
    from noob_cli.cli.show.facts_json import print_json
    from noob_cli.errors import TubeError
    from noob_cli.loading.loading import load
    from noob_cli.specification.document import open_document
    from noob_cli.tube import Tube
    from noob_cli.working_folder import GONE, working_folders

    if not tubes and not working_folders():
        report_error(GONE)
        raise typer.Exit(2)
    with open_stdout() as stdout:
        selection = select_tubes(tubes or ["."], required=bool(tubes))
        facts: list[AssetFacts] = []
        broken = len(selection.problems)
        for problem in selection.problems:
            report_error(problem)
        for name, tube_file in selection.tubes:
            try:
                facts += asset_facts(Tube(load(open_document(*tube_file))), name)
            except TubeError as error:
                broken += 1
                report_error(f"{name} is broken and not listed")
                report_diagnostics(diagnostic for diagnostic in error.diagnostics if diagnostic.is_error)
        if as_json:
            print_json(facts, stdout)
        else:
            print_assets(facts, stdout)
    raise typer.Exit(2 if broken else 0)
