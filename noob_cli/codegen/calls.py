"""Emitters of calls of nodes, conditions, events, and of what an epoch stores and returns."""

from __future__ import annotations

from contextlib import nullcontext

from noob_cli.codegen.emission import Emission
from noob_cli.codegen.expressions import awaited_call_of, call_of, expression, returned_by, target_of, there
from noob_cli.plan.steps import Call, Record, Return, Show, Store, TakeOut, When
from noob_cli.plan.values import Output


def emit_when(emission: Emission, step: When) -> None:
    """Steps under the condition that the values which they need are there; else what they would emit is `NoEvent`."""
    if not step.needs:
        emission.steps(step.steps)
        return
    with emission.block(f"if {there(step.needs)}"):
        emission.steps(step.steps)
    if step.silent:
        with emission.block("else"):
            emission.line(f"{' = '.join(variable.name for variable in step.silent)} = NoEvent")


def emit_call(emission: Emission, step: Call) -> None:
    """The call of a node."""
    called = awaited_call_of(step) if step.awaited else call_of(step)
    if emission.is_in_task:
        with emission.timed(step.place):
            emission.line(f"result = {called}")
        return
    target = target_of(step.output)
    with emission.timed(step.place):
        with emission.block("try"):
            emission.line(f"{target}{called}")
        with emission.block("except EndOfRun"):
            emission.line(f"{target}{emission.end_of_run}({step.place.name!r}, end_tubes)")
            leave_loops(emission)
    unpack(emission, step.output)
    emission.count_events(step.place, step.output.names)


def leave_loops(emission: Emission) -> None:
    """End the loops around here with the item that is under way: nothing is left of what they go through."""
    for loop in emission.loops:
        if loop.shortened is None:
            emission.line(f"exhaust({loop.iterator})")
        else:
            # A later pass doesn't begin the items that this one has not.
            items = loop.shortened
            emission.line(f"{items} = {items}[: len({items}) - exhaust({loop.iterator})]")


def unpack(emission: Emission, output: Output) -> None:
    """Assign the values of a result that is a tuple with one value per signal, if it is one."""
    if not output.several:
        return
    names = [variable.name if variable is not None else "_" for variable in output.variables]
    with emission.block("if values is NoEvent"):
        emission.line(f"{' = '.join(dict.fromkeys(names))} = NoEvent")
    with emission.block("else"):
        values = f"by_signal(values, {output.named})" if output.named else "values"
        emission.line(f"{', '.join(names)} = several({values}, {len(names)})")


def emit_taken_out(emission: Emission, step: TakeOut) -> None:
    """Take the value out of an event that a node has made itself: only a dict may be one, and only a list several."""
    value, epoch, now = step.value.name, "_", expression(step.epoch)
    if step.target is not None:
        epoch = step.target.name
        emission.line(f"{epoch} = {now}")
        now = epoch
    with emission.block(f"if type({value}) is dict or type({value}) is list"):
        emission.line(f"{value}, {epoch} = taken_out({value}, {step.node!r}, {now})")


def emit_record(emission: Emission, step: Record) -> None:
    """The making of an event."""
    make = "emit_event" if step.notify else "event_of"
    assign = f"{step.target.name} = " if step.target is not None else ""
    who = f"{step.node!r}, {step.place.name!r}" if step.notify else repr(step.node)
    emission.line(f"{assign}{make}({who}, {step.signal!r}, {expression(step.epoch)}, {step.value.name})")


def emit_show(emission: Emission, step: Show) -> None:
    """A value is kept for who watches the run."""
    emission.line(f"{step.last} = {step.value.name}")
    emission.line(f"{step.count} += 1")


def emit_store(emission: Emission, step: Store) -> None:
    """Keep a value for the asset that stores it; where it may come several times in an epoch, the last holds."""
    there_is = f"if {step.value.name} is not NoEvent"
    with emission.block(there_is) if step.otherwise is not None else nullcontext():
        emission.line(f"{step.pending.name} = {step.value.name}")
        emission.remember(step.pending.name)


def emit_return(emission: Emission, step: Return) -> None:
    """What an epoch returns."""
    emission.line(f"{step.target.name} = {returned_by(step)}")
