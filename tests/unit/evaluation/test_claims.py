"""A published EER and AUC: possible or not, and read once more with one of them turned round."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from earwitness.errors import SettingsError
from earwitness.evaluation.claims import Published, check_claim, parse
from earwitness.metrics.eer import auc, eer
from earwitness.reporting.evaluations import as_claim

STUDY = "eer=0.1176,auc=0.0437,n=544+544"


def test_the_pair_of_the_original_study_is_impossible_and_its_mirror_is_not() -> None:
    claim = check_claim(parse(STUDY))
    assert not claim.is_possible
    assert (claim.as_printed.low, claim.as_printed.high) == pytest.approx(
        (0.7786, 0.9862), abs=5e-5
    )
    assert claim.auc_mirrored.is_possible
    assert claim.auc_mirrored.auc == pytest.approx(0.9563)
    assert claim.eer_mirrored.is_possible
    assert claim.eer_mirrored.eer == pytest.approx(0.8824)
    assert claim.gaussian_auc == pytest.approx(0.953, abs=5e-4)  # FIELD.md, pitfall 1
    assert claim.eer_interval.low == pytest.approx(0.093, abs=5e-4)
    assert claim.eer_interval.high == pytest.approx(0.147, abs=5e-4)
    assert claim.auc_interval.low < 0.0437 < claim.auc_interval.high


def test_without_n_there_is_no_interval() -> None:
    claim = check_claim(parse("eer=0.1176,auc=0.9563"))
    assert claim.is_possible
    assert (claim.eer_interval, claim.auc_interval) == (None, None)


@given(
    st.lists(st.tuples(st.integers(-5, 5), st.booleans()), min_size=2, max_size=40).filter(
        lambda rows: len({label for _, label in rows}) == 2
    )
)
def test_whatever_was_measured_is_possible(rows: list[tuple[int, bool]]) -> None:
    scores = np.array([score for score, _ in rows], np.float64)
    key = np.array([label for _, label in rows])
    n = (int(key.sum()), int((~key).sum()))
    assert check_claim(Published(eer(scores, key), auc(scores, key), 1e-12, 1e-12, *n)).is_possible


def test_rounding_is_allowed_for() -> None:
    assert check_claim(parse("eer=0.10,auc=0.81")).is_possible
    assert check_claim(parse("eer=0.10,auc=0.80")).is_possible  # an EER of 10.49 % allows 0.8012
    assert not check_claim(parse("eer=0.100,auc=0.800")).is_possible
    assert not check_claim(parse("eer=0.100,auc=0.80")).is_possible


@pytest.mark.parametrize("text", ["eer=0,auc=0", "eer=1,auc=1", "eer=0,auc=0.5"])
def test_a_fraction_without_decimals_is_no_rounded_one(text: str) -> None:
    assert not check_claim(parse(text)).is_possible


def test_whole_per_cent_are_rounded_ones() -> None:
    assert check_claim(parse("eer=0%,auc=99.6%")).is_possible
    assert check_claim(parse("eer=0,auc=1")).is_possible


def test_a_pair_that_only_rounding_allows_is_called_so() -> None:
    for text, why in (
        ("eer=0.1176,auc=0.7785", ", within the digits that were printed. Two bell"),
        ("eer=0.5,auc=0.9,n=2+2", ", within the digits that were printed and for so few trials. "),
        ("eer=0.1176,auc=0.95", " both. Two bell"),
    ):
        (told,) = [line for line in as_claim.lines(check_claim(parse(text))) if "POSSIBLE" in line]
        assert why in told


def test_a_step_of_the_curve_is_allowed_for_where_n_is_known() -> None:
    assert not check_claim(parse("eer=0.1000,auc=0.7950")).is_possible
    assert check_claim(parse("eer=0.1000,auc=0.7950,n=20+20")).is_possible


def test_per_cent_and_blanks_are_read() -> None:
    found = parse(" EER = 11.76 % , auc=.9563, n = 544 + 600")
    assert (found.eer, found.auc) == (0.1176, 0.9563)
    assert (found.eer_step, found.auc_step) == pytest.approx((5e-5, 5e-5))
    assert (found.n_bona_fide, found.n_spoof) == (544, 600)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("eer=0.1", "auc is missing"),
        ("auc=0.1", "eer is missing"),
        ("eer=0.1,auc", "'auc' is none of eer=, auc=, n="),
        ("eer=0.1,f1=0.2", "'f1=0.2' is none of"),
        ("eer=0.1,auc=0.5,eer=0.2", "eer stands there twice"),
        ("eer=11.76,auc=0.5", "got 11.76. If it is in per cent, write eer=11.76%"),
        ("eer=250,auc=0.5", r"lies from 0 to 1, but got 250\.$"),
        ("eer=0.1,auc=120%", r"got 120%\.$"),
        ("eer=-0.1,auc=0.5", "eer=-0.1 is no number"),
        ("eer=0.1,auc=0.5,n=544", r"n=544 is not BONA_FIDE\+SPOOF"),
        ("eer=0.1,auc=0.5,n=0+9", r"n=0\+9 is not BONA_FIDE\+SPOOF"),
    ],
)
def test_what_is_no_claim_is_refused_with_the_form_of_one(text: str, says: str) -> None:
    with pytest.raises(SettingsError, match=says):
        parse(text)
