"""All the cases, in the order of the table."""

from __future__ import annotations

from tests.benchmarks import (
    assets,
    calls,
    carried,
    chain,
    commands,
    coroutines,
    editors,
    epochs,
    loops,
    memory,
    nested,
    processes,
    retries,
    tables,
    threads,
    validate,
    viewing,
)
from tests.benchmarks.measure import Case

CASES: tuple[Case, ...] = (
    *epochs.CASES,
    *assets.CASES,
    *loops.CASES,
    *nested.CASES,
    *calls.CASES,
    *retries.CASES,
    *commands.CASES,
    *validate.CASES,
    *editors.CASES,
    *chain.CASES,
    *memory.CASES,
    *carried.CASES,
    *processes.CASES,
    *threads.CASES,
    *coroutines.CASES,
    *tables.CASES,
    *viewing.CASES,
)
