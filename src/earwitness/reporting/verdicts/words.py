"""A verdict in the words of a page: for readers who know neither the field nor the command line."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from earwitness.records import Answer, Failure, Provenance, Reason, Verdict
from earwitness.reporting import Finding, _words
from earwitness.reporting.as_details import heading, points

TONES = {
    Answer.BONA_FIDE: "bona-fide",
    Answer.SPOOF: "spoof",
    Answer.INCONCLUSIVE: "open",
    Answer.UNCALIBRATED: "open",
}
_ANSWERS = {
    Answer.BONA_FIDE: "Bona fide: sounds like human speech",
    Answer.SPOOF: "Spoof: sounds like synthetic or altered speech",
    Answer.INCONCLUSIVE: "Inconclusive: this recording does not carry enough to say",
    Answer.UNCALIBRATED: "No verdict: this detector gives a raw score only",
}
_BARELY = {
    Answer.BONA_FIDE: "Bona fide, but only just: rest nothing on it",
    Answer.SPOOF: "Spoof, but only just: rest nothing on it",
}
# What a reader must not conclude; kept apart from the verdict, and always shown with it.
CAVEATS = (
    (
        "One witness, not proof",
        "Bona fide does not authenticate a recording, and spoof convicts nobody. Ask where it "
        "comes from, and ask other witnesses.",
    ),
    (
        "Replay",
        "Speech that was played by a loudspeaker and recorded again is not covered: a fake can "
        "pass, and a genuine voice that is played again counts as genuine.",
    ),
    (
        "Music and singing",
        "Not covered. The detector was trained on speech; music under a voice weakens it, and "
        "singing was hardly heard.",
    ),
    (
        "Audio made to fool it",
        "Noise that somebody adds in order to deceive detectors (adversarial audio) can deceive "
        "this one.",
    ),
    (
        "New and partial fakes",
        "Methods newer than its training leave other traces. A single replaced word is shorter "
        "than the four seconds that it listens to at a time.",
    ),
    (
        "Genuine speech that sounds processed",
        "Telephone codecs, noise suppression and voice enhancement can make a genuine recording "
        "look like a spoof.",
    ),
)
_SHORT_CAVEAT = (
    "One witness, not proof. Not covered: replay through a loudspeaker, music, singing, and audio "
    "made to fool detectors."
)
_WIDEST_HZ = 7_000


@dataclass(frozen=True)
class Words:
    """All that a page tells of one recording beside its picture.

    Attributes:
        name: of the recording.
        tone: "bona-fide", "spoof", "open" or "failed".
        headline: the answer.
        meaning: the LLR in a sentence; empty where there is none.
        llr: as it is written; empty where there is none.
        marker: where the LLR stands on a scale from -7 to +7, in per cent.
        line: where the threshold stands on it; None without a calibration.
        notes: what else must be known, in sentences.
        facts: names and values.
    """

    name: str
    tone: str
    headline: str
    meaning: str = ""
    llr: str = ""
    marker: float | None = None
    line: float | None = None
    notes: tuple[str, ...] = ()
    facts: tuple[tuple[str, str], ...] = ()

    def aloud(self) -> str:
        """Say the verdict in a sentence, for those who hear the page."""
        told = [f"{self.name}: {self.headline}", self.meaning, *self.notes]
        return " ".join(_sentence(one) for one in told if one)


def words(finding: Finding, *, heard_at: int | None = None) -> Words:
    """Tell a finding.

    Args:
        finding: what was found.
        heard_at: the sample rate at which the detector listened, in Hz; None to say nothing of it.
    """
    found = finding.found
    name = heading(finding)
    if isinstance(found, Failure):
        return Words(name, "failed", "This file could not be read", notes=(failure(found),))
    has_llr = found.llr is not None and found.answer is not Answer.UNCALIBRATED
    is_scaled = has_llr and found.answer is not Answer.INCONCLUSIVE
    return Words(
        name=name,
        tone=TONES[found.answer],
        headline=headline(found),
        meaning=meaning(found),
        llr=_words.number(found.llr) if has_llr else "",
        marker=place(found.llr) if is_scaled and found.llr is not None else None,
        line=None if found.threshold is None else place(found.threshold),
        notes=tuple(notes(found, heard_at)),
        facts=tuple(_facts(found)),
    )


def headline(verdict: Verdict) -> str:
    """Give the answer; one that rests on next to nothing says so."""
    is_barely = verdict.llr is not None and _words.is_next_to_nothing(verdict.llr)
    table = _BARELY if is_barely and verdict.answer in _BARELY else _ANSWERS
    count = len(verdict.stretches)
    more = ", with a suspicious stretch" if count == 1 else f", with {count} suspicious stretches"
    return table[verdict.answer] + (more if count else "")


def meaning(verdict: Verdict) -> str:
    """Say what the LLR means, in a sentence."""
    if verdict.answer is Answer.UNCALIBRATED:
        score = "" if verdict.raw_score is None else f"Raw score {verdict.raw_score:.3f}. "
        return f"{score}Without a calibration its scores mean nothing by themselves."
    if verdict.llr is None:
        return ""
    if verdict.answer is Answer.INCONCLUSIVE:
        return "What there was is not enough to rest an answer on."
    llr = verdict.llr
    return f"The sound {_words.strength(llr)}: {_words.times(llr)}."


def notes(verdict: Verdict, heard_at: int | None) -> Iterator[str]:
    """Tell the reasons, and what was done to the recording before it was heard."""
    for reason, remark in zip(verdict.reasons, _words.remarks(verdict), strict=True):
        plain = remark.replace(" (FILE#t=FROM,TO)", "")
        yield _sentence(plain[:1].upper() + plain[1:])
        if reason is Reason.SUSPICIOUS_STRETCH:
            yield "Listen to it, and ask where it comes from: the rest may be genuine."
    if verdict.answer in _BARELY and _is_beyond_the_line(verdict):
        yield (
            f"At the operating point “{verdict.operating_point}” the line is drawn at LLR "
            f"{_words.number(verdict.threshold)}, and this recording is on the other side of it."
        )
    if heard_at is not None:
        yield from resampled(verdict.facts.provenance, heard_at)


def resampled(facts: Provenance, heard_at: int) -> Iterator[str]:
    """Say what was changed between the file and the detector.

    Example:
        >>> list(resampled(Provenance(sample_rate=44100, channels=2), 16000))
        ['Resampled from 44.1 kHz to 16 kHz, and its 2 channels were mixed: that is what the \
detector heard.']
    """
    done = []
    if facts.sample_rate and facts.sample_rate != heard_at:
        done.append(f"resampled from {facts.sample_rate / 1000:g} kHz to {heard_at / 1000:g} kHz")
    if facts.channels and facts.channels > 1:
        done.append(f"its {facts.channels} channels were mixed")
    if done:
        told = ", and ".join(done)
        yield f"{told[:1].upper()}{told[1:]}: that is what the detector heard."


def failure(found: Failure) -> str:
    """Say what is wrong with a file in one sentence, without repeating its name."""
    told = _words.trouble(found)
    return told[:1].upper() + told[1:]


def caveat() -> str:
    """Say in a line what no verdict of this detector covers."""
    return _SHORT_CAVEAT


def place(llr: float) -> float:
    """Say where an LLR stands on a scale from 1,000 times to 1,000 times, in per cent.

    Example:
        >>> place(0.0), place(-50.0)
        (50.0, 0.0)
    """
    return round(50 + 50 * max(-1.0, min(1.0, llr / 6.907755)), 2)


def _is_beyond_the_line(verdict: Verdict) -> bool:
    """Say whether the line makes the answer another one than the LLR alone would."""
    if verdict.llr is None or verdict.threshold is None:
        return False
    is_for = verdict.llr > 0
    return is_for != (verdict.answer is Answer.BONA_FIDE)


def _facts(verdict: Verdict) -> Iterator[tuple[str, str]]:
    told = dict(points(verdict))
    names = {
        "odds": "Odds", "line": "Where the line is", "speech": "Speech", "file": "File",
        "SHA-256": "SHA-256", "detector": "Detector",
    }  # fmt: skip
    for key, name in names.items():
        if key in told:
            yield (
                name,
                told[key]
                .replace(" (earwitness models)", "")
                .replace(", see earwitness models", ""),
            )
    if verdict.quality.snr_db is not None:
        yield "Speech over noise", f"about {verdict.quality.snr_db:.0f} dB"
    bandwidth = verdict.quality.bandwidth_hz
    if bandwidth is not None and bandwidth < _WIDEST_HZ:
        yield "Narrow sound", f"nothing above {bandwidth / 1000:.1f} kHz, as on a telephone"


def _sentence(text: str) -> str:
    return text if text[-1:] in ".?!:" else f"{text}."
