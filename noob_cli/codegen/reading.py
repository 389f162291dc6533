"""The Python that a tube becomes, for people to read."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Iterator

from noob_cli.codegen.epochs import Form, compile_to_read
from noob_cli.plan.lowering.lowering import lower
from noob_cli.plan.printing import bound_text
from noob_cli.plan.steps import Plan
from noob_cli.printable import one_line
from noob_cli.tube import Tube

_NONLOCAL = re.compile(r"\s*nonlocal \w+(, \w+)*")
"""A line that says which names are those of the function around."""

_FUNCTION = re.compile(r"\s*(async )?def ")
"""A line that begins a function."""

_HOOKS = {
    "times": "so many epochs, or epochs without end",
    "drawn": "the values of a source, so many or all; a clock ticks with each",
    "passed": "how often a clock has ticked: for so many epochs",
    "failed": "notes the node or asset that an error came from",
    "end_of_run": "notes that a node has ended the tube that it is in: it gives no event",
    "end_tubes": "lets a run, or nested tubes, end with the epoch that is under way",
    "EndOfRun": "what a node raises to end the run with this epoch",
    "drew": "whether an error came while the next value was drawn",
    "source_ended": "notes that a source has ended, and says whether the tube has ended with it",
    "together": "runs coroutines at the same time, to the end of all",
    "close": "ends an asset",
    "enter": "enters a context manager: the asset, and what ends it",
    "end_all": "ends assets in turn, also if that fails for one",
    "emit_event": "makes an event and gives it to the callbacks",
    "event_of": "makes an event",
    "notify_end": "tells the callbacks that the epoch has ended",
    "missing_input": "raises the error for an input that the record lacks",
    "SILENT": "stands in for a source that has ended",
    "ATOMIC": "types whose objects can't change, which need no copy",
    "several": "checks that a node with several signals has returned a tuple with one value for each",
    "copied": "makes a deep copy of what is stored in an asset",
    "discard": "closes coroutines that will not be awaited",
    "present": "the values that were emitted",
    "flattened": "the items of what is in a list, joined one level",
    "iterable": "checks that what is collected can be joined with others",
    "events": "the events behind what a node is given",
    "NoEvent": "stands for a signal without a value in this epoch",
    "stopping": "set once the run is to end after the epoch that is under way",
    "unknown_inputs": "warns of inputs in the record that the tube does not have",
}
"""What the generated code calls besides the code of nodes and assets."""


def readable_source(tube: Tube) -> str:
    """The function that makes the epochs of a tube: one for each record, if each needs one.

    Args:
        tube: The tube, its inputs given.
    """
    plan = lower(tube, tube.disabled)
    form = Form.stream if tube.required_process_inputs else Form.run
    lines = str(compile_to_read(plan, form)).splitlines()
    start = next(number for number, line in enumerate(lines) if _FUNCTION.match(line) and number > 0)
    # Without the functions around it, that it shares names with them is no Python.
    kept = [line.rstrip() for line in lines[start:] if not _NONLOCAL.fullmatch(line.rstrip())]
    function = textwrap.dedent("\n".join(kept))
    return "\n".join([f"# {one_line(tube.name)}", *_names(plan), *_hooks(function), "", "", function, ""])


def _hooks(function: str) -> Iterator[str]:
    """What the functions are that the runner gives to it, as comments."""
    used = set(re.findall(r"(?<![\w.'\"])[A-Za-z_]+(?![\w'\"])", function))
    for name, meaning in _HOOKS.items():
        if name in used:
            yield f"# {name}: {meaning}"


def _names(plan: Plan) -> Iterator[str]:
    """What the names in it stand for, as comments."""
    for name, binding in plan.bindings.items():
        yield f"# {name}: {bound_text(binding)}"
    for state in plan.state:
        kind, owner = state.key
        of = f" of '{owner}'" if owner else ""
        yield f"# {state.name}: kept from epoch to epoch: {kind}{of}"
