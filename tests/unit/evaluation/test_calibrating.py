"""A calibration is fitted on all trials, and measured on trials that it did not see."""

import math
from pathlib import Path

import numpy as np
import pytest

from earwitness.decision import Policy
from earwitness.errors import ProtocolError, SettingsError
from earwitness.evaluation.calibrating import Calibrated, Heard, calibrate, refuse_too_few
from earwitness.metrics.cllr import cllr
from earwitness.records import Label, SegmentScore, Trial

ONE_WINDOW = Policy(window_cap=1e9)


def heard(
    raw: float, label: Label, number: int, *, page: str = "", llr: float | None = None
) -> Heard:
    trial = Trial(f"{label}/{number}.wav", Path("none"), label, "dev", {"page": page})
    return Heard(trial, (SegmentScore(0.0, 4.0, 4.0, 4.0, raw, llr),))


def drawn(count: int, *, scale: float = 1.0, offset: float = 0.0, seed: int = 3) -> list[Heard]:
    """Draw LLRs that are what they say, and lay a line over them."""
    rng = np.random.default_rng(seed)
    bona_fide, spoof = rng.normal(size=(2, count)) * 2**0.5
    return [
        *(heard((x + 1 - offset) / scale, Label.BONA_FIDE, n) for n, x in enumerate(bona_fide)),
        *(heard((x - 1 - offset) / scale, Label.SPOOF, n) for n, x in enumerate(spoof)),
    ]


def calibrated(trials: list[Heard], **how: object) -> Calibrated:
    return calibrate(trials, ONE_WINDOW, rounds=100, **how)  # type: ignore[arg-type]


def measured(found: Calibrated) -> dict[str, float]:
    return {one.name: float(one.value or 0.0) for one in found.after}


def test_a_line_over_the_llrs_is_taken_off() -> None:
    found = calibrated(drawn(1500, scale=0.2, offset=-3.0))
    assert found.line.scale == pytest.approx(0.2, rel=0.1)
    assert found.line.offset == pytest.approx(-3.0, abs=0.3)
    assert (found.n_bona_fide, found.n_spoof) == (1500, 1500)
    assert not found.was_calibrated
    assert found.before.value is not None
    assert found.before.value > 3 * measured(found)["cllr"]


def test_what_is_measured_is_no_better_than_the_best_line_on_the_trials_themselves() -> None:
    """Measured on what it was fitted on, the same line flatters itself."""
    gaps = []
    for seed in range(5):
        trials = drawn(60, seed=seed)
        found = calibrated(trials, seed=seed)
        raw = np.array([one.windows[0].raw_score for one in trials])
        key = np.array([one.trial.label is Label.BONA_FIDE for one in trials])
        gaps.append(measured(found)["cllr"] - cllr(found.line.llr(raw), key))
    assert min(gaps) > 0


def test_a_detector_that_gives_llrs_is_measured_by_them_before() -> None:
    trials = [
        heard(one.windows[0].raw_score, one.trial.label, n, llr=one.windows[0].raw_score / 2)
        for n, one in enumerate(drawn(100))
    ]
    found = calibrated(trials)
    assert found.was_calibrated
    raw = np.array([one.windows[0].raw_score for one in trials])
    key = np.array([one.trial.label is Label.BONA_FIDE for one in trials])
    assert found.before.value == pytest.approx(cllr(raw / 2, key))


def test_windows_are_pooled_by_the_policy_of_the_detector() -> None:
    several = [Heard(one.trial, one.windows * 8) for one in drawn(200)]
    pooled = calibrate(several, Policy(window_cap=1e9, correlation=1.0), rounds=50)
    alone = calibrated(drawn(200))
    assert measured(pooled)["cllr"] == pytest.approx(measured(alone)["cllr"], abs=1e-6)
    bold = calibrate(several, Policy(window_cap=1e9, correlation=0.0), rounds=50)
    assert measured(bold)["cllr"] > measured(pooled)["cllr"]


def test_the_price_of_a_point_is_counted_on_trials_that_did_not_set_it() -> None:
    found = calibrated(drawn(60))
    assert found.points["accusation"].purpose.endswith(
        "cross-validated on 60 bona fide and 60 spoofed clips"
    )
    # On the trials that set it, none of sixty would be called fake.
    assert "before you accuse: 0.0% of genuine" not in found.points["accusation"].purpose


def test_kin_stay_in_one_fold_where_there_are_enough_of_them() -> None:
    trials = [
        heard(one.windows[0].raw_score, one.trial.label, n, page=f"page {n % 20}")
        for n, one in enumerate(drawn(100))
    ]
    found = calibrated(trials, kin=("page",))
    assert (found.kin.column, found.kin.clusters) == ("page", 20)


def test_kin_of_which_one_holds_a_whole_label_are_parted() -> None:
    trials = [
        heard(one.windows[0].raw_score, one.trial.label, n, page=f"p{n if n < 100 else 'all'}")
        for n, one in enumerate(drawn(100))
    ]
    found = calibrated(trials, kin=("page",))
    assert found.kin.column is None
    assert math.isfinite(measured(found)["cllr"])


def test_the_same_trials_give_the_same_calibration() -> None:
    assert calibrated(drawn(60)) == calibrated(drawn(60))


def test_too_few_trials_are_refused_unless_they_are_meant() -> None:
    with pytest.raises(SettingsError, match=r"at least 50 trials of each .* 49 bona .* --few, 10"):
        calibrated(drawn(49))
    assert calibrated(drawn(49), is_few_enough=True).n_spoof == 49
    with pytest.raises(SettingsError, match=r"at least 10 trials .* but there are 9 bona fide"):
        refuse_too_few(9, 1000, is_few_enough=True)


def test_scores_that_point_the_wrong_way_are_refused() -> None:
    turned = [heard(-o.windows[0].raw_score, o.trial.label, n) for n, o in enumerate(drawn(100))]
    with pytest.raises(
        ProtocolError, match=r"INVERTED: .*\(AUC 0\.201, .* turned round it would be"
    ):
        calibrated(turned)


@pytest.mark.parametrize("slope", [0.0, -0.01])
def test_scores_that_tell_nothing_are_refused(slope: float) -> None:
    rng = np.random.default_rng(9)
    noise = rng.normal(size=200) if slope else np.zeros(200)
    trials = [
        heard(slope * one.windows[0].raw_score + float(x), one.trial.label, n)
        for n, (one, x) in enumerate(zip(drawn(100), noise, strict=True))
    ]
    with pytest.raises(ProtocolError, match="no better than chance here"):
        calibrated(trials)
