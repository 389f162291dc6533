"""How long tests wait for what has to come: so long that a busy machine gets there."""

PATIENCE = 120.0
"""For how many seconds a test waits for what has to come: a process that ends, a line that is written."""
