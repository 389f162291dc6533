"""`noob list`: all tubes that are found."""

from typing import Annotated

import typer

from noob_cli.cli.shell.arguments import tubes_argument

app = typer.Typer(add_completion=False)


@app.command("list")
def list_tubes(
    places: Annotated[
        list[str] | None, tubes_argument("Files, ids or folders; without any, all places where an id is looked for.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print a list of objects, for scripts.")] = False,
) -> None:
    """List the tubes that are found: the id, the file and the description of each, and what is wrong with it.

    One without an id is run by its file. Code is only read, and not imported: 'noob validate' says all.

    Without an argument, those below the working folder, the folders in NOOB_PATH, those that '[tool.noob] tubes' in
    pyproject.toml names, the user's config folder, and the folders of installed packages.

    Exit codes: 0 good, 2 something that is named is not there.

    Examples:

      noob list

      noob list sample_tubes --json | jq '.[].path'
    """
    from noob_cli.cli.report.selection import select_tubes
    from noob_cli.cli.shell.loading import reported_problems
    from noob_cli.cli.shell.messages import report_error, report_warning
    from noob_cli.cli.shell.stdout import open_stdout
    from noob_cli.cli.show.facts_json import print_json
    from noob_cli.cli.show.tube_list import listed_tubes, print_tubes
    from noob_cli.specification.search import search_places

    with open_stdout() as stdout, reported_problems():
        failed: list[str] = []
        if not places:
            searched = search_places()
            places, failed = [str(folder) for folder in searched.folders], [*searched.missing, *searched.failed]
            selection = select_tubes(places, required=False)
        else:
            selection = select_tubes(places)
        for failure in failed:
            report_warning(failure)
        for problem in selection.problems:
            report_error(problem)
        tubes = listed_tubes(tube_file.path for _, tube_file in selection.tubes)
        if as_json:
            print_json(tubes, stdout)
        elif tubes or not selection.problems:
            print_tubes(tubes, stdout)
    raise typer.Exit(2 if selection.problems else 0)
