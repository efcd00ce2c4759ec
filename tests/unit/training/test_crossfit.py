"""Out-of-fold scores: nothing that is scored was trained on, and tables come back as they were."""

import re
from pathlib import Path

import numpy as np
import pytest
from made_runs import RATE, clip, recipe, trial

from earwitness.errors import ProtocolError
from earwitness.records import Label, SegmentScore
from earwitness.runtimes.torch_runtime import TorchRuntime
from earwitness.segmentation.windows import WindowSettings
from earwitness.training import crossfit
from earwitness.training.clips import Clip, read_clips, segments_of
from earwitness.training.crossfit import (
    fit_fold,
    halves,
    read_all_scores,
    read_folds,
    read_scores,
    score_clips,
    scores_path,
    write_scores,
)
from earwitness.training.fit import Start, Workplace, new_network

pytestmark = [pytest.mark.torch, pytest.mark.train]

WINDOWS = WindowSettings(length_s=1.0, hop_s=1.0)
RECIPE = recipe(windows={"length_s": 1.0, "hop_s": 1.0}, epochs=1)
SYSTEMS = ["HiFi-GAN", "hifi-gan", "Tacotron", "-", "VITS", "-", "WaveNet", "-"]
SILENCE = np.zeros(100, np.int16)


def made_clips() -> tuple[list[Clip], dict[str, int]]:
    """Make a clip a system; the first half is fold 0 but for "hifi-gan", which is in fold 1."""
    clips = [
        clip(
            trial(f"{n}", Label.BONA_FIDE if system == "-" else Label.SPOOF, system=system), SILENCE
        )
        for n, system in enumerate(SYSTEMS)
    ]
    return clips, {"0": 0, "1": 1, "2": 0, "3": 0, "4": 1, "5": 1, "6": 2, "7": 2}


def ids(clips: list[Clip]) -> set[str]:
    return {one.trial.id for one in clips}


@pytest.mark.parametrize("fold", [0, 1, 2])
def test_no_clip_is_both_trained_on_and_held_out(fold: int) -> None:
    clips, folds = made_clips()
    kept, held_out = halves(clips, folds, fold)
    assert ids(held_out) == {name for name, f in folds.items() if f == fold}
    assert not ids(kept) & ids(held_out)


@pytest.mark.parametrize("fold", [0, 1, 2])
def test_no_system_is_both_trained_on_and_held_out_however_it_is_spelled(fold: int) -> None:
    clips, folds = made_clips()
    kept, held_out = halves(clips, folds, fold)
    systems = [{c.trial.meta["system"].lower() for c in half} - {"-"} for half in (kept, held_out)]
    assert not systems[0] & systems[1]


def test_only_what_shares_a_system_is_left_out() -> None:
    clips, folds = made_clips()
    assert ids(halves(clips, folds, 0)[0]) == {"4", "5", "6", "7"}  # not "1": hifi-gan
    assert ids(halves(clips, folds, 1)[0]) == {"2", "3", "6", "7"}  # not "0": HiFi-GAN
    assert ids(halves(clips, folds, 2)[0]) == {"0", "1", "2", "3", "4", "5"}


def test_the_folds_of_the_corpus_part_it_without_a_rest(shared: Path, root: Path) -> None:
    """Each clip is held out once; and no fold's training hears its owners or systems."""
    from earwitness.protocols import PROTOCOLS
    from earwitness.protocols.pages import owner

    trials = list(PROTOCOLS.get("pages")().trials(shared / "corpus", "train"))
    folds = read_folds(root / "recipes" / "folds.tsv")
    clips = [clip(one, SILENCE) for one in trials]
    held = [ids(halves(clips, folds, fold)[1]) for fold in range(5)]
    assert sum(map(len, held)) == len(set().union(*held)) == len(trials)
    for fold in range(5):
        kept, held_out = halves(clips, folds, fold)
        assert not {owner(c.trial) for c in kept} & {owner(c.trial) for c in held_out}
        systems = [{c.trial.meta["system"].lower() for c in h} - {"-"} for h in (kept, held_out)]
        assert not systems[0] & systems[1]
        assert {c.trial.label for c in kept} == {c.trial.label for c in held_out} == set(Label)


def test_folds_are_read_as_they_were_written(tmp_path: Path) -> None:
    from earwitness.corpus.folds import as_table

    folds = {"audio/a b.wav": 0, "audio/é.flac": 4}
    (tmp_path / "folds.tsv").write_text(as_table(folds), encoding="utf-8")
    assert read_folds(tmp_path / "folds.tsv") == folds


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("path\tpart\na\t1\n", "expected the columns path and fold"),
        ("path\tfold\na\tone\n", "expected the columns path and fold .*'one'"),
        ("path\tfold\na\n", "expected the columns path and fold"),
    ],
    ids=["no column", "no number", "no value"],
)
def test_a_malformed_file_of_folds_is_named(text: str, fault: str, tmp_path: Path) -> None:
    path = tmp_path / "my_folds.tsv"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(ProtocolError, match=f"{re.escape(str(path))}: {fault}"):
        read_folds(path)


def test_a_file_of_folds_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(ProtocolError, match=r"no_folds\.tsv: cannot be read \(No such file"):
        read_folds(tmp_path / "no_folds.tsv")


def test_scores_come_back_as_they_were_written(tmp_path: Path) -> None:
    rows = (
        SegmentScore(0.25, 4.25, 3.5, 3.5, -1.234567, None),
        SegmentScore(2.25, 6.25, 4.0, 2.0, 1e-6, None),
    )
    scores = {"audio/a.wav": rows, "audio/b.wav": rows[:1]}
    write_scores(tmp_path / "scores.tsv", scores)
    assert read_scores(tmp_path / "scores.tsv") == scores
    assert [path.name for path in tmp_path.iterdir()] == ["scores.tsv"]


def test_scores_of_all_folds_are_joined(tmp_path: Path) -> None:
    row = SegmentScore(0.0, 4.0, 4.0, 4.0, 0.5, None)
    for fold, name in enumerate("ab"):
        scores_path(tmp_path, fold).parent.mkdir()
        write_scores(scores_path(tmp_path, fold), {name: (row,)})
    assert read_all_scores(tmp_path, {"a": 0, "b": 1}) == {"a": (row,), "b": (row,)}


@pytest.fixture(scope="module")
def spoken(examples: Path, tmp_path_factory: pytest.TempPathFactory) -> list[Clip]:
    """Read a few of the examples, each with a page and a system of its own."""
    names = [
        "bonafide_pocketsphinx_numbers.wav", "spoof_flite_rms.flac", "silence.wav",
        "bonafide_asterisk_ru_1.ogg", "spoof_kokoro_if_sara.ogg",
    ]  # fmt: skip
    trials = []
    for name in names:
        label = Label.SPOOF if "spoof" in name else Label.BONA_FIDE
        system = name if label is Label.SPOOF else "-"
        made = trial(name, label, page=f"{name}/page", system=system)
        trials.append(type(made)(name, examples / name, label, "train", made.meta))
    cache = tmp_path_factory.mktemp("clips")
    return read_clips(trials, sample_rate=RATE, windows=WINDOWS, cache=cache)


def test_every_window_of_a_verdict_is_scored_alone_or_in_a_batch(spoken: list[Clip]) -> None:
    runtime = TorchRuntime(new_network(RECIPE, Start()).eval())
    scores = score_clips(runtime, spoken, WINDOWS, RATE)
    assert set(scores) == ids(spoken) - {"silence.wav"}
    for one in spoken:
        segments = segments_of(one, WINDOWS, sample_rate=RATE)
        rows = scores.get(one.trial.id, ())
        assert [(r.start_s, r.end_s, r.speech_s, r.fresh_s) for r in rows] == [
            (s.start_s, s.end_s, s.speech_s, s.fresh_s) for s in segments
        ]
        alone = [float(runtime.scores(s.samples[None])[0]) for s in segments]
        assert [r.raw_score for r in rows] == pytest.approx(alone, abs=1e-4)


def test_a_fold_is_trained_without_its_clips_and_scores_them(
    spoken: list[Clip], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    heard = []
    plain_fit = crossfit.fit

    def listening_fit(told, clips, start, place):
        heard.append((ids(clips), place.folder))
        return plain_fit(told, clips, start, place)

    monkeypatch.setattr(crossfit, "fit", listening_fit)
    folds = dict(zip([c.trial.id for c in spoken], [0, 0, 0, 1, 1], strict=True))
    place = Workplace(tmp_path, threads=1, workers=0)
    fit_fold(RECIPE, spoken, folds, 1, Start(), place)
    assert heard == [({n for n, f in folds.items() if f == 0}, tmp_path / "fold_1")]
    assert set(read_scores(scores_path(tmp_path, 1))) == {n for n, f in folds.items() if f == 1}
    fit_fold(RECIPE, spoken, folds, 1, Start(), place)
    assert len(heard) == 1
