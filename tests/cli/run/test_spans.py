"""A run and its epochs as spans."""

from __future__ import annotations

import contextlib
import logging
import threading
import time
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest

from noob_cli import SynchronousRunner, Tube
from tests.cli.conftest import COMMAND
from tests.patience import PATIENCE

in_memory = pytest.importorskip("opentelemetry.sdk.trace.export.in_memory_span_exporter")
messages = pytest.importorskip("opentelemetry.proto.collector.trace.v1.trace_service_pb2")

TUBE = """
    input:
      value: {type: int, scope: process}
    nodes:
      half: {type: operator.floordiv, depends: [input.value, input.value]}
      return: {type: return, depends: half.value}
    """


@pytest.fixture
def tube(write):
    return Tube.from_specification(write("tube.yaml", TUBE))


@pytest.fixture
def spans_of(tube):
    """The spans of what is done with a runner, as they are read back."""

    def run(do, sample=None, records=True):
        from noob_cli.cli.run.spans import Spans

        exporter = in_memory.InMemorySpanExporter()
        with contextlib.ExitStack() as stack:
            spans = Spans(exporter, tube, sample, stack)
            runner = SynchronousRunner(tube, ended=spans.ended)
            with runner:
                do(runner, spans)
            spans.end(0, runner.made, 7)
        return exporter.get_finished_spans()

    return run


def test_the_last_spans_are_not_waited_for_for_long(tube, monkeypatch):
    from noob_cli.cli.run import spans

    class Hanging(in_memory.InMemorySpanExporter):
        given_up = threading.Event()

        def export(self, spans):
            assert self.given_up.wait(PATIENCE)
            return super().export(spans)

        def shutdown(self):
            self.given_up.set()

    monkeypatch.setattr(spans, "_SECONDS", 0.01)
    with contextlib.ExitStack() as stack:
        spans.Spans(Hanging(), tube, None, stack).end(0, 0, 0)
    assert Hanging.given_up.is_set()


def stream(count):
    def do(runner, spans):
        records = spans.of_records(Slow(count))
        list(runner.stream(records))

    return do


class Slow:
    """Records that are waited for."""

    def __init__(self, count):
        self.left = iter(range(1, count + 1))

    def is_ready(self):
        return True

    def __iter__(self):
        return self

    def __next__(self):
        value = next(self.left)
        time.sleep(0.05)
        return {"value": value}


class TestSpans:
    def test_there_is_one_of_the_run_and_one_of_each_epoch(self, spans_of):
        *epochs, run = spans_of(stream(3))

        assert [span.name for span in (*epochs, run)] == ["epoch", "epoch", "epoch", "run"]
        assert [span.attributes["noob.epoch"] for span in epochs] == [0, 1, 2]
        assert dict(run.attributes) == {"noob.tube": "tube", "noob.exit_code": 0, "noob.epochs": 3, "noob.results": 7}
        assert run.resource.attributes["service.name"] == "tube"
        # Each is a trace of its own, which says what run it is of.
        assert len({span.context.trace_id for span in (*epochs, run)}) == 4
        assert all(span.links[0].context.span_id == run.context.span_id for span in epochs)

    def test_an_epoch_begins_when_its_record_is_there(self, spans_of):
        *epochs, run = spans_of(stream(3))

        took = [span.end_time - span.start_time for span in epochs]
        assert sum(took) < 0.1e9 < 0.15e9 <= run.end_time - run.start_time

    @pytest.mark.parametrize("sample", [0.0, 0.3, 1.0])
    def test_the_sample(self, spans_of, sample):
        def do(runner, spans):
            list(runner.stream([{"value": 1}] * 1000))

        *epochs, _ = spans_of(do, sample)

        assert sample * 1000 - 150 <= len(epochs) <= sample * 1000 + 150

    def test_one_that_fails_has_a_span_in_any_case(self, spans_of):
        def do(runner, spans):
            for value in (1, 0):
                with contextlib.suppress(ZeroDivisionError):
                    runner.process(value=value)
            spans.failed(runner.failures)

        failed, _ = spans_of(do, 0.0)

        assert (failed.attributes["noob.epoch"], failed.attributes["noob.failed"]) == (1, "the node 'half'")
        assert failed.status.is_ok is False
        assert failed.status.description.startswith("ZeroDivisionError: ")
        assert failed.events[0].attributes["exception.type"] == "ZeroDivisionError"


class TestTold:
    @pytest.fixture
    def telling(self):
        from noob_cli.cli.run.spans import _telling_of

        with _telling_of("http://x"):
            yield

    @pytest.mark.parametrize(
        "name", ["sdk.trace.export", "sdk._shared_internal", "exporter.otlp.common.http", "exporter.otlp.proto.http"]
    )
    def test_what_is_told_of_spans_is_told_once(self, telling, name, capsys):
        for _ in range(2):
            logging.getLogger(f"opentelemetry.{name}").warning("lost %s of it", 3)

        assert capsys.readouterr().err == "warning: spans for http://x: lost 3 of it\n"

    @pytest.mark.parametrize("name", ["metrics", "trace", "sdk.metrics", "attributes"])
    def test_what_a_node_does_with_it_is_told_to_who_hears_that(self, telling, name, capsys, caplog):
        logging.getLogger(f"opentelemetry.{name}").warning("wrong")

        assert (caplog.messages, "spans" in capsys.readouterr().err) == (["wrong"], False)

    def test_what_is_told_need_not_be_text(self, telling, capsys):
        logging.getLogger("opentelemetry.sdk.trace").warning(["lost"])

        assert capsys.readouterr().err == "warning: spans for http://x: ['lost']\n"

    def test_what_cannot_be_told_is_no_error_of_who_tells_it(self, telling, monkeypatch):
        told = []
        monkeypatch.setattr(logging.Handler, "handleError", lambda handler, record: told.append(record.msg))
        monkeypatch.setattr("noob_cli.cli.run.spans.report_warning", lambda text: 1 / 0)

        logging.getLogger("opentelemetry.sdk.trace").warning("lost")

        assert told == ["lost"]


class Collector(BaseHTTPRequestHandler):
    """Takes what is sent to it."""

    def do_POST(self):
        request = messages.ExportTraceServiceRequest()
        request.ParseFromString(self.rfile.read(int(self.headers["Content-Length"])))
        self.server.got += [
            (self.path, span)
            for resource in request.resource_spans
            for scope in resource.scope_spans
            for span in scope.spans
        ]
        self.send_response(200)
        self.end_headers()

    def log_message(self, *args):
        """Nothing."""


@pytest.fixture
def collector():
    server = HTTPServer(("127.0.0.1", 0), Collector)
    server.got = []
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.mark.slow
class TestCommand:
    @pytest.mark.parametrize("more", [(), ("--checkpoint", "saved"), ("--runner", "threads")])
    def test_what_a_collector_gets(self, noob, tube, collector, more):
        url = f"http://127.0.0.1:{collector.server_port}"
        records = '{"value": 1}\n{"value": 0}\n{}\n{"value": 3}\n'
        done = noob("run", "tube.yaml", "--otlp", url, "--on-error", "skip", *more, stdin=records)

        assert (done.code, done.out) == (1, "1\n1\n")
        assert {path for path, _ in collector.got} == {"/v1/traces"}
        spans = [span for _, span in collector.got]
        assert [span.name for span in spans] == ["epoch", "epoch", "epoch", "run"]
        numbers = [{each.key: each.value.int_value for each in span.attributes} for span in spans]
        assert [each.get("noob.epoch") for each in numbers] == [0, 1, 2, None]
        assert (numbers[3]["noob.exit_code"], numbers[3]["noob.epochs"], numbers[3]["noob.results"]) == (1, 3, 2)
        assert [span.status.code for span in spans] == [0, 2, 0, 2]

    def test_modules_beside_the_tube_have_the_names_of_what_sends_them(self, noob, write, collector):
        write("requests.py", "def plus(value, more): return value + more")
        for name in ("urllib3", "certifi", "opentelemetry/__init__"):
            write(f"{name}.py", "raise RuntimeError('not this one')")
        write("tube.yaml", TUBE.replace("operator.floordiv", "requests.plus"))
        run = ("run", "tube.yaml", "--otlp", f"http://127.0.0.1:{collector.server_port}")

        done = noob(*run, stdin='{"value": 1}\n', command=COMMAND)

        assert (done.code, done.out, len(collector.got)) == (0, "2\n", 2)
        assert "give the file a name of its own, such as 'my_requests'" in done.err
        # Who doesn't use the extra is told nothing.
        assert noob(*run[:2], stdin='{"value": 1}\n', command=COMMAND).err == ""

    def test_nobody_takes_them(self, noob, tube):
        done = noob("run", "tube.yaml", "--otlp", "http://127.0.0.1:9", stdin='{"value": 1}\n')

        # It is told on standard error, and no error of the run.
        assert (done.code, done.out) == (0, "1\n")
        lines = done.err.splitlines()
        assert sum("Transient error" in line for line in lines) == 1
        assert all(line.startswith("warning: spans for http://127.0.0.1:9: ") for line in lines)


class TestRefused:
    def test_a_sample_that_nobody_gets(self, noob, tube):
        done = noob("run", "tube.yaml", "--otlp-sample", "0.5", stdin="")

        assert (done.code, "say with '--otlp URL' who gets them" in done.err) == (2, True)

    @pytest.mark.parametrize(
        "url", ["collector", "localhost:4318", "ftp://x", "http://", "http://x:port", "http://[::1"]
    )
    def test_what_is_no_url(self, noob, tube, url):
        done = noob("run", "tube.yaml", "--otlp", url, stdin="")

        told = f"error: '--otlp' takes the URL of a collector, such as http://localhost:4318, found '{url}'\n"
        assert (done.code, done.err) == (2, told)

    def test_without_the_extra(self, noob, without, tube):
        done = noob("run", "tube.yaml", "--otlp", "http://x", env=without("opentelemetry"), command=COMMAND, stdin="")

        assert done.code == 2
        assert "'--otlp' needs the package opentelemetry, which can't be imported" in done.err
        assert "pip install 'noob-cli[otlp]'" in done.err
