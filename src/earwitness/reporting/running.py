"""How a live stream looks so far → JSON for programs, a line for people."""

from __future__ import annotations

import math
from typing import Any

from earwitness.live import Running
from earwitness.reporting import _words


def table(running: Running) -> dict[str, Any]:
    """Lay it out, as web sockets and ``listen --json`` send it; ``windows`` are new ones only."""
    verdict = running.verdict
    windows = [
        {
            "start_s": round(one.start_s, 6),
            "end_s": round(one.end_s, 6),
            "llr": _finite(one.llr),
            "raw_score": _finite(one.raw_score),
        }
        for one in running.fresh
    ]
    return {
        "type": "running",
        "heard_s": round(running.heard_s, 6),
        "speech_s": round(verdict.speech_s, 6),
        "verdict": verdict.answer.value,
        "llr": _finite(verdict.llr),
        "raw_score": _finite(verdict.raw_score),
        "reasons": [reason.value for reason in verdict.reasons],
        "windows": windows,
    }


def line(running: Running) -> str:
    """Say it in less than a line of a terminal."""
    verdict = running.verdict
    told = "no speech yet" if verdict.raw_score is None else f"so far {_words.says(verdict)}"
    number = f" (LLR {_words.number(verdict.llr)})" if verdict.llr is not None else ""
    return f"{_words.clock(running.heard_s)}  {told}{number}"


def _finite(value: float | None) -> float | None:
    return value if value is not None and math.isfinite(value) else None
