"""What a tube file says of calls that are made again when they fail."""

from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from noob_cli.specification.durations import Duration, seconds_of, what_was_found
from noob_cli.specification.fields import PythonPath

MOST_TIMES = 1_000_000
MOST_BACKOFF = 100


def _is_number_of_times(value: Any) -> Any:
    if type(value) is int and 1 <= value <= MOST_TIMES:
        return value
    raise ValueError(f"'times' is a whole number from 1 to {MOST_TIMES:,}, {what_was_found(value)}")


def _is_factor(value: Any) -> Any:
    if type(value) in (int, float) and 1 <= value <= MOST_BACKOFF:
        return value
    raise ValueError(f"'backoff' is a number from 1 to {MOST_BACKOFF}, {what_was_found(value)}")


class RetrySpecification(BaseModel):
    """When a call that has failed is made again.

    Example:
        >>> NodeSpecification(id="page", type="pages.fetch", retry={"times": 3, "wait": "500ms", "on": ["OSError"]})

    Raises:
        pydantic.ValidationError: A field is missing or wrong.
    """

    model_config = ConfigDict(defer_build=True)

    times: Annotated[int, BeforeValidator(_is_number_of_times)]
    """How often it is made again, at the most."""
    wait: Duration = "1s"
    """How long is waited before it is made again for the first time: between half of that and all of it."""
    backoff: Annotated[float, BeforeValidator(_is_factor)] = 2.0
    """How many times as long each further wait is; none is longer than an hour."""
    on: list[PythonPath] = Field(default_factory=lambda: ["Exception"], min_length=1)
    """The dotted paths of the exceptions with which it is made again."""

    @property
    def seconds(self) -> float:
        """How long the first wait is, in seconds."""
        return seconds_of(self.wait)
