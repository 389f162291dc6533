"""One mistake is one diagnostic: what only follows from another finding is not shown for itself."""

from __future__ import annotations

from collections.abc import Mapping, Sequence, Set

from noob_cli.check.finding import Finding
from noob_cli.diagnostics import DocumentPath, Severity

_MOST_NOTES = 3
"""Of how many symptoms the place is told."""


def root_causes_in(findings: Sequence[Finding], known: Set[DocumentPath]) -> list[Finding]:
    """The findings that no other finding explains. A warning that explains an error becomes an error.

    Args:
        findings: All that was found.
        known: What is explained by something that is shown anyway.
    """
    explaining = {finding.explains: finding for finding in reversed(findings) if finding.explains is not None}
    symptoms: dict[int, list[Finding]] = {}
    kept = []
    for finding in findings:
        root = _root(finding, explaining)
        if root is not finding:
            symptoms.setdefault(id(root), []).append(finding)
        elif known.isdisjoint(finding.explained_by):
            kept.append(finding)
    return [_with_symptoms(finding, symptoms.get(id(finding), [])) for finding in kept]


def _root(finding: Finding, explaining: Mapping[DocumentPath, Finding]) -> Finding:
    """What explains a finding and is not explained itself; the finding if nothing does."""
    while True:
        reason = next((explaining[path] for path in finding.explained_by if path in explaining), None)
        if reason is None:
            return finding
        finding = reason


def _with_symptoms(finding: Finding, symptoms: list[Finding]) -> Finding:
    if not symptoms:
        return finding
    is_error = finding.is_error or any(symptom.is_error for symptom in symptoms)
    return finding._replace(
        severity=Severity.error if is_error else finding.severity, symptoms=tuple(symptoms[:_MOST_NOTES])
    )
