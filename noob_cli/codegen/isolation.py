"""Emitters of alias checks: what is to be stored is copied where somebody else gets the same object."""

from __future__ import annotations

from noob_cli.codegen.emission import Emission
from noob_cli.plan.steps import Held, Isolate, IsolateAny, Lookup


def emit_isolate(emission: Emission, step: Isolate) -> None:
    """What is to be stored from a signal is compared with what somebody gets."""
    held, received = step.held.variables[0].name, step.received
    conditions = [f"{variable.name} is {held}" for variable in received.shared]
    conditions += [f"any(element is {held} for element in {variable.name})" for variable in received.among]
    same = " or ".join(conditions)
    same = f"({same})" if len(conditions) > 1 else same
    unless = "" if received.unless is None else f" and {held} is not {received.unless.name}"
    with emission.block(f"if {same}{unless} and type({held}) not in ATOMIC"):
        _copy(emission, step.held, repr(received.receiver))


def emit_isolate_any(emission: Emission, step: IsolateAny) -> None:
    """What somebody gets is looked up among what is to be stored."""
    received = step.received
    for variable in received.shared:
        unless = "" if received.unless is None else f" and {variable.name} is not {received.unless.name}"
        with emission.block(f"if id({variable.name}) in {step.known}{unless}"):
            emission.line(f"{step.isolate}({variable.name}, {step.node!r}, {received.receiver!r})")
    for variable in received.among:
        with emission.block(f"for element in {variable.name}"), emission.block(f"if id(element) in {step.known}"):
            emission.line(f"{step.isolate}(element, {step.node!r}, {received.receiver!r})")


def emit_isolating(emission: Emission, lookup: Lookup) -> None:
    """The function that copies all that is to be stored and is a certain object."""
    with emission.function(f"def {lookup.isolate}(shared, at, receiver)", emission.assigned_in([lookup])):
        with emission.block("if type(shared) in ATOMIC"):
            emission.line("return")
        for held in lookup.held:
            with emission.block(f"if {held.variables[0].name} is shared and at != {held.node!r}"):
                _copy(emission, held, "receiver")
    emission.line("")


def _copy(emission: Emission, held: Held, receiver: str) -> None:
    names = [variable.name for variable in held.variables]
    emission.line(f"{' = '.join(names)} = copied({names[0]}, {held.asset!r}, {held.signal!r}, {receiver})")
