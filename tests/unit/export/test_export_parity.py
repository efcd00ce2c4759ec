"""The proof of parity: it holds for the same network, and says so when it does not."""

import json
from pathlib import Path

import numpy as np
import pytest
import soundfile
import torch
from torch import Tensor, nn

from earwitness.errors import ModelError, SettingsError
from earwitness.export.parity import OfSpread, check_parity, made_clips, read_clips
from earwitness.export.to_onnx import write_onnx

pytestmark = pytest.mark.torch

WINDOW, RATE = 1600, 16_000


class Loudness(nn.Module):
    def __init__(self, gain: float = 1.0) -> None:
        super().__init__()
        self.gain = nn.Parameter(torch.tensor(gain))

    def forward(self, samples: Tensor) -> Tensor:
        return self.gain * samples.square().mean(dim=1)


class Crowd(Loudness):
    """A network whose rows hear each other: its score depends on the batch."""

    def forward(self, samples: Tensor) -> Tensor:
        return super().forward(samples) + samples.square().mean()


@pytest.fixture
def onnx_file(tmp_path: Path) -> Path:
    write_onnx(Loudness(), tmp_path / "network.onnx", window=WINDOW)
    return tmp_path / "network.onnx"


def test_the_report_holds_every_clip_by_both_engines(onnx_file: Path) -> None:
    clips = made_clips(window=WINDOW, sample_rate=RATE)
    parity = check_parity(Loudness(), onnx_file, clips)
    assert parity.holds
    report = json.loads(parity.text())
    assert [row["clip"] for row in report["clips"]] == [clip.name for clip in clips]
    for row, clip in zip(report["clips"], clips, strict=True):
        assert row["torch"] == pytest.approx(float(np.square(clip.samples).mean()), rel=1e-4)
        assert row["onnx"] == pytest.approx(row["torch"], abs=1e-6)


def test_another_network_in_the_file_fails(onnx_file: Path) -> None:
    clips = made_clips(window=WINDOW, sample_rate=RATE)
    with pytest.raises(ModelError, match=r"up to 0\.\d+ apart.*at most 0\.0001 is allowed"):
        check_parity(Loudness(gain=2.0), onnx_file, clips)


def test_a_score_that_depends_on_the_batch_fails(tmp_path: Path) -> None:
    path = tmp_path / "network.onnx"
    write_onnx(Crowd(), path, window=WINDOW)
    with pytest.raises(ModelError, match="batches 0"):
        check_parity(Crowd(), path, made_clips(window=WINDOW, sample_rate=RATE))


def test_a_score_that_is_not_a_number_fails(tmp_path: Path) -> None:
    path, network = tmp_path / "network.onnx", Loudness(gain=float("nan"))
    write_onnx(network, path, window=WINDOW)
    with pytest.raises(ModelError, match="nan apart"):
        check_parity(network, path, made_clips(window=WINDOW, sample_rate=RATE))


def test_rounding_may_cost_a_share_of_what_tells_clips_apart(onnx_file: Path) -> None:
    clips = made_clips(window=WINDOW, sample_rate=RATE, count=8)
    parity = check_parity(
        Loudness(gain=1.02), onnx_file, clips, tolerance=OfSpread(0.1, at_least=0.0)
    )
    spread = np.std([row.torch for row in parity.clips])
    assert parity.spread == pytest.approx(spread, rel=1e-4)
    assert parity.tolerance == pytest.approx(0.1 * spread, rel=1e-4)
    with pytest.raises(ModelError, match="is allowed"):
        check_parity(Loudness(gain=1.5), onnx_file, clips, tolerance=OfSpread(0.1, at_least=0.0))


def test_where_clips_are_hardly_apart_a_fiftieth_is_allowed(onnx_file: Path) -> None:
    clips = made_clips(window=WINDOW, sample_rate=RATE, count=1)
    parity = check_parity(Loudness(gain=1.001), onnx_file, clips, tolerance=OfSpread(0.1))
    assert (parity.spread, parity.tolerance) == (0.0, 0.02)


def test_a_folder_stands_for_the_recordings_in_it(tmp_path: Path) -> None:
    ramp = np.linspace(-0.5, 0.5, 4000, dtype=np.float32)
    (tmp_path / "deep").mkdir()
    for name in ("one.wav", "deep/two.flac"):
        soundfile.write(tmp_path / name, ramp, RATE)
    (tmp_path / "notes.txt").write_text("no sound", "utf-8")
    found = read_clips([tmp_path], window=WINDOW, sample_rate=RATE)
    assert sorted(clip.name for clip in found) == ["one.wav", "two.flac"]


def test_a_folder_without_recordings_is_named(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="has no recordings in it"):
        read_clips([tmp_path], window=WINDOW, sample_rate=RATE)


def test_a_short_recording_is_tiled_and_a_long_one_cut(tmp_path: Path) -> None:
    ramp = np.linspace(-0.5, 0.5, 4000, dtype=np.float32)
    soundfile.write(tmp_path / "long.wav", ramp, RATE, subtype="FLOAT")
    soundfile.write(tmp_path / "short.wav", ramp[:1000], RATE, subtype="FLOAT")
    paths = [tmp_path / "long.wav", tmp_path / "short.wav"]
    long, short = read_clips(paths, window=WINDOW, sample_rate=RATE)
    np.testing.assert_allclose(long.samples, ramp[:WINDOW], atol=1e-6)
    np.testing.assert_allclose(short.samples, [*ramp[:1000], *ramp[:600]], atol=1e-6)


def test_made_clips_are_the_same_each_time_and_different_from_each_other() -> None:
    one, other = (made_clips(window=WINDOW, sample_rate=RATE, count=4) for _ in range(2))
    assert all(np.array_equal(a.samples, b.samples) for a, b in zip(one, other, strict=True))
    assert len({clip.samples.tobytes() for clip in one}) == 4
    assert all(0.04 < np.abs(clip.samples).max() <= 0.9 for clip in one)
