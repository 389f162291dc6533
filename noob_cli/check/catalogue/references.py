"""Rules on references to nodes, signals, inputs and assets."""

from __future__ import annotations

from noob_cli.check.catalogue.rule import Example, Rule

_SIGNALS = """\
from typing import Annotated

from noob_cli import Name


def divide(value: int) -> tuple[Annotated[int, Name("quotient")], Annotated[int, Name("rest")]]:
    return divmod(value, 10)
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
        code="A002",
        name="stored-is-no-signal",
        summary="What is stored in an asset is not the signal of a node.",
        why=(
            "An input and an asset are there in every epoch anyway, and a 'return' node has no signals. Store the "
            "signal of the node whose result is to come back."
        ),
        bad=Example("""\
input:
  number: {type: int, scope: process}
assets:
  previous: {type: int, scope: runner, depends: input.number}
nodes:
  change: {type: operator.sub, depends: [input.number, assets.previous]}
"""),
        good=Example("""\
input:
  number: {type: int, scope: process}
assets:
  previous: {type: int, scope: runner, depends: current.value}
nodes:
  current: {type: operator.pos, depends: input.number}
  change: {type: operator.sub, depends: [input.number, assets.previous]}
"""),
    ),
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
)
