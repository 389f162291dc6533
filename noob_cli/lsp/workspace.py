"""The tubes of the folders that are open: which extend each other, which are nested, and where an entry is named."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cached_property, lru_cache
from itertools import chain, islice
from pathlib import Path
from typing import Any

from noob_cli.lsp.mending import read_mended
from noob_cli.lsp.text import Text
from noob_cli.lsp.tokens import Symbol, Token, TokenKind
from noob_cli.lsp.tube_file import TubeFile
from noob_cli.specification.file import read_file
from noob_cli.specification.input import InputScope
from noob_cli.specification.reference import INPUT
from noob_cli.specification.search import files_below, looks_like_a_tube
from noob_cli.struct import Struct, field

_MOST_FILES = 2_000
"""How many tubes of a folder are looked through."""

Occurrence = tuple[TubeFile, Token]
"""Where an entry is named: the file, and what stands there."""


class Workspace(Struct):
    """The tubes of some folders.

    Args:
        folders: The folders.
        more: Files besides.
        name: What a tube has to mention that is looked at.
        known: The tubes that have been read, and the files that are none.
    """

    folders: Sequence[Path]
    more: Sequence[Path] = ()
    name: str = ""
    known: dict[Path, TubeFile | None] = field(factory=dict)
    _extended: dict[Path, frozenset[Path]] = field(factory=dict)

    @cached_property
    def tubes(self) -> dict[Path, TubeFile]:
        """The tubes that mention the name, by their files."""
        files = (file for folder in self.folders for file in islice(files_below(folder), _MOST_FILES))
        read = (self.tube(file) for file in dict.fromkeys([*self.more, *files]) if _may_name(file, self.name))
        return {tube.file: tube for tube in read if tube is not None}

    def tube(self, file: Path) -> TubeFile | None:
        """The tube in a file; None if it can't be read."""
        file = file.resolve()
        if file not in self.known:
            self.known[file] = _tube_in(file)
        return self.known[file]

    def occurrences(self, symbol: Symbol, file: Path) -> list[Occurrence]:
        """Where an entry is named: in its file, in those that this extends or that extend it, and around it.

        Args:
            symbol: The entry.
            file: The file in which it is named.
        """
        family = self.family(symbol, file)
        tubes = [self.tubes[path] for path in family if path in self.tubes]
        occurrences = [(tube, token) for tube in tubes for token in tube.tokens if token.named == symbol]
        if symbol.section == INPUT:
            occurrences += [param for param in self._params(symbol, file) if param not in occurrences]
        return occurrences

    def family(self, symbol: Symbol, file: Path) -> list[Path]:
        """The files in which an entry is the same: those that build on each other, and name it."""
        family = [file.resolve()]
        naming = {path for path, tube in self.tubes.items() if any(token.named == symbol for token in tube.tokens)}
        builds_on = {path: self._builds_on(path) for path in {*family, *naming}}
        for member in family:
            near = (path for path in builds_on if path in builds_on[member] or member in builds_on[path])
            family += [path for path in near if path not in family]
        return family

    def holders(self, symbol: Symbol, file: Path) -> list[tuple[TubeFile, Symbol]]:
        """The tubes around the one in which an entry is: each with the node that this is there.

        Args:
            symbol: The entry.
            file: The file in which it is named.
        """
        if symbol.around:
            node = Symbol("nodes", str(symbol.around[-3]), symbol.around[:-4])
            return [(self.tubes[path], node) for path in self.family(node, file) if path in self.tubes]
        family = set(self.family(symbol, file))
        return [
            (tube, node)
            for tube in self.tubes.values()
            for node, nested in tube.nested()
            if isinstance(nested, Path) and not family.isdisjoint({nested, *self._builds_on(nested)})
        ]

    def why_not(self, symbol: Symbol, new: str, file: Path) -> str | None:
        """Why an entry can't get another name; None if it can.

        Args:
            symbol: The entry.
            new: The name.
            file: The file in which it is named.
        """
        family = self.family(symbol, file)
        related = {*family, *chain.from_iterable(map(self._builds_on, family))}
        for path in related:
            tube = self.tube(path)
            if tube is not None and new in tube.entries(symbol.section, symbol.around):
                return f"there is an entry '{new}' already, in {path.name}"
        if symbol.section == INPUT:
            return self._inherited(symbol, file)
        return None

    def _inherited(self, symbol: Symbol, file: Path) -> str | None:
        """Why an input can't get another name by which a nested tube takes it over, without being given it."""
        name = symbol.name
        for tube, node in self.holders(symbol, file):
            if name in tube.entries(INPUT, node.around) and name not in tube.params(node):
                return (
                    f"'{node.name}' in {tube.file.name} takes it over from the tube around by its name: "
                    "give it in 'params'"
                )
        for tube in (self.tubes[path] for path in self.family(symbol, file) if path in self.tubes):
            for node, nested in tube.nested(symbol.around):
                if node.around == symbol.around and self._takes_over(nested, name) and name not in tube.params(node):
                    return f"the tube '{node.name}' takes it over by its name: give it in its 'params' first"
        return None

    def _takes_over(self, nested: Path | dict[Any, Any], name: str) -> bool:
        """Whether a nested tube has an input that it takes over from a tube around."""
        tube = self.tube(nested) if isinstance(nested, Path) else None
        inputs: Any = nested.get(INPUT) if isinstance(nested, dict) else None if tube is None else tube.entries(INPUT)
        own = inputs.get(name) if isinstance(inputs, dict) else None
        scope = own.get("scope", InputScope.tube.value) if isinstance(own, dict) and own else None
        return bool(scope == InputScope.tube.value)

    def _params(self, symbol: Symbol, file: Path) -> Iterator[Occurrence]:
        """Where an input of a tube is given by the tubes around it."""
        for tube, node in self.holders(symbol, file):
            for token in tube.tokens:
                if token.kind is TokenKind.slot and token.symbol == node and token.text == symbol.name:
                    yield tube, token

    def _builds_on(self, file: Path) -> set[Path]:
        """The files that one extends, and those that these extend."""
        base_files: set[Path] = set()
        waiting = [file]
        while waiting:
            new = self._extends(waiting.pop()) - base_files
            base_files |= new
            waiting += new
        return base_files - {file}

    def _extends(self, file: Path) -> frozenset[Path]:
        if file not in self._extended:
            tube = self.tube(file)
            self._extended[file] = frozenset() if tube is None else tube.extends()
        return self._extended[file]


def _may_name(file: Path, name: str) -> bool:
    try:
        data = read_file(file)
    except OSError:
        return False
    return name.encode() in data and looks_like_a_tube(data)


def _tube_in(file: Path) -> TubeFile | None:
    try:
        source = read_file(file).decode("utf-8")
    except (OSError, UnicodeDecodeError):
        return None
    return _read(file, source)


@lru_cache(maxsize=_MOST_FILES)
def _read(file: Path, source: str) -> TubeFile | None:
    """The tube in a file, read once for each text of it."""
    document = read_mended(source, file).document
    return None if document is None else TubeFile(file, Text(source), document)
