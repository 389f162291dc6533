"""What is known of a tube that is open in the editor: its document, the code behind it, and what is wrong with it."""

from __future__ import annotations

import asyncio
import os
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, nullcontext
from functools import cached_property, partial
from pathlib import Path

from noob_cli.check.catalogue import RULES
from noob_cli.check.catalogue.rule import Needs
from noob_cli.code.reading.reading import ReadCode
from noob_cli.collector import collecting_later
from noob_cli.diagnostics import Diagnostic
from noob_cli.loading.loaded import Loaded
from noob_cli.loading.loading import examined
from noob_cli.lsp.mending import Mended, read_mended
from noob_cli.lsp.recognition import is_tube, may_be_a_tube
from noob_cli.lsp.text import Text
from noob_cli.lsp.threads import in_thread
from noob_cli.lsp.tokens import Token
from noob_cli.lsp.tube_file import TubeFile
from noob_cli.specification.document import Document
from noob_cli.specification.file import instead_of_files, real_path
from noob_cli.struct import Struct, field
from noob_cli.working_folder import working_in

_LARGE = 100_000
"""How many letters a file has for whose analysis not every question waits."""


class Open(Struct):
    """A file that is open in the editor.

    Args:
        uri: Its address.
        text: Its text.
        version: The version of its text.
        language: What the editor calls its language.
        file: Where it is; None if it is nowhere yet.
    """

    uri: str
    text: Text
    version: int | None
    language: str
    file: Path | None

    @cached_property
    def is_tube(self) -> bool:
        """Whether it is a tube: it looks like one, or the editor says so by a language of its own."""
        return self.language != "yaml" or is_tube(self.text.source, self.file)

    @cached_property
    def may_be_a_tube(self) -> bool:
        """Whether it is a tube, or may become one: then it can be said what may stand in it."""
        return self.is_tube or may_be_a_tube(self.text.source, self.file)

    @cached_property
    def real_file(self) -> Path | None:
        """Where it is, whatever links lead there."""
        return None if self.file is None else Path(os.path.realpath(self.file))

    @cached_property
    def mended(self) -> Mended:
        """Its text, as far as it can be read."""
        return read_mended(self.text.source, self.file)

    @cached_property
    def tube(self) -> TubeFile | None:
        """What it says, and what stands where in it; None if nothing of it can be read."""
        document = self.mended.document
        return None if document is None else TubeFile(self.real_file or Path(), self.text, document)


class Analysis(Struct):
    """What is known of a tube.

    Args:
        opened: The file.
        loaded: The tube, as far as it can be loaded; None if nothing of it can be read.
        diagnostics: What is wrong with it.
        files: The files that have been read for it.
        codebases: The code that it, and each tube nested in it, may name.
    """

    opened: Open
    loaded: Loaded | None = None
    diagnostics: list[Diagnostic] = field(factory=list)
    files: set[str] = field(factory=set)
    codebases: list[ReadCode] = field(factory=list)

    @property
    def document(self) -> Document | None:
        """What the file itself says."""
        return self.opened.mended.document

    @property
    def code(self) -> ReadCode | None:
        """The code that the tube may name."""
        codebase = None if self.loaded is None else self.loaded.codebase
        return codebase if isinstance(codebase, ReadCode) else None

    @property
    def is_outdated(self) -> bool:
        """Whether code that was read for it has changed since."""
        return any(codebase.is_outdated for codebase in self.codebases)

    @property
    def tokens(self) -> list[Token]:
        """What stands where in the file."""
        return [] if self.opened.tube is None else self.opened.tube.tokens


class Analyses:
    """The files that are open, and what is known of each; it is found out when it is asked for.

    That is done in threads, one at a time for each file, so that nothing else has to wait for it.

    Args:
        folders: Gives the folders that are open in the editor.
    """

    def __init__(self, folders: Callable[[], Sequence[Path]]) -> None:
        self._folders = folders
        self._open: dict[str, Open] = {}
        self._by_file: dict[str, Open] = {}
        self._known: dict[str, Analysis] = {}
        self._last: dict[str, Analysis] = {}
        self._codebases: dict[tuple[Path, ...], ReadCode] = {}
        self._turns: dict[str, asyncio.Lock] = defaultdict(asyncio.Lock)

    def __iter__(self) -> Iterator[Open]:
        return iter(list(self._open.values()))

    def put(self, opened: Open) -> None:
        """Take over a text that is new, or has changed."""
        self._open[opened.uri] = opened
        self._changed(opened)

    def close(self, uri: str) -> None:
        """Let go of a file."""
        closed = self._open.pop(uri, None)
        self._last.pop(uri, None)
        if closed is not None:
            self._changed(closed)

    def forget(self) -> None:
        """Forget what is known of all files, and of all code: a module may be new."""
        self._known.clear()
        self._codebases.clear()

    def opened(self, uri: str) -> Open | None:
        """A file that is open."""
        return self._open.get(uri)

    async def soon(self, uri: str) -> Analysis | None:
        """What is known of a file: of a large one, what was known when it was last looked at."""
        opened, last = self._open.get(uri), self._last.get(uri)
        is_large = opened is not None and len(opened.text.source) > _LARGE
        return last if is_large and last is not None else await self.of(uri)

    async def of(self, uri: str) -> Analysis | None:
        """What is known of a file as it is now; None if it is not open, or no tube."""
        if uri not in self._open:
            return None
        # Who does not wait any more ends nothing that others wait for.
        return await asyncio.shield(asyncio.ensure_future(self._found_out(uri)))

    @contextmanager
    def reading(self, file: Path | None, read: set[str] | None = None) -> Iterator[None]:
        """Read files as the editor has them, from the folder that is open around one.

        Args:
            file: The file.
            read: Takes in what is read.
        """
        unsaved = partial(self._unsaved, set() if read is None else read, {})
        with instead_of_files(unsaved), working_in(self.folder_of(file)):
            yield

    def folder_of(self, file: Path | None) -> Path:
        """The folder that is open in the editor around a file; else the one in which it is."""
        folders = [folder for folder in self._folders() if file is not None and file.is_relative_to(folder)]
        if folders:
            return max(folders, key=lambda folder: len(folder.parts))
        if file is not None:
            return file.parent
        return next(iter(self._folders()), Path.cwd())

    async def _found_out(self, uri: str) -> Analysis | None:
        """What is known of a file, found out now if that has changed; None if it is no tube."""
        async with self._turns[uri]:
            opened = self._open.get(uri)
            if opened is None or not opened.may_be_a_tube:
                return None
            known = self._known.get(uri)
            if known is not None and not known.is_outdated:
                return known
            # It is forgotten while it is being found out, too.
            known = self._known[uri] = Analysis(opened)
            try:
                with self.reading(opened.file, known.files):
                    await in_thread(partial(self._find_out, known))
            except BaseException:
                self._known.pop(uri, None)
                raise
            # Of a text of which nothing can be read, what was known before is better than nothing.
            if uri in self._open and (known.loaded is not None or uri not in self._last):
                self._last[uri] = known
            return known

    def _changed(self, opened: Open) -> None:
        """Forget what is known of a file, and of those for which it was read."""
        # Of several addresses of one file, the first counts. Threads that read meanwhile see the old ones, or the new.
        self._by_file = {str(file.real_file): file for file in reversed(self._open.values())}
        for uri, known in list(self._known.items()):
            if uri == opened.uri or str(opened.real_file) in known.files:
                del self._known[uri]

    def _unsaved(self, read: set[str], folders: dict[str, str], path: Path) -> bytes | None:
        real = real_path(path, folders)
        read.add(real)
        opened = self._by_file.get(real)
        return None if opened is None else opened.text.source.encode("utf-8", "surrogatepass")

    def _codebase(self, analysis: Analysis, folders: Sequence[Path]) -> ReadCode:
        """The code that a tube with some folders may name, for an analysis that is under way."""
        key = tuple(folder.resolve() for folder in folders)
        known = self._codebases.get(key)
        if known is None or (known not in analysis.codebases and known.is_outdated):
            known = self._codebases[key] = ReadCode(folders)
        if known not in analysis.codebases:
            analysis.codebases.append(known)
        return known

    def _find_out(self, analysis: Analysis) -> None:
        opened = analysis.opened
        with collecting_later() if len(opened.text.source) > _LARGE else nullcontext():
            document, diagnostics = opened.mended.document, list(opened.mended.problems)
            if document is not None:
                analysis.loaded, of_tube = examined(document, partial(self._codebase, analysis))
                diagnostics += [diagnostic for diagnostic in of_tube if not _is_of_typing(diagnostic, opened)]
            if opened.is_tube:
                analysis.diagnostics += diagnostics
            # They are what most questions begin with.
            _ = analysis.tokens


def _is_of_typing(diagnostic: Diagnostic, opened: Open) -> bool:
    """Whether something may be wrong only because a line isn't whole yet."""
    mended, span, needs = opened.mended, diagnostic.span, RULES[diagnostic.code].needs
    unfinished = mended.closed | mended.left_out
    if not unfinished or mended.document is None or span is None or span.file != opened.file:
        return bool(mended.left_out) and needs is Needs.definitions
    if span.line in unfinished or needs is Needs.uses:
        return True
    if needs is Needs.entry:
        entry = mended.document.value_span(diagnostic.path)
        return entry is not None and any(span.line <= line <= entry.end_line for line in unfinished)
    is_empty = diagnostic.code == "K003" and diagnostic.path == ("nodes",)
    return bool(mended.left_out) and (is_empty or needs is Needs.definitions)
