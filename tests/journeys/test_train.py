"""From corpus to a detector's folder by one command, on a small part of the corpus."""

import json
import time
from pathlib import Path

import pytest
from street import earwitness, told

from whisper_encoder import encoder_file

pytestmark = [pytest.mark.torch, pytest.mark.train, pytest.mark.slow]

CLIPS = 200
PARTS = ["0", "1", "2", "3", "4", "full"]


@pytest.fixture(scope="module")
def words(shared: Path, root: Path, tmp_path_factory: pytest.TempPathFactory) -> list[str | Path]:
    """The command, with the embedded detector's recipe but for one view a clip instead of three."""
    folder = tmp_path_factory.mktemp("train")
    recipe = folder / "quick.toml"
    embedded = (root / "recipes" / "embedded.toml").as_posix()
    recipe.write_text(f'extends = "{embedded}"\nname = "quick"\n[warm]\nviews = 1\n')
    return [
        "train", recipe, "--corpus", shared / "corpus", "--folds", root / "recipes" / "folds.tsv",
        "--encoder", encoder_file(), "--out", folder / "run", "--limit", str(CLIPS),
        "--threads", "2",
    ]  # fmt: skip


@pytest.fixture(scope="module")
def detector(words: list[str | Path]) -> Path:
    done = earwitness(*words, at_most_s=600)
    assert done.returncode == 0, done.stderr
    lines = done.stderr.splitlines()
    assert lines[0] == f"reading {CLIPS} clips"
    assert [line for line in lines if line.startswith("fitting")] == [
        f"fitting: {part}" for part in PARTS
    ]
    assert not [line for line in lines if "step" in line]  # the encoder stays frozen
    assert [line for line in lines if line.startswith("the floor, a shallow probe: EER")]
    assert lines[-1].startswith("out of fold: EER")
    return Path(done.stdout.strip())


def test_the_folder_answers_a_clip(detector: Path, examples: Path) -> None:
    clip = examples / "bonafide_pocketsphinx_numbers.wav"
    done = earwitness("detect", "--model", detector, "--json", clip)
    assert done.returncode == 0, done.stderr
    (verdict,) = told(done)
    assert verdict["model"] == "quick"
    assert verdict["verdict"] in {"bonafide", "spoof"}
    assert isinstance(verdict["llr"], float)


def test_what_was_measured_and_proved_lies_beside_the_network(detector: Path) -> None:
    parity = json.loads((detector / "parity.json").read_text(encoding="utf-8"))
    assert parity["engines_apart"] <= parity["tolerance"] == 1e-4
    assert len(parity["clips"]) >= 30
    chosen = json.loads((detector / "chosen.json").read_text(encoding="utf-8"))
    assert chosen["out_of_fold"]["bona_fide"] + chosen["out_of_fold"]["spoof"] > 0.9 * CLIPS
    assert chosen["out_of_fold"]["eer"]["value"] < 0.5
    assert chosen["floor"]["eer"]["value"] < 0.5
    assert (detector / "network.onnx").stat().st_size < 30e6


def test_the_same_command_again_ends_at_once(words: list[str | Path], detector: Path) -> None:
    fitted = {path: path.stat().st_mtime_ns for path in detector.parent.glob("*/*.safetensors")}
    assert len(fitted) == len(PARTS)
    started = time.monotonic()
    done = earwitness(*words, "--quiet")
    assert (done.returncode, done.stdout, done.stderr) == (0, f"{detector}\n", "")
    assert time.monotonic() - started < 120
    assert {path: path.stat().st_mtime_ns for path in fitted} == fitted
