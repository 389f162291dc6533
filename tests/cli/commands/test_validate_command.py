"""`noob validate`: says of each tube that it is valid, or what is wrong."""

import os

import pytest

WRONG = "nodes:\n  a: {type: steps.zero}\n  b: {type: steps.double, depends: a.val}\n"


def test_a_valid_tube_is_said_to_be(noob):
    done = noob("validate", "count.yaml")

    assert (done.code, done.out, done.err) == (0, "count.yaml: valid\n", "")


def test_an_id(noob):
    done = noob("validate", "count")

    assert (done.code, done.err) == (0, "")
    assert "count" in done.out
    assert "valid" in done.out


def test_an_absolute_path_from_elsewhere(noob, folder, tmp_path):
    done = noob("validate", folder / "count.yaml", cwd=tmp_path)

    assert done.code == 0
    assert "count.yaml: valid" in done.out


def test_a_folder_and_what_is_below_it(noob, write, folder):
    write("sub/deeper/one.yml", "nodes:\n  a: {type: steps.zero}\n")
    write("sub/notes.yaml", "just: data\n")
    write("sub/.hidden/two.yaml", WRONG)
    write("sub/venv/pyvenv.cfg", "")
    write("sub/venv/three.yaml", WRONG)

    done = noob("validate", "sub")

    assert (done.code, done.out, done.err) == (0, "sub/deeper/one.yml: valid\n", "")


def test_the_tubes_of_these_tests_one_line_each(noob, folder):
    done = noob("validate", ".")

    assert (done.code, done.err) == (0, "")
    assert sorted(done.out.splitlines()) == sorted(f"{path.name}: valid" for path in folder.glob("*.yaml"))


def test_a_wrong_tube_has_the_problem_with_its_place(noob, write):
    write("wrong.yaml", WRONG)

    done = noob("validate", "wrong.yaml")

    assert (done.code, done.stdout) == (2, b"")
    for part in ("wrong.yaml:3:36", "val", "'value'", "b: {type: steps.double, depends: a.val}"):
        assert part in done.err


def test_a_wrong_one_does_not_hide_the_others(noob, write):
    write("a-wrong.yaml", WRONG)
    write("broken.yaml", "nodes: [\n")

    done = noob("validate", "a-wrong.yaml", "count.yaml", "missing.yaml", "nothing", "broken.yaml", "sums")

    assert done.code == 2
    assert [line for line in done.out.splitlines() if "count.yaml" in line] == ["count.yaml: valid"]
    assert len(done.out.splitlines()) == 2
    for part in ("a-wrong.yaml:3:36", "missing.yaml", "'nothing'", "broken.yaml:"):
        assert part in done.err


def test_a_broken_file_in_a_folder_is_not_passed_over(noob, write):
    write("sub/broken.yaml", "nodes:\n  a: [\n")

    done = noob("validate", "sub")

    assert (done.code, done.stdout) == (2, b"")
    assert "sub/broken.yaml:" in done.err


def test_a_tube_named_twice_is_validated_once(noob):
    assert noob("validate", "count.yaml", "./count.yaml", "count").out.count("valid") == 1


def test_nothing_runs_and_no_inputs_are_needed(noob, journal):
    done = noob("validate", "connected", "scale", "people")

    assert (done.code, done.out.count("valid"), done.err) == (0, 3, "")
    assert journal() == []


def test_two_folders_with_modules_of_the_same_name(noob, write):
    for name in ("one", "two"):
        write(f"{name}/shares.py", f"def only_in_{name}() -> int:\n    return 1\n")
        write(f"{name}/tube.yaml", f"nodes:\n  a: {{type: shares.only_in_{name}}}\n")

    done = noob("validate", "one", "two")

    assert (done.code, done.err) == (0, "")
    assert done.out == "one/tube.yaml: valid\ntwo/tube.yaml: valid\n"


def test_an_unknown_key_is_a_warning_and_the_tube_valid(noob, write):
    write("odd.yaml", "colour: red\nnodes:\n  a: {type: steps.zero}\n")

    done = noob("validate", "odd.yaml")

    assert (done.code, done.out) == (0, "odd.yaml: valid\n")
    assert "odd.yaml:1:1: warning" in done.err
    assert "colour" in done.err


@pytest.mark.parametrize("args", [("",), ("nothing",), ("empty",), ("steps.py",), ("x" * 5000,)], ids=range(5))
def test_what_names_no_tube(noob, folder, args):
    (folder / "empty").mkdir()

    done = noob("validate", *args)

    assert (done.code, done.stdout) == (2, b"")
    assert done.err


def test_a_file_whose_name_is_not_utf_8(noob, folder):
    name = os.fsencode(folder) + b"/sub\xff.yaml"
    with open(name, "w") as file:
        file.write("nodes:\n  a: {type: steps.zero}\n")

    done = noob("validate", b"sub\xff.yaml")

    assert (done.code, done.stdout) == (0, b"sub\xff.yaml: valid\n")


def test_names_are_utf_8_whatever_the_locale(noob, write):
    write("größe.yaml", "description: Größe\nnodes:\n  a: {type: steps.zero}\n")

    done = noob("validate", "größe.yaml", env={"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"})

    assert (done.code, done.stdout) == (0, "größe.yaml: valid\n".encode())


def test_static_imports_nothing_of_the_users(noob, folder):
    (folder / "loud.py").write_text("print('imported')\n1 / 0\ndef shout(text: str): ...\n")
    (folder / "tube.yaml").write_text("nodes:\n  a: {type: loud.shout, params: {txt: 1}}\n")
    done = noob("validate", "--static", "tube.yaml")
    assert done.code == 2
    assert "error[G007]: 'loud.shout' takes no 'txt'" in done.err
    assert "imported" not in done.out + done.err
