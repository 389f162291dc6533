"""What the nodes of a run have taken and emitted, as a table and as JSON."""

import json
import re
import signal

import pytest

EVENS = """
    nodes:
      source: {type: steps.count, params: {limit: 4}}
      even: {type: steps.even, depends: [source.index]}
      return: {type: return, depends: even.value}
"""

NEST = """
    nodes:
      a: {{type: tube, params: {{tube: {0}}}}}
      b: {{type: steps.same, depends: a.value}}
      return: {{type: return, depends: b.value}}
"""

_TIME = r"[\d.]+ (?:s|ms|µs)"


@pytest.fixture
def stats(noob, write):
    write("tube.yaml", EVENS)
    return lambda *args, **given: noob("run", "tube.yaml", *args, **given)


@pytest.fixture
def facts(folder):
    return lambda: json.loads((folder / "stats.json").read_text())


def rows_of(text):
    return [[cell.strip() for cell in line.strip("│").split("│")] for line in text.splitlines() if line[0] == "│"]


class TestTable:
    def test_has_a_row_for_each_node(self, stats):
        done = stats("--stats")

        assert (done.code, done.results) == (0, [0, 2])
        source, even = rows_of(done.err)
        assert (source[:2], source[6:]) == (["source", "4"], ["4", "0"])
        assert (even[:2], even[6:]) == (["even", "4"], ["2", "2"])
        for row in (source, even):
            assert all(re.fullmatch(_TIME, cell) for cell in row[2:5])
            assert re.fullmatch(r"\d+\.\d%", row[5])
        head = done.err.splitlines()[1]
        assert [each.strip() for each in head.strip("┃").split("┃")] == [
            *("node", "calls", "total", "mean", "max", "share", "events", "NoEvents")
        ]
        assert re.fullmatch(f"4 epochs in {_TIME}, {_TIME} of it in nodes", done.err.splitlines()[-1].strip())

    def test_says_what_has_failed_if_something_has(self, noob, write):
        retry = "depends: [source.index], retry: {times: 1, wait: 0s}"
        write("tube.yaml", EVENS.replace("steps.even", "steps.fail_at").replace("depends: [source.index]", retry))
        done = noob("run", "tube.yaml", "--stats")

        head = next(line for line in done.err.splitlines() if "NoEvents" in line)
        assert [each.strip() for each in head.split("┃")[2:5]] == ["calls", "failed", "retried"]
        assert [row[:4] for row in rows_of(done.err)] == [["source", "3", "0", "0"], ["even", "4", "2", "1"]]

    def test_says_how_long_was_waited_for_turns_if_it_was(self, noob, write, facts):
        write("tube.yaml", EVENS.replace("depends: [source.index]", "depends: [source.index], rate: 2/s"))
        done = noob("run", "tube.yaml", "--epochs", "2", "--stats", "--stats-json", "stats.json")

        head = next(line for line in done.err.splitlines() if "NoEvents" in line)
        assert [each.strip() for each in head.split("┃")[2:5]] == ["calls", "waited", "total"]
        source, even = facts()["nodes"]
        assert source["waited"] == 0 < even["waited"]

    @pytest.mark.parametrize("source", ["steps.count", "steps.count_later"])
    def test_counts_what_sources_give_in_a_run_that_is_saved_and_goes_on(self, noob, write, source):
        write("tube.yaml", EVENS.replace("steps.count", source))
        begun = noob("run", "tube.yaml", "-o", "o.jsonl", "--stats", "--checkpoint", "saved", "--epochs", "1")
        gone_on = noob("run", "tube.yaml", "-o", "o.jsonl", "--stats", "--resume", "saved")

        for done, calls in ((begun, "1"), (gone_on, "3")):
            assert rows_of(done.err)[0][:2] + rows_of(done.err)[0][6:] == ["source", calls, calls, "0"]

    def test_is_there_only_if_it_is_asked_for(self, stats):
        assert stats().err == ""

    def test_is_there_after_a_failure(self, noob, write):
        write("tube.yaml", EVENS.replace("steps.even", "steps.fail_at"))
        done = noob("run", "tube.yaml", "--stats")

        assert done.code == 1
        assert [row[:2] for row in rows_of(done.err)] == [["source", "3"], ["even", "3"]]

    def test_is_there_after_an_interruption(self, start, write):
        write("tube.yaml", EVENS.replace("count, params: {limit: 4}", "slow_count"))
        running = start("run", "tube.yaml", "--stats")
        running.read_line()
        done = running.stop(signal.SIGTERM)

        assert done.code == 143
        assert [row[0] for row in rows_of(done.err)] == ["source", "even"]

    def test_names_the_nodes_of_a_tube_in_a_tube_after_it(self, noob, write):
        write("inner.yaml", EVENS)
        write(
            "tube.yaml",
            "nodes:\n  a: {type: tube, params: {tube: inner.yaml}}\n  b: {type: steps.same, depends: a.value}\n",
        )
        done = noob("run", "tube.yaml", "--stats")

        assert [row[:2] for row in rows_of(done.err)] == [["a", "4"], ["a.source", "4"], ["a.even", "4"], ["b", "2"]]

    @pytest.mark.parametrize("source", ["steps.slow_count", "steps.slow_count_later"])
    def test_what_a_tube_in_a_tube_draws_is_in_its_time(self, noob, write, facts, source):
        write("inner.yaml", EVENS.replace("steps.count, params: {limit: 4}", source))
        write("middle.yaml", NEST.format("inner.yaml"))
        write("tube.yaml", NEST.format("middle.yaml"))

        assert noob("run", "tube.yaml", "--epochs", "4", "--stats-json", "stats.json").code == 0

        nodes = {each["node"]: each for each in facts()["nodes"]}
        outer, inner, drawn = nodes["a"], nodes["a.a"], nodes["a.a.source"]
        assert 0.5 < drawn["share"] < inner["share"] < outer["share"] <= 1
        for each in (outer, inner):
            assert each["calls"] == 4
            assert drawn["mean"] < each["mean"] <= each["max"]

    def test_a_draw_in_a_tube_in_a_tube_that_fails_is_a_call(self, noob, write, facts):
        write("inner.yaml", EVENS.replace("count, params: {limit: 4}", "count_and_fail, params: {limit: 2}"))
        write("tube.yaml", NEST.format("inner.yaml"))

        assert noob("run", "tube.yaml", "--stats-json", "stats.json").code == 1

        assert {each["node"]: each["calls"] for each in facts()["nodes"]} == {
            "a": 3,
            "a.source": 3,
            "a.even": 2,
            "b": 1,
        }

    def test_has_no_row_for_nodes_that_are_disabled(self, noob, write):
        write("tube.yaml", EVENS + "      off: {type: steps.same, depends: source.index, enabled: false}\n")

        assert "off" not in noob("run", "tube.yaml", "--stats").err

    def test_is_not_there_if_nothing_was_started(self, noob, write):
        asset = "    assets:\n      bad: {type: zipfile.ZipFile, scope: runner, params: {file: nowhere}}\n"
        write("tube.yaml", asset + EVENS + "      x: {type: repr, depends: assets.bad}\n")
        done = noob("run", "tube.yaml", "--stats")

        assert done.code == 1
        assert "┃" not in done.err


class TestJson:
    def test_has_the_same(self, stats, facts):
        done = stats("--stats-json", "stats.json")

        assert (done.code, done.err) == (0, "")
        found = facts()
        assert (found["epochs"], found["results"]) == (4, 2)
        source, even = found["nodes"]
        assert [even[name] for name in ("node", "calls", "events", "no_events")] == ["even", 4, 2, 2]
        assert source["share"] + even["share"] == pytest.approx(1)
        assert even["total"] == pytest.approx(4 * even["mean"])
        assert 0 < even["mean"] <= even["max"] <= even["total"] < found["seconds"]

    def test_counts_failed_epochs(self, noob, write, facts):
        write("tube.yaml", EVENS.replace("steps.even", "steps.fail_at"))
        noob("run", "tube.yaml", "--stats-json", "stats.json", "--on-error", "skip")

        assert (facts()["epochs"], facts()["results"]) == (4, 3)
        assert [(node["failed"], node["retried"]) for node in facts()["nodes"]] == [(0, 0), (1, 0)]

    def test_that_cannot_be_written_is_refused_before_the_run(self, stats):
        done = stats("--stats-json", "nowhere/stats.json")

        assert (done.code, done.out) == (2, "")
        assert done.err == ("error: the statistics can't be written: nowhere/stats.json: No such file or directory\n")

    @pytest.mark.parametrize(
        ("other", "what"),
        [
            ("tube.yaml", "the tube that is run"),
            ("out.jsonl", "the file of the results"),
            ("errors.jsonl", "the file of the failed records"),
        ],
    )
    def test_is_no_file_that_is_in_use(self, stats, other, what):
        done = stats("-o", "out.jsonl", "--errors", "errors.jsonl", "--stats-json", other)

        assert done.code == 2
        assert done.err == f"error: '--stats-json {other}' is {what}: name another one\n"

    def test_that_can_take_no_more_is_said(self, stats):
        done = stats("--stats-json", "stats.json", shell='ulimit -f 0; exec "$@"')

        assert (done.code, done.results) == (2, [0, 2])
        assert done.err == "error: the statistics can't be written: stats.json: File too large\n"
