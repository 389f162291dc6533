"""Writing what is expected into a file with tests, as a run has made it; all else stays as it is."""

from __future__ import annotations

import io
import os
import re
from collections.abc import Iterable
from pathlib import Path
from typing import Any, Final

from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap, CommentedSeq
from ruamel.yaml.scalarstring import DoubleQuotedScalarString

from noob_cli.errors import InputError, TubeError
from noob_cli.replacing import replace_file
from noob_cli.specification.document import read_document
from noob_cli.testing.running import ENDLESS, Ran
from noob_cli.testing.specification import TubeTest, TubeTests, read_tests
from noob_cli.tube import Tube
from noob_cli.wording import listing

_EPOCHS: Final = 3
"""How many epochs a test makes of a tube whose sources might never end."""

_BREAKS: Final = re.compile("[\x85\u2028\u2029]")
"""What YAML once took for ends of lines: in single quotes it would be written as such."""

_BOM: Final = "\ufeff"

_END: Final = re.compile(r"\r\n?|\n")

_WIDTH: Final = 4_096
"""Lines are not broken: a result stands on one."""


def write_expected(tests: TubeTests, ran: Iterable[tuple[int, Ran]]) -> None:
    """Write what tests have come to as what is expected of them.

    Args:
        tests: All tests of their file.
        ran: Which tests, from 0 on, and what has come out of them.

    Raises:
        InputError: A run has not come to an end, has given what YAML has no form for, or the file can't be written.
    """
    yaml, ran, path = _yaml(), list(ran), tests.path
    was = path.read_bytes().decode("utf-8") if tests.unwritten is None else tests.unwritten
    data = yaml.load(_END.sub("\n", was.removeprefix(_BOM)))
    for at, run in ran:
        if run.is_cut:
            raise InputError(f"{path}: {data['tests'][at]['name']}: {ENDLESS}")
        _expect(data["tests"][at], run)
    text = _text_of(yaml, data)
    for at, run in ran:
        if not _says(text, at, run):
            what = "what has come out can't be written as YAML, as half of a surrogate pair can't"
            raise InputError(f"{path}: {data['tests'][at]['name']}: {what}")
    _write(_as_it_was(was, text), path)


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


def first_tests(path: Path, tube: Tube) -> TubeTests:
    """A first test of a tube, which expects nothing yet, and is in no file.

    Args:
        path: The file that it is for.
        tube: The tube.

    Raises:
        InputError: The tube needs records, or inputs.
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
    return read_tests(path, _text_of(_yaml(), data))


def _expect(test: CommentedMap, run: Ran) -> None:
    if run.error_text is None:
        test.pop("error", None)
    elif test.get("error") is None or str(test["error"]) not in run.error_text:
        test["error"] = _on_one_line(run.error_text)
    if run.results or run.error_text is None:
        test["results"] = CommentedSeq(map(_on_one_line, run.results))
    else:
        test.pop("results", None)


def _as_it_was(was: str, text: str) -> str:
    """A text with the beginning, and the ends of lines, of what it takes the place of."""
    end = _END.search(was)
    bom = _BOM if was.startswith(_BOM) else ""
    return bom + (text if end is None else text.replace("\n", end[0]))


def _says(text: str, at: int, run: Ran) -> bool:
    """Whether who reads a file with tests finds in it what has come out of one of them."""
    try:
        test = read_document(text).data["tests"][at]
    except TubeError:
        return False
    return test.get("results", []) == run.results and str(test.get("error", "")) in (run.error_text or "")


def _on_one_line(value: Any) -> Any:
    """Plain data that is written on one line."""
    if isinstance(value, str) and _BREAKS.search(value):
        return DoubleQuotedScalarString(value)
    if isinstance(value, dict):
        mapping = CommentedMap((_on_one_line(key), _on_one_line(item)) for key, item in value.items())
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


def _text_of(yaml: YAML, data: Any) -> str:
    text = io.StringIO()
    yaml.dump(data, text)
    return text.getvalue()


def _write(text: str, path: Path) -> None:
    try:
        replace_file(os.path.realpath(path), text.encode())
    except OSError as error:
        raise InputError(f"'{path}' can't be written: {error.strerror}") from error
