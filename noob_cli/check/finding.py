"""What a rule found, before it is known where in the file that is."""

from __future__ import annotations

from dataclasses import dataclass

from noob_cli.diagnostics import Diagnostic, DocumentPath, Related, Severity
from noob_cli.spec.document import Document


@dataclass(frozen=True)
class Finding:
    """A mistake in a tube, at a path of its document.

    Args:
        code: The rule's code.
        message: What was found and what was expected.
        path: Where it is in the document.
        hint: What to do about it.
        at_key: Whether the key at the path is meant, and not the value.
        severity: Whether the tube can run all the same.
        related: Other places that have to do with it, as a message and the path of a key.
    """

    code: str
    message: str
    path: DocumentPath
    hint: str | None = None
    at_key: bool = False
    severity: Severity = Severity.error
    related: tuple[tuple[str, DocumentPath], ...] = ()

    def locate(self, document: Document) -> Diagnostic:
        """The finding as a diagnostic, with its place in the file."""
        place = document.key_span if self.at_key else document.value_span
        related = tuple(Related(text, document.key_span(path)) for text, path in self.related)
        return Diagnostic(self.code, self.message, self.path, place(self.path), self.hint, self.severity, related)
