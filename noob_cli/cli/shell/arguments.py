"""Arguments and options that several commands have.

Annotations are not strings where typer reads them: it would evaluate each several times.
"""

from typing import Annotated, Any

import typer

from noob_cli.cli.shell.completion import complete_input, complete_tube


def tubes_argument(help_text: str) -> Any:
    """The tubes that a command is about, of which there may be several.

    Args:
        help_text: What may be named.
    """
    return typer.Argument(metavar="TUBE", help=help_text, autocompletion=complete_tube, show_default=False)


TubeArgument = Annotated[str, tubes_argument("The tube: a path or an id.")]
"""The tube that a command is about."""


def inputs_option(help_text: str, panel: str | None = None) -> Any:
    """Inputs of the tube, each as `NAME=VALUE`.

    Args:
        help_text: What is done with them.
        panel: The part of the help that it stands in.
    """
    return typer.Option(
        "-i",
        "--input",
        metavar="NAME=VALUE",
        autocompletion=complete_input,
        help=help_text,
        show_default=False,
        rich_help_panel=panel,
    )
