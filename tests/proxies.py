"""Proxies that give themselves out for what they stand for, as those of wrapt do."""

from __future__ import annotations

from typing import Any


class Proxy:
    """Stands for an object, whatever that is: it has the methods that any might have."""

    __slots__ = ("__wrapped__",)

    def __init__(self, wrapped: Any) -> None:
        object.__setattr__(self, "__wrapped__", wrapped)

    @property
    def __class__(self) -> Any:
        return self.__wrapped__.__class__

    @property
    def __dict__(self) -> Any:
        return self.__wrapped__.__dict__

    def __getattr__(self, name: str) -> Any:
        return getattr(object.__getattribute__(self, "__wrapped__"), name)

    def __enter__(self) -> Any:
        return self.__wrapped__.__enter__()

    def __exit__(self, *error: Any) -> Any:
        return self.__wrapped__.__exit__(*error)

    def __aenter__(self) -> Any:
        return self.__wrapped__.__aenter__()

    def __aexit__(self, *error: Any) -> Any:
        return self.__wrapped__.__aexit__(*error)


class CallableProxy(Proxy):
    """Stands for something that can be called."""

    __slots__ = ()

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        return self.__wrapped__(*args, **kwargs)
