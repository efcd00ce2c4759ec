"""Whisper's first layers against plain NumPy: mel spectrum, convolutions, attention."""

import math
from collections.abc import Mapping

import numpy as np
import pytest
import torch

from earwitness.errors import WeightsCorrupt
from earwitness.models.ctranslate2_whisper import encoder_weights, read_arrays
from earwitness.models.frontends import FRONTENDS
from earwitness.models.frontends.whisper import (
    HEAD_WIDTH,
    POSITIONS,
    WhisperLayers,
    WhisperSettings,
    build,
)
from whisper_encoder import encoder_file

pytestmark = pytest.mark.torch

RATE = 16_000
Array = np.ndarray
erf = np.vectorize(math.erf, otypes=[np.float64])


def speechlike(samples: int = RATE) -> Array:
    rng = np.random.default_rng(4)
    times = np.arange(samples) / RATE
    voice = sum(np.sin(2 * np.pi * 130 * k * times) / k for k in range(1, 25))
    swell = np.sin(2 * np.pi * 3 * times) ** 2
    return (0.1 * swell * voice + 0.003 * rng.normal(size=samples)).astype(np.float32)


def log_mel(samples: Array) -> Array:
    """Whisper's spectrum as its paper says, shape (80, samples // 160), on one level."""
    sound = samples.astype(np.float64)
    sound = sound * 0.05 / np.sqrt(np.mean(sound**2))
    padded, window = np.pad(sound, 200, mode="reflect"), np.hanning(401)[:-1]
    starts = range(0, len(sound) - len(sound) % 160, 160)
    frames = np.stack([np.fft.rfft(window * padded[s : s + 400]) for s in starts], axis=1)
    points = np.linspace(0, 15 + 27 * math.log(8, 6.4), 82)
    corners = np.where(points < 15, points * 200 / 3, 1000 * 6.4 ** ((points - 15) / 27))
    bins = np.arange(201) * 40.0
    filters = [
        2 / (c - a) * np.interp(bins, [a, b, c], [0, 1, 0])
        for a, b, c in zip(corners, corners[1:], corners[2:], strict=False)
    ]
    mel = np.log10(np.maximum(np.array(filters) @ np.abs(frames) ** 2, 1e-10))
    return (np.maximum(mel, mel.max() - 8) + 4) / 4


def gelu(x: Array) -> Array:
    return 0.5 * x * (1 + erf(x / math.sqrt(2)))


def norm(x: Array, gain: Array, shift: Array) -> Array:
    centred = x - x.mean(axis=-1, keepdims=True)
    return centred / np.sqrt(np.mean(centred**2, axis=-1, keepdims=True) + 1e-5) * gain + shift


def convolve(x: Array, weight: Array, bias: Array, *, stride: int) -> Array:
    """(channels, frames) → (width, frames / stride), three taps, zeros at the ends."""
    padded = np.pad(x, [(0, 0), (1, 1)])
    taps = [weight[:, :, k] @ padded[:, k : k + x.shape[1]] for k in range(3)]
    return (sum(taps) + bias[:, None])[:, ::stride]


def attend(x: Array, w: Mapping[str, Array], layer: str) -> Array:
    width = x.shape[1]
    qkv = x @ w[f"{layer}.qkv.weight"].T + w[f"{layer}.qkv.bias"]
    heard = []
    for head in range(width // HEAD_WIDTH):
        columns = slice(head * HEAD_WIDTH, (head + 1) * HEAD_WIDTH)
        query, key, value = (qkv[:, i * width : (i + 1) * width][:, columns] for i in range(3))
        energy = query @ key.T / math.sqrt(HEAD_WIDTH)
        shares = np.exp(energy - energy.max(axis=1, keepdims=True))
        heard.append(shares / shares.sum(axis=1, keepdims=True) @ value)
    return np.concatenate(heard, axis=1) @ w[f"{layer}.o.weight"].T + w[f"{layer}.o.bias"]


def reference(samples: Array, w: Mapping[str, Array], *, layers: int) -> Array:
    """All hidden states, shape (layers + 1, frames, width), in float64."""
    x = gelu(convolve(log_mel(samples), w["c1.weight"], w["c1.bias"], stride=1))
    x = gelu(convolve(x, w["c2.weight"], w["c2.bias"], stride=2)).T
    states = [x + w["pos"][: len(x.T[0])]]
    for number in range(layers):
        layer, x = f"b.{number}", states[-1]
        first = norm(x, w[f"{layer}.ln1.weight"], w[f"{layer}.ln1.bias"])
        x = x + attend(first, w, layer)
        second = norm(x, w[f"{layer}.ln2.weight"], w[f"{layer}.ln2.bias"])
        hidden = gelu(second @ w[f"{layer}.f1.weight"].T + w[f"{layer}.f1.bias"])
        states.append(x + hidden @ w[f"{layer}.f2.weight"].T + w[f"{layer}.f2.bias"])
    return np.stack(states)


def as_arrays(network: WhisperLayers) -> dict[str, Array]:
    return {name: value.double().numpy() for name, value in network.state_dict().items()}


def states_of(network: WhisperLayers, samples: Array) -> Array:
    with torch.inference_mode():
        return network(torch.from_numpy(samples)[None])[0].numpy()


@pytest.fixture(scope="module")
def small() -> WhisperLayers:
    """Two heads, two layers, random weights, positions that are not zero."""
    torch.manual_seed(0)
    network = build(WhisperSettings(width=128, layers=2))
    network.pos.data.normal_()
    return network.eval()


def test_the_log_mel_spectrum_is_whispers(small: WhisperLayers) -> None:
    samples = speechlike()
    samples[RATE // 2 :] = 0.0  # silence meets the floor, eight below the loudest
    heard = small.mel(torch.from_numpy(samples * 0.05 / np.sqrt(np.mean(samples**2)))[None])
    np.testing.assert_allclose(heard[0].numpy(), log_mel(samples), atol=1e-3)


def test_hidden_states_are_what_plain_arithmetic_gives(small: WhisperLayers) -> None:
    expected = reference(speechlike(), as_arrays(small), layers=2)
    found = states_of(small, speechlike())
    assert found.shape == (3, 50, 128)
    np.testing.assert_allclose(found, expected, atol=1e-3)


@pytest.mark.parametrize(("samples", "frames"), [(1600, 5), (RATE, 50), (64_600, 202)])
def test_nothing_is_padded_to_half_a_minute(
    samples: int, frames: int, small: WhisperLayers
) -> None:
    assert states_of(small, speechlike(samples)).shape == (3, frames, 128)


def test_gain_changes_nothing(small: WhisperLayers) -> None:
    quiet, loud = (states_of(small, gain * speechlike()) for gain in (0.1, 3.0))
    np.testing.assert_allclose(quiet, loud, atol=5e-3)


def test_positions_are_kept_as_they_are_while_all_else_learns(small: WhisperLayers) -> None:
    still = [name for name, weight in small.named_parameters() if not weight.requires_grad]
    assert still == ["pos"]
    assert small.pos.shape == (POSITIONS, 128)


def test_it_has_as_many_positions_as_it_was_asked_for() -> None:
    assert build(WhisperSettings(width=64, layers=1, positions=30)).pos.shape == (30, 64)


def test_it_is_found_by_its_name() -> None:
    assert FRONTENDS.get("whisper") is build


@pytest.fixture(scope="module")
def published() -> dict[str, torch.Tensor]:
    path = encoder_file()
    return encoder_weights(read_arrays(path.read_bytes(), source=str(path)), layers=2, source="it")


@pytest.mark.slow
def test_the_published_encoder_gives_what_plain_arithmetic_gives(
    published: dict[str, torch.Tensor],
) -> None:
    network = build(WhisperSettings(width=512, layers=2)).eval()
    network.load_state_dict(published)
    samples = speechlike(RATE)
    expected = reference(samples, as_arrays(network), layers=2)
    found = states_of(network, samples)
    assert found.shape == (3, 50, 512)
    np.testing.assert_allclose(found, expected, atol=1e-3)


@pytest.mark.slow
def test_the_published_positions_are_the_sinusoids_of_the_paper(
    published: dict[str, torch.Tensor],
) -> None:
    steps = np.exp(-math.log(10_000) / 255 * np.arange(256))
    angles = np.arange(POSITIONS)[:, None] * steps
    expected = np.concatenate([np.sin(angles), np.cos(angles)], axis=1)
    np.testing.assert_allclose(published["pos"].numpy(), expected, atol=2e-3)


@pytest.mark.slow
def test_half_of_the_published_file_is_refused() -> None:
    blob = encoder_file().read_bytes()
    with pytest.raises(WeightsCorrupt, match=r"half\.bin: is not a CTranslate2 model file"):
        read_arrays(blob[: len(blob) // 2], source="half.bin")
