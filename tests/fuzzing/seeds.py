"""The tubes that are mutated: every sample, and every tube of the conformance suite."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from noob_cli.specification.search import tube_files
from tests.conformance.cases import Case, read_section

SAMPLES = Path(__file__).parents[2] / "sample_tubes"


@dataclass(frozen=True, eq=False)
class Seed:
    """A tube to mutate.

    Args:
        name: What it is called in a failure.
        folder: The folder it is in, below the one that everything was written to.
        entry: The tube that is checked.
        mutated: The file that is changed: the tube itself, or one that it builds on.
        text: What stands in that file.
        case: The case of the conformance suite that it comes from.
    """

    name: str
    folder: str
    entry: str
    mutated: str
    text: str = field(repr=False)
    case: Case | None = field(default=None, repr=False)


def _sample_seeds() -> list[Seed]:
    found = []
    for file in tube_files(SAMPLES):
        folder = f"samples/{file.parent.relative_to(SAMPLES)}"
        found.append(Seed(f"sample {file.name}", folder, file.name, file.name, file.read_text(encoding="utf-8")))
    return found


def _case_seeds() -> list[Seed]:
    found = []
    for number, case in enumerate(case for section in range(1, 9) for case in read_section(section)):
        texts = {case.name: case.tube, **case.files}
        for name, text in texts.items():
            if name.endswith((".yaml", ".yml")):
                text = text.replace("my.", "tests.conformance.nodes.")
                found.append(Seed(f"case {case.id} {name}", f"cases/{number}", case.name, name, text, case))
    return found


CASE_SEEDS = _case_seeds()
SEEDS = [*_sample_seeds(), *CASE_SEEDS]


@contextmanager
def mutated(folder: Path, seed: Seed, data: bytes) -> Iterator[None]:
    """Be in the folder of a seed, where its file has other content.

    Args:
        folder: The folder that everything was written to.
        seed: The seed.
        data: The content.
    """
    file = folder / seed.folder / seed.mutated
    original = file.read_bytes()
    file.write_bytes(data)
    os.chdir(folder / seed.folder)
    try:
        yield
    finally:
        file.write_bytes(original)


def write_seeds(folder: Path) -> None:
    """Write all tubes, with what is beside them."""
    shutil.copytree(SAMPLES, folder / "samples", ignore=shutil.ignore_patterns("__pycache__"))
    for seed in CASE_SEEDS:
        assert seed.case is not None
        seed.case.write(folder / seed.folder)
