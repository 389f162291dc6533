"""`noob validate`: check tubes without running them."""

from __future__ import annotations

from typing import Annotated

import typer

from noob_cli.cli.completion import complete_tube


def validate(
    tubes: Annotated[
        list[str],
        typer.Argument(help="Files, ids or folders.", autocompletion=complete_tube, show_default=False),
    ],
) -> None:
    """Check tubes without running them, and say what is wrong with each.

    Exit codes: 0 all are valid, 2 one is not.

    Example:

      noob validate sunspots.yaml sample_tubes
    """
    from noob_cli.cli.messages import report_diagnostics, report_error
    from noob_cli.cli.selection import select_tubes
    from noob_cli.cli.stdout import open_stdout
    from noob_cli.errors import TubeError, TubeNotFoundError
    from noob_cli.tube import document_of, load_tube

    with open_stdout() as stdout:
        selection = select_tubes(tubes)
        wrong = len(selection.problems)
        for problem in selection.problems:
            report_error(problem)
        for name, path in selection.tubes:
            try:
                tube = load_tube(document_of(path))
            except (TubeError, TubeNotFoundError) as error:
                wrong += 1
                if isinstance(error, TubeError):
                    report_diagnostics(error.diagnostics)
                else:
                    report_error(str(error))
                continue
            report_diagnostics(tube.warnings)
            stdout.write(f"{name}: valid\n")
    raise typer.Exit(2 if wrong else 0)
