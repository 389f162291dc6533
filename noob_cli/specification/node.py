"""What a tube file says of a node."""

from pydantic import BaseModel, ConfigDict, Field

from noob_cli.specification.durations import LastingDuration, Rate
from noob_cli.specification.fields import EntryName, PythonPath, SignalReference
from noob_cli.specification.params import Params
from noob_cli.specification.retry import RetrySpecification

ABOUT_CALLS = ("retry", "timeout", "rate")
"""The keys of a node that are about its calls."""


class NodeSpecification(BaseModel):
    """One node of a tube: the code that it runs, and whose signals that code gets.

    Example:
        >>> NodeSpecification(id="product", type="operator.mul", depends=["left.value", "right.value"])

    Raises:
        pydantic.ValidationError: A field is missing or wrong.
    """

    model_config = ConfigDict(populate_by_name=True)

    id: EntryName
    type_: PythonPath = Field(alias="type")
    """A dotted Python path, a builtin, or one of `map gather return tube`."""
    depends: SignalReference | list[SignalReference | dict[str | int, SignalReference]] | None = None
    """`node.signal` as a positional argument, or a list of those and of `{slot: node.signal}`."""
    params: Params | None = None
    """Fixed arguments, by name or by position; a string `input.name` stands for that input."""
    enabled: bool | SignalReference = True
    """Whether it runs: a bool, or an `input.name` whose truth decides."""
    stateful: bool | None = None
    """Whether its result depends on the order of its calls, or it changes in place what it is handed.

    None: instances that are made at the start and generators are, functions and classes called like them are not. It
    never changes results.
    """
    retry: RetrySpecification | None = None
    """When a call that has failed is made again. None: never."""
    timeout: LastingDuration | None = None
    """How long a call may take before it is cancelled; only of coroutines."""
    rate: Rate | None = None
    """How often it may be called: `10/s` is once in a tenth of a second, at the most."""
    description: str | None = None
