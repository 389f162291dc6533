"""What a node's `type` turns out to be, and how it is made and called."""

from __future__ import annotations

from enum import Enum
from typing import Any, get_origin

from noob_cli.code.behind import Expected, Manner, class_behind, expected_of
from noob_cli.code.interface import NOTHING, Interface, interface_of
from noob_cli.code.looking import attribute, described, looked, name_of
from noob_cli.code.marks import DEINIT, FLUSH, INIT, PROCESS
from noob_cli.named_tuple import NamedTuple
from noob_cli.nodes.computed import computed_interface, computes, is_node_class
from noob_cli.nodes.methods import LostMark, called_method, drawn_by, lost_marks_of, marked_methods, process_methods_of
from noob_cli.nodes.node import Node
from noob_cli.raised import describe
from noob_cli.specification.node import NodeSpecification


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


class Supply(Enum):
    """When what a node takes by `depends` is there."""

    nothing = "nothing"
    at_start = "at the start"
    """What is there when the run starts: runner-scoped assets that are not carried, and tube-scoped inputs."""
    in_epochs = "in epochs"
    """Also what comes with the epochs."""


class NodeKind(NamedTuple):
    """A node's code, and all that is known of it.

    Args:
        role: What it does when it has its turn.
        code: What `type` names; None for the special nodes.
        cls: The class that is behind it, of which an instance is made.
        making: What is made of the code when the run starts.
        interface: What its calls take and emit; for a source, what it emits.
        parameters: What making it takes, for what is made at the start; else the same as `interface`.
        method: The name of the method that is called, or whose generator is drawn from.
        init: The names of the methods that run at the start.
        deinit: The names of the methods that run at the stop.
        flush: The name of the method that is called in a last epoch, or for a tube, of a node in it that gets one; None
            if there is none.
        stateful: Whether its result depends on the order of its calls, unless the file says otherwise.
        coroutine: Whether its calls, or what draws from it, are awaited.
        certain: Whether it is known to be a source or a coroutine, and doesn't show only when it is called.
        turned: Whether it was taken for a source until its call showed that it is none.
        lost_marks: Marks of methods that a subclass overrides without them.
        draws: Whether it is a tube that draws its values.
        retried: The exceptions with which a call of it is made again.
    """

    role: Role
    code: Any = None
    cls: type | None = None
    making: Making = Making.nothing
    interface: Interface = NOTHING
    parameters: Interface = NOTHING
    method: str | None = None
    init: tuple[str, ...] = ()
    deinit: tuple[str, ...] = ()
    flush: str | None = None
    stateful: bool = False
    coroutine: bool = False
    certain: bool = True
    turned: bool = False
    lost_marks: tuple[LostMark, ...] = ()
    draws: bool = False
    retried: tuple[type[Exception], ...] = ()

    @property
    def has_several_signals(self) -> bool:
        """Whether its values are tuples with one for each signal."""
        return len(self.interface.signals) > 1

    @property
    def is_drawn(self) -> bool:
        """Whether it is taken for a source, or was until its call showed that it is none."""
        return self.making is not Making.nothing and (self.role is Role.source or self.turned)

    def shown(self, role: Role, coroutine: bool) -> NodeKind:
        """The same, with what its call has shown.

        Args:
            role: Whether it is drawn from, or called in each epoch.
            coroutine: Whether what it does is awaited.
        """
        return self._replace(role=role, turned=role is Role.call, coroutine=coroutine)

    @property
    def is_one_call(self) -> bool:
        """Whether `params` and `depends` are the arguments of the same call, in each epoch or once at the start."""
        return self.making in (Making.nothing, Making.generator)

    @property
    def is_computed(self) -> bool:
        """Whether its class computes what it takes or emits from what the file says of the node."""
        return self.cls is not None and computes(self.cls)

    @property
    def is_node_class(self) -> bool:
        """Whether it is a subclass of `Node`, which is also given its id and its specification."""
        return self.cls is not None and is_node_class(self.cls)


class NodeKindError(Exception):
    """A node's code can't be run as a node.

    Args:
        message: What was found and what was expected.
        hint: What to do.
        is_computed: Whether it is about what the class computes from what the file says of the node.
    """

    def __init__(self, message: str, hint: str, is_computed: bool = False) -> None:
        self.hint = hint
        self.is_computed = is_computed
        super().__init__(message)


def kind_of(code: object, supply: Supply = Supply.nothing, spec: NodeSpecification | None = None) -> NodeKind:
    """What a node's code turns out to be.

    Args:
        code: What the node's `type` names.
        supply: What its `depends` gives.
        spec: What the file says of the node, for classes that compute their signals or slots from it.

    Raises:
        NodeKindError: It can't be run as a node; the message says why and what to do.
    """
    try:
        return _kind_of(code, supply, spec)
    except (NodeKindError, KeyboardInterrupt):
        raise
    except BaseException as error:
        raise NodeKindError(
            f"{described(code)} can't be looked at: it raises {describe(error)}",
            "name a plain function or class, which may call it",
        ) from error


def _kind_of(code: Any, supply: Supply, spec: NodeSpecification | None) -> NodeKind:
    """The kind of a node, by what its code is: a class, or else what can be called."""
    cls = class_behind(code)
    if cls is not None:
        in_brackets = looked(lambda: get_origin(code), None) is cls
        return _kind_of_class(cls if in_brackets else code, cls, supply, spec)
    if not callable(code):
        message = f"a node runs something that can be called, found {described(code)}"
        raise NodeKindError(message, "name a function or a class")
    expected = expected_of(code)
    interface = interface_of(code, generator=expected.draws)
    source = _is_source(expected, supply)
    return NodeKind(
        Role.source if source else Role.call,
        code,
        making=Making.generator if source else Making.nothing,
        interface=interface,
        parameters=interface,
        stateful=source,
        coroutine=_is_awaited(expected, source),
        certain=expected.certain,
    )


def _is_source(expected: Expected, supply: Supply) -> bool:
    """Whether items are drawn from what a call makes.

    What only wraps a generator may make anything of it: if it is given what comes with the epochs, it is called.
    """
    return expected.draws and (expected.certain or supply is not Supply.in_epochs)


def _is_awaited(expected: Expected, source: bool) -> bool:
    return expected.manner is (Manner.async_generator if source else Manner.coroutine)


def _kind_of_class(code: Any, cls: type, supply: Supply, spec: NodeSpecification | None) -> NodeKind:
    """The kind of a node whose code is a class."""
    lost = lost_marks_of(cls)
    method = _process_method(cls, lost)
    if method is not None:
        return _kind_of_method(code, cls, method, supply, spec)._replace(lost_marks=lost)
    _refuse_flush_method(cls)
    parameters = interface_of(cls)
    drawn = drawn_by(cls)
    if drawn is not None and supply is Supply.nothing:
        interface = NOTHING._replace(signals=interface_of(attribute(cls, drawn), bound=True).signals)
        return NodeKind(
            Role.source,
            code,
            cls,
            Making.iterator,
            interface,
            parameters,
            stateful=True,
            coroutine=drawn == "__anext__",
        )
    return NodeKind(Role.call, code, cls, interface=parameters, parameters=parameters)


def _kind_of_method(code: Any, cls: type, name: str, supply: Supply, spec: NodeSpecification | None) -> NodeKind:
    """The kind of a class node, by the method that is called in each epoch."""
    expected, interface = called_method(cls, name)
    if spec is not None and computes(cls):
        interface = _computed(cls, interface, spec)
    takes = interface.slots or interface.any_names or interface.any_positions or supply is not Supply.nothing
    if expected.draws and expected.certain and takes:
        raise NodeKindError(
            f"'{name_of(cls)}.{name}' is a generator with slots: a generator is drawn from and takes none",
            hint="to emit several values for each call, return a list and put a 'map' behind it",
        )
    source = expected.draws and not takes
    return NodeKind(
        Role.source if source else Role.call,
        code,
        cls,
        Making.instance,
        interface,
        interface_of(cls),
        method=name,
        init=_marked(cls, INIT),
        deinit=_marked(cls, DEINIT),
        flush=_flush_method(cls),
        stateful=True,
        coroutine=_is_awaited(expected, source),
        certain=expected.certain,
    )


def _computed(cls: type, interface: Interface, spec: NodeSpecification) -> Interface:
    try:
        return computed_interface(cls, interface, spec)
    except KeyboardInterrupt:
        raise
    except BaseException as error:
        raise NodeKindError(
            f"'{name_of(cls)}' can't say which signals and slots it has: it raises {describe(error)}",
            "let 'get_signals' and 'get_slots' return what they are by name, also for the params that are given here",
            is_computed=True,
        ) from error


def _process_method(cls: type, lost: tuple[LostMark, ...]) -> str | None:
    """The method of a class that is called as the node."""
    methods = process_methods_of(cls)
    if len(methods) > 1:
        raise NodeKindError(
            f"'{name_of(cls)}' has {len(methods)} process methods, {', '.join(methods)}: a class has one",
            hint="take the mark from all but one",
        )
    if methods:
        return methods[0]
    for lost_mark in lost:
        if lost_mark.mark == PROCESS:
            raise NodeKindError(
                f"'{name_of(cls)}' has no process method: '{lost_mark.method}' is marked as one in "
                f"'{lost_mark.base}', and overridden without the mark in '{lost_mark.overriding}'",
                hint=f"put '@process_method' on '{lost_mark.overriding}.{lost_mark.method}' too",
            )
    if is_node_class(cls):
        raise NodeKindError(
            f"'{name_of(cls)}' is a Node without a method 'process'",
            hint="give it one, or mark another with '@process_method'",
        )
    return None


def _flush_method(cls: type) -> str | None:
    """The method of a class that is called in a last epoch."""
    marked = marked_methods(cls, FLUSH)
    if len(marked) > 1:
        raise NodeKindError(
            f"'{name_of(cls)}' has {len(marked)} flush methods, {', '.join(marked)}: a class has one",
            hint="take the mark from all but one",
        )
    if not marked:
        return None
    expected, interface = called_method(cls, marked[0])
    if expected.draws:
        raise NodeKindError(
            f"the flush method '{name_of(cls)}.{marked[0]}' is a generator: what it returns is emitted once",
            hint="return a list, and put a 'map' behind the node",
        )
    required = [*interface.missing(()), *interface.never_filled(interface.epoch)]
    if required:
        raise NodeKindError(
            f"the flush method '{name_of(cls)}.{marked[0]}' needs {', '.join(map(repr, required))}: it is called when "
            "the run has ended, and nothing comes then",
            hint="keep in 'self' what it needs; a parameter annotated 'Epoch' gets the epoch's number",
        )
    return marked[0]


def _refuse_flush_method(cls: type) -> None:
    """A class that is called like a function keeps nothing, and one that makes iterators is a source."""
    marked = marked_methods(cls, FLUSH)
    if marked:
        raise NodeKindError(
            f"'{name_of(cls)}' has the flush method '{marked[0]}', and no method that is called in each epoch",
            hint="name that 'process', or mark it with '@process_method'",
        )


def _marked(cls: type, mark: str) -> tuple[str, ...]:
    """The methods of a class for the start or the stop: those that are marked, and the one of that name."""
    marked = marked_methods(cls, mark)
    named = attribute(cls, mark)
    if mark not in marked and callable(named) and named is not getattr(Node, mark):
        marked.append(mark)
    return tuple(marked)
