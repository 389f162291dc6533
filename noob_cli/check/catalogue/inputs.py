"""I: rules on inputs."""

from __future__ import annotations

from noob_cli.check.catalogue.rule import Example, Rule
from noob_cli.diagnostics import Severity

RULES = (
    Rule(
        code="I001",
        name="unknown-input-in-params",
        summary="A param, or 'enabled', names an input that does not exist.",
        why="A string 'input.name' in 'params', at any depth, stands for the value of that input.",
        bad=Example("""\
input:
  first: {type: int}
nodes:
  number: {type: itertools.count, params: {start: input.frist}}
"""),
        good=Example("""\
input:
  first: {type: int}
nodes:
  number: {type: itertools.count, params: {start: input.first}}
"""),
    ),
    Rule(
        code="I002",
        name="process-input-in-params",
        summary="A param, or 'enabled', names an input that comes with every epoch.",
        why=(
            "'params' are fixed before the first epoch, when an input of scope 'process' has no value yet. Take it in "
            "'depends', or give it scope 'tube'."
        ),
        bad=Example("""\
input:
  exponent: {type: int, scope: process}
nodes:
  number: {type: itertools.count}
  power: {type: pow, depends: number.value, params: {exp: input.exponent}}
"""),
        good=Example("""\
input:
  exponent: {type: int, scope: process}
nodes:
  number: {type: itertools.count}
  power: {type: pow, depends: [number.value, {exp: input.exponent}]}
"""),
    ),
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
