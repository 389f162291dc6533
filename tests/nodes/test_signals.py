"""The signals of a node: their names, from annotations; and what is emitted on them, from values."""

from __future__ import annotations

import collections.abc
import sys
import types
import typing
from collections.abc import Generator, Iterable, Iterator
from textwrap import dedent
from typing import TYPE_CHECKING, Annotated, Any, Literal, Optional, Union

import pytest
from typing_extensions import TypeAliasType

from noob_cli import MetaSignal, Name, NoEvent, SignalError, SynchronousRunner, Tube
from tests.runners.tubes import Tubes

if TYPE_CHECKING:
    from decimal import Decimal as OnlyForCheckers

tubes = Tubes(__name__)

A = Annotated[int, Name("a")]
B = Annotated[str, Name("b")]
Backported = TypeAliasType("Backported", A)


def signals_of(name, source=False):
    """The names of the signals of a node of this module."""
    tube = tubes.tube(f"nodes: {{x: {{type: my.{name}}}}}")
    return [signal.name for signal in tube.graph.nodes["x"].kind.interface.signals]


# --- names, in a module with `from __future__ import annotations` ------------------------------


def unannotated(): ...
def of_none() -> None: ...
def plain() -> int: ...
def one() -> Annotated[int, Name("a")]: ...
def one_by_alias() -> A: ...
def one_by_backported_alias() -> Backported: ...
def one_or_none() -> Annotated[int, Name("a")] | None: ...
def one_or_none_old() -> Optional[Annotated[int, Name("a")]]: ...  # noqa: UP045
def one_of_a_union() -> Union[A, None]: ...  # noqa: UP007
def one_inside() -> Annotated[int | None, Name("a")]: ...
def or_no_event() -> Annotated[int, Name("a")] | Literal[MetaSignal.NoEvent]: ...
def or_meta() -> A | MetaSignal | None: ...
def more_annotations() -> Annotated[int, "a note", Name("a"), 3]: ...
def other_annotations() -> Annotated[int, "a note"]: ...
def unhashable() -> Annotated[int, {"unit": "m"}]: ...
def unhashable_or_none() -> Annotated[int, {"unit": "m"}] | None: ...
def unhashable_part() -> tuple[Annotated[int, ["m"]], int]: ...
def unhashable_and_named() -> Annotated[Annotated[int, {"unit": "m"}], Name("a")]: ...
def unhashable_inside() -> Annotated[list[Annotated[int, ["m"]]], Name("a")]: ...
def several() -> tuple[Annotated[int, Name("a")], Annotated[str, Name("b")]]: ...
def several_by_alias() -> tuple[A, B]: ...
def several_or_none() -> tuple[A, B] | None: ...
def several_old() -> typing.Tuple[A, B]: ...  # noqa: UP006
def several_optional_parts() -> tuple[A | None, Optional[B]]: ...  # noqa: UP045
def several_or_no_event() -> tuple[A | Literal[MetaSignal.NoEvent], B] | Literal[MetaSignal.NoEvent]: ...
def unnamed_tuple() -> tuple[int, str]: ...
def any_tuple() -> tuple[int, ...]: ...
def half_named() -> tuple[A, int]: ...
def bare_tuple() -> tuple: ...
def of_list() -> list[A]: ...
def unresolvable() -> Nowhere: ...  # noqa: F821
def checkers_only() -> OnlyForCheckers: ...
def checkers_only_elsewhere(left: OnlyForCheckers = None, right: Nowhere = None) -> tuple[A, B]: ...  # noqa: F821, RUF013
def as_string() -> "Annotated[int, Name('a')]": ...  # noqa: UP037
def as_string_of_a_name() -> "A": ...  # noqa: UP037
def strings_within() -> tuple["A", Annotated["int", Name("b")]]: ...  # noqa: UP037


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("unannotated", ["value"]),
        ("of_none", ["value"]),
        ("plain", ["value"]),
        ("one", ["a"]),
        ("one_by_alias", ["a"]),
        ("one_by_backported_alias", ["a"]),
        ("one_or_none", ["a"]),
        ("one_or_none_old", ["a"]),
        ("one_of_a_union", ["a"]),
        ("one_inside", ["a"]),
        ("or_no_event", ["a"]),
        ("or_meta", ["a"]),
        ("more_annotations", ["a"]),
        ("other_annotations", ["value"]),
        ("unhashable", ["value"]),
        ("unhashable_or_none", ["value"]),
        ("unhashable_part", ["value"]),
        ("unhashable_and_named", ["a"]),
        ("unhashable_inside", ["a"]),
        ("several", ["a", "b"]),
        ("several_by_alias", ["a", "b"]),
        ("several_or_none", ["a", "b"]),
        ("several_old", ["a", "b"]),
        ("several_optional_parts", ["a", "b"]),
        ("several_or_no_event", ["a", "b"]),
        ("unnamed_tuple", ["value"]),
        ("any_tuple", ["value"]),
        ("half_named", ["value"]),
        ("bare_tuple", ["value"]),
        ("of_list", ["value"]),
        ("unresolvable", ["value"]),
        ("checkers_only", ["value"]),
        ("checkers_only_elsewhere", ["a", "b"]),
        ("as_string", ["a"]),
        ("as_string_of_a_name", ["a"]),
        ("strings_within", ["a", "b"]),
    ],
)
def test_names_from_the_return_annotation(name, expected):
    assert signals_of(name) == expected


def g_unannotated():
    yield 1


def g_plain() -> Generator[int, None, None]:
    yield 1


def g_one() -> Generator[A, None, None]:
    yield 1


def g_one_iterator() -> Iterator[Annotated[int, Name("a")]]:
    yield 1


def g_one_iterable() -> Iterable[A]:
    yield 1


def g_one_old() -> typing.Generator[A, None, None]:
    yield 1


def g_one_or_none() -> Generator[A | None, None, None]:
    yield 1


def g_several() -> Generator[tuple[A, B], None, None]:
    yield 1, "one"


def g_several_iterator() -> Iterator[tuple[A, B]]:
    yield 1, "one"


def g_several_or_none() -> Iterator[tuple[A, B] | None]:
    yield 1, "one"


def g_tuple() -> Iterator[tuple[int, str]]:
    yield 1, "one"


def g_bare() -> collections.abc.Iterator:
    yield 1


def g_bare_typing() -> typing.Iterator:
    yield 1


def g_bare_typing_generator() -> typing.Generator:
    yield 1


def g_any() -> Any:
    yield 1


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("g_unannotated", ["value"]),
        ("g_plain", ["value"]),
        ("g_one", ["a"]),
        ("g_one_iterator", ["a"]),
        ("g_one_iterable", ["a"]),
        ("g_one_old", ["a"]),
        ("g_one_or_none", ["a"]),
        ("g_several", ["a", "b"]),
        ("g_several_iterator", ["a", "b"]),
        ("g_several_or_none", ["a", "b"]),
        ("g_tuple", ["value"]),
        ("g_bare", ["value"]),
        ("g_bare_typing", ["value"]),
        ("g_bare_typing_generator", ["value"]),
        ("g_any", ["value"]),
    ],
)
def test_names_from_what_a_generator_yields(name, expected):
    assert signals_of(name) == expected


def of_a_generator() -> Generator[A, None, None]:
    """A function that returns a generator is no generator function."""


def test_a_function_that_returns_a_generator_emits_it():
    assert signals_of("of_a_generator") == ["value"]


# --- names in modules of other kinds ----------------------------------------------------------


@pytest.fixture
def module(monkeypatch):
    """Makes a module from source, under the name `made_for_signals`."""

    def make(source):
        module = types.ModuleType("made_for_signals")
        module.__file__ = None
        monkeypatch.setitem(sys.modules, "made_for_signals", module)
        exec(compile(dedent(source), "made_for_signals.py", "exec", dont_inherit=True), module.__dict__)
        return Tubes("made_for_signals")

    return make


@pytest.mark.parametrize("future", ["", "from __future__ import annotations"])
def test_annotations_as_objects_and_as_strings(module, future):
    made = module(f"""
        {future}
        from typing import Annotated, Iterator
        from noob_cli import Name

        def numbers() -> Iterator[tuple[Annotated[int, Name("n")], Annotated[int, Name("square")]]]:
            for number in range(3):
                yield number, number ** 2

        class Double:
            def process(self, value: int) -> Annotated[int, Name("twice")] | None:
                return 2 * value
    """)
    text = """
    nodes:
      a: {type: my.numbers}
      b: {type: my.Double, depends: a.square}
      r: {type: return, depends: [a.n, b.twice]}
    """
    assert made.results(text) == [[0, 0], [1, 2], [2, 8]]


NEEDS_ALIASES = pytest.mark.skipif(sys.version_info < (3, 12), reason="`type X = ...` came with Python 3.12")


@NEEDS_ALIASES
@pytest.mark.parametrize(
    ("annotation", "expected"),
    [
        ("One", ["a"]),
        ("One | None", ["a"]),
        ("Nested", ["a"]),
        ("Both", ["a", "b"]),
        ("Both | None", ["a", "b"]),
        ("OrNone", ["a", "b"]),
        ("tuple[One, Two]", ["a", "b"]),
        ("tuple[One | None, Two]", ["a", "b"]),
        ("Of[int]", ["a"]),
        ("Plain", ["value"]),
    ],
)
def test_type_aliases(module, annotation, expected):
    made = module(f"""
        from typing import Annotated
        from noob_cli import Name

        type One = Annotated[int, Name("a")]
        type Two = Annotated[int, Name("b")]
        type Nested = One
        type Both = tuple[Annotated[int, Name("a")], Annotated[int, Name("b")]]
        type OrNone = Both | None
        type Of[T] = Annotated[T, Name("a")]
        type Plain = int

        def f() -> {annotation}: ...
    """)
    tube = made.tube("nodes: {x: {type: my.f}}")
    assert [signal.name for signal in tube.graph.nodes["x"].kind.interface.signals] == expected


@NEEDS_ALIASES
@pytest.mark.parametrize("annotation", ["Iterator[One]", "Drawn", "Iterator[One | None]"])
def test_type_aliases_of_generators(module, annotation):
    made = module(f"""
        from typing import Annotated, Iterator
        from noob_cli import Name

        type One = Annotated[int, Name("a")]
        type Drawn = Iterator[One]

        def f() -> {annotation}:
            yield 1
    """)
    assert made.results("nodes: {x: {type: my.f}, r: {type: return, depends: x.a}}") == [1]


def test_names_that_exist_for_type_checkers_only(module):
    made = module("""
        from __future__ import annotations
        from typing import Annotated, TYPE_CHECKING
        from noob_cli import Name

        if TYPE_CHECKING:
            from decimal import Decimal

        def f(left: Decimal = 1) -> Annotated[int, Name("a")]:
            return left
    """)
    assert made.results("nodes: {x: {type: my.f}, r: {type: return, depends: x.a}}", 1) == [1]


@pytest.mark.skipif(sys.version_info < (3, 14), reason="annotations are evaluated when asked for since Python 3.14")
def test_names_that_can_not_be_evaluated_on_newer_pythons(module):
    made = module("""
        from typing import Annotated, TYPE_CHECKING
        from noob_cli import Name

        if TYPE_CHECKING:
            from decimal import Decimal

        def f(left: Decimal = 1) -> Annotated[int, Name("a")]:
            return left
    """)
    assert made.results("nodes: {x: {type: my.f}, r: {type: return, depends: x.a}}", 1) == [1]


# --- what is emitted --------------------------------------------------------------------------


def numbers(n=4):
    yield from range(n)


def odd(value):
    return value if value % 2 else NoEvent


def split(value) -> tuple[Annotated[int, Name("even")], Annotated[int, Name("odd")]]:
    """Each number on one of two signals; 3 on neither."""
    if value == 3:
        return NoEvent
    return (NoEvent, value) if value % 2 else (value, NoEvent)


def split_source() -> Iterator[tuple[Annotated[int, Name("even")], Annotated[int, Name("odd")]]]:
    for value in range(4):
        yield split(value)


def pair_or(value: Any = None) -> tuple[Annotated[int, Name("a")], Annotated[int, Name("b")]]:
    return value


def pair_source(value: Any = None) -> Iterator[tuple[Annotated[int, Name("a")], Annotated[int, Name("b")]]]:
    yield value


def nothing(value=None):
    return None


def is_none(value):
    return value is None


def make(value):
    """Values that YAML can't say."""
    return {
        "tuple": (1, 2),
        "too long": (1, 2, 3),
        "too short": (1,),
        "long list": [1, 2, 3],
        "text": "ab",
        "none": None,
    }[value]


SPLIT = """
nodes:
  source: {{type: my.numbers}}
  x: {{type: my.{kind}{depends}}}
  r: {{type: return, depends: [{{e: x.even}}, {{o: x.odd}}]}}
"""


def test_no_event_emits_nothing_there():
    text = """
    nodes:
      source: {type: my.numbers}
      x: {type: my.odd, depends: source.value}
      r: {type: return, depends: x.value}
    """
    assert tubes.results(text) == [1, 3]


@pytest.mark.parametrize(("kind", "depends"), [("split", ", depends: source.value"), ("split_source", "")])
def test_no_event_in_place_of_one_signal_and_of_the_whole_tuple(kind, depends):
    assert tubes.results(SPLIT.format(kind=kind, depends=depends)) == [{"e": 0}, {"o": 1}, {"e": 2}]


def test_no_event_from_a_source_is_not_its_end():
    text = "nodes: {x: {type: my.gaps}, r: {type: return, depends: x.value}}"
    assert tubes.results(text) == [1, 2]


def gaps():
    yield NoEvent
    yield 1
    yield NoEvent
    yield 2


def test_none_is_a_value_like_any_other():
    text = """
    nodes:
      source: {type: my.numbers, params: {n: 2}}
      x: {type: my.nothing, depends: source.value}
      y: {type: my.is_none, depends: x.value}
      r: {type: return, depends: [y.value, x.value]}
    """
    assert tubes.results(text) == [[True, None], [True, None]]


def test_none_from_a_source_is_a_value():
    text = "nodes: {x: {type: my.nones}, r: {type: return, depends: x.value}}"
    assert tubes.results(text) == [None, None]


def nones():
    yield None
    yield None


def test_none_in_place_of_one_signal_is_a_value():
    text = "nodes: {x: {type: my.none_and_one}, r: {type: return, depends: [x.a, x.b]}}"
    assert tubes.results(text, 1) == [[None, 1]]


def none_and_one() -> tuple[A | None, B]:
    return None, 1


def none_and_one_strict() -> tuple[A, B]:
    return None, 1


def test_none_in_place_of_one_named_signal_is_a_value():
    text = "nodes: {x: {type: my.none_and_one_strict}, r: {type: return, depends: [x.a, x.b]}}"
    assert tubes.results(text, 1) == [[None, 1]]


@pytest.mark.parametrize("kind", ["pair_or", "pair_source"])
@pytest.mark.parametrize("what", ["too long", "too short", "long list", "text", "none"])
def test_what_is_no_tuple_of_the_right_length_fails_the_node(kind, what):
    value = make(what)
    tube = tubes.data(f"nodes: {{x: {{type: my.{kind}, params: {{value: 0}}}}, r: {{type: return, depends: x.a}}}}")
    tube["nodes"]["x"]["params"]["value"] = value
    with SynchronousRunner(Tube.from_specification(tube)) as runner:
        with pytest.raises(SignalError, match="2") as raised:
            runner.process()
        assert any("'x'" in note for note in raised.value.__notes__)


def test_a_failing_tuple_fails_although_only_one_signal_is_read():
    text = """
    nodes:
      w: {type: my.word}
      v: {type: my.make, depends: w.value}
      x: {type: my.pair_or, depends: v.value}
    """
    with pytest.raises(SignalError):
        tubes.runner(text).run(1)


def word():
    return "too long"


def test_a_tuple_of_a_node_with_one_signal_is_a_value():
    text = "nodes: {x: {type: my.a_tuple}, r: {type: return, depends: x.value}}"
    assert tubes.results(text, 1) == [(1, 2, 3)]


def a_tuple():
    return 1, 2, 3


def test_a_list_of_no_events_is_a_value():
    text = "nodes: {x: {type: my.no_events}, r: {type: return, depends: x.value}}"
    assert tubes.results(text, 1) == [[NoEvent]]


def no_events():
    return [NoEvent]


def test_a_value_that_compares_oddly_is_a_value():
    """Numpy arrays have no truth and compare item by item: nothing may ask them."""
    text = """
    nodes:
      x: {type: my.odd_one}
      y: {type: my.pass_on, depends: x.value}
      r: {type: return, depends: y.value}
    """
    (result,) = tubes.results(text, 1)
    assert type(result) is Odd


class Odd:
    __hash__ = None

    def __eq__(self, other):
        raise AssertionError("compared")

    def __bool__(self):
        raise AssertionError("asked for its truth")


def odd_one():
    return Odd()


def pass_on(value=None):
    return value
