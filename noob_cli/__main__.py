"""`python -m noob_cli` is the command `noob`."""

from noob_cli.cli import main

main()
