"""The words for what a verdict says. Comes in: numbers and reasons; goes out: plain English.

The scale of words is that of forensic science, in steps of ten of the likelihood ratio. Odds are
only ever told together with the prior that they belong to, and nothing is told in per cent.
"""

from __future__ import annotations

import math
import unicodedata

from earwitness.records import Answer, Failure, Reason, Seconds, Stretch, Verdict

ANSWERS = {
    Answer.BONA_FIDE: "bona fide",
    Answer.SPOOF: "spoof",
    Answer.INCONCLUSIVE: "inconclusive",
    Answer.UNCALIBRATED: "uncalibrated",
}
# LLR up to which each word holds: likelihood ratios of 2, 10, 100 and 1,000.
STRENGTHS = (
    (math.log(2), "barely"),
    (math.log(10), "weakly"),
    (math.log(100), "moderately"),
    (math.log(1000), "strongly"),
    (math.inf, "very strongly"),
)
MOST = 10_000
STANDARD_INPUT = "standard input"
_REDIRECTING = {"LRE", "RLE", "LRO", "RLO", "LRI", "RLI", "FSI", "PDF", "PDI"}


def side(llr: float) -> str:
    """Name what the sound speaks for."""
    return "bona fide" if llr > 0 else "a spoof"


def is_next_to_nothing(llr: float) -> bool:
    """Say whether the sound is less than twice as likely from the one as from the other."""
    return abs(llr) <= STRENGTHS[0][0]


def strength(llr: float) -> str:
    """Say how strongly the sound speaks, and for what.

    Example:
        >>> strength(-3.1)
        'speaks moderately for a spoof'
        >>> strength(0.2)
        'says next to nothing either way'
    """
    if is_next_to_nothing(llr):
        return "says next to nothing either way"
    word = next(word for limit, word in STRENGTHS if abs(llr) <= limit)
    return f"speaks {word} for {side(llr)}"


def times(llr: float) -> str:
    """Tell the likelihood ratio as a sentence.

    Example:
        >>> times(-2.303)
        'this sound is about 10 times as likely from a spoof as from bona fide speech'
    """
    one, other = "bona fide speech", "a spoof"
    likelier, rarer = (one, other) if llr > 0 else (other, one)
    ratio = _ratio(abs(llr))
    if ratio == "1":
        return "this sound is as likely from the one as from the other"
    return f"this sound is {ratio} times as likely from {likelier} as from {rarer}"


def odds(llr: float, prior: float) -> str:
    """Tell the odds after listening, for a prior of a spoof.

    Example:
        >>> odds(-2.303, 0.5)
        'for a prior of a spoof of 0.5 (as likely as not), now about 10 to 1 for a spoof'
        >>> odds(-2.303, 0.01)
        'for a prior of a spoof of 0.01, now about 9.9 to 1 for bona fide'
    """
    before = math.log(prior) - math.log1p(-prior)
    after = llr - before
    words = " (as likely as not)" if prior == 0.5 else ""
    start = f"for a prior of a spoof of {prior:g}{words}, now"
    ratio = _ratio(abs(after))
    return f"{start} even odds" if ratio == "1" else f"{start} {ratio} to 1 for {side(after)}"


def number(llr: float | None) -> str:
    """Write an LLR with its sign, to one decimal; a dash where there is none."""
    if llr is None:
        return "–"
    text = f"{llr:+.1f}"
    return "0.0" if text in ("-0.0", "+0.0") else text


def clock(seconds: Seconds) -> str:
    """Write a time as people read it, and as ``#t=`` takes it.

    Example:
        >>> clock(116.4), clock(3725)
        ('1:56', '1:02:05')
    """
    minutes, rest = divmod(int(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"


def length(seconds: Seconds) -> str:
    """Write a length of time: in seconds while that is easy to grasp.

    Example:
        >>> length(5.94), length(201.2)
        ('5.9 s', '3:21 min')
    """
    if seconds < 120:
        return f"{seconds:.1f} s"
    return f"{clock(seconds)} {'h' if seconds >= 3600 else 'min'}"


def remarks(verdict: Verdict) -> list[str]:
    """Tell each reason in words, with what helps."""
    return [_reason(reason, verdict) for reason in verdict.reasons]


def stretches(found: tuple[Stretch, ...], *, most: int = 4) -> str:
    """Tell where the suspicious stretches are.

    Example:
        >>> stretches((Stretch(116.4, 122.2, -4.0), Stretch(200.0, 204.0, -3.0)))
        '1:56 to 2:03, 3:20 to 3:24'
    """
    told = [f"{clock(s.start_s)} to {clock(math.ceil(s.end_s))}" for s in found[:most]]
    more = len(found) - most
    return ", ".join(told) + (f" and {more} more" if more > 0 else "")


def says(verdict: Verdict) -> str:
    """Tell in one line what the sound says, and what else to know."""
    notes = remarks(verdict)
    if verdict.answer is Answer.UNCALIBRATED:
        score = "no score" if verdict.raw_score is None else f"raw score {verdict.raw_score:.3f}"
        notes.insert(0, f"{score}, not calibrated")
    elif verdict.answer is not Answer.INCONCLUSIVE and verdict.llr is not None:
        notes.insert(0, strength(verdict.llr) + _against_the_line(verdict))
    return "; ".join(notes)


def no_calibration(model: str) -> str:
    """Tell what follows from a detector without calibration, and what helps."""
    return (
        f"'{model}' has no calibration and its scores mean nothing by themselves: "
        "use a calibrated detector (earwitness models)"
    )


def line(verdict: Verdict) -> str:
    """Tell where the line between bona fide and spoof is drawn, and for which prior."""
    point = "--prior" if verdict.operating_point == "prior" else verdict.operating_point
    if verdict.threshold is None:
        return f"none is drawn, for {no_calibration(verdict.model)}"
    drawn = f"bona fide from LLR {number(verdict.threshold)} up ({point}"
    if verdict.prior is None:
        return f"{drawn}; set by an error rate, see earwitness models)"
    return f"{drawn}; prior of a spoof {verdict.prior:g})"


def trouble(failure: Failure) -> str:
    """Give the sentence of a failure without the name in front of it."""
    name = STANDARD_INPUT if failure.source == "-" else failure.source
    return visible(failure.message.removeprefix(f"{name}: "))


def visible(text: str) -> str:
    r"""Make a name from outside safe to show: no control codes, nothing that redirects the line.

    Example:
        >>> visible("a\x1b[31m.wav")
        'a�[31m.wav'
    """
    return "".join("\ufffd" if _is_unshowable(sign) else sign for sign in text)


def columns(text: str) -> int:
    r"""Count the columns of a terminal that a text takes: signs of East Asia are two wide.

    Example:
        >>> columns("音.wav"), columns("e\u0301")
        (6, 1)
    """
    wide = sum(unicodedata.east_asian_width(sign) in "WF" for sign in text)
    return len(text) + wide - sum(unicodedata.combining(sign) > 0 for sign in text)


def _is_unshowable(sign: str) -> bool:
    kind = unicodedata.category(sign)
    return kind in ("Cc", "Cs") or unicodedata.bidirectional(sign) in _REDIRECTING


def _ratio(log_ratio: float) -> str:
    if log_ratio > math.log(MOST):
        return f"more than {MOST:,}"
    ratio = math.exp(log_ratio)
    if ratio < 1.05:
        return "1"
    return f"about {ratio:.2g}" if ratio < 99.5 else f"about {float(f'{ratio:.2g}'):,.0f}"


def _against_the_line(verdict: Verdict) -> str:
    """Explain an answer that the LLR alone would not lead to."""
    llr, threshold = verdict.llr, verdict.threshold
    if llr is None or threshold is None or (llr > 0) == (verdict.answer is Answer.BONA_FIDE):
        return ""
    return f", and the line is drawn at {number(threshold)}"


def _reason(reason: Reason, verdict: Verdict) -> str:
    if reason is Reason.SUSPICIOUS_STRETCH:
        many = "es" if len(verdict.stretches) > 1 else ""
        return f"suspicious stretch{many} at {stretches(verdict.stretches)}"
    if reason is Reason.TOO_SHORT:
        return f"only {verdict.speech_s:.1f} s of speech: try a longer piece"
    if reason is Reason.POOR_QUALITY:
        return f"the sound is too poor to judge{_poorness(verdict)}: try an earlier copy"
    return _FIXED[reason]


_FIXED = {
    Reason.NO_SPEECH: "no speech found: try another recording or channel",
    Reason.MUSIC: "mostly music: try a stretch without it (FILE#t=FROM,TO)",
    Reason.TRUNCATED: "the file breaks off early; what there was is judged",
}


def _poorness(verdict: Verdict) -> str:
    """Give the measures, so that a reader sees which of them is bad."""
    quality, told = verdict.quality, []
    if quality.snr_db is not None:
        told.append(f"{quality.snr_db:.0f} dB over the noise")
    if quality.bandwidth_hz is not None:
        told.append(f"nothing above {quality.bandwidth_hz / 1000:.1f} kHz")
    if quality.clipped_share >= 0.001:
        told.append(f"{quality.clipped_share:.1%} of the samples clipped")
    return f" ({', '.join(told)})" if told else ""
