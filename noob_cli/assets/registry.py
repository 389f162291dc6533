"""The registry of a tube's assets: what each is declared to be, and how its objects are made and ended."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from enum import Enum
from typing import Any

from noob_cli.assets.asset import Asset, WrapClassAsset, WrapFuncAsset, maker
from noob_cli.teardown import End, is_context_manager

Enter = Callable[[Any], tuple[Any, End | None]]
"""Enters an object if it is a context manager: what is the asset then, and what ends it."""


class Opening(Enum):
    """What making an object of an asset involves, as far as its code tells."""

    plain = "plain"
    """The object is the asset; nothing has to be ended."""
    context_manager = "context manager"
    """The object is entered, and what that gives is the asset."""
    unknown = "unknown"
    """Whether the object is a context manager shows when it is made."""
    asset_class = "asset class"
    """A subclass of `Asset` makes and ends it in its own way."""


class AssetRegistry(Mapping[str, Asset]):
    """The assets of a tube by name, in the order of the file.

    A runner-scoped asset holds its object while a run lasts. The objects of the other scopes belong to the epoch or the
    call that they were made for, and are not kept here.

    Args:
        assets: The assets, their objects not yet made.
    """

    def __init__(self, assets: Mapping[str, Asset]) -> None:
        self._assets = dict(assets)
        self._refresh: Callable[[], None] | None = None

    def __getitem__(self, name: str) -> Asset:
        if self._refresh is not None:
            self._refresh()
        return self._assets[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._assets)

    def __len__(self) -> int:
        return len(self._assets)

    def opening(self, name: str) -> Opening:
        """What making an object of an asset involves."""
        asset = self._assets[name]
        if isinstance(asset, WrapClassAsset):
            return Opening.context_manager if is_context_manager(asset.cls) else Opening.plain
        return Opening.unknown if isinstance(asset, WrapFuncAsset) else Opening.asset_class

    def maker(self, name: str) -> Callable[[], Any]:
        """What makes an object of an asset: for a subclass of `Asset`, together with what ends it."""
        asset = self._assets[name]
        if isinstance(asset, WrapClassAsset):
            return maker(asset.cls, asset.params)
        if isinstance(asset, WrapFuncAsset):
            return maker(asset.fn, asset.params)

        def open_asset() -> tuple[Any, End]:
            made = asset.model_copy()
            made.init()
            return made.obj, lambda *_: made.deinit()

        return open_asset

    def open(self, name: str, enter: Enter) -> End | None:
        """Make the object of a runner-scoped asset, enter it if it is a context manager, and keep it.

        Args:
            name: The asset.
            enter: Enters an object.

        Returns:
            What ends it; None if nothing has to.
        """
        asset = self._assets[name]
        asset.stored_at = -1
        if self.opening(name) is Opening.asset_class:
            asset.init()
            return lambda *_: asset.deinit()
        asset.obj, end = enter(self.maker(name)())
        return end

    def refresh_with(self, refresh: Callable[[], None] | None) -> None:
        """Let something store what carried assets hold, before an asset is looked at; None to let it be."""
        self._refresh = refresh

    def store(self, name: str, value: Any, epoch: int) -> None:
        """Keep the value that a carried asset got, and the epoch in which it was stored."""
        self._assets[name].obj = value
        self._assets[name].stored_at = epoch
