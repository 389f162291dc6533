"""What pydantic classes accept is accepted, for nodes and assets, however they come to accept it."""

import sys
from dataclasses import InitVar
from pathlib import Path
from typing import Annotated, Any, ClassVar, Generic, TypeVar

import pytest
from pydantic import (
    AliasChoices,
    AliasPath,
    BaseModel,
    ConfigDict,
    Field,
    PrivateAttr,
    RootModel,
    create_model,
    model_validator,
    validate_call,
)
from pydantic.alias_generators import to_camel
from pydantic.dataclasses import dataclass

from noob_cli import Asset, Epoch, InputError, Node, TubeError
from noob_cli.code.interface import interface_of
from tests.runners.tubes import Tubes

tubes = Tubes(__name__)
T = TypeVar("T")


class Shown:
    def process(self) -> str:
        return repr(self)


class Plain(Shown, BaseModel):
    a: int
    b: int = 2


class Keeping(Plain):
    model_config = ConfigDict(extra="allow")


class BelowKeeping(Keeping):
    pass


class Strict(Plain):
    model_config = ConfigDict(extra="forbid")


class Filled(Strict):
    @model_validator(mode="before")
    @classmethod
    def fill(cls, data: Any) -> Any:
        return {"a": 5, **data}


class BelowFilled(Filled):
    c: int = 7


class Wrapped(Plain):
    @model_validator(mode="wrap")
    @classmethod
    def fill(cls, data: Any, handler: Any) -> Any:
        return handler({"a": 5, **data})


class After(Plain):
    @model_validator(mode="after")
    def look(self) -> Any:
        return self


class Camel(Shown, BaseModel):
    model_config = ConfigDict(alias_generator=to_camel)
    my_field: int


class CamelOrName(Camel):
    model_config = ConfigDict(populate_by_name=True)


class NameOnly(Camel):
    model_config = ConfigDict(validate_by_name=True, validate_by_alias=False)


class Choices(Shown, BaseModel):
    x: int = Field(validation_alias=AliasChoices("ex", AliasPath("many", 0)))
    y: int = Field(validation_alias=AliasPath("names", 0))
    z: int = Field(validation_alias=AliasPath("names", 1))


class Dashed(Shown, BaseModel):
    a: int = Field(alias="a-b")


class OwnInit(Shown, BaseModel):
    a: int

    def __init__(self, *, half: int = 0, **data: Any) -> None:
        super().__init__(**{"a": half * 2, **data})


class NarrowInit(Shown, BaseModel):
    a: int

    def __init__(self, half: int) -> None:
        super().__init__(a=half * 2)


class Root(Shown, RootModel[dict[str, int]]):
    pass


class Made(Shown, BaseModel):
    a: list[int] = Field(default_factory=list)
    CONSTANT: ClassVar[int] = 3
    _private: int = PrivateAttr(default=3)


class Box(Shown, BaseModel, Generic[T]):
    a: T


IntBox = Box[int]
Created = create_model("Created", __base__=(Shown, BaseModel), a=(int, ...))


@dataclass
class Data(Shown):
    a: int
    b: int = Field(alias="bee", default=3)
    p: Path | None = None
    d: InitVar[int] = 4
    k: int = Field(default=1, kw_only=True)


class BelowData(Data):
    def __init__(self, q: int) -> None:
        super().__init__(q)


@validate_call
def checked(
    a: Annotated[int, Field(alias="x")],
    p: Path = Field(default_factory=Path),  # noqa: B008
    b: Annotated[int, Field(default=3)] = 4,
) -> Any:
    return [a, str(p), b]


class OwnNode(Node):
    size: int = Field(validation_alias=AliasChoices("size", "groesse"))

    def process(self) -> int:
        return self.size


class OwnAsset(Asset):
    size: int = Field(alias="groesse")

    def init(self) -> None:
        self.obj = self.size


class FilledAsset(Asset):
    model_config = ConfigDict(extra="ignore")
    size: int

    @model_validator(mode="before")
    @classmethod
    def fill(cls, data: Any) -> Any:
        return {"size": data.pop("half", 0) * 2, **data}

    def init(self) -> None:
        self.obj = self.size


ACCEPTED = [
    ("Plain, params: {a: 1}", "Plain(a=1, b=2)", []),
    ("Plain, params: {a: 1, z: 3}", "Plain(a=1, b=2)", ["G007"]),
    ("Keeping, params: {a: 1, z: 3}", "Keeping(a=1, b=2, z=3)", []),
    ("BelowKeeping, params: {a: 1, z: 3}", "BelowKeeping(a=1, b=2, z=3)", []),
    ("Filled", "Filled(a=5, b=2)", ["G006"]),
    ("BelowFilled", "BelowFilled(a=5, b=2, c=7)", ["G006"]),
    ("BelowFilled, params: {a: 1}", "BelowFilled(a=1, b=2, c=7)", []),
    ("Wrapped", "Wrapped(a=5, b=2)", ["G006"]),
    ("Camel, params: {myField: 1}", "Camel(my_field=1)", []),
    ("CamelOrName, params: {my_field: 1}", "CamelOrName(my_field=1)", []),
    ("CamelOrName, params: {myField: 1}", "CamelOrName(my_field=1)", []),
    ("NameOnly, params: {my_field: 1}", "NameOnly(my_field=1)", []),
    ("Choices, params: {ex: 1, names: [3, 4]}", "Choices(x=1, y=3, z=4)", []),
    ("Choices, params: {many: [1], names: [3, 4]}", "Choices(x=1, y=3, z=4)", []),
    ("Dashed, params: {a-b: 1}", "Dashed(a=1)", []),
    ("OwnInit, params: {half: 1}", "OwnInit(a=2)", ["G006"]),
    ("OwnInit, params: {a: 1}", "OwnInit(a=1)", []),
    ("NarrowInit, params: {half: 1}", "NarrowInit(a=2)", []),
    ("Root, params: {x: 1}", "Root(root={'x': 1})", []),
    ("Root, params: {0: {x: 1}}", "Root(root={'x': 1})", []),
    ("Root, params: {root: {x: 1}}", "Root(root={'x': 1})", []),
    ("Made", "Made(a=[])", []),
    ("Made, params: {CONSTANT: 4, _private: 5}", "Made(a=[])", ["G007", "G007"]),
    ("IntBox, params: {a: 1}", "Box[int](a=1)", []),
    ("Created, params: {a: 1}", "Created(a=1)", []),
    ("Data, params: {0: 3, bee: 4, p: /tmp, k: 2, z: 1}", f"Data(a=3, b=4, p={Path('/tmp')!r}, k=2)", ["G007"]),
    ("BelowData, params: {q: 3}", "BelowData(a=3, b=3, p=None, k=1)", []),
    ("checked, params: {x: 3, p: /tmp}", [3, "/tmp", 4], []),
    ("OwnNode, params: {groesse: 3}", 3, []),
    ("OwnNode, params: {size: 3, z: 1}", 3, ["G007"]),
]


@pytest.mark.parametrize(("node", "result", "warnings"), ACCEPTED, ids=[each[0] for each in ACCEPTED])
def test_what_is_accepted_for_a_node(node, result, warnings):
    runner = tubes.runner(f"nodes: {{x: {{type: my.{node}}}, r: {{type: return, depends: x.value}}}}")
    assert [each.code for each in runner.tube.warnings] == warnings
    assert runner.run(1) == [result]


@pytest.mark.parametrize(
    ("asset", "result", "warnings"),
    [
        *((asset, result, warnings) for asset, result, warnings in ACCEPTED if "(" in str(result)),
        ("OwnAsset, params: {groesse: 3, z: 1}", 3, []),
        ("FilledAsset, params: {half: 3}", 6, ["G006"]),
        ("FilledAsset, params: {size: 3, half: 4}", 3, []),
    ],
)
def test_what_is_accepted_for_an_asset(asset, result, warnings):
    runner = tubes.runner(
        f"assets: {{x: {{scope: process, type: my.{asset}}}}}\nnodes: {{r: {{type: return, depends: assets.x}}}}"
    )
    assert [each.code for each in runner.tube.warnings] == warnings
    (made,) = runner.run(1)
    assert made == result or repr(made) == result


@pytest.mark.parametrize(
    ("entry", "codes"),
    [
        ("Plain", ["G006"]),
        ("Plain, params: {z: 1}", ["G007"]),
        ("After", ["G006"]),
        ("Strict, params: {a: 1, z: 1}", ["G007"]),
        ("Camel, params: {my_field: 1}", ["G007"]),
        ("NameOnly, params: {myField: 1}", ["G007"]),
        ("Choices, params: {names: [1, 2]}", ["G006"]),
        ("Choices, params: {ex: 1}", ["G006"]),
        ("NarrowInit, params: {a: 1}", ["G007"]),
        ("Data, params: {k: 1}", ["G006"]),
        ("Data, params: {0: 1, 1: 2, 2: x, 3: 3, 4: 5}", ["G007"]),
        ("BelowData, params: {a: 1}", ["G007"]),
        ("checked, params: {x: 3, q: 1}", ["G007"]),
        ("checked", ["G006"]),
        ("OwnNode, params: {sise: 3}", ["G007"]),
    ],
)
def test_what_is_refused(entry, codes):
    assert tubes.codes(f"nodes: {{x: {{type: my.{entry}}}, r: {{type: return, depends: x.value}}}}") == codes


def test_an_asset_without_what_it_needs_is_refused():
    with pytest.raises(TubeError, match=r"OwnAsset' needs 'groesse'"):
        tubes.tube("assets: {x: {type: my.OwnAsset, scope: process, params: {size: 3}}}\nnodes: {}")


def test_an_asset_that_does_not_take_its_params_is_named():
    with pytest.raises(
        InputError, match=r"the asset 'x' \(.*OwnAsset\) does not take its params: 'groesse': .*integer"
    ):
        tubes.tube("assets: {x: {type: my.OwnAsset, scope: process, params: {groesse: wide}}}\nnodes: {}")


class Called(BaseModel):
    a: int
    b: int | None = None


class FilledCalled(Called):
    @model_validator(mode="before")
    @classmethod
    def fill(cls, data: Any) -> Any:
        return {"a": 5, **data}


def test_a_model_that_is_called_ignores_a_slot_and_fills_another():
    runner = tubes.runner(
        """
        nodes:
          s: {type: itertools.repeat, params: {0: 1, 1: 1}}
          x: {type: my.FilledCalled, depends: [{b: s.value}, {z: s.value}]}
          y: {type: my.Called, depends: [{a: s.value}], params: {z: 1, b: 2}}
          r: {type: return, depends: [x.value, y.value]}
        """
    )
    assert sorted(each.code for each in runner.tube.warnings) == ["G004", "G007"]
    assert runner.run(1) == [[FilledCalled(a=5, b=1), Called(a=1, b=2)]]


@pytest.mark.skipif(sys.version_info >= (3, 14), reason="pydantic.v1 does not work there")
def test_a_model_of_the_old_pydantic(tmp_path, monkeypatch):
    (tmp_path / "old_models.py").write_text(
        "from pydantic.v1 import BaseModel, Field\n\n\n"
        "class Old(BaseModel):\n    a: int = Field(alias='aa')\n\n    def process(self):\n        return self.a\n"
    )
    monkeypatch.setattr(sys, "path", [str(tmp_path), *sys.path])
    runner = tubes.runner(
        "nodes: {x: {type: old_models.Old, params: {aa: 3, z: 4}}, r: {type: return, depends: x.value}}"
    )
    assert [each.code for each in runner.tube.warnings] == ["G007"]
    assert runner.run(1) == [3]
    assert tubes.codes("nodes: {x: {type: old_models.Old}}") == ["G006"]


class Stamped(BaseModel, arbitrary_types_allowed=True):
    epoch: Epoch = Field(validation_alias=AliasChoices("at", "when"))


def test_what_the_runner_fills_is_needed_by_no_other_name():
    interface = interface_of(Stamped)
    assert interface.epoch == "at"
    assert interface.missing(()) == []
