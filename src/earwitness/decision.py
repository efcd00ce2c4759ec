"""Room 4: the scores of a recording's segments → a verdict. Pure arithmetic; knows no network.

Three questions: how much do all the windows say together (``pool``), is there a stretch that says
otherwise (``find_stretches``), and does the sound carry enough to judge by at all (``doubts``).
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from earwitness.errors import SettingsError, UnknownName
from earwitness.records import (
    Answer,
    QualityNotes,
    Reason,
    SegmentScore,
    SourceFacts,
    Stretch,
    Verdict,
)
from earwitness.weights.cards import Card

Array = NDArray[np.float64]

# Where a recording's lower side is measured: its tail is heavier than a normal distribution's, and
# further down a few spliced sentences would pass for its own nature.
_LOW = 0.15
_LOW_SPREADS = 1.0364  # from the middle of a normal distribution to that quantile


@dataclass(frozen=True)
class Policy:
    """How verdicts are reached. The values travel with the detector.

    Attributes:
        min_speech_s: less speech than this is too little to judge by;
        min_speech_beside_music_s: so is less than this, where music has the larger part.
        max_music_share: share of the sound that is music, above which music has the larger part.
        min_snr_db, min_bandwidth_hz, max_clipped_share: beyond these the sound is too poor;
        max_broken_share: so it is with a larger share of samples that were no numbers.
        window_cap: the largest LLR, either way, that a single window may claim.
        witness_s: seconds of speech that count as one witness.
        correlation: how much two witnesses of one recording have in common, 0 to 1.
        stretch_windows: so many windows in a row, with a mean LLR
        stretch_llr: at or below this,
        stretch_drop: and so many spreads below the middle of the rest, may be a stretch.
        stretch_rest: least number of windows that the rest must have.
        stretch_spread: the least spread of LLRs that is believed of a recording.
    """

    min_speech_s: float = 1.0
    min_speech_beside_music_s: float = 4.0
    max_music_share: float = 0.5
    min_snr_db: float = 3.0
    min_bandwidth_hz: float = 2000.0
    max_clipped_share: float = 0.1
    max_broken_share: float = 0.001
    window_cap: float = 6.0
    witness_s: float = 4.0
    correlation: float = 0.3
    stretch_windows: int = 2
    stretch_llr: float = -2.5
    stretch_drop: float = 3.0
    stretch_rest: int = 6
    stretch_spread: float = 1.0

    def __post_init__(self) -> None:
        if not 0 <= self.correlation <= 1:
            raise SettingsError(f"correlation lies from 0 to 1, but got {self.correlation}.")
        for name in ("window_cap", "witness_s", "stretch_spread"):
            if not getattr(self, name) > 0:
                raise SettingsError(f"{name} must be positive, but got {getattr(self, name)}.")
        for name in ("stretch_windows", "stretch_rest"):
            if getattr(self, name) < 1:
                raise SettingsError(f"{name} must be at least 1, but got {getattr(self, name)}.")


@dataclass(frozen=True)
class OperatingPoint:
    """Where the line is drawn: bona fide where the LLR is at least ``threshold``.

    Attributes:
        name: as it stands in the verdict.
        threshold: an LLR; None for a detector without calibration.
        prior: the spoof prior that the threshold was made for; None where an error rate set it.
    """

    name: str
    threshold: float | None
    prior: float | None = None


BALANCED = OperatingPoint("balanced", threshold=0.0, prior=0.5)


def point_of_prior(prior: float) -> OperatingPoint:
    """Draw the line for a spoof prior, at equal costs.

    Raises:
        SettingsError: the prior does not lie between 0 and 1.

    Example:
        >>> round(point_of_prior(0.01).threshold, 1)
        -4.6
    """
    if not 0 < prior < 1:
        raise SettingsError(
            f"A prior lies between 0 and 1 and is neither of them, but got {prior}."
        )
    return OperatingPoint("prior", math.log(prior / (1 - prior)), prior)


def point_of_name(card: Card, name: str) -> OperatingPoint:
    """Take an operating point from a detector's card; "balanced" is always there.

    Raises:
        UnknownName: the card has no such operating point.
    """
    table = card.operating_points.get(name)
    if table is not None:
        return OperatingPoint(name, table.threshold, table.prior)
    if name == BALANCED.name:
        return BALANCED
    known = ", ".join(sorted({BALANCED.name, *card.operating_points}))
    raise UnknownName(
        f"The detector '{card.name}' has no operating point '{name}'. There are: {known}."
    )


def decide(
    scores: Sequence[SegmentScore],
    *,
    speech_s: float,
    facts: SourceFacts,
    quality: QualityNotes,
    policy: Policy,
    point: OperatingPoint,
    model: str,
    settings_hash: str,
) -> Verdict:
    """Reach a verdict on one recording.

    Args:
        scores: of its segments, in order.
        speech_s: how much speech was heard.
        facts: of the file.
        quality: of the sound.
        policy: how verdicts are reached.
        point: where the line is drawn.
        model: name of the detector.
        settings_hash: of all that can change a score.
    """
    is_calibrated = point.threshold is not None
    llr = pool(scores, policy) if scores and is_calibrated else None
    stretches = find_stretches(scores, policy) if is_calibrated else ()
    is_broken = _broken_share(facts, quality) > policy.max_broken_share
    why_not = tuple(
        doubts(scores, speech_s=speech_s, is_broken=is_broken, quality=quality, policy=policy)
    )
    marks = [Reason.TRUNCATED] * facts.truncated + [Reason.SUSPICIOUS_STRETCH] * bool(stretches)
    return Verdict(
        answer=_answer(llr, point, has_scores=bool(scores), is_in_doubt=bool(why_not)),
        llr=llr,
        raw_score=_mean([s.raw_score for s in scores], scores) if scores else None,
        speech_s=speech_s,
        segments=tuple(scores),
        stretches=stretches,
        reasons=(*why_not, *marks),
        facts=facts,
        quality=quality,
        model=model,
        settings_hash=settings_hash,
        operating_point=point.name,
        threshold=point.threshold,
        prior=point.prior,
    )


def pool(scores: Sequence[SegmentScore], policy: Policy) -> float:
    """Pool the LLRs of windows that share a voice, a microphone and a codec.

    The mean LLR, each window weighing by the speech that no window before it had, times the number
    of independent witnesses that so much speech is worth: n / (1 + (n - 1) * correlation) for n
    stretches of ``witness_s`` seconds. It tends to 1 / correlation, however long the recording.

    Args:
        scores: at least one, each with its LLR.
        policy: cap, seconds of a witness and correlation.
    """
    spoken_s = sum(score.fresh_s for score in scores)
    return _mean(_capped(scores, policy).tolist(), scores) * _witnesses(spoken_s, policy)


def doubts(
    scores: Sequence[SegmentScore],
    *,
    speech_s: float,
    is_broken: bool,
    quality: QualityNotes,
    policy: Policy,
) -> Iterator[Reason]:
    """Say why the sound does not carry enough to judge by; nothing if it does."""
    has_music = quality.music_share > policy.max_music_share
    if not scores and not is_broken:
        yield Reason.MUSIC if has_music else Reason.NO_SPEECH
    elif scores and has_music and speech_s < policy.min_speech_beside_music_s:
        yield Reason.MUSIC
    elif scores and speech_s < policy.min_speech_s:
        yield Reason.TOO_SHORT
    if is_broken or (scores and _is_poor(quality, policy)):
        yield Reason.POOR_QUALITY


def find_stretches(scores: Sequence[SegmentScore], policy: Policy) -> tuple[Stretch, ...]:
    """Find windows in a row that speak for a spoof, absolutely and against the rest.

    The rest are all windows outside of the row that is looked at. Where many of them are low, their
    spread is wide: a recording that is doubtful throughout accuses no part of itself.
    """
    heard = [score for score in scores if score.speech_s >= policy.min_speech_s]
    llrs = _capped(heard, policy)
    return tuple(
        Stretch(heard[first].start_s, heard[last - 1].end_s, pool(heard[first:last], policy))
        for first, last in _rows(llrs <= 0)
        if _stands_out(llrs, first, last, policy)
    )


def _stands_out(llrs: Array, first: int, last: int, policy: Policy) -> bool:
    """Compare the deepest part of a row, as many windows as the policy wants, with the rest."""
    count = policy.stretch_windows
    if last - first < count or len(llrs) - (last - first) < policy.stretch_rest:
        return False
    level = float(np.convolve(llrs[first:last], np.full(count, 1 / count), "valid").min())
    if level > policy.stretch_llr:
        return False
    rest = np.concatenate([llrs[:first], llrs[last:]])
    middle, low = (float(q) for q in np.quantile(rest, [0.5, _LOW]))
    spread = max((middle - low) / _LOW_SPREADS, policy.stretch_spread)
    return middle - level >= policy.stretch_drop * spread


def _rows(is_low: NDArray[np.bool_]) -> Iterator[tuple[int, int]]:
    """Give first and last (exclusive) of each row of True."""
    steps = np.diff(np.concatenate([[0], is_low.astype(np.int8), [0]]))
    starts, ends = np.flatnonzero(steps > 0), np.flatnonzero(steps < 0)
    yield from zip(starts.tolist(), ends.tolist(), strict=True)


def _answer(
    llr: float | None, point: OperatingPoint, *, has_scores: bool, is_in_doubt: bool
) -> Answer:
    if not has_scores:
        return Answer.INCONCLUSIVE
    if llr is None or point.threshold is None:
        return Answer.UNCALIBRATED
    if is_in_doubt:
        return Answer.INCONCLUSIVE
    return Answer.BONA_FIDE if llr >= point.threshold else Answer.SPOOF


def _is_poor(quality: QualityNotes, policy: Policy) -> bool:
    is_noisy = quality.snr_db is not None and quality.snr_db < policy.min_snr_db
    is_narrow = quality.bandwidth_hz is not None and quality.bandwidth_hz < policy.min_bandwidth_hz
    return is_noisy or is_narrow or quality.clipped_share > policy.max_clipped_share


def _broken_share(facts: SourceFacts, quality: QualityNotes) -> float:
    """Say what share of all samples was NaN, infinite, or beyond any sound."""
    form = facts.provenance
    samples = facts.duration_s * (form.sample_rate or 0) * (form.channels or 1)
    return quality.non_finite / samples if samples else 0.0


def _capped(scores: Sequence[SegmentScore], policy: Policy) -> Array:
    llrs = np.array([math.nan if s.llr is None else s.llr for s in scores], np.float64)
    return np.clip(llrs, -policy.window_cap, policy.window_cap)


def _mean(values: Sequence[float], scores: Sequence[SegmentScore]) -> float:
    """Give the mean, weighted by fresh speech; each weighs the same if there is none."""
    shares = np.array([score.fresh_s for score in scores], np.float64)
    weights = shares if shares.sum() > 0 else None
    return float(np.average(np.asarray(values, np.float64), weights=weights))


def _witnesses(spoken_s: float, policy: Policy) -> float:
    count = max(1.0, spoken_s / policy.witness_s)
    return count / (1 + (count - 1) * policy.correlation)
