"""Lowering the assets of a tube: what holds their objects, and what makes those of an epoch or a call."""

from __future__ import annotations

from collections.abc import Iterator

from noob_cli.assets.registry import Opening
from noob_cli.graph.graph import GraphAsset, GraphNode
from noob_cli.nodes.kinds import Role
from noob_cli.plan.lowering.scope import Scope, own_name
from noob_cli.plan.plan import ASSET, STORED_AT, MakerOf, OfAsset
from noob_cli.plan.steps import Carried, OpenAsset
from noob_cli.plan.values import Variable
from noob_cli.specification.asset import AssetScope


def carried_assets(scope: Scope) -> Iterator[Carried]:
    """The runner-scoped assets get their names; those that a signal is stored in are carried."""
    for asset in scope.graph.assets.values():
        if asset.scope is not AssetScope.runner:
            continue
        qualified, wanted = scope.qualified(asset.id), scope.wanted(asset.id)
        if asset.stored is None:
            name = scope.context.bind(OfAsset(qualified, asset.per_worker), wanted, f"{wanted}_asset")
            scope.assets[asset.id] = Variable(name)
            continue
        keep = scope.context.keep_undoable if scope.around else scope.context.keep
        key, names = (ASSET, qualified), (wanted, f"{wanted}_asset")
        if scope.context.options.undoing and _may_change(scope, asset):
            name = scope.context.keep_undoable(key, *names, copied=scope.asset_place(asset))
        else:
            name = keep(key, *names)
        stored_at = keep((STORED_AT, qualified), f"{name}_stored_at")
        scope.assets[asset.id] = Variable(name)
        pending = None
        if asset.stored in scope.signals:
            pending = Variable(scope.context.names.new(f"next_{name}"), optional=True)
        yield Carried(asset.id, name, stored_at, pending)


def process_assets(scope: Scope) -> dict[str, OpenAsset]:
    """The process-scoped assets that an enabled node takes, in the order of the file."""
    enabled = (node for node in scope.graph.nodes.values() if node.id not in scope.disabled)
    taken = {name for node in enabled for name in node.takes("assets")}
    opened: dict[str, OpenAsset] = {}
    for asset in scope.graph.assets.values():
        if asset.scope is AssetScope.process and asset.id in taken:
            opened[asset.id] = _open(scope, asset)
            scope.assets[asset.id] = opened[asset.id].target
    return opened


def node_assets(scope: Scope, node: GraphNode) -> dict[str, OpenAsset]:
    """The node-scoped assets that a node takes, in the order of the file."""
    taken = [scope.graph.assets[name] for name in dict.fromkeys(node.takes("assets"))]
    taken.sort(key=lambda asset: scope.asset_order[asset.id])
    return {asset.id: _open(scope, asset) for asset in taken if asset.scope is AssetScope.node}


def _open(scope: Scope, asset: GraphAsset) -> OpenAsset:
    wanted = scope.wanted(asset.id)
    target = Variable(scope.context.names.new(wanted, f"{wanted}_asset"))
    registry = scope.tube.assets
    opening = registry.opening(asset.id)
    scope.context.awaits |= opening is Opening.unknown
    maker = registry.maker(asset.id)
    binding = MakerOf(scope.qualified(asset.id), str(asset.spec.type_))
    make = scope.context.bind_code(maker, binding, *own_name(maker), f"make_{wanted}")
    end = None if opening is Opening.plain else scope.context.names.new(f"end_{wanted}")
    is_stateful = asset.spec.stateful is not False
    return OpenAsset(scope.asset_place(asset), target, make, end, opening, registry.enter(asset.id), is_stateful)


def _may_change(scope: Scope, asset: GraphAsset) -> bool:
    """Whether a node gets the asset's object; what is only returned is not changed."""
    return any(asset.id in node.takes("assets") for node in scope.nodes if node.kind.role is not Role.return_)
