"""The rules as pages: what each diagnostic code means, why, and a tube that is wrong beside one that is right.

A page here has the name of the module that its rules are in: what `check/cycles.py` finds is documented in
`check/catalogue/cycles.md`, and a test holds the two together. `nested` is about `loading/nested.py`, `files` about
`specification/`.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from noob_cli.check.catalogue.rule import Rule, rules_in

FAMILIES: Mapping[str, str] = {
    "Y": "file and YAML",
    "K": "keys and values",
    "C": "references to code",
    "G": "graph and slots",
    "A": "assets",
    "I": "inputs",
    "T": "types",
}
"""What the letter of a code stands for."""

SUBJECTS: Mapping[str, tuple[Rule, ...]] = {
    page.stem: tuple(rules_in(page.read_text(encoding="utf-8"))) for page in sorted(Path(__file__).parent.glob("*.md"))
}
"""The rules by the pages that they are on."""

RULES: Mapping[str, Rule] = {
    rule.code: rule
    for letter in FAMILIES
    for rule in sorted((rule for rules in SUBJECTS.values() for rule in rules), key=lambda rule: rule.code)
    if rule.code.startswith(letter)
}
"""Every rule, by its code: family by family, in each by number."""
