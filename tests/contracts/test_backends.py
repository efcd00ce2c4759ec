"""What every back end keeps, each fed by the first front end whose features it takes."""

import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any, get_type_hints

import pytest
import torch
from torch import Tensor, nn

from earwitness.export.parity import check_parity, made_clips
from earwitness.export.to_onnx import write_onnx
from earwitness.models.backends import BACKENDS
from earwitness.models.countermeasure import Countermeasure
from earwitness.models.frontends import FRONTENDS
from earwitness.registry import Registry

pytestmark = pytest.mark.torch

RATE = 16_000
LENGTHS = [16_000, 23_457, 64_600]

every_back_end = pytest.mark.parametrize("name", BACKENDS.names())


def defaults(registry: Registry, name: str) -> Any:
    """The default settings; where these make a network too big for a test, the file's SMALL."""
    factory = registry.get(name)
    small = getattr(sys.modules[factory.__module__], "SMALL", None)
    return small or get_type_hints(factory)["settings"]()


def front_ends() -> Iterator[nn.Module]:
    """Every front end as it is by default; those with layers with fewer or all of them, too."""
    for name in FRONTENDS.names():
        settings = defaults(FRONTENDS, name)
        yield FRONTENDS.get(name)(settings)
        if hasattr(settings, "layer"):
            yield FRONTENDS.get(name)(replace(settings, layer="all"))
        for layers in range(getattr(settings, "layers", 0) - 1, 0, -1):
            yield FRONTENDS.get(name)(replace(settings, layers=layers))


def countermeasure(name: str) -> Countermeasure:
    torch.manual_seed(0)
    back, rows = BACKENDS.get(name)(defaults(BACKENDS, name)).eval(), voices(1)
    for front in front_ends():
        network = Countermeasure(front, back).eval()
        try:
            network(rows)
        except (RuntimeError, IndexError, ValueError):
            continue
        return network
    pytest.fail(f"no front end gives what the back end '{name}' takes with its default settings")


def voices(rows: int, *, length: int = 16_000) -> Tensor:
    clips = made_clips(window=length, sample_rate=RATE, count=rows)
    return torch.stack([torch.from_numpy(clip.samples) for clip in clips])


@every_back_end
@pytest.mark.parametrize("length", LENGTHS)
def test_any_length_gives_one_finite_float32_score_a_row(name: str, length: int) -> None:
    scores = countermeasure(name)(voices(1, length=length))
    assert scores.shape == (1,)
    assert scores.dtype == torch.float32
    assert bool(torch.isfinite(scores).all())


@every_back_end
def test_a_batch_of_n_is_n_batches_of_one(name: str) -> None:
    network, rows = countermeasure(name), voices(3)
    alone = torch.cat([network(row[None]) for row in rows])
    torch.testing.assert_close(network(rows), alone, atol=1e-4, rtol=0.0)


@every_back_end
def test_two_sounds_get_two_scores(name: str) -> None:
    one, other = countermeasure(name)(voices(2))
    assert one != other


@every_back_end
def test_eval_mode_is_deterministic(name: str) -> None:
    network, rows = countermeasure(name), voices(2)
    assert torch.equal(network(rows), network(rows))


@every_back_end
def test_train_mode_hears_otherwise_by_dropout_or_by_norms_of_the_batch(name: str) -> None:
    network, rows = countermeasure(name), voices(2)
    still = network(rows)
    assert not torch.equal(network.train()(rows), still)


@every_back_end
def test_the_gradient_reaches_the_features_and_every_trainable_weight(name: str) -> None:
    network, rows = countermeasure(name).train(), voices(2)
    features = network.frontend(rows).detach().requires_grad_()
    network.backend(features).square().sum().backward()
    assert features.grad is not None
    assert bool(torch.isfinite(features.grad).all())
    assert bool((features.grad != 0).any())
    trainable = [(n, p) for n, p in network.backend.named_parameters() if p.requires_grad]
    assert [n for n, p in trainable if p.grad is None] == []


@every_back_end
def test_it_exports_to_onnx_and_says_the_same_there(name: str, tmp_path: Path) -> None:
    network, path = countermeasure(name), tmp_path / "network.onnx"
    write_onnx(network, path, window=16_000)
    clips = made_clips(window=16_000, sample_rate=RATE, count=3)
    assert check_parity(network, path, clips).holds
