"""YAML text as YAML nodes, with a bound on everything that could make that long or large."""

from __future__ import annotations

import re
from functools import cached_property
from itertools import chain
from pathlib import Path
from typing import Any, Final

from ruamel.yaml import YAML
from ruamel.yaml.composer import Composer
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.nodes import MappingNode, Node, ScalarNode
from ruamel.yaml.reader import ReaderError

from noob_cli.advice import QUOTE, Action, Advice, Change
from noob_cli.diagnostics import Diagnostic, Related, Span
from noob_cli.errors import TubeError
from noob_cli.specification.file import MOST_BYTES

MOST_VALUES = 1_000_000
"""How many keys and values a file may have."""

MOST_FROM_ALIASES = 200_000
"""How many keys and values its aliases may add to those."""

MOST_NESTED = 100
"""How deep lists and mappings may be nested."""

_LESS = "keep data in a file of its own, which a node reads"
"""What to do about a tube that is larger or deeper than that."""


def compose(yaml: SafeYaml, data: str | bytes, file: Path | None = None) -> Node | None:
    """The YAML nodes of a text.

    Args:
        yaml: What to read it with.
        data: UTF-8, with or without a BOM.
        file: The file it came from, for messages.

    Returns:
        The root; None if there is nothing in it.

    Raises:
        TubeError: It is too large, not UTF-8, not YAML, or goes beyond one of the bounds.
    """
    if len(data) > MOST_BYTES:
        message = f"a tube file has at most {MOST_BYTES:,} bytes"
        raise _problem("Y007", message, _letter(file), _LESS)
    text = _decoded(data, file) if isinstance(data, bytes) else data.removeprefix("\ufeff")
    try:
        root: Node | None = yaml.compose(text)
    except MarkedYAMLError as error:
        raise _marked_problem(error, file) from None
    except ReaderError as error:
        line, column = _line_and_column(text, error.position)
        message = f"the character {chr(error.character)!r} can't stand in YAML"
        raise _problem("Y001", message, _letter(file, line, column), is_of_yaml=True) from None
    except YAMLError as error:
        raise _problem("Y001", f"this is not YAML: {error}", _letter(file), is_of_yaml=True) from None
    if root is not None and yaml.composer.has_anchors:
        _Expansion(file).size(root)
    return root


def span_of(node: Node, file: Path | None) -> Span:
    """Where a node stands."""
    start, end = node.start_mark, node.end_mark
    return Span(file, start.line + 1, start.column + 1, end.line + 1, end.column + 1)


class SafeYaml(YAML):
    """Reads YAML as plain data, without looking for plug-ins in the library's folder before each file."""

    def __init__(self) -> None:
        super().__init__(typ="safe", pure=True)
        self.Composer = _BoundedComposer

    def official_plug_ins(self) -> list[str]:
        return []


class _TooMuchError(MarkedYAMLError):
    """A bound was reached."""


class _BoundedComposer(Composer):
    """Makes the nodes, as long as there are not too many, nor nested too deeply."""

    def __init__(self, loader: Any = None) -> None:
        super().__init__(loader)
        # In YAML an anchor may be used again: its aliases mean what stands last before them.
        self.warn_double_anchors = False
        self.has_anchors = False
        self._values = 0
        self._level = 0

    # Both are asked for several times for each node, and would be looked for each time.

    @cached_property
    def parser(self) -> Any:
        return super().parser

    @cached_property
    def resolver(self) -> Any:
        return super().resolver

    def get_single_node(self) -> Any:
        try:
            return super().get_single_node()
        except ValueError as error:
            # What the scanner can't make of an escape; how far it came is the place.
            raise MarkedYAMLError(None, None, str(error), self.loader.reader.get_mark()) from None

    def compose_node(self, parent: Any, index: Any) -> Any:
        self._values += 1
        self._level += 1
        if self._values > MOST_VALUES:
            self._refuse(f"a tube has at most {MOST_VALUES:,} keys and values")
        if self._level > MOST_NESTED:
            self._refuse(f"this is nested more than {MOST_NESTED} deep")
        node = super().compose_node(parent, index)
        self._level -= 1
        self.has_anchors = self.has_anchors or node.anchor is not None
        return node

    def _refuse(self, message: str) -> None:
        raise _TooMuchError(None, None, message, self.parser.peek_event().start_mark)


class _Expansion:
    """What nodes are once their aliases are followed, without following each."""

    def __init__(self, file: Path | None) -> None:
        self._file = file
        self._sizes: dict[int, int] = {}
        self._open: set[int] = set()
        self._written = 0

    def size(self, node: Node) -> int:
        """How many keys and values there are in a node, itself included.

        Raises:
            TubeError: Its aliases add too many, or one stands inside of what it refers to.
        """
        if isinstance(node, ScalarNode):
            self._written += 1
            return 1
        key = id(node)
        if key in self._open:
            message = "an alias stands inside of what it refers to"
            raise _problem(
                "Y001", message, span_of(node, self._file), "write out what is meant, which has to end somewhere"
            )
        if key not in self._sizes:
            self._open.add(key)
            self._written += 1
            parts = chain.from_iterable(node.value) if isinstance(node, MappingNode) else node.value
            self._sizes[key] = 1 + sum(map(self.size, parts))
            self._open.discard(key)
            if self._sizes[key] - self._written > MOST_FROM_ALIASES:
                message = f"its aliases add more than {MOST_FROM_ALIASES:,} keys and values"
                raise _problem("Y007", message, span_of(node, self._file), _LESS)
        return self._sizes[key]


def _problem(
    code: str,
    message: str,
    place: Span,
    hint: str | None = None,
    is_of_yaml: bool = False,
    related: tuple[Related, ...] = (),
) -> TubeError:
    return TubeError([Diagnostic(code, message, (), place, hint, related=related, is_of_yaml=is_of_yaml)])


def _letter(file: Path | None, line: int = 1, column: int = 1) -> Span:
    return Span(file, line, column, line, column + 1)


def _decoded(data: bytes, file: Path | None) -> str:
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        before = data[: error.start].decode("utf-8", errors="replace")
        line, column = _line_and_column(before, len(before))
        message = f"a tube file is UTF-8, found the byte 0x{data[error.start]:02x} here"
        raise _problem(
            "Y001", message, _letter(file, line, column), "save the file as UTF-8", is_of_yaml=True
        ) from None


_ADVICE: Final = {
    r"found character '\\t'": Advice("indent with spaces: YAML takes no tabs there", Change(Action.indent)),
    r"found character .* that cannot start": Advice("put text that begins with it in quotes", QUOTE),
    "undefined alias": Advice("name it with '&' before, or put text that begins with '*' in quotes", QUOTE),
    "second document": "put each into a file of its own, without '---' between them",
    "mapping values are not allowed": Advice(
        "put text with ': ' in it in quotes, and let keys begin in one column", QUOTE
    ),
    r"expected ',' or": Advice("close what has been opened, and put commas between its items", Change(Action.close)),
    "expected <block end>": "begin what belongs together in one column",
    "could not find expected ':'": "write 'key: value', with a space behind the colon",
    "while scanning a quoted scalar|unexpected end of stream": Advice("close the quotes", Change(Action.close)),
}
"""What to do about some of what the parser says."""


_OPENED: Final = "flow|quoted|simple key"
"""What the parser calls that which has a beginning and an end."""


def _marked_problem(error: MarkedYAMLError, file: Path | None) -> TubeError:
    mark = error.problem_mark or error.context_mark
    line, column = (mark.line + 1, mark.column + 1) if mark is not None else (1, 1)
    text = " ".join((error.problem or "this is not YAML").split())
    context = f" ({' '.join(error.context.split())})" if error.context else ""
    if isinstance(error, _TooMuchError):
        return _problem("Y007", text, _letter(file, line, column), _LESS)
    is_of_yaml = text != "but found another document"
    if not is_of_yaml:
        text, context = "found a second document: a file has one tube", ""
    hint = next((hint for pattern, hint in _ADVICE.items() if re.search(pattern, text)), None)
    begin = error.context_mark
    related: tuple[Related, ...] = ()
    if mark is not None and begin is not None and begin.line < mark.line and re.search(_OPENED, error.context or ""):
        related = (Related("what does not end begins here", _letter(file, begin.line + 1, begin.column + 1)),)
    return _problem("Y001", f"{text}{context}", _letter(file, line, column), hint, is_of_yaml, related)


def _line_and_column(text: str, position: int) -> tuple[int, int]:
    before = text[:position]
    return before.count("\n") + 1, position - (before.rfind("\n") + 1) + 1
