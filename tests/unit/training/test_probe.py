"""The floor: what a shallow probe hears, what it must not hear, and that it is out of fold."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from made_runs import COARSE, FINE, clip, easy_clips, recipe, trial

from earwitness.metrics.eer import eer
from earwitness.records import Label
from earwitness.training import probe
from earwitness.training.clips import Clip
from earwitness.training.fit import Start, new_network
from earwitness.training.probe import probe_scores
from earwitness.training.settings import TrainingSettings
from earwitness.training.warm import Pooled, pooled_views

pytestmark = [pytest.mark.torch, pytest.mark.train]

WIDTH, LAYERS, VIEWS, MEASURES = 4, 4, 3, 5
WHISPER = {
    "frontend": "whisper",
    "backend": "moments",
    "frontend_settings": {"width": 64, "layers": 3},
    "backend_settings": {"layers": LAYERS, "width": WIDTH},
}
WARM = {"views": VIEWS, "epochs": 40, "batch": 16, "rate": 3e-3}
EARLY = slice(WIDTH, 3 * WIDTH)  # means of layers 1 and 2; the stem's come first


def told(**changes: object) -> TrainingSettings:
    return recipe(branches=[WHISPER, FINE], warm=WARM, **changes)


def made_clips(count: int = 40) -> list[Clip]:
    silence = np.zeros(100, np.int16)
    labels = (Label.BONA_FIDE, Label.SPOOF)
    return [
        clip(trial(f"{n}", labels[n % 2], system=f"S{n}" if n % 2 else "-"), silence)
        for n in range(count)
    ]


def folds_of(clips: list[Clip]) -> dict[str, int]:
    return {one.trial.id: n // 2 % 2 for n, one in enumerate(clips)}


def made_views(
    clips: list[Clip], rest: float | None = None, *, early: float = 0.0, fine: float = 0.0
) -> dict[str, Pooled]:
    """Pool nothing: noise, moved by label in the early means and in the fine measures.

    ``rest`` fills all that the probe should not hear; None leaves noise in it.
    """
    rng = np.random.default_rng(1)
    views = {}
    for one in clips:
        sign = 1.0 if one.trial.label == Label.BONA_FIDE else -1.0
        moments = rng.normal(size=(VIEWS, 6 * LAYERS * WIDTH))
        measures = rng.normal(size=(VIEWS, MEASURES))
        heard = moments[0, EARLY] + early * sign, measures[0] + fine * sign
        if rest is not None:
            moments[:], measures[:] = rest * sign, rest * sign
        moments[0, EARLY], measures[0] = heard
        views[one.trial.id] = [moments.astype(np.float16), measures.astype(np.float16)]
    return views


def errors(clips: list[Clip], scores: dict[str, float]) -> float:
    key = np.array([one.trial.label == Label.BONA_FIDE for one in clips])
    raw = np.array([scores[one.trial.id] for one in clips])
    return float(eer(raw, key))


@pytest.mark.parametrize("where", [{"early": 2.0}, {"fine": 2.0}], ids=["encoder", "spectrum"])
def test_what_an_early_mean_or_the_spectrum_tells_is_heard(where: dict[str, float]) -> None:
    clips = made_clips()
    scores = probe_scores(told(), clips, folds_of(clips), made_views(clips, **where))
    assert errors(clips, scores) < 0.1


@pytest.mark.parametrize("rest", [np.nan, 5.0], ids=["not a number", "the label itself"])
def test_nothing_is_heard_but_early_means_and_the_clip_as_it_is(rest: float) -> None:
    """Of the stem, the last layer, the other moments and the other views nothing is taken."""
    clips = made_clips()
    scores, plain = (
        probe_scores(told(), clips, folds_of(clips), made_views(clips, fill))
        for fill in (rest, None)
    )
    assert scores.keys() == plain.keys() == {one.trial.id for one in clips}
    assert np.ptp(list(plain.values())) > 0.1
    for name, score in plain.items():
        assert scores[name] == pytest.approx(score, abs=1e-5)
    assert errors(clips, scores) > 0.25


def test_a_clip_is_scored_by_a_probe_that_did_not_hear_it(monkeypatch: pytest.MonkeyPatch) -> None:
    clips, heard = made_clips(), []
    plain_fit = probe.fit_heads

    def listening_fit(asked, heads, kept, pooled):
        heard.append(({one.trial.id for one in kept}, asked.warm.views, len(heads)))
        plain_fit(asked, heads, kept, pooled)

    monkeypatch.setattr(probe, "fit_heads", listening_fit)
    folds = folds_of(clips)
    probe_scores(told(), clips, folds, made_views(clips, early=1.0))
    others = [{name for name, f in folds.items() if f != fold} for fold in (0, 1)]
    assert heard == [(names, 1, 2) for names in others]


def test_labels_turned_round_in_a_fold_are_answered_the_other_way_there() -> None:
    """Were a clip's own label heard, its score would follow it."""
    clips = made_clips()
    folds = folds_of(clips)
    views = made_views(clips, early=3.0)
    turned = {Label.BONA_FIDE: Label.SPOOF, Label.SPOOF: Label.BONA_FIDE}
    other = [
        replace(c, trial=replace(c.trial, label=turned[c.trial.label]))
        if folds[c.trial.id] == 0
        else c
        for c in clips
    ]
    held = [c for c in other if folds[c.trial.id] == 0]
    assert errors(held, probe_scores(told(), other, folds, views)) > 0.9


def test_the_floor_of_real_pooling_parts_sounds_that_are_easy_to_tell(tmp_path: Path) -> None:
    easy = recipe(branches=[FINE, COARSE], warm={**WARM, "views": 1, "batch": 8})
    clips = easy_clips(24)
    folds = {one.trial.id: int(one.trial.meta["page"][5]) % 2 for one in clips}
    pooled = pooled_views(easy, new_network(easy, Start()), clips, tmp_path, workers=0)
    scores = probe_scores(easy, clips, folds, pooled)
    assert errors(clips, scores) == 0.0
