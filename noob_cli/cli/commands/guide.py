"""`noob guide`: the pages of the guide."""

from typing import Annotated

import typer

app = typer.Typer(add_completion=False)


def _complete_topic() -> list[str]:
    from noob_cli.guide import topics

    return list(topics())


@app.command("guide")
def guide(
    topic: Annotated[
        str | None,
        typer.Argument(
            metavar="TOPIC",
            help="The page; without one, all are listed.",
            autocompletion=_complete_topic,
            show_default=False,
        ),
    ] = None,
) -> None:
    """Show a page of the guide, or list the pages: laid out on a terminal, as Markdown in a pipe.

    Exit codes: 0 good, 2 there is no such page.

    Example:

      noob guide language
    """
    from rich.text import Text

    from noob_cli.cli.shell.messages import report_error
    from noob_cli.cli.shell.rows import named_rows
    from noob_cli.cli.shell.stdout import open_stdout
    from noob_cli.cli.show.table import console_of
    from noob_cli.guide import page_of, summary_of, topics
    from noob_cli.spelling import suggest

    with open_stdout() as stdout:
        if topic is None:
            console = console_of(stdout)
            pages = ((Text(name), Text(summary_of(name))) for name in topics())
            console.print(*named_rows(pages, console, console.width), sep="\n")
        elif topic.lower() not in topics():
            report_error(f"there is no page '{topic}' in the guide: {suggest(topic.lower(), topics(), 'pages')}")
            raise SystemExit(2)
        elif stdout.isatty():
            from rich.console import Console
            from rich.markdown import Markdown

            Console(file=stdout).print(Markdown(page_of(topic.lower())))
        else:
            stdout.write(page_of(topic.lower()))
