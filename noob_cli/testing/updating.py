"""Writing what is expected into a file with tests, as a run has made it; all else stays as it is."""

from __future__ import annotations

import io
from collections.abc import Iterable
from pathlib import Path
from typing import Any, Final

from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap, CommentedSeq

from noob_cli.errors import InputError
from noob_cli.replacing import replace_file
from noob_cli.testing.running import ENDLESS, Ran
from noob_cli.testing.specification import TubeTest
from noob_cli.tube import Tube
from noob_cli.wording import listing

_EPOCHS: Final = 3
"""How many epochs a test makes of a tube whose sources might never end."""

_WIDTH: Final = 4_096
"""Lines are not broken: a result stands on one."""


def write_expected(path: Path, ran: Iterable[tuple[int, Ran]]) -> None:
    """Write what tests have come to as what is expected of them.

    Args:
        path: The file.
        ran: Which tests, from 0 on, and what has come out of them.

    Raises:
        InputError: A run has not come to an end, or the file can't be written.
    """
    yaml = _yaml()
    data = yaml.load(path.read_text(encoding="utf-8"))
    for at, run in ran:
        if run.is_cut:
            raise InputError(f"{path}: {data['tests'][at]['name']}: {ENDLESS}")
        _expect(data["tests"][at], run)
    _write(yaml, data, path)


def news_of(test: TubeTest, ran: Ran) -> str | None:
    """What nobody may overlook when a test is updated: that it expects an error, or none any more.

    Args:
        test: The test as it was.
        ran: What has come out of it.

    Returns:
        None if it fails, or does not, as it was expected to.
    """
    text = ran.error_text
    if text is None:
        return None if test.error is None else f"'{test.name}' expects no error any more"
    if test.error is not None and test.error in text:
        return None
    return f"'{test.name}' expects {'an' if test.error is None else 'another'} error now: {text}"


def begin(path: Path, tube: Tube) -> None:
    """Write a first test of a tube, which expects nothing yet.

    Args:
        path: The file.
        tube: The tube.

    Raises:
        InputError: The tube needs records, or inputs, or the file can't be written.
    """
    needed = [name for name, spec in tube.graph.inputs.items() if spec.required]
    if needed:
        key = "records" if tube.required_process_inputs else "input"
        raise InputError(
            f"the tube '{tube.name}' needs {listing(needed)}: write a test with '{key}' into '{path.name}' beside it, "
            "and let '--update' add its results"
        )
    test = CommentedMap(name=f"the first {_EPOCHS} epochs", epochs=_EPOCHS)
    data = CommentedMap(tests=CommentedSeq([test]))
    data.yaml_set_start_comment(
        f"'noob test {path.name.partition('.tube-test.')[0]}.yaml' runs these, and so does pytest."
    )
    _write(_yaml(), data, path)


def _expect(test: CommentedMap, run: Ran) -> None:
    if run.error_text is None:
        test.pop("error", None)
    elif test.get("error") is None or str(test["error"]) not in run.error_text:
        test["error"] = run.error_text
    if run.results or run.error_text is None:
        test["results"] = CommentedSeq(map(_on_one_line, run.results))
    else:
        test.pop("results", None)


def _on_one_line(value: Any) -> Any:
    """Plain data that is written on one line."""
    if isinstance(value, dict):
        mapping = CommentedMap((key, _on_one_line(item)) for key, item in value.items())
        mapping.fa.set_flow_style()
        return mapping
    if isinstance(value, list):
        items = CommentedSeq(map(_on_one_line, value))
        items.fa.set_flow_style()
        return items
    return value


def _yaml() -> YAML:
    yaml = YAML()
    yaml.preserve_quotes = True
    yaml.width = _WIDTH
    yaml.brace_single_entry_mapping_in_flow_sequence = True
    yaml.indent(mapping=2, sequence=4, offset=2)
    return yaml


def _write(yaml: YAML, data: Any, path: Path) -> None:
    text = io.StringIO()
    yaml.dump(data, text)
    try:
        replace_file(path, text.getvalue().encode())
    except OSError as error:
        raise InputError(f"'{path}' can't be written: {error.strerror}") from error
