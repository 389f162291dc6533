"""What a shell is told when a name is completed: what there is, of which typer leaves out what begins otherwise.

Annotations are not strings where typer reads them: it would evaluate each several times.
"""

import os
import re
import sys
import warnings
from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from typer import Context
from typer.core import TyperArgument, TyperOption

if TYPE_CHECKING:
    from noob_cli.loading.loaded import Loaded


def leave_as_typed() -> None:
    """Let what is typed be while it is completed: to convert it takes pydantic, and tells a shell nothing."""
    for kind in (TyperArgument, TyperOption):
        kind.process_value = _unconverted  # type: ignore[assignment, method-assign]


def _unconverted(parameter: object, context: object, value: Any) -> Any:
    return value


def join_values() -> None:
    """Let `NAME=VALUE` be one word: bash takes it apart into three."""
    with suppress(KeyError, ValueError):
        text, at = os.environ["COMP_WORDS"], int(os.environ["COMP_CWORD"])
        separator = "\n" if "\n" in text else " "
        joined: list[str] = []
        before = ""
        for number, word in enumerate(text.split(separator)):
            if joined and word and "=" in (word, before):
                joined[-1] += word
            else:
                joined.append(word)
            before = word
            if number == at:
                os.environ["COMP_CWORD"] = str(len(joined) - 1)
        os.environ["COMP_WORDS"] = separator.join(joined)


def leave_no_space() -> None:
    """Let bash put no space behind what is completed and goes on: a folder, or the name of an input."""
    scripts = getattr(sys.modules.get("typer._completion_shared"), "_completion_scripts", {})
    if "bash" in scripts:
        scripts["bash"] = scripts["bash"].replace("    return 0\n", f"    {_NO_SPACE}\n    return 0\n")
        if (bash := getattr(sys.modules.get("typer._completion_classes"), "BashComplete", None)) is not None:
            bash.source_template = scripts["bash"]


def keep_words_whole() -> None:
    """Let bash take a name with spaces in it for one word, unless what is typed is in quotes."""
    bash = getattr(sys.modules.get("typer._completion_classes"), "BashComplete", None)
    if bash is not None and not _word_in_bash().startswith(("'", '"')):
        format_completion = bash.format_completion
        bash.format_completion = lambda shell, item: _SPECIAL_IN_BASH.sub(r"\\\g<0>", format_completion(shell, item))


def _word_in_bash() -> str:
    """The word that is being typed, as it stands on the line."""
    with suppress(KeyError, ValueError, IndexError):
        return os.environ["COMP_WORDS"].split("\n")[int(os.environ["COMP_CWORD"])]
    return ""


_SPECIAL_IN_BASH = re.compile(r"[ \t\"'`$()&;<>|*?!\\\[\]{}#~]")


def keep_options() -> None:
    """Tell zsh and fish the whole word where an option and its value are one: `--sample=words`. Bash has two there."""
    for kind in ("ZshComplete", "FishComplete"):
        shell = getattr(sys.modules.get("typer._completion_classes"), kind, None)
        if shell is not None:
            shell.get_completions = _with_options(shell.get_completions)


def _with_options(get_completions: Callable[..., list[Any]]) -> Callable[..., list[Any]]:
    def with_options(shell: Any, args: list[str], incomplete: str) -> list[Any]:
        items = get_completions(shell, args, incomplete)
        option, separator, _ = incomplete.partition("=")
        if separator and option.startswith("--"):
            for item in items:
                item.value = f"{option}={item.value}"
        return items

    return with_options


_NO_SPACE = "[[ $COMPREPLY == *[=/] ]] && compopt -o nospace"


def complete_tube(incomplete: str) -> list[str]:
    """The folders, tube files and ids that begin like this.

    Args:
        incomplete: What has been typed.
    """
    return sorted({*_paths(incomplete), *_ids(incomplete)})


def complete_input(ctx: Context, incomplete: str) -> list[tuple[str, str]]:
    """The tube-scoped inputs of the tube on the line that aren't given yet, each with its type.

    Args:
        ctx: What stands on the line.
        incomplete: What has been typed.
    """
    tube = _tube_on_line(ctx)
    if tube is None or "=" in incomplete:
        return []
    from pydantic import ValidationError

    from noob_cli.errors import NoobError
    from noob_cli.specification.input import InputScope
    from noob_cli.specification.tube import TubeSpecification

    try:
        inputs = TubeSpecification.from_id(tube).input
    except (NoobError, ValidationError):
        # That is for the command to complain of.
        return []
    known = {text.partition("=")[0] for text in ctx.params.get("inputs") or ()}
    return [
        (f"{name}=", _harmless(" - ".join(filter(None, (spec.type_, spec.description)))))
        for name, spec in inputs.items()
        if spec.scope is InputScope.tube and name not in known
    ]


def complete_runner() -> list[str]:
    """The runners."""
    from noob_cli.runners.by_name import RUNNERS

    return list(RUNNERS)


def complete_node(ctx: Context) -> list[str]:
    """The nodes of the tube on the line.

    Args:
        ctx: What stands on the line.
    """
    from noob_cli.cli.shell.tube_names import node_names

    return [name for tube in _read_tube(ctx) for name in node_names(tube)]


def complete_watched(ctx: Context, incomplete: str) -> list[str]:
    """What may be watched in the tube on the line, behind the names that stand there already.

    Args:
        ctx: What stands on the line.
        incomplete: What has been typed: names with commas between them.
    """
    from noob_cli.cli.shell.tube_names import value_names

    before, comma, _ = incomplete.rpartition(",")
    names = (name for tube in _read_tube(ctx) for name in value_names(tube))
    # Code may call a signal whatever it likes.
    return [f"{before}{comma}{name}" for name in names if name == _harmless(name)]


def _tube_on_line(ctx: Context) -> str | None:
    """The tube that is named: an option that has no value yet keeps the words of a line from being told apart."""
    tube: str | None = ctx.params.get("tube") or next(iter(ctx.args), None)
    return tube


def _read_tube(ctx: Context) -> Iterator["Loaded"]:
    """The tube on the line, as far as it can be read; its code is not imported."""
    from noob_cli.code.reading.reading import ReadCode
    from noob_cli.errors import NoobError
    from noob_cli.loading.loading import document_of, examined

    tube = _tube_on_line(ctx)
    # What Python has to say of the code would come between what is typed.
    with suppress(NoobError), warnings.catch_warnings(action="ignore"):
        if tube is not None:
            yield examined(document_of(tube), ReadCode)[0]


def _harmless(text: str) -> str:
    """A text in one line, without what a shell that evaluates it might run: typer's escapes can be undone."""
    return " ".join(re.sub(r"[^\w\s.,:;()\[\]|=/+-]", "", text).split())


def _paths(incomplete: str) -> Iterator[str]:
    from noob_cli.specification.search import SUFFIXES
    from noob_cli.testing import SUFFIXES as SUFFIXES_OF_TESTS

    folder, start = os.path.split(incomplete)
    try:
        entries = sorted(os.scandir(folder or "."), key=lambda entry: entry.name)
    except OSError:
        return
    for entry in entries:
        is_hidden = entry.name.startswith(".") and not start
        # With a backslash, a name undoes what typer does to keep a shell from evaluating the rest of it.
        if not entry.name.startswith(start) or is_hidden or "\\" in entry.name:
            continue
        path = os.path.join(folder, entry.name)
        if entry.is_dir():
            yield f"{path}{os.sep}"
        elif entry.name.endswith(SUFFIXES) and not entry.name.endswith(SUFFIXES_OF_TESTS):
            yield path


def _ids(incomplete: str) -> Iterator[str]:
    if incomplete.startswith((".", os.sep)):
        return
    from noob_cli.errors import TubeNotFoundError
    from noob_cli.specification.search import named_ids, search_places
    from noob_cli.working_folder import working_folders

    try:
        places = search_places().folders
    except TubeNotFoundError:
        # A place that can't be read is for the command to complain of.
        places = working_folders()
    for place in places:
        yield from named_ids(place)
