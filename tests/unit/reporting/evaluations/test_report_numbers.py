"""Numbers carry as many decimals as the trials support, and never leave their interval."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from earwitness.evaluation.records import Measure
from earwitness.reporting.evaluations import _numbers

rates = st.floats(0, 1)


@given(st.tuples(rates, rates, rates), st.integers(1, 10**6))
def test_a_rate_is_printed_within_its_interval(ends: tuple[float, float, float], n: int) -> None:
    low, value, high = sorted(ends)
    text = _numbers.percent(Measure("eer", value, low, high, n, n))
    shown = [float(number) for number in re.findall(r"\d+(?:\.\d+)?", text)]
    assert shown[1] <= shown[0] <= shown[2]


@given(rates, st.floats(1e-6, 0.2))
def test_the_last_decimal_is_finer_than_the_half_width_and_not_by_a_hundred(
    value: float, half: float
) -> None:
    places = _numbers.places(Measure("eer", value, value - half, value + half, 9, 9))
    step = 10.0**-places
    assert step <= 100 * half * 1.0001 or places == 3
    assert places in (0, 1) or step > half / 1.0001


@pytest.mark.parametrize(
    ("measure", "text"),
    [
        (Measure("eer", 0.5, None, None, 4, 4), "50 %"),
        (Measure("eer", 0.0, 0.0, 0.0, 4, 400), "0 % [0, 0]"),
        (Measure("auc", 0.95316, 0.9401, 0.9644, 544, 544), "0.953 [0.940, 0.964]"),
        (Measure("auc", 0.95316, 0.95301, 0.95332, 9000, 9000), "0.9532 [0.9530, 0.9533]"),
        (Measure("min_tdcf_2019", 0.21, n_bona_fide=10, n_spoof=10), "0.21"),
        (Measure("a_dcf", 0.850021, n_bona_fide=90_000, n_spoof=60_000), "0.8500"),
        (Measure("t_eer", 0.034, n_bona_fide=5000, n_spoof=50), "3.4 %"),
        (Measure("eer", None, why_not="uncalibrated"), "n/a (uncalibrated)"),
        (Measure("cllr", None), "n/a"),
    ],
)
def test_a_measure_is_written_as_its_name_and_its_trials_ask(measure: Measure, text: str) -> None:
    assert _numbers.written(measure) == text


def test_an_interval_alone_has_the_unit_of_its_measure() -> None:
    assert _numbers.interval_only(Measure("cllr", 0.6, 0.55, 0.65, 99, 99)) == "0.550 to 0.650"
    assert _numbers.interval_only(Measure("eer", None, why_not="x")) == "–"


def test_no_trial_is_told_as_such() -> None:
    assert _numbers.trials(Measure("eer", None)) == "no trials"
    assert _numbers.uncertainty(Measure("eer", 0.1)) == 0.0


def test_a_difference_that_rounds_to_nothing_has_no_sign() -> None:
    assert _numbers.signed(-0.04, 1) == _numbers.signed(0.04, 1) == "0.0"
    assert _numbers.signed(-0.06, 1) == "−0.1"
