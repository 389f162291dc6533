"""Where code is that is none of the user's."""

from pathlib import Path

from noob_cli.codegen.compiled import GENERATED

OWN_CODE = (str(Path(__file__).parents[1]), GENERATED)
"""What the names of the files begin with that are ours, and what those of generated code do."""
