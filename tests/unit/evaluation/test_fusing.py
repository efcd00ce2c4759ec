"""Several score files into one, measured on trials that the weights did not see."""

from dataclasses import replace

import numpy as np
import pytest

from compared_runs import llrs, trials
from earwitness.errors import ProtocolError, SettingsError
from earwitness.evaluation.differences import Outcome
from earwitness.evaluation.fusing import FOLDS, Fusion, apply, fuse
from earwitness.metrics.cllr import cllr
from earwitness.metrics.eer import eer
from earwitness.records import Label, Trial

KEY_FILE = trials()
KEY = np.array([trial.label is Label.BONA_FIDE for trial in KEY_FILE])


def scores_of(asked: list[Trial], scores: np.ndarray) -> dict[str, float]:
    return dict(zip((trial.id for trial in asked), scores.tolist(), strict=True))


FIRST = scores_of(KEY_FILE, llrs(KEY_FILE, 1.5, seed=1))
SECOND = scores_of(KEY_FILE, 100 + 7 * llrs(KEY_FILE, 1.5, seed=2))


@pytest.fixture(scope="module")
def fused() -> Fusion:
    return fuse(["A", "B"], [FIRST, SECOND], KEY_FILE, kin=("page",), rounds=200)


def test_two_detectors_that_err_apart_are_better_together(fused: Fusion) -> None:
    for ear in fused.ears:
        assert ear.weight > 0
        by_eer, by_cllr, _ = ear.differences
        assert by_eer.outcome is Outcome.BETTER
        assert by_cllr.outcome is Outcome.BETTER
        assert (by_eer.first, by_eer.second) == (ear.name, "the fusion")


def test_each_trial_is_measured_by_weights_that_did_not_see_its_page(fused: Fusion) -> None:
    fitted = apply(fused, [FIRST, SECOND])
    assert set(fused.llrs) == set(fitted)
    assert all(fused.llrs[name] != fitted[name] for name in fitted)
    measured = {one.name: one.value for one in fused.measures}
    values = np.array([fused.llrs[trial.id] for trial in KEY_FILE])
    assert measured["eer"] == eer(values, KEY)
    assert measured["cllr"] == cllr(values, KEY)
    assert (fused.kin.column, fused.kin.clusters, fused.folds) == ("page", 24, FOLDS)


def test_cross_validation_does_not_flatter_a_fusion_of_noise() -> None:
    # Twelve detectors that only guess: fitted on its own trials, their fusion looks informed.
    few = trials(160, pages=160)
    key = np.array([trial.label is Label.BONA_FIDE for trial in few])
    guesses = [
        scores_of(few, np.random.default_rng(at + 40).standard_normal(160)) for at in range(12)
    ]
    found = fuse([f"g{at}" for at in range(12)], guesses, few, rounds=20)
    on_itself = np.array([apply(found, guesses)[trial.id] for trial in few])
    honest = {one.name: one.value or 0 for one in found.measures}
    assert cllr(on_itself, key) < 1 < honest["cllr"]
    assert eer(on_itself, key) < honest["eer"]


def test_new_trials_are_fused_by_the_weights_of_all(fused: Fusion) -> None:
    new = apply(fused, [{"x": 1.0, "y": -2.0}, {"y": 90.0, "x": 110.0}])
    line = fused.line
    assert list(new) == ["x", "y"]
    assert new["x"] == pytest.approx(line.weights[0] + 110 * line.weights[1] + line.offset)


def test_new_trials_that_differ_are_refused_unless_common_ones_are_enough(fused: Fusion) -> None:
    files = [{"x": 1.0, "y": 2.0}, {"y": 3.0}]
    with pytest.raises(ProtocolError, match="A has 2, B has 1, and 1 are in all"):
        apply(fused, files)
    assert list(apply(fused, files, is_common_enough=True)) == ["y"]


def test_scores_beyond_the_key_are_not_looked_at(fused: Fusion) -> None:
    more = [{**file, "eval/1.wav": 1e6} for file in (FIRST, SECOND)]
    assert fuse(["A", "B"], more, KEY_FILE, kin=("page",), rounds=200).line == fused.line


def test_a_trial_of_the_key_without_a_score_is_refused_unless_common_ones_are_enough() -> None:
    holes = {name: score for name, score in SECOND.items() if name != "spoof/0.wav"}
    with pytest.raises(ProtocolError, match="the key has 240, A has 240, B has 239, and 239 are"):
        fuse(["A", "B"], [FIRST, holes], KEY_FILE)
    found = fuse(["A", "B"], [FIRST, holes], KEY_FILE, is_common_enough=True, rounds=20)
    assert (found.n_bona_fide, found.n_spoof, found.left_out) == (120, 119, 1)


def test_scores_that_point_the_wrong_way_are_not_turned_round() -> None:
    turned = {name: -score for name, score in SECOND.items()}
    with pytest.raises(
        ProtocolError, match=r"B: its scores point the wrong way \(AUC 0\.1\d\d.*mir"
    ):
        fuse(["A", "B"], [FIRST, turned], KEY_FILE, rounds=100)


def test_a_corrective_detector_may_get_a_negative_weight() -> None:
    rng = np.random.default_rng(8)
    noise = rng.standard_normal(len(KEY))
    told = scores_of(KEY_FILE, KEY + 2 * noise)
    hum = scores_of(KEY_FILE, 0.2 * KEY + noise + 0.2 * rng.standard_normal(len(KEY)))
    found = fuse(["A", "hum"], [told, hum], KEY_FILE, rounds=20)
    assert found.line.weights[0] > 0 > found.line.weights[1]


def test_pages_that_leave_a_fold_without_bona_fide_speech_are_not_kept_together() -> None:
    # All bona fide speech is of one speaker: without that speaker there is nothing to fit on.
    lone = [
        replace(trial, meta={"speaker": "one" if trial.label is Label.BONA_FIDE else f"s{at}"})
        for at, trial in enumerate(KEY_FILE)
    ]
    found = fuse(["A", "B"], [FIRST, SECOND], lone, kin=("speaker",), rounds=20)
    assert found.kin.column is None


def test_too_few_trials_are_told() -> None:
    few = KEY_FILE[:12]
    with pytest.raises(SettingsError, match="2 detectors needs at least 10 trials of each label"):
        fuse(["A", "B"], [FIRST, SECOND], few, rounds=20)
    barely = KEY_FILE[:20]
    with pytest.raises(SettingsError, match=r"With a fifth held out .* but got 8 bona fide"):
        fuse(["A", "B"], [FIRST, SECOND], barely, rounds=20)


def test_the_same_seed_gives_the_same_fusion(fused: Fusion) -> None:
    again = fuse(["A", "B"], [FIRST, SECOND], KEY_FILE, kin=("page",), rounds=200)
    assert again == fused
