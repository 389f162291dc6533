"""The registry of a tube's assets: what each is declared to be, and how its objects are made and ended."""

from __future__ import annotations

import inspect
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from contextlib import asynccontextmanager
from enum import Enum
from functools import partial
from typing import Any

from pydantic import ValidationError

from noob_cli.assets.asset import Asset, WrapClassAsset, WrapFuncAsset, asset_of, maker
from noob_cli.assets.context_managers import (
    End,
    gives_what_is_awaited,
    is_async_context_manager,
    is_context_manager,
    makes_context_managers,
    makes_no_locks,
    uninterrupted,
)
from noob_cli.assets.resource import as_resource
from noob_cli.code.behind import Expected, Manner, expected_of
from noob_cli.code.looking import looked
from noob_cli.errors import InputError
from noob_cli.named_tuple import NamedTuple
from noob_cli.specification.asset import AssetSpecification


class Opening(Enum):
    """What making an object of an asset involves, as far as its code tells."""

    plain = "plain"
    """The object is the asset; nothing has to be ended."""
    generator = "generator"
    """The object is entered with `with`, and what that gives is the asset: what a generator yields."""
    context_manager = "context manager"
    """The object is entered with `with`, and what that gives is the asset, or itself if that is None or a bool."""
    unknown = "unknown"
    """Whether the object is a context manager, and for `with` or `async with`, shows when it is made."""
    asset_class = "asset class"
    """A subclass of `Asset` makes and ends it in its own way."""


class Declared(NamedTuple):
    """What an asset is declared to be.

    Args:
        code: What its `type` names.
        spec: What the file says of it.
        params: Its arguments, inputs already in their place.
    """

    code: Any
    spec: AssetSpecification
    params: Mapping[str | int, Any] | list[Any] | None

    def make(self) -> Asset:
        """A new asset, its object not yet made.

        Raises:
            InputError: A subclass of `Asset` does not take the params.
        """
        try:
            return asset_of(self.code, self.spec, self.params)
        except ValidationError as error:
            wrong = error.errors(include_url=False, include_context=False)[0]
            at = ".".join(map(str, wrong["loc"])) or "params"
            message = f"the asset '{self.spec.id}' ({self.spec.type_}) does not take its params: '{at}': {wrong['msg']}"
            raise InputError(message) from error


class AssetRegistry(Mapping[str, Asset]):
    """The assets of a tube by name, in the order of the file.

    What is made of them belongs to the runs. A look at a runner-scoped asset shows that of the run that was started
    last, and what it holds, also after that run.

    Args:
        declared: What each asset is declared to be.
    """

    def __init__(self, declared: Mapping[str, Declared]) -> None:
        self._declared = dict(declared)
        self._assets = {name: asset.make() for name, asset in declared.items()}
        self._live: Mapping[str, Asset] = {}
        self._around = ""

    def __getitem__(self, name: str) -> Asset:
        qualified = self._around + name
        return self._live[qualified] if qualified in self._live else self._assets[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._assets)

    def __len__(self) -> int:
        return len(self._assets)

    def declared(self, name: str) -> Declared:
        """What an asset is declared to be."""
        return self._declared[name]

    def declare(self, name: str, declared: Declared) -> None:
        """Let an asset be made in another way.

        Args:
            name: The name of the asset.
            declared: What it is declared to be from now on.
        """
        self._declared[name], self._assets[name] = declared, declared.make()

    def opening(self, name: str) -> Opening:
        """What making an object of an asset involves."""
        asset, enter = self._assets[name], self._declared[name].spec.enter
        if isinstance(asset, WrapClassAsset):
            if enter is False or not is_context_manager(asset.cls):
                return Opening.plain
            may_be_lock = enter is None and not makes_no_locks(asset.cls)
            return Opening.unknown if may_be_lock or is_async_context_manager(asset.cls) else Opening.context_manager
        if isinstance(asset, WrapFuncAsset):
            is_generator_function = looked(partial(expected_of, asset.fn), None) == Expected(Manner.generator)
            if enter is not False and (makes_context_managers(asset.fn) or is_generator_function):
                return Opening.generator
            return Opening.unknown
        return Opening.unknown if is_awaited(asset) else Opening.asset_class

    def enter(self, name: str) -> bool | None:
        """Whether the file says that the object of an asset is entered; None if it doesn't, or the asset does it."""
        asset, enter = self._assets[name], self._declared[name].spec.enter
        return enter if isinstance(asset, WrapClassAsset | WrapFuncAsset) else None

    def needs_loop(self, name: str) -> bool:
        """Whether the code of an asset says that its object is awaited, or entered with `async with`."""
        asset, enter = self._assets[name], self.enter(name)
        if isinstance(asset, WrapClassAsset):
            return enter is not False and is_async_context_manager(asset.cls)
        return gives_what_is_awaited(asset.fn) if isinstance(asset, WrapFuncAsset) else is_awaited(asset)

    def maker(self, name: str) -> Callable[[], Any]:
        """What makes an object of an asset: for a subclass of `Asset`, together with what ends it."""
        asset, declared = self._assets[name], self._declared[name]
        if isinstance(asset, WrapClassAsset):
            return maker(asset.cls, asset.params)
        if isinstance(asset, WrapFuncAsset):
            return maker(asset.fn if declared.spec.enter is False else as_resource(asset.fn), asset.params)
        if is_awaited(asset):
            return lambda: opened(declared.make())

        @uninterrupted
        def open_asset() -> tuple[Any, End]:
            made = declared.make()
            made.init()
            return made.obj, lambda *_: made.deinit()

        return open_asset

    def new(self, name: str) -> Asset:
        """A new asset, its object not yet made.

        Raises:
            InputError: A subclass of `Asset` does not take the params.
        """
        return self._declared[name].make()

    def show(self, live: Mapping[str, Asset], around: str) -> None:
        """Let who looks at an asset here see that of a run, if it has made one. It is the run that was started last.

        Args:
            live: The assets of the run.
            around: What their names begin with there.
        """
        self._live, self._around = live, around


def is_awaited(asset: Asset) -> bool:
    """Whether an asset makes or ends its object in a coroutine."""
    methods = (looked(partial(getattr, type(asset), name), None) for name in ("init", "deinit"))
    return any(inspect.iscoroutinefunction(method) for method in methods)


@asynccontextmanager
@uninterrupted
async def opened(asset: Asset) -> AsyncIterator[Any]:
    """The object of an asset that is awaited when it is made or ended."""
    await _through(asset.init())
    try:
        yield asset.obj
    finally:
        await _through(asset.deinit())


@uninterrupted
async def _through(done: object) -> None:
    if inspect.isawaitable(done):
        await done
