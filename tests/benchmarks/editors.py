"""What it takes to answer an editor in a tube of thousands of nodes: compared with only reading its text."""

from __future__ import annotations

from pathlib import Path

from noob_cli.specification.document import read_document
from tests.benchmarks.measure import Case, Measurement, expect, timed
from tests.benchmarks.validate import tube_of

FILE = Path("many.yaml")
TYPED = "  more: {type: abs, depends: [node_1.v"


def completed_at_first(nodes: int) -> Measurement:
    """Say what may stand in a text that has just been opened."""
    from noob_cli.lsp.analysis import Analyses

    return timed(lambda: _completed(Analyses(list), nodes))


def completed_while_typing(nodes: int) -> Measurement:
    """Say what may stand in a text that was known but for what has been typed since."""
    from noob_cli.lsp.analysis import Analyses

    analyses = Analyses(list)
    _completed(analyses, nodes)
    return timed(lambda: _completed(analyses, nodes))


def read(nodes: int) -> Measurement:
    """Only read the text."""
    text = tube_of(nodes)
    return timed(lambda: len(read_document(text, FILE).data["nodes"]))


def _completed(analyses: object, nodes: int) -> int:
    from noob_cli.lsp.analysis import Analyses, Open
    from noob_cli.lsp.completion import completed
    from noob_cli.lsp.text import Text

    assert isinstance(analyses, Analyses)
    source = tube_of(nodes)
    if analyses.soon("many") is not None:
        source = source.replace("  return:\n", f"{TYPED}\n  return:\n")
    text = Text(source)
    analyses.put(Open("many", text, None, "yaml", FILE.absolute()))
    analysis = analyses.soon("many")
    assert analysis is not None
    offset = source.index("depends:\n      - value: ") + len("depends:\n      - value: node_0.v")
    labels = [item.label for item in completed(analysis, text, offset).items]
    expect("node_0.value" in labels, True, "what may stand there")
    return nodes


CASES = (
    Case("completing", completed_at_first, read, at_most=1.5, size=10_000, small=20, pairs=5),
    Case("completing-while-typing", completed_while_typing, read, at_most=1.5, size=10_000, small=20, pairs=5),
)
