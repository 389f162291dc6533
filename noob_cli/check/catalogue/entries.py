"""Rules on the entries of a tube and their names."""

from __future__ import annotations

from noob_cli.check.catalogue.rule import Example, Rule
from noob_cli.diagnostics import Severity

RULES = (
    Rule(
        code="Y003",
        name="not-a-tube",
        summary="The file is YAML, but not a tube.",
        why="A tube is a mapping that has 'nodes', 'extends' or 'noob_id'. Is this the right file?",
        bad=Example("""\
description: squares of all numbers
"""),
        good=Example("""\
description: squares of all numbers
nodes:
  number: {type: itertools.count}
"""),
    ),
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
)
