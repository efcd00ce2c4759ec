"""A detector that was trained, or calibrated, on what it is measured on is told."""

from pathlib import Path

import pytest

from earwitness.evaluation.journal import hash_of_trials
from earwitness.evaluation.overlap import calibrated_on, overlaps
from earwitness.protocols import PROTOCOLS
from earwitness.records import Label, Trial
from earwitness.reporting.evaluations._remarks import said
from earwitness.weights import fitted
from earwitness.weights.cards import CalibrationTable, read_card
from earwitness.weights.store import CATALOG


@pytest.mark.parametrize(
    ("entry", "protocol", "partition", "is_told"),
    [
        ("pages/train", "pages", "train", True),
        ("pages/train", "pages", "dev", False),
        ("pages/train", "pages", "all", True),
        ("pages", "pages", "dev", True),
        ("pages/all", "pages", "dev", True),
        ("pages/train", "folder", "train", False),
        ("asvspoof2019_la/train", "asvspoof2021_la", "train", False),
    ],
)
def test_an_overlap_is_the_same_protocol_and_a_partition_in_common(
    entry: str, protocol: str, partition: str, is_told: bool
) -> None:
    found = list(overlaps([entry], protocol, partition))
    assert bool(found) is is_told
    for remark in found:
        assert remark.code == "overlap"
        assert remark.facts == {
            "trained_on": entry, "protocol": protocol, "partition": partition,
        }  # fmt: skip


def test_each_entry_is_told() -> None:
    found = list(overlaps(["pages/train", "in_the_wild", "pages/dev"], "pages", "all"))
    assert [remark.facts["trained_on"] for remark in found] == ["pages/train", "pages/dev"]


def test_every_detector_of_the_catalog_names_protocols_that_there_are() -> None:
    cards = [read_card(path) for path in sorted(CATALOG.glob("*/card.toml"))]
    assert cards
    for card in cards:
        assert card.trained_on, card.name
        for entry in card.trained_on:
            assert entry.partition("/")[0] in PROTOCOLS.names()


@pytest.fixture
def trials(tmp_path: Path) -> list[Trial]:
    made = []
    for number in range(4):
        path = tmp_path / f"{number}.wav"
        path.write_bytes(b"sound %d" % number)
        made.append(Trial(path.name, path, Label.SPOOF, "dev"))
    return made


def prints(trials: list[Trial]) -> frozenset[fitted.Recording]:
    found = [fitted.recording(trial.path) for trial in trials]
    return frozenset(one for one in found if one is not None)


def table(trials: list[Trial]) -> CalibrationTable:
    hashed = hash_of_trials(trials)
    return CalibrationTable(1.0, 0.0, fitted_on="a set (folder, eval)", trials_hash=hashed)


def test_recordings_that_a_calibration_was_fitted_on_are_counted_whatever_they_are_called(
    trials: list[Trial],
) -> None:
    known = prints(trials[:3])
    renamed = []
    for trial in trials:
        path = trial.path.rename(trial.path.with_suffix(".other"))
        renamed.append(Trial(f"deeper/{path.name}", path, trial.label, "eval"))
    (remark,) = calibrated_on(table(trials[:3]), known, renamed)
    assert remark.code == "calibrated_on_these"
    assert remark.facts == {
        "n": 3, "of": 4, "fitted_on": "a set (folder, eval)", "by": "content",
    }  # fmt: skip


def test_the_same_list_of_recordings_that_were_coded_anew_is_told(trials: list[Trial]) -> None:
    known, fitted_on = prints(trials), table(trials)
    for trial in trials:
        trial.path.write_bytes(b"another code")
    (remark,) = calibrated_on(fitted_on, known, trials)
    assert (remark.facts["n"], remark.facts["by"]) == (4, "names")


def test_other_recordings_and_detectors_without_a_calibration_are_not_told(
    trials: list[Trial],
) -> None:
    assert list(calibrated_on(table(trials[:2]), prints(trials[:2]), trials[2:])) == []
    assert list(calibrated_on(None, prints(trials), trials)) == []
    assert list(calibrated_on(CalibrationTable(1.0, 0.0), frozenset(), trials)) == []


@pytest.mark.parametrize(("by", "hint"), [("content", ""), ("names", " (names and labels are")])
def test_the_remark_says_what_depends_on_it_and_what_does_not(by: str, hint: str) -> None:
    from earwitness.evaluation.records import Remark

    told = said(Remark("calibrated_on_these", {"n": 3, "of": 40, "fitted_on": "my set", "by": by}))
    assert told.kind == "bad"
    assert told.title.startswith(f"CALIBRATED ON THESE: 3 of 40 trials{hint}")
    assert "(my set). EER, AUC and the least costs do not depend on that; Cllr, the" in told.text
