"""The emitter of coroutine nodes that are started in order and awaited together."""

from __future__ import annotations

from contextlib import nullcontext

from noob_cli.codegen.calls import leave_loops, unpack
from noob_cli.codegen.emission import Emission, timer_of
from noob_cli.codegen.expressions import awaited_call_of, call_of, target_of, there
from noob_cli.codegen.retries import retrying, wait_for_turn
from noob_cli.codegen.scopes import living
from noob_cli.plan.passes.coroutines import AwaitedCall, awaited_call
from noob_cli.plan.steps import Isolate, Together


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
    for call, needs, silent, *_ in calls:
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
            emission.steps(awaited.checks)
            coroutine = call_of(awaited.call)
            if place.name in emission.plan.timed:
                coroutine = f"{timer_of(place)}.awaiting({coroutine})"
        emission.line(f"started.append(({place.name!r}, {coroutine}))")


def _define_task(emission: Emission, awaited: AwaitedCall) -> None:
    """A coroutine that makes a call, with all that belongs to it, in the task that it becomes."""
    objects = [asset.target.name for asset in awaited.assets]
    if objects:
        emission.line(f"{' = '.join(objects)} = NoEvent")
    checks = [check for check in awaited.checks if isinstance(check, Isolate)]
    # What is stored is compared with the objects when all are through.
    held = [variable.name for check in checks for variable in check.held.variables]
    with emission.function("async def in_task()", *objects, *held):
        with retrying(emission, awaited.retry) if awaited.retry is not None else nullcontext():
            if awaited.paced is not None:
                wait_for_turn(emission, awaited.paced)
            with living(emission, awaited.assets) if awaited.assets else nullcontext():
                emission.steps(awaited.checks)
                with emission.timed(awaited.call.place):
                    emission.line(f"result = {awaited_call_of(awaited.call)}")
        emission.line("return result")
