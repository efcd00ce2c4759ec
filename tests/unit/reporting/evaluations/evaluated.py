"""Evaluations made by hand: synthetic scores, real records, so that reports can be looked at."""

from __future__ import annotations

import wave
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from earwitness.evaluation.measuring import Plan, evaluate
from earwitness.evaluation.records import Evaluation, Scored, Setup, Unread
from earwitness.records import Answer, Label, Reason, Trial

ATTACKS = {"neural vocoder": 0.2, "cloning <fast>": 1.6, "voice conversion": 2.4, "replay": 3.2}
THRESHOLD = 0.0
SETUP = Setup(
    data="corpora/pages",
    protocol="pages",
    partition="dev",
    model="embedded",
    weights_sha256="9f2c64" + "0a" * 29,
    settings_hash="a0765f41d0ac9e66",
    is_calibrated=True,
    operating_point="balanced",
    threshold=THRESHOLD,
    windows="4.04 s windows every 2.02 s where speech is heard; shorter ones are tiled",
    decoding="mean of all channels at 16,000 Hz",
    clustered_by="page",
    clusters=60,
    command="earwitness evaluate corpora/pages --partition dev --out runs/dev",
    date="2026-03-01",
    version="0.1.0",
)


def evaluated(
    n_bona_fide: int = 240, n_spoof: int = 360, *, seed: int = 1, folder: Path | None = None,
    is_calibrated: bool = True, unread: int = 1, sign: float = 1.0,
) -> Evaluation:  # fmt: skip
    """Make an evaluation; with a folder, the audio of its trials is written there."""
    trials = list(_trials(n_bona_fide, n_spoof, np.random.default_rng(seed), folder, sign=sign))
    if not is_calibrated:
        trials = [uncalibrated(one) for one in trials]
    setup = SETUP
    if not is_calibrated:
        setup = replace(setup, is_calibrated=False, operating_point=None, threshold=None)
    lost = tuple(
        Unread(Trial(f"audio/broken-{n}.mp3", Path(f"audio/broken-{n}.mp3"), Label.SPOOF, "dev"),
               "audio.unreadable", f"audio/broken-{n}.mp3: no decoder makes sense of it.")
        for n in range(unread)
    )  # fmt: skip
    return measured(setup, tuple(trials), lost)


def measured(
    setup: Setup, scored: tuple[Scored, ...], unread: tuple[Unread, ...] = (), **changes: Any
) -> Evaluation:
    """Measure trials as ``evaluate`` does, with fewer rounds."""
    plan = Plan(kin=("page",), groups=("attack",), rounds=100)
    return replace(evaluate(setup, scored, unread, plan), **changes)


def uncalibrated(one: Scored) -> Scored:
    raw = None if Reason.NO_SPEECH in one.reasons else one.llr / 3 + 1  # type: ignore[operator]
    answer = Answer.INCONCLUSIVE if raw is None else Answer.UNCALIBRATED
    return replace(one, llr=None, raw_score=raw, answer=answer)


def _trials(
    n_bona_fide: int, n_spoof: int, rng: np.random.Generator, folder: Path | None, *, sign: float
) -> Any:
    attacks = list(ATTACKS)
    for n in range(n_bona_fide + n_spoof):
        label = Label.BONA_FIDE if n < n_bona_fide else Label.SPOOF
        attack = "-" if label is Label.BONA_FIDE else attacks[n % len(attacks)]
        page = f"page-{rng.integers(60):02}"
        duration = float(np.round(rng.gamma(3.0, 1.6) + 0.4, 2))
        shift = 2.2 if label is Label.BONA_FIDE else 0.8 - ATTACKS[attack]
        llr = sign * float(rng.normal(shift, 1.2 + 1.5 / duration))
        name = f"{'Real' if label is Label.BONA_FIDE else 'Fake'}/clip-{n:04}.wav"
        path = Path(name)
        if folder is not None:
            path = folder / name
            _write(path, min(duration, 3.0), rng)
        meta = {"attack": attack, "page": page}
        trial = Trial(name, path, label, "dev", meta)
        yield _said(trial, llr, duration, is_silent=n % 97 == 5)


def _said(trial: Trial, llr: float, duration: float, *, is_silent: bool) -> Scored:
    if is_silent:
        return Scored(trial, None, 0.0, Answer.INCONCLUSIVE, (Reason.NO_SPEECH,), duration, 0.0)
    speech = round(0.8 * duration, 2)
    if speech < 1.0:
        answer, reasons = Answer.INCONCLUSIVE, (Reason.TOO_SHORT,)
    else:
        answer, reasons = (Answer.BONA_FIDE if llr >= THRESHOLD else Answer.SPOOF), ()
    return Scored(trial, llr / 2 - 0.3, llr, answer, reasons, duration, speech)


def _write(path: Path, seconds: float, rng: np.random.Generator) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    time = np.arange(int(16000 * seconds)) / 16000
    sound = 0.3 * np.sin(2 * np.pi * 180 * time) + 0.02 * rng.normal(size=len(time))
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(16000)
        file.writeframes((sound * 32767).astype("<i2").tobytes())
