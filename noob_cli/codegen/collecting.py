"""Emitters of maps and gathers: loops over items, and what is collected."""

from __future__ import annotations

from contextlib import nullcontext

from noob_cli.codegen.calls import leave_loops
from noob_cli.codegen.emission import Emission, LeftLoop, timer_of
from noob_cli.codegen.expressions import group_of, is_full
from noob_cli.codegen.tasks import emit_tasks
from noob_cli.plan.effects import may_end
from noob_cli.plan.items_at_once import is_awaited
from noob_cli.plan.steps import Append, Collected, For, Items, NewList, Push, TakeItems


def emit_items_taken(emission: Emission, step: TakeItems) -> None:
    """The items of a map."""
    value, items, number = step.value, step.items.name, step.number
    otherwise = f"() if {value.name} is NoEvent else " if value.optional else ""
    take = f"{timer_of(step.place)}.items" if step.place.name in emission.plan.timed else "tuple"
    with emission.block("try"):
        emission.line(f"{items} = {otherwise}{take}({value.name})")
    with emission.block("except EndOfRun"):
        emission.line(f"{items} = ()")
        emission.line(f"{emission.end_of_run}({step.place.name!r}, end_tubes)")
        leave_loops(emission)
    if number is not None and emission.read_counts[number.name]:
        emission.line(f"{number.name} = len({items}) or NoEvent")


def emit_loop(emission: Emission, step: For) -> None:
    """A loop over the items of a map. If it may be left, it goes through an iterator that can be exhausted."""
    if step.at_once is not None and is_awaited(step):
        emit_tasks(emission, step)
        return
    assert isinstance(step.over, Items)
    lists = [variable.name for variable in (step.over.items, *step.over.beside)]
    source = lists[0] if len(lists) == 1 else f"zip({', '.join(lists)})"
    targets = ", ".join(variable.name if variable is not None else "_" for variable in step.targets)
    if step.number is not None:
        targets = f"{step.number}, {targets if len(lists) == 1 else f'({targets})'}"
        source = f"enumerate({source})"
    can_be_left = may_end(step.steps)
    if can_be_left:
        left = emission.new_iterator()
        emission.line(f"{left} = iter({source})")
        source = left
        emission.loops.append(LeftLoop(left, None if step.shortened is None else step.shortened.name))
    with emission.nesting(f"for {targets} in {source}"):
        emission.steps(step.steps)
    if can_be_left:
        emission.loops.pop()


def emit_new_list(emission: Emission, step: NewList) -> None:
    """A list to collect values in."""
    emission.line(f"{step.target.name} = []")


def emit_append(emission: Emission, step: Append) -> None:
    """A value is collected."""
    value = f"iterable({step.value.name})" if step.flatten else step.value.name
    emission.line(f"{step.target.name}.append({value})")


def emit_collected(emission: Emission, step: Collected) -> None:
    """What was collected becomes an event."""
    values = f"flattened({step.values.name})" if step.flatten else step.values.name
    there = step.items.name if step.items is not None else step.values.name
    with emission.timed(step.place):
        emission.line(f"{step.target.name} = {values} if {there} else NoEvent")
    emission.count_events(step.place, [step.target.name])


def emit_push(emission: Emission, step: Push) -> None:
    """A gather that collects over epochs."""
    kept, target = step.kept, step.target
    with emission.timed(step.place):
        if step.value is not None:
            there_is = f"if {step.value.name} is not NoEvent"
            with emission.block(there_is) if step.value.optional else nullcontext():
                value = f"iterable({step.value.name})" if step.flatten else step.value.name
                emission.line(f"{kept}.append({value})")
        with emission.block(f"if {is_full(step)}"):
            group, rest = group_of(step)
            if target is not None:
                emission.line(f"{target.name} = {group}")
            emission.line(f"{kept} = {rest}")
        if target is not None:
            with emission.block("else"):
                emission.line(f"{target.name} = NoEvent")
    if target is not None:
        emission.count_events(step.place, [target.name])
