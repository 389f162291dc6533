"""What the state of a run is called, so that one plan can go on where another left off."""

from __future__ import annotations

EPOCH = "epoch"
"""The number of the last epoch, of a tube."""
OVER = "over"
"""Whether a tube has ended."""
ASSET = "asset"
"""What a carried asset holds."""
STORED_AT = "stored at"
"""The epoch in which that was stored."""
SOURCE = "source"
"""What draws from a source."""
GATHER = "gather"
"""What a gather has collected and not yet emitted."""

StateKey = tuple[str, str]
"""The kind of state, and the name of the tube, asset or node that it belongs to; the tube that is run has none."""
