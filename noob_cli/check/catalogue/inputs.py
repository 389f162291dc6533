"""Rules on the types of inputs, and their defaults."""

from __future__ import annotations

from noob_cli.check.catalogue.rule import Example, Rule
from noob_cli.diagnostics import Severity

RULES = (
    Rule(
        code="I003",
        name="wrong-input-type",
        summary="The type of an input can't be resolved.",
        why=(
            "It is a Python type: builtins and the names of 'typing' stand alone, everything else is a dotted path, "
            "such as 'list[str]', 'pathlib.Path | None' or 'Literal[\"a\", \"b\"]'. The tube runs all the same, and "
            "takes what is given for the input as it is."
        ),
        severity=Severity.warning,
        bad=Example("""\
input:
  number: {type: integer, scope: process}
nodes:
  text: {type: str, depends: input.number}
"""),
        good=Example("""\
input:
  number: {type: int, scope: process}
nodes:
  text: {type: str, depends: input.number}
"""),
    ),
    Rule(
        code="I005",
        name="wrong-default",
        summary="The default of an input is not of its type.",
        why="A default is validated like a value that is given.",
        bad=Example("""\
input:
  first: {type: int, default: one}
nodes:
  number: {type: itertools.count, params: {start: input.first}}
"""),
        good=Example("""\
input:
  first: {type: int, default: 1}
nodes:
  number: {type: itertools.count, params: {start: input.first}}
"""),
    ),
)
