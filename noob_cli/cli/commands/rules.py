"""`noob rules`: the rules by which tubes are checked."""

import typer

app = typer.Typer(add_completion=False)


@app.command("rules")
def rules() -> None:
    """List all rules by which tubes are checked: code, name, severity, and what is wrong.

    Example:

      noob rules | grep gather
    """
    from rich.table import Table

    from noob_cli.check.catalogue import RULES
    from noob_cli.cli.shell.stdout import open_stdout
    from noob_cli.cli.show.table import print_table

    with open_stdout() as stdout:
        table = Table("code", "name", "severity", "summary")
        for rule in RULES.values():
            table.add_row(rule.code, rule.name, rule.severity.value, rule.summary)
        print_table(table, stdout)
