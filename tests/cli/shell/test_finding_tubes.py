"""How a tube that is named on the command line is found."""

import os
from pathlib import Path

import pytest

from noob_cli.errors import TubeNotFoundError
from noob_cli.specification.search import find_tube
from tests.cli.conftest import COUNT


class TestFindingTubes:
    def test_folders_that_can_not_be_read_are_passed_over(self, monkeypatch, folder, write):
        write("private/tube.yaml", f"noob_id: other\n{COUNT}")
        monkeypatch.chdir(folder)
        real = os.stat

        def refusing(path, *args, **kwargs):
            # Whoever runs the tests may be allowed everything.
            if "private" in os.fspath(path) and not os.fspath(path).endswith("private"):
                raise PermissionError(13, "Permission denied", path)
            return real(path, *args, **kwargs)

        monkeypatch.setattr(os, "stat", refusing)

        assert find_tube("count").path.name == "count.yaml"

    def test_a_folder_does_not_shadow_an_id(self, noob, write, folder):
        write("words/tube.yaml", f"noob_id: words\n{COUNT}")

        assert noob("run", "words", "-n", "2").results == [0, 1]

    def test_a_folder_is_mentioned_if_no_tube_has_the_id(self, noob, folder):
        (folder / "empty").mkdir()

        done = noob("run", "empty")

        assert done.code == 2
        assert "'empty' is a folder, and no tube has that id" in done.err

    def test_the_samples_run_by_their_ids(self, noob):
        samples = Path(__file__).parents[3] / "sample_tubes"

        done = noob("run", "words", "-n", "1", cwd=samples)

        assert (done.code, len(done.results)) == (0, 1)

    def test_a_file_with_a_similar_name(self, noob, write):
        write("squares.yaml", COUNT)

        assert "there is no file 'sqares.yaml': did you mean 'squares.yaml'?" in noob("run", "sqares.yaml").err

    def test_a_file_with_a_similar_name_in_another_folder(self, noob, write):
        write("sub/squares.yaml", COUNT)

        assert "did you mean 'sub/squares.yaml'?" in noob("run", "sub/sqares.yaml").err

    def test_a_file_of_the_ids_name(self, noob, write):
        write("squares.yaml", COUNT)

        done = noob("run", "squares")

        assert done.code == 2
        assert "there is a file 'squares.yaml': name the file" in done.err

    def test_a_file_of_the_ids_name_for_another_tube(self, write, folder):
        write("squares.yaml", COUNT)

        with pytest.raises(TubeNotFoundError, match=r"there is a file 'squares.yaml': name the file"):
            find_tube("squares", folder / "count.yaml")
