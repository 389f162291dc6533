"""`Epoch`: an int that also says which items of maps are under way."""

from __future__ import annotations

import copy
import json
import pickle

import numpy
import pytest
from pydantic import BaseModel, TypeAdapter

from noob_cli import Epoch

EPOCH = Epoch(3)
ITEM = EPOCH / ("letters", 2)
INNER = ITEM / ("inner", 1)


def test_what_it_is_made_of():
    assert (EPOCH.root, EPOCH.parent, EPOCH.parents, EPOCH.leaf, EPOCH.is_root) == (3, None, [], None, True)
    assert (INNER.root, INNER.parent, INNER.leaf, INNER.is_root) == (3, ITEM, ("inner", 1), False)
    assert INNER.parents == [ITEM, EPOCH]
    assert INNER.root_epoch == EPOCH
    assert [len(each) for each in (EPOCH, ITEM, INNER)] == [1, 2, 3]
    assert [INNER[at] for at in (0, 1, 2, -1)] == [("tube", 3), ("letters", 2), ("inner", 1), ("inner", 1)]
    assert Epoch(3, [("letters", 2), ("inner", 1)]) == INNER
    assert EPOCH.make_subepochs("letters", 3)[2] == ITEM
    with pytest.raises(IndexError):
        EPOCH[1]


def test_items_are_different_from_each_other_and_from_what_is_around_them():
    assert ITEM != EPOCH
    assert ITEM != EPOCH / ("letters", 1)
    assert len({EPOCH, ITEM, INNER, EPOCH / ("letters", 2)}) == 3
    assert sorted([INNER, ITEM, EPOCH, Epoch(2)]) == [Epoch(2), EPOCH, ITEM, INNER]


@pytest.mark.parametrize("epoch", [EPOCH, ITEM], ids=repr)
def test_it_is_an_int(epoch):
    assert isinstance(epoch, int)
    assert [epoch == 3, epoch != 4, epoch < 4, epoch <= 3, epoch > 2, epoch >= 3] == [True] * 6
    assert [epoch == 4, epoch != 3, epoch < 3, epoch <= 2, epoch > 3, epoch >= 4] == [False] * 6
    assert {3: "found"}[epoch] == "found"
    assert [epoch + 1, 1 + epoch, epoch - 1, epoch * 2, epoch % 2, epoch // 2, epoch / 2] == [4, 4, 2, 6, 1, 1, 1.5]
    assert f"{epoch:03d} %d" % epoch == "003 3"
    assert "abcdef"[epoch] == "d"
    assert json.dumps([epoch]) == "[3]"
    assert numpy.zeros(epoch).shape == (3,)
    assert (numpy.array([1, 2]) + epoch).tolist() == [4, 5]


def test_its_text_is_the_number_and_the_items():
    assert [str(EPOCH), repr(EPOCH), f"{EPOCH}"] == ["3"] * 3
    assert [str(ITEM), repr(ITEM), f"{ITEM}"] == ["(3, ('letters', 2))"] * 3


@pytest.mark.parametrize("epoch", [EPOCH, ITEM, INNER], ids=repr)
def test_copies_are_the_same(epoch):
    for each in (copy.copy(epoch), copy.deepcopy(epoch), pickle.loads(pickle.dumps(epoch))):
        assert (each, repr(each), type(each)) == (epoch, repr(epoch), Epoch)


def test_its_truth_is_that_of_the_number_but_a_parent_is_true():
    assert not Epoch(0)
    assert Epoch(1)
    first = Epoch(0) / ("letters", 0)
    assert (first.parent or first) == Epoch(0)
    assert (Epoch(0).parent or Epoch(0)) == Epoch(0)


def test_models_have_fields_of_it():
    class Seen(BaseModel):
        epoch: Epoch

    adapter = TypeAdapter(Epoch)
    assert type(Seen(epoch=3).epoch) is Epoch
    assert Seen(epoch=(3, ("letters", 2))).epoch == ITEM
    assert Seen(epoch=ITEM).epoch is ITEM
    assert adapter.validate_json(adapter.dump_json(INNER)) == INNER
    assert adapter.dump_json(EPOCH) == b"3"
