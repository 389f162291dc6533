"""What it takes to check a tube of thousands of nodes: compared with only reading its file, and if all are wrong."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Annotated, Any

from ruamel.yaml import YAML

from noob_cli import Name
from noob_cli.cli.report.checking import check_tubes
from tests.benchmarks.measure import Case, Measurement, expect, timed

NODE = """\
  node_{number}:
    type: tests.benchmarks.validate.weigh
    depends:
      - value: node_{before}.value
      - other: source.number
    params:
      factor: {number}.5
      label: the node {number}
"""

TUBE = """\
noob_id: many
description: One node behind the other.
nodes:
  source:
    type: tests.benchmarks.validate.count
    params:
      start: 1
  node_0:
    type: float
    depends: source.number
{nodes}\
  return:
    type: return
    depends:
      - value: node_{last}.value
"""


def count(start: int = 0) -> Iterator[Annotated[int, Name("number")]]:
    """A source."""
    while True:
        yield start
        start += 1


def weigh(value: float, other: int, factor: float = 1.0, label: str = "") -> float:
    """A node with two slots and two parameters."""
    return value + factor * other


def tube_of(nodes: int) -> str:
    """A tube with so many nodes."""
    middle = range(1, nodes - 2)
    text = "".join(NODE.format(number=number, before=number - 1) for number in middle)
    return TUBE.format(nodes=text, last=middle[-1])


def validated(nodes: int) -> Measurement:
    """Check a tube, as `noob validate` does."""

    def work(file: Path) -> int:
        (checked,) = check_tubes([str(file)], strict=True)
        expect((checked.is_valid, checked.diagnostics), (True, []), file.name)
        return nodes

    return _measured(work, nodes)


def refused(nodes: int) -> Measurement:
    """Check a tube whose every node names one that is not there: a suggestion for each."""

    def work(file: Path) -> int:
        file.write_text(tube_of(nodes).replace(".value\n      - other", "x.value\n      - other"), encoding="utf-8")
        (checked,) = check_tubes([str(file)], strict=True)
        hints = [each.hint for each in checked.diagnostics if each.code == "G001"]
        expect((checked.is_valid, len(hints), "did you mean" in str(hints[0])), (False, nodes - 3, True), file.name)
        return nodes

    return _measured(work, nodes)


def read(nodes: int) -> Measurement:
    """Only read its file, in the way that keeps what is needed to write it again."""
    return _measured(lambda file: len(YAML().load(file)["nodes"]), nodes)


def _measured(work: Any, nodes: int) -> Measurement:
    with TemporaryDirectory() as folder:
        file = Path(folder, "many.yaml")
        file.write_text(tube_of(nodes), encoding="utf-8")
        return timed(lambda: work(file))


CASES = (
    Case("validate", validated, read, at_most=2.0, size=10_000, small=20, pairs=5),
    Case("validate-wrong", refused, validated, at_most=1.5, size=8_000, small=20, pairs=5),
)
