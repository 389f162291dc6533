"""A crew that is looked at is a crew."""

from __future__ import annotations

from types import SimpleNamespace
from typing import cast

from noob_cli.runners.crews.crew import Crew
from noob_cli.runners.crews.verified import Verified

NAMES = {name for name in vars(Crew) if not name.startswith("_")}
COMPARED = {"start", "map", "stop"}
"""What does more than that of the crew that is looked at."""


def test_it_answers_all_that_a_crew_does() -> None:
    verified = Verified(cast("Crew", SimpleNamespace(**{name: name for name in NAMES})), 1)
    answered = {name: getattr(verified, name) for name in NAMES}
    assert {name for name, answer in answered.items() if answer == name} == NAMES - COMPARED
    assert all(callable(answered[name]) for name in COMPARED)


def test_it_does_itself_what_has_to_be_compared() -> None:
    assert NAMES & {*vars(Verified)} == COMPARED
