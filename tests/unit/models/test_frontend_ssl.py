"""Self-supervised front ends: kinds, choice of layer, and what is left unbuilt."""

from dataclasses import replace
from typing import get_args

import pytest
import torch

from earwitness.errors import SettingsError
from earwitness.models.frontends.ssl import SMALL, XLSR_1B, XLSR_2B, Kind, SslEncoder, SslSettings

pytestmark = pytest.mark.torch

every_kind = pytest.mark.parametrize("kind", get_args(Kind))


def encoder(settings: SslSettings) -> SslEncoder:
    torch.manual_seed(0)
    return SslEncoder(settings).eval()


def sound() -> torch.Tensor:
    return torch.randn(2, 8_000, generator=torch.Generator().manual_seed(1))


@every_kind
@pytest.mark.parametrize("is_large", [True, False])
def test_every_kind_gives_a_frame_each_twenty_milliseconds(kind: Kind, is_large: bool) -> None:
    features = encoder(replace(SMALL, kind=kind, is_large=is_large))(sound())
    assert features.shape == (2, SMALL.width, 24)


@every_kind
def test_a_chosen_layer_is_that_of_the_whole_encoder_and_later_ones_are_not_built(
    kind: Kind,
) -> None:
    whole = encoder(replace(SMALL, kind=kind, layers=3))
    cut = encoder(replace(SMALL, kind=kind, layers=3, layer=2))
    kept = {k: v for k, v in whole.state_dict().items() if k in cut.state_dict()}
    cut.load_state_dict(kept)
    states = whole.encoder(sound(), output_hidden_states=True).hidden_states
    torch.testing.assert_close(cut(sound()), states[2].transpose(1, 2))
    assert len(cut.encoder.encoder.layers) == 2


def test_a_mix_starts_as_the_mean_of_all_layers_and_is_learned() -> None:
    mixed = encoder(replace(SMALL, layer="mix"))
    states = mixed.encoder(sound(), output_hidden_states=True).hidden_states
    mean = torch.stack(states).mean(dim=0).transpose(1, 2)
    torch.testing.assert_close(mixed(sound()), mean)
    mixed(sound()).square().sum().backward()
    assert mixed.mix.grad is not None
    assert bool((mixed.mix.grad != 0).any())


@every_kind
@pytest.mark.parametrize("is_large", [True, False])
def test_all_layers_are_what_enters_the_first_and_what_leaves_each(
    kind: Kind, is_large: bool
) -> None:
    settings = replace(SMALL, kind=kind, is_large=is_large)
    whole = encoder(replace(settings, layer="all"))
    states = whole(sound())
    assert states.shape == (2, SMALL.layers + 1, 24, SMALL.width)
    for layer in range(SMALL.layers + 1):
        one = encoder(replace(settings, layer=layer))
        weights = whole.state_dict()
        one.load_state_dict({key: weights[key] for key in one.state_dict()})
        torch.testing.assert_close(one(sound()), states[:, layer].transpose(1, 2))


def test_the_last_of_all_layers_of_a_large_model_lacks_the_final_norm_that_last_has() -> None:
    all_of_them, last = encoder(replace(SMALL, layer="all")), encoder(SMALL)
    last.load_state_dict(all_of_them.state_dict())
    raw = all_of_them(sound())[:, -1]
    normed = last.encoder.encoder.layer_norm(raw)
    assert not torch.allclose(raw, normed, atol=0.1)
    torch.testing.assert_close(last(sound()), normed.transpose(1, 2))


def test_the_raw_waveform_goes_in_so_that_its_level_counts() -> None:
    heard = encoder(SMALL)
    assert not torch.allclose(heard(sound()), heard(0.1 * sound()), atol=1e-3)


@pytest.mark.parametrize(("settings", "millions"), [(XLSR_1B, 962), (XLSR_2B, 2_159)])
def test_the_larger_encoders_have_their_published_sizes(
    settings: SslSettings, millions: int
) -> None:
    with torch.device("meta"):
        network = SslEncoder(settings)
    assert sum(p.numel() for p in network.parameters()) // 1_000_000 == millions


def test_heads_must_divide_the_width() -> None:
    with pytest.raises(SettingsError, match=r"width \(50\) must be a multiple of heads \(4\)"):
        replace(SMALL, width=50)


@pytest.mark.parametrize("layer", [-1, 3])
def test_a_layer_that_is_not_there_is_refused(layer: int) -> None:
    with pytest.raises(SettingsError, match=f"layer is 0 to 2, but got {layer}"):
        replace(SMALL, layer=layer)
