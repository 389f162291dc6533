"""The base class for nodes that are pydantic models, and nodes by themselves.

Annotations are not strings: pydantic would compile each at the start of a run.
"""

import inspect
from collections.abc import Callable, Iterable, Mapping
from functools import partial
from typing import Any

from pydantic import BaseModel, ConfigDict, PrivateAttr

from noob_cli.code.annotations import MISSING, Signal
from noob_cli.code.behind import expected_of
from noob_cli.code.finding import find_code
from noob_cli.code.interface import Interface, Slot, interface_of
from noob_cli.code.marks import DEINIT, INIT, mark_of
from noob_cli.nodes.methods import drawn_by, process_interface, process_methods_of
from noob_cli.specification.node import NodeSpecification
from noob_cli.specification.params import as_call
from noob_cli.specification.reference import with_inputs


class Node(BaseModel):
    """A node as a class of its own: its fields are the `params`, its `process` is called.

    Example:
        >>> class Scale(Node):
        ...     factor: float = 1.0
        ...
        ...     def process(self, value: float) -> float:
        ...         return self.factor * value

    Args:
        id: The node's name in the tube.
        spec: What the tube file says of it.
    """

    id: str
    spec: NodeSpecification | None = None
    enabled: bool = True
    stateful: bool = True

    @classmethod
    def from_specification(cls, spec: NodeSpecification, input_collection: Mapping[str, Any] | None = None) -> "Node":
        """A node by itself, without a tube around it: for tests of its code.

        Example:
            >>> node = Node.from_specification(NodeSpecification(id="twice", type="operator.mul", params={1: 2}))
            >>> node.process(3)
            6

        Args:
            spec: What a tube file would say of it.
            input_collection: The tube-scoped inputs that its `params` name.

        Returns:
            The instance of a subclass of `Node`; for other code one whose `process` calls that, and whose `instance` is
            what was made of a class with a process method. Of what is drawn from, `process` gives the next item.

        Raises:
            CodeNotFoundError: There is no such code.
            KeyError: Its `params` name an input that is not given.
        """
        code: Any = find_code(spec.type_)
        params = with_inputs(dict(spec.params or {}), input_collection or {})
        flags = {} if spec.stateful is None else {"stateful": spec.stateful}
        if not (inspect.isclass(code) and issubclass(code, Node)):
            return _Alone(spec, code, params, **flags)
        node = code(id=spec.id, spec=spec, **flags, **params)
        method = _process_method(code)
        if method is not None and expected_of(getattr(node, method)).draws:
            vars(node)[method] = _drawing(getattr(node, method))
        return node

    @property
    def signals(self) -> dict[str, Signal]:
        """Its signals by name."""
        return self.get_signals(self.spec)

    @property
    def slots(self) -> dict[str, Slot]:
        """Its slots by name, those that its `params` supply among them."""
        return self.get_slots(self.spec)

    def init(self) -> None:
        """Called when the runner starts. Does nothing unless a subclass says so."""

    def deinit(self) -> None:
        """Called when the runner stops. Does nothing unless a subclass says so."""

    @classmethod
    def get_signals(cls, spec: NodeSpecification | None = None) -> dict[str, Signal]:
        """The signals of the node by name: those of its process method. A subclass may compute them from the file.

        Example:
            >>> class Split(Node):
            ...     names: list[str]
            ...
            ...     @classmethod
            ...     def get_signals(cls, spec: NodeSpecification | None = None) -> dict[str, Signal]:
            ...         return {name: Signal(name) for name in spec.params["names"]}
            ...
            ...     def process(self, values: list[float]) -> tuple[float, ...]:
            ...         return tuple(values)

        Args:
            spec: What the tube file says of the node.
        """
        return _named(process_interface(cls).signals)

    @classmethod
    def get_slots(cls, spec: NodeSpecification | None = None) -> dict[str, Slot]:
        """The slots of the node by name: those of its process method. A subclass may compute more from the file.

        Those that are no parameters of the process method go into its `**kwargs`.

        Args:
            spec: What the tube file says of the node.
        """
        return dict(process_interface(cls).slots)


class _Alone(Node):
    """A node by itself whose code is no subclass of `Node`."""

    model_config = ConfigDict(defer_build=True)

    instance: Any = None
    _call: Callable[..., Any] = PrivateAttr()
    _interface: Interface = PrivateAttr()

    def __init__(self, spec: NodeSpecification, code: Any, params: Mapping[str | int, Any], **flags: bool) -> None:
        positions, named = as_call(params)
        make = partial(code, *positions, **named)
        method, drawn = _process_method(code), None
        if method is None and inspect.isclass(code) and spec.depends is None:
            drawn = drawn_by(code)
        is_made = method is not None or drawn is not None or expected_of(code).draws
        super().__init__(id=spec.id, spec=spec, **{"stateful": is_made, **flags})
        if method is not None:
            self.instance = make()
            call, self._interface = getattr(self.instance, method), process_interface(code)
            self._call = _drawing(call) if expected_of(call).draws else call
        elif is_made:
            source = code if drawn is None else getattr(code, drawn)
            self._interface = interface_of(source, generator=drawn is None, bound=drawn is not None)
            self._call = _drawing(make)
        else:
            self._interface = interface_of(code)
            self._call = lambda *arguments, **more: code(*arguments, *positions, **{**named, **more})

    @property
    def signals(self) -> dict[str, Signal]:
        return _named(self._interface.signals)

    @property
    def slots(self) -> dict[str, Slot]:
        return dict(self._interface.slots)

    def process(self, *arguments: Any, **named: Any) -> Any:
        """Call it; a generator gives its next item."""
        return self._call(*arguments, **named)

    def init(self) -> None:
        self._run(INIT)

    def deinit(self) -> None:
        self._run(DEINIT)

    def _run(self, mark: str) -> None:
        for name in dict.fromkeys(dir(type(self.instance))):
            method = inspect.getattr_static(self.instance, name)
            if callable(method) and (name == mark or mark_of(method) == mark):
                getattr(self.instance, name)()


def _process_method(code: Any) -> str | None:
    """The method of a class that is called as the node."""
    return next(iter(process_methods_of(code)), None) if inspect.isclass(code) else None


def _drawing(call: Callable[..., Any]) -> Callable[..., Any]:
    """What gives the next item of what a call makes; or the call, if nothing can be drawn from that."""
    made = call()
    drawn = drawn_by(type(made))
    return call if drawn is None else partial(next if drawn == "__next__" else anext, made)


def _named(signals: Iterable[Signal]) -> dict[str, Signal]:
    """Signals by name; what the code says nothing of may be anything."""
    return {
        signal.name: signal._replace(annotation=Any) if signal.annotation is MISSING else signal for signal in signals
    }
