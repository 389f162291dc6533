"""The base class for nodes that are pydantic models, and nodes by themselves."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

from pydantic import BaseModel, PrivateAttr

from noob_cli.code.annotations import Signal
from noob_cli.code.behind import expected_of
from noob_cli.code.finding import find_code
from noob_cli.code.interface import Interface, Slot, interface_of
from noob_cli.code.marks import DEINIT, INIT, PROCESS, mark_of
from noob_cli.nodes.methods import called_method, process_interface
from noob_cli.specification.node import NodeSpecification
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
    def from_specification(cls, spec: NodeSpecification, input_collection: Mapping[str, Any] | None = None) -> Node:
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
            what was made of a class.

        Raises:
            CodeNotFoundError: There is no such code.
            KeyError: Its `params` name an input that is not given.
        """
        code: Any = find_code(spec.type_)
        params = with_inputs(dict(spec.params or {}), input_collection or {})
        if inspect.isclass(code) and issubclass(code, Node):
            return code(id=spec.id, spec=spec, **params)
        return _Alone(spec, code, params)

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
        return {signal.name: signal for signal in process_interface(cls).signals}

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

    instance: Any = None
    _call: Callable[..., Any] = PrivateAttr()
    _interface: Interface = PrivateAttr()

    def __init__(self, spec: NodeSpecification, code: Any, params: Mapping[str | int, Any]) -> None:
        super().__init__(id=spec.id, spec=spec)
        positions = [params[at] for at in sorted(key for key in params if isinstance(key, int))]
        named = {name: value for name, value in params.items() if isinstance(name, str)}
        self._interface = _interface_of(code)
        if _process_method(code) is not None:
            self.instance = code(*positions, **named)
            method = getattr(self.instance, str(_process_method(code)))
            self._call = partial(next, method()) if inspect.isgeneratorfunction(method) else method
        elif inspect.isgeneratorfunction(code):
            self._call = partial(next, code(*positions, **named))
        else:
            self._call = lambda *arguments, **more: code(*arguments, *positions, **{**named, **more})

    @property
    def signals(self) -> dict[str, Signal]:
        return {signal.name: signal for signal in self._interface.signals}

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


def _interface_of(code: Any) -> Interface:
    """What is called takes and emits."""
    method = _process_method(code)
    if method is not None:
        return called_method(code, method)[1]
    return interface_of(code, expected_of(code).draws)


def _process_method(code: Any) -> str | None:
    """The method of a class that is called as the node."""
    if not inspect.isclass(code):
        return None
    marked = [name for name in dir(code) if mark_of(inspect.getattr_static(code, name, None)) == PROCESS]
    return marked[0] if marked else PROCESS if callable(getattr(code, PROCESS, None)) else None
