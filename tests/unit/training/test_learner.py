"""Networks are opened to be trained on, and written back under the names that they came with."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch

from earwitness.errors import IncompatibleWeights, ModelError, SettingsError
from earwitness.models import checkpoints
from earwitness.training.beginning import XLSR_AASIST, begin
from earwitness.training.learner import open_learner
from finetuned_runs import tiny_detector

pytestmark = [pytest.mark.torch]

PUBLISHED = {
    "aasist/AASIST-L.pth": "AASIST-L",
    "aasist/AASIST-asvspoof5.pth": "AASIST",
    "ssl_aasist/tiny_ssl_aasist.pth": "XLS-R + AASIST",
    "ssl_aasist/tiny_ssl_aasist_dataparallel.pth": "XLS-R + AASIST",
}


@pytest.mark.parametrize("name", PUBLISHED)
def test_a_published_network_is_written_back_as_it_was(name: str, shared: Path) -> None:
    learner = open_learner(shared / "golden" / name)
    assert learner.architecture == PUBLISHED[name]
    before = checkpoints.read_weights(shared / "golden" / name)
    after = learner.published(learner.network.state_dict())
    assert before.keys() == after.keys()
    assert all(torch.equal(before[key], after[key]) for key in before)
    ours = learner.ours(after)
    state = learner.network.state_dict()
    assert ours.keys() == state.keys()
    assert all(torch.equal(ours[key], state[key]) for key in ours)


def test_what_is_learned_stands_under_the_published_name(shared: Path) -> None:
    learner = open_learner(shared / "golden" / "aasist" / "AASIST-L.pth")
    with torch.no_grad():
        learner.network.backend.out.bias.fill_(7.0)
    assert learner.published(learner.network.state_dict())["out_layer.bias"].tolist() == [7.0, 7.0]


def test_a_file_is_not_changed_by_training_on_it(tmp_path: Path) -> None:
    path = tiny_detector(tmp_path / "start.safetensors")
    before = path.read_bytes()
    learner = open_learner(path)
    with torch.no_grad():
        for weight in learner.network.parameters():
            weight.add_(1.0)
    assert path.read_bytes() == before


def test_the_embedded_detector_is_opened_from_its_onnx_file() -> None:
    learner = open_learner("embedded")
    assert learner.card is not None
    assert (learner.window, learner.sample_rate) == (64_000, 16_000)


def test_a_detector_that_no_layout_fits_cannot_be_trained(tmp_path: Path) -> None:
    import shutil

    from earwitness.weights.store import locate, sha256_of

    found = locate("embedded")
    shutil.copytree(found.folder, tmp_path / "mine")
    network = tmp_path / "mine" / found.card.network
    other = _other_onnx(network)
    card = tmp_path / "mine" / "card.toml"
    card.write_text(card.read_text().replace(found.card.sha256, sha256_of(other)))
    with pytest.raises(IncompatibleWeights, match="'embedded' cannot be trained"):
        open_learner(tmp_path / "mine")


def _other_onnx(path: Path) -> Path:
    import onnx
    from onnx import helper

    one = helper.make_tensor_value_info("samples", onnx.TensorProto.FLOAT, [1, 4])
    two = helper.make_tensor_value_info("scores", onnx.TensorProto.FLOAT, [1, 4])
    node = helper.make_node("Identity", ["samples"], ["scores"])
    onnx.save(helper.make_model(helper.make_graph([node], "other", [one], [two])), path)
    return path


@pytest.mark.parametrize("name", ["AASIST", "AASIST-L", "RawNet2"])
def test_a_network_begins_with_random_weights_that_its_seed_decides(name: str) -> None:
    one, same, other = (begin(name, seed=seed) for seed in (1, 1, 2))
    assert one.architecture == name
    states = [learner.network.state_dict() for learner in (one, same, other)]
    assert all(torch.equal(states[0][key], states[1][key]) for key in states[0])
    assert any(not torch.equal(states[0][key], states[2][key]) for key in states[0])


def encoder_file(shared: Path, path: Path, *, spelling: str) -> Path:
    """Write the tiny XLS-R alone, as fairseq or as transformers spell it."""
    learner = open_learner(shared / "golden" / "ssl_aasist" / "tiny_ssl_aasist.pth")
    state = learner.network.frontend.encoder.state_dict()
    if spelling == "transformers":
        weights = {f"wav2vec2.{key}": value for key, value in state.items()}
    else:
        from earwitness.models.layouts._fairseq import encoder_key

        weights = {encoder_key(key): value for key, value in state.items()}
    checkpoints.save(weights, path)
    return path


@pytest.mark.slow
@pytest.mark.parametrize("spelling", ["fairseq", "transformers"])
def test_a_new_back_end_is_put_behind_a_pretrained_encoder(
    spelling: str, shared: Path, tmp_path: Path
) -> None:
    path = encoder_file(shared, tmp_path / "xlsr.safetensors", spelling=spelling)
    learner = begin(XLSR_AASIST, seed=1, encoder=path)
    given = open_learner(shared / "golden" / "ssl_aasist" / "tiny_ssl_aasist.pth")
    ours, theirs = (one.network.frontend.state_dict() for one in (learner, given))
    assert all(torch.equal(ours[key], theirs[key]) for key in theirs)
    backs = [one.network.backend.out.weight for one in (learner, given)]
    assert not torch.equal(*backs)


def test_an_encoder_is_asked_for_and_refused_where_there_is_none(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="give the pretrained XLS-R with --encoder"):
        begin(XLSR_AASIST, seed=1)
    with pytest.raises(SettingsError, match="AASIST cannot be begun so: it has no encoder"):
        begin("AASIST", seed=1, encoder=tmp_path / "xlsr.pt")
    with pytest.raises(SettingsError, match="there is no 'Resnet' to train from scratch"):
        begin("Resnet", seed=1)


def test_a_file_that_is_no_encoder_is_told_so(tmp_path: Path) -> None:
    path = tiny_detector(tmp_path / "start.safetensors")
    with pytest.raises(ModelError, match=r"is no XLS-R or wav2vec 2\.0"):
        begin(XLSR_AASIST, seed=1, encoder=path)
    checkpoints.save({"feature_extractor.conv_layers.0.0.weight": torch.zeros(2)}, path)
    with pytest.raises(IncompatibleWeights, match="is no XLS-R: missing"):
        begin(XLSR_AASIST, seed=1, encoder=path)
