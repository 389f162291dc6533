"""The asset models against the API page that they were asked to implement."""

from __future__ import annotations

import copy
from contextlib import contextmanager
from typing import Any

import pytest
from pydantic import ValidationError

from noob_cli import Asset, AssetScope, AssetSpecification, WrapClassAsset, WrapFuncAsset

HERE = __name__

SCOPE = {"enum": ["runner", "process", "node"], "title": "AssetScope", "type": "string"}

SPECIFICATION_PROPERTIES = {
    "id": {"title": "Id", "type": "string"},
    "type": {"title": "Type", "type": "string"},
    "scope": {"$ref": "#/$defs/AssetScope"},
    "params": {
        "anyOf": [{"additionalProperties": True, "type": "object"}, {"type": "null"}],
        "default": None,
        "title": "Params",
    },
    "depends": {"anyOf": [{"type": "string"}, {"type": "null"}], "default": None, "title": "Depends"},
    "description": {"anyOf": [{"type": "string"}, {"type": "null"}], "default": None, "title": "Description"},
}

SPECIFICATION = {
    "title": "AssetSpecification",
    "type": "object",
    "properties": SPECIFICATION_PROPERTIES,
    "required": ["id", "type", "scope"],
}

ASSET_PROPERTIES = {
    "id": {"title": "Id", "type": "string"},
    "spec": {"$ref": "#/$defs/AssetSpecification"},
    "scope": {"$ref": "#/$defs/AssetScope"},
    "params": {"additionalProperties": True, "title": "Params", "type": "object"},
    "depends": {"anyOf": [{"type": "string"}, {"type": "null"}], "title": "Depends"},
    "obj": {"anyOf": [{}, {"type": "null"}], "default": None, "title": "Obj"},
    "stored_at": {"default": -1, "title": "Stored At", "type": "integer"},
}

PAGE: dict[type, dict[str, Any]] = {
    AssetSpecification: {**SPECIFICATION, "$defs": {"AssetScope": SCOPE}},
    Asset: {
        "title": "Asset",
        "type": "object",
        "properties": ASSET_PROPERTIES,
        "$defs": {"AssetScope": SCOPE, "AssetSpecification": SPECIFICATION},
        "additionalProperties": False,
        "required": ["id", "spec", "scope", "depends"],
    },
    WrapClassAsset: {
        "title": "WrapClassAsset",
        "type": "object",
        "properties": {**ASSET_PROPERTIES, "cls": {"default": None, "title": "Cls"}},
        "$defs": {"AssetScope": SCOPE, "AssetSpecification": SPECIFICATION},
        "additionalProperties": False,
        "required": ["id", "spec", "scope", "depends"],
    },
    WrapFuncAsset: {
        "title": "WrapFuncAsset",
        "type": "object",
        "properties": {**ASSET_PROPERTIES, "fn": {"default": None, "title": "Fn"}},
        "$defs": {"AssetScope": SCOPE, "AssetSpecification": SPECIFICATION},
        "additionalProperties": False,
        "required": ["id", "spec", "scope", "depends"],
    },
}

A_LIST = {"items": {}, "type": "array"}


def with_lists(schema: dict[str, Any]) -> dict[str, Any]:
    """A schema of the page with the one difference that is allowed: `params` may be a list too."""
    schema = copy.deepcopy(schema)
    for model in (schema, *schema["$defs"].values()):
        params = model.get("properties", {}).get("params")
        if params is None:
            continue
        if "anyOf" in params:
            params["anyOf"].insert(1, A_LIST)
        else:
            mapping = {key: params.pop(key) for key in ("additionalProperties", "type")}
            params["anyOf"] = [mapping, A_LIST]
    return schema


NOT_ON_THE_PAGE = ("checkpoint", "enter", "stateful")
"""What a specification has besides what is on the page."""


def undescribed(schema: dict[str, Any]) -> dict[str, Any]:
    """A schema without the texts that describe its models, and what is not on the page."""
    schema = copy.deepcopy(schema)
    for model in (schema, *schema["$defs"].values()):
        model.pop("description", None)
        if model["title"] == "AssetSpecification":
            for key in NOT_ON_THE_PAGE:
                del model["properties"][key]
    return schema


@pytest.mark.parametrize("model", PAGE, ids=lambda model: model.__name__)
def test_the_schema_is_that_of_the_page(model):
    assert undescribed(model.model_json_schema()) == with_lists(PAGE[model])


@pytest.mark.parametrize(
    ("model", "name"),
    [(model, name) for model, schema in PAGE.items() for name in schema["properties"]],
    ids=lambda each: each if isinstance(each, str) else each.__name__,
)
def test_each_property_is_that_of_the_page(model, name):
    assert model.model_json_schema()["properties"][name] == with_lists(PAGE[model])["properties"][name]


@pytest.mark.parametrize("model", PAGE, ids=lambda model: model.__name__)
def test_properties_have_the_order_of_the_page(model):
    assert list(undescribed(model.model_json_schema())["properties"]) == list(PAGE[model]["properties"])


def test_scopes_are_an_enum_of_three():
    assert [(scope.name, scope.value) for scope in AssetScope] == [
        ("runner", "runner"),
        ("process", "process"),
        ("node", "node"),
    ]
    assert AssetScope("process") is AssetScope.process


# --- AssetSpecification -----------------------------------------------------------------------


def test_defaults_of_a_specification():
    spec = AssetSpecification(id="box", type="builtins.dict", scope="runner")
    assert spec.type_ == "builtins.dict"
    assert spec.scope is AssetScope.runner
    assert (spec.params, spec.depends, spec.description) == (None, None, None)


def test_the_alias_of_type_is_type():
    spec = AssetSpecification.model_validate({"id": "box", "type": "a.b", "scope": "node"})
    assert spec.type_ == "a.b"
    assert spec.model_dump(by_alias=True)["type"] == "a.b"
    assert AssetSpecification.model_fields["type_"].alias == "type"


@pytest.mark.parametrize("params", [{"a": 1, "b": [2]}, [1, "two", {"c": 3}], None, {}, []])
def test_params_are_a_mapping_or_a_list(params):
    assert AssetSpecification(id="box", type="a.b", scope="node", params=params).params == params


@pytest.mark.parametrize("params", ["text", 3, True])
def test_params_are_nothing_else(params):
    with pytest.raises(ValidationError, match="params"):
        AssetSpecification(id="box", type="a.b", scope="node", params=params)


def test_depends_goes_with_the_runner_scope():
    spec = AssetSpecification(id="box", type="a.b", scope="runner", depends="node.value")
    assert spec.depends == "node.value"


@pytest.mark.parametrize("scope", ["process", "node"])
def test_depends_does_not_go_with_another_scope(scope):
    with pytest.raises(ValidationError, match="runner"):
        AssetSpecification(id="box", type="a.b", scope=scope, depends="node.value")


@pytest.mark.parametrize("scope", ["runner", "process", "node"])
def test_every_scope_goes_without_depends(scope):
    assert AssetSpecification(id="box", type="a.b", scope=scope).scope is AssetScope[scope]


@pytest.mark.parametrize("depends", ["node", "node.", ".value", "a.b.c", "1.value", "a-b.value", "", "node.a b"])
def test_depends_is_a_signal(depends):
    with pytest.raises(ValidationError, match="depends"):
        AssetSpecification(id="box", type="a.b", scope="runner", depends=depends)


@pytest.mark.parametrize("name", ["1box", "a-b", "a b", "", "a.b", "assets", "input", "meta", "tube"])
def test_bad_ids(name):
    with pytest.raises(ValidationError, match="id"):
        AssetSpecification(id=name, type="a.b", scope="node")


@pytest.mark.parametrize("name", ["box", "_", "class", "return", "boîte", "a1"])
def test_good_ids(name):
    assert AssetSpecification(id=name, type="a.b", scope="node").id == name


@pytest.mark.parametrize("path", [".a.b", "..a", "a..b", "a.b.", "", "a-b.c", "a b", "1.b"])
def test_bad_types(path):
    with pytest.raises(ValidationError, match="type"):
        AssetSpecification(id="box", type=path, scope="node")


@pytest.mark.parametrize("path", ["dict", "a.b", "pathlib.Path.cwd"])
def test_good_types(path):
    assert AssetSpecification(id="box", type=path, scope="node").type_ == path


@pytest.mark.parametrize("scope", ["run", "tube", "", None, 1])
def test_bad_scopes(scope):
    with pytest.raises(ValidationError, match="scope"):
        AssetSpecification(id="box", type="a.b", scope=scope)


@pytest.mark.parametrize("missing", ["id", "type", "scope"])
def test_required_fields_of_a_specification(missing):
    given = {"id": "box", "type": "a.b", "scope": "node"}
    del given[missing]
    with pytest.raises(ValidationError, match=missing):
        AssetSpecification(**given)


# --- Asset ------------------------------------------------------------------------------------


class Point:
    def __init__(self, x=0, y=0):
        self.at = (x, y)


def made(x=0, y=0):
    return [x, y]


class Journal(Asset):
    def init(self):
        self.obj = ["begun", *self.params]

    def deinit(self):
        self.obj = None


NOT_CALLABLE = 3


def spec_of(name, **fields):
    return AssetSpecification(id="box", type=f"{HERE}.{name}", **{"scope": "runner", **fields})


def test_a_class_is_wrapped():
    spec = spec_of("Point", params={"x": 1})
    asset = Asset.from_specification(spec)
    assert type(asset) is WrapClassAsset
    assert asset.cls is Point
    assert asset.obj is None
    asset.init()
    assert isinstance(asset.obj, Point)
    assert asset.obj.at == (1, 0)


def test_a_function_is_wrapped():
    asset = Asset.from_specification(spec_of("made", params={"y": 2}))
    assert type(asset) is WrapFuncAsset
    assert asset.fn is made
    assert asset.obj is None
    asset.init()
    assert asset.obj == [0, 2]


@pytest.mark.parametrize(("name", "value"), [("Point", (7, 8)), ("made", [7, 8])])
def test_params_as_a_list_are_positions(name, value):
    asset = Asset.from_specification(spec_of(name, params=[7, 8]))
    assert asset.params == [7, 8]
    asset.init()
    assert getattr(asset.obj, "at", asset.obj) == value


def test_a_subclass_is_instantiated():
    asset = Asset.from_specification(spec_of("Journal", params={"a": 1}))
    assert type(asset) is Journal
    assert asset.obj is None
    asset.init()
    assert asset.obj == ["begun", "a"]
    asset.deinit()
    assert asset.obj is None


@pytest.mark.parametrize("name", ["Point", "made", "Journal"])
def test_the_fields_come_from_the_specification(name):
    spec = spec_of(name, params={"x": 1}, depends="node.value")
    asset = Asset.from_specification(spec)
    assert asset.id == "box"
    assert asset.spec is spec or asset.spec == spec
    assert asset.scope is AssetScope.runner
    assert asset.params == {"x": 1}
    assert asset.depends == "node.value"
    assert asset.stored_at == -1


def test_no_params_are_an_empty_mapping():
    assert Asset.from_specification(spec_of("Point")).params == {}


def test_from_specification_of_a_subclass_gives_what_the_specification_names():
    assert type(WrapFuncAsset.from_specification(spec_of("Point"))) is WrapClassAsset


@pytest.mark.parametrize("path", ["dict", "collections.OrderedDict"])
def test_builtin_and_library_classes_are_wrapped(path):
    asset = Asset.from_specification(AssetSpecification(id="box", type=path, scope="node", params={"a": 1}))
    asset.init()
    assert type(asset) is WrapClassAsset
    assert dict(asset.obj) == {"a": 1}


def test_what_can_not_be_called_makes_no_asset():
    with pytest.raises(TypeError, match="class or a function"):
        Asset.from_specification(spec_of("NOT_CALLABLE"))


@pytest.mark.parametrize("name", ["Nothing", "Point.nothing"])
def test_what_does_not_exist_makes_no_asset(name):
    with pytest.raises(Exception, match=r"[Nn]othing"):
        Asset.from_specification(spec_of(name))


def test_the_base_class_makes_and_ends_nothing():
    asset = Asset(id="box", spec=spec_of("Point"), scope="runner", depends=None)
    assert asset.init() is None
    assert asset.deinit() is None
    assert (asset.obj, asset.params, asset.stored_at) == (None, {}, -1)


@pytest.mark.parametrize("kind", [WrapClassAsset, WrapFuncAsset])
def test_wrappers_let_go_of_their_object(kind):
    asset = kind(id="box", spec=spec_of("Point"), scope="runner", depends=None, obj=3)
    assert asset.deinit() is None
    assert asset.obj is None


class Door:
    """A context manager that tells what was done to it."""

    def __init__(self):
        self.told = []

    def __enter__(self):
        self.told.append("in")

    def __exit__(self, kind, error, traceback):
        self.told.append("out" if error is None else "failed")


def opened_door():
    return Door()


def yielded_door():
    door = Door()
    door.told.append("in")
    yield door
    door.told.append("out")


@contextmanager
def managed_door():
    yield from yielded_door()


@pytest.mark.parametrize("name", ["Door", "opened_door", "yielded_door", "managed_door"])
def test_an_asset_by_itself_is_entered_and_exited_as_in_a_run(name):
    asset = Asset.from_specification(spec_of(name))
    for _ in range(2):
        asset.init()
        door = asset.obj
        assert (type(door), door.told) == (Door, ["in"])
        asset.deinit()
        assert (asset.obj, door.told) == (None, ["in", "out"])
        asset.deinit()
        assert door.told == ["in", "out"]


def test_an_asset_by_itself_is_not_entered_if_it_is_said_so():
    asset = Asset.from_specification(spec_of("Door", enter=False))
    asset.init()
    door = asset.obj
    asset.deinit()
    assert door.told == []
    lock = Asset.from_specification(AssetSpecification(id="lock", type="threading.Lock", scope="runner"))
    lock.init()
    assert not lock.obj.locked()


@pytest.mark.parametrize(("kind", "field"), [(WrapClassAsset, "cls"), (WrapFuncAsset, "fn")])
def test_what_is_wrapped_is_none_by_default(kind, field):
    asset = kind(id="box", spec=spec_of("Point"), scope="runner", depends=None)
    assert getattr(asset, field) is None


@pytest.mark.parametrize("kind", [Asset, WrapClassAsset, WrapFuncAsset])
def test_extra_fields_are_forbidden(kind):
    with pytest.raises(ValidationError, match="extra"):
        kind(id="box", spec=spec_of("Point"), scope="runner", depends=None, more=1)


@pytest.mark.parametrize("missing", ["id", "spec", "scope", "depends"])
def test_required_fields_of_an_asset(missing):
    given = {"id": "box", "spec": spec_of("Point"), "scope": "runner", "depends": None}
    del given[missing]
    with pytest.raises(ValidationError, match=missing):
        Asset(**given)


@pytest.mark.parametrize("name", ["1box", "assets", "input", "meta", "tube", "a b"])
def test_bad_ids_of_an_asset(name):
    with pytest.raises(ValidationError, match="id"):
        Asset(id=name, spec=spec_of("Point"), scope="runner", depends=None)


def test_bad_depends_of_an_asset():
    with pytest.raises(ValidationError, match="depends"):
        Asset(id="box", spec=spec_of("Point"), scope="runner", depends="node")


def test_fields_may_be_added_by_a_subclass():
    class Counted(Asset):
        count: int = 3

    asset = Counted(id="box", spec=spec_of("Point"), scope="runner", depends=None)
    assert asset.count == 3
