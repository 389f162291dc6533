"""What is shown of a run while it goes on: how far it is, what is watched, and that it does nothing."""

from __future__ import annotations

import os
from collections.abc import Callable
from contextlib import ExitStack
from typing import TYPE_CHECKING

from noob_cli.cli.run.breakpoints import may_pause
from noob_cli.cli.run.written_files import is_named_stdout
from noob_cli.cli.shell.stderr import message_stream
from noob_cli.errors import InputError

if TYPE_CHECKING:
    from noob_cli.cli.run.opening import Opened
    from noob_cli.cli.run.options import RunOptions
    from noob_cli.cli.run.progress import Progress
    from noob_cli.cli.run.watched import Watched
    from noob_cli.graph.graph import Graph
    from noob_cli.results.writer import ResultWriter
    from noob_cli.runners.synchronous import SynchronousRunner


def shown(options: RunOptions, runner: SynchronousRunner, opened: Opened) -> ExitStack:
    """Begin to show what was asked for.

    Args:
        options: What was asked for.
        runner: Makes the epochs.
        opened: What the run reads and writes.

    Returns:
        What ends it.
    """
    on_terminal = _is_terminal()
    with ExitStack() as stack:
        panels: list[Watched | Progress] = []
        looks: list[Callable[[], object]] = []
        if opened.watched:
            # Only those who watch something pay for it.
            from noob_cli.cli.run.watched import Watched

            values = stack.enter_context(runner.watching())
            seen = Watched(opened.watched, runner, values)
            panels.append(seen)
            looks.append(seen.look)
        if _wants_progress(options, opened, on_terminal=on_terminal):
            from noob_cli.cli.run.progress import Progress

            panels.append(Progress(options, runner, opened.writer, opened.reader))
        if panels:
            from noob_cli.cli.run.display import Display, Lines

            # Results on the same terminal come between lines that stay, and would come into others.
            is_refreshed = on_terminal and not opened.writer.is_on_terminal
            told = (
                Display([panel.rendered for panel in panels])
                if is_refreshed
                else Lines([panel.lines for panel in panels], looks)
            )
            stack.enter_context(told)
        if may_idle(options, runner.tube.graph, has_records=opened.reader is not None):
            from noob_cli.cli.run.idling import IdleWarning

            stack.enter_context(IdleWarning(runner, opened.writer))
        return stack.pop_all()


def may_idle(options: RunOptions, graph: Graph, *, has_records: bool) -> bool:
    """Whether nothing makes epochs wait that may have no result. Who has said how many there are to be knows.

    Args:
        options: What was asked for.
        graph: The graph of the tube.
        has_records: Whether each epoch is made for a record.
    """
    waits = has_records or graph.has_source
    return not waits and graph.return_node is not None and options.epochs is None


def refuse_between_results(writer: ResultWriter) -> None:
    """Watch nothing where the results would stand between what is shown.

    Args:
        writer: Writes the results.

    Raises:
        InputError: Results would come in between.
    """
    if writer.is_on_terminal and _is_terminal():
        raise InputError(
            "'--watch' shows lines on the terminal, and the results would come between them: write these to a file "
            "with '-o FILE', or add '--output-format none'"
        )


def _wants_progress(options: RunOptions, opened: Opened, *, on_terminal: bool) -> bool:
    """Whether progress is shown: by default where it is seen on a terminal, and disturbs nobody there."""
    if options.progress is not None:
        return options.progress
    if options.quiet:
        return False
    # Who reads standard output may be a pager, which has the same terminal.
    is_read = opened.is_piped or is_named_stdout(options.errors) or not opened.writer.is_read_by_nobody
    # A debugger of the user's own choice would be disturbed.
    return on_terminal and not is_read and may_pause()


def _is_terminal() -> bool:
    """Whether lines can be refreshed where it is told."""
    stream = message_stream()
    return stream is not None and stream.isatty() and os.environ.get("TERM") not in ("dumb", "unknown")
