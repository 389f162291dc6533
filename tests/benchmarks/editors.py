"""What it takes to answer an editor in a tube of thousands of nodes: compared with only reading its text."""

from __future__ import annotations

import asyncio
import time
from pathlib import Path
from typing import TYPE_CHECKING

from noob_cli.specification.document import read_document
from tests.benchmarks.measure import Case, Measurement, expect, timed
from tests.benchmarks.validate import tube_of

if TYPE_CHECKING:
    from noob_cli.lsp.analysis import Analyses

FILE = Path("many.yaml")
URI = "many"
TYPED = "  more: {type: abs, depends: [node_1.v"


def completed_at_first(nodes: int) -> Measurement:
    """Say what may stand in a text that has just been opened."""
    from noob_cli.lsp.analysis import Analyses

    async def work() -> int:
        analyses = Analyses(list)
        _put(analyses, tube_of(nodes))
        return await _completed(analyses, nodes)

    return timed(lambda: asyncio.run(work()))


def completed_while_typing(nodes: int) -> Measurement:
    """Say what may stand in a text that was known but for what has been typed since, while it is being analysed.

    All the time that passes counts, so that what it waits for does.
    """
    from noob_cli.lsp.analysis import Analyses

    async def work() -> Measurement:
        analyses = Analyses(list)
        _put(analyses, tube_of(nodes))
        await analyses.of(URI)
        _put(analyses, tube_of(nodes).replace("  return:\n", f"{TYPED}\n  return:\n"))
        analysing = asyncio.ensure_future(analyses.of(URI))
        await asyncio.wait([analysing], timeout=0.1)
        start = time.perf_counter()
        answered = await _completed(analyses, nodes)
        found = Measurement(time.perf_counter() - start, answered)
        await analysing
        return found

    return asyncio.run(work())


def read(nodes: int) -> Measurement:
    """Only read the text."""
    text = tube_of(nodes)
    return timed(lambda: len(read_document(text, FILE).data["nodes"]))


def _put(analyses: Analyses, source: str) -> None:
    from noob_cli.lsp.analysis import Open
    from noob_cli.lsp.text import Text

    analyses.put(Open(URI, Text(source), None, "yaml", FILE.absolute()))


async def _completed(analyses: Analyses, nodes: int) -> int:
    from noob_cli.lsp.completion import completed

    analysis, opened = await analyses.soon(URI), analyses.opened(URI)
    assert analysis is not None
    assert opened is not None
    before = "depends:\n      - value: "
    offset = opened.text.source.index(before) + len(f"{before}node_0.v")
    labels = [item.label for item in completed(analysis, opened.text, offset).items]
    expect("node_0.value" in labels, True, "what may stand there")
    return nodes


CASES = (
    Case("completing", completed_at_first, read, at_most=1.5, size=10_000, small=20, pairs=5),
    Case("completing-while-typing", completed_while_typing, read, at_most=1.5, size=10_000, small=20, pairs=5),
)
