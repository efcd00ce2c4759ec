"""From corpus to folder: the whole job, in one process or in parts, and what it refuses."""

import json
import re
import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from made_runs import COARSE, FINE, RATE, recipe
from safetensors.torch import load_file

import earwitness
from earwitness.errors import (
    IncompatibleWeights,
    ProtocolError,
    SettingsError,
    WeightsCorrupt,
    WeightsMissing,
)
from earwitness.export.parity import check_parity, made_clips
from earwitness.export.to_onnx import SMALLEST_HALVED, write_onnx
from earwitness.models.branches import Branches
from earwitness.records import Answer, Label
from earwitness.runtimes.onnx_runtime import OnnxRuntime
from earwitness.runtimes.torch_runtime import TorchRuntime
from earwitness.training.clips import read_clips, segments_of
from earwitness.training.fit import Start, Workplace, new_network
from earwitness.training.run import CLAIM, Job, _trials, load_start, round_to_half, train
from earwitness.training.settings import OptimiserSettings, WarmSettings
from earwitness.weights.cards import read_card

pytestmark = [pytest.mark.torch, pytest.mark.train]

RECIPE = recipe(
    epochs=1,
    windows={"length_s": 1.0, "hop_s": 1.0},
    warm={"views": 1, "epochs": 80, "batch": 8, "rate": 3e-3},
    sampling={"batch": 4, "shortest_s": 0.5, "longest_s": 1.0, "augmented_share": 0.3},
    optimiser={"head_rate": 1e-4},
)
WHISPER = {
    "frontend": "whisper",
    "backend": "moments",
    "frontend_settings": {"layers": 2},
    "backend_settings": {"layers": 3},
}


def job(corpus: Path, out: Path, **changes: object) -> Job:
    place = Workplace(out, threads=1, workers=0)
    plain = Job(RECIPE, corpus, corpus / "folds.tsv", None, place)
    return replace(plain, **changes)


@pytest.fixture(scope="module")
def run(corpus: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Do the whole job once; the detector lies in ``detector``."""
    out = tmp_path_factory.mktemp("run")
    assert train(job(corpus, out)) == out / "detector"
    return out


def clips_of(run: Path, corpus: Path) -> list:
    detector = earwitness.load(run / "detector")
    trials = _trials(job(corpus, run))
    return read_clips(trials, sample_rate=RATE, windows=detector.windows, cache=run / "clips")


def test_the_folder_loads_and_tells_the_labels_apart(run: Path, corpus: Path) -> None:
    detector = earwitness.load(run / "detector")
    verdicts = {
        label: [detector.detect(path) for path in sorted((corpus / "audio").glob(f"*{label}.wav"))]
        for label in Label
    }
    llrs = {label: [v.llr for v in found if v.llr is not None] for label, found in verdicts.items()}
    assert min(map(len, llrs.values())) >= 8
    assert np.median(llrs[Label.BONA_FIDE]) > 0 > np.median(llrs[Label.SPOOF])
    assert {v.answer for v in verdicts[Label.SPOOF]} <= {Answer.SPOOF, Answer.INCONCLUSIVE}


def test_the_file_says_what_the_fitted_network_says_of_real_speech(run: Path, corpus: Path) -> None:
    network = new_network(RECIPE, Start())
    network.load_state_dict(load_file(run / "full" / "network.safetensors"))
    round_to_half(network)
    rows = np.stack(
        [
            segment.samples
            for clip in clips_of(run, corpus)
            for segment in segments_of(
                clip, earwitness.load(run / "detector").windows, sample_rate=RATE
            )
        ]
    )
    ours = TorchRuntime(network.eval()).scores(rows)
    theirs = OnnxRuntime(run / "detector" / "network.onnx").scores(rows)
    assert np.abs(ours - theirs).max() < 1e-4
    parity = json.loads((run / "detector" / "parity.json").read_text(encoding="utf-8"))
    assert parity["tolerance"] == 1e-4
    assert max(parity["engines_apart"], parity["onnx_batch_apart"]) <= 1e-4
    assert len(parity["clips"]) == 24


def test_the_card_tells_what_was_done_and_measured(run: Path, corpus: Path) -> None:
    folder = run / "detector"
    card, made = read_card(folder / "card.toml"), json.loads((folder / "chosen.json").read_text())
    assert (card.name, card.title, card.sample_rate) == ("tiny", "Two small spectra", RATE)
    assert card.parameters == sum(p.numel() for p in Branches(RECIPE.branches).parameters())
    assert card.windows["length_s"] == 1.0
    assert card.calibration is not None
    assert card.calibration.scale == pytest.approx(made["calibration"]["scale"], abs=1e-6)
    assert card.calibration.trials == card.quality["bona_fide"] + card.quality["spoof"] <= 24
    assert set(card.operating_points) == {"screening", "balanced", "accusation"}
    assert card.policy["correlation"] == made["policy"]["correlation"]
    assert card.quality["eer_percent"] == pytest.approx(100 * made["out_of_fold"]["eer"]["value"])
    assert card.quality["floor_eer_percent"] == pytest.approx(100 * made["floor"]["eer"]["value"])
    assert (folder / "pages.txt").read_text() == "".join(f"owner{n}/page\n" for n in range(4))


def test_the_recipe_beside_the_card_makes_the_same_network_again(run: Path) -> None:
    from earwitness.config import settings
    from earwitness.training.settings import TrainingSettings

    table = json.loads((run / "detector" / "recipe.json").read_text(encoding="utf-8"))
    assert settings(TrainingSettings, table, where="recipe.json") == RECIPE


def test_a_run_that_is_done_fits_nothing_again(run: Path, corpus: Path) -> None:
    kept = {
        path: path.stat().st_mtime_ns for path in run.rglob("*") if "detector" not in path.parts
    }
    card = (run / "detector" / "card.toml").read_text(encoding="utf-8")
    steps = []
    place = Workplace(run, threads=1, workers=0, on_step=lambda *step: steps.append(step))
    train(job(corpus, run, place=place))
    assert steps == []
    again = {
        path: path.stat().st_mtime_ns for path in run.rglob("*") if "detector" not in path.parts
    }
    assert again == kept
    assert (run / "detector" / "card.toml").read_text(encoding="utf-8") == card


def test_a_job_done_in_parts_ends_as_one_that_was_done_at_once(
    run: Path, corpus: Path, tmp_path: Path
) -> None:
    told: list[str] = []
    assert train(job(corpus, tmp_path, parts=("1", "full"))) == tmp_path
    assert not (tmp_path / "fold_0").exists()
    assert not (tmp_path / "detector").exists()
    train(job(corpus, tmp_path, parts=("0",)))
    train(job(corpus, tmp_path), tell=told.append)
    assert [line for line in told if line.startswith("out of fold: EER")]
    for part in ("fold_0", "fold_1", "full"):
        ours, theirs = (load_file(f / part / "network.safetensors") for f in (tmp_path, run))
        # Not to the bit: how memory is aligned decides in which order numbers are added up.
        for name, weights in theirs.items():
            torch.testing.assert_close(ours[name], weights, rtol=1e-5, atol=1e-5)
    ours, theirs = (read_card(folder / "detector" / "card.toml") for folder in (tmp_path, run))
    assert ours.calibration.scale == pytest.approx(theirs.calibration.scale, rel=1e-3)
    assert ours.quality == theirs.quality


def test_a_part_that_there_is_not_is_refused(corpus: Path, tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match=r"There is no part '7'. There are: 0, 1, full\."):
        train(job(corpus, tmp_path, parts=("full", "7")))
    assert not (tmp_path / "full").exists()


def test_a_folder_of_another_run_is_refused(run: Path, corpus: Path) -> None:
    for other in (
        {"recipe": replace(RECIPE, epochs=9)},
        {"recipe": replace(RECIPE, seed=9)},
        {"limit": 20},
    ):
        with pytest.raises(SettingsError, match="holds a run of another recipe, other clips"):
            train(job(corpus, run, **other))


def test_without_views_heads_start_at_random_and_there_is_no_floor(
    corpus: Path, tmp_path: Path
) -> None:
    told: list[str] = []
    cold = replace(RECIPE, warm=WarmSettings(), optimiser=OptimiserSettings(head_rate=1e-2))
    folder = train(job(corpus, tmp_path, recipe=replace(cold, epochs=3)), tell=told.append)
    assert not [line for line in told if "floor" in line or "pooling" in line]
    assert not (tmp_path / "views").exists()
    assert "floor_eer_percent" not in read_card(folder / "card.toml").quality
    assert json.loads((folder / "chosen.json").read_text(encoding="utf-8"))["floor"] is None


def test_a_run_may_get_another_title(run: Path, corpus: Path, tmp_path: Path) -> None:
    shutil.copytree(run, tmp_path / "run")
    renamed = replace(RECIPE, title="A better title", name="better")
    folder = train(job(corpus, tmp_path / "run", recipe=renamed))
    assert read_card(folder / "card.toml").title == "A better title"
    assert (tmp_path / "run" / CLAIM).read_text() == (run / CLAIM).read_text()


def test_a_clip_without_a_fold_is_named_with_the_file(corpus: Path, tmp_path: Path) -> None:
    lines = (corpus / "folds.tsv").read_text(encoding="utf-8").splitlines()
    folds = tmp_path / "folds.tsv"
    folds.write_text("\n".join(lines[:-2]) + "\n", encoding="utf-8")
    name = re.escape(lines[-2].split("\t")[0])
    with pytest.raises(ProtocolError, match=rf"folds\.tsv: has no fold for '{name}' \(2 missing"):
        train(job(corpus, tmp_path / "out", folds=folds))


def test_a_limit_takes_so_many_clips_of_both_labels_in_the_order_of_the_corpus(
    corpus: Path, tmp_path: Path
) -> None:
    whole = _trials(job(corpus, tmp_path))
    some = _trials(job(corpus, tmp_path, limit=10))
    assert len(whole) == 24
    assert len(some) == 10
    assert some == [one for one in whole if one in some]
    assert {one.label for one in some} == set(Label)
    assert some == _trials(job(corpus, tmp_path, limit=10))
    assert some != _trials(job(corpus, tmp_path, limit=10, recipe=replace(RECIPE, seed=8)))


@pytest.mark.parametrize("limit", [None, 24, 1000])
def test_a_limit_that_is_large_enough_changes_nothing(
    limit: int | None, corpus: Path, tmp_path: Path
) -> None:
    assert len(_trials(job(corpus, tmp_path, limit=limit))) == 24


@pytest.mark.parametrize(
    ("limit", "fault"), [(0, "at least 1, but got 0"), (1, "1 clips are too few")]
)
def test_a_limit_that_is_too_small_is_refused(
    limit: int, fault: str, corpus: Path, tmp_path: Path
) -> None:
    with pytest.raises(SettingsError, match=fault):
        train(job(corpus, tmp_path, limit=limit))


def test_a_recipe_without_an_encoder_needs_none() -> None:
    assert load_start(RECIPE, None) == Start()


def test_a_recipe_with_an_encoder_says_where_to_get_it() -> None:
    told = recipe(branches=[WHISPER, FINE])
    with pytest.raises(SettingsError, match=r"'tiny' .* scripts/fetch_encoder.*--encoder"):
        load_start(told, None)


def test_an_encoder_that_is_not_there_is_named(tmp_path: Path) -> None:
    told = recipe(branches=[WHISPER])
    with pytest.raises(WeightsMissing, match=r"gone\.bin: cannot be read \(No such file"):
        load_start(told, tmp_path / "gone.bin")


def test_an_encoder_that_is_none_is_named(tmp_path: Path) -> None:
    told, path = recipe(branches=[WHISPER]), tmp_path / "model.bin"
    path.write_bytes(b"\x06\x00\x00\x00 not a model")
    with pytest.raises(WeightsCorrupt, match=r"model\.bin: is not a CTranslate2 model file"):
        load_start(told, path)
    path.write_bytes(b"\x06\x00\x00\x00\x01\x00\x00" + b"\x00" * 12)  # a model without variables
    with pytest.raises(IncompatibleWeights, match=r"model\.bin: holds no Whisper encoder of 2"):
        load_start(told, path)


def test_rounded_weights_are_what_a_half_precision_file_holds(tmp_path: Path) -> None:
    torch.manual_seed(0)
    small = {"width": 64, "layers": 1}
    whisper = {**WHISPER, "frontend_settings": small,
               "backend_settings": {"layers": 2, "width": 64}}  # fmt: skip
    network = new_network(recipe(branches=[FINE, COARSE, whisper]), Start()).eval()
    rounded = new_network(recipe(branches=[FINE, COARSE, whisper]), Start()).eval()
    round_to_half(rounded)
    pairs = list(zip(network.parameters(), rounded.parameters(), strict=True))
    large = [(a, b) for a, b in pairs if a.numel() >= SMALLEST_HALVED]
    assert any(not torch.equal(a, b) for a, b in large)
    assert all(torch.equal(b.half().float(), b) for _, b in large)
    assert all(torch.equal(a, b) for a, b in pairs if a.numel() < SMALLEST_HALVED)
    write_onnx(network, tmp_path / "network.onnx", window=RATE, half=True)
    clips = made_clips(window=RATE, sample_rate=RATE)
    assert check_parity(rounded, tmp_path / "network.onnx", clips, tolerance=1e-4).holds
