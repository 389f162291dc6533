"""Types along the edges: what `validate` calls wrong, and all that it leaves alone."""

# Annotations are written in all the ways there are, and name what does not exist.
# ruff: noqa: F821, UP006, UP007, UP044, UP045

from __future__ import annotations

import array
import asyncio
import builtins
import collections
import datetime
import decimal
import enum
import fractions
import functools
import inspect
import io
import itertools
import numbers
import pathlib
import re
import subprocess
import sys
import textwrap
import types
import typing
import unittest.mock
import uuid
from abc import ABC
from collections import abc
from collections.abc import AsyncIterator, Callable, Generator, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import InitVar, dataclass
from typing import Annotated, Any, Literal, NewType, Optional, Union

import numpy as np
import numpy.typing as npt
import pydantic
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import AfterValidator, BaseModel, ConfigDict, TypeAdapter

from noob_cli import Asset, Epoch, MetaSignal, Name, Node, SynchronousRunner, Tube, process_method
from noob_cli.check.disjoint import ExactClass, OneValue, are_disjoint
from noob_cli.diagnostics import format_path
from noob_cli.loading.loading import document_of, load, type_diagnostics
from noob_cli.specification.search import tube_files
from tests.runners.tubes import Tubes

tubes = Tubes(__name__)


# --- types --------------------------------------------------------------------------------------


class A:
    pass


class B:
    pass


class BelowA(A):
    pass


class BelowBoth(A, B):
    pass


class SlotsX:
    __slots__ = ("x",)


class SlotsY:
    __slots__ = ("y",)


@typing.final
class Final:
    pass


class Base(ABC):  # noqa: B024
    pass


class Registered:
    pass


Base.register(Registered)


class Kept(typing.Protocol):
    def keep(self) -> None: ...


@typing.runtime_checkable
class Sized(typing.Protocol):
    def __len__(self) -> int: ...


class KeptByA(Kept):
    def keep(self) -> None:
        pass


class Colour(enum.Enum):
    red = 1
    blue = 2


class Shape(enum.Enum):
    round = 1


class Level(enum.IntEnum):
    low = 1


class Word(enum.StrEnum):
    yes = "yes"


class NoMembers(enum.Enum):
    pass


class Bits(enum.IntFlag):
    one = 1


class Model(BaseModel):
    x: int = 0


class OtherModel(BaseModel):
    y: int = 0


class BelowModel(Model):
    pass


T = typing.TypeVar("T")
Bound = typing.TypeVar("Bound", bound=int)


class Box(typing.Generic[T]):
    pass


class GenericModel(BaseModel, typing.Generic[T]):
    x: T


@dataclass
class Data:
    x: int = 0


@dataclass(slots=True)
class Slotted:
    x: int = 0


class Movie(typing.TypedDict):
    title: str


class Book(typing.TypedDict):
    pages: int


class Point(typing.NamedTuple):
    x: int
    y: int


class Says(type):
    """A class whose instances are what it says they are."""

    def __instancecheck__(cls, instance):
        return True


class Anything(metaclass=Says):
    pass


class Fails(type):
    def __subclasscheck__(cls, other):
        raise RuntimeError("not telling")


class NotTelling(metaclass=Fails):
    pass


class Celsius(float):
    pass


class FromAny(Any):
    pass


class Proxy:
    """Says that it is of the class of another object, as mocks and lazy objects do."""

    @property
    def __class__(self):
        return dict


@typing.final
class FinalProxy(Proxy):
    pass


class Items:
    """Can be iterated over, as sequences could before there was `__iter__`."""

    def __getitem__(self, at):
        raise IndexError


class HasKeep(ABC):  # noqa: B024
    @classmethod
    def __subclasshook__(cls, other):
        return hasattr(other, "keep") or NotImplemented


class Meta(type):
    pass


class OfMeta(metaclass=Meta):
    pass


class TextColour(str, enum.Enum):  # noqa: UP042
    red = "red"


UserId = NewType("UserId", int)
UserName = NewType("UserName", str)

ERROR, SILENT = True, False

TABLE = [
    # what is alike
    (int, int, SILENT),
    (str, str, SILENT),
    (None, None, SILENT),
    (list[int], list[int], SILENT),
    (Colour, Colour, SILENT),
    # builtins
    (str, int, ERROR),
    (int, str, ERROR),
    (str, float, ERROR),
    (str, bool, ERROR),
    (str, bytes, ERROR),
    (bytes, str, ERROR),
    (str, list, ERROR),
    (str, dict, ERROR),
    (str, complex, ERROR),
    (list, int, ERROR),
    (list[int], int, ERROR),
    (int, list[int], ERROR),
    (list[int], str, ERROR),
    (list, dict, ERROR),
    (list, tuple, ERROR),
    (list, set, ERROR),
    (set, frozenset, ERROR),
    (set[int], list[int], ERROR),
    (dict[str, int], list[str], ERROR),
    (dict, float, ERROR),
    (bytes, int, ERROR),
    (range, list, ERROR),
    (slice, int, ERROR),
    (collections.deque, list, ERROR),
    (collections.OrderedDict, dict, SILENT),
    (collections.Counter, dict[str, int], SILENT),
    (dict, collections.defaultdict, SILENT),
    (collections.defaultdict, collections.OrderedDict, ERROR),
    # numbers are mixed
    (int, float, SILENT),
    (float, int, SILENT),
    (bool, int, SILENT),
    (int, bool, SILENT),
    (bool, float, SILENT),
    (int, complex, SILENT),
    (float, complex, SILENT),
    (complex, float, SILENT),
    (float, Celsius, SILENT),
    (int, Epoch, SILENT),
    (decimal.Decimal, float, SILENT),
    (fractions.Fraction, int, SILENT),
    (decimal.Decimal, str, ERROR),
    (bytes, bytearray, SILENT),
    (memoryview, bytes, SILENT),
    (bytearray, str, ERROR),
    # numpy
    (np.ndarray, float, SILENT),
    (float, np.ndarray, SILENT),
    (np.float64, float, SILENT),
    (np.float32, float, SILENT),
    (np.int64, int, SILENT),
    (int, np.integer, SILENT),
    (np.bool_, bool, SILENT),
    (np.ndarray, np.float64, SILENT),
    (npt.NDArray[np.float64], npt.NDArray[np.int8], SILENT),
    (list[float], npt.ArrayLike, SILENT),
    (np.ndarray, Sequence[float], SILENT),
    (np.str_, str, SILENT),
    (np.ndarray, str, ERROR),
    (str, np.ndarray, ERROR),
    (npt.NDArray[np.float64], dict[str, int], ERROR),
    (np.float32, str, ERROR),
    # anything
    (Any, int, SILENT),
    (int, Any, SILENT),
    (object, int, SILENT),
    (int, object, SILENT),
    (None, object, SILENT),
    (T, int, SILENT),
    (str, Bound, SILENT),
    (inspect.Parameter.empty, int, SILENT),
    (typing.Never, int, SILENT),
    (int, typing.NoReturn, SILENT),
    (typing.Self, int, SILENT),
    (typing.LiteralString, int, SILENT),
    # what can't be resolved
    ("Unknown", int, SILENT),
    (int, "Unknown", SILENT),
    (int, typing.ForwardRef("Unknown"), SILENT),
    (list["Unknown"], int, ERROR),
    (tuple["Unknown", int], tuple[str, int], SILENT),
    (int, print, SILENT),
    (int, [str], SILENT),
    (int, 3, SILENT),
    # None
    (None, int, ERROR),
    (int, None, ERROR),
    (None, str, ERROR),
    (None, Optional[int], SILENT),
    (None, Iterable[int], ERROR),
    (None, abc.Hashable, SILENT),
    (None, A, ERROR),
    (A, None, ERROR),
    (None, list, ERROR),
    (None, Callable[..., int], ERROR),
    (type(None), int, ERROR),
    # unions
    (Union[int, str], int, SILENT),
    (int, Union[str, int], SILENT),
    (int | None, int, SILENT),
    (int | None, str | None, SILENT),
    (int | None, str, ERROR),
    (int | str, bytes | list[int], ERROR),
    (Optional[int], None, SILENT),
    (Union[int, str | None], bytes, ERROR),
    (int | list[int], dict | tuple, ERROR),
    (int | Any, str, SILENT),
    (str, Union[int, "Unknown"], SILENT),
    # literals
    (Literal["a"], str, SILENT),
    (str, Literal["a"], SILENT),
    (Literal["a"], int, ERROR),
    (int, Literal["a", "b"], ERROR),
    (Literal["a", "b"], Literal["b", "c"], SILENT),
    (Literal["a"], Literal["b"], ERROR),
    (Literal["a", 1], Literal["b", 2], ERROR),
    (Literal[1], float, SILENT),
    (Literal[1], Literal[True], SILENT),
    (Literal[1], bool, SILENT),
    (Literal[None], None, SILENT),
    (Literal["a"], None, ERROR),
    (Literal["a"], Sequence[str], SILENT),
    (Literal[1], Sequence[str], ERROR),
    (Literal["yes"], Word, SILENT),
    (Word, Literal["yes"], SILENT),
    (Literal[Colour.red], Colour, SILENT),
    (Literal[Colour.red], Literal[Colour.blue], ERROR),
    (Literal[Colour.red], Shape, ERROR),
    (Literal[Colour.red], int, ERROR),
    # what only says that there is no value
    (int | Literal[MetaSignal.NoEvent], str, ERROR),
    (int | Literal[MetaSignal.NoEvent], int, SILENT),
    (str | MetaSignal, int, ERROR),
    (Literal[MetaSignal.NoEvent], str, SILENT),
    (Literal[MetaSignal.NoEvent], int, SILENT),
    (MetaSignal, int, SILENT),
    # what is written around a type
    (Annotated[int, "metres"], str, ERROR),
    (Annotated[int, "metres"], int, SILENT),
    (str, Annotated[int, AfterValidator(str)], ERROR),
    (Annotated[int | None, "metres"], str | None, SILENT),
    (UserId, int, SILENT),
    (int, UserId, SILENT),
    (UserId, str, ERROR),
    (UserId, UserName, ERROR),
    (typing.ClassVar[int], str, SILENT),
    # containers
    (list[int], list[str], SILENT),
    (dict[str, int], dict[int, str], SILENT),
    (list, list[str], SILENT),
    (typing.List[int], list[str], SILENT),
    (typing.List, int, ERROR),
    (typing.Dict[str, int], list, ERROR),
    (frozenset[int], tuple[int, ...], ERROR),
    # tuples
    (tuple[int, str], tuple[int, str], SILENT),
    (tuple[int, str], tuple[str, int], ERROR),
    (tuple[int, int], tuple[int, int, int], ERROR),
    (tuple[int, ...], tuple[str, ...], SILENT),
    (tuple[int, ...], tuple[str, str], ERROR),
    (tuple[str, str], tuple[int, ...], ERROR),
    (tuple[int, ...], tuple[float, float], SILENT),
    (tuple[int, ...], tuple[()], SILENT),
    (tuple[int], tuple[()], ERROR),
    (tuple[()], tuple[()], SILENT),
    (tuple, tuple[int, int], SILENT),
    (typing.Tuple, tuple[int, int], SILENT),
    (typing.Tuple[int], tuple[str], ERROR),
    (tuple[int, tuple[str, str]], tuple[int, tuple[str, int]], ERROR),
    (tuple[int | None, str], tuple[None, str], SILENT),
    (tuple[int, None], tuple[int, str], ERROR),
    (tuple[int, *tuple[str, ...]], tuple[int], SILENT),
    (tuple[int, typing.Unpack[tuple[str, ...]]], tuple[int], SILENT),
    (tuple[int, Any], tuple[int, str], SILENT),
    (tuple[int, int], int, ERROR),
    (tuple[int, int], list[int], ERROR),
    (tuple[int, int], Sequence[str], SILENT),
    (Point, tuple[int, int], SILENT),
    (tuple[int, int], Point, SILENT),
    (Point, int, ERROR),
    # abstract base classes and protocols
    (str, Sequence[str], SILENT),
    (list[int], Iterable[str], SILENT),
    (int, Iterable[int], SILENT),
    (int, Sequence[int], SILENT),
    (bool, Iterable[int], ERROR),
    (range, Mapping[str, int], ERROR),
    (Iterator[int], int, SILENT),
    (Mapping[str, int], dict[str, int], SILENT),
    (Iterator[int], list[int], SILENT),
    (Sequence[int], abc.Set[int], SILENT),
    (Base, int, SILENT),
    (int, Base, SILENT),
    (Base, A, SILENT),
    (Registered, Base, SILENT),
    (int, Kept, SILENT),
    (Kept, int, SILENT),
    (None, Kept, SILENT),
    (int, Sized, SILENT),
    (KeptByA, int, SILENT),
    (str, typing.SupportsFloat, SILENT),
    (io.StringIO, typing.TextIO, SILENT),
    (typing.IO[str], int, SILENT),
    (pathlib.Path, "os.PathLike[str]", SILENT),
    # what is called, and classes as values
    (Callable[[int], str], Callable[..., int], SILENT),
    (Callable[[int], str], int, SILENT),
    (Callable, None, ERROR),
    (type, Callable[..., Any], SILENT),
    (type[int], int, ERROR),
    (type[int], type[str], SILENT),
    (int, type[int], ERROR),
    (type[A], str, ERROR),
    (typing.Type[int], str, ERROR),
    # enums
    (Colour, Shape, ERROR),
    (Colour, int, ERROR),
    (Colour, str, ERROR),
    (str, Colour, ERROR),
    (Level, int, SILENT),
    (int, Level, SILENT),
    (Level, float, SILENT),
    (Level, str, ERROR),
    (Word, str, SILENT),
    (Word, Colour, ERROR),
    (Bits, int, SILENT),
    (Colour, enum.Enum, SILENT),
    (Colour, NoMembers, ERROR),
    (NoMembers, enum.Enum, SILENT),
    (Colour, A, ERROR),
    # classes
    (A, B, SILENT),
    (A, BelowA, SILENT),
    (BelowA, A, SILENT),
    (BelowBoth, B, SILENT),
    (A, int, SILENT),
    (str, A, SILENT),
    (A, Final, ERROR),
    (Final, int, ERROR),
    (Final, Final, SILENT),
    (SlotsX, SlotsY, ERROR),
    (SlotsX, int, ERROR),
    (SlotsX, A, SILENT),
    (Data, A, SILENT),
    (Data, Data, SILENT),
    (Slotted, str, ERROR),
    (Slotted, SlotsX, ERROR),
    (Box[int], Box[str], SILENT),
    (Box[int], A, SILENT),
    (Box[int], None, ERROR),
    (Anything, int, SILENT),
    (None, Anything, SILENT),
    (NotTelling, int, SILENT),
    (None, NotTelling, SILENT),
    # what does not tell what it is
    (FromAny, bool, SILENT),
    (FromAny, Final, SILENT),
    (FromAny, SlotsX, SILENT),
    (FinalProxy, dict, SILENT),
    (FinalProxy, None, SILENT),
    (ExactClass(Proxy), dict, SILENT),
    (ExactClass(unittest.mock.Mock), dict, SILENT),
    (unittest.mock.MagicMock, bool, SILENT),
    (ExactClass(Items), Iterable[int], SILENT),
    (ExactClass(Items), abc.Iterable, SILENT),
    (ExactClass(Items), Mapping[int, int], ERROR),
    (ExactClass(A), Iterable[int], ERROR),
    (ExactClass(KeptByA), HasKeep, SILENT),
    (ExactClass(Registered), HasKeep, ERROR),
    # metaclasses
    (type[OfMeta], Meta, SILENT),
    (type[A], Meta, SILENT),
    (OfMeta, Meta, SILENT),
    (type[OfMeta], str, ERROR),
    (type[Any], Meta, SILENT),
    # text that is an enum
    (TextColour, str, SILENT),
    (Literal["red"], TextColour, SILENT),
    (TextColour, Literal["red"], SILENT),
    (TextColour, Word, ERROR),
    (Literal["red"], Colour, ERROR),
    # type variables, parameters and what is packed
    (list[T], int, ERROR),
    (list[T], list[int], SILENT),
    (Callable[typing.ParamSpec("Q"), T], int, SILENT),
    (typing.ParamSpec("Q"), int, SILENT),
    (typing.TypeVar("C", int, str), bytes, SILENT),
    (tuple[typing.Unpack[typing.TypeVarTuple("Ts")]], tuple[int], SILENT),
    (InitVar[int], str, SILENT),
    (typing.TypeGuard[int], bool, SILENT),
    ((int, float), str, SILENT),
    (any, int, SILENT),
    # more of numpy
    (npt.NDArray[np.float64], list[float], ERROR),
    (np.matrix, np.ndarray, SILENT),
    (npt.DTypeLike, str, SILENT),
    (np.datetime64, datetime.datetime, ERROR),
    (np.ndarray, Iterable[float], SILENT),
    # virtual subclasses of the standard library
    (decimal.Decimal, numbers.Real, SILENT),
    (float, numbers.Real, SILENT),
    (bool, numbers.Number, SILENT),
    (str, numbers.Number, SILENT),
    (collections.UserDict, dict, SILENT),
    (collections.ChainMap, Mapping[str, int], SILENT),
    (types.MappingProxyType, Mapping[str, int], SILENT),
    (types.MappingProxyType, dict, ERROR),
    (array.array, Sequence[int], SILENT),
    (types.FunctionType, Callable[..., Any], SILENT),
    (bool, Callable[..., Any], ERROR),
    (abc.Coroutine[Any, Any, int], int, SILENT),
    (abc.Coroutine[Any, Any, int], None, ERROR),
    # models and typed dicts
    (Model, int, ERROR),
    (str, Model, ERROR),
    (dict[str, int], Model, ERROR),
    (Model, dict, ERROR),
    (Model, None, ERROR),
    (Model, OtherModel, SILENT),
    (Model, BelowModel, SILENT),
    (BelowModel, BaseModel, SILENT),
    (GenericModel[int], GenericModel[str], SILENT),
    (GenericModel[int], int, ERROR),
    (Model, A, SILENT),
    (Movie, dict, SILENT),
    (dict[str, str], Movie, SILENT),
    (Movie, Book, SILENT),
    (Movie, Mapping[str, str], SILENT),
    (Movie, int, ERROR),
    (list[int], Movie, ERROR),
    # the standard library
    (pathlib.Path, str, ERROR),
    (str, pathlib.Path, ERROR),
    (pathlib.PurePath, pathlib.Path, SILENT),
    (pathlib.PosixPath, pathlib.Path, SILENT),
    (datetime.datetime, datetime.date, SILENT),
    (datetime.date, datetime.datetime, SILENT),
    (datetime.datetime, datetime.timedelta, ERROR),
    (datetime.datetime, str, ERROR),
    (datetime.datetime, float, ERROR),
    (uuid.UUID, str, ERROR),
    (re.Pattern[str], str, ERROR),
    (re.Pattern[str], re.Pattern[bytes], SILENT),
    (OSError, ValueError, SILENT),
    (ValueError, str, ERROR),
    (Generator[int, None, None], Iterator[int], SILENT),
    # one object
    (ExactClass(A), A, SILENT),
    (ExactClass(A), B, ERROR),
    (ExactClass(A), BelowA, ERROR),
    (ExactClass(BelowA), A, SILENT),
    (ExactClass(A), Kept, SILENT),
    (ExactClass(A), Any, SILENT),
    (ExactClass(Registered), Base, SILENT),
    (ExactClass(A), Base, ERROR),
    (ExactClass(dict), Movie, SILENT),
    (ExactClass(list), Iterable[int], SILENT),
    (ExactClass(list), A, ERROR),
    (ExactClass(int), float, SILENT),
    (OneValue(3), int | None, SILENT),
    (OneValue(3), str, ERROR),
    (OneValue("a"), Literal["a"], SILENT),
    (OneValue("c"), Literal["a", "b"], ERROR),
    (OneValue([1]), list[str], SILENT),
    (OneValue(np.zeros(2)), Literal["a"], SILENT),
]


def shown(hint):
    return hint if isinstance(hint, str) else inspect.formatannotation(hint)


@pytest.mark.parametrize(("signal", "slot", "expected"), TABLE, ids=lambda each: shown(each)[:60])
def test_types(signal, slot, expected):
    assert are_disjoint(signal, slot) is expected


@pytest.mark.parametrize(("signal", "slot", "expected"), TABLE, ids=lambda each: shown(each)[:60])
def test_what_is_wrong_is_so_in_both_directions(signal, slot, expected):
    assert are_disjoint(slot, signal) is expected


@pytest.mark.skipif(sys.version_info < (3, 12), reason="there is no 'type X = ...'")
@pytest.mark.parametrize(
    ("alias", "slot", "expected"),
    [
        ("type X = int", str, ERROR),
        ("type X = int", int, SILENT),
        ("type X = int | None", str | None, SILENT),
        ("type X = int | None", str, ERROR),
        ("type X = Unknown", str, SILENT),
        ("type X = X", str, SILENT),
        ("type X = dict[str, X] | list[X] | None", str, ERROR),
        ("type X = dict[str, X] | list[X] | None", list[int], SILENT),
        ("type X = tuple[X, int]", tuple[str, int], ERROR),
        ("type Y[T] = T | None\nX = Y[int]", str, ERROR),
        ("type Y[T] = T | None\nX = Y[int]", None, SILENT),
        ("type Y[T] = list[T]\nX = Y", int, ERROR),
    ],
)
def test_type_aliases(alias, slot, expected):
    names: dict[str, Any] = {}
    exec(alias, names)
    assert are_disjoint(names["X"], slot) is expected


# --- never wrong --------------------------------------------------------------------------------

MODULES = (
    builtins,
    collections,
    datetime,
    decimal,
    fractions,
    functools,
    io,
    itertools,
    pathlib,
    re,
    uuid,
    asyncio,
    np,
)


def classes_that_can_be_inherited_from():
    """Classes of which one can try to make subclasses: that runs no code of theirs."""
    found = [each for module in MODULES for each in vars(module).values() if type(each) is type]
    found += [A, B, BelowA, BelowBoth, SlotsX, SlotsY, Registered, Data, Slotted, Box, Celsius]
    told = [{name for base in each.__mro__[:-1] for name in vars(base)} for each in found]
    plain = [each for each, names in zip(found, told, strict=True) if "__init_subclass__" not in names]
    return [each for each in dict.fromkeys(plain) if "__final__" not in vars(each)]


@pytest.mark.slow
def test_classes_with_a_common_subclass_are_never_disjoint(recwarn):
    classes = classes_that_can_be_inherited_from()
    assert len(classes) > 150
    claimed = []
    for one, other in itertools.permutations(classes, 2):
        if not are_disjoint(one, other):
            continue
        with suppress(TypeError):
            claimed.append(type("Both", (one, other), {}))
    assert claimed == []


def test_most_classes_without_a_common_subclass_are_disjoint():
    """The test above would also hold if nothing were."""
    classes = [int, str, bytes, list, dict, set, tuple, datetime.date, pathlib.Path, uuid.UUID, SlotsX]
    assert all(are_disjoint(*each) for each in itertools.combinations(classes, 2))


LEAVES = [
    *(int, str, float, bool, bytes, complex, None, object, Any),
    *(list, dict, tuple, set, frozenset, datetime.date, datetime.datetime, decimal.Decimal, uuid.UUID),
    *(A, B, BelowA, BelowBoth, SlotsX, SlotsY, Final, Registered, Base, Sized, Colour, Shape, Level, Word),
    *(Model, OtherModel, BelowModel, Data, Slotted, Point, Celsius, np.float64, np.int64, np.ndarray),
    *(Literal["a"], Literal["yes"], Literal[1, "b"], Literal[True], Literal[Colour.red], Literal[None]),
    *(Sequence[int], Iterable[str], Mapping[str, int], abc.Hashable, Callable[..., Any], type[int], type),
]


def larger(hints):
    return st.one_of(
        hints.map(lambda one: list[one]),
        hints.map(lambda one: set[one]),
        hints.map(lambda one: tuple[one, ...]),
        hints.map(lambda one: Annotated[one, "more"]),
        st.lists(hints, max_size=3).map(lambda some: tuple[*some] if some else tuple[()]),
        st.lists(hints, min_size=1, max_size=3).map(lambda some: Union[tuple(some)]),
        st.tuples(hints, hints).map(lambda two: dict[two]),
    )


hints = st.recursive(st.sampled_from(LEAVES), larger, max_leaves=4)

INSTANCES = [
    *(0, 1, True, False, 1.0, 2j, "a", "yes", "b", "", b"", b"a", None, Celsius(1), np.float64(1), np.int64(1)),
    *(datetime.date(2020, 1, 1), datetime.datetime(2020, 1, 1), decimal.Decimal(1), uuid.UUID(int=1)),
    *(A(), B(), BelowA(), BelowBoth(), SlotsX(), SlotsY(), Final(), Registered(), Data(), Slotted(), Point(1, 2)),
    *(Colour.red, Colour.blue, Shape.round, Level.low, Word.yes, Model(), OtherModel(), BelowModel()),
    *(int, bool, str, A, print, object(), np.zeros(2), np.array(1.0), [], [1], (), (1, 2), {}, {"a": 1}, set()),
    *(frozenset(), [None], ["a"], ("a",), [[]], ((),)),
]


def is_of(value, hint):
    """Whether a value is of a type."""
    origin, arguments = typing.get_origin(hint), typing.get_args(hint)
    if hint is Any or hint is object:
        return True
    if hint is None:
        return value is None
    if origin is Annotated:
        return is_of(value, arguments[0])
    if origin is Union:
        return any(is_of(value, each) for each in arguments)
    if origin is Literal:
        return any(isinstance(value, type(each)) and value == each for each in arguments)
    if origin in (list, set):
        return isinstance(value, origin) and all(is_of(each, arguments[0]) for each in value)
    if origin is dict:
        keys, items = arguments
        return isinstance(value, dict) and all(is_of(key, keys) and is_of(value[key], items) for key in value)
    if origin is tuple:
        if not isinstance(value, tuple):
            return False
        if arguments[1:] == (...,):
            return all(is_of(each, arguments[0]) for each in value)
        return len(value) == len(arguments) and all(map(is_of, value, arguments))
    if hint in (float, complex) and isinstance(value, int | float):
        return True
    return isinstance(value, origin or hint)


def values_of(hint):
    """Values of a type."""
    origin, arguments = typing.get_origin(hint), typing.get_args(hint)
    if origin is Annotated:
        return values_of(arguments[0])
    if origin is Union:
        return st.one_of([values_of(each) for each in arguments])
    if origin is list:
        return st.lists(values_of(arguments[0]), max_size=2)
    if origin is set:
        return st.sets(values_of(arguments[0]).filter(is_hashable), max_size=2)
    if origin is dict:
        return st.dictionaries(values_of(arguments[0]).filter(is_hashable), values_of(arguments[1]), max_size=2)
    if origin is tuple and arguments[1:] == (...,):
        return st.lists(values_of(arguments[0]), max_size=3).map(tuple)
    if origin is tuple:
        return st.tuples(*map(values_of, arguments))
    return st.sampled_from([each for each in INSTANCES if is_of(each, hint)])


def is_hashable(value):
    try:
        hash(value)
    except TypeError:
        return False
    return True


@functools.lru_cache(maxsize=10_000)
def adapter_of(hint):
    try:
        return TypeAdapter(hint, config=ConfigDict(arbitrary_types_allowed=True))
    except pydantic.PydanticUserError:
        # A model has a configuration of its own and takes no other.
        return TypeAdapter(hint)


def is_taken_strictly(value, hint):
    """Whether pydantic takes a value for one of a type, and leaves it what it is."""
    try:
        return type(adapter_of(hint).validate_python(value, strict=True)) is type(value)
    except pydantic.ValidationError:
        return False


@pytest.mark.slow
@settings(max_examples=500, deadline=None, derandomize=True)
@given(st.data())
def test_what_has_a_value_in_common_is_never_called_disjoint(data):
    one = data.draw(hints)
    value = data.draw(values_of(one))
    assert is_of(value, one)
    for other in data.draw(st.lists(hints, min_size=5, max_size=15)):
        if is_of(value, other):
            assert not are_disjoint(one, other), (one, other, value)
            assert not are_disjoint(other, one), (one, other, value)


SCALARS = [each for each in LEAVES if typing.get_origin(each) in (None, Literal)]


@pytest.mark.parametrize("value", INSTANCES, ids=lambda each: repr(each).partition(" at 0x")[0][:40])
def test_what_pydantic_takes_for_both_is_never_called_disjoint(value):
    taking = [each for each in SCALARS if is_of(value, each) or is_taken_strictly(value, each)]
    assert [pair for pair in itertools.permutations(taking, 2) if are_disjoint(*pair)] == []


# --- tubes --------------------------------------------------------------------------------------


def number() -> int:
    return 1


def text() -> str:
    return "text"


def nothing() -> None:
    pass


def anything():
    return "text"


def unresolved() -> Unknown:
    return "text"


def maybe() -> int | None:
    return 1


def maybe_event() -> str | Literal[MetaSignal.NoEvent]:
    return "text"


def two() -> tuple[Annotated[int, Name("count")], Annotated[str, Name("word")]]:
    return 1, "text"


def named_or_none() -> Annotated[str, Name("word")] | None:
    return None


def named_in_two_ways() -> Annotated[str, Name("word")] | Annotated[int, Name("word")]:
    return 1


def named_in_a_list() -> list[Annotated[str, Name("word")]]:
    return ["text"]


def words() -> list[str]:
    return ["text"]


def pairs() -> tuple[int, int]:
    return 1, 2


def mixed() -> list[str] | tuple[int, bytes]:
    return ["text"]


def by_word() -> dict[str, int]:
    return {"text": 1}


def colour() -> Colour:
    return Colour.red


async def later() -> str:
    return "text"


def counting() -> Iterator[int]:
    yield from itertools.count()


def counting_from(start: int) -> Iterator[int]:
    yield from itertools.count(start)


def spelling() -> Generator[Annotated[str, Name("letter")], None, None]:
    yield from "text"


async def arriving() -> AsyncIterator[str]:
    yield "text"


def takes_number(x: int):
    return x


def takes_text(x: str):
    return x


def takes_numbers(x: list[int]):
    return x


def takes_colour(x: Colour):
    return x


def takes_anything(x):
    return x


def takes_unresolved(x: Unknown):
    return x


def takes_maybe(x: int | None):
    return x


def takes_by_default(x: int = None):  # noqa: RUF013
    return x


def takes_the_default(x: int = "auto"):
    return x


def takes_two(x: int, y: str = "text", *, z: bytes = b""):
    return x


def takes_any_number(*each: int):
    return each


def takes_any_name(**each: int):
    return each


def takes_unpacked(*each: *tuple[int, str]):
    return each


def takes_model(x: Model):
    return x


def takes_a(x: A):
    return x


def takes_b(x: B):
    return x


def takes_keeper(x: Kept):
    return x


def passed_on(function):
    @functools.wraps(function)
    def wrapper(*args, **kwargs):
        return function(*args, **kwargs)

    return wrapper


@passed_on
def wrapped(x: int) -> int:
    return x


@pydantic.validate_call
def validated(x: int) -> int:
    return x


@functools.singledispatch
def dispatching(x: int) -> int:
    return x


def as_a_comment(x):
    return x


# As in a module without the import of `annotations`: they are objects, and here they are no types.
as_a_comment.__annotations__ = {"x": int, "return": int}
typing.no_type_check(as_a_comment)


P = typing.ParamSpec("P")


def passed_on_without_a_word(function: Callable[P, T]) -> Callable[P, T]:
    def wrapper(*args: P.args, **kwargs: P.kwargs) -> T:
        return function(*args, **kwargs)

    return wrapper


@passed_on_without_a_word
def wrapped_without_a_word(x: int) -> int:
    return x


bound = functools.partial(takes_two, y="text")


class Call:
    def __call__(self, x: int) -> int:
        return x


call = Call()


class Machine:
    def __init__(self, size: int = 1, **more: str):
        self.size = size

    def process(self, x: int) -> str:
        return "text"

    @staticmethod
    def of(x: int) -> int:
        return x


class Marked:
    @process_method
    async def run(self, x: int) -> Annotated[str, Name("word")]:
        return "text"


class Drawn:
    def process(self) -> Iterator[str]:
        yield "text"


class OwnNode(Node):
    size: int = 1

    def process(self, x: int) -> int:
        return x


class Made:
    def __init__(self, x: int):
        self.x = x


class Entered:
    def __enter__(self) -> str:
        return "text"

    def __exit__(self, *error):
        pass


class OwnAsset(Asset):
    def init(self) -> None:
        self.obj = "text"


class MakesAnother:
    def __new__(cls):
        return "text"


def make_text() -> str:
    return "text"


def loaded(tube):
    """A tube without its inputs, as `validate` looks at it."""
    return load(document_of(tube))


def diagnostics_of(yaml):
    return type_diagnostics(loaded(tubes.data(yaml)))


def codes_of(yaml):
    return [each.code for each in diagnostics_of(yaml)]


EDGES = [
    # functions
    ("number", "value", "takes_number", SILENT),
    ("text", "value", "takes_number", ERROR),
    ("number", "value", "takes_text", ERROR),
    ("text", "value", "takes_numbers", ERROR),
    ("words", "value", "takes_numbers", SILENT),
    ("words", "value", "takes_number", ERROR),
    ("text", "value", "takes_anything", SILENT),
    ("anything", "value", "takes_number", SILENT),
    ("unresolved", "value", "takes_number", SILENT),
    ("text", "value", "takes_unresolved", SILENT),
    ("colour", "value", "takes_colour", SILENT),
    ("text", "value", "takes_colour", ERROR),
    ("by_word", "value", "takes_model", ERROR),
    ("maybe", "value", "takes_number", SILENT),
    ("maybe", "value", "takes_text", ERROR),
    ("maybe_event", "value", "takes_text", SILENT),
    ("maybe_event", "value", "takes_number", ERROR),
    ("later", "value", "takes_number", ERROR),
    ("later", "value", "takes_text", SILENT),
    # None
    ("nothing", "value", "takes_number", ERROR),
    ("nothing", "value", "takes_maybe", SILENT),
    ("nothing", "value", "takes_anything", SILENT),
    # named signals
    ("two", "count", "takes_number", SILENT),
    ("two", "word", "takes_number", ERROR),
    ("two", "count", "takes_text", ERROR),
    ("named_or_none", "word", "takes_text", SILENT),
    ("named_or_none", "word", "takes_number", ERROR),
    ("named_or_none", "word", "takes_maybe", SILENT),
    ("named_in_two_ways", "word", "takes_number", SILENT),
    ("named_in_two_ways", "word", "takes_colour", ERROR),
    ("named_in_a_list", "value", "takes_number", ERROR),
    ("named_in_a_list", "value", "takes_numbers", SILENT),
    # sources
    ("counting", "value", "takes_number", SILENT),
    ("counting", "value", "takes_text", ERROR),
    ("spelling", "letter", "takes_number", ERROR),
    ("spelling", "letter", "takes_text", SILENT),
    ("arriving", "value", "takes_number", ERROR),
    ("Drawn", "value", "takes_number", ERROR),
    ("Drawn", "value", "takes_text", SILENT),
    # classes, methods and other things that are called
    ("text", "value", "Machine", ERROR),
    ("number", "value", "Machine", SILENT),
    ("text", "value", "Machine.of", ERROR),
    ("text", "value", "Marked", ERROR),
    ("text", "value", "OwnNode", ERROR),
    ("text", "value", "Made", ERROR),
    ("number", "value", "Made", SILENT),
    ("text", "value", "call", ERROR),
    ("text", "value", "bound", ERROR),
    # what does not mean its annotations
    ("text", "value", "wrapped", SILENT),
    ("text", "value", "validated", SILENT),
    ("text", "value", "dispatching", SILENT),
    ("text", "value", "as_a_comment", SILENT),
    ("text", "value", "wrapped_without_a_word", SILENT),
    ("text", "value", "Model", SILENT),
    # any number
    ("number", "value", "takes_any_number", SILENT),
    ("text", "value", "takes_any_number", ERROR),
    ("text", "value", "takes_unpacked", SILENT),
]


@pytest.mark.parametrize(("signal", "name", "slot", "expected"), EDGES)
def test_edges(signal, name, slot, expected):
    # A model is given its fields by name.
    depends = f"{{x: a.{name}}}" if slot == "Model" else f"a.{name}"
    yaml = f"nodes: {{a: {{type: my.{signal}}}, b: {{type: my.{slot}, depends: [{depends}]}}}}"
    assert codes_of(yaml) == (["T001"] if expected else [])


GIVEN = """
n: {type: my.number}
t: {type: my.text}
w: {type: my.words}
p: {type: my.pairs}
x: {type: my.mixed}
d: {type: my.by_word}
any: {type: my.anything}
none: {type: my.nothing}
"""

NODES = {
    "by name": (2, "b: {type: my.takes_two, depends: [n.value, {y: n.value}, {z: n.value}]}"),
    "by position": (1, "b: {type: my.takes_two, depends: [n.value, n.value]}"),
    "by a numbered position": (1, "b: {type: my.takes_two, depends: [n.value, {1: n.value}]}"),
    "all of it right": (0, "b: {type: my.takes_two, depends: [n.value, t.value]}"),
    "an optional slot takes None": (0, "b: {type: my.takes_by_default, depends: [{x: none.value}]}"),
    "and what its annotation says": (1, "b: {type: my.takes_by_default, depends: [{x: t.value}]}"),
    "a slot takes its default": (0, "b: {type: my.takes_the_default, depends: [{x: t.value}]}"),
    "and nothing else": (1, "b: {type: my.takes_the_default, depends: [{x: none.value}]}"),
    "any number": (1, "b: {type: my.takes_any_number, depends: [n.value, n.value, t.value]}"),
    "any name": (1, "b: {type: my.takes_any_name, depends: [{x: n.value}, {y: t.value}]}"),
    "a builtin": (0, "b: {type: math.sqrt, depends: t.value}"),
    "a class in C": (0, "b: {type: datetime.date, depends: [t.value, t.value, t.value]}"),
    "what a call of a class makes": (
        0,
        "b: {type: my.Made, depends: n.value}",
        "c: {type: my.takes_text, depends: b.value}",
    ),
    "what a decorated function returns": (
        0,
        "b: {type: my.wrapped, depends: n.value}",
        "c: {type: my.takes_text, depends: b.value}",
    ),
    "what a process method returns": (
        1,
        "b: {type: my.Marked, depends: n.value}",
        "c: {type: my.takes_number, depends: b.word}",
    ),
    "a return takes anything": (0, "b: {type: return, depends: [n.value, t.value]}"),
    "a disabled node": (1, "b: {type: my.takes_number, depends: t.value, enabled: false}"),
    # map and gather
    "items of a list": (1, "m: {type: map, depends: w.value}", "b: {type: my.takes_number, depends: m.value}"),
    "items that fit": (0, "m: {type: map, depends: w.value}", "b: {type: my.takes_text, depends: m.value}"),
    "letters": (1, "m: {type: map, depends: t.value}", "b: {type: my.takes_number, depends: m.value}"),
    "items of a tuple": (1, "m: {type: map, depends: p.value}", "b: {type: my.takes_text, depends: m.value}"),
    "items of one of two": (0, "m: {type: map, depends: x.value}", "b: {type: my.takes_text, depends: m.value}"),
    "items of neither": (1, "m: {type: map, depends: x.value}", "b: {type: my.takes_colour, depends: m.value}"),
    "keys": (1, "m: {type: map, depends: d.value}", "b: {type: my.takes_number, depends: m.value}"),
    "items of anything": (0, "m: {type: map, depends: any.value}", "b: {type: my.takes_number, depends: m.value}"),
    "items of items": (
        1,
        "m: {type: map, depends: w.value}",
        "k: {type: map, depends: m.value}",
        "b: {type: my.takes_number, depends: k.value}",
    ),
    "items of None": (1, "m: {type: map, depends: none.value}"),
    "items of a number, which a flag would have": (0, "m: {type: map, depends: n.value}"),
    "how many items": (1, "m: {type: map, depends: w.value}", "b: {type: my.takes_text, depends: m.n}"),
    "how many, as it should": (0, "m: {type: map, depends: w.value}", "b: {type: my.takes_number, depends: m.n}"),
    "a gather emits lists": (
        1,
        "g: {type: gather, depends: n.value, params: {n: 2}}",
        "b: {type: my.takes_number, depends: g.value}",
    ),
    "lists that fit": (
        0,
        "g: {type: gather, depends: n.value, params: {n: 2}}",
        "b: {type: my.takes_numbers, depends: g.value}",
    ),
    "a gather takes a number": (1, "g: {type: gather, depends: [n.value, {n: t.value}]}"),
    "a trigger is anything": (0, "g: {type: gather, depends: [n.value, {trigger: none.value}]}"),
}


def nodes_of(*lines):
    return "nodes:\n" + textwrap.indent("\n".join([GIVEN.strip(), *lines]), "  ")


@pytest.mark.parametrize("case", NODES)
def test_nodes(case):
    count, *lines = NODES[case]
    assert codes_of(nodes_of(*lines)) == ["T001"] * count


INPUTS = [
    ("{type: int}", "takes_number", SILENT),
    ("{type: str}", "takes_number", ERROR),
    ("{type: str}", "takes_anything", SILENT),
    ("{type: Any}", "takes_number", SILENT),
    ("{type: float}", "takes_number", SILENT),
    ("{type: 'list[str]'}", "takes_number", ERROR),
    ("{type: 'str | None'}", "takes_number", ERROR),
    ("{type: 'int | None'}", "takes_number", SILENT),
    ("{type: pathlib.Path}", "takes_text", ERROR),
    ("{type: my.Colour}", "takes_colour", SILENT),
    ("{type: my.Model}", "takes_number", ERROR),
    ("{type: my.A}", "takes_b", SILENT),
    # what isn't given is None
    ("{type: str, required: false}", "takes_maybe", SILENT),
    ("{type: str, required: false}", "takes_number", ERROR),
    ("{type: str, default: null}", "takes_maybe", SILENT),
    ("{type: str}", "takes_maybe", ERROR),
    # defaults
    ("{type: int, default: 3}", "takes_number", SILENT),
    ("{type: str, default: text}", "takes_number", ERROR),
    ("{type: 'int | str', default: text}", "takes_number", ERROR),
    ("{type: 'int | str', default: 3}", "takes_number", SILENT),
    ("{type: Any, default: text}", "takes_number", ERROR),
    ("{type: pathlib.Path, default: text}", "takes_text", ERROR),
    # pydantic says what becomes of the value
    ("{type: my.Converted}", "takes_number", SILENT),
    ("{type: 'list[my.Converted]'}", "takes_number", SILENT),
    ("{type: 'my.Converted | None'}", "takes_number", SILENT),
    ("{type: 'pydantic.Json[int]'}", "takes_number", SILENT),
    ("{type: pydantic.SecretStr}", "takes_text", SILENT),
    ("{type: pydantic.FilePath}", "takes_text", SILENT),
    ("{type: pydantic.PositiveInt}", "takes_text", ERROR),
    ("{type: pydantic.PastDate}", "takes_text", SILENT),
]

Converted = Annotated[str, AfterValidator(len)]


@pytest.mark.parametrize("scope", ["tube", "process"])
@pytest.mark.parametrize(("spec", "slot", "expected"), INPUTS)
def test_inputs(spec, slot, expected, scope):
    found = codes_of_input(spec.replace("{", f"{{scope: {scope}, ", 1), f"{{type: my.{slot}, depends: input.i}}")
    assert found == (["T002"] if expected else [])


def codes_of_input(spec, node):
    return codes_of(f"input: {{i: {spec}}}\nnodes:\n  b: {node}")


@pytest.mark.parametrize(
    ("spec", "node", "expected"),
    [
        ("{type: str}", "{type: my.Machine, params: {size: input.i}, depends: input.i}", ["T002", "T002"]),
        ("{type: int}", "{type: my.Machine, params: {size: input.i}, depends: input.i}", []),
        ("{type: int}", "{type: my.Machine, params: {other: input.i}, depends: input.i}", ["T002"]),
        ("{type: str}", "{type: my.takes_number, params: {x: input.i}}", ["T002"]),
        ("{type: str}", "{type: my.takes_numbers, params: {x: [input.i]}}", []),
        ("{type: str}", "{type: itertools.count, params: {start: input.i}}", []),
        ("{type: str}", "{type: my.counting_from, params: {start: input.i}}", ["T002"]),
        ("{type: int}", "{type: my.counting_from, params: {start: input.i}}", []),
        # Params of a model are converted by it.
        ("{type: str}", "{type: my.Model, params: {x: input.i}}", []),
        ("{type: str}", "{type: my.OwnNode, params: {size: input.i}, depends: input.i}", ["T002"]),
        ("{type: str}", "{type: gather, params: {n: input.i}, depends: input.i}", ["T002"]),
    ],
)
def test_inputs_in_params(spec, node, expected):
    assert codes_of_input(spec, node) == expected


ASSETS = [
    ("{type: my.A, scope: runner}", "takes_a", SILENT),
    ("{type: my.BelowA, scope: runner}", "takes_a", SILENT),
    ("{type: my.A, scope: process}", "takes_b", ERROR),
    ("{type: my.A, scope: node}", "takes_number", ERROR),
    ("{type: my.A, scope: node}", "takes_anything", SILENT),
    ("{type: my.A, scope: node}", "takes_keeper", SILENT),
    ("{type: dict, scope: runner}", "takes_number", ERROR),
    ("{type: int, scope: runner}", "takes_number", SILENT),
    ("{type: list, scope: runner}", "takes_any_number", ERROR),
    # it is not certain what the object is
    ("{type: my.Entered, scope: runner}", "takes_number", SILENT),
    ("{type: my.OwnAsset, scope: runner}", "takes_number", SILENT),
    ("{type: my.MakesAnother, scope: runner}", "takes_number", SILENT),
    ("{type: my.make_text, scope: runner}", "takes_number", SILENT),
]


@pytest.mark.parametrize(("spec", "slot", "expected"), ASSETS)
def test_assets(spec, slot, expected):
    found = codes_of(f"assets: {{a: {spec}}}\nnodes:\n  b: {{type: my.{slot}, depends: assets.a}}")
    assert found == (["T003"] if expected else [])


@pytest.mark.parametrize(
    ("kind", "slot", "expected"),
    [
        ("int", "takes_number", ["T001"]),
        ("int", "takes_text", ["T003"]),
        ("my.make_text", "takes_number", ["T001"]),
        ("str", "takes_text", []),
    ],
)
def test_what_an_asset_stores(kind, slot, expected):
    yaml = f"""
    assets: {{a: {{type: {kind}, scope: runner, depends: t.value}}}}
    nodes:
      t: {{type: my.text}}
      b: {{type: my.{slot}, depends: assets.a}}
    """
    assert codes_of(yaml) == expected


def test_nested_tubes():
    yaml = """
    nodes:
      t: {type: my.text}
      child:
        type: tube
        depends: [{i: t.value}]
        params:
          tube:
            input: {i: {type: int, scope: process}}
            nodes:
              right: {type: my.takes_number, depends: input.i}
              wrong: {type: my.takes_text, depends: input.i}
              return: {type: return, depends: right.value}
      after: {type: my.takes_colour, depends: child.value}
    """
    found = diagnostics_of(yaml)
    assert [each.code for each in found] == ["T002"]
    assert format_path(found[0].path).endswith("nodes.wrong.depends")


# --- what is shown ------------------------------------------------------------------------------

SHOWN = {
    "a reference": ("nodes:\n  a: {type: my.text}\n  b: {type: my.takes_number, depends: «a.value»}", "T001"),
    "in a list": (
        "nodes:\n  a: {type: my.text}\n  b:\n    type: my.takes_number\n    depends:\n      - «a.value»\n",
        "T001",
    ),
    "behind its slot": (
        "nodes:\n  a: {type: my.text}\n  b: {type: my.takes_number, depends: [x: «a.value»]}",
        "T001",
    ),
    "an input": ("input: {i: {type: str}}\nnodes: {b: {type: my.takes_number, depends: [«input.i»]}}", "T002"),
    "an input in a param": (
        "input: {i: {type: str}}\nnodes: {b: {type: my.takes_number, params: {x: «input.i»}}}",
        "T002",
    ),
    "an asset": (
        "assets: {d: {type: dict, scope: runner}}\nnodes: {b: {type: my.takes_number, depends: «assets.d»}}",
        "T003",
    ),
}


@pytest.mark.parametrize("case", SHOWN)
def test_the_place_is_the_reference(case, tmp_path):
    marked, code = SHOWN[case]
    marked = tubes.text(marked)
    text = marked.replace("«", "").replace("»", "")
    path = tmp_path / "tube.yaml"
    path.write_text(text)
    (found,) = type_diagnostics(loaded(path))
    before, rest = marked.split("«")
    reference = rest.split("»")[0]
    line, column = before.count("\n") + 1, len(before) - before.rfind("\n")
    span = found.span
    assert (found.code, found.is_error, span.file) == (code, False, path)
    assert (span.line, span.column, span.end_line, span.end_column) == (line, column, line, column + len(reference))


def test_the_message_has_both_types_and_both_ends():
    (found,) = diagnostics_of("nodes: {a: {type: my.maybe}, b: {type: my.takes_text, depends: a.value}}")
    assert found.message == f"'x' of '{__name__}.takes_text' takes str, but 'a.value' is int | None"
    assert "convert" in found.hint
    assert [each.message for each in found.related] == ["'a' is here"]


@pytest.mark.parametrize(
    ("yaml", "expected"),
    [
        (
            "nodes: {a: {type: my.nothing}, b: {type: my.takes_any_number, depends: a.value}}",
            "position 0 of '{}.takes_any_number' takes int, but 'a.value' is None",
        ),
        (
            "nodes: {a: {type: my.words}, b: {type: my.takes_colour, depends: a.value}}",
            "'x' of '{}.takes_colour' takes {}.Colour, but 'a.value' is list[str]",
        ),
        (
            "input: {i: {type: 'int|str', default: me}}\nnodes: {b: {type: my.takes_number, depends: input.i}}",
            "'x' of '{}.takes_number' takes int, but the default of the input 'i' is 'me'",
        ),
        (
            "input: {i: {type: 'list[int]', default: []}}\nnodes: {b: {type: my.takes_number, depends: input.i}}",
            "'x' of '{}.takes_number' takes int, but the input 'i' is list[int]",
        ),
        (
            "assets: {d: {type: dict, scope: node}}\nnodes: {b: {type: my.takes_number, depends: assets.d}}",
            "'x' of '{}.takes_number' takes int, but the asset 'd' is dict",
        ),
        (
            "assets: {d: {type: my.make_text, scope: runner, depends: t.value}}\n"
            "nodes: {t: {type: my.text}, b: {type: my.takes_number, depends: assets.d}}",
            "'x' of '{}.takes_number' takes int, but 't.value', which the asset 'd' stores, is str",
        ),
    ],
)
def test_messages(yaml, expected):
    assert [each.message for each in diagnostics_of(yaml)] == [expected.replace("{}", __name__)]


def test_all_is_shown_once_in_the_order_of_the_file(tmp_path):
    (tmp_path / "child.yaml").write_text(
        tubes.text("nodes: {a: {type: my.text}, b: {type: my.takes_number, depends: a.value}}")
    )
    (tmp_path / "tube.yaml").write_text(
        tubes.text(
            "nodes:\n  c: {type: my.takes_number, depends: t.value}\n  t: {type: my.text}\n"
            "  d: {type: my.takes_numbers, depends: t.value}\n"
            "  one: {type: tube, params: {tube: child.yaml}}\n  two: {type: tube, params: {tube: child.yaml}}\n"
        )
    )
    found = type_diagnostics(loaded(tmp_path / "tube.yaml"))
    assert [(each.span.file.name, each.span.line) for each in found] == [
        ("child.yaml", 1),
        ("tube.yaml", 2),
        ("tube.yaml", 4),
    ]


# --- a run does not ask -------------------------------------------------------------------------

WRONG = "nodes: {a: {type: my.text}, b: {type: my.takes_number, depends: a.value}, r: {type: return, depends: b.value}}"


def test_a_run_does_not_check():
    tube = Tube.from_specification(tubes.data(WRONG))
    assert tube.warnings == ()
    assert SynchronousRunner(tube).run(2) == ["text", "text"]
    assert [each.code for each in type_diagnostics(tube)] == ["T001"]


def test_a_run_does_not_import_what_checks(tmp_path):
    (tmp_path / "code_with_types.py").write_text(
        "def text() -> str:\n    return 'text'\ndef number(x: int): return x\n"
    )
    (tmp_path / "tube.yaml").write_text(
        WRONG.replace("my.text", "code_with_types.text").replace("my.takes_number", "code_with_types.number")
    )
    code = (
        "import sys; from noob_cli import SynchronousRunner, Tube\n"
        "print(SynchronousRunner(Tube.from_specification('tube.yaml')).run(1))\n"
        "print([name for name in sys.modules if name == 'noob_cli.check.types'])"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True, check=True)
    assert done.stdout == "['text']\n[]\n"


SAMPLES = pathlib.Path(__file__).parents[2] / "sample_tubes"


@pytest.mark.parametrize("path", list(tube_files(SAMPLES)), ids=lambda each: each.stem)
def test_the_samples_are_right(path):
    assert type_diagnostics(loaded(path)) == []


@pytest.mark.slow
def test_the_command_validates_and_runs_it_all_the_same(tmp_path):
    (tmp_path / "code_of_a_wrong_edge.py").write_text(
        "def text() -> str:\n    return 'text'\n\n\ndef number(x: int):\n    return x\n"
    )
    (tmp_path / "tube.yaml").write_text(
        "nodes:\n  a: {type: code_of_a_wrong_edge.text}\n  b: {type: code_of_a_wrong_edge.number, depends: a.value}\n"
        "  r: {type: return, depends: b.value}\n"
    )

    def noob(*args):
        return subprocess.run(
            [sys.executable, "-m", "noob_cli", *args], cwd=tmp_path, capture_output=True, text=True, check=False
        )

    validated, ran = noob("validate", "tube.yaml"), noob("run", "tube.yaml", "-n", "1")
    assert (validated.returncode, ran.returncode, ran.stdout) == (0, 0, '"text"\n')
    assert noob("validate", "--strict", "tube.yaml").returncode == 2
    assert "T001" in validated.stderr
    assert "tube.yaml:3:51" in validated.stderr
