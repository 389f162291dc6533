"""References: the `node.signal`, `input.name` and `assets.name` that a `depends` is made of."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from noob_cli.diagnostics import DocumentPath
from noob_cli.named_tuple import NamedTuple
from noob_cli.names import is_name

INPUT = "input"
ASSETS = "assets"

NOUNS = {INPUT: "input", ASSETS: "asset", "nodes": "node"}
"""What an entry of each section of a tube is called."""

REFERENCE_FORM = "expected 'node.signal', 'input.name' or 'assets.name'"
"""What is said of text that has another form."""


class Reference(NamedTuple):
    """Where a value comes from.

    Args:
        owner: A node's name, or `input`, or `assets`.
        name: The node's signal, or the name of the input or asset.
    """

    owner: str
    name: str

    @property
    def is_input(self) -> bool:
        """Whether it names an input."""
        return self.owner == INPUT

    @property
    def is_asset(self) -> bool:
        """Whether it names an asset."""
        return self.owner == ASSETS

    @property
    def is_signal(self) -> bool:
        """Whether it names a signal of a node."""
        return not (self.is_input or self.is_asset)

    def __str__(self) -> str:
        return f"{self.owner}.{self.name}"


class Dependency(NamedTuple):
    """One argument of a node: which slot gets which value.

    Args:
        slot: The slot's name, or its position.
        reference: Where the value comes from.
        path: Where the reference stands in the tube's document.
        named: Whether the file gives the slot by a key.
    """

    slot: str | int
    reference: Reference
    path: DocumentPath
    named: bool


def parse_reference(text: str) -> Reference:
    """`a.x` as a reference."""
    owner, _, name = text.partition(".")
    return Reference(owner, name)


def input_named(value: object) -> str | None:
    """The input that a param stands for: `x` for the string `input.x`, None for anything else."""
    if isinstance(value, str) and value.startswith("input."):
        name = value.removeprefix("input.")
        return name if is_name(name) else None
    return None


def with_inputs(value: Any, inputs: Mapping[str, Any]) -> Any:
    """A param with its `input.x`, at any depth, replaced by the inputs they stand for.

    Raises:
        KeyError: There is no such input.
    """
    name = input_named(value)
    if name is not None:
        return inputs[name]
    if isinstance(value, dict):
        return {key: with_inputs(item, inputs) for key, item in value.items()}
    if isinstance(value, list):
        return [with_inputs(item, inputs) for item in value]
    return value


def texts_in(value: object, path: DocumentPath = ()) -> Iterator[tuple[str, DocumentPath]]:
    """The texts in a value, at any depth, each with where it stands."""
    if isinstance(value, str):
        yield value, path
    elif isinstance(value, dict | list):
        for step, item in value.items() if isinstance(value, dict) else enumerate(value):
            yield from texts_in(item, (*path, step))


def inputs_in(value: object, path: DocumentPath = ()) -> list[tuple[str, DocumentPath]]:
    """The inputs that a param names, at any depth, each with where it stands."""
    return [(name, where) for text, where in texts_in(value, path) if (name := input_named(text)) is not None]


def dependencies_of(depends: object, path: DocumentPath) -> list[Dependency]:
    """The arguments that a `depends` of the right shape gives.

    Args:
        depends: A reference, or a list of references and of mappings of one slot to a reference.
        path: Where it stands in the tube's document.
    """
    if depends is None:
        return []
    if isinstance(depends, str):
        return [Dependency(0, parse_reference(depends), path, named=False)]
    assert isinstance(depends, list)
    dependencies = []
    position = 0
    for at, item in enumerate(depends):
        if isinstance(item, str):
            dependencies.append(Dependency(position, parse_reference(item), (*path, at), named=False))
            position += 1
        else:
            ((slot, text),) = item.items()
            dependencies.append(Dependency(slot, parse_reference(text), (*path, at, slot), named=True))
    return dependencies
