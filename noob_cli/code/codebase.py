"""Where code is found: one interface for code that is imported, and for code that is only read."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Protocol

from noob_cli.code.finding import file_beside, find_code, imported, put_first


class UnknownCodeError(Exception):
    """What is at a dotted path shows only when the code is imported."""


class Codebase(Protocol):
    """The code that a tube may name."""

    @property
    def folders(self) -> Sequence[Path]:
        """The folders of the tube, which come first when code is looked for."""

    def find(self, path: str) -> Any:
        """The object at a dotted path, or what stands for it.

        Args:
            path: Such as `sum`, `operator.mul` or `pathlib.Path.write_text`.

        Raises:
            CodeNotFoundError: A module or attribute does not exist.
            ModuleFailedError: A module can't be imported.
            UnknownCodeError: It isn't known what is there, or whether something is.
        """

    def module(self, name: str) -> Any:
        """The module of a name without dots, or what stands for it; None if there is none.

        Raises:
            ModuleFailedError: It can't be imported.
        """

    def beside(self, name: str) -> str | None:
        """The file of a module beside the tube that has the name of another module, which everybody else gets."""

    def validates(self, kind: Any) -> bool:
        """Whether values can be validated by a type: its own code, if it has some, is there."""


Opening = Callable[[Sequence[Path]], Codebase]
"""Makes the code known that a tube with some folders may name."""


class ImportedCode:
    """Code that is imported when it is found.

    Args:
        folders: The folders of the tube; as they are, they come first on `sys.path` from now on.
    """

    def __init__(self, folders: Sequence[Path]) -> None:
        self.folders = folders
        self._beside: dict[str, str | None] = {}
        put_first(self.folders)

    def find(self, path: str) -> Any:
        return find_code(path, self.folders)

    def module(self, name: str) -> Any:
        return imported(name)

    def beside(self, name: str) -> str | None:
        # Most nodes name code in a few modules, and each asks all folders.
        if name not in self._beside:
            self._beside[name] = file_beside(name, self.folders)
        return self._beside[name]

    def validates(self, kind: Any) -> bool:
        return True
