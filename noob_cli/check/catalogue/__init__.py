"""The rules as data: what each diagnostic code means, why, and a tube that is wrong beside one that is right.

One module per family, named after its subject. A rule's function is where the code stands in `check`, `spec` and
`tube`; a test holds the two together.
"""

from __future__ import annotations

from collections.abc import Mapping

from noob_cli.check.catalogue import assets, files, graph, inputs, keys, references, types
from noob_cli.check.catalogue.rule import Rule

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

RULES: Mapping[str, Rule] = {
    rule.code: rule for family in (files, keys, references, graph, assets, inputs, types) for rule in family.RULES
}
"""Every rule, by its code."""
