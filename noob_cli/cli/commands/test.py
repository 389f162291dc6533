"""`noob test`: run the tests of tubes."""

from typing import Annotated

import typer

from noob_cli.cli.shell.arguments import tubes_argument

app = typer.Typer(add_completion=False)


@app.command("test")
def run_tests(
    tubes: Annotated[list[str], tubes_argument("Tubes, files with tests, or folders with such files.")],
    update: Annotated[
        bool, typer.Option("--update", help="Write what the runs make into the tests as what is expected.")
    ] = False,
) -> None:
    """Run the tests of tubes: of `squares.yaml`, those in `squares.tube-test.yaml` beside it.

    A test gives records and inputs, and says which results are expected. It is run from the folder of its file. pytest
    collects these files, too.

    Exit codes: 0 all have passed, 1 one has failed, 2 a file or a tube is wrong, or what a test gives.

    Examples:

      noob test squares.yaml

      noob test sample_tubes

      noob test --update squares.yaml
    """
    from noob_cli.cli.run.testing import TestSession
    from noob_cli.cli.shell.stdout import open_stdout

    session = TestSession(update)
    with open_stdout() as stdout:
        session.run(tubes, stdout)
    raise typer.Exit(session.end())
