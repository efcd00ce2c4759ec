"""Runs of made detectors on made trials, for tests of comparisons."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from earwitness.evaluation.comparing import Run
from earwitness.evaluation.records import Scored, Setup
from earwitness.records import Answer, Label, Trial


def trials(count: int = 240, *, pages: int = 24) -> list[Trial]:
    """Half of them bona fide; spoofs of three attacks, pages of ten trials each."""
    made = []
    for at in range(count):
        label = Label.BONA_FIDE if at % 2 else Label.SPOOF
        meta = {"page": f"page-{at % pages}", "attack": "-" if at % 2 else f"A0{at % 3}"}
        made.append(Trial(f"{label}/{at}.wav", Path(f"{at}.wav"), label, "eval", meta))
    return made


def llrs(asked: Sequence[Trial], apart: float, *, seed: int = 1) -> np.ndarray:
    """Draw LLRs as of two normal piles: the further apart, the better the detector."""
    key = np.array([trial.label is Label.BONA_FIDE for trial in asked])
    drawn = np.random.default_rng(seed).standard_normal(len(key))
    return apart * (drawn + apart * (key - 0.5))


def setup(name: str, *, is_calibrated: bool = True, partition: str = "eval") -> Setup:
    return Setup(
        data="data/spoken", protocol="manifest", partition=partition, model=name,
        weights_sha256="ab" * 32, settings_hash="0123456789abcdef", is_calibrated=is_calibrated,
        operating_point="balanced" if is_calibrated else None,
        threshold=0.0 if is_calibrated else None, windows="windows of 4 s", decoding="mono",
        clustered_by="page", clusters=24, command="earwitness evaluate data/spoken",
        date="2026-10-01", version="0.1.0",
    )  # fmt: skip


def run(
    name: str,
    asked: Sequence[Trial],
    scores: Sequence[float | None] | np.ndarray,
    *,
    is_calibrated: bool = True,
    columns: tuple[str, ...] = ("attack", "duration"),
    **more: object,
) -> Run:
    """Put scores to trials as an evaluation would have left them; None has no score."""
    scored = tuple(
        one(trial, None if score is None else float(score), is_calibrated=is_calibrated, at=at)
        for at, (trial, score) in enumerate(zip(asked, scores, strict=True))
    )
    labels = {trial.id: trial.label for trial in asked}
    made = setup(name, is_calibrated=is_calibrated)
    return Run(name, f"runs/{name}", made, labels, scored, columns, **more)


def one(trial: Trial, score: float | None, *, is_calibrated: bool, at: int = 0) -> Scored:
    duration = 3.0 if at % 4 < 2 else 6.0
    if not is_calibrated:
        return Scored(trial, score, None, Answer.UNCALIBRATED, duration_s=duration)
    answer = Answer.SPOOF if score is not None and score < 0 else Answer.BONA_FIDE
    return Scored(trial, score, score, answer, duration_s=duration)
