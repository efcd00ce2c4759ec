"""Every network of the catalog: torch = ONNX where torch can be had, batch = single everywhere.

Numbers: ``../shared/golden/aasist/golden_scores.json`` (see its README).
"""

import json
from pathlib import Path

import numpy as np
import pytest

from earwitness.audio.read import open_recording
from earwitness.runtimes.onnx_runtime import OnnxRuntime
from earwitness.segmentation.windows import WindowSettings
from earwitness.weights import store
from earwitness.weights.store import Found

TOLERANCE = 1e-4
PUBLISHED = {
    "aasist": "AASIST",
    "aasist_l": "AASIST-L",
    "aasist_asvspoof5": "AASIST-asvspoof5",
}
CLIPS = ["bonafide_asterisk_ru_2.wav", "bonafide_pocketsphinx_librivox_1.flac",
         "spoof_flite_rms.flac", "spoof_hibari_heart_1.wav", "silence.wav"]  # fmt: skip

DETECTORS = sorted(card.parent.name for card in store.CATALOG.glob("*/card.toml"))
every_detector = pytest.mark.parametrize("name", DETECTORS)
published = pytest.mark.parametrize("name", PUBLISHED)


def rows(examples: Path, found: Found) -> np.ndarray:
    rate = found.card.sample_rate
    return np.stack([window(examples / clip, rate, length(found)) for clip in CLIPS])


def length(found: Found) -> int:
    return round(WindowSettings(**found.card.windows).length_s * found.card.sample_rate)


def window(path: Path, sample_rate: int, samples: int) -> np.ndarray:
    with open_recording(path, sample_rate=sample_rate) as recording:
        sound = np.concatenate(list(recording.blocks()))
    return np.resize(sound[:samples], samples)


def golden_rows(golden: Path) -> dict[str, np.ndarray]:
    wavs = np.load(golden / "wavs.npz")
    return {clip: np.resize(wavs[clip][:64_600], 64_600) for clip in wavs.files}


def test_the_published_networks_are_in_the_catalog() -> None:
    assert set(DETECTORS) >= set(PUBLISHED)


@every_detector
def test_a_clip_scores_the_same_alone_and_in_a_batch(name: str, examples: Path) -> None:
    found = store.find(name)
    runtime, clips = OnnxRuntime(found.network), rows(examples, found)
    alone = np.concatenate([runtime.scores(clip[None]) for clip in clips])
    np.testing.assert_allclose(runtime.scores(clips), alone, atol=TOLERANCE)


@every_detector
def test_a_clip_scores_the_same_with_one_thread_and_with_two(name: str, examples: Path) -> None:
    found = store.find(name)
    clip = rows(examples, found)[:1]
    one, two = (OnnxRuntime(found.network, threads=n).scores(clip) for n in (1, 2))
    np.testing.assert_allclose(one, two, atol=TOLERANCE)


@published
def test_the_card_says_whose_weights_these_are_and_that_nothing_is_calibrated(name: str) -> None:
    card = store.find(name).card
    assert (card.licence, card.calibration) == ("MIT", None)
    assert "clovaai/aasist" in card.origin or "asvspoof-challenge/asvspoof5" in card.origin
    assert card.training_data.startswith("ASVspoof ")
    assert any("not re-measured here" in str(figure) for figure in card.quality.values())


@published
def test_golden_speech_gets_the_published_score_from_the_onnx_file(name: str, shared: Path) -> None:
    golden = shared / "golden" / "aasist"
    text = (golden / "golden_scores.json").read_text(encoding="utf-8")
    outputs = json.loads(text)["models"][PUBLISHED[name]]["outputs"]
    runtime = OnnxRuntime(store.find(name).network)
    steady = [clip for clip in outputs if is_steady(outputs[clip])]
    assert len(steady) >= len(outputs) - 1
    for clip, row in golden_rows(golden).items():
        if clip in steady:
            score = runtime.scores(row[None])[0]
            assert score == pytest.approx(outputs[clip]["score"], abs=TOLERANCE)


def is_steady(output: dict[str, list[float]]) -> bool:
    """Say whether the reference agrees with itself in float64.

    On a pure chirp the ASVspoof 5 weights do not (40.2 against 38.6): which nodes of the graph are
    kept hangs on the last bits there, so that no other engine can be held to its figure.
    """
    return abs(output["logits"][1] - output["logits_f64"][1]) < TOLERANCE


@pytest.mark.torch
@published
def test_torch_and_onnx_say_the_same_of_the_examples(
    name: str, shared: Path, examples: Path
) -> None:
    from earwitness.models import checkpoints
    from earwitness.runtimes.torch_runtime import TorchRuntime

    found = store.find(name)
    checkpoint = shared / "golden" / "aasist" / f"{PUBLISHED[name]}.pth"
    live = TorchRuntime(checkpoints.read(checkpoint).network)
    stored = OnnxRuntime(found.network)
    for clip in rows(examples, found):
        np.testing.assert_allclose(
            stored.scores(clip[None]), live.scores(clip[None]), atol=TOLERANCE
        )
