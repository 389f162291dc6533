"""What the editor shows of Python code: what is in a module, and what something is, as its source has it."""

from __future__ import annotations

import ast
import builtins
import inspect
import sys
from collections.abc import Iterable, Iterator
from itertools import islice
from pathlib import Path
from types import ModuleType
from typing import Any

from noob_cli.check.module_hints import modules_in
from noob_cli.code.codebase import UnknownCodeError
from noob_cli.code.finding import CodeNotFoundError, ModuleFailedError
from noob_cli.code.looking import attribute, is_class, looked
from noob_cli.code.reading.modules import Module, ReadModule
from noob_cli.code.reading.reading import ReadCode
from noob_cli.code.reading.stand_ins import FunctionNode, origin_of
from noob_cli.diagnostics import Span
from noob_cli.named_tuple import NamedTuple

_MOST_MODULES = 20
"""In how many modules beside the tube it is looked for what it may name."""


class Named(NamedTuple):
    """Something that has a name.

    Args:
        name: The name.
        kind: `module`, `class`, `function`, or `value`.
        is_own: Whether it is defined there, and not imported.
    """

    name: str
    kind: str
    is_own: bool = True


def names_beside(code: ReadCode) -> Iterable[str]:
    """The modules beside the tube."""
    return modules_in(map(str, code.folders))


def code_beside(code: ReadCode) -> Iterator[tuple[str, list[Named]]]:
    """The first of the modules beside the tube, each with the classes and functions that it defines."""
    for module in islice(names_beside(code), _MOST_MODULES):
        own = (named for named in names_in(code, module) if named.is_own)
        yield module, [named for named in own if named.kind in ("class", "function")]


def names_at_top(code: ReadCode) -> Iterator[Named]:
    """The modules that code may be named in, those beside the tube first, and the builtins that can be called."""
    beside = list(names_beside(code))
    yield from (Named(name, "module") for name in beside)
    for name, value in vars(builtins).items():
        if not name.startswith("_") and callable(value) and not (is_class(value) and issubclass(value, BaseException)):
            yield Named(name, "class" if is_class(value) else "function", is_own=False)
    others = dict.fromkeys([*sorted(sys.stdlib_module_names), *modules_in(sys.path)])
    yield from (Named(name, "module", is_own=False) for name in others if name[0] != "_" and name not in beside)


def names_in(code: ReadCode, path: str) -> Iterator[Named]:
    """The public names in a module or a class."""
    owner = looked(lambda: code.owner(path), None)
    if owner is None:
        return
    none: list[str] = []
    named = dict.fromkeys(looked(lambda: code.names_in(owner), none))
    for name in named:
        yield _named(code, owner, name)
    if isinstance(owner, Module):
        for name in looked(lambda: list(code.modules.modules_in(owner)), none):
            if not name.startswith("_") and name not in named:
                yield Named(name, "module")


def described(code: ReadCode, path: str) -> str | None:
    """What something is, in Markdown: its signature and its docstring; None if that isn't known."""
    owner = looked(lambda: code.owner(path), None)
    if isinstance(owner, ReadModule | ModuleType):
        doc = inspect.getdoc(owner) if isinstance(owner, ModuleType) else owner.source and owner.source.doc
        return f"```python\nmodule {path}\n```\n\n{doc or ''}".rstrip()
    try:
        named = code.find(path)
    except UnknownCodeError:
        return _as_written(code, path)
    except (CodeNotFoundError, ModuleFailedError):
        return None
    doc = looked(lambda: inspect.getdoc(named), None) or ""
    head = signature_of(named, path.rpartition(".")[2])
    return f"```python\n{head}\n```\n\n{doc}".rstrip()


def signature_of(code: Any, name: str) -> str:
    """The first line of a definition, as the source has it where that was read."""
    origin = origin_of(code)
    if origin is not None and not isinstance(origin.node, ast.Lambda):
        return _head_of(origin.node)
    text = looked(lambda: str(inspect.signature(code)), "(...)")
    return (
        f"class {name}{text}"
        if is_class(code)
        else f"def {name}{text}"
        if callable(code)
        else f"{name}: {type(code).__name__}"
    )


def _head_of(node: FunctionNode | ast.ClassDef) -> str:
    """The first line of a definition; of a class, with what it takes."""
    if isinstance(node, FunctionNode):
        keyword = "async def" if isinstance(node, ast.AsyncFunctionDef) else "def"
        returns = "" if node.returns is None else f" -> {ast.unparse(node.returns)}"
        return f"{keyword} {node.name}({ast.unparse(node.args)}){returns}"
    bases = ", ".join(map(ast.unparse, node.bases))
    methods = (statement for statement in node.body if isinstance(statement, FunctionNode))
    init = next((method for method in methods if method.name == "__init__"), None)
    taken = "" if init is None else f"\n    def __init__({ast.unparse(init.args)})"
    return f"class {node.name}{f'({bases})' if bases else ''}:{taken}".removesuffix("" if taken else ":")


def place_in(file: Path, line: int, column: int = 1) -> Span:
    """A place in a file, counted from 1."""
    return Span(file, line, column, line, column)


def definition_of(code: ReadCode, path: str) -> Span | None:
    """Where something is defined; None for what is not in a source."""
    owner = looked(lambda: code.owner(path), None)
    if isinstance(owner, ReadModule):
        file = None if owner.source is None else owner.source.file
        return None if file is None else place_in(file, 1)
    try:
        named = code.find(path)
    except UnknownCodeError:
        return _bound(code, path)
    except (CodeNotFoundError, ModuleFailedError):
        return None
    origin = origin_of(named)
    if origin is not None and origin.file is not None:
        return place_in(Path(origin.file), origin.node.lineno, origin.node.col_offset + 1)
    bound = None if origin is not None else _bound(code, path)
    if bound is not None:
        return bound
    return looked(lambda: _in_python(named), None)


def _bound(code: ReadCode, path: str) -> Span | None:
    """Where a name of a module is bound, whatever it is bound to."""
    binding = code.binding(path)
    if binding is None or binding[0].file is None:
        return None
    return place_in(binding[0].file, binding[1].lineno, binding[1].col_offset + 1)


def _as_written(code: ReadCode, path: str) -> str | None:
    """What its definition says of something that its decorators, or its bases, make something else of."""
    binding = code.binding(path)
    if binding is None or not isinstance(binding[1], ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
        return None
    return f"```python\n{_head_of(binding[1])}\n```\n\n{ast.get_docstring(binding[1]) or ''}".rstrip()


def _in_python(code: Any) -> Span | None:
    """Where something of Python's own is."""
    file = inspect.getsourcefile(inspect.unwrap(code))
    _, line = inspect.getsourcelines(inspect.unwrap(code))
    return None if file is None else place_in(Path(file), max(line, 1))


def _named(code: ReadCode, owner: Any, name: str) -> Named:
    if isinstance(owner, ReadModule) and owner.source is not None:
        binding = owner.source.bindings.get(name)
        if isinstance(binding, FunctionNode):
            return Named(name, "function")
        if isinstance(binding, ast.ClassDef):
            return Named(name, "class")
        return Named(name, "value", is_own=binding is not None and not isinstance(binding, ast.alias))
    value = attribute(owner, name)
    if inspect.ismodule(value):
        return Named(name, "module", is_own=False)
    return Named(name, "class" if is_class(value) else "function" if callable(value) else "value")
