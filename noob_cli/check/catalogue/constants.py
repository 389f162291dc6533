"""Rules on the types of constants."""

from __future__ import annotations

from noob_cli.check.catalogue.rule import Example, Rule
from noob_cli.diagnostics import Severity

_WORDS = """\
def words(text: str) -> list[str]:
    return text.split()


def shout(word: str) -> str:
    return f"{word.upper()}!"
"""


RULES = (
    Rule(
        code="T004",
        name="constant-of-another-type",
        summary="A constant in 'params' can't be what the code takes.",
        why=(
            "The annotation of the parameter says so: no value of the constant's kind is of that type. Text is no "
            "'Path', unless a pydantic class makes one of it. An input of a nested tube is validated, so that a wrong "
            "constant for it is an error. 'noob validate' checks it, a run doesn't."
        ),
        severity=Severity.warning,
        bad=Example(
            """\
nodes:
  shout: {type: shouting.shout, params: {word: 3}}
""",
            files={"shouting.py": _WORDS},
        ),
        good=Example(
            """\
nodes:
  shout: {type: shouting.shout, params: {word: three}}
""",
            files={"shouting.py": _WORDS},
        ),
    ),
)
