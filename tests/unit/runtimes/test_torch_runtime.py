"""Live modules as runtimes: eval mode, plain arrays in and out, threads as they were."""

from typing import ClassVar

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from earwitness.runtimes.torch_runtime import TorchRuntime

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
