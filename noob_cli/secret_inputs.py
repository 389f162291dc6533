"""Inputs whose values nobody is to read in a log: their names say so."""

from __future__ import annotations

import re

_WORDS = r"(?i:secret|token(?!i[sz])|passw|passphrase|pwd|credential)|[kK][eE][yY][sS]?(?![a-z])"
"""What a name says: a key ends there, or another word begins, so that `keyboard` is none."""


class Masked:
    """Stands where the value of a secret input is not shown."""

    def __repr__(self) -> str:
        return "***"


MASKED = Masked()


def is_secret(name: str) -> bool:
    """Whether the name of an input says that its value is a secret, a token, a password or a key.

    Args:
        name: Such as `api_key`, `accessToken` or `DB_PASSWORD`.
    """
    return re.search(_WORDS, name) is not None
