"""The forms of a plan: the functions that it becomes, each with the steps of an epoch and another loop around them."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from contextlib import contextmanager, nullcontext
from enum import Enum

from noob_cli.codegen.calls import unpack
from noob_cli.codegen.emission import Emission
from noob_cli.codegen.expressions import result_name
from noob_cli.codegen.inputs import take_defaults, take_from_record
from noob_cli.codegen.source import Tag
from noob_cli.codegen.tubes import begin, draw_sources, store_carried
from noob_cli.plan.plan import State
from noob_cli.plan.steps import Body, Draw, Drawn, For, Records, Times


class Form(Enum):
    """The functions that a plan becomes."""

    process = "process(inputs)"
    run = "run(limit, results)"
    iterate = "iterate(limit)"
    stream = "stream(records)"

    @property
    def takes_records(self) -> bool:
        """Whether it is given a record for each epoch."""
        return self in (Form.process, Form.stream)

    @property
    def is_generator(self) -> bool:
        """Whether it yields what epochs return."""
        return self in (Form.iterate, Form.stream)


def emit_form(emission: Emission, form: Form) -> None:
    """One of the functions of a plan."""
    line, block, plan = emission.line, emission.block, emission.plan
    body = plan.body
    if not emission.is_numbered:
        emission.this_epoch = "this_epoch()"
    with emission.function(f"{emission.def_} {form.value}"):
        if form.is_generator and plan.awaits:
            with block("for _ in ()"):
                line("yield")
        elif form.is_generator:
            line("yield from ()")
        if plan.flushing is None:
            with block(f"if {body.over}"):
                _leave(emission, form)
        if not form.takes_records:
            take_defaults(emission, body.inputs, fresh=False)
        with emission.nesting("try"):
            loop = _loop_of(form, body)
            if loop is None:
                _epoch(emission, form, body)
            else:
                _epochs(emission, form, loop)
        with block("except BaseException as error"):
            line(f"{body.counter} += failed(error, {emission.this_epoch})")
            undo(emission, plan.state)
            line("raise")


def _loop_of(form: Form, body: Body) -> For | None:
    """The loop over epochs: through the first source if its tube ends with it, over records, or so many times."""
    if form is Form.process:
        return None
    if form is Form.stream:
        return For(None, Records(), (), None, (body,))
    first = body.draws[0] if body.draws else None
    if not isinstance(first, Draw) or first.awaited or not first.ends_tube:
        return For(None, Times(), (), None, (body,))
    return For(first.place, Drawn(first), (), None, (body.replace(draws=body.draws[1:]),))


def _epochs(emission: Emission, form: Form, loop: For) -> None:
    (body,) = loop.steps
    assert isinstance(body, Body)
    if isinstance(loop.over, Drawn):
        with _values_of(emission, loop.over.draw, body):
            _epoch(emission, form, body, is_counted=True)
    else:
        head = "for inputs in records" if isinstance(loop.over, Records) else "for _ in times(limit)"
        with emission.nesting(head):
            _epoch(emission, form, body)


@contextmanager
def _values_of(emission: Emission, source: Draw, body: Body) -> Iterator[None]:
    """The loop over epochs goes through the values of a source, counts them, and knows when there are no more."""
    target = result_name(source.output) or "_"
    with emission.at(source.place):
        emission.line("ending = Ending()")
        values = f"values_of({source.source}, limit, ending{'' if emission.is_numbered else ', counted'})"
        head = f"for {target} in {values}"
        with emission.block("try") if source.may_end else nullcontext(), emission.nesting(head):
            emission.source.tag(Tag.head)
            if emission.is_numbered:
                emission.line(f"{body.counter} += 1")
            unpack(emission, source.output)
            with emission.at(None):
                yield
        if source.may_end:
            with emission.block("except EndOfRun as error"):
                with emission.block("if not drew(error)"):
                    emission.line("raise")
                emission.line("ending.has_come = True")
        with emission.block("if ending.has_come"):
            emission.line(f"source_ended({source.place.name!r})")
            emission.line(f"{body.over} = True")


def _epoch(emission: Emission, form: Form, body: Body, is_counted: bool = False) -> None:
    if form.takes_records:
        take_from_record(emission, body.inputs)
    else:
        take_defaults(emission, body.inputs, fresh=True)
    if not is_counted:
        emission.line(f"{body.counter} += 1")
    begin(emission, body)
    draw_sources(emission, body, lambda: _leave(emission, form))
    copy_carried(emission)
    emission.steps(body.steps)
    commit(emission, emission.plan.state)
    _deliver(emission, form, body)


def _leave(emission: Emission, form: Form) -> None:
    emission.line("return ENDED" if form is Form.process else "return")


def copy_carried(emission: Emission) -> None:
    """Copy carried assets that may be changed in place, to go back to if the epoch fails; shared objects are shared."""
    copied = [(state, state.copied) for state in emission.plan.state if state.copied is not None]
    if copied:
        emission.line("copies = {}")
    for state, place in copied:
        with emission.at(place):
            emission.line(f"{state.committed} = copied_whole({state.name}, {place.name!r}, copies)")
    if copied:
        # Not to keep them longer than the epoch.
        emission.line("del copies")


def commit(emission: Emission, kept: Collection[State]) -> None:
    """Commit an epoch that has succeeded: what was to be stored is stored, and what has changed stays.

    Args:
        emission: Where it is emitted.
        kept: What is stored, or has changed.
    """
    body, names = emission.plan.body, {state.name for state in kept}
    store_carried(emission, body.replace(carried=tuple(asset for asset in body.carried if asset.current in names)))
    for state in kept:
        if state.length is not None:
            emission.line(f"{state.committed}, {state.length} = {state.name}, len({state.name})")
        elif state.committed is not None:
            emission.line(f"{state.committed} = {state.name}")


def undo(emission: Emission, kept: Iterable[State]) -> None:
    """Undo an epoch that has failed: the state is what it was before.

    Args:
        emission: Where it is emitted.
        kept: What may have changed.
    """
    for state in kept:
        if state.length is not None:
            emission.line(f"del {state.committed}[{state.length}:]")
        if state.committed is not None:
            emission.line(f"{state.name} = {state.committed}")


def _deliver(emission: Emission, form: Form, body: Body) -> None:
    """Deliver the result of an epoch: return it, yield it, or append it to the list of results."""
    line, block, result = emission.line, emission.block, body.result
    if emission.plan.notify_end:
        line(f"notify_end({emission.this_epoch})")
    if form is Form.process:
        if result is not None:
            guard = f"None if {result.name} is NoEvent else " if result.optional else ""
            line(f"return {guard}{result.name}")
        return
    give = "yield {}" if form.is_generator else "results.append({})"
    if result is not None:
        with block(f"if {result.name} is not NoEvent") if result.optional else nullcontext():
            line(give.format(result.name))
    elif form.is_generator and not emission.plan.returns:
        line(give.format("None"))
    with block("if stopping is not None"):
        line("return")
