"""`--trace-node`: what one node gets and gives."""

from __future__ import annotations

from collections.abc import Mapping
from pprint import pformat
from typing import Any

from noob_cli.cli.run.options import RunOptions
from noob_cli.cli.run.tracebacks import cut
from noob_cli.cli.shell.messages import report_warning
from noob_cli.cli.shell.stderr import print_messages
from noob_cli.cli.shell.tube_names import node_names
from noob_cli.errors import InputError
from noob_cli.printable import printable
from noob_cli.runners.observers import Look
from noob_cli.runners.synchronous import SynchronousRunner
from noob_cli.spelling import suggest
from noob_cli.tube import Tube
from noob_cli.wording import count_of, short_repr


class TracedNode:
    """Prints what a node gets and gives, in each epoch or in one.

    Args:
        name: The node; in a nested tube, with the names of the nodes around it.
        epoch: The epoch; None for all.
        is_return: Whether what it gets is what the epoch returns.
    """

    def __init__(self, name: str, epoch: int | None, is_return: bool) -> None:
        self.name = name
        self._is_return = is_return
        self.runner: SynchronousRunner
        """Makes the epochs."""
        self._epoch = epoch
        self._is_done = False
        self._call: tuple[int, Mapping[str, Any]] | None = None
        """What it has got in which epoch, while what it gives is told."""
        self._emitted: set[str] = set()

    def look(self, look: Look) -> None:
        """Print a look, if it is wanted.

        Args:
            look: What the node has got and emitted.
        """
        if self._epoch not in (None, look.epoch):
            return
        lines = []
        if look.signal in self._emitted or not self._is_of_call(look):
            self._call, self._emitted = (look.epoch, look.got), set()
            lines.append(f"epoch {look.epoch}, {look.place}")
            lines += (f"  got {name} = {_shown(value)}" for name, value in look.got.items())
        if look.signal is None:
            lines += [] if self._is_return else ["  gave nothing"]
        else:
            self._emitted.add(look.signal)
            lines.append(f"  gave {look.signal} = {_shown(look.value)}")
        print_messages(*lines)
        self._is_done = True

    def _is_of_call(self, look: Look) -> bool:
        """Whether a look is about the same call as the one before: it has got the very same objects."""
        if self._call is None or self._call[0] != look.epoch:
            return False
        before = self._call[1]
        return before.keys() == look.got.keys() and all(before[name] is look.got[name] for name in before)

    def end(self) -> None:
        """Say that there was no such epoch, if so."""
        made = self.runner.made
        if not self._is_done and made <= (self._epoch or 0):
            what = "no epoch" if self._epoch is None else f"no epoch {self._epoch}"
            report_warning(
                f"of the node '{self.name}' there is nothing to tell: {what} was made, of {count_of(made, 'epoch')}"
            )


def until_traced(options: RunOptions, epoch: int) -> RunOptions:
    """The options of a run that ends with the one epoch in which a node is looked at.

    Args:
        options: What was asked for.
        epoch: The epoch.

    Raises:
        InputError: No node is traced.
    """
    if options.trace_node is None:
        raise InputError("'--epoch' says in which epoch a node is looked at: say with '--trace-node NAME' which")
    return options.replace(epochs=epoch + 1 if options.epochs is None else min(epoch + 1, options.epochs))


def traced_node(name: str, options: RunOptions, tube: Tube) -> TracedNode:
    """What prints what a node gets and gives.

    Args:
        name: The node.
        options: What was asked for.
        tube: The tube.

    Raises:
        InputError: There is no such node, or the options don't go together.
    """
    if options.runner != "sync":
        raise InputError(f"'--trace-node' is for epochs in order, and not for '{options.runner}': add '--runner sync'")
    names = list(node_names(tube))
    if name not in names:
        raise InputError(f"there is no node '{name}': {suggest(name, names, 'nodes')}")
    node = tube.graph.return_node
    return TracedNode(name, options.epoch, node is not None and node.id == name)


def _shown(value: Any) -> str:
    """A value, as a text of several lines if it is long."""
    try:
        text = pformat(value, width=100, compact=True, sort_dicts=False)
    except KeyboardInterrupt:
        raise
    except BaseException:
        text = short_repr(value)
    return printable(cut(text)).replace("\n", "\n    ")
