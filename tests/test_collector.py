"""Garbage is not looked for while something large is built, and as before after that."""

from __future__ import annotations

import gc
import weakref

import pytest

from noob_cli.collector import looked_for_later, not_looked_for


def test_it_is_looked_for_again_also_behind_an_error():
    assert gc.isenabled()
    with pytest.raises(KeyError), not_looked_for():
        assert_disabled_and_fail()
    assert gc.isenabled()


def assert_disabled_and_fail():
    assert not gc.isenabled()
    raise KeyError


def test_who_has_switched_it_off_finds_it_so():
    gc.disable()
    try:
        with not_looked_for():
            assert not gc.isenabled()
        assert not gc.isenabled()
    finally:
        gc.enable()


class Circle:
    def __init__(self) -> None:
        self.around = self


def test_what_lasts_is_looked_into_seldom(monkeypatch):
    monkeypatch.setattr("noob_cli.collector._set_aside", 0)
    monkeypatch.setattr("noob_cli.collector._OFTEN", 3)
    frozen = gc.get_freeze_count()
    try:
        with looked_for_later():
            gone = weakref.ref(Circle())
        with looked_for_later():
            pass
        gc.collect()
        assert gc.isenabled()
        assert gc.get_freeze_count() > frozen
        assert gone() is not None
        with looked_for_later():
            pass
        assert gone() is None
    finally:
        gc.unfreeze()
