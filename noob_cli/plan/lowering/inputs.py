"""Lowering the inputs of a tube."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from noob_cli.plan.lowering.scope import LITERALS, Scope
from noob_cli.plan.plan import ValidatorOf
from noob_cli.plan.steps import TakeInput
from noob_cli.plan.values import Constant, Variable
from noob_cli.specification.input import InputScope

_EXACT_SCHEMAS = ("bool", "float", "int", "str")
"""The types of input that pydantic makes an instance of itself, and of no subclass."""


def take_inputs(scope: Scope, supplied: Mapping[str, Variable]) -> Iterator[TakeInput]:
    """The inputs that come with every epoch, which are validated in any case, and the others that nodes take.

    Args:
        scope: The tube.
        supplied: For a nested tube, what it is given for its process-scoped inputs, by name.
    """
    taken = {reference.name for reference in scope.read if reference.is_input}
    for name, spec in scope.graph.inputs.items():
        if scope.flushing if spec.scope is InputScope.process else name not in taken:
            continue
        value = supplied.get(name)
        if value is not None and spec.required and scope.tube.validation.takes_anything(name):
            scope.inputs[name] = Variable(value.name)
            continue
        wanted = scope.wanted(name)
        target = Variable(scope.context.names.new(wanted, f"{wanted}_input"))
        scope.inputs[name] = target
        default: Constant | None = None
        fresh = False
        if spec.scope is InputScope.tube:
            default = scope.constant(scope.tube.input[name], f"{target.name}_given")
        elif not spec.required:
            fresh = type(scope.tube.defaults[name]) not in LITERALS
            default = scope.constant(spec.default if fresh else scope.tube.defaults[name], f"{target.name}_given")
        schema = scope.tube.adapters[name].core_schema
        place = scope.place("input", name, "input", name)
        yield TakeInput(
            place,
            value,
            target,
            scope.context.bind(ValidatorOf(place.name, spec.type_), f"validate_{wanted}"),
            default,
            fresh=fresh,
            exact=schema["type"] if schema["type"] in _EXACT_SCHEMAS and len(schema) == 1 else None,
            # What a nested tube is given comes by names.
            whole=spec.record and not scope.around,
        )
