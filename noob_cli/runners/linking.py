"""Linking: the names in a compiled plan are bound to the objects of a run, which gives the functions of its epochs."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Collection, Iterator, Mapping
from contextvars import Context, copy_context
from functools import partial
from typing import TYPE_CHECKING, Any

from noob_cli.codegen.compiled import CompiledPlan, Epochs
from noob_cli.collector import without_collecting
from noob_cli.named_tuple import NamedTuple
from noob_cli.nodes.special import CONCURRENCY
from noob_cli.plan.items_at_once import is_awaited, loops_at_once, why_not_awaited
from noob_cli.plan.lowering.context import Params
from noob_cli.plan.lowering.lowering import lower
from noob_cli.plan.lowering.options import LoweringOptions
from noob_cli.plan.passes.passes import APART, PASSES
from noob_cli.plan.place import Place
from noob_cli.plan.plan import OVER, SOURCE, OfCode, OfNode, Plan
from noob_cli.plan.steps import For
from noob_cli.runners.arguments import tube_around
from noob_cli.runners.backlog import Backlog
from noob_cli.runners.binding import at_first, bound_to, may_be_several, note_finished, owner_of
from noob_cli.runners.crews.crew import Job
from noob_cli.runners.failure import Failures
from noob_cli.runners.hooks import Hooks
from noob_cli.runners.rates import Rates
from noob_cli.runners.setup import Setup
from noob_cli.runners.standing import Standing
from noob_cli.runners.starting import Starter
from noob_cli.runners.timers import Timers, new_timers

if TYPE_CHECKING:
    # Only a run that is measured, or has several epochs under way, pays for what that takes, asyncio among it.
    from noob_cli.codegen.timing import Timer
    from noob_cli.plan.stages import Stages
    from noob_cli.runners.crews.coroutines import Coroutines
    from noob_cli.runners.crews.verified import Comparison
    from noob_cli.runners.item_tasks import ItemTasks
    from noob_cli.runners.staged import Staged


class Linked(NamedTuple):
    """A compiled plan, bound to the objects of a run.

    Args:
        code: The compiled plan.
        bound: What the names in the code are bound to.
        stages: The stages in which they are made; None if each is made as a whole.
        chunked: Those between which items of maps are handed out, if there are others.
        epochs: The functions that make epochs, on the state of the run.
        staged: What makes them in stages; None if each is made as a whole.
    """

    code: CompiledPlan
    bound: Mapping[str, Any]
    stages: Stages | None
    chunked: Stages | None
    epochs: Epochs
    staged: Staged | None


class Linker:
    """Lowers the tube of a run, compiles the plan, and binds the names in the code to the objects of the run.

    Args:
        setup: What the run is made of.
        standing: Where the run stands.
        failures: Gets what fails.
        starter: What the run has made at its start.
        timers: Measure the nodes.
        on_end_within: Called when a nested tube has ended, and the run goes on without it.
        wanted: How many results are wanted at the most from now on.
    """

    def __init__(
        self,
        setup: Setup,
        standing: Standing,
        failures: Failures,
        starter: Starter,
        timers: Timers,
        on_end_within: Callable[[], object],
        wanted: Callable[[], int],
    ) -> None:
        self._tube = setup.tube
        self._disabled = setup.disabled
        self._observers = setup.observers
        self._standing = standing
        self._strand = setup.strand
        self._failures = failures
        self._starter = starter
        self._on_end_within = on_end_within
        self._wanted = wanted
        self._undoing = setup.undoing
        self._timing = setup.timing
        self._crew = setup.crew
        self._coroutines = setup.coroutines
        self._verify = setup.verify
        self._comparison: Comparison | None = None
        self._params: Params = {}
        self._backlog = Backlog()
        self._rates = Rates()
        self._context: Context | None = None
        """What it has begun its epochs with, if those are to know it that are under way at the same time."""
        self._timers = timers
        self._item_tasks: ItemTasks
        self._worked_at: tuple[CompiledPlan, Stages] | None = None
        """What the crew works at."""
        self._here: set[tuple[str, str]] = set()
        """What there may be one of for each worker, and there is one of here: nodes and assets, by name."""
        if setup.crew is not None:
            starter.wants = self._is_here

    def link(self, flushing: str | None = None) -> Linked:
        """Compile the plan for the nodes that are enabled now, and go on from where the run stands.

        Args:
            flushing: For one of the last epochs, the node that is flushed in it.
        """
        self._failures.unwrapped(self._strand.do, self._starter.start_nodes(self._tube, self._disabled))
        plan, stages, chunked = self._lowered_in_stages(flushing)
        self._warn_of_idle_concurrency(plan)
        code = CompiledPlan(plan)
        self._timers.begin(plan.timed)
        hooks = Hooks(self._tube, code, self._standing, self._failures, self._observers, self._on_end_within)
        bound = hooks.by_name | {"enter": self._starter.enter, "known_inputs": plan.known_inputs}
        bound["timers"] = self._timers.by_name
        if any(map(is_awaited, loops_at_once(plan))):
            self._item_tasks = self._new_item_tasks(plan, self._timers)
            bound["at_once"] = partial(self._item_tasks.do, self._failures)
        bound |= {"pause": self._strand.pause} if plan.awaits else {}
        left = self._left_to_workers(plan, stages, chunked)
        bound |= {
            name: bound_to(binding, self._tube, self._starter, self._rates)
            for name, binding in plan.bindings.items()
            if name not in left
        }
        note_finished(plan, self._standing.ended)
        for state in plan.state:
            if state.key not in self._standing.state or state.key[0] == OVER:
                kind, name = state.key
                is_drawn = kind == SOURCE
                self._standing.state[state.key] = (
                    self.source(name) if is_drawn else at_first(state.key, plan, self._starter, self._standing.ended)
                )
        if stages is not None:
            from noob_cli.runners.worker import stage_hooks

            bound |= stage_hooks(hooks.by_name, self._failures)
            self._log_what_is_held_back(stages)
            self._work_at(code, chunked or stages)
        return self._bound(code, bound, stages, chunked)

    def _new_item_tasks(self, plan: Plan, timers: Timers) -> ItemTasks:
        from noob_cli.runners.item_tasks import ItemTasks

        return ItemTasks(self._tube, self._strand, plan.timed, timers)

    def relink(self, linked: Linked) -> Linked:
        """The same functions, on the state that there is now.

        Args:
            linked: What has made the epochs before.
        """
        return self._bound(linked.code, linked.bound, linked.stages, linked.chunked)

    def source(self, name: str) -> Iterator[Any] | AsyncIterator[Any]:
        """What an epoch draws from for a source that has been started: the source, measured where calls are.

        Args:
            name: The source.
        """
        source = self._starter.sources[name]
        if not self._timing:
            return source
        tube, node = tube_around(name, self._tube)
        signals = len(tube.graph.nodes[node].kind.interface.signals)
        timer = self._timers.by_name[name]
        return timer.drawing(source, signals) if isinstance(source, Iterator) else timer.drawing_async(source, signals)

    def _lowered_in_stages(self, flushing: str | None) -> tuple[Plan, Stages | None, Stages | None]:
        """The plan, with its stages if there is somebody who does several epochs at once, and something to do.

        With them come those between which the items of maps are handed out as long as there are only a few epochs.
        """
        if (self._crew is None and self._coroutines is None) or flushing is not None:
            return self._lowered(tuple(PASSES), flushing), None, None
        from noob_cli.plan.stages import partition
        from noob_cli.runners.one_by_one import why_in_order

        plan = self._lowered(APART)
        stages = partition(plan, goes_on=self._undoing)
        chunked = self._chunked(plan)
        has_coroutines = self._coroutines is not None and self._strand.has_loop
        why = why_in_order(plan, chunked or stages, has_coroutines if plan.awaits else self._crew is not None)
        if why is None:
            return plan, stages, chunked
        if self._observers.is_new(why):
            self._observers.warn(f"the epochs of the tube '{self._tube.name}' are made one after the other: {why}")
        return self._lowered(tuple(PASSES)), None, None

    def _warn_of_idle_concurrency(self, plan: Plan) -> None:
        """Where nobody else works at them, items are under way at once only while something is awaited."""
        if self._crew is not None:
            return
        # A map has a loop for each pass over its items.
        whys: dict[Place, list[str | None]] = {}
        for loop in loops_at_once(plan):
            if loop.place is not None:
                whys.setdefault(loop.place, []).append(why_not_awaited(loop))
        texts = {
            place: f"{reasons[0]}, and this runner does nothing else at the same time"
            for place, reasons in whys.items()
            if None not in reasons
        }
        if plan.is_told_of_events:
            # Nothing is done at once then.
            texts = dict.fromkeys(self._with_concurrency(plan), "somebody is told of each event")
        for place, why in texts.items():
            where = "" if place.span is None else f", {place.span}"
            text = f"the 'concurrency' of {place}{where} has no effect: {why}"
            if self._observers.is_new(text):
                self._observers.warn(text)

    def _with_concurrency(self, plan: Plan) -> Iterator[Place]:
        """The maps that say that several of their items may be under way at once."""
        for loop in plan.body.walk():
            if isinstance(loop, For) and loop.place is not None:
                tube, name = tube_around(loop.place.name, self._tube)
                params = tube.graph.nodes[name].spec.params or {}
                if tube.resolved(params.get(CONCURRENCY, 1)) != 1:
                    yield loop.place

    def _lowered(self, passes: Collection[str], flushing: str | None = None) -> Plan:
        options = LoweringOptions(
            listening=bool(self._observers.callbacks) or self._observers.look is not None,
            tracing=self._observers.is_tracing,
            undoing=self._undoing,
            timing=self._timing,
            counting=self._observers.ended is not None,
            showing=self._observers.values.are_watched,
            in_loop=self._strand.has_loop,
            at_once=self._coroutines,
            ended=self._standing.ended,
            passes=passes,
        )
        with without_collecting():
            return lower(self._tube, self._disabled, options, flushing=flushing, params=self._params)

    def _left_to_workers(self, plan: Plan, *ways: Stages | None) -> set[str]:
        """The names of nodes and assets that only workers have, since only regions take them; others are started."""
        if self._crew is None:
            return set()
        everywhere = set(plan.per_worker)
        here = everywhere
        stages = [stage for way in ways if way is not None for stage in way.stages]
        if stages and not plan.awaits:
            # What nobody takes is made for the run all the same.
            here = everywhere - {*plan.one_each([plan.body])}
            here |= {*plan.one_each(unit.step for stage in stages for unit in stage.segment)}
            here |= set() if plan.body.result is None else {plan.body.result.name} & everywhere
        self._here |= {owner_of(plan.bindings[name]) for name in here}
        self._failures.unwrapped(self._strand.do, self._starter.start_tube(self._tube, self._disabled))
        return everywhere - here

    def _work_at(self, code: CompiledPlan, stages: Stages) -> None:
        """Have the crew work at some stages of a plan, if it does not already."""
        if code.plan.awaits or self._crew is None or self._is_at(code, stages):
            return
        self._worked_at = None
        failed = self._crew.start(Job(self._tube, code, stages, self._observers, self._rates))
        if failed is not None:
            self._failures.last = failed.failures
            raise failed.error
        self._worked_at = code, stages

    def _is_at(self, code: CompiledPlan, stages: Stages) -> bool:
        return self._worked_at is not None and self._worked_at[0] is code and self._worked_at[1] is stages

    def _log_what_is_held_back(self, stages: Stages) -> None:
        held_back = [item for stage in stages.stages for item in stage.in_order.items() if item[1] is not None]
        for place, why in dict.fromkeys(held_back):
            self._observers.log(f"{place} is done in the order of the epochs: {why}")

    def _chunked(self, plan: Plan) -> Stages | None:
        """The stages between which the items of maps are handed out; what is not handed out is logged."""
        if self._crew is None or self._crew.workers == 1:
            return None
        from noob_cli.plan.chunking import around_loops, chunked, item_loops

        stages = around_loops(plan)
        if stages is None:
            return None
        loops = list(item_loops(plan, stages))
        for loop in loops:
            if loop.why_whole is not None:
                self._observers.log(
                    f"the items of {loop.place} are not handed out to several workers: {loop.why_whole}"
                )
        return chunked(plan, stages, loops)

    def _bound(
        self, code: CompiledPlan, bound: Mapping[str, Any], stages: Stages | None, chunked: Stages | None
    ) -> Linked:
        """Bind a compiled plan to the state that there is, and put what runs it in stages around its functions."""
        epochs, staged = code.bind(bound, self._standing.state), None
        if code.plan.awaits:
            epochs = self._strand.driving(epochs, are_awaited=True)
        if stages is not None or self._backlog.outcomes:
            from noob_cli.runners.staged import Staged

            crew = self._awaiting(code, bound, stages) if code.plan.awaits else self._crew
            end_of_run = bound["end_of_run"]
            staged = Staged(
                code.plan,
                stages,
                chunked,
                epochs,
                self._failures,
                crew,
                self._backlog,
                self._wanted,
                end_of_run,
                partial(self._work_at, code),
                code.place_of,
            )
            epochs = staged.driven()
        if not code.plan.awaits:
            epochs = self._strand.driving(epochs, are_awaited=False)
        return Linked(code, bound, stages, chunked, epochs, staged)

    def _awaiting(self, code: CompiledPlan, bound: Mapping[str, Any], stages: Stages | None) -> Coroutines | None:
        """The crew that does the regions of a plan by awaiting them; None if epochs are made one by one."""
        if stages is None or self._coroutines is None:
            return None
        from noob_cli.codegen.staging import Piece
        from noob_cli.runners.crews.coroutines import Coroutines
        from noob_cli.runners.crews.sharing import Sharing
        from noob_cli.runners.worker import stage_hooks

        job = Job(self._tube, code, stages, self._observers, self._rates)

        def bind_region(number: int, timers: Mapping[str, Timer], around: Callable[[Any], Any] | None = None) -> Any:
            failures = Failures(self._tube, self._strand)
            hooks = Hooks(self._tube, code, self._standing, failures, self._observers, self._on_end_within).by_name
            own = {**hooks, **stage_hooks(hooks, failures), "timers": timers}
            if "at_once" in bound:
                item_tasks = self._item_tasks if around is None else self._new_item_tasks(code.plan, Timers())
                own["at_once"] = partial(item_tasks.do, failures)
            if around is not None:
                called = (name for name, binding in code.plan.bindings.items() if isinstance(binding, OfCode | OfNode))
                own |= {name: around(bound[name]) for name in called if name in bound}
            return code.bind_region({**bound, **own}, Piece(stages, number, is_region=True))

        def make_region(number: int) -> Any:
            # The calls of an epoch are measured one after the other, those of several are not.
            timers = self._timers.beside(code.plan.timed)
            region = bind_region(number, timers)
            if not self._verify:
                return region
            from noob_cli.runners.crews.verified import Comparison, looking_at_arguments

            self._comparison = self._comparison or Comparison(self._verify)
            self._comparison.job = job
            again = bind_region(number, new_timers(timers), looking_at_arguments)
            return self._comparison.awaited(number, region, again)

        if self._context is None:
            self._context = self._strand.call(copy_context)
        return Coroutines(self._coroutines, self._strand, self._context, make_region, Sharing(job), self._failures)

    def _is_here(self, place: Place) -> bool:
        """Whether a node or an asset is started here, and not by each worker."""
        return (place.kind, place.name) in self._here or not may_be_several(place, self._tube)
