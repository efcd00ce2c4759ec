"""XLS-R + AASIST in the published layout, against fairseq's own outputs.

Numbers: ``../shared/golden/ssl_aasist`` (its README says how they were made).
"""

import json
import subprocess
import sys
from argparse import Namespace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor

from earwitness.errors import IncompatibleWeights
from earwitness.models import checkpoints
from earwitness.models.frontends.ssl import XLSR_300M
from earwitness.models.layouts._fairseq import pretraining_shapes, settings_of
from earwitness.models.layouts.ssl_anti_spoofing import NETWORK

pytestmark = pytest.mark.torch

FILES = ["tiny_ssl_aasist.pth", "tiny_ssl_aasist_dataparallel.pth"]
TOLERANCE = 1e-4


@pytest.fixture(scope="module")
def golden(shared: Path) -> Path:
    return shared / "golden" / "ssl_aasist"


@pytest.fixture(scope="module")
def outputs(golden: Path) -> dict[str, Any]:
    text = (golden / "golden_scores.json").read_text(encoding="utf-8")
    return json.loads(text)["outputs"]


def sound(golden: Path, clip: str) -> Tensor:
    """The clip as the reference was fed: "var_" ones as they are, others cut or tiled."""
    samples = np.load(golden / "golden_features.npz")[f"{clip}/input"].astype(np.float32)
    fed = samples if clip.startswith("var_") else np.resize(samples[:64_600], 64_600)
    return torch.from_numpy(fed)[None]


def small(golden: Path) -> dict[str, Tensor]:
    return checkpoints.read_weights(golden / FILES[0])


@pytest.mark.parametrize("file", FILES)
def test_features_and_both_logits_are_those_of_fairseq(
    file: str, golden: Path, outputs: dict[str, Any]
) -> None:
    network = checkpoints.read(golden / file).network
    features = np.load(golden / "golden_features.npz")
    assert len(outputs) == 10
    for clip, output in outputs.items():
        with torch.inference_mode():
            found = network.frontend(sound(golden, clip))
            logits = network.backend.logits(found)[0]
        np.testing.assert_allclose(found[0].T, features[f"{clip}/features"], atol=TOLERANCE)
        np.testing.assert_allclose(logits, output["logits"], atol=TOLERANCE)


def test_the_score_is_the_bona_fide_logit(golden: Path, outputs: dict[str, Any]) -> None:
    network = checkpoints.read(golden / FILES[0]).network
    score = network(sound(golden, "06_silence_1.5s")).item()
    assert score == pytest.approx(outputs["06_silence_1.5s"]["score"], abs=TOLERANCE)


def test_it_says_that_it_was_compared_with_published_code_and_not_with_weights(
    golden: Path,
) -> None:
    assert checkpoints.read(golden / FILES[0]).proof == "code"


def test_all_674_keys_and_shapes_of_the_full_size_are_known(golden: Path) -> None:
    lines = (golden / "keys_xlsr300m.tsv").read_text(encoding="utf-8").splitlines()[1:]
    published = {key: shape for key, shape, *_ in (line.split("\t") for line in lines)}
    ours = NETWORK.published_shapes(XLSR_300M) | pretraining_shapes(XLSR_300M, {})
    spelled = {key: "x".join(map(str, shape)) or "scalar" for key, shape in ours.items()}
    assert spelled == published
    assert len(ours) == 674


def test_the_weights_are_those_of_the_file_and_not_copies_of_them(golden: Path) -> None:
    weights = small(golden)
    state = NETWORK.build(NETWORK.name, weights).network.state_dict()
    theirs = {key: weights[NETWORK.published_key(key)] for key in state}
    assert all(state[key].data_ptr() == value.data_ptr() for key, value in theirs.items())


def test_a_student_s_file_with_optimizer_epoch_and_args_is_read(
    golden: Path, tmp_path: Path
) -> None:
    path = tmp_path / "epoch_7.pth"
    args = Namespace(lr=1e-6, batch_size=14, algo=3, comment=None)
    optimizer = {"state": {0: {"step": torch.tensor(3.0)}}, "param_groups": [{"lr": 1e-6}]}
    torch.save({"model": small(golden), "optimizer": optimizer, "epoch": 7, "args": args}, path)
    assert checkpoints.read(path).name == "XLS-R + AASIST"


def test_a_file_without_the_leftovers_of_pretraining_is_read(golden: Path, tmp_path: Path) -> None:
    leftovers = pretraining_shapes(settings_of(small(golden)), small(golden))
    kept = {key: value for key, value in small(golden).items() if key not in leftovers}
    path = tmp_path / "lean.pth"
    torch.save(kept, path)
    assert checkpoints.read(path).name == "XLS-R + AASIST"


@pytest.mark.parametrize(
    ("key", "problem"),
    [
        ("LL.bias", r"missing LL\.bias"),
        ("ssl_model.model.encoder.layers.1.fc2.weight", r"missing .*layers\.1\.fc2\.weight"),
        ("ssl_model.model.quantizer.vars", r"missing .*quantizer\.vars"),
    ],
)
def test_a_missing_key_is_named_and_nothing_is_skipped(
    key: str, problem: str, golden: Path, tmp_path: Path
) -> None:
    weights = small(golden)
    del weights[key]
    path = tmp_path / "odd.pth"
    torch.save(weights, path)
    with pytest.raises(IncompatibleWeights, match=rf"Against XLS-R \+ AASIST: {problem}"):
        checkpoints.read(path)


def test_unexpected_and_misshaped_keys_are_named(golden: Path, tmp_path: Path) -> None:
    weights = small(golden)
    weights["ssl_model.model.extra"] = torch.zeros(1)
    weights["pos_S"] = torch.zeros(1, 23, 64)
    path = tmp_path / "odd.pth"
    torch.save(weights, path)
    with pytest.raises(IncompatibleWeights, match=r"unexpected .*extra, pos_S is \(1, 23, 64\)"):
        checkpoints.read(path)


def test_a_part_that_the_network_does_not_have_has_no_published_name() -> None:
    with pytest.raises(KeyError, match="adapter"):
        NETWORK.published_key("frontend.encoder.adapter.weight")


@pytest.mark.slow
def test_full_size_loads_in_less_than_one_and_a_half_times_its_weights(tmp_path: Path) -> None:
    path = tmp_path / "full.pth"
    shapes = NETWORK.published_shapes(XLSR_300M) | pretraining_shapes(XLSR_300M, {})
    torch.save(
        {
            f"module.{key}": torch.tensor(0) if shape == () else torch.zeros(shape)
            for key, shape in shapes.items()
        },
        path,
    )
    script = (
        "import resource, sys; from pathlib import Path\n"
        "import earwitness.models.checkpoints as c\n"
        "from earwitness.models.frontends import ssl; import transformers.models.wav2vec2\n"
        "before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss\n"
        "network = c.read(Path(sys.argv[1])).network\n"
        "print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before)\n"
        "print(sum(p.numel() for p in network.parameters()))"
    )
    done = subprocess.run(
        [sys.executable, "-c", script, path], capture_output=True, text=True, check=True
    )
    grown_kib, parameters = map(int, done.stdout.split())
    assert parameters == 317_837_834 - 1_952_896
    assert grown_kib * 1024 < 1.5 * path.stat().st_size
