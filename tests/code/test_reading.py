"""Code that is only read is taken for what it is when it is imported, and nothing of it is run."""

from __future__ import annotations

import contextlib
import importlib
import sys
import types
from pathlib import Path
from typing import Any

import pytest

from noob_cli.code.codebase import ImportedCode, UnknownCodeError
from noob_cli.code.finding import CodeNotFoundError, ModuleFailedError
from noob_cli.code.reading.reading import ReadCode
from noob_cli.nodes.kinds import NodeKind, NodeKindError, kind_of

ROOT = Path(__file__).parents[2]

DEFINITIONS = """
from __future__ import annotations

import functools
import operator
import os
import sys
import typing
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from enum import Enum
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Literal, NamedTuple

import attr
import attrs
from pydantic import BaseModel, Field

from noob_cli import Epoch, EventMap, Name, Node, RunnerContext, flush_method, init_method, process_method

if TYPE_CHECKING:
    from nowhere import Nothing

LIMIT = 3
Parts = tuple[Annotated[int, Name("quotient")], Annotated[int, Name("rest")]]

def plain(left, right=LIMIT, /, *others, unit: str | None = None, **more) -> Nothing: ...
def parts(value: int) -> Parts: ...
def named() -> Annotated["Nothing", Name("it")]: ...
def numbers(n: int = -1) -> Iterator[Annotated[int, Name("number")]]:
    yield n
async def later(value: float, epoch: Epoch) -> list[int]: ...
async def ticks(events: EventMap) -> AsyncIterator[int]:
    yield 1
def returns_one() -> Iterator[int]:
    def inner():
        yield 1
    return inner()

def logged(function):
    calls = 0
    @functools.wraps(function)
    def wrapper(*args, **kwargs):
        return function(*args, **kwargs)
    return wrapper

def times(count):
    def decorate(function):
        @functools.wraps(function)
        def wrapper(value):
            return [function(value)] * count
        return wrapper
    return decorate

def registered(thing):
    print(thing)
    return thing

@logged
def decorated(value: int) -> Annotated[int, Name("out")]: ...
@times(3)
def repeated(value, other): ...
@registered
class Registered:
    def process(self, value): ...
@contextmanager
def opened(path: str):
    yield path
@functools.lru_cache(maxsize=None)
def cached(value): ...
bound = functools.partial(plain, 1, unit="m")
short = lambda value, n=2: value
same = parts
first = operator.itemgetter(0)
applied = logged(parts)

class Base:
    def __init__(self, size: int, color="red"): ...
    @process_method
    def work(self, value) -> Annotated[str, Name("text")]: ...
    @init_method
    def open(self, context: RunnerContext): ...
class Child(Base):
    @flush_method
    def rest(self): ...
    @staticmethod
    def helper(value): ...
    @property
    def length(self):
        return self._length
    @length.setter
    def length(self, value): ...
class Overriding(Base):
    def work(self, value): ...
class Counter:
    def __iter__(self):
        return self
    def __next__(self) -> Annotated[int, Name("n")]: ...
class Caller:
    def __call__(self, value: int) -> Annotated[int, Name("called")]: ...
caller = Caller()
@dataclass
class Point:
    x: int
    y: float = 0.0
    tags: list[str] = field(default_factory=list)
class Row(NamedTuple):
    a: int
    b: str = "b"
class Model(BaseModel, extra="forbid"):
    size: int
    color: str = Field("red", alias="colour")
class Spam(Node):
    size: int = 1
    def process(self, value: int) -> Annotated[int, Name("spam")]: ...
class Color(Enum):
    RED = 1
    BLUE = 2
class Options(typing.TypedDict, total=False):
    size: int

@attrs.define
class Sized:
    size: int
    _color: str = "red"
    kind: ClassVar[int] = 3
    tags: list[str] = attrs.field(factory=list, kw_only=True)
    made: int = attrs.field(init=False, default=3)
    @process_method
    def work(self, value: int) -> Annotated[int, Name("sized")]: ...
@attrs.frozen
class Named(Sized):
    size: float = attrs.field(converter=float, default=1.0)
    name: str = attrs.field(alias="called", default=attrs.Factory(str))
@attr.s(auto_attribs=True, kw_only=True)
class Older:
    size: int = attr.ib(3)
BY_NAME = True
@attrs.define(kw_only=BY_NAME)
class ByName:
    size: int
@attrs.define
class WithItsOwn:
    size: int
    def __init__(self, width): ...

try:
    import not_installed_anywhere
except ImportError:
    not_installed_anywhere = None
try:
    from not_installed_anywhere.deep import scaled
except (ModuleNotFoundError, AttributeError):
    def scaled(value, factor=1): ...
try:
    import json as encoding
    HAS_JSON = True
except ModuleNotFoundError:
    HAS_JSON = False
try:
    from typing import NotInTyping as cast
except ImportError:
    from typing import cast
else:
    def cast(): ...
try:
    from os.path import join as joined
except ImportError:
    def joined(): ...
def reads(data: encoding.JSONDecoder): ...
if sys.platform == "win32" or os.name == "nt":
    def of_platform(windows): ...
else:
    def of_platform(others): ...
if not TYPE_CHECKING and sys.version_info[:2] > (3, 8):
    def of_version(new): ...
else:
    def of_version(old): ...
"""


def said(code: Any) -> Any:
    """All that is known of some code, without the code itself."""
    if isinstance(code, types.ModuleType):
        return code.__name__
    try:
        kind = kind_of(code)
    except NodeKindError:
        return "no node"
    plain: NodeKind = kind._replace(code=None, cls=None)
    interfaces = [
        interface._replace(
            slots={name: slot._replace(annotation=None) for name, slot in interface.slots.items()},
            signals=tuple(signal.name for signal in interface.signals),
        )
        for interface in (kind.interface, kind.parameters)
    ]
    return [*plain._replace(interface=None, parameters=None), *interfaces]  # type: ignore[arg-type]


@pytest.fixture
def module(tmp_path, monkeypatch):
    """Writes a module, and gives the code that is read and the code that is imported."""

    def write(text: str, name: str = "read_here") -> tuple[ReadCode, ImportedCode]:
        (tmp_path / f"{name}.py").write_text(text, encoding="utf-8")
        monkeypatch.delitem(sys.modules, name, raising=False)
        return ReadCode([tmp_path]), ImportedCode([tmp_path])

    yield write
    sys.modules.pop("read_here", None)


def test_what_is_read_is_what_is_imported(module):
    read, imported = module(DEFINITIONS)
    names = vars(imported.module("read_here"))
    wrong = {}
    for name in names:
        if not name.startswith("_"):
            path = f"read_here.{name}"
            one, other = said(read.find(path)), said(imported.find(path))
            if one != other:
                wrong[name] = (one, other)
    assert wrong == {}


MODULES = (
    *("tests.conformance.nodes", "tests.diagnostics.pieces", "rich.table", "ruamel.yaml"),
    *("attr", "typer", "pytest"),
)


@pytest.mark.parametrize("name", MODULES)
def test_whatever_is_known_of_other_modules_is_so(name):
    module = importlib.import_module(name)
    read = ReadCode([ROOT])
    known, wrong = 0, []
    for attribute in filter(lambda attribute: not attribute.startswith("_"), vars(module)):
        try:
            found = said(read.find(f"{name}.{attribute}"))
        except UnknownCodeError:
            continue
        known += 1
        if found != said(getattr(module, attribute)):
            wrong.append(attribute)
    assert wrong == []
    assert known > 10


RUNNING = """
import attrs
class Meta(type):
    def __new__(cls, *args, **kwargs):
        {run}
        return super().__new__(cls, *args, **kwargs)
def run(*args, **kwargs):
    {run}
    return args[0] if args else None
{run}
@run
def decorated(value: run(1), other: "run(2)" = run(3)) -> "list[run(int)]": ...
def plain(value: "__import__('read_here').run()", other=run(3)) -> "run(list)[int]": ...
class Registering:
    def __init_subclass__(cls):
        {run}
class Registered(Registering):
    def process(self, value: run(str)): ...
class Made(metaclass=Meta): ...
class Subscripted:
    def __class_getitem__(cls, item):
        {run}
class Described:
    attribute: run(int) = run(3)
    def __set_name__(self, owner, name):
        {run}
class Describing:
    it = Described()
made = run(plain)
@attrs.define
class Aliased:
    size: int = attrs.field(alias="size={run}")
"""


def test_nothing_that_is_read_is_run(module, tmp_path):
    read, _ = module(RUNNING.format(run=f"open({str(tmp_path / 'ran')!r}, 'w').close()"))
    classes = ("Registered", "Made", "Subscripted", "Describing", "Described", "Aliased")
    for name in ("decorated", "plain", *classes, "made", "run"):
        try:
            said(read.find(f"read_here.{name}"))
        except UnknownCodeError:
            continue
    assert "read_here" not in sys.modules
    assert not (tmp_path / "ran").exists()


MADE = {
    "dataclass": (
        "@dataclass(init=False, repr=False, eq=False, match_args=False, unsafe_hash=True)\nclass it:",
        "{hashed}",
    ),
    "old attrs": ("@attr.s(auto_attribs=True, repr=False, eq=False, match_args=False)\nclass it:", "{given}"),
    "attrs": ("@attrs.define(repr=False, eq=False, match_args=False)\nclass it:", "{given}"),
}
HOSTILE = {
    **{
        f"names of fields: {name}": f"{made}\n    __annotations__ = {{{{{field}: int}}}}"
        for name, (made, field) in MADE.items()
    },
    "types of fields": "class it(BaseModel):\n    __annotations__ = {{'size': {text}}}",
    "types of fields of pydantic's dataclasses": (
        "@pydantic.dataclasses.dataclass\nclass it:\n    __annotations__ = {{'size': {text}}}"
    ),
    "types in a tuple": "Types = ({text}, int)\ndef it(value: Union[Types]): ...",
    "types in a list": "Types = [{text}]\ndef it(value: Callable[Types, int]): ...",
    "types that are returned": "Types = ({text}, int)\ndef it(value) -> Union[Types]: ...",
    "types of a model": "Types = ({text}, int)\nclass it(BaseModel):\n    size: Union[Types]",
    "a bound": "T = TypeVar('T', bound={text})\nclass it(BaseModel):\n    size: T",
    "a constraint": "T = TypeVar('T', {text}, int)\nclass it(BaseModel):\n    size: T",
    "a new type": "T = NewType('T', {text})\nclass it(BaseModel):\n    size: T",
    "a type that is computed": (
        "class it(BaseModel):\n    @pydantic.computed_field(return_type={text})\n    @property\n    def size(self): ..."
    ),
    "aliases": "class it(BaseModel):\n    model_config = {{'alias_generator': os.mkdir}}\n    ran: int",
    "aliases in ConfigDict": (
        "class it(BaseModel):\n    model_config = ConfigDict(alias_generator=os.mkdir)\n    ran: int"
    ),
    "aliases in brackets": "class it(BaseModel, alias_generator=os.mkdir):\n    ran: int",
    "aliases of old": "class it(BaseModel):\n    class Config:\n        alias_generator = os.mkdir\n    ran: int",
    "aliases of a call": "@pydantic.validate_call(config={{'alias_generator': os.mkdir}})\ndef it(ran: int): ...",
    "aliases of pydantic's dataclasses": (
        "@pydantic.dataclasses.dataclass(config={{'alias_generator': os.mkdir}})\nclass it:\n    ran: int"
    ),
    "titles": "class it(BaseModel):\n    size: int = Field(1, field_title_generator=partial(Maildir, {path}))",
    "names of models": (
        "T = TypeVar('T')\nclass Model(BaseModel, Generic[T]):\n    size: T\n"
        "    model_parametrized_name = partial(Maildir, {path})\nclass it(Model[int]): ..."
    ),
    "subclasses": (
        "class Base(BaseModel):\n    __pydantic_init_subclass__ = partial(Maildir, {path})\nclass it(Base): ..."
    ),
    "members": "class it(Maildir, Enum):\n    A = {path}",
    "members of a base": "class Base(Maildir): ...\nclass it(Base, Enum):\n    A = {path}",
    "members by a method": "class it(Enum):\n    __init__ = Maildir\n    A = {path}",
    "a metaclass": "class ran(metaclass=Maildir): ...\nit = ran",
}
HEADER = """
import dataclasses, os, pydantic, attr, attrs
from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum
from functools import partial
from mailbox import Maildir
from typing import Callable, Generic, NewType, TypeVar, Union
from pydantic import BaseModel, ConfigDict, Field
"""


@pytest.mark.parametrize(
    "kind", ["ImportString", "ImportString[int]", "list[ImportString]", "NewType('T', ImportString)"]
)
def test_values_are_not_validated_by_what_imports_them(module, kind):
    read, _ = module(
        "from typing import NewType\nfrom pydantic import ImportString, PositiveInt\n"
        f"it = {kind}\nother = list[PositiveInt]"
    )
    assert not read.validates(read.find("read_here.it"))
    assert read.validates(read.find("read_here.other"))


def test_what_is_run_as_a_command_is_not_imported(module):
    read, _ = module("import unittest.__main__\nit = unittest.__main__.main")
    for path in ("read_here.it", "unittest.__main__.main"):
        with pytest.raises(UnknownCodeError):
            read.find(path)


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE)
def test_nothing_is_run_of_what_runs_while_a_class_is_made(module, tmp_path, monkeypatch, text):
    monkeypatch.chdir(tmp_path)
    ran = tmp_path / "ran"
    run = f"__import__('os').mkdir({str(ran)!r})"
    names = {"given": repr(f"size=[0][{run} or 0]"), "hashed": repr(f"size,))\n {run}\n#")}
    read, imported = module(HEADER + text.format(run=run, text=repr(run), path=repr(str(ran)), **names))
    with contextlib.suppress(UnknownCodeError):
        said(read.find("read_here.it"))
    assert not ran.exists()
    with contextlib.suppress(ModuleFailedError):
        said(imported.find("read_here.it"))
    assert ran.exists()


@pytest.mark.parametrize(
    "text",
    [
        "if input:\n    def it(value): ...",
        "def it(value): ...\nit = unknown(it)",
        "def it(value): ...\nit.process = 1",
        "def it(value): ...\ndef other():\n    global it\n    it = 1",
        "try:\n    from a import it\nexcept ValueError:\n    it = None",
        "try:\n    from a import other\n    it = other()\nexcept ImportError:\n    it = None",
        "try:\n    import a\nexcept ImportError:\n    pass\nelse:\n    it = None",
        "import attr\n@attr.s\nclass it:\n    size = attr.ib()",
        "import attrs\n@attrs.define(**{})\nclass it:\n    size: int",
        "import attrs\n@attrs.define(kw_only=bool(print))\nclass it:\n    size: int",
        "import attrs\n@attrs.define\nclass it:\n    one: int = 3\n    other: int",
        "import attrs\n@attrs.define\nclass A:\n    x: int\n@attrs.define(kw_only=True)\nclass it(A):\n    one: int",
        "try:\n    from read_here.sub import it\nexcept ImportError:\n    it = len",
        "from os import *\nglobals().update(it=len)",
        "def __getattr__(name): return len",
        "@unknown\ndef it(value): ...",
        "class it(unknown()): ...",
        "class it:\n    if True:\n        def process(self): ...",
        "def it(value) -> unknown(int): ...",
        "class Other:\n    __wrapped__ = len\nit = Other()",
        "it = dict(title=unknown())",
    ],
)
def test_what_shows_only_when_code_runs_is_not_known(module, text):
    read, _ = module(text)
    with pytest.raises(UnknownCodeError):
        read.find("read_here.it")


def test_a_file_with_the_name_of_one_of_pythons_modules_is_not_run(module, tmp_path, monkeypatch):
    monkeypatch.setattr(sys, "stdlib_module_names", sys.stdlib_module_names | {"of_no_platform"})
    monkeypatch.syspath_prepend(tmp_path)
    for name in ("queue", "of_no_platform", "attr"):
        (tmp_path / f"{name}.py").write_text(f"open({str(tmp_path / 'ran')!r}, 'w')\ndef own(): ...\n")
    assert said(ReadCode([tmp_path]).find("queue.own"))
    assert said(ReadCode([tmp_path]).find("attr.own"))
    assert said(ReadCode([tmp_path / "elsewhere"]).find("of_no_platform.own"))
    assert not (tmp_path / "ran").exists()


def test_a_name_that_is_not_there_is_missing(module):
    read, _ = module("import os\ndef it(): ...")
    with pytest.raises(CodeNotFoundError, match="has no 'its'"):
        read.find("read_here.its")
    with pytest.raises(CodeNotFoundError, match="no module 'nowhere_at_all'"):
        read.find("nowhere_at_all.it")


def test_a_module_that_is_not_python_fails(module):
    read, _ = module("def it(:\n")
    with pytest.raises(ModuleFailedError, match="SyntaxError"):
        read.find("read_here.it")


def test_a_changed_file_is_noticed(module, tmp_path):
    read, _ = module("def it(): ...")
    read.find("read_here.it")
    assert not read.is_outdated
    (tmp_path / "read_here.py").unlink()
    assert read.is_outdated
