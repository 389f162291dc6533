"""Rules on slots."""

from __future__ import annotations

from noob_cli.check.catalogue.rule import Example, Rule

RULES = (
    Rule(
        code="G004",
        name="unknown-slot",
        summary="A 'depends' gives a slot that the code does not have.",
        why=(
            "Slots are the parameters of what the node calls. By position there can't be more of them than it takes, "
            "nor a gap before one, and what the runner fills (the epoch) can't be given."
        ),
        bad=Example("""\
nodes:
  number: {type: itertools.count}
  power: {type: pow, depends: [number.value, {exponent: number.value}]}
"""),
        good=Example("""\
nodes:
  number: {type: itertools.count}
  power: {type: pow, depends: [number.value, {exp: number.value}]}
"""),
    ),
    Rule(
        code="G005",
        name="slot-given-twice",
        summary="A slot is given by two items of 'depends', or an argument by two of 'params'.",
        why="A slot takes one value. A position and a name may mean the same slot: the first of 'pow' is 'base'.",
        bad=Example("""\
nodes:
  number: {type: itertools.count}
  power: {type: pow, depends: [number.value, {base: number.value}]}
"""),
        good=Example("""\
nodes:
  number: {type: itertools.count}
  power: {type: pow, depends: [number.value, {exp: number.value}]}
"""),
    ),
    Rule(
        code="G009",
        name="wrong-return",
        summary="A 'return' node takes nothing, or values both with names and without.",
        why=(
            "With one reference an epoch returns that value, with a list of references a list, and with a list of "
            "'key: reference' a dict. A mix of the last two is neither."
        ),
        bad=Example("""\
nodes:
  number: {type: itertools.count}
  text: {type: str, depends: number.value}
  return: {type: return, depends: [number.value, {text: text.value}]}
"""),
        good=Example("""\
nodes:
  number: {type: itertools.count}
  text: {type: str, depends: number.value}
  return: {type: return, depends: [{number: number.value}, {text: text.value}]}
"""),
    ),
    Rule(
        code="G010",
        name="second-return",
        summary="A tube has a second 'return' node.",
        why="An epoch returns one thing. To return several values, give the one 'return' a list.",
        bad=Example("""\
nodes:
  number: {type: itertools.count}
  text: {type: str, depends: number.value}
  one: {type: return, depends: number.value}
  other: {type: return, depends: text.value}
"""),
        good=Example("""\
nodes:
  number: {type: itertools.count}
  text: {type: str, depends: number.value}
  both: {type: return, depends: [number.value, text.value]}
"""),
    ),
    Rule(
        code="G011",
        name="generator-with-depends",
        summary="The 'depends' of a generator names what comes with the epochs.",
        why=(
            "A generator is called once, before the first epoch, and then drawn from. Its arguments are 'params', and, "
            "in 'depends', what is there at that time: tube-scoped inputs, and runner-scoped assets that are not "
            "carried. To emit several values for each value that comes, return a list, and put a 'map' behind it."
        ),
        bad=Example(
            """\
nodes:
  number: {type: itertools.count}
  steps: {type: stairs_in_a_generator.climb, depends: number.value}
""",
            files={
                "stairs_in_a_generator.py": """\
from collections.abc import Iterator


def climb(top: int = 3) -> Iterator[int]:
    yield from range(top)
"""
            },
        ),
        good=Example(
            """\
nodes:
  number: {type: itertools.count}
  stairs: {type: stairs_in_a_list.climb, depends: number.value}
  steps: {type: map, depends: stairs.value}
""",
            files={
                "stairs_in_a_list.py": """\
def climb(top: int) -> list[int]:
    return list(range(top))
"""
            },
        ),
    ),
)
