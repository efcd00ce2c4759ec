"""How well out-of-fold or report-only LLRs tell the labels apart: figures with n and interval."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from earwitness.metrics.cllr import cllr, min_cllr
from earwitness.metrics.eer import eer
from earwitness.metrics.intervals import Interval, bootstrap
from earwitness.records import Label, Trial

SPEAKING = ("tts", "zero-shot-tts", "vc", "s2s")
COPIES = ("vocoded", "codec")
_KINDS: Mapping[str, tuple[str, ...]] = {
    "speaking": SPEAKING,
    "copies": COPIES,
    **{kind: (kind,) for kind in (*SPEAKING, *COPIES)},
}
_ROUNDS = 1000


@dataclass(frozen=True)
class Figures:
    """What was measured.

    Attributes:
        bona_fide, spoof: numbers of trials; pages: of clusters.
        eer: over all trials, with its interval from resampled pages.
        by_kind: EER of all bona fide trials against the spoofs of one kind; (value, spoofs).
        cllr, min_cllr: in bits.
    """

    bona_fide: int
    spoof: int
    pages: int
    eer: Interval
    by_kind: dict[str, tuple[float, int]]
    cllr: float
    min_cllr: float

    def plain(self) -> dict[str, float | int]:
        """Give them as a flat table: rates in per cent, for a card."""
        table: dict[str, float | int] = {
            "bona_fide": self.bona_fide, "spoof": self.spoof, "pages": self.pages,
            "eer_percent": round(100 * self.eer.value, 2),
            "eer_low_percent": round(100 * self.eer.low, 2),
            "eer_high_percent": round(100 * self.eer.high, 2),
            "cllr_bits": round(self.cllr, 3), "min_cllr_bits": round(self.min_cllr, 3),
        }  # fmt: skip
        for kind, (value, _) in self.by_kind.items():
            table[f"eer_{kind.replace('-', '_')}_percent"] = round(100 * value, 2)
        return table


def measure(
    trials: Sequence[Trial], llrs: NDArray[np.float64], *, rng: np.random.Generator
) -> Figures:
    """Measure LLRs against the key of their trials, which carry ``page`` and ``attack_type``."""
    key = np.array([trial.label is Label.BONA_FIDE for trial in trials])
    pages = [trial.meta["page"] for trial in trials]
    kinds = np.array([trial.meta["attack_type"] for trial in trials])
    by_kind = {}
    for name, members in _KINDS.items():
        chosen = np.isin(kinds, members)
        if chosen.any():
            rows = key | chosen
            by_kind[name] = (eer(llrs[rows], key[rows]), int(chosen.sum()))
    return Figures(
        bona_fide=int(key.sum()),
        spoof=int((~key).sum()),
        pages=len(set(pages)),
        eer=bootstrap(eer, llrs, key, pages, rng=rng, rounds=_ROUNDS),
        by_kind=by_kind,
        cllr=cllr(llrs, key),
        min_cllr=min_cllr(llrs, key),
    )
