"""Who asks something on the terminal, and what is written there again and again, which pauses meanwhile."""

from __future__ import annotations

import builtins
import os
import sys
import threading
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from typing import Any, Final, Protocol

from noob_cli.cli.shell.stderr import message_stream
from noob_cli.cli.shell.stdin import TERMINAL

_LOCAL_MODES: Final = 3
"""Where the attributes of a terminal say whether it shows what is typed, and whether it waits for whole lines."""


class Refreshed(Protocol):
    """What is written on the terminal again and again."""

    def pause(self) -> None:
        """Take it away."""

    def resume(self) -> None:
        """Write it again."""


_lock = threading.RLock()
_refreshed: list[Refreshed] = []
_asking = 0


@contextmanager
def asking() -> Iterator[None]:
    """Ask something on the terminal inside: nothing else is written there meanwhile."""
    _count(1)
    try:
        yield
    finally:
        _count(-1)


def _count(by: int) -> None:
    """There are more who ask, or fewer: what they ask may lie within each other, or in several threads."""
    global _asking
    with _lock:
        _asking += by
        for display in _refreshed:
            if by > 0 and _asking == 1:
                display.pause()
            elif not _asking:
                display.resume()


@contextmanager
def refreshing(refreshed: Refreshed) -> Iterator[None]:
    """Let something be written again and again inside, but for while somebody asks.

    That is `input`, or whoever lets the terminal not show what is typed, or not wait for whole lines, as `getpass` and
    what waits for a key do.

    Args:
        refreshed: What is written.
    """
    with ExitStack() as stack:
        with _lock:
            _refreshed.append(refreshed)
            stack.callback(_stop_refreshing, refreshed)
            _watch_input(stack)
            with suppress(ImportError):
                _watch_terminal(stack)
            refreshed.resume()
        yield


def _stop_refreshing(refreshed: Refreshed) -> None:
    with _lock:
        _refreshed.remove(refreshed)
        refreshed.pause()


def _watch_input(stack: ExitStack) -> None:
    """Take `input` for asking, also by the name that click has for it."""
    before = builtins.input

    def ask(prompt: object = "", /) -> str:
        with asking():
            return before(prompt)

    _replace(
        before,
        ask,
        [(builtins, "input"), *_loaded("visible_prompt_func", "click.termui", "typer._click.termui")],
        stack,
    )


def _watch_terminal(stack: ExitStack) -> None:
    """Take it for asking that the terminal gets other manners, until it has the usual ones again."""
    import termios

    before = termios.tcsetattr
    usual = termios.ECHO | termios.ICANON
    is_asking = False

    def set_manners(terminal: Any, when: int, attributes: Any, /) -> None:
        nonlocal is_asking
        asks = attributes[_LOCAL_MODES] & usual != usual and _is_told_on(terminal)
        begins = asks and not is_asking
        if begins:
            is_asking = True
            _count(1)
        try:
            before(terminal, when, attributes)
        except BaseException:
            asks = is_asking and not begins
            raise
        finally:
            if is_asking and not asks:
                is_asking = False
                _count(-1)

    _replace(before, set_manners, [(termios, "tcsetattr"), *_loaded("tcsetattr", "tty")], stack)


def _loaded(name: str, *modules: str) -> list[tuple[Any, str]]:
    """The modules that are imported and have something by a name, each with that name."""
    loaded = [sys.modules.get(module) for module in modules]
    return [(module, name) for module in loaded if hasattr(module, name)]


def _replace(before: Any, other: Any, places: Iterable[tuple[Any, str]], stack: ExitStack) -> None:
    """Put something in the place of what stands in modules, until the end."""

    def put_back() -> None:
        for module, name in places:
            if getattr(module, name) is other:
                setattr(module, name, before)

    stack.callback(put_back)
    for module, name in places:
        if getattr(module, name) is before:
            setattr(module, name, other)


def _is_told_on(terminal: Any) -> bool:
    """Whether a terminal is the one that messages are written to."""
    told = message_stream()
    with suppress(OSError, AttributeError):
        device = os.fstat(terminal if isinstance(terminal, int) else terminal.fileno()).st_rdev
        return told is not None and device in (os.fstat(told.fileno()).st_rdev, os.stat(TERMINAL).st_rdev)
    return False
