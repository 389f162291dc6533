"""What stands for the functions and classes of the user's: it has their signatures and bases, and does nothing."""

from __future__ import annotations

import ast
import types
from abc import ABC
from collections.abc import Callable, Iterator
from functools import lru_cache
from typing import Any, Generic, Protocol
from weakref import WeakKeyDictionary

from noob_cli.code.annotations import UNRESOLVED
from noob_cli.code.codebase import UnknownCodeError
from noob_cli.code.looking import mro_of
from noob_cli.code.reading.evaluating import Evaluation, Unknown, type_variables
from noob_cli.code.reading.hooks import refuse_bases, refuse_name, refuse_value
from noob_cli.named_tuple import NamedTuple

FunctionNode = ast.FunctionDef | ast.AsyncFunctionDef
Definition = FunctionNode | ast.ClassDef

_PLAIN_BASES = (object, ABC, Generic, Protocol)

_DISGUISING = frozenset({"update_wrapper", "setattr", "__wrapped__", "__signature__", "__dict__", "__class__"})
"""What code names that makes instances seem something else."""


class Origin(NamedTuple):
    """Where what stands for something comes from.

    Args:
        module: The dotted name of its module.
        file: The file of that.
        node: Its definition.
        evaluation: What is known where it is defined.
    """

    module: str
    file: str | None
    node: ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef | ast.Lambda
    evaluation: Evaluation


_origins: WeakKeyDictionary[Any, Origin] = WeakKeyDictionary()


def origin_of(code: Any) -> Origin | None:
    """Where what stands for something comes from; None for what is itself."""
    try:
        return _origins.get(code)
    except TypeError:
        return None


def instance_of(cls: type) -> Any:
    """What stands for an instance of a class; its attributes are not known.

    Raises:
        UnknownCodeError: It may be another than its class shows.
    """
    for base in mro_of(cls):
        origin = origin_of(base)
        is_plain = base in _PLAIN_BASES or (origin is not None and not _is_disguised(origin.node))
        if not is_plain:
            raise UnknownCodeError(cls.__name__)
    return object.__new__(cls)


def _is_disguised(node: ast.AST) -> bool:
    """Whether a class gives its instances what makes them seem something else."""
    named = (inner for inner in ast.walk(node) if isinstance(inner, ast.Attribute | ast.Name))
    return any((inner.attr if isinstance(inner, ast.Attribute) else inner.id) in _DISGUISING for inner in named)


Decorated = Callable[[Any, ast.expr, Definition, Evaluation], Any]


class Maker:
    """Makes what stands for the definitions of a module.

    Args:
        module: Its dotted name.
        file: Its file.
        decorated: What a decorator makes of what stands for a definition.
    """

    def __init__(self, module: str, file: str | None, decorated: Decorated) -> None:
        self._module = module
        self._file = file
        self._decorated = decorated

    def function(self, node: FunctionNode, around: Evaluation, qualified: str = "") -> Any:
        """What stands for a function, its decorators applied.

        Raises:
            UnknownCodeError: What it is shows only when code runs.
        """
        return self._with_decorators(self.bare_function(node, around, qualified), node, around)

    def bare_function(self, node: FunctionNode | ast.Lambda, around: Evaluation, qualified: str = "") -> Any:
        """What stands for a function or a lambda without its decorators."""
        name = "<lambda>" if isinstance(node, ast.Lambda) else node.name
        variables = type_variables(node, around)
        evaluation = inside(around, variables) if variables else around
        given: dict[str, Any] = {"__name__": self._module, "__builtins__": {}}
        unknown: set[str] = set()
        for parameter, default in _defaults(node.args):
            value = evaluation.value_or_unknown(default)
            if isinstance(value, Unknown):
                unknown.add(parameter)
            given[_default_of(parameter)] = value
        exec(_bare_code(node, self._file or "<source>"), given)
        function = given["stand_in"]
        function.__name__ = name
        function.__qualname__ = f"{qualified}{name}"
        function.__module__ = self._module
        if not isinstance(node, ast.Lambda):
            function.__doc__ = ast.get_docstring(node)
            function.__annotations__ = self._annotations(node, evaluation, unknown)
            if variables:
                function.__type_params__ = tuple(variables.values())
        _origins[function] = Origin(self._module, self._file, node, around)
        return function

    def class_(self, node: ast.ClassDef, around: Evaluation, qualified: str = "") -> Any:
        """What stands for a class, its decorators applied.

        Raises:
            UnknownCodeError: What it is shows only when code runs.
        """
        variables = type_variables(node, around)
        evaluation = inside(around, variables) if variables else around
        bases = tuple(evaluation.value(base) for base in node.bases)
        if any(isinstance(base, Unknown) for base in bases):
            raise UnknownCodeError(node.name)
        keywords = {}
        for keyword in node.keywords:
            if keyword.arg is None:
                raise UnknownCodeError(node.name)
            keywords[keyword.arg] = evaluation.value(keyword.value)
        refuse_bases(bases, keywords, origin_of)
        body = self._body(node, evaluation, f"{qualified}{node.name}.")
        if variables:
            body["__type_params__"] = tuple(variables.values())
        try:
            made = types.new_class(node.name, bases, keywords, lambda namespace: namespace.update(body))
        except Exception as error:
            raise UnknownCodeError(node.name) from error
        made = self._with_decorators(made, node, around)
        if isinstance(made, type):
            _origins[made] = Origin(self._module, self._file, node, around)
        return made

    def _with_decorators(self, made: Any, node: Definition, around: Evaluation) -> Any:
        for decorator in reversed(node.decorator_list):
            made = self._decorated(made, decorator, node, around)
        return made

    def _body(self, node: ast.ClassDef, around: Evaluation, qualified: str) -> dict[str, Any]:
        body: dict[str, Any] = {
            "__module__": self._module,
            "__qualname__": qualified.rstrip("."),
            "__annotations__": {},
        }
        if (doc := ast.get_docstring(node)) is not None:
            body["__doc__"] = doc
        annotations: dict[str, Any] = body["__annotations__"]
        evaluation = inside(around, body)
        # What a function in the class says in its annotations may be anything of the module too.
        for statement in node.body:
            if isinstance(statement, FunctionNode):
                refuse_name(statement.name, is_method=True)
                body[statement.name] = self.function(statement, evaluation, qualified)
            elif isinstance(statement, ast.ClassDef):
                refuse_name(statement.name)
                body[statement.name] = self.class_(statement, evaluation, qualified)
            elif isinstance(statement, ast.AnnAssign) and isinstance(statement.target, ast.Name):
                refuse_name(statement.target.id)
                annotations[statement.target.id] = evaluation.annotation(statement.annotation)
                if statement.value is not None:
                    self._assign(statement.target.id, statement.value, body, evaluation)
            elif isinstance(statement, ast.Assign) and all(
                isinstance(target, ast.Name) for target in statement.targets
            ):
                for target in statement.targets:
                    assert isinstance(target, ast.Name)
                    self._assign(target.id, statement.value, body, evaluation)
            elif not isinstance(statement, ast.Pass) and not _is_constant(statement):
                raise UnknownCodeError(node.name)
        return body

    def _assign(self, name: str, value: ast.expr, body: dict[str, Any], evaluation: Evaluation) -> None:
        refuse_name(name)
        is_special = name.startswith("__") or name in ("process", "init", "deinit", "model_config")
        body[name] = evaluation.value(value) if is_special else evaluation.value_or_unknown(value)
        refuse_value(name, body[name], origin_of)

    def _annotations(self, node: FunctionNode, evaluation: Evaluation, unknown: set[str]) -> dict[str, Any]:
        annotations = {
            argument.arg: evaluation.annotation(argument.annotation)
            for argument in _all_arguments(node.args)
            if argument.annotation is not None
        }
        # What the code gives itself it takes, whatever its annotation says.
        annotations.update({name: UNRESOLVED for name in unknown if name in annotations})
        if node.returns is not None:
            annotations["return"] = evaluation.annotation(node.returns)
        return annotations


def _defaults(arguments: ast.arguments) -> Iterator[tuple[str, ast.expr]]:
    """The parameters that have a default, each with that."""
    positional = [*arguments.posonlyargs, *arguments.args]
    with_default = positional[len(positional) - len(arguments.defaults) :]
    yield from zip((argument.arg for argument in with_default), arguments.defaults, strict=True)
    for argument, default in zip(arguments.kwonlyargs, arguments.kw_defaults, strict=True):
        if default is not None:
            yield argument.arg, default


def _default_of(parameter: str) -> str:
    return f"default_{parameter}"


@lru_cache(maxsize=2_000)
def _bare_code(node: FunctionNode | ast.Lambda, file: str) -> types.CodeType:
    """What defines a function with the parameters of another, which does nothing; its defaults are given by names."""
    given = {parameter for parameter, _ in _defaults(node.args)}

    def bare(argument: ast.arg) -> ast.arg:
        return ast.arg(argument.arg, None, None)

    def default(argument: ast.arg) -> ast.expr | None:
        return ast.Name(_default_of(argument.arg), ast.Load()) if argument.arg in given else None

    arguments = ast.arguments(
        posonlyargs=[*map(bare, node.args.posonlyargs)],
        args=[*map(bare, node.args.args)],
        vararg=None if node.args.vararg is None else bare(node.args.vararg),
        kwonlyargs=[*map(bare, node.args.kwonlyargs)],
        kw_defaults=[*map(default, node.args.kwonlyargs)],
        kwarg=None if node.args.kwarg is None else bare(node.args.kwarg),
        defaults=[*filter(None, map(default, [*node.args.posonlyargs, *node.args.args]))],
    )
    body: list[ast.stmt] = [ast.Expr(ast.Yield())] if _yields(node) else [ast.Pass()]
    kind = ast.AsyncFunctionDef if isinstance(node, ast.AsyncFunctionDef) else ast.FunctionDef
    definition: Any = kind("stand_in", arguments, body, [], None)
    if "type_params" in definition._fields:
        definition.type_params = []
    for inner in ast.walk(definition):
        inner.__dict__.update(lineno=node.lineno, end_lineno=node.lineno, col_offset=0, end_col_offset=0)
    return compile(ast.Module([definition], []), file, "exec")


def inside(around: Evaluation, names: dict[str, Any]) -> Evaluation:
    """What is known in a place with some names of its own."""

    def lookup(name: str) -> Any:
        if name not in names:
            return around.lookup(name)
        if isinstance(names[name], Unknown):
            raise UnknownCodeError(name)
        return names[name]

    return around.with_lookup(lookup)


def _all_arguments(arguments: ast.arguments) -> Iterator[ast.arg]:
    yield from (*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs)
    yield from (argument for argument in (arguments.vararg, arguments.kwarg) if argument is not None)


def _yields(node: ast.AST) -> bool:
    """Whether a function yields itself, and not one in it."""
    waiting = list(ast.iter_child_nodes(node))
    while waiting:
        inner = waiting.pop()
        if isinstance(inner, ast.Yield | ast.YieldFrom):
            return True
        if not isinstance(inner, FunctionNode | ast.Lambda | ast.ClassDef):
            waiting += ast.iter_child_nodes(inner)
    return False


def _is_constant(statement: ast.stmt) -> bool:
    return isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant)
