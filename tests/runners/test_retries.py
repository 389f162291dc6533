"""A call that fails is made again: when, how often, after how long, and what is known of it afterwards."""

from __future__ import annotations

import random
import signal
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from noob_cli import AsyncRunner, NoobError, ParallelRunner, SynchronousRunner
from noob_cli.plan.plan import RetryOf
from noob_cli.runners.retry_policy import RetryPolicy
from tests.runners.tubes import Tubes

TUBES = Tubes(__name__)

TRIED = """
    nodes:
      n: {type: itertools.count}
      x: {type: my.CALLED, depends: [n.value], retry: {times: 2, wait: 0s}}
      return: {type: return, depends: x.value}
    """

TRIES: dict[Any, int] = {}


@pytest.fixture(autouse=True)
def _forget() -> None:
    TRIES.clear()


def third(value: int) -> int:
    """Succeeds the third time."""
    TRIES[value] = TRIES.get(value, 0) + 1
    if TRIES[value] < 3:
        raise OSError(f"try {TRIES[value]}")
    return value


async def third_later(value: int) -> int:
    return third(value)


def never(value: int) -> int:
    TRIES[value] = TRIES.get(value, 0) + 1
    raise OSError("never")


@contextmanager
def made() -> Iterator[str]:
    yield "made"


def third_with(value: int, asset: str) -> int:
    return third(value)


def interrupted(value: int) -> int:
    TRIES[value] = TRIES.get(value, 0) + 1
    raise KeyboardInterrupt


def own(value: int) -> int:
    TRIES[value] = TRIES.get(value, 0) + 1
    raise NoobError("it is wired wrongly")


ALWAYS_THE_SAME = OSError("always the same")


def the_same(value: int) -> int:
    raise ALWAYS_THE_SAME


def runner(called: str, **options: Any) -> SynchronousRunner:
    return SynchronousRunner(TUBES.tube(TRIED.replace("CALLED", called)), **options)


class TestHowOften:
    def test_until_it_succeeds(self) -> None:
        assert runner("third").run(2) == [0, 1]
        assert TRIES == {0: 3, 1: 3}

    def test_or_as_often_as_the_file_says(self) -> None:
        with pytest.raises(OSError, match="never") as caught:
            runner("never").run(1)

        assert TRIES == {0: 3}
        assert caught.value.__notes__[0] == "tried 3 times"

    def test_it_is_said_once_of_an_error_that_comes_again(self) -> None:
        one = runner("the_same")
        for _ in range(2):
            with pytest.raises(OSError, match="the same"):
                one.process()

        assert ALWAYS_THE_SAME.__notes__.count("tried 3 times") == 1

    @pytest.mark.parametrize(("called", "error"), [("interrupted", KeyboardInterrupt), ("own", NoobError)])
    def test_never_with_what_is_no_failure_of_the_call(self, called: str, error: type[BaseException]) -> None:
        with pytest.raises(error) as caught:
            runner(called).run(1)

        assert TRIES == {0: 1}
        assert "tried" not in str(getattr(caught.value, "__notes__", []))

    @pytest.mark.parametrize("on", ["threads", "async"])
    def test_so_do_parallel_runners(self, on: str) -> None:
        tube = TUBES.tube(TRIED.replace("CALLED", "third_later" if on == "async" else "third"))
        assert list(ParallelRunner(tube, on=on, warn=pytest.fail).iter(20)) == [*range(20)]
        assert set(TRIES.values()) == {3}

    async def in_a_loop(self) -> list[int]:
        async with AsyncRunner(TUBES.tube(TRIED.replace("CALLED", "third"))) as one:
            return await one.run(2)

    def test_so_does_the_runner_in_an_event_loop(self) -> None:
        import asyncio

        assert asyncio.run(self.in_a_loop()) == [0, 1]


class TestWhatIsKnownOfIt:
    def test_nothing_has_failed_if_it_succeeds(self) -> None:
        text = TRIED.replace("CALLED", "third_with").replace("[n.value]", "[n.value, assets.a]")
        tube = TUBES.tube("    assets: {a: {type: my.made, scope: node}}\n" + text.lstrip("\n"))
        one = SynchronousRunner(tube)

        assert one.run(1) == [0]
        assert (one.failure, one.failures) == (None, [])

    def test_each_try_is_told_to_who_wants_to_know(self) -> None:
        said: list[str] = []
        runner("third", log=said.append).run(1)

        assert [text for text in said if "failed" in text] == [
            "the node 'x' has failed, try 1 of 3: OSError: try 1",
            "the node 'x' has failed, try 2 of 3: OSError: try 2",
        ]

    def test_calls_count_that_are_made_again(self) -> None:
        one = runner("third", timing=True)
        one.run(2)

        timer = one.timers["x"]
        assert (timer.calls, timer.failed, timer.retried, timer.events) == (6, 4, 4, 2)

    def test_and_those_that_fail_for_good(self) -> None:
        one = runner("never", timing=True)
        with pytest.raises(OSError, match="never"):
            one.run(1)

        timer = one.timers["x"]
        assert (timer.calls, timer.failed, timer.retried) == (3, 3, 2)


class TestHowLongItWaits:
    @staticmethod
    def policy(wait: float, backoff: float) -> RetryPolicy:
        return RetryPolicy(RetryOf("x", 9, wait, backoff, ("Exception",)), [Exception])

    @pytest.mark.parametrize(("attempt", "longest"), [(1, 10.0), (2, 30.0), (3, 90.0)])
    def test_chance_takes_up_to_half_of_a_wait_off(self, attempt: int, longest: float) -> None:
        waits = [self.policy(10, 3).wait(attempt) for _ in range(200)]

        assert longest / 2 <= min(waits) < longest * 0.6
        assert longest * 0.9 < max(waits) <= longest

    def test_waits_grow_to_an_hour(self) -> None:
        assert {self.policy(1, 10).wait(attempt) <= 3600 for attempt in (5, 50, 500, 5000)} == {True}
        assert self.policy(1, 10).wait(5000) >= 1800
        assert self.policy(7200, 2).wait(3) >= 3600

    def test_the_numbers_that_python_gives_by_chance_stay_the_same(self) -> None:
        random.seed(1)
        expected = random.random()
        random.seed(1)
        self.policy(1, 2).wait(1)
        assert random.random() == expected

    @pytest.mark.parametrize("called", ["never", "third_later"])
    def test_who_interrupts_it_does_not_wait(self, called: str, monkeypatch: pytest.MonkeyPatch) -> None:
        tube = TUBES.tube(TRIED.replace("CALLED", called).replace("wait: 0s", "wait: 1h"))
        began = threading.Event()
        one = SynchronousRunner(tube, log=lambda text: began.set() if "try 1" in text else None)

        def interrupt() -> None:
            began.wait()
            time.sleep(0.05)
            signal.pthread_kill(threading.main_thread().ident or 0, signal.SIGINT)

        thread = threading.Thread(target=interrupt)
        thread.start()
        with pytest.raises(KeyboardInterrupt):
            one.run(1)
        thread.join()
        assert TRIES == {0: 1}


class TestWhatCostsNothing:
    def test_what_is_not_used_is_not_in_the_code(self) -> None:
        from noob_cli.codegen.epochs import compile_form
        from noob_cli.codegen.forms import Form
        from noob_cli.plan.lowering.lowering import lower

        plain = TUBES.tube(TRIED.replace("CALLED", "third").replace(", retry: {times: 2, wait: 0s}", ""))
        code = str(compile_form(lower(plain, set()), Form.run))
        assert not any(name in code for name in ("again", "attempt", "pause", "within"))
