"""Rules on the code that is named."""

from __future__ import annotations

from noob_cli.check.catalogue.rule import Example, Rule
from noob_cli.diagnostics import Severity

RULES = (
    Rule(
        code="C001",
        name="code-not-found",
        summary="What 'type' names does not exist.",
        why=(
            "A 'type' is a builtin, or a dotted Python path: a module, and what is in it. The message says which part "
            "of the path is missing. The folder of the tube and the working folder are searched first."
        ),
        bad=Example("""\
nodes:
  number: {type: itertools.cuont}
"""),
        good=Example("""\
nodes:
  number: {type: itertools.count}
"""),
    ),
    Rule(
        code="C002",
        name="module-fails",
        summary="The module that 'type' names raises an error when it is imported.",
        why="The message has the error, and the line that raised it.",
        bad=Example(
            """\
nodes:
  share: {type: failing_shares.share}
""",
            files={
                "failing_shares.py": """\
TOTAL = 0
EACH = 100 / TOTAL


def share() -> float:
    return EACH
"""
            },
        ),
        good=Example(
            """\
nodes:
  share: {type: good_shares.share}
""",
            files={
                "good_shares.py": """\
TOTAL = 4
EACH = 100 / TOTAL


def share() -> float:
    return EACH
"""
            },
        ),
    ),
    Rule(
        code="C003",
        name="not-a-node",
        summary="What 'type' names can't be run as a node.",
        why=(
            "A node is a function, a generator, a coroutine function, or a class: with one method that is marked as "
            "the process method or named 'process', or one that is simply called. A process method that is a "
            "generator takes no slots: return a list, and put a 'map' behind it."
        ),
        bad=Example("""\
nodes:
  angle: {type: math.pi}
"""),
        good=Example("""\
nodes:
  number: {type: itertools.count}
  angle: {type: math.radians, depends: number.value}
"""),
    ),
    Rule(
        code="C004",
        name="not-an-asset",
        summary="What the 'type' of an asset names can't make one.",
        why="An asset is made by a class, by a function whose result is the asset, or by a subclass of 'Asset'.",
        bad=Example("""\
assets:
  home: {type: os.sep, scope: runner}
nodes:
  length: {type: len, depends: assets.home}
"""),
        good=Example("""\
assets:
  home: {type: os.getcwd, scope: runner}
nodes:
  length: {type: len, depends: assets.home}
"""),
    ),
    Rule(
        code="C005",
        name="private-code",
        summary="What 'type' names is private by its name.",
        why=(
            "A name with '_' in front says that it is for the module that it is in: it may change or go in the next "
            "version, without a word. Name something public, or, if the code is yours, give it a public name."
        ),
        severity=Severity.warning,
        bad=Example("""\
input:
  numbers: {type: 'list[float]', scope: process}
nodes:
  total: {type: statistics._sum, depends: input.numbers}
"""),
        good=Example("""\
input:
  numbers: {type: 'list[float]', scope: process}
nodes:
  total: {type: math.fsum, depends: input.numbers}
"""),
    ),
    Rule(
        code="C007",
        name="wrong-signal-names",
        summary="Code names two signals alike, or one with what is no name.",
        why=(
            "Others take a signal by its name, as 'node.signal': it is an identifier, letters, digits and _ with no "
            "digit first, and each signal of a node has one of its own."
        ),
        bad=Example(
            """\
nodes:
  number: {type: itertools.count}
  parts: {type: tens_of_one_name.divide, depends: number.value}
""",
            files={
                "tens_of_one_name.py": """\
from typing import Annotated

from noob_cli import Name


def divide(value: int) -> tuple[Annotated[int, Name("part")], Annotated[int, Name("part")]]:
    return divmod(value, 10)
"""
            },
        ),
        good=Example(
            """\
nodes:
  number: {type: itertools.count}
  parts: {type: tens_of_two_names.divide, depends: number.value}
""",
            files={
                "tens_of_two_names.py": """\
from typing import Annotated

from noob_cli import Name


def divide(value: int) -> tuple[Annotated[int, Name("quotient")], Annotated[int, Name("rest")]]:
    return divmod(value, 10)
"""
            },
        ),
    ),
    Rule(
        code="C008",
        name="lost-mark",
        summary="A method overrides one that is marked, without the mark.",
        why=(
            "A mark, '@init_method' and the like, is put on a method, not on its name: in the subclass the method "
            "isn't run. Put the mark on it there too. Of a process method that leaves the class without one it is said "
            "that there is none."
        ),
        severity=Severity.warning,
        bad=Example(
            """\
nodes:
  number: {type: itertools.count}
  sum: {type: sums_without_mark.Loud, depends: number.value}
""",
            files={
                "sums_without_mark.py": """\
from noob_cli import init_method


class Sum:
    @init_method
    def clear(self) -> None:
        self.sum = 0

    def process(self, value: int) -> int:
        self.sum += value
        return self.sum


class Loud(Sum):
    def clear(self) -> None:
        self.sum = 1000
"""
            },
        ),
        good=Example(
            """\
nodes:
  number: {type: itertools.count}
  sum: {type: sums_with_mark.Loud, depends: number.value}
""",
            files={
                "sums_with_mark.py": """\
from noob_cli import init_method


class Sum:
    @init_method
    def clear(self) -> None:
        self.sum = 0

    def process(self, value: int) -> int:
        self.sum += value
        return self.sum


class Loud(Sum):
    @init_method
    def clear(self) -> None:
        self.sum = 1000
"""
            },
        ),
    ),
)
