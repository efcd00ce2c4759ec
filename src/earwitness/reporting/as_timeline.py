"""Findings → the details of each recording and its windows as bars, in 80 columns."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from earwitness.records import Verdict
from earwitness.reporting import FORMS, Finding
from earwitness.reporting._timeline import timeline
from earwitness.reporting.as_details import card


@FORMS.add
def lines(findings: Iterable[Finding]) -> Iterator[str]:
    """Show the windows of each recording as bars."""
    for at, finding in enumerate(findings):
        yield from [""] * (at > 0)
        yield from card(finding)
        if isinstance(finding.found, Verdict):
            yield ""
            yield from timeline(finding.found)
