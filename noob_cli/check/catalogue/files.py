"""Rules on files, and YAML."""

from __future__ import annotations

from noob_cli.check.catalogue.rule import Example, Rule
from noob_cli.diagnostics import Severity

_BASE = """\
nodes:
  number: {type: itertools.count}
"""


RULES = (
    Rule(
        code="Y001",
        name="not-yaml",
        summary="The file can't be read as YAML.",
        why="A tube is a YAML 1.2 file in UTF-8. Nothing else in the file can be checked until it can be read.",
        bad=Example("""\
nodes:
  number: {type: itertools.count
"""),
        good=Example("""\
nodes:
  number: {type: itertools.count}
"""),
    ),
    Rule(
        code="Y002",
        name="duplicate-key",
        summary="A key stands twice in the same mapping.",
        why=(
            "Most YAML readers let the last one win without a word, so that a node that was copied and not renamed "
            "replaces another. Here the first holds, and the second is shown."
        ),
        bad=Example("""\
nodes:
  number: {type: itertools.count}
  number: {type: random.random}
"""),
        good=Example("""\
nodes:
  number: {type: itertools.count}
  chance: {type: random.random}
"""),
    ),
    Rule(
        code="Y004",
        name="id-found-twice",
        summary="An id is in several files.",
        why=(
            "Ids are looked for in several places, and the first match wins. A copy in another folder is one "
            "rename away from being run instead: give it an id of its own, or name the file. It is shown where the id "
            "was asked for, and for the second of two tubes that are checked in one call."
        ),
        severity=Severity.warning,
        bad=Example(
            """\
noob_id: squares
nodes:
  number: {type: itertools.count}
""",
            files={"zz_old/tube.yaml": "noob_id: squares\nnodes: {}\n"},
            asked="squares",
        ),
        good=Example(
            """\
noob_id: squares
nodes:
  number: {type: itertools.count}
""",
            files={"zz_old/tube.yaml": "noob_id: old-squares\nnodes: {}\n"},
            asked="squares",
        ),
    ),
    Rule(
        code="Y005",
        name="extended-tube-not-found",
        summary="A tube that is extended can't be found, or is none.",
        why=(
            "What 'extends' names is a path, from the folder of this file or from the working folder, or the id of a "
            "tube in one of the places that are searched."
        ),
        bad=Example(
            """\
extends: [bass.yaml]
""",
            files={"base.yaml": _BASE},
        ),
        good=Example(
            """\
extends: [base.yaml]
""",
            files={"base.yaml": _BASE},
        ),
    ),
    Rule(
        code="Y006",
        name="extends-in-a-circle",
        summary="Tubes extend each other in a circle.",
        why="Each would have to be read before the other. Put what they have in common into a tube of its own.",
        bad=Example(
            """\
extends: [base.yaml]
""",
            files={"base.yaml": "extends: [tube.yaml]\n" + _BASE},
        ),
        good=Example(
            """\
extends: [base.yaml]
""",
            files={"base.yaml": _BASE},
        ),
    ),
    Rule(
        code="Y007",
        name="too-much",
        summary="A tube goes beyond a bound: of size, of depth, or of what its aliases add.",
        why=(
            "The bounds are far beyond what a tube needs, and keep a file that somebody else wrote, or that is no tube "
            "at all, from taking all time and memory. Data belongs in a file of its own, which a node reads."
        ),
        bad=Example("""\
nodes:
  a_million:
    type: dict
    params:
      a: &a [0, 1, 2, 3, 4, 5, 6, 7, 8, 9]
      b: &b [*a, *a, *a, *a, *a, *a, *a, *a, *a, *a]
      c: &c [*b, *b, *b, *b, *b, *b, *b, *b, *b, *b]
      d: &d [*c, *c, *c, *c, *c, *c, *c, *c, *c, *c]
      e: &e [*d, *d, *d, *d, *d, *d, *d, *d, *d, *d]
      f: &f [*e, *e, *e, *e, *e, *e, *e, *e, *e, *e]
"""),
        good=Example("""\
nodes:
  ten:
    type: dict
    params:
      a: [0, 1, 2, 3, 4, 5, 6, 7, 8, 9]
"""),
    ),
    Rule(
        code="Y008",
        name="source-fails",
        summary="An installed package that names folders with tubes fails to do so.",
        why=(
            "Packages name folders with tubes by entry points of the group 'noob.add_sources', functions that return a "
            "list of paths. One that can't be imported, raises an error or returns something else is passed over, so "
            "that its tubes are not found: mend that package, or remove it."
        ),
        severity=Severity.warning,
        bad=Example(
            """\
noob_id: squares
nodes:
  number: {type: itertools.count}
""",
            files={
                "installed-1.0.dist-info/entry_points.txt": "[noob.add_sources]\nmine = no_such_module:tubes\n",
                "installed-1.0.dist-info/METADATA": "Metadata-Version: 2.1\nName: installed\nVersion: 1.0\n",
            },
            asked="squares",
        ),
        good=Example(
            """\
noob_id: squares
nodes:
  number: {type: itertools.count}
""",
            files={
                "installed-1.0.dist-info/entry_points.txt": "[noob.add_sources]\nmine = installed_tubes:folders\n",
                "installed-1.0.dist-info/METADATA": "Metadata-Version: 2.1\nName: installed\nVersion: 1.0\n",
                "installed_tubes.py": """\
from pathlib import Path


def folders() -> list[Path]:
    return [Path(__file__).parent / "tubes"]
""",
            },
            asked="squares",
        ),
    ),
)
