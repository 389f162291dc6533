"""A Dask cluster: the connection to one, or one in this process, and who is there."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import Any, Final

import dask
from distributed import Client, Scheduler, Worker

from noob_cli.errors import ClusterError
from noob_cli.raised import describe
from noob_cli.runners.crews import dask_worker as there

_SECONDS_TO_CONNECT: Final = 10
"""How long a scheduler, and the first worker, may take to be there."""

_SECONDS_WITHOUT_WORKERS: Final = 30
"""How long all workers may be away in the middle of a run."""

_SECONDS_TO_LEAVE: Final = 2.0
"""How long it may take to say goodbye."""

_LEVELS: Final = {"distributed": logging.ERROR, "distributed.client": logging.CRITICAL}
"""From which levels on Dask's loggers tell of what happens: what a run comes to, it says itself."""


class Cluster:
    """The connection to a Dask cluster.

    Args:
        scheduler: The address of its scheduler; None for a cluster in this process, which nobody else reaches.
        threads: How many threads the worker of such a cluster has.
    """

    def __init__(self, scheduler: str | None, threads: int | None) -> None:
        self._scheduler = scheduler
        self._threads = threads
        self._own: list[Scheduler | Worker] = []
        """The cluster, if it is in this process."""
        self._client: Any = None
        self._watch: asyncio.Task[None] | None = None
        self._levels: dict[str, int] = {}
        """From which levels on loggers have told of what happens."""
        self.lost: ClusterError | None = None
        """Why nothing can be done there any more."""

    @property
    def is_connected(self) -> bool:
        """Whether it has been found, and can be worked with."""
        return self._watch is not None and self.lost is None

    async def connect(self, is_wanted: Callable[[], object], on_change: Callable[[int], object]) -> None:
        """Find the cluster, and see whether it can be worked with.

        Args:
            is_wanted: Says whether something waits for workers.
            on_change: Told now and then how many threads the workers have together; and when the cluster is lost.

        Raises:
            ClusterError: It can't be found, has no workers, or others than this can work with.
        """
        for name, level in _LEVELS.items():
            self._levels[name] = logging.getLogger(name).level
            logging.getLogger(name).setLevel(level)
        address = self._scheduler or await self._started()
        try:
            self._client = client = Client(
                address, asynchronous=True, set_as_default=False, timeout=_SECONDS_TO_CONNECT
            )
            await client
        except (OSError, ValueError, TypeError, RuntimeError) as error:
            raise ClusterError(
                f"no Dask scheduler can be reached at '{address}' ({describe(error)}): start one with 'dask "
                "scheduler', and give its address, as 'tcp://HOST:8786'"
            ) from error
        try:
            await client.wait_for_workers(1, timeout=_SECONDS_TO_CONNECT)
        except TimeoutError:
            raise ClusterError(
                f"the Dask scheduler at {address} has no workers: start some with 'dask worker {address}'"
            ) from None
        await self._refuse_others()
        on_change(sum((await client.nthreads()).values()))
        self._watch = asyncio.create_task(self._look_after(is_wanted, on_change))

    async def _started(self) -> str:
        """Start a cluster in this process. Nothing of it listens to anybody else."""
        # What looks after its memory would look after that of the whole process.
        options: dict[str, Any] = {"protocol": "inproc", "dashboard": False, "dashboard_address": "127.0.0.1:0"}
        scheduler = Scheduler(**options)
        self._own.append(await scheduler)
        with dask.config.set({"distributed.worker.profile.enabled": False}):
            worker = Worker(scheduler.address, nthreads=self._threads, memory_limit=0, **options)
        self._own.append(await worker)
        for server in self._own:
            server.http_server.stop()
        return str(scheduler.address)

    async def _refuse_others(self) -> None:
        """Refuse workers that would understand something else than what is said here."""
        here = there.versions()
        for address, versions in (await self.on_all(there.versions, on_error="return")).items():
            if isinstance(versions, BaseException):
                what = "the same noob-cli has to be installed there as here"
                raise ClusterError(f"the worker at {address} can't begin ({describe(versions)}): {what}") from versions
            if tuple(versions) != here:
                names = " and ".join(f"{name} {{}}" for name in ("Python", "noob-cli"))
                raise ClusterError(
                    f"the worker at {address} has {names.format(*versions)}, and here that is {names.format(*here)}: "
                    "they have to be the same"
                )

    async def _look_after(self, is_wanted: Callable[[], object], on_change: Callable[[int], object]) -> None:
        """See who is there."""
        alone = 0
        while self.lost is None:
            await asyncio.sleep(1)
            try:
                threads = sum((await asyncio.wait_for(self._client.nthreads(), _SECONDS_TO_CONNECT)).values())
            except (OSError, TimeoutError, AttributeError) as error:
                self.lose(f"the connection to the Dask scheduler at {self._scheduler} is lost ({describe(error)})")
                threads = 0
            alone = 0 if threads else alone + 1
            if alone >= _SECONDS_WITHOUT_WORKERS and is_wanted():
                self.lose(f"the Dask scheduler at {self._scheduler} has had no workers for {alone} seconds")
            on_change(threads)

    def lose(self, message: str) -> None:
        """Nothing can be done there any more.

        Args:
            message: Why nothing can be done any more.
        """
        self.lost = self.lost or ClusterError(message, is_lost=True)

    async def held(self, name: str) -> Any:
        """What is there until this is forgotten, or this process is gone, under a name."""
        return self._client.submit(there.held, key=name, pure=False)

    async def install(self, plugin: there.OnWorker, name: str) -> None:
        """Have all workers, also those to come, get ready for something.

        Args:
            plugin: Does so.
            name: What it is known by.
        """
        await self._client.register_plugin(plugin, name=name)

    async def uninstall(self, name: str) -> None:
        """Have all workers forget it."""
        await self._client.unregister_worker_plugin(name)

    async def on_all(
        self, function: Callable[..., Any], *arguments: Any, on_error: str = "ignore"
    ) -> Mapping[str, Any]:
        """Call a function on all workers; what it gives, by their addresses.

        Args:
            function: The function.
            arguments: What it gets.
            on_error: Whether an error is given back (`return`) or left out (`ignore`).
        """
        answers: Mapping[str, Any] = await self._client.run(function, *arguments, on_error=on_error)
        return answers

    async def result(self, key: str, where: str | None, function: Callable[..., Any], *arguments: Any) -> Any:
        """What a task gives.

        Args:
            key: What it is known by.
            where: The address of the worker that is to do it if it is still there; None for any.
            function: Does it.
            arguments: What that gets.
        """
        # It knows better than to warn of a single argument that is large.
        with dask.config.set({"distributed.admin.large-graph-warning-threshold": "1 TB"}):
            future = self._client.submit(
                function, *arguments, key=key, pure=False, workers=where, allow_other_workers=where is not None
            )
        waiting = asyncio.ensure_future(future.result())
        waiting.add_done_callback(_heard)
        try:
            # What has been done for several is fetched together, and whose waiting is cancelled would take it from all.
            return await asyncio.shield(waiting)
        except asyncio.CancelledError:
            future.release()
            raise

    async def close(self) -> None:
        """Leave the cluster; end it, if it is in this process."""
        if self._watch is not None:
            self._watch.cancel()
        if self._client is not None:
            with suppress(OSError):
                await self._client.close(timeout=_SECONDS_TO_LEAVE)
        for server in reversed(self._own):
            await server.close()
        for name, level in self._levels.items():
            logging.getLogger(name).setLevel(level)


def _heard(waiting: asyncio.Future[Any]) -> None:
    """Let nobody complain that nobody has heard how something ended that nobody waits for any more."""
    if not waiting.cancelled():
        waiting.exception()
