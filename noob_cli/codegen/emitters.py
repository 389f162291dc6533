"""What emits the Python of the steps of each kind."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from noob_cli.codegen.calls import emit_call, emit_record, emit_return, emit_show, emit_store, emit_taken_out, emit_when
from noob_cli.codegen.collecting import (
    emit_append,
    emit_collected,
    emit_items_taken,
    emit_loop,
    emit_new_list,
    emit_push,
)
from noob_cli.codegen.coroutines import emit_together
from noob_cli.codegen.emission import Emitter
from noob_cli.codegen.isolation import emit_isolate, emit_isolate_any
from noob_cli.codegen.retries import emit_paced, emit_retry
from noob_cli.codegen.scopes import emit_scoped
from noob_cli.codegen.tubes import emit_inline
from noob_cli.plan.part import Part
from noob_cli.plan.steps import (
    Append,
    Call,
    Collected,
    For,
    Inline,
    Isolate,
    IsolateAny,
    NewList,
    Paced,
    Push,
    Record,
    Retry,
    Return,
    Scoped,
    Show,
    Store,
    TakeItems,
    TakeOut,
    Together,
    When,
)

EMITTERS: Mapping[type[Part], Emitter] = MappingProxyType(
    {
        Append: emit_append,
        Call: emit_call,
        Collected: emit_collected,
        For: emit_loop,
        Inline: emit_inline,
        Isolate: emit_isolate,
        IsolateAny: emit_isolate_any,
        NewList: emit_new_list,
        Paced: emit_paced,
        Push: emit_push,
        Record: emit_record,
        Retry: emit_retry,
        Return: emit_return,
        Scoped: emit_scoped,
        Show: emit_show,
        Store: emit_store,
        TakeItems: emit_items_taken,
        TakeOut: emit_taken_out,
        Together: emit_together,
        When: emit_when,
    }
)
"""By the kind of step."""
