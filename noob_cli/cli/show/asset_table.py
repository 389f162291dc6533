"""The assets of a tube as a table for people, and as facts for scripts."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, Literal, TextIO, TypedDict

from noob_cli.cli.show.facts_json import as_json
from noob_cli.cli.show.table import print_table
from noob_cli.printable import one_line, printable
from noob_cli.specification.document import DocumentFragment
from noob_cli.tube import Tube

_OPTIONAL_KEYS: tuple[Literal["enter", "stateful"], ...] = ("enter", "stateful")
"""What has a column only if it is said of an asset."""


class AssetFacts(TypedDict):
    """What a script needs to know of an asset."""

    tube: str
    id: str
    scope: str
    type: str
    params: dict[str | int, Any] | list[Any] | None
    depends: str | None
    enter: bool | None
    stateful: bool | None
    read_by: list[str]
    description: str | None


def asset_facts(tube: Tube, name: str) -> list[AssetFacts]:
    """The facts of every asset of a tube, and of the tubes that stand in its nodes.

    Args:
        tube: The tube.
        name: What the tube is called.
    """
    return list(_facts_of(tube, name, ""))


def _facts_of(tube: Tube, name: str, around: str) -> Iterator[AssetFacts]:
    """The facts of a tube's assets, and of those inside; what is around a tube stands before each name."""
    yield from (
        AssetFacts(
            tube=name,
            id=f"{around}{asset.id}",
            scope=asset.scope.value,
            type=asset.spec.type_,
            params=asset.spec.params,
            depends=None if asset.spec.depends is None else f"{around}{asset.spec.depends}",
            enter=asset.spec.enter,
            stateful=asset.spec.stateful,
            read_by=[f"{around}{node.id}" for node in tube.graph.readers(asset.id)],
            description=asset.spec.description,
        )
        for asset in tube.graph.assets.values()
    )
    for node, child in tube.children.items():
        # A tube in a file of its own is listed by itself.
        if isinstance(child.document, DocumentFragment):
            yield from _facts_of(child, name, f"{around}{node}.")


def print_assets(facts: Sequence[AssetFacts], stdout: TextIO) -> None:
    """Print facts as a table, the tubes one below the other."""
    from rich.table import Table
    from rich.text import Text

    if not facts:
        stdout.write("no assets\n")
        return
    optional_keys = [key for key in _OPTIONAL_KEYS if any(asset[key] is not None for asset in facts)]
    table = Table("tube", "asset", "scope", "type", "params", "stored from", *optional_keys, "read by", "description")
    previous = None
    for asset in facts:
        cells = (
            one_line(asset["tube"]) if asset["tube"] != previous else "",
            asset["id"],
            asset["scope"],
            asset["type"],
            "" if not asset["params"] else as_json(asset["params"]),
            asset["depends"] or "",
            *("" if asset[key] is None else str(asset[key]).lower() for key in optional_keys),
            ", ".join(asset["read_by"]),
            asset["description"] or "",
        )
        table.add_row(*(Text(printable(cell)) for cell in cells), end_section=False)
        previous = asset["tube"]
    print_table(table, stdout)
