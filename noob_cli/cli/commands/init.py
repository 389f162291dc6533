"""`noob init`: begin a tube."""

from pathlib import Path
from typing import Annotated

import typer

app = typer.Typer(add_completion=False)


def _complete_sample() -> list[str]:
    from noob_cli.cli.begin.gallery import samples
    from noob_cli.errors import InputError

    try:
        return list(samples())
    except InputError:
        return []


@app.command("init")
def init(
    folder: Annotated[
        Path, typer.Argument(metavar="FOLDER", help="Where to; made if it isn't there. By default, the working folder.")
    ] = Path(),
    sample: Annotated[
        str | None,
        typer.Option(
            metavar="NAME",
            help="Write a sample, in a folder of its own, rather than a new tube: sunspots, words, savings, pages ...",
            autocompletion=_complete_sample,
        ),
    ] = None,
) -> None:
    """Begin a tube: write a commented one that runs, its module, and its tests.

    It is named like its folder. Nothing that is there is written over.

    Exit codes: 0 good, 2 there is no such sample, or a file is there already or can't be written.

    Examples:

      noob init first

      noob init --sample sunspots
    """
    import shlex

    from noob_cli.cli.begin.gallery import sample as sample_of
    from noob_cli.cli.begin.new_tube import new_tube
    from noob_cli.cli.begin.writing import write_new
    from noob_cli.cli.shell.loading import reported_problems
    from noob_cli.cli.shell.messages import say
    from noob_cli.cli.shell.stdout import open_stdout
    from noob_cli.printable import one_line

    with open_stdout() as stdout, reported_problems():
        files = new_tube(folder) if sample is None else sample_of(sample, folder)
        write_new(files)
        stdout.writelines(f"{one_line(str(path))}\n" for path in files)
    tube = next(path for path in files if path.suffix == ".yaml" and (sample is None or path.stem == sample))
    say(f"next: noob {'run' if sample is None else 'info'} {shlex.quote(str(tube))}")
