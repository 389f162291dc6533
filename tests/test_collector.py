"""Garbage is not looked for while something large is built, and as before after that."""

from __future__ import annotations

import gc
import subprocess
import sys

import pytest

from noob_cli.collector import without_collecting
from tests.patience import PATIENCE


def test_it_is_looked_for_again_also_behind_an_error():
    assert gc.isenabled()
    with pytest.raises(KeyError), without_collecting():
        assert_disabled_and_fail()
    assert gc.isenabled()


def assert_disabled_and_fail():
    assert not gc.isenabled()
    raise KeyError


def test_who_has_switched_it_off_finds_it_so():
    gc.disable()
    try:
        with without_collecting():
            assert not gc.isenabled()
        assert not gc.isenabled()
    finally:
        gc.enable()


WHAT_LASTS = """
import gc
import weakref
from noob_cli import collector

class Circle:
    def __init__(self):
        self.around = self

collector._OFTEN = 3
with collector.collecting_later():
    gone = weakref.ref(Circle())
with collector.collecting_later():
    pass
gc.collect()
assert gc.isenabled()
assert gc.get_freeze_count() > 0
assert gone() is not None
with collector.collecting_later():
    pass
assert gone() is None
"""


@pytest.mark.slow
def test_what_lasts_is_looked_into_seldom():
    # In a process of its own: all that lasts is looked into, and in that of the tests it would be so again and again.
    subprocess.run([sys.executable, "-c", WHAT_LASTS], check=True, timeout=PATIENCE)
