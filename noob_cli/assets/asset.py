"""An asset: its specification, and the object that it holds while it lives.

Annotations are not strings: pydantic would compile each at the start of a run.
"""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, PrivateAttr

from noob_cli.assets.context_managers import End, enter_at_once
from noob_cli.assets.resource import as_resource
from noob_cli.code.compatibility import extends
from noob_cli.code.finding import find_code
from noob_cli.code.interface import Interface, interface_of, params_of
from noob_cli.code.looking import described, is_class, is_subclass
from noob_cli.code.pydantic_classes import accepted_by
from noob_cli.specification.asset import AssetScope, AssetSpecification
from noob_cli.specification.fields import EntryName, SignalReference
from noob_cli.specification.params import Params, as_call


class Asset(BaseModel):
    """An asset of a tube. A subclass that makes its own object does so in `init` and puts it into `obj`.

    A subclass may have fields of its own, which get the params of their names. Its `init` and `deinit` may be coroutine
    functions: they are awaited.

    Example:
        >>> class Journal(Asset):
        ...     def init(self) -> None:
        ...         self.obj = []
        ...
        ...     def deinit(self) -> None:
        ...         self.obj.clear()

    Args:
        id: Its name in the tube.
        spec: What the tube file says of it.
        scope: How long it lives.
        params: The arguments with which its object is made: by name, or, as a list, by position.
        depends: The signal whose value is stored in it.
        obj: The object, while the asset lives.
        stored_at: The epoch in which a value was last stored; -1 before the first.
    """

    model_config = ConfigDict(extra="forbid")

    id: EntryName
    spec: AssetSpecification
    scope: AssetScope
    params: Params | list[Any] = Field(default_factory=dict)
    depends: SignalReference | None
    obj: Any | None = None
    stored_at: int = -1

    @classmethod
    def from_specification(cls, spec: AssetSpecification, folders: Sequence[Path] = ()) -> "Asset":
        """The asset that a specification describes, its object not yet made.

        A subclass of `Asset` is instantiated, any other class wrapped in `WrapClassAsset`, a function in
        `WrapFuncAsset`.

        Args:
            spec: What the tube file says.
            folders: The folders of the tube, for code that lives there.

        Raises:
            CodeNotFoundError: `type` does not exist.
            TypeError: `type` is neither a class nor can it be called.
        """
        return asset_of(find_code(spec.type_, [folder.resolve() for folder in folders]), spec, spec.params)

    def init(self) -> Awaitable[None] | None:
        """Make the object and put it into `obj`. A subclass says how."""
        return None

    def deinit(self) -> Awaitable[None] | None:
        """End the object. Does nothing unless a subclass says so."""
        return None


class _Wrapping(Asset):
    """An asset whose object is made by code that knows nothing of assets."""

    model_config = ConfigDict(defer_build=True)

    _end: End | None = PrivateAttr(None)

    def _make(self, code: Callable[..., Any]) -> None:
        made = maker(code if self.spec.enter is False else as_resource(code), self.params)()
        self.obj, self._end = enter_at_once(made, self.spec.enter)

    def deinit(self) -> None:
        """Exit the object if it was entered, and let go of it."""
        end, self._end, self.obj = self._end, None, None
        if end is not None:
            end(None, None, None)


class WrapClassAsset(_Wrapping):
    """An asset whose object is an instance of a class that isn't a subclass of `Asset`.

    Example:
        >>> spec = AssetSpecification(id="words", type="collections.Counter", scope="runner")
        >>> asset = Asset.from_specification(spec)
        >>> asset.init()
        >>> asset.obj
        Counter()

    Args:
        cls: The class.
    """

    cls: Any = None

    def init(self) -> None:
        """Instantiate the class with `params`, and enter the instance if it is a context manager."""
        self._make(self.cls)


class WrapFuncAsset(_Wrapping):
    """An asset whose object is the result of a function.

    Example:
        >>> spec = AssetSpecification(id="folder", type="tempfile.mkdtemp", scope="runner")
        >>> asset = Asset.from_specification(spec)
        >>> asset.init()

    Args:
        fn: The function.
    """

    fn: Any = None

    def init(self) -> None:
        """Call the function with `params`, and enter its result if that is a context manager."""
        self._make(self.fn)


def asset_of(code: Any, spec: AssetSpecification, params: Mapping[str | int, Any] | list[Any] | None) -> Asset:
    """The asset of a specification whose code is known.

    Args:
        code: What `type` names.
        spec: What the tube file says.
        params: The arguments of `code`, inputs already put in their place.

    Raises:
        TypeError: `code` is neither a class nor can it be called.
    """
    fields: dict[str, Any] = {
        "id": spec.id,
        "spec": spec,
        "scope": spec.scope,
        "params": {} if params is None else _renewed(params),
        "depends": spec.depends,
    }
    if is_asset_class(code):
        if extends(code, "Asset"):
            # The public package's models take the specification as plain data, and make their own of it.
            fields["spec"] = spec.model_dump(mode="json", by_alias=True, exclude={"enter", "stateful", "checkpoint"})
            fields["scope"] = spec.scope.value
        asset: Asset = code(**fields, **_own_fields(code, params))
        return asset
    if callable(code):
        return WrapClassAsset(cls=code, **fields) if is_class(code) else WrapFuncAsset(fn=code, **fields)
    raise TypeError(f"an asset is made by a class or a function, found {described(code)}")


def is_asset_class(code: Any) -> bool:
    """Whether something is a subclass of `Asset`, ours or that of the public package."""
    return is_class(code) and (is_subclass(code, Asset) or extends(code, "Asset"))


def parameters_of(code: Any) -> Interface:
    """What making an asset takes. A subclass of `Asset` does with its params what it wants."""
    parameters = interface_of(code)
    if not is_asset_class(code):
        return parameters
    own = {name: slot for name, slot in parameters.slots.items() if name not in Asset.model_fields}
    return parameters._replace(slots=own, any_positions=True, any_names=True)


def arguments_of(
    code: Any, params: Mapping[str | int, Any] | list[Any] | None
) -> Mapping[str | int, Any] | list[Any] | None:
    """The params of an asset, each by how it is given to what makes it: by name, or by position."""
    if not isinstance(params, dict) or all(isinstance(key, str) for key in params):
        return params
    return {param.slot: param.value for param in params_of(params, parameters_of(code))}


def _own_fields(code: Any, params: Any) -> dict[str, Any]:
    """The params that a subclass of `Asset` has fields for, under whichever names it accepts, or takes anyway."""
    accepting = accepted_by(code)
    if accepting is None or not isinstance(params, dict):
        return {}
    takes_others = accepting.any_names or accepting.ignores_others
    own = {key for field in accepting.fields for key in field.keys}
    return {
        name: value
        for name, value in params.items()
        if isinstance(name, str) and name not in Asset.model_fields and (takes_others or name in own)
    }


def maker(code: Callable[..., Any], params: Mapping[str | int, Any] | list[Any]) -> Callable[[], Any]:
    """What makes the object: `code` with its arguments bound, or itself where it has none."""
    if not params:
        return code
    positional, named = (params, {}) if isinstance(params, list) else as_call(params)
    if any(isinstance(value, dict | list) for value in (*positional, *named.values())):
        return lambda: code(*_renewed(positional), **_renewed(named))
    return partial(code, *positional, **named)


def _renewed(value: Any) -> Any:
    """The mappings and lists of a param made anew, so that what one object does to them is not seen by the next."""
    if isinstance(value, dict):
        return {key: _renewed(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_renewed(item) for item in value]
    return value
