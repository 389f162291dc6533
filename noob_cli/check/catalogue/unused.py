"""Rules on what nothing takes."""

from __future__ import annotations

from noob_cli.check.catalogue.rule import Example, Rule
from noob_cli.diagnostics import Severity

RULES = (
    Rule(
        code="A003",
        name="unused-asset",
        summary="No node takes an asset.",
        why="An asset of scope 'process' or 'node' that nobody takes is never made. Was it forgotten in a 'depends'?",
        severity=Severity.warning,
        bad=Example("""\
assets:
  seen: {type: set, scope: runner}
nodes:
  number: {type: itertools.count}
"""),
        good=Example("""\
assets:
  seen: {type: set, scope: runner}
nodes:
  number: {type: itertools.count}
  new: {type: set.add, depends: [assets.seen, number.value]}
"""),
    ),
    Rule(
        code="I004",
        name="unused-input",
        summary="Nothing uses an input.",
        why="It would have to be given, and changes nothing. Was it forgotten in a 'depends' or in 'params'?",
        severity=Severity.warning,
        bad=Example("""\
input:
  first: {type: int, default: 1}
nodes:
  number: {type: itertools.count}
"""),
        good=Example("""\
input:
  first: {type: int, default: 1}
nodes:
  number: {type: itertools.count, params: {start: input.first}}
"""),
    ),
)
