"""Lowering: from a tube to its plan."""
