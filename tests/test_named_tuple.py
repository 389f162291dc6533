"""That named tuples are like those of `typing`, as far as they are used."""

from __future__ import annotations

import copy
import inspect
import pickle
from typing import NamedTuple as TypingNamedTuple

import pytest

from noob_cli.named_tuple import NamedTuple


class Ours(NamedTuple):
    """A place."""

    line: int
    column: int = 1

    @property
    def is_first(self) -> bool:
        return self.line == 1


class Typings(TypingNamedTuple):
    """A place."""

    line: int
    column: int = 1


def test_it_is_made_by_position_and_by_name() -> None:
    assert Ours(3) == Ours(line=3, column=1) == (3, 1)
    assert Ours(1, 2).column == 2
    assert Ours(1).is_first


def test_it_looks_like_one_of_typing() -> None:
    assert str(inspect.signature(Ours)) == "(line, column=1)"
    assert repr(Ours(3)) == repr(Typings(3)).replace("Typings", "Ours")
    assert Ours.__doc__ == Typings.__doc__
    assert Ours._fields == Ours.__match_args__ == Typings._fields
    assert not hasattr(Ours(3), "__dict__")


@pytest.mark.parametrize("values", [(), (1, 2, 3)], ids=["too few", "too many"])
def test_what_is_wrong_is_said_in_the_same_words(values: tuple[int, ...]) -> None:
    with pytest.raises(TypeError) as expected:
        Typings(*values)
    with pytest.raises(TypeError) as error:
        Ours(*values)
    assert str(error.value) == str(expected.value).replace("Typings", "Ours")


def test_some_fields_are_replaced() -> None:
    assert Ours(3)._replace(column=5) == Ours(3, 5)
    with pytest.raises(TypeError, match="row"):
        Ours(3)._replace(row=5)  # type: ignore[call-arg]


def test_it_is_pickled_and_copied() -> None:
    for same in (pickle.loads(pickle.dumps(Ours(3))), copy.deepcopy(Ours(3))):
        assert type(same) is Ours
        assert same == Ours(3)


def test_it_is_matched_by_position() -> None:
    match Ours(3, 4):
        case Ours(line, column):
            assert (line, column) == (3, 4)
