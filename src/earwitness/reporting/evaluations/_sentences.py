"""Differences → sentences: the one place where something is called better or worse.

Every sentence is made from one ``Difference`` and says what its sign and its interval say. Rates
differ by points (percentage points), with the decimals that the interval supports.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence

from earwitness.evaluation.differences import Difference, Outcome
from earwitness.reporting._words import visible
from earwitness.reporting.evaluations._numbers import RATES, places_of, plain, signed

NAMES = {
    "eer": "EER",
    "eer_asvspoof": "EER (ASVspoof definition)",
    "eer_rocch": "EER (convex hull)",
    "auc": "AUC",
    "min_dcf": "minDCF",
    "act_dcf": "actDCF",
    "cllr": "Cllr",
    "min_cllr": "min Cllr",
    "min_tdcf": "min t-DCF",
    "a_dcf": "a-DCF",
    "t_eer": "t-EER",
    "miss_rate_all": "miss rate",
    "false_alarm_rate_all": "false alarm rate",
    "balanced_accuracy_all": "balanced accuracy",
}
BITS = frozenset({"cllr", "min_cllr"})
WORDS = {
    Outcome.BETTER: "better",
    Outcome.WORSE: "worse",
    Outcome.NOT_DISTINGUISHABLE: "not distinguishable",
    Outcome.NOT_COMPARABLE: "cannot be compared",
}
_MOST_PLACES = 8
_MOST_NAMED = 8


def comparison(difference: Difference) -> str:
    """Say in one sentence how the second does against the first.

    Example:
        >>> worse = Difference("eer", "A", "B", 0.307, 0.474, 0.121, 0.21, 544, 544)
        >>> print(comparison(worse))  # doctest: +NORMALIZE_WHITESPACE
        B is worse than A: EER 47.4 % against 30.7 %, 16.7 points higher (95 % interval 12.1 to
        21.0 points; 544 bona fide + 544 spoof).
        >>> alike = Difference("eer", "A", "B", 0.2, 0.18, -0.05, 0.01, 90, 90)
        >>> print(comparison(alike))  # doctest: +NORMALIZE_WHITESPACE
        B and A are not distinguishable: EER 18.0 % against 20.0 %, a difference of −2.0 points
        (95 % interval −5.0 to +1.0 points; 90 bona fide + 90 spoof).
        >>> comparison(Difference("cllr", "A", "B", 0.4, None, why_not="B gives no LLRs"))
        'B and A cannot be compared by Cllr: B gives no LLRs.'
    """
    first, second, outcome = difference.first, difference.second, difference.outcome
    pair = visible(f"{second} and {first}")
    if outcome is Outcome.NOT_COMPARABLE:
        return f"{pair} cannot be compared by {name(difference.measure)}: {why(difference)}."
    told = f"{name(difference.measure)} {values(difference)}"
    if outcome is Outcome.NOT_DISTINGUISHABLE:
        return f"{pair} are not distinguishable: {told}, {_alike(difference)}."
    side = "higher" if _signed_value(difference) > 0 else "lower"
    verdict = visible(f"{second} is {WORDS[outcome]} than {first}")
    return f"{verdict}: {told}, {_amount(difference)} {side} ({_rests_on(difference)})."


def change(difference: Difference) -> str:
    """Say in one sentence what a change did: the first is before, the second after.

    Example:
        >>> lost = Difference("eer", "before", "after", 0.307, 0.474, 0.121, 0.21, 544, 544)
        >>> print(change(lost))  # doctest: +NORMALIZE_WHITESPACE
        Worse: the EER rose from 30.7 % to 47.4 %, by 16.7 points (95 % interval 12.1 to 21.0
        points; 544 bona fide + 544 spoof).
        >>> gained = Difference("auc", "before", "after", 0.6, 0.7, 0.02, 0.18, 99, 99)
        >>> print(change(gained))  # doctest: +NORMALIZE_WHITESPACE
        Better: the AUC rose from 0.600 to 0.700, by 0.100 (95 % interval 0.020 to 0.180; 99 bona
        fide + 99 spoof).
    """
    measure, outcome = name(difference.measure), difference.outcome
    if outcome is Outcome.NOT_COMPARABLE:
        return f"Before and after cannot be compared by {measure}: {why(difference)}."
    before, after = _value(difference, 1), _value(difference, 2)
    if outcome is Outcome.NOT_DISTINGUISHABLE:
        return (
            f"Not distinguishable: the {measure} was {before} and is {after}, {_alike(difference)}."
        )
    moved = "rose" if _signed_value(difference) > 0 else "fell"
    told = f"the {measure} {moved} from {before} to {after}, by {_amount(difference)}"
    return f"{WORDS[outcome].capitalize()}: {told} ({_rests_on(difference)})."


def best(differences: Sequence[Difference]) -> str:
    """Say which of several is better than all the others, given the differences of all pairs.

    Example:
        >>> pairs = [("A", "B", -0.2), ("A", "C", -0.3), ("B", "C", -0.1)]
        >>> best([Difference("eer", a, b, 0.4, 0.4 + d, d - 0.05, d + 0.05) for a, b, d in pairs])
        'C is better than each of the others by EER.'
        >>> best([Difference("eer", a, b, 0.4, 0.4 + d, d - 0.2, d + 0.2) for a, b, d in pairs])
        'By EER, none of them is better than each of the others.'
    """
    names = dict.fromkeys(who for one in differences for who in (one.first, one.second))
    wins = Counter(
        turned.second
        for one in differences
        for turned in (one, one.swapped())
        if turned.outcome is Outcome.BETTER
    )
    measure = name(differences[0].measure)
    for who in names:
        if wins[who] == len(names) - 1:
            return visible(f"{who} is better than each of the others by {measure}.")
    return f"By {measure}, none of them is better than each of the others."


def tally(labelled: Sequence[tuple[str, Difference]], *, preposition: str = "by") -> str:
    """Say of several differences of one pair which way each goes.

    Args:
        labelled: differences with what each is called.
        preposition: that goes before the names.

    Example:
        >>> gained = Difference("auc", "A", "B", 0.6, 0.7, 0.02, 0.18)
        >>> alike = Difference("min_dcf", "A", "B", 0.6, 0.7, -0.02, 0.22)
        >>> tally([("AUC", gained), ("minDCF", alike)])
        'better by AUC; not distinguishable by minDCF'
    """
    clauses = []
    for outcome, word in WORDS.items():
        names = [label for label, one in labelled if one.outcome is outcome]
        if names:
            clauses.append(f"{word} {preposition} {listed(names)}")
    return "; ".join(clauses)


def listed(names: Sequence[str]) -> str:
    """List names; of many, the first ones and how many more.

    Example:
        >>> listed(["A"]), listed(["A", "B", "C"])
        ('A', 'A, B and C')
        >>> listed(list("ABCDEFGHIJ"))
        'A, B, C, D, E, F, G and 3 more'
    """
    shown = [visible(one) for one in names]
    if len(shown) > _MOST_NAMED:
        shown = [*shown[: _MOST_NAMED - 1], f"{len(shown) - _MOST_NAMED + 1} more"]
    *most, last = shown
    return f"{', '.join(most)} and {last}" if most else last


def name(measure: str) -> str:
    """Name a measure in a sentence.

    Example:
        >>> name("min_dcf"), name("false_alarm_rate")
        ('minDCF', 'false alarm rate')
    """
    return NAMES.get(measure, measure.replace("_", " "))


def values(difference: Difference) -> str:
    """Write both values, the second first.

    Example:
        >>> values(Difference("eer", "A", "B", 0.307, 0.474, 0.12, 0.21))
        '47.4 % against 30.7 %'
    """
    return f"{_value(difference, 2)} against {_value(difference, 1)}"


def size(difference: Difference) -> str:
    """Write the difference with its sign and its interval, for a cell of a table.

    Example:
        >>> size(Difference("eer", "A", "B", 0.307, 0.474, 0.121, 0.21))
        '+16.7 points [+12.1, +21.0]'
        >>> size(Difference("eer", "A", "B", None, 0.474, why_not="no score file"))
        'n/a (no score file)'
    """
    if not difference.is_comparable:
        return f"n/a ({why(difference)})"
    value, low, high = _signed_ends(difference)
    return f"{value}{_unit(difference)} [{low}, {high}]"


def verdict(difference: Difference) -> str:
    """Say the outcome alone.

    Example:
        >>> verdict(Difference("auc", "A", "B", 0.6, 0.7, 0.02, 0.18))
        'better'
    """
    return WORDS[difference.outcome]


def why(difference: Difference) -> str:
    """Say why two cannot be compared."""
    if difference.why_not:
        return visible(difference.why_not)
    if difference.value is None:
        is_first = not _is_number(difference.first_value)
        return visible(f"{difference.first if is_first else difference.second} has no value")
    return "there is no interval of the difference"


def _alike(difference: Difference) -> str:
    value, low, high = _signed_ends(difference)
    unit = _unit(difference)
    among = ""
    if difference.lies_on_one_side:
        among = f"; among {difference.family:,} differences chance alone may give one like it"
    return (
        f"a difference of {value}{unit} "
        f"(95 % interval {low} to {high}{unit}{among}; {_trials(difference)})"
    )


def _amount(difference: Difference) -> str:
    size = plain(_scaled(difference, abs(_signed_value(difference))), _places(difference))
    return f"{size}{_unit(difference)}"


def _rests_on(difference: Difference) -> str:
    ends = sorted(abs(end) for end in (difference.low or 0.0, difference.high or 0.0))
    low, high = (plain(_scaled(difference, end), _places(difference)) for end in ends)
    return f"95 % interval {low} to {high}{_unit(difference)}; {_trials(difference)}"


def _signed_ends(difference: Difference) -> tuple[str, str, str]:
    """Write the difference and both ends of its interval."""
    value, low, high = (
        signed(_scaled(difference, number or 0.0), _places(difference))
        for number in (difference.value, difference.low, difference.high)
    )
    return value, low, high


def _signed_value(difference: Difference) -> float:
    return 0.0 if difference.value is None else difference.value


def _value(difference: Difference, which: int) -> str:
    number = difference.first_value if which == 1 else difference.second_value
    unit = " %" if difference.measure in RATES else ""
    unit = " bits" if difference.measure in BITS else unit
    return plain(_scaled(difference, number or 0.0), _places(difference)) + unit


def _unit(difference: Difference) -> str:
    if difference.measure in RATES:
        return " points"
    return " bits" if difference.measure in BITS else ""


def _scaled(difference: Difference, number: float) -> float:
    return 100 * number if difference.measure in RATES else number


def _places(difference: Difference) -> int:
    """Give the decimals that the interval supports, and enough to see on which side it lies."""
    half = ((difference.high or 0.0) - (difference.low or 0.0)) / 2
    places = places_of(half) + (0 if difference.measure in RATES else 2)
    if difference.lies_on_one_side:
        ends = (difference.value, difference.low, difference.high)
        least = min(abs(_scaled(difference, end or 0.0)) for end in ends)
        while places < _MOST_PLACES and least < 0.5 * 10**-places:
            places += 1
    return places


def _trials(difference: Difference) -> str:
    sides = ((difference.n_bona_fide, "bona fide"), (difference.n_spoof, "spoof"))
    return " + ".join(f"{number:,} {label}" for number, label in sides if number) or "no trials"


def _is_number(value: float | None) -> bool:
    return value is not None and math.isfinite(value)
