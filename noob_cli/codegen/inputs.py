"""Emitters of inputs: taken from a record, from their defaults, or from what a nested tube is given."""

from __future__ import annotations

from collections.abc import Iterable

from noob_cli.codegen.emission import Emission
from noob_cli.plan.steps import TakeInput


def take_from_record(emission: Emission, steps: Iterable[TakeInput]) -> None:
    """Take the inputs from a record, the required ones first: a record that has no more than these is done with."""
    line, block = emission.line, emission.block
    whole = [step for step in steps if step.whole]
    required = [step for step in steps if step.default is None and not step.whole]
    optional = [step for step in steps if step.default is not None and not step.whole]
    for step in required:
        _take_required(emission, step)
    for step in whole:
        with emission.at(step.place):
            line(f"{step.target.name} = {step.validator}(inputs)")
    if whole and not optional:
        return
    with block(f"if len(inputs) != {len(required)}"):
        for step in optional:
            _take_optional(emission, step)
        if not whole:
            with block("if not inputs.keys() <= known_inputs"):
                line("unknown_inputs(inputs)")
    if optional:
        with block("else"):
            for step in optional:
                with emission.at(step.place):
                    line(f"{step.target.name} = {step.default_text}")


def take_defaults(emission: Emission, steps: Iterable[TakeInput], fresh: bool) -> None:
    """Give inputs their defaults, where there are no records; the runner refuses a tube that has none for one.

    Args:
        emission: Where it is emitted.
        steps: The inputs.
        fresh: Whether those are taken that are made anew for each epoch, or the others.
    """
    for step in steps:
        if step.fresh is fresh:
            emission.line(f"{step.target.name} = {step.default_text}")


def take_supplied(emission: Emission, step: TakeInput) -> None:
    """What a nested tube is given becomes its input."""
    target, supplied = step.target.name, step.supplied
    with emission.at(step.place):
        if supplied is None:
            emission.line(f"{target} = {step.default_text}")
            return
        valid = f"{step.validator}({supplied.name})"
        if supplied.optional and step.default is not None:
            valid = f"{step.default_text} if {supplied.name} is NoEvent else {valid}"
        if step.exact is not None:
            valid = f"{supplied.name} if type({supplied.name}) is {step.exact} else {valid}"
        emission.line(f"{target} = {valid}")


def _take_required(emission: Emission, step: TakeInput) -> None:
    line, block = emission.line, emission.block
    key, target = step.place.path[-1], step.target.name
    with emission.at(step.place):
        with block("try"):
            line(f"{target} = inputs[{key!r}]")
        with block("except KeyError"):
            line(f"missing_input({key!r}, inputs)")
        if step.exact is None:
            line(f"{target} = {step.validator}({target})")
        else:
            with block(f"if type({target}) is not {step.exact}"):
                line(f"{target} = {step.validator}({target})")


def _take_optional(emission: Emission, step: TakeInput) -> None:
    line, block = emission.line, emission.block
    key, target = step.place.path[-1], step.target.name
    with emission.at(step.place):
        with block(f"if {key!r} in inputs"):
            line(f"{target} = {step.validator}(inputs[{key!r}])")
        with block("else"):
            line(f"{target} = {step.default_text}")
