"""What has failed in another process is here what it was there."""

from __future__ import annotations

import copyreg
import pickle
import traceback
from collections.abc import Callable
from typing import Any

import pytest

from noob_cli import SynchronousRunner, Tube
from noob_cli.checkpoints.state import Checkpoints
from noob_cli.raised import text_of
from noob_cli.runners.crews.crew import Failed
from noob_cli.runners.crews.likeness import copied_by_pickle
from noob_cli.runners.crews.travelling import received, sent
from noob_cli.runners.crews.wire import packed, unpacked
from noob_cli.summary import sendable

TUBE = Tube.from_specification({"nodes": {"number": {"type": "itertools.count"}}})


CARRYING = Tube.from_specification(
    {
        "input": {"value": {"type": "list", "scope": "process"}},
        "assets": {"last": {"type": "list", "scope": "runner", "depends": "value.value"}},
        "nodes": {"value": {"type": "list", "depends": ["input.value"]}},
    }
)


class Several(ExceptionGroup[Exception]):
    """A group of a class of its own."""


class Coded(ExceptionGroup[Exception]):
    """One that is made in a way of its own."""

    code: int

    def __new__(cls, errors: list[Exception], code: int) -> Coded:
        made = super().__new__(cls, f"code {code}", errors)
        made.code = code
        return made


class Ended(BaseExceptionGroup[BaseException]):
    """One of what may be no `Exception`."""


class Stopped(SystemExit):
    """One that is made in a way of its own."""

    def __init__(self, why: str, *, code: int) -> None:
        super().__init__(f"{why}: {code}")
        self.code = code


class Unset(Exception):
    """Lets nothing be set."""

    def __setattr__(self, name: str, value: object) -> None:
        raise RuntimeError("no")


def local_group() -> Exception:
    class Here(ExceptionGroup[Exception]):
        pass

    return Here("here", [ValueError(1)])


def after(error: BaseException, how: Callable[[BaseException, BaseException], None]) -> BaseException:
    try:
        try:
            raise KeyError("before")
        except KeyError as before:
            how(error, before)
    except BaseException as raised:
        return raised
    raise AssertionError


def from_none(error: BaseException, before: BaseException) -> None:
    raise error from None


def from_it(error: BaseException, before: BaseException) -> None:
    raise error from before


def from_another(error: BaseException, before: BaseException) -> None:
    raise error from OSError("another")


def in_its_wake(error: BaseException, before: BaseException) -> None:
    raise error


def here(error: BaseException) -> BaseException:
    error_here = received(sent(Failed(error, [])), TUBE).error
    assert error_here is not None
    return error_here


@pytest.mark.parametrize("how", [from_none, from_it, from_another, in_its_wake])
@pytest.mark.parametrize(
    "make", [lambda: ValueError(1), lambda: Unset(1), lambda: ExceptionGroup("g", [ValueError(1)])]
)
def test_what_it_came_from(make: Callable[[], BaseException], how: Callable[[BaseException, BaseException], None]):
    error = after(make(), how)
    arrived = here(error)
    assert arrived.__suppress_context__ == error.__suppress_context__
    assert [line for line in traceback.format_exception(arrived) if "Error" in line or "The above" in line] == [
        line for line in traceback.format_exception(error) if "Error" in line or "The above" in line
    ]


@pytest.mark.parametrize("is_distributed", [False, True], ids=["alone", "with-distributed"])
@pytest.mark.parametrize(
    "make",
    [
        lambda: Several("several", [ValueError(1), Several("more", [KeyError(2)])]),
        lambda: Coded([ValueError(1)], 3),
        lambda: Ended("ended", [SystemExit(1)]),
    ],
    ids=["Several", "Coded", "Ended"],
)
def test_a_group_is_of_its_class(
    make: Callable[[], BaseExceptionGroup], is_distributed: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    group = make()
    if is_distributed:
        # What it does when it is imported.
        support = pytest.importorskip("tblib.pickling_support")
        for kind in type(group), ValueError, KeyError, SystemExit:
            monkeypatch.setitem(copyreg.dispatch_table, kind, support.pickle_exception)
    group.add_note("a note")
    arrived = here(group)
    assert isinstance(arrived, type(group))
    assert (str(arrived), vars(arrived)) == (str(group), vars(group))
    assert list(map(repr, arrived.exceptions)) == list(map(repr, group.exceptions))


@pytest.mark.parametrize("how", ["packed", "sendable", "alike", "saved"])
def test_so_is_one_that_is_a_value(how: str, monkeypatch: pytest.MonkeyPatch) -> None:
    support = pytest.importorskip("tblib.pickling_support")
    for kind in Coded, Several, ValueError:
        monkeypatch.setitem(copyreg.dispatch_table, kind, support.pickle_exception)
    values = [Coded([ValueError(1)], 3), Several("several", [ValueError(2)])]
    if how == "packed":
        arrived = unpacked(packed(values))
    elif how == "sendable":
        arrived = sendable(values).unpacked()
    elif how == "alike":
        arrived = pickle.loads(copied_by_pickle(values) or b"")
    else:
        runners = [SynchronousRunner(CARRYING) for _ in range(2)]
        for runner in runners:
            runner.init()
        runners[0].process(value=values)
        Checkpoints(runners[1]).restore(Checkpoints(runners[0]).save())
        arrived = runners[1].assets["last"].obj
    assert [type(group) for group in arrived] == [Coded, Several]
    assert [vars(group) for group in arrived] == [vars(group) for group in values]
    assert list(map(str, arrived)) == list(map(str, values))


def test_a_group_whose_class_nobody_finds_has_its_name():
    arrived = here(local_group())
    assert isinstance(arrived, ExceptionGroup)
    assert (type(arrived).__qualname__, str(arrived)) == ("local_group.<locals>.Here", "here (1 sub-exception)")


@pytest.mark.parametrize("code", [0, 3, True, None, "why"])
def test_who_ends_the_program_says_with_what(code: Any):
    arrived = here(SystemExit(code))
    assert type(arrived) is SystemExit
    assert arrived.code == code


def test_who_changes_that_does_so_there():
    error = SystemExit("why")
    error.code = 3
    arrived = here(error)
    assert isinstance(arrived, SystemExit)
    assert (str(arrived), arrived.code) == ("why", 3)


def test_one_that_can_not_be_made_again_ends_the_program_with_the_same():
    arrived = here(Stopped("full", code=3))
    assert isinstance(arrived, SystemExit)
    assert (type(arrived).__name__, str(arrived), arrived.code) == ("Stopped", "full: 3", 3)


@pytest.mark.parametrize("innermost", [ValueError("in it"), SystemExit("in it")])
def test_of_groups_in_each_other_the_outer_ones_are_told(innermost: BaseException):
    for _ in range(100):
        innermost = BaseExceptionGroup("around", [innermost])
    arrived, depth = here(innermost), 0
    while isinstance(arrived, BaseExceptionGroup):
        (arrived,) = arrived.exceptions
        depth += 1
    assert depth >= 20
    assert text_of(arrived) == "around (1 sub-exception)"
