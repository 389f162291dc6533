"""Handing out the items of a map to several workers, in chunks, each of which goes through the loop by itself."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial
from itertools import takewhile

from noob_cli.codegen.staging import Piece, live_behind
from noob_cli.named_tuple import NamedTuple
from noob_cli.plan.chunking import bound_of
from noob_cli.plan.plan import Plan
from noob_cli.plan.reserved_names import NUMBERS
from noob_cli.plan.stages import Stages
from noob_cli.plan.steps import For, Items
from noob_cli.runners.crews.crew import Crew, OnTheirWay, Underway

Map = Callable[[OnTheirWay], OnTheirWay]
"""Does a region for epochs, in order."""

_CHUNKS_EACH = 4
"""In how many chunks each worker gets its share of the items: some take longer than others."""


class HandingOut:
    """Cuts the items of a map into chunks, for which several workers do the loop, and joins the outcomes.

    What the loop collects is joined in the order of the items. The first chunk that has failed, or has ended the tube,
    is the last that counts.

    Args:
        plan: The plan.
        stages: Its stages.
        number: The number of the stage whose region is the loop.
        workers: How many workers there are.
    """

    def __init__(self, plan: Plan, stages: Stages, number: int, workers: int) -> None:
        (unit,) = stages.stages[number].region
        self._at, loop = unit.at, unit.step
        assert isinstance(loop, For)
        assert isinstance(loop.over, Items)
        before, after = (live_behind(plan, stages, index) for index in (2 * number - 2, 2 * number - 1))
        cut = [loop.over.items.name, *(variable.name for variable in loop.over.beside if variable.name != NUMBERS)]
        self._most = _CHUNKS_EACH * workers
        self._cut = [before.index(name) for name in cut]
        self._numbers = before.index(NUMBERS) if NUMBERS in before else None
        self._empty = [before.index(name) for name in loop.lists if name in before]
        self._joined = [after.index(name) for name in (*loop.lists, cut[0]) if name in after]
        # Where other epochs are drawn meanwhile, it is seen to it that none is given what one still has.
        is_alone = stages.stages[number].is_within
        self._not_taken = [at for at, name in enumerate(before) if is_alone and name not in unit.effects.takes]
        given = {*loop.lists, cut[0], *unit.effects.writes}
        self._kept = [(at, before.index(name)) for at, name in enumerate(after) if name not in given]
        self._under_way: deque[_Split] = deque()

    def map(self, do: Map, epochs: OnTheirWay) -> OnTheirWay:
        """Do the loop for epochs, in order.

        Args:
            do: Does it for chunks of their items.
            epochs: The epochs.
        """
        chunks: list[Underway] = []
        for chunk in do(self._chunks_of(epochs)):
            if chunk is None:
                yield None
                continue
            chunks.append(chunk)
            split = self._under_way[0]
            if len(chunks) == split.chunks:
                self._under_way.popleft()
                yield self._whole(split.epoch, chunks)
                chunks = []

    def _chunks_of(self, epochs: OnTheirWay) -> Iterator[Underway | None]:
        """The epochs in chunks of their items, each on its way by itself."""
        for epoch in epochs:
            if epoch is None:
                yield None
                continue
            number, at, failed, _, values = epoch
            if at <= self._at:
                self._under_way.append(_Split(epoch, 1))
                yield epoch
                continue
            items = len(values[self._cut[0]])
            chunks = max(min(self._most, items), 1)
            self._under_way.append(_Split(epoch, chunks))
            for chunk in range(chunks):
                span = slice(chunk * items // chunks, (chunk + 1) * items // chunks)
                own = list(values)
                for place in self._cut:
                    own[place] = values[place][span]
                for place in self._empty:
                    own[place] = []
                if self._numbers is not None:
                    own[self._numbers] = range(span.start, span.stop)
                for place in self._not_taken:
                    own[place] = None
                yield number, at, failed, (), tuple(own)

    def _whole(self, epoch: Underway, chunks: Sequence[Underway]) -> Underway:
        """An epoch all of whose chunks have been done."""
        _, before, _, notes, kept = epoch
        if before <= self._at:
            return chunks[0]
        counted: list[Underway] = []
        for chunk in chunks:
            counted.append(chunk)
            _, at, _, noted, _ = chunk
            notes += noted
            # Nested tubes have noted how often they were called.
            if at != before or any(isinstance(note, str) for note in noted):
                break
        number, at, failed, _, last = counted[-1]
        values = list(last)
        for place in self._joined if at == before else ():
            values[place] = [value for chunk in counted for value in chunk[4][place]]
        for place, as_before in self._kept:
            values[place] = kept[as_before]
        return number, at, failed, notes, tuple(values)


class _Split(NamedTuple):
    """An epoch whose items have been handed out.

    Args:
        epoch: The epoch.
        chunks: In how many chunks they were.
    """

    epoch: Underway
    chunks: int


def bounded(do: Map, most: int, epochs: OnTheirWay) -> OnTheirWay:
    """Do a region, but for so many epochs at once at the most.

    Args:
        do: Does the region.
        most: For how many epochs at once.
        epochs: The epochs.
    """
    inside = 0

    def admitted() -> Iterator[Underway | None]:
        nonlocal inside
        while True:
            if inside >= most:
                yield None
                continue
            try:
                epoch = next(epochs)
            except StopIteration:
                return
            inside += epoch is not None
            yield epoch

    for epoch in do(admitted()):
        inside -= epoch is not None
        yield epoch


def segment_of(crew: Crew, plan: Plan, stages: Stages, number: int, made_of: Callable[[Piece], Map]) -> Map:
    """The function that does a segment for epochs, in order, with the loops within it that are handed out.

    Args:
        crew: Who does the loops.
        plan: The plan.
        stages: Its stages.
        number: The number of the stage.
        made_of: Compiles a segment.
    """

    def segment(at: int) -> Map:
        piece = Piece(stages, at, is_region=False)
        return iter if piece.is_idle(plan) else made_of(piece)

    steps = [segment(number)]
    for at in takewhile(lambda at: stages.stages[at].is_within, range(number + 1, len(stages.stages))):
        steps += [region_of(crew, plan, stages, at), segment(at)]
    return steps[0] if len(steps) == 1 else partial(bounded, partial(_through, steps), 1)


def _through(steps: Iterable[Map], epochs: OnTheirWay) -> OnTheirWay:
    for do in steps:
        epochs = do(epochs)
    return epochs


def region_of(crew: Crew, plan: Plan, stages: Stages, number: int) -> Map:
    """The function that does the region of a stage for epochs, and gives them back in order.

    Args:
        crew: Who does it.
        plan: The plan.
        stages: Its stages.
        number: The number of the stage.
    """
    stage = stages.stages[number]
    do: Map = partial(crew.map, number)
    most = bound_of(stage)
    if most is not None and most < crew.workers:
        do = partial(bounded, do, most)
    return partial(HandingOut(plan, stages, number, crew.workers).map, do) if stage.is_loop else do
