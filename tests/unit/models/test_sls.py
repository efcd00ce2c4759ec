"""XLS-R + SLS in its published layout.

Keys, shapes and constants: github.com/QiShanZhang/SLSforASVspoof-2021-DF at c30d005, ``model.py``.
"""

from pathlib import Path

import pytest
import torch
from drawn_weights import Shapes, drawn, layer, noise, norm
from torch import Tensor

from earwitness.errors import IncompatibleWeights
from earwitness.models import checkpoints
from earwitness.models.backends.sls import Sls, SlsSettings
from earwitness.models.frontends.ssl import XLSR_300M
from earwitness.models.layouts._fairseq import pretraining_shapes
from earwitness.models.layouts.sls import NETWORK, back_end, back_end_key

pytestmark = pytest.mark.torch

# What the published class gives for the same weights and layers 1 to 3 (torch 2.13, CPU).
PUBLISHED_LOG_PROBABILITIES = [[-0.010182, -4.592257], [-0.027575, -3.604589]]


def published(width: int = 1024) -> Shapes:
    """Keys and shapes of the back end: 67 frames after pooling by three, 1,024 hidden."""
    hidden = layer("fc1", 1024, 67 * (width // 3))
    return norm("first_bn", 1) | layer("fc0", 1, width) | hidden | layer("fc3", 2, 1024)


def loaded(back: Sls, weights: dict[str, Tensor]) -> Sls:
    back.load_state_dict({key: weights[back_end_key(key)] for key in back.state_dict()})
    return back.eval()


def test_the_layout_has_every_published_key_and_shape(xlsr_keys: Shapes) -> None:
    ours = NETWORK.published_shapes(XLSR_300M) | pretraining_shapes(XLSR_300M, {})
    assert ours == xlsr_keys | published()
    assert ours["fc1.weight"] == (1024, 22_847)
    assert len(ours) == 429 + 11


def test_it_has_the_published_number_of_parameters() -> None:
    # "23,399k": README.md of github.com/Liu-Tianchi/Nes2Net_ASVspoof_ITW, table of back ends.
    with torch.device("meta"):
        count = sum(p.numel() for p in back_end(XLSR_300M).parameters())
    assert count // 1_000 == 23_399


def test_on_drawn_weights_it_gives_what_the_published_code_gives() -> None:
    back = loaded(back_end(XLSR_300M), drawn(published()))
    with torch.inference_mode():
        found = back.log_probabilities(noise(2, 4, 201, 1024))
    wanted = torch.tensor(PUBLISHED_LOG_PROBABILITIES)
    torch.testing.assert_close(found, wanted, atol=1e-4, rtol=0.0)


@pytest.mark.parametrize("prefix", ["", "module."])
def test_a_file_is_recognised_and_all_layers_are_heard(
    prefix: str, tiny_xlsr: dict[str, Tensor], tmp_path: Path
) -> None:
    back = drawn(published(64))
    torch.save({f"{prefix}{k}": v for k, v in (tiny_xlsr | back).items()}, tmp_path / "some.pth")
    found = checkpoints.read(tmp_path / "some.pth")
    assert (found.name, found.window, found.proof) == ("XLS-R + SLS", 64_600, "structure only")
    alone = loaded(Sls(SlsSettings(features=64)), back)
    sound = 0.1 * noise(2, 64_600)
    with torch.inference_mode():
        states = found.network.frontend(sound)
        assert states.shape == (2, 3, 201, 64)
        scores = alone.log_probabilities(states)[:, 1]
        torch.testing.assert_close(found.network(sound), scores)


def test_what_is_missing_or_misshaped_is_named(
    tiny_xlsr: dict[str, Tensor], tmp_path: Path
) -> None:
    weights = tiny_xlsr | drawn(published(64))
    del weights["fc0.bias"]
    weights["fc3.weight"] = torch.zeros(1, 1024)
    torch.save(weights, tmp_path / "odd.pth")
    with pytest.raises(
        IncompatibleWeights,
        match=r"Against XLS-R \+ SLS: missing fc0\.bias, fc3\.weight is \(1, 1024\) instead of",
    ):
        checkpoints.read(tmp_path / "odd.pth")


def test_what_enters_the_first_layer_changes_nothing() -> None:
    torch.manual_seed(0)
    back, states = Sls(SlsSettings(features=48)).eval(), noise(2, 4, 60, 48)
    other = states.clone()
    other[:, 0] = 7.0
    assert torch.equal(back(states), back(other))


def test_too_few_frames_are_repeated() -> None:
    torch.manual_seed(0)
    back, states = Sls(SlsSettings(features=48, rows=3)).eval(), noise(2, 4, 3, 48)
    torch.testing.assert_close(back(states), back(states.repeat(1, 1, 3, 1)))


def test_of_too_many_frames_the_first_are_judged() -> None:
    torch.manual_seed(0)
    back, states = Sls(SlsSettings(features=48)).eval(), noise(2, 4, 201, 48)
    torch.testing.assert_close(back(states.repeat(1, 1, 2, 1)), back(states))
