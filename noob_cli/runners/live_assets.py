"""The runner-scoped assets of a run."""

from __future__ import annotations

from collections.abc import Callable, Coroutine, Iterator, Mapping
from typing import Any

from noob_cli.assets.asset import Asset
from noob_cli.assets.context_managers import End, uninterrupted
from noob_cli.assets.registry import AssetRegistry, Opening, is_awaited, opened
from noob_cli.wording import short_repr

Enter = Callable[[Any, bool | None], Coroutine[Any, Any, tuple[Any, End | None]]]
"""Enters an object if it is a context manager and that is wanted: what is the asset then, and what ends it."""


class LiveAssets(Mapping[str, Asset]):
    """The runner-scoped assets that a run has made, by name; in a nested tube, with the names of the nodes around it.

    Who looks at one sees what has been stored in it last.
    """

    def __init__(self) -> None:
        self.made: dict[str, Asset] = {}
        """The assets, whatever is stored in them by now."""
        self.before_a_look: Callable[[], object] = _do_nothing
        """Puts into the assets what they carry."""

    def __getitem__(self, name: str) -> Asset:
        self.before_a_look()
        return self.made[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self.made)

    def __len__(self) -> int:
        return len(self.made)

    def __repr__(self) -> str:
        shown = [f"{name} = {short_repr(asset.obj)}" for name, asset in self.items()]
        return f"<assets: {', '.join(shown)}>" if shown else "<no assets>"

    def freeze(self) -> None:
        """Nothing will be stored in them any more."""
        self.before_a_look()
        self.before_a_look = _do_nothing

    @uninterrupted
    async def open(self, qualified: str, declared: AssetRegistry, name: str, enter: Enter) -> End | None:
        """Make an asset, with its object, entered if that is a context manager.

        Args:
            qualified: What it is called here.
            declared: What the assets of its tube are declared to be.
            name: What it is called there.
            enter: Enters an object.

        Returns:
            What ends it; None if nothing has to.
        """
        asset = declared.new(name)
        end = await _make_object(asset, declared, name, enter)
        self.made[qualified] = asset
        return end


async def _make_object(asset: Asset, declared: AssetRegistry, name: str, enter: Enter) -> End | None:
    if declared.opening(name) is Opening.asset_class:
        asset.init()
        return lambda *_: asset.deinit()
    if is_awaited(asset):
        _, end = await enter(opened(asset), None)
        return end
    asset.obj, end = await enter(declared.maker(name)(), declared.enter(name))
    return end


def _do_nothing() -> None:
    """Nothing is stored in them."""
