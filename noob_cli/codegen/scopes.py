"""The emitter of assets that live as long as an epoch or a call."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager, nullcontext

from noob_cli.assets.registry import Opening
from noob_cli.codegen.emission import Emission
from noob_cli.codegen.source import Tag
from noob_cli.plan.steps import OpenAsset, Scoped

_ENTERED = (Opening.generator, Opening.context_manager)
"""What is entered and ended in line."""


def emit_scoped(emission: Emission, step: Scoped) -> None:
    """What is done while assets live."""
    with living(emission, step.assets):
        emission.steps(step.steps)


@contextmanager
def living(emission: Emission, assets: Sequence[OpenAsset]) -> Iterator[None]:
    """Make assets, if there are any, let them live as long as what is emitted inside, and end them, last made first."""
    if not assets:
        yield
        return
    ends = [asset.end for asset in assets if asset.end is not None]
    if ends:
        emission.line(f"{' = '.join(ends)} = None")
    with emission.nesting("try"):
        for asset in assets:
            _open(emission, asset)
        yield
        _close(emission, assets)
    with emission.block("except BaseException as error"):
        emission.line(f"failed(error, {emission.this_epoch})")
        pairs = [f"({asset.place.name!r}, {_end_of(asset)})" for asset in reversed(assets) if asset.end is not None]
        if pairs:
            emission.line(f"{emission.await_}end_all([{', '.join(pairs)}], error)")
        emission.line("raise")


def _open(emission: Emission, step: OpenAsset) -> None:
    line, target = emission.line, step.target.name
    with emission.at(step.place):
        if step.end is None:
            line(f"{target} = {step.make}()")
        elif step.opening is Opening.asset_class:
            line(f"{target}, {step.end} = {step.make}()")
        elif step.opening in _ENTERED:
            line(f"manager = {step.make}()")
            line(f"{target} = manager.__enter__()")
            line(f"{step.end} = manager")
            if step.opening is Opening.context_manager:
                with emission.block(f"if {target} is None or type({target}) is bool"):
                    line(f"{target} = manager")
        else:
            wanted = "" if step.enter is None else f", {step.enter}"
            line(f"{target}, {step.end} = await enter({step.make}(){wanted})")
        _trace(emission, step, "was made")


def _close(emission: Emission, assets: Sequence[OpenAsset]) -> None:
    """The normal end of objects, last made first; each is forgotten before its end, so that it ends once."""
    line = emission.line
    for step in reversed(assets):
        if step.end is None:
            continue
        with emission.at(step.place):
            if step.opening in _ENTERED:
                line(f"manager, {step.end} = {step.end}, None")
                line("manager.__exit__(None, None, None)")
                emission.source.tag(Tag.end)
                _trace(emission, step, "was ended")
                continue
            line(f"end, {step.end} = {step.end}, None")
            unknown = step.opening is Opening.unknown
            with emission.block("if end is not None") if unknown else nullcontext():
                line("await close(end)" if unknown else "end(None, None, None)")
                emission.source.tag(Tag.end)
                _trace(emission, step, "was ended")


def _trace(emission: Emission, step: OpenAsset, what: str) -> None:
    if emission.plan.tracing:
        emission.line(f"traced({f'{step.place} {what}'!r}, {emission.this_epoch})")


def _end_of(asset: OpenAsset) -> str:
    """What ends an object in Python, or None if there is nothing to end."""
    if asset.opening in _ENTERED:
        return f"None if {asset.end} is None else {asset.end}.__exit__"
    return str(asset.end)
