"""How well one column tells bona fide from spoof, on clips that it was not fitted to.

Which way round a column speaks, and what its values say, is learnt on four folds and tried on the
fifth, so chance is an AUC of 0.5 and not above. Clips are compared within a fold and a partition.
The interval counts pages (speakers, sources), not clips, where they are known: structural
components summed over clusters (Obuchowski, Biometrics 53, 1997), on the logit scale.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from earwitness.evaluation.audit.asking.columns import Codes, Column, midranks
from earwitness.evaluation.audit.asking.task import FOLDS, Task
from earwitness.metrics.intervals import Interval

_PRIOR_CLIPS = 5.0  # of an average clip, added to every value: a rare one cannot say much
_Z95 = 1.959964
NOTHING = Interval(0.5, 0.0, 1.0)

Held = NDArray[np.float64]


def by_order(column: Column, asked: Task) -> Held:
    """Score each clip by more or less of a number, as the other folds have it."""
    if column.order is None:
        raise TypeError(f"{column.name} holds words, which have no order")
    speaks = np.bincount(asked.folds, column.order * asked.residuals, minlength=FOLDS)
    sign = np.where(speaks.sum() - speaks >= 0, 1.0, -1.0)
    return sign[asked.folds] * column.order


def by_value(column: Column, asked: Task) -> Held:
    """Score each clip by how its value leans in the other folds."""
    size = len(column.values)
    at = asked.folds * size + column.codes
    leans = np.bincount(at, asked.residuals, minlength=FOLDS * size).reshape(FOLDS, size)
    counts = np.bincount(at, minlength=FOLDS * size).reshape(FOLDS, size)
    others, clips = leans.sum(axis=0) - leans, counts.sum(axis=0) - counts
    return np.asarray((others / (clips + _PRIOR_CLIPS))[asked.folds, column.codes])


def auc_within(scores: Held, asked: Task) -> Interval:
    """Measure the AUC within folds and partitions, with its 95 % interval.

    Example:
        >>> from earwitness.evaluation.audit.asking.task import task
        >>> key = np.arange(40) % 2 == 0
        >>> asked = task(key, ["eval"] * 40, None, rng=np.random.default_rng(1))
        >>> auc_within(np.zeros(40), asked).value
        0.5
    """
    cells, key = asked.cells, asked.key
    size = int(cells.max(initial=0)) + 1
    bona_fide, spoof = (
        np.bincount(cells[key], minlength=size),
        np.bincount(cells[~key], minlength=size),
    )
    pairs = bona_fide * spoof
    if not pairs.sum():
        return NOTHING
    # How much of the other label each clip has on its right side.
    beaten = midranks(scores, cells) - midranks(scores, 2 * cells + key)
    beaten = np.where(key, beaten, bona_fide[cells] - beaten)
    share = beaten / np.maximum(1, np.where(key, spoof[cells], bona_fide[cells]))
    of_cell = np.bincount(cells[key], share[key], minlength=size) / np.maximum(1, bona_fide)
    value = float((of_cell * pairs).sum() / pairs.sum())
    own = np.where(key, bona_fide[cells], spoof[cells])
    weight = (pairs / pairs.sum())[cells] / np.maximum(1, own)
    pull = np.bincount(_numbered(asked.clusters), weight * (share - of_cell[cells]))
    error = math.sqrt(float(np.square(pull).sum()) * len(pull) / max(1, len(pull) - 1))
    return _interval(value, error, least=min(bona_fide.sum(), spoof.sum(), len(pull)))


def _numbered(clusters: Codes) -> Codes:
    return np.asarray(np.unique(clusters, return_inverse=True)[1])


def _interval(value: float, error: float, *, least: int) -> Interval:
    room = value * (1 - value)
    if error <= 0 or room <= 0:
        # All clips on the right side (or all equal): Wilson's interval for as many clusters.
        reach = _Z95**2 / (least + _Z95**2)
        return Interval(value, max(0.0, value - reach), min(1.0, value + reach))
    logit, reach = math.log(value / (1 - value)), _Z95 * error / room
    return Interval(value, _share(logit - reach), _share(logit + reach))


def _share(logit: float) -> float:
    return 1 / (1 + math.exp(-logit)) if logit > -700 else 0.0
