"""`noob schema`: a JSON Schema of tube files, for editors."""

import typer

app = typer.Typer(add_completion=False)


@app.command("schema")
def schema() -> None:
    """Print a JSON Schema (2020-12) of a tube file, with which an editor completes and checks tubes.

    Example:

      noob schema > tube.schema.json
    """
    import json

    from noob_cli.cli.shell.stdout import open_stdout
    from noob_cli.specification.schema import tube_schema

    with open_stdout() as stdout:
        json.dump(tube_schema(), stdout, indent=2, ensure_ascii=False)
        stdout.write("\n")
