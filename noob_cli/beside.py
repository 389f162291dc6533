"""The modules beside a tube that have the name of another: `noob_cli.beside.queue` is the user's `queue.py`.

Under these names their classes are pickled, and found again in other processes, where the folders of the tube come
first on `sys.path` too.
"""

from __future__ import annotations


def __getattr__(name: str) -> list[str]:
    """The path on which these modules are looked for, as it is now: that of all others."""
    # Here, since the modules beside a tube become attributes of this one, and one of them may be called `sys`.
    import sys

    if name == "__path__":
        return sys.path
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
