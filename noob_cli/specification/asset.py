"""What a tube file says of an asset."""

from enum import StrEnum
from typing import Any, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from noob_cli.specification.fields import EntryName, PythonPath, SignalReference
from noob_cli.specification.params import Params


class AssetScope(StrEnum):
    """How long an asset lives.

    Example:
        >>> AssetScope("process") is AssetScope.process
        True
    """

    runner = "runner"
    """One object for the whole run. It may be changed by nodes, and carried from epoch to epoch."""
    process = "process"
    """One object for each epoch, shared by the nodes of that epoch."""
    node = "node"
    """One object for each call of each node that takes it."""


class AssetSpecification(BaseModel):
    """One asset of a tube: what makes it, how long it lives, and what is stored in it.

    Example:
        >>> AssetSpecification(id="total", type="int", scope="runner", depends="add.value")

    Raises:
        pydantic.ValidationError: A field is missing or wrong, or `depends` is given with another scope than `runner`.
    """

    model_config = ConfigDict(populate_by_name=True)

    id: EntryName
    type_: PythonPath = Field(alias="type")
    """The dotted path of a class, of a function whose result is the asset, of a generator function, which yields it, or
    of a subclass of `Asset`."""
    scope: AssetScope
    params: Params | list[Any] | None = None
    """The arguments of `type`: by name and by position, or, as a list, by position."""
    depends: SignalReference | None = None
    """The signal whose value is stored in the asset and is what its readers get from the next epoch on."""
    enter: bool | None = None
    """Whether the object made is entered if it is a context manager. None: yes, unless it is a lock."""
    stateful: bool | None = None
    """Whether what its users get depends on who used it before. None: it does; it never changes results."""
    checkpoint: bool | None = None
    """Whether checkpoints hold the state of its object. None: if its class says how it takes that up."""
    description: str | None = None

    @model_validator(mode="after")
    def validate_depends(self) -> Self:
        """Only what lives as long as the run can carry a value from one epoch into the next."""
        if self.depends is not None and self.scope is not AssetScope.runner:
            raise ValueError(f"'depends' needs scope 'runner', found scope '{self.scope.value}'")
        return self
