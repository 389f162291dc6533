"""Emitters of calls that are made again when they fail, and of those that wait for their turn."""

from __future__ import annotations

from noob_cli.codegen.emission import Emission, timer_of
from noob_cli.plan.steps import Paced, Retry


def emit_retry(emission: Emission, step: Retry) -> None:
    """A call that is made again if it fails.

    It waits when the error is not handled any more: so the wait can be interrupted as the call can.
    """
    line, block, place = emission.line, emission.block, step.place
    line("attempt = 1")
    with emission.nesting("while True"):
        with emission.nesting("try"):
            emission.steps(step.steps)
            line("break")
        with block("except Exception as error"):
            with block(f"if not again(error, {step.policy}, attempt)"):
                line("raise")
            if place.name in emission.plan.timed:
                line(f"{timer_of(place)}.retried += 1")
        _wait(emission, f"{step.policy}.wait(attempt)")
        line("attempt += 1")


def emit_paced(emission: Emission, step: Paced) -> None:
    """A call that waits for its turn."""
    seconds = f"{step.rate}()"
    _wait(emission, f"{timer_of(step.place)}.waits({seconds})" if step.place.name in emission.plan.timed else seconds)
    emission.steps(step.steps)


def _wait(emission: Emission, seconds: str) -> None:
    """Wait, and let others go on meanwhile that are under way in the same thread."""
    emission.line(f"{emission.await_}pause({seconds})")
