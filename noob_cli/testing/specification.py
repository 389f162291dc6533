"""What a file with tests says: the records that a tube is given, and the results that are expected of it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any, Final

from pydantic import BaseModel, BeforeValidator, Field

from noob_cli.check.finding import Finding
from noob_cli.check.values import described, validated
from noob_cli.diagnostics import DocumentPath, Span
from noob_cli.errors import TubeError
from noob_cli.named_tuple import NamedTuple
from noob_cli.specification.document import Document, open_document, read_document
from noob_cli.specification.search import SUFFIXES as SUFFIXES_OF_TUBES
from noob_cli.spelling import suggest
from noob_cli.testing import SUFFIXES

_HEADER: Final = ("tube", "tests")


def _is_number_of_epochs(value: Any) -> Any:
    if type(value) is int and value > 0:
        return value
    raise ValueError(f"'epochs' is a whole number from 1 on, found {described(value)}")


def _are_records(value: Any) -> Any:
    if isinstance(value, str) or (isinstance(value, list) and all(isinstance(record, dict) for record in value)):
        return value
    raise ValueError(f"'records' is a list of mappings, or the name of a file, found {described(value)}")


class TubeTest(BaseModel):
    """One test of a tube.

    Raises:
        pydantic.ValidationError: A field is missing or wrong.
    """

    name: str
    """What it is called; no other of the file has that name."""
    description: str | None = None
    input: dict[str, Any] = Field(default_factory=dict)
    """The tube-scoped inputs, by name."""
    records: Annotated[list[dict[str, Any]] | str | None, BeforeValidator(_are_records)] = None
    """The inputs of each epoch, by name, or a file with them; None if the tube needs none."""
    epochs: Annotated[int | None, BeforeValidator(_is_number_of_epochs)] = None
    """How many epochs are made at the most; None to go on to the end."""
    results: list[Any] | None = None
    """What is expected, as it would be written as JSON."""
    error: str | None = None
    """A part of what the run fails with: `ZeroDivisionError`, or its text; None if it is not to fail."""

    @property
    def expects_something(self) -> bool:
        """Whether it can fail."""
        return self.results is not None or self.error is not None


class TubeTests(NamedTuple):
    """The tests of a tube, as a file has them.

    Args:
        path: The file.
        tube: The tube: a file or an id.
        tests: Its tests, in the order of the file.
        document: The file as plain data.
        unwritten: What is to be in the file, if it isn't there yet.
    """

    path: Path
    tube: str
    tests: tuple[TubeTest, ...]
    document: Document
    unwritten: str | None = None

    def span_of(self, *path: str | int) -> Span | None:
        """Where something stands, or what there is of the way to it."""
        return self.document.value_span(path)


def tests_beside(tube: Path) -> Path:
    """The file that has the tests of a tube, whether or not it is there.

    Args:
        tube: The file of the tube.
    """
    paths = [tube.with_name(f"{tube.stem}{suffix}") for suffix in SUFFIXES]
    return next((path for path in paths if path.exists()), paths[0])


def read_tests(path: Path, unwritten: str | None = None) -> TubeTests:
    """Read a file with tests.

    Args:
        path: The file.
        unwritten: What is to be in it, if it isn't there yet.

    Raises:
        TubeNotFoundError: It can't be opened.
        TubeError: Something in it is wrong; the error has all that is.
    """
    document = open_document(path) if unwritten is None else read_document(unwritten, path)
    data = document.data
    findings: list[Finding] = []
    entries = data.get("tests") if isinstance(data, dict) else None
    if not isinstance(data, dict) or not isinstance(entries, list) or not entries:
        shown = described(entries if isinstance(data, dict) and "tests" in data else data)
        hint = "write 'tests:', and below it '- name: ...' with 'records' and 'results'"
        findings.append(Finding("K003", f"a file with tests has a list of 'tests', found {shown}", ("tests",), hint))
        entries = []
    else:
        findings += _unknown_keys(data, _HEADER, ())
    tests = [_read_test(entry, ("tests", at), findings) for at, entry in enumerate(entries)]
    findings += _same_names([test.name if test else None for test in tests])
    tube = data.get("tube") if isinstance(data, dict) else None
    if tube is not None and not isinstance(tube, str):
        message = f"'tube' is a path or an id, found {described(tube)}"
        findings.append(Finding("K003", message, ("tube",), "leave it out if the file is called as the tube"))
    if findings or document.problems:
        raise TubeError([*document.problems, *(finding.locate(document) for finding in findings)])
    return TubeTests(path, _tube_of(path, tube), tuple(test for test in tests if test), document, unwritten)


def _tube_of(path: Path, named: str | None) -> str:
    """What names the tube, wherever one looks from."""
    folder = path.parent.resolve()
    if named is not None:
        return str(folder / named) if (folder / named).is_file() else named
    stem = path.name.partition(".tube-test.")[0]
    tubes = [folder / f"{stem}{suffix}" for suffix in SUFFIXES_OF_TUBES]
    return str(next((tube for tube in tubes if tube.exists()), tubes[0]))


def _read_test(entry: Any, path: DocumentPath, findings: list[Finding]) -> TubeTest | None:
    if not isinstance(entry, dict):
        message = f"a test is a mapping, found {described(entry)}"
        findings.append(Finding("K003", message, path, "begin it with '- name: ...'"))
        return None
    findings += _unknown_keys(entry, tuple(TubeTest.model_fields), path)
    return validated(TubeTest, entry, path, findings)


def _unknown_keys(data: dict[Any, Any], known: tuple[str, ...], path: DocumentPath) -> Iterator[Finding]:
    for key in data:
        if key not in known:
            message = f"the key '{key}' has no meaning in a file with tests"
            yield Finding("K001", message, (*path, key), suggest(str(key), known, "keys"), at_key=True)


def _same_names(names: list[str | None]) -> Iterator[Finding]:
    for at, name in enumerate(names):
        if name is not None and name in names[:at]:
            path = ("tests", at, "name")
            first = ("tests", names.index(name), "name")
            message = f"another test is called '{name}', too"
            yield Finding("K003", message, path, "give it another name", related=(("the other is here", first),))
