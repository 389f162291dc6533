"""Rules on values, and on keys that are missing."""

from __future__ import annotations

from noob_cli.check.catalogue.rule import Example, Rule
from noob_cli.diagnostics import Severity

RULES = (
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
    Rule(
        code="A001",
        name="depends-without-runner-scope",
        summary="An asset with 'depends' has another scope than 'runner'.",
        why=(
            "'depends' carries a value from one epoch into the next, and only an asset of scope 'runner' is still "
            "there then."
        ),
        bad=Example("""\
assets:
  total: {type: int, scope: process, depends: add.value}
nodes:
  number: {type: itertools.count}
  add: {type: operator.add, depends: [assets.total, number.value]}
"""),
        good=Example("""\
assets:
  total: {type: int, scope: runner, depends: add.value}
nodes:
  number: {type: itertools.count}
  add: {type: operator.add, depends: [assets.total, number.value]}
"""),
    ),
)
