"""The page of `noob view`, served until somebody has enough."""

from __future__ import annotations

import signal
import sys
import threading
from collections.abc import Iterable
from types import FrameType

from pydantic import ValidationError

from noob_cli.cli.run.inputs import texts_given
from noob_cli.cli.shell.messages import Level, say
from noob_cli.cli.shell.stderr import message_stream
from noob_cli.errors import InputError, TubeError
from noob_cli.held_signals import STOPPING
from noob_cli.specification.input import InputScope
from noob_cli.specification.tube import TubeSpecification
from noob_cli.spelling import suggest
from noob_cli.view.feed import Feed
from noob_cli.view.server import Server
from noob_cli.view.workbench import Workbench

_COMMAND = "noob_cli.cli.run.viewed"


def serve(tube: str, inputs: Iterable[str], port: int) -> None:
    """Serve the page of a tube until a signal comes, and then until its run has ended.

    Args:
        tube: The tube: a path or an id.
        inputs: What stands in the form at first: texts of the form `NAME=VALUE`.
        port: The port; 0 for any that is free.

    Raises:
        TubeNotFoundError: There is no such tube.
        InputError: The page can't be served, or an input has another form, is given twice, or is none of the tube.
    """
    given = texts_given(inputs)
    _know(given, tube)
    feed = Feed()
    server = Server(feed, lambda command, given: bench.do(command, given), port)
    bench = Workbench(tube, feed, _COMMAND, message_stream() or sys.stderr)
    feed.tell({"given": given})
    enough = threading.Event()

    def stop(number: int, _: FrameType | None) -> None:
        enough.set()
        bench.interrupt(number)

    for number in STOPPING:
        if signal.getsignal(number) is not signal.SIG_IGN:
            signal.signal(number, stop)
    server.begin()
    print(server.address, flush=True)
    say("who has this address can run the tube; Ctrl-C ends it", Level.warning)
    try:
        # In pieces: not everywhere does a signal end what waits.
        while not enough.wait(1):
            pass
    finally:
        bench.end()
        server.end()


def _know(given: Iterable[str], tube: str) -> None:
    """See whether inputs are among those of the tube; of one that is wrong nothing is known yet."""
    try:
        inputs = TubeSpecification.from_id(tube).input
    except (TubeError, ValidationError):
        return
    names = [name for name, spec in inputs.items() if spec.scope is InputScope.tube]
    for name in given:
        if name not in names:
            raise InputError(f"the form has no input '{name}': {suggest(name, names, 'inputs')}", name)
