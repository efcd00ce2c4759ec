"""Live modules as runtimes: eval mode, plain arrays in and out, threads as they were."""

from pathlib import Path
from typing import ClassVar

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from earwitness.errors import SettingsError, WeightsMissing
from earwitness.records import Segment
from earwitness.runtimes import Engine, torch_runtime
from earwitness.runtimes.scoring import score
from earwitness.runtimes.torch_runtime import TorchRuntime, open_bare, open_checkpoint

pytestmark = pytest.mark.torch


class Small(nn.Module):
    threads: ClassVar[list[int]] = []  # of each call, by twins, too

    def __init__(self) -> None:
        super().__init__()
        self.conv = nn.Conv2d(1, 3, 3)
        self.dropout = nn.Dropout(0.5)

    def forward(self, samples: Tensor) -> Tensor:
        self.threads.append(torch.get_num_threads())
        return self.dropout(self.conv(samples.view(len(samples), 1, 10, -1))).mean(dim=(1, 2, 3))


def rows(count: int) -> np.ndarray:
    return np.random.default_rng(0).normal(size=(count, 200)).astype(np.float32)


def test_a_row_gives_a_float32_score_and_dropout_is_off() -> None:
    runtime = TorchRuntime(Small().train())
    scores = runtime.scores(rows(4))
    assert (scores.shape, scores.dtype) == ((4,), np.float32)
    np.testing.assert_array_equal(scores, runtime.scores(rows(4)))


def test_the_memory_layout_does_not_change_the_score() -> None:
    network = Small().eval()
    with torch.inference_mode():
        before = network(torch.from_numpy(rows(2))).numpy()
    np.testing.assert_allclose(TorchRuntime(network).scores(rows(2)), before, atol=1e-6)


def test_it_uses_the_threads_it_was_given_and_leaves_the_count_as_it_was() -> None:
    network, before = Small(), torch.get_num_threads()
    TorchRuntime(network, threads=before + 1).scores(rows(1))
    assert network.threads[-1] == before + 1
    assert torch.get_num_threads() == before


def test_on_a_cpu_windows_are_scored_one_by_one() -> None:
    assert TorchRuntime(Small()).at_once == 1
    assert TorchRuntime(Small(), device="auto").at_once == 1


@pytest.mark.parametrize("count", [0, 1, 3, 4, 9])
def test_where_more_go_together_scores_and_their_order_are_the_same(count: int) -> None:
    runtime = TorchRuntime(Small())
    segments = [Segment(i, i + 4, 3.0, 2.0, row) for i, row in enumerate(rows(max(count, 1)))]
    alone = list(score(segments[:count], runtime, None))
    runtime.at_once = 4
    together = list(score(segments[:count], runtime, None))
    assert [one.start_s for one in together] == list(range(count))
    np.testing.assert_allclose(
        [one.raw_score for one in together], [one.raw_score for one in alone], atol=1e-6
    )


def test_bf16_on_a_processor_without_it_is_refused_before_the_file_is_read(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(torch_runtime, "has_bf16", lambda: False)
    with pytest.raises(SettingsError, match="would be slower than in fp32"):
        open_checkpoint(Path("absent.pth"), Engine(device="cpu", precision="bf16"))


def test_a_file_that_is_not_there_is_named() -> None:
    with pytest.raises(WeightsMissing, match=r"absent\.pth: cannot be read"):
        open_bare(Path("absent.pth"))


def test_an_accelerator_is_taken_where_there_is_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    assert torch_runtime._device("auto") == "cuda"
    assert torch_runtime._device("cpu") == "cpu"
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    monkeypatch.setattr(torch.backends.mps, "is_available", lambda: True)
    assert torch_runtime._device("auto") == "mps"
    with pytest.raises(SettingsError, match="no cuda here: --device is mps or cpu, or left out"):
        torch_runtime._device("cuda")


def test_a_bare_file_opens_with_a_card_that_says_its_precision(shared: Path) -> None:
    path = shared / "golden" / "aasist" / "AASIST-L.pth"
    opened = open_bare(path, Engine(device="cpu"))
    assert (opened.card.precision, opened.card.name) == ("fp32", "AASIST-L")
    assert opened.runtime.at_once == 1


@pytest.mark.gpu
@pytest.mark.skipif(not torch.cuda.is_available(), reason="there is no CUDA device here")
def test_cuda_says_what_the_cpu_says() -> None:
    network = Small().eval()
    on_cuda = TorchRuntime(network, device="cuda")
    assert on_cuda.at_once > 1
    np.testing.assert_allclose(
        on_cuda.scores(rows(20)), TorchRuntime(network).scores(rows(20)), atol=1e-5
    )
