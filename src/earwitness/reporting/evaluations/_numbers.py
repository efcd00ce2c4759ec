"""Figures → text: as many decimals as the trials support, the interval in brackets, n/a with why.

A figure is written to where its 95 % interval begins to be uncertain: per cent get one decimal
from a half width of 0.1 point up, two from 0.01 point up, none from ten points up. Where there is
no interval (or one of no width, as of no error in 40 trials), the step that one trial more would
make takes its place.
"""

from __future__ import annotations

import math

from earwitness.evaluation.records import Measure

# Measures that are shares of trials, and so are written in per cent.
RATES = frozenset(
    {
        "eer", "eer_asvspoof", "eer_rocch", "t_eer", "miss_rate", "false_alarm_rate",
        "balanced_accuracy", "miss_rate_all", "false_alarm_rate_all", "balanced_accuracy_all",
    }
)  # fmt: skip
NOT_GIVEN = "n/a"
_FEWEST, _MOST = 0, 3  # decimals of per cent
_MOST_ALONE = 2  # of a figure without an interval: one trial's step is less than its uncertainty


def percent(measure: Measure) -> str:
    """Write a rate in per cent.

    Example:
        >>> percent(Measure("eer", 0.17612, 0.1301, 0.2104, 375, 554))
        '17.6 % [13.0, 21.0]'
        >>> percent(Measure("eer", 0.0, 0.0, 0.0, 40, 40))
        '0.0 % [0.0, 0.0]'
        >>> percent(Measure("eer", None, why_not="no bona fide trials"))
        'n/a (no bona fide trials)'
    """
    if measure.value is None:
        return not_given(measure)
    shown = places(measure)
    value = f"{plain(100 * measure.value, shown)} %"
    return value + _interval(measure, shown, 100)


def decimal(measure: Measure) -> str:
    """Write a figure that is no rate: an AUC, a cost, a Cllr.

    Example:
        >>> decimal(Measure("cllr", 0.61284, 0.551, 0.6768, 375, 554))
        '0.613 [0.551, 0.677]'
        >>> decimal(Measure("cllr", None, why_not="uncalibrated"))
        'n/a (uncalibrated)'
    """
    if measure.value is None:
        return not_given(measure)
    shown = places(measure) + 2
    return plain(measure.value, shown) + _interval(measure, shown, 1)


def written(measure: Measure) -> str:
    """Write a figure as its name asks: rates in per cent, all else as it is.

    Example:
        >>> written(Measure("miss_rate", 0.0625, n_bona_fide=16))
        '6.2 %'
    """
    return percent(measure) if measure.name in RATES else decimal(measure)


def value_only(measure: Measure) -> str:
    """Write a figure without its interval, with the same decimals.

    Example:
        >>> value_only(Measure("eer", 0.17612, 0.1301, 0.2104, 375, 554))
        '17.6 %'
    """
    return written(measure).partition(" [")[0]


def interval_only(measure: Measure) -> str:
    """Write the ends of the 95 % interval, with the same decimals; a dash where there is none.

    Example:
        >>> interval_only(Measure("eer", 0.17612, 0.1301, 0.2104, 375, 554))
        '13.0 to 21.0 %'
        >>> interval_only(Measure("eer", 0.5, n_bona_fide=2, n_spoof=2))
        '–'
    """
    if measure.value is None or measure.low is None or measure.high is None:
        return "–"
    is_rate = measure.name in RATES
    scale, shown = (100, places(measure)) if is_rate else (1, places(measure) + 2)
    low, high = plain(scale * measure.low, shown), plain(scale * measure.high, shown)
    return f"{low} to {high}{' %' if is_rate else ''}"


def trials(measure: Measure) -> str:
    """Tell on how many trials a figure rests.

    Example:
        >>> trials(Measure("eer", 0.1, n_bona_fide=375, n_spoof=55_400))
        '375 bona fide + 55,400 spoof'
        >>> trials(Measure("miss_rate", 0.1, n_bona_fide=375))
        '375 bona fide'
    """
    sides = ((measure.n_bona_fide, "bona fide"), (measure.n_spoof, "spoof"))
    return " + ".join(f"{number:,} {label}" for number, label in sides if number) or "no trials"


def places(measure: Measure) -> int:
    """Say how many decimals the per cent of this measure carry.

    Example:
        >>> places(Measure("eer", 0.01, 0.0099, 0.0101, 90_000, 600_000))
        2
    """
    shown = places_of(uncertainty(measure))
    return shown if has_width(measure) else min(shown, _MOST_ALONE)


def has_width(measure: Measure) -> bool:
    """Say whether a figure has an interval from which its uncertainty can be read."""
    return measure.low is not None and measure.high is not None and measure.high > measure.low


def places_of(half_width: float) -> int:
    """Say how many decimals of per cent a half width supports, given as a fraction.

    Example:
        >>> [places_of(half) for half in (0.2, 0.04, 0.001, 0.0004, 0.00004, 0.0)]
        [0, 1, 1, 2, 3, 1]
    """
    if half_width <= 0 or not math.isfinite(half_width):
        return 1
    if half_width >= 0.1:
        return _FEWEST
    # A hair is added so that 0.001, which no float is, counts as a tenth of a point.
    return min(_MOST, max(1, -math.floor(math.log10(half_width * 100 * (1 + 1e-9)))))


def uncertainty(measure: Measure) -> float:
    """Give the half width of the interval, or the step that one trial makes."""
    if measure.low is not None and measure.high is not None and measure.high > measure.low:
        return (measure.high - measure.low) / 2
    fewest = min((n for n in (measure.n_bona_fide, measure.n_spoof) if n), default=0)
    return 1 / fewest if fewest else 0.0


def plain(value: float, decimals: int) -> str:
    """Write a number with a true minus sign, and zero without any.

    Example:
        >>> plain(-0.04, 1), plain(-2.06, 1), plain(1234.5, 0)
        ('0.0', '−2.1', '1,234')
    """
    text = f"{value:,.{decimals}f}"
    return text.lstrip("-") if not text.strip("-0.,") else text.replace("-", "−")


def signed(value: float, decimals: int) -> str:
    """Write a difference: with its sign, and zero without any.

    Example:
        >>> signed(1.94, 1), signed(-1.94, 1), signed(0.01, 1)
        ('+1.9', '−1.9', '0.0')
    """
    text = plain(value, decimals)
    return f"+{text}" if value > 0 and text.strip("0.,") else text


def not_given(measure: Measure) -> str:
    """Tell that there is no value, and why."""
    return f"{NOT_GIVEN} ({measure.why_not})" if measure.why_not else NOT_GIVEN


def _interval(measure: Measure, shown: int, scale: int) -> str:
    if measure.low is None or measure.high is None:
        return ""
    return f" [{plain(scale * measure.low, shown)}, {plain(scale * measure.high, shown)}]"
