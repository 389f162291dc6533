"""Code that is read and not imported: `ReadCode` finds it, as `ImportedCode` does, by its dotted path."""

from __future__ import annotations

import ast
import builtins
import sys
import threading
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from types import BuiltinFunctionType, ModuleType
from typing import Any, NewType, TypeVar, get_args

from noob_cli.code.annotations import UNRESOLVED
from noob_cli.code.codebase import UnknownCodeError
from noob_cli.code.compatibility import is_public_module
from noob_cli.code.finding import CodeNotFoundError, ModuleFailedError
from noob_cli.code.looking import is_class, looked, mro_of
from noob_cli.code.own_imports import found_elsewhere
from noob_cli.code.reading.attrs_classes import makes_class, with_fields
from noob_cli.code.reading.conditions import handler_of
from noob_cli.code.reading.decorating import decorated, result_of
from noob_cli.code.reading.evaluating import Evaluation, ForeignCodeError, MissingCodeError, Unknown, builtin
from noob_cli.code.reading.hooks import imports_what_it_validates, is_foreign
from noob_cli.code.reading.modules import Module, Modules, ReadModule, name_imported_from
from noob_cli.code.reading.sources import Binding, Source, bound_by
from noob_cli.code.reading.stand_ins import Definition, FunctionNode, Maker, instance_of, origin_of

_OF_ALL_MODULES = ("__name__", "__doc__", "__file__", "__path__", "__package__", "__spec__", "__loader__", "__dict__")


class ReadCode:
    """Code that is read, so that nothing of the user's is run: what shows only when it runs is unknown.

    Python's own modules are imported, but those that do something then. Several threads may ask at once.

    Args:
        folders: The folders of the tube, in which code is looked for first.
    """

    def __init__(self, folders: Sequence[Path]) -> None:
        self.folders = folders
        self.modules = Modules(folders)
        self._values: dict[tuple[str, str], Any] = {}
        self._under_way: set[tuple[str, str]] = set()
        self._makers: dict[str, Maker] = {}
        self._lock = threading.RLock()

    @property
    def is_outdated(self) -> bool:
        """Whether a file that was read has changed since."""
        return self.modules.sources.changed()

    def find(self, path: str) -> Any:
        if "." in path:
            return self._shown(self.owner(path))
        try:
            return builtin(path)
        except MissingCodeError:
            raise CodeNotFoundError(path, path, builtins) from None

    def owner(self, path: str) -> Any:
        """A module or a class, by its dotted path: a module as it is read.

        Raises:
            CodeNotFoundError: There is no such owner.
            ModuleFailedError: The source of a module isn't Python.
            UnknownCodeError: It isn't known what is there.
        """
        first, *rest = path.split(".")
        top: Any = self.modules.at_top(first, beside=True)
        if top is None:
            try:
                top = builtin(first)
            except MissingCodeError:
                raise CodeNotFoundError(path, first) from None
        return self._walk(top, rest, path)

    def module(self, name: str) -> Any:
        module = self.modules.at_top(name, beside=True)
        return None if module is None else self._shown(module)

    def beside(self, name: str) -> str | None:
        spec = self.modules.sources.spec(name, beside=True)
        if spec is None or spec.origin is None or not self.modules.sources.is_in_folders(spec.origin):
            return None
        other = found_elsewhere(name)
        return None if other is None or other.origin == spec.origin else spec.origin

    def validates(self, kind: Any) -> bool:
        if is_class(kind) and any(origin_of(base) is not None for base in mro_of(kind)):
            return False
        return not imports_what_it_validates(kind) and all(map(self.validates, _types_in(kind)))

    def names_in(self, owner: Any) -> list[str]:
        """The public names in a module or a class, those that are read in the order of the source."""
        if isinstance(owner, ReadModule):
            source = owner.source
            names = [] if source is None else [*source.bindings, *source.attempts, *source.unclear]
            for star in [] if source is None else source.starred:
                starred = self.modules.imported_from(owner, star)
                names += [] if starred is None else self.names_in(starred)
        else:
            names = dir(owner)
        return [name for name in dict.fromkeys(names) if not name.startswith("_")]

    def binding(self, path: str) -> tuple[Source, Binding] | None:
        """Where a name is bound, and by what, whatever it is bound to; None if that is in no source.

        What a source doesn't show of a name, the stub file beside it may.

        Args:
            path: The dotted path of the name.
        """
        owner, _, name = path.rpartition(".")
        for find in (self.owner, self.modules.by_name):
            module = looked(partial(find, owner), None) if owner else None
            binding = self._binding(module, name, frozenset()) if isinstance(module, ReadModule) else None
            if binding is not None:
                return binding
        return None

    def member(self, owner: Any, name: str) -> Any:
        """What a module or a class has by a name.

        Raises:
            MissingCodeError: It has nothing by that name.
            UnknownCodeError: It isn't known whether it has, or what.
        """
        if isinstance(owner, ReadModule):
            return self._in_module(owner, name)
        if not (isinstance(owner, ModuleType) or is_class(owner) or _is_plain_function(owner)):
            raise UnknownCodeError(name)
        try:
            value = getattr(owner, name)
        except AttributeError:
            module = self.modules.submodule_of(owner, name) if isinstance(owner, ModuleType) else None
            if module is not None:
                return module
            raise MissingCodeError(name) from None
        except Exception as error:
            raise UnknownCodeError(name) from error
        if isinstance(value, Unknown):
            raise UnknownCodeError(name)
        return value

    def _walk(self, owner: Any, names: Sequence[str], path: str) -> Any:
        if not names:
            return owner
        first, *rest = names
        error: CodeNotFoundError | None = None
        try:
            return self._walk(self.member(owner, first), rest, path)
        except MissingCodeError:
            pass
        except CodeNotFoundError as missing:
            error = missing
        module = self.modules.submodule_of(owner, first) if isinstance(owner, ReadModule) else None
        if module is None:
            raise error or CodeNotFoundError(path, first, self._shown(owner))
        return self._walk(module, rest, path)

    def _shown(self, owner: Any) -> Any:
        """A module as an object that is one, for what is said of it."""
        if not isinstance(owner, ReadModule):
            return owner
        module = ModuleType(owner.name)
        source = owner.source
        if source is None:
            raise UnknownCodeError(owner.name)
        if source.file is not None:
            module.__file__ = str(source.file)
        if source.places is not None:
            module.__path__ = list(source.places)
        for name in self.names_in(owner):
            is_own = isinstance(source.bindings.get(name), FunctionNode | ast.ClassDef)
            try:
                setattr(module, name, self._in_module(owner, name) if is_own else None)
            except (UnknownCodeError, MissingCodeError):
                setattr(module, name, None)
        return module

    def _in_module(self, module: ReadModule, name: str) -> Any:
        source = module.source
        if source is None:
            raise (UnknownCodeError if is_public_module(module.name) else ForeignCodeError)(f"{module.name}.{name}")
        value = self._value(module, source, name)
        if isinstance(value, MissingCodeError):
            raise MissingCodeError(name)
        if isinstance(value, ModuleFailedError):
            raise UnknownCodeError(name)
        if isinstance(value, ForeignCodeError):
            raise ForeignCodeError(str(value))
        if isinstance(value, UnknownCodeError):
            is_concern = source.may_name_signals or self.modules.sources.is_own(source)
            raise (UnknownCodeError if is_concern else ForeignCodeError)(str(value))
        if is_public_module(module.name) and _holds_unresolved(value):
            raise UnknownCodeError(name)
        return value

    def _value(self, module: ReadModule, source: Source, name: str) -> Any:
        """What a name of a module is, or the error that says why that isn't known."""
        key = (module.name, name)
        with self._lock:
            if key not in self._values:
                if key in self._under_way:
                    raise ForeignCodeError(f"{module.name}.{name}")
                self._under_way.add(key)
                try:
                    self._values[key] = self._bound(module, source, name)
                except (UnknownCodeError, MissingCodeError, ModuleFailedError) as error:
                    self._values[key] = error
                finally:
                    self._under_way.discard(key)
            return self._values[key]

    def _bound(self, module: ReadModule, source: Source, name: str) -> Any:
        if name in source.unclear or name in _OF_ALL_MODULES:
            raise UnknownCodeError(name)
        if name in source.attempts:
            return self._attempted(module, source, name)
        binding = source.bindings.get(name)
        if binding is None:
            return self._starred(module, source, name)
        if isinstance(binding, ast.alias):
            return self._import_of(module, source.imported_from[name], binding)
        maker, evaluation = self._maker(module), self._evaluation(module)
        if isinstance(binding, FunctionNode):
            return maker.function(binding, evaluation)
        if isinstance(binding, ast.ClassDef):
            return maker.class_(binding, evaluation)
        if isinstance(binding, ast.Assign | ast.AnnAssign) and binding.value is not None:
            value = evaluation.value(binding.value)
            if value is not UNRESOLVED:
                return value
        if sys.version_info >= (3, 12) and isinstance(binding, ast.TypeAlias) and not binding.type_params:
            return evaluation.annotation(binding.value)
        raise UnknownCodeError(name)

    def _attempted(self, module: ReadModule, source: Source, name: str) -> Any:
        """What a name is that an attempt to import binds, or what is done where that fails."""
        attempt = source.attempts[name]
        error = self._failure(module, attempt)
        handler = None if error is None else handler_of(attempt, error)
        if error is not None and handler is None:
            raise UnknownCodeError(name)
        done = [*attempt.body, *attempt.orelse] if handler is None else handler.body
        bound = bound_by([*done, *attempt.finalbody], source)
        if name not in bound.bindings:
            raise UnknownCodeError(name)
        return self._bound(module, bound, name)

    def _failure(self, module: ReadModule, attempt: ast.Try) -> type[ImportError] | None:
        """The error with which an attempt to import fails; None if it doesn't.

        Raises:
            UnknownCodeError: That isn't known.
        """
        for statement in attempt.body:
            if isinstance(statement, ast.Import):
                if any(self.modules.is_missing(alias.name) for alias in statement.names):
                    return ModuleNotFoundError
            elif isinstance(statement, ast.ImportFrom):
                owner = self.modules.imported_from(module, statement)
                if owner is None and self.modules.is_missing(name_imported_from(module, statement)):
                    return ModuleNotFoundError
                if owner is not None and not all(self._has(owner, alias.name) for alias in statement.names):
                    return ImportError
        return None

    def _has(self, owner: Module, name: str) -> bool:
        if isinstance(owner, ReadModule) and owner.source is not None and name in owner.source.bindings:
            return True
        try:
            self.member(owner, name)
        except MissingCodeError:
            return self.modules.submodule_of(owner, name) is not None
        return True

    def _starred(self, module: ReadModule, source: Source, name: str) -> Any:
        for star in source.starred:
            starred = self.modules.imported_from(module, star)
            if starred is None:
                raise UnknownCodeError(name)
            try:
                return self.member(starred, name)
            except MissingCodeError:
                continue
        if source.is_open:
            raise UnknownCodeError(name)
        raise MissingCodeError(name)

    def _import_of(self, module: ReadModule, statement: ast.Import | ast.ImportFrom, alias: ast.alias) -> Any:
        if isinstance(statement, ast.Import):
            imported = self.modules.by_name(alias.name if alias.asname else alias.name.partition(".")[0])
        else:
            owner = self.modules.imported_from(module, statement)
            if owner is None:
                raise UnknownCodeError(alias.name)
            try:
                return self.member(owner, alias.name)
            except MissingCodeError:
                imported = self.modules.submodule_of(owner, alias.name)
        if imported is None:
            raise UnknownCodeError(alias.name)
        return imported

    def _binding(self, module: ReadModule, name: str, seen: frozenset[str]) -> tuple[Source, Binding] | None:
        """Where a name of a module is bound in the end: there, or in one from which it is imported."""
        if module.source is None or module.name in seen:
            return None
        sources = (module.source, self.modules.sources.stub(module.source))
        source = next((source for source in sources if source is not None and name in source.bindings), None)
        statement = None if source is None else source.imported_from.get(name)
        stars = module.source.starred if source is None else []
        for imported in [statement, *stars]:
            if isinstance(imported, ast.ImportFrom):
                inner = looked(partial(self.modules.imported_from, module, imported), None)
                real = next((alias.name for alias in imported.names if name in (alias.asname, alias.name)), name)
                binding = self._binding(inner, real, seen | {module.name}) if isinstance(inner, ReadModule) else None
                if binding is not None:
                    return binding
        return None if source is None else (source, source.bindings[name])

    def _maker(self, module: ReadModule) -> Maker:
        if module.name not in self._makers:
            file = None if module.source is None else module.source.file
            self._makers[module.name] = Maker(module.name, None if file is None else str(file), self._decorated)
        return self._makers[module.name]

    def _decorated(self, made: Any, decorator: ast.expr, node: Definition, around: Evaluation) -> Any:
        if isinstance(node, ast.ClassDef) and makes_class(decorator, around):
            return with_fields(made, node, decorator, around)
        return decorated(made, decorator, around, self._makers)

    def _evaluation(self, module: ReadModule) -> Evaluation:
        def lookup(name: str) -> Any:
            try:
                return self._in_module(module, name)
            except MissingCodeError:
                return builtin(name)

        def call(called: Any, node: ast.Call, evaluation: Evaluation) -> Any:
            if is_class(called):
                return instance_of(called)
            given = [*map(evaluation.value_or_unknown, node.args)]
            if any(is_foreign(value, origin_of) for value in given):
                raise UnknownCodeError(ast.unparse(node))
            return result_of(called, self._makers, *given)

        def lambda_(node: ast.Lambda, evaluation: Evaluation) -> Any:
            return self._maker(module).bare_function(node, evaluation)

        return Evaluation(lookup, self.member, call, lambda_)


def _holds_unresolved(kind: Any) -> bool:
    return kind is UNRESOLVED or any(map(_holds_unresolved, get_args(kind)))


def _types_in(kind: Any) -> tuple[Any, ...]:
    """The types of which another is made."""
    if isinstance(kind, NewType):
        return (kind.__supertype__,)
    if isinstance(kind, TypeVar):
        return (*kind.__constraints__, kind.__bound__)
    return get_args(kind)


def _is_plain_function(owner: Any) -> bool:
    """Whether it has no attributes but those of every function, as nothing has given it any."""
    if isinstance(owner, BuiltinFunctionType):
        return True
    origin = origin_of(owner)
    return origin is not None and isinstance(origin.node, FunctionNode) and not origin.node.decorator_list
