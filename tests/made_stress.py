"""Answers made by hand, and a stress test of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np

from earwitness.evaluation.records import Scored, Setup, Unread
from earwitness.evaluation.stress.families import Clip, Condition, Family
from earwitness.evaluation.stress.measuring import Asked, stress_test
from earwitness.evaluation.stress.records import StressTest, Tried
from earwitness.records import Answer, Label, Samples, Trial

SETUP = Setup(
    data="corpus",
    protocol="folder",
    partition="eval",
    model="tiny",
    weights_sha256="0123456789abcdef" * 4,
    settings_hash="abcdef",
    is_calibrated=True,
    operating_point="balanced",
    threshold=0.0,
    windows="windows of 4 s",
    decoding="mono",
    clustered_by=None,
    clusters=0,
    command="earwitness stress tiny corpus",
    date="2026-01-01",
    version="0.0",
)
Scores = Sequence[float | None]


def nothing(clip: Clip, rng: np.random.Generator) -> Samples:
    return clip.samples


def trial(number: int, label: Label) -> Trial:
    name = f"{label}{number}"
    return Trial(name, Path(name), label, "eval", {"page": f"p{number % 12}"})


def said(of: Trial, score: float | None, answer: Answer | None = None) -> Scored:
    is_bona_fide = score is not None and score >= 0
    answer = answer or (Answer.BONA_FIDE if is_bona_fide else Answer.SPOOF)
    return Scored(of, score, score, answer)


def tried(
    clean: Mapping[Label, Scores], under: Mapping[str, Mapping[Label, Scores]]
) -> list[Tried]:
    """Label → scores, clean and under each condition; None under one for a clip it leaves out."""
    found = []
    for label, scores in clean.items():
        for number, score in enumerate(scores):
            of = trial(number, label)
            answers = {
                name: None if by[label][number] is None else said(of, by[label][number])
                for name, by in under.items()
            }
            found.append(Tried(said(of, score), answers))
    return found


def scores(rng: np.random.Generator, apart: float, count: int = 60) -> dict[Label, Scores]:
    """Draw scores whose labels lie so far apart."""
    return {
        Label.BONA_FIDE: (rng.standard_normal(count) + apart / 2).tolist(),
        Label.SPOOF: (rng.standard_normal(count) - apart / 2).tolist(),
    }


def made_family(*names: str, missing: str = "") -> dict[str, Family]:
    conditions = [Condition(name, f"the {name}", nothing, needs="patience") for name in names]
    if missing:
        conditions.append(Condition(missing, f"the {missing}", nothing, missing="It is not here."))
    return {"made": Family("Made up", "Nothing is done.", tuple(conditions))}


def made_test(
    outcomes: Sequence[Tried | Unread], *names: str, missing: str = "", limit: int | None = None
) -> StressTest:
    asked = Asked(
        made_family(*names, missing=missing), 1, len(outcomes), limit, kin=("page",), rounds=200
    )
    return stress_test(SETUP, outcomes, asked)


def usual(**apart: float) -> StressTest:
    """Clean labels lie 3 apart, and under each condition so far apart as it says."""
    rng = np.random.default_rng(5)
    clean = scores(rng, 3.0)
    under = {name: scores(rng, distance) for name, distance in apart.items()}
    return made_test(tried(clean, under), *apart)
