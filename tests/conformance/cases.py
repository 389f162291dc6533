"""Reading the cases: the files `section_*.yaml`, whose every item shows one statement of the contract.

    - says: the statement, as it stands in the contract
      tube: the tube, as YAML in which `my.` stands for `tests.conformance.nodes.`
      files: more files beside it, by name
      input: the tube-scoped inputs
      records: the process-scoped inputs, one mapping for each epoch
      results: what each epoch returns; `!nothing` if it returns nothing, `!error "Type: part of message"` if it fails
      goes_on: true if the tube has not ended after these epochs; otherwise the next epoch must not exist
      log: what the nodes and assets noted from the start of the run to its stop
      warned: for each warning while it is run, a part of its message
      warnings: the code and a part of the message of each warning when it is loaded
      refused: the same for each error when it is loaded; the tube must not run
      command: false if the command is not asked, because what is given or returned is not plain JSON

or, instead of what a run returns,

      python: what is done with the tube, a script that knows `file`, `log` and all names of the package
      gives: the value of the script's last line
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.constructor import SafeConstructor

HERE = Path(__file__).parent
NODES = "tests.conformance.nodes."
ANYTHING = object()
"""Stands where any value is right."""


class Nothing:
    """What an epoch returns that returns nothing."""

    def __repr__(self) -> str:
        return "!nothing"


NOTHING = Nothing()


@dataclass(frozen=True)
class Error:
    """An epoch that fails, or a tube that is refused: the type of the error and a part of its message or notes."""

    type: str
    message: str


@dataclass(frozen=True)
class Case:
    """One statement of the contract, and what shows it."""

    id: str
    says: str
    tube: str
    files: dict[str, str] = field(default_factory=dict)
    input: dict[str, Any] = field(default_factory=dict)
    records: list[dict[str, Any]] | None = None
    results: list[Any] | None = None
    goes_on: bool = False
    log: list[str] | None = None
    warned: list[str] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)
    refused: list[str] | None = None
    command: bool = True
    python: str | None = None
    gives: Any = ANYTHING

    def __post_init__(self) -> None:
        expected = [self.results is not None, self.refused is not None, self.python is not None]
        assert sum(expected) == 1, f"{self.id}: give one of results, refused and python"
        assert self.refused != [], f"{self.id}: a refusal needs a reason"
        assert (self.python is None) == (self.gives is ANYTHING), f"{self.id}: python and gives belong together"

    @property
    def name(self) -> str:
        """What the tube's file is called."""
        return "tube.yaml"

    @property
    def brings_code(self) -> bool:
        """Whether there is something else beside the tube than other tubes."""
        return not all(name.endswith(".yaml") for name in self.files)

    @property
    def returns(self) -> list[Any]:
        """What the epochs return that succeed and return something, up to the first error."""
        found = []
        for result in self.results or []:
            if isinstance(result, Error):
                break
            if result is not NOTHING:
                found.append(result)
        return found

    @property
    def error(self) -> Error | None:
        """The first error."""
        return next((result for result in self.results or [] if isinstance(result, Error)), None)

    @property
    def stops_at_error(self) -> bool:
        """Whether the first error is in the last of the epochs, so that every way to run makes the same calls."""
        return all(not isinstance(result, Error) for result in (self.results or [])[:-1])

    def write(self, folder: Path) -> Path:
        """Write the tube and the files beside it."""
        for name, text in {self.name: self.tube, **self.files}.items():
            path = folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text.replace("my.", NODES), encoding="utf-8")
        return folder / self.name


class _Constructor(SafeConstructor):
    pass


def _error(_: Any, node: Any) -> Error:
    kind, _, message = node.value.partition(":")
    return Error(kind.strip(), message.strip())


_Constructor.add_constructor("!nothing", lambda *_: NOTHING)
_Constructor.add_constructor("!error", _error)
_Constructor.add_constructor("!tuple", lambda loader, node: tuple(loader.construct_sequence(node, deep=True)))
_Constructor.add_constructor("!set", lambda loader, node: set(loader.construct_sequence(node, deep=True)))
_Constructor.add_constructor("!float", lambda _, node: float(node.value))


@cache
def read_section(number: int) -> tuple[Case, ...]:
    """The cases of a section of the contract."""
    yaml = YAML(typ="safe", pure=True)
    yaml.Constructor = _Constructor
    items = yaml.load((HERE / f"section_{number}.yaml").read_text(encoding="utf-8"))
    return tuple(_case(number, position, item) for position, item in enumerate(items, start=1))


def _case(section: int, position: int, item: dict[str, Any]) -> Case:
    words = "".join(letter if letter.isalnum() else " " for letter in item["says"]).split()
    return Case(id=f"{section}.{position:03}-{'-'.join(words[:6])}", **item)
