"""The emitter of loops over the items of a map that are done for several items at once, in a task each."""

from __future__ import annotations

from noob_cli.codegen.calls import leave_loops
from noob_cli.codegen.emission import Emission
from noob_cli.plan.steps import For, Held, Items


def emit_tasks(emission: Emission, step: For) -> None:
    """A coroutine function for an item, and the call that starts a task of it for each, so many at once.

    The function has lists of its own for what it collects, which are joined in the order of the items, and for the
    nodes that have ended their tube.
    """
    assert isinstance(step.over, Items)
    assert step.place is not None
    line, block, name, items = emission.line, emission.block, step.place.name, step.over.items.name
    lists = step.lists
    own = ("timers",) if emission.plan.timed else ()
    targets = [variable.name if variable is not None else "_" for variable in step.targets]
    sources = [items, *(variable.name for variable in step.over.beside)]
    if step.number is not None:
        targets, sources = [step.number, *targets], [f"range(len({items}))", *sources]
    with emission.function(
        f"async def of_item({', '.join([*own, *targets])})", emission.assigned_in(step.steps), _held(step)
    ):
        for own_list in (*lists, "end_tubes"):
            line(f"{own_list} = []")
        with block("try"), emission.ending_later(*own):
            emission.steps(step.steps)
        with block("except BaseException as error"):
            line(f"failed(error, {emission.this_epoch})")
            line("raise")
        line(f"return [{', '.join(lists)}], end_tubes")
    zipped = f"zip({', '.join(sources)})"
    line(f"done, ended, error = await at_once({name!r}, {step.at_once}, of_item, {zipped}, [{', '.join(lists)}])")
    with block("if error is not None"):
        with block("try"):
            line("raise error")
        with block("finally"):
            # It holds this function, which would hold it.
            line("del error")
    with block("if ended"):
        with block("for ended_node in ended"):
            line(f"{emission.end_of_run}(ended_node, end_tubes)")
        if step.shortened is not None:
            # A later pass doesn't begin the items that this one has not.
            line(f"{items} = {items}[:done]")
        leave_loops(emission)


def _held(step: For) -> list[str]:
    """What is to be stored, and is looked at for each item."""
    return [name for part in step.walk() if isinstance(part, Held) for name in part.names("Changes")]
