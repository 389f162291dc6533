"""The entry point of the command `noob`, which is also `python -m noob_cli`."""

from noob_cli.garbage import look_seldom


def main() -> None:
    """Be the command."""
    look_seldom()
    from noob_cli.cli import main as command

    command()


if __name__ == "__main__":
    main()
