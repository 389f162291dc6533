"""Where code is that is none of the user's."""

import os
import sys
import threading
import warnings
from pathlib import Path

from noob_cli.codegen.compiled import GENERATED

OWN_CODE = (str(Path(__file__).parents[1]), GENERATED)
"""What the names of the files begin with that are ours, and what those of generated code do."""

_NOT_CALLERS = (*OWN_CODE, threading.__file__, os.path.join(os.path.dirname(os.__file__), "asyncio"))
"""The same of what calls ours in a thread, or from an event loop, and knows no more of it."""


def warn_caller(text: str) -> None:
    """Warn of something, at the line that has called this package.

    Args:
        text: What is said.
    """
    frame, level = sys._getframe(1), 2
    while frame.f_back is not None and frame.f_code.co_filename.startswith(_NOT_CALLERS):
        frame, level = frame.f_back, level + 1
    warnings.warn(text, stacklevel=level)
