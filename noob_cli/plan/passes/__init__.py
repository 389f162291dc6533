"""Passes: from a plan to a better plan."""
