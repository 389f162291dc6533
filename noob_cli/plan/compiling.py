"""Compiling: from a plan to Python source, and from that to the functions that make epochs."""

from __future__ import annotations

import itertools
import linecache
import weakref
from collections.abc import Callable, Generator, Iterable, Iterator, Mapping
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from enum import Enum
from types import CodeType
from typing import Any

from noob_cli.assets.registry import Opening
from noob_cli.plan.runtime import RUNTIME
from noob_cli.plan.source import Source
from noob_cli.plan.steps import (
    Call,
    Constant,
    CurrentEpoch,
    Draw,
    Events,
    Expression,
    Isolate,
    OpenAsset,
    Output,
    Place,
    Plan,
    Record,
    Return,
    Step,
    Store,
    TakeInput,
    Variable,
)

_numbers = itertools.count(1)


@dataclass(frozen=True)
class Epochs:
    """The functions that make the epochs of a tube, all on the same state.

    Args:
        process: Makes one epoch with the given inputs and returns its result, None for nothing.
        run: Makes a number of epochs, or all, and calls a function with each result.
        results: The same as a generator of the results.
        stream: The same with an epoch for each record. Records are mappings of inputs.
        save: The state that is kept from epoch to epoch.
        stop: Lets the loops end after the epoch that is under way.
    """

    process: Callable[[Mapping[str, Any]], Any]
    run: Callable[[int | None, Callable[[Any], object]], None]
    results: Callable[[int | None], Generator[Any, None, None]]
    stream: Callable[[Iterable[Mapping[str, Any]]], Generator[Any, None, None]]
    save: Callable[[], SavedState]
    stop: Callable[[], None]


@dataclass
class SavedState:
    """What a tube keeps from one epoch to the next.

    Args:
        epoch: The number of the last epoch, -1 before the first.
        over: Whether the tube has ended.
        assets: The carried assets: each one's value, and the epoch in which it was stored.
        sources: What draws from each source.
    """

    epoch: int
    over: bool
    assets: dict[str, tuple[Any, int]]
    sources: dict[str, Callable[[], Any]]


class CompiledPlan:
    """A plan as Python code, not yet bound to the objects of a run.

    Args:
        plan: The plan.

    Attributes:
        source: The Python that the plan has become.
        file: The name under which tracebacks show it.
        places: Which node, asset or input each of its lines is about.
    """

    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        source = _Compiler(plan).compile()
        self.source = str(source)
        self.places = source.places
        self.file = f"<tube {plan.name} #{next(_numbers)}>"
        self._code: CodeType = compile(self.source, self.file, "exec")
        lines = self.source.splitlines(keepends=True)
        linecache.cache[self.file] = (len(self.source), None, lines, self.file)
        weakref.finalize(self, linecache.cache.pop, self.file, None)

    def bind(self, bound: Mapping[str, Any], state: SavedState) -> Epochs:
        """The functions that make epochs.

        Args:
            bound: What the names of the plan's bindings, and the hooks of the runner, stand for.
            state: Where the run stands.
        """
        namespace: dict[str, Any] = {
            **RUNTIME,
            **bound,
            "__name__": "noob_tube",
            "SavedState": SavedState,
        }
        exec(self._code, namespace)
        return Epochs(*namespace["tube"](state))


class _Form(Enum):
    """The functions that a plan becomes: the same steps with different loops around them."""

    process = "process(inputs)"
    run = "run(limit, emit)"
    results = "results(limit)"
    stream = "stream(records)"

    @property
    def takes_inputs(self) -> bool:
        return self in (_Form.process, _Form.stream)

    @property
    def is_generator(self) -> bool:
        return self in (_Form.results, _Form.stream)


class _Compiler:
    def __init__(self, plan: Plan) -> None:
        self._plan = plan
        self._source = Source()
        self._form = _Form.process
        self._sources = [step for step in plan.draws if isinstance(step, Draw)]

    def compile(self) -> Source:
        with self._source.block("def tube(state)"):
            self._load()
            for form in _Form:
                self._source.line("")
                self._function(form)
            self._source.line("")
            self._save()
            self._source.line("")
            self._stop_function()
            self._source.line("")
            self._source.line("return process, run, results, stream, save, stop")
        return self._source

    def _load(self) -> None:
        line = self._source.line
        line("epoch = state.epoch")
        line("over = state.over")
        line("stopping = False")
        for carried in self._plan.carried:
            line(f"{carried.current.name}, {carried.stored_at} = state.assets[{carried.asset!r}]")
        for draw in self._sources:
            line(f"{draw.source} = state.sources[{draw.place.name!r}]")

    def _save(self) -> None:
        assets = ", ".join(f"{each.asset!r}: ({each.current.name}, {each.stored_at})" for each in self._plan.carried)
        sources = ", ".join(f"{each.place.name!r}: {each.source}" for each in self._sources)
        with self._source.block("def save()"):
            self._source.line(f"return SavedState(epoch, over, {{{assets}}}, {{{sources}}})")

    def _stop_function(self) -> None:
        with self._source.block("def stop()"):
            self._source.line("nonlocal stopping")
            self._source.line("stopping = True")

    def _function(self, form: _Form) -> None:
        self._form = form
        line, block = self._source.line, self._source.block
        with block(f"def {form.value}"):
            line(f"nonlocal {', '.join(self._state_names())}")
            if form.is_generator:
                line("yield from ()")
            with block("if over"):
                self._stop()
            if not form.takes_inputs:
                self._give_inputs()
            self._forget_ends(self._plan.assets)
            with block("try"), self._loop():
                self._epoch()
            with block("except BaseException as error"):
                with block("if not over"):
                    line("failed(error, epoch)")
                self._end_failed(self._plan.assets)
                line("raise")

    def _state_names(self) -> list[str]:
        carried = [name for each in self._plan.carried if each.pending for name in (each.current.name, each.stored_at)]
        return ["epoch", "over", "stopping", *carried, *(each.source for each in self._sources)]

    def _loop(self) -> Any:
        if self._form is _Form.process:
            return nullcontext()
        if self._form is _Form.stream:
            return self._source.block("for inputs in records")
        numbers = "count(epoch + 1) if limit is None else range(epoch + 1, epoch + 1 + limit)"
        return self._source.block(f"for epoch in {numbers}")

    def _epoch(self) -> None:
        if self._form.takes_inputs:
            self._take_inputs()
            self._source.line("epoch += 1")
        for step in self._plan.draws:
            self._step(step)
        for asset in self._plan.assets:
            self._open(asset)
        for step in self._plan.steps:
            self._step(step)
        self._close(self._plan.assets)
        self._commit()
        self._deliver()

    def _give_inputs(self) -> None:
        for step in self._plan.inputs:
            if step.default is not None:
                self._source.line(f"{step.target.name} = {_expression(step.default)}")
            else:
                # Only `stream` and `process` can give it; the runner sees to that.
                self._source.line(f"{step.target.name} = missing_input({step.place.name!r})")

    def _take_inputs(self) -> None:
        for step in self._plan.inputs:
            with self._source.at(step.place):
                self._take_input(step)
        with self._source.block("if not inputs.keys() <= given"):
            self._source.line("unknown_inputs(inputs)")

    def _take_input(self, step: TakeInput) -> None:
        line, block = self._source.line, self._source.block
        name, target = step.place.name, step.target.name
        if step.default is None:
            with block("try"):
                line(f"{target} = inputs[{name!r}]")
            with block("except KeyError"):
                line(f"missing_input({name!r})")
            line(f"{target} = {step.validator}({target})")
            return
        with block(f"if {name!r} in inputs"):
            line(f"{target} = {step.validator}(inputs[{name!r}])")
        with block("else"):
            line(f"{target} = {_expression(step.default)}")

    def _step(self, step: Step) -> None:
        with self._source.at(step.place):
            if isinstance(step, Draw):
                self._draw(step)
            elif isinstance(step, Call):
                self._call(step)
            elif isinstance(step, Record):
                self._record(step)
            elif isinstance(step, Store):
                self._source.line(f"{step.pending.name} = {step.value.name}")
            else:
                self._return(step)

    def _draw(self, step: Draw) -> None:
        line, block = self._source.line, self._source.block
        with block("try"):
            line(f"{_target(step.output)}{step.source}()")
        with block("except StopIteration"):
            ended = f"source_ended({step.place.name!r})"
            if step.ends_run:
                line(ended)
                self._end_run()
            else:
                line(f"{step.source} = silent")
                with block(f"if {ended}"):
                    self._end_run()
                if _target(step.output):
                    line(f"{_target(step.output)}NoEvent")
        self._unpack(step.output, step.place)

    def _end_run(self) -> None:
        self._source.line("over = True")
        self._source.line("epoch -= 1")
        self._stop()

    def _stop(self) -> None:
        if self._form is _Form.process:
            self._source.line(f"raise TubeExhaustedError({_ended(self._plan.name)!r}) from None")
        else:
            self._source.line("return")

    def _call(self, step: Call) -> None:
        guard = " and ".join(f"{each.name} is not NoEvent" for each in step.needs)
        with self._source.block(f"if {guard}") if guard else nullcontext():
            with self._scope(step.assets):
                for isolate in step.isolates:
                    self._isolate(isolate)
                arguments = ", ".join(_arguments(step))
                self._source.line(f"{_target(step.output)}{step.function}({arguments})")
            self._unpack(step.output, step.place)
        written = [each.name for each in step.output.variables if each is not None]
        if guard and written:
            with self._source.block("else"):
                self._source.line(f"{' = '.join(written)} = NoEvent")

    def _unpack(self, output: Output, place: Place) -> None:
        """Take a result apart that is a tuple with one value per signal."""
        if not output.several:
            return
        line, block = self._source.line, self._source.block
        names = [each.name if each is not None else "_" for each in output.variables]
        with block("if values is NoEvent"):
            line(f"{' = '.join(names)} = NoEvent")
        with block("else"):
            line(f"{', '.join(names)} = several(values, {len(names)})")

    def _isolate(self, step: Isolate) -> None:
        pending = step.pending.name
        same = " or ".join(f"{each.name} is {pending}" for each in step.shared)
        with self._source.block(f"if {same}"):
            about = f"{step.asset!r}, {step.signal!r}, {step.receiver!r}"
            self._source.line(f"{pending} = copied({pending}, {about})")

    def _record(self, step: Record) -> None:
        value, target = step.value, step.target
        make = "emit_event" if step.notify else "event_of"
        with self._source.block(f"if {value.name} is not NoEvent") if value.optional else nullcontext():
            for isolate in step.isolates:
                self._isolate(isolate)
            assign = f"{target.name} = " if target is not None else ""
            event = f"{make}({step.node!r}, {step.signal!r}, epoch, {value.name})"
            self._source.line(f"{assign}{event}")
        if value.optional and target is not None:
            with self._source.block("else"):
                self._source.line(f"{target.name} = NoEvent")

    def _return(self, step: Return) -> None:
        with self._scope(step.assets):
            self._source.line(f"{step.target.name} = {_returned(step)}")
            for isolate in step.isolates:
                with self._source.block(f"if {step.target.name} is not NoEvent"):
                    self._isolate(isolate)

    @contextmanager
    def _scope(self, assets: tuple[OpenAsset, ...]) -> Iterator[None]:
        """Objects that live as long as what is done inside."""
        if not assets:
            yield
            return
        self._forget_ends(assets)
        with self._source.block("try"):
            for asset in assets:
                self._open(asset)
            yield
            self._close(assets)
        with self._source.block("except BaseException as error"):
            self._source.line("failed(error, epoch)")
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
            else:
                line(f"{target}, {step.end} = enter({step.make}())")

    def _close(self, assets: tuple[OpenAsset, ...]) -> None:
        """The normal end of objects, last made first; each is forgotten before its end, so that it ends once."""
        line = self._source.line
        for step in reversed(assets):
            if step.end is None:
                continue
            with self._source.at(step.place):
                line(f"end, {step.end} = {step.end}, None")
                unknown = step.opening is Opening.unknown
                with self._source.block("if end is not None") if unknown else nullcontext():
                    line("end(None, None, None)")

    def _end_failed(self, assets: tuple[OpenAsset, ...]) -> None:
        ends = [f"({str(each.place)!r}, {each.end})" for each in reversed(assets) if each.end is not None]
        if ends:
            self._source.line(f"end_all([{', '.join(ends)}], error)")

    def _commit(self) -> None:
        for carried in self._plan.carried:
            if carried.pending is not None:
                with self._source.block(f"if {carried.pending.name} is not NoEvent"):
                    self._source.line(f"{carried.current.name} = {carried.pending.name}")
                    self._source.line(f"{carried.stored_at} = epoch")

    def _deliver(self) -> None:
        line, block = self._source.line, self._source.block
        if self._plan.notify_end:
            line("notify_end(epoch)")
        result = self._plan.result
        if self._form is _Form.process:
            if result is not None:
                some = f"None if {result.name} is NoEvent else " if result.optional else ""
                line(f"return {some}{result.name}")
            return
        give = "yield {}" if self._form.is_generator else "emit({})"
        if result is not None:
            check = block(f"if {result.name} is not NoEvent") if result.optional else nullcontext()
            with check:
                line(give.format(result.name))
        elif self._form.is_generator and not self._plan.returns:
            line(give.format("None"))
        with block("if stopping"):
            line("return")


def _target(output: Output) -> str:
    """The left side of the assignment of a result."""
    if output.several:
        return "values = "
    (variable,) = output.variables
    return "" if variable is None else f"{variable.name} = "


def _arguments(step: Call) -> Iterator[str]:
    for value in step.positional:
        yield _expression(value)
    for name, value in step.named:
        yield (f"{name}={_expression(value)}" if _is_plain_name(name) else f"**{{{name!r}: {_expression(value)}}}")
    for name, variable in step.omitted:
        yield f"**({{{name!r}: {variable.name}}} if {variable.name} is not NoEvent else {{}})"


def _expression(value: Expression) -> str:
    if isinstance(value, Variable):
        return f"{value.name} if {value.name} is not NoEvent else None" if value.optional else value.name
    if isinstance(value, Constant):
        return value.name or repr(value.value)
    if isinstance(value, CurrentEpoch):
        return "Epoch(epoch)"
    assert isinstance(value, Events)
    events = ", ".join(f"({slot!r}, {variable.name})" for slot, variable in value.events)
    return f"events([{events}])"


def _returned(step: Return) -> str:
    names = [each.name for each in step.values]
    optional = [each.name for each in step.values if each.optional]
    if step.single:
        return names[0]
    if step.keys is None:
        whole = f"[{', '.join(names)}]"
    else:
        pairs = [f"{key!r}: {name}" for key, name in zip(step.keys, names, strict=True)]
        whole = f"{{{', '.join(pairs)}}}"
    if not optional:
        return whole
    condition = " and ".join(f"{name} is not NoEvent" for name in optional)
    if step.keys is None or len(names) == 1:
        return f"{whole} if {condition} else NoEvent"
    return f"{whole} if {condition} else present({whole})"


def _is_plain_name(name: str) -> bool:
    import keyword

    return name.isidentifier() and not keyword.iskeyword(name)


def _ended(name: str) -> str:
    return f"the tube '{name}' has ended: its sources have nothing more to give"
