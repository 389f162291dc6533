"""What is shown of an error that comes from deep in a library, or has much to say."""

from __future__ import annotations

import json

import pytest

CODE = """
    import json
    import sys
    from pathlib import Path

    sys.path.append(str(Path(__file__).parent / "site-packages"))
    import client
    import solo

    def fetch(value):
        return client.get(value)

    def parse(value):
        return json.loads("{" * value)

    def both(value):
        try:
            client.get(value)
        except RuntimeError as error:
            raise ValueError("not fetched") from error

    def call_back(value):
        return solo.call(lambda: client.get(value))

    def talk(value):
        raise RuntimeError("x" * value + "\\nthe end")

    def note(value):
        error = RuntimeError("short")
        error.add_note("y" * value)
        raise error

    def leave(value):
        sys.exit("z" * value)
    """

CLIENT = """
    import solo

    def get(value):
        return again(value, 5)

    def again(value, depth):
        return again(value, depth - 1) if depth else solo.fail(value)
    """

SOLO = """
    def fail(value):
        raise RuntimeError("no answer")

    def call(function):
        return function()
    """


@pytest.fixture
def failing(noob, write):
    write("nodes.py", CODE)
    write("site-packages/client/__init__.py", CLIENT)
    write("site-packages/solo.py", SOLO)

    def run(node, *args, value=3):
        write(
            "tube.yaml",
            f"input:\n  value: {{type: int, default: {value}}}\n"
            f"nodes:\n  a: {{type: {node}, depends: [input.value]}}\n  return: {{type: return, depends: a.value}}\n",
        )
        return noob("run", "tube.yaml", "-n", "1", *args)

    return run


class TestFrames:
    def test_those_of_libraries_are_counted(self, failing, folder):
        done = failing("nodes.fetch")

        assert done.code == 1
        shown = [line for line in done.err.splitlines() if "^" not in line and "~" not in line]
        assert shown[-5:] == [
            "Traceback (most recent call last):",
            f'  File "{folder}/nodes.py", line 11, in fetch',
            "    return client.get(value)",
            "  ... 8 frames in client, solo",
            "RuntimeError: no answer",
        ]

    def test_so_are_those_of_the_standard_library(self, failing):
        assert "  ... 3 frames in json\njson.decoder.JSONDecodeError: " in failing("nodes.parse").err

    def test_of_what_it_came_from_too(self, failing):
        done = failing("nodes.both")

        assert done.err.count("  ... 8 frames in client, solo\n") == 1
        assert done.err.endswith("ValueError: not fetched\n")

    def test_code_of_the_user_in_between_is_shown(self, failing):
        done = failing("nodes.call_back")

        assert "  ... 1 frame in solo\n" in done.err
        assert "in <lambda>\n" in done.err
        assert "  ... 8 frames in client, solo\n" in done.err

    def test_a_library_that_the_tube_names_is_shown(self, failing):
        done = failing("nodes.client.get")

        assert done.err.count("in again\n") + done.err.count("[Previous line repeated") >= 4
        assert "  ... 1 frame in solo\nRuntimeError: no answer\n" in done.err

    @pytest.mark.parametrize("args", [("-v",), ("-vv",)])
    def test_all_are_shown_if_more_is_to_be_told(self, failing, folder, args):
        done = failing("nodes.fetch", *args)

        assert " frames in " not in done.err
        assert f'File "{folder}/site-packages/solo.py", line 3, in fail' in done.err


class TestTexts:
    @pytest.mark.parametrize(
        ("node", "letter", "told"),
        [
            ("nodes.talk", "x", "... (20022 letters in all)"),
            ("nodes.note", "y", "... (20000 letters in all)"),
            ("nodes.leave", "z", "... (20000 letters in all)"),
        ],
    )
    def test_one_that_is_long_is_cut(self, failing, node, letter, told):
        done = failing(node, value=20_000)

        assert 9_900 < done.err.count(letter) < 10_100
        assert done.err.endswith(f"{letter}{told}\n")

    def test_that_of_the_failed_records_too(self, failing, folder):
        failing("nodes.talk", "--errors", "failed.jsonl", value=20_000)

        (entry,) = [json.loads(line) for line in (folder / "failed.jsonl").read_text().splitlines()]
        assert entry["error"].startswith("RuntimeError: xxx")
        assert entry["error"].endswith("xxx... (20022 letters in all)")


class TestFailedRecords:
    @pytest.mark.parametrize("value", ["NaN", "-Infinity", "[1, NaN]", "1e400"])
    def test_they_are_json_in_any_case(self, noob, write, folder, value):
        write(
            "tube.yaml",
            "input:\n  value: {type: object, scope: process}\n"
            "nodes:\n  a: {type: operator.truediv, depends: [input.value, input.value]}\n"
            "  b: {type: operator.getitem, depends: [a.value, a.value]}\n"
            "  return: {type: return, depends: b.value}\n",
        )
        record = f'{{"value": {value}}}'

        assert noob("run", "tube.yaml", "--errors", "failed.jsonl", stdin=record).code == 1

        def refuse(constant):
            raise AssertionError(f"{constant} is no JSON")

        (line,) = (folder / "failed.jsonl").read_text().splitlines()
        kept = json.loads(line, parse_constant=refuse)["record"]
        again = kept if isinstance(kept, str) else json.dumps(kept)
        assert repr(json.loads(again)) == repr(json.loads(record))
