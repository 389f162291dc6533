"""`noob info`: what there is to know of a tube before it is run."""

from typing import Annotated

import typer

from noob_cli.cli.shell.arguments import TubeArgument, inputs_option

app = typer.Typer(add_completion=False)


@app.command("info")
def info(
    tube: TubeArgument,
    inputs: Annotated[
        list[str] | None, inputs_option("A tube-scoped input, where something depends on it. Can be repeated.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print an object, for scripts.")] = False,
) -> None:
    """Show what a tube is: its inputs, nodes and assets, how it ends, what a checkpoint holds, what can run at once.

    The command that it shows runs the tube as it is; in the place of an input that has to be given stands its type.

    Exit codes: 0 good, 2 the tube or an input is wrong.

    Examples:

      noob info sunspots.yaml

      noob info sunspots.yaml --json | jq '.inputs[].name'
    """
    from noob_cli.cli.run.inputs import give_inputs, missing_inputs
    from noob_cli.cli.shell.loading import reported_problems
    from noob_cli.cli.shell.messages import display_path
    from noob_cli.cli.shell.stdout import open_stdout
    from noob_cli.cli.show.facts_json import print_json
    from noob_cli.cli.show.info import print_info
    from noob_cli.cli.show.tube_facts import tube_facts
    from noob_cli.tube import Tube

    with open_stdout() as stdout, reported_problems():
        loaded = Tube.load(tube)
        missing = missing_inputs(inputs or (), loaded)
        if not missing:
            give_inputs(inputs or (), loaded)
        facts = tube_facts(loaded, display_path(loaded.document.file), missing)
        if as_json:
            print_json(facts, stdout)
        else:
            print_info(facts, stdout)
