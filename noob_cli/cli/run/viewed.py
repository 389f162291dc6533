"""Runs that are shown on a page: of `noob run --view`, and those that the page of `noob view` starts.

`python -m noob_cli.cli.run.viewed TELLS HEARS` is such a run: it reads what was asked for, and then what it is told to
do, line by line from one descriptor, and writes the facts that the page is told to the other.
"""

from __future__ import annotations

import json
import os
import signal
import sys
import threading
from collections.abc import Mapping
from contextlib import ExitStack, suppress
from typing import IO, Any

from noob_cli.cli.run.options import RunOptions
from noob_cli.cli.run.running import run_tube
from noob_cli.cli.shell import SIGNALLED
from noob_cli.cli.shell.messages import Level, say
from noob_cli.cli.shell.stderr import forgive_stderr
from noob_cli.errors import InputError
from noob_cli.held_signals import STOPPING
from noob_cli.records.faults import RecordError
from noob_cli.results.format import ResultFormat
from noob_cli.tube import Tube
from noob_cli.view.feed import Facts, Feed, Tell
from noob_cli.view.looking import drawn
from noob_cli.view.server import Server
from noob_cli.view.view import View


def served(tube: Tube, stack: ExitStack) -> View:
    """What shows the run of a tube on a page of its own.

    Args:
        tube: The tube.
        stack: Ends the page.

    Raises:
        InputError: It can't be served.
    """
    feed = Feed(lambda is_watched: view.watch(is_watched))
    view = View(feed.tell)

    def do(command: str, given: Mapping[str, Any]) -> None:
        if command == "fold":
            feed.tell(drawn(tube, given.get("folded")))
        else:
            view.do(command)

    server = Server(feed, do)
    feed.tell({**drawn(tube, None), "problems": [], "starts": False, "run": {"state": "starting"}})
    server.begin()
    stack.callback(server.end)
    stack.callback(view.end)
    say(f"the run is shown at {server.address}", Level.warning)
    return view


def _told_over(tell: Tell, hears: IO[str], is_open: bool) -> View:
    """What shows a run to another process."""

    def listen() -> None:
        for line in hears:
            with suppress(InputError):
                view.do(line.strip())
        # Who has started it is gone.
        os.kill(os.getpid(), signal.SIGTERM)

    view = View(tell, measures=True, is_open=is_open)
    view.watch(True)
    threading.Thread(target=listen, name="noob view", daemon=True).start()
    return view


def main() -> int:
    """Run what the first line asks for, and return the exit code."""
    try:
        signal.pthread_sigmask(signal.SIG_UNBLOCK, STOPPING)
        return _main()
    except KeyboardInterrupt:
        return SIGNALLED + signal.SIGINT


def _main() -> int:
    """Run the tube that the process behind the page asks for, and tell it what there is to see."""
    forgive_stderr()
    for descriptor in map(int, sys.argv[1:]):
        # Not for what nodes start.
        os.set_inheritable(descriptor, False)
    tells, hears = os.fdopen(int(sys.argv[1]), "w", encoding="utf-8"), os.fdopen(int(sys.argv[2]), encoding="utf-8")
    asked = json.loads(hears.readline())

    def tell(facts: Facts) -> None:
        with suppress(OSError):
            # In one piece: threads tell something.
            print(f"{json.dumps(facts, allow_nan=False)}\n", end="", file=tells, flush=True)

    def told_over(_: Tube, stack: ExitStack) -> View:
        view = _told_over(tell, hears, is_open=not asked["held"])
        stack.callback(view.end)
        return view

    def refused(error: InputError | RecordError, said: str) -> None:
        name = error.input_name if isinstance(error, InputError) and error.record is None else None
        tell({"wrong": {"input": name, "text": said}})

    inputs = [f"{name}={value}" for name, value in asked["inputs"].items()]
    files = ["-"] if asked["records"] else []
    options = RunOptions(
        asked["tube"],
        inputs=inputs,
        files=files,
        output_format=ResultFormat.none,
        progress=False,
        served=told_over,
        refused=refused,
    )
    return run_tube(options)


if __name__ == "__main__":
    sys.exit(main())
