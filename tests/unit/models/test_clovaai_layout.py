"""Checkpoints of strangers: what fits is loaded, what does not is listed, and nothing runs."""

import pickle
import re
from pathlib import Path

import pytest
import torch
from torch import Tensor

from earwitness.errors import IncompatibleWeights, WeightsCorrupt, WeightsMissing
from earwitness.models import checkpoints
from earwitness.models.backends.aasist import AASIST, AASIST_L, AasistSettings
from earwitness.models.layouts import clovaai
from earwitness.models.layouts._aasist_names import published_key

pytestmark = pytest.mark.torch


def weights(settings: AasistSettings = AASIST_L) -> dict[str, Tensor]:
    torch.manual_seed(0)
    shapes = clovaai.published_shapes(settings)
    whole = {key for key in shapes if key.endswith("num_batches_tracked")}
    return {
        key: torch.tensor(3) if key in whole else torch.rand(shape) + 0.1
        for key, shape in shapes.items()
    }


def saved(content: object, path: Path) -> Path:
    torch.save(content, path)
    return path


class Bomb:
    """Unpickled, this makes a file."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __reduce__(self) -> tuple[object, tuple[str, str]]:
        return open, (str(self.path), "w")


@pytest.mark.parametrize(("settings", "name"), [(AASIST, "AASIST"), (AASIST_L, "AASIST-L")])
def test_the_network_is_told_by_the_shapes(
    settings: AasistSettings, name: str, tmp_path: Path
) -> None:
    published = checkpoints.read(saved(weights(settings), tmp_path / "some.pth"))
    assert (published.name, published.window, published.sample_rate) == (name, 64_600, 16_000)
    assert published.proof == "scores"
    assert not published.network.training


def test_every_tensor_of_the_file_arrives(tmp_path: Path) -> None:
    given = weights()
    state = checkpoints.read(saved(given, tmp_path / "some.pth")).network.backend.state_dict()
    assert len(state) == len(given)
    assert all(torch.equal(v, given[published_key(k)]) for k, v in state.items())


@pytest.mark.parametrize("key", ["state_dict", "model"])
def test_weights_under_a_key_of_their_own_are_found(key: str, tmp_path: Path) -> None:
    inside = {f"module.{name}": value for name, value in weights().items()}
    path = saved({key: inside, "epoch": 7}, tmp_path / "some.pth")
    assert checkpoints.read(path).name == "AASIST-L"


@pytest.mark.parametrize("is_zip", [True, False])
def test_a_checkpoint_that_would_run_code_is_refused_and_does_not_run(
    is_zip: bool, tmp_path: Path
) -> None:
    made, path = tmp_path / "made_by_the_bomb", tmp_path / "evil.pth"
    content = {**weights(), "pos_S": Bomb(made)}
    torch.save(content, path, _use_new_zipfile_serialization=is_zip)
    with pytest.raises(WeightsCorrupt, match=r"evil\.pth: is not a plain torch checkpoint"):
        checkpoints.read(path)
    assert not made.exists()
    torch.load(path, weights_only=False)
    assert made.exists(), "the bomb does not work, so the test above shows nothing"


def test_a_bare_pickle_that_would_run_code_is_refused_and_does_not_run(tmp_path: Path) -> None:
    made, path = tmp_path / "made_by_the_bomb", tmp_path / "evil.pth"
    path.write_bytes(pickle.dumps(Bomb(made)))
    with pytest.raises(WeightsCorrupt, match=r"evil\.pth"):
        checkpoints.read(path)
    assert not made.exists()


@pytest.mark.parametrize("share", [0.0, 0.01, 0.5, 0.999])
def test_a_truncated_file_is_corrupt(share: float, tmp_path: Path) -> None:
    path = saved(weights(), tmp_path / "short.pth")
    whole = path.read_bytes()
    path.write_bytes(whole[: int(share * len(whole))])
    with pytest.raises(WeightsCorrupt, match=r"short\.pth"):
        checkpoints.read(path)


def test_text_is_corrupt(tmp_path: Path) -> None:
    path = tmp_path / "text.pth"
    path.write_text("These are not weights.\n" * 50, encoding="utf-8")
    with pytest.raises(WeightsCorrupt, match=r"text\.pth"):
        checkpoints.read(path)


def test_a_file_that_is_not_there_is_missing(tmp_path: Path) -> None:
    with pytest.raises(WeightsMissing, match=r"no\.pth: cannot be read \(No such file"):
        checkpoints.read(tmp_path / "no.pth")


def test_a_folder_is_no_checkpoint(tmp_path: Path) -> None:
    with pytest.raises(WeightsMissing, match="cannot be read"):
        checkpoints.read(tmp_path)


def test_a_weight_that_is_not_a_number_is_corrupt(tmp_path: Path) -> None:
    broken = weights()
    broken["out_layer.bias"][0] = torch.nan
    with pytest.raises(WeightsCorrupt, match=r"NaN or infinite values in out_layer\.bias"):
        checkpoints.read(saved(broken, tmp_path / "nan.pth"))


@pytest.mark.parametrize("content", [[1, 2], {"a": 1}, {}, torch.zeros(3)])
def test_a_checkpoint_without_named_tensors_is_incompatible(
    content: object, tmp_path: Path
) -> None:
    with pytest.raises(IncompatibleWeights, match="holds no table of named tensors"):
        checkpoints.read(saved(content, tmp_path / "other.pth"))


def test_missing_unexpected_and_misshaped_keys_are_listed(tmp_path: Path) -> None:
    odd = weights()
    del odd["pos_S"]
    odd["extra.weight"] = torch.zeros(2)
    odd["out_layer.bias"] = torch.zeros(3)
    listed = re.escape(
        "Against AASIST-L: missing pos_S, unexpected extra.weight, "
        "out_layer.bias is (3,) instead of (2,)."
    )
    with pytest.raises(IncompatibleWeights, match=listed):
        checkpoints.read(saved(odd, tmp_path / "odd.pth"))


def test_a_long_list_of_misfits_is_cut_short(tmp_path: Path) -> None:
    other = {f"layer.{number}.weight": torch.zeros(1) for number in range(30)}
    with pytest.raises(IncompatibleWeights, match=r"does not fit .*AASIST-L.* more\.$"):
        checkpoints.read(saved(other, tmp_path / "other.pth"))


def test_a_key_that_the_network_does_not_have_has_no_published_name() -> None:
    with pytest.raises(KeyError, match="nothing"):
        published_key("nothing.weight")
    with pytest.raises(KeyError, match="nothing"):
        published_key("spectral.nothing")
