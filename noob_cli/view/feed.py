"""What a page is told: facts, each by its name, of which only the last counts."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

Facts = Mapping[str, Any]
"""What is told: by name, something that JSON can say; None takes back what was told before."""

Tell = Callable[[Facts], object]
"""Gets facts."""


class Feed:
    """The facts that pages read, each as often as it likes: what has changed meanwhile is told once.

    Args:
        on_watched: Told when the first page begins to read, and when the last has gone.
    """

    def __init__(self, on_watched: Callable[[bool], object] = bool) -> None:
        self.is_over = False
        """Whether nothing more will be told."""
        self.version = 0
        """How often something has changed."""
        self._on_watched = on_watched
        self._facts: dict[str, tuple[int, Any]] = {}
        self._readers = 0
        self._changing = threading.Lock()

    def tell(self, facts: Facts) -> None:
        """Tell facts; those that are as they were are not told again.

        Args:
            facts: The facts.
        """
        with self._changing:
            version = self.version + 1
            for name, fact in facts.items():
                if self._facts.get(name, (0, None))[1] != fact:
                    self._facts[name] = version, fact
                    self.version = version

    def take_back(self, *prefixes: str) -> None:
        """Take back what was told under names that begin so."""
        with self._changing:
            names = [name for name in self._facts if name.startswith(prefixes)]
        self.tell(dict.fromkeys(names))

    def since(self, version: int) -> tuple[int, str]:
        """What has changed since a version, as JSON, and the version that it is.

        Args:
            version: That which is known; 0 for all.
        """
        with self._changing:
            changed = {name: fact for name, (at, fact) in self._facts.items() if at > version}
            version = self.version
        return version, json.dumps(changed, allow_nan=False)

    @contextmanager
    def reading(self) -> Iterator[None]:
        """A page reads while what is inside runs."""
        self._count_readers(1)
        try:
            yield
        finally:
            self._count_readers(-1)

    def _count_readers(self, by: int) -> None:
        with self._changing:
            self._readers += by
            has_changed = self._readers == max(by, 0)
        if has_changed:
            self._on_watched(by > 0)
