"""The base class for nodes that are pydantic models."""

from __future__ import annotations

from pydantic import BaseModel

from noob_cli.nodes.annotations import Signal
from noob_cli.nodes.interface import Slot
from noob_cli.nodes.methods import process_interface
from noob_cli.spec.node import NodeSpecification


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
