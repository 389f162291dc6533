"""A run and its epochs as spans of a trace, for who collects those."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Final, Self
from urllib.parse import urlsplit

from noob_cli.cli.run.tracebacks import last_line
from noob_cli.cli.shell.messages import report_warning
from noob_cli.errors import InputError
from noob_cli.extras import import_extra
from noob_cli.runners.failure import Failure
from noob_cli.tube import Tube

if TYPE_CHECKING:
    from contextlib import ExitStack

_PATH: Final = "/v1/traces"
_SECONDS: Final = 5
"""How long a collector may take for some spans, and for the last of a run."""

_SECONDS_BETWEEN: Final = 60
"""How long nothing is told again."""

_TELLING: Final = ("opentelemetry.sdk.trace", "opentelemetry.sdk._shared_internal", "opentelemetry.exporter.otlp")
"""The loggers of what makes spans, gathers them and sends them."""


class Spans:
    """Gives a span for the run, and one for each epoch that is in the sample, in a trace of its own.

    An epoch begins when its record is there, or when the one before has ended. One that fails has a span in any case.

    Args:
        exporter: Takes the spans.
        tube: The tube.
        sample: Which part of the epochs has a span; None to leave that to the environment, as OpenTelemetry has it.
        stack: Has the last of them sent.
    """

    def __init__(self, exporter: Any, tube: Tube, sample: float | None, stack: ExitStack) -> None:
        self._api = import_extra("opentelemetry.trace", "otlp", "'--otlp'")
        sdk = import_extra("opentelemetry.sdk.trace", "otlp", "'--otlp'")
        export = import_extra("opentelemetry.sdk.trace.export", "otlp", "'--otlp'")
        sampling = import_extra("opentelemetry.sdk.trace.sampling", "otlp", "'--otlp'")
        processor = export.BatchSpanProcessor(exporter)
        stack.callback(self._shut_down, processor, exporter)
        sampler = None if sample is None else sampling.TraceIdRatioBased(sample)
        self._tracer = self._tracer_of(sdk, processor, sampling.ALWAYS_ON, tube)
        self._sampled = self._tracer_of(sdk, processor, sampler, tube)
        self._none = import_extra("opentelemetry.context", "otlp", "'--otlp'").Context()
        self._tube = tube.name
        self._run = self._tracer.start_span("run", self._none, attributes={"noob.tube": self._tube})
        self._began = time.time_ns()

    @staticmethod
    def _tracer_of(sdk: Any, processor: Any, sampler: Any, tube: Tube) -> Any:
        resources = import_extra("opentelemetry.sdk.resources", "otlp", "'--otlp'")
        is_named = "OTEL_SERVICE_NAME" in os.environ or "service.name" in os.environ.get("OTEL_RESOURCE_ATTRIBUTES", "")
        resource = resources.Resource.create({} if is_named else {"service.name": tube.name})
        provider = sdk.TracerProvider(resource=resource, sampler=sampler, shutdown_on_exit=False)
        provider.add_span_processor(processor)
        return provider.get_tracer("noob")

    @staticmethod
    def _shut_down(processor: Any, exporter: Any) -> None:
        """Send what is left, as long as that takes no longer than it may."""
        is_left = threading.Semaphore()
        shut_down = exporter.shutdown

        def shut_down_once() -> None:
            if is_left.acquire(blocking=False):
                shut_down()

        exporter.shutdown = shut_down_once
        late = threading.Timer(_SECONDS, shut_down_once)
        late.start()
        try:
            processor.shutdown()
        finally:
            late.cancel()

    def begin(self) -> None:
        """Note that an epoch begins."""
        self._began = time.time_ns()

    def ended(self, epoch: int) -> None:
        """Note that an epoch has ended.

        Args:
            epoch: Its number.
        """
        now = time.time_ns()
        self._span(self._sampled, epoch).end(now)
        self._began = now

    def failed(self, failures: Iterable[Failure]) -> None:
        """Note that an epoch has failed.

        Args:
            failures: Where that has come from; those that have not failed in an epoch are passed over.
        """
        failure = next((failure for failure in failures if failure.epoch is not None), None)
        if failure is None or failure.epoch is None:
            return
        span = self._span(self._tracer, failure.epoch)
        what = last_line(failure.error)
        span.set_attribute("noob.failed", str(failure.place))
        span.set_status(self._api.Status(self._api.StatusCode.ERROR, what))
        span.add_event("exception", {"exception.type": type(failure.error).__name__, "exception.message": what})
        span.end()
        self.begin()

    def _span(self, tracer: Any, epoch: int) -> Any:
        attributes = {"noob.tube": self._tube, "noob.epoch": epoch}
        links = [self._api.Link(self._run.get_span_context())]
        return tracer.start_span("epoch", self._none, attributes=attributes, links=links, start_time=self._began)

    def end(self, code: int, epochs: int, results: int) -> None:
        """Note that the run has ended.

        Args:
            code: Its exit code.
            epochs: How many epochs it has made.
            results: How many results it has returned.
        """
        self._run.set_attributes({"noob.exit_code": code, "noob.epochs": epochs, "noob.results": results})
        if code in (1, 2):
            self._run.set_status(self._api.StatusCode.ERROR)
        self._run.end()

    def of_records(self, records: Any) -> SpannedRecords:
        """Records that say when one of them is there.

        Args:
            records: What reads the records.
        """
        return SpannedRecords(records, self)


class SpannedRecords:
    """Records with which an epoch begins.

    Args:
        records: What reads them.
        spans: Are told when one is there.
    """

    def __init__(self, records: Any, spans: Spans) -> None:
        self._records = records
        self._spans = spans
        self._left: Iterator[Mapping[str, Any]] = iter(())

    def is_ready(self) -> bool:
        """Whether the next one can be read without waiting for it, as far as that can be told."""
        return bool(self._records.is_ready())

    def __iter__(self) -> Self:
        # As with the reader: who iterates again goes on where the last iteration stopped.
        self._left = iter(self._records)
        return self

    def __next__(self) -> Mapping[str, Any]:
        record = next(self._left)
        self._spans.begin()
        return record


def _is_url(text: str) -> bool:
    try:
        parts = urlsplit(text)
        return parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        # A port that is no number, or half an address of IPv6.
        return False


@contextmanager
def _telling_of(url: str) -> Iterator[None]:
    """Tell what OpenTelemetry tells of spans, also when the last are sent; the same once in a while.

    It tells each span that is lost, and each time that it has tried to send some. A node that uses it, and logs, gets
    it as well.
    """
    import logging

    told: dict[tuple[str, str], float] = {}

    def tell(record: logging.LogRecord) -> None:
        try:
            now, what = time.monotonic(), (record.name, str(record.msg))
            if now >= told.get(what, now):
                told[what] = now + _SECONDS_BETWEEN
                report_warning(f"spans for {url}: {record.getMessage()}")
        except Exception:
            handler.handleError(record)

    handler = logging.Handler(logging.WARNING)
    handler.emit = tell  # type: ignore[method-assign]
    loggers = [logging.getLogger(name) for name in _TELLING]
    for logger in loggers:
        logger.addHandler(handler)
    try:
        yield
    finally:
        for logger in loggers:
            logger.removeHandler(handler)


def open_spans(url: str, sample: float | None, tube: Tube, stack: ExitStack) -> Spans:
    """What gives the spans of a run to a collector.

    Args:
        url: The address of the collector.
        sample: Which share of the epochs has a span.
        tube: The tube.
        stack: Has the last of them sent.

    Raises:
        InputError: That is no place where one could be, or there is no OpenTelemetry.
    """
    if not _is_url(url):
        raise InputError(f"'--otlp' takes the URL of a collector, such as http://localhost:4318, found '{url}'")
    exporting = import_extra("opentelemetry.exporter.otlp.proto.http.trace_exporter", "otlp", "'--otlp'")
    stack.enter_context(_telling_of(url))
    endpoint = url if url.endswith(_PATH) else url.rstrip("/") + _PATH
    return Spans(exporting.OTLPSpanExporter(endpoint=endpoint, timeout=_SECONDS), tube, sample, stack)
