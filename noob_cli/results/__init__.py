"""Results out: how they are encoded, framed and written."""
