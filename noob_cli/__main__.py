"""The entry point of the command `noob`, which is also `python -m noob_cli`."""

import sys

from noob_cli.garbage import look_seldom
from noob_cli.held_signals import held_signals

INTERRUPTED = 130
"""The exit code if Ctrl-C is pressed before there is a command that could do something about it."""


def main() -> None:
    """Be the command."""
    look_seldom()
    try:
        with held_signals():
            from noob_cli.cli import main as command
    except KeyboardInterrupt:
        sys.exit(INTERRUPTED)
    command()


if __name__ == "__main__":
    main()
