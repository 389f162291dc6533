"""`noob graph`: show the graph of a tube."""

from enum import StrEnum
from typing import Annotated

import typer

from noob_cli.cli.shell.arguments import TubeArgument, inputs_option

app = typer.Typer(add_completion=False)


class GraphFormat(StrEnum):
    """How a graph is shown."""

    tree = "tree"
    mermaid = "mermaid"
    dot = "dot"
    svg = "svg"
    html = "html"


@app.command("graph")
def graph(
    tube: TubeArgument,
    graph_format: Annotated[
        GraphFormat,
        typer.Option(
            "--format",
            metavar="FORMAT",
            help="tree, for the terminal; mermaid; dot, the language of Graphviz; svg, a picture; html, a page around "
            "it.",
        ),
    ] = GraphFormat.tree,
    stages: Annotated[
        bool,
        typer.Option(
            "--stages", help="Show what a parallel runner does for several epochs at once, and what in order."
        ),
    ] = False,
    inputs: Annotated[list[str] | None, inputs_option("With --stages, a tube-scoped input.")] = None,
) -> None:
    """Show the graph of a tube: its inputs, assets and nodes, its loops, and the tubes that are nodes of it.

    A picture is laid out by the program 'dot' of Graphviz, or by the extra 'draw'.

    Exit codes: 0 good, 2 the tube is wrong, or nothing is there that lays out a picture.

    Examples:

      noob graph sunspots.yaml

      noob graph sunspots.yaml --format svg > sunspots.svg

      noob graph words.yaml --stages
    """
    from noob_cli.cli.run.inputs import give_inputs
    from noob_cli.cli.shell.loading import reported_problems
    from noob_cli.cli.shell.stdout import open_stdout
    from noob_cli.cli.show.stages import stage_facts, stage_lines
    from noob_cli.drawing.dot import dot
    from noob_cli.drawing.html import html
    from noob_cli.drawing.mermaid import mermaid
    from noob_cli.drawing.svg import svg
    from noob_cli.drawing.tree import tree
    from noob_cli.errors import InputError
    from noob_cli.tube import Tube

    draw = {
        GraphFormat.tree: tree,
        GraphFormat.mermaid: mermaid,
        GraphFormat.dot: dot,
        GraphFormat.svg: svg,
        GraphFormat.html: html,
    }
    with open_stdout() as stdout, reported_problems():
        if inputs and not stages:
            raise InputError("'-i' is for '--stages': the graph is that of the file, whatever its inputs are given")
        loaded = Tube.load(tube)
        if stages:
            if graph_format is not GraphFormat.tree:
                raise InputError("'--stages' shows lines of text, in no other format: leave out '--format'")
            give_inputs(inputs or (), loaded)
            stdout.writelines(f"{line}\n" for line in stage_lines(stage_facts(loaded)))
        else:
            stdout.write(draw[graph_format](loaded))
