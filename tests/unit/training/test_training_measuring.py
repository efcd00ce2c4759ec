"""Figures are those of the metrics, by kind too, each with its number of trials."""

import numpy as np
import pytest
from made_runs import trial

from earwitness.metrics.cllr import cllr, min_cllr
from earwitness.metrics.eer import eer
from earwitness.metrics.intervals import bootstrap
from earwitness.records import Label, Trial
from earwitness.training.measuring import Figures, measure

pytestmark = pytest.mark.torch

KINDS = ["tts", "zero-shot-tts", "vc", "vocoded", "codec"]


def made() -> tuple[list[Trial], np.ndarray]:
    """60 bona fide and 20 spoofed trials of each kind, on 8 pages; later kinds are harder."""
    rng = np.random.default_rng(5)
    trials = [trial(f"b{n}", Label.BONA_FIDE, page=f"p{n % 8}") for n in range(60)]
    llrs = [rng.normal(2.0, 1.5, 60)]
    for hardness, kind in enumerate(KINDS):
        trials += [
            trial(f"{kind}{n}", Label.SPOOF, page=f"p{n % 8}", attack_type=kind) for n in range(20)
        ]
        llrs.append(rng.normal(hardness - 3.0, 1.5, 20))
    return trials, np.concatenate(llrs)


@pytest.fixture(scope="module")
def figures() -> Figures:
    trials, llrs = made()
    return measure(trials, llrs, rng=np.random.default_rng(1))


def test_trials_and_pages_are_counted(figures: Figures) -> None:
    assert (figures.bona_fide, figures.spoof, figures.pages) == (60, 100, 8)


def test_they_are_what_the_metrics_say(figures: Figures) -> None:
    trials, llrs = made()
    key = np.array([one.label is Label.BONA_FIDE for one in trials])
    pages = [one.meta["page"] for one in trials]
    assert figures.eer == bootstrap(eer, llrs, key, pages, rng=np.random.default_rng(1))
    assert figures.eer.low < figures.eer.value < figures.eer.high
    assert (figures.cllr, figures.min_cllr) == (cllr(llrs, key), min_cllr(llrs, key))


def test_each_kind_is_measured_against_all_bona_fide_trials(figures: Figures) -> None:
    trials, llrs = made()
    for number, kind in enumerate(KINDS):
        rows = [*range(60), *range(60 + 20 * number, 80 + 20 * number)]
        key = np.array([trials[row].label is Label.BONA_FIDE for row in rows])
        assert figures.by_kind[kind] == (eer(llrs[rows], key), 20)


def test_kinds_are_counted_together_as_speaking_and_as_copies(figures: Figures) -> None:
    assert {name: count for name, (_, count) in figures.by_kind.items()} == {
        "speaking": 60, "copies": 40, **dict.fromkeys(KINDS, 20),
    }  # fmt: skip
    assert figures.by_kind["speaking"][0] < figures.by_kind["copies"][0]


def test_a_kind_that_is_not_there_is_not_told(figures: Figures) -> None:
    assert "s2s" not in figures.by_kind


def test_a_card_gets_rates_in_per_cent(figures: Figures) -> None:
    table = figures.plain()
    assert table["eer_percent"] == pytest.approx(100 * figures.eer.value, abs=0.005)
    assert table["eer_low_percent"] < table["eer_percent"] < table["eer_high_percent"]
    assert table["eer_zero_shot_tts_percent"] == pytest.approx(
        100 * figures.by_kind["zero-shot-tts"][0], abs=0.005
    )
    assert (table["bona_fide"], table["spoof"], table["pages"]) == (60, 100, 8)
    assert table["cllr_bits"] == pytest.approx(figures.cllr, abs=0.0005)
