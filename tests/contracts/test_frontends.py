"""What every front end keeps: found by file name, so a new file is tested before its author is."""

import sys
from pathlib import Path
from typing import get_type_hints

import pytest
import torch
from torch import Tensor, nn

from earwitness.export.parity import check_parity, made_clips
from earwitness.export.to_onnx import write_onnx
from earwitness.models.frontends import FRONTENDS

pytestmark = pytest.mark.torch

RATE = 16_000
LENGTHS = [16_000, 23_457, 64_600]

every_front_end = pytest.mark.parametrize("name", FRONTENDS.names())


def front_end(name: str) -> nn.Module:
    factory = FRONTENDS.get(name)
    small = getattr(sys.modules[factory.__module__], "SMALL", None)
    torch.manual_seed(0)
    return factory(small or get_type_hints(factory)["settings"]()).eval()


def voices(rows: int, *, length: int) -> Tensor:
    clips = made_clips(window=length, sample_rate=RATE, count=rows)
    return torch.stack([torch.from_numpy(clip.samples) for clip in clips])


class Summed(nn.Module):
    """Features reduced to one number a row, so that a front end alone can be exported."""

    def __init__(self, front: nn.Module) -> None:
        super().__init__()
        self.front = front

    def forward(self, samples: Tensor) -> Tensor:
        return self.front(samples).flatten(1).mean(dim=1)


@every_front_end
@pytest.mark.parametrize("length", LENGTHS)
def test_any_length_gives_finite_float32_features(name: str, length: int) -> None:
    features = front_end(name)(voices(1, length=length))
    assert features.shape[0] == 1
    assert features.dtype == torch.float32
    assert bool(torch.isfinite(features).all())


@every_front_end
def test_more_sound_gives_more_frames_and_nothing_else(name: str) -> None:
    front = front_end(name)
    short, long = front(voices(1, length=16_000)).shape, front(voices(1, length=48_000)).shape
    assert sum(a != b for a, b in zip(short, long, strict=True)) == 1
    assert long.numel() > 2 * short.numel()


@every_front_end
def test_digital_silence_gives_finite_features(name: str) -> None:
    assert bool(torch.isfinite(front_end(name)(torch.zeros(1, 16_000))).all())


@every_front_end
def test_a_row_is_the_same_alone_and_in_a_batch(name: str) -> None:
    front, rows = front_end(name), voices(4, length=16_000)
    together = front(rows)
    for row, features in zip(rows, together, strict=True):
        apart = (front(row[None])[0] - features).detach().abs()
        # A few features may be rounding noise (the phase of an empty bin), but never most of them.
        assert float(apart.mean()) < 1e-4
        assert float((apart > 1e-4).float().mean()) < 0.01


@every_front_end
def test_eval_mode_is_deterministic(name: str) -> None:
    front, rows = front_end(name), voices(2, length=16_000)
    assert torch.equal(front(rows), front(rows))


@every_front_end
def test_the_gradient_reaches_the_sound_and_every_trainable_weight(name: str) -> None:
    front, rows = front_end(name), voices(2, length=16_000).requires_grad_()
    features = front(rows)
    (features * torch.linspace(0.0, 1.0, features.numel()).view_as(features)).sum().backward()
    assert rows.grad is not None
    assert bool(torch.isfinite(rows.grad).all())
    assert bool((rows.grad != 0).any())
    dry = [n for n, p in front.named_parameters() if p.requires_grad and p.grad is None]
    assert dry == []


@every_front_end
def test_it_exports_to_onnx_and_says_the_same_there(name: str, tmp_path: Path) -> None:
    network, path = Summed(front_end(name)), tmp_path / "front.onnx"
    write_onnx(network, path, window=16_000)
    clips = made_clips(window=16_000, sample_rate=RATE, count=3)
    assert check_parity(network, path, clips).engines_apart <= 1e-4
