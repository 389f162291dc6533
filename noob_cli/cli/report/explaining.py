"""The text that explains a rule, with what is really said of its example."""

from __future__ import annotations

import os
import sys
import tempfile
import textwrap
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from noob_cli.check.catalogue import FAMILIES, RULES
from noob_cli.check.catalogue.rule import Example, Rule
from noob_cli.cli.report.checking import check_tubes
from noob_cli.cli.shell.messages import format_diagnostic
from noob_cli.spelling import suggest
from noob_cli.working_folder import working_folders

_MOST_COLUMNS = 100
_INDENT = "    "


def find_rule(code: str) -> Rule:
    """The rule of a code or of a name, in capitals or not.

    Raises:
        LookupError: There is none; says so with the nearest.
    """
    for rule in RULES.values():
        if code.upper() == rule.code or code.lower() == rule.name:
            return rule
    family = [known for known in RULES if known[0] == code[:1].upper() and code[1:].isdigit()]
    names = [rule.name for rule in RULES.values()]
    hint = suggest(code.upper(), family, "rules") if family else suggest(code.lower(), names, "rules")
    raise LookupError(f"there is no rule '{code}': {hint} ('noob rules' lists all)")


def explanation_of(rule: Rule, columns: int = _MOST_COLUMNS) -> str:
    """The rule, a tube that breaks it, what is said of that, and the tube put right.

    Args:
        rule: The rule.
        columns: How wide the terminal is.
    """
    width = min(columns, _MOST_COLUMNS)
    return "\n".join(
        [
            f"{rule.code} {rule.name} ({rule.severity}, {FAMILIES[rule.code[0]]})",
            "",
            textwrap.fill(rule.summary, width),
            "",
            textwrap.fill(rule.why, width),
            "",
            "Wrong:",
            "",
            _source_of(rule.bad),
            f"What 'noob validate {rule.bad.asked}' says:",
            "",
            textwrap.indent(validated(rule.bad), _INDENT),
            "",
            "Right:",
            "",
            _source_of(rule.good),
        ]
    )


def validated(example: Example) -> str:
    """What `noob validate` says of an example."""
    with written(example) as folder:
        lines = []
        for tube in check_tubes([example.asked], strict=False):
            lines += [format_diagnostic(diagnostic) for diagnostic in tube.diagnostics]
            if tube.is_valid:
                lines.append(f"{tube.name}: valid")
        return "\n".join(lines).replace(f"{folder}{os.sep}", "")


@contextmanager
def written(example: Example) -> Iterator[Path]:
    """The files of an example in the working folder, which is a temporary one, and from which packages are found."""
    before, path = working_folders(), list(sys.path)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name).resolve()
        for file, text in example.all_files.items():
            (folder / file).parent.mkdir(exist_ok=True)
            (folder / file).write_text(text, encoding="utf-8")
        os.chdir(folder)
        sys.path.append(name)
        try:
            yield folder
        finally:
            sys.path[:] = path
            os.chdir(before[0] if before else os.sep)


def _source_of(example: Example) -> str:
    files = example.all_files
    parts = [f"# {name}\n{text}" if len(files) > 1 else text for name, text in files.items()]
    return textwrap.indent("\n".join(parts), _INDENT)
