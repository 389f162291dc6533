"""The modules of an extra, and of what that needs: as this package's own, while they are used."""

from __future__ import annotations

import re
from collections.abc import Iterator

from noob_cli.code.own_imports import NEEDED

_NAME = re.compile(r"[A-Za-z0-9][\w.\-]*")


def keep_from_tubes(extra: str) -> None:
    """Let the imports of an extra (`otlp`), and of what it needs, never see the folder of a tube, from here on.

    Who doesn't use the extra may have a `requests.py` that other modules beside the tube import.
    """
    NEEDED.update(_modules_of(extra))


def _modules_of(extra: str) -> Iterator[str]:
    """The modules at the top of the packages that an extra needs."""
    from importlib.metadata import Distribution, PackageNotFoundError, distribution

    def needed_by(package: Distribution, extra: str | None = None) -> Iterator[str]:
        for requirement in package.requires or ():
            is_of_extra = re.search(r"\bextra\s*==\s*['\"]([^'\"]*)['\"]", requirement)
            name = _NAME.match(requirement)
            if name is not None and (is_of_extra[1] if is_of_extra else None) == extra:
                yield name[0]

    try:
        left, seen = list(needed_by(distribution("noob-cli"), extra)), set()
    except PackageNotFoundError:
        return
    while left:
        name = left.pop()
        try:
            package = distribution(name)
        except PackageNotFoundError:
            continue
        if name not in seen:
            seen.add(name)
            left += needed_by(package)
            for file in package.files or ():
                module = file.parts[0].partition(".")[0]
                if module.isidentifier() and file.suffix in (".py", ".so", ".pyd"):
                    yield module
