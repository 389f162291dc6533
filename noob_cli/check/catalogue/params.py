"""Rules on params."""

from __future__ import annotations

from noob_cli.check.catalogue.rule import Example, Rule
from noob_cli.diagnostics import Severity

RULES = (
    Rule(
        code="G006",
        name="missing-argument",
        summary="The code can't be called: an argument that it needs is not given.",
        why=(
            "A parameter without a default comes from 'depends', or, for a function, from 'params'. What makes a "
            "generator, the instance of a class, or an asset gets its arguments from 'params' alone. Of a pydantic "
            "model that has a validator which may fill it, it is a warning."
        ),
        bad=Example("""\
nodes:
  number: {type: itertools.count}
  power: {type: pow, depends: number.value}
"""),
        good=Example("""\
nodes:
  number: {type: itertools.count}
  power: {type: pow, depends: number.value, params: {exp: 2}}
"""),
    ),
    Rule(
        code="G007",
        name="unknown-param",
        summary="A param is given that the code does not take.",
        why=(
            "'params' are fixed arguments, by the names of the code's parameters, or by their positions: '1: 3' gives "
            "the second one. C functions may take them by position only. There can't be more than the code takes, nor "
            "a gap before one. An asset may also have a list of them. A 'return' node has none. What a pydantic model "
            "ignores is a warning."
        ),
        bad=Example("""\
nodes:
  number: {type: itertools.count}
  round: {type: round, depends: number.value, params: {digits: 2}}
"""),
        good=Example("""\
nodes:
  number: {type: itertools.count}
  round: {type: round, depends: number.value, params: {ndigits: 2}}
"""),
    ),
    Rule(
        code="G008",
        name="param-not-used",
        summary="An argument is given in 'params' and in 'depends'.",
        why="What 'depends' gives holds, and the param does nothing: remove one of the two.",
        severity=Severity.warning,
        bad=Example("""\
nodes:
  number: {type: itertools.count}
  power: {type: pow, depends: [number.value, {exp: number.value}], params: {exp: 2}}
"""),
        good=Example("""\
nodes:
  number: {type: itertools.count}
  power: {type: pow, depends: number.value, params: {exp: 2}}
"""),
    ),
)
