"""`noob explain`: what a diagnostic code means."""

from typing import Annotated

import typer

app = typer.Typer(add_completion=False)


def _complete_code() -> list[str]:
    from noob_cli.check.catalogue import RULES

    return list(RULES)


@app.command("explain")
def explain(
    code: Annotated[
        str,
        typer.Argument(
            metavar="CODE",
            help="The code of a diagnostic, or a rule's name.",
            autocompletion=_complete_code,
            show_default=False,
        ),
    ],
) -> None:
    """Explain a diagnostic code: the rule, a tube that breaks it, what `noob validate` says of that, and the cure.

    Exit codes: 0 good, 2 there is no such code.

    Example:

      noob explain G002
    """
    from noob_cli.cli.report.explaining import explanation_of, find_rule
    from noob_cli.cli.shell.messages import report_error
    from noob_cli.cli.shell.stdout import open_stdout
    from noob_cli.cli.show.table import console_of

    with open_stdout() as stdout:
        try:
            rule = find_rule(code)
        except LookupError as error:
            report_error(str(error.args[0]))
            raise SystemExit(2) from None
        stdout.write(explanation_of(rule, console_of(stdout).width))
