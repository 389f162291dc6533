"""A headless Chromium, driven through a pipe by its DevTools protocol."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import pytest

from tests.patience import PATIENCE

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
CHROMIUM = next(filter(None, map(shutil.which, NAMES)), None)
"""The program, if it is there."""

NEEDS_CHROMIUM = pytest.mark.skipif(
    CHROMIUM is None, reason="there is no Chromium here to show the page: see tests/view/chromium.py"
)

KEYS = {
    "Enter": (13, "\r"),
    "Tab": (9, ""),
    "ArrowLeft": (37, ""),
    "ArrowUp": (38, ""),
    "ArrowRight": (39, ""),
    "ArrowDown": (40, ""),
}
"""The number of each key, and what it types."""


class Page:
    """A page in the browser.

    Args:
        to_it: Where messages to the browser go.
        from_it: Where its answers come from.
    """

    def __init__(self, to_it: int, from_it: int) -> None:
        self._to_it = os.fdopen(to_it, "wb", buffering=0)
        self._from_it = os.fdopen(from_it, "rb", buffering=0)
        self._left = b""
        self._number = 0
        self._session: str | None = None
        target = self.send("Target.createTarget", url="about:blank")["targetId"]
        self._session = self.send("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]

    def send(self, method: str, **params: Any) -> Any:
        """Send a command, and return its result."""
        self._number += 1
        message: dict[str, Any] = {"id": self._number, "method": method, "params": params}
        if self._session is not None:
            message["sessionId"] = self._session
        self._to_it.write(json.dumps(message).encode() + b"\0")
        for answer in self._answers():
            if answer.get("id") == self._number:
                assert "error" not in answer, answer["error"]
                return answer["result"]
        raise AssertionError("the browser has ended")

    def _answers(self) -> Iterator[Any]:
        while True:
            while b"\0" in self._left:
                message, _, self._left = self._left.partition(b"\0")
                yield json.loads(message)
            read = self._from_it.read(65536)
            if not read:
                return
            self._left += read

    def go(self, address: str) -> None:
        """Go to an address."""
        self.send("Page.navigate", url=address)

    def size(self, width: int, height: int, scheme: str = "light") -> None:
        """Give the window a size, and say whether it is light or dark."""
        self.send("Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=1, mobile=False)
        self.send("Emulation.setEmulatedMedia", features=[{"name": "prefers-color-scheme", "value": scheme}])

    def see(self, expression: str) -> Any:
        """The value of an expression of JavaScript."""
        result = self.send("Runtime.evaluate", expression=expression, returnByValue=True, awaitPromise=True)
        assert "exceptionDetails" not in result, result["exceptionDetails"]
        return result["result"].get("value")

    def wait_for(self, expression: str) -> None:
        """Wait until an expression is true."""
        ends = time.monotonic() + PATIENCE
        while time.monotonic() < ends:
            if self.see(f"(() => {{ try {{ return Boolean({expression}) }} catch (e) {{ return false }} }})()"):
                return
            time.sleep(0.02)
        raise AssertionError(f"it never became true: {expression}\n{self.see('document.body.innerText')}")

    def press(self, key: str) -> None:
        """Press a key."""
        number, text = KEYS[key]
        for kind, typed in (("keyDown", text), ("keyUp", "")):
            self.send("Input.dispatchKeyEvent", type=kind, key=key, code=key, text=typed, windowsVirtualKeyCode=number)

    def focus_on_nothing(self) -> None:
        """Let the next tab go to the first that takes it: it goes on from what has had the focus last."""
        self.see("document.body.tabIndex = -1, document.body.focus(), document.body.removeAttribute('tabindex')")

    def close(self) -> None:
        """Send and get nothing more."""
        self._to_it.close()
        self._from_it.close()


@contextmanager
def browser(profile: Path) -> Iterator[Page]:
    """A page of a browser of its own.

    Args:
        profile: The folder for what it keeps.
    """
    assert CHROMIUM is not None
    reads, to_it = os.pipe()
    from_it, writes = os.pipe()
    flags = ["--headless", "--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-dev-shm-usage"]
    # The browser reads from descriptor 3 and writes to 4, by way of a shell, since they may be in use here.
    command = 'in=$1; out=$2; shift 2; eval "exec \\"\\$@\\" 3<&$in 4>&$out"'
    process = subprocess.Popen(
        [
            "bash",
            "-c",
            command,
            "bash",
            str(reads),
            str(writes),
            CHROMIUM,
            *flags,
            "--remote-debugging-pipe",
            f"--user-data-dir={profile}",
            "about:blank",
        ],
        pass_fds=(reads, writes),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    os.close(reads)
    os.close(writes)
    try:
        with closing(Page(to_it, from_it)) as page:
            yield page
    finally:
        process.terminate()
        process.wait(PATIENCE)
