"""The base class for nodes that are pydantic models."""

from __future__ import annotations

from pydantic import BaseModel

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
