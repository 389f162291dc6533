"""Rules on the shape of `depends`."""

from __future__ import annotations

from noob_cli.check.catalogue.rule import Example, Rule

RULES = (
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
)
