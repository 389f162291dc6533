"""The rules on a graph, in their order: what each of them sees has passed those before it."""

from __future__ import annotations

from typing import Any

from noob_cli.check.calls import check_calls
from noob_cli.check.concurrency import check_concurrency, check_concurrency_values
from noob_cli.check.cycles import check_carried_readers, check_cycles
from noob_cli.check.finding import Finding
from noob_cli.check.loops import check_flushing, check_gathers, check_loops
from noob_cli.check.params import check_asset_params, check_params, check_start_methods
from noob_cli.check.references import (
    check_broken_entries,
    check_param_inputs,
    check_references,
    check_stored_signals,
    without_references,
)
from noob_cli.check.slots import check_returns, check_slots
from noob_cli.graph.graph import Graph
from noob_cli.graph.schedule import Schedule, make_schedule
from noob_cli.named_tuple import NamedTuple


class CheckedGraph(NamedTuple):
    """A graph that the rules have seen.

    Args:
        graph: The graph, without the edges with which something is wrong.
        schedule: The order in which its nodes and loops have their turns.
        findings: What is wrong with it.
    """

    graph: Graph
    schedule: Schedule
    findings: list[Finding]


def check_graph(graph: Graph, data: Any) -> CheckedGraph:
    """Check all of a graph but whether everything in it is used.

    Args:
        graph: The graph.
        data: The document that describes it.
    """
    findings = [
        *check_references(graph),
        *check_stored_signals(graph),
        *check_broken_entries(graph, data),
        *check_slots(graph),
        *check_params(graph),
        *check_start_methods(graph),
        *check_gathers(graph),
        *check_concurrency_values(graph),
        *check_calls(graph),
        *check_asset_params(graph),
        *check_returns(graph),
        *check_param_inputs(graph),
    ]
    sound = without_references(graph, {finding.path for finding in findings})
    schedule = make_schedule(sound)
    wrong = {str(finding.path[1]) for finding in findings if finding.path[0] == "nodes" and finding.is_error}
    findings += check_cycles(sound)
    findings += check_carried_readers(sound, schedule)
    findings += check_loops(sound, schedule, wrong)
    findings += check_flushing(sound, schedule, wrong)
    if not any(finding.is_error for finding in findings):
        findings += check_concurrency(sound, schedule)
    return CheckedGraph(sound, schedule, findings)
