"""What goes wrong is said so that one knows what to do, with the right exit code, and never with our own traceback."""

import os
import re
import subprocess
import sys

import pytest

NODE = "nodes:\n  wrong: {{type: {}}}\n  return: {{type: return, depends: wrong.value}}\n"


class TestCommandLine:
    def test_version(self, noob):
        done = noob("--version")

        assert done.code == 0
        assert re.fullmatch(r"noob \d+\.\d+\.\d+\S*\n", done.out)

    def test_help_has_examples(self, noob):
        done = noob("--help")

        assert (done.code, done.err) == (0, "")
        for part in ("noob run ", "noob validate ", "noob assets list", "-n "):
            assert part in done.out

    @pytest.mark.parametrize(
        ("args", "parts"),
        [
            (
                ("run",),
                ["-n", "--epochs", "-i", "-f", "--input-format", "-o", "--output-format", "--progress", "Example"],
            ),
            (("assets", "list"), ["--json", "Example"]),
        ],
    )
    def test_help_of_a_command(self, noob, args, parts):
        done = noob(*args, "--help", env={"COLUMNS": "200"})

        assert done.code == 0
        for part in parts:
            assert part in done.out

    def test_help_names_each_option_as_a_whole(self, noob):
        done = noob("run", "--help", env={"COLUMNS": "80"})

        assert "--checkpoint-every " in done.out
        assert "…" not in done.out

    def test_a_wrong_choice_is_told_without_words_of_a_library(self, noob):
        done = noob("run", "count", "--output-format", "xml", env={"COLUMNS": "200"})

        assert "'xml' is not one of 'auto', 'jsonl', 'json', 'pretty', 'csv', 'tsv', 'parquet', 'none'" in done.err
        assert "Value error" not in done.err

    @pytest.mark.parametrize(
        ("args", "part"),
        [
            (("frobnicate",), "frobnicate"),
            (("run", "count", "--nope"), "--nope"),
            (("run", "count", "--output-format", "xml"), "jsonl"),
            (("run", "count", "--input-format", "xml"), "jsonl"),
            (("validate",), "TUBE"),
        ],
    )
    def test_a_wrong_command_line(self, noob, args, part):
        done = noob(*args)

        assert (done.code, done.stdout) == (2, b"")
        assert part in done.err


class TestNoSuchTube:
    NAMES = {  # noqa: RUF012
        "coutn": ["'coutn'", "'count'"],
        "missing.yaml": ["missing.yaml"],
        "no/such/folder.yml": ["no/such/folder.yml"],
        "": [],
        b"x\xff": ["x"],
        "x" * 5000: ["xxx"],
        "x" * 5000 + ".yaml": ["xxx"],
        "steps.py": ["steps.py"],
    }

    @pytest.fixture(scope="class")
    @classmethod
    def outcomes(cls, run_side_by_side):
        return run_side_by_side({name: (("run", name),) for name in cls.NAMES})

    @pytest.mark.parametrize("name", NAMES, ids=range(len(NAMES)))
    def test_what_is_no_tube(self, outcomes, name):
        done = outcomes[name]

        assert (done.code, done.stdout) == (2, b"")
        for part in self.NAMES[name]:
            assert part in done.err

    def test_a_folder_is_said_to_be_one(self, noob, folder):
        (folder / "sub").mkdir()

        done = noob("run", "sub")

        assert (done.code, done.stdout) == (2, b"")
        assert "folder" in done.err.replace(str(folder), "")

    @pytest.mark.skipif(not os.path.exists("/proc/self/mem"), reason="needs a file that can be opened and not read")
    def test_a_file_that_can_not_be_read_is_named(self, noob):
        done = noob("run", "/proc/self/mem")

        assert (done.code, done.stdout) == (2, b"")
        assert "/proc/self/mem" in done.err

    @pytest.mark.skipif(os.geteuid() == 0, reason="root can read all files")
    def test_a_file_that_is_not_ours_to_read_is_named(self, noob, folder):
        (folder / "count.yaml").chmod(0)

        for args in (("run", "count.yaml"), ("validate", "count.yaml")):
            done = noob(*args)

            assert (done.code, done.stdout) == (2, b"")
            assert "count.yaml" in done.err

    @pytest.mark.parametrize("content", ["[tool]\nnoob = 'x'\n", "[tool.noob]\ntubes = 3\n", "["])
    def test_a_wrong_pyproject_is_named(self, noob, write, content):
        write("pyproject.toml", content)

        done = noob("run", "nothing")

        assert (done.code, done.stdout) == (2, b"")
        assert "pyproject.toml" in done.err

    def test_a_working_folder_that_is_gone(self, noob, folder):
        script = f'mkdir gone; cd gone; rmdir ../gone; exec "$0" -m noob_cli run {folder}/count.yaml'

        done = noob("-c", script, sys.executable, command=("sh",))

        # Running it is fine, saying what is wrong is too.
        assert (done.code, done.out) in ((0, "0\n2\n4\n"), (2, ""))
        assert "Traceback" not in done.err

    def test_what_is_no_regular_file_is_not_waited_for(self, noob, folder):
        os.mkfifo(folder / "pipe.yaml")

        assert noob("run", "count", "-n", "1").results == [0]


WRONG_TUBES = [
    ("", ":1:1", []),
    ("# nothing\n", ":", []),
    ("- a\n- b\n", ":1:1", ["list"]),
    ("just text\n", ":1:1", []),
    ("nodes: [\n", ":", []),
    ("nodes:\n\ta: 1\n", ":2:", []),
    ("nodes: 7\n", ":1:", []),
    ("nodes:\n  a: 7\n", ":2:", []),
    ("nodes:\n  a: {}\n", ":2:3", ["type"]),
    ("nodes:\n  a: {type: 7}\n", ":2:", []),
    ("nodes:\n  a b: {type: steps.zero}\n", ":2:3", ["a b"]),
    ("nodes:\n  a: {type: steps.zero}\n  a: {type: steps.zero}\n", ":3:3", [":2:3"]),
    ("nodes:\n  a: &a {type: steps.zero, params: *a}\n", ":2:", []),
    ("noob_id: [x]\nnodes: {}\n", ":1:", ["noob_id"]),
    ("noob_id: a b\nnodes: {}\n", ":1:", ["a b"]),
    ("input:\n  x: {type: int, default: ten}\nnodes: {}\n", ":2:", ["ten"]),
    ("assets:\n  x: {type: steps.zero, scope: ever}\nnodes: {}\n", ":2:", ["ever", "runner"]),
    ("nodes:\n  a: {type: steps.double, depends: b.value}\n", ":2:", ["'b'"]),
    (
        "nodes:\n  a: {type: steps.zero}\n  b: {type: steps.double, depends: a.val}\n",
        ":3:36",
        ["val", "'value'"],
    ),
    ("nodes:\n  a: {type: steps.double}\n", ":2:", ["'value'"]),
    (
        "nodes:\n  a: {type: steps.double, depends: b.value}\n  b: {type: steps.double, depends: a.value}\n",
        ":2:",
        ["a", "b"],
    ),
    ("nodes: " + "[" * 3000 + "]" * 3000, ":1:", []),
    ("nodes: " + "{a: " * 1500 + "1" + "}" * 1500, ":1:", []),
    ("nodes:\n  a: \x00\n", ":2:", []),
    ("nodes:\n  a: {type: !!python/object:os.system x}\n", ":2:", []),
    ("description: caf\u00e9\nnodes: {}\n".encode("latin-1"), ":1:17", ["UTF-8"]),
    ("noob_id: x\nnodes: {}\n".encode("utf-16"), ":1:1", ["UTF-8"]),
    (bytes(range(256)), ":", []),
]


class TestWrongTube:
    @pytest.fixture(scope="class")
    @classmethod
    def outcomes(cls, validate_side_by_side):
        return validate_side_by_side(
            {number: {"tube.yaml": content} for number, (content, _, _) in enumerate(WRONG_TUBES)}
        )

    @pytest.mark.parametrize("number", range(len(WRONG_TUBES)))
    def test_the_problem_has_file_line_and_column(self, outcomes, number):
        _, place, parts = WRONG_TUBES[number]

        done = outcomes[number]

        assert (done.code, done.stdout) == (2, b"")
        assert f"tube.yaml{place}" in done.err
        assert re.match(r"case\d+/tube\.yaml:\d+:\d+: ", done.err)
        for part in parts:
            assert part in done.err
        assert "Traceback" not in done.err

    @pytest.mark.parametrize("number", [0, 4, 18])
    def test_run_says_the_same(self, noob, write, outcomes, number):
        write("case/tube.yaml", WRONG_TUBES[number][0])

        done = noob("run", "case/tube.yaml", "-n", "1")

        assert (done.code, done.stdout) == (2, b"")
        assert done.err == re.sub(r"case\d+/", "case/", outcomes[number].err)

    def test_the_line_is_shown_with_a_mark_below_what_is_wrong(self, noob, write):
        write("tube.yaml", "nodes:\n  a: {type: steps.zero}\n  b: {type: steps.double, depends: a.val}\n")

        shown = noob("run", "tube.yaml").err.splitlines()

        at = next(i for i, line in enumerate(shown) if "b: {type: steps.double" in line)
        assert shown[at + 1].index("^") == shown[at].index("a.val")

    def test_all_that_is_wrong_is_said_at_once(self, noob, write):
        write("tube.yaml", "nodes:\n  a: {type: steps.zero, depends: x.value}\n  b: {type: steps.nope}\n")

        done = noob("run", "tube.yaml")

        assert re.findall(r"^tube\.yaml:(\d+):", done.err, re.MULTILINE)[0] == "2"
        assert "tube.yaml:3:" in done.err

    @pytest.mark.parametrize("content", [b"\x1b[31mred\x1b[0m: [\n", b"nodes:\n  a: \x1b[2J\n"])
    def test_what_a_file_says_does_not_control_the_terminal(self, noob, write, content):
        write("tube.yaml", content)

        assert b"\x1b" not in noob("run", "tube.yaml").stderr

    def test_a_line_of_any_length_is_not_shown_whole(self, noob, write):
        write("tube.yaml", "nodes: {a: {type: steps.nope, params: {x: '" + "y" * 100_000 + "'}}}\n")

        assert len(noob("run", "tube.yaml").err) < 5_000


BROKEN_MODULES = [
    ("def f(:\n", ["SyntaxError", "line 1"]),
    ("x = 1\nraise RuntimeError('no luck')\n", ["RuntimeError", "no luck", "broken.py", "2"]),
    ("import sys\nsys.exit(7)\n", ["SystemExit", "broken.py"]),
    ("import sys\nsys.exit()\n", ["SystemExit", "broken.py"]),
    ("class Odd(Exception):\n  def __str__(self): raise ValueError\nraise Odd\n", ["Odd"]),
    ("raise RuntimeError('\\udcff')\n", ["RuntimeError"]),
    ("import broken.deeper\n", ["broken"]),
    ("def __getattr__(name): raise RuntimeError('odd')\n", ["odd"]),
    (b"\xff\xfe", ["broken"]),
    (b"x = '\x00'\n", ["broken"]),
]

WRONG_TYPES = [
    ("steps.doubel", ["steps", "doubel", "'double'"]),
    ("summ", ["summ", "'sum'"]),
    ("steps.double.deeper", ["deeper"]),
    ("'.steps'", [".steps"]),
    ("'a..b'", ["a..b"]),
    ("'steps.'", ["steps."]),
    ("steps", ["steps"]),
    ("sys.path", ["sys.path"]),
    ("'rm -rf /'", ["rm -rf /"]),
]


class TestWrongCode:
    def test_a_missing_module_names_the_interpreter_and_how_to_install(self, noob, write):
        write("tube.yaml", NODE.format("nowhere.to_be.found"))

        done = noob("run", "tube.yaml")

        assert done.code == 2
        for part in ("'nowhere'", sys.executable, f"{sys.executable} -m pip install", "tube.yaml:2:"):
            assert part in done.err

    def test_a_module_that_imports_a_missing_one_names_both(self, noob, write):
        write("needs.py", "import nowhere\n")
        write("tube.yaml", NODE.format("needs.f"))

        done = noob("run", "tube.yaml")

        assert done.code == 2
        for part in ("needs", "nowhere", sys.executable, "-m pip install", "tube.yaml:2:"):
            assert part in done.err

    @pytest.fixture(scope="class")
    @classmethod
    def outcomes(cls, validate_side_by_side):
        broken = {
            ("module", number): {"broken.py": code, "tube.yaml": NODE.format("broken.f")}
            for number, (code, _) in enumerate(BROKEN_MODULES)
        }
        wrong = {("type", number): {"tube.yaml": NODE.format(name)} for number, (name, _) in enumerate(WRONG_TYPES)}
        return validate_side_by_side(broken | wrong)

    @pytest.mark.parametrize("number", range(len(BROKEN_MODULES)))
    def test_a_module_that_can_not_be_imported(self, outcomes, number):
        done = outcomes["module", number]

        assert (done.code, done.stdout) == (2, b"")
        for part in ("tube.yaml:2:", *BROKEN_MODULES[number][1]):
            assert part in done.err

    @pytest.mark.parametrize("number", range(len(WRONG_TYPES)))
    def test_a_type_that_names_no_code(self, outcomes, number):
        done = outcomes["type", number]

        assert (done.code, done.stdout) == (2, b"")
        for part in ("tube.yaml:2:", *WRONG_TYPES[number][1]):
            assert part in done.err


FAILING_NODES = [
    ("def f():\n    raise ValueError('boom')\n    yield 1\n", ["ValueError: boom", "in f"]),
    ("def f():\n    return f() + 1\n", ["RecursionError"]),
    ("def f():\n    raise StopIteration\n", ["StopIteration"]),
    ("def f():\n    raise ExceptionGroup('several', [ValueError('boom')])\n", ["several", "boom"]),
    ("class Odd(Exception):\n  def __str__(self): raise ValueError\ndef f():\n    raise Odd\n", ["Odd"]),
    ("def f():\n    raise ValueError('\\udcff')\n", ["ValueError"]),
    ("def f():\n    import no_such_module\n", ["ModuleNotFoundError", "no_such_module"]),
    ("def f():\n    return (yield_for_nobody)\n", ["NameError", "yield_for_nobody"]),
    ("class f:\n    def __init__(self): raise ValueError('boom')\n    def process(self): ...\n", ["boom"]),
    (
        "class f:\n    def init(self): raise ValueError('boom')\n    def process(self): ...\n",
        ["ValueError: boom", "in init"],
    ),
    (
        "class f:\n    def process(self): return 1\n    def deinit(self): raise ValueError('boom')\n",
        ["ValueError: boom", "in deinit"],
    ),
    ("from noob_cli import InputError\ndef f():\n    raise InputError('mine')\n", ["mine"]),
]

FAILING_ASSETS = [
    ("runner", "__init__"),
    ("runner", "__enter__"),
    ("runner", "__exit__"),
    ("process", "__init__"),
    ("process", "__exit__"),
    ("node", "__enter__"),
    ("node", "__exit__"),
]


class TestFailure:
    def test_a_node_that_raises(self, noob, write, folder):
        write(
            "tube.yaml",
            """
            nodes:
              count: {type: steps.count}
              picky:
                type: steps.fail_at
                depends: count.index
              return: {type: return, depends: picky.value}
            """,
        )

        done = noob("run", "tube.yaml")

        assert (done.code, done.results) == (1, [0, 1])
        assert "'picky'" in done.err
        assert "epoch 2" in done.err
        assert "tube.yaml:4:3" in done.err
        assert "ValueError: can't work with 2" in done.err
        frames = re.findall(r'File "([^"]+)", line (\d+), in (\w+)', done.err)
        assert [(file, name) for file, _, name in frames] == [(str(folder / "steps.py"), "fail_at")]

    def test_the_users_part_of_the_traceback_is_complete(self, noob, write):
        write(
            "deep.py",
            """
            def outer(value):
                try:
                    return inner(value)
                except KeyError as error:
                    raise RuntimeError("outer failed") from error

            def inner(value):
                return {}["key"]
            """,
        )
        write("tube.yaml", "nodes:\n  n: {type: steps.count}\n  o: {type: deep.outer, depends: n.index}\n")

        done = noob("run", "tube.yaml")

        assert done.code == 1
        for part in ("in outer", "in inner", "KeyError: 'key'", "RuntimeError: outer failed", "direct cause"):
            assert part in done.err

    @pytest.fixture(scope="class")
    @classmethod
    def outcomes(cls, run_side_by_side):
        nodes = {
            number: (("run", "tube.yaml", "-n", "3"), {"fails.py": code, "tube.yaml": NODE.format("fails.f")})
            for number, (code, _) in enumerate(FAILING_NODES)
        }
        assets = {
            (scope, method): (("run", "tube.yaml"), cls.failing_asset(scope, method))
            for scope, method in FAILING_ASSETS
        }
        return run_side_by_side(nodes | assets)

    @staticmethod
    def failing_asset(scope, method):
        code = f"""
            class Thing:
                def __init__(self, *args): pass
                def __enter__(self): return self
                def __exit__(self, *error): pass

            def fail(*args):
                raise OSError("thing failed")

            Thing.{method} = fail
            """
        tube = f"""
            assets:
              thing: {{type: things.Thing, scope: {scope}}}
            nodes:
              count: {{type: steps.count, params: {{limit: 1}}}}
              use: {{type: steps.use, depends: [count.index, connection: assets.thing]}}
              return: {{type: return, depends: use.value}}
            """
        return {"things.py": code, "tube.yaml": tube}

    @pytest.mark.parametrize("number", range(len(FAILING_NODES)))
    def test_whatever_a_node_raises_names_it(self, outcomes, number):
        done = outcomes[number]

        assert done.code == 1
        for part in ("'wrong'", "tube.yaml:2:3", *FAILING_NODES[number][1]):
            assert part in done.err

    @pytest.mark.parametrize(("scope", "method"), FAILING_ASSETS)
    def test_an_asset_that_raises(self, outcomes, scope, method):
        done = outcomes[scope, method]

        assert done.code == 1
        for part in ("'thing'", "tube.yaml:3:3", "OSError: thing failed", "in fail"):
            assert part in done.err

    def test_an_error_of_the_teardown_comes_with_the_one_that_began_it(self, noob, write):
        write(
            "things.py",
            """
            class Thing:
                def __enter__(self): return self
                def __exit__(self, *error): raise OSError("teardown failed")
            """,
        )
        write(
            "tube.yaml",
            """
            assets:
              thing: {type: things.Thing, scope: runner}
            nodes:
              count: {type: steps.count}
              use: {type: steps.use, depends: [count.index, connection: assets.thing]}
              picky: {type: steps.fail_at, depends: use.value}
              return: {type: return, depends: picky.value}
            """,
        )

        done = noob("run", "tube.yaml")

        assert (done.code, done.results) == (1, [0, 1])
        for part in ("'picky'", "can't work with 2", "teardown failed"):
            assert part in done.err

    def test_assets_are_ended_when_a_node_raises(self, noob, write, folder, journal):
        text = (folder / "connected.yaml").read_text()
        write("fails.yaml", text.replace("nodes:", "nodes:\n  picky: {type: steps.fail_at, depends: read.value}"))

        done = noob("run", "fails.yaml")

        assert (done.code, done.results) == (1, [0, 1])
        assert journal()[:2] == ["made database", "entered database"]
        assert journal()[-2:] == ["ended cursor", "ended database"]
        assert journal().count("ended cursor") == journal().count("made cursor") == 3

    @pytest.mark.parametrize(
        "raising",
        ["raise BrokenPipeError(32, 'Broken pipe')", "import os; r, w = os.pipe(); os.close(r); os.write(w, b'x')"],
    )
    def test_a_broken_pipe_of_a_node_is_its_error(self, noob, write, raising):
        write("pipes.py", f"def f():\n    {raising}\n")
        write("tube.yaml", NODE.format("pipes.f"))

        done = noob("run", "tube.yaml")

        assert done.code == 1
        assert "'wrong'" in done.err
        assert "BrokenPipeError" in done.err

    def test_a_warning_of_user_code_is_shown(self, noob, write):
        write("warns.py", "import warnings\ndef f():\n    warnings.warn('look out')\n    return 1\n")
        write("tube.yaml", NODE.format("warns.f"))

        done = noob("run", "tube.yaml", "-n", "1")

        assert (done.code, done.results) == (0, [1])
        assert "look out" in done.err


class TestExit:
    @pytest.mark.parametrize(("code", "expected", "message"), [("3", 3, ""), ("null", 0, ""), ("enough", 1, "enough")])
    def test_sys_exit_in_a_node_keeps_its_code(self, noob, write, folder, journal, code, expected, message):
        text = (folder / "connected.yaml").read_text()
        leave = f"nodes:\n  leave: {{type: steps.exit_at, depends: read.value, params: {{code: {code}}}}}"
        write("leaves.yaml", text.replace("nodes:", leave))

        done = noob("run", "leaves.yaml")

        assert (done.code, done.results) == (expected, [0, 1])
        assert message in done.err
        assert "Traceback" not in done.err
        assert journal()[-2:] == ["ended cursor", "ended database"]

    def test_results_before_are_in_the_file(self, noob, write, folder):
        write(
            "leaves.yaml",
            """
            nodes:
              count: {type: steps.count}
              leave: {type: steps.exit_at, depends: count.index}
              return: {type: return, depends: leave.value}
            """,
        )

        done = noob("run", "leaves.yaml", "-o", "out.json", "--output-format", "json")

        assert done.code == 3
        assert (folder / "out.json").read_text().split() == ["[0,", "1]"]


def test_modules_of_the_working_folder_do_not_stand_in_for_ours(noob, write):
    # `noob` itself is started by its script here: with `-m`, Python puts the working folder first.
    write("json.py", "raise RuntimeError('the wrong json')\n")
    write("typer.py", "raise RuntimeError('the wrong typer')\n")
    script = (os.path.join(os.path.dirname(sys.executable), "noob"),)

    assert noob("run", "count", "-n", "1", command=script).results == [0]


def test_closed_descriptors_are_no_traceback(noob):
    for args, code in (
        ("run count <&-", 0),
        ("run count --output-format none >&-", 0),
        ("run count 2>&-", 0),
        ("validate count.yaml >&-", 2),
        ("assets list sums >&- 2>&-", 2),
    ):
        done = noob("-c", f'"$0" -m noob_cli {args}', sys.executable, command=("sh",))

        assert done.code == code, (args, done.err)
        assert "Traceback" not in done.err


def test_the_messages_reach_a_terminal_too(terminal, write):
    write("tube.yaml", NODE.format("steps.doubel"))

    done = terminal("run", "tube.yaml")

    assert done.code == 2
    assert "'double'" in done.err


def test_no_shell_is_needed(folder):
    done = subprocess.run([sys.executable, "-m", "noob_cli", "run", "count"], cwd=folder, env={}, capture_output=True)

    assert (done.returncode, done.stdout) == (0, b"0\n2\n4\n")
