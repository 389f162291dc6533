"""Objects that resist being looked at: whatever they raise or pretend, they work, or there is a diagnostic."""

from __future__ import annotations

import sys
import types
from contextlib import suppress

import pytest

from noob_cli import InputError, SynchronousRunner, Tube, TubeError
from noob_cli.loading.loading import diagnostics_of
from noob_cli.specification.document import Document
from tests.nodes.resisting import RESISTING, RefusingModule

USES = {
    "a node": {"nodes": {"x": {"type": "{}"}, "r": {"type": "return", "depends": "x.value"}}},
    "a node with a param": {"nodes": {"x": {"type": "{}", "params": {"value": 2}}}},
    "a node with a slot": {
        "nodes": {"n": {"type": "itertools.count"}, "x": {"type": "{}", "depends": [{"value": "n.value"}]}}
    },
    "an asset": {
        "assets": {"x": {"type": "{}", "scope": "process"}},
        "nodes": {"y": {"type": "id", "depends": ["assets.x"]}, "r": {"type": "return", "depends": "y.value"}},
    },
    "an asset of the run": {
        "assets": {"x": {"type": "{}", "scope": "runner"}},
        "nodes": {"y": {"type": "id", "depends": ["assets.x"]}},
    },
    "the type of an input": {
        "input": {"x": {"type": "{}", "scope": "process", "default": 1}},
        "nodes": {"y": {"type": "id", "depends": ["input.x"]}},
    },
}


def filled(data, type_):
    if isinstance(data, dict):
        return {key: filled(value, type_) for key, value in data.items()}
    return type_ if data == "{}" else data


@pytest.fixture
def module(monkeypatch):
    made = types.ModuleType("resisting_code")
    vars(made).update(RESISTING)
    monkeypatch.setitem(sys.modules, "resisting_code", made)
    return made


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("use", USES)
@pytest.mark.parametrize("name", RESISTING)
def test_it_works_or_there_is_a_diagnostic(module, name, use):
    data = filled(USES[use], f"resisting_code.{name}")
    assert isinstance(diagnostics_of(Document(data)), list)
    try:
        tube = Tube.from_specification(data)
    except (TubeError, InputError) as error:
        str(error)
        return
    runner = SynchronousRunner(tube)
    with suppress(BaseException):
        runner.run(2)
        return
    # An error of the user's code, and no other: it has its place.
    assert runner.failure is not None


@pytest.mark.parametrize("name", ["meta", "members", "proxied_class", "proxied_function", "wraps_itself", "properties"])
def test_what_can_be_called_works(module, name):
    data = filled(USES["a node"], f"resisting_code.{name}")
    assert SynchronousRunner(Tube.from_specification(data)).run(2) == [1, 1]


@pytest.mark.parametrize("use", USES)
def test_a_module_that_resists(monkeypatch, use):
    monkeypatch.setitem(sys.modules, "resisting_module", RefusingModule("resisting_module"))
    data = filled(USES[use], "resisting_module.anything")
    codes = [each.code for each in diagnostics_of(Document(data))]
    # What shows an error looks at all modules.
    monkeypatch.delitem(sys.modules, "resisting_module")
    assert codes == ["I003" if "input" in USES[use] else "C002"]
