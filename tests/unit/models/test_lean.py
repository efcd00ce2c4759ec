"""Lean twins: what runs says what the network says, and the network itself stays as it was."""

from __future__ import annotations

from copy import deepcopy
from pathlib import Path

import pytest
import torch
from torch import Tensor, nn
from torch.nn.utils.parametrizations import weight_norm

from earwitness.errors import SettingsError
from earwitness.models import checkpoints
from earwitness.models.backends.aasist import Block
from earwitness.models.frontends.ssl import SslEncoder, SslSettings
from earwitness.models.lean import products
from earwitness.models.lean.blocks import PIECE, LeanBlock, lean_block
from earwitness.models.lean.encoders import half_part, lean_part
from earwitness.models.lean.preparing import prepared
from earwitness.models.lean.products import HalfLinear, LeanLinear, lean_linear
from earwitness.models.lean.twins import fold_norms, replace_parts, twin

pytestmark = pytest.mark.torch

WINDOW = 64_600
LARGE = 2**12  # weights; so that small encoders have large products
KINDS = ["wav2vec2", "hubert", "wavlm"]


def noise(*shape: int, seed: int = 5) -> Tensor:
    return torch.randn(shape, generator=torch.Generator().manual_seed(seed))


def encoder(kind: str, *, is_large: bool = True) -> SslEncoder:
    torch.manual_seed(1)
    settings = SslSettings(
        kind=kind,  # type: ignore[arg-type]
        width=64, layers=2, heads=4, inner=128, stem=32, is_large=is_large,
    )  # fmt: skip
    return SslEncoder(settings).eval()


def block(*, pool: int = 3, out: int = 6) -> Block:
    """A block whose batch norm has seen something."""
    torch.manual_seed(2)
    made = Block(4, out, is_first=False, pool=pool)
    assert isinstance(made.norm, nn.BatchNorm2d)
    with torch.no_grad():
        made.norm.running_mean.copy_(noise(len(made.norm.running_mean)))
        made.norm.running_var.copy_(noise(len(made.norm.running_var)).abs() + 0.5)
    return made.eval()


@torch.inference_mode()
def said(network: nn.Module, *given: Tensor) -> Tensor:
    found: Tensor = network(*given)
    return found


def same_scores(checkpoint: Path) -> None:
    network = checkpoints.read(checkpoint).network
    rows = 0.1 * noise(1, WINDOW)
    whole, lean = said(network, rows).item(), said(prepared(network), rows).item()
    assert lean == pytest.approx(whole, abs=2e-5)


def test_published_weights_score_the_same_up_to_rounding(shared: Path) -> None:
    same_scores(shared / "golden" / "aasist" / "AASIST-L.pth")


@pytest.mark.slow
@pytest.mark.parametrize(
    "file", ["aasist/AASIST.pth", "aasist/AASIST-asvspoof5.pth", "rawgat_st/RawGAT_ST_mul.pth"]
)
def test_larger_published_weights_do_so_too(file: str, shared: Path) -> None:
    same_scores(shared / "golden" / file)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("is_large", [True, False])
def test_features_of_encoders_are_the_same_up_to_rounding(kind: str, is_large: bool) -> None:
    network = encoder(kind, is_large=is_large)
    rows = 0.1 * noise(2, 8_000)
    lean = prepared(network, large=LARGE)
    torch.testing.assert_close(said(lean, rows), said(network, rows), atol=2e-5, rtol=0)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("is_large", [True, False])
def test_bf16_turns_features_by_less_than_a_hundredth(kind: str, is_large: bool) -> None:
    network = encoder(kind, is_large=is_large)
    rows = 0.1 * noise(2, 8_000)
    half = said(prepared(network, precision="bf16", large=LARGE), rows)
    whole = said(network, rows)
    assert half.dtype == torch.float32
    assert not torch.equal(half, whole)
    assert torch.cosine_similarity(half, whole, dim=1).min() > 0.999


def test_bf16_leaves_no_large_product_in_float32() -> None:
    half = prepared(encoder("wav2vec2"), precision="bf16", large=LARGE)
    assert not any(
        part.weight.numel() >= LARGE for part in half.modules() if isinstance(part, nn.Linear)
    )
    assert sum(isinstance(part, HalfLinear) for part in half.modules()) == 2 * 4


def test_small_products_stay_as_they_are() -> None:
    network = nn.Sequential(nn.Linear(64, 64), nn.Linear(64, 8)).eval()
    half = prepared(network, precision="bf16", large=LARGE)
    assert [type(part) for part in half] == [HalfLinear, nn.Linear]
    lean = prepared(network, large=LARGE)
    assert [type(part) for part in lean][1] is nn.Linear


def test_a_network_with_small_products_only_refuses_bf16() -> None:
    with pytest.raises(SettingsError, match=r"largest of this one has 512 weights, .* under 4,096"):
        prepared(nn.Linear(64, 8), precision="bf16", large=LARGE)
    with pytest.raises(SettingsError, match="has 0 weights"):
        prepared(nn.Conv1d(1, 8, 3), precision="bf16", large=LARGE)


def test_the_network_itself_stays_as_it_was_and_lends_its_weights() -> None:
    network = encoder("wav2vec2").train()
    before = deepcopy(network.state_dict())
    lean = prepared(network, large=LARGE)
    assert network.training
    assert not lean.training
    assert list(network.state_dict()) == list(before)
    for name, value in network.state_dict().items():
        torch.testing.assert_close(value, before[name], rtol=0, atol=0)
    theirs = {value.data_ptr() for value in network.state_dict().values()}
    projection = next(part for part in lean.modules() if isinstance(part, LeanLinear))
    assert projection.weight.data_ptr() in theirs
    assert not any(weight.requires_grad for weight in lean.parameters())


@pytest.mark.parametrize("frames", [PIECE, 2 * PIECE + 1, 2 * PIECE + 2, 4 * PIECE + 7])
@pytest.mark.parametrize("pool", [1, 3])
def test_a_map_that_is_heard_in_pieces_has_no_seams(frames: int, pool: int) -> None:
    whole = block(pool=pool)
    rows = noise(2, 4, 5, frames)
    lean = LeanBlock(whole)
    torch.testing.assert_close(said(lean, rows), said(whole, rows), atol=1e-5, rtol=1e-5)


def test_a_block_without_a_change_of_width_has_a_plain_shortcut() -> None:
    whole = block(out=4)
    rows = noise(1, 4, 5, 2 * PIECE + 9)
    torch.testing.assert_close(
        said(LeanBlock(whole), rows), said(whole, rows), atol=1e-5, rtol=1e-5
    )


def test_only_blocks_become_lean_blocks() -> None:
    assert lean_block(nn.Linear(2, 2)) is None
    assert isinstance(lean_block(block()), LeanBlock)


def test_other_parts_of_encoders_are_left_to_their_own_parts() -> None:
    assert lean_part(nn.Linear(2, 2)) is None
    assert half_part(nn.LayerNorm(2)) is None


def test_a_linear_layer_by_the_other_library_says_the_same() -> None:
    torch.manual_seed(3)
    plain = nn.Linear(96, 80)
    lean = lean_linear(plain, 1)
    if lean is None:
        pytest.skip("torch has no oneDNN on this machine")
    rows = noise(2, 7, 96)
    assert isinstance(lean, LeanLinear)
    torch.testing.assert_close(said(lean, rows), said(plain, rows), atol=1e-5, rtol=1e-5)
    turned = noise(2, 96, 7).transpose(1, 2)
    torch.testing.assert_close(said(lean, turned), said(plain, turned), atol=1e-5, rtol=1e-5)


def test_where_the_other_library_is_missing_linear_layers_stay(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(products.platform, "machine", lambda: "arm64")
    assert lean_linear(nn.Linear(96, 80), 1) is None


def test_a_layer_without_bias_or_of_few_weights_stays() -> None:
    assert lean_linear(nn.Linear(96, 80, bias=False), 1) is None
    assert lean_linear(nn.Linear(4, 4), 17) is None
    assert lean_linear(nn.LayerNorm(4), 1) is None


def test_bf16_without_a_bias_adds_none() -> None:
    torch.manual_seed(3)
    plain = nn.Linear(96, 80, bias=False)
    rows = noise(3, 96)
    torch.testing.assert_close(said(HalfLinear(plain), rows), said(plain, rows), atol=0.05, rtol=0)


def test_a_twin_is_in_eval_mode_and_shares_buffers_and_weights() -> None:
    network = nn.Sequential(nn.Linear(3, 3), nn.BatchNorm1d(3)).train()
    other = twin(network)
    assert network.training
    assert not other.training
    ours, theirs = network.state_dict(), other.state_dict()
    assert all(ours[name].data_ptr() == theirs[name].data_ptr() for name in ours)
    assert other[0] is not network[0]


def test_weight_norms_are_folded_in_the_twin_alone() -> None:
    torch.manual_seed(4)
    network = nn.Sequential(weight_norm(nn.Conv1d(3, 3, 3)), nn.Conv1d(3, 3, 3)).eval()
    rows = noise(1, 3, 9)
    before = said(network, rows)
    other = twin(network)
    fold_norms(other)
    assert set(other.state_dict()) == {"0.weight", "0.bias", "1.weight", "1.bias"}
    assert "0.parametrizations.weight.original0" in network.state_dict()
    torch.testing.assert_close(said(other, rows), before)
    torch.testing.assert_close(said(network, rows), before)


def test_parts_are_replaced_from_the_outside_in_and_counted() -> None:
    network = nn.Sequential(nn.Sequential(nn.ReLU(), nn.Tanh()), nn.ReLU())
    count = replace_parts(
        network, lambda part: nn.Identity() if isinstance(part, nn.ReLU) else None
    )
    assert count == 2
    assert str(network[0][0]) == str(network[1]) == "Identity()"
    assert isinstance(network[0][1], nn.Tanh)
