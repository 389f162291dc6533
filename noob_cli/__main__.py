"""The entry point of the command `noob`, which is also `python -m noob_cli`."""

import sys

from noob_cli.code.own_imports import hide_what_comes_first

# Before anything else is imported; not only in `main`, since processes that nodes spawn import this module alone.
hide_what_comes_first()

from noob_cli.collector import collect_seldom  # noqa: E402
from noob_cli.held_signals import held_signals  # noqa: E402

INTERRUPTED = 130
"""The exit code if Ctrl-C is pressed before there is a command that could do something about it."""


def main() -> None:
    """Be the command."""
    collect_seldom()
    try:
        with held_signals():
            from noob_cli.cli import main as command
    except KeyboardInterrupt:
        sys.exit(INTERRUPTED)
    command()


if __name__ == "__main__":
    # Processes that nodes spawn import what was run, but for a package; by its file they import this one, too.
    __spec__ = None
    main()
