"""A mistake as a value."""

from __future__ import annotations

from noob_cli.diagnostics import Diagnostic


def test_what_a_file_says_at_length_is_shown_in_short():
    diagnostic = Diagnostic("K001", f"the key '{'k' * 10_000}' has no meaning here", hint="h" * 10_000)
    assert diagnostic.message.startswith("the key 'kkk")
    assert diagnostic.message.endswith("kkk' has no meaning here")
    assert "kkk...kkk" in diagnostic.message
    assert len(diagnostic.message) == len(diagnostic.hint) <= 800
    assert Diagnostic("K001", "m" * 800).message == "m" * 800
