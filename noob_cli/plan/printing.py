"""A plan as text: its state, what its names are bound to, and its steps with their effects and blocks."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from noob_cli.plan.part import Part
from noob_cli.plan.place import Place
from noob_cli.plan.plan import Binding, MakerOf, OfAsset, OfCode, OfNode, Plan, RateOf, RetryOf, State, ValidatorOf
from noob_cli.plan.steps import Call
from noob_cli.printable import one_line

_INDENT = "  "

_EFFECTS = ("Reads", "Writes", "Changes", "Keeps", "Calls")


def printed(plan: Plan) -> str:
    """A plan as text, a step a line, what a step holds indented below it.

    Args:
        plan: The plan.
    """
    lines = [f"plan of {one_line(plan.name)}", ""]
    for state in plan.state:
        undone = f", undone from {state.committed} if an epoch fails" if state.committed else ""
        lines.append(f"keep {state.name}: {kept_text(state)}{undone}")
    for name, binding in plan.bindings.items():
        lines.append(f"bind {name}: {bound_text(binding)}")
    for tube, finish in plan.finish.items():
        owner = f"'{tube}'" if tube else "the run"
        lines.append(f"end {owner} when these are finished: {', '.join(finish.deciding) or 'it has no nodes'}")
    lines.append("")
    lines += _lines(plan.body, "", _file_of(plan.body))
    return "\n".join([*lines, ""])


def kept_text(state: State) -> str:
    """What is kept from epoch to epoch, in words."""
    kind, owner = state.key
    return f"{kind} of '{owner}'" if owner else kind


def bound_text(binding: Binding) -> str:
    """What a name in the generated code is bound to, in words."""
    if isinstance(binding, OfNode):
        return f"a method of the instance of '{binding.node}'"
    if isinstance(binding, OfAsset):
        return f"the object of the asset '{binding.asset}'"
    if isinstance(binding, OfCode):
        return binding.code
    if isinstance(binding, MakerOf):
        return f"makes the object of the asset '{binding.asset}': {binding.code}"
    if isinstance(binding, ValidatorOf):
        return f"validates the input '{binding.input}': {binding.type_}"
    if isinstance(binding, RetryOf):
        waits = f"{binding.wait:g} s at first, then {binding.backoff:g} times as long"
        return f"lets '{binding.node}' be called again {binding.times} times, on {', '.join(binding.on)}: after {waits}"
    if isinstance(binding, RateOf):
        return f"lets '{binding.node}' be called {binding.rate}"
    text = one_line(repr(binding.value))
    return text if len(text) <= 80 else f"{text[:77]}..."


def _lines(part: Part, indent: str, file: Path | None) -> Iterator[str]:
    place = getattr(part, "place", None)
    where = f" {_where(place, file)}" if isinstance(place, Place) else ""
    effects = "; ".join(_effects(part))
    yield f"{indent}{type(part).__name__}{where}{': ' if effects else ''}{effects}"
    for held in part.parts:
        yield from _lines(held, indent + _INDENT, file)


def _effects(part: Part) -> Iterator[str]:
    for role in _EFFECTS:
        names = dict.fromkeys(part.names(role))
        if names:
            yield f"{role.lower()} {', '.join(names)}"
    flags = [name.replace("_", " ") for name in part.fields if getattr(part, name) is True]
    if isinstance(part, Call) and part.timeout is not None:
        flags.append(f"timeout {part.timeout}")
    if flags:
        yield ", ".join(flags)


def _where(place: Place, file: Path | None) -> str:
    if place.span is None:
        return str(place)
    other = "" if place.span.file == file or place.span.file is None else f" of {place.span.file.name}"
    return f"{place}, line {place.span.line}{other}"


def _file_of(body: Part) -> Path | None:
    """The file of the first step that stands in one."""
    places = (getattr(part, "place", None) for part in body.walk())
    return next((place.span.file for place in places if isinstance(place, Place) and place.span is not None), None)
