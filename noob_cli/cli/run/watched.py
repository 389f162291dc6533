"""What `--watch` names: signals, inputs and assets, looked at from time to time while a run goes on."""

from __future__ import annotations

import math
import time
from collections import deque
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any, Final

from noob_cli.advice import did_you_mean
from noob_cli.cli.run.thumbnails import as_image, thumbnail
from noob_cli.cli.shell.tube_names import value_names
from noob_cli.codegen.values import Values
from noob_cli.errors import InputError
from noob_cli.named_tuple import NamedTuple
from noob_cli.printable import one_line
from noob_cli.runners.synchronous import SynchronousRunner
from noob_cli.secret_inputs import MASKED
from noob_cli.spelling import nearest, suggest
from noob_cli.tube import Tube
from noob_cli.wording import short_repr

if TYPE_CHECKING:
    from rich.console import Console, RenderableType

_BLOCKS: Final = "▁▂▃▄▅▆▇█"
_MOST_SEEN: Final = 24
"""How many values a sparkline shows."""

_NOTHING: Final = object()


class WatchedValue(NamedTuple):
    """What has been seen of a value that is watched.

    Args:
        name: What it is called on the command line.
        text: The last value; of an array, what it is.
        bounds: The least and the greatest that was seen, in words; empty if it is no number.
        rate: How many came in a second, in words; empty if nobody knows.
        spark: The last that were seen, as a line.
        image: The last value, if it is an image.
    """

    name: str
    text: str
    bounds: str
    rate: str
    spark: str
    image: Any

    @property
    def line(self) -> str:
        """All of it but the image, in words."""
        return "  ".join(filter(None, (self.name, self.text, self.bounds, self.rate, self.spark)))


def names_watched(asked: str, tube: Tube) -> list[str]:
    """The names of what is to be watched; a node alone stands for all of its signals.

    Args:
        asked: The names, separated by commas.
        tube: The tube.

    Raises:
        InputError: Something has no such name.
    """
    known = list(value_names(tube))
    names: list[str] = []
    for name in filter(None, map(str.strip, asked.split(","))):
        of_node = [signal for signal in known if signal.rpartition(".")[0] == name]
        wanted = [name] if name in known else of_node
        if not wanted:
            what = "neither a signal, nor an input that comes with the epochs, nor a runner-scoped asset"
            nodes = dict.fromkeys(signal.rpartition(".")[0] for signal in known)
            meant = nearest(name, tuple(nodes)) if "." not in name else None
            hint = suggest(name, known, "names") if meant is None else did_you_mean(meant, name)
            raise InputError(f"'--watch {name}' is {what}: {hint}")
        names += (name for name in wanted if name not in names)
    if not names:
        raise InputError("'--watch' takes names, such as 'node.signal' or 'assets.name', separated by commas")
    return names


def _secrets_in(tube: Tube) -> Iterator[str]:
    """The names of the inputs whose values are not shown."""
    for around, inner in tube.with_nested():
        yield from (f"{around}input.{name}" for name in inner.secrets)


class Watched:
    """Looks at what is watched, each time it is asked.

    Args:
        names: What is watched.
        runner: Makes the epochs.
        values: The values of its signals.
    """

    def __init__(self, names: Sequence[str], runner: SynchronousRunner, values: Values) -> None:
        self._names = names
        self._runner = runner
        self._values = values
        self._secrets = set(_secrets_in(runner.tube))
        self._series: dict[str, _Series] = {name: _Series() for name in names}

    def look(self) -> list[WatchedValue]:
        """What is seen of each now."""
        counts, now = self._values.counts, time.monotonic()
        return [self._seen(name, counts.get(name), now) for name in self._names]

    def lines(self) -> Iterator[str]:
        """What is seen of each, for what keeps all lines."""
        return (seen.line for seen in self.look())

    def rendered(self, console: Console) -> RenderableType:
        """What is seen of each, in a line of a terminal, and images below theirs.

        Args:
            console: The terminal.
        """
        from rich.console import Group
        from rich.text import Text

        parts: list[RenderableType] = []
        for seen in self.look():
            line = Text(seen.line)
            line.stylize("bold", 0, len(seen.name))
            line.truncate(console.width - 1, overflow="ellipsis")
            parts.append(line)
            if seen.image is not None:
                parts.append(thumbnail(seen.image, console.width - 1, in_colour=not console.no_color))
        return Group(*parts)

    def _seen(self, name: str, count: int | None, now: float) -> WatchedValue:
        value, series = self._value(name), self._series[name]
        if value is _NOTHING:
            return WatchedValue(name, "nothing yet", "", "", "", None)
        number = _number_of(value)
        series.add(number, count, now)
        rate = "" if series.rate is None else f"{series.rate:.3g}/s" if series.rate < 1000 else f"{series.rate:.0f}/s"
        return WatchedValue(name, _text_of(value, number), series.bounds, rate, series.spark, as_image(value))

    def _value(self, name: str) -> Any:
        if name in self._secrets:
            return MASKED if name in self._values else _NOTHING
        *around, section, own = name.split(".")
        if section == "assets":
            asset = self._runner.assets.get(".".join((*around, own)))
            return _NOTHING if asset is None else asset.obj
        return self._values.get(name, _NOTHING)


class _Series:
    """The numbers that were seen of one value."""

    def __init__(self) -> None:
        self.rate: float | None = None
        self._seen: deque[float] = deque(maxlen=_MOST_SEEN)
        self._least, self._greatest = math.inf, -math.inf
        self._count: int | None = None
        self._since = 0.0

    def add(self, number: float | None, count: int | None, now: float) -> None:
        """Another look.

        Args:
            number: What was seen; None if it is no number.
            count: How many values there have been; None if nobody counts them.
            now: When that is.
        """
        seconds = now - self._since
        if count is not None and (self._count is None or (count > self._count and seconds >= 1)):
            if self._count is not None:
                self.rate = (count - self._count) / seconds
            self._count, self._since = count, now
        elif self.rate is not None and count == self._count and self.rate * seconds > 1:
            # It would have come by now.
            self.rate = 1 / seconds
        if number is not None and math.isfinite(number):
            self._seen.append(number)
            self._least, self._greatest = min(self._least, number), max(self._greatest, number)

    @property
    def bounds(self) -> str:
        """The least and the greatest."""
        return f"{_short(self._least)} … {_short(self._greatest)}" if self._seen else ""

    @property
    def spark(self) -> str:
        """The last of them as a line."""
        if len(self._seen) < 2:
            return ""
        low, high = min(self._seen), max(self._seen)
        step = (high - low) / (len(_BLOCKS) - 1) or 1.0
        return "".join(_BLOCKS[round((number - low) / step)] for number in self._seen)


def _number_of(value: Any) -> float | None:
    """A number, or the mean of an array, which is what is drawn of it."""
    try:
        if isinstance(value, bool | int | float):
            return float(value)
        if hasattr(value, "dtype") and hasattr(value, "mean"):
            return float(value.mean())
    except Exception:
        # Whatever it does when it is asked, there is something else to be shown.
        return None
    return None


def _text_of(value: Any, mean: float | None) -> str:
    shape = getattr(value, "shape", None)
    if isinstance(shape, tuple) and shape and hasattr(value, "dtype"):
        return f"{tuple(shape)} {value.dtype}" + ("" if mean is None else f", mean {_short(mean)}")
    if isinstance(value, float):
        return _short(value)
    return one_line(short_repr(value))


def _short(number: float) -> str:
    return f"{number:.6g}"
