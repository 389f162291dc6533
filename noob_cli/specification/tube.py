"""What a tube file says as a whole."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any, ClassVar, Self

from pydantic import BaseModel, Field, model_validator

from noob_cli.errors import TubeError
from noob_cli.specification.asset import AssetScope, AssetSpecification
from noob_cli.specification.document import open_document
from noob_cli.specification.extends import merge_extended
from noob_cli.specification.fields import TubeId
from noob_cli.specification.input import InputScope, InputSpecification
from noob_cli.specification.node import NodeSpecification
from noob_cli.specification.reference import Reference
from noob_cli.specification.search import find_tube

ENTRIES: Mapping[str, type[BaseModel]] = {
    "input": InputSpecification,
    "assets": AssetSpecification,
    "nodes": NodeSpecification,
}
"""The keys of a tube that hold named entries, and what each of these says."""


class TubeSpecification(BaseModel):
    """A tube as its file says it, not yet resolved to code.

    Example:
        >>> spec = TubeSpecification(nodes={"count": {"type": "itertools.count"}})
        >>> tube = Tube.from_specification(spec)

    Raises:
        pydantic.ValidationError: A field is missing or wrong.
    """

    noob_id: TubeId | None = None
    noob_model: str | None = None
    noob_version: str | None = None
    description: str | None = None
    extends: list[str] | None = None
    input: dict[str, InputSpecification] = Field(default_factory=dict)
    assets: dict[str, AssetSpecification] = Field(default_factory=dict)
    nodes: dict[str, NodeSpecification] = Field(default_factory=dict)

    @classmethod
    def from_id(cls, tube_id: str | Path) -> Self:
        """What the file of a tube says, with what it extends.

        Example:
            >>> TubeSpecification.from_id("sunspots").nodes["return"].type_
            'return'

        Args:
            tube_id: Its id, or a path.

        Raises:
            TubeNotFoundError: There is no such tube.
            TubeError: The file can't be read.
            pydantic.ValidationError: A field is missing or wrong.
        """
        document = merge_extended(open_document(*find_tube(str(tube_id))))
        if errors := [problem for problem in document.problems if problem.is_error]:
            raise TubeError(errors)
        return cls.model_validate(document.data)

    from_any: ClassVar = from_id
    """What the public package calls it for either."""
    from_yaml: ClassVar = from_id
    """What the public package calls it for a path."""

    def is_there_at_start(self, reference: Reference) -> bool:
        """Whether what is named is there when the run starts, and stays as it is.

        That is so for tube-scoped inputs, and for runner-scoped assets that are not carried.
        """
        if reference.is_input:
            input_spec = self.input.get(reference.name)
            return input_spec is None or input_spec.scope is InputScope.tube
        asset = self.assets.get(reference.name)
        is_made_once = asset is None or (asset.scope is AssetScope.runner and asset.depends is None)
        return reference.is_asset and is_made_once

    @model_validator(mode="before")
    @classmethod
    def _name_entries(cls, data: Any) -> Any:
        """The key of an entry is its id."""
        if not isinstance(data, Mapping):
            return data
        named = {key: _named(data[key]) for key in ENTRIES if isinstance(data.get(key), Mapping)}
        return {**data, **named}

    @model_validator(mode="after")
    def _check_ids(self) -> Self:
        """An entry that is given ready-made has an id already."""
        for section in ENTRIES:
            for name, entry in getattr(self, section).items():
                if entry.id != name:
                    raise ValueError(
                        f"Mismatch between id and key: in '{section}', '{name}' is a specification of '{entry.id}'"
                    )
        return self


def _named(entries: Mapping[Any, Any]) -> dict[Any, Any]:
    return {name: {"id": name, **entry} if isinstance(entry, Mapping) else entry for name, entry in entries.items()}


def as_in_file(spec: TubeSpecification) -> dict[str, Any]:
    """What a file would say that says the same."""
    without_ids = {section: {"__all__": {"id"}} for section in ENTRIES}
    return spec.model_dump(by_alias=True, exclude_unset=True, exclude=without_ids)
