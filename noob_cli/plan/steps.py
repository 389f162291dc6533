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
    """What is to be stored from a signal when the epoch has succeeded, or has been, by a nested tube in the epoch.

    Args:
        asset: The first asset that it is stored in, with the names of the nodes around its tube.
        signal: The signal, likewise.
        node: The node that stores it, or those of the nested tube in which that is done.
        variables: What holds it, for all assets that it is stored in: the first only if it has been stored in this
            epoch, the others what else has to be told if it is another object.
    """

    asset: str
    signal: str
    node: str
    variables: Changes[tuple[Variable, ...]] = ()


class Received(NamedTuple):
    """What somebody gets who may get what is to be stored.

    Args:
        receiver: Who gets it, in words; None for the source that has made it and may fill it again.
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
    """Copy what is to be stored from a signal if the same object also goes to a node that runs later.

    Args:
        place: Who gets the same object.
        held: What is to be stored.
        received: What that gets.
    """

    place: Place
    held: Holds[Held]
    received: Reads[Received]


class IsolateAny(Part):
    """The same for all that is to be stored in the assets of a tube, if the object is found among it.

    Args:
        place: Who gets the same object.
        known: What holds the identities of what is to be stored.
        isolate: What copies all that is to be stored and is a certain object.
        node: The node, or the nodes of a nested tube, whose own storing does not count; None if all does.
        received: What that gets.
    """

    place: Place
    known: Reads[str]
    isolate: Calls[str]
    node: str | None
    received: Reads[Received]


class Lookup(Part):
    """What is to be stored in the assets of a tube, where it is looked up by its identity.

    Args:
        known: What holds the identities.
        isolate: What copies all that is a certain object.
        held: All of it.
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
        stored_in: The carried assets that the result is stored in, by the names that their readers take them by.
        keeps: What it keeps from one call to the next: the node, if its result depends on the order of its calls.
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
    """Do what a call of a node is made of when it may be called again, by its rate.

    Args:
        place: The node.
        rate: The name of what says how long that is.
        steps: What is done.
    """

    place: Place
    rate: Calls[str]
    steps: Holds[tuple[Step, ...]]


class Retry(Part):
    """Do what a call of a node is made of, again if that fails.

    Args:
        place: The node.
        policy: The name of what says whether it is done again, and after how long.
        steps: What is done.
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
        silent: What gets no event if one of them is not there.
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
    """The turn of a map: read its iterable completely.

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
        beside: Lists that an earlier pass has left, with a value for each item.
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
        at_once: For how many items it may be done at the same time, where nothing in it keeps them in order, and what
            is awaited, or who else works at them, makes use of it; None if it is done for one after the other.
    """

    place: Place | None
    over: Reads[Items | Drawn | Records | Times]
    targets: Writes[tuple[Variable | None, ...]]
    number: Writes[str | None]
    steps: Holds[tuple[Step, ...]]
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
    """What was collected, as an event.

    Args:
        place: The node that it is emitted by.
        values: The list.
        items: The items of the map that was gone through; the event is there if there were any. None: it is there if
            anything was collected.
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
    """Have the turn of a tube that is a node of another.

    Args:
        place: The node.
        assets: What it takes for the call, which is not made if it has ended.
        body: What happens in a call.
        results: Which value of the body each of its signals is; None for one that it never emits.
        outputs: What gets each.
        drawn: Whether its sources are drawn with those of the tube around it, by a `DrawNested`.
        around: What says that the tube around it has ended; None if that doesn't end with this one.
    """

    place: Place
    assets: Holds[tuple[OpenAsset, ...]]
    body: Holds[Body]
    results: Reads[tuple[Variable | None, ...]]
    outputs: Writes[tuple[Variable, ...]]
    drawn: bool
    around: Keeps[str | None]


class Carried(Part):
    """An asset that is carried from one epoch into the next.

    Args:
        asset: Its name.
        current: What its readers get.
        stored_at: What holds the epoch in which it was stored.
        pending: What is to be stored; None if the storing node does not run.
        kept: What holds, for the tubes around it, what has been stored in their epochs.
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
        over: What says that the tube has ended.
        can_end: Whether it can end.
        ends_within: Whether it can be over only since one of its nodes has ended it, in an epoch in which it is called
            again.
        inputs: The inputs that are taken.
        begin: Values that there are none of yet.
        lookup: What is to be stored, if somebody looks up whether a value is among it.
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
