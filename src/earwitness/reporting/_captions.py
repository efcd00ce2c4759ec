"""The words around the picture of a recording, for readers who have nothing but the picture."""

from __future__ import annotations

from dataclasses import replace
from pathlib import PurePath
from textwrap import wrap

from earwitness import __version__
from earwitness.records import Answer, Verdict
from earwitness.reporting import Finding, _words
from earwitness.reporting.as_details import heading, points

WIDTH, FOOT_WIDTH = 144, 170  # signs that a line has room for
MOST_NAME = 60
_CAUTION = "One witness; see known blind spots."


def title(verdict: Verdict) -> str:
    """Tell the answer; a suspicious stretch belongs to it."""
    count = len(verdict.stretches)
    more = "a suspicious stretch" if count == 1 else f"{count} suspicious stretches"
    return f"Verdict: {_words.ANSWERS[verdict.answer]}" + (f", with {more}" if count else "")


def explanation(verdict: Verdict) -> list[str]:
    """Tell what the sound says, and what else to know, as lines."""
    told = []
    for label, text in points(verdict):
        if label == "LLR":
            told.append(f"LLR {text}.")
        elif label == "note":
            told.append(f"{text[:1].upper()}{text[1:]}.")
    if verdict.answer is Answer.UNCALIBRATED:
        score = "" if verdict.raw_score is None else f"Raw score {verdict.raw_score:.3f}: "
        told.append(f"{score}{_words.no_calibration(verdict.model)}.")
    return [line for text in told for line in wrap(text, WIDTH, break_on_hyphens=False)]


def footer(finding: Finding, verdict: Verdict) -> list[str]:
    """Tell what was asked, and who answered: enough to ask again."""
    facts = (
        recording(finding),
        f"detector {_words.visible(verdict.model)}",
        _point(verdict),
        f"Earwitness {__version__}",
    )
    return [*wrap("  ·  ".join(facts), FOOT_WIDTH, break_on_hyphens=False), _CAUTION]


def _point(verdict: Verdict) -> str:
    if verdict.threshold is None:
        return "no operating point"
    name = "--prior" if verdict.operating_point == "prior" else verdict.operating_point
    prior = "" if verdict.prior is None else f" (prior of a spoof {verdict.prior:g})"
    return f"operating point {_words.visible(name)}{prior}"


def recording(finding: Finding) -> str:
    """Name the recording without its folders, which are nobody's business, and not too long."""
    name = finding.source if finding.source == "-" else PurePath(finding.source).name
    told = heading(replace(finding, part=replace(finding.part, source=name)))
    over = len(told) - MOST_NAME
    half = MOST_NAME // 2
    return told if over <= 0 else f"{told[: half - 1]}…{told[-half:]}"


def line(verdict: Verdict, *, is_shown: bool) -> str:
    """Name the line that is drawn at the threshold, or say why there is none to be seen."""
    outside = "" if is_shown else " – outside of this picture"
    return f"line for the whole recording: {_words.line(verdict)}{outside}"


def strips(step: int | None, *, is_llr: bool, is_cut: bool) -> str:
    """Name the strips, and what is to be known of them."""
    notes = "empty: no speech" + "; ▲▼: beyond this picture" * is_cut
    what = "LLR" if is_llr else "raw score"
    if step is None:
        return f"{what} of each window of speech ({notes})"
    return f"median {what} of the windows in each {_span(step)} ({notes})"


def lowest(step: int) -> str:
    """Name the marks of the lowest windows."""
    return f"lowest window in each {_span(step)}"


def _span(step: int) -> str:
    return f"{step} s" if step < 120 else f"{step // 60} min"
