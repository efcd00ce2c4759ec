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

DURATION = "duration"
WITHOUT = "-"
FEWEST, FEWEST_OF_A_LABEL = 10, 5
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
        columns: of the protocol, in the order of their importance.
        threshold: for all groups.
        is_frozen: it was an operating point before; else it is that of the pooled EER.
    """
    named = {column: [meta_of(one, column) or WITHOUT for one in heard] for column in columns}
    named[DURATION] = [band(one.duration_s) for one in heard]
    for column, values in named.items():
        groups = [_group(value, rows, pool, threshold) for value, rows in _split(values)]
        if len(groups) > 1:
            yield Breakdown(
                column,
                tuple(_in_order(groups, is_ladder=column == DURATION)),
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


def _split(values: list[str]) -> Iterator[tuple[str, Rows]]:
    names, group = np.unique(np.array(values), return_inverse=True)
    for number, name in enumerate(names.tolist()):
        yield name, group == number


def _in_order(groups: list[Group], *, is_ladder: bool) -> list[Group]:
    """Put the largest first; lengths go from short to long."""
    if is_ladder:
        order = (*_BANDS, WITHOUT)
        return sorted(groups, key=lambda group: order.index(group.value))
    return sorted(groups, key=lambda group: (-(group.n_bona_fide + group.n_spoof), group.value))


def _group(value: str, rows: Rows, pool: Pool, threshold: float) -> Group:
    inside = pool.of(rows)
    bona_fide, spoof = inside.n
    answered = inside.of(inside.is_answered)
    miss_rate, false_alarm_rate, _ = answered.rates(answered.errors(threshold))
    return Group(value, bona_fide, spoof, _eer(rows, pool), miss_rate, false_alarm_rate)


def _eer(rows: Rows, pool: Pool) -> Measure:
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
    else:
        return against.measures("eer")[0]
    return Measure("eer", None, n_bona_fide=against.n[0], n_spoof=against.n[1], why_not=why_not)
