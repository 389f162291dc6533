"""Rules on the modules that code is in."""

from __future__ import annotations

from noob_cli.check.catalogue.rule import Example, Rule
from noob_cli.diagnostics import Severity

RULES = (
    Rule(
        code="C006",
        name="name-of-another-module",
        summary="A module beside the tube has the name of one of Python's, or of one that is in use already.",
        why=(
            "The folder of the tube and the working folder come first, so that 'type' finds the module that is there. "
            "Whoever else imports that name, in the same folder too, gets the other one, as all of Python and this "
            "command rely on it. The classes of the module beside the tube are those of 'noob_cli.beside.NAME', by "
            "which they are pickled. Give the file a name of its own."
        ),
        severity=Severity.warning,
        bad=Example(
            """\
nodes:
  number: {type: itertools.count}
  double: {type: queue.double, depends: number.value}
""",
            files={
                "queue.py": """\
def double(number: int) -> int:
    return 2 * number
"""
            },
        ),
        good=Example(
            """\
nodes:
  number: {type: itertools.count}
  double: {type: my_queue.double, depends: number.value}
""",
            files={
                "my_queue.py": """\
def double(number: int) -> int:
    return 2 * number
"""
            },
        ),
    ),
)
