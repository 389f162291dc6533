"""Rules on types along the edges: something that a slot is given can be of the type that it takes.

The question is not whether one type is part of the other but whether they have no value in common: only then is an
edge certainly wrong. Whatever can't be told is taken to be right, so that what is shown needs no second thought.
"""

from __future__ import annotations

import collections
import inspect
import types
from collections import abc
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import partial
from typing import Annotated, Any, get_args, get_origin

from noob_cli.assets.asset import is_asset_class
from noob_cli.check.disjoint import (
    ExactClass,
    OneValue,
    all_disjoint,
    is_model,
    is_unpacked,
    members_of,
    unfolded,
)
from noob_cli.check.finding import Finding
from noob_cli.code.annotations import MISSING, annotations_of, is_alias
from noob_cli.code.interface import Interface
from noob_cli.code.looking import looked
from noob_cli.diagnostics import DocumentPath, Severity
from noob_cli.graph.graph import Graph, GraphNode
from noob_cli.graph.loops import MOST_NESTED
from noob_cli.named_tuple import NamedTuple
from noob_cli.nodes.kinds import Making, NodeKind, Role
from noob_cli.nodes.special import ITEMS
from noob_cli.specification.reference import INPUT, Reference, input_named

_CONVERTS = "__pydantic_validator__"
"""What a class has that converts its arguments by pydantic."""
_VALIDATES = "__get_pydantic_core_schema__"
"""What a type has, or an annotation on it, that says itself what pydantic makes of a value."""
_UNKNOWN: list[Any] = []
_GENERATORS = (abc.Generator, abc.AsyncGenerator)
_ITERABLES = (
    *(list, set, frozenset, dict, collections.deque),
    *(abc.Iterable, abc.Iterator, abc.Generator, abc.Collection, abc.Sequence, abc.MutableSequence),
    *(abc.Set, abc.MutableSet, abc.Mapping, abc.MutableMapping, abc.KeysView),
)
"""The generics whose first argument is the type of what they iterate over."""


def check_types(graph: Graph, inputs: Mapping[str, Any], defaults: Mapping[str, Any]) -> Iterator[Finding]:
    """T001 to T003: a signal, an input or an asset whose values can't be what the slot takes.

    Args:
        graph: The tube.
        inputs: The types of its inputs; those that are not there could be anything.
        defaults: The values of its inputs that are not given.
    """
    sources = _Sources(graph, inputs, defaults)
    # Nodes with the same code share their kind: what is right between two of them is so between all.
    right = set()
    for node in graph.nodes.values():
        for argument in node.arguments:
            edge = sources.key(argument.reference), id(node.kind), argument.parameter
            if edge in right:
                continue
            slot = f"'{argument.parameter}'" if argument.parameter is not None else f"position {argument.slot}"
            taken = _taken_by_slot(node.kind, argument.parameter)
            wrong = list(sources.wrong(argument.reference, slot, node, taken, argument.dependency.path))
            if not wrong:
                right.add(edge)
            yield from wrong
        for param in node.declared:
            used = input_named(param.value)
            if used is not None and param.slot in node.params:
                taken, path = taken_by_param(node, param.parameter), (*node.path, "params", param.key)
                yield from sources.wrong(Reference(INPUT, used), f"'{param.means}'", node, taken, path)


class _Claim(NamedTuple):
    """What is known of the values that a reference stands for.

    Args:
        code: The rule that it speaks for.
        types: The types of the values; nothing if they are not known.
        text: The same in words.
        place: Where they come from, in words and as the path of a key.
    """

    code: str
    types: Sequence[Any]
    text: str
    place: tuple[str, DocumentPath]


class _Sources(NamedTuple):
    """What the references of a tube stand for.

    Args:
        graph: The tube.
        inputs: The types of its inputs, as far as they are known.
        defaults: The values of its inputs that are not given.
    """

    graph: Graph
    inputs: Mapping[str, Any]
    defaults: Mapping[str, Any]

    def wrong(
        self, reference: Reference, slot: str, node: GraphNode, taken: Sequence[Any], path: DocumentPath
    ) -> Iterator[Finding]:
        """What is wrong with an edge, if anything.

        Args:
            reference: What is given.
            slot: What takes it.
            node: The node whose slot that is.
            taken: The types that it takes, the annotation first; nothing if they are not known.
            path: Where the file gives it.
        """
        if not taken:
            return
        for claim in self.claims(reference):
            if all_disjoint(claim.types, taken):
                message = f"{slot} of '{node.spec.type_}' takes {shown(taken[:1])}, but {claim.text}"
                hint = "no value can be both: convert it on the way, or correct an annotation"
                yield Finding(claim.code, message, path, hint, severity=Severity.warning, related=(claim.place,))
                return

    def key(self, reference: Reference) -> Reference | tuple[int, str]:
        """What references have in common that stand for the same types."""
        node = self.graph.nodes.get(reference.owner) if reference.is_signal else None
        return reference if node is None or _is_item(node, reference) else (id(node.kind), reference.name)

    def claims(self, reference: Reference, inside: tuple[str, ...] = ()) -> Iterator[_Claim]:
        """What is known of the values that a reference stands for: each of it can be wrong for itself.

        Args:
            reference: The reference.
            inside: The maps whose items it is asked for.
        """
        if reference.is_input:
            yield from self._of_input(reference.name)
        elif reference.is_asset:
            yield from self._of_asset(reference.name)
        elif reference.owner in self.graph.nodes:
            yield self._of_signal(reference, f"'{reference}'", inside)

    def _of_signal(self, reference: Reference, what: str, inside: tuple[str, ...] = ()) -> _Claim:
        node = self.graph.nodes[reference.owner]
        if _is_item(node, reference):
            emitted = self._items(node, inside)
        else:
            # Callables and their annotations are the user's objects: nothing is known of what can't be read.
            emitted = looked(partial(_emitted, node.kind, reference.name), _UNKNOWN)
        place = (f"'{node.id}' is here", node.path)
        return _Claim("T001", emitted, f"{what} is {shown(emitted)}", place)

    def _items(self, map_node: GraphNode, inside: tuple[str, ...]) -> list[Any]:
        """The types of the items of a map; nothing for maps that wait for each other, or that are nested too deeply."""
        if map_node.id in inside or len(inside) == MOST_NESTED:
            return []
        inside = (*inside, map_node.id)
        claims = [next(self.claims(argument.reference, inside), None) for argument in map_node.arguments]
        return [item for claim in claims if claim is not None for item in _items_of(claim.types)]

    def _of_input(self, name: str) -> Iterator[_Claim]:
        spec, kind, default = self.graph.inputs.get(name), self.inputs.get(name, MISSING), self.defaults.get(name)
        if spec is None:
            return
        place = (f"'{name}' is here", ("input", name))
        if _stays(kind):
            absent = [types.NoneType] if not spec.required and default is None else []
            yield _Claim("T002", [kind, *absent], f"the input '{name}' is {spec.type_}", place)
        if default is not None:
            yield _Claim("T002", [OneValue(default)], f"the default of the input '{name}' is {spec.default!r}", place)

    def _of_asset(self, name: str) -> Iterator[_Claim]:
        asset = self.graph.assets.get(name)
        if asset is None:
            return
        if _makes_its_own(asset.code):
            text = f"the asset '{name}' is {shown([asset.code])}"
            yield _Claim("T003", [ExactClass(asset.code)], text, (f"'{name}' is here", asset.path))
        if asset.stored is not None and asset.stored.owner in self.graph.nodes:
            yield self._of_signal(asset.stored, f"'{asset.stored}', which the asset '{name}' stores,")


def _is_item(node: GraphNode, reference: Reference) -> bool:
    return node.kind.role is Role.map and reference.name == ITEMS


def _makes_its_own(code: Any) -> bool:
    """Whether an asset is certainly an instance of the very class that makes it."""
    if not inspect.isclass(code) or is_asset_class(code):
        return False
    is_entered = hasattr(code, "__enter__") or hasattr(code, "__aenter__")
    return not is_entered and type(code).__call__ is type.__call__ and not inspect.isfunction(code.__new__)


def _stays(kind: Any) -> bool:
    """Whether what pydantic makes of a value for a type is of that type, and not whatever a validator returns."""
    if hasattr(kind, _VALIDATES) and not (inspect.isclass(kind) and is_model(kind)):
        return False
    return all(map(_stays, [*get_args(kind), *([kind.__value__] if is_alias(kind) else [])]))


def _items_of(hints: Iterable[Any]) -> Iterator[Any]:
    """The types of what values of these types give when they are iterated over."""
    for kind in (kind for hint in hints for kind in unfolded(hint)):
        arguments = get_args(kind)
        if kind is str:
            yield str
        elif kind in (bytes, bytearray, range):
            yield int
        elif get_origin(kind) is tuple:
            yield from (Any if is_unpacked(argument) else argument for argument in arguments if argument is not ...)
        elif get_origin(kind) in _ITERABLES and arguments:
            yield arguments[0]
        else:
            yield Any


def _emitted(kind: NodeKind, name: str) -> list[Any]:
    """The types of the values of a signal; nothing if they are not known."""
    signal, code = kind.interface.signal(name), _called(kind)
    if signal is None or signal.annotation is MISSING or not _means_its_annotations(code):
        return []
    if code is None:
        return [signal.annotation]
    named = list(_named(annotations_of(_annotated(code)).get("return", MISSING), name))
    return named if any(hint is not types.NoneType for hint in named) else [signal.annotation]


def _named(annotation: Any, name: str) -> Iterator[Any]:
    """The types that a return annotation gives to a signal, and None where that may stand in its place."""
    for member in members_of(annotation):
        origin, arguments = get_origin(member), get_args(member)
        if origin is Annotated:
            if any(getattr(extra, "name", None) == name for extra in arguments[1:]):
                yield arguments[0]
        elif member is None or member is types.NoneType:
            yield types.NoneType
        else:
            for argument in arguments[:1] if origin in _GENERATORS else arguments:
                yield from _named(argument, name)


def _taken_by_slot(kind: NodeKind, parameter: str | None) -> list[Any]:
    """The types that a slot takes, its annotation first; nothing if they are not known."""
    if kind.role is Role.map:
        return [abc.Iterable]
    if kind.role in (Role.call, Role.gather):
        return taken_by_code(_called(kind), kind.interface, parameter)
    return []


def taken_by_param(node: GraphNode, name: str | None) -> list[Any]:
    """The types that a param takes, its annotation first; nothing if they are not known."""
    code = _called(node.kind) if node.kind.making is Making.nothing else node.kind.code
    return taken_by_code(code, node.kind.parameters, name)


def taken_by_code(code: Any, interface: Interface, name: str | None) -> list[Any]:
    """The types that a parameter takes, its annotation first; nothing if they are not known.

    Args:
        code: What is called.
        interface: What it takes.
        name: The parameter; None for one of any number of positions.
    """
    return looked(partial(_taken, code, interface, name), _UNKNOWN)


def _taken(code: Any, interface: Interface, name: str | None) -> list[Any]:
    slot = None if name is None else interface.slots.get(name)
    if not _means_its_annotations(code) or (slot is not None and slot.annotation is MISSING):
        return []
    if slot is not None and (slot.required or code is None):
        return [slot.annotation]
    parameters = inspect.signature(code).parameters.values()
    if slot is not None:
        # What the code gives itself it takes, whatever the annotation says.
        return [
            slot.annotation,
            *(ExactClass(type(parameter.default)) for parameter in parameters if parameter.name == name),
        ]
    any_number = inspect.Parameter.VAR_POSITIONAL if name is None else inspect.Parameter.VAR_KEYWORD
    hints = annotations_of(_annotated(code))
    return [
        hints[parameter.name] for parameter in parameters if parameter.kind is any_number and parameter.name in hints
    ]


def _called(kind: NodeKind) -> Any:
    return kind.code if kind.method is None else getattr(kind.cls, kind.method)


def _annotated(code: Any) -> Any:
    """Where the annotations of something that is called are."""
    if isinstance(code, partial):
        return _annotated(code.func)
    if inspect.isclass(code):
        return code.__init__
    return code if inspect.isroutine(code) else type(code).__call__


def _means_its_annotations(code: Any) -> bool:
    """Whether the annotations of something that is called hold for what goes in and comes out.

    Those of a decorated function are the ones of the function in it, and classes of pydantic convert what they take.
    """
    if code is None:
        return True
    annotated = _annotated(code)
    if any(
        hasattr(function, "__wrapped__") or hasattr(function, "__no_type_check__") for function in (code, annotated)
    ):
        return False
    return not inspect.isclass(code) or (type(code).__call__ is type.__call__ and not hasattr(code, _CONVERTS))


def shown(hints: Iterable[Any]) -> str:
    """Types in the notation of annotations, joined by `|`."""
    texts = ("None" if hint is types.NoneType else inspect.formatannotation(hint) for hint in hints)
    return " | ".join(dict.fromkeys(texts))
