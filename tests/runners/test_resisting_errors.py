"""Errors that don't let themselves be changed, or looked at, are shown and skipped like any other."""

from __future__ import annotations

import asyncio
import dataclasses
import sys
from collections.abc import AsyncIterator, Callable, Iterator
from typing import Any

import pytest

from noob_cli import SynchronousRunner
from noob_cli.cli.run.failures import report_failure
from noob_cli.cli.run.skipping import Skipping
from noob_cli.raised import is_failure, notes_of
from noob_cli.runners.failure import attributed
from tests.runners.tubes import Tubes

TUBES = Tubes(__name__)


@dataclasses.dataclass(frozen=True)
class Frozen(Exception):
    value: int = 3


@dataclasses.dataclass(frozen=True, slots=True)
class Slotted(Exception):
    value: int = 3


class Panic(BaseException):
    """As Rust extensions raise."""


class Refusing(Exception):
    """Refuses what can be refused."""

    def __getattribute__(self, name: str) -> Any:
        raise RuntimeError(name)

    def __setattr__(self, name: str, value: object) -> None:
        raise RuntimeError(name)

    def __str__(self) -> str:
        raise RuntimeError("str")

    __repr__ = __str__

    def __bool__(self) -> bool:
        raise RuntimeError("bool")

    def __eq__(self, other: object) -> bool:
        raise RuntimeError("eq")

    def __hash__(self) -> int:
        raise RuntimeError("hash")


class Panicking(BaseException):
    """Refuses it with what is no `Exception`, and is none itself."""

    def __getattribute__(self, name: str) -> Any:
        raise Panic(name)

    def __setattr__(self, name: str, value: object) -> None:
        raise Panic(name)

    def __str__(self) -> str:
        raise Panic("str")

    __repr__ = __str__


class Lying(Exception):
    """Says that it is something else, and has what it should not."""

    __class__ = property(lambda self: KeyboardInterrupt)  # type: ignore[assignment]
    __notes__ = property(lambda self: 7)
    __cause__ = property(lambda self: 5)  # type: ignore[assignment]
    __traceback__ = property(lambda self: None)  # type: ignore[assignment]
    args = property(lambda self: None)  # type: ignore[assignment]


class Falsy(Exception):
    def __len__(self) -> int:
        return 0


class Meta(type):
    def __getattribute__(cls, name: str) -> Any:
        if name == "__subclasses__":
            # Dask asks all classes of errors for that when it is imported, whatever test does that.
            return super().__getattribute__(name)
        raise RuntimeError(name)


class OfResistingClass(Exception, metaclass=Meta):
    pass


class Hidden(BaseExceptionGroup[BaseException]):
    exceptions = property(lambda self: 1 / 0)  # type: ignore[assignment]


def group() -> BaseException:
    return BaseExceptionGroup("several", [Panic("p"), Frozen(), Refusing()])


def hidden() -> BaseException:
    return Hidden("several", [Panic("p"), ValueError("v")])


_MORE_THAN_CALLS = sys.getrecursionlimit() + 100
"""How many errors hang together that nothing may go through by calling itself."""


def chain() -> BaseException:
    """What a retry leaves that is called by itself again and again."""
    error: BaseException = Refusing()
    for attempt in range(_MORE_THAN_CALLS):
        link = Frozen(attempt)
        BaseException.__dict__["__context__"].__set__(link, error)
        error = link
    return error


def deep() -> BaseException:
    error: BaseException = Panic("p")
    for level in range(_MORE_THAN_CALLS):
        error = BaseExceptionGroup(str(level), [error])
    return error


MAKERS: dict[str, Any] = {
    "Frozen": Frozen,
    "Slotted": Slotted,
    "Panic": Panic,
    "Refusing": Refusing,
    "Panicking": Panicking,
    "Lying": Lying,
    "Falsy": Falsy,
    "OfResistingClass": lambda: Exception.__new__(OfResistingClass),
    "BaseExceptionGroup": group,
    "Hidden": hidden,
    "Chain": chain,
    "Deep": deep,
}


def fail(kind: str) -> None:
    raise MAKERS[kind]()


def check(value: int, kind: str) -> int:
    if value == 1:
        fail(kind)
    return value


def two() -> Iterator[int]:
    yield from (0, 1)


def fail_with(values: list[int], kind: str) -> None:
    fail(kind)


async def check_soon(value: int, kind: str) -> int:
    return check(value, kind)


async def draw_soon(kind: str) -> AsyncIterator[int]:
    yield 0
    fail(kind)


def check_in_turn(value: int, kind: str) -> int:
    try:
        return check(value, kind)
    except BaseException as error:
        raise ValueError("in turn") from error


def source(kind: str) -> Iterator[int]:
    yield 0
    fail(kind)


def use(value: int, resource: object) -> int:
    return value


class Resource:
    def __init__(self, kind: str, at: str) -> None:
        self.kind, self.at = kind, at
        self._reach("make")

    def _reach(self, at: str) -> None:
        if at == self.at:
            fail(self.kind)

    def __enter__(self) -> Resource:
        self._reach("enter")
        return self

    def __exit__(self, *error: object) -> None:
        self._reach("exit")


class Worker:
    def __init__(self, kind: str, at: str) -> None:
        self.kind, self.at = kind, at

    def init(self) -> None:
        if self.at == "init":
            fail(self.kind)

    def deinit(self) -> None:
        if self.at == "deinit":
            fail(self.kind)

    def process(self, value: int) -> int:
        return value


COUNT = "nodes:\n  n: {type: itertools.count}\n"
INPUT = "input:\n  kind: {type: str}\n"


def node(type_: str) -> str:
    return (
        f"{INPUT}{COUNT}  x: {{type: {type_}, depends: [value: n.value], params: {{kind: input.kind}}}}\n"
        "  return: {type: return, depends: x.value}"
    )


def using(scope: str, at: str) -> str:
    return (
        f"{INPUT}assets:\n  a: {{type: my.Resource, scope: {scope}, params: {{kind: input.kind, at: {at}}}}}\n{COUNT}"
        "  x: {type: my.use, depends: [value: n.value, resource: assets.a]}\n  return: {type: return, depends: x.value}"
    )


def working(at: str) -> str:
    return (
        f"{INPUT}{COUNT}  x: {{type: my.Worker, depends: [value: n.value], params: {{kind: input.kind, at: {at}}}}}\n"
        "  return: {type: return, depends: x.value}"
    )


IN_EPOCH_1 = {
    "node": (node("my.check"), "the node 'x'"),
    "in turn": (node("my.check_in_turn"), "the node 'x'"),
    "coroutine": (node("my.check_soon"), "the node 'x'"),
    "coroutines": (
        node("my.check_soon").replace(
            "  return:", "  y: {type: my.check_soon, depends: [value: n.value], params: {kind: input.kind}}\n  return:"
        ),
        "the node 'x'",
    ),
    "asynchronous source": (
        f"{INPUT}nodes:\n  n: {{type: my.draw_soon, params: {{kind: input.kind}}}}\n"
        "  return: {type: return, depends: n.value}",
        "the node 'n'",
    ),
    "source": (
        f"{INPUT}nodes:\n  n: {{type: my.source, params: {{kind: input.kind}}}}\n"
        "  return: {type: return, depends: n.value}",
        "the node 'n'",
    ),
    "nested": (
        f"{INPUT}{COUNT}  t:\n    type: tube\n    depends: [v: n.value]\n    params:\n      kind: input.kind\n"
        "      tube:\n        input: {kind: {type: str}, v: {type: int, scope: process}}\n        nodes:\n"
        "          x: {type: my.check, depends: [value: input.v], params: {kind: input.kind}}\n"
        "          return: {type: return, depends: x.value}\n  return: {type: return, depends: t.value}",
        "the node 't.x'",
    ),
}
IN_EPOCH_0 = {
    f"{at} {scope}": (using(scope, at), "the asset 'a'")
    for scope in ("process", "node")
    for at in ("make", "enter", "exit")
}
OUTSIDE = {
    **{at: (using("runner", at), "the asset 'a'") for at in ("make", "enter", "exit")},
    **{at: (working(at), "the node 'x'") for at in ("init", "deinit")},
}


def is_the_one(error: BaseException, kind: str) -> bool:
    made = type(error)
    return made is type(MAKERS[kind]())


def raised_by(function: Callable[[], object]) -> BaseException:
    """What a function raises. `pytest.raises` looks at it, which some of these don't stand."""
    try:
        function()
    except BaseException as error:
        return error
    raise AssertionError("nothing was raised")


def reported(runner: SynchronousRunner, error: BaseException, capsys: pytest.CaptureFixture[str]) -> str:
    for each, failure in attributed([error], runner.failures):
        report_failure(each, failure, runner.failures)
    return capsys.readouterr().err


@pytest.mark.parametrize("kind", MAKERS)
class TestAnErrorThatResists:
    @pytest.mark.many
    @pytest.mark.parametrize("where", IN_EPOCH_1)
    def test_is_the_error_of_its_epoch_and_says_where(self, where, kind, capsys):
        tube, place = IN_EPOCH_1[where]
        runner = TUBES.runner(tube, kind=kind)

        with runner:
            assert runner.process() == 0
            raised = raised_by(runner.process)

        assert is_the_one(raised, kind) or where == "in turn"
        assert runner.failure.error is raised
        assert f"in {place}, epoch 1" in "\n".join(notes_of(raised))
        said = reported(runner, raised, capsys)
        assert said.startswith(f"error: {place} failed in epoch 1\n")
        assert 'test_resisting_errors.py", line' in said
        assert kind in said

    @pytest.mark.many
    @pytest.mark.parametrize("where", IN_EPOCH_0)
    def test_is_that_of_an_asset_of_an_epoch(self, where, kind, capsys):
        tube, place = IN_EPOCH_0[where]
        runner = TUBES.runner(tube, kind=kind)
        runner.init()

        raised = raised_by(runner.process)

        assert is_the_one(raised, kind)
        assert place in reported(runner, raised, capsys)

    @pytest.mark.many
    @pytest.mark.parametrize("where", OUTSIDE)
    def test_is_that_of_the_start_or_the_stop(self, where, kind, capsys):
        tube, place = OUTSIDE[where]
        runner = TUBES.runner(tube, kind=kind)

        def run() -> None:
            with runner:
                runner.process()

        raised = raised_by(run)

        assert is_the_one(raised, kind)
        assert place in reported(runner, raised, capsys)

    def test_is_skipped(self, kind):
        runner = TUBES.runner(node("my.check"), kind=kind)
        skipped: list[BaseException] = []
        skipping = Skipping(True, None, runner, None, lambda error: False, skipped.append)

        with runner:
            assert list(skipping.results(None, 4)) == [0, 2, 3]

        assert skipping.failed == 1
        assert is_the_one(skipped[0], kind)

    def test_is_that_of_the_last_epoch(self, kind):
        runner = TUBES.runner(
            f"{INPUT}nodes:\n"
            "  n: {type: my.two}\n"
            "  all: {type: gather, params: {n: 5, flush: true}, depends: n.value}\n"
            "  x: {type: my.fail_with, depends: [values: all.value], params: {kind: input.kind}}\n"
            "  return: {type: return, depends: x.value}",
            kind=kind,
        )

        assert is_the_one(raised_by(lambda: list(runner.iter())), kind)

    def test_is_told_with_that_of_a_teardown(self, kind, capsys):
        runner = TUBES.runner(
            f"{INPUT}assets:\n  a: {{type: my.Resource, scope: process, params: {{kind: input.kind, at: exit}}}}\n"
            "nodes:\n  n: {type: itertools.count, params: {start: 1}}\n"
            "  x: {type: my.check, depends: [value: n.value], params: {kind: input.kind}}\n"
            "  y: {type: my.use, depends: [value: n.value, resource: assets.a]}",
            kind=kind,
        )
        runner.init()

        raised = raised_by(runner.process)

        assert [str(each.place) for each in runner.failures] == ["the node 'x'", "the asset 'a'"]
        said = reported(runner, raised, capsys)
        assert "the node 'x' failed in epoch 0" in said
        assert "the asset 'a' could not be ended" in said or "while the asset 'a' was ended" in said

    def test_is_that_of_a_callback(self, kind):
        runner = TUBES.runner(f"{COUNT}  return: {{type: return, depends: n.value}}")
        runner.add_callback(lambda event: fail(kind))
        runner.init()

        raised = raised_by(runner.process)

        assert is_the_one(raised, kind)
        assert runner.failure.place.kind == "callback"

    def test_at_import_is_a_finding(self, kind, tmp_path, monkeypatch):
        (tmp_path / "raising_at_import.py").write_text(f"from {__name__} import fail\nfail({kind!r})\n")
        monkeypatch.syspath_prepend(tmp_path)

        assert TUBES.codes("nodes:\n  n: {type: raising_at_import.f}") == ["C002"]


@pytest.mark.parametrize("error", ["SystemExit", "GeneratorExit", "asyncio.CancelledError"])
def test_what_ends_something_is_a_finding_at_import(error, tmp_path, monkeypatch):
    (tmp_path / "ending_at_import.py").write_text(f"import asyncio\nraise {error}\n")
    monkeypatch.syspath_prepend(tmp_path)

    assert TUBES.codes("nodes:\n  n: {type: ending_at_import.f}") == ["C002"]


def end(value: int) -> int:
    if value == 1:
        raise GeneratorExit("enough")
    return value


@pytest.mark.parametrize("way", ["process", "run", "iter", "stream"])
def test_a_generator_exit_that_a_node_raises_names_it(way, capsys):
    runner = TUBES.runner(
        f"{COUNT}  x: {{type: my.end, depends: n.value}}\n  return: {{type: return, depends: x.value}}"
    )
    ways = {
        "process": lambda: (runner.init(), runner.process(), runner.process()),
        "run": lambda: runner.run(3),
        "iter": lambda: list(runner.iter(3)),
        "stream": lambda: list(runner.stream([{}] * 3)),
    }

    with pytest.raises(GeneratorExit) as raised:
        ways[way]()

    assert "the node 'x' failed in epoch 1" in reported(runner, raised.value, capsys)


def test_who_leaves_a_loop_raises_nothing_of_a_node():
    runner = TUBES.runner(f"{COUNT}  return: {{type: return, depends: n.value}}")
    results = runner.iter()

    assert next(results) == 0
    results.close()

    assert runner.failures == []


@pytest.mark.parametrize(
    ("error", "is_one"),
    [
        (ValueError(), True),
        (Panic(), True),
        (group(), True),
        (KeyboardInterrupt(), False),
        (SystemExit(), False),
        (GeneratorExit(), False),
        (asyncio.CancelledError(), False),
        (BaseExceptionGroup("several", [ValueError(), KeyboardInterrupt()]), False),
    ],
    ids=lambda value: type(value).__name__,
)
def test_what_is_a_failure(error, is_one):
    assert is_failure(error) is is_one
