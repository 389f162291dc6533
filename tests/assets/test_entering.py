"""What of an asset is entered when it is made: context managers and what generators yield, but no locks."""

from __future__ import annotations

import asyncio
import contextlib
import functools
import multiprocessing
import threading
import types

import pytest

from noob_cli import SynchronousRunner, Tube
from noob_cli.assets.context_managers import is_lock, makes_no_locks
from tests.proxies import CallableProxy, Proxy

LOG: list[str] = []


@pytest.fixture(autouse=True)
def _forget():
    LOG.clear()


def handing_on(function):
    @functools.wraps(function)
    def wrapper(*args, **kwargs):
        return function(*args, **kwargs)

    return wrapper


def opened(name="a"):
    LOG.append(f"open {name}")
    try:
        yield [name]
    finally:
        LOG.append(f"close {name}")


async def opened_slowly():
    LOG.append("open a")
    try:
        yield ["a"]
    finally:
        LOG.append("close a")


def fail(asset):
    raise ValueError("no use")


decorated = handing_on(opened)
bound = functools.partial(opened, "bound")
closing = contextlib.contextmanager(opened)


proxied = CallableProxy(opened)
slowly_proxied = CallableProxy(opened_slowly)


class Listing(CallableProxy):
    def __call__(self):
        return list(self.__wrapped__())


listed = Listing(opened)


class Counted:
    def __init__(self):
        self.entered = 0

    def __enter__(self):
        LOG.append("open a")

    def __exit__(self, *error):
        LOG.append("close a")


def counted():
    return Proxy(Counted())


def nothing_to_enter():
    return Proxy([1])


def lock_behind_a_proxy():
    return Proxy(threading.Lock())


SCOPES = pytest.mark.parametrize("scope", ["runner", "process", "node"])


class TestProxies:
    """A proxy has the methods of all kinds of context manager; what it stands for need have none."""

    @SCOPES
    @pytest.mark.parametrize("name", ["proxied", "slowly_proxied", "counted"])
    def test_what_a_proxy_stands_for_is_entered_and_exited(self, name, scope):
        assert made(name, scope) == [True]
        assert LOG == ["open a", "close a"]

    @SCOPES
    @pytest.mark.parametrize("name", ["nothing_to_enter", "lock_behind_a_proxy"])
    def test_what_has_nothing_to_enter_is_as_it_is(self, name, scope):
        assert made(name, scope) == [True]

    @SCOPES
    def test_a_proxy_for_a_generator_function_may_make_something_else(self, scope):
        assert made("listed", scope) == [True]
        assert LOG == ["open a", "close a"]


def made(name, scope):
    tube = {
        "assets": {"a": {"type": f"{__name__}.{name}", "scope": scope}},
        "nodes": {
            "x": {"type": f"{__name__}.is_ready", "depends": ["assets.a"]},
            "r": {"type": "return", "depends": "x.value"},
        },
    }
    return SynchronousRunner(Tube.from_specification(tube)).run(1)


def is_ready(asset):
    return not (hasattr(asset, "locked") and asset.locked()) and not isinstance(asset, types.GeneratorType)


class Opener:
    def __call__(self):
        return (yield from opened("called"))


opener = Opener()


def some_items():
    """A function whose result is a generator: that is the asset."""
    return (item for item in "abc")


class Pool:
    """Its `release` needs what is released."""

    def acquire(self):
        return 1

    def release(self, connection):
        pass

    def __enter__(self):
        LOG.append("pool is entered")
        return self

    def __exit__(self, *error):
        pass


def kind(asset, number):
    LOG.append("use")
    return type(asset).__name__


def run(type_, scope="runner", **asset):
    tube = {
        "assets": {"x": {"type": f"{__name__}.{type_}", "scope": scope, **asset}},
        "nodes": {
            "number": {"type": "itertools.count"},
            "kind": {"type": f"{__name__}.kind", "depends": ["assets.x", "number.value"]},
            "return": {"type": "return", "depends": "kind.value"},
        },
    }
    return SynchronousRunner(Tube.from_specification(tube)).run(1)


class TestGeneratorFunctions:
    @pytest.mark.parametrize("scope", ["runner", "process", "node"])
    @pytest.mark.parametrize(
        ("type_", "name"),
        [("opened", "a"), ("decorated", "a"), ("bound", "bound"), ("opener", "called"), ("closing", "a")],
    )
    def test_in_every_form(self, scope, type_, name):
        assert run(type_, scope) == ["list"]
        expected = [f"open {name}", "use", f"close {name}"]
        assert expected == LOG

    def test_one_that_a_function_returns_is_the_asset(self):
        assert run("some_items") == ["generator"]

    @pytest.mark.parametrize("scope", ["runner", "process", "node"])
    @pytest.mark.parametrize("type_", ["opened", "opened_slowly"])
    def test_an_error_that_goes_through_one_keeps_its_traceback(self, scope, type_):
        tube = {
            "assets": {"x": {"type": f"{__name__}.{type_}", "scope": scope}},
            "nodes": {"fail": {"type": f"{__name__}.fail", "depends": "assets.x"}},
        }
        with pytest.raises(ValueError, match="no use") as caught:
            SynchronousRunner(Tube.from_specification(tube)).run(1)
        names = [entry.name for entry in caught.traceback]
        assert (names[-1], type_ in names) == ("fail", False)
        assert LOG[-1] == "close a"

    def test_one_that_is_not_entered_is_the_asset(self):
        assert run("opened", enter=False) == ["generator"]
        assert LOG == ["use"]


class TestLocks:
    @pytest.mark.parametrize(
        "make",
        [
            threading.Lock,
            threading.RLock,
            threading.Semaphore,
            threading.Condition,
            asyncio.Lock,
            asyncio.Semaphore,
            asyncio.Condition,
            multiprocessing.Lock,
            multiprocessing.Condition,
        ],
    )
    def test_are_known(self, make):
        lock = make()
        assert is_lock(lock)
        assert not makes_no_locks(type(lock))

    def test_a_pool_is_none(self):
        assert not is_lock(Pool())
        assert run("Pool") == ["Pool"]
        assert LOG == ["pool is entered", "use"]

    def test_other_context_managers_are_none(self):
        assert makes_no_locks(contextlib.ExitStack)
        assert not is_lock(contextlib.ExitStack())
