"""What every figure is to be read with, told before anything is measured."""

from __future__ import annotations

import earwitness
from earwitness.audio.resample import QUALITY
from earwitness.detector import Detector
from earwitness.evaluation.questions import Questions
from earwitness.evaluation.records import Setup
from earwitness.segmentation.windows import WindowSettings

FROM_A_FILE = "not known: the scores came from a file"


def of_detector(detector: Detector, asked: Questions, *, command: str, date: str) -> Setup:
    """Describe a detector that listens to a data set.

    Args:
        detector: who listens.
        asked: about what.
        command: that repeats this.
        date: of today, as YYYY-MM-DD.
    """
    point = detector.point
    is_calibrated = point.threshold is not None
    return Setup(
        data=str(asked.root),
        protocol=asked.protocol,
        partition=asked.partition,
        model=detector.card.name,
        weights_sha256=detector.card.sha256,
        settings_hash=detector.settings_hash(),
        is_calibrated=is_calibrated,
        operating_point=point.name if is_calibrated else None,
        threshold=point.threshold,
        windows=windows(detector.windows),
        decoding=f"mean of all channels, at {detector.sample_rate:,} Hz (soxr {QUALITY})",
        clustered_by=None,
        clusters=len(asked.trials),
        command=command,
        date=date,
        version=earwitness.__version__,
    )


def of_scores(
    name: str,
    asked: Questions,
    *,
    is_calibrated: bool,
    threshold: float | None,
    command: str,
    date: str,
) -> Setup:
    """Describe scores that somebody computed before.

    Args:
        name: of the score file.
        asked: the key.
        is_calibrated: the scores are LLRs.
        threshold: that was chosen before these trials were seen, if one was.
        command: that repeats this.
        date: of today, as YYYY-MM-DD.
    """
    return Setup(
        data=str(asked.root),
        protocol=asked.protocol,
        partition=asked.partition,
        model=name,
        weights_sha256=None,
        settings_hash=None,
        is_calibrated=is_calibrated,
        operating_point=None if threshold is None else "as given",
        threshold=threshold,
        windows=FROM_A_FILE,
        decoding=FROM_A_FILE,
        clustered_by=None,
        clusters=len(asked.trials),
        command=command,
        date=date,
        version=earwitness.__version__,
    )


def windows(settings: WindowSettings) -> str:
    """Say how a recording is cut.

    Example:
        >>> windows(WindowSettings())
        'windows of 4 s, 2 s apart, where speech is heard; shorter speech is repeated to fill one'
    """
    return (
        f"windows of {settings.length_s:g} s, {settings.hop_s:g} s apart, where speech is heard; "
        "shorter speech is repeated to fill one"
    )
