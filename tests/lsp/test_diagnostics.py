"""The server says of a tube what `noob validate --static` says, of the text that is not saved."""

from __future__ import annotations

from pathlib import Path

import pytest

from noob_cli.cli.report.checking import check_tubes
from noob_cli.code.reading.reading import ReadCode
from tests.diagnostics.test_diagnostics import BROKEN, HERE


def said(client, path: Path) -> set[tuple[str, str, int, int]]:
    """What the server says of a file and of those that it builds on."""
    address = client.open(path)
    client.diagnostics(address)
    found = {
        (other.rpartition("/")[2], str(each.code), each.range.start.line + 1, each.range.start.character + 1)
        for other, shown in client.all_diagnostics().items()
        for each in shown
    }
    client.close(address)
    return found


def validated(path: Path) -> set[tuple[str, str, int, int]]:
    return {
        (each.span.file.name, each.code, each.span.line, each.span.column)
        for tube in check_tubes([str(path)], False, ReadCode)
        for each in tube.diagnostics
        if each.span is not None and each.span.file is not None
    }


@pytest.mark.many
@pytest.mark.parametrize("name", BROKEN)
def test_broken_tubes(client, name, monkeypatch):
    monkeypatch.chdir(HERE)
    main = BROKEN[name] / "tube.yaml" if BROKEN[name].is_dir() else BROKEN[name]
    if not main.exists():
        main = sorted(BROKEN[name].glob("*.yaml"))[0]
    expected = validated(main)
    found = said(client, main)
    if any(code == "Y001" for _, code, _, _ in expected):
        # The rest is known, too.
        assert expected <= found
    else:
        assert found == expected
