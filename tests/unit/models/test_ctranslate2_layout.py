"""CTranslate2 files: what is written comes back, damage is refused, keys fit the network."""

import struct
import subprocess
from pathlib import Path

import numpy as np
import pytest
import torch

from earwitness.errors import IncompatibleWeights, WeightsCorrupt
from earwitness.models.ctranslate2_whisper import encoder_weights, read_arrays
from earwitness.models.frontends.whisper import WhisperSettings, build
from whisper_encoder import encoder_file

pytestmark = pytest.mark.torch

KINDS = [np.float32, np.int8, np.int16, np.int32, np.float16]
Arrays = dict[str, np.ndarray]


def text(value: str) -> bytes:
    raw = value.encode() + b"\x00"
    return struct.pack("<H", len(raw)) + raw


def blob(arrays: Arrays, aliases: dict[str, str] | None = None) -> bytes:
    """Write a model as CTranslate2 does (``model_spec.py``, binary version 6)."""
    out = struct.pack("<I", 6) + text("WhisperSpec") + struct.pack("<II", 3, len(arrays))
    for name, array in arrays.items():
        out += text(name) + struct.pack("<B", array.ndim)
        out += b"".join(struct.pack("<I", side) for side in array.shape)
        out += struct.pack("<BI", KINDS.index(array.dtype.type), array.nbytes) + array.tobytes()
    out += struct.pack("<I", len(aliases or {}))
    return out + b"".join(text(a) + text(name) for a, name in (aliases or {}).items())


def encoder(*, width: int = 64, layers: int = 3, mels: int = 80) -> Arrays:
    """An encoder with random half-precision weights, named as the published files name them."""
    rng = np.random.default_rng(0)

    def made(*shape: int) -> np.ndarray:
        return rng.normal(size=shape).astype(np.float16)

    arrays = {
        "encoder/position_encodings/encodings": made(1500, width),
        "encoder/conv1/weight": made(width, mels, 3), "encoder/conv1/bias": made(width),
        "encoder/conv2/weight": made(width, width, 3), "encoder/conv2/bias": made(width),
        "encoder/layer_norm/gamma": made(width), "encoder/layer_norm/beta": made(width),
        "decoder/embeddings/weight": made(7, width),
    }  # fmt: skip
    for layer in range(layers):
        home = f"encoder/layer_{layer}"
        for name, shape in {
            "self_attention/linear_0": (3 * width, width),
            "self_attention/linear_1": (width, width),
            "ffn/linear_0": (4 * width, width), "ffn/linear_1": (width, 4 * width),
        }.items():  # fmt: skip
            arrays |= {f"{home}/{name}/weight": made(*shape), f"{home}/{name}/bias": made(shape[0])}
        for name in ("self_attention", "ffn"):
            norm = f"{home}/{name}/layer_norm"
            arrays |= {f"{norm}/gamma": made(width), f"{norm}/beta": made(width)}
    return arrays


@pytest.mark.parametrize("kind", KINDS)
def test_arrays_of_every_kind_and_rank_come_back(kind: type) -> None:
    whole = np.arange(24).astype(kind)
    given = {"a": whole, "b/c": whole.reshape(2, 3, 4), "é": whole[:1].reshape(())}
    found = read_arrays(blob(given), source="it")
    assert list(found) == list(given)
    for name, array in given.items():
        assert found[name].dtype == array.dtype
        assert np.array_equal(found[name], array)
        assert found[name].shape == array.shape


def test_an_alias_is_the_array_it_names() -> None:
    found = read_arrays(blob({"a": np.ones(3, np.float32)}, {"b": "a"}), source="it")
    assert np.array_equal(found["b"], found["a"])


def test_a_file_that_ends_early_anywhere_is_refused() -> None:
    whole = blob(
        {"weight": np.ones((2, 3), np.float32), "bias": np.ones(2, np.int8)}, {"b": "bias"}
    )
    for end in range(len(whole)):
        with pytest.raises(WeightsCorrupt, match=r"model\.bin: is not a CTranslate2 model file"):
            read_arrays(whole[:end], source="model.bin")
    assert set(read_arrays(whole, source="model.bin")) == {"weight", "bias", "b"}


@pytest.mark.parametrize(
    "damage",
    [
        blob({"a": np.ones(3, np.float32)}, {"b": "gone"}),
        blob({"a": np.ones(3, np.float32)}).replace(
            b"\x01\x03\x00\x00\x00", b"\x01\x04\x00\x00\x00"
        ),
        blob({"a": np.ones(3, np.float32)}).replace(b"\x00\x0c\x00\x00", b"\x09\x0c\x00\x00"),
        blob({"\xff": np.ones(3, np.float32)}).replace("\xff".encode(), b"\xff\xfe"),
        b"PK\x03\x04" + bytes(100),
        b"",
    ],
    ids=["alias of nothing", "other shape", "unknown kind", "no utf-8", "a zip", "empty"],
)
def test_bytes_that_make_no_sense_are_refused(damage: bytes) -> None:
    with pytest.raises(WeightsCorrupt, match=r"it: is not a CTranslate2 model file"):
        read_arrays(damage, source="it")


@pytest.mark.parametrize("layers", [1, 2, 3])
def test_the_first_layers_fit_the_network_without_a_rest(layers: int) -> None:
    given = encoder()
    weights = encoder_weights(read_arrays(blob(given), source="it"), layers=layers, source="it")
    network = build(WhisperSettings(width=64, layers=layers))
    network.load_state_dict(weights, strict=True)
    assert {value.dtype for value in weights.values()} == {torch.float32}
    block = network.b[layers - 1]
    home = f"encoder/layer_{layers - 1}"
    for found, name in (
        (network.c2.weight, "encoder/conv2/weight"),
        (block.qkv.weight, f"{home}/self_attention/linear_0/weight"),
        (block.f2.bias, f"{home}/ffn/linear_1/bias"),
        (block.ln1.weight, f"{home}/self_attention/layer_norm/gamma"),
        (block.ln2.bias, f"{home}/ffn/layer_norm/beta"),
    ):
        assert np.array_equal(found.detach().numpy(), given[name].astype(np.float32)), name


def test_a_layer_without_a_bias_has_zeros_there() -> None:
    given = encoder(layers=1)
    del given["encoder/layer_0/self_attention/linear_1/bias"]
    weights = encoder_weights(given, layers=1, source="it")
    assert torch.equal(weights["b.0.o.bias"], torch.zeros(64))
    build(WhisperSettings(width=64, layers=1)).load_state_dict(weights, strict=True)


def test_fewer_layers_than_are_wanted_are_refused() -> None:
    with pytest.raises(IncompatibleWeights, match=r"it: .* of 4 layers or more \(.*layer_3"):
        encoder_weights(encoder(layers=3), layers=4, source="it")


def test_another_model_is_refused() -> None:
    with pytest.raises(IncompatibleWeights, match=r"it: holds no Whisper encoder .*position_enc"):
        encoder_weights({"decoder/weight": np.ones(3, np.float32)}, layers=1, source="it")


@pytest.mark.slow
def test_the_published_file_fits_whisper_base_without_a_rest() -> None:
    arrays = read_arrays(encoder_file().read_bytes(), source="it")
    weights = encoder_weights(arrays, layers=6, source="it")
    network = build(WhisperSettings(width=512, layers=6))
    network.load_state_dict(weights, strict=True)
    with pytest.raises(IncompatibleWeights, match="of 7 layers or more"):
        encoder_weights(arrays, layers=7, source="it")


def test_a_file_that_is_not_the_published_one_is_not_taken_for_it(
    root: Path, tmp_path: Path
) -> None:
    (tmp_path / "model.bin").write_bytes(b"something else")
    done = subprocess.run(
        [root / "scripts" / "fetch_encoder", tmp_path], capture_output=True, text=True, check=False
    )
    assert done.returncode != 0
    assert f"{tmp_path / 'model.bin'}: FAILED" in done.stdout
