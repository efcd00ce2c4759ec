"""Means over seeds and their paired changes; one detector alone is measured as by evaluate."""

from pathlib import Path

import numpy as np
import pytest

from earwitness.errors import ProtocolError
from earwitness.evaluation.measuring import Plan, evaluate
from earwitness.evaluation.records import Scored, Setup, Unread
from earwitness.metrics.eer import eer
from earwitness.metrics.intervals import bootstrap
from earwitness.records import Label, Trial
from earwitness.study.measuring import SEED, heard, measured, own_eer, own_measures

EACH, ROUNDS = 60, 200
SETUP = Setup(
    "data", "folder", "eval", "m", None, None, is_calibrated=False, operating_point=None,
    threshold=None, windows="", decoding="", clustered_by=None, clusters=0, command="", date="",
    version="",
)  # fmt: skip


def told(distance: float, seed: int) -> list[Scored]:
    rng = np.random.default_rng(seed)
    found = []
    for number in range(2 * EACH):
        label = Label.BONA_FIDE if number < EACH else Label.SPOOF
        trial = Trial(f"{number}.wav", Path("x"), label, "eval", {"source": f"s{number % 20}"})
        score = rng.normal() + distance * (label is Label.BONA_FIDE)
        found.append(Scored(trial, float(score), None))
    return found


def test_the_mean_over_seeds_is_the_mean_of_each_seeds_own_figure() -> None:
    runs = [told(0.5, 1), told(2.0, 2), told(2.2, 3)]
    found = measured(heard(runs, ("source",)), rounds=ROUNDS)
    alone = [own_eer(run) for run in runs]
    assert found.mean("eer", (1, 2)).value == pytest.approx(np.mean(alone[1:]))
    change = found.change("eer", (0,), (1, 2), names=("before", "after"))
    assert change.value == pytest.approx(np.mean(alone[1:]) - alone[0])
    assert change.outcome.value == "better"


def test_intervals_are_those_of_one_bootstrap_over_sources() -> None:
    runs = [told(0.5, 1), told(1.0, 2), told(1.2, 3)]
    table = heard(runs, ("source",))
    found = measured(table, rounds=ROUNDS)

    def of_draw(numbers: np.ndarray, key: np.ndarray) -> float:
        drawn = numbers.astype(int)
        after = np.mean([eer(table.scores[row, drawn], key) for row in (1, 2)])
        return float(after - eer(table.scores[0, drawn], key))

    numbers = np.arange(2 * EACH, dtype=np.float64)
    expected = bootstrap(
        of_draw, numbers, table.is_bona_fide, table.clusters,
        rng=np.random.default_rng(SEED), rounds=ROUNDS,
    )  # fmt: skip
    change = found.change("eer", (0,), (1, 2), names=("before", "after"))
    assert (change.low, change.high) == pytest.approx((expected.low, expected.high), abs=2e-3)
    assert table.kin.column == "source"


def test_a_detector_alone_is_measured_as_evaluate_measures_it() -> None:
    run = told(1.0, 4)
    ours = {one.name: one for one in own_measures(run, ("source",))}
    theirs = evaluate(SETUP, run, [], Plan(kin=("source",)))
    assert {name: theirs.measure(name) for name in ours} == ours


def test_trials_that_one_of_them_did_not_score_are_left_out_of_all_and_counted() -> None:
    runs: list[list[Scored | Unread]] = [list(told(1.0, 1)), list(told(1.0, 2))]
    runs[0][3] = Unread(runs[0][3].trial, "audio.unreadable", "torn")
    runs[1][5] = Scored(runs[1][5].trial, None, None)
    found = heard(runs, ())
    assert found.left_out == 2
    assert found.n == (EACH - 2, EACH)


def test_no_error_in_any_draw_has_the_interval_that_so_few_sources_allow() -> None:
    found = measured(heard([told(50.0, 1)], ("source",)), rounds=ROUNDS)
    measure = found.mean("eer", (0,))
    assert measure.value == 0.0
    assert 0.1 < (measure.high or 0.0) < 0.2  # Wilson's of 0 in 20


def test_other_trials_are_refused() -> None:
    with pytest.raises(ProtocolError, match="asked different trials"):
        heard([told(1.0, 1), told(1.0, 1)[1:]], ())


def test_one_label_alone_is_refused() -> None:
    spoofs = [one for one in told(1.0, 1) if not one.is_bona_fide]
    with pytest.raises(ProtocolError, match="One label has no trial that every detector"):
        heard([spoofs], ())
