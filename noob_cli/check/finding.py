"""What a rule found, before it is known where in the file that is."""

from __future__ import annotations

from collections.abc import Iterable

from noob_cli.advice import Advice
from noob_cli.diagnostics import Diagnostic, DocumentPath, Related, Severity, Span
from noob_cli.named_tuple import NamedTuple
from noob_cli.specification.document import Document


class Finding(NamedTuple):
    """A mistake in a tube, at a path of its document.

    Args:
        code: The rule's code.
        message: What was found and what was expected.
        path: Where it is in the document.
        hint: What to do about it.
        at_key: Whether the key at the path is meant, and not the value.
        severity: Whether the tube can run all the same.
        related: Other places that have to do with it, as a message and the path of a key.
        explains: What is missing or unknown because of it, if something is: a key that was meant, a name.
        explained_by: What explains it, if that is wrong.
        symptoms: What follows from it, and is not shown for itself.
    """

    code: str
    message: str
    path: DocumentPath
    hint: str | None = None
    at_key: bool = False
    severity: Severity = Severity.error
    related: tuple[tuple[str, DocumentPath], ...] = ()
    explains: DocumentPath | None = None
    explained_by: tuple[DocumentPath, ...] = ()
    symptoms: tuple[Finding, ...] = ()

    @property
    def is_error(self) -> bool:
        """Whether the tube can't run because of it."""
        return self.severity is Severity.error

    def locate(self, document: Document) -> Diagnostic:
        """The finding as a diagnostic, with its place in the file."""
        related = [Related(text, document.key_span(path)) for text, path in self.related]
        related += [Related(symptom.message, symptom._place(document)) for symptom in self.symptoms]
        hint = self.hint.within(document.whole) if isinstance(self.hint, Advice) else self.hint
        place, path = self._place(document), document.whole(self.path)
        return Diagnostic(self.code, self.message, path, place, hint, self.severity, tuple(related))

    def _place(self, document: Document) -> Span | None:
        return document.key_span(self.path) if self.at_key else document.value_span(self.path)


def places_of(nodes: Iterable[str]) -> tuple[tuple[str, DocumentPath], ...]:
    """Nodes as other places that have to do with a finding."""
    return tuple((f"'{name}' is here", ("nodes", name)) for name in nodes)


def missing_in(path: DocumentPath) -> DocumentPath:
    """What a finding explains that says what an entry, or the tube itself, lacks."""
    return (*path, "")


def signals_of(node: DocumentPath) -> DocumentPath:
    """What a finding explains that says that the names of a node's signals are wrong."""
    return (*node, "signals of")
