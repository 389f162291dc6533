"""What a run counts, for a Prometheus that asks for it."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from itertools import accumulate
from operator import attrgetter
from typing import TYPE_CHECKING, Any, Final

from noob_cli.cli.shell.messages import Level, say
from noob_cli.codegen.timing import EDGES, Timer
from noob_cli.errors import InputError
from noob_cli.extras import import_extra

if TYPE_CHECKING:
    from contextlib import ExitStack

    from noob_cli.cli.run.skipping import Skipping
    from noob_cli.results.writer import ResultWriter
    from noob_cli.runners.synchronous import SynchronousRunner

_LOOPBACK: Final = "127.0.0.1"

_OF_NODES: Final[tuple[tuple[str, str, Callable[[Timer], float]], ...]] = (
    ("noob_node_calls", "Calls of a node; of a source, its draws.", attrgetter("calls")),
    ("noob_node_failures", "Calls of a node that failed.", attrgetter("failed")),
    ("noob_node_retries", "Calls of a node that failed and were made again.", attrgetter("retried")),
    ("noob_node_waited_seconds", "How long calls of a node have waited for their turn.", attrgetter("waited")),
)


class Metrics:
    """Tells what a run has come to, while it is served.

    Args:
        address: Where: `HOST:PORT`, or a port of this machine that others can't reach.
        stack: Ends the serving.

    Raises:
        InputError: There is no such place, it is in use, or there is no prometheus-client.
    """

    def __init__(self, address: str, stack: ExitStack) -> None:
        host, port = _host_and_port(address)
        self._client = import_extra("prometheus_client", "metrics", "'--metrics'")
        self._core = import_extra("prometheus_client.core", "metrics", "'--metrics'")
        self._registry = self._client.CollectorRegistry()
        self._client.ProcessCollector(registry=self._registry)
        try:
            server, thread = self._client.start_http_server(port, host, self._registry)
        except OSError as error:
            raise InputError(f"the metrics can't be served at {address}: {error.strerror}") from error
        stack.callback(thread.join)
        stack.callback(server.server_close)
        stack.callback(server.shutdown)
        shown = f"[{host}]" if ":" in host else host
        # Who has left the choice of the port to the system has to know it.
        say(f"metrics at http://{shown}:{server.server_port}/metrics", Level.info if port else Level.warning)

    def tell_of(self, runner: SynchronousRunner, writer: ResultWriter, skipping: Skipping) -> None:
        """Tell of a run from here on.

        Args:
            runner: Makes its epochs, and measures its nodes.
            writer: Counts its results.
            skipping: Counts what is skipped.
        """
        self._registry.register(_Collector(self._core, runner, writer, skipping))


class _Collector:
    """Looks at a run when somebody asks."""

    def __init__(self, core: Any, runner: SynchronousRunner, writer: ResultWriter, skipping: Skipping) -> None:
        self._core = core
        self._runner = runner
        self._writer = writer
        self._skipping = skipping
        self._tube = runner.tube.name

    def describe(self) -> list[Any]:
        """Nothing is asked of the run before it has begun."""
        return []

    def collect(self) -> Iterator[Any]:
        """All that is counted."""
        of_run = (
            ("noob_epochs", "Epochs that were made.", self._runner.made),
            ("noob_results", "Results that were returned.", self._writer.results),
            ("noob_failed_epochs", "Epochs that failed and were skipped.", self._skipping.failed),
            ("noob_refused_records", "Records that were refused and skipped.", self._skipping.refused),
        )
        for name, about, value in of_run:
            yield self._counter(name, about, {(): value})
        timers = self._runner.measured()
        for name, about, value_of in _OF_NODES:
            yield self._counter(name, about, {(node,): value_of(timer) for node, timer in timers.items()})
        events = {(name, "event"): timer.events for name, timer in timers.items()}
        events |= {(name, "no_event"): timer.no_events for name, timer in timers.items()}
        yield self._counter("noob_node_events", "What the signals of a node have emitted.", events)
        yield self._seconds(timers)

    def _counter(self, name: str, about: str, values: Mapping[Any, float]) -> Any:
        labels = ["tube", "node", "kind"][: 1 + max(map(len, values), default=0)]
        counter = self._core.CounterMetricFamily(name, about, labels=labels)
        for names, value in values.items():
            counter.add_metric([self._tube, *names], value)
        return counter

    def _seconds(self, timers: Mapping[str, Timer]) -> Any:
        about = "How long the calls of a node took."
        histogram = self._core.HistogramMetricFamily("noob_node_seconds", about, labels=["tube", "node"])
        for name, timer in timers.items():
            edges = [*map(str, EDGES), "+Inf"]
            buckets = list(zip(edges, accumulate(timer.by_length), strict=True))
            histogram.add_metric([self._tube, name], buckets, sum_value=timer.seconds)
        return histogram


def _host_and_port(address: str) -> tuple[str, int]:
    match = re.fullmatch(r"(?:(?P<host>\[[^]]+\]|[^:]*):)?(?P<port>\d+)", address)
    if match is None or int(match["port"]) > 65535:
        raise InputError(f"'--metrics' takes HOST:PORT, or a port alone, such as 9464, found '{address}'")
    return (match["host"] or _LOOPBACK).strip("[]"), int(match["port"])
