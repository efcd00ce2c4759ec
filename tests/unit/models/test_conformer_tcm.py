"""XLS-R + Conformer-TCM in its published layout.

Keys, shapes and constants: github.com/ductuantruong/tcm_add at 1f1179a, ``model.py`` and
``conformer.py``, with the defaults of ``inference.py``; the window: ``data_utils.py`` at 52b1590.
"""

from dataclasses import replace
from pathlib import Path

import pytest
import torch
from drawn_weights import Shapes, drawn, layer, noise, norm
from torch import Tensor

from earwitness.errors import IncompatibleWeights, SettingsError
from earwitness.models import checkpoints
from earwitness.models.backends.conformer_tcm import (
    SMALL,
    ConformerTcm,
    ConformerTcmSettings,
    sinusoids,
)
from earwitness.models.frontends.ssl import XLSR_300M
from earwitness.models.layouts._fairseq import pretraining_shapes
from earwitness.models.layouts.conformer_tcm import NETWORK, back_end, back_end_key

pytestmark = pytest.mark.torch

# What the published classes give for the same weights and features (torch 2.13, CPU).
PUBLISHED_LOGITS = [[0.069463, -0.831287], [0.073572, -0.834195]]
# Entries of the published table of positions 1 and 9,999.
PUBLISHED_PLACES = [
    [0.84147096, 0.54030234, 0.77068955, 0.63721085, 0.69918984],
    [0.63608694, -0.77161735, 0.95064855, -0.31026971, 0.82965785],
]


def published(width: int = 1024) -> Shapes:
    """Keys and shapes of the back end: 4 blocks 144 wide with 4 heads of 36, 31 taps."""
    shapes = layer("LL", 144, width) | norm("first_bn", 1) | layer("conformer.fc5", 2, 144)
    shapes["conformer.positional_emb"] = (1, 10_000, 144)
    shapes["conformer.class_token"] = (1, 144)
    for at in range(4):
        block = f"conformer.encoder_blocks.{at}"
        for part in ("ff1.fn", "ff2.fn"):
            shapes |= layer(f"{block}.{part}.norm", 144)
            shapes |= layer(f"{block}.{part}.fn.net.0", 576, 144)
            shapes |= layer(f"{block}.{part}.fn.net.3", 144, 576)
        shapes |= layer(f"{block}.attn.norm", 144) | layer(f"{block}.attn.fn.proj", 144, 144)
        shapes |= layer(f"{block}.attn.fn.ht_proj", 144, 36)
        shapes |= layer(f"{block}.attn.fn.ht_norm", 36)
        shapes[f"{block}.attn.fn.qkv.weight"] = (432, 144)
        shapes[f"{block}.attn.fn.pos_embed"] = (1, 4, 144)
        shapes |= layer(f"{block}.conv.net.0", 144) | layer(f"{block}.conv.net.2", 576, 144, 1)
        shapes |= layer(f"{block}.conv.net.4.conv", 288, 1, 31) | norm(f"{block}.conv.net.5", 288)
        shapes |= layer(f"{block}.conv.net.7", 144, 288, 1) | layer(f"{block}.post_norm", 144)
    return shapes


def weights(width: int = 1024) -> dict[str, Tensor]:
    return drawn(published(width)) | {"conformer.positional_emb": sinusoids(10_000, 144)[None]}


def loaded(back: ConformerTcm, from_file: dict[str, Tensor]) -> ConformerTcm:
    back.load_state_dict({key: from_file[back_end_key(key)] for key in back.state_dict()})
    return back.eval()


def test_the_layout_has_every_published_key_and_shape(xlsr_keys: Shapes) -> None:
    ours = NETWORK.published_shapes(XLSR_300M) | pretraining_shapes(XLSR_300M, {})
    assert ours == xlsr_keys | published()
    assert len(ours) == 429 + 159


def test_it_has_the_published_number_of_parameters() -> None:
    # "2,383k": README.md of github.com/Liu-Tianchi/Nes2Net_ASVspoof_ITW, table of back ends; the
    # table of positions is not trained and not counted.
    with torch.device("meta"):
        count = sum(p.numel() for p in back_end(XLSR_300M).parameters())
    assert round(count / 1_000) == 2_383


def test_on_drawn_weights_it_gives_what_the_published_code_gives() -> None:
    back = loaded(back_end(XLSR_300M), weights())
    with torch.inference_mode():
        logits = back.logits(noise(2, 1024, 50))
    torch.testing.assert_close(logits, torch.tensor(PUBLISHED_LOGITS), atol=1e-5, rtol=0.0)


def test_positions_are_spelled_as_in_the_published_table() -> None:
    found = sinusoids(10_000, 144)[[1, 9_999], :5]
    torch.testing.assert_close(found, torch.tensor(PUBLISHED_PLACES), atol=1e-6, rtol=0.0)


@pytest.mark.parametrize("prefix", ["", "module."])
def test_a_file_is_recognised_and_scored_as_its_two_halves_are(
    prefix: str, tiny_xlsr: dict[str, Tensor], tmp_path: Path
) -> None:
    back = weights(64)
    torch.save({f"{prefix}{k}": v for k, v in (tiny_xlsr | back).items()}, tmp_path / "some.pth")
    found = checkpoints.read(tmp_path / "some.pth")
    assert (found.name, found.proof) == ("XLS-R + Conformer-TCM", "structure only")
    assert found.window == 66_800
    alone = loaded(ConformerTcm(ConformerTcmSettings(features=64)), back)
    sound = 0.1 * noise(2, 16_000)
    with torch.inference_mode():
        logits = alone.logits(found.network.frontend(sound))
        torch.testing.assert_close(found.network(sound), logits[:, 1])


def test_the_table_of_positions_is_that_of_the_file(
    tiny_xlsr: dict[str, Tensor], tmp_path: Path
) -> None:
    back = weights(64)
    back["conformer.positional_emb"] += 1.0
    torch.save(tiny_xlsr | back, tmp_path / "some.pth")
    places = checkpoints.read(tmp_path / "some.pth").network.backend.places
    assert torch.equal(places, back["conformer.positional_emb"])


def test_what_is_missing_or_misshaped_is_named(
    tiny_xlsr: dict[str, Tensor], tmp_path: Path
) -> None:
    odd = tiny_xlsr | weights(64)
    del odd["conformer.encoder_blocks.2.attn.fn.pos_embed"]
    odd["conformer.class_token"] = torch.zeros(1, 128)
    torch.save(odd, tmp_path / "odd.pth")
    with pytest.raises(
        IncompatibleWeights,
        match=r"Against XLS-R \+ Conformer-TCM: missing .*blocks\.2\.attn\.fn\.pos_embed, "
        r".*class_token is \(1, 128\) instead of \(1, 144\)",
    ):
        checkpoints.read(tmp_path / "odd.pth")


def test_heads_must_divide_the_width() -> None:
    with pytest.raises(SettingsError, match=r"width \(16\) must be a multiple of heads \(3\)"):
        replace(SMALL, heads=3)


def test_an_even_number_of_taps_is_refused() -> None:
    with pytest.raises(SettingsError, match="taps must be odd, but is 16"):
        replace(SMALL, taps=16)


def test_a_part_that_the_network_does_not_have_has_no_published_name() -> None:
    with pytest.raises(KeyError, match="pooling"):
        back_end_key("blocks.0.pooling.weight")
