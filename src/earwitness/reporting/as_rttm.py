"""Findings → RTTM: what each stretch of time speaks for, in the form of diarisation tools.

The labels stand where a speaker's name would: ``bonafide``, ``spoof`` (windows against the
threshold) and ``suspicious_stretch``. The field for a confidence stays empty: an LLR is none.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from earwitness.records import Failure, Reason
from earwitness.reporting import FORMS, Finding
from earwitness.reporting._turns import Turn, turns


@FORMS.add
def lines(findings: Iterable[Finding]) -> Iterator[str]:
    """Write what each stretch of time speaks for as RTTM."""
    for finding in findings:
        if isinstance(finding.found, Failure):
            continue
        name = re.sub(r"\s", "_", finding.source)
        channel = 1 if finding.part.channel == "mix" else finding.part.channel + 1
        stretches = [
            Turn(s.start_s, s.end_s, Reason.SUSPICIOUS_STRETCH.value)
            for s in finding.found.stretches
        ]
        for turn in (*turns(finding.found), *stretches):
            span = f"{turn.start_s:.3f} {turn.end_s - turn.start_s:.3f}"
            yield f"SPEAKER {name} {channel} {span} <NA> <NA> {turn.label} <NA> <NA>"
