"""XLS-R + Nes2Net-X in its published layout.

Keys, shapes and constants: github.com/Liu-Tianchi/Nes2Net_ASVspoof_ITW at ee8b559,
``model_scripts/wav2vec2_Nes2Net_X.py`` and the defaults of ``easy_inference_demo.py``.
"""

import re
from collections.abc import Mapping
from pathlib import Path

import pytest
import torch
from drawn_weights import Shapes, drawn, layer, noise, norm
from torch import Tensor

from earwitness.errors import IncompatibleWeights, SettingsError
from earwitness.models import checkpoints
from earwitness.models.backends.nes2net_x import Nes2NetSettings, Nes2NetX
from earwitness.models.frontends.ssl import XLSR_300M
from earwitness.models.layouts._fairseq import pretraining_shapes
from earwitness.models.layouts.nes2net_x import NETWORK, back_end, back_end_key

pytestmark = pytest.mark.torch

# What the published class gives for the same weights and features (torch 2.13, CPU).
PUBLISHED_LOGITS = [[3.386241, -1.955020], [3.561484, -1.959990]]


def published(width: int = 1024) -> Shapes:
    """Keys and shapes of the back end: 8 groups of 8 slices, three taps, a gate of full width."""
    group, piece = width // 8, width // 64
    shapes = norm("bn", width) | layer("fc", 2, width)
    for at in range(7):
        block = f"Build_in_Res2Nets.{at}"
        shapes |= norm(f"bns.{at}", group)
        for part in ("conv1", "conv3", "se.se.1", "se.se.3"):
            shapes |= layer(f"{block}.{part}", group, group, 1)
        shapes |= norm(f"{block}.bn1", group) | norm(f"{block}.bn3", group)
        for step in range(7):
            shapes |= layer(f"{block}.convs.{step}", piece, piece, 3, 1)
            shapes |= norm(f"{block}.bns.{step}", piece)
            shapes[f"{block}.weighted_sum.{step}"] = (1, 1, 1, step + 2)
    return {f"Nested_Res2Net_TDNN.{key}": shape for key, shape in shapes.items()}


def loaded(weights: Mapping[str, Tensor]) -> Nes2NetX:
    network = back_end(XLSR_300M).eval()
    network.load_state_dict({key: weights[back_end_key(key)] for key in network.state_dict()})
    return network


def test_the_layout_has_every_published_key_and_shape(xlsr_keys: Shapes) -> None:
    ours = NETWORK.published_shapes(XLSR_300M) | pretraining_shapes(XLSR_300M, {})
    assert ours == {**xlsr_keys, **published()}
    assert len(ours) == 429 + 560


def test_it_has_the_published_number_of_parameters() -> None:
    count = sum(p.numel() for p in back_end(XLSR_300M).parameters())
    # "511k" in the paper's and the repository's tables counts one output, as for CtrSVDD; the
    # networks for ASVspoof have two.
    assert (count - 1_025) // 1_000 == 511
    # "params_millions: 317.9026" in meta.yaml of SpeechAntiSpoofingBenchmarks/Nes2Net, with the
    # front end's 317,390,592 (../shared/golden/ssl_aasist/README.md).
    assert round((317_390_592 + count) / 1e6, 4) == 317.9026


def test_on_drawn_weights_it_gives_what_the_published_code_gives() -> None:
    with torch.inference_mode():
        logits = loaded(drawn(published())).logits(noise(2, 1024, 50))
    torch.testing.assert_close(logits, torch.tensor(PUBLISHED_LOGITS), atol=1e-4, rtol=0.0)


@pytest.mark.parametrize("prefix", ["", "module."])
def test_a_file_is_recognised_and_scored_as_its_two_halves_are(
    prefix: str, tiny_xlsr: dict[str, Tensor], tmp_path: Path
) -> None:
    back = drawn(published(64))
    torch.save({f"{prefix}{k}": v for k, v in (tiny_xlsr | back).items()}, tmp_path / "some.pth")
    found = checkpoints.read(tmp_path / "some.pth")
    assert (found.name, found.window, found.proof) == (
        "XLS-R + Nes2Net-X", 64_600, "structure only",
    )  # fmt: skip
    alone = Nes2NetX(Nes2NetSettings(features=64)).eval()
    alone.load_state_dict({key: back[back_end_key(key)] for key in alone.state_dict()})
    sound = 0.1 * noise(2, 16_000)
    with torch.inference_mode():
        logits = alone.logits(found.network.frontend(sound))
        torch.testing.assert_close(found.network(sound), logits[:, 1])


def test_what_is_missing_or_misshaped_is_named(
    tiny_xlsr: dict[str, Tensor], tmp_path: Path
) -> None:
    weights = tiny_xlsr | drawn(published(64))
    del weights["Nested_Res2Net_TDNN.Build_in_Res2Nets.3.weighted_sum.6"]
    weights["Nested_Res2Net_TDNN.fc.weight"] = torch.zeros(1, 64)
    torch.save(weights, tmp_path / "odd.pth")
    with pytest.raises(
        IncompatibleWeights,
        match=r"Against XLS-R \+ Nes2Net-X: missing .*Nets\.3\.weighted_sum\.6, "
        r".*fc\.weight is \(1, 64\) instead of \(2, 64\)",
    ):
        checkpoints.read(tmp_path / "odd.pth")


def test_features_that_cannot_be_cut_so_are_refused() -> None:
    with pytest.raises(SettingsError, match=r"features \(100\) must be a multiple of .*8 times 8"):
        Nes2NetSettings(features=100)


def test_the_how_to_quotes_its_files_word_for_word(root: Path) -> None:
    page = (root / "docs" / "how-to" / "add-a-back-end.md").read_text(encoding="utf-8")
    models = root / "src" / "earwitness" / "models"
    code = "".join(
        (models / room / "nes2net_x.py").read_text(encoding="utf-8")
        for room in ("backends", "layouts")
    )
    quotes = re.findall(r"^```py\n(.*?)^```", page, re.MULTILINE | re.DOTALL)
    assert len(quotes) == 4
    assert [quote for quote in quotes if quote not in code] == []


def test_a_part_that_the_network_does_not_have_has_no_published_name() -> None:
    with pytest.raises(KeyError, match="pooling"):
        back_end_key("pooling.linear1.weight")
