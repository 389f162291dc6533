"""Finding tube files."""

from __future__ import annotations

import importlib.metadata
import os
import shutil
import sys
from pathlib import Path

import pytest

from noob_cli import Tube, TubeNotFoundError
from noob_cli.specification import search
from noob_cli.specification.search import find_tube, is_tube_file, named_ids, search_places, tube_files


@pytest.fixture(autouse=True)
def places(tmp_path, monkeypatch):
    """Empty folders for everything that is searched, and nothing of the user's own."""
    for name in ("work", "home", "config", "one", "two", "site", "referring"):
        (tmp_path / name).mkdir()
    monkeypatch.chdir(tmp_path / "work")
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    monkeypatch.delenv("NOOB_PATH", raising=False)
    return tmp_path


def write(path, name="wanted", text="nodes: {a: {type: int}}\n"):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text((f"noob_id: {name}\n" if name else "") + text)
    return path


def entry_point(folder, monkeypatch, body, name="fake_tubes", kind="dist-info"):
    """An installed package with an entry point whose function has a body."""
    (folder / f"{name}.py").write_text(f"from pathlib import Path\n\ndef sources():\n    {body}\n")
    info = folder / f"{name}-1.0.{kind}"
    info.mkdir()
    metadata = info / ("METADATA" if kind == "dist-info" else "PKG-INFO")
    metadata.write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text(f"[noob.add_sources]\nmine = {name}:sources\n")
    monkeypatch.syspath_prepend(str(folder))
    monkeypatch.delitem(sys.modules, name, raising=False)


# --- paths ------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["tube.yaml", "tube.yml", "below/tube.yaml", "./tube.yaml", "tube", "tube.txt"])
def test_a_path_is_a_path(places, name):
    """It ends in `.yaml` or `.yml`, or names a file."""
    path = write(places / "work" / name)
    assert find_tube(name).path.resolve() == path


def test_an_absolute_path(places):
    path = write(places / "one" / "tube.yaml")
    assert find_tube(str(path)).path == path


def test_a_path_from_the_file_that_refers_to_it_comes_first(places):
    write(places / "work" / "tube.yaml")
    path = write(places / "referring" / "tube.yaml")
    assert find_tube("tube.yaml", places / "referring" / "around.yaml").path == path


def test_a_path_from_the_working_folder(places):
    path = write(places / "work" / "tube.yaml")
    assert find_tube("tube.yaml", places / "referring" / "around.yaml").path.resolve() == path


@pytest.mark.parametrize("name", ["nothing.yaml", "nothing.yml", "below/nothing.yaml"])
def test_a_path_that_is_not_there(places, name):
    write(places / "work" / "other.yaml", "nothing")
    with pytest.raises(TubeNotFoundError, match=name):
        find_tube(name)


def test_a_path_object_that_is_not_there(places):
    with pytest.raises(TubeNotFoundError, match=r"nothing\.yaml"):
        Tube.from_specification(Path("nothing.yaml"))


def test_a_file_wins_over_an_id(places):
    path = write(places / "work" / "wanted", "other")
    write(places / "work" / "tube.yaml", "wanted")
    assert find_tube("wanted").path.resolve() == path


def test_a_folder_is_no_file(places):
    (places / "work" / "wanted").mkdir()
    path = write(places / "work" / "tube.yaml", "wanted")
    assert find_tube("wanted").path == path


# --- ids --------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["wanted", "a-b_c", "a/b", "x#1", "9"])
def test_an_id_is_looked_up(places, name):
    path = write(places / "work" / "tube.yaml", f'"{name}"')
    write(places / "work" / "other.yaml", "another")
    assert find_tube(name).path == path


def test_an_id_below_the_folder(places):
    path = write(places / "work" / "deep" / "down" / "tube.yml")
    assert find_tube("wanted").path == path


@pytest.mark.parametrize(
    "text",
    [
        "noob_id: wanted",
        "noob_id: 'wanted'",
        'noob_id: "wanted"',
        "noob_id:   wanted  # a comment",
        "# first\nnodes: {}\nnoob_id: wanted",
        "{noob_id: wanted, nodes: {}}",
        '"noob_id": wanted',
        "\ufeffnoob_id: wanted",
        "---\nnoob_id: wanted",
        "noob_id: wanted\r\nnodes: {}\r\n",
        "noob_id:\n  wanted",
        "noob_id : wanted",
    ],
)
def test_however_the_id_is_written(places, text):
    path = places / "work" / "tube.yaml"
    path.write_bytes(text.encode())
    assert find_tube("wanted").path == path


@pytest.mark.parametrize(
    "text",
    [
        "description: |\n  noob_id: wanted\nnodes: {}",
        "# noob_id: wanted\nnodes: {}",
        "nodes:\n  noob_id: wanted",
        "other: {noob_id: wanted}",
        "- noob_id: wanted",
        "noob_id: [wanted]",
        "noob_id: wanted2",
        "noob_ids: wanted",
    ],
)
def test_what_only_looks_like_the_id(places, text):
    (places / "work" / "tube.yaml").write_text(text)
    with pytest.raises(TubeNotFoundError):
        find_tube("wanted")


def test_only_yaml_files_are_looked_at(places):
    (places / "work" / "tube.txt").write_text("noob_id: wanted\n")
    (places / "work" / "tube.yaml.bak").write_text("noob_id: wanted\n")
    with pytest.raises(TubeNotFoundError):
        find_tube("wanted")


def test_an_id_that_is_not_there_gets_a_suggestion(places):
    write(places / "work" / "tube.yaml", "sunspots")
    with pytest.raises(TubeNotFoundError, match="sunspots"):
        find_tube("sunspot")


def meant_by(reference, file=None):
    with pytest.raises(TubeNotFoundError) as error:
        find_tube(reference, file)
    return error.value.meant


@pytest.mark.parametrize(
    ("reference", "meant"),
    [
        ("sunspots.yaml", "below/sunspots.yaml"),
        ("spots.yaml", "below/sunspots.yaml"),
        ("sunspots", "below/sunspots.yaml"),
        ("sunspot.yaml", "below/sunspots.yaml"),
        ("splat.yaml", "split.yaml"),
        ("below/split.yaml", "split.yaml"),
        ("nope.yaml", None),
    ],
)
def test_a_file_that_is_not_there_means_one_called_alike(places, reference, meant):
    """Not one that has little in common but the suffix."""
    write(places / "work" / "split.yaml", None)
    write(places / "work" / "py.yaml", None)
    write(places / "work" / "below" / "sunspots.yaml", "spots")
    assert meant_by(reference) == meant


def test_a_tube_never_means_itself(places):
    own = write(places / "work" / "nodes.yaml", None)
    assert meant_by("node.yaml") == "nodes.yaml"
    assert meant_by("node.yaml", own) is None
    assert meant_by("nodes") == "nodes.yaml"
    assert meant_by("nodes", own) is None


def test_what_can_not_be_looked_at_keeps_nobody_from_hearing_that_a_file_is_not_there(places):
    os.mkfifo(places / "work" / "pipe.yaml")
    (places / "work" / "pyproject.toml").write_text("[")
    with pytest.raises(TubeNotFoundError, match=r"there is no file 'pipes\.yaml'$"):
        find_tube("pipes.yaml")


def test_broken_files_met_in_a_search_are_passed_over(places):
    (places / "work" / "a.yaml").write_bytes(b"noob_id: \xff\xfe\n")
    (places / "work" / "b.yaml").write_text("noob_id: [\n")
    (places / "work" / "c.yaml").mkdir()
    os.symlink(places / "nowhere", places / "work" / "d.yaml")
    path = write(places / "work" / "e.yaml")
    assert find_tube("wanted").path == path


# --- places, in order -------------------------------------------------------------------------


def everywhere(places, monkeypatch):
    """A tube of the same id in each place, in the order in which they are searched."""
    monkeypatch.setenv("NOOB_PATH", os.pathsep.join([str(places / "one"), "", str(places / "two")]))
    (places / "work" / "pyproject.toml").write_text('[tool.noob]\ntubes = ["../mine"]\n')
    entry_point(places / "site", monkeypatch, f"return [Path({str(places / 'installed')!r})]")
    return [
        write(places / folder / "tube.yaml")
        for folder in ("referring", "work", "one", "two", "mine", "config/noob", "installed")
    ]


def test_every_place_is_searched_in_order(places, monkeypatch):
    paths = everywhere(places, monkeypatch)
    while paths:
        found = find_tube("wanted", places / "referring" / "around.yaml")
        assert [found.path, *found.others] == paths
        paths.pop(0).unlink()
    with pytest.raises(TubeNotFoundError):
        find_tube("wanted", places / "referring" / "around.yaml")


def test_the_places_in_order(places, monkeypatch):
    everywhere(places, monkeypatch)
    names = ("referring", "work", "one", "two", "mine", "config/noob", "installed")
    assert search_places(places / "referring").folders == [places / name for name in names]
    assert search_places().folders == [places / name for name in names[1:]]


def test_each_place_once(places, monkeypatch):
    monkeypatch.setenv("NOOB_PATH", os.pathsep.join([str(places / "work"), str(places / "one"), str(places / "one")]))
    assert search_places(places / "work").folders == [places / "work", places / "one"]
    path = write(places / "one" / "tube.yaml")
    assert find_tube("wanted").others == ()
    assert find_tube("wanted").path == path


def test_what_is_found_twice_keeps_the_order_of_the_places(places, monkeypatch):
    monkeypatch.setenv("NOOB_PATH", os.pathsep.join([str(places / "two"), str(places / "work" / "below")]))
    paths = [write(places / "work" / "below" / "tube.yaml"), write(places / "two" / "tube.yaml")]
    found = find_tube("wanted")
    assert [found.path, *found.others] == paths


@pytest.mark.parametrize("named", ["gone", "gone.yaml"])
def test_what_is_not_found_takes_one_search(places, monkeypatch, named):
    for at in range(3):
        write(places / "one" / f"{at}.yaml", name=f"id{at}")
    monkeypatch.setenv("NOOB_PATH", os.pathsep.join([str(places / "one"), str(places)]))
    read = []

    def noted(path):
        read.append(path.name)
        return path.read_bytes()

    monkeypatch.setattr(search, "read_file", noted)
    with pytest.raises(TubeNotFoundError):
        find_tube(named)
    assert sorted(name for name in read if name.endswith(".yaml")) == ["0.yaml", "1.yaml", "2.yaml"]


def test_a_folder_that_is_the_working_folder_too_is_looked_into_once(places, monkeypatch):
    asking = write(places / "work" / "tube.yaml")
    write(places / "work" / "other.yaml")
    looked = []
    monkeypatch.setattr(search, "is_tube_file", lambda path: looked.append(path.name) or True)
    with pytest.raises(TubeNotFoundError, match=r"did you mean 'other\.yaml'"):
        find_tube("othr.yaml", asking)
    assert sorted(looked) == ["other.yaml", "tube.yaml"]


@pytest.mark.parametrize("reference", ["othr.yaml", "othr"])
def test_who_wants_no_guess_has_no_tube_looked_at(places, monkeypatch, reference):
    asking = write(places / "work" / "tube.yaml")
    (places / "work" / "other.yaml").write_text("noob_id: other\nnodes: {}\n")
    monkeypatch.setattr(search, "is_tube_file", None)
    with pytest.raises(TubeNotFoundError) as caught:
        find_tube(reference, asking, guesses=False)
    assert caught.value.meant is None


def test_a_pipe_that_a_file_names_is_not_waited_for(places):
    asking = write(places / "work" / "tube.yaml")
    os.mkfifo(places / "work" / "pipe.yaml")
    with pytest.raises(TubeNotFoundError, match=r"^'pipe\.yaml' is no file that can be read again$"):
        find_tube("pipe.yaml", asking)
    assert find_tube("pipe.yaml").path == places / "work" / "pipe.yaml"


def test_places_that_do_not_exist_are_passed_over(places, monkeypatch):
    monkeypatch.setenv("NOOB_PATH", str(places / "nowhere"))
    assert search_places().folders == [places / "work"]


def test_places_that_do_not_exist_are_named_where_nothing_is_found(places, monkeypatch):
    monkeypatch.setenv("NOOB_PATH", str(places / "nowhere"))
    (places / "work" / "pyproject.toml").write_text('[tool.noob]\ntubes = ["../gone"]\n')
    with pytest.raises(TubeNotFoundError) as error:
        find_tube("wanted")
    assert f"NOOB_PATH names '{places / 'nowhere'}', which is no folder" in str(error.value)
    assert "pyproject.toml names '" in str(error.value)


@pytest.mark.parametrize(
    ("name", "meant"), [("tube", "did you mean 'tubes'?"), ("runs", "did you mean 'run'?"), ("config", None)]
)
def test_a_misspelt_setting_is_told_and_that_of_another_program_is_not(places, name, meant):
    (places / "work" / "pyproject.toml").write_text(f'[tool.noob]\n{name} = ["x"]\n')
    path = write(places / "work" / "tube.yaml")
    if meant is None:
        assert find_tube("wanted").path == path
        return
    with pytest.raises(TubeNotFoundError) as error:
        find_tube("wanted")
    assert f"there is no '{name}' in [tool.noob]: {meant}" in str(error.value)


def test_noob_path_knows_home(places, monkeypatch):
    monkeypatch.setenv("NOOB_PATH", "~/tubes")
    path = write(places / "home" / "tubes" / "tube.yaml")
    assert find_tube("wanted").path == path


def test_the_nearest_pyproject_counts(places, monkeypatch):
    below = places / "work" / "a" / "b"
    below.mkdir(parents=True)
    monkeypatch.chdir(below)
    (places / "work" / "pyproject.toml").write_text('[tool.noob]\ntubes = ["tubes"]\n')
    path = write(places / "work" / "tubes" / "tube.yaml")
    assert find_tube("wanted").path == path


@pytest.mark.parametrize(
    "text", ["", "[tool.other]\n", "[tool.noob]\n", "[tool.noob]\ntubes = []\n", "[project]\nname = 'x'\n"]
)
def test_a_pyproject_without_tubes(places, text):
    (places / "work" / "pyproject.toml").write_text(text)
    assert search_places().folders == [places / "work"]


@pytest.mark.parametrize("text", ["[tool.noob]\ntubes = 3\n", "[tool.noob]\ntubes = [3]\n", "[tool.noob\n"])
def test_a_pyproject_that_is_wrong_is_named(places, text):
    (places / "work" / "pyproject.toml").write_text(text)
    with pytest.raises(TubeNotFoundError, match=r"pyproject\.toml"):
        find_tube("wanted")


@pytest.mark.parametrize("text", ["tool = 3\n", "[tool]\nnoob = 3\n"])
def test_a_pyproject_of_another_shape_is_named_or_passed_over(places, text):
    (places / "work" / "pyproject.toml").write_text(text)
    with pytest.raises(TubeNotFoundError):
        find_tube("wanted")


@pytest.mark.parametrize("kind", ["dist-info", "egg-info"])
def test_an_entry_point_of_a_package_of_any_kind(places, monkeypatch, kind):
    entry_point(places / "site", monkeypatch, f"return [Path({str(places / 'installed')!r})]", kind=kind)
    path = write(places / "installed" / "tube.yaml")
    assert find_tube("wanted").path == path


def test_an_entry_point_of_a_package_in_an_archive(places, monkeypatch):
    entry_point(places / "site", monkeypatch, f"return [Path({str(places / 'installed')!r})]", "zipped_tubes")
    sys.path.remove(str(places / "site"))
    monkeypatch.syspath_prepend(shutil.make_archive(str(places / "packages"), "zip", places / "site"))
    path = write(places / "installed" / "tube.yaml")
    assert find_tube("wanted").path == path


def test_an_entry_point_of_a_package_that_another_finder_finds(places, monkeypatch):
    class Finder:
        def find_spec(self, name, path=None, target=None):
            return None

        def find_distributions(self, context):
            return importlib.metadata.MetadataPathFinder.find_distributions(
                importlib.metadata.DistributionFinder.Context(path=[str(places / "site")])
            )

    entry_point(places / "site", monkeypatch, f"return [Path({str(places / 'installed')!r})]", "found_tubes")
    importlib.import_module("found_tubes")
    sys.path.remove(str(places / "site"))
    monkeypatch.setattr(sys, "meta_path", [*sys.meta_path, Finder()])
    path = write(places / "installed" / "tube.yaml")
    assert find_tube("wanted").path == path


def test_packages_are_not_asked_for_entry_points_that_none_has(places, monkeypatch):
    write(places / "work" / "tube.yaml")
    monkeypatch.setattr(importlib.metadata, "entry_points", None)
    find_tube("wanted")


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        ("raise ValueError('no tubes today')", "ValueError: no tubes today"),
        ("raise SystemExit(3)", "SystemExit: 3"),
        ("raise type('Panic', (BaseException,), {})('in Rust')", "Panic: in Rust"),
        ("import no_such_module_here", "ModuleNotFoundError: "),
        ("return None", "TypeError: expected a list of folders, found None"),
        ("return '/'", "TypeError: expected a list of folders, found '/'"),
        ("return Path('/')", "TypeError: expected a list of folders, found "),
        ("return [3]", "TypeError: "),
        ("yield Path(); raise ValueError('half')", "ValueError: half"),
    ],
)
def test_an_entry_point_that_fails_is_a_warning(places, monkeypatch, body, reason):
    entry_point(places / "site", monkeypatch, body, "failing_tubes")
    write(places / "work" / "tube.yaml")
    (warning,) = Tube.from_specification("wanted").warnings
    assert (warning.code, warning.is_error) == ("Y008", False)
    assert warning.message.startswith(f"the entry point 'mine' of noob.add_sources failed: {reason}")


@pytest.mark.parametrize("target", ["no_such_module_here:sources", "json:nothing", "json:__name__", "json", "", "1 2"])
def test_one_that_can_not_be_loaded_is_a_warning_too(places, monkeypatch, target):
    entry_point(places / "site", monkeypatch, "", "unloadable_tubes")
    (places / "site/unloadable_tubes-1.0.dist-info/entry_points.txt").write_text(
        f"[noob.add_sources]\nmine = {target}\n"
    )
    write(places / "work" / "tube.yaml")
    (warning,) = Tube.from_specification("wanted").warnings
    assert warning.code == "Y008"


def test_one_that_fails_keeps_nobody_from_the_tubes_of_another(places, monkeypatch):
    entry_point(places / "site", monkeypatch, "raise ValueError('no tubes today')", "failing_tubes")
    entry_point(places / "one", monkeypatch, f"return [Path({str(places / 'installed')!r})]", "working_tubes")
    write(places / "installed" / "tube.yaml")
    nested = {"nodes": {"a": {"type": "tube", "params": {"tube": "wanted"}}}}
    assert [each.code for each in Tube.from_specification(nested).warnings] == ["Y008"]


def test_one_that_fails_is_said_once_however_many_tubes_were_searched_for(places, monkeypatch):
    entry_point(places / "site", monkeypatch, "raise ValueError('no tubes today')", "failing_tubes")
    write(places / "work" / "tube.yaml")
    nested = "extends: [wanted]\nnodes: {b: {type: tube, params: {tube: wanted}}}\n"
    write(places / "work" / "around.yaml", "around", nested)
    assert [each.code for each in Tube.from_specification("around").warnings] == ["Y008"]


def test_a_tube_that_is_not_found_says_what_failed(places, monkeypatch):
    entry_point(places / "site", monkeypatch, "raise ValueError('no tubes today')", "failing_tubes")
    with pytest.raises(TubeNotFoundError, match=r"'mine'.*no tubes today"):
        find_tube("wanted")


def test_a_second_match_elsewhere_is_known(places, monkeypatch):
    """The first match wins; a second match elsewhere is a warning."""
    monkeypatch.setenv("NOOB_PATH", str(places / "one"))
    first = write(places / "work" / "tube.yaml")
    second = write(places / "one" / "tube.yaml")
    found = find_tube("wanted")
    assert (found.path, found.others) == (first, (second,))


def test_a_second_match_elsewhere_is_a_warning_of_the_tube(places, monkeypatch):
    monkeypatch.setenv("NOOB_PATH", str(places / "one"))
    write(places / "work" / "tube.yaml", text="nodes: {a: {type: dict}}\n")
    second = write(places / "one" / "tube.yaml", text="nodes: {a: {type: dict}}\n")
    tube = Tube.from_specification("wanted")
    (warning,) = tube.warnings
    assert not warning.is_error
    assert str(second) in str(warning) + str(warning.related)


def test_a_second_match_of_what_is_extended_or_nested_is_one_too(places, monkeypatch):
    monkeypatch.setenv("NOOB_PATH", str(places / "one"))
    for place in ("work", "one"):
        write(places / place / "base.yaml", "base")
        write(places / place / "child.yaml", "child")
    tube = write(
        places / "work" / "tube.yaml", text="extends: [base]\nnodes: {b: {type: tube, params: {tube: child}}}\n"
    )
    found = {str(each.span.file) for each in Tube.from_specification(tube).warnings if each.code == "Y004"}
    assert found == {str(places / "work" / name) for name in ("base.yaml", "child.yaml")}


# --- what is a tube, and what is passed over --------------------------------------------------


@pytest.mark.parametrize(
    ("text", "is_tube"),
    [
        ("nodes: {}", True),
        ("extends: [a]", True),
        ("noob_id: a", True),
        ("{nodes: {}}", True),
        ('"nodes": {}', True),
        ("a: 1\nnodes:\n  b: {}\n", True),
        ("nodes: [", True),
        ("input: {}", False),
        ("a: {nodes: {}}", False),
        ("- nodes", False),
        ("# none\n---\n- nodes: {}", False),
        ("-nodes: 1\n'nodes': {}", True),
        ("--- {nodes: {}}", True),
        ("nodes", False),
        ("", False),
        ("{a: [", False),
        ("description: |\n  nodes: none\n", False),
        ("node: {}", False),
    ],
)
def test_what_is_a_tube_file(places, text, is_tube):
    path = places / "work" / "file.yaml"
    path.write_text(text)
    assert is_tube_file(path) is is_tube
    assert list(tube_files(places / "work")) == ([path] if is_tube else [])


@pytest.mark.parametrize("text", ["- nodes: {}", "# many\r\n\r\n---\r\n  - 'nodes'\r\n", "-\n  {noob_id: a}\n"])
def test_a_list_is_not_read_to_see_that_it_is_no_tube(places, monkeypatch, text):
    monkeypatch.setattr("noob_cli.specification.document.read_document", None)
    path = places / "work" / "file.yaml"
    path.write_text(text)
    assert list(tube_files(places / "work")) == list(named_ids(places / "work")) == []


def test_files_come_in_the_order_of_their_names(places):
    names = ["b.yaml", "a.yml", "c/a.yaml", "a/z.yaml"]
    for name in names:
        write(places / "work" / name, None)
    assert [str(path.relative_to(places / "work")) for path in tube_files(places / "work")] == [
        "a.yml",
        "b.yaml",
        "a/z.yaml",
        "c/a.yaml",
    ]


def test_dot_folders_and_virtual_environments_are_not_searched(places):
    write(places / "work" / ".git" / "tube.yaml")
    write(places / "work" / "below" / ".cache" / "deep" / "tube.yaml")
    write(places / "work" / "env" / "lib" / "tube.yaml")
    (places / "work" / "env" / "pyvenv.cfg").touch()
    assert list(tube_files(places / "work")) == []
    assert list(named_ids(places / "work")) == []
    with pytest.raises(TubeNotFoundError):
        find_tube("wanted")


def test_ids_of_a_folder(places):
    write(places / "work" / "a.yaml", "one")
    write(places / "work" / "b.yaml", None)
    write(places / "work" / "c.yaml", "two")
    assert list(named_ids(places / "work")) == ["one", "two"]


@pytest.mark.parametrize("text", ["- 1\n", "records: [1, 2]\n", "{a: {b: c}}\n"])
def test_yaml_without_the_keys_of_a_tube_is_not_read(places, monkeypatch, text):
    path = places / "work" / "data.yaml"
    path.write_text(text)
    monkeypatch.setattr("noob_cli.specification.document.read_document", None)
    assert not is_tube_file(path)
