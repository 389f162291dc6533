"""A run from its start to its end, for who wants nothing but the results."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from noob_cli.runners.result_list import ResultList
from noob_cli.runners.synchronous import SynchronousRunner
from noob_cli.tube import Tube


def run_whole(tube: Tube, records: Iterable[Mapping[str, Any]] | None, n: int | None) -> ResultList:
    """Run a tube to its end, in order.

    Args:
        tube: The tube.
        records: The inputs of each epoch, by name; None if the tube needs none.
        n: How many results at the most; None for all.

    Returns:
        What its epochs have returned; empty if it has no `return` node.
    """
    runner = SynchronousRunner(tube)
    results = runner.iter(n) if records is None else runner.stream(records, n)
    if tube.graph.return_node is not None:
        return ResultList(results)
    for _ in results:
        pass
    return ResultList()
