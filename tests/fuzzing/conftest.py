"""What the tests of mutated tubes have in common."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.fuzzing.seeds import write_seeds


@pytest.fixture(scope="module")
def seeds(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with all tubes, and with what is beside them."""
    folder = tmp_path_factory.mktemp("seeds")
    write_seeds(folder)
    return folder


@pytest.fixture(autouse=True)
def _nothing_of_the_users_own(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in ("HOME", "XDG_CONFIG_HOME"):
        monkeypatch.setenv(name, str(tmp_path))
    monkeypatch.delenv("NOOB_PATH", raising=False)
    monkeypatch.chdir(tmp_path)
