"""Work that takes long, in a thread beside the event loop."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from concurrent.futures import Future
from contextvars import copy_context


async def in_thread(work: Callable[[], object]) -> None:
    """Do something in a thread that keeps neither the loop nor, unlike `asyncio.to_thread`, the process from ending.

    Args:
        work: It sees the context variables of who asks for it.
    """
    done: Future[None] = Future()
    done.set_running_or_notify_cancel()

    def run() -> None:
        try:
            work()
        except BaseException as error:
            done.set_exception(error)
        else:
            done.set_result(None)

    threading.Thread(target=copy_context().run, args=(run,), daemon=True).start()
    await asyncio.wrap_future(done)
