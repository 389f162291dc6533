"""The command `noob` of another package, where that was installed last: what is typed as `noob` isn't ours then."""

from __future__ import annotations

import re
import sys
from pathlib import Path

_MOST_BYTES = 2000
"""How much of a script is read: more than what installers write."""

_OURS = rb"(?m)^\s*(from|import)\s+noob_cli\b"
_PYTHON = rb"(?m)^\s*(from|import)\s+\w"


def what_noob_is() -> str | None:
    """The script `noob` beside the interpreter, if it starts something else than this package.

    It is only looked at by who was started in another way: as `noob-cli`, or by `python -m noob_cli`.

    Returns:
        What to say about it; None if all is well, or there is none.
    """
    started = Path(sys.argv[0])
    if started.name == "__main__.py":
        started = Path(sys.executable)
    elif started.name != "noob-cli":
        return None
    script = started.with_name("noob")
    try:
        with script.open("rb") as file:
            text = file.read(_MOST_BYTES)
    except OSError:
        return None
    if re.search(_OURS, text) or not re.search(_PYTHON, text):
        return None
    return (
        f"the command 'noob' in {script.parent} belongs to another package, which was installed after this one: "
        "use 'noob-cli' or 'python -m noob_cli'"
    )
