"""Results as tables, against what one would write by hand; and what it takes to measure nodes for who asks."""

from __future__ import annotations

import hashlib
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

from noob_cli import SynchronousRunner, Tube
from tests.benchmarks.commands import NOOB, run
from tests.benchmarks.epochs import REAL_NODES
from tests.benchmarks.measure import Case, Measurement, iterated

TUBE = """
nodes:
  number: {type: rows.numbers, params: {count: COUNT}}
  row: {type: rows.row, depends: [number.value]}
  return: {type: return, depends: row.value}
"""

CODE = """
def numbers(count):
    yield from range(count)

def row(number):
    return {"number": number, "half": number / 2, "name": f"row {number}", "even": number % 2 == 0}
"""

CSV = """
import csv, sys
from rows import numbers, row

with open("out.csv", "w", newline="") as file:
    writer = csv.writer(file, lineterminator="\\n")
    for index, result in enumerate(map(row, numbers(int(sys.argv[1])))):
        if not index:
            writer.writerow(result)
        writer.writerow([str(value).lower() if value is True or value is False else value for value in result.values()])
"""

PARQUET = """
import sys
from itertools import islice

import pyarrow
from pyarrow.parquet import ParquetWriter
from rows import numbers, row

results, writer = map(row, numbers(int(sys.argv[1]))), None
while rows := list(islice(results, 65536)):
    table = pyarrow.Table.from_pylist(rows)
    writer = writer or ParquetWriter("out.parquet", table.schema)
    writer.write_table(table)
writer.close()
"""


def written(name: str, count: int, by_hand: str | None = None) -> Measurement:
    """A process that writes a table; the result is what stands in it."""
    with TemporaryDirectory() as folder_name:
        folder = Path(folder_name)
        (folder / "tube.yaml").write_text(TUBE.replace("COUNT", str(count)), encoding="utf-8")
        (folder / "rows.py").write_text(CODE, encoding="utf-8")
        (folder / "by_hand.py").write_text(by_hand or "", encoding="utf-8")
        ours = [NOOB, "run", "tube.yaml", "-o", name]
        found = run(ours if by_hand is None else [sys.executable, "by_hand.py", str(count)], folder)
        return Measurement(found.amount, _content(folder / name))


def _content(table: Path) -> object:
    if table.suffix == ".csv":
        return hashlib.sha256(table.read_bytes()).hexdigest()
    from pyarrow import parquet

    read = parquet.read_table(table)
    return read.schema, [hashlib.sha256(str(column.to_pylist()).encode()).hexdigest() for column in read.columns]


def without_pyarrow() -> str | None:
    try:
        import pyarrow  # noqa: F401
    except ImportError:
        return "pyarrow is not installed"
    return None


def real_nodes(epochs: int, timing: bool) -> Measurement:
    """Epochs whose nodes take some microseconds each, measured or not."""
    return iterated(SynchronousRunner(Tube.from_specification(REAL_NODES), timing=timing), epochs)


CASES: tuple[Case, ...] = (
    Case(
        "csv-results",
        lambda n: written("out.csv", n),
        lambda n: written("out.csv", n, CSV),
        at_most=2.5,
        size=200_000,
        small=20,
        per_one=False,
        pairs=11,
    ),
    Case(
        "parquet-results",
        lambda n: written("out.parquet", n),
        lambda n: written("out.parquet", n, PARQUET),
        at_most=2.0,
        size=1_000_000,
        small=20,
        per_one=False,
        pairs=5,
        missing=without_pyarrow,
    ),
    Case(
        "metrics",
        lambda n: real_nodes(n, timing=True),
        lambda n: real_nodes(n, timing=False),
        at_most=1.15,
        size=500,
        small=5,
    ),
)
