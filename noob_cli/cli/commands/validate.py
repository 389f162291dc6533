"""`noob validate`: check tubes without running them."""

from collections.abc import Callable, Iterator
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated, TextIO

import typer

from noob_cli.cli.shell.arguments import tubes_argument

if TYPE_CHECKING:
    from noob_cli.cli.report.checking import Checked

app = typer.Typer(add_completion=False)


class ReportFormat(StrEnum):
    """How what was found is written."""

    text = "text"
    json = "json"
    github = "github"
    sarif = "sarif"


@app.command("validate")
def validate(
    tubes: Annotated[list[str], tubes_argument("Files, ids or folders, or - for standard input.")],
    report_format: Annotated[
        ReportFormat,
        typer.Option(
            "--format",
            metavar="FORMAT",
            help="text, for people; json, a list; github, annotations; sarif, in version 2.1.0.",
        ),
    ] = ReportFormat.text,
    strict: Annotated[bool, typer.Option("--strict", help="Make warnings errors.")] = False,
    static: Annotated[
        bool, typer.Option("--static", help="Only read the code that a tube names: import nothing of it.")
    ] = False,
) -> None:
    """Check tubes without running them, and say what is wrong with each.

    Text has its diagnostics on standard error; all other formats have them on standard output. What a code means is
    told by `noob explain CODE`. With --static nothing of the tube's code is run, and what can't be known
    without that is not said.

    Exit codes: 0 all are valid, 2 one is not.

    Examples:

      noob validate sunspots.yaml sample_tubes

      noob validate . --strict --format github
    """
    from noob_cli.cli.report.checking import Totals, check_tubes
    from noob_cli.cli.shell.messages import say
    from noob_cli.cli.shell.stdout import open_stdout
    from noob_cli.code.codebase import ImportedCode, Opening

    opening: Opening = ImportedCode
    if static:
        from noob_cli.code.reading.reading import ReadCode

        opening = ReadCode
    write = _writer_of(report_format)
    totals = Totals()
    with open_stdout() as stdout:
        write(totals.counting(check_tubes(tubes, strict, opening)), stdout)
    # That all is well has been said of each tube already.
    if totals.errors or totals.warnings or report_format is not ReportFormat.text:
        say(str(totals))
    raise typer.Exit(2 if totals.errors else 0)


def _writer_of(report_format: ReportFormat) -> Callable[[Iterator["Checked"], TextIO], None]:
    from noob_cli.cli.report.github import write_github
    from noob_cli.cli.report.json_list import write_json
    from noob_cli.cli.report.text import write_text

    if report_format is ReportFormat.sarif:
        # Who doesn't write it doesn't pay for the import of all rules.
        from noob_cli.cli.report.sarif import write_sarif

        return write_sarif
    writers = {ReportFormat.text: write_text, ReportFormat.json: write_json, ReportFormat.github: write_github}
    return writers[report_format]
