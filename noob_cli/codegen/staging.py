"""The Python of the stages of an epoch: segments, generators of epochs in order, and regions, functions of one epoch.

An epoch on its way is a tuple: its number; where in the plan it has failed, or `WHOLE`; the failure; what is noted for
its end; and the values that the next stages need. A step is done only if nothing before it in the plan has failed.
None passes through segments: just now there is no epoch to be had.

Where something in the plan is awaited, the first segment is an asynchronous generator, and all others, and the regions,
are coroutine functions of one epoch.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Iterator, Sequence
from typing import TYPE_CHECKING

from noob_cli.codegen.emission import Emission
from noob_cli.codegen.emitters import EMITTERS
from noob_cli.codegen.forms import commit, copy_carried, undo
from noob_cli.codegen.inputs import take_defaults, take_from_record
from noob_cli.codegen.scopes import living
from noob_cli.codegen.source import Source
from noob_cli.codegen.tubes import begin, draw_sources
from noob_cli.named_tuple import NamedTuple
from noob_cli.plan.plan import ASSET, Plan, State
from noob_cli.plan.reserved_names import NUMBERS
from noob_cli.plan.steps import Body, Draw, DrawNested, OpenAsset

if TYPE_CHECKING:
    # Only a run with several epochs under way pays for how they are cut.
    from noob_cli.plan.effects import Unit
    from noob_cli.plan.stages import Stages


class Piece(NamedTuple):
    """A segment or a region of a plan.

    Args:
        stages: The stages of the plan.
        number: The number of the stage.
        is_region: Whether it is the region of the stage.
        has_records: For the first segment, whether there is a record for each epoch.
    """

    stages: Stages
    number: int
    is_region: bool
    has_records: bool = False

    @property
    def name(self) -> str:
        """The name of the function."""
        return f"{'region' if self.is_region else 'segment'}_{self.number}"

    @property
    def key(self) -> Hashable:
        """What tells it from the other pieces of the plan, which may be cut in more than one way."""
        cut = []
        for stage in self.stages.stages:
            region, segment = (tuple(unit.at for unit in units) for units in (stage.region, stage.segment))
            cut.append((region, segment, stage.stores, stage.is_loop, stage.is_within))
        return self.name, self.has_records, self.stages.is_whole, tuple(cut)

    @property
    def units(self) -> tuple[Unit, ...]:
        """The steps."""
        stage = self.stages.stages[self.number]
        return stage.region if self.is_region else stage.segment

    @property
    def is_last(self) -> bool:
        """Whether it is the last segment, with which an epoch ends."""
        return not self.is_region and self.number == len(self.stages.stages) - 1

    @property
    def is_begin_of_last(self) -> bool:
        """Whether the end of an epoch begins with this segment: no other epoch comes there until it has ended."""
        return not self.is_region and self.number == max(
            number for number, stage in enumerate(self.stages.stages) if not stage.is_within
        )

    def counters(self, plan: Plan) -> list[str]:
        """The counters of nested tubes that may be called again: they count from 0, and are added up on delivery."""
        early = self.stages.first_early
        is_early = early is not None and early <= self.number and not self.is_last
        if not (self.is_region or is_early):
            return []
        drawn = {*_of_drawn(plan.body)}
        return [body.counter for body in _bodies(self.units) if body.counter not in drawn]

    def ending(self) -> list[str]:
        """The names of what says that nested tubes have ended which can only do so for the rest of an epoch."""
        return [body.over for body in _bodies(self.units) if body.ends_within]

    def changes(self, plan: Plan) -> Sequence[State]:
        """The state that is committed at its end: what it stores early; of the last segment, all that is left."""
        if self.is_region:
            return ()
        undone = [state for state in plan.state if state.key[0] == ASSET or state.committed is not None]
        if self.is_last:
            early = {name for stage in self.stages.stages for name in stage.stores}
            return [state for state in undone if state.name not in early]
        return [state for state in undone if state.name in self.stages.stages[self.number].stores]

    def is_empty(self, plan: Plan) -> bool:
        """Whether it does nothing but to choose the values that the next piece gets."""
        return not self.units and not self.changes(plan) and self.stages.assets is None

    def is_idle(self, plan: Plan) -> bool:
        """Whether it does nothing at all, and gives the next piece what it gets itself."""
        return self.is_empty(plan) and outputs_of(plan, self) == live_behind(plan, self.stages, _index(self) - 1)

    def compile(self, plan: Plan) -> Source:
        """Its Python."""
        source = Source()
        emission = Emission(plan, source, EMITTERS)
        head = emission.head
        # The number of the epoch is that of the one on its way, and a region has nothing in common with others.
        shared = [] if self.is_region else emission.shared_names
        own = {plan.body.counter, *self.counters(plan), *(_of_drawn(plan.body) if self.number else ())}
        emission.shared_names = [name for name in shared if name not in own]
        with emission.block(head):
            if self.number == 0:
                _emit_first(emission, self)
            elif self.is_region or plan.awaits:
                _emit_one(emission, self)
            else:
                _emit_segment(emission, self)
            source.put_outlined()
        return source


def _emit_first(emission: Emission, piece: Piece) -> None:
    """Segment 0: takes the inputs of each epoch, draws from the sources, and does what comes before all regions."""
    line, block, body = emission.line, emission.block, emission.plan.body
    with emission.function(f"{emission.def_} segment_0(records, {body.counter})"):
        with block(f"if {body.over}"):
            line("return")
        if not piece.has_records:
            take_defaults(emission, body.inputs, fresh=False)
        with block("for inputs in records"):
            with block("if inputs is NOT_YET"):
                _yield_begun(emission, "None")
                line("continue")
            with block("try"):
                if piece.has_records:
                    take_from_record(emission, body.inputs)
                else:
                    take_defaults(emission, body.inputs, fresh=True)
                line("pass")
            _give_up(emission)
            line(f"{body.counter} += 1")
            with block("try"):
                # What a nested tube that has ended draws no more.
                unset = sorted({*_drawn_by_nested(body)} & {*outputs_of(emission.plan, piece)})
                if unset:
                    line(f"{' = '.join(unset)} = NoEvent")
                begin(emission, body)
                draw_sources(emission, body, lambda: line("return"))
                line("pass")
            _give_up(emission)
            line("at, failure, notes = WHOLE, None, ()")
            _emit_units(emission, piece, available=_at_first(body))
            _yield_begun(emission, _item(emission, piece))


def _give_up(emission: Emission) -> None:
    """Hand on an epoch that fails before its first step as one that was not begun."""
    counter = emission.plan.body.counter
    with emission.block("except BaseException as error"):
        _yield_begun(emission, f"{counter}, NOT_BEGUN, failed_at(error, {counter}, None), (), ()")
        emission.line("continue")


def _yield_begun(emission: Emission, item: str) -> None:
    """Hand on an epoch that has begun, or None; none begins after that if the loops are to end."""
    emission.line(f"yield {item}")
    with emission.block("if stopping is not None"):
        emission.line("return")


def _emit_segment(emission: Emission, piece: Piece) -> None:
    body = emission.plan.body
    with emission.function(f"def {piece.name}(epochs)"), emission.block("for underway in epochs"):
        with emission.block("if underway is None"):
            emission.line("yield None")
            emission.line("continue")
        emission.line(f"{body.counter}, at, failure, notes, values = underway")
        with emission.block("if at == NOT_BEGUN"):
            emission.line(f"yield {body.counter}, at, failure, notes, None")
            emission.line("continue")
        _emit_counted(emission, piece)
        emission.line(f"yield {_item(emission, piece)}")


def _emit_one(emission: Emission, piece: Piece) -> None:
    """A region, or a segment that is done for one epoch at a time."""
    body = emission.plan.body
    with emission.function(f"{emission.def_} {piece.name}({body.counter}, at, failure, notes, values)"):
        with emission.block("if at == NOT_BEGUN"):
            emission.line(f"return {body.counter}, at, failure, notes, None")
        _emit_counted(emission, piece)
        emission.line(f"return {_item(emission, piece)}")


def _emit_counted(emission: Emission, piece: Piece) -> None:
    """The steps of a piece, and what counts the calls of nested tubes in it."""
    counters = piece.counters(emission.plan)
    for counter in counters:
        emission.line(f"{counter} = 0")
    for over in piece.ending() if piece.is_region else ():
        emission.line(f"{over} = False")
    _emit_units(emission, piece)
    for counter in counters:
        emission.line(f"notes += (({counter!r}, {counter}),)")


def _emit_units(emission: Emission, piece: Piece, available: Iterable[str] = ()) -> None:
    """The steps of a piece, each done if nothing before it in the plan has failed."""
    line, plan = emission.line, emission.plan
    before = list(live_behind(plan, piece.stages, _index(piece) - 1)) if _index(piece) else []
    if before:
        line(f"{_tuple(before)} = values")
    after = outputs_of(plan, piece)
    known = {*before, *available, *plan.lasting_names}
    missing = [name for name in after if name not in known]
    if missing:
        line(f"{' = '.join(missing)} = NoEvent")
    is_end = piece.is_last or (piece.is_region and piece.stages.is_whole)
    if piece.is_empty(plan):
        return
    changes = piece.changes(plan)
    line("end_tubes, step = [], -1")
    with emission.block("try"):
        if piece.is_begin_of_last:
            copy_carried(emission)
        with emission.ending_later(), living(emission, _epoch_assets(piece, is_end)):
            for unit in piece.units:
                with emission.block(f"if at < {unit.at}"):
                    line("step = at")
                    line("raise failure.error")
                line(f"step = {unit.at}")
                emission.steps([unit.step])
            if is_end or changes:
                with emission.block("if failure is not None"):
                    line("step = at")
                    line("raise failure.error")
        commit(emission, changes)
        line("pass")
    with emission.block("except BaseException as error"):
        with emission.block("if failure is None or error is not failure.error"):
            # The first in the plan is the one that is told.
            told = "failure if at <= step else None"
            line(f"at, failure = min(at, step), failed_at(error, {plan.body.counter}, {told})")
        undo(emission, changes)
        if plan.awaits:
            # It is about the run, whichever of the epochs that are under way it has come to.
            with emission.block("if isinstance(error, KeyboardInterrupt)"):
                line("raise")
    with emission.block("if end_tubes"):
        line("notes += (*end_tubes,)")


def _epoch_assets(piece: Piece, is_end: bool) -> Sequence[OpenAsset]:
    """What lives as long as an epoch, where the epoch is done: in its region if that is all of it, else at its end."""
    assets = piece.stages.assets
    return assets.assets if assets is not None and is_end and piece.is_region == piece.stages.is_whole else ()


def outputs_of(plan: Plan, piece: Piece) -> tuple[str, ...]:
    """The names of the values that a piece gives to the next; of the last piece, of what the epoch returns."""
    if piece.is_last:
        return () if plan.body.result is None else (plan.body.result.name,)
    return live_behind(plan, piece.stages, _index(piece))


def _item(emission: Emission, piece: Piece) -> str:
    """An epoch on its way, in Python; at the end of its way, with what it returns."""
    values = _tuple(outputs_of(emission.plan, piece))
    return f"{emission.plan.body.counter}, at, failure, notes, {values}"


def _index(piece: Piece) -> int:
    """The place of a piece among all: segment 0, region 1, segment 1, region 2 ..."""
    return 2 * piece.number - piece.is_region


def live_behind(plan: Plan, stages: Stages, index: int) -> tuple[str, ...]:
    """The names of the values that are live behind a piece: they are there, and something later needs them.

    Args:
        plan: The plan.
        stages: Its stages.
        index: The place of the piece among all: segment 0, region 1, segment 1, region 2 ...
    """
    pieces = [stages.stages[0].segment]
    for stage in stages.stages[1:]:
        pieces += [stage.region, stage.segment]
    body = plan.body
    available = {*_at_first(body)}
    for piece in pieces[: index + 1]:
        available |= {name for unit in piece for name in unit.effects.writes}
    if stages.is_whole and stages.assets is not None and index > 0:
        available |= {asset.target.name for asset in stages.assets.assets}
    following = stages.stages[index // 2 + 1 : index // 2 + 2]
    if index % 2 == 0 and any(stage.is_loop for stage in following):
        # Who hands out the items puts them in.
        available.add(NUMBERS)
    early = {name for stage in stages.stages[: index // 2 + 1] for name in stage.stores}
    carried = (asset for asset in body.carried if asset.current not in early)
    needed = {asset.pending.name for asset in carried if asset.pending is not None}
    needed |= set() if body.result is None else {body.result.name}
    later = [unit for piece in pieces[index + 1 :] for unit in piece]
    needed |= {name for unit in later for name in unit.effects.takes | unit.effects.writes}
    # What is drawn later changes that.
    of_drawn = {*_of_drawn(body)} & {name for inner in _bodies(later) for name in (inner.over, inner.counter)}
    return tuple(sorted(((available & needed) - plan.lasting_names) | of_drawn))


def _bodies(units: Iterable[Unit]) -> Iterator[Body]:
    """The nested tubes in steps."""
    return (part for unit in units for part in unit.step.walk() if isinstance(part, Body))


def _at_first(body: Body) -> Iterator[str]:
    """The values that are there when an epoch has begun."""
    yield from (step.target.name for step in body.inputs)
    yield from (variable.name for variable in body.begin)
    yield from _drawn(body)


def _drawn(around: Body | DrawNested) -> Iterator[str]:
    for draw in around.draws:
        yield from draw.output.names if isinstance(draw, Draw) else _drawn(draw)


def _drawn_by_nested(body: Body) -> Iterator[str]:
    """What is drawn for nested tubes."""
    return (name for draw in body.draws if isinstance(draw, DrawNested) for name in _drawn(draw))


def _of_drawn(around: Body | DrawNested) -> Iterator[str]:
    """What says of nested tubes that are drawn with the sources whether they have ended, and counts their epochs."""
    for draw in around.draws:
        if isinstance(draw, DrawNested):
            yield from (draw.over, draw.counter)
            yield from _of_drawn(draw)


def _tuple(names: Iterable[str]) -> str:
    names = list(names)
    return f"({', '.join(names)}{',' if len(names) == 1 else ''})"
