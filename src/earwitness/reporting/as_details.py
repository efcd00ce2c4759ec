"""Findings → all that a person wants to know of one recording, as lines of at most 80 columns."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from textwrap import wrap

from earwitness.records import Answer, Failure, Provenance, Verdict
from earwitness.reporting import FORMS, Finding, _words

WIDTH = 80
_LABEL = 12
ASSUMED_PRIOR = 0.5


@FORMS.add
def lines(findings: Iterable[Finding]) -> Iterator[str]:
    """Tell more of each recording: odds, line, speech, file."""
    for at, finding in enumerate(findings):
        yield from [""] * (at > 0)
        yield from card(finding)


def card(finding: Finding) -> Iterator[str]:
    """Tell of one recording, a heading and a line or more for each point."""
    yield heading(finding)
    for label, text in points(finding.found):
        pieces = wrap(text, WIDTH - 2 - _LABEL, break_on_hyphens=False) or [""]
        yield f"  {label:<{_LABEL}}{pieces[0]}"
        yield from (f"  {'':<{_LABEL}}{piece}" for piece in pieces[1:])


def heading(finding: Finding) -> str:
    """Name the source, with the range and the channel that were asked about.

    Example:
        >>> from earwitness.reporting import Part
        >>> failure = Failure("call.wav", "audio.empty", "call.wav: is empty.")
        >>> heading(Finding(failure, Part("call.wav", 1, 65.0)))
        'call.wav#t=1:05 (channel 1)'
    """
    part = finding.part
    name = _words.STANDARD_INPUT if finding.source == "-" else _words.visible(finding.source)
    if part.has_range:
        start = _exact(part.start_s) if part.start_s else ""
        name += f"#t={start}" + (f",{_exact(part.end_s)}" if part.end_s is not None else "")
    return name if part.channel == "mix" else f"{name} (channel {part.channel})"


def points(found: Verdict | Failure) -> Iterator[tuple[str, str]]:
    """Give what is to be told, as label and text."""
    if isinstance(found, Failure):
        yield "not read", _words.trouble(found)
        return
    yield "verdict", _words.ANSWERS[found.answer]
    for remark in _words.remarks(found):
        yield "note", remark
    yield from _strength(found)
    yield "line", _words.line(found)
    yield "speech", _speech(found)
    yield "file", file_facts(found.facts.provenance)
    yield "SHA-256", found.facts.sha256
    yield "detector", f"{found.model}, settings {found.settings_hash}"


def file_facts(facts: Provenance) -> str:
    """Tell what the container says: facts beside the verdict, never part of it."""
    told = [name for name in (facts.container, facts.codec) if name]
    told = told[:1] if len(set(told)) == 1 else told
    if facts.sample_rate:
        told.append(f"{facts.sample_rate / 1000:g} kHz")
    if facts.channels:
        told.append({1: "mono", 2: "stereo"}.get(facts.channels, f"{facts.channels} channels"))
    if facts.encoder:
        told.append(f"written by “{facts.encoder}”")
    if facts.bandwidth_hz:
        told.append(f"sound up to {facts.bandwidth_hz / 1000:.1f} kHz")
    if facts.c2pa is not None:
        told.append(
            "a C2PA manifest is present (its signature was not checked)"
            if facts.c2pa
            else "no C2PA manifest"
        )
    return _words.visible(", ".join(told))


def _strength(verdict: Verdict) -> Iterator[tuple[str, str]]:
    llr = verdict.llr
    if verdict.answer is Answer.UNCALIBRATED or llr is None:
        if verdict.raw_score is not None:
            yield "raw score", f"{verdict.raw_score:.3f}"
        return
    if verdict.answer is Answer.INCONCLUSIVE:
        yield "LLR", f"({_words.number(llr)}), for what there was; not enough to rest an answer on"
        return
    caution = "; rest nothing on it" if _words.is_next_to_nothing(llr) else ""
    strength = f"{_words.strength(llr)}; {_words.times(llr)}"
    yield "LLR", f"{_words.number(llr)}: {strength}{caution}"
    yield "odds", _words.odds(llr, ASSUMED_PRIOR if verdict.prior is None else verdict.prior)


def _speech(verdict: Verdict) -> str:
    windows = len(verdict.segments)
    plural = "" if windows == 1 else "s"
    return (
        f"{_words.length(verdict.speech_s)} of speech in "
        f"{_words.length(verdict.facts.duration_s)} of sound, {windows} window{plural}"
    )


def _exact(seconds: float) -> str:
    """Write a time as ``#t=`` takes it, without losing the part of a second."""
    rest = f"{seconds % 1:.3f}".rstrip("0").rstrip(".")
    return _words.clock(seconds) + rest.removeprefix("0")
