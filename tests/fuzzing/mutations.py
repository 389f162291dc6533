"""Tubes with mutations of every kind."""

from __future__ import annotations

from hypothesis import strategies as st

from noob_cli import TubeError
from noob_cli.specification.document import read_document
from tests.fuzzing.growth import grow
from tests.fuzzing.seeds import Seed
from tests.fuzzing.texts import Draw, mutate_bytes, mutate_text
from tests.fuzzing.trees import mutate_tree, written


@st.composite
def mutated_texts(draw: Draw, seed: Seed) -> bytes:
    """What stands in the mutated file of a seed."""
    text = seed.text
    kind = draw(st.sampled_from(["tree", "tree", "tree", "text", "text", "bytes", "growth"]))
    if kind == "tree":
        text = _with_changed_tree(draw, text)
    if kind == "growth":
        text = grow(draw, text)
    changes = draw(st.integers(1, 3)) if kind == "text" else draw(st.sampled_from([0, 0, 0, 1]))
    for _ in range(changes):  # type: ignore[call-overload]
        text = mutate_text(draw, text)
    return mutate_bytes(draw, text) if kind == "bytes" else text.encode("utf-8", "replace")


def _with_changed_tree(draw: Draw, text: str) -> str:
    try:
        data = read_document(text).data
    except TubeError:
        # A tube that shows what is no YAML.
        return text
    for _ in range(draw(st.integers(1, 3))):  # type: ignore[call-overload]
        data = mutate_tree(draw, data)
    return written(data)
