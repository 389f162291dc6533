"""Rules on nested tubes."""

from __future__ import annotations

from noob_cli.check.catalogue.rule import Example, Rule

_CHILD = """\
input:
  number: {type: int, scope: process}
nodes:
  half: {type: operator.truediv, depends: [input.number, input.number]}
  return: {type: return, depends: half.value}
"""


RULES = (
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
)
