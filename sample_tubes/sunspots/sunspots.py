"""The nodes and assets of `sunspots.yaml`: plain functions, and one class."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from io import StringIO
from pathlib import Path
from typing import Annotated

from noob_cli import Name

SPOTS_PER_MARK = 5


@dataclass(frozen=True)
class History:
    """What is known of the years so far.

    Args:
        years: How many they are.
        total: The sum of their numbers.
        highest: The highest number.
        highest_year: The year that had it.
        last: The last year, and its number.
        rising: Whether the numbers were rising up to then, leaving years that were equal aside.
    """

    years: int = 0
    total: float = 0.0
    highest: float = 0.0
    highest_year: int | None = None
    last: tuple[int, float] | None = None
    rising: bool | None = None


def read_years(
    file: Path | None, first: int, last: int
) -> Iterator[tuple[Annotated[int, Name("year")], Annotated[float, Name("number")]]]:
    """Read the years from `first` to `last`, with the sunspot number of each."""
    path = file or Path(__file__).with_name("sunspots.csv")
    with path.open(newline="", encoding="utf-8") as lines:
        for row in csv.DictReader(lines):
            year = int(row["year"])
            if first <= year <= last:
                yield year, float(row["number"])


def remark_on_records(number: float, history: History, remarks: list[str]) -> Annotated[list[str], Name("remarks")]:
    """Remark on a number that is higher than any before it."""
    if history.highest_year is not None and number > history.highest:
        remarks.append(f"beats the {history.highest} of {history.highest_year}")
    return remarks


def remark_on_turns(number: float, history: History, remarks: list[str]) -> Annotated[list[str], Name("remarks")]:
    """Remark on a year that was a peak or a low, which shows one year later."""
    if history.last is not None:
        year, last_number = history.last
        if number < last_number and history.rising is True:
            remarks.append(f"{year} was a peak")
        if number > last_number and history.rising is False:
            remarks.append(f"{year} was a low")
    return remarks


def learn(
    year: int, number: float, history: History
) -> tuple[Annotated[History, Name("history")], Annotated[float, Name("mean")]]:
    """Add a year to what is known, and tell the mean of all years, this one included."""
    rising = history.rising
    if history.last is not None and number != history.last[1]:
        rising = number > history.last[1]
    beaten = history.highest_year is None or number > history.highest
    learnt = History(
        years=history.years + 1,
        total=history.total + number,
        highest=number if beaten else history.highest,
        highest_year=year if beaten else history.highest_year,
        last=(year, number),
        rising=rising,
    )
    return learnt, round(learnt.total / learnt.years, 1)


def draw(year: int, number: float, line: StringIO) -> str:
    """Draw a year as a line of a bar chart."""
    print(year, end=" ", file=line)
    print("#" * round(number / SPOTS_PER_MARK), end="", file=line)
    return line.getvalue()
