"""What `import noob_cli` offers: the names of section 6 of the contract, each documented with an example."""

from __future__ import annotations

import inspect

import pytest

import noob_cli

SECTION_6 = [
    "Asset",
    "AssetScope",
    "AssetSpecification",
    "Edge",
    "Epoch",
    "Event",
    "EventMap",
    "ExtraInputError",
    "InputCollection",
    "InputMissingError",
    "MetaEvent",
    "MetaSignal",
    "Name",
    "NoEvent",
    "NoEventable",
    "Node",
    "NodeSpecification",
    "RunnerContext",
    "Signal",
    "Slot",
    "SynchronousRunner",
    "Tube",
    "TubeSpecification",
    "WrapClassAsset",
    "WrapFuncAsset",
    "deinit_method",
    "get_runner",
    "init_method",
    "process_method",
    "resume_method",
]
METHODS = [
    noob_cli.Tube.from_specification,
    *(
        getattr(noob_cli.SynchronousRunner, name)
        for name in (
            "add_callback",
            "deinit",
            "disable_node",
            "enable_node",
            "init",
            "iter",
            "process",
            "run",
            "stream",
        )
    ),
]


@pytest.mark.parametrize("name", SECTION_6)
def test_the_names_of_section_6(name):
    assert name in noob_cli.__all__
    assert getattr(noob_cli, name) is not None


@pytest.mark.parametrize("name", noob_cli.__all__)
def test_every_name_can_be_imported(name):
    assert getattr(noob_cli, name) is not None


@pytest.mark.parametrize("name", [name for name in SECTION_6 if inspect.isclass(getattr(noob_cli, name))])
def test_every_class_has_an_example(name):
    assert ">>> " in (getattr(noob_cli, name).__doc__ or "")


@pytest.mark.parametrize("method", METHODS, ids=lambda method: method.__name__)
def test_every_method_has_an_example(method):
    assert ">>> " in (method.__doc__ or "")


@pytest.mark.parametrize("scope", [*noob_cli.AssetScope, *noob_cli.InputScope])
def test_a_scope_is_the_text_that_a_file_has_for_it(scope):
    assert scope == scope.value
    assert f"{scope}" == scope.value


def test_a_name_that_does_not_exist():
    with pytest.raises(AttributeError, match="no attribute 'Nothing'"):
        noob_cli.Nothing  # noqa: B018
