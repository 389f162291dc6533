"""Rules on slots: what a node is given in `depends` fits what its code takes."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from typing import TypeVar

from noob_cli.advice import REMOVE, REMOVE_IT, Action, Advice, Change, write
from noob_cli.check.finding import Finding, missing_in, places_of
from noob_cli.code.interface import Interface, Param
from noob_cli.diagnostics import DocumentPath, Severity
from noob_cli.graph.graph import Argument, Graph, GraphNode
from noob_cli.nodes.kinds import Role
from noob_cli.specification.reference import Reference
from noob_cli.spelling import nearest, suggest
from noob_cli.wording import count_of, listing

_Supplied = TypeVar("_Supplied", Argument, Param)


def check_slots(graph: Graph) -> Iterator[Finding]:
    """G004 to G006 and G011: slots that don't exist, are given twice or are missing; a generator with slots."""
    for node in graph.nodes.values():
        late = _late_for_source(graph, node)
        if late:
            yield _wrong_source(node, late)
        elif node.kind.role is not Role.return_:
            yield from _unknown_slots(node)
            yield from _slots_given_twice(node)
            yield from _missing_slots(node)


def check_returns(graph: Graph) -> Iterator[Finding]:
    """G009 and G010: a `return` that returns nothing, or a mix; and a second `return`."""
    returns = [node for node in graph.nodes.values() if node.kind.role is Role.return_]
    for node in returns:
        yield from _wrong_return(node)
    for second in returns[1:]:
        first = returns[0]
        yield Finding(
            "G010",
            f"a tube has one 'return' node: '{first.id}' is one already",
            second.path,
            hint="put what both return into one",
            at_key=True,
            related=places_of([first.id]),
        )


def misplaced(node: GraphNode) -> Collection[str]:
    """The names in a node's `depends` that are no slots."""
    interface = node.kind.interface
    if interface.any_names:
        return []
    known = (*interface.slots, *interface.injected)
    names = [argument.dependency.slot for argument in node.arguments]
    return [name for name in names if isinstance(name, str) and name not in known]


def not_meant(missing: Sequence[str], unknown: Collection[str], known: Collection[str], spare: int = 0) -> list[str]:
    """What is missing, and is not what something else that was given was meant for.

    Args:
        missing: The names that are not given.
        unknown: The names that are given and do not exist: each is one of the missing that was not spelt right.
        known: The names that exist.
        spare: How much else was given that can't be taken.
    """
    left = list(missing)
    for name in unknown:
        meant = nearest(name, tuple(left)) or nearest(name, tuple(known))
        if meant in left:
            left.remove(meant)
        elif meant is None:
            spare += 1
    return left if len(left) > spare else []


def unknown_names(params: Iterable[Param], known: Collection[str]) -> list[str]:
    """The names of params that are none of the known."""
    return [param.key for param in params if isinstance(param.key, str) and param.key not in known]


def severity_of_unknown(missing: Sequence[str], unknown: Collection[str], interface: Interface) -> Severity:
    """How bad it is to give names that do not exist: an error, unless they are ignored and none stands for another.

    Args:
        missing: The names that are not given.
        unknown: The names that are given and do not exist.
        interface: What the code takes.
    """
    if not interface.ignores_others:
        return Severity.error
    stands_for_another = len(not_meant(missing, unknown, interface.slots)) < len(missing)
    return Severity.error if stands_for_another and not interface.may_fill else Severity.warning


def missing_arguments(
    kind: str, missing: Sequence[str], path: DocumentPath, hint: str, may_fill: bool = False
) -> Finding:
    """G006: arguments that the code can't be called without, and that nothing supplies.

    Args:
        kind: What the code is called.
        missing: The names of the arguments.
        path: The node or the asset.
        hint: What to do.
        may_fill: Whether the code itself may supply them, so that it is a warning.
    """
    names = ", ".join(f"'{name}'" for name in missing)
    unless = ", unless its own code fills it" if may_fill else ""
    return Finding(
        "G006",
        f"'{kind}' needs {names}, which {'is' if len(missing) == 1 else 'are'} not given{unless}",
        path,
        hint,
        at_key=True,
        severity=Severity.warning if may_fill else Severity.error,
        explains=missing_in(path),
        explained_by=((*path, "depends"), (*path, "params"), ("extends",)),
    )


def _wrong_return(node: GraphNode) -> Iterator[Finding]:
    """G009: a `return` that takes values both with names and without, takes nothing, or the same name twice."""
    dependencies = [argument.dependency for argument in node.arguments]
    depends = (*node.path, "depends")
    if not dependencies:
        yield Finding(
            "G009",
            "a 'return' node needs 'depends': what it returns",
            node.path,
            hint="name a signal, a list of them, or a list of 'key: node.signal'",
            at_key=True,
            explains=missing_in(node.path),
            explained_by=(depends, ("extends",)),
        )
    named = [dependency for dependency in dependencies if dependency.named]
    if named and len(named) != len(dependencies):
        message = "a 'return' with names returns a dict, one without them a list: here some have one and some have none"
        yield Finding("G009", message, depends, hint="give each of them a name, or none")
        return
    for dependency in named:
        if isinstance(dependency.slot, int):
            message = f"a key of 'return' is a name, found {dependency.slot}"
            change = write(str(dependency.reference), dependency.path[:-1])
            hint = Advice("to return a list, leave the keys out", change)
            yield Finding("G009", message, dependency.path, hint, at_key=True)
    yield from _slots_given_twice(node)


def _late_for_source(graph: Graph, node: GraphNode) -> list[str]:
    """What a source is given that comes when it has been called."""
    if node.kind.role is not Role.source:
        return []
    references = dict.fromkeys(argument.reference for argument in node.arguments)
    return [str(name) for name in references if _is_there(graph, name) and not graph.spec.is_there_at_start(name)]


def _is_there(graph: Graph, reference: Reference) -> bool:
    """Whether what is named exists: of what doesn't, that is said, and nothing else."""
    if reference.is_input:
        return reference.name in graph.inputs
    return reference.name in graph.assets if reference.is_asset else reference.owner in graph.nodes


def _wrong_source(node: GraphNode, late: Sequence[str]) -> Finding:
    """G011: a generator is called once, at the start, and takes nothing that comes later."""
    return Finding(
        "G011",
        f"'{node.callee}' is a generator: it is called once, before {listing(late)} is there; it takes 'params', "
        "tube-scoped inputs, and runner-scoped assets that are not carried",
        (*node.path, "depends"),
        hint="to emit several values for each call, return a list and put a 'map' behind it",
        at_key=True,
    )


def _unknown_slots(node: GraphNode) -> Iterator[Finding]:
    interface = node.kind.interface
    unknown = misplaced(node)
    supplied = {argument.slot for argument in node.arguments} | node.params.keys()
    for argument in node.arguments:
        slot = argument.dependency.slot
        path = argument.dependency.path
        if _is_too_many(argument, interface):
            message = f"{positions_of(node.callee, interface)}, this is number {int(slot) + 1}"
            yield Finding("G004", message, path, _slots_hint(node, argument))
        elif slot in interface.injected:
            message = f"'{slot}' of '{node.callee}' is filled by the runner and can't be given"
            yield Finding("G004", message, path, hint=REMOVE_IT, at_key=True)
        elif slot in unknown:
            severity = severity_of_unknown_in(node)
            is_ignored = severity is Severity.warning
            message = f"'{node.callee}' has no slot '{slot}'{' and ignores it' if is_ignored else ''}"
            is_param = slot in node.kind.parameters.slots
            hint = _in_params(argument) if is_param else suggest(str(slot), interface.slots, "slots")
            yield Finding("G004", message, path, hint, at_key=True, severity=severity)
        else:
            yield from gap("G004", argument.slot, supplied, interface, path, (*node.path, "params"))


def _is_too_many(argument: Argument, interface: Interface) -> bool:
    return isinstance(argument.dependency.slot, int) and argument.parameter is None and not interface.any_positions


def gap(
    code: str,
    slot: str | int,
    supplied: Collection[str | int],
    interface: Interface,
    path: DocumentPath,
    otherwise: DocumentPath,
) -> Iterator[Finding]:
    """G004 and G007: an argument that can be given by position only, while one before it is not given.

    Args:
        code: Which of the two it is.
        slot: How the argument is given: by its name, or by its position.
        supplied: How all arguments are given.
        interface: What the code takes.
        path: Where the argument is given.
        otherwise: Where the one before it may be given besides.
    """
    if not isinstance(slot, int) or slot == 0 or slot - 1 in supplied:
        return
    before = interface.positional(slot - 1)
    # Of what is missing it is said that it is.
    if before is None or not before.required or before.name in supplied:
        message, hint = f"position {slot} is given, but not position {slot - 1}", "give all positions up to it"
        explained_by = (otherwise, ("extends",), missing_in(otherwise[:-1]))
        yield Finding(code, message, path, hint, at_key=True, explained_by=explained_by)


def positions_of(kind: str, interface: Interface) -> str:
    """How many positional arguments code takes, in words."""
    number = sum(slot.by_position for slot in interface.slots.values())
    return f"'{kind}' takes {count_of(number, 'positional argument')}"


def _slots_given_twice(node: GraphNode) -> Iterator[Finding]:
    """G005: a slot that two items of `depends` give, by name or by position."""
    for argument, first in second_ones(node.arguments):
        yield Finding(
            "G005",
            f"the slot '{argument.means}' is given a second time",
            argument.dependency.path,
            hint=Advice("remove one of the two: a slot takes one value", REMOVE),
            at_key=True,
            related=(("the first is here", first.dependency.path),),
        )


def second_ones(arguments: Iterable[_Supplied]) -> Iterator[tuple[_Supplied, _Supplied]]:
    """The arguments that have been given before, each with the one that was given first."""
    first: dict[str | int, _Supplied] = {}
    for argument in arguments:
        if argument.means in first:
            yield argument, first[argument.means]
        first.setdefault(argument.means, argument)


def _missing_slots(node: GraphNode) -> Iterator[Finding]:
    if node.is_called_at_start:
        # Of that it is said with the params.
        return
    interface = node.kind.interface
    yield from _never_filled(node)
    missing, unknown = _names_in_call(node)
    spare = sum(_is_too_many(argument, interface) for argument in node.arguments) + len(
        list(second_ones(node.arguments))
    )
    missing = not_meant(missing, unknown, interface.slots, spare)
    if missing:
        hint = Advice(_where_to_give(node), Change(Action.give, missing[0]))
        yield missing_arguments(node.callee, missing, node.path, hint, interface.may_fill)


def _never_filled(node: GraphNode) -> Iterator[Finding]:
    """G006: parameters that the runner fills in other calls, and not in those of the node."""
    kind = node.kind
    called = f"{node.callee}.{kind.method}" if kind.method else node.callee
    if kind.is_drawn:
        filled: tuple[str | None, ...] = ()
        hint = "a generator is called once, before the first epoch: return an item in each call instead"
    else:
        filled = (kind.interface.epoch, kind.interface.events)
        hint = "the runner's context is given to the 'init' and the 'deinit' of a class: keep in 'self' what you need"
    missing = kind.interface.never_filled(*filled)
    if missing:
        yield missing_arguments(called, missing, node.path, hint)


def severity_of_unknown_in(node: GraphNode) -> Severity:
    """How bad it is that a node's calls are given names that do not exist."""
    interface = node.kind.interface
    return severity_of_unknown(*_names_in_call(node), interface) if interface.ignores_others else Severity.error


def _names_in_call(node: GraphNode) -> tuple[list[str], list[str]]:
    """The names that a node's calls lack, and those that they are given and do not have."""
    interface, parameters = node.kind.interface, node.kind.parameters
    declared = node.declared
    if parameters is not interface:
        # Of a param that is the name of a slot, and no other, it is said where that is given.
        declared = [] if parameters.any_names else [param for param in declared if param.key not in parameters.slots]
    supplied = {argument.parameter for argument in node.arguments} | {param.parameter for param in declared}
    unknown = [*misplaced(node), *([] if interface.any_names else unknown_names(declared, interface.slots))]
    return interface.missing(supplied), unknown


def _where_to_give(node: GraphNode) -> str:
    if node.kind.role is Role.gather and not node.arguments:
        return "give it in 'depends', and say when to emit: the param 'n', the slot 'n', or the slot 'trigger'"
    is_one_call = node.kind.parameters is node.kind.interface
    return "give it in 'depends' or 'params'" if is_one_call else "give it in 'depends'"


def _slots_hint(node: GraphNode, argument: Argument) -> str:
    """What to do about a positional argument of which there are too many."""
    slots = node.kind.interface.slots
    if not slots:
        return REMOVE_IT
    supplied = {*(other.parameter for other in node.arguments), *(param.parameter for param in node.declared)}
    free = [name for name, slot in slots.items() if slot.by_name and name not in supplied]
    by_name = (write(f"{{{name}: {argument.reference}}}") for name in free)
    return Advice(f"remove it, or give it by the name of its slot: {listing(list(slots))}", *by_name, REMOVE)


def _in_params(argument: Argument) -> str:
    """What to do about something in `depends` that is no slot, but a param: of an input that can be done."""
    changes = [Change(Action.move, "params")] if argument.reference.is_input else []
    return Advice("give it in 'params'", *changes)
