"""The errors that this package raises."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from noob_cli.diagnostics import Diagnostic


class NoobError(Exception):
    """The base of all errors of this package.

    Example:
        >>> try:
        ...     SynchronousRunner(Tube.from_specification("sunspots.yaml")).run()
        ... except NoobError as error:
        ...     print(error)
    """


class TubeError(NoobError, ValueError):
    """A tube can't run: something in its file is wrong. It has all that is, with the places.

    Args:
        diagnostics: All that is wrong with it, errors and warnings.
    """

    def __init__(self, diagnostics: Sequence[Diagnostic]) -> None:
        self.diagnostics = tuple(diagnostics)
        super().__init__("\n".join(str(diagnostic) for diagnostic in self.diagnostics))

    def __reduce__(self) -> tuple[type[TubeError], tuple[Sequence[Diagnostic]]]:
        """It may come from another process."""
        return TubeError, (self.diagnostics,)


class TubeNotFoundError(NoobError, KeyError):
    """No tube has the id, or no file is at the path, that was given.

    Args:
        message: What was looked for, and where.
        meant: What may be meant instead, if something of that kind is there.
    """

    def __init__(self, message: str, meant: str | None = None) -> None:
        super().__init__(message)
        self.meant = meant

    # That of `KeyError` puts the message in quotes.
    __str__ = NoobError.__str__


class InputError(NoobError, ValueError):
    """An input is missing, or has a value that its type does not admit.

    Example:
        >>> try:
        ...     runner.process(number="three")
        ... except InputError as error:
        ...     print(error.input_name)
        number

    Args:
        message: What was given and what was expected.
        input_name: The input it is about.

    Attributes:
        record: The record that it was found in, from 1; None if it was given in another way.
        expected: The type of the input, as the tube says it, if that does not admit what was given.
        given: What was given then.
    """

    def __init__(self, message: str, input_name: str | None = None) -> None:
        self.message = message
        self.input_name = input_name
        self.record: int | None = None
        self.expected: str | None = None
        self.given: Any = None
        super().__init__(message)

    def __str__(self) -> str:
        return self.message if self.record is None else f"record {self.record}: {self.message}"


InputMissingError = InputError
"""An `InputError` by the name that the public package gives to that for an input that is missing."""

ExtraInputError = InputError
"""An `InputError` by the name that the public package gives to that for an input that there is none of."""


class CarryError(NoobError):
    """The value stored in a carried asset had to be copied and can't be."""


class UndoError(NoobError):
    """What a carried asset holds had to be copied, to go back to if an epoch fails, and can't be."""


class ResourceError(NoobError):
    """A generator function that makes an asset yielded nothing, or more than once."""


class SignalError(NoobError, ValueError):
    """A node did not return what its annotation says: a tuple with one value per signal."""


class ResultError(NoobError):
    """A result can't be written in the format that was asked for."""


class CheckpointError(NoobError):
    """A checkpoint can't be saved, or a run can't go on from one.

    Args:
        lines: What is wrong, in a line or several.
    """

    def __init__(self, *lines: str) -> None:
        self.lines = lines
        super().__init__("\n".join(lines))


class RunnerBusyError(NoobError, RuntimeError):
    """A node or a callback has asked its own runner, in the middle of an epoch, for another, or to end."""

    def __init__(self) -> None:
        super().__init__(
            "the runner is at work: what it calls can't ask it for something else meanwhile ('stop' lets the run end "
            "after the epoch that is under way)"
        )


class EndedAheadError(NoobError):
    """A node has ended the nested tube that it is in, when later epochs had been made in which it had not ended.

    Args:
        tube: The nested tube.
    """

    def __init__(self, tube: str) -> None:
        super().__init__(
            f"a node has ended the tube '{tube}' with 'EndOfRun', and later epochs are under way already, in which "
            "that had not ended: let no more than one be under way ('--ahead 1', or ahead=1)"
        )


class NotPortableError(NoobError, TypeError):
    """Something was to go to another process, and can't be pickled, or can't be made again of its pickle."""


class GivenAgainError(NoobError):
    """What keeps the order of the epochs has given an object again with which an earlier one was under way."""


class WorkerDiedError(NoobError):
    """A worker process has died time and again at the same epoch."""


class WorkerStartError(NoobError):
    """The system lets no further worker begin: there are too many processes, threads or open files.

    Args:
        name: What the worker is called.
        why: What the system says.
    """

    def __init__(self, name: str, why: str) -> None:
        self.name = name
        self.why = why
        super().__init__(f"{name} can't be started: {why}. Let there be fewer workers, or let the system admit more")

    def __reduce__(self) -> tuple[type[WorkerStartError], tuple[str, str]]:
        """It may come from another process."""
        return WorkerStartError, (self.name, self.why)


class ClusterError(NoobError):
    """A Dask cluster can't be worked with: nobody is there, or has what the tube needs, or it is lost.

    Args:
        message: What is wrong, and what to do.
        is_lost: Whether it has been worked with.
    """

    def __init__(self, message: str, *, is_lost: bool = False) -> None:
        self.is_lost = is_lost
        super().__init__(message)


class MissingExtraError(NoobError, ImportError):
    """Something needs a package that comes with an extra of this one, and is not installed."""


class VerificationError(NoobError):
    """What is done for several epochs at once has been something else than in order, or a node has not kept its word.

    It is raised by what `verify` of the `ParallelRunner` looks at.
    """


class TubeExhaustedError(NoobError):
    """The tube has ended: there is no further epoch."""
