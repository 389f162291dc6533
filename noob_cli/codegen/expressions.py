"""Expressions: values, calls, conditions, and what is returned, as Python."""

from __future__ import annotations

import keyword
from collections.abc import Iterable, Iterator

from noob_cli.names import normalized
from noob_cli.plan.steps import Call, Push, Return
from noob_cli.plan.values import Constant, CurrentEpoch, Events, Expression, Output, Variable
from noob_cli.specification.durations import seconds_of


def is_full(step: Push) -> str:
    """The condition under which a gather emits."""
    if step.flush:
        return step.kept
    if step.trigger is not None:
        guard = f"{step.trigger.name} is not NoEvent and " if step.trigger.optional else ""
        return f"{guard}{step.trigger.name} is not None and {step.kept}"
    number = step.number
    if isinstance(number, Variable):
        guard = f"{number.name} is not NoEvent and " if number.optional else ""
        return f"{guard}0 < {number.name} <= len({step.kept})"
    if number is None:
        return "False"
    return f"len({step.kept}) >= {expression(number)}"


def group_of(step: Push) -> tuple[str, str]:
    """What a gather emits, a list of its own, and what it keeps."""
    if isinstance(step.number, Variable):
        group, rest = f"{step.kept}[:{step.number.name}]", f"{step.kept}[{step.number.name}:]"
    else:
        group, rest = f"{step.kept}[:]", "[]"
    return (f"flattened({group})" if step.flatten else group), rest


def result_name(output: Output) -> str | None:
    """What a result is assigned to; None if nothing reads it."""
    if output.several:
        return "values"
    (variable,) = output.variables
    return None if variable is None else variable.name


def target_of(output: Output) -> str:
    """The left side of the assignment of a result; nothing if nothing reads it."""
    name = result_name(output)
    return "" if name is None else f"{name} = "


def there(values: Iterable[Variable]) -> str:
    """The condition that values are there."""
    names = dict.fromkeys(value.name for value in values)
    return " and ".join(f"{name} is not NoEvent" for name in names)


def awaited_call_of(step: Call) -> str:
    """The call of a coroutine, awaited for as long as it may take."""
    call = call_of(step)
    if step.timeout is not None:
        call = f"within({seconds_of(step.timeout)!r}, {step.timeout!r}, {call})"
    return f"await {call}"


def call_of(step: Call) -> str:
    """The call of a node, or what an operator does with its operands."""
    if step.is_operator:
        *left, right = map(expression, step.positional)
        return f"{left[0]} {step.function} {right}" if left else f"{step.function}{right}"
    return f"{step.function}({', '.join(_arguments(step))})"


def _arguments(step: Call) -> Iterator[str]:
    for value in step.positional:
        yield expression(value)
    for name, value in step.named:
        if name in step.omitted and isinstance(value, Variable):
            yield f"**({{{name!r}: {value.name}}} if {value.name} is not NoEvent else {{}})"
        elif not _is_plain(name):
            yield f"**{{{name!r}: {expression(value)}}}"
        else:
            yield f"{name}={expression(value)}"


def _is_plain(name: str) -> bool:
    """Whether a keyword argument of this name can be written as one, and still has this name then."""
    normal = normalized(name) == name and name != "__debug__"
    return normal and name.isidentifier() and not keyword.iskeyword(name)


def expression(value: Expression) -> str:
    """A value as an argument gets it."""
    if isinstance(value, Variable):
        return f"{value.name} if {value.name} is not NoEvent else None" if value.optional else value.name
    if isinstance(value, Constant):
        return value.name or repr(value.value)
    if isinstance(value, CurrentEpoch):
        items = "".join(f"({node!r}, {number}), " for node, number in value.items)
        return f"Epoch({value.counter}, ({items.rstrip()}))" if items else f"Epoch({value.counter})"
    assert isinstance(value, Events)
    events = ", ".join(f"({slot!r}, {variable.name})" for slot, variable in value.events)
    return f"events([{events}], {value.positions})" if value.positions else f"events([{events}])"


def returned_by(step: Return) -> str:
    """What an epoch returns, or `NoEvent` if something is missing without which it returns nothing."""
    names = [variable.name for variable in step.values]
    optional = [variable.name for variable in step.values if variable.optional]
    if step.single:
        return names[0]
    if not names:
        return "NoEvent"
    if step.keys is None:
        whole = f"[{', '.join(names)}]"
    else:
        pairs = [f"{key!r}: {name}" for key, name in zip(step.keys, names, strict=True)]
        whole = f"{{{', '.join(pairs)}}}"
    if not optional:
        return whole
    condition = " and ".join(f"{name} is not NoEvent" for name in optional)
    if step.keys is None or len(names) == 1:
        return f"{whole} if {condition} else NoEvent"
    return f"{whole} if {condition} else present({whole})"
