"""Rules on the order of nodes."""

from __future__ import annotations

from noob_cli.check.catalogue.rule import Example, Rule

RULES = (
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
