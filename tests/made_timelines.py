"""Timelines made by hand beside a reference, for tests of what is measured and told of them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from earwitness.evaluation.localising import localise
from earwitness.evaluation.located import Localisation
from earwitness.evaluation.records import Setup
from earwitness.evaluation.rttm import Marked
from earwitness.evaluation.timelines import Outcome, Timeline
from earwitness.metrics.localisation import Region
from earwitness.records import Label, Trial
from verdicts import window

SETUP = Setup(
    data="made", protocol="folder", partition="eval", model="made", weights_sha256="ab" * 32,
    settings_hash="0123456789abcdef", is_calibrated=True, operating_point="balanced",
    threshold=0.0, windows="windows of 4 s", decoding="decoding", clustered_by=None, clusters=0,
    command="earwitness evaluate made", date="2026-11-24", version="0.1.0",
)  # fmt: skip
LOW = Region(4.0, 8.0)


def timeline(
    name: str,
    llrs: Iterable[float | None],
    *,
    suspicious: Iterable[Region] = (),
    is_calibrated: bool = True,
    **meta: str,
) -> Timeline:
    """Give a recording with windows of 4 s side by side; None leaves a gap."""
    label = Label.SPOOF if name.startswith("spoof") else Label.BONA_FIDE
    trial = Trial(name, Path(name), label, "eval", meta)
    held = list(llrs)
    windows = [
        window(4.0 * at, llr) if is_calibrated else replace(window(4.0 * at, None), raw_score=llr)
        for at, llr in enumerate(held)
        if llr is not None
    ]
    return Timeline(trial, 4.0 * len(held), tuple(windows), tuple(suspicious), is_calibrated)


def located(*outcomes: Outcome, spoof: Region = LOW, **more: Any) -> Localisation:
    """Localise; whatever is a spoof is spoofed in one region."""
    uncalibrated = any(isinstance(o, Timeline) and not o.is_calibrated for o in outcomes)
    setup = replace(SETUP, is_calibrated=not uncalibrated)
    asked = {"setup": setup, "segments": "REF.rttm", "rng": np.random.default_rng(1), "rounds": 60}
    is_spoof = {one.trial.id: one.trial.label is Label.SPOOF for one in outcomes}
    marked = Marked({name: (spoof,) if spoofed else () for name, spoofed in is_spoof.items()})
    return localise(outcomes, marked, **(asked | more))
