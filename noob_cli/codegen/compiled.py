"""Compiling: from a plan to Python source, and from that to the functions that make epochs."""

from __future__ import annotations

import copy
import itertools
import linecache
import threading
import weakref
from collections.abc import Callable, Container, Generator, Hashable, Iterable, Iterator, Mapping
from functools import cached_property, lru_cache, partial
from types import CellType, CodeType, FunctionType
from typing import TYPE_CHECKING, Any, Protocol

from noob_cli.codegen.epochs import compile_form
from noob_cli.codegen.forms import Form
from noob_cli.codegen.runtime import RUNTIME
from noob_cli.collector import without_collecting
from noob_cli.events import NoEvent
from noob_cli.nodes.shown import refusing_first
from noob_cli.plan.place import Place
from noob_cli.plan.plan import EPOCH, OVER, LookedAt, OfCode, OfNode, Plan, StateKey
from noob_cli.tally import count_of, counter

if TYPE_CHECKING:
    # Only a run with several epochs under way pays for what that takes.
    from noob_cli.codegen.staging import Piece
    from noob_cli.codegen.versions import Versions

GENERATED = "<tube "
"""What the names begin with under which tracebacks show generated code."""

_numbers = itertools.count(1)


class Appendable(Protocol):
    """A list, or anything else that results can be appended to."""

    def append(self, result: Any, /) -> object:
        """Take a result."""


SavedState = Mapping[StateKey, Any]
"""What a tube keeps from one epoch to the next."""


class Epochs:
    """The compiled functions that make the epochs of a tube, and the state that they share.

    Each is compiled when it is asked for.

    Args:
        make: Makes one of the functions.
        cells: The variables that the functions share, by name: they are cells of closures.
        plan: The plan that they were compiled from.
    """

    def __init__(self, make: Callable[[Form | Piece], Any], cells: Mapping[str, CellType], plan: Plan) -> None:
        self._make = make
        self._cells = cells
        self._plan = plan

    @cached_property
    def process(self) -> Callable[[Mapping[str, Any]], Any]:
        """Makes one epoch with the given inputs and returns its result.

        None stands for nothing, and a value of its own says that the tube has ended.
        """
        return self._make(Form.process)  # type: ignore[no-any-return]

    @cached_property
    def run(self) -> Callable[[int | None, Appendable], None]:
        """Makes a number of epochs, or all, and appends each result to a list."""
        return self._make(Form.run)  # type: ignore[no-any-return]

    @cached_property
    def iterate(self) -> Callable[[int | None], Generator[Any, None, None]]:
        """The same as `run`, as a generator of the results."""
        return self._make(Form.iterate)  # type: ignore[no-any-return]

    def stream(self, records: Iterable[Mapping[str, Any]], limit: int | None) -> Generator[Any, None, None]:
        """The same as `iterate`, with an epoch for each record, which is a mapping of inputs."""
        return self._streamed(records if limit is None else itertools.islice(records, limit))

    @cached_property
    def _streamed(self) -> Callable[[Iterable[Mapping[str, Any]]], Generator[Any, None, None]]:
        return self._make(Form.stream)  # type: ignore[no-any-return]

    def segment(self, piece: Piece) -> Callable[..., Any]:
        """A segment of the plan's stages."""
        return self._make(piece)  # type: ignore[no-any-return]

    def driven(self, **functions: Callable[..., Any]) -> Epochs:
        """A copy with other functions in place of some of these."""
        epochs = copy.copy(self)
        vars(epochs).update(functions)
        return epochs

    def save(self) -> SavedState:
        """The state that is kept from epoch to epoch."""
        state = {kept.key: self._cells[kept.name].cell_contents for kept in self._plan.state}
        return {**state, (EPOCH, ""): self.number()}

    def versions(self, names: Container[str]) -> Versions:
        """What some of the state is from time to time, to be put back.

        Args:
            names: The names of carried assets and gathers in the generated code.
        """
        from noob_cli.codegen.versions import Versions

        return Versions(self._cells, self._plan, names)

    def number(self) -> int:
        """The number of the last epoch."""
        number: int = self._cells[self._plan.body.counter].cell_contents
        return number + count_of(self._cells["counted"].cell_contents)

    def count(self, counter: str, calls: int) -> None:
        """Count calls of a nested tube that were made elsewhere."""
        self._cells[counter].cell_contents += calls

    def numbering(self) -> Callable[[int], None]:
        """Says which epoch was the last, until some are made that count themselves."""
        counter, before = self._cells[self._plan.body.counter], count_of(self._cells["counted"].cell_contents)

        def at_epoch(number: int) -> None:
            counter.cell_contents = number - before

        return at_epoch

    @property
    def is_stopping(self) -> bool:
        """Whether the loops end after the epoch that is under way."""
        return self._cells["stopping"].cell_contents is not None

    def stop(self) -> None:
        """Let the loops end after the epoch that is under way."""
        self._cells["stopping"].cell_contents = True

    @property
    def is_over(self) -> bool:
        """Whether the tube has ended."""
        return bool(self._cells[self._plan.body.over].cell_contents)

    def end_tubes(self, tubes: Container[str]) -> None:
        """The same for good, for the tube and those nested in it, by name."""
        self.stop()
        for kept in self._plan.state:
            if kept.key[0] == OVER and kept.key[1] in tubes:
                self._cells[kept.name].cell_contents = True


class CompiledPlan:
    """A plan as Python code, not yet bound to the objects of a run; it grows with the functions that are asked for.

    Args:
        plan: The plan.

    Attributes:
        source: The Python that the plan has become.
        file: The name under which tracebacks show it.
        places: Which node, asset or input each of its lines is about.
        heads: The lines that begin a loop over epochs by drawing from a source.
        ends: The lines that end an asset.
    """

    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        self.source = ""
        self.places: dict[int, Place] = {}
        self.heads: set[int] = set()
        self.ends: set[int] = set()
        self.file = f"{GENERATED}{plan.name} #{next(_numbers)}>"
        self._codes: dict[Hashable, list[CodeType]] = {}
        self._compiling = threading.Lock()
        weakref.finalize(self, linecache.cache.pop, self.file, None)

    def place_of(self, kind: str, name: str) -> Place:
        """The place of a node or an asset by its name; without one in the file, if no line is about it."""
        places = (place for place in self.places.values() if (place.kind, place.name) == (kind, name))
        return next(places, Place(kind, name, (), None))

    def bind(self, bound: Mapping[str, Any], state: SavedState) -> Epochs:
        """The functions that make epochs.

        Args:
            bound: What the names of the plan's bindings, and the hooks of the runner, stand for.
            state: Where the run stands.
        """
        namespace = self._namespace(bound)
        # Python asks faster whether something is None than whether it is true.
        values: dict[str, Any] = {"counted": counter(), "stopping": None}
        for kept in self.plan.state:
            values[kept.name] = state[kept.key]
            if kept.committed is not None:
                values[kept.committed] = state[kept.key]
            if kept.length is not None:
                values[kept.length] = len(state[kept.key])
        cells = {name: CellType(value) for name, value in values.items()}
        epochs = Epochs(partial(self._function, namespace, cells), cells, self.plan)
        cells |= {"end_tubes": CellType(epochs.end_tubes), "this_epoch": CellType(epochs.number)}
        return epochs

    def bind_region(self, bound: Mapping[str, Any], piece: Piece) -> Any:
        """A region, which has nothing in common with what else is bound.

        Args:
            bound: What the names of the plan's bindings, and the hooks of the runner, stand for.
            piece: The region.
        """
        return self._function(self._namespace(bound), {}, piece)

    def _namespace(self, bound: Mapping[str, Any]) -> dict[str, Any]:
        namespace = {**RUNTIME, **bound, "__name__": "noob_tube"}
        for name, binding in self.plan.bindings.items():
            if isinstance(binding, OfNode | OfCode) and binding.looked_at is not None and name in bound:
                # Once a value has been looked at, the function itself takes its place: that costs nothing from then on.
                done = partial(namespace.__setitem__, name, bound[name])
                generators = binding.looked_at is LookedAt.generators
                namespace[name] = refusing_first(bound[name], generators, done)
        return namespace

    def _function(self, namespace: dict[str, Any], shared: Mapping[str, CellType], form: Form | Piece) -> Any:
        """Make one of the functions, and those that hold parts of it, as closures over cells that all forms share."""
        cells = dict(namespace["shown"].cells(self.plan.shown) if self.plan.shown else (), **shared)
        functions: dict[str, Any] = {}
        for code in self._code(form):
            closure = tuple(cells.setdefault(name, CellType(NoEvent)) for name in code.co_freevars)
            functions[code.co_name] = FunctionType(code, namespace, code.co_name, None, closure)
        for name, function in functions.items():
            if name in cells:
                cells[name].cell_contents = function
        return functions[form.name]

    def _code(self, form: Form | Piece) -> list[CodeType]:
        key = form if isinstance(form, Form) else form.key
        # Workers ask for their regions at the same time.
        with self._compiling:
            if key not in self._codes:
                with without_collecting():
                    self._codes[key] = list(self._compile(form))
        return self._codes[key]

    def _compile(self, form: Form | Piece) -> Iterator[CodeType]:
        source = compile_form(self.plan, form) if isinstance(form, Form) else form.compile(self.plan)
        before = self.source.count("\n")
        functions = _functions_in(str(source))
        self.places |= {before + line: place for line, place in source.places.items()}
        self.heads |= {before + line for line in source.heads}
        self.ends |= {before + line for line in source.ends}
        self.source += str(source)
        linecache.cache[self.file] = (len(self.source), None, self.source.splitlines(keepends=True), self.file)
        return (_placed(function, self.file, before) for function in functions)


@lru_cache(maxsize=64)
def _functions_in(source: str) -> tuple[CodeType, ...]:
    """The functions that are defined inside of the one that a piece of source defines.

    A tube that is run again, in this runner or another, becomes the same source as before.
    """
    (tube,) = _codes_in(compile(source, GENERATED, "exec"))
    return tuple(_codes_in(tube))


def _codes_in(code: CodeType) -> Iterator[CodeType]:
    """The functions that stand in a piece of code."""
    return (constant for constant in code.co_consts if isinstance(constant, CodeType))


def _placed(code: CodeType, file: str, before: int) -> CodeType:
    """Code with a place of its own in tracebacks: in a file, behind a number of lines."""
    constants = (_placed(part, file, before) if isinstance(part, CodeType) else part for part in code.co_consts)
    return code.replace(co_filename=file, co_firstlineno=code.co_firstlineno + before, co_consts=tuple(constants))
