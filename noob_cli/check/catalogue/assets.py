"""A: rules on assets."""

from __future__ import annotations

from noob_cli.check.catalogue.rule import Example, Rule
from noob_cli.diagnostics import Severity

RULES = (
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
        code="A004",
        name="reader-behind-storing-node",
        summary="A node reads a carried asset and needs what is stored in it.",
        why=(
            "Readers see the value from the epoch's start, so they run before the node that stores the next one. A "
            "node that needs that node's output can't. The message has the way from one to the other: take the "
            "signal itself where the new value is meant."
        ),
        bad=Example("""\
assets:
  total: {type: int, scope: runner, depends: add.value}
nodes:
  number: {type: itertools.count}
  add: {type: operator.mul, depends: [number.value, number.value]}
  text: {type: str, depends: add.value}
  show: {type: str.zfill, depends: [text.value, assets.total]}
"""),
        good=Example("""\
assets:
  total: {type: int, scope: runner, depends: add.value}
nodes:
  number: {type: itertools.count}
  add: {type: operator.add, depends: [number.value, assets.total]}
  text: {type: str, depends: add.value}
  show: {type: str.zfill, depends: [text.value, add.value]}
"""),
    ),
    Rule(
        code="A005",
        name="no-order-of-readers",
        summary="No order of the nodes lets each read its asset before it is stored.",
        why=(
            "Readers of a carried asset run before the node that stores it. Here each of two nodes reads what the "
            "other stores. Let one of them take the other's signal instead of the asset."
        ),
        bad=Example("""\
assets:
  left: {type: int, scope: runner, depends: to_right.value}
  right: {type: int, scope: runner, depends: to_left.value}
nodes:
  to_left: {type: abs, depends: assets.left}
  to_right: {type: abs, depends: assets.right}
"""),
        good=Example("""\
assets:
  left: {type: int, scope: runner, depends: to_right.value}
nodes:
  to_left: {type: abs, depends: assets.left}
  to_right: {type: abs, depends: to_left.value}
"""),
    ),
)
