"""What is behind a callable: code is taken for what it is when called."""

from __future__ import annotations

import asyncio
import functools
import inspect
import sys
import types
import typing
from collections.abc import AsyncIterator, Generator, Iterator
from typing import Annotated, Generic, TypeVar

import pytest

from noob_cli import Name, SignalError, SynchronousRunner, Tube, TubeError
from noob_cli.nodes.kinds import Role, Supply, kind_of
from tests.proxies import CallableProxy, Proxy
from tests.runners.tubes import Tubes

tubes = Tubes(__name__)

T = TypeVar("T")


def passing_on(code):
    @functools.wraps(code)
    def wrapper(*args, **kwargs):
        return code(*args, **kwargs)

    return wrapper


def passing_on_to_a_method(code):
    @functools.wraps(code)
    def wrapper(self, *args, **kwargs):
        return code(self, *args, **kwargs)

    return wrapper


def listing(code):
    @functools.wraps(code)
    def wrapper(*args, **kwargs):
        return list(code(*args, **kwargs))

    return wrapper


def waiting(code):
    @functools.wraps(code)
    def wrapper(*args, **kwargs):
        return asyncio.run(code(*args, **kwargs))

    return wrapper


class Passing:
    """A decorator that is a class."""

    def __init__(self, code):
        functools.update_wrapper(self, code)
        self.code = code

    def __call__(self, *args, **kwargs):
        return self.code(*args, **kwargs)


def proxy(code):
    """A proxy that passes everything on, as those of wrapt do."""
    return CallableProxy(code)


def listing_proxy(code):
    """A proxy that makes a list of what comes back."""

    class Listing(CallableProxy):
        def __call__(self, *args, **kwargs):
            return list(self.__wrapped__(*args, **kwargs))

    return Listing(code)


def adapted(like):
    """A proxy that is called, and annotated, like another function."""

    class Adapted(CallableProxy):
        __signature__ = inspect.signature(like)

        def __call__(self, value, more):
            return self.__wrapped__(value + more)

    return Adapted


def first_given(code, value):
    """A proxy for a function whose first argument is given already."""

    class FirstGiven(CallableProxy):
        __signature__ = inspect.signature(functools.partial(code, value))

        def __call__(self, *args):
            return self.__wrapped__(value, *args)

    return FirstGiven(code)


# --- sources ----------------------------------------------------------------------------------


def numbers(n: int = 3) -> Iterator[Annotated[int, Name("number")]]:
    yield from range(n)


async def async_numbers(n: int = 3) -> AsyncIterator[Annotated[int, Name("number")]]:
    for number in range(n):
        await asyncio.sleep(0)
        yield number


passed_numbers = passing_on(numbers)
twice_passed_numbers = passing_on(passing_on(numbers))
passed_async_numbers = passing_on(async_numbers)
class_passed_numbers = Passing(numbers)
class_passed_async_numbers = Passing(async_numbers)
proxied_numbers = proxy(numbers)
partial_numbers = functools.partial(numbers)
updated_partial_numbers = functools.update_wrapper(functools.partial(numbers, n=3), numbers)
partial_passed_numbers = functools.partial(passing_on(numbers), n=3)
cached_numbers = functools.lru_cache(numbers)


@passing_on
def limited(n: int = 3) -> Annotated[Generator[int], Name("number")]:
    yield from range(n)


class Called:
    def __call__(self, n: int = 3) -> Iterator[Annotated[int, Name("number")]]:
        yield from range(n)


class AsyncCalled:
    async def __call__(self, n: int = 3) -> AsyncIterator[Annotated[int, Name("number")]]:
        for number in range(n):
            yield number


class PassingCalled:
    @passing_on
    def __call__(self, n: int = 3) -> Iterator[Annotated[int, Name("number")]]:
        yield from range(n)


called, async_called, passing_called = Called(), AsyncCalled(), PassingCalled()


class Makers:
    @staticmethod
    def static(n: int = 3) -> Iterator[Annotated[int, Name("number")]]:
        yield from range(n)

    @classmethod
    def of_class(cls, n: int = 3) -> Iterator[Annotated[int, Name("number")]]:
        yield from range(n)

    @classmethod
    @passing_on
    def decorated(cls, n: int = 3) -> Iterator[Annotated[int, Name("number")]]:
        yield from range(n)


SOURCES = [
    *("numbers", "async_numbers", "passed_numbers", "twice_passed_numbers", "passed_async_numbers"),
    *("class_passed_numbers", "class_passed_async_numbers", "proxied_numbers", "partial_numbers"),
    *("updated_partial_numbers", "partial_passed_numbers", "cached_numbers", "limited"),
    *("called", "async_called", "passing_called", "Makers.static", "Makers.of_class", "Makers.decorated"),
]


@pytest.mark.parametrize("name", SOURCES)
def test_a_generator_behind_something_is_drawn_from(name):
    if name == "cached_numbers":
        cached_numbers.cache_clear()
    assert tubes.results(f"nodes: {{x: {{type: my.{name}}}, r: {{type: return, depends: x.number}}}}") == [0, 1, 2]


@pytest.mark.parametrize("name", [name for name in SOURCES if not name.startswith(("updated", "cached"))])
def test_it_takes_the_params_of_what_is_behind(name):
    text = f"nodes: {{x: {{type: my.{name}, params: {{n: 2}}}}, r: {{type: return, depends: x.number}}}}"
    assert tubes.results(text) == [0, 1]
    assert tubes.codes(f"nodes: {{x: {{type: my.{name}, params: {{other: 2}}}}}}") == ["G007"]


@pytest.mark.parametrize("name", ["numbers", "async_numbers", "called", "Makers.static"])
def test_a_generator_takes_nothing_that_comes_with_the_epochs(name):
    assert tubes.codes(f"nodes: {{a: {{type: my.numbers}}, x: {{type: my.{name}, depends: a.number}}}}") == ["G011"]


listed = listing(numbers)
listed_by_a_proxy = listing_proxy(numbers)


@pytest.mark.parametrize("name", ["listed", "listed_by_a_proxy"])
def test_a_generator_whose_decorator_makes_a_list_is_a_function(name):
    text = f"nodes: {{x: {{type: my.{name}, params: {{n: 2}}}}, r: {{type: return, depends: x.number}}}}"
    assert tubes.results(text, 3) == [[0, 1]] * 3


def test_that_it_is_one_shows_in_the_call_so_that_it_does_not_keep_a_run_going():
    text = """
    nodes:
      a: {type: my.numbers, params: {n: 2}}
      x: {type: my.listed, params: {n: 2}}
      r: {type: return, depends: [a.number, x.number]}
      alone: {type: my.listed}
    """
    tube = tubes.tube(text)
    assert list(SynchronousRunner(tube).iter()) == [[0, [0, 1]], [1, [0, 1]]]
    # Once more with what is known then.
    assert list(SynchronousRunner(tube).iter()) == [[0, [0, 1]], [1, [0, 1]]]


def test_it_may_depend_on_what_comes_with_the_epochs():
    text = """
    nodes:
      a: {type: my.numbers}
      x: {type: my.listed, depends: a.number}
      r: {type: return, depends: x.number}
    """
    assert tubes.results(text) == [[], [0], [0, 1]]


def test_in_a_nested_tube_it_is_a_function_too():
    text = """
    nodes:
      a: {type: my.numbers, params: {n: 2}}
      inner:
        type: tube
        params:
          tube: {nodes: {x: {type: my.listed, params: {n: 1}}, r: {type: return, depends: x.number}}}
      r: {type: return, depends: [a.number, inner.value]}
      alone:
        type: tube
        params: {tube: {nodes: {x: {type: my.listed}}}}
    """
    assert tubes.results(text) == [[0, [0]], [1, [0]]]


calls = []


@listing
def counted(n=2):
    calls.append(n)
    yield from range(n)


def test_it_is_called_once_for_each_epoch():
    calls.clear()
    tubes.results("nodes: {x: {type: my.counted}, r: {type: return, depends: x.value}}", 3)
    assert calls == [2, 2, 2]


def test_a_decorated_generator_that_depends_on_values_fails_in_its_first_epoch():
    text = """
    nodes:
      a: {type: my.numbers}
      x: {type: my.passed_numbers, depends: a.number}
      r: {type: return, depends: x.number}
    """
    with pytest.raises(SignalError, match=r"returned a generator.*put a 'map' behind it"):
        tubes.results(text)


# --- decorators with parameters of their own ----------------------------------------------------


def repeated(code):
    @functools.wraps(code)
    def wrapper(top, times=2):
        for item in code(top):
            yield from [item] * times

    return wrapper


def scaled(code):
    @functools.wraps(code)
    def wrapper(*values, scale=10, **others):
        return code(*values, **others) * scale

    return wrapper


@repeated
def letters(n: int) -> Iterator[int]:
    yield from range(n)


@scaled
def add(left: int, right: int) -> int:
    return left + right


def test_a_generator_with_parameters_of_its_own_around_another():
    text = "nodes: {x: {type: my.letters, params: {top: 2, times: 3}}, r: {type: return, depends: x.value}}"
    assert tubes.results(text) == [0, 0, 0, 1, 1, 1]
    assert tubes.codes("nodes: {x: {type: my.letters, params: {top: 2, n: 2}}}") == ["G007"]


def test_a_function_with_parameters_of_its_own_around_another():
    text = """
    nodes:
      a: {type: my.numbers}
      x: {type: my.add, depends: [a.number, a.number], params: {scale: 100}}
      y: {type: my.add, depends: [{left: a.number}, {right: a.number}]}
      r: {type: return, depends: [x.value, y.value]}
    """
    assert tubes.results(text) == [[0, 0], [200, 20], [400, 40]]


def test_a_partial_that_says_what_it_is_of_has_fewer_parameters_than_that():
    code = functools.update_wrapper(functools.partial(add.__wrapped__, 1), add.__wrapped__)
    assert list(kind_of(code).interface.slots) == ["right"]


# --- coroutines -----------------------------------------------------------------------------------


async def later(value: int, by: int = 10) -> Annotated[int, Name("sum")]:
    await asyncio.sleep(0)
    return value + by


passed_later = passing_on(later)
class_passed_later = Passing(later)
proxied_later = proxy(later)
partial_later = functools.partial(later, by=10)
updated_partial_later = functools.update_wrapper(functools.partial(later, by=10), later)
waited_later = waiting(later)


class CalledLater:
    async def __call__(self, value: int) -> Annotated[int, Name("sum")]:
        return value + 10


called_later = CalledLater()


class Later:
    """Its process method is decorated."""

    def __init__(self, by: int = 10) -> None:
        self.by = by

    @passing_on
    async def process(self, value: int) -> Annotated[int, Name("sum")]:
        await asyncio.sleep(0)
        return value + self.by


class LaterToo(Later):
    @passing_on_to_a_method
    async def process(self, value: int) -> Annotated[int, Name("sum")]:
        return value + self.by


class PartlyLater:
    async def add(self, by: int, value: int) -> Annotated[int, Name("sum")]:
        return value + by

    process = functools.partialmethod(add, 10)


@types.coroutine
def old_style(value: int) -> Annotated[int, Name("sum")]:
    yield
    return value + 10


COROUTINES = [
    *("later", "passed_later", "class_passed_later", "proxied_later", "partial_later", "updated_partial_later"),
    *("waited_later", "called_later", "Later", "LaterToo", "PartlyLater", "old_style"),
]


@pytest.mark.parametrize("name", COROUTINES)
def test_a_coroutine_behind_something_is_awaited(name):
    text = f"""
    nodes:
      a: {{type: my.numbers}}
      x: {{type: my.{name}, depends: a.number}}
      y: {{type: my.{name}, depends: [{{value: a.number}}]}}
      r: {{type: return, depends: [x.sum, y.sum]}}
    """
    assert tubes.results(text) == [[10, 10], [11, 11], [12, 12]]


@pytest.mark.skipif(sys.version_info < (3, 12), reason="the mark came with Python 3.12")
def test_a_function_that_is_marked_as_a_coroutine_function(monkeypatch):
    marked = inspect.markcoroutinefunction(lambda value: later(value))
    monkeypatch.setattr(sys.modules[__name__], "marked", marked, raising=False)
    text = (
        "nodes: {a: {type: my.numbers}, x: {type: my.marked, depends: a.number}, r: {type: return, depends: x.value}}"
    )
    assert tubes.results(text) == [10, 11, 12]


# --- what nobody could do something with --------------------------------------------------------


def forgotten(value=1):
    return later(value)


def makes_a_generator(n=3):
    return (number for number in range(n))


def makes_an_async_generator(n=3):
    return async_numbers(n)


def silent_at_first(state=[]):  # noqa: B006
    state.append(1)
    return None if len(state) < 3 else makes_a_generator()


class Forgotten:
    def process(self, value: int):
        return later(value)


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize(
    ("node", "expected"),
    [
        ("{type: my.forgotten}", "a coroutine"),
        ("{type: my.forgotten, depends: a.number}", "a coroutine"),
        ("{type: my.Forgotten, depends: a.number}", "a coroutine"),
        ("{type: my.makes_a_generator}", "a generator"),
        ("{type: my.makes_a_generator, params: {n: 2}}", "a generator"),
        ("{type: my.makes_an_async_generator}", "a generator"),
        ("{type: my.makes_an_async_generator, depends: a.number}", "a generator"),
        ("{type: my.silent_at_first}", "a generator"),
    ],
)
@pytest.mark.parametrize("rest", ["", ", r: {type: return, depends: x.value}"])
def test_what_can_be_neither_awaited_nor_drawn_from_is_an_error(node, expected, rest):
    runner = tubes.runner(f"nodes: {{a: {{type: my.numbers}}, x: {node}{rest}}}")
    with pytest.raises(SignalError, match=f"it returned {expected}"):
        runner.run(3)
    assert runner.failure.place.name == "x"


def test_it_is_an_error_in_each_epoch():
    with tubes.runner("nodes: {a: {type: my.numbers}, x: {type: my.forgotten, depends: a.number}}") as runner:
        for _ in range(2):
            with pytest.raises(SignalError, match="it returned a coroutine"):
                runner.process()


def test_in_a_nested_tube_it_is_an_error_if_nothing_takes_it():
    inner = "{nodes: {x: {type: my.makes_a_generator}}}"
    with pytest.raises(SignalError, match="it returned a generator"):
        tubes.results(f"nodes: {{a: {{type: my.numbers}}, t: {{type: tube, params: {{tube: {inner}}}}}}}")


@pytest.mark.parametrize("node", ["makes_a_generator", "makes_a_generator, depends: a.number"])
def test_another_node_may_draw_from_a_generator(node):
    text = f"""
    nodes:
      a: {{type: my.numbers, params: {{n: 4}}}}
      x: {{type: my.{node}}}
      s: {{type: sum, depends: x.value}}
      r: {{type: return, depends: s.value}}
    """
    assert tubes.results(text) == ([3] * 4 if "depends" not in node else [0, 0, 1, 3])


def test_a_generator_of_a_node_with_slots_is_a_value():
    text = """
    nodes:
      a: {type: my.numbers}
      x: {type: my.makes_a_generator, depends: a.number}
      r: {type: return, depends: x.value}
    """
    assert [list(each) for each in tubes.results(text)] == [[], [0], [0, 1]]


# --- classes --------------------------------------------------------------------------------------


class Ring(Generic[T]):
    """A class with a parameter for its types, whose instances are iterators."""

    def __init__(self, items: list[T]) -> None:
        self.items = items

    def __iter__(self) -> Ring[T]:
        return self

    def __next__(self) -> Annotated[T, Name("item")]:
        self.items.append(self.items.pop(0))
        return self.items[-1]


class Sum(Generic[T]):
    """The same with a process method."""

    def __init__(self, start: int = 0) -> None:
        self.sum = start

    def process(self, value: int) -> Annotated[int, Name("sum")]:
        self.sum += value
        return self.sum


IntRing, IntSum, ints = Ring[int], Sum[int], list[int]
old_ints = typing.List[int]  # noqa: UP006


@pytest.mark.parametrize("name", ["Ring", "IntRing"])
def test_a_class_with_its_type_in_brackets_is_the_class(name):
    text = f"nodes: {{x: {{type: my.{name}, params: {{items: [1, 2]}}}}, r: {{type: return, depends: x.item}}}}"
    assert tubes.results(text, 3) == [1, 2, 1]


def plus(value: int, more: int = 5) -> Annotated[int, Name("sum")]:
    return value + more


def same(value):
    return value


proxied_plus = adapted(plus)(same)
plus_two = first_given(plus, 2)


@pytest.mark.parametrize(
    ("node", "expected"),
    [
        ("{type: my.proxied_plus, depends: [a.number, {more: a.number}]}", [0, 2, 4]),
        ("{type: my.plus_two, depends: [a.number]}", [2, 3, 4]),
    ],
)
def test_a_proxy_with_a_signature_of_its_own_is_what_that_says(node, expected):
    text = f"nodes: {{a: {{type: my.numbers}}, x: {node}, r: {{type: return, depends: x.sum}}}}"
    assert tubes.results(text) == expected


not_called = Proxy(Sum)


def test_a_proxy_that_can_not_be_called_is_no_class():
    with pytest.raises(TubeError, match="something that can be called"):
        tubes.runner("nodes: {a: {type: my.numbers}, x: {type: my.not_called, depends: a.number}}")


@pytest.mark.parametrize("name", ["Sum", "IntSum"])
def test_a_class_in_brackets_with_a_process_method(name):
    text = f"""
    nodes:
      a: {{type: my.numbers}}
      x: {{type: my.{name}, params: {{start: 5}}, depends: a.number}}
      r: {{type: return, depends: x.sum}}
    """
    assert tubes.results(text) == [5, 6, 8]


@pytest.mark.parametrize("name", ["ints", "old_ints"])
def test_a_class_of_python_in_brackets(name):
    text = f"""
    nodes:
      a: {{type: my.listed}}
      x: {{type: my.{name}, depends: a.number}}
      r: {{type: return, depends: x.value}}
    """
    assert tubes.results(text, 1) == [[0, 1, 2]]


passed_sum = passing_on(Sum)
proxied_sum = proxy(Sum)
proxied_ring = proxy(Ring)


@pytest.mark.parametrize("name", ["passed_sum", "proxied_sum"])
def test_a_decorated_class_is_the_class(name):
    text = f"""
    nodes:
      a: {{type: my.numbers}}
      x: {{type: my.{name}, params: {{start: 5}}, depends: a.number}}
      r: {{type: return, depends: x.sum}}
    """
    assert tubes.results(text) == [5, 6, 8]


def test_a_decorated_class_of_iterators():
    text = "nodes: {x: {type: my.proxied_ring, params: {items: [1, 2]}}, r: {type: return, depends: x.item}}"
    assert tubes.results(text, 3) == [1, 2, 1]


class AsyncCountdown:
    """Its instances are asynchronous iterators."""

    def __init__(self, left: int = 3) -> None:
        self.left = left

    def __aiter__(self) -> AsyncCountdown:
        return self

    async def __anext__(self) -> Annotated[int, Name("left")]:
        await asyncio.sleep(0)
        if self.left == 0:
            raise StopAsyncIteration
        self.left -= 1
        return self.left


def test_a_class_of_async_iterators_is_drawn_from():
    text = "nodes: {x: {type: my.AsyncCountdown, params: {left: 2}}, r: {type: return, depends: x.left}}"
    assert tubes.results(text) == [1, 0]


class Drawn:
    """Its process method is a generator behind a decorator."""

    @passing_on
    def process(self) -> Iterator[Annotated[int, Name("number")]]:
        yield from range(2)


class DrawnToo:
    @passing_on_to_a_method
    async def process(self) -> AsyncIterator[Annotated[int, Name("number")]]:
        for number in range(2):
            yield number


class Listed:
    @listing
    def process(self) -> Iterator[Annotated[int, Name("number")]]:
        yield from range(2)


class DrawnWithSlots:
    def process(self, value: int) -> Iterator[int]:
        yield value


class AsyncDrawnWithSlots:
    async def process(self, value: int) -> AsyncIterator[int]:
        yield value


@pytest.mark.parametrize(("name", "expected"), [("Drawn", [0, 1]), ("DrawnToo", [0, 1]), ("Listed", [[0, 1]] * 2)])
def test_process_methods_behind_decorators(name, expected):
    text = f"nodes: {{x: {{type: my.{name}}}, r: {{type: return, depends: x.number}}}}"
    assert tubes.results(text, 2) == expected


@pytest.mark.parametrize("name", ["DrawnWithSlots", "AsyncDrawnWithSlots"])
def test_a_process_method_that_is_a_generator_takes_no_slots(name):
    text = f"nodes: {{a: {{type: my.numbers}}, x: {{type: my.{name}, depends: a.number}}}}"
    assert tubes.codes(text) == ["C003"]


class Partly:
    def scale(self, by: int, value: int) -> Annotated[int, Name("scaled")]:
        return by * value

    process = functools.partialmethod(scale, 3)


def test_a_partial_method():
    text = (
        "nodes: {a: {type: my.numbers}, x: {type: my.Partly, depends: a.number}, r: {type: return, depends: x.scaled}}"
    )
    assert tubes.results(text) == [0, 3, 6]
    assert tubes.codes("nodes: {a: {type: my.numbers}, x: {type: my.Partly, depends: [{by: a.number}]}}") != []


# --- one that looks at its first argument ---------------------------------------------------------


@functools.singledispatch
def kind(value: object) -> str:
    return "something"


@kind.register
def _(value: int) -> str:
    return "a number"


@pytest.mark.parametrize("depends", ["a.number", "[{value: a.number}]"])
def test_a_function_that_dispatches(depends):
    text = f"""
    nodes:
      a: {{type: my.numbers}}
      x: {{type: my.kind, depends: {depends}}}
      r: {{type: return, depends: x.value}}
    """
    assert tubes.results(text, 1) == ["a number"]


def cyclic():
    return 1


cyclic.__wrapped__ = cyclic


def test_what_wraps_itself_is_what_it_is():
    assert kind_of(cyclic).role is Role.call
    assert tubes.results("nodes: {x: {type: my.cyclic}, r: {type: return, depends: x.value}}", 1) == [1]


def test_what_only_wraps_a_generator_is_called_where_it_depends_on_values():
    assert kind_of(passed_numbers, Supply.nothing).role is Role.source
    assert kind_of(passed_numbers, Supply.at_start).role is Role.source
    assert kind_of(passed_numbers, Supply.in_epochs).role is Role.call
    assert kind_of(numbers, Supply.in_epochs).role is Role.source


def test_a_tube_is_the_same_for_its_next_run():
    tube: Tube = tubes.tube("nodes: {x: {type: my.passed_numbers}, r: {type: return, depends: x.number}}")
    assert list(SynchronousRunner(tube).iter()) == [0, 1, 2]
    assert list(SynchronousRunner(tube).iter()) == [0, 1, 2]
