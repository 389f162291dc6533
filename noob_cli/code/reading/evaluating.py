"""What an expression in the user's source is, as far as that is known without running code of the user's."""

from __future__ import annotations

import ast
import builtins
import dataclasses
import enum
import functools
import operator
import sys
from collections.abc import Callable
from typing import Annotated, Any, Literal, NewType, ParamSpec, TypeVar, TypeVarTuple, Union, get_origin

import typing_extensions
from pydantic import AliasChoices, AliasPath, ConfigDict, Field, PrivateAttr

from noob_cli.code.annotations import UNRESOLVED
from noob_cli.code.codebase import UnknownCodeError
from noob_cli.code.compatibility import is_named
from noob_cli.code.looking import is_class
from noob_cli.code.reading.hooks import refuse_configuration
from noob_cli.names import Name

_CALLED = (
    *(Name, NewType, TypeVar, ParamSpec, TypeVarTuple, typing_extensions.TypeVar, enum.auto),
    *(Field, PrivateAttr, ConfigDict, AliasChoices, AliasPath, dataclasses.field, functools.partial),
    *(operator.itemgetter, operator.attrgetter, operator.methodcaller, dict, list, tuple, set, frozenset),
)
"""What may be called to see what it gives: it keeps what it is given, and calls nothing of that."""

_FIELDS = (Field, PrivateAttr, dataclasses.field)

_NOT_CALLED = ("default_factory", "description", "title", "examples", "json_schema_extra", "metadata")
"""What may be said of a field that need not be known."""

_TAKE_TYPES = (NewType, TypeVar, typing_extensions.TypeVar)
"""Those of them that take types behind their name: a text among these is one that is evaluated later."""


class ForeignCodeError(UnknownCodeError):
    """What is named is not known, and none of this package's: it is in a package that knows nothing of it."""


class MissingCodeError(Exception):
    """A name is bound nowhere."""


class Unknown:
    """Stands for a value that shows only when code runs."""

    def __repr__(self) -> str:
        return "..."


Lookup = Callable[[str], Any]
"""What a name means; raises `MissingCodeError` or `UnknownCodeError`."""

Member = Callable[[Any, str], Any]
"""An attribute of a module, or of what stands for one, or of a class; raises the same."""


class Evaluation:
    """The meaning of expressions in one place of the source.

    Args:
        lookup: What a name means there.
        member: What an attribute is.
        call: What the call of something of the user's gives.
        lambda_: What stands for a lambda.
    """

    def __init__(
        self,
        lookup: Lookup,
        member: Member,
        call: Callable[[Any, ast.Call, Evaluation], Any],
        lambda_: Callable[[ast.Lambda, Evaluation], Any],
    ) -> None:
        self.lookup = lookup
        self._member = member
        self._call = call
        self._lambda = lambda_

    def with_lookup(self, lookup: Lookup) -> Evaluation:
        """The same where names mean something else."""
        return Evaluation(lookup, self._member, self._call, self._lambda)

    def value(self, node: ast.expr) -> Any:
        """The value of an expression.

        Raises:
            UnknownCodeError: It shows only when code runs.
        """
        try:
            return self._value(node)
        except MissingCodeError as error:
            raise UnknownCodeError(str(error)) from None
        except RecursionError:
            raise UnknownCodeError("it is nested too deeply") from None

    def value_or_unknown(self, node: ast.expr) -> Any:
        """The value of an expression; an `Unknown` if it shows only when code runs."""
        try:
            return self.value(node)
        except UnknownCodeError:
            return Unknown()

    def annotation(self, node: ast.expr) -> Any:
        """The type that an annotation names; what there is of no one's concern, and not known, is `UNRESOLVED` in it.

        Raises:
            UnknownCodeError: It isn't known, and could name signals.
        """
        try:
            return self._annotation(node)
        except UnknownCodeError:
            raise
        except MissingCodeError:
            return UNRESOLVED
        except Exception as error:
            raise UnknownCodeError(f"'{ast.unparse(node)}' can't be made") from error

    def _annotation(self, node: ast.expr) -> Any:
        """The type that an annotation stands for."""
        if isinstance(node, ast.Constant):
            if isinstance(node.value, str):
                return self._written(node.value)
            return node.value
        if isinstance(node, ast.Name | ast.Attribute):
            try:
                value = self._value(node)
            except (ForeignCodeError, MissingCodeError):
                return UNRESOLVED
            if isinstance(value, str):
                return self._written(value)
            # A text in a collection would be evaluated later.
            if isinstance(value, Unknown | tuple | list | dict | set | frozenset):
                raise UnknownCodeError(ast.unparse(node))
            return value
        if isinstance(node, ast.BinOp) and isinstance(node.op, ast.BitOr):
            return Union[self._annotation(node.left), self._annotation(node.right)]  # noqa: UP007
        if isinstance(node, ast.Subscript):
            return self._subscripted(node)
        if isinstance(node, ast.List):
            return [self._annotation(element) for element in node.elts]
        if isinstance(node, ast.Starred):
            return UNRESOLVED
        raise UnknownCodeError(ast.unparse(node))

    def _written(self, text: str) -> Any:
        try:
            return self._annotation(ast.parse(text.strip(), mode="eval").body)
        except SyntaxError:
            return UNRESOLVED

    def _subscripted(self, node: ast.Subscript) -> Any:
        generic = self._annotation(node.value)
        if generic is UNRESOLVED:
            return UNRESOLVED
        if not _is_type(generic):
            raise UnknownCodeError(ast.unparse(node))
        elements = node.slice.elts if isinstance(node.slice, ast.Tuple) else [node.slice]
        if generic in (Literal, typing_extensions.Literal):
            return generic[tuple(map(self.value, elements))]
        if generic is Annotated:
            return Annotated[(self._annotation(elements[0]), *map(self._extra, elements[1:]))]
        arguments = tuple(map(self._annotation, elements))
        if isinstance(node.slice, ast.Tuple) and not elements:
            return generic[()]
        return generic[arguments if len(arguments) > 1 else arguments[0]]

    def _extra(self, node: ast.expr) -> Any:
        """What stands beside the type in `Annotated`: a name that is not known would be one of a signal."""
        if isinstance(node, ast.Call):
            try:
                called = self.value(node.func)
            except ForeignCodeError:
                return Unknown()
            if is_class(called) and called.__module__.startswith("pydantic"):
                return self.value_or_unknown(node)
        return self.value(node)

    def _value(self, node: ast.expr) -> Any:
        """The value of an expression."""
        if isinstance(node, ast.Constant):
            return node.value
        if isinstance(node, ast.Name):
            return self.lookup(node.id)
        if isinstance(node, ast.Attribute):
            return self._member(self._value(node.value), node.attr)
        if isinstance(node, ast.Tuple):
            return tuple(self._value(element) for element in node.elts)
        if isinstance(node, ast.List):
            return [self._value(element) for element in node.elts]
        if isinstance(node, ast.Set):
            return {self._value(element) for element in node.elts}
        if isinstance(node, ast.Dict):
            return {
                self._value(key): self._value(value) for key, value in zip(node.keys, node.values, strict=True) if key
            }
        if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
            number = self._value(node.operand)
            if type(number) in (int, float):
                return -number
        if isinstance(node, ast.Lambda):
            return self._lambda(node, self)
        if isinstance(node, ast.Call):
            return self._called(node)
        if isinstance(node, ast.Subscript):
            return self._item(node)
        if isinstance(node, ast.BinOp) and isinstance(node.op, ast.BitOr):
            return self.annotation(node)
        raise UnknownCodeError(ast.unparse(node))

    def _item(self, node: ast.Subscript) -> Any:
        """A class or a generic type in brackets."""
        if _is_type(self._value(node.value)):
            return self.annotation(node)
        raise UnknownCodeError(ast.unparse(node))

    def _called(self, node: ast.Call) -> Any:
        """What a call gives."""
        called = self._value(node.func)
        if is_class(called) and is_named(called, "Name") and node.args:
            # That of the public package has an attribute of that name.
            name: Any = object.__new__(called)
            object.__setattr__(name, "name", self.value(node.args[0]))
            return name
        if any(called is known for known in _CALLED):
            if any(isinstance(argument, ast.Starred) for argument in node.args) or any(
                keyword.arg is None for keyword in node.keywords
            ):
                raise UnknownCodeError(ast.unparse(node))
            value = self.annotation if any(called is known for known in _TAKE_TYPES) else self._value
            arguments = [*map(self._value, node.args[:1]), *map(value, node.args[1:])]
            keywords = {
                keyword.arg: self._argument(keyword, called) for keyword in node.keywords if keyword.arg is not None
            }
            refuse_configuration(keywords)
            try:
                return called(*arguments, **keywords)
            except Exception as error:
                raise UnknownCodeError(ast.unparse(node)) from error
        return self._call(called, node, self)

    def _argument(self, keyword: ast.keyword, called: Any) -> Any:
        """A keyword of what is called: what makes the default of a field need not be known, as it isn't called."""
        if keyword.arg in _NOT_CALLED and any(called is known for known in _FIELDS):
            value = self.value_or_unknown(keyword.value)
            return dict if isinstance(value, Unknown) else value
        if keyword.arg in ("bound", "default") and any(called is known for known in _TAKE_TYPES):
            return self.annotation(keyword.value)
        return self._value(keyword.value)


def _is_type(owner: Any) -> bool:
    """Whether brackets behind it make a type of it."""
    is_special = type(owner).__module__ in ("typing", "typing_extensions") or isinstance(owner, type(Annotated))
    return is_class(owner) or get_origin(owner) is not None or is_special


def builtin(name: str) -> Any:
    """A builtin.

    Raises:
        MissingCodeError: There is none of that name.
    """
    try:
        return getattr(builtins, name)
    except AttributeError:
        raise MissingCodeError(name) from None


def type_variables(node: ast.AST, evaluation: Evaluation) -> dict[str, Any]:
    """The type variables that a definition declares in brackets behind its name."""
    variables: dict[str, Any] = {}
    if sys.version_info >= (3, 12):
        for parameter in getattr(node, "type_params", ()):
            kind: Any = {ast.ParamSpec: ParamSpec, ast.TypeVarTuple: TypeVarTuple}.get(type(parameter), TypeVar)
            if kind is TypeVar and parameter.bound is not None:
                bound = evaluation.annotation(parameter.bound)
                made = (
                    TypeVar(parameter.name, *bound)
                    if isinstance(bound, tuple)
                    else TypeVar(parameter.name, bound=bound)
                )
                variables[parameter.name] = made
            else:
                variables[parameter.name] = kind(parameter.name)
    return variables
