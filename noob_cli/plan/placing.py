"""Placing the steps of an epoch: each in the segment of its serial section, or in a region between."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence

from noob_cli.plan.effects import Unit
from noob_cli.plan.serial_sections import SerialSection
from noob_cli.plan.steps import NewList
from noob_cli.plan.values import Variable


class Placing:
    """Where the steps of an epoch are done: serial sections in segments, in the order of the plan, all else in regions.

    Args:
        units: The steps.
        sections: The serial sections.
        members: The steps that are in one, each with the number of that.

    Attributes:
        regions: The number of the region of each step that is in one, by its place in the plan.
        segments: The number of the segment of each other step.
        stores: What is stored early at the end of each segment.
    """

    def __init__(self, units: Sequence[Unit], sections: Sequence[SerialSection], members: Mapping[int, int]) -> None:
        self.regions: dict[int, int] = {}
        self.segments: dict[int, int] = {}
        self.stores: defaultdict[int, frozenset[str]] = defaultdict(frozenset)
        self._units = units
        self._from_region: dict[str, int] = {}
        self._from_segment: dict[str, int] = {}
        first = 0
        for number, section in enumerate(sections):
            span = [unit for unit in units if first <= unit.at <= section.last]
            self._place(section, span, [unit for unit in span if members.get(unit.at) == number])
            first = section.last + 1
        self._place_free(unit for unit in units if unit.at >= first)
        self._place_new_lists()

    @property
    def last(self) -> int:
        """The number of the last stage."""
        return max([0, *self.regions.values(), *self.segments.values()])

    def not_yet_there(self, stage: int, at: int) -> set[str]:
        """The names of the values that come later than a step of a segment.

        Args:
            stage: The number of the stage.
            at: The place of the step in the plan.
        """
        return {name for unit in self._later(stage, at) for name in unit.effects.writes}

    def still_taken(self, stage: int, at: int) -> set[str]:
        """The names of the values that are taken later than by a step of a segment.

        Args:
            stage: The number of the stage.
            at: The place of the step in the plan.
        """
        return {name for unit in self._later(stage, at) for name in unit.effects.takes}

    def taken_for(self, result: Variable | None) -> set[str]:
        """The names of the values that are taken for what an epoch returns."""
        steps = (unit for unit in self._units if result is not None and result.name in unit.effects.writes)
        return {name for unit in steps for name in unit.effects.takes}

    def _later(self, stage: int, at: int) -> Iterator[Unit]:
        return (unit for unit in self._units if self._is_later(unit, stage, at))

    def _is_later(self, unit: Unit, stage: int, at: int) -> bool:
        if unit.at in self.regions:
            return self.regions[unit.at] > stage
        return (self.segments[unit.at], unit.at) > (stage, at)

    def _place(self, section: SerialSection, span: Sequence[Unit], inside: Sequence[Unit]) -> None:
        behind = list(_needing(span, inside))
        self._place_free(unit for unit in span if unit not in inside and unit not in behind)
        segment = self.last
        if section.stores and not self.stores and (segment == 0 or segment in self.segments.values()):
            # What goes through it once more is not drawn again, nor done to what can't be put back.
            segment += 1
        for unit in inside:
            self.segments[unit.at] = segment
            self._from_segment |= dict.fromkeys(unit.effects.writes | unit.effects.changes, segment)
        if section.stores:
            self.stores[segment] |= section.stores
        self._place_free(behind)

    def _place_free(self, units: Iterable[Unit]) -> None:
        for unit in units:
            takes = unit.effects.takes
            after = [self._from_segment[name] + 1 for name in takes if name in self._from_segment]
            region = max([1, *after, *(self._from_region[name] for name in takes if name in self._from_region)])
            self.regions[unit.at] = region
            self._from_region |= dict.fromkeys(unit.effects.writes, region)

    def _place_new_lists(self) -> None:
        """Let what is collected be begun where it is collected: an epoch may go there once more."""
        for number, unit in enumerate(self._units):
            if isinstance(unit.step, NewList):
                name = unit.step.target.name
                takers = (other.at for other in self._units[number + 1 :] if name in other.effects.takes)
                taker = next(takers, unit.at)
                for places in (self.regions, self.segments) if taker != unit.at else ():
                    places.pop(unit.at, None)
                    if taker in places:
                        places[unit.at] = places[taker]


def _needing(span: Iterable[Unit], inside: Sequence[Unit]) -> Iterator[Unit]:
    """The steps of a stretch that need what those in its section give."""
    written: set[str] = set()
    for unit in span:
        if unit in inside:
            written |= unit.effects.writes | unit.effects.changes
        elif unit.effects.takes & written:
            written |= unit.effects.writes
            yield unit
