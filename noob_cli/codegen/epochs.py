"""The Python of a plan: the steps of an epoch, and the functions with different loops around them."""

from __future__ import annotations

from collections.abc import Callable, Container, Iterable, Iterator, Sequence
from contextlib import contextmanager, nullcontext
from enum import Enum
from itertools import groupby, pairwise

from noob_cli.assets.registry import Opening
from noob_cli.codegen.expressions import (
    call_of,
    condition_of,
    expression,
    group_of,
    is_full,
    returned_by,
    target_of,
    there,
)
from noob_cli.codegen.source import Mark, Source
from noob_cli.plan.counting import counters_read, following
from noob_cli.plan.ending import leaving, may_end, passes
from noob_cli.plan.keys import OVER
from noob_cli.plan.passes.uses import reads
from noob_cli.plan.place import Place
from noob_cli.plan.plan import Plan
from noob_cli.plan.steps import (
    Append,
    Body,
    Call,
    Collected,
    Draw,
    DrawNested,
    Held,
    Isolate,
    IsolateAny,
    Look,
    Lookup,
    Loop,
    Nested,
    NewList,
    OpenAsset,
    Push,
    Record,
    Return,
    Scoped,
    Step,
    Store,
    TakeInput,
    TakeItems,
    TakeOut,
    Together,
)
from noob_cli.plan.values import Output, Variable

_OF_FUNCTIONS = ("stopping", "clock", "copies", "error", "inputs")
"""Names that functions assign to and that are not values of an epoch."""

_ENTERED = (Opening.generator, Opening.context_manager)
"""What is entered and ended in line."""

_MOST_BLOCKS = 12
"""How deep loops and tries may stand in each other; Python allows some twenty, and deeper ones become functions."""


def compile_epochs(plan: Plan) -> Source:
    """The Python of a plan."""
    return _Compiler(plan, Source()).compile(tuple(Form))


def compile_to_read(plan: Plan, form: Form) -> Source:
    """The Python of one of the functions of a plan, for people: with comments that say what each part is about."""
    return _Compiler(plan, Source(commented=True)).compile((form,))


class Form(Enum):
    """The functions that a plan becomes: the same steps with different loops around them."""

    process = "process(inputs)"
    run = "run(limit, results)"
    iterate = "iterate(limit)"
    stream = "stream(records)"

    @property
    def takes_records(self) -> bool:
        return self in (Form.process, Form.stream)

    @property
    def is_generator(self) -> bool:
        return self in (Form.iterate, Form.stream)


class _Compiler:
    def __init__(self, plan: Plan, source: Source) -> None:
        self._plan = plan
        self._source = source
        self._form = Form.process
        self._blocks = 0
        self._endings: list[str] = []
        self._loops = 0
        self._leaving: set[int] = set()
        self._passes = passes(plan.body.steps)
        self._parts = 0
        self._around = plan.body.over
        self._def, self._await = ("async def", "await ") if plan.awaits else ("def", "")
        self._reads = reads(plan.body)
        self._lookups = tuple(part for part in plan.body.walk() if isinstance(part, Lookup))
        self._known = {each.variables[0].name: lookup.known for lookup in self._lookups for each in lookup.held}
        self._counters_read = counters_read(plan.body)
        # In a last epoch, a nested tube may be called that is not called in each.
        self._following = {} if plan.flushing else following(plan.body, self._counters_read)
        self._emitters: dict[type, Callable[..., None]] = {
            Append: self._append,
            Call: self._call,
            Collected: self._collect,
            Isolate: self._isolate,
            IsolateAny: self._isolate_any,
            Loop: self._loop,
            Nested: self._nested,
            NewList: self._new_list,
            Push: self._push,
            Record: self._record,
            Return: self._return,
            Scoped: self._scoped,
            Store: self._store,
            TakeItems: self._take_items,
            TakeOut: self._take_out,
            Together: self._together,
        }

    def compile(self, forms: tuple[Form, ...]) -> Source:
        line = self._source.line
        # What is looked at most often is found faster around the functions than among all that is global.
        with self._source.block("def tube(state, NoEvent)"):
            for each in self._plan.state:
                line(f"{each.name} = state[{each.key!r}]")
                if each.mark is not None:
                    line(f"{each.committed}, {each.mark} = {each.name}, len({each.name})")
                elif each.committed is not None:
                    line(f"{each.committed} = {each.name}")
            # Python asks faster whether something is None than whether it is true.
            line("stopping, clock = None, STILL")
            for lookup in self._lookups:
                line("")
                self._isolating(lookup)
            for form in forms:
                line("")
                self._function(form)
                self._source.put_apart()
            if len(forms) == len(Form):
                self._save_and_stop()
        self._source.fill_in(f"nonlocal {', '.join(self._names_kept())}")
        return self._source

    def _save_and_stop(self) -> None:
        line, block = self._source.line, self._source.block
        line("")
        with block("def save()"):
            pairs = ", ".join(f"{each.key!r}: {self._saved(each.name)}" for each in self._plan.state)
            line(f"return {{{pairs}}}")
        line("")
        with block("def number()"):
            line(f"return {self._saved(self._plan.body.counter)}")
        line("")
        with block("def stop()"):
            line("nonlocal stopping")
            line("stopping = True")
        line("")
        with block("def end_tubes(tubes)"):
            overs = [each for each in self._plan.state if each.key[0] == OVER]
            line(f"nonlocal {', '.join(each.name for each in overs)}, stopping")
            line("stopping = True")
            for each in overs:
                with block(f"if {each.key[1]!r} in tubes"):
                    line(f"{each.name} = True")
        line("")
        line("return process, run, iterate, stream, save, number, stop")

    def _saved(self, name: str) -> str:
        """A value that is kept, in Python."""
        while name in self._following:
            name = self._following[name]
        counter = self._plan.body.counter
        if name == counter:
            return f"{name} + passed(clock)"
        if name in self._dates(self._plan.body):
            return f"{name} if passed(clock) < 2 else {counter} + passed(clock) - 1"
        return name

    # The functions

    def _function(self, form: Form) -> None:
        self._form = form
        line, block = self._source.line, self._source.block
        body = self._plan.body
        with block(f"{self._def} {form.value}"):
            self._source.line_for_later()
            if form.is_generator and self._plan.awaits:
                with block("for _ in ()"):
                    line("yield")
            elif form.is_generator:
                line("yield from ()")
            if self._plan.flushing is None:
                with block(f"if {body.over}"):
                    self._stop()
            if not form.takes_records:
                self._give_inputs(body)
            self._forget_ends(body.assets)
            if self._leading is not None:
                line(f"{self._clock} = new_clock()")
            with self._nesting("try"), self._epochs(body):
                self._epoch(body)
            with block("except BaseException as error"):
                if self._is_clocked:
                    self._count_failed(body)
                else:
                    line(f"{body.counter} = failed(error, {self._number})")
                self._undo()
                self._end_failed(body.assets)
                line("raise")
            if self._is_clocked:
                with block("finally"):
                    self._count(body)

    def _count(self, body: Body) -> None:
        """Count the epochs that a clock has counted."""
        line = self._source.line
        dates = self._dates(body)
        with self._source.block("if passed(clock)") if dates else nullcontext():
            line(f"{body.counter} += passed(clock)")
            if dates:
                line(f"{' = '.join(dates)} = {body.counter}")
            line("clock = STILL")

    def _count_failed(self, body: Body) -> None:
        """The same with the last one failed."""
        line = self._source.line
        dates = self._dates(body)
        if dates:
            line(f"before = {body.counter}")
        line(f"{body.counter} = failed(error, {self._number})")
        line("clock = STILL")
        if dates:
            with self._source.block(f"if {body.counter} - 1 > before"):
                line(f"{' = '.join(dates)} = {body.counter} - 1")

    def _dates(self, body: Body) -> list[str]:
        """What holds the epochs in which what is carried was stored."""
        return [each.stored_at for each in body.carried if each.pending is not None]

    def _names_kept(self) -> list[str]:
        """The names that the functions have in common: the state, and all values if parts of functions stand apart."""
        names = [
            name for each in self._plan.state for name in (each.name, each.committed, each.mark) if name is not None
        ]
        looked_up = [name for name in dict.fromkeys(self._looked_up()) if name not in names]
        if looked_up:
            self._source.insert(1, f"{' = '.join(looked_up)} = NoEvent")
            names += looked_up
        if self._parts:
            known = {*names, *_OF_FUNCTIONS}
            values = [name for name in self._source.assigned_names() if name not in known]
            self._source.insert(1, f"{' = '.join(values)} = NoEvent")
            names += values
        return [*names, "stopping", "clock"]

    def _looked_up(self) -> Iterator[str]:
        """What holds what is to be stored, where a function of its own copies it, and the identities."""
        for lookup in self._lookups:
            yield lookup.known
            yield from (each.name for held in lookup.held for each in held.variables)

    @property
    def _leading(self) -> Draw | None:
        """The source that the loop over epochs goes through: the first, if its tube ends with it and it awaits none."""
        draws = self._plan.body.draws
        if self._form.takes_records or not draws:
            return None
        first = draws[0]
        return None if isinstance(first, DrawNested) or first.awaited or not first.ends_tube else first

    @property
    def _is_clocked(self) -> bool:
        """Whether the loop over epochs does not count them, since nothing asks for their number on the way.

        Between the results that an iterator gives, others may make epochs too, so that it counts each.
        """
        body = self._plan.body
        is_read = body.counter in self._counters_read
        return self._form is Form.run and self._leading is not None and len(body.draws) == 1 and not is_read

    @property
    def _clock(self) -> str:
        """What ticks with each value of the leading source: what the functions share, if it counts their epochs."""
        return "clock" if self._is_clocked else "ticks"

    @property
    def _number(self) -> str:
        """The number of the epoch under way, in Python."""
        counter = self._plan.body.counter
        return f"{counter} + passed(clock)" if self._is_clocked else counter

    @contextmanager
    def _epochs(self, body: Body) -> Iterator[None]:
        """The loop over epochs."""
        if self._form is Form.process:
            yield
        elif self._form is Form.stream:
            with self._nesting("for inputs in records"):
                yield
        elif self._leading is None:
            with self._nesting("for _ in times(limit)"):
                yield
        else:
            with self._values_of(self._leading, body):
                yield

    @contextmanager
    def _values_of(self, source: Draw, body: Body) -> Iterator[None]:
        """The loop over epochs goes through the values of a source; a clock ticks with each that it draws."""
        line = self._source.line
        target = target_of(source.output).removesuffix(" = ") or "_"
        clock = self._clock
        with self._source.at(source.place):
            head = f"for {target} in drawn({source.source}, limit, {clock})"
            with self._source.block("try") if source.may_end else nullcontext(), self._nesting(head):
                self._source.mark(Mark.head)
                if not self._is_clocked:
                    line(f"{body.counter} += 1")
                self._unpack(source.output)
                with self._source.at(None):
                    yield
            if source.may_end:
                with self._source.block("except EndOfRun as error"), self._source.block("if not drew(error)"):
                    line("raise")
            with self._source.block(f"if passed({clock}) != limit"):
                line(f"source_ended({source.place.name!r})")
                line(f"{body.over} = True")

    def _epoch(self, body: Body) -> None:
        line = self._source.line
        if self._form.takes_records:
            self._take_inputs(body.inputs)
        else:
            for each in body.inputs:
                if each.fresh:
                    line(f"{each.target.name} = {each.default_text}")
        if self._leading is None:
            line(f"{body.counter} += 1")
        self._begin(body)
        self._draws(body, self._stop)
        self._copy_carried()
        for asset in body.assets:
            self._open(asset)
        self._steps(body.steps)
        self._close(body.assets)
        self._commit()
        self._deliver(body)

    def _stop(self) -> None:
        self._source.line("return ENDED" if self._form is Form.process else "return")

    def _copy_carried(self) -> None:
        """What may be changed in place is copied, to go back to if the epoch fails; what is shared stays shared."""
        copied = [(each, each.copied) for each in self._plan.state if each.copied is not None]
        if copied:
            self._source.line("copies = {}")
        for each, place in copied:
            with self._source.at(place):
                self._source.line(f"{each.committed} = copied_whole({each.name}, {place.name!r}, copies)")
        if copied:
            # Not to keep them longer than the epoch.
            self._source.line("del copies")

    def _commit(self) -> None:
        """The epoch has succeeded: what was to be stored is stored, and what has changed stays."""
        self._store_carried(self._plan.body)
        for each in self._plan.state:
            if each.mark is not None:
                self._source.line(f"{each.committed}, {each.mark} = {each.name}, len({each.name})")
            elif each.committed is not None:
                self._source.line(f"{each.committed} = {each.name}")

    def _undo(self) -> None:
        """The epoch has failed: what has changed is as it was before."""
        for each in self._plan.state:
            if each.mark is not None:
                self._source.line(f"del {each.committed}[{each.mark}:]")
            if each.committed is not None:
                self._source.line(f"{each.name} = {each.committed}")

    def _deliver(self, body: Body) -> None:
        """Give the result to who runs the tube."""
        line, block = self._source.line, self._source.block
        if self._plan.notify_end:
            line(f"notify_end({self._number})")
        result = body.result
        if self._form is Form.process:
            if result is not None:
                some = f"None if {result.name} is NoEvent else " if result.optional else ""
                line(f"return {some}{result.name}")
            return
        give = "yield {}" if self._form.is_generator else "results.append({})"
        if result is not None:
            with block(f"if {result.name} is not NoEvent") if result.optional else nullcontext():
                line(give.format(result.name))
        elif self._form.is_generator and not self._plan.returns:
            line(give.format("None"))
        with block("if stopping is not None"):
            line("return")

    # The bodies of tubes

    def _give_inputs(self, body: Body) -> None:
        """Without records, inputs have their defaults; the runner sees to it that they have one."""
        for each in body.inputs:
            if not each.fresh:
                self._source.line(f"{each.target.name} = {each.default_text}")

    def _take_inputs(self, steps: Iterable[TakeInput]) -> None:
        """What has to be in a record comes first: one that has no more than that needs no further look."""
        line, block = self._source.line, self._source.block
        required = [each for each in steps if each.default is None]
        optional = [each for each in steps if each.default is not None]
        for each in required:
            self._take_required(each)
        with block(f"if len(inputs) != {len(required)}"):
            for each in optional:
                self._take_optional(each)
            with block("if not inputs.keys() <= known_inputs"):
                line("unknown_inputs(inputs)")
        if optional:
            with block("else"):
                for each in optional:
                    with self._source.at(each.place):
                        line(f"{each.target.name} = {each.default_text}")

    def _take_required(self, step: TakeInput) -> None:
        line, block = self._source.line, self._source.block
        key, target = step.place.path[-1], step.target.name
        with self._source.at(step.place):
            with block("try"):
                line(f"{target} = inputs[{key!r}]")
            with block("except KeyError"):
                line(f"missing_input({key!r}, inputs)")
            if step.exact is None:
                line(f"{target} = {step.validator}({target})")
            else:
                with block(f"if type({target}) is not {step.exact}"):
                    line(f"{target} = {step.validator}({target})")

    def _take_optional(self, step: TakeInput) -> None:
        line, block = self._source.line, self._source.block
        key, target = step.place.path[-1], step.target.name
        with self._source.at(step.place):
            with block(f"if {key!r} in inputs"):
                line(f"{target} = {step.validator}(inputs[{key!r}])")
            with block("else"):
                line(f"{target} = {step.default_text}")

    def _take_given(self, step: TakeInput) -> None:
        """What a nested tube is given becomes its input."""
        line = self._source.line
        target, given = step.target.name, step.given
        with self._source.at(step.place):
            if given is None:
                line(f"{target} = {step.default_text}")
                return
            valid = f"{step.validator}({given.name})"
            if given.optional and step.default is not None:
                valid = f"{step.default_text} if {given.name} is NoEvent else {valid}"
            if step.exact is not None:
                valid = f"{given.name} if type({given.name}) is {step.exact} else {valid}"
            line(f"{target} = {valid}")

    def _draws(self, around: Body | DrawNested, leave: Callable[[], None]) -> None:
        drawn: list[DrawNested] = []

        def end_tube() -> None:
            """The epoch that finds the end does not exist, and has no number."""
            self._source.line(f"{around.over} = True")
            self._source.line(f"{around.counter} -= 1")
            self._take_back(drawn)
            leave()

        for draw in around.draws:
            if draw is self._leading:
                continue
            if isinstance(draw, Draw):
                self._draw(draw, end_tube)
            else:
                self._draw_nested(draw, end_tube)
                drawn.append(draw)

    def _draw(self, step: Draw, end_tube: Callable[[], None]) -> None:
        line, block = self._source.line, self._source.block
        target = target_of(step.output)
        with self._source.at(step.place):
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
            self._unpack(step.output)

    def _draw_nested(self, step: DrawNested, end_tube: Callable[[], None]) -> None:
        """Draw the sources of a nested tube; it may be over while the tube around it goes on."""
        line = self._source.line
        there_is = self._source.block(f"if not {step.over}")
        with there_is, self._timed(step.place, "ahead"), self._nesting("while True"):
            line(f"{step.counter} += 1")
            self._draws(step, lambda: line("break"))
            line("break")
        ended = f"if {step.over} and source_ended({step.place.name!r})"
        with self._source.at(step.place), self._source.block(ended):
            end_tube()

    def _take_back(self, drawn: Iterable[DrawNested]) -> None:
        """Nor has an epoch of a nested tube that was drawn for it."""
        for each in drawn:
            with self._source.block(f"if not {each.over}"):
                self._source.line(f"{each.counter} -= 1")
                self._take_back(inner for inner in each.draws if isinstance(inner, DrawNested))

    def _begin(self, body: Body) -> None:
        if body.begin:
            self._source.line(f"{' = '.join(each.name for each in body.begin)} = NoEvent")
        if body.lookup is not None:
            self._source.line(f"{body.lookup.known} = set()")

    def _store_carried(self, body: Body) -> None:
        for carried in body.carried:
            if carried.pending is not None:
                there_is = f"if {carried.pending.name} is not NoEvent"
                with self._source.block(there_is) if carried.pending.optional else nullcontext():
                    kept = [each.name for each in carried.kept if self._reads[each.name]]
                    self._source.line(f"{' = '.join([carried.current, *kept])} = {carried.pending.name}")
                    for name in kept:
                        self._remember(name)
                    if not (self._is_clocked and body is self._plan.body):
                        self._source.line(f"{carried.stored_at} = {body.counter}")

    def _nested(self, step: Nested) -> None:
        line, block = self._source.line, self._source.block
        body = step.body
        outputs = [(target.name, value) for target, value in zip(step.outputs, step.results, strict=True)]
        conditions = [there(step.needs)] if step.needs else []
        if body.can_end:
            conditions.append(f"not {body.over}")
        silent = [target.name for target in step.outputs if target.optional]
        if silent:
            line(f"{' = '.join(silent)} = NoEvent")
        with block(f"if {' and '.join(conditions)}") if conditions else nullcontext():
            with self._scope(step.assets):
                for isolate in step.isolates:
                    self._look(isolate)
                with self._timed(step.place):
                    if step.drawn or not body.draws:
                        self._nested_epoch(step, outputs)
                    else:
                        with self._nesting("while True"):
                            self._nested_epoch(step, outputs)
                            line("break")
                self._count_events(step.place, [name for name, _ in outputs])
            if body.draws and not step.drawn:
                with block(f"if {body.over} and source_ended({step.place.name!r})"):
                    # The epoch goes on, and the next finds the end.
                    line(f"{self._around} = True")
                    if self._around == self._plan.body.over:
                        line("stopping = True")

    def _nested_epoch(self, step: Nested, outputs: list[tuple[str, Variable | None]]) -> None:
        line = self._source.line
        body = step.body
        for each in body.inputs:
            self._take_given(each)
        if not step.drawn:
            if body.counter not in self._following:
                line(f"{body.counter} += 1")
            self._draws(body, lambda: line("break"))
        self._begin(body)
        outer = self._around, self._endings, self._passes
        self._around, self._endings, self._passes = body.over, [], passes(body.steps)
        with self._scope(body.assets):
            self._steps(body.steps)
        self._around, self._endings, self._passes = outer
        for name, value in outputs:
            if value is not None:
                line(f"{name} = {value.name}")
        self._store_carried(body)

    # Steps

    def _steps(self, steps: tuple[Step, ...]) -> None:
        for condition, group in groupby(steps, condition_of):
            together = list(group)
            appended = dict(self._appended_at_once(together))
            done = {id(append) for append in appended.values()}
            with self._guard(condition, together, appended):
                for step in together:
                    with self._source.at(step.place):
                        if isinstance(step, Call) and id(step) in appended:
                            with self._ended_by(step):
                                self._source.line(f"{appended[id(step)].target.name}.append({call_of(step)})")
                        elif id(step) not in done:
                            self._emitters[type(step)](step)

    def _appended_at_once(self, steps: Sequence[Step]) -> Iterator[tuple[int, Append]]:
        """The calls, by identity, whose result is appended to a list by the next step and read by nobody else."""
        for call, append in pairwise(steps):
            if isinstance(call, Call) and isinstance(append, Append) and call.output.variables == (append.value,):
                is_plain = not (call.assets or call.isolates or call.awaited or call.place.name in self._plan.timed)
                if is_plain and not append.flatten and self._reads[append.value.name] == 1:
                    yield id(call), append

    def _call(self, step: Call) -> None:
        target = target_of(step.output)
        with self._scope(step.assets):
            for isolate in step.isolates:
                self._look(isolate)
            call = call_of(step)
            with self._timed(step.place), self._ended_by(step, target):
                self._source.line(f"{target}await {call}" if step.awaited else f"{target}{call}")
        self._unpack(step.output)
        self._count_events(step.place, _names_in(step.output))

    @contextmanager
    def _ended_by(self, step: Call, target: str = "") -> Iterator[None]:
        """A call that may end its tube: it is then as if it had given no event, and the loops around it are left."""
        with self._source.block("try"):
            yield
        with self._source.block("except EndOfRun"):
            leaving = "".join(f"{each} = " for each in self._endings)
            self._source.line(f"{leaving}{target}end_of_run({step.place.name!r}, end_tubes)")
            if id(step) in self._leaving:
                self._source.line("break")

    def _scoped(self, step: Scoped) -> None:
        with self._scope(step.assets):
            self._steps(step.steps)

    @contextmanager
    def _guard(self, condition: str | None, steps: Iterable[Step], unnamed: Container[int] = ()) -> Iterator[None]:
        """What is done only if what it needs is there; its signals are silent otherwise.

        Args:
            condition: What it needs; None if it is done in any case.
            steps: What is done.
            unnamed: The calls, by identity, whose results have no name.
        """
        if condition is None:
            yield
            return
        calls = [step for step in steps if isinstance(step, Call)]
        with self._source.at(calls[0].place if calls else None), self._source.block(f"if {condition}"):
            yield
        written = [name for call in calls if id(call) not in unnamed for name in _names_in(call.output)]
        if written:
            with self._source.block("else"):
                self._source.line(f"{' = '.join(written)} = NoEvent")

    def _together(self, step: Together) -> None:
        """Start coroutines in order, await them all, and give each its result."""
        line, block = self._source.line, self._source.block
        line("started = []")
        with self._nesting("try"):
            for call in step.calls:
                needed = there(call.needs)
                with self._source.at(call.place), block(f"if {needed}") if needed else nullcontext():
                    if call.assets:
                        self._call_in_task(call)
                        coroutine = "in_task()"
                    else:
                        for isolate in call.isolates:
                            self._look(isolate)
                        coroutine = call_of(call)
                        if call.place.name in self._plan.timed:
                            coroutine = f"{_timer_of(call.place)}.awaiting({coroutine})"
                    line(f"started.append(({call.place.name!r}, {coroutine}))")
        with block("except BaseException"):
            line("discard(started)")
            line("raise")
        line(f"finished = await together(started, {self._number}, end_tubes)")
        if self._endings:
            with block("if None in finished"):
                line(f"{' = '.join(self._endings)} = NoEvent")
        for call in step.calls:
            with self._source.at(call.place), self._guard(condition_of(call), [call]):
                line(f"{target_of(call.output) or '_ = '}finished[{call.place.name!r}]")
                self._unpack(call.output)
                self._count_events(call.place, _names_in(call.output))

    def _call_in_task(self, call: Call) -> None:
        """A coroutine that makes a call while its assets live, all in the task that it becomes."""
        line = self._source.line
        objects = [each.target.name for each in call.assets]
        line(f"{' = '.join(objects)} = NoEvent")
        blocks, self._blocks = self._blocks, 0
        with self._source.block("async def in_task()"):
            held = [each.name for look in call.isolates if isinstance(look, Isolate) for each in look.held.variables]
            # What is stored is compared with the objects when all are through.
            line(f"nonlocal {', '.join(dict.fromkeys([*objects, *held]))}")
            with self._scope(call.assets):
                for isolate in call.isolates:
                    self._look(isolate)
                with self._timed(call.place):
                    line(f"result = await {call_of(call)}")
            line("return result")
        self._blocks = blocks

    def _unpack(self, output: Output) -> None:
        """Take a result apart that is a tuple with one value per signal."""
        if not output.several:
            return
        line, block = self._source.line, self._source.block
        names = [each.name if each is not None else "_" for each in output.variables]
        with block("if values is NoEvent"):
            line(f"{' = '.join(dict.fromkeys(names))} = NoEvent")
        with block("else"):
            values = f"by_signal(values, {output.named})" if output.named else "values"
            line(f"{', '.join(names)} = several({values}, {len(names)})")

    def _look(self, step: Look) -> None:
        if isinstance(step, Isolate):
            self._isolate(step)
        else:
            self._isolate_any(step)

    def _isolate(self, step: Isolate) -> None:
        held = step.held.variables[0].name
        conditions = [f"{each.name} is {held}" for each in step.shared]
        conditions += [f"any(each is {held} for each in {each.name})" for each in step.among]
        same = " or ".join(conditions)
        same = f"({same})" if len(conditions) > 1 else same
        unless = "" if step.unless is None else f" and {held} is not {step.unless.name}"
        with self._source.block(f"if {same}{unless} and type({held}) not in ATOMIC"):
            self._copy(step.held, repr(step.receiver))

    def _copy(self, held: Held, receiver: str) -> None:
        names = [each.name for each in held.variables]
        self._source.line(f"{' = '.join(names)} = copied({names[0]}, {held.asset!r}, {held.signal!r}, {receiver})")

    def _isolate_any(self, step: IsolateAny) -> None:
        line, block = self._source.line, self._source.block
        for each in step.shared:
            unless = "" if step.unless is None else f" and {each.name} is not {step.unless.name}"
            with block(f"if id({each.name}) in {step.known}{unless}"):
                line(f"{step.isolate}({each.name}, {step.node!r}, {step.receiver!r})")
        for each in step.among:
            with block(f"for each in {each.name}"), block(f"if id(each) in {step.known}"):
                line(f"{step.isolate}(each, {step.node!r}, {step.receiver!r})")

    def _isolating(self, lookup: Lookup) -> None:
        """The function that copies all that is to be stored and is a certain object."""
        line, block = self._source.line, self._source.block
        with block(f"def {lookup.isolate}(found, at, receiver)"):
            self._source.line_for_later()
            with block("if type(found) in ATOMIC"):
                line("return")
            for held in lookup.held:
                with block(f"if {held.variables[0].name} is found and at != {held.node!r}"):
                    self._copy(held, "receiver")
        line("")

    def _take_out(self, step: TakeOut) -> None:
        """Only a dict may be an event, and only a list may be several."""
        line = self._source.line
        value, epoch, now = step.value.name, "_", expression(step.epoch)
        if step.target is not None:
            epoch = step.target.name
            line(f"{epoch} = {now}")
            now = epoch
        with self._source.block(f"if type({value}) is dict or type({value}) is list"):
            line(f"{value}, {epoch} = taken_out({value}, {step.node!r}, {now})")

    def _record(self, step: Record) -> None:
        value, target = step.value, step.target
        make = "emit_event" if step.notify else "event_of"
        with self._source.block(f"if {value.name} is not NoEvent") if value.optional else nullcontext():
            for isolate in step.isolates:
                self._look(isolate)
            assign = f"{target.name} = " if target is not None else ""
            who = f"{step.node!r}, {step.place.name!r}" if step.notify else repr(step.node)
            event = f"{make}({who}, {step.signal!r}, {expression(step.epoch)}, {value.name})"
            self._source.line(f"{assign}{event}")
        if value.optional and target is not None:
            with self._source.block("else"):
                self._source.line(f"{target.name} = NoEvent")

    def _store(self, step: Store) -> None:
        condition = f"if {step.value.name} is not NoEvent"
        with self._source.block(condition) if step.repeated else nullcontext():
            self._source.line(f"{step.pending.name} = {step.value.name}")
            self._remember(step.pending.name)

    def _remember(self, name: str) -> None:
        """Let what is to be stored be found by its identity."""
        if name in self._known:
            self._source.line(f"{self._known[name]}.add(id({name}))")

    def _take_items(self, step: TakeItems) -> None:
        line = self._source.line
        value, items, number = step.value, step.items.name, step.number
        otherwise = f"() if {value.name} is NoEvent else " if value.optional else ""
        take = f"{_timer_of(step.place)}.items" if step.place.name in self._plan.timed else "tuple"
        with self._source.block("try"):
            line(f"{items} = {otherwise}{take}({value.name})")
        with self._source.block("except EndOfRun"):
            line(f"{items} = ()")
            line(f"{''.join(f'{each} = ' for each in self._endings)}end_of_run({step.place.name!r}, end_tubes)")
        if number is not None and self._reads[number.name]:
            line(f"{number.name} = len({items}) or NoEvent")

    def _loop(self, step: Loop) -> None:
        names = [step.item.name if step.item is not None else "_"]
        lists = [step.items.name]
        for element, kept in zip(step.elements, step.beside, strict=True):
            names.append(element.name)
            lists.append(kept.name)
        line = self._source.line
        items = step.items.name
        again = self._passes[items] > 1
        at_once = () if again or self._plan.timed else tuple(leaving(step.steps))
        can_be_left = may_end(step.steps, at_once)
        again = again and can_be_left
        self._leaving |= {id(call) for call in at_once}
        if can_be_left:
            self._loops += 1
            self._endings.append(f"ending_{self._loops}")
            line(f"{self._endings[-1]} = None")
        if again:
            lists[0] = f"left_{self._loops}"
            line(f"{lists[0]} = iter({items})")
        targets = ", ".join(names)
        source = lists[0] if len(lists) == 1 else f"zip({', '.join(lists)})"
        if step.number is not None:
            targets = f"{step.number}, {targets if len(names) == 1 else f'({targets})'}"
            source = f"enumerate({source})"
        head = f"for {targets} in {source}"
        with self._nesting(head):
            self._steps(step.steps)
            if can_be_left:
                with self._source.block(f"if {self._endings.pop()} is not None"):
                    if again:
                        # A later pass doesn't begin the items that this one has not.
                        line(f"{items} = {items}[: len({items}) - len(tuple({lists[0]}))]")
                    line("break")

    def _new_list(self, step: NewList) -> None:
        self._source.line(f"{step.target.name} = []")

    def _append(self, step: Append) -> None:
        value = f"iterable({step.value.name})" if step.flatten else step.value.name
        self._source.line(f"{step.target.name}.append({value})")

    def _collect(self, step: Collected) -> None:
        values = f"flattened({step.values.name})" if step.flatten else step.values.name
        there = step.items.name if step.items is not None else step.values.name
        with self._timed(step.place):
            self._source.line(f"{step.target.name} = {values} if {there} else NoEvent")
        self._count_events(step.place, [step.target.name])

    def _push(self, step: Push) -> None:
        line, block = self._source.line, self._source.block
        kept, target = step.kept, step.target
        with self._timed(step.place):
            if step.value is not None:
                with block(f"if {step.value.name} is not NoEvent") if step.value.optional else nullcontext():
                    value = f"iterable({step.value.name})" if step.flatten else step.value.name
                    line(f"{kept}.append({value})")
            with block(f"if {is_full(step)}"):
                group, rest = group_of(step)
                if target is not None:
                    line(f"{target.name} = {group}")
                line(f"{kept} = {rest}")
            if target is not None:
                with block("else"):
                    line(f"{target.name} = NoEvent")
        if target is not None:
            self._count_events(step.place, [target.name])

    def _return(self, step: Return) -> None:
        # Nothing is made for a list that lacks something.
        needed = there(each for each in step.values if each.optional) if step.assets and step.keys is None else ""
        if needed:
            there_are = tuple(Variable(each.name) for each in step.values)
            with self._source.block(f"if {needed}"):
                self._return(step.replace(values=there_are, target=Variable(step.target.name)))
            with self._source.block("else"):
                self._source.line(f"{step.target.name} = NoEvent")
            return
        with self._scope(step.assets):
            self._source.line(f"{step.target.name} = {returned_by(step)}")
            if step.isolates:
                there_is = f"if {step.target.name} is not NoEvent"
                with self._source.block(there_is) if step.target.optional else nullcontext():
                    for isolate in step.isolates:
                        self._look(isolate)

    # Time

    @contextmanager
    def _timed(self, place: Place, part: str | None = None) -> Iterator[None]:
        """What is measured, if somebody wants to know: a call of a node, or a part of what it takes."""
        if place.name not in self._plan.timed:
            yield
            return
        timer = _timer_of(place)
        with self._nesting(f"with {timer if part is None else f'{timer}.{part}'}"):
            yield

    def _count_events(self, place: Place, emitted: Sequence[str]) -> None:
        """Count the events of a node that was called."""
        if place.name in self._plan.timed:
            self._source.line(f"{_timer_of(place)}.emitted({', '.join(emitted)})")

    # Assets

    @contextmanager
    def _scope(self, assets: tuple[OpenAsset, ...]) -> Iterator[None]:
        """Objects that live as long as what is done inside."""
        if not assets:
            yield
            return
        self._forget_ends(assets)
        with self._nesting("try"):
            for asset in assets:
                self._open(asset)
            yield
            self._close(assets)
        with self._source.block("except BaseException as error"):
            self._source.line(f"failed(error, {self._number})")
            self._end_failed(assets)
            self._source.line("raise")

    def _forget_ends(self, assets: tuple[OpenAsset, ...]) -> None:
        ends = [each.end for each in assets if each.end is not None]
        if ends:
            self._source.line(f"{' = '.join(ends)} = None")

    def _open(self, step: OpenAsset) -> None:
        line = self._source.line
        target = step.target.name
        with self._source.at(step.place):
            if step.end is None:
                line(f"{target} = {step.make}()")
            elif step.opening is Opening.asset_class:
                line(f"{target}, {step.end} = {step.make}()")
            elif step.opening in _ENTERED:
                line(f"manager = {step.make}()")
                line(f"{target} = manager.__enter__()")
                line(f"{step.end} = manager")
                if step.opening is Opening.context_manager:
                    with self._source.block(f"if {target} is None or type({target}) is bool"):
                        line(f"{target} = manager")
            else:
                wanted = "" if step.enter is None else f", {step.enter}"
                line(f"{target}, {step.end} = await enter({step.make}(){wanted})")
            self._trace(step, "was made")

    def _close(self, assets: tuple[OpenAsset, ...]) -> None:
        """The normal end of objects, last made first; each is forgotten before its end, so that it ends once."""
        line = self._source.line
        for step in reversed(assets):
            if step.end is None:
                continue
            with self._source.at(step.place):
                if step.opening in _ENTERED:
                    line(f"manager, {step.end} = {step.end}, None")
                    line("manager.__exit__(None, None, None)")
                    self._source.mark(Mark.end)
                    self._trace(step, "was ended")
                    continue
                line(f"end, {step.end} = {step.end}, None")
                unknown = step.opening is Opening.unknown
                with self._source.block("if end is not None") if unknown else nullcontext():
                    line("await close(end)" if unknown else "end(None, None, None)")
                    self._source.mark(Mark.end)
                    self._trace(step, "was ended")

    def _trace(self, step: OpenAsset, what: str) -> None:
        if self._plan.tracing:
            self._source.line(f"traced({f'{step.place} {what}'!r}, {self._number})")

    def _end_failed(self, assets: tuple[OpenAsset, ...]) -> None:
        ends = [f"({each.place.name!r}, {_end_of(each)})" for each in reversed(assets) if each.end is not None]
        if ends:
            self._source.line(f"{self._await}end_all([{', '.join(ends)}], error)")

    # Blocks

    @contextmanager
    def _nesting(self, head: str) -> Iterator[None]:
        """A block of those that Python allows only some twenty of inside of each other."""
        self._blocks += 1
        if self._blocks % _MOST_BLOCKS:
            with self._source.block(head):
                yield
        else:
            self._parts += 1
            name = f"part_{self._parts}"
            # What catches the errors of a `try` stands here, behind it.
            here, apart = (self._source.block(head), nullcontext()) if head == "try" else (nullcontext(), None)
            with here:
                self._source.line(f"{self._await}{name}()")
            with self._source.apart(f"{self._def} {name}()"):
                self._source.line_for_later()
                with apart or self._source.block(head):
                    yield
        self._blocks -= 1


def _timer_of(place: Place) -> str:
    """What measures a node, in Python."""
    return f"timers[{place.name!r}]"


def _names_in(output: Output) -> list[str]:
    """What holds the signals of a node."""
    return [each.name for each in output.variables if each is not None]


def _end_of(asset: OpenAsset) -> str:
    """What ends an object in Python, or None if there is nothing to end."""
    if asset.opening in _ENTERED:
        return f"None if {asset.end} is None else {asset.end}.__exit__"
    return str(asset.end)
