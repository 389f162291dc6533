"""Signals wait until what is inside is through, and have their usual effect then."""

from __future__ import annotations

import signal

import pytest

from noob_cli.held_signals import held_signals


def test_a_signal_has_its_effect_behind_what_is_inside():
    done = []

    @held_signals()
    def work():
        signal.raise_signal(signal.SIGINT)
        done.append("all")

    with pytest.raises(KeyboardInterrupt):
        work()

    assert done == ["all"]
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler


def test_one_that_is_ignored_stays_so():
    before = signal.signal(signal.SIGHUP, signal.SIG_IGN)
    try:
        with held_signals():
            assert signal.getsignal(signal.SIGHUP) is signal.SIG_IGN
            signal.raise_signal(signal.SIGHUP)
    finally:
        signal.signal(signal.SIGHUP, before)
