"""Countermeasure and speaker verification in tandem: figures that need the scores of both.

The verification's scores come from a file: a line a trial, of which the last two columns are the
key (target, nontarget or spoof) and the score, as the organisers of the ASVspoofs publish them.
These figures have no interval: it would have to hold the verification's chance, too.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np

from earwitness.errors import ProtocolError
from earwitness.evaluation.pools import Pool
from earwitness.evaluation.records import Measure
from earwitness.metrics.a_dcf import min_a_dcf
from earwitness.metrics.asv import AsvScores, at_eer
from earwitness.metrics.t_eer import t_eer
from earwitness.metrics.tdcf import min_tdcf_2019, min_tdcf_2021
from earwitness.protocols import text_of

KEYS = ("target", "nontarget", "spoof")
NAMES = ("min_tdcf_2019", "min_tdcf_2021", "a_dcf", "t_eer")
NEEDS_ASV = "needs ASV scores"
SAYS_NOTHING = "says nothing behind this speaker verification"


def read_asv_scores(path: Path) -> AsvScores:
    """Read scores of a speaker verification.

    Raises:
        ProtocolError: the file cannot be read, a line is malformed, or a kind of trial is absent.
    """
    found: dict[str, list[float]] = {key: [] for key in KEYS}
    for number, line in enumerate(text_of(path).split("\n"), start=1):
        if line.strip():
            key, score = _parsed(line, where=f"{path}, line {number}")
            found[key].append(score)
    for key in KEYS:
        if not found[key]:
            raise ProtocolError(
                f"{path}: there is no {key} trial in it. Needed are all of {', '.join(KEYS)}."
            )
    return AsvScores(**{key: np.array(scores) for key, scores in found.items()})


def _parsed(line: str, *, where: str) -> tuple[str, float]:
    words = line.replace(",", " ").split()
    if len(words) < 2 or words[-2] not in KEYS:
        raise ProtocolError(
            f"{where}: expected '… key score' with a key out of {', '.join(KEYS)}, but got "
            f"'{line.strip()[:60]}'."
        )
    try:
        score = float(words[-1])
    except ValueError:
        score = math.nan
    if not math.isfinite(score):
        raise ProtocolError(f"{where}: '{words[-1]}' is no score.")
    return words[-2], score


def tandem(pool: Pool, asv: AsvScores | None) -> Iterator[Measure]:
    """Measure a countermeasure together with a speaker verification.

    The a-DCF rates one score that does both; it is that of the verification's file as it is.

    Args:
        pool: the countermeasure's trials.
        asv: the verification's scores; None if there are none.
    """
    if asv is None:
        yield from (Measure(name, None, why_not=NEEDS_ASV) for name in NAMES)
        return
    scores, key = pool.scores, pool.is_bona_fide
    point = at_eer(asv)
    bona_fide = scores[key]
    # Target or nontarget is all the same to a countermeasure; neither may be empty.
    cm = AsvScores(bona_fide, bona_fide, scores[~key])
    ways: dict[str, Callable[[], float]] = {
        "min_tdcf_2019": lambda: min_tdcf_2019(scores, key, point),
        "min_tdcf_2021": lambda: min_tdcf_2021(scores, key, point),
        "a_dcf": lambda: min_a_dcf(asv.target, asv.nontarget, asv.spoof),
        "t_eer": lambda: t_eer(asv, cm),
    }
    for name, way in ways.items():
        n = (len(asv.target) + len(asv.nontarget), len(asv.spoof)) if name == "a_dcf" else pool.n
        try:
            yield Measure(name, way(), None, None, *n)
        except ProtocolError:
            yield Measure(name, None, None, None, *n, why_not=SAYS_NOTHING)
