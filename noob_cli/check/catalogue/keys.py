"""K: rules on keys and values."""

from __future__ import annotations

from noob_cli.check.catalogue.rule import Example, Rule
from noob_cli.diagnostics import Severity

RULES = (
    Rule(
        code="K001",
        name="unknown-key",
        summary="A key has no meaning and is ignored.",
        why=(
            "A misspelled key does nothing: the node below would run although it is meant to be switched off. The tube "
            "runs all the same, so this is a warning; '--strict' makes it an error. If the key that was meant must be "
            "there, it is an error in any case."
        ),
        severity=Severity.warning,
        bad=Example("""\
nodes:
  number: {type: itertools.count, enable: false}
"""),
        good=Example("""\
nodes:
  number: {type: itertools.count, enabled: false}
"""),
    ),
    Rule(
        code="K002",
        name="missing-key",
        summary="An entry lacks a key that it must have.",
        why=(
            "A node and an input need a 'type', an asset needs a 'type' and a 'scope'. Only in a tube that extends "
            "others they may be left out of an entry that one of those completes."
        ),
        bad=Example("""\
nodes:
  number: {params: {start: 1}}
"""),
        good=Example("""\
nodes:
  number: {type: itertools.count, params: {start: 1}}
"""),
    ),
    Rule(
        code="K003",
        name="wrong-value",
        summary="A value is not what its key takes.",
        why="The message says what is expected there, and what was found.",
        bad=Example("""\
assets:
  seen: {type: set, scope: epoch}
nodes:
  size: {type: len, depends: assets.seen}
"""),
        good=Example("""\
assets:
  seen: {type: set, scope: process}
nodes:
  size: {type: len, depends: assets.seen}
"""),
    ),
    Rule(
        code="K004",
        name="wrong-name",
        summary="A node, an asset or an input has a name that it can't have.",
        why=(
            "Names are written in references like 'node.signal', so they are identifiers: letters, digits and _, no "
            "digit first. 'assets', 'input', 'meta' and 'tube' are taken."
        ),
        bad=Example("""\
nodes:
  every-number: {type: itertools.count}
"""),
        good=Example("""\
nodes:
  every_number: {type: itertools.count}
"""),
    ),
    Rule(
        code="K005",
        name="wrong-depends",
        summary="A 'depends' does not have the shape that it must have.",
        why=(
            "'depends' is one reference ('node.signal', 'input.name' or 'assets.name'), or a list of references, by "
            "position, and of mappings of one slot to a reference, by name."
        ),
        bad=Example("""\
nodes:
  number: {type: itertools.count}
  power: {type: pow, depends: {base: number.value, exp: number.value}}
"""),
        good=Example("""\
nodes:
  number: {type: itertools.count}
  power: {type: pow, depends: [{base: number.value}, {exp: number.value}]}
"""),
    ),
    Rule(
        code="K006",
        name="word-for-bool",
        summary="Text or a number stands where true or false is meant.",
        why=(
            "In YAML 1.2 'yes', 'no', 'on' and 'off' are text. They are taken for what they say, as they were meant in "
            "YAML 1.1, but other readers of the file see text, which is true, whatever it says."
        ),
        severity=Severity.warning,
        bad=Example("""\
nodes:
  number: {type: itertools.count, enabled: off}
"""),
        good=Example("""\
nodes:
  number: {type: itertools.count, enabled: false}
"""),
    ),
)
