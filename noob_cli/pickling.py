"""Pickles that can be made again, also where Distributed is imported.

It has another package, tblib, pickle all errors of the classes that there are, with their tracebacks. Groups of errors
whose class makes them in a way of its own can't be made again of that; as their class says, they can.
"""

from __future__ import annotations

import copyreg
import pickle
import sys
from collections.abc import Callable
from io import BytesIO
from pickle import PickleBuffer, Pickler
from typing import Any, Final

TBLIB: Final = "tblib.pickling_support"
"""What pickles errors otherwise."""

_MAKE_GROUPS: Final = (BaseExceptionGroup.__new__, ExceptionGroup.__new__)


class _Reducers(dict[type, Any]):
    """What pickles the instances of a class, if it isn't the class itself; nothing is kept, since it may change."""

    def __missing__(self, kind: type) -> Any:
        reducer = copyreg.dispatch_table[kind]
        is_tblib = getattr(reducer, "__module__", None) == TBLIB
        if is_tblib and issubclass(kind, BaseExceptionGroup) and kind.__new__ not in _MAKE_GROUPS:
            raise KeyError(kind)
        return reducer


def pickles_groups_again(pickler: Pickler) -> None:
    """Let what pickles values pickle such groups as their classes say, where others would see to that.

    Args:
        pickler: Has pickled nothing yet.
    """
    if TBLIB in sys.modules:
        pickler.dispatch_table = _Reducers()


def pickled(
    value: object, protocol: int | None = None, buffer_callback: Callable[[PickleBuffer], Any] | None = None
) -> bytes:
    """The pickle of a value.

    Args:
        value: The value.
        protocol: The form; that of this Python, if nothing is said.
        buffer_callback: Called with each buffer that isn't written into it.

    Raises:
        Exception: It can't be pickled.
    """
    if TBLIB not in sys.modules:
        return pickle.dumps(value, protocol, buffer_callback=buffer_callback)
    file = BytesIO()
    pickler = Pickler(file, protocol, buffer_callback=buffer_callback)
    pickles_groups_again(pickler)
    pickler.dump(value)
    return file.getvalue()
