"""The steps of one epoch, each with the values that it reads and writes and the state that it keeps.

They are the only place where the meaning of a tube lives: what runs a tube follows them and knows nothing else.
"""

from __future__ import annotations

from noob_cli.assets.registry import Opening
from noob_cli.named_tuple import NamedTuple
from noob_cli.plan.part import Calls, Changes, Holds, Keeps, Part, Reads, Writes
from noob_cli.plan.place import Place
from noob_cli.plan.values import NO_OUTPUT, Constant, CurrentEpoch, Expression, Keyword, Output, Variable

EVENT_IDS = "event ids"
"""What the events of a run keep: they are counted."""


class TakeInput(Part):
    """Take an input from the record of the epoch, or from what a nested tube is given.

    Args:
        place: The input.
        supplied: For a nested tube, what it is given; None if it comes from the record, or is not given.
        target: What gets it.
        validator: The name of what validates it.
        default: What it is where it is not given; None if it can't be left out.
        fresh: Whether the default is validated anew for each epoch, so that a change to it is not seen by the next.
        exact: The name of the type whose instances are what they are validated to; None if no type's are.
        whole: Whether it is the whole record.
    """

    place: Place
    supplied: Reads[Variable | None]
    target: Writes[Variable]
    validator: Calls[str]
    default: Constant | None
    fresh: bool = False
    exact: str | None = None
    whole: bool = False

    @property
    def default_text(self) -> str:
        """The default as a Python expression; `NoEvent` for a required input."""
        if self.default is None:
            return "NoEvent"
        text = self.default.name or repr(self.default.value)
        return f"{self.validator}({text})" if self.fresh else text


class Draw(Part):
    """Draw the next value of a source.

    Args:
        place: The node.
        source: The name of what draws; it is state, since it changes when the source ends.
        output: Where the value goes.
        ends_tube: Whether its tube is over when the source ends, whatever the other sources do.
        awaited: Whether the value is awaited.
        may_end: Whether it may end by saying that the run is to end.
    """

    place: Place
    source: Keeps[str]
    output: Writes[Output]
    ends_tube: bool
    awaited: bool = False
    may_end: bool = True


class OpenAsset(Part):
    """Make an object of an asset, and enter it if it is a context manager.

    Args:
        place: The asset.
        target: What gets the object.
        make: The name of what makes it.
        end: The name of what ends it; None if nothing ever has to be ended.
        opening: What making it involves.
        enter: Whether the file says that it is entered; None if it doesn't say.
        stateful: Whether what its users get depends on who has used it before.
    """

    place: Place
    target: Writes[Variable]
    make: Calls[str]
    end: Writes[str | None]
    opening: Opening
    enter: bool | None = None
    stateful: bool = True


class Held(Part):
    """A value that an epoch stores in carried assets, for as long as the epoch may still fail.

    An epoch stores when it has succeeded. A nested tube has stored by then, at the end of its own epoch, which is in
    the middle of that of the tube around it.

    Args:
        asset: The first asset that it is stored in, with the names of the nodes around its tube.
        signal: The signal that it comes from, likewise.
        node: The node that stores it; `node.*` for the nodes of a nested tube.
        variables: What holds the value. A copy is assigned to all of them; it is compared with the first, which holds
            it only once it was stored in this epoch.
    """

    asset: str
    signal: str
    node: str
    variables: Changes[tuple[Variable, ...]] = ()


class Received(NamedTuple):
    """The values that somebody gets, who may get by one of them the object that is to be stored.

    Args:
        receiver: Who gets them, in words; None for the source that has made them and may fill them again.
        shared: The values.
        among: Lists of values of which it gets each.
        unless: A value that it may get.
    """

    receiver: str | None
    shared: tuple[Variable, ...]
    among: tuple[Variable, ...] = ()
    unless: Variable | None = None

    @property
    def names(self) -> tuple[str, ...]:
        """The names of the values that are read with it."""
        values = (*self.shared, *self.among, *([] if self.unless is None else [self.unless]))
        return tuple(value.name for value in values)


class Isolate(Part):
    """Store a copy of a value in place of the value, if the same object also goes to a node that runs later.

    Args:
        place: The node that runs later.
        held: What is to be stored.
        received: What that node gets.
    """

    place: Place
    held: Holds[Held]
    received: Reads[Received]


class IsolateAny(Part):
    """The same as an `Isolate` for each value that a tube stores: where there are many, they are looked up.

    Args:
        place: The node that runs later.
        known: The name of the set of the identities of all objects that are to be stored.
        isolate: The name of the function that stores a copy wherever a certain object is to be stored.
        node: The node, or the nodes of a nested tube, whose own storing does not count; None if all does.
        received: What that node gets.
    """

    place: Place
    known: Reads[str]
    isolate: Calls[str]
    node: str | None
    received: Reads[Received]


class Lookup(Part):
    """All that a tube stores, for `IsolateAny` to look objects up in by their identities.

    Args:
        known: The name of the set of the identities of all objects that are to be stored.
        isolate: The name of the function that stores a copy wherever a certain object is to be stored.
        held: All that is to be stored.
    """

    known: Writes[str]
    isolate: Calls[str]
    held: Holds[tuple[Held, ...]]


AliasCheck = Isolate | IsolateAny
"""Whether somebody gets the same object that is to be stored, which is copied then."""


class Call(Part):
    """Call a node.

    Args:
        place: The node.
        function: The name of what is called; the sign of an operator, where it is one.
        positional: Its positional arguments.
        named: Its keyword arguments.
        omitted: The names of those that are left out where there is no event.
        output: Where the result goes.
        awaited: Whether the result is awaited.
        stored_in: The carried assets that the result is stored in, by the names in the code that hold their objects.
        keeps: The name of the node, if its result depends on the order of its calls; else None.
        is_operator: Whether it is the function of an operator.
        timeout: How long it may take before it is cancelled, as the file says it; None for any time.
    """

    place: Place
    function: Calls[str]
    positional: Reads[tuple[Expression, ...]] = ()
    named: Reads[tuple[Keyword, ...]] = ()
    omitted: frozenset[str] = frozenset()
    output: Writes[Output] = NO_OUTPUT
    awaited: bool = False
    stored_in: frozenset[str] = frozenset()
    keeps: Keeps[str | None] = None
    is_operator: bool = False
    timeout: str | None = None


class Paced(Part):
    """Wait until a node that has a `rate` may be called again, and call it.

    Args:
        place: The node.
        rate: The name of what says how long to wait.
        steps: The call, and what belongs to it.
    """

    place: Place
    rate: Calls[str]
    steps: Holds[tuple[Step, ...]]


class Retry(Part):
    """Call a node that has a `retry`, and call it again if that fails.

    Args:
        place: The node.
        policy: The name of what says whether it is called again, and after how long.
        steps: A try: the call, and what belongs to it.
    """

    place: Place
    policy: Calls[str]
    steps: Holds[tuple[Step, ...]]


class When(Part):
    """Do something if values are there.

    Args:
        place: Who needs them.
        needs: The values.
        steps: What is done.
        silent: What is set to `NoEvent` if one of them is not there.
    """

    place: Place
    needs: Reads[tuple[Variable, ...]]
    steps: Holds[tuple[Step, ...]]
    silent: Writes[tuple[Variable, ...]] = ()


class Together(Part):
    """Start coroutine nodes in order and await them together.

    Args:
        place: The first of them.
        calls: What is done for each, which ends in its call; none of them needs what another gives.
    """

    place: Place
    calls: Holds[tuple[Step, ...]]


class Scoped(Part):
    """Do something while assets live: those of an epoch, or those that a node takes for one call.

    Args:
        place: The epoch's first asset, or the node that takes them.
        assets: The assets.
        steps: What is done.
    """

    place: Place
    assets: Holds[tuple[OpenAsset, ...]]
    steps: Holds[tuple[Step, ...]]


class TakeOut(Part):
    """Take the value out of an event that a node has made itself, if what it has emitted is one.

    Args:
        place: The node.
        node: Its name in its tube.
        value: What it has emitted.
        epoch: The epoch.
        target: What gets the epoch of the event; None if nobody wants it.
    """

    place: Place
    node: str
    value: Changes[Variable]
    epoch: Reads[CurrentEpoch]
    target: Writes[Variable | None]


class Record(Part):
    """Make the event of a value that was emitted.

    Args:
        place: Who emitted it.
        node: The node's name in its tube; `input` or `assets` for theirs.
        signal: The signal's name.
        epoch: The epoch; the name of what holds it, if the node may have made the event itself.
        value: The value.
        target: What gets the event; None if only the callbacks do.
        notify: Whether the callbacks get it.
        ids: What counts the events of the run.
    """

    place: Place
    node: str
    signal: str
    epoch: Reads[CurrentEpoch | Variable]
    value: Reads[Variable]
    target: Writes[Variable | None]
    notify: bool
    ids: Keeps[str] = EVENT_IDS


class Show(Part):
    """Keep a value where who watches the run finds it, and count it.

    Args:
        place: Who emitted it, or brought it.
        value: The value.
        last: What keeps it.
        count: What counts the values.
    """

    place: Place
    value: Reads[Variable]
    last: Keeps[str]
    count: Keeps[str]


class Store(Part):
    """Keep a signal's value for the asset it is stored in; the asset gets it when the epoch has succeeded.

    Args:
        place: The storing node.
        value: The signal.
        pending: What holds it until then.
        otherwise: What it is if there is no event: where it may come several times, what it was; the last one holds.
    """

    place: Place
    value: Reads[Variable]
    otherwise: Reads[Variable | None]
    pending: Writes[Variable]


class TakeItems(Part):
    """Read the iterable that a map is given, completely, before its loop begins.

    Args:
        place: The map.
        value: The iterable.
        items: What gets the items: none if there is no iterable.
        number: What gets their number, if something reads it; no event if there is none.
    """

    place: Place
    value: Reads[Variable]
    items: Writes[Variable]
    number: Writes[Variable | None]


class Items(NamedTuple):
    """The items of a map.

    Args:
        items: What holds them.
        beside: Lists with a value for each item, which an earlier loop over the same items has made.
    """

    items: Variable
    beside: tuple[Variable, ...] = ()

    @property
    def names(self) -> tuple[str, ...]:
        """The names of the values that are read with it."""
        return (self.items.name, *(variable.name for variable in self.beside))


class Drawn(NamedTuple):
    """The values of a source that ends its tube: an epoch for each.

    Args:
        draw: How it is drawn from.
    """

    draw: Draw

    @property
    def names(self) -> tuple[str, ...]:
        """The names of the values that are read with it."""
        return (self.draw.source,)


class Records(NamedTuple):
    """The records of a run: an epoch for each."""

    names: tuple[str, ...] = ()


class Times(NamedTuple):
    """So many epochs, or epochs without end."""

    names: tuple[str, ...] = ()


class For(Part):
    """Do something for each of several: for the items of a map, or for the epochs of a run.

    Args:
        place: The map, or the source; None for epochs that come from neither.
        over: What there are several of.
        targets: What gets each, and the values beside it; None for what nothing reads.
        number: What counts them, from 0; None if nothing asks for that.
        steps: What is done.
        shortened: The items of a map that a later loop goes through, too: where a node ends its tube in this one, they
            become those that were begun. None for all others.
        at_once: For how many items it may be done at the same time, where nothing in it keeps them in order, and what
            is awaited, or who else works at them, makes use of it; None if it is done for one after the other.
    """

    place: Place | None
    over: Reads[Items | Drawn | Records | Times]
    targets: Writes[tuple[Variable | None, ...]]
    number: Writes[str | None]
    steps: Holds[tuple[Step, ...]]
    shortened: Changes[Variable | None] = None
    at_once: int | None = None

    @property
    def lists(self) -> tuple[str, ...]:
        """The names of the lists, made before it, in which something is collected of each."""
        parts = list(self.walk())
        own = {part.target.name for part in parts if isinstance(part, NewList)}
        targets = dict.fromkeys(part.target.name for part in parts if isinstance(part, Append))
        return tuple(name for name in targets if name not in own)


class NewList(Part):
    """Begin to collect values."""

    place: Place
    target: Writes[Variable]


class Append(Part):
    """Collect a value.

    Args:
        place: Who emitted it.
        value: The value.
        target: The list.
        flatten: Whether it has to be something whose items can be joined with those of others.
    """

    place: Place
    value: Reads[Variable]
    target: Changes[Variable]
    flatten: bool = False


class Collected(Part):
    """Emit a list in which values were collected.

    Args:
        place: The node that emits it.
        values: The list.
        items: The items of the map whose loop has collected it: it is emitted if there were any. None if it is emitted
            when anything was collected.
        target: What gets it.
        flatten: Whether what is in it is joined, one level.
    """

    place: Place
    values: Reads[Variable]
    items: Reads[Variable | None]
    target: Writes[Variable]
    flatten: bool = False


class Push(Part):
    """Collect a value over epochs, and emit groups.

    Args:
        place: The `gather` node.
        kept: The list of what is not yet full; it is state.
        value: The value; None if it never comes.
        number: How many make a group; None with a trigger.
        trigger: What makes it emit; None with a number.
        target: What gets the group; None if nothing reads it.
        flatten: Whether what is in it is joined, one level.
        flush: Whether it emits whatever it has, since its last epoch has come.
    """

    place: Place
    kept: Keeps[str]
    value: Reads[Variable | None]
    number: Reads[Expression | None]
    trigger: Reads[Variable | None]
    target: Writes[Variable | None]
    flatten: bool = False
    flush: bool = False


class Return(Part):
    """Say what the epoch returns.

    Args:
        place: The node.
        keys: The keys of the dict; None for a list or a single value.
        values: What it is made of.
        target: What gets it.
        single: Whether it is the one value itself.
    """

    place: Place
    keys: tuple[str, ...] | None
    values: Reads[tuple[Variable, ...]]
    target: Writes[Variable]
    single: bool = False


class Inline(Part):
    """Make an epoch of a nested tube: the turn of the node that it is.

    Args:
        place: The node.
        assets: The node-scoped assets that it takes. They are not made once the tube has ended.
        body: The epoch.
        results: Which value of the body each of its signals is; None for one that it never emits.
        outputs: What gets each.
        drawn: Whether its sources are drawn with those of the tube around it, by a `DrawNested`.
        around: The name of what says that the tube around it has ended; None if that does not end with this one.
    """

    place: Place
    assets: Holds[tuple[OpenAsset, ...]]
    body: Holds[Body]
    results: Reads[tuple[Variable | None, ...]]
    outputs: Writes[tuple[Variable, ...]]
    drawn: bool
    around: Keeps[str | None]


class Carried(Part):
    """Store what an epoch has made for the next, in an asset that is carried: done when the epoch has succeeded.

    Args:
        asset: The asset.
        current: The name of what its readers get, which is what the epoch before has stored.
        stored_at: The name of what holds the number of the epoch in which that was stored.
        pending: What is stored next; None if the node that stores it does not run.
        kept: For a nested tube: what holds the stored value too, until the epochs of the tubes around it have ended.
    """

    asset: str
    current: Keeps[str]
    stored_at: Keeps[str]
    pending: Reads[Variable | None]
    kept: Writes[tuple[Variable, ...]] = ()


class Body(Part):
    """What happens in an epoch of a tube, in order.

    Args:
        tube: The name of the node that the tube is; empty for the tube that is run.
        counter: What counts the epochs.
        over: The name of what says that the tube has ended.
        can_end: Whether the tube can have ended when its epoch would begin.
        ends_within: Whether that can be only in one way: the tube is nested and called several times in an epoch of the
            tube around it, and one of its nodes has ended it in an earlier call.
        inputs: The inputs that are taken.
        begin: Values that something may read before they are written: they are `NoEvent` from the beginning.
        lookup: All that is to be stored, if objects are looked up in it.
        draws: The sources that are drawn.
        steps: What happens after that.
        carried: What is carried into the next epoch.
        result: What the epoch returns; None without a `return` node, or if it never returns anything.
    """

    tube: str
    counter: Keeps[str]
    over: Keeps[str]
    can_end: bool
    ends_within: bool = False
    inputs: Holds[tuple[TakeInput, ...]] = ()
    begin: Writes[tuple[Variable, ...]] = ()
    lookup: Holds[Lookup | None] = None
    draws: Holds[tuple[Draw | DrawNested, ...]] = ()
    steps: Holds[tuple[Step, ...]] = ()
    carried: Holds[tuple[Carried, ...]] = ()
    result: Reads[Variable | None] = None

    @property
    def place(self) -> None:
        """An epoch is about the tube as a whole."""


class DrawNested(Part):
    """Draw the sources of a tube that is a node and takes nothing, with those of the tube around it.

    Args:
        place: The node.
        counter: What counts its epochs.
        over: What says that it has ended.
        draws: Its sources.
        ends_tube: Whether the tube around it is over when it ends, whatever the other sources do.
    """

    place: Place
    counter: Keeps[str]
    over: Keeps[str]
    draws: Holds[tuple[Draw | DrawNested, ...]]
    ends_tube: bool


Step = (
    Draw
    | Isolate
    | IsolateAny
    | When
    | Retry
    | Paced
    | Scoped
    | Call
    | Together
    | TakeOut
    | Record
    | Show
    | Store
    | TakeItems
    | For
    | NewList
    | Append
    | Collected
    | Push
    | Return
    | Inline
    | Body
)
