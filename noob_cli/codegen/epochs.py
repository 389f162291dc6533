"""The Python of a plan: the functions that make its epochs, around one state."""

from __future__ import annotations

from collections.abc import Sequence

from noob_cli.codegen.emission import Emission
from noob_cli.codegen.emitters import EMITTERS
from noob_cli.codegen.forms import Form, emit_form
from noob_cli.codegen.isolation import emit_isolating
from noob_cli.codegen.source import Source
from noob_cli.plan.keys import OVER
from noob_cli.plan.plan import Plan


def compile_epochs(plan: Plan) -> Source:
    """The Python of a plan."""
    source = Source()
    _compile(Emission(plan, source, EMITTERS), tuple(Form))
    return source


def compile_to_read(plan: Plan, form: Form) -> Source:
    """The Python of one of the functions of a plan, for people: with comments that say what each part is about."""
    source = Source(commented=True)
    _compile(Emission(plan, source, EMITTERS), (form,))
    return source


def _compile(emission: Emission, forms: Sequence[Form]) -> None:
    line = emission.line
    # What is looked at most often is found faster around the functions than among all that is global.
    with emission.block("def tube(state, NoEvent)"):
        for state in emission.plan.state:
            line(f"{state.name} = state[{state.key!r}]")
            if state.mark is not None:
                line(f"{state.committed}, {state.mark} = {state.name}, len({state.name})")
            elif state.committed is not None:
                line(f"{state.committed} = {state.name}")
        # Python asks faster whether something is None than whether it is true.
        line("stopping = None")
        for lookup in emission.lookups:
            line("")
            emit_isolating(emission, lookup)
        for form in forms:
            line("")
            emit_form(emission, form)
            emission.source.put_apart()
        if len(forms) == len(Form):
            _save_and_stop(emission)
    if emission.looked_up:
        emission.source.insert(1, f"{' = '.join(emission.looked_up)} = NoEvent")
    emission.source.fill_in(f"nonlocal {', '.join([*emission.shared_names, 'stopping'])}")


def _save_and_stop(emission: Emission) -> None:
    line, block, state = emission.line, emission.block, emission.plan.state
    line("")
    with block("def save()"):
        pairs = ", ".join(f"{kept.key!r}: {kept.name}" for kept in state)
        line(f"return {{{pairs}}}")
    line("")
    with block("def number()"):
        line(f"return {emission.plan.body.counter}")
    line("")
    with block("def stop()"):
        line("nonlocal stopping")
        line("stopping = True")
    line("")
    with block("def end_tubes(tubes)"):
        overs = [kept for kept in state if kept.key[0] == OVER]
        line(f"nonlocal {', '.join(kept.name for kept in overs)}, stopping")
        line("stopping = True")
        for kept in overs:
            with block(f"if {kept.key[1]!r} in tubes"):
                line(f"{kept.name} = True")
    line("")
    line("return process, run, iterate, stream, save, number, stop")
