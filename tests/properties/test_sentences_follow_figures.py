"""No sentence contradicts the figures that it is made from, whatever the figures are."""

import math
import re
from dataclasses import dataclass, replace
from itertools import combinations

from hypothesis import given
from hypothesis import strategies as st

from earwitness.evaluation.differences import (
    NEGLIGIBLE,
    Difference,
    Outcome,
    holm,
    is_higher_better,
)
from earwitness.reporting.evaluations import _sentences

MEASURES = ["eer", "auc", "min_dcf", "act_dcf", "cllr", "min_cllr", "balanced_accuracy", "t_eer"]
# Values as metrics give them, values that hardly differ, and equal ones.
values = st.one_of(
    st.floats(0, 1), st.integers(0, 20).map(lambda n: n / 20), st.floats(0.3, 0.3001)
)
missing = st.sampled_from([None, math.nan, math.inf])
counts = st.integers(1, 700_000)


@st.composite
def differences(draw: st.DrawFn, names: tuple[str, str] = ("first", "second")) -> Difference:
    """Draw a row of a table of differences; the interval lies anywhere, mostly about the value."""
    before, after = draw(values), draw(values)
    below, above = draw(st.floats(-0.05, 0.3)), draw(st.floats(-0.05, 0.3))
    ends = sorted((after - before - below, after - before + above))
    return Difference(
        draw(st.sampled_from(MEASURES)), *names, before, after, *ends, draw(counts), draw(counts)
    )


@dataclass(frozen=True)
class Told:
    """What a reader takes from a sentence."""

    subject: str
    word: str
    side: str
    size: float
    ends: tuple[float, float]
    step: float  # of the last decimal


APART = re.compile(
    r"^(?P<subject>\w+) is (?P<word>better|worse) than \w+: .* against .*, "
    r"(?P<size>[\d.,]+)(?: points| bits)? (?P<side>higher|lower) "
    r"\(95 % interval (?P<low>[\d.,]+) to (?P<high>[\d.,]+)"
)
ALIKE = re.compile(
    r"^\w+ and \w+ are not distinguishable: .* a difference of (?P<size>[−+]?[\d.,]+).*"
    r"\(95 % interval (?P<low>[−+]?[\d.,]+) to (?P<high>[−+]?[\d.,]+)"
)


def read(sentence: str) -> Told | None:
    """Read a sentence as a stranger would; None where it calls nothing better or worse."""
    found = APART.match(sentence)
    if found is None:
        assert "better" not in sentence
        assert "worse" not in sentence
        return None
    ends = (number(found["low"]), number(found["high"]))
    step = 10.0 ** -len(found["size"].partition(".")[2])
    return Told(found["subject"], found["word"], found["side"], number(found["size"]), ends, step)


def number(text: str) -> float:
    return float(text.replace("−", "-").replace(",", ""))


def scale(row: Difference) -> float:
    return 100.0 if row.measure in ("eer", "t_eer", "balanced_accuracy") else 1.0


@given(row=differences())
def test_what_is_called_better_or_worse_has_that_sign_and_an_interval_without_zero(
    row: Difference,
) -> None:
    told = read(_sentences.comparison(row))
    if told is None:
        return
    assert row.value is not None
    assert row.low is not None
    assert row.high is not None
    assert (told.side == "higher") is (row.value > 0)
    assert (row.low > 0) is (row.high > 0) is (row.value > 0)
    is_gain = (row.value > 0) is is_higher_better(row.measure)
    assert (told.word == "better") is is_gain
    assert told.size > 0
    assert 0 < told.ends[0] <= told.ends[1]
    assert abs(told.size - abs(row.value) * scale(row)) <= 0.5001 * told.step


@given(row=differences())
def test_what_has_an_interval_without_zero_is_called_better_or_worse(row: Difference) -> None:
    ends = [end or 0.0 for end in (row.low, row.value, row.high)]
    is_apart = min(ends) > NEGLIGIBLE or max(ends) < -NEGLIGIBLE
    assert (read(_sentences.comparison(row)) is not None) is is_apart


@given(row=differences())
def test_what_is_not_distinguishable_shows_an_interval_with_zero_in_it(row: Difference) -> None:
    found = ALIKE.match(_sentences.comparison(row))
    is_alike = row.outcome is Outcome.NOT_DISTINGUISHABLE
    assert (found is not None) is is_alike
    if found is None or not (row.low or 0) <= (row.value or 0) <= (row.high or 0):
        return
    assert number(found["low"]) <= 0 <= number(found["high"])


@given(row=differences())
def test_swapping_two_rows_swaps_the_sentence(row: Difference) -> None:
    told, turned = (read(_sentences.comparison(one)) for one in (row, row.swapped()))
    if told is None or turned is None:
        assert told is turned
        return
    assert (told.subject, turned.subject) == ("second", "first")
    assert {told.word, turned.word} == {"better", "worse"}
    assert {told.side, turned.side} == {"higher", "lower"}
    assert (told.size, told.ends) == (turned.size, turned.ends)
    assert row.swapped().swapped() == row


@given(row=differences())
def test_a_swapped_sentence_is_the_same_sentence_with_the_names_and_words_swapped(
    row: Difference,
) -> None:
    turn = {"first": "second", "better": "worse", "higher": "lower"}
    turn |= {new: old for old, new in turn.items()}

    def shape(sentence: str) -> str:
        return re.sub(r"[−+]?[\d.,]+", "0", sentence)

    swapped = re.sub(
        "|".join(map(re.escape, turn)), lambda m: turn[m[0]], _sentences.comparison(row)
    )
    assert shape(swapped) == shape(_sentences.comparison(row.swapped()))


@given(value=values, low=st.floats(-0.3, 0.3), high=st.floats(-0.3, 0.3), n=counts)
def test_equal_values_are_never_called_better(
    value: float, low: float, high: float, n: int
) -> None:
    for measure in MEASURES:
        row = Difference(measure, "a", "b", value, value, min(low, high), max(low, high), n, n)
        assert read(_sentences.comparison(row)) is None
        assert "not distinguishable" in _sentences.comparison(row)
        assert _sentences.change(row).startswith("Not distinguishable")


@given(row=differences(), lost=missing, which=st.sampled_from(["first_value", "second_value"]))
def test_a_missing_value_cannot_be_compared(
    row: Difference, lost: float | None, which: str
) -> None:
    broken = replace(row, **{which: lost, "why_not": "the second gives no LLRs"})
    told = _sentences.comparison(broken)
    assert told.startswith("second and first cannot be compared by ")
    assert told.endswith(": the second gives no LLRs.")
    assert "cannot be compared" in _sentences.change(broken)
    assert _sentences.size(broken) == "n/a (the second gives no LLRs)"


@given(row=differences(names=("before", "after")))
def test_a_change_is_told_as_the_comparison_is(row: Difference) -> None:
    told, compared = _sentences.change(row), read(_sentences.comparison(row))
    assert told.startswith("Better:") is (compared is not None and compared.word == "better")
    assert told.startswith("Worse:") is (compared is not None and compared.word == "worse")
    if compared is not None:
        assert (" rose from " in told) is (compared.side == "higher")
        assert (" fell from " in told) is (compared.side == "lower")


@given(table=st.lists(differences(), max_size=12))
def test_among_many_no_more_is_called_better_or_worse_than_one_by_one(
    table: list[Difference],
) -> None:
    together = holm(table)
    for alone, among in zip(table, together, strict=True):
        told = read(_sentences.comparison(among))
        if told is not None:
            assert told == read(_sentences.comparison(alone))
    if len(table) == 1:
        assert together[0].outcome is table[0].outcome


@given(table=st.lists(differences(), min_size=1, max_size=7))
def test_a_tally_names_each_measure_once_under_its_own_outcome(table: list[Difference]) -> None:
    labelled = [(f"m{at}", one) for at, one in enumerate(table)]
    clauses = _sentences.tally(labelled).split("; ")
    for label, one in labelled:
        (clause,) = [clause for clause in clauses if re.search(rf"\b{label}\b", clause)]
        assert clause.startswith(f"{_sentences.verdict(one)} by ")


@given(data=st.data(), count=st.integers(3, 4))
def test_who_is_called_better_than_all_is_called_better_than_each(
    data: st.DataObject, count: int
) -> None:
    names = [f"d{at}" for at in range(count)]
    pairs = [data.draw(differences(pair)) for pair in combinations(names, 2)]
    pairs = [replace(one, measure="eer") for one in pairs]
    told = _sentences.best(pairs)
    either_way = [one for pair in pairs for one in (pair, pair.swapped())]
    beaten = {
        who: [f"{who} is better than" in _sentences.comparison(one) for one in either_way
              if one.second == who]
        for who in names
    }  # fmt: skip
    best = [who for who in names if all(beaten[who])]
    assert len(best) <= 1
    assert told.startswith(f"{best[0]} is better" if best else "By EER, none of them")
