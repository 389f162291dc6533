"""`noob lsp`: the language server for editors."""

import sys

import typer

app = typer.Typer(add_completion=False)


@app.command("lsp")
def lsp() -> None:
    """Serve an editor over standard input and output, by the Language Server Protocol.

    It is started by the editor: `noob guide editors` says how. The code that a tube names is read, and never imported.

    Exit codes: 0 the editor has ended it, 2 it can't be started.
    """
    import noob_cli
    from noob_cli.cli.shell.loading import reported_problems
    from noob_cli.cli.shell.messages import report_error
    from noob_cli.extras import import_extra

    if sys.stdin is not None and sys.stdin.isatty():
        report_error("'noob lsp' is started by an editor, to which it speaks: 'noob guide editors' says how")
        raise typer.Exit(2)
    with reported_problems():
        import_extra("pygls.lsp.server", "lsp", "'noob lsp'")
    from noob_cli.lsp.server import serve

    serve(noob_cli.__version__)
