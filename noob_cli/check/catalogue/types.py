"""Rules on the types along the edges."""

from __future__ import annotations

from noob_cli.check.catalogue.rule import Example, Rule
from noob_cli.diagnostics import Severity

_WORDS = """\
def words(text: str) -> list[str]:
    return text.split()


def shout(word: str) -> str:
    return f"{word.upper()}!"
"""


_TOTALS = """\
def add(number: int, total: int) -> int:
    return total + number
"""


RULES = (
    Rule(
        code="T001",
        name="signal-of-another-type",
        summary="A signal's values can't be what the slot takes.",
        why=(
            "The annotations of the code on both sides say so: no value is of both types. 'int' goes into 'float', "
            "'bool' into 'int', and where anything is in doubt nothing is said. Convert the value on the way, or "
            "correct the annotation. 'noob validate' checks it, a run doesn't."
        ),
        severity=Severity.warning,
        bad=Example(
            """\
input:
  text: {type: str, scope: process}
nodes:
  words: {type: shouting.words, depends: input.text}
  shout: {type: shouting.shout, depends: words.value}
""",
            files={"shouting.py": _WORDS},
        ),
        good=Example(
            """\
input:
  text: {type: str, scope: process}
nodes:
  words: {type: shouting.words, depends: input.text}
  word: {type: map, depends: words.value}
  shout: {type: shouting.shout, depends: word.value}
""",
            files={"shouting.py": _WORDS},
        ),
    ),
    Rule(
        code="T002",
        name="input-of-another-type",
        summary="The values of an input, or its default, can't be what the slot or the parameter takes.",
        why=(
            "An input is validated against its own 'type' and arrives as that. Give it the type that the code takes. "
            "'noob validate' checks it, a run doesn't."
        ),
        severity=Severity.warning,
        bad=Example(
            """\
input:
  text: {type: int, scope: process}
nodes:
  shout: {type: shouting.shout, depends: input.text}
""",
            files={"shouting.py": _WORDS},
        ),
        good=Example(
            """\
input:
  text: {type: str, scope: process}
nodes:
  shout: {type: shouting.shout, depends: input.text}
""",
            files={"shouting.py": _WORDS},
        ),
    ),
    Rule(
        code="T003",
        name="asset-of-another-type",
        summary="An asset can't be what the slot takes.",
        why=(
            "The class that makes the asset is not one that the code takes. A carried asset has two types: that of its "
            "first value, and that of the signal that is stored in it. 'noob validate' checks it, a run doesn't."
        ),
        severity=Severity.warning,
        bad=Example(
            """\
input:
  number: {type: int, scope: process}
assets:
  total: {type: list, scope: runner, depends: add.value}
nodes:
  add: {type: adding.add, depends: [input.number, assets.total]}
""",
            files={"adding.py": _TOTALS},
        ),
        good=Example(
            """\
input:
  number: {type: int, scope: process}
assets:
  total: {type: int, scope: runner, depends: add.value}
nodes:
  add: {type: adding.add, depends: [input.number, assets.total]}
""",
            files={"adding.py": _TOTALS},
        ),
    ),
)
