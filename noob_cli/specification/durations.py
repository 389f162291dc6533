"""Times and rates as a tube file says them: a number with its unit."""

from __future__ import annotations

import re
from typing import Annotated, Any, Final

from pydantic import AfterValidator, BeforeValidator

_SECONDS: Final = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0}
"""How long the units are."""

_NUMBER: Final = r"[0-9]{1,9}(?:\.[0-9]{1,9})?"

DURATION: Final = rf"^{_NUMBER}(?:{'|'.join(_SECONDS)})$"
"""What a time looks like."""

RATE: Final = rf"^{_NUMBER}/[smh]$"
"""What a rate looks like."""

DURATION_FORM: Final = "expected a time with its unit, such as 250ms, 5s, 2m or 1h"
RATE_FORM: Final = "expected a number of calls in a unit of time, such as 10/s, 30/m or 500/h"

LONGEST: Final = 24 * 3600.0
"""How many seconds a time may have, at the most."""


def seconds_of(text: str) -> float:
    """How many seconds a time has.

    Example:
        >>> seconds_of("250ms")
        0.25
    """
    number = text.rstrip("msh")
    return float(number) * _SECONDS[text.removeprefix(number)]


def seconds_between(rate: str) -> float:
    """How many seconds there are between one call and the next.

    Example:
        >>> seconds_between("10/s")
        0.1
    """
    number, _, unit = rate.partition("/")
    return _SECONDS[unit] / float(number)


def what_was_found(value: Any) -> str:
    """What was found where what holds for calls is said: it is known before there are inputs."""
    is_input = isinstance(value, str) and value.startswith("input.")
    return f"found {value!r}" + (", and an input can't stand here" if is_input else "")


def _is_duration(value: Any) -> str:
    if not isinstance(value, str) or re.fullmatch(DURATION, value) is None:
        raise ValueError(f"{DURATION_FORM}, {what_was_found(value)}")
    if seconds_of(value) > LONGEST:
        raise ValueError(f"expected a time of 24h at the most, found {value!r}")
    return value


def _is_longer_than_nothing(text: str) -> str:
    if seconds_of(text) == 0:
        raise ValueError(f"expected a time that is longer than nothing, found {text!r}")
    return text


def _is_rate(value: Any) -> str:
    if not isinstance(value, str) or re.fullmatch(RATE, value) is None:
        raise ValueError(f"{RATE_FORM}, {what_was_found(value)}")
    if float(value.partition("/")[0]) == 0 or seconds_between(value) > LONGEST:
        raise ValueError(f"expected a call in 24h at the least, found {value!r}")
    return value


Duration = Annotated[str, BeforeValidator(_is_duration)]
LastingDuration = Annotated[Duration, AfterValidator(_is_longer_than_nothing)]
Rate = Annotated[str, BeforeValidator(_is_rate)]
