"""What is behind a callable: decorators that pass everything on, partials, methods, instances that are called.

Code is taken for what it is when called. What a decorator with `functools.wraps` has in it is asked as long as that
passes on all that it is given; one with parameters of its own is what it says itself.
"""

from __future__ import annotations

import functools
import inspect
import sys
from collections.abc import Callable, Iterator
from enum import Enum
from types import BuiltinFunctionType, MethodDescriptorType, MethodType, ModuleType, WrapperDescriptorType
from typing import Any, get_origin

from noob_cli.code.looking import attribute, is_class, is_proxy, looked, own_attribute
from noob_cli.named_tuple import NamedTuple

_MOST_LAYERS = 100
"""How many layers are looked through: what has more stands in a circle."""

_PASSES_ON = [inspect.Parameter.VAR_POSITIONAL, inspect.Parameter.VAR_KEYWORD]
"""The kinds of the parameters of what passes everything on: `*args, **kwargs`."""

_METHODS_IN_C = (MethodDescriptorType, WrapperDescriptorType)
_IMMUTABLE = 1 << 8
"""The flag of a class whose attributes can't be set."""


class Manner(Enum):
    """What a call makes."""

    value = "value"
    """What it returns is meant."""
    generator = "generator"
    """A generator, from which items are drawn."""
    async_generator = "async generator"
    """The same, and drawing is awaited."""
    coroutine = "coroutine"
    """Something awaitable, whose result is meant."""


class Expected(NamedTuple):
    """What a call is expected to make.

    Args:
        manner: What it is.
        certain: Whether the code says so itself, and not a mark on it, or what it wraps.
    """

    manner: Manner
    certain: bool = True

    @property
    def draws(self) -> bool:
        """Whether items are drawn from what it makes."""
        return self.manner in (Manner.generator, Manner.async_generator)


class _Layer(NamedTuple):
    """One of the callables that are behind another.

    Args:
        code: The callable.
        bound: Whether it is a function whose first parameter is given already: the instance or the class.
    """

    code: Any
    bound: bool = False


def expected_of(code: object) -> Expected:
    """What a call of something makes, as far as that shows before it is called."""
    certain = True
    for layer in _layers(_Layer(code), _behind):
        manner = looked(functools.partial(_own_manner, layer.code), Manner.value)
        if manner is not Manner.value:
            is_sure = manner is not Manner.coroutine or bool(_flags_of(layer.code) & inspect.CO_COROUTINE)
            return Expected(manner, certain and is_sure and not is_proxy(layer.code))
        certain = certain and _wrapped(layer.code) is None
    return Expected(Manner.value)


def class_behind(code: object) -> type | None:
    """The class that is called: itself, one in brackets (`Ring[int]`), or what a decorator passes everything on to."""
    for layer in _layers(_Layer(code), _passed_to):
        origin = looked(functools.partial(get_origin, layer.code), None)
        for candidate in (layer.code, origin):
            if is_class(candidate):
                return candidate if callable(code) else None
    return None


def parameters_of(code: object, bound: bool = False) -> list[inspect.Parameter]:
    """The parameters that a call takes: those of what it is passed on to, if all is.

    Args:
        code: What is called.
        bound: Whether it is a function whose first parameter is given already.

    Raises:
        Exception: It does not say what it takes.
    """
    *_, layer = _layers(_Layer(code, bound), _passed_to)
    parameters = list(_own_signature(layer).parameters.values())
    if layer.bound and parameters and parameters[0].kind <= parameters[0].POSITIONAL_OR_KEYWORD:
        return parameters[1:]
    return parameters


def annotated_behind(code: object) -> Any:
    """What has the annotations of a call: a function, the `__init__` of a class, the `__call__` of an instance."""
    *_, (called, _) = _layers(_Layer(code), _passed_to)
    if is_class(called):
        return attribute(called, "__init__")
    partial = _partial_behind(called)
    if partial is not None:
        return annotated_behind(partial)
    return called if looked(lambda: inspect.isroutine(called), False) else type(called).__call__


def innermost(code: object) -> Any:
    """What is behind all layers."""
    *_, layer = _layers(_Layer(code), _behind)
    return layer.code


def dispatches(code: object) -> bool:
    """Whether it is a `functools.singledispatch`, which has to get its first argument by position."""
    return own_attribute(code, "registry") is not None and own_attribute(code, "dispatch") is not None


def _layers(first: _Layer, next_behind: Callable[[_Layer], _Layer | None]) -> Iterator[_Layer]:
    """A callable and all that is behind it, each of which leads to the next."""
    layer: _Layer | None = first
    for _ in range(_MOST_LAYERS):
        if layer is None:
            return
        yield layer
        layer = next_behind(layer)


def _behind(layer: _Layer) -> _Layer | None:
    """The callable right behind another, whatever that passes on."""
    code = layer.code
    if is_class(code):
        return None
    partial = _partial_behind(code)
    if partial is not None:
        return _Layer(partial, layer.bound)
    wrapped = _wrapped(code)
    if wrapped is not None:
        return _Layer(wrapped, layer.bound or inspect.ismethod(code))
    return None if _is_routine(code) else _called_on(code)


def _passed_to(layer: _Layer) -> _Layer | None:
    """The callable behind another to which that passes all that it is given."""
    code = layer.code
    if is_class(code) or isinstance(code, functools.partial):
        return None
    wrapped = _wrapped(code)
    if wrapped is None:
        called = None if _is_routine(code) else _called_on(code)
        return called if called is not None and _wrapped(called.code) is not None else None
    return _Layer(wrapped, layer.bound or inspect.ismethod(code)) if _passes_on(layer) else None


def _passes_on(layer: _Layer) -> bool:
    code = layer.code
    signature = looked(lambda: _own_signature(layer), None)
    if signature is None:
        return True
    kinds = [parameter.kind for parameter in signature.parameters.values()]
    if (kinds[1:] if layer.bound and len(kinds) > len(_PASSES_ON) else kinds) == _PASSES_ON:
        return True
    # A proxy has the signature of what it stands for, unless it says by another that it is called in another way.
    return is_proxy(code) and signature == looked(lambda: _own_signature(_Layer(_wrapped(code))), signature)


def _own_signature(layer: _Layer) -> inspect.Signature:
    code = layer.code
    if isinstance(code, functools.partial):
        # Inspected itself, one that says what it wraps would show parameters that are given already.
        def function() -> None: ...

        function.__signature__ = inspect.Signature(parameters_of(code.func))  # type: ignore[attr-defined]
        return inspect.signature(functools.partial(function, *code.args, **code.keywords))
    return (_signature_for_good if _never_changes(code) else _signature)(code)


def _signature(code: Any) -> inspect.Signature:
    if sys.version_info >= (3, 14):
        from annotationlib import Format

        # Names that exist for type checkers only would make the signature fail.
        return inspect.signature(code, follow_wrapped=is_class(code), annotation_format=Format.FORWARDREF)
    return inspect.signature(code, follow_wrapped=is_class(code))


_signature_for_good = functools.lru_cache(maxsize=1_000)(_signature)
"""The same, read once: what is written in C has it as a text, which is taken apart and compiled."""


def _never_changes(code: object) -> bool:
    """Whether what a callable takes can't be changed: it is a function or a class that is written in C."""
    if type(code) is BuiltinFunctionType:
        return type(code.__self__) is ModuleType
    return type(code) in _METHODS_IN_C or (type(code) is type and bool(code.__flags__ & _IMMUTABLE))


def _wrapped(code: object) -> Any:
    return own_attribute(_function_of(code), "__wrapped__")


def _partial_behind(code: object) -> Any:
    """The function of which something is a `partial`, or a `partialmethod`."""
    if isinstance(code, functools.partial):
        return code.func
    function = _function_of(code)
    method = own_attribute(function, "__partialmethod__") or own_attribute(function, "_partialmethod")
    return method.func if isinstance(method, functools.partialmethod) else None


def _function_of(code: object) -> object:
    """The function of a bound method."""
    return code.__func__ if isinstance(code, MethodType) else code


def _is_routine(code: object) -> bool:
    return looked(lambda: inspect.isroutine(code), False)


def _called_on(code: object) -> _Layer | None:
    """The `__call__` of an instance."""
    call = attribute(type(code), "__call__")
    return None if call is None else _Layer(call, bound=True)


def _own_manner(code: Any) -> Manner:
    if inspect.isasyncgenfunction(code):
        return Manner.async_generator
    if inspect.iscoroutinefunction(code) or own_attribute(code, "_is_coroutine") is not None:
        return Manner.coroutine
    if inspect.isgeneratorfunction(code):
        made_awaitable = _flags_of(code) & inspect.CO_ITERABLE_COROUTINE
        return Manner.coroutine if made_awaitable else Manner.generator
    return Manner.value


def _flags_of(code: Any) -> int:
    while isinstance(code, functools.partial):
        code = code.func
    flags = attribute(attribute(code, "__code__"), "co_flags", 0)
    return flags if isinstance(flags, int) else 0
