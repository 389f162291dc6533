"""The rules as data: what each diagnostic code means, why, and a tube that is wrong beside one that is right.

A module here has the name of the one that its rules are in: what `check/cycles.py` finds is documented in
`check/catalogue/cycles.py`, and a test holds the two together. `nested` is about `loading/nested.py`, `files` about
`specification/`.
"""

from __future__ import annotations

from collections.abc import Mapping

from noob_cli.check.catalogue import (
    code,
    constants,
    cycles,
    depends,
    entries,
    files,
    inputs,
    loops,
    module_hints,
    nested,
    params,
    references,
    slots,
    types,
    unused,
    values,
)
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

SUBJECTS = (
    *(files, entries, depends, values, code, module_hints, references, slots, params),
    *(cycles, loops, nested, unused, inputs, types, constants),
)
"""The modules of the catalogue."""

RULES: Mapping[str, Rule] = {
    rule.code: rule
    for letter in FAMILIES
    for rule in sorted((rule for subject in SUBJECTS for rule in subject.RULES), key=lambda rule: rule.code)
    if rule.code.startswith(letter)
}
"""Every rule, by its code: family by family, in each by number."""
