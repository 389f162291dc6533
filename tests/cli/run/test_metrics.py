"""What a run tells a Prometheus that asks for it."""

from __future__ import annotations

import socket
import urllib.request

import pytest

from tests.cli.conftest import COMMAND
from tests.patience import wait_until

parser = pytest.importorskip("prometheus_client.parser")

TUBE = """
    input:
      value: {type: int, scope: process}
    nodes:
      half: {type: metered.half, depends: [input.value]}
      odd: {type: metered.odd, depends: [half.value]}
      return: {type: return, depends: odd.value}
    """

CODE = """
    import time

    from noob_cli import NoEvent

    def half(value):
        time.sleep(value / 1000)
        return 100 // value

    def odd(value):
        return value if value % 2 else NoEvent
    """


def scrape(url):
    """What is told, by the name of the sample and its labels."""
    with urllib.request.urlopen(url) as answer:
        assert answer.headers["Content-Type"].startswith("text/plain; version=")
        text = answer.read().decode()
    return {
        (sample.name, *(value for name, value in sorted(sample.labels.items()) if name != "tube")): sample.value
        for family in parser.text_string_to_metric_families(text)
        for sample in family.samples
    }


@pytest.fixture
def serving(start, write):
    def run(*args, tube=TUBE):
        write("tube.yaml", tube)
        write("metered.py", CODE)
        running = start("run", "tube.yaml", "--metrics", "0", *args)
        while (line := running.read_error_line()).startswith("info: "):
            pass
        assert line.startswith("metrics at http://127.0.0.1:"), line
        return running, line.removeprefix("metrics at ")

    return run


@pytest.mark.slow
class TestScraped:
    @pytest.mark.parametrize("runner", ["sync", "threads", "processes", "dask"])
    def test_what_was_done(self, serving, runner):
        if runner == "dask":
            pytest.importorskip("distributed")
        workers = () if runner == "sync" else ("--workers", "2")
        running, url = serving("--on-error", "skip", "--runner", runner, *workers)
        running.feed('{"value": 9}\n{"value": 0}\n{"value": 2}\n{}\n{"value": 30}\n')
        assert [running.read_line(), running.read_line()] == ["11", "3"]

        # What a process has measured may come just behind what it has done.
        wait_until(lambda: scrape(url).get(("noob_node_calls_total", "half")) == 4)
        found = scrape(url)

        assert found["noob_epochs_total",] == 4
        assert found["noob_results_total",] == 2
        assert found["noob_failed_epochs_total",] == 1
        assert found["noob_refused_records_total",] == 1
        assert found["noob_node_calls_total", "half"] == 4
        assert found["noob_node_calls_total", "odd"] == 3
        assert [found[f"noob_node_{what}_total", "half"] for what in ("failures", "retries")] == [1, 0]
        assert found["noob_node_events_total", "event", "odd"] == 2
        assert found["noob_node_events_total", "no_event", "odd"] == 1
        assert found["noob_node_seconds_count", "half"] == 4
        assert found["noob_node_seconds_bucket", "+Inf", "half"] == 4
        assert found["noob_node_seconds_bucket", "0.001", "half"] <= 1
        assert found["noob_node_seconds_sum", "half"] >= 0.041
        assert found["noob_node_waited_seconds_total", "half"] == 0
        assert found["process_resident_memory_bytes",] > 0
        running.end()

    def test_before_the_first_epoch(self, serving):
        running, url = serving()
        found = {}
        # Until the run is there, it is the process that is told of.
        while ("noob_epochs_total",) not in found:
            found = scrape(url)

        assert found["noob_epochs_total",] == 0
        assert running.end().code == 0

    def test_it_ends_with_the_run(self, serving):
        running, url = serving()
        running.end()

        with pytest.raises(OSError, match="refused"):
            scrape(url)

    def test_with_other_options(self, serving):
        running, url = serving("--stats", "-v")
        running.feed('{"value": 9}\n')
        assert running.read_line() == "11"
        assert scrape(url)["noob_node_calls_total", "half"] == 1
        assert "1 epoch in" in running.end().err


class TestRefused:
    @pytest.mark.parametrize("address", ["nowhere", "host:", "1:2:3", "70000", ":-1"])
    def test_what_is_no_address(self, noob, address):
        done = noob("run", "count", "--metrics", address)

        told = f"error: '--metrics' takes HOST:PORT, or a port alone, such as 9464, found '{address}'\n"
        assert (done.code, done.err) == (2, told)

    def test_one_that_is_in_use(self, noob, folder):
        with socket.socket() as taken:
            taken.bind(("127.0.0.1", 0))
            taken.listen()
            address = f"127.0.0.1:{taken.getsockname()[1]}"
            done = noob("run", "count", "-o", "out.jsonl", "--metrics", address)

        assert (done.code, done.err) == (
            2,
            f"error: the metrics can't be served at {address}: Address already in use\n",
        )
        assert not (folder / "out.jsonl").exists()

    def test_without_the_extra(self, noob, without):
        done = noob("run", "count", "--metrics", "0", env=without("prometheus_client"), command=COMMAND)

        assert (done.code, done.err) == (
            2,
            "error: '--metrics' needs the package prometheus_client, which can't be imported (import of "
            "prometheus_client halted; None in sys.modules): pip install 'noob-cli[metrics]'\n",
        )
