"""The emitter of coroutine nodes that are started in order and awaited together."""

from __future__ import annotations

from contextlib import nullcontext

from noob_cli.codegen.calls import leave_loops, unpack
from noob_cli.codegen.emission import Emission, timer_of
from noob_cli.codegen.expressions import call_of, target_of, there
from noob_cli.plan.passes.coroutines import AwaitedCall, awaited_call
from noob_cli.plan.steps import Isolate, OpenAsset, Together


def emit_together(emission: Emission, step: Together) -> None:
    """Coroutines are started in order and all awaited, and each node gets its result."""
    line, block = emission.line, emission.block
    calls = [awaited for inner in step.calls if (awaited := awaited_call(inner)) is not None]
    line("started = []")
    with emission.nesting("try"):
        for awaited in calls:
            _start(emission, awaited)
    with block("except BaseException"):
        line("discard(started)")
        line("raise")
    line(f"finished = await together(started, {emission.this_epoch}, {emission.end_of_run}, end_tubes)")
    if emission.loops:
        with block("if None in finished"):
            leave_loops(emission)
    for call, _, needs, silent in calls:
        with emission.at(call.place):
            with block(f"if {there(needs)}") if needs else nullcontext():
                line(f"{target_of(call.output) or '_ = '}finished[{call.place.name!r}]")
                unpack(emission, call.output)
                emission.count_events(call.place, call.output.names)
            if needs and silent:
                with block("else"):
                    line(f"{' = '.join(variable.name for variable in silent)} = NoEvent")


def _start(emission: Emission, awaited: AwaitedCall) -> None:
    place = awaited.call.place
    needed = there(awaited.needs)
    with emission.at(place), emission.block(f"if {needed}") if needed else nullcontext():
        if awaited.is_more_than_a_call:
            _define_task(emission, awaited)
            coroutine = "in_task()"
        else:
            emission.steps(awaited.steps[:-1])
            coroutine = call_of(awaited.call)
            if place.name in emission.plan.timed:
                coroutine = f"{timer_of(place)}.awaiting({coroutine})"
        emission.line(f"started.append(({place.name!r}, {coroutine}))")


def _define_task(emission: Emission, awaited: AwaitedCall) -> None:
    """A coroutine that makes a call, with all that belongs to it, in the task that it becomes."""
    parts = [part for step in awaited.steps for part in step.walk()]
    objects = [part.target.name for part in parts if isinstance(part, OpenAsset)]
    if objects:
        emission.line(f"{' = '.join(objects)} = NoEvent")
    # What is stored is compared with the objects when all are through.
    held = [variable.name for part in parts if isinstance(part, Isolate) for variable in part.held.variables]
    with (
        emission.function("async def in_task()", emission.assigned_in(awaited.steps), [*objects, *held]),
        emission.in_task(),
    ):
        emission.steps(awaited.steps)
        emission.line("return result")
