"""What the code of a tube tells of itself, through `logging` and `warnings`, and for which node and epoch.

The loggers of the user's are left as they are: a handler on the root logger would keep `logging.basicConfig` from doing
anything. What reaches no handler is handled as a last resort, as Python does it; what reaches one is seen where its
record is made.
"""

from __future__ import annotations

import sys
import warnings
from collections.abc import Callable
from contextlib import suppress
from types import FrameType
from typing import TYPE_CHECKING, Any, Final, TextIO

from noob_cli.named_tuple import NamedTuple
from noob_cli.plan.place import Place
from noob_cli.runners.whereabouts import Whereabouts

if TYPE_CHECKING:
    import logging

WARNING: Final = 30
"""The level of a warning, as `logging` counts."""


class Message(NamedTuple):
    """What code has told.

    Args:
        level: How much it matters, as `logging` counts.
        text: What it says, of one line or several.
        place: The node or asset that it was at work for; None outside of all.
        epoch: The epoch; None outside of all.
        is_shown: Whether a handler of the user's has got it, too.
        worker: The name of the worker, if that is another process.
        line: Of a warning, the file and the line that it is about.
    """

    level: int
    text: str
    place: Place | None
    epoch: int | None
    is_shown: bool = False
    worker: str | None = None
    line: tuple[str, int] | None = None


class OwnMessages:
    """Hears what code tells, for as long as it listens.

    Args:
        hear: Told each message.
        lowest: From which level on, as `logging` counts.
        at: Says what a function is at work for.
        worker: The name of this process, if it is a worker.
    """

    def __init__(
        self,
        hear: Callable[[Message], object],
        lowest: int,
        at: Callable[[FrameType], Whereabouts],
        worker: str | None = None,
    ) -> None:
        self._hear = hear
        self._lowest = lowest
        self._at = at
        self._worker = worker
        self._undo: list[Callable[[], object]] = []

    def begin(self) -> None:
        """Listen from here on."""
        if warnings.showwarning.__module__.endswith("warnings"):
            # Those who show them in a way of their own go on.
            self._replace(warnings, "showwarning", self._warned)
        if self._lowest < WARNING or "logging" in sys.modules:
            # Nobody pays for the import who has not asked for more, nor logs anything.
            self._listen_to_loggers()

    def end(self) -> None:
        """Listen no more."""
        while self._undo:
            self._undo.pop()()

    def _replace(self, owner: Any, name: str, stand_in: Any) -> None:
        before = getattr(owner, name)
        setattr(owner, name, stand_in)

        def put_back() -> None:
            if getattr(owner, name) == stand_in:
                setattr(owner, name, before)

        self._undo.append(put_back)

    def _listen_to_loggers(self) -> None:
        """Hear each record of `logging`, whether or not a handler shows it."""
        import logging

        class LastResort(logging.Handler):
            def emit(handler, record: logging.LogRecord) -> None:
                self._logged(record, is_shown=False)

        if logging.lastResort is not None:
            self._replace(logging, "lastResort", LastResort())
        root, made = logging.getLogger(), logging.getLogRecordFactory()

        def make(name: str, *args: Any, **named: Any) -> logging.LogRecord:
            record = made(name, *args, **named)
            if logging.getLogger(name).hasHandlers():
                self._logged(record, is_shown=True)
            return record

        logging.setLogRecordFactory(make)

        def put_back() -> None:
            if logging.getLogRecordFactory() is make:
                logging.setLogRecordFactory(made)

        self._undo.append(put_back)
        if root.level == WARNING > self._lowest and not root.handlers:
            # Nobody has set it up: what is asked for would be lost before anybody sees it.
            root.setLevel(self._lowest)
            self._undo.append(lambda: root.setLevel(WARNING if root.level == self._lowest else root.level))

    def _logged(self, record: logging.LogRecord, *, is_shown: bool) -> None:
        if record.levelno < self._lowest:
            return
        try:
            text = f"{record.name}: {record.getMessage()}"
        except Exception:
            # Who has made the record is told by `logging`.
            text = f"{record.name}: {record.msg!r} with {record.args!r}"
        if record.exc_info and record.exc_info[1] is not None:
            from traceback import format_exception

            text += "\n" + "".join(format_exception(record.exc_info[1]))
        place, epoch = self._at(sys._getframe(1))
        self._hear(Message(record.levelno, text.rstrip(), place, epoch, is_shown, self._worker))

    def _warned(
        self,
        message: Warning | str,
        category: type[Warning],
        filename: str,
        lineno: int,
        file: TextIO | None = None,
        line: str | None = None,
    ) -> None:
        if file is not None:
            with suppress(OSError):
                file.write(warnings.formatwarning(message, category, filename, lineno, line))
        else:
            place, epoch = self._at(sys._getframe(1))
            text = f"{category.__name__}: {message}"
            self._hear(Message(WARNING, text, place, epoch, worker=self._worker, line=(filename, lineno)))
