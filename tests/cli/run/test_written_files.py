"""The files that a run writes, before it begins."""

from __future__ import annotations

import errno
import os
from contextlib import ExitStack
from pathlib import Path

import pytest

from noob_cli.cli.run import written_files
from noob_cli.cli.run.written_files import WrittenFiles, added_to, name_of
from noob_cli.errors import InputError


@pytest.mark.parametrize("name", ["-", "/dev/stdout"])
def test_nobody_opens_what_standard_output_is_called(name):
    path = name_of(Path(name))

    assert str(path) == "standard output"
    with pytest.raises(FileNotFoundError):
        os.open(path, os.O_WRONLY | os.O_CREAT)


@pytest.mark.parametrize("number", [errno.EROFS, errno.EACCES, errno.ENOSPC, errno.EDQUOT])
def test_a_folder_in_which_no_file_can_be_made_may_have_one_with_room(tmp_path, monkeypatch, number):
    """As for a service that may write to one file, or for one that is mounted into a container."""

    def refuse(*_):
        raise OSError(number, "no")

    monkeypatch.setattr(written_files, "see_whether_makeable", refuse)
    path = tmp_path / "out"
    path.write_text("a\n")
    with ExitStack() as stack:
        files = WrittenFiles(None, stack)
        if number in (errno.ENOSPC, errno.EDQUOT):
            with pytest.raises(InputError, match=r"the results can't be written: .*out: no"):
                files.open(path, "-o", "the results", added_to, room=b"\n")
        else:
            file = files.open(path, "-o", "the results", added_to, room=b"\n")
            files.begin()
            file.write(b"b\n")
    assert path.read_text() == ("a\n" if number in (errno.ENOSPC, errno.EDQUOT) else "a\nb\n")
