"""How often a run saves a checkpoint, and the pauses in which it does."""

from __future__ import annotations

import re
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

from noob_cli.errors import InputError
from noob_cli.named_tuple import NamedTuple

if TYPE_CHECKING:
    from noob_cli.records.patience import Patience
    from noob_cli.runners.synchronous import SynchronousRunner

EVERY: Final = "30s"
"""How often a checkpoint is saved, unless something else is asked for."""


class SavingInterval(NamedTuple):
    """How often a checkpoint is saved: after so many epochs, or seconds."""

    epochs: int | None = None
    seconds: float | None = None


def interval_of(text: str) -> SavingInterval:
    """Read how often a checkpoint is saved.

    Args:
        text: A number of epochs, or of seconds: `1000`, `30s`.

    Raises:
        InputError: The text is neither of the two.
    """
    match = re.fullmatch(r"(\d+)|(\d+(?:\.\d*)?|\.\d+)s", text)
    if match is None or float(match[1] or match[2]) == 0:
        raise InputError(
            f"'--checkpoint-every' takes a number of epochs, such as 1000, or of seconds, such as 30s, found '{text}'"
        )
    if match[1]:
        return SavingInterval(epochs=sys.maxsize if float(match[1]) >= sys.maxsize else int(match[1]))
    return SavingInterval(seconds=min(float(match[2]), threading.TIMEOUT_MAX))


@contextmanager
def pausing(runner: SynchronousRunner, seconds: float | None, patience: Patience) -> Iterator[Callable[[], bool]]:
    """Pause a runner after some seconds, at the end of an epoch, or while a record is awaited.

    Args:
        runner: What is paused.
        seconds: After how many seconds; None to let it go on.
        patience: With which it waits for records.

    Yields:
        Whether it was paused.
    """
    paused, over = threading.Event(), threading.Event()
    patience.ends = None if seconds is None else time.monotonic() + seconds

    def pause() -> None:
        # Again and again: the runner may just have begun to make epochs, and have missed it.
        while not over.wait(seconds):
            paused.set()
            runner.pause()

    thread = threading.Thread(target=pause, name="noob checkpoints", daemon=True)
    if seconds is not None:
        thread.start()
    try:
        yield lambda: paused.is_set() or patience.left == 0
    finally:
        over.set()
        if seconds is not None:
            # What comes next is not to be paused by it.
            thread.join()
