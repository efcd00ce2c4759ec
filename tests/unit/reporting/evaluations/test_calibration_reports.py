"""What is told of a calibration follows from its figures."""

from dataclasses import replace
from pathlib import Path

import pytest

from earwitness.calibration.affine import AffineCalibration
from earwitness.evaluation.calibrating import Calibrated
from earwitness.evaluation.pools import Kin
from earwitness.evaluation.records import Measure
from earwitness.reporting.evaluations import calibrations
from earwitness.weights.cards import CalibrationTable, Card, PointTable, read_card

POINTS = {"balanced": PointTable(0.0, 0.5, "for all"), "accusation": PointTable(-1.5, None, "late")}


def measure(name: str, value: float, low: float, high: float) -> Measure:
    return Measure(name, value, low, high, 200, 300)


@pytest.fixture
def card(root: Path) -> Card:
    found = read_card(root / "tests" / "data" / "tiny_detector" / "card.toml")
    return replace(found, calibration=CalibrationTable(2.0, -0.5, "a set (folder, dev)"))


@pytest.fixture
def found() -> Calibrated:
    return Calibrated(
        line=AffineCalibration(2.0, -0.5),
        points=POINTS,
        before=measure("cllr", 2.5, 2.2, 2.8),
        was_calibrated=False,
        after=(
            measure("cllr", 0.5, 0.45, 0.55),
            measure("min_cllr", 0.45, 0.4, 0.5),
            measure("eer", 0.1, 0.08, 0.12),
        ),
        n_bona_fide=200,
        n_spoof=300,
        folds=5,
        kin=Kin("page", 40),
    )


def text(found: Calibrated, card: Card, left_out: int = 0) -> str:
    return " ".join(" ".join(calibrations.lines(found, card, left_out=left_out)).split())


def test_line_set_figures_and_points_are_told(found: Calibrated, card: Card) -> None:
    told = text(found, card)
    assert (
        "tiny: LLR = 2 × raw score − 0.5, fitted on 200 bona fide + 300 spoof trials of a" in told
    )
    assert "by cross-validation in 5 parts, each page whole" in told
    assert "Cllr before 2.50 [2.20, 2.80] bits, raw scores read as LLRs" in told
    assert "EER 10.0 % [8.0, 12.0]" in told
    assert "accusation bona fide from an LLR of −1.50 late" in told
    assert "- " not in told.replace("− ", "")


def test_a_detector_that_hears_little_is_told_so(found: Calibrated, card: Card) -> None:
    weak = replace(found, after=(measure("cllr", 0.97, 0.92, 1.01), *found.after[1:]))
    assert "is not clearly below 1 bit, which is what always answering 'LLR 0' costs" in text(
        weak, card
    )
    assert "1 bit" not in text(found, card)


def test_few_trials_few_kin_and_what_was_left_out_are_told(found: Calibrated, card: Card) -> None:
    few = replace(found, n_spoof=49, kin=Kin(None, 249, ("speaker", 1)))
    told = text(few, card, left_out=3)
    assert "rest on single recordings" in told
    assert "'speaker' has 1 value only, too few to keep together" in told
    assert "in 5 parts: no trial" in told
    assert "3 trials were left out" in told


def test_the_same_stands_in_the_table(found: Calibrated, card: Card) -> None:
    table = calibrations.table(replace(found, was_calibrated=True), card, left_out=3)
    assert table["calibration"]["scale"] == 2.0
    assert table["before"] == {
        "was_calibrated": True, "name": "cllr", "value": 2.5, "low": 2.2, "high": 2.8,
    }  # fmt: skip
    assert table["cross_validated"]["kept_together"] == "page"
    assert table["left_out"] == 3
