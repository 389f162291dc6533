"""What the shell is told to complete, by the protocol that its completion scripts use."""

import os
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from noob_cli.cli.shell.completion import _SPECIAL_IN_BASH
from tests.cli.conftest import environment
from tests.cli.pseudo_terminal import Terminal
from tests.patience import PATIENCE
from tests.warm.command import ARE_THERE, is_usual

SCRIPT = str(Path(sys.executable).with_name("noob"))


@pytest.fixture
def complete(noob):
    """The completions of a line, by a warm command if possible; its last word is the one that is being typed."""

    def completions(line, shell="bash", is_warm=True, **env):
        words = line.split(" ")
        protocol = {"_NOOB_COMPLETE": f"complete_{shell}"}
        if shell == "bash":
            protocol |= {"COMP_WORDS": line, "COMP_CWORD": str(len(words) - 1)}
        else:
            protocol |= {"_TYPER_COMPLETE_ARGS": line}
        if shell == "fish":
            protocol |= {"_TYPER_COMPLETE_FISH_ACTION": "get-args"}
        is_warm = is_warm and ARE_THERE and is_usual({"LANG": "C.UTF-8"} | env)
        done = noob(command=None if is_warm else (SCRIPT,), env=protocol | env)
        assert (done.code, done.err) == (0, "")
        return done.out.split("\n")[:-1] if done.out.endswith("\n") else done.out.split("\n")

    return completions


@pytest.mark.parametrize("is_warm", [False, True])
def test_files_and_ids(complete, is_warm):
    offered = set(complete("noob run ", is_warm=is_warm))
    assert {"count.yaml", "count", "connected.yaml", "connected", "sums.yaml", "sums"} <= offered
    assert set(complete("noob run cou", is_warm=is_warm)) == {"count.yaml", "count"}


@pytest.mark.parametrize("line", ["noob validate su", "noob validate count.yaml su", "noob assets list su"])
def test_for_every_command_that_takes_tubes(complete, line):
    assert set(complete(line)) == {"sums.yaml", "sums"}


def test_files_in_folders(complete, write):
    write("sub/one.yaml", "nodes: {}\n")
    write("sub/two.yml", "noob_id: number-two\nnodes: {}\n")
    write("sub/notes.txt", "")
    write("sub/deeper/three.yaml", "nodes: {}\n")

    assert {"sub/", "sums", "sums.yaml"} <= set(complete("noob run su"))
    assert set(complete("noob run sub/")) == {"sub/one.yaml", "sub/two.yml", "sub/deeper/"}
    assert set(complete("noob run sub/o")) == {"sub/one.yaml"}
    assert set(complete("noob run number")) == {"number-two"}
    assert "steps.py" not in complete("noob run ")


@pytest.mark.parametrize(
    ("typed", "completed"),
    [
        ("my", "my\\ tube\\ \\(1\\).yaml"),
        ("my\\ tu", "my\\ tube\\ \\(1\\).yaml"),
        ("'my", "my tube (1).yaml"),
        ('"my', "my tube (1).yaml"),
    ],
)
def test_a_name_with_spaces_is_one_word_in_bash(complete, write, typed, completed):
    write("my tube (1).yaml", "nodes: {}\n")
    words = ["noob", "run", typed]
    assert complete("noob run x", COMP_WORDS="\n".join(words), COMP_CWORD="2") == [completed]


@pytest.mark.parametrize("name", ["a[1].yaml", "a{1,2}.yaml", "#a.yaml", "~a.yaml", "a'b.yaml"])
def test_what_bash_would_make_something_else_of_is_quoted(complete, write, name, tmp_path):
    write(name, "nodes: {}\n")
    (tmp_path / "fits").mkdir()
    (tmp_path / "fits" / "a1.yaml").touch()
    (completed,) = complete("noob run x", COMP_WORDS=f"noob\nrun\n\\{name[0]}", COMP_CWORD="2")
    assert shlex.split(completed) == [name]
    command = ["bash", "-c", f"printf %s {completed}"]
    assert subprocess.run(command, capture_output=True, text=True, cwd=tmp_path / "fits").stdout == name


def test_a_backslash_is_quoted_in_bash():
    assert _SPECIAL_IN_BASH.sub(r"\\\g<0>", "a\\b") == "a\\\\b"


def test_ids_in_NOOB_PATH(complete, tmp_path):
    (tmp_path / "more").mkdir()
    (tmp_path / "more" / "t.yaml").write_text("noob_id: xylophone\nnodes: {}\n")

    assert complete("noob run xy", NOOB_PATH=str(tmp_path / "more")) == ["xylophone"]


def test_other_files_do_not_disturb(complete, write):
    write("broken.yaml", "noob_id: [\n")
    write("binary.yaml", bytes(range(256)))
    write("pyproject.toml", "[")

    assert set(complete("noob run cou")) == {"count.yaml", "count"}


@pytest.mark.parametrize("is_warm", [False, True])
@pytest.mark.parametrize("shell", ["zsh", "fish"])
def test_other_shells(complete, shell, is_warm):
    text = "\n".join(complete("noob run cou", shell, is_warm))

    assert "count.yaml" in text
    assert "sums" not in text


def test_commands_and_options(complete):
    assert {"run", "validate", "assets"} <= set(complete("noob "))
    assert {"--input-format", "--input"} <= set(complete("noob run count --in"))


def test_formats(complete):
    formats = {"auto", "jsonl", "json", "pretty", "csv", "tsv", "parquet", "none"}
    assert set(complete("noob run count --output-format ")) == formats
    assert {"jsonl", "json"} == set(complete("noob run count --input-format js"))


def test_runners(complete):
    assert {*complete("noob run count --runner ")} == {"sync", "threads", "processes", "async", "dask"}
    assert complete("noob run count --runner th") == ["threads"]


def test_nodes_and_what_may_be_watched(complete, write):
    """The code of the tube is not imported for that."""
    write("loud.py", "print('imported')\n\n\ndef one(x):\n    return x\n")
    write(
        "t.yaml",
        "input: {line: {type: int, scope: process}}\n"
        "nodes:\n  first: {type: loud.one, depends: [input.line]}\n  other: {type: loud.one, depends: [first.value]}\n",
    )

    assert complete("noob run t.yaml --trace-node ") == ["first", "other"]
    assert complete("noob run t.yaml --trace-node o") == ["other"]
    assert complete("noob run t.yaml --watch ") == ["first.value", "other.value", "input.line"]
    assert complete("noob run t.yaml --watch input.line,o") == ["input.line,other.value"]
    assert complete("noob run nowhere.yaml --watch ") in ([], [""])


def test_an_option_and_its_value_in_one_word(complete):
    """Bash takes them for two words; what tells the others depends on what is imported when."""
    assert complete("noob init --sample=wo", is_warm=False) == ["words"]
    assert complete("noob init --sample=wo", "fish", is_warm=False) == ["--sample=words"]
    assert '"--sample=words"' in complete("noob init --sample=wo", "zsh", is_warm=False)[0]


def test_tests_of_tubes_are_no_tubes(complete, write):
    write("sums.tube-test.yaml", "tests: []\n")

    assert set(complete("noob run su")) == {"sums", "sums.yaml"}


def test_names_with_a_blank_or_that_are_not_ascii(complete, write):
    write("größe.yaml", "nodes: {}\n")

    assert complete("noob run grö") == ["größe.yaml"]
    assert complete("noob run grö", LC_ALL="C", PYTHONUTF8="1") == ["größe.yaml"]


def test_a_missing_folder_completes_to_nothing(complete):
    assert [each for each in complete("noob run nowhere/x") if each] == []


@pytest.mark.parametrize("shell", ["zsh", "fish"])
def test_the_script_for_a_shell_can_be_shown(noob, shell):
    done = noob(env={"_NOOB_COMPLETE": f"source_{shell}"})

    assert done.code == 0
    assert "_NOOB_COMPLETE" in done.out
    assert "noob" in done.out


@pytest.mark.skipif(not Path("/bin/bash").exists(), reason="needs bash")
def test_in_bash_itself(folder, noob):
    script = noob(env={"_NOOB_COMPLETE": "source_bash"}).out
    probe = f"""
        noob() {{ "{SCRIPT}" "$@"; }}
        {script}
        COMP_WORDS=(noob run cou); COMP_CWORD=2
        complete -p noob | sed 's/.*-F \\([^ ]*\\).*/\\1/' > name
        "$(cat name)" "{SCRIPT}"
        printf '%s\\n' "${{COMPREPLY[@]}}"
    """

    done = subprocess.run(["/bin/bash", "-c", probe], cwd=folder, capture_output=True, text=True, timeout=PATIENCE)

    assert set(done.stdout.split()) == {"count.yaml", "count"}, done.stderr


@pytest.mark.slow
@pytest.mark.skipif(not Path("/bin/bash").exists(), reason="needs bash")
def test_in_bash_at_a_terminal(folder, noob, tmp_path, write):
    write("t.yaml", TestInputs.TUBE)
    write("sub/u.yaml", TestInputs.TUBE)
    write("my sub/u.yaml", TestInputs.TUBE)
    fake = tmp_path / "bin" / "noob"
    fake.parent.mkdir()
    fake.write_text(f'#!/bin/sh\n[ -n "$_NOOB_COMPLETE" ] && exec "{SCRIPT}" "$@"\necho "got($*)"\n')
    fake.chmod(0o755)
    (tmp_path / "script").write_text(noob(env={"_NOOB_COMPLETE": "source_bash"}).out)
    env = environment(tmp_path, TERM="xterm", COLUMNS="200", PATH=f"{fake.parent}:{os.environ['PATH']}")
    bash = Terminal("exec /bin/bash --norc --noprofile -i", folder, env)
    try:
        bash.type(f"source {tmp_path / 'script'}; echo ready $((1+1))\n")
        bash.read_until(b"ready 2")
        for typed, completed in (
            ("noob run t.yaml -i fir", "st="),
            ("2 -i ", "file="),
            ("x sub", "/"),
            ("u", ".yaml "),
            ("my", "\\ sub/"),
            ("u", ".yaml "),
        ):
            bash.type(f"{typed}\t")
            bash.read_until(completed.encode())
        bash.type("\n")
        bash.read_until(b"got(run t.yaml -i first=2 -i file=x sub/u.yaml my sub/u.yaml)")
    finally:
        bash.close()


class TestInputs:
    TUBE = """
        input:
          first: {type: int, description: "Where to\\nbegin."}
          file: {type: str, default: x}
          line: {type: str, scope: process}
        nodes: {a: {type: nowhere.f}}
        """

    @pytest.mark.parametrize("line", ["noob run t.yaml -i ", "noob info t.yaml --input ", "noob graph t.yaml -i "])
    def test_those_of_the_tube_on_the_line(self, complete, write, line):
        write("t.yaml", self.TUBE)
        assert set(complete(line)) == {"first=", "file="}
        assert complete(f"{line}fir") == ["first="]

    def test_not_what_is_given(self, complete, write):
        write("t.yaml", self.TUBE)
        assert complete("noob run t.yaml -i file=y -i ") == ["first="]
        assert complete("noob run t.yaml -i file = y -i ") == ["first="]

    def test_a_value_is_no_name(self, complete, write):
        write("t.yaml", self.TUBE)
        for line in ("noob run t.yaml -i first = ", "noob run t.yaml -i first =", "noob run t.yaml -i first = f"):
            assert [each for each in complete(line) if each] == []
        assert complete("noob run t.yaml --output-format = js") == ["jsonl", "json"]

    def test_what_is_written_as_for_the_public_package_is_no_error(self, complete):
        assert "--workers" in complete("noob run count -i by 8 --work")

    def test_a_tube_that_is_not_there_or_broken_has_none(self, complete, write):
        write("broken.yaml", "nodes: [")
        assert [each for each in complete("noob run broken.yaml -i ") if each] == []
        assert [each for each in complete("noob run nothing -i ") if each] == []
        assert [each for each in complete("noob run -i ") if each] == []

    def test_zsh_shows_what_they_are(self, complete, write):
        write("t.yaml", self.TUBE)
        assert "int - Where to begin." in "\n".join(complete("noob run t.yaml -i ", "zsh"))


def test_nothing_is_offered_that_a_shell_could_run(complete, write):
    """The script for zsh is evaluated, and a backslash of one's own undoes the one before a `$`."""
    write("t.yaml", "input: {a: {type: int, description: '\\$(touch here) `x` and more'}}\nnodes: {}\n")
    write("\\$(touch here).yaml", "nodes: {}\n")
    assert '"a=":"int - (touch here) x and more"' in "\n".join(complete("noob run t.yaml -i ", "zsh"))
    assert "touch" not in "\n".join(complete("noob run ", "zsh"))
    imports = "from typing import Annotated\nfrom noob_cli import Name\n"
    write("odd.py", f"{imports}def one() -> Annotated[int, Name('\\$(touch x)')]: ...\n")
    write("odd.yaml", "nodes: {odd: {type: odd.one}, one: {type: itertools.count}}\n")
    assert complete("noob run odd.yaml --watch ") == ["one.value"]


def test_samples(complete):
    assert complete("noob init --sample sun") == ["sunspots"]
