"""What resolving the paths of a selection costs."""

from pathlib import Path

from noob_cli.cli.report.selection import Selection
from noob_cli.specification.search import FoundTube


def test_a_selection_resolves_each_path_once(monkeypatch, tmp_path):
    resolved = []
    real = Path.resolve
    monkeypatch.setattr(Path, "resolve", lambda self, *args: (resolved.append(self), real(self, *args))[1])
    selection = Selection()
    for number in range(50):
        selection.add(f"{number}.yaml", FoundTube(tmp_path / f"{number}.yaml"))
    selection.add("0.yaml", FoundTube(tmp_path / "." / "0.yaml"))

    assert len(selection.tubes) == 50
    assert len(resolved) == 51
