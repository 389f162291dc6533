"""Tubes for tests: written as YAML in which `my.` stands for the test's own module."""

from __future__ import annotations

import re
from collections.abc import Callable
from copy import deepcopy
from textwrap import dedent
from typing import Any

from ruamel.yaml import YAML

from noob_cli import SynchronousRunner, Tube, TubeError


class Tubes:
    """Makes tubes whose code is in the module of a test.

    Args:
        module: The module's `__name__`.
    """

    def __init__(self, module: str) -> None:
        self._module = module
        self._read: dict[str, dict[str, Any]] = {}

    def text(self, yaml: str) -> str:
        """The YAML of a tube, with the module's name put in."""
        return re.sub(r"\bmy\.", f"{self._module}.", dedent(yaml))

    def data(self, yaml: str) -> dict[str, Any]:
        """The same as plain data, for the caller to do with it what it wants."""
        if yaml not in self._read:
            self._read[yaml] = YAML(typ="safe", pure=True).load(self.text(yaml))
        return deepcopy(self._read[yaml])

    def tube(self, yaml: str, **inputs: Any) -> Tube:
        """A tube that is ready to run."""
        return Tube.from_specification(self.data(yaml), input=inputs)

    def runner(self, yaml: str, **inputs: Any) -> SynchronousRunner:
        """A runner that has not been started."""
        return SynchronousRunner(self.tube(yaml, **inputs))

    def results(self, yaml: str, n: int | None = None, **inputs: Any) -> list[Any]:
        """What the tube returns, epoch by epoch, passing over epochs that return nothing."""
        return list(self.runner(yaml, **inputs).iter(n))

    def codes(self, yaml: str) -> list[str]:
        """The codes of what keeps the tube from being loaded; empty if it can be."""
        try:
            Tube.from_specification(self.data(yaml))
        except TubeError as error:
            return [each.code for each in error.diagnostics if each.is_error]
        return []


def each_way(make: Callable[[], SynchronousRunner], epochs: int) -> dict[str, list[Any]]:
    """The results of a tube in each of the ways to run it, each on a runner of its own."""
    with make() as runner:
        processed = [runner.process() for _ in range(epochs)]
    return {
        "process": [result for result in processed if result is not None],
        "run": make().run(epochs) or [],
        "iter": list(make().iter(epochs=epochs)),
        "stream": list(make().stream([{}] * epochs)),
    }
