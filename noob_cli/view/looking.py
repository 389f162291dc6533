"""A look at a tube in a process of its own, so that each sees the code as it is now: `python -m noob_cli.view.looking`.

It gets what it is to look at as JSON in its argument, and writes the facts that a page is told to standard output.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Collection, Iterable, Iterator
from pathlib import Path
from typing import Any, Final

from pydantic_core import to_json

from noob_cli.diagnostics import Diagnostic, Span
from noob_cli.drawing.svg import svg
from noob_cli.errors import InputError, TubeError, TubeNotFoundError
from noob_cli.loading.loaded import Loaded
from noob_cli.loading.loading import document_of, load, type_diagnostics
from noob_cli.printable import one_line
from noob_cli.secret_inputs import MASKED
from noob_cli.specification.extends import folders_of
from noob_cli.specification.input import InputScope
from noob_cli.tube import Tube
from noob_cli.view.feed import Facts
from noob_cli.wording import short_repr, shortened
from noob_cli.working_folder import seen_from_here, working_folders

_MOST_LETTERS: Final = 100


def look_at(tube: str, folded: Collection[str] | None) -> dict[str, Any]:
    """What a page is told of a tube, and the folders with what it is made of.

    Args:
        tube: The tube: a path or an id.
        folded: The names of the nested tubes that are one box; None for all.

    Raises:
        TubeNotFoundError: There is no such tube.
    """
    facts: dict[str, Any] = {}
    folders: set[Path] = set()
    try:
        document = document_of(tube)
        folders.update(folders_of(document))
        loaded = load(document)
        folders |= _folders_of(loaded)
        diagnostics: Iterable[Diagnostic] = [*loaded.warnings, *type_diagnostics(loaded)]
        facts |= drawn(Tube(loaded), folded)
    except TubeError as error:
        diagnostics = error.diagnostics
        files = {diagnostic.span.file for diagnostic in diagnostics if diagnostic.span is not None}
        folders |= {file.resolve().parent for file in files if file is not None}
    facts["problems"] = list(map(_problem, diagnostics))
    return {"facts": facts, "folders": sorted(_with_code(folders))}


def drawn(tube: Tube, folded: Collection[str] | None) -> Facts:
    """What a page is told of a tube that is in order.

    Args:
        tube: The tube; its inputs needn't be given.
        folded: The names of the nested tubes that are one box; None for all.
    """
    nested = sorted(around.removesuffix(".") for around, _ in tube.with_nested() if around)
    folded = nested if folded is None else folded
    try:
        picture, problem = svg(tube, folded=folded, has_room=True), None
    except InputError as error:
        picture, problem = None, error.message
    return {
        "tube": {
            "name": tube.name,
            "file": _shown(tube.document.file),
            "description": tube.spec.description,
            "graph": picture,
            "no_graph": problem,
            "nested": nested,
            "folded": sorted(set(folded) & set(nested)),
            "inputs": list(_inputs(tube)),
            "result": None if tube.graph.return_node is None else f"{tube.graph.return_node.id}.value",
        }
    }


def _inputs(tube: Tube) -> Iterator[dict[str, Any]]:
    for name, spec in tube.graph.inputs.items():
        is_secret = name in tube.secrets
        yield {
            "name": name,
            "type": spec.type_,
            "of_records": spec.scope is InputScope.process,
            "required": spec.required,
            "default": repr(MASKED) if is_secret and spec.default is not None else _as_given(spec.default),
            "description": spec.description,
            "secret": is_secret,
        }


def _as_given(default: Any) -> str:
    """A default as it would be filled in: a text itself, anything else as JSON."""
    if default is None:
        return ""
    text = default if isinstance(default, str) else to_json(default, fallback=short_repr).decode()
    return shortened(one_line(text), _MOST_LETTERS)


def _problem(diagnostic: Diagnostic) -> dict[str, Any]:
    return {
        "severity": diagnostic.severity.value,
        "code": diagnostic.code,
        "message": diagnostic.message,
        "hint": diagnostic.hint,
        "place": _place(diagnostic.span),
        "related": [f"{related.message}: {_place(related.span)}" for related in diagnostic.related],
    }


def _place(span: Span | None) -> str:
    return "" if span is None else f"{_shown(span.file)}:{span.line}:{span.column}"


def _shown(file: Path | None) -> str:
    return "<tube>" if file is None else seen_from_here(file)


def _folders_of(loaded: Loaded) -> set[Path]:
    """The folders of a tube, of those that it extends, and of those nested in it."""
    return {*folders_of(loaded.document)}.union(*map(_folders_of, loaded.children.values()))


def _with_code(folders: set[Path]) -> set[str]:
    """The folders of a tube, and those of its own code."""
    near = [*folders, *working_folders()]
    files = [Path(file) for module in list(sys.modules.values()) if (file := getattr(module, "__file__", None))]
    code = {file.parent for file in files if any(file.is_relative_to(folder) for folder in near)}
    return {str(folder) for folder in folders | code if "site-packages" not in folder.parts}


def main() -> None:
    """Look at the tube that the argument names."""
    asked = json.loads(sys.argv[1])
    # What the user's modules print is not for who reads the facts.
    answer = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)
    with answer:
        try:
            seen = look_at(asked["tube"], asked["folded"])
        except (TubeNotFoundError, InputError) as error:
            seen = {"missing": str(error)}
        json.dump(seen, answer)


if __name__ == "__main__":
    main()
