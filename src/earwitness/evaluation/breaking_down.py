"""Figures by attack, codec, language, length or any other column: all at one threshold.

One threshold for all groups, because that is what a user has: an operating point for each attack
would need to know the attack beforehand. The attacks of a corpus come without bona fide trials of
their own, so their EER is taken against all bona fide trials.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from earwitness.evaluation.pools import Pool, meta_of
from earwitness.evaluation.records import Breakdown, Group, Measure, Scored
from earwitness.metrics.eer import eer

DURATION = "duration"
WITHOUT = "-"
FEWEST, FEWEST_OF_A_LABEL = 10, 5
MOST_GROUPS = 1000  # more are names, not conditions
MOST_INTERVALS = 60  # the largest groups of a column; each costs a bootstrap
# Seconds at which the next band begins.
_EDGES = (1, 2, 4, 8, 16)
_BANDS = (
    f"under {_EDGES[0]} s",
    *(f"{low} to {high} s" for low, high in pairwise(_EDGES)),
    f"{_EDGES[-1]} s and more",
)

Rows = NDArray[np.bool_]


def break_down(
    heard: Sequence[Scored],
    pool: Pool,
    columns: Sequence[str],
    *,
    threshold: float,
    is_frozen: bool,
) -> Iterator[Breakdown]:
    """Split the trials by each column that splits them, and by their length where it is known.

    Args:
        heard: trials that have a score.
        pool: the same trials.
        columns: of the protocol, in the order of their importance; those with one value, or with
            more than 1,000, are left out.
        threshold: for all groups.
        is_frozen: it was an operating point before; else it is that of the pooled EER.
    """
    named = {column: [meta_of(one, column) or WITHOUT for one in heard] for column in columns}
    named[DURATION] = [band(one.duration_s) for one in heard]
    for column, values in named.items():
        names, group = np.unique(np.array(values), return_inverse=True)
        sizes = np.bincount(group)
        if not 1 < len(names) <= MOST_GROUPS:
            continue
        groups = [
            _group(names[number], group == number, pool, threshold, has_interval=n < MOST_INTERVALS)
            for n, number in enumerate(np.argsort(-sizes, kind="stable").tolist())
        ]
        yield Breakdown(
            column,
            tuple(_from_short_to_long(groups) if column == DURATION else groups),
            threshold,
            "operating point" if is_frozen else "eer",
        )


def band(duration_s: float | None) -> str:
    """Name the band that a length lies in.

    Example:
        >>> band(0.4), band(2.0), band(70.0), band(None)
        ('under 1 s', '2 to 4 s', '16 s and more', '-')
    """
    if duration_s is None:
        return WITHOUT
    return _BANDS[int(np.searchsorted(_EDGES, duration_s, side="right"))]


def _from_short_to_long(groups: list[Group]) -> list[Group]:
    order = (*_BANDS, WITHOUT)
    return sorted(groups, key=lambda group: order.index(group.value))


def _group(value: str, rows: Rows, pool: Pool, threshold: float, *, has_interval: bool) -> Group:
    inside = pool.of(rows)
    bona_fide, spoof = inside.n
    answered = inside.of(inside.is_answered)
    miss_rate, false_alarm_rate, _ = answered.rates(answered.errors(threshold))
    rate = _eer(rows, pool, has_interval=has_interval)
    return Group(str(value), bona_fide, spoof, rate, miss_rate, false_alarm_rate)


def _eer(rows: Rows, pool: Pool, *, has_interval: bool) -> Measure:
    bona_fide, spoof = pool.of(rows).n
    if not spoof:
        return Measure("eer", None, n_bona_fide=bona_fide, why_not="bona fide only")
    # An attack is told apart from all the bona fide speech there is.
    chosen = rows if bona_fide else rows | pool.is_bona_fide
    against = pool.of(chosen)
    if bona_fide + spoof < FEWEST:
        why_not = f"fewer than {FEWEST} trials"
    elif min(against.n) < FEWEST_OF_A_LABEL:
        why_not = f"fewer than {FEWEST_OF_A_LABEL} trials of one label"
    elif has_interval:
        return against.measures("eer")[0]
    else:
        return Measure("eer", eer(against.scores, against.is_bona_fide), None, None, *against.n)
    return Measure("eer", None, n_bona_fide=against.n[0], n_spoof=against.n[1], why_not=why_not)
