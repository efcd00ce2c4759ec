"""Trials with scores that are made, for tests of what is measured on them."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from earwitness.evaluation.records import Scored, Setup, Unread
from earwitness.records import Answer, Label, Trial

SETUP = Setup(
    data="made", protocol="folder", partition="eval", model="made", weights_sha256="ab" * 32,
    settings_hash="0123456789abcdef", is_calibrated=True, operating_point="balanced",
    threshold=0.0, windows="windows", decoding="decoding", clustered_by=None, clusters=0,
    command="earwitness evaluate made", date="2026-11-24", version="0.1.0",
)  # fmt: skip


def trial(name: str, label: Label, **meta: str) -> Trial:
    return Trial(name, Path(name), label, "eval", meta)


def answered(one: Trial, llr: float, *, duration_s: float | None = 4.0) -> Scored:
    answer = Answer.BONA_FIDE if llr >= 0 else Answer.SPOOF
    return Scored(one, llr, llr, answer, (), duration_s, duration_s)


def scored(bona_fide: Sequence[float], spoof: Sequence[float], **columns: Any) -> list[Scored]:
    """Answer so many trials with these LLRs; a column is a function of label and number."""
    made = []
    for label, llrs in ((Label.BONA_FIDE, bona_fide), (Label.SPOOF, spoof)):
        for number, llr in enumerate(llrs):
            meta = {name: column(label, number) for name, column in columns.items()}
            made.append(answered(trial(f"{label}/{number}", label, **meta), float(llr)))
    return made


def gaussian(n: int, *, apart: float = 2.0, seed: int = 1) -> list[Scored]:
    """Answer n trials of each label with normal LLRs whose means are so far apart."""
    rng = np.random.default_rng(seed)
    return scored(rng.normal(apart / 2, 1, n), rng.normal(-apart / 2, 1, n))


def unread(name: str, label: Label = Label.SPOOF) -> Unread:
    return Unread(trial(name, label), "audio.unreadable", f"{name}: no sound in it.")
