"""``earwitness finetune`` at its ends: what is heard before and after, and few clips."""

import json
import shutil
from pathlib import Path

import numpy as np
import pytest
import soundfile
from click.testing import CliRunner, Result

from earwitness import detector
from earwitness.apps.cli.main import main
from earwitness.audio.read import open_recording
from earwitness.weights.cards import read_card
from finetuned_runs import RATE, tiny_detector

pytestmark = [pytest.mark.torch, pytest.mark.train]

PLAIN = """
name = "mixing"
epochs = 1
precision = "fp32"
keep = [{name = "replay", share = 0.25}, {name = "interpolation", alphas = [0.0, 0.5, 1.0]}]
data = {batch = 4, length_s = 0.5}
optimiser = {rate = 1e-3}
"""
FEW = """
extends = "few.toml"
name = "few"
precision = "fp32"
augmentation = [{name = "gain", share = 0.5}]
data = {length_s = 0.5}
"""


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tiny_detector(tmp_path_factory.mktemp("start") / "start.safetensors")


def spoken(root: Path, examples: Path, *, each: int, skip: float = 0.0) -> Path:
    """Cut speech out of the examples: as it is for Real, dull for Fake; a source a recording."""
    for number, file in enumerate(sorted(examples.glob("bonafide_*.*"))):
        with open_recording(file, sample_rate=RATE) as recording:
            sound = np.resize(np.concatenate(list(recording.blocks())), 6 * RATE)
        for at in range(each):
            start = int((0.5 + skip + 1.2 * at) * RATE)
            piece = sound[start : start + int(1.5 * RATE)]
            dull = np.convolve(piece, np.ones(6) / 6, mode="same")
            for label, cut in (("Real", piece), ("Fake", dull)):
                place = root / label / f"voice{number % 5}" / f"{number}-{at}.wav"
                place.parent.mkdir(parents=True, exist_ok=True)
                soundfile.write(place, cut, RATE)
    return root


@pytest.fixture(scope="module")
def folder(examples: Path, tmp_path_factory: pytest.TempPathFactory, root: Path) -> Path:
    made = tmp_path_factory.mktemp("speech")
    spoken(made / "own", examples, each=2)
    spoken(made / "dev", examples, each=1, skip=2.4)
    spoken(made / "kept", examples, each=1, skip=3.6)
    (made / "mixing.toml").write_text(PLAIN)
    shutil.copy(root / "recipes/few.toml", made / "few.toml")
    (made / "own_few.toml").write_text(FEW)
    return made


def run(*words: object) -> Result:
    return CliRunner().invoke(
        main, ["finetune", *map(str, words), "--threads", "1", "--workers", "0"]
    )


@pytest.fixture(scope="module")
def few(folder: Path, model: Path) -> Result:
    return run(
        "--few", "--train", folder / "own", "--model", model, "--epochs", 2,
        "--recipe", folder / "own_few.toml", "--out", folder / "few",
    )  # fmt: skip


@pytest.mark.slow
def test_few_clips_are_split_by_source_learned_and_calibrated(few: Result, folder: Path) -> None:
    assert few.exit_code == 0, few.output
    told = " ".join(few.stdout.split())
    assert "own held out (target)" in told
    assert "Split by source:" in told
    assert "Calibrated on" in told or "no line can be drawn" in told
    assert "there was no keep-set" in told
    for name in ("report.html", "report.md", "metrics.json", "figures/curves.png"):
        assert (folder / "few" / name).is_file()
    assert "Split by source:" in (folder / "few" / "report.md").read_text()


@pytest.mark.slow
def test_what_few_clips_made_gives_llrs_and_says_from_how_many(few: Result, folder: Path) -> None:
    assert few.exit_code == 0, few.output
    card = read_card(folder / "few/detector/card.toml")
    made = detector.load(str(folder / "few/detector"))

    assert card.calibration is not None, few.stdout
    assert card.calibration.fitted_on.endswith("clips of own that were held out")
    assert card.calibration.trials == card.calibration.bona_fide + card.calibration.spoof < 20
    assert list(card.operating_points) == ["balanced"]
    assert made.detect(next((folder / "own/Real").rglob("*.wav"))).llr is not None


@pytest.mark.slow
def test_the_same_command_again_says_the_same(few: Result, folder: Path, model: Path) -> None:
    again = run(
        "--few", "--train", folder / "own", "--model", model, "--epochs", 2,
        "--recipe", folder / "own_few.toml", "--out", folder / "few",
    )  # fmt: skip

    assert again.exit_code == 0, again.output
    assert again.stdout == few.stdout
    assert "this run is done already" in again.stderr


def test_a_dev_part_beside_few_is_refused(folder: Path, model: Path) -> None:
    found = run("--few", "--train", folder / "own", "--dev", folder / "dev", "--model", model)

    assert found.exit_code == 2
    assert "leave --dev out" in found.output


def test_too_few_clips_are_refused_before_anything_is_heard(folder: Path, model: Path) -> None:
    found = run("--few", "--train", folder / "dev", "--model", model, "--out", folder / "never")

    assert found.exit_code == 6, found.output
    assert "--few is for 20 to 500 clips, but there are 14: record some more." in found.output
    assert not (folder / "never").exists()


def test_what_was_replayed_is_in_no_figure_and_mixtures_are_told(folder: Path, model: Path) -> None:
    found = run(
        "--train", folder / "own", "--dev", folder / "dev", "--keep", folder / "kept",
        "--model", model, "--recipe", folder / "mixing.toml", "--out", folder / "mixed", "--json",
    )  # fmt: skip

    assert found.exit_code == 0, found.output
    told = json.loads(found.stdout)
    roles = {row["role"]: row for row in told["gained_lost"]}
    assert [point["alpha"] for point in told["mixtures"]] == [0.0, 0.5, 1.0]
    assert sum(point["is_chosen"] for point in told["mixtures"]) == 1
    assert roles["target"]["n_bona_fide"] == 7
    assert 0 < roles["keep"]["n_bona_fide"] + roles["keep"]["n_spoof"] < 14
    assert any("clips of the keep-set were heard in training" in one for one in told["told"])
    assert (folder / "mixed/figures/pareto.png").is_file()
