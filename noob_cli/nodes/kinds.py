"""What a node's `type` turns out to be, and how it is made and called."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from enum import Enum
from typing import Any, NamedTuple, TypeGuard

from noob_cli.marks import DEINIT, INIT, PROCESS, mark_of
from noob_cli.nodes.interface import NOTHING, Interface, interface_of
from noob_cli.nodes.node import Node
from noob_cli.public_package import extends


class Role(Enum):
    """What a node does when it has its turn."""

    source = "source"
    """It draws its next value."""
    call = "call"
    """It is called with what its slots got."""
    return_ = "return"
    """It says what the epoch returns."""
    map = "map"
    """It takes one iterable apart, so that what depends on its items runs once for each."""
    gather = "gather"
    """It collects values into lists."""
    tube = "tube"
    """It is a tube of its own."""


class Making(Enum):
    """What is made of a node's code when the run starts."""

    nothing = "nothing"
    """The code itself is called."""
    generator = "generator"
    """The code is called once and gives a generator."""
    iterator = "iterator"
    """The class is instantiated, and the instance iterated."""
    instance = "instance"
    """The class is instantiated, and a method of the instance called."""


class NodeKind(NamedTuple):
    """A node's code, and all that is known of it.

    Args:
        role: What it does when it has its turn.
        code: What `type` names; None for the special nodes.
        making: What is made of the code when the run starts.
        interface: What its calls take and emit; for a source, what it emits.
        parameters: What making it takes, for what is made at the start; else the same as `interface`.
        method: The name of the method that is called, or whose generator is drawn from.
        init: The names of the methods that run at the start.
        deinit: The names of the methods that run at the stop.
        stateful: Whether its result depends on the order of its calls, unless the file says otherwise.
        coroutine: Whether its calls, or what draws from it, are awaited.
        draws: Whether it is a tube that draws its values.
    """

    role: Role
    code: Any = None
    making: Making = Making.nothing
    interface: Interface = NOTHING
    parameters: Interface = NOTHING
    method: str | None = None
    init: tuple[str, ...] = ()
    deinit: tuple[str, ...] = ()
    stateful: bool = False
    coroutine: bool = False
    draws: bool = False

    @property
    def is_node_class(self) -> bool:
        """Whether it is a subclass of `Node`, which is also given its id and its specification."""
        return inspect.isclass(self.code) and _is_node_class(self.code)


class NodeKindError(Exception):
    """A node's code can't be run as a node.

    Args:
        message: What was found and what was expected.
        hint: What to do.
    """

    def __init__(self, message: str, hint: str) -> None:
        self.hint = hint
        super().__init__(message)


def kind_of(code: object, has_depends: bool) -> NodeKind:
    """What a node's code turns out to be.

    Args:
        code: What the node's `type` names.
        has_depends: Whether the node depends on anything.

    Raises:
        NodeKindError: It can't be run as a node; the message says why and what to do.
    """
    if inspect.isclass(code):
        return _kind_of_class(code, has_depends)
    if inspect.isgeneratorfunction(code) or inspect.isasyncgenfunction(code):
        interface = interface_of(code, generator=True)
        awaited = inspect.isasyncgenfunction(code)
        return NodeKind(Role.source, code, Making.generator, interface, interface, stateful=True, coroutine=awaited)
    if callable(code):
        interface = interface_of(code)
        coroutine = _is_coroutine_function(code)
        return NodeKind(Role.call, code, interface=interface, parameters=interface, coroutine=coroutine)
    message = f"a node runs something that can be called, found {_described(code)}"
    raise NodeKindError(message, "name a function or a class")


def _kind_of_class(code: type, has_depends: bool) -> NodeKind:
    method = _process_method(code)
    if method is not None:
        return _kind_of_method(code, method, has_depends)
    parameters = interface_of(code)
    if _makes_iterators(code) and not has_depends:
        return NodeKind(Role.source, code, Making.iterator, NOTHING, parameters, stateful=True)
    return NodeKind(Role.call, code, interface=parameters, parameters=parameters, stateful=True)


def _kind_of_method(code: type, name: str, has_depends: bool) -> NodeKind:
    static = inspect.getattr_static(code, name)
    method = getattr(code, name)
    generator = inspect.isgeneratorfunction(method) or inspect.isasyncgenfunction(method)
    bound = not isinstance(static, staticmethod | classmethod)
    interface = interface_of(method, generator, bound)
    if generator and (interface.slots or interface.any_names or interface.any_positions or has_depends):
        raise NodeKindError(
            f"'{code.__name__}.{name}' is a generator with slots: a generator is drawn from and takes none",
            hint="to emit several values for each call, return a list and put a 'map' behind it",
        )
    return NodeKind(
        Role.source if generator else Role.call,
        code,
        Making.instance,
        interface,
        interface_of(code),
        method=name,
        init=_marked(code, INIT),
        deinit=_marked(code, DEINIT),
        stateful=True,
        coroutine=inspect.iscoroutinefunction(method) or inspect.isasyncgenfunction(method),
    )


def _process_method(code: type) -> str | None:
    """The method of a class that is called as the node."""
    marked = _marked_methods(code, PROCESS)
    if len(marked) > 1:
        raise NodeKindError(
            f"'{code.__name__}' has {len(marked)} process methods, {', '.join(marked)}: a class has one",
            hint="take the mark from all but one",
        )
    if marked:
        return marked[0]
    if _is_node_class(code) and not hasattr(code, PROCESS):
        raise NodeKindError(
            f"'{code.__name__}' is a Node without a method 'process'",
            hint="give it one, or mark another with '@process_method'",
        )
    return PROCESS if callable(getattr(code, PROCESS, None)) else None


def _marked(code: type, mark: str) -> tuple[str, ...]:
    """The methods of a class for the start or the stop: those that are marked, and the one of that name."""
    marked = _marked_methods(code, mark)
    named = getattr(code, mark, None)
    if mark not in marked and callable(named) and named is not getattr(Node, mark):
        marked.append(mark)
    return tuple(marked)


def _marked_methods(code: type, mark: str) -> list[str]:
    """The names of the methods with a mark, those of base classes first."""
    names = dict.fromkeys(name for base in reversed(code.__mro__) for name in vars(base))
    # Looked at without being called: a property, or a field that warns, is none of our business.
    return [name for name in names if mark_of(inspect.getattr_static(code, name, None)) == mark]


def _is_coroutine_function(code: Any) -> bool:
    return inspect.iscoroutinefunction(code) or inspect.iscoroutinefunction(getattr(code, "__call__", None))  # noqa: B004


def _is_node_class(code: type) -> bool:
    return issubclass(code, Node) or extends(code, "Node")


def _makes_iterators(code: type) -> TypeGuard[Callable[..., Any]]:
    return hasattr(code, "__next__") and hasattr(code, "__iter__")


def _described(code: object) -> str:
    return f"{code!r}, of type '{type(code).__name__}'"
