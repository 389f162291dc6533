"""What is written down of a rule, and how it is read."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import Enum

from noob_cli.diagnostics import Severity

_RULE = re.compile(
    r"^## (?P<code>\w+) (?P<name>\S+) \((?P<severity>\w+)(?P<in_schema>, in the schema)?(?:, needs (?P<needs>[^)]+))?\)"
    r"\n\n(?P<summary>.+)\n\n(?P<why>(?s:.+?))\n\n"
    r"### Wrong(?P<bad>(?s:.+?))### Right(?P<good>(?s:.+?))(?=^## |\Z)",
    re.MULTILINE,
)
_ASKED = re.compile(r": `noob validate (.+)`$", re.MULTILINE)
_FILE = re.compile(r"^```\w+ ?(.*)\n((?s:.*?))^```$", re.MULTILINE)


@dataclass(frozen=True)
class Example:
    """A tube that shows a rule.

    Args:
        tube: The tube's YAML.
        files: What lies beside it, by name: its code, other tubes.
        asked: What is validated: the tube's file, or an id.
    """

    tube: str
    files: Mapping[str, str] = field(default_factory=dict)
    asked: str = "tube.yaml"

    @property
    def all_files(self) -> dict[str, str]:
        """The tube and what lies beside it, by name."""
        return {"tube.yaml": self.tube, **self.files}


class Needs(Enum):
    """What has to be whole for a rule: where a tube is being typed, it may find something for that reason alone."""

    definitions = "definitions"
    """All lines: one of them may define what is referred to."""
    uses = "uses"
    """All lines: one of them may use what is defined."""
    entry = "its entry"
    """The entry of a node, an asset or an input."""


@dataclass(frozen=True)
class Rule:
    """A rule, for people: what the documentation of its code says.

    Args:
        code: Stable between versions.
        name: The rule in a few words, in kebab case.
        summary: What is wrong, in one sentence.
        why: Why it is a mistake, and what to do.
        bad: A tube in which the rule finds something, and no other rule does.
        good: The same, put right.
        severity: Whether the tube can run all the same.
        in_schema: Whether the JSON Schema of tubes says the same, and so does a server that knows it.
        needs: What has to be whole for it; None if it is sure of each line.
    """

    code: str
    name: str
    summary: str
    why: str
    bad: Example
    good: Example
    severity: Severity
    in_schema: bool = False
    needs: Needs | None = None


def rules_in(page: str) -> Iterator[Rule]:
    """The rules that a page documents.

    Args:
        page: The page, in Markdown. Each rule has a heading with its code, its name, and in brackets its severity,
            whether it is in the schema, and what it needs; its summary; the reason; and below `### Wrong` and
            `### Right` the files of its examples: the tube first, then those that have names.
    """
    for match in _RULE.finditer(page):
        why, severity = " ".join(match["why"].split()), Severity(match["severity"])
        examples = _example_in(match["bad"]), _example_in(match["good"])
        needs = None if match["needs"] is None else Needs(match["needs"])
        in_schema = match["in_schema"] is not None
        yield Rule(match["code"], match["name"], match["summary"], why, *examples, severity, in_schema, needs)


def _example_in(text: str) -> Example:
    (_, tube), *beside = _FILE.findall(text)
    asked = _ASKED.match(text)
    return Example(tube, dict(beside)) if asked is None else Example(tube, dict(beside), asked[1])
