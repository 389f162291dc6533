"""The Python of a plan: the functions that make its epochs."""

from __future__ import annotations

from contextlib import nullcontext

from noob_cli.codegen.emission import Emission
from noob_cli.codegen.emitters import EMITTERS
from noob_cli.codegen.forms import Form, emit_form
from noob_cli.codegen.isolation import emit_isolating
from noob_cli.codegen.source import Source
from noob_cli.plan.plan import Plan


def compile_form(plan: Plan, form: Form, *, commented: bool = False) -> Source:
    """The Python of one function of a plan, with its parts, inside of a function that holds what all functions share.

    What is looked at most often is found faster around the functions than among all that is global.

    Args:
        plan: The plan.
        form: The function.
        commented: Whether it is for people: comments say what each part is about, and nothing stands around it.
    """
    source = Source(commented)
    emission = Emission(plan, source, EMITTERS)
    with nullcontext() if commented else emission.block(emission.head):
        for lookup in emission.lookups:
            emit_isolating(emission, lookup)
        emit_form(emission, form)
        source.put_outlined()
    return source
