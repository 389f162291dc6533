"""Where code is that is none of the user's."""

from pathlib import Path

import noob_cli
from noob_cli.codegen.compiled import GENERATED

OWN_CODE = (str(Path(noob_cli.__file__).parent), GENERATED)
"""What the names of the files begin with that are ours, and what those of generated code do."""
