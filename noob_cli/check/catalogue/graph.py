"""G: rules on the graph and on slots."""

from __future__ import annotations

from noob_cli.check.catalogue.rule import Example, Rule
from noob_cli.diagnostics import Severity

_SIGNALS = """\
from typing import Annotated

from noob_cli import Name


def divide(value: int) -> tuple[Annotated[int, Name("quotient")], Annotated[int, Name("rest")]]:
    return divmod(value, 10)
"""

_CHILD = """\
input:
  number: {type: int, scope: process}
nodes:
  half: {type: operator.truediv, depends: [input.number, input.number]}
  return: {type: return, depends: half.value}
"""

RULES = (
    Rule(
        code="G001",
        name="unknown-node",
        summary="A reference names a node that does not exist.",
        why="What a node depends on is written 'node.signal', with the name of a node in the same tube.",
        bad=Example("""\
nodes:
  number: {type: itertools.count}
  text: {type: str, depends: nubmer.value}
"""),
        good=Example("""\
nodes:
  number: {type: itertools.count}
  text: {type: str, depends: number.value}
"""),
    ),
    Rule(
        code="G002",
        name="unknown-signal",
        summary="A reference names a signal that the node does not emit.",
        why=(
            "Signals are named by the return annotation: 'Annotated[int, Name(\"rest\")]'. What has no name is the one "
            "signal 'value'. A 'return' node has no signals."
        ),
        bad=Example(
            """\
nodes:
  number: {type: itertools.count}
  parts: {type: tens.divide, depends: number.value}
  text: {type: str, depends: parts.value}
""",
            files={"tens.py": _SIGNALS},
        ),
        good=Example(
            """\
nodes:
  number: {type: itertools.count}
  parts: {type: tens.divide, depends: number.value}
  text: {type: str, depends: parts.rest}
""",
            files={"tens.py": _SIGNALS},
        ),
    ),
    Rule(
        code="G003",
        name="unknown-input-or-asset",
        summary="A 'depends' names an input or an asset that does not exist.",
        why="'input.name' is an entry of 'input', 'assets.name' one of 'assets', in the same tube.",
        bad=Example("""\
input:
  text: {type: str, scope: process}
nodes:
  length: {type: len, depends: input.txt}
"""),
        good=Example("""\
input:
  text: {type: str, scope: process}
nodes:
  length: {type: len, depends: input.text}
"""),
    ),
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
    Rule(
        code="G012",
        name="cycle",
        summary="Nodes wait for each other's signals.",
        why=(
            "In an epoch a node runs once what it depends on is there, so none of these would ever run. What is to "
            "come back in the next epoch is stored in an asset with 'depends'."
        ),
        bad=Example("""\
nodes:
  number: {type: itertools.count}
  total: {type: operator.add, depends: [number.value, rounded.value]}
  rounded: {type: round, depends: total.value}
"""),
        good=Example("""\
assets:
  last: {type: int, scope: runner, depends: rounded.value}
nodes:
  number: {type: itertools.count}
  total: {type: operator.add, depends: [number.value, assets.last]}
  rounded: {type: round, depends: total.value}
"""),
    ),
    Rule(
        code="G013",
        name="maps-that-do-not-nest",
        summary="A node depends on items of two maps that are not nested.",
        why=(
            "It is not said which item of one belongs to which of the other. Gather the items of one map first, or "
            "put one map into the loop of the other, which gives every pair."
        ),
        bad=Example("""\
input:
  left: {type: 'list[int]', scope: process}
  right: {type: 'list[int]', scope: process}
nodes:
  one: {type: map, depends: input.left}
  other: {type: map, depends: input.right}
  sum: {type: operator.add, depends: [one.value, other.value]}
"""),
        good=Example("""\
input:
  left: {type: 'list[int]', scope: process}
  right: {type: 'list[int]', scope: process}
nodes:
  pairs: {type: builtins.zip, depends: [input.left, input.right]}
  pair: {type: map, depends: pairs.value}
  sum: {type: sum, depends: pair.value}
"""),
    ),
    Rule(
        code="G014",
        name="loops-that-wait",
        summary="Loops wait for each other.",
        why=(
            "A loop takes its turn as one node: all its items are through before what comes after it. Here each of two "
            "loops reads an asset before the other stores it, so that each would have to come first."
        ),
        bad=Example("""\
input:
  items: {type: 'list[int]', scope: process}
assets:
  last_sum: {type: int, scope: runner, depends: sum.value}
  last_product: {type: int, scope: runner, depends: product.value}
nodes:
  one: {type: map, depends: input.items}
  sum: {type: operator.add, depends: [one.value, one.value]}
  one_text: {type: divmod, depends: [one.value, assets.last_product]}
  other: {type: map, depends: input.items}
  product: {type: operator.mul, depends: [other.value, other.value]}
  other_text: {type: divmod, depends: [other.value, assets.last_sum]}
"""),
        good=Example("""\
input:
  items: {type: 'list[int]', scope: process}
assets:
  last_sum: {type: int, scope: runner, depends: sum.value}
  last_product: {type: int, scope: runner, depends: product.value}
nodes:
  one: {type: map, depends: input.items}
  sum: {type: operator.add, depends: [one.value, one.value]}
  product: {type: operator.mul, depends: [one.value, one.value]}
  one_text: {type: divmod, depends: [one.value, assets.last_product]}
  other_text: {type: divmod, depends: [one.value, assets.last_sum]}
"""),
    ),
    Rule(
        code="G015",
        name="wrong-gather",
        summary="A 'gather' is told to emit in two ways, in none, or with something else than a number.",
        why=(
            "A gather emits every 'n' values (a param, or a slot; the 'n' of a map gathers all its items), or "
            "whenever its slot 'trigger' gets a value."
        ),
        bad=Example("""\
nodes:
  number: {type: itertools.count}
  batch: {type: gather, depends: number.value}
"""),
        good=Example("""\
nodes:
  number: {type: itertools.count}
  batch: {type: gather, depends: number.value, params: {n: 10}}
"""),
    ),
    Rule(
        code="G016",
        name="nested-tube-not-found",
        summary="A node is a tube that can't be found.",
        why=(
            "The param 'tube' of a node of type 'tube' is the path of a file, from the folder of this one or from the "
            "working folder, the id of a tube, or the tube itself."
        ),
        bad=Example(
            """\
nodes:
  number: {type: itertools.count}
  half: {type: tube, depends: [{number: number.value}], params: {tube: haalf.yaml}}
""",
            files={"half.yaml": _CHILD},
        ),
        good=Example(
            """\
nodes:
  number: {type: itertools.count}
  half: {type: tube, depends: [{number: number.value}], params: {tube: half.yaml}}
""",
            files={"half.yaml": _CHILD},
        ),
    ),
    Rule(
        code="G017",
        name="tube-in-itself",
        summary="A tube contains itself.",
        why="It would never end. The message has the tubes on the way, from one to the next.",
        bad=Example("""\
nodes:
  number: {type: itertools.count}
  again: {type: tube, params: {tube: tube.yaml}}
"""),
        good=Example(
            """\
nodes:
  number: {type: itertools.count}
  half: {type: tube, depends: [{number: number.value}], params: {tube: half.yaml}}
""",
            files={"half.yaml": _CHILD},
        ),
    ),
    Rule(
        code="G018",
        name="flush-without-last-epoch",
        summary="Something is to be flushed that is in a loop, in a tube that is called in one, or draws its values.",
        why=(
            "When sources or records have ended a run, each gather with 'flush: true' that holds something, and each "
            "class with a '@flush_method', gets one more epoch, in which it emits what it has held back. In such an "
            "epoch there are no items of a map, and sources give nothing."
        ),
        bad=Example("""\
nodes:
  number: {type: itertools.count}
  numbers: {type: range, depends: number.value}
  each: {type: map, depends: numbers.value}
  pairs: {type: gather, depends: each.value, params: {n: 2, flush: true}}
"""),
        good=Example("""\
nodes:
  number: {type: itertools.count}
  numbers: {type: range, depends: number.value}
  each: {type: map, depends: numbers.value}
  all: {type: gather, depends: [each.value, {n: each.n}]}
  pairs: {type: gather, depends: all.value, params: {n: 2, flush: true}}
"""),
    ),
)
