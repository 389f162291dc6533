"""What the classes of pydantic, and functions behind its `validate_call`, accept: signatures say only a part of it."""

from __future__ import annotations

import inspect
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import is_dataclass
from typing import Any

from pydantic import AliasChoices, AliasPath, BaseModel
from pydantic.fields import FieldInfo

from noob_cli.named_tuple import NamedTuple

_POSITIONAL = (inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD)
_BY_NAME = (inspect.Parameter.KEYWORD_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD)

_FILLING = ("before", "wrap")
"""The modes of validators that are given all the data and may add to it."""


class Accepted(NamedTuple):
    """A parameter, or a field of a pydantic class, as an argument.

    Args:
        keys: The names under which it may be given.
        by_position: Whether it can be given by position.
        required: Whether the call can't be made without it.
        default: Its default; the empty parameter where there is none that is known.
        annotation: Its type.
        by_name: Whether it can be given by name. What can be given neither way stands for any number of arguments.
    """

    keys: tuple[str, ...]
    by_position: bool
    required: bool
    default: Any
    annotation: Any
    by_name: bool = True


class Accepting(NamedTuple):
    """What a pydantic class accepts.

    Args:
        fields: Its fields, and the parameters of its own `__init__`.
        any_names: Whether it keeps what no field is called.
        ignores_others: Whether it takes what no field is called, and does nothing with it.
        may_fill: Whether its own code is given the data first, and may supply what is required.
    """

    fields: tuple[Accepted, ...]
    any_names: bool = False
    ignores_others: bool = False
    may_fill: bool = False


def accepted_by(code: Any) -> Accepting | None:
    """What a pydantic class accepts; None for what is none, or is made in a way of its own that its signature tells."""
    if not inspect.isclass(code) or type(code).__call__ is not type.__call__:
        return None
    if issubclass(code, BaseModel):
        # Importing it takes as long as a dozen of our modules.
        from pydantic import RootModel

        return _accepted_by_root(code) if issubclass(code, RootModel) else _accepted_by_model(code)
    if is_dataclass(code) and hasattr(code, "__pydantic_fields__"):
        return _accepted_by_dataclass(code)
    if hasattr(code, "__pre_root_validators__"):
        return _accepted_by_old_model(code)
    return None


def accepted_as(parameter: inspect.Parameter, annotation: Any) -> Accepted:
    """A parameter as its signature shows it."""
    return Accepted(
        (parameter.name,),
        parameter.kind in _POSITIONAL,
        parameter.default is parameter.empty,
        parameter.default,
        annotation,
        parameter.kind in _BY_NAME,
    )


def accepted_and_validated(parameter: inspect.Parameter, annotation: Any) -> Accepted:
    """A parameter of what is behind `validate_call`: pydantic may be told more of it than its signature shows."""
    shown = accepted_as(parameter, annotation)
    fields = [field for field in getattr(annotation, "__metadata__", ()) if isinstance(field, FieldInfo)]
    if isinstance(parameter.default, FieldInfo):
        fields.append(parameter.default)
    if not fields:
        return shown
    # Whether the name counts beside an alias, only pydantic knows.
    keys = tuple(key for field in fields for key in _keys_of(parameter.name, field, {"validate_by_name": True}))
    has_default = parameter.default is not parameter.empty and not isinstance(parameter.default, FieldInfo)
    required = not has_default and all(field.is_required() for field in fields)
    default = next((field.default for field in fields if not field.is_required()), parameter.default)
    return shown._replace(keys=tuple(dict.fromkeys((parameter.name, *keys))), required=required, default=default)


def _accepted_by_root(code: type[BaseModel]) -> Accepting:
    (field,) = code.model_fields.values()
    root = Accepted(("root",), True, False, inspect.Parameter.empty, field.annotation)
    return Accepting((root,), any_names=True)


def _accepted_by_model(code: type[BaseModel]) -> Accepting | None:
    """What a model takes by the names of its fields; None if its own `__init__` takes nothing else."""
    own = _parameters_of_init(code)
    if not any(parameter.kind is parameter.VAR_KEYWORD for parameter in own):
        return None
    extra = code.model_config.get("extra", "ignore")
    is_fields_own = code.__init__.__module__.startswith("pydantic")
    # Settings look for what is not given elsewhere, in the environment for example.
    looks_elsewhere = hasattr(code, "settings_customise_sources")
    fields = list(_accepted_by_init(own))
    known = {key for field in fields for key in field.keys}
    for name, info in code.model_fields.items():
        keys = tuple(_keys_of(name, info, code.model_config))
        if known.isdisjoint(keys):
            fields.append(_accepted(info, keys, by_position=False, required=not looks_elsewhere))
    makes_schema = getattr(code.__get_pydantic_core_schema__, "__func__", None)
    is_open = makes_schema is not BaseModel.__get_pydantic_core_schema__.__func__  # type: ignore[attr-defined]
    return Accepting(
        tuple(fields),
        any_names=extra == "allow",
        ignores_others=extra == "ignore" or not is_fields_own or is_open,
        may_fill=_is_given_all_data(code) or not is_fields_own or is_open,
    )


def _accepted_by_dataclass(code: Any) -> Accepting | None:
    made_by = next(base for base in code.__mro__ if "__init__" in vars(base))
    if "__pydantic_validator__" not in vars(made_by):
        # The signature that pydantic has given to the class is that of the one below.
        return Accepting(tuple(_accepted_by_init(_parameters_of_init(code))))
    config = code.__pydantic_config__
    extra = config.get("extra", "ignore")
    fields = (
        _accepted(info, tuple(_keys_of(name, info, config)), by_position=not info.kw_only)
        for name, info in code.__pydantic_fields__.items()
        if info.init is not False
    )
    return Accepting(tuple(fields), extra == "allow", extra == "ignore", _is_given_all_data(code))


def _accepted_by_old_model(code: Any) -> Accepting | None:
    """What a model of `pydantic.v1` accepts."""
    if not any(parameter.kind is parameter.VAR_KEYWORD for parameter in _parameters_of_init(code)):
        return None
    config, fields = code.__config__, code.__fields__
    by_name = config.allow_population_by_field_name
    extra = getattr(config.extra, "value", config.extra)
    return Accepting(
        tuple(
            Accepted(
                tuple(dict.fromkeys((field.alias, name) if by_name else (field.alias,))),
                by_position=False,
                required=field.required is True,
                default=inspect.Parameter.empty if field.required else field.default,
                annotation=field.outer_type_,
            )
            for name, field in fields.items()
        ),
        any_names=extra == "allow",
        ignores_others=extra == "ignore",
        may_fill=bool(code.__pre_root_validators__),
    )


def _parameters_of_init(code: Any) -> list[inspect.Parameter]:
    return list(inspect.signature(code.__init__).parameters.values())[1:]


def _accepted_by_init(parameters: Iterable[inspect.Parameter]) -> Iterator[Accepted]:
    for parameter in parameters:
        if parameter.kind in _BY_NAME:
            yield accepted_as(parameter, parameter.annotation)


def _accepted(info: FieldInfo, keys: tuple[str, ...], *, by_position: bool, required: bool = True) -> Accepted:
    is_required = info.is_required()
    default = inspect.Parameter.empty if is_required or info.default_factory is not None else info.default
    return Accepted(keys, by_position, required and is_required, default, info.annotation)


def _keys_of(name: str, info: FieldInfo, config: Mapping[str, Any]) -> Iterator[str]:
    """The names under which a field may be given, the one that it is called by first."""
    alias = info.alias if info.validation_alias is None else info.validation_alias
    by_name = config.get("validate_by_name", config.get("populate_by_name", False))
    if alias is None or not config.get("validate_by_alias", True):
        yield name
        return
    for choice in alias.choices if isinstance(alias, AliasChoices) else [alias]:
        yield str(choice.path[0]) if isinstance(choice, AliasPath) else choice
    if by_name:
        yield name


def _is_given_all_data(code: Any) -> bool:
    """Whether a validator of the class gets the data before its fields do."""
    decorators = code.__pydantic_decorators__
    validators = [*decorators.model_validators.values(), *decorators.root_validators.values()]
    return any(validator.info.mode in _FILLING for validator in validators)
