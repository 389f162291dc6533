"""Rules on `map` and `gather`."""

from __future__ import annotations

from noob_cli.check.catalogue.rule import Example, Rule

RULES = (
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
