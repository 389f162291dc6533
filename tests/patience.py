"""How long tests wait for what has to come: so long that a busy machine gets there."""

import time
from collections.abc import Callable

PATIENCE = 120.0
"""For how many seconds a test waits for what has to come: a process that ends, a line that is written."""


def wait_until(is_so: Callable[[], object]) -> None:
    """Wait for what has to come, and fail if it doesn't."""
    ends = time.monotonic() + PATIENCE
    while not is_so():
        assert time.monotonic() < ends
        time.sleep(0.005)


def without_waiting(err: str) -> str:
    """What a command has said, without what it had to wait for: that depends on how busy the machine is."""
    lines = err.splitlines(keepends=True)
    return "".join(
        line for line in lines if not line.startswith(("waiting for ", "waiting until ", "finishing the epoch"))
    )
