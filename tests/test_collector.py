"""Garbage is not looked for while something large is built, and as before after that."""

from __future__ import annotations

import gc

import pytest

from noob_cli.collector import not_looked_for


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
