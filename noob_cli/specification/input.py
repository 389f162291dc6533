"""What a tube file says of an input."""

from enum import StrEnum
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, model_validator

from noob_cli.specification.fields import EntryName


class InputScope(StrEnum):
    """How often an input is given.

    Example:
        >>> InputScope("tube") is InputScope.tube
        True
    """

    tube = "tube"
    """Once, before the run."""
    process = "process"
    """With every epoch."""


class InputSpecification(BaseModel):
    """One input of a tube.

    Example:
        >>> InputSpecification(id="factor", type="float", default=1.0)

    Raises:
        pydantic.ValidationError: A field is missing or wrong.
    """

    model_config = ConfigDict(populate_by_name=True)

    id: EntryName
    type_: str = Field(alias="type")
    """A Python type expression: `int`, `pathlib.Path`, `list[str]`."""
    scope: InputScope = InputScope.tube
    default: Any = None
    required: bool = True
    """Whether it must be given: yes, unless it has a default."""
    record: bool = False
    """Whether it is the whole record, and not what that has under its name."""
    description: str | None = None

    @model_validator(mode="before")
    @classmethod
    def _required_without_default(cls, data: Any) -> Any:
        if isinstance(data, dict) and "default" in data and "required" not in data:
            return {**data, "required": False}
        return data
