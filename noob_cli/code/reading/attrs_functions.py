"""What attrs has that makes classes and fields: it is imported, and applied to what stands for the classes of users."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from typing import Any

_MAKE_CLASSES = ("define", "mutable", "frozen", "s", "attrs", "attributes", "dataclass")
_MAKE_FIELDS = ("field", "ib", "attrib", "attr")


def makes_class(code: Any) -> bool:
    """Whether it is one of the decorators by which attrs makes a class."""
    return _is_one_of(code, _MAKE_CLASSES)


def makes_field(code: Any) -> bool:
    """Whether it is one of the functions that say more of a field than its annotation."""
    return _is_one_of(code, _MAKE_FIELDS)


def may_make_source(keywords: Mapping[str, Any]) -> bool:
    """Whether something that a class is made with may become a part of the source that attrs compiles for it."""
    return not all(isinstance(value, bool | None) or name == "on_setattr" for name, value in keywords.items())


def _is_one_of(code: Any, names: tuple[str, ...]) -> bool:
    # Whoever names one of them has imported it.
    modules = (sys.modules.get("attr"), sys.modules.get("attrs"))
    return any(code is getattr(module, name, sys) for module in modules for name in names)
