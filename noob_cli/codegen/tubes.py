"""Emitters of the beginning and the end of an epoch of a tube, and of the epoch of a nested one."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from contextlib import nullcontext

from noob_cli.codegen.calls import unpack
from noob_cli.codegen.emission import Emission
from noob_cli.codegen.expressions import target_of
from noob_cli.codegen.inputs import take_supplied
from noob_cli.codegen.scopes import living
from noob_cli.plan.steps import Body, Draw, DrawNested, Inline


def draw_sources(emission: Emission, around: Body | DrawNested, leave: Callable[[], None]) -> None:
    """Draw a value from each source of a tube.

    Args:
        emission: Where it is emitted.
        around: The tube.
        leave: Emits what is done when the tube ends with that.
    """
    drawn: list[DrawNested] = []

    def end_tube() -> None:
        """End the tube: the epoch that finds the end does not exist, and has no number."""
        emission.line(f"{around.over} = True")
        emission.line(f"{around.counter} -= 1")
        _take_back(emission, drawn)
        leave()

    for draw in around.draws:
        if isinstance(draw, Draw):
            _draw(emission, draw, end_tube)
        else:
            _draw_nested(emission, draw, end_tube)
            drawn.append(draw)


def _draw(emission: Emission, step: Draw, end_tube: Callable[[], None]) -> None:
    """Draw the next value of a source, and end the tube if that was the last."""
    line, block = emission.line, emission.block
    target = target_of(step.output)
    with emission.at(step.place):
        with block("try"):
            if step.awaited:
                silent = "" if step.ends_tube else f"NoEvent if {step.source} is SILENT else "
                line(f"{target}{silent}await anext({step.source})")
            else:
                line(f"{target}next({step.source})")
        with block(f"except ({'StopAsyncIteration' if step.awaited else 'StopIteration'}, EndOfRun)"):
            ended = f"source_ended({step.place.name!r})"
            if step.ends_tube:
                line(ended)
                end_tube()
            else:
                line(f"{step.source} = SILENT")
                with block(f"if {ended}"):
                    end_tube()
                if target:
                    line(f"{target}NoEvent")
        unpack(emission, step.output)


def _draw_nested(emission: Emission, step: DrawNested, end_tube: Callable[[], None]) -> None:
    """The sources of a nested tube; it may be over while the tube around it goes on."""
    head = emission.block(f"if not {step.over}")
    with emission.outlined_if_deep(step), head, emission.timed(step.place, "ahead"), emission.nesting("while True"):
        emission.line(f"{step.counter} += 1")
        draw_sources(emission, step, lambda: emission.line("break"))
        emission.line("break")
    ended = f"if {step.over} and source_ended({step.place.name!r})"
    with emission.at(step.place), emission.block(ended):
        end_tube()


def _take_back(emission: Emission, drawn: Iterable[DrawNested]) -> None:
    """Take back the numbers of epochs of nested tubes that were drawn for one that does not exist."""
    for draw in drawn:
        with emission.block(f"if not {draw.over}"):
            emission.line(f"{draw.counter} -= 1")
            _take_back(emission, [inner for inner in draw.draws if isinstance(inner, DrawNested)])


def begin(emission: Emission, body: Body) -> None:
    """Begin an epoch: set what may be read before it is written to `NoEvent`, and forget what was looked up."""
    if body.begin:
        emission.line(f"{' = '.join(variable.name for variable in body.begin)} = NoEvent")
    if body.lookup is not None:
        emission.line(f"{body.lookup.known} = set()")


def store_carried(emission: Emission, body: Body) -> None:
    """Store what is carried: the epoch of this tube has succeeded."""
    for carried in body.carried:
        if carried.pending is None:
            continue
        there_is = f"if {carried.pending.name} is not NoEvent"
        with emission.block(there_is) if carried.pending.optional else nullcontext():
            kept = [variable.name for variable in carried.kept if emission.read_counts[variable.name]]
            emission.line(f"{' = '.join([carried.current, *kept])} = {carried.pending.name}")
            for name in kept:
                emission.remember(name)
            emission.line(f"{carried.stored_at} = {body.counter}")


def emit_inline(emission: Emission, step: Inline) -> None:
    """The turn of a nested tube."""
    body = step.body
    if body.can_end or None in step.results:
        silent = [variable.name for variable in step.outputs if variable.optional]
        if silent:
            emission.line(f"{' = '.join(silent)} = NoEvent")
    with emission.block(f"if not {body.over}") if body.can_end else nullcontext():
        with living(emission, step.assets), emission.timed(step.place), emission.leaving_no_loop():
            if body.draws:
                with emission.nesting("while True"):
                    _epoch(emission, step)
                    emission.line("break")
            else:
                _epoch(emission, step)
        emission.count_events(step.place, [variable.name for variable in step.outputs])
    if step.around is not None:
        with emission.block(f"if {body.over} and source_ended({step.place.name!r})"):
            # The epoch goes on, and the next finds the end.
            emission.line(f"{step.around} = True")
            if step.around == emission.plan.body.over:
                emission.line("stopping = True")


def _epoch(emission: Emission, step: Inline) -> None:
    body = step.body
    for taken in body.inputs:
        take_supplied(emission, taken)
    begin(emission, body)
    if not step.drawn:
        emission.line(f"{body.counter} += 1")
        draw_sources(emission, body, lambda: emission.line("break"))
    emission.steps(body.steps)
    for target, value in _pairs(step):
        emission.line(f"{target} = {value}")
    store_carried(emission, body)


def _pairs(step: Inline) -> Sequence[tuple[str, str]]:
    pairs = zip(step.outputs, step.results, strict=True)
    return [(target.name, value.name) for target, value in pairs if value is not None]
