"""What is written down of a rule."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from noob_cli.diagnostics import Severity


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
    """

    code: str
    name: str
    summary: str
    why: str
    bad: Example
    good: Example
    severity: Severity = Severity.error
