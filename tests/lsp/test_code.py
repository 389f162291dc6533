"""What the editor shows of code of which it shows only when it runs what it is."""

from __future__ import annotations

import pytest

from noob_cli.code.codebase import UnknownCodeError
from noob_cli.code.reading.reading import ReadCode
from noob_cli.lsp.code import definition_of, described

PACKAGE = {
    "__init__.py": "import os\nif os.getenv(0):\n    from ._inner import halved, Box, fast\nfrom ._more import *\n",
    "__init__.pyi": "from ._inner import halved as halved, Box as Box, fast as fast\n",
    "_inner.py": "def dispatched(function): return dispatch(function)\n\n"
    "@dispatched\ndef halved(number, by=2):\n    'Half.'\nclass Box(dispatched): ...\n",
    "_inner.pyi": "def fast(number: int) -> int: ...\n",
    "_more.py": "from ._inner import dispatched\n@dispatched\ndef more(value): ...\n",
}


@pytest.mark.parametrize(
    ("name", "head", "file", "line"),
    [
        ("halved", "def halved(number, by=2)\n```\n\nHalf.", "_inner.py", 4),
        ("Box", "class Box(dispatched)", "_inner.py", 6),
        ("fast", "def fast(number: int) -> int", "_inner.pyi", 1),
        ("more", "def more(value)", "_more.py", 3),
    ],
)
def test_what_can_not_be_known_is_shown_as_it_is_written(tmp_path, name, head, file, line):
    """It is no one's concern whether that is what is called: nothing is found to be wrong by it."""
    package = tmp_path / "dispatching"
    package.mkdir()
    for each, text in PACKAGE.items():
        (package / each).write_text(text)
    code = ReadCode([tmp_path])
    path = f"dispatching.{name}"
    with pytest.raises(UnknownCodeError):
        code.find(path)
    told, definition = described(code, path), definition_of(code, path)
    assert told is not None
    assert told.startswith(f"```python\n{head}")
    assert definition is not None
    assert (definition.file, definition.line) == (package / file, line)
